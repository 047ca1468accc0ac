"""Schedules: which plan holds on a day, which days it names, and what counts as done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import numpy as np
from dateutil.rrule import rrulestr
from numpy.typing import NDArray

from core.localtime import ONE_DAY, days_between
from core.models import Completion, Habit, Plan, Target, User

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def plan_on(habit: Habit, day: date) -> Plan | None:
    """The plan in force on a day; None before the habit began and once it is archived."""
    if day < habit.created_on or (habit.archived_on is not None and day >= habit.archived_on):
        return None
    for plan in reversed(habit.schedule):
        if plan.start <= day:
            return plan
    return habit.schedule[0]


def stretches(habit: Habit, until: date) -> Iterator[tuple[date, date, Plan]]:
    """(first, last, plan) of each stretch of days under one plan, up to `until`, oldest first."""
    end = until if habit.archived_on is None else min(until, habit.archived_on - ONE_DAY)
    plans = habit.schedule
    for i, plan in enumerate(plans):
        first = max(plan.start, habit.created_on) if i else habit.created_on
        last = min(end, plans[i + 1].start - ONE_DAY) if i + 1 < len(plans) else end
        if first <= last:
            yield first, last, plan


def planned_days(habit: Habit, until: date, since: date = date.min) -> list[date]:
    """Every day from `since` to `until` that the habit's plans name, oldest first; n times a week names none."""
    return [date.fromordinal(n) for n in planned_ordinals(habit, until, since).tolist()]


def planned_ordinals(habit: Habit, until: date, since: date = date.min) -> NDArray[np.int64]:
    """`planned_days` as ordinals (date.toordinal)."""
    parts = [
        _ordinals_of(plan.rrule, plan.start, max(first, since), last)
        for first, last, plan in stretches(habit, until)
        if plan.rrule is not None
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def is_planned(habit: Habit, day: date) -> bool:
    """Whether the plan names this very day; a plan of n times a week names none."""
    plan = plan_on(habit, day)
    return plan is not None and plan.rrule is not None and _names(plan.rrule, plan.start, day)


@lru_cache(maxsize=1024)
def planned_weekdays(rrule: str, start: date, first: date, last: date) -> frozenset[int]:
    """The weekdays (0 = Monday) among the days from `first` to `last` of a rule that begins on `start`."""
    return frozenset(day.weekday() for day in _days_of(rrule, start, first, last))


def _names(rrule: str, start: date, day: date) -> bool:
    pattern = _pattern(rrule)
    if pattern is None:
        return day in _rule_days(rrule, start, day.year)
    every, weekdays = pattern
    since = (day - start).days
    return since >= 0 and since % every == 0 and day.weekday() in weekdays


def _days_of(rrule: str, start: date, first: date, last: date) -> list[date]:
    """The days from `first` to `last` of a rule that begins on `start`, oldest first."""
    return [date.fromordinal(n) for n in _ordinals_of(rrule, start, first, last).tolist()]


def _ordinals_of(rrule: str, start: date, first: date, last: date) -> NDArray[np.int64]:
    pattern = _pattern(rrule)
    if pattern is None:
        years = range(first.year, last.year + 1)
        days = [day for year in years for day in _rule_days(rrule, start, year) if first <= day <= last]
        return np.array([day.toordinal() for day in days], dtype=np.int64)
    every, weekdays = pattern
    begin, phase = max(start, first).toordinal(), start.toordinal()
    ordinals: NDArray[np.int64] = np.arange(begin + (phase - begin) % every, last.toordinal() + 1, every)
    if len(weekdays) < 7:
        is_named = np.array([n in weekdays for n in range(7)])
        ordinals = ordinals[is_named[(ordinals - 1) % 7]]  # ordinal 1 is a Monday
    return ordinals


@lru_cache(maxsize=1024)
def _pattern(rrule: str) -> tuple[int, frozenset[int]] | None:
    """(every so many days, on these weekdays) of a rule that says no more than that: nearly all do."""
    parts = dict(part.partition("=")[::2] for part in rrule.split(";"))
    every, weekdays = int(parts.get("INTERVAL", "1")), parts.get("BYDAY", ",".join(WEEKDAYS)).split(",")
    is_daily = parts["FREQ"] == "DAILY" or (parts["FREQ"] == "WEEKLY" and every == 1 and "BYDAY" in parts)
    if not is_daily or not parts.keys() <= {"FREQ", "INTERVAL", "BYDAY"} or not set(weekdays) <= set(WEEKDAYS):
        return None
    return every, frozenset(WEEKDAYS.index(name) for name in weekdays)


@lru_cache(maxsize=1024)
def _rule_days(rrule: str, start: date, year: int) -> tuple[date, ...]:
    rule = rrulestr(rrule, dtstart=datetime.combine(start, time()))
    first, last = datetime.combine(date(year, 1, 1), time()), datetime.combine(date(year, 12, 31), time())
    return tuple(day.date() for day in rule.between(first, last, inc=True))


def target_on(habit: Habit, day: date) -> Target | None:
    """The number by which a day is judged."""
    return next((one.target for one in habit.earlier_targets if day <= one.until), habit.target)


def is_done(habit: Habit, entry: Completion | None, day: date | None = None) -> bool:
    """Whether an entry is a completion: no skip, and its number (if any) within the target of `day`, None: of now."""
    if entry is None or entry.skip:
        return False
    target = habit.target if day is None or not habit.earlier_targets else target_on(habit, day)
    if target is None or entry.value is None:
        return True
    if target.at_least is not None:
        return entry.value >= target.at_least
    assert target.at_most is not None
    return entry.value <= target.at_most


def paused_days(user: User, habit_id: str | None, last: date) -> set[date]:
    """The days, up to `last`, on which a habit (None: the whole account) is paused by declaration."""
    return {
        day
        for pause in user.pauses
        if pause.habit is None or pause.habit == habit_id
        for day in days_between(pause.start, min(pause.to, last))
    }


def period_days(plan: Plan) -> int:
    """Days of the week or (nominal) month that an n-times plan counts over."""
    return 7 if plan.per == "week" else 30


@lru_cache(maxsize=1024)
def _rule_frequency(rrule: str) -> float:
    start = date(2024, 1, 1)
    return max(len(_days_of(rrule, start, start, start + timedelta(days=363))), 1) / 364


def frequency(plan: Plan) -> float:
    """Completions a day that the plan asks for, 0 to 1 (Loop's f)."""
    if plan.times is not None:
        return min(1.0, plan.times / period_days(plan))
    assert plan.rrule is not None
    return _rule_frequency(plan.rrule)
