"""Today and a habit's page in German: every word of theirs, and nothing of it in what is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import screens
from catalogues import find_catalogues
from core.catalogue import speaking
from core.models import Plan, Target
from core.progress import Record
from core.wording import locale_of
from routes.tap_route import answer_taps
from screens import board, grid, language, looks, wording
from screens.habits import habit_entered as entered
from screens.habits import habit_more
from storage import Store
from tests.screens_cast import NOW, TODAY, awake, lived, look_at, words_on

DE = locale_of("de-DE")
SCRIPTS = [Path(str(screens.__file__)).parent / name for name in ("grid.js", "queue.js")]

find_catalogues()


def german(at: AppTest) -> AppTest:
    at.session_state[language.LOCALE] = "de"
    at.run()
    assert not at.exception
    return at


def test_today_is_german(store: Store) -> None:
    at = german(look_at("today", store, lived(20, locale="de-DE")))
    said = words_on(at)
    assert "Guten Abend, Ana" in said
    assert "Sonntag, 22. November" in said
    assert {"Neue Gewohnheit", "Früher", "Zurückholen *(Old one)*"} <= {button.label for button in at.button}
    assert not re.search(r"\b(?:the|days|done|until)\b", re.sub(r"<[^>]*>", " ", said))


def test_a_habits_page_is_german(store: Store) -> None:
    at = look_at("habit_page", store, lived(20, locale="de-DE"))
    said = words_on(german(at))
    assert "Jeden Tag" in said
    assert "Laufende Serie" in said
    assert "wie wird das berechnet?" in said
    assert "warum?" in said
    assert not re.search(r"\b(?:the|days|done|until)\b", re.sub(r"<[^>]*>", " ", said))


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"rrule": "FREQ=DAILY;INTERVAL=3"}, "alle 3 Tage"),
        ({"rrule": "FREQ=WEEKLY;BYDAY=MO,WE"}, "jeden Montag und Mittwoch"),
        ({"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"}, "jeden Montag, alle 2 Wochen"),
        ({"times": 1, "per": "month"}, "einmal im Monat"),
        ({"times": 3, "per": "week"}, "3-mal in der Woche"),
    ],
)
def test_a_plan_is_said_in_german(plan: dict[str, str | int], said: str) -> None:
    with speaking("de"):
        assert wording.plan_words(Plan.model_validate({"from": TODAY, **plan}), DE) == said


def test_a_number_without_a_unit_leaves_no_gap() -> None:
    with speaking("de"):
        assert wording.target_words(Target(at_most=2000), DE) == "höchstens 2.000"


def test_the_form_in_german_keeps_neutral_words(store: Store) -> None:
    now, zone = awake()
    user = lived(20, now, timezone=zone, locale="de-DE")
    at = german(look_at("today", store, user, now))
    with speaking("de"):  # the test names an option as it is shown, outside the session
        at.button(key="new_habit").click().run()
        at.text_input(key=fields_key(at, "name")).set_value("Klavier").run()
        at.button_group[0].set_value("week").run()
        at.selectbox(key=fields_key(at, "goal")).set_value("Creativity").run()
        assert "3-mal in der Woche" in words_on(at)
        at.button(key="habit_save").click().run()
    assert not at.exception
    kept = store.read(user.user_id).habits[-1]
    assert (kept.name, kept.goal, kept.schedule[0].times, kept.schedule[0].per) == ("Klavier", "Creativity", 3, "week")


def fields_key(at: AppTest, field: str) -> str:
    return f"hf{at.session_state[entered.ROUND]}_{field}"


def test_saving_a_form_as_it_was_is_no_new_plan_in_any_language(store: Store) -> None:
    now, zone = awake()
    user = lived(20, now, timezone=zone, locale="de-DE")
    at = look_at("today", store, user, now)
    at.session_state[habit_more.OPEN] = "write"
    german(at).button(key="habit_save").click().run()
    assert not at.exception
    assert store.read(user.user_id).habit("write").schedule == user.habit("write").schedule


def test_a_tap_is_answered_in_the_persons_language_whatever_the_browsers_is(store: Store) -> None:
    user = lived(20, locale="de-DE")
    store.create(user)
    sent = {"person": user.user_id, "page": "p", "first": "2026-11-16", "today": "2026-11-22", "zone": "UTC"}
    taps = [{"seq": 1, "habit": "read", "day": "2026-11-22", "act": "tick", "id": "a"}]
    with speaking("en-GB"):
        answer = answer_taps(store, user.user_id, {**sent, "taps": taps}, lambda: NOW)
    assert answer["board"]["head"]["said"] == "Perfekter Tag: 2 von 2"
    assert answer["board"]["rows"][0]["hint"] == "Jeden Tag"


def test_the_rows_of_a_board_follow_the_language() -> None:
    record = Record(lived(20), TODAY)
    said = {}
    for spoken in ("de", "en", "de"):
        with speaking(spoken):
            said[spoken] = board.board_of(record, [TODAY], NOW)["rows"][0]["hint"]
    assert said == {"de": "Jeden Tag", "en": "Every day"}


def test_the_coachs_line_is_german_around_the_name() -> None:
    with speaking("de"):
        said = board.coach_word(Record(lived(20), TODAY))
    assert said == [("Write", True), (": 6 der letzten 6 geplanten Male.", False)]


def test_what_the_grids_script_says_comes_with_its_data() -> None:
    asked = {word for file in SCRIPTS for word in re.findall(r"\bwords\??\.(\w+)", file.read_text(encoding="utf-8"))}
    assert asked | {"language"} == grid.script_words().keys()
    cells = {"done", "skip", "part", "open", "free", "pause", "x"}
    assert grid.script_words()["states"].keys() == cells


def test_a_habit_with_a_german_name_has_its_icon() -> None:
    [habit] = [one for one in lived(1).habits if one.id == "water"]
    assert looks.icon_of(habit.model_copy(update={"name": "Wasser trinken"})) == "💧"
    assert looks.icon_of(habit.model_copy(update={"name": "Better posture"})) == "🌱"
