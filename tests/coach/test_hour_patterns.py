"""What is claimed about the hour that moves, the weekend's hour and two hours, and what ends it."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.coach.limits import OF_HOURS
from core.coach.statistics.hour_kinds import TIME_SHIFT, WEEKEND_TIME
from core.coach.statistics.hours import distance, two_slots
from core.coach.statistics.moves import move_evidence, weekend_evidence
from core.coach.statistics.regression import Fit, fit_moves
from core.models import User
from core.patterns import Finding, log_threshold
from core.wording import clock_text, minutes_text
from tests.cast import a_habit, a_person, day, thrice_a_week
from tests.coach_cast import is_weekend, kinds, lived, told, watching

MOVES = {"time_later", "time_earlier", "weekend_time", "two_slots"}
MORNING = 380


def at(minutes: Mapping[int, float], offset: float = 0) -> User:
    return lived(a_person(), "meditation", minutes, offset)


def around(centre: Mapping[int, float], spread: float, seed: int = 8) -> User:
    luck = random.Random(seed)
    return at({n: minute + luck.gauss(0, spread) for n, minute in centre.items()})


def ever(user: User, days: range) -> set[str]:
    return {kind for today in days for kind, found in kinds(user, today).items() if found.confidence == "established"}


def since(first: int, minutes: float, days: int = 45) -> dict[int, float]:
    return {n: MORNING + (minutes if n >= first else 0) for n in range(days)}


def fitted(minutes: Mapping[int, int]) -> Fit:
    fit = fit_moves(tuple((day(n), minute % 1440) for n, minute in minutes.items()))
    assert fit is not None
    return fit


# Moves


def test_an_hour_that_drifts_is_told_with_its_minutes_a_week() -> None:
    found = kinds(around({n: MORNING + 15 * n / 7 for n in range(45)}, 10), 45)["time_later"]
    assert found.confidence == "established"
    assert found.evidence["per_week"] == pytest.approx(15, abs=2)
    assert found.evidence["minutes"] == pytest.approx(15 * 44 / 7, abs=10)
    assert found.text.startswith("Meditation comes about 15 minutes later every week: around 7:5")
    assert found.text.endswith(" AM around January 1.")


def test_an_hour_that_moved_at_once_is_told_with_its_day() -> None:
    found = kinds(around(since(22, 80), 10), 45)["time_later"]
    assert found.evidence["from_day"] in {day(n).isoformat() for n in (21, 22, 23)}
    assert found.evidence["minutes"] == pytest.approx(80, abs=8)
    before, now = (clock_text(5 * round(minute / 5), "en") for minute in found.evidence["clocks"])
    far = minutes_text(found.evidence["minutes"])
    assert (
        found.text == f"Since about January 23, Meditation comes about {far} later: around {now} now, {before} before."
    )


def test_while_either_shape_would_do_neither_is_named() -> None:
    found = kinds(around({n: MORNING + 90 / (1 + math.exp((16 - n) / 2.5)) for n in range(32)}, 20), 32)["time_later"]
    assert not {"per_week", "from_day"} & found.evidence.keys()
    assert " minutes later than around January 1: around " in found.text


def test_what_comes_earlier_is_told_the_other_way_round() -> None:
    found = kinds(around(since(22, -80), 10), 45)
    assert found.keys() >= {"time_earlier"}
    assert "time_later" not in found
    assert found["time_earlier"].evidence["minutes"] == pytest.approx(-80, abs=8)
    assert "minutes earlier: around 5:" in found["time_earlier"].text


@pytest.mark.parametrize("minutes", [0, 8])
def test_no_move_worth_a_word_is_silence(minutes: int) -> None:
    assert not ever(around(since(22, minutes, 60), 10), range(14, 61)) & MOVES


def test_one_odd_day_a_fortnight_moves_nothing() -> None:
    odd = dict.fromkeys(range(9, 70, 14), 1200.0)
    assert not ever(around(since(99, 0, 70) | odd, 8), range(14, 71)) & (MOVES | {"varied_time"})


def test_a_journey_of_five_days_moves_nothing() -> None:
    away = dict.fromkeys(range(25, 30), MORNING + 120.0)
    assert not ever(around(since(99, 0, 60) | away, 15), range(14, 61)) & MOVES


def test_a_clock_change_or_another_zone_moves_nothing() -> None:
    user = at({n: MORNING + n % 5 for n in range(30)}, offset=-5)
    lived(user, "meditation", {n: MORNING + n % 5 for n in range(30, 60)}, offset=-4)
    assert not ever(user, range(14, 61, 3)) & MOVES


def test_of_forty_people_with_one_hour_at_most_three_ever_hear_that_it_moved() -> None:
    heard = 0
    for seed in range(40):
        luck = random.Random(seed)
        times = tuple((day(n), round(luck.gauss(500, 40))) for n in range(60) if luck.random() < 0.7)
        fits = [fit for n in range(12, len(times), 3) if (fit := fit_moves(times[:n]))]
        moved = max(max(move_evidence(fit, later=later) for later in (True, False)) for fit in fits)
        weekend = max(weekend_evidence(fit) for fit in fits)
        heard += moved >= log_threshold(TIME_SHIFT, 1, 0) or weekend >= log_threshold(WEEKEND_TIME, 1, 0)
    assert heard <= 3


def test_an_hour_that_wanders_from_day_to_day_has_not_moved() -> None:
    heard = 0
    for seed in range(30):
        luck, off, times = random.Random(seed), 0.0, []
        for n in range(60):
            off = 0.4 * off + luck.gauss(0, 30)
            times.append((day(n), round(600 + off)))
        fits = [fit for n in range(14, 61, 4) if (fit := fit_moves(tuple(times[:n])))]
        heard += max(move_evidence(fit, later=later) for fit in fits for later in (True, False)) >= log_threshold(
            TIME_SHIFT, 1, 0
        )
    assert heard <= 2


# Weekends


def test_another_hour_on_weekends_is_told_with_both_clocks() -> None:
    found = kinds(around({n: MORNING + 90 * is_weekend(n) for n in range(35)}, 12), 35)["weekend_time"]
    assert found.evidence["minutes"] == pytest.approx(90, abs=8)
    assert found.text.startswith("On weekends Meditation comes about 90 minutes later: around 7:50 AM, 6:20 AM ")
    near, of = found.evidence["within30"]
    assert 6 <= near <= of == 8


def test_weekends_around_midnight_are_not_a_day_apart() -> None:
    found = kinds(around({n: 1425 + 60 * is_weekend(n) for n in range(42)}, 8), 42)["weekend_time"]
    assert found.evidence["minutes"] == pytest.approx(60, abs=6)
    assert " minutes later: around 12:" in found.text


def test_a_sudden_move_is_no_other_hour_on_weekends() -> None:
    for first in (19, 22, 26):
        assert "weekend_time" not in ever(around(since(first, 75, 60), 20, first), range(first, 61, 3))


def test_a_far_hour_that_weekdays_use_too_is_not_the_weekends() -> None:
    far = {n: MORNING + 600 * (is_weekend(n) or n % 7 == 2) for n in range(49)}
    assert "weekend_time" not in ever(around(far, 10), range(14, 50))


def test_whoever_has_no_weekends_in_the_plan_hears_nothing_of_them() -> None:
    user = around({n: MORNING + 90 * is_weekend(n) for n in range(35)}, 12)
    user.habits[0] = a_habit(schedule=[{"from": day(0), "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}])
    assert "weekend_time" not in kinds(user, 35)


# Two slots


def slots(first: float, second: float, spread: float = 12) -> User:
    luck = random.Random(5)
    return around({n: first if luck.random() < 0.55 else second for n in range(40)}, spread)


def test_two_usual_hours_are_told_as_two_and_not_as_one_or_none() -> None:
    user = slots(420, 1140)
    found = kinds(user, 40)["two_slots"]
    first, second = found.evidence["minutes"]
    assert (distance(first, 420) < 8, distance(second, 1140) < 8) == (True, True)
    times = [minute for _, minute in found.evidence["times"]]
    near = sum(min(distance(minute, slot) for slot in (first, second)) <= 30 for minute in times)
    assert found.evidence["within30"] == [near, len(times)]
    assert found.text.startswith("Meditation has two usual hours, 7:0")
    assert found.text.endswith(" PM: 28 of 28 times within half an hour of one.")
    assert ever(user, range(14, 41)) == {"two_slots"}


def test_a_late_slot_may_be_when_the_day_is_told_and_is_not_claimed() -> None:
    assert not ever(slots(420, 1300), range(14, 41)) & MOVES
    assert not ever(slots(420, 1445), range(14, 41)) & MOVES


def test_the_weekends_slot_is_not_one_of_two() -> None:
    minutes = [420 + 600 * is_weekend(n) + n % 3 for n in range(28)]
    assert two_slots(minutes, [is_weekend(n) for n in range(28)]) is None


def test_wide_or_close_clusters_are_no_slots() -> None:
    luck = random.Random(3)
    never = [False] * 28
    assert two_slots([round(luck.gauss(420 + 80 * (n % 2), 10)) for n in range(28)], never) is None
    assert two_slots([round(luck.gauss(420 + 300 * (n % 2), 90)) for n in range(28)], never) is None
    assert two_slots([420, 900] * 5, never[:10]) is None


# What holds for all of them


@given(st.integers(0, 1439), st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_turning_the_clock_turns_the_answer(turn: int, seed: int) -> None:
    luck = random.Random(seed)
    minutes = {n: round(luck.gauss(700 + 3 * n, 25)) for n in range(60) if luck.random() < 0.8}
    here, there = fitted(minutes), fitted({n: minute + turn for n, minute in minutes.items()})
    for later in (True, False):
        assert move_evidence(there, later=later) == pytest.approx(move_evidence(here, later=later), abs=1e-6)
    assert weekend_evidence(there) == pytest.approx(weekend_evidence(here), abs=1e-6)


@given(st.integers(0, 1439), st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_two_slots_turn_with_the_clock(turn: int, seed: int) -> None:
    luck = random.Random(seed)
    minutes = [round(luck.gauss(luck.choice((400, 800)), 15)) for _ in range(28)]
    never = [False] * 28
    here, there = two_slots(minutes, never), two_slots([(minute + turn) % 1440 for minute in minutes], never)
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        assert {(minute + turn) % 1440 for minute in here.minutes} == set(there.minutes)
        assert there.log_e == pytest.approx(here.log_e)


@given(st.integers(0, 2**32))
@settings(max_examples=25, deadline=None)
def test_later_in_a_mirror_is_earlier(seed: int) -> None:
    luck = random.Random(seed)
    minutes = {n: round(luck.gauss(700 + 2 * n, 25)) for n in range(40)}
    here, mirrored = fitted(minutes), fitted({n: 1440 - minute for n, minute in minutes.items()})
    assert move_evidence(here, later=True) == pytest.approx(move_evidence(mirrored, later=False), abs=1e-6)


def test_what_is_ticked_later_changes_nothing_that_was_said() -> None:
    whole = around(since(18, 90, 60), 15)
    for today in (20, 30, 40):
        cut = whole.model_copy(deep=True)
        for later in range(today, 60):
            del cut.entries("meditation")[day(later)]
        assert kinds(whole, today) == kinds(cut, today)


def test_a_told_move_stays_until_the_hour_has_moved_back() -> None:
    steady = told(around(since(20, 90, 90), 15), "time_later", 40)
    assert all("time_later" in kinds(steady, today) for today in range(40, 91, 10))
    back = told(around(since(20, 90, 90) | dict.fromkeys(range(50, 90), float(MORNING)), 15), "time_later", 40)
    listed = [today for today in range(40, 91, 2) if "time_later" in kinds(back, today)]
    assert listed[:6] == [40, 42, 44, 46, 48, 50]
    assert listed[-1] < 75


def test_told_weekends_stay_until_they_keep_the_weeks_hour() -> None:
    later = {n: MORNING + 90.0 * is_weekend(n) for n in range(90)}
    assert all("weekend_time" in kinds(told(around(later, 15), "weekend_time", 35), n) for n in range(35, 91, 10))
    ended = told(around(later | dict.fromkeys(range(40, 90), float(MORNING)), 15), "weekend_time", 35)
    assert "weekend_time" in kinds(ended, 40)
    assert "weekend_time" not in kinds(ended, 80)


def test_told_slots_end_with_one_usual_hour() -> None:
    user = told(slots(420, 1140), "two_slots", 40)
    assert "two_slots" in kinds(user, 40)
    lived(user, "meditation", dict.fromkeys(range(40, 62), 420))
    assert kinds(user, 62).keys() == {"usual_time"}


def test_the_evidence_is_plain_json_with_every_time_it_rests_on() -> None:
    for user in (around(since(20, 90, 60), 15), around({n: MORNING + 90 * is_weekend(n) for n in range(60)}, 12)):
        found: list[Finding] = [one for kind, one in kinds(user, 60).items() if kind in MOVES]
        assert found
        for one in found:
            assert json.loads(json.dumps(one.evidence)) == one.evidence
            assert len(one.evidence["times"]) == 60
            assert isinstance(one.evidence["minutes"], int)


def test_a_habit_of_n_times_a_week_has_moves_too() -> None:
    user = around(since(40, 90, 80), 10)
    user.habits[0] = a_habit(schedule=thrice_a_week())
    assert "time_later" in kinds(user, 80)


def test_what_a_move_needs_is_watched() -> None:
    watched = {item["kind"]: item for item in watching(at(since(99, 0, 7)), day(7))}
    assert watched["time_later"]["needs"] == {"times": 10}
    assert watched["weekend_time"]["have"] == {"times": 7, "weekend_times": 2}


def test_the_hour_follows_the_locale() -> None:
    user = around(since(22, 80), 10)
    user.locale = "de"
    assert ": around 07:" in kinds(user, 45)["time_later"].text


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(1.2, "1 minute"), (-8, "8 minutes"), (82, "80 minutes"), (150, "2 hours 30 minutes"), (-240, "4 hours")],
)
def test_minutes_are_said_to_five_where_they_are_many(minutes: float, said: str) -> None:
    assert minutes_text(minutes) == said


# Habits that leave something out


@pytest.mark.parametrize(("name", "target"), [("No sugar", None), ("Coffee", {"at_most": 2})])
def test_of_a_habit_that_leaves_something_out_no_hour_is_claimed_or_watched(name, target) -> None:
    luck = random.Random(8)
    minutes = {n: 1310 + luck.gauss(0, 8) for n in range(45)}
    habit = a_habit(name, target=target)
    user = lived(a_person(habit), habit.id, minutes)
    assert not OF_HOURS & kinds(user, 45, habit.id).keys()
    assert not OF_HOURS & {item["kind"] for item in watching(user, day(10))}
    habit = a_habit("Sugar cubes counted")
    assert "usual_time" in kinds(lived(a_person(habit), habit.id, minutes), 45, habit.id)
