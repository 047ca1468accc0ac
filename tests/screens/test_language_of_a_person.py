"""A person chooses the language they are spoken to in, and every page, letter and answer keeps to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from accounts.access import Accounts
from accounts.letters import PASSWORD_CHANGED, AccountLetters, desk
from accounts.sessions import device_name, device_said
from catalogues import find_catalogues
from core import catalogue, planning, recording
from core.letters.next_time import said
from mail.post_office import place_of
from routes.tap_route import answer_taps
from screens.language import LOCALE
from screens.profile import in_language
from settings import Settings
from storage import Store, open_store
from tests.screens_cast import lived, look_at, words_on
from tests.web.test_letter_pages import Visit

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)

find_catalogues()


def profile_of(tmp_path: Path, locale: str) -> tuple[Store, AppTest]:
    store, user = open_store(tmp_path), lived(20, NOW)
    user.locale = locale
    store.create(user)
    at = look_at("profile", store, user, NOW)
    at.session_state[LOCALE] = locale
    at.run()
    assert not at.exception
    return store, at


def test_where_one_language_is_offered_none_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "OFFERED", ("en",))
    _store, at = profile_of(tmp_path, "en-GB")
    assert not [box for box in at.selectbox if box.key == "language"]


def test_the_language_that_is_chosen_is_spoken_at_once_and_kept_with_the_region(tmp_path):
    store, at = profile_of(tmp_path, "de_AT")
    assert [tab.label for tab in at.tabs] == ["Über dich", "Briefe", "Konto"]
    box = next(box for box in at.selectbox if box.key == "language")
    assert (box.label, box.options, box.value) == (
        "Was ich spreche, hier und in deinen Briefen",
        ["English", "Deutsch"],
        "de",
    )
    with catalogue.speaking("de_AT"):  # the options, as the test itself formats them for the browser
        box.set_value("en").run()
    assert not at.exception
    assert [tab.label for tab in at.tabs] == ["You", "Letters", "Account"]
    assert "Your seven answers" in words_on(at)
    assert store.read("ana-3f9a1c").locale == "en_AT"


@pytest.mark.parametrize(
    ("locale", "code", "then"),
    [
        ("de_AT", "de", "de_AT"),
        ("de-AT", "en", "en-AT"),
        ("en-US", "de", "de"),  # there is no German of the United States
        ("en", "de", "de"),
        ("zh-Hans-CN", "de", "de"),
        ("", "de", "de"),
    ],
)
def test_the_region_stays_where_it_has_such_a_language(locale, code, then):
    assert in_language(locale, code) == then


def german_person(tmp_path: Path) -> Store:
    store, user = open_store(tmp_path), lived(20, NOW)
    user.locale, user.email_confirmed = "de-CH", True
    store.create(user)
    return store


def test_the_page_behind_a_letters_link_is_in_the_persons_language_whatever_the_browser_speaks(tmp_path):
    store = german_person(tmp_path)
    visit = Visit(store, NOW)
    for day, words in ((NOW.date(), "Read: auslassen?"), (date(2026, 10, 1), "Es wurde nichts geändert")):
        with catalogue.speaking("en"):  # as the middleware has it for the browser
            shown = visit.get(visit.path("skip", "read", day))
        assert shown.title == words
        assert '<html lang="de">' in shown.text


def test_a_tap_that_is_refused_is_refused_in_the_persons_language(tmp_path):
    store = german_person(tmp_path)
    taps = [{"seq": 1, "habit": "old-one", "day": "2026-11-22", "act": "tick"}]
    sent = {"page": "one", "first": "2026-11-16", "today": "2026-11-22", "taps": taps}
    refused = answer_taps(store, "ana-3f9a1c", sent, lambda: NOW)["refused"]
    assert refused == ["„Old one“ wurde am 22. November 2026 archiviert. Hol die Gewohnheit zuerst zurück."]


def test_a_letter_about_an_account_is_in_the_language_of_its_owner(tmp_path):
    store = german_person(tmp_path)
    settings = Settings(data_dir=tmp_path)
    AccountLetters(store, Accounts(store, settings), settings).tell_password_changed("ana-3f9a1c", now=NOW)
    desk().rest()
    raw = next((tmp_path / "outbox").glob("*.eml")).read_bytes()
    letter = message_from_bytes(raw, policy=policy.default)
    assert letter["Subject"] == "Dein Passwort wurde geändert" != PASSWORD_CHANGED.subject
    text = letter.get_body(("plain",))
    assert text is not None
    assert "Du bekommst das, weil es um die Sicherheit deines Kontos geht." in text.get_content()


@pytest.mark.parametrize("name", ["UTC-5", "UTC+05:30"])
def test_a_fixed_offset_is_its_own_place_in_every_language(name):
    for language in ("en", "de"):
        with catalogue.speaking(language):
            assert place_of(name) == name


def test_a_device_a_place_and_a_time_that_comes_have_german_names():
    kept = device_name("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1")
    today = date(2026, 11, 22)
    with catalogue.speaking("de"):
        assert device_said(kept) == "Safari auf dem iPhone"
        assert device_said("") == ""
        assert place_of("Europe/Vienna") == "Wien"
        assert said(date(2026, 11, 27), today, "evening", "") == "am Freitagabend"
        assert said(date(2026, 11, 23), today, "morning", "") == "morgen früh"
        assert said(date(2026, 11, 23), today, "morning", "morning") == "morgen"
        with pytest.raises(recording.RecordingError, match="Kein Wochentag ist gewählt"):
            planning.on_weekdays(today, [])
    assert kept == device_said(kept) == "Safari on iPhone"
    assert place_of("Europe/Vienna") == "Vienna"
