"""When a habit comes next: its own hour before the person's, a day that is meant for it, and never one that is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.history import as_of
from core.letters.next_time import Part, part_and_minute, part_in_name
from core.models import Habit, PlannedHour, User
from core.steps import STEPS
from drip_campaigns import facts_of
from tests.drip_letters import letter
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    example_student,
    moment,
    nth_day,
    tick,
    with_main_habit,
    with_profile,
    without_ticks,
)


def next_time(user: User, step: int, clock: str = "09:00") -> object:
    now = moment(user, step, clock)
    return facts_of(as_of(user, now), step, now)["next_time"]


def planned(user: User, **plan: object) -> User:
    """The same person, with another plan for the main habit."""
    first = Habit.model_validate(
        {**user.habits[0].model_dump(), "schedule": [{"from": user.created_at.date(), **plan}]}
    )
    return user.model_copy(update={"habits": [first, *user.habits[1:]]})


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Morning run", "morning"),
        ("Frühstück ohne Handy", "morning"),
        ("Sonntagmorgens Yoga", "morning"),
        ("Meditar por la mañana", "morning"),
        ("Nachmittagsspaziergang", "afternoon"),
        ("Evening pages", "evening"),
        ("Abendrunde", "evening"),
        ("Leer por la noche", "night"),
        ("Floss at night", "night"),
        ("Nachtlicht aus", "night"),
        ("Daily run", ""),
        ("Fortnightly review", ""),
        ("Knight moves", ""),
    ],
)
def test_a_name_may_hold_a_part_of_the_day(name: str, part: Part) -> None:
    assert part_in_name(name) == part


def test_the_record_speaks_before_the_plan_the_plan_before_the_name_and_the_name_before_a_first_time() -> None:
    morning, noon, evening = [370, 375, 380], [750], [1200]
    assert part_and_minute("Evening run", morning, noon) == ("morning", 375)
    assert part_and_minute("Evening run", morning[:2], noon) == ("afternoon", None)
    assert part_and_minute("Evening run", morning[:2], []) == ("evening", None)
    assert part_and_minute("Run", morning[:2], []) == ("morning", None)
    assert part_and_minute("Run", [375, 750, 1200], evening) == ("evening", None)
    assert part_and_minute("Run", [], []) == ("", None)


@pytest.mark.parametrize("chronotype", ["morning", "evening", "flexible"])
@pytest.mark.parametrize("name", ["Morning run", "Abendspaziergang", "Leer por la noche"])
@pytest.mark.parametrize("step", STEPS)
def test_no_letter_sends_a_habit_to_an_hour_that_its_name_denies(name: str, chronotype: str, step: int) -> None:
    user = with_profile(with_main_habit(without_ticks(example_student()), name), chronotype=chronotype)
    said = letter(user, step).replace(name, "x")
    assert ("this morning" in said or "tomorrow morning" in said) is False
    assert ("tonight" in said) <= (part_in_name(name) != "morning")
    assert "after you come home" not in said or part_in_name(name) != "morning"
    assert "after getting dressed" not in said or part_in_name(name) == "morning"


def test_an_evening_person_who_runs_at_dawn_is_asked_at_dawn() -> None:
    assert next_time(with_profile(example_runner(), chronotype="evening"), 14) == "tomorrow morning"
    assert next_time(with_profile(without_ticks(example_runner()), chronotype="evening"), 14) == "tonight"


def test_an_hour_that_was_meant_for_it_is_its_hour() -> None:
    user = without_ticks(example_student())
    user.habits[0].planned.append(PlannedHour(minute=12 * 60 + 30))
    assert next_time(user, 7) == "this afternoon"
    assert next_time(user, 7, "17:30") == "tomorrow afternoon"


def test_what_is_done_today_comes_tomorrow() -> None:
    user = without_ticks(example_student())
    assert next_time(user, 7) == "tonight"
    tick(user, "study-coding", [7], lambda n: time(8))
    assert next_time(user, 7) == "tomorrow evening"


def test_a_usual_time_that_has_passed_is_not_asked_for_today() -> None:
    user = example_meditator()  # meditates from 1:20 to 1:33 PM
    assert next_time(user, 14, "13:00") == "this afternoon"
    assert next_time(user, 14, "15:00") == "tomorrow afternoon"


@given(example=st.sampled_from(EXAMPLES), days=st.sets(st.integers(0, 6), min_size=1), n=st.integers(1, 30))
def test_the_next_time_is_a_day_that_is_meant_for_it(example: Callable[[], User], days: set[int], n: int) -> None:
    rule = ",".join(("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day] for day in days)
    user = planned(without_ticks(example()), rrule=f"FREQ=WEEKLY;BYDAY={rule}")
    said = str(next_time(user, n)).split()
    today: date = nth_day(user, n)
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    weekday = {"tomorrow": (today.weekday() + 1) % 7, "on": names.index(said[1]) if said[0] == "on" else -1}
    assert said[0] == "next" or weekday.get(said[0], today.weekday()) in days


def test_a_plan_with_long_gaps_is_asked_for_next_time() -> None:
    user = planned(without_ticks(example_student()), rrule="FREQ=DAILY;INTERVAL=30")
    assert next_time(user, 7) == "next time"
