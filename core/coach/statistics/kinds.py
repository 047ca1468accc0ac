"""Every kind of claim by its name, and how much of what it needs there is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from core.coach.limits import kinds_left_out
from core.coach.statistics.change_kinds import Momentum, WeekTwoDip
from core.coach.statistics.claims import Claim, Kind
from core.coach.statistics.day_kinds import LateFail, TooAmbitious, WeakDay, Weekend
from core.coach.statistics.evidence import Evidence, HabitEvidence
from core.coach.statistics.hour_kinds import MovedTime, TwoSlots, UsualTime, VariedTime, WeekendTime
from core.coach.statistics.pair_kinds import Cooccur
from core.coach.statistics.together import Pair, pairs_of

KINDS: dict[str, Kind] = {
    "usual_time": UsualTime(),
    "varied_time": VariedTime(),
    "two_slots": TwoSlots(),
    "weekend_time": WeekendTime(),
    "time_later": MovedTime(later=True),
    "time_earlier": MovedTime(later=False),
    "too_ambitious": TooAmbitious(),
    "weekend_weak": Weekend(weak=True),
    "weekend_strong": Weekend(weak=False),
    "weak_day": WeakDay(),
    "momentum_lost": Momentum(lost=True),
    "momentum_gained": Momentum(lost=False),
    "week2_dip": WeekTwoDip(),
    "late_fail": LateFail(),
}
PAIR_KINDS: dict[str, Claim[Pair]] = {"cooccur": Cooccur()}
CLAIMS: dict[str, Claim[Any]] = {**KINDS, **PAIR_KINDS}


@lru_cache(maxsize=32)  # what is claimed and what is watched ask for the same
def possible_claims(seen: Evidence) -> tuple[tuple[str, HabitEvidence | Pair], ...]:
    """Every kind of claim with everything that it may be about."""
    return tuple(_possible_claims(seen))


def _possible_claims(seen: Evidence) -> Iterator[tuple[str, HabitEvidence | Pair]]:
    for habit in seen.habits:
        left_out = kinds_left_out(habit.habit)
        for name, kind in KINDS.items():
            if name not in left_out and kind.fits(habit, seen.today):
                yield name, habit
    for pair in pairs_of(seen):
        yield from ((name, pair) for name, kind in PAIR_KINDS.items() if kind.fits(pair, seen.today))


def amount(subject: HabitEvidence | Pair, unit: str) -> int:
    """How many of what a kind `needs` there are."""
    if isinstance(subject, Pair):
        return subject.days_with if unit == "days_with" else subject.days_without
    return _amount(subject, unit)


def _amount(habit: HabitEvidence, unit: str) -> int:
    if unit == "times":
        return len(habit.all_times)
    if unit == "weeks":
        return len(habit.weeks)
    if unit == "weekend_times":
        return habit.weekend_times
    if unit == "days":
        return len(habit.days_of_plan)
    return habit.weekend_days if unit == "weekend_days" else len(habit.days) - habit.weekend_days
