"""Signs of life and silences: on which days somebody was there, and which silence is too unlikely to be chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from core.progress import Record
from core.timeline import Bools, Ints, on_weekends

AWAY_CHANCE = 1e-3  # a silence less likely than this at the person's own rates is an absence

DueDays = Mapping[str, tuple[Ints, Bools]]  # of each habit, as ordinals, with whether it was done


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


def _entered(record: Record) -> list[Ints]:
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
    today = record.today.toordinal()
    first = min((int(days[0]) for days, _done in due.values() if len(days)), default=today)
    is_alive, is_looked_at = np.zeros((2, today - first), dtype=bool)
    for entered in _entered(record):
        is_alive[entered[(entered >= first) & (entered < today)] - first] = True
    for days, _done in due.values():
        is_looked_at[days - first] = True
    if not (is_looked_at & ~is_alive).any():
        return []
    places = np.flatnonzero(is_looked_at | is_alive)
    alive, weekend = is_alive[places], on_weekends(places + first)
    weekends_off = bool(2 * (alive & weekend).sum() < weekend.sum())
    chances = _chances_of_silence(due, first, today)[places].tolist()
    out = []
    rows = zip(alive.tolist(), weekend.tolist(), chances, (places + first).tolist(), strict=True)
    for is_silence, run in groupby(rows, key=lambda row: not row[0]):
        if is_silence:
            _, weekends, chance, days_silent = zip(*run, strict=True)
            silent = tuple(map(date.fromordinal, days_silent))
            lasts = days_silent[-1] == places[-1] + first
            out.append(Silence(silent, math.prod(chance), bool(lasts), weekends_off and all(weekends)))
    return out


def _chances_of_silence(due: DueDays, first: int, before: int) -> NDArray[np.float64]:
    """Day by day the probability of no tick of what is due, at each habit's own rate (s + 1) / (n + 2)."""
    out = np.ones(before - first)
    for days, done in due.values():
        out[days - first] *= 1 - (int(done.sum()) + 1) / (len(days) + 2)
    return out
