"""Progress, derived from the record and never stored: days due and done, streaks, strength, rates, XP, levels."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal

from core.localtime import ONE_DAY, days_between, local_day, month_start, week_start, zone
from core.models import Completion, Habit, Plan, User
from core.schedule import frequency, is_done, is_planned, paused_days, period_days, plan_on

XP_COMPLETION = 10
XP_STREAK_MOST = 10
XP_PERFECT_DAY = 20
HALF_LIFE_DAYS = 13  # of the strength of a daily habit: Loop Habit Tracker's score
LOOK_AHEAD = timedelta(days=31)  # how far ahead a pause is known: "tomorrow holds" must not name what is paused
STREAK_MARKS = ((7, "🔥"), (3, "⚡"))

Unit = Literal["day", "week", "month"]


@dataclass(frozen=True)
class Run:
    """A streak: `length` days, weeks or months done in a row, with its first and last day."""

    first: date
    last: date
    length: int
    unit: Unit


@dataclass(frozen=True)
class HabitRecord:
    """One habit's record up to and including `today`, the person's day."""

    habit: Habit
    entries: dict[date, Completion]
    paused: frozenset[date]
    today: date

    @cached_property
    def done(self) -> frozenset[date]:
        return frozenset(d for d, entry in self.entries.items() if d <= self.today and is_done(self.habit, entry))

    @cached_property
    def skipped(self) -> frozenset[date]:
        return frozenset(d for d, entry in self.entries.items() if entry.skip)

    @cached_property
    def first(self) -> date:
        """The first day there is anything to say about."""
        return min([self.habit.created_on, *self.done])

    @cached_property
    def days(self) -> list[date]:
        """Every day from the first to today, oldest first."""
        return days_between(self.first, self.today)

    @cached_property
    def due(self) -> frozenset[date]:
        """The days named by the plan that were not paused; skipped ones included."""
        return frozenset(d for d in self.days if d not in self.paused and is_planned(self.habit, d))

    @property
    def unit(self) -> Unit:
        """What the streak counts under the plan of today."""
        plan = plan_on(self.habit, self.today) or self.habit.schedule[-1]
        return plan.per or "day"

    def is_due(self, day: date) -> bool:
        """Whether the habit is due on any day, the future included."""
        return day not in self.paused and is_planned(self.habit, day)

    @cached_property
    def _walk(self) -> tuple[list[Run], dict[date, int]]:
        return _walk_units(self)

    @property
    def runs(self) -> list[Run]:
        """Every streak there has been, oldest first; the last one may be running still."""
        return self._walk[0]

    @property
    def running_streaks(self) -> dict[date, int]:
        """For each day done, the length of the streak as it stood with that completion."""
        return self._walk[1]

    @cached_property
    def streak(self) -> int:
        """The running streak in `unit`s; today, still open, does not break it."""
        return next((run.length for run in self.runs[-1:] if self._is_alive(run)), 0)

    @property
    def best_streak(self) -> int:
        """The longest streak in the unit of today's plan."""
        return max((run.length for run in self.runs if run.unit == self.unit), default=0)

    def _is_alive(self, run: Run) -> bool:
        return run.unit == self.unit and not any(
            missed and self.unit == unit for _, last, unit, missed in _units_with_misses(self) if last > run.last
        )

    def counted(self, first: date, last: date) -> list[tuple[date, bool]]:
        """(day, done) for each due day that counts: not skipped, not paused, today only once it is done."""
        return [
            (day, day in self.done)
            for day in self.days
            if first <= day <= last
            and day in self.due
            and day not in self.skipped
            and (day < self.today or day in self.done)
        ]

    def rate(self, first: date, last: date) -> tuple[int, int]:
        """(done, of) between two days; n times a week counts against its plan by week, at most n."""
        done = of = 0
        for start, end, plan in _periods(self):
            lo, hi = max(start, first), min(end, last, self.today)
            free = [d for d in days_between(lo, hi) if d not in self.paused and d not in self.skipped]
            if free:
                count = sum(d in self.done for d in free)
                quota = _quota(plan, len(free), whole=len(free) == (end - start).days + 1)
                if hi == self.today and hi < end:  # still open: what is not yet done is not missed
                    quota = max(min(quota, count), _quota(plan, len(free) - 1, whole=False))
                done, of = done + min(count, quota), of + quota
        named = self.counted(first, last)
        return done + sum(hit for _, hit in named), of + len(named)

    def period_count(self, day: date) -> tuple[int, int, Unit] | None:
        """(done so far, planned, unit) of the week or month of `day` under an n-times plan, None under any other."""
        plan = plan_on(self.habit, day)
        if plan is None or plan.times is None or plan.per is None:
            return None
        start = week_start(day) if plan.per == "week" else month_start(day)
        return sum(start <= d <= day for d in self.done), plan.times, plan.per

    @cached_property
    def strengths(self) -> list[tuple[date, float]]:
        """Strength after each day, 0 to 1: Loop's score, m = 0.5^(√f/13), s ← s·m + c·(1−m).

        Skips and pauses freeze it; today counts only once it is done. At a change of plan the score carries over.
        """
        score, out = 0.0, []
        for day in self.days:
            plan = plan_on(self.habit, day)
            open_today = day == self.today and day not in self.done
            if plan is not None and not (day in self.skipped or day in self.paused or open_today):
                factor = 0.5 ** (math.sqrt(frequency(plan)) / HALF_LIFE_DAYS)
                score = score * factor + self._share_of_plan(plan, day) * (1 - factor)
            out.append((day, score))
        return out

    @property
    def strength(self) -> float:
        """Strength today, 0 to 1."""
        return self.strengths[-1][1] if self.strengths else 0.0

    def _share_of_plan(self, plan: Plan, day: date) -> float:
        """Loop's c: the share of what the (doubled) window up to `day` asks for that was done, 0 to 1."""
        share = frequency(plan)
        if share == 1.0:
            return self._credit(day)
        if plan.times is not None:
            window = 2 * period_days(plan)
        else:
            window = 14 if share * 14 == round(share * 14) else 2 * round(1 / share)
        got = sum(self._credit(day - timedelta(days=n)) for n in range(window))
        return min(1.0, got / round(share * window))

    def _credit(self, day: date) -> float:
        entry, target = self.entries.get(day), self.habit.target
        if entry is None or entry.skip or day > self.today:
            return 0.0
        if target is not None and target.at_least and entry.value is not None:
            return min(1.0, max(0.0, entry.value / target.at_least))
        return float(is_done(self.habit, entry))


def _quota(plan: Plan, days: int, *, whole: bool) -> int:
    """How many of `days` days of a week or month the plan asks for; all of it when the period is whole."""
    assert plan.times is not None
    return min(days, plan.times if whole else round(plan.times * days / period_days(plan)))


def _segments(record: HabitRecord) -> Iterator[tuple[date, date, Plan]]:
    """(first, last, plan) of each stretch of days under one plan, oldest first."""
    habit, today = record.habit, record.today
    end = today if habit.archived_on is None else min(today, habit.archived_on - ONE_DAY)
    plans = habit.schedule
    for i, plan in enumerate(plans):
        first = max(plan.start, habit.created_on) if i else habit.created_on
        last = min(end, plans[i + 1].start - ONE_DAY) if i + 1 < len(plans) else end
        if first <= last:
            yield first, last, plan


def _periods(record: HabitRecord) -> Iterator[tuple[date, date, Plan]]:
    """(first, last, plan) of each calendar week or month under an n-times plan; a shared one is the earlier plan's."""
    covered = date.min
    for first, last, plan in _segments(record):
        if plan.times is None:
            continue
        start = max(first, covered + ONE_DAY) if covered > date.min else first
        while start <= last:
            if plan.per == "week":
                end = week_start(start) + timedelta(days=6)
            else:
                end = (month_start(start) + timedelta(days=32)).replace(day=1) - ONE_DAY
            yield start, end, plan
            covered, start = end, end + ONE_DAY


def _is_missed_period(record: HabitRecord, start: date, end: date, plan: Plan) -> bool:
    """Whether a week or month is over, was begun whole and left room enough, and still fell short of its plan."""
    assert plan.times is not None
    days = days_between(start, end)
    whole = len(days) >= (7 if plan.per == "week" else 28)
    room = sum(d not in record.paused and d not in record.skipped for d in days)
    count = sum(d in record.done for d in days)
    return whole and end < record.today and count < plan.times <= room


def _units_with_misses(record: HabitRecord) -> Iterator[tuple[date, date, Unit, bool]]:
    """(first, last, unit, missed) of every day due and every week or month planned, oldest first in each unit."""
    for day in sorted(record.due):
        plan = plan_on(record.habit, day)
        if plan is not None and plan.rrule is not None and day not in record.skipped:
            yield day, day, "day", day not in record.done and day < record.today
    for start, end, plan in _periods(record):
        assert plan.per is not None
        yield start, end, plan.per, _is_missed_period(record, start, end, plan)


def _walk_units(record: HabitRecord) -> tuple[list[Run], dict[date, int]]:
    """Every streak, and the length of the streak at each day done.

    A day done that no plan asked for (not due, or paused) leaves the streak as it stands.
    """
    runs: list[Run] = []
    running: dict[date, int] = {}
    units = sorted(_units_with_misses(record), key=lambda unit: unit[1])
    extra = sorted(record.done - {d for first, last, _, _ in units for d in _hits(record, first, last)}, reverse=True)
    length = 0
    for first, last, unit, missed in units:
        while extra and extra[-1] < first:
            running[extra.pop()] = length
        if runs and runs[-1].unit != unit:
            length = 0
        hits = _hits(record, first, last)
        plan = plan_on(record.habit, max(first, record.habit.created_on))
        needed = (plan.times if plan is not None else None) or 1
        for count, day in enumerate(hits, start=1):
            running[day] = length + (count >= needed)
        if len(hits) >= needed:
            begun = runs.pop().first if length else first
            length += 1
            runs.append(Run(begun, last, length, unit))
        elif missed:
            length = 0
    running.update(dict.fromkeys(extra, length))
    return runs, running


def _hits(record: HabitRecord, first: date, last: date) -> list[date]:
    return [day for day in days_between(first, last) if day in record.done and day not in record.paused]


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
        asked: Counter[date] = Counter()
        got: Counter[date] = Counter()
        for record in self.habits:
            asked.update(record.due - record.skipped)
            got.update(record.due & record.done)
        return frozenset(day for day, n in got.items() if n == asked[day])

    @cached_property
    def xp_by_day(self) -> dict[date, int]:
        """XP of each day: 10 a completion, 1 for each day of its running streak up to 10, 20 for a perfect day."""
        out: Counter[date] = Counter()
        for record in self.habits:
            for day, streak in record.running_streaks.items():
                out[day] += XP_COMPLETION + min(streak, XP_STREAK_MOST)
        for day in self.perfect_days:
            out[day] += XP_PERFECT_DAY
        return dict(out)

    @property
    def xp(self) -> int:
        """All XP up to today."""
        return sum(self.xp_by_day.values())

    @cached_property
    def imported_xp(self) -> int:
        """The part of `xp` that days with imported entries brought (10 a completion and its streak)."""
        return sum(
            XP_COMPLETION + min(streak, XP_STREAK_MOST)
            for record in self.habits
            for day, streak in record.running_streaks.items()
            if record.entries[day].source == "import"
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
        return [record for record in self.habits if day in record.done]

    def due_on(self, day: date) -> list[HabitRecord]:
        """The habits due on a day, skipped ones left out."""
        return [record for record in self.habits if record.is_due(day) and day not in record.skipped]

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
