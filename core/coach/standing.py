"""Where a person stands on a day: what there is to look at, each habit's state, the goals that no habit serves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import Literal

from core.coach.evidence import DAYS_LOOKED_AT, Evidence, HabitEvidence, evidence_of
from core.coach.rates import count
from core.localtime import ONE_DAY
from core.models import User
from core.patterns import Finding, patterns_in
from core.progress import HabitRecord, Record

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
    seen = evidence_of(record)
    states = {habit.habit.id: state_of(habit, seen.away) for habit in record.active}
    return Look(record, seen, patterns_in(user, seen), states)


def state_of(record: HabitRecord, away: Collection[date]) -> State:
    """`needs restart` after misses that are rare at the person's own rate, `hot` on a streak, `new`, or `building`.

    The rule of two misses alarms steady people; this one waits for two misses at 90 % and for four at 55 %.
    Units are the planned days, or the weeks (months) of a plan of n times.
    """
    units = planned_units(record)
    if len(units) < NEW_UNDER[record.unit]:
        return "new"
    if _needs_restart(units, away):
        return "needs restart"
    recent = [done for _, done in units[-HOT_UNITS:]]
    is_steady = sum(recent) >= HOT_SHARE * len(recent)
    if record.streak >= HOT_STREAK or (record.streak >= HOT_SHORT_STREAK and is_steady):
        return "hot"
    return "building"


def planned_units(record: HabitRecord) -> list[tuple[date, bool]]:
    """(last day, done) of each planned day, or whole week or month under a plan of n times, that counts so far."""
    if record.unit == "day":
        return record.counted(record.first, record.today)
    out, first = [], record.first
    for day in record.days:
        if _ends(record.unit, day) and day < record.today:
            done, of = record.rate(first, day)
            if of:
                out.append((day, done >= of))
            first = day + ONE_DAY
    return out


def trailing_misses(units: Sequence[tuple[date, bool]]) -> int:
    """How many of the last planned units in a row were missed."""
    return sum(1 for _ in takewhile(lambda unit: not unit[1], reversed(units)))


def goals_without_habit(user: User, today: date) -> list[str]:
    """The goals no active habit belongs to; none while a habit has no goal, since it may be for any of them."""
    goals = [habit.goal for habit in user.active_habits(today)]
    return [] if "" in goals else [goal for goal in user.coaching_profile.life_goals if goal not in goals]


def _needs_restart(units: Sequence[tuple[date, bool]], away: Collection[date]) -> bool:
    misses = trailing_misses(units)
    base = [done for day, done in units[: len(units) - misses] if day not in away][-BASE_UNITS:]
    miss = 1 - (sum(base) + 1) / (len(base) + 2)
    return misses >= MISSES_MOST or (misses >= MISSES_FEWEST and miss**misses <= MISSES_CHANCE)


def _ends(unit: str, day: date) -> bool:
    return day.weekday() == 6 if unit == "week" else (day + ONE_DAY).day == 1
