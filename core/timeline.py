"""One habit's days laid out as arrays, one place a day: what was planned, done, skipped and paused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.models import Completion, Habit
from core.schedule import is_done, planned_ordinals

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Timeline:
    """The days from `first` to `last`, both as ordinals (date.toordinal), a place a day.

    `first` is the day on which the habit began or the first on which it was done, `last` is today. `entered` are the
    ordinals of all days with an entry of any sort, in the order in which they are stored, `entered_as_skip` says which
    of these are skips.
    """

    first: int
    last: int
    planned: Bools
    done: Bools
    skipped: Bools
    paused: Bools
    entered: Ints
    entered_as_skip: Bools

    @cached_property
    def off(self) -> Bools:
        """Skipped or paused."""
        return self.skipped | self.paused

    @cached_property
    def due(self) -> Bools:
        """Named by the plan and not paused; skipped days included."""
        return self.planned & ~self.paused

    @cached_property
    def asked(self) -> Bools:
        """Due and not skipped."""
        return self.planned & ~self.off

    @cached_property
    def counts(self) -> Bools:
        """Due and not skipped, today only once it is done."""
        out = self.asked.copy()
        out[-1:] &= self.done[-1:]
        return out

    @cached_property
    def met(self) -> bytes:
        """An octet a day, 1 where it was asked for and done: short counts are many, and cost an array more."""
        return (self.asked & self.done).tobytes()

    @cached_property
    def missed(self) -> bytes:
        """An octet a day, 1 where it was asked for and not done; today is still open."""
        missed = self.asked & ~self.done
        missed[-1:] = False
        return missed.tobytes()

    @cached_property
    def octets_done(self) -> bytes:
        """An octet a day, 1 where it was done."""
        return self.done.tobytes()

    @cached_property
    def octets_off(self) -> bytes:
        """An octet a day, 1 where it was skipped or paused."""
        return self.off.tobytes()

    @cached_property
    def octets_done_free(self) -> bytes:
        """An octet a day, 1 where it was done and neither skipped nor paused."""
        return (self.done & ~self.off).tobytes()

    @cached_property
    def octets_done_unpaused(self) -> bytes:
        """An octet a day, 1 where it was done outside pauses."""
        return (self.done & ~self.paused).tobytes()

    def within(self, first: date, last: date) -> slice:
        """The places from one day to another, both included."""
        return slice(max(first.toordinal() - self.first, 0), max(last.toordinal() - self.first + 1, 0))

    def holds(self, places: Bools, day: date) -> bool:
        """Whether a day is one of the places that hold."""
        place = day.toordinal() - self.first
        return 0 <= place < len(places) and bool(places[place])

    def last_done_before(self, day: date) -> int:
        """The last day before another on which it was done, as ordinal; 0 when there was none."""
        place = self.octets_done.rfind(1, 0, max(day.toordinal() - self.first, 0))
        return self.first + place if place >= 0 else 0

    def days(self, places: Bools) -> list[date]:
        """The days of the places that hold, oldest first."""
        return [date.fromordinal(n) for n in (np.flatnonzero(places) + self.first).tolist()]


def on_weekends(ordinals: Ints) -> Bools:
    """Which of some days are Saturdays or Sundays."""
    out: Bools = (ordinals - 1) % 7 >= 5  # ordinal 1 is a Monday
    return out


def timeline_of(habit: Habit, entries: Mapping[date, Completion], paused: Collection[date], today: date) -> Timeline:
    """The timeline of what was entered up to `today`."""
    last = today.toordinal()
    entered = np.fromiter(map(date.toordinal, entries), np.int64, len(entries))
    skips = [day.toordinal() for day, entry in entries.items() if entry.skip]  # few beside all days: less to turn over
    skip = np.isin(entered, skips) if skips else np.zeros(len(entered), dtype=bool)
    done = (
        ~skip
        if habit.target is None and not habit.earlier_targets
        else np.array([is_done(habit, entry, day) for day, entry in entries.items()], dtype=bool)
    )
    done_at = entered[done & (entered <= last)]
    first = min(habit.created_on.toordinal(), int(done_at.min(initial=last + 1)))
    size = max(last - first + 1, 0)

    def marked(ordinals: Ints) -> Bools:
        out = np.zeros(size, dtype=bool)
        if len(ordinals):
            places = ordinals - first
            out[places[(places >= 0) & (places < size)]] = True
        return out

    return Timeline(
        first,
        last,
        planned=marked(planned_ordinals(habit, today)),
        done=marked(done_at),
        skipped=marked(entered[skip]),
        paused=marked(np.fromiter(map(date.toordinal, paused), np.int64, len(paused))),
        entered=entered,
        entered_as_skip=skip,
    )
