"""The coach speaks a person's language, also of what a night has kept in another one."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from catalogues import LOCALES, find_catalogues, read_catalogue
from coaching_engine import analyze, announce, draw_advice, insight_of
from core import catalogue
from core.catalogue import speaking
from core.coach.keeping import way_back
from core.models import User
from core.progress import Record
from core.wording import ACTIVITIES, Activity, activity_of, date_text, listed, minutes_text, number_text, times_text
from findings import found_on, keep, kept, look_now
from storage import open_store
from tests.cast import a_habit, a_person, day, tick

NOW = datetime.combine(day(40), time(4), tzinfo=UTC)
LANGUAGES = find_catalogues()


def a_person_of(locale: str) -> User:
    """Meditates at 6:15 on weekdays, and has stretched on every fourth day until lately."""
    user = a_person(a_habit(), a_habit("Stretch"), locale=locale)
    tick(user, "meditation", [n for n in range(40) if n % 7 < 5], time(6, 15))
    return tick(user, "stretch", range(0, 28, 4), time(20, 30))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_row_of_activities_has_every_form_in_every_language(language: str) -> None:
    texts = read_catalogue(LOCALES / f"{language}.po")
    for words, kind, said in ACTIVITIES:
        message = texts.get(said)
        assert message is not None
        Activity(words, kind, *str(message.string).split(" | "))


def test_names_and_numbers_are_said_in_the_language_in_force() -> None:
    with speaking("de_AT"):
        assert listed(["A", "B", "C"]) == "A, B und C"
        assert [times_text(n) for n in (1, 2, 3)] == ["einmal", "zweimal", "3-mal"]
        assert (minutes_text(150), number_text(2.5), date_text(day(0))) == (
            "2 Stunden 30 Minuten",
            "2,5",
            "1. Januar",
        )
        run = activity_of("Daily run")
        assert run is not None
        assert (run.verb, run.doing, run.cue) == ("läufst", "Laufen", "nach dem Laufen")
    assert (listed(["A", "B"]), number_text(2.5)) == ("A and B", "2.5")


def test_what_the_coach_finds_is_said_in_the_person_s_language() -> None:
    german, english = (analyze(a_person_of(locale), NOW) for locale in ("de", "en"))
    assert [finding["kind"] for finding in german["findings"]] == [finding["kind"] for finding in english["findings"]]
    for part in ("strengths", "challenges"):
        assert german[part]
        assert set(german[part]).isdisjoint(english[part])
    texts = [finding["text"] for finding in german["findings"]]
    assert "Meditation, meist gegen 06:15 Uhr: 28 von 28 Mal mit höchstens einer halben Stunde Abstand." in texts
    labels = {group["label"] for finding in german["findings"] for group in finding["evidence"].get("groups", ())}
    assert {"Werktage", "Wochenenden"} <= labels


def test_what_is_announced_and_told_in_a_letter_is_in_the_person_s_language() -> None:
    user = a_person_of("de")
    announce(user, NOW)
    assert any("Uhr" in str(told["text"]) for told in user.coaching_insights.announced)
    insight = insight_of(user, NOW)
    assert insight is not None
    assert insight.source.startswith("Gezählt: deine eigenen ")
    assert draw_advice(user, look_now(user, NOW))


def test_what_a_night_kept_in_another_language_is_found_anew(tmp_path: Path) -> None:
    store, user = open_store(tmp_path), a_person_of("en")
    keep(store, user, day(40), found_on(user, day(40)))
    assert kept(store, user, day(40)) is not None
    user.locale = "de"
    assert kept(store, user, day(40)) is None
    assert any("Ein kleiner Anfang genügt." in said for said in found_on(user, day(40), store=store).challenges)


def test_what_a_night_kept_is_found_anew_once_the_language_is_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, user = open_store(tmp_path), a_person_of("de")
    with monkeypatch.context() as before:
        before.setattr(catalogue, "OFFERED", ("en",))
        keep(store, user, day(40), found_on(user, day(40)))
    assert kept(store, user, day(40)) is None


def test_a_way_back_is_said_in_the_language_in_force() -> None:
    user = a_person_of("de")
    user.habit("stretch").cue = "nach dem Kaffee"
    with speaking("de"):
        said = way_back(Record(user, day(40)), {"stretch": "needs restart"})["stretch"]
    assert said[0].endswith(": Matte ausrollen, eine langsame Runde. Auslöser: nach dem Kaffee.")
