"""After the first thirty days: letters step back as habits settle and come nearer after a lapse; a small way back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any

import pytest

from coaching_engine import insight_of
from core.coach.keeping import Step, next_step, way_back
from core.models import User
from core.progress import Record
from tests.cast import a_habit, a_person, day, tick
from tests.coach.test_coaching_engine import FORBIDDEN

HOT, RESTART = {"meditation": "hot"}, {"meditation": "needs restart"}


def step_on(user: User, n: int, states: dict[str, str] = HOT) -> Step | None:
    return next_step(Record(user, day(n)), states)


def offered(user: User, step: Step, n: int, **more: Any) -> None:
    user.coaching_insights.given.append({"id": step.id, "habit": "", "day": day(n).isoformat(), **more})


def steady(days: int, every: int = 1, share: int = 1) -> User:
    user = tick(a_person(), "meditation", range(0, days, share))
    user.coaching_profile.letters.every = every
    return user


def test_before_day_31_and_while_habits_are_young_no_step_is_offered():
    assert [step_on(steady(n), n) for n in (20, 30)] == [None, None]
    young = tick(a_person(), "meditation", range(35, 40))
    assert step_on(young, 40) is None
    assert step_on(a_person(), 40) is None


def test_letters_step_back_one_step_at_a_time_each_held_for_two_weeks():
    user, steps = steady(120), []
    for n in range(31, 120):
        step = step_on(user, n)
        if step:
            steps.append((n, step.every))
            offered(user, step, n)
            user.coaching_profile.letters.every = step.every
    assert [every for _, every in steps] == [2, 7]
    assert all(later - earlier >= 14 for (earlier, _), (later, _) in pairwise(steps))


def test_an_offer_that_nobody_takes_comes_once_a_quarter_and_after_a_no_never():
    user = steady(140)
    first = step_on(user, 31)
    assert first is not None
    offered(user, first, 31)
    assert next(n for n in range(32, 140) if step_on(user, n)) == 121
    user.coaching_insights.given[0]["feedback"] = "no"
    assert not any(step_on(user, n) for n in range(31, 140))


def test_after_a_lapse_one_step_nearer_is_offered_and_none_further():
    assert step_on(steady(60), 60, RESTART) is None
    step = step_on(steady(60, every=7), 60, RESTART)
    assert step is not None
    assert step.every == 2
    assert "nearer" in step.text


def test_strength_that_has_fallen_since_a_step_brings_an_offer_to_come_nearer():
    user = steady(60, every=2)
    offered(user, Step(2, ""), 60)
    for n in range(60, 90, 3):
        tick(user, "meditation", [n])
    step = step_on(user, 80)
    assert step is not None
    assert step.every == 1


def test_where_a_step_has_cost_no_further_one_is_offered():
    user = tick(a_person(), "meditation", [*range(60), *(n for n in range(60, 110) if n % 8)])
    user.coaching_profile.letters.every = 2
    offered(user, Step(2, ""), 60)
    early, late = step_on(user, 85), step_on(user, 95)
    assert early is not None
    assert late is not None
    assert (early.every, late.every) == (7, 1)


def test_the_offer_stands_in_a_letter_with_counts():
    user = steady(60)
    user.coaching_insights.announced.clear()
    said = insight_of(user, datetime.combine(day(60), time(20), tzinfo=UTC))
    seen: list[str] = []
    while said is not None and said.kind != "keeping" and len(seen) < 6:
        seen.append(said.kind)
        user.coaching_insights.given.append(said.given)
        said = insight_of(user, datetime.combine(day(60), time(20), tzinfo=UTC))
    assert said is not None
    assert (said.kind, said.every, said.given["id"]) == ("keeping", 2, "keeping-2")
    assert re.match(r"28 of 28 in four weeks\. Shall I step back", said.text)
    assert not FORBIDDEN.search(said.text)


# --- the way back


def plan(user: User, n: int = 60, states: dict[str, str] = RESTART) -> dict[str, list[str]]:
    return way_back(Record(user, day(n)), states)


def test_a_lapse_brings_a_plan_in_the_persons_own_words():
    user = tick(a_person(a_habit(small="ten breaths", cue="pour the coffee")), "meditation", range(50))
    first, then, stands = plan(user)["meditation"]
    assert first == "Today: ten breaths. After you pour the coffee."
    assert "counts in full" in then
    assert "50 times" in stands
    assert not FORBIDDEN.search(" ".join((first, then, stands)))


def test_the_plan_names_the_next_day_that_is_due_and_its_hour():
    weekly = [{"from": day(0), "rrule": "FREQ=WEEKLY;BYDAY=WE"}]
    user = tick(a_person(a_habit("Piano", schedule=weekly, planned=[{"minute": 435}])), "piano", range(2, 50, 7))
    first = plan(user, states={"piano": "needs restart"})["piano"][0]
    assert re.fullmatch(r"On Wednesday: .+\. At 7:15 AM, as planned\.", first)


@pytest.mark.parametrize("name", ["Insulin", "Fasting", "No alcohol"])
def test_where_the_coach_keeps_quiet_there_is_no_plan(name):
    user = tick(a_person(a_habit(name, id="meditation")), "meditation", range(50))
    assert plan(user) == {}


def test_there_is_no_plan_before_day_31_nor_without_a_lapse_nor_while_away():
    user = tick(a_person(), "meditation", range(20))
    assert plan(user, 28) == {}
    assert plan(user, states=HOT) == {}
    assert way_back(Record(user, day(60)), RESTART, {day(59)}) == {}
