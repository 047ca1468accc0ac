"""The tables behind Progress: a record's counted days grouped by weekday, week and month with pandas."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from core.localtime import ONE_DAY, month_start, week_start
from core.progress import HabitRecord
from core.schedule import plan_on


def counted_days(records: Sequence[HabitRecord], first: date, last: date) -> pd.DataFrame:
    """One row a habit and due day that counts: day, habit, done. Habits of n times have no due day and are not here."""
    rows = [(day, record.habit.id, done) for record in records for day, done in record.counted(first, last)]
    days, habits, done = zip(*rows, strict=True) if rows else ((), (), ())
    table = pd.DataFrame({"day": np.array(days, dtype="datetime64[D]"), "habit": habits, "done": done})
    return table.astype({"day": "datetime64[ns]", "done": "int64"})


def by_weekday(records: Sequence[HabitRecord], first: date, last: date) -> pd.DataFrame:
    """Done and of for each weekday, 0 = Monday, the index."""
    days = counted_days(records, first, last)
    table = days.groupby(days["day"].dt.day_of_week)["done"].agg(["sum", "count"])
    return table.reindex(range(7), fill_value=0).set_axis(["done", "of"], axis="columns")


def by_week(records: Sequence[HabitRecord], first: date, last: date) -> pd.DataFrame:
    """Done and of for each week, its Monday the index; n times a week counts against its plan, at most n."""
    days = counted_days(records, first, last)
    named = days.groupby(days["day"].dt.to_period("W-SUN").dt.start_time)["done"].agg(["sum", "count"])
    mondays = pd.date_range(week_start(first), week_start(last), freq="7D")
    table = named.set_axis(["done", "of"], axis="columns").reindex(mondays, fill_value=0)
    for monday in mondays:
        start = monday.date()
        for record in records:
            if _has_times(record, start):
                done, of = _free_rate(record, max(start, first), min(start + timedelta(days=6), last))
                table.loc[monday] += [done, of]
    return table


def _has_times(record: HabitRecord, monday: date) -> bool:
    plans = (plan_on(record.habit, monday + timedelta(days=n)) for n in range(7))
    return any(plan is not None and plan.times is not None for plan in plans)


def _free_rate(record: HabitRecord, first: date, last: date) -> tuple[int, int]:
    """The rate without the days that the plan names: those are counted one by one already."""
    done, of = record.rate(first, last)
    named = record.counted(first, last)
    return done - sum(hit for _, hit in named), of - len(named)


@dataclass(frozen=True)
class Months:
    """A month and the one before it over the same days: their first and last days."""

    this: tuple[date, date]
    before: tuple[date, date]


def same_days(today: date) -> Months:
    """This month up to today beside the same days of the last; the shorter month ends both."""
    before = month_start(month_start(today) - ONE_DAY)
    last = min(today.day, calendar.monthrange(before.year, before.month)[1])
    return Months((month_start(today), today.replace(day=last)), (before, before.replace(day=last)))


def by_month(records: Sequence[HabitRecord], months: Months) -> pd.DataFrame:
    """Done and of in both months, one row a habit, in the person's order."""
    rows = [(record.habit.id, *record.rate(*months.this), *record.rate(*months.before)) for record in records]
    return pd.DataFrame(rows, columns=["habit", "done", "of", "done_before", "of_before"]).set_index("habit")
