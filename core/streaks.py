"""Streaks: the days, or under a plan of n times the weeks or months, done in a row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Literal, NamedTuple

import numpy as np

from core.localtime import ONE_DAY, month_start, week_start
from core.models import Habit, Plan
from core.schedule import stretches
from core.timeline import Bools, Ints, Timeline

Unit = Literal["day", "week", "month"]
Counted = Literal["day", "time", "week", "month"]
UNITS: tuple[Unit, ...] = ("day", "week", "month")
WHOLE = {"week": 7, "month": 28}  # days from which a period was begun whole


class Run(NamedTuple):
    """A streak: `length` days, weeks or months done in a row, with its first and last day."""

    first: date
    last: date
    length: int
    unit: Unit


class Period(NamedTuple):
    """A calendar week or month under an n-times plan, which asks for its days up to `until`."""

    first: date
    last: date
    plan: Plan
    until: date

    @property
    def needed(self) -> int:
        """How often the plan asks for it."""
        assert self.plan.times is not None
        return self.plan.times

    @property
    def unit(self) -> Unit:
        """Whether it is a week or a month."""
        assert self.plan.per is not None
        return self.plan.per


def periods_of(habit: Habit, until: date) -> Iterator[Period]:
    """Every week and month up to that of `until`, oldest first; one that two plans share is the earlier plan's."""
    covered, held = date.min, list(stretches(habit, until))
    for n, (first, last, plan) in enumerate(held):
        if plan.times is None:
            continue
        days_planned = [begin for begin, _last, later in held[n + 1 :] if later.times is None]
        asked_until = min([held[-1][1], *(begin - ONE_DAY for begin in days_planned)])
        start = max(first, covered + ONE_DAY) if covered > date.min else first
        while start <= last:
            if plan.per == "week":
                end = week_start(start) + timedelta(days=6)
            else:
                end = (month_start(start) + timedelta(days=32)).replace(day=1) - ONE_DAY
            yield Period(start, end, plan, min(end, asked_until))
            covered, start = end, end + ONE_DAY


@dataclass(frozen=True, eq=False)
class Streaks:
    """What was asked in turn, and how long the streak was at each.

    A streak takes as one a day that was due, or a week or month under an n-times plan. In the order of their first
    days, so that a week which two plans share stands before the days that the later one asks for: first and last day
    as ordinals, place of the unit in UNITS, whether it was `met`, and whether it was `missed`: what is still open, or
    left no room, is neither.
    """

    timeline: Timeline
    periods: Sequence[Period]

    @cached_property
    def _asked(self) -> tuple[Ints, Ints, Ints, Bools, Bools]:
        timeline = self.timeline
        places = np.flatnonzero(timeline.asked)
        days, met = places + timeline.first, timeline.done[places]
        missed = ~met & (days < timeline.last)
        if not self.periods:
            return days, days, np.zeros_like(days), met, missed
        rows = [self._asked_by(period) for period in self.periods]
        starts, ends, units, *marks = (np.array(column) for column in zip(*rows, strict=True))
        first, last = np.concatenate([days, starts]), np.concatenate([days, ends])
        order = np.argsort(first, kind="stable")
        unit = np.concatenate([np.zeros_like(days), units])
        met, missed = np.concatenate([met, marks[0]]), np.concatenate([missed, marks[1]])
        return first[order], last[order], unit[order], met[order], missed[order]

    def _asked_by(self, period: Period) -> tuple[int, int, int, bool, bool]:
        """A period is missed if it is over, was begun whole, left room and fell short."""
        start, end = period.first.toordinal(), period.last.toordinal()
        at, days = self.timeline.within(period.first, period.last), end - start + 1
        done = self.timeline.octets_done.count(1, at.start, at.stop)
        room = days - self.timeline.octets_off.count(1, at.start, at.stop)
        unpaused = self.timeline.octets_done_unpaused.count(1, at.start, at.stop)
        is_over = days >= WHOLE[period.unit] and end < self.timeline.last
        is_missed = is_over and done < period.needed <= room
        return start, end, UNITS.index(period.unit), unpaused >= period.needed, is_missed

    @cached_property
    def _lengths(self) -> tuple[Ints, Ints]:
        """The streak before and after each of what was asked; another unit begins anew."""
        _, _, unit, met, missed = self._asked
        so_far = met.cumsum()
        earlier = so_far - met
        met_last = np.maximum.accumulate(np.where(met, np.arange(len(met)), -1))
        met_last = np.concatenate([[-1], met_last])[: len(met)]
        is_other = (met_last >= 0) & (unit != unit[met_last])
        lost = np.concatenate([[0], np.where(missed, so_far, 0)])[: len(met)]
        before = earlier - np.maximum.accumulate(np.maximum(np.where(is_other, earlier, 0), lost))
        return before, np.where(missed, 0, before + met)

    @cached_property
    def runs(self) -> list[Run]:
        """Every streak there has been, oldest first; the last one may be running still."""
        first, last, unit, met, _ = self._asked
        before, after = self._lengths
        at = np.flatnonzero(met)
        begun = np.flatnonzero(before[at] == 0)
        ended = np.append(begun[1:], len(at))[: len(begun)] - 1
        columns = first[at[begun]], last[at[ended]], after[at[ended]], unit[at[ended]]
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Run(date.fromordinal(f), date.fromordinal(t), length, UNITS[u]) for f, t, length, u in rows]

    def running(self, unit: Unit) -> int:
        """The streak in a unit that nothing missed has ended yet."""
        match self._only_unit:
            case "day":
                return self._days_up_to(len(self.timeline.done)) if unit == "day" else 0
            case "week" | "month" as only:
                return self._periods_before(len(self.periods)) if unit == only else 0
        _, last, units, met, missed = self._asked
        at = np.flatnonzero(met)[-1:]
        if not len(at) or UNITS[int(units[at[0]])] != unit:
            return 0
        is_over = bool((missed & (units == units[at[0]]) & (last > last[at[0]])).any())
        return 0 if is_over else int(self._lengths[1][at[0]])

    @cached_property
    def _only_unit(self) -> Unit | None:
        """The unit of all that was asked; None where there are several: then a streak is found in `_lengths`.

        Of one unit alone a streak is what was met since the last miss, so that it is counted from its end.
        """
        if not self.periods:
            return "day"
        units = {period.unit for period in self.periods}
        return None if len(units) > 1 or self.timeline.asked.any() else units.pop()

    def _days_up_to(self, place: int) -> int:
        """The days met before a place of the timeline, since the last miss."""
        return self.timeline.met.count(1, self.timeline.missed.rfind(1, 0, place) + 1, place)

    def _periods_before(self, n: int) -> int:
        """The periods met before the nth, since the last miss."""
        length = 0
        for period in reversed(self.periods[:n]):
            *_, is_met, is_missed = self._asked_by(period)
            if is_missed:
                break
            length += is_met
        return length

    def longest(self, unit: Unit) -> int:
        """The longest streak in a unit."""
        if self._only_unit == "day":
            return self._longest_of_days() if unit == "day" else 0
        _, _, units, met, _ = self._asked
        return int(self._lengths[1][met & (units == UNITS.index(unit))].max(initial=0))

    def _longest_of_days(self) -> int:
        """The most days met between two misses."""
        met = (self.timeline.asked & self.timeline.done).cumsum()
        at_misses = met[np.frombuffer(self.timeline.missed, dtype=bool)]
        return int(np.diff(at_misses, prepend=0, append=met[-1:]).max(initial=0))

    def standing(self, day: date) -> int:
        """The streak as it stood with a completion on a day, 0 where there was none (`by_day` for one day)."""
        place = day.toordinal() - self.timeline.first
        if not (0 <= place < len(self.timeline.done) and self.timeline.done[place]):
            return 0
        if self._only_unit == "day":
            return self._days_up_to(place + 1)
        n = bisect_left(self.periods, day, key=attrgetter("last"))
        is_asked = n < len(self.periods) and self.periods[n].first <= day and self.timeline.octets_done_unpaused[place]
        if self._only_unit is None or not is_asked:
            return int(self.stood[place])
        start = self.timeline.within(self.periods[n].first, day).start
        so_far = self.timeline.octets_done_unpaused.count(1, start, place + 1)
        return self._periods_before(n) + (so_far >= self.periods[n].needed)

    def told_in(self, unit: Unit, length: int, day: date) -> Counted:
        """What a streak of so many, as it stood on a day, is told in: its days as days where they lie side by side.

        With days between that were not due, skipped or paused, they are times.
        """
        met, place = self.timeline.met, day.toordinal() - self.timeline.first
        end = met.rfind(1, 0, max(place + 1, 0)) + 1
        return unit if unit != "day" or met.count(1, max(end - length, 0), end) == length else "time"

    @cached_property
    def by_day(self) -> dict[date, int]:
        """For each day done, the length of the streak as it stood with it (`stood`)."""
        done = self.timeline.done
        return dict(zip(self.timeline.days(done), self.stood[done].tolist(), strict=True))

    @cached_property
    def stood(self) -> Ints:
        """The length of the streak as it stood with each day done, a place a day; -1 where it was not done.

        A day done that no plan asked for (not due, or paused) leaves the streak as it stands.
        """
        first, last, unit, met, _ = self._asked
        before, after = self._lengths
        timeline, out = self.timeline, np.full(len(self.timeline.done), -1)
        of_days = met & (unit == 0)
        out[last[of_days] - timeline.first] = after[of_days]
        done_unpaused, at_period = timeline.done & ~timeline.paused, np.flatnonzero(unit > 0).tolist()
        ordered = sorted(self.periods, key=lambda period: period.last)
        for n, period in zip(at_period, ordered, strict=True):
            at = timeline.within(period.first, period.last)
            places, so_far = np.flatnonzero(timeline.done[at] & (out[at] < 0)), done_unpaused[at].cumsum()
            out[places + at.start] = before[n] + (so_far[places] >= period.needed)
        unasked = np.flatnonzero(timeline.done & (out < 0))
        passed = np.searchsorted(np.maximum.accumulate(first), unasked + timeline.first, side="right")
        out[unasked] = np.concatenate([[0], after])[passed]
        return out
