"""Where a person stands on a day: what there is to look at, each habit's state, the goals that no habit serves."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from core.coach.statistics.evidence import DAYS_LOOKED_AT, Evidence, HabitEvidence, evidence_of
from core.coach.statistics.rates import count
from core.localtime import ONE_DAY, month_start, week_start
from core.models import User
from core.patterns import Finding, patterns_in
from core.progress import HabitRecord, Record, Unit
from core.timeline import Bools, Ints

State = Literal["hot", "building", "needs restart", "new"]

NEW_UNDER = {"day": 5, "week": 2, "month": 2}  # planned units
MISSES_MOST = 7  # in a row: a restart whatever the rate was
MISSES_FEWEST = 2
MISSES_CHANCE = 0.05  # fewer misses need a restart when they are less likely than this at the person's own rate
BASE_UNITS = 28  # planned units before the misses that give that rate
HOT_STREAK = 7
HOT_SHORT_STREAK, HOT_SHARE, HOT_UNITS = 3, 0.85, 14


@dataclass(frozen=True)
class Look:
    """A person on one of their days: the record, the evidence, what was found, and each active habit's state."""

    record: Record
    seen: Evidence
    findings: list[Finding]
    states: dict[str, State]

    @property
    def user(self) -> User:
        """The document, as it was known."""
        return self.record.user

    @property
    def today(self) -> date:
        """The person's day."""
        return self.record.today

    def rate(self, habit: HabitEvidence) -> tuple[int, int]:
        """(done, of) over the days that count; n times a week against its plan by week."""
        if habit.has_due_days:
            return count(habit.days)
        record = self.record.of(habit.habit.id)
        return record.rate(self.today - timedelta(days=DAYS_LOOKED_AT), self.today - ONE_DAY)


def look_at(user: User, today: date) -> Look:
    """The whole of it, from a document that knows nothing later (core.history.as_of)."""
    record = Record(user, today)
    return look_of(record, evidence_of(record))


def look_of(record: Record, seen: Evidence) -> Look:
    """The whole of it, where there is the evidence already."""
    states = {habit.habit.id: state_of(habit, seen.away) for habit in record.active}
    return Look(record, seen, patterns_in(record.user, seen), states)


def state_of(record: HabitRecord, away: Collection[date]) -> State:
    """`needs restart` after misses that are rare at the person's own rate, `hot` on a streak, `new`, or `building`.

    The rule of two misses alarms steady people; this one waits for two misses at 90 % and for four at 55 %.
    Units are the planned days, or the weeks (months) of a plan of n times.
    """
    units = planned_units(record)
    if len(units.done) < NEW_UNDER[record.unit]:
        return "new"
    if _needs_restart(units, away):
        return "needs restart"
    recent = units.done[-HOT_UNITS:]
    is_steady = int(recent.sum()) >= HOT_SHARE * len(recent)
    if record.streak >= HOT_STREAK or (record.streak >= HOT_SHORT_STREAK and is_steady):
        return "hot"
    return "building"


@dataclass(frozen=True, eq=False)
class Units:
    """The planned days, or whole weeks or months under a plan of n times, that count so far, oldest first.

    `ends` are their last days as ordinals, `done` whether the plan was met.
    """

    ends: Ints
    done: Bools

    @property
    def misses(self) -> int:
        """How many of the last ones in a row were missed."""
        met = np.flatnonzero(self.done)
        return len(self.done) - (int(met[-1]) + 1 if len(met) else 0)


def planned_units(record: HabitRecord) -> Units:
    """What a habit was planned for so far, in the unit of its plan."""
    if record.unit == "day":
        places = np.flatnonzero(record.timeline.counts)
        return Units(places + record.timeline.first, record.timeline.done[places])
    ends, met, first = [], [], record.first
    for last in _ends_of(record.unit, first, record.today - ONE_DAY):
        done, of = record.rate(first, last)
        if of:
            ends.append(last.toordinal())
            met.append(done >= of)
        first = last + ONE_DAY
    return Units(np.array(ends, dtype=np.int64), np.array(met, dtype=bool))


def goals_without_habit(user: User, today: date) -> list[str]:
    """The goals no active habit belongs to; none while a habit has no goal, since it may be for any of them."""
    goals = [habit.goal for habit in user.active_habits(today)]
    return [] if "" in goals else [goal for goal in user.coaching_profile.life_goals if goal not in goals]


def _needs_restart(units: Units, away: Collection[date]) -> bool:
    misses = units.misses
    if not MISSES_FEWEST <= misses < MISSES_MOST:
        return misses >= MISSES_MOST
    earlier = len(units.done) - misses
    there = units.done[:earlier][~np.isin(units.ends[:earlier], [day.toordinal() for day in away])]
    base = there[-BASE_UNITS:]
    miss = 1 - (int(base.sum()) + 1) / (len(base) + 2)
    return bool(miss**misses <= MISSES_CHANCE)


def _ends_of(unit: Unit, first: date, last: date) -> Iterator[date]:
    """The last day of each week or month that ends between two days."""
    end = _end(unit, first)
    while end <= last:
        yield end
        end = _end(unit, end + ONE_DAY)


def _end(unit: Unit, day: date) -> date:
    if unit == "week":
        return week_start(day) + timedelta(days=6)
    return (month_start(day) + timedelta(days=32)).replace(day=1) - ONE_DAY
