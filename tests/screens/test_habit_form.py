"""The form of a habit: every plan, nothing typed is lost, and no day before is judged anew."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core import planning
from core.localtime import ONE_DAY
from core.models import Plan, Target, User
from core.schedule import is_done, target_on
from screens import looks, wording
from screens.habits import habit_entered
from storage import Store
from tests.screens_cast import NOW, TODAY, a_person, awake, lived, look_at, words_on


def form(store: Store, user: User, now: datetime = NOW) -> AppTest:
    at = look_at("today", store, user, now)
    return at.button(key="new_habit").click().run()


def field(at: AppTest, name: str) -> str:
    """The key of a field's widget in the form that is open."""
    return f"hf{at.session_state[habit_entered.ROUND]}_{name}"


def test_each_colour_of_the_form_is_shown_as_it_is() -> None:
    sheet = (Path(looks.__file__).parent / "inner.css").read_text(encoding="utf-8")
    assert re.findall(r"--hue: (#\w+)", sheet) == list(looks.COLORS.values())


def choose(at: AppTest, name: str, value: Any) -> None:
    next(group for group in at.button_group if group.key == field(at, name)).set_value(value).run()


LEAST, MOST = {"at_least": 2.5, "unit": "litres"}, {"at_most": 2.5, "unit": "litres"}
FORMS = [
    ("daily", {}, {"rrule": "FREQ=DAILY"}, "done", None),
    ("daily", {}, {"rrule": "FREQ=DAILY"}, "most", MOST),
    ("days", {"days": [1, 3]}, {"rrule": "FREQ=WEEKLY;BYDAY=TU,TH"}, "least", LEAST),
    ("every", {"every": 3}, {"rrule": "FREQ=DAILY;INTERVAL=3"}, "done", None),
    ("week", {"week": 5}, {"times": 5, "per": "week"}, "least", LEAST),
    ("month", {"month": 10}, {"times": 10, "per": "month"}, "most", MOST),
]


@pytest.mark.parametrize(("kind", "numbers", "plan", "count", "target"), FORMS)
def test_the_form_adds_every_plan_with_and_without_a_number(
    store: Store,
    kind: str,
    numbers: dict[str, Any],
    plan: dict[str, Any],
    count: str,
    target: dict[str, Any] | None,
) -> None:
    at = form(store, a_person(0))
    at.text_input(key=field(at, "name")).input("Drink $x$ <b>").run()
    choose(at, "kind", kind)
    for name, value in numbers.items():
        if name == "days":
            choose(at, name, value)
        else:
            at.number_input(key=field(at, name)).set_value(value).run()
    choose(at, "count", count)
    if target:
        at.number_input(key=field(at, "amount")).set_value(2.5).run()
        at.text_input(key=field(at, "unit")).input("litres").run()
    at.button(key="habit_save").click().run()
    assert not at.exception
    (habit,) = store.read("ana-3f9a1c").to_json()["habits"]
    assert habit["name"] == "Drink $x$ <b>"
    assert habit["schedule"] == [{"from": TODAY.isoformat(), **plan}]
    assert habit["target"] == target


def test_every_new_habit_gets_a_colour_of_its_own_while_there_is_one(store: Store) -> None:
    at = form(store, a_person(0))
    for n in range(len(looks.COLORS)):
        at.text_input(key=field(at, "name")).input(f"Habit {n}").run()
        at.button(key="habit_save").click().run()
        at.button(key="new_habit").click().run()
    assert [habit.color for habit in store.read("ana-3f9a1c").habits] == list(looks.COLORS.values())


def test_what_is_missing_is_said_beside_it_and_nothing_typed_is_lost(store: Store) -> None:
    at = form(store, a_person(0))
    choose(at, "count", "least")
    at.number_input(key=field(at, "amount")).set_value(20.0).run()
    at.text_input(key=field(at, "cue")).input("pour the coffee").run()
    at.button(key="habit_save").click().run()
    assert "The habit has no name yet" in words_on(at)
    assert at.number_input(key=field(at, "amount")).value == 20
    at.text_input(key=field(at, "name")).input("Walk").run()
    assert "no name yet" not in words_on(at)
    at.button(key="habit_save").click().run()
    (habit,) = store.read("ana-3f9a1c").habits
    assert (habit.name, habit.cue, habit.target) == ("Walk", "pour the coffee", Target(at_least=20, unit=""))


def test_a_plan_without_a_weekday_is_refused_beside_the_weekdays(store: Store) -> None:
    at = form(store, a_person(0))
    at.text_input(key=field(at, "name")).input("Walk").run()
    choose(at, "kind", "days")
    choose(at, "days", [])
    at.button(key="habit_save").click().run()
    assert "No weekday is chosen" in words_on(at)
    assert store.read("ana-3f9a1c").habits == []


def edited(store: Store, habit_id: str) -> AppTest:
    now, zone = awake()
    at = look_at("today", store, lived(20, now, timezone=zone), now)
    at.session_state["habit_form"] = habit_id
    at.session_state[habit_entered.ROUND] = 1
    return at.run()


def test_another_plan_holds_from_its_day_and_is_said_before(store: Store) -> None:
    at = edited(store, "read")
    before = store.read("ana-3f9a1c").habit("read").schedule
    choose(at, "kind", "week")
    assert "Every day before stays judged by the plan it had" in words_on(at)
    choose(at, "from", "monday")
    at.text_input(key=field(at, "name")).input("Read more").run()
    at.button(key="habit_save").click().run()
    habit = store.read("ana-3f9a1c").habit("read")
    assert habit.name == "Read more"
    assert habit.schedule[:-1] == before
    assert (habit.schedule[-1].times, habit.schedule[-1].start.weekday()) == (3, 0)


def days_done(user: User) -> set[date]:
    return {day for day, entry in user.completions["water"].items() if is_done(user.habit("water"), entry, day)}


def test_another_number_holds_from_its_day_and_judges_no_day_before(store: Store) -> None:
    at = edited(store, "water")
    before = store.read("ana-3f9a1c")
    today = max(before.completions["water"])
    done = days_done(before)
    assert 0 < len(done) < len(before.completions["water"])
    assert "judged by the number it had" not in words_on(at)
    at.number_input(key=field(at, "amount")).set_value(5.0).run()
    assert "at least 5 glasses.</b> Every day before stays judged by the number it had" in words_on(at)
    at.text_input(key=field(at, "unit")).input("cups").run()
    at.button(key="habit_save").click().run()
    user = store.read("ana-3f9a1c")
    habit = user.habit("water")
    assert habit.target == Target(at_least=5, unit="cups")
    assert days_done(user) == done
    assert target_on(habit, today) == Target(at_least=8, unit="glasses")  # something stands on it already
    assert target_on(habit, today + ONE_DAY) == habit.target


def test_another_number_of_none_is_refused_beside_it(store: Store) -> None:
    at = edited(store, "water")
    at.number_input(key=field(at, "amount")).set_value(0.0).run()
    at.button(key="habit_save").click().run()
    assert "The number is missing. Enter one above 0." in words_on(at)
    assert store.read("ana-3f9a1c").habit("water").target == Target(at_least=8, unit="glasses")


def test_a_unit_in_other_words_judges_nothing_anew(store: Store) -> None:
    at = edited(store, "water")
    at.text_input(key=field(at, "unit")).input("cups").run()
    assert "judged by the number it had" not in words_on(at)
    at.button(key="habit_save").click().run()
    habit = store.read("ana-3f9a1c").habit("water")
    assert (habit.target, habit.earlier_targets) == (Target(at_least=8, unit="cups"), [])


@pytest.mark.parametrize("target", [Target(at_least=8, unit="glasses"), Target(at_least=0), Target(at_most=0)])
def test_saving_what_was_not_changed_changes_nothing(store: Store, target: Target) -> None:
    edited(store, "water")
    with store.edit("ana-3f9a1c") as user:
        user.habit("water").target = target  # with one of 0 comes an import that knows no number
    at = edited(store, "water")
    before = store.read("ana-3f9a1c")
    at.button(key="habit_save").click().run()
    assert store.read("ana-3f9a1c") == before


def test_a_habit_moves_and_is_archived_and_comes_back(store: Store) -> None:
    at = edited(store, "water")
    at.button(key="habit_up").click().run()
    assert [habit.id for habit in store.read("ana-3f9a1c").habits][:2] == ["water", "read"]
    at.button(key="habit_archive").click().run()
    assert store.read("ana-3f9a1c").habit("water").archived_on is not None
    at.button(key="restore_water").click().run()
    assert store.read("ana-3f9a1c").habit("water").archived_on is None


plans = st.one_of(
    st.just(planning.every_day(TODAY)),
    st.builds(planning.on_weekdays, st.just(TODAY), st.sets(st.integers(0, 6), min_size=1)),
    st.builds(planning.every_n_days, st.just(TODAY), st.integers(2, 90)),
    st.builds(planning.times_per, st.just(TODAY), st.integers(1, 7), st.sampled_from(["week", "month"])),
)


@given(plans)
def test_the_form_reads_back_every_plan_that_it_makes(plan: Plan) -> None:
    kind = habit_entered.kind_of(plan)
    again = {
        "daily": lambda: planning.every_day(TODAY),
        "days": lambda: planning.on_weekdays(TODAY, wording.chosen_weekdays(plan)),
        "every": lambda: planning.every_n_days(TODAY, habit_entered.number_of(plan)),
        "week": lambda: planning.times_per(TODAY, habit_entered.number_of(plan), "week"),
        "month": lambda: planning.times_per(TODAY, habit_entered.number_of(plan), "month"),
    }[kind]()
    assert again == plan
