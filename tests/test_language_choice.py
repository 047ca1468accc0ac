"""A person chooses the language they are spoken to in, once there is more than one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from catalogues import find_catalogues
from core import catalogue
from screens.language import LOCALE
from screens.profile import in_language
from storage import Store, open_store
from tests.screens_cast import lived, look_at, words_on

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    """German as if it were offered."""
    find_catalogues()
    monkeypatch.setattr(catalogue, "OFFERED", ("en", "de"))


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


@pytest.mark.usefixtures("german")
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


@pytest.mark.usefixtures("german")
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
