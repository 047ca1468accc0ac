"""Schedules: which plan holds on a day, which days it names, and what counts as done."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from dateutil.rrule import rrulestr

from core.localtime import days_between
from core.models import Completion, Habit, Plan, User


@lru_cache(maxsize=8192)
def _rule_days(rrule: str, start: date, year: int) -> frozenset[date]:
    rule = rrulestr(rrule, dtstart=datetime.combine(start, time()))
    first, last = datetime.combine(date(year, 1, 1), time()), datetime.combine(date(year, 12, 31), time())
    return frozenset(day.date() for day in rule.between(first, last, inc=True))


def plan_on(habit: Habit, day: date) -> Plan | None:
    """The plan in force on a day; None before the habit began and once it is archived."""
    if day < habit.created_on or (habit.archived_on is not None and day >= habit.archived_on):
        return None
    return next((plan for plan in reversed(habit.schedule) if plan.start <= day), habit.schedule[0])


def is_planned(habit: Habit, day: date) -> bool:
    """Whether the plan names this very day; a plan of n times a week names none."""
    plan = plan_on(habit, day)
    return plan is not None and plan.rrule is not None and day in _rule_days(plan.rrule, plan.start, day.year)


def is_done(habit: Habit, entry: Completion | None) -> bool:
    """Whether an entry is a completion: no skip, and its number (if any) within the target."""
    if entry is None or entry.skip:
        return False
    if habit.target is None or entry.value is None:
        return True
    if habit.target.at_least is not None:
        return entry.value >= habit.target.at_least
    assert habit.target.at_most is not None
    return entry.value <= habit.target.at_most


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
    planned = sum(start + timedelta(days=n) in _rule_days(rrule, start, 2024) for n in range(364))
    return max(planned, 1) / 364


def frequency(plan: Plan) -> float:
    """Completions a day that the plan asks for, 0 to 1 (Loop's f)."""
    if plan.times is not None:
        return min(1.0, plan.times / period_days(plan))
    assert plan.rrule is not None
    return _rule_frequency(plan.rrule)
