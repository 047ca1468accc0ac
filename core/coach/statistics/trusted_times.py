"""The clock times that can be trusted: when a habit was done, without what was entered later or ticked in a bunch."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain

import numpy as np

from core.coach.statistics.hours import distance
from core.localtime import days_between
from core.models import Completion, Habit, User
from core.schedule import is_done

DAY_REACHES_TO = 4  # hour of the next morning until which a tick still tells when a thing was done
BUNCH_MINUTES = 2  # two habits ticked this close together may have been made up
A_DAY_APART = 3 * 1440  # minutes between two days in which no time of one comes near those of another
BUNCH_FAR_MINUTES = 90  # from the usual time: then they were
USUAL_KNOWN_FROM = 5  # earlier times


def trusted_times(user: User, first_days: Mapping[str, date], last: date) -> dict[str, dict[date, int]]:
    """Habit by habit the minute of the clock at which it was done, for each day that tells, from its first day on."""
    reach = 60 * max(DAY_REACHES_TO, user.coaching_profile.day_ends_at)
    told = {
        habit.id: _minutes_told(
            habit,
            _entries_between(user.completions.get(habit.id, {}), first_days.get(habit.id, date.min), last),
            reach,
        )
        for habit in user.habits
    }
    for habit_id, day in made_up(told):
        del told[habit_id][day]
    return {habit_id: {day: int(minute) % 1440 for day, minute in times.items()} for habit_id, times in told.items()}


def _entries_between(entries: Mapping[date, Completion], first: date, last: date) -> Iterable[tuple[date, Completion]]:
    """The entries of some days, whichever is shorter to go through: the days or the entries."""
    if (last - first).days < len(entries):
        return [(day, entry) for day in days_between(first, last) if (entry := entries.get(day)) is not None]
    return [(day, entry) for day, entry in entries.items() if first <= day <= last]


def _minutes_told(habit: Habit, entries: Iterable[tuple[date, Completion]], reach: int) -> dict[date, float]:
    """Minutes after each day's midnight on the wall clock of the stored offset: a journey moves nothing.

    Left out is what was not done, entered later or by mail, and an instant outside the day (which ends `reach` minutes
    late).
    """
    out, is_plain = {}, habit.target is None and not habit.earlier_targets
    for day, entry in entries:
        at, source = entry.at, entry.source
        if at is None or source not in ("tap", "import") or (source == "tap" and entry.recorded):
            continue
        minute = (at.toordinal() - day.toordinal()) * 1440 + at.hour * 60 + at.minute + at.second / 60
        if 0 <= minute < 1440 + reach and (not entry.skip if is_plain else is_done(habit, entry, day)):
            out[day] = minute
    return out


def _days_with_a_bunch(told: Mapping[str, dict[date, float]]) -> list[date]:
    """The days on which two times may lie as close together as a bunch's."""
    of = sum(map(len, told.values()))
    days = np.fromiter(map(date.toordinal, chain.from_iterable(told.values())), np.int64, of)
    minutes = np.fromiter(chain.from_iterable(map(dict.values, told.values())), np.float64, of)
    moments = days * A_DAY_APART + minutes
    moments.sort()
    is_close = np.diff(moments) < BUNCH_MINUTES + 1  # to be looked at: moments are known less well than minutes
    return [date.fromordinal(n) for n in np.unique(moments[1:][is_close] // A_DAY_APART).astype(int).tolist()]


def made_up(told: Mapping[str, dict[date, float]]) -> set[tuple[str, date]]:
    """The times ticked in a bunch: far from the habit's usual time, or three together before that is known."""
    out, before = set(), {habit_id: _Earlier(times) for habit_id, times in told.items()}
    for day in _days_with_a_bunch(told):
        ticked = [(habit_id, times[day]) for habit_id, times in told.items() if day in times]
        minutes = [minute for _, minute in ticked]
        for habit_id, minute in ticked:
            mates = sum([abs(other - minute) <= BUNCH_MINUTES for other in minutes]) - 1
            if mates and _is_strange(minute, before[habit_id].than(day), mates):
                out.add((habit_id, day))
    return out


class _Earlier:
    """A habit's times of the days before another, asked for day after day."""

    def __init__(self, times: Mapping[date, float]) -> None:
        self._times = times
        self._ahead: deque[tuple[date, float]] | None = None
        self._before: list[float] = []

    def than(self, day: date) -> Sequence[float]:
        """Those in the order of the clock."""
        if self._ahead is None:
            self._ahead = deque(sorted(self._times.items()))
        while self._ahead and self._ahead[0][0] < day:
            self._before.append(self._ahead.popleft()[1])
        self._before.sort()
        return self._before


def _is_strange(minute: float, earlier: Sequence[float], mates: int) -> bool:
    """Whether a time with so many mates is not the habit's own, by its earlier ones in the order of the clock."""
    n = len(earlier)
    if n < USUAL_KNOWN_FROM:
        return mates >= 2
    usual = (earlier[(n - 1) // 2] + earlier[n // 2]) / 2  # the median; many times are in order already
    return distance(usual, minute) > BUNCH_FAR_MINUTES
