"""Progress, derived from the record and never stored: all habits of a person together, perfect days, XP, levels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain

import numpy as np

from core.habit_record import XP_COMPLETION, XP_STREAK_MOST, HabitRecord, notes_of
from core.localtime import local_day, zone
from core.models import Completion, User
from core.schedule import paused_days, plan_on
from core.streaks import Run, Unit
from core.strength import HALF_LIFE_DAYS

__all__ = [
    "HALF_LIFE_DAYS",
    "XP_COMPLETION",
    "XP_PERFECT_DAY",
    "XP_STREAK_MOST",
    "HabitRecord",
    "Level",
    "Record",
    "Run",
    "Unit",
    "level_of",
    "record_of",
    "streak_mark",
    "today_of",
]

XP_PERFECT_DAY = 20
LOOK_AHEAD = timedelta(days=31)  # how far ahead a pause is known: "tomorrow holds" must not name what is paused
STREAK_MARKS = ((7, "🔥"), (3, "⚡"))


@dataclass(frozen=True)
class Record:
    """Every habit's record up to and including `today`, and what they make together."""

    user: User
    today: date

    @cached_property
    def habits(self) -> list[HabitRecord]:
        """One a habit, in the person's order, archived ones included."""
        user, horizon = self.user, self.today + LOOK_AHEAD
        return [
            HabitRecord(h, user.completions.get(h.id, {}), frozenset(paused_days(user, h.id, horizon)), self.today)
            for h in user.habits
        ]

    @cached_property
    def ticks(self) -> int:
        """How often anything was entered up to today, skips left out."""
        today = self.today.toordinal()
        counts = ((record.timeline.entered <= today) & ~record.timeline.entered_as_skip for record in self.habits)
        lost = sum(day <= self.today and not entry.skip for rows in self._lost for day, entry in rows.items())
        return int(sum(map(np.count_nonzero, counts))) + lost

    @cached_property
    def first_entry(self) -> date | None:
        """The first day with an entry of any sort."""
        days = [day for rows in self._lost for day in rows]
        days += [date.fromordinal(int(at.min())) for record in self.habits if len(at := record.timeline.entered)]
        return min(days, default=None)

    @property
    def _lost(self) -> list[dict[date, Completion]]:
        """What is kept of habits that are not there any more, or not yet."""
        known = {habit.id for habit in self.user.habits}
        return [rows for habit_id, rows in self.user.completions.items() if habit_id not in known]

    @property
    def noted(self) -> list[str]:
        """All notes, those of lost habits included."""
        return list(chain(*(record.noted for record in self.habits), *map(notes_of, self._lost)))

    @property
    def active(self) -> list[HabitRecord]:
        """Those that exist today."""
        return [record for record in self.habits if plan_on(record.habit, self.today) is not None]

    def of(self, habit_id: str) -> HabitRecord:
        """The record of one habit. Raises KeyError."""
        for record in self.habits:
            if record.habit.id == habit_id:
                return record
        raise KeyError(habit_id)

    @cached_property
    def perfect_days(self) -> frozenset[date]:
        """Days on which all that was due was done, skips left out, with one completion at least."""
        first = min((record.timeline.first for record in self.habits), default=self.today.toordinal())
        days = self.perfect_between(date.fromordinal(first), self.today)
        return frozenset(days)

    def perfect_between(self, first: date, last: date) -> list[date]:
        """The perfect days from one day up to another, oldest first."""
        begin, size = first.toordinal(), max((last - first).days + 1, 0)
        is_open, is_alive = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        for record in self.habits:
            timeline = record.timeline
            at = timeline.within(first, last)
            hits = timeline.done[at]
            place = timeline.first + at.start - begin
            is_alive[place : place + len(hits)] |= timeline.due[at] & hits
            is_open[place : place + len(hits)] |= timeline.asked[at] & ~hits
        return [date.fromordinal(n) for n in (np.flatnonzero(is_alive & ~is_open) + begin).tolist()]

    def days_alive(self, first: date, last: date) -> int:
        """On how many days from one to another anything was done."""
        begin, alive = first.toordinal(), np.zeros(max((last - first).days + 1, 0), dtype=bool)
        for record in self.habits:
            at = record.timeline.within(first, last)
            hits = record.timeline.done[at]
            place = record.timeline.first + at.start - begin
            alive[place : place + len(hits)] |= hits
        return int(alive.sum())

    def is_perfect(self, day: date) -> bool:
        """Whether a day up to today is one of the `perfect_days`."""
        due = self.due_on(day)
        return bool(due) and all(record.was_done(day) for record in due)

    @cached_property
    def xp_by_day(self) -> dict[date, int]:
        """XP of each day: 10 a completion, 1 for each day of its running streak up to 10, 20 for a perfect day."""
        out: dict[date, int] = {}
        for record in self.habits:
            for day, streak in record.running_streaks.items():
                out[day] = out.get(day, 0) + XP_COMPLETION + min(streak, XP_STREAK_MOST)
        for day in self.perfect_days:
            out[day] += XP_PERFECT_DAY
        return out

    @property
    def xp(self) -> int:
        """All XP up to today."""
        return sum(record.xp for record in self.habits) + XP_PERFECT_DAY * len(self.perfect_days)

    @cached_property
    def imported_xp(self) -> int:
        """The part of `xp` that days with imported entries brought (10 a completion and its streak)."""
        brought = [
            (record, {day for day, entry in record.entries.items() if entry.source == "import"})
            for record in self.habits
        ]
        return sum(
            XP_COMPLETION + min(streak, XP_STREAK_MOST)
            for record, imported in brought
            if imported
            for day, streak in record.running_streaks.items()
            if day in imported
        )

    @property
    def level(self) -> Level:
        """The level that `xp` has reached."""
        return level_of(self.xp)

    def rate(self, first: date, last: date) -> tuple[int, int]:
        """(done, of) over every habit between two days."""
        rates = [record.rate(first, last) for record in self.habits]
        return sum(done for done, _ in rates), sum(of for _, of in rates)

    def done_on(self, day: date) -> list[HabitRecord]:
        """The habits done on a day."""
        return [record for record in self.habits if record.was_done(day)]

    def due_on(self, day: date) -> list[HabitRecord]:
        """The habits due on a day, skipped ones left out."""
        return [record for record in self.habits if record.is_due(day) and not record.was_skipped(day)]

    def had_sign_of_life(self, day: date) -> bool:
        """Whether anything was ticked or skipped on a day."""
        return any(day in record.entries for record in self.habits)


@dataclass(frozen=True)
class Level:
    """Level `number`, `into` XP of the `needed` to the next."""

    number: int
    into: int
    needed: int


def level_of(xp: int) -> Level:
    """Level n begins at 50·n·(n−1) XP."""
    number = (1 + math.isqrt(1 + 4 * xp // 50)) // 2
    while 50 * number * (number - 1) > xp:
        number -= 1
    while 50 * (number + 1) * number <= xp:
        number += 1
    start = 50 * number * (number - 1)
    return Level(number, xp - start, 100 * number)


def streak_mark(length: int) -> str:
    """🔥 from 7, ⚡ from 3, nothing below."""
    return next((mark for least, mark in STREAK_MARKS if length >= least), "")


def today_of(user: User, now: datetime) -> date:
    """The person's day at an instant."""
    profile = user.coaching_profile
    return local_day(now, zone(profile.timezone), profile.day_ends_at)


def record_of(user: User, now: datetime) -> Record:
    """The person's record as it stands at an instant."""
    return Record(user, today_of(user, now))
