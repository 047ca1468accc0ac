"""Strength and streaks, counted over arrays, are what a plain walk from day to day makes of the record."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from core.localtime import days_between, week_start
from core.models import Completion, Pause, User
from core.progress import HabitRecord, Record
from core.schedule import is_planned
from tests.cast import DAILY, MONDAY, WEEKDAYS, a_habit, a_person, day, skip, thrice_a_week, tick

DAYS = 60
SETS_OF_DAYS = st.sets(st.integers(0, DAYS))
SCHEDULES = st.sampled_from([DAILY, WEEKDAYS, [{"from": MONDAY, "rrule": "FREQ=DAILY;INTERVAL=3"}]])
PAUSES = st.none() | st.tuples(st.integers(0, DAYS), st.integers(0, 9))


def lived(schedule, done, skips, pause) -> User:
    user = tick(a_person(a_habit(schedule=schedule)), "meditation", done)
    skip(user, "meditation", skips)
    if pause is not None:
        user.pauses.append(Pause(start=day(pause[0]), to=day(pause[0] + pause[1])))
    return user


def record_of(user: User) -> HabitRecord:
    return Record(user, day(DAYS)).habits[0]


def outcomes(record: HabitRecord) -> list[bool]:
    """Day by day what a streak hangs on: done or missed, only of days that were due and are over or done."""
    due = [
        one
        for one in days_between(MONDAY, record.today)
        if is_planned(record.habit, one) and one not in record.paused and one not in record.skipped
    ]
    return [one in record.done for one in due if one in record.done or one < record.today]


@given(SCHEDULES, SETS_OF_DAYS, SETS_OF_DAYS, PAUSES)
@settings(max_examples=60)
def test_streaks_are_those_of_a_walk_from_day_to_day(schedule, done, skips, pause):
    record = record_of(lived(schedule, done, skips, pause))
    lengths = [(is_done, len(list(run))) for is_done, run in groupby(outcomes(record))]
    streaks = [length for is_done, length in lengths if is_done]
    assert [run.length for run in record.runs] == streaks
    assert record.best_streak == max(streaks, default=0)
    assert record.streak == (streaks[-1] if lengths and lengths[-1][0] else 0)


@given(SETS_OF_DAYS)
@settings(max_examples=60)
def test_streaks_of_weeks_are_those_of_a_walk_from_week_to_week(done):
    record = record_of(lived(thrice_a_week(), done, (), None))
    mondays = [day(n) for n in range(0, DAYS + 1, 7)]
    counts = [sum(week_start(one) == monday for one in record.done) for monday in mondays]
    met = [count >= 3 for monday, count in zip(mondays, counts, strict=True) if count >= 3 or monday < mondays[-1]]
    lengths = [(is_met, len(list(run))) for is_met, run in groupby(met)]
    assert record.best_streak == max((length for is_met, length in lengths if is_met), default=0)
    assert record.streak == (lengths[-1][1] if lengths and lengths[-1][0] else 0)


@given(st.sampled_from([DAILY, WEEKDAYS, thrice_a_week()]), SETS_OF_DAYS, SETS_OF_DAYS, PAUSES)
@settings(max_examples=60)
def test_the_streak_of_one_day_is_that_of_all_days(schedule, done, skips, pause):
    record = record_of(lived(schedule, done, skips, pause))
    every = [day(n) for n in range(-1, DAYS + 2)]
    assert [record.streaks.standing(one) for one in every] == [record.running_streaks.get(one, 0) for one in every]


@given(st.sampled_from([DAILY, WEEKDAYS, thrice_a_week()]), SETS_OF_DAYS, SETS_OF_DAYS, PAUSES)
@settings(max_examples=60)
def test_what_is_said_of_one_day_and_of_all_together_is_what_all_days_say(schedule, done, skips, pause):
    whole = Record(lived(schedule, done, skips, pause), day(DAYS))
    record = whole.habits[0]
    for one in (day(n) for n in range(-1, DAYS + 2)):
        assert record.was_done(one) == (one in record.done)
        assert record.was_skipped(one) == (one in record.skipped)
        assert record.was_asked(one) == (one in record.due_unskipped)
    assert record.began == min([record.habit.created_on, *record.entries])
    assert whole.xp == sum(whole.xp_by_day.values())


@given(SETS_OF_DAYS, SETS_OF_DAYS, PAUSES)
@settings(max_examples=60)
def test_the_streak_of_a_day_is_the_one_that_stood_that_evening(done, skips, pause):
    user = lived(DAILY, done, skips, pause)
    whole = record_of(user)
    for one, length in whole.running_streaks.items():
        assert Record(user, one).habits[0].streak == length


@given(st.sampled_from([1, 3, 5]), SETS_OF_DAYS, SETS_OF_DAYS, PAUSES)
@settings(max_examples=60)
def test_strength_is_the_formula_applied_from_day_to_day(times, done, skips, pause):
    """s ← s·m + c·(1−m), m = 0.5^(√f/13), f = n/7 and c the share of twice n that two weeks have brought."""
    record = record_of(lived(thrice_a_week(times), done, skips, pause))
    score, factor = 0.0, 0.5 ** ((times / 7) ** 0.5 / 13)
    for one, strength in record.strengths():
        is_open = one == record.today and one not in record.done
        if not (one in record.skipped or one in record.paused or is_open):
            hits = sum(one - timedelta(days=n) in record.done for n in range(14))
            score = score * factor + min(1.0, hits / (2 * times)) * (1 - factor)
        assert strength == score
    assert record.strength == record.strength_on(record.today) == score


@given(st.lists(st.floats(0, 12) | st.none(), min_size=1, max_size=DAYS))
@settings(max_examples=40)
def test_strength_takes_parts_of_a_number_day_by_day(values):
    user = a_person(a_habit(target={"at_least": 8, "unit": "glasses"}))
    for n, value in enumerate(values):
        if value is not None:
            user.entries("meditation")[day(n)] = Completion(value=value)
    score, factor = 0.0, 0.5 ** (1 / 13)
    for value in values:
        score = score * factor + min(1.0, (value or 0.0) / 8) * (1 - factor)
    assert Record(user, day(len(values))).habits[0].strength == score


@given(SCHEDULES, SETS_OF_DAYS, SETS_OF_DAYS, PAUSES, st.integers(0, DAYS), st.integers(0, DAYS))
@settings(max_examples=60)
def test_a_rate_counts_what_is_listed(schedule, done, skips, pause, first, last):
    record = record_of(lived(schedule, done, skips, pause))
    listed = record.counted(day(first), day(last))
    assert record.rate(day(first), day(last)) == (sum(hit for _, hit in listed), len(listed))
    assert [hit for _, hit in record.counted(MONDAY, record.today)] == outcomes(record)


@given(SETS_OF_DAYS, SETS_OF_DAYS, SETS_OF_DAYS)
@settings(max_examples=40)
def test_a_perfect_day_is_found_alone_and_among_many(one, other, skips):
    user = tick(a_person(a_habit(), a_habit("Walk", schedule=WEEKDAYS)), "meditation", one)
    tick(user, "walk", other)
    skip(user, "meditation", skips)
    record = Record(user, day(DAYS))
    days = days_between(MONDAY, record.today)
    assert record.perfect_between(MONDAY, record.today) == [each for each in days if record.is_perfect(each)]
    assert record.days_alive(MONDAY, record.today) == sum(bool(record.done_on(each)) for each in days)
