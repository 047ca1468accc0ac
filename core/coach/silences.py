"""Signs of life and silences: on which days somebody was there, and which silence is too unlikely to be chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from core.coach.rates import is_weekend
from core.progress import Record

AWAY_CHANCE = 1e-3  # a silence less likely than this at the person's own rates is an absence

DueDays = Mapping[str, Sequence[tuple[date, bool]]]  # of each habit, with whether it was done


def last_day_of_life(record: Record) -> int:
    """The last day before today with an entry, as an ordinal; yesterday without any."""
    today = record.today.toordinal()
    lasts = [int(entered[entered < today].max(initial=0)) for entered in _entered(record)]
    return max(lasts, default=0) or today - 1


def days_of_life(record: Record, first: date, before: date) -> set[date]:
    """The days with an entry of any sort, from one day to before another."""
    begin, end = first.toordinal(), before.toordinal()
    days = {n for entered in _entered(record) for n in entered[(entered >= begin) & (entered < end)].tolist()}
    return {date.fromordinal(n) for n in days}


def _entered(record: Record) -> list[NDArray[np.int64]]:
    return [habit.timeline.entered for habit in record.habits]


@dataclass(frozen=True)
class Silence:
    """Days in a row on which something was due and nothing was ticked; `chance` is its probability."""

    days: tuple[date, ...]
    chance: float
    lasts: bool
    is_usual_weekend: bool

    @property
    def is_absence(self) -> bool:
        """Whether it is too unlikely to be chance."""
        return self.chance <= AWAY_CHANCE and not self.is_usual_weekend


def silences_of(record: Record, due: DueDays) -> list[Silence]:
    """Every silence, oldest first. Days with nothing due neither break nor lengthen one; a skip breaks it.

    Whoever is silent on most weekends is not away on them: that is what the weekend's own test is about.
    """
    first = min((days[0][0] for days in due.values() if days), default=record.today)
    life = days_of_life(record, first, record.today)
    looked_at = {day for days in due.values() for day, _ in days}
    if looked_at <= life:
        return []
    chance_of_silence = _chances_of_silence(due)
    days = sorted(life | looked_at)
    weekend = [day for day in days if is_weekend(day)]
    weekends_off = 2 * len(life.intersection(weekend)) < len(weekend)
    out = []
    for alive, run in groupby(days, key=lambda day: day in life):
        if not alive:
            silent = tuple(run)
            chance = math.prod(chance_of_silence[day] for day in silent)
            usual = weekends_off and all(is_weekend(day) for day in silent)
            out.append(Silence(silent, chance, silent[-1] == days[-1], usual))
    return out


def _chances_of_silence(due: DueDays) -> dict[date, float]:
    """For each day with something due: the probability of no tick, at each habit's own rate (s + 1) / (n + 2)."""
    out: dict[date, float] = {}
    for days in due.values():
        miss = 1 - (sum(done for _, done in days) + 1) / (len(days) + 2)
        for day, _ in days:
            out[day] = out.get(day, 1.0) * miss
    return out
