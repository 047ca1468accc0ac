"""Progress, derived from the record and never stored: days due and done, streaks, strength, rates, XP, levels."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import takewhile
from operator import itemgetter
from typing import Literal, NamedTuple

from core.localtime import ONE_DAY, days_between, local_day, month_start, week_start, zone
from core.models import Completion, Habit, Plan, User
from core.schedule import (
    frequency,
    is_done,
    is_planned,
    paused_days,
    period_days,
    plan_on,
    planned_days,
    stretches,
)

XP_COMPLETION = 10
XP_STREAK_MOST = 10
XP_PERFECT_DAY = 20
HALF_LIFE_DAYS = 13  # of the strength of a daily habit: Loop Habit Tracker's score
LOOK_AHEAD = timedelta(days=31)  # how far ahead a pause is known: "tomorrow holds" must not name what is paused
STREAK_MARKS = ((7, "🔥"), (3, "⚡"))

Unit = Literal["day", "week", "month"]


class Run(NamedTuple):
    """A streak: `length` days, weeks or months done in a row, with its first and last day."""

    first: date
    last: date
    length: int
    unit: Unit


# What a streak takes as one, a day that was due or a week or month under an n-times plan:
# (first day, last day, unit, days needed, days done, whether it was missed).
Asked = tuple[date, date, Unit, int, tuple[date, ...], bool]


@dataclass(frozen=True, eq=False)
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
        return frozenset(planned_days(self.habit, self.today)) - self.paused

    @cached_property
    def due_unskipped(self) -> list[date]:
        """The days due that were not skipped, oldest first."""
        off = self.paused | self.skipped
        return [day for day in planned_days(self.habit, self.today) if day not in off]

    @property
    def unit(self) -> Unit:
        """What the streak counts under the plan of today."""
        plan = plan_on(self.habit, self.today) or self.habit.schedule[-1]
        return plan.per or "day"

    def is_due(self, day: date) -> bool:
        """Whether the habit is due on any day, the future included."""
        return day not in self.paused and is_planned(self.habit, day)

    @cached_property
    def asked(self) -> list[Asked]:
        """Every day, week and month that the streak counts, by last day; of those that share one, the day first."""
        done, today = self.done, self.today
        days: list[Asked] = [
            (day, day, "day", 1, (day,), False) if day in done else (day, day, "day", 1, (), day < today)
            for day in self.due_unskipped
        ]
        return sorted([*days, *_asked_periods(self)], key=itemgetter(1))

    @cached_property
    def _walk(self) -> tuple[list[Run], dict[date, int]]:
        return _walk(self)

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
        later = takewhile(lambda asked: asked[1] > run.last, reversed(self.asked))
        return run.unit == self.unit and not any(missed and unit == run.unit for _, _, unit, _, _, missed in later)

    def counted(self, first: date, last: date) -> list[tuple[date, bool]]:
        """(day, done) for each due day that counts: not skipped, not paused, today only once it is done."""
        days, done = _between(self.due_unskipped, first, last), self.done
        return [(day, day in done) for day in days if day < self.today or day in done]

    def rate(self, first: date, last: date) -> tuple[int, int]:
        """(done, of) between two days; n times a week counts against its plan by week, at most n."""
        done = of = 0
        for start, end, plan in self._periods:
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

    @cached_property
    def _periods(self) -> list[tuple[date, date, Plan]]:
        return list(_periods(self))

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
        scores = dict(_scores(self))
        score, out = 0.0, []
        for day in self.days:
            score = scores.get(day, score)
            out.append((day, score))
        return out

    @cached_property
    def strength(self) -> float:
        """Strength today, 0 to 1."""
        last = deque(_scores(self), maxlen=1)
        return last[0][1] if last else 0.0

    @cached_property
    def notes(self) -> str:
        """All notes of the habit, in one text."""
        return " ".join(entry.note for entry in self.entries.values() if entry.note)

    def credit(self, day: date) -> float:
        """What a day brings to the strength, 0 to 1: a part of a number to reach is a part of the day."""
        entry, target = self.entries.get(day), self.habit.target
        if entry is None or entry.skip or day > self.today:
            return 0.0
        if target is not None and target.at_least and entry.value is not None:
            return min(1.0, max(0.0, entry.value / target.at_least))
        return float(is_done(self.habit, entry))


def _between(days: list[date], first: date, last: date) -> list[date]:
    return days[bisect_left(days, first) : bisect_right(days, last)]


def _scores(record: HabitRecord) -> Iterator[tuple[date, float]]:
    """(day, strength after it) for each day under a plan on which it moved, oldest first."""
    score = 0.0
    for first, last, plan in stretches(record.habit, record.today):
        factor = 0.5 ** (math.sqrt(frequency(plan)) / HALF_LIFE_DAYS)
        for day, share in _shares_of_plan(record, plan, first, last):
            is_open = day == record.today and day not in record.done
            if not (day in record.skipped or day in record.paused or is_open):
                score = score * factor + share * (1 - factor)
                yield day, score


def _shares_of_plan(record: HabitRecord, plan: Plan, first: date, last: date) -> Iterator[tuple[date, float]]:
    """Loop's c for each day: the share of what the (doubled) window up to it asks for that was done, 0 to 1."""
    share = frequency(plan)
    if share == 1.0:
        window = 1
    elif plan.times is not None:
        window = 2 * period_days(plan)
    else:
        window = 14 if share * 14 == round(share * 14) else 2 * round(1 / share)
    days = days_between(first - timedelta(days=window - 1), last)
    credits, asked = [record.credit(day) for day in days], round(share * window)
    for n in range(len(days) - window + 1):
        yield days[n + window - 1], min(1.0, sum(credits[n : n + window]) / asked)


def _quota(plan: Plan, days: int, *, whole: bool) -> int:
    """How many of `days` days of a week or month the plan asks for; all of it when the period is whole."""
    assert plan.times is not None
    return min(days, plan.times if whole else round(plan.times * days / period_days(plan)))


def _periods(record: HabitRecord) -> Iterator[tuple[date, date, Plan]]:
    """(first, last, plan) of each calendar week or month under an n-times plan; a shared one is the earlier plan's."""
    covered = date.min
    for first, last, plan in stretches(record.habit, record.today):
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


def _asked_periods(record: HabitRecord) -> Iterator[Asked]:
    """Each week or month under an n-times plan; missed if it is over, was begun whole, left room and fell short."""
    done, away = sorted(record.done), sorted(record.paused | record.skipped)
    for start, end, plan in record._periods:
        assert plan.per is not None
        assert plan.times is not None
        days = (end - start).days + 1
        is_whole = days >= (7 if plan.per == "week" else 28)
        hits, room = _between(done, start, end), days - len(_between(away, start, end))
        is_missed = is_whole and end < record.today and len(hits) < plan.times <= room
        done_unpaused = tuple(day for day in hits if day not in record.paused)
        yield start, end, plan.per, plan.times, done_unpaused, is_missed


def _walk(record: HabitRecord) -> tuple[list[Run], dict[date, int]]:
    """Every streak, and the length of the streak at each day done.

    A day done that no plan asked for (not due, or paused) leaves the streak as it stands.
    """
    runs: list[tuple[date, date, int, Unit]] = []
    running: dict[date, int] = {}
    unasked = sorted(record.done.difference(*(done for _, _, _, _, done, _ in record.asked)), reverse=True)
    length, begun = 0, record.first
    for first, last, unit, needed, done, is_missed in record.asked:
        while unasked and unasked[-1] < first:
            running[unasked.pop()] = length
        if runs and runs[-1][3] != unit:
            length = 0
        for count, day in enumerate(done, start=1):
            running[day] = length + (count >= needed)
        if len(done) >= needed:
            begun = begun if length else first
            length += 1
            runs[len(runs) - (length > 1) :] = [(begun, last, length, unit)]
        elif is_missed:
            length = 0
    running.update(dict.fromkeys(unasked, length))
    return [Run(*run) for run in runs], running


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
            asked.update(record.due_unskipped)
            got.update(record.due & record.done)
        return frozenset(day for day, n in got.items() if n == asked[day])

    def is_perfect(self, day: date) -> bool:
        """Whether a day up to today is one of the `perfect_days`."""
        due = self.due_on(day)
        return bool(due) and all(day in record.done for record in due)

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
