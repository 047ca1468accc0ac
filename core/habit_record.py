"""One habit's record, derived and never stored: days due and done, streaks, rates, strength, XP."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter

import numpy as np

from core.localtime import days_between, month_start, week_start
from core.models import Completion, Habit, Plan
from core.schedule import is_planned, period_days, plan_on
from core.streaks import Counted, Period, Run, Streaks, Unit, periods_of
from core.strength import strength_after, strength_by_day
from core.timeline import Timeline, timeline_of

XP_COMPLETION = 10
XP_STREAK_MOST = 10


@dataclass(frozen=True, eq=False)
class HabitRecord:
    """One habit's record up to and including `today`, the person's day."""

    habit: Habit
    entries: dict[date, Completion]
    paused: frozenset[date]
    today: date

    @cached_property
    def timeline(self) -> Timeline:
        """The days as arrays, for whoever counts over many of them."""
        return timeline_of(self.habit, self.entries, self.paused, self.today)

    @cached_property
    def done(self) -> frozenset[date]:
        """The days on which it was done."""
        return frozenset(self.timeline.days(self.timeline.done))

    @cached_property
    def skipped(self) -> frozenset[date]:
        """The days that were skipped."""
        return frozenset(d for d, entry in self.entries.items() if entry.skip)

    @property
    def first(self) -> date:
        """The first day there is anything to say about."""
        return date.fromordinal(self.timeline.first)

    @property
    def began(self) -> date:
        """The day on which the habit began or, if that is earlier, the first with an entry of any sort."""
        created, entered = self.habit.created_on, self.timeline.entered
        return min(created, date.fromordinal(int(entered.min()))) if len(entered) else created

    @property
    def last_done(self) -> date | None:
        """The last day on which it was done."""
        at = np.flatnonzero(self.timeline.done)[-1:]
        return date.fromordinal(self.timeline.first + int(at[0])) if len(at) else None

    @cached_property
    def days(self) -> list[date]:
        """Every day from the first to today, oldest first."""
        return days_between(self.first, self.today)

    @cached_property
    def due(self) -> frozenset[date]:
        """The days named by the plan that were not paused; skipped ones included."""
        return frozenset(self.timeline.days(self.timeline.due))

    @cached_property
    def due_unskipped(self) -> list[date]:
        """The days due that were not skipped, oldest first."""
        return self.timeline.days(self.timeline.asked)

    @property
    def unit(self) -> Unit:
        """What the streak counts under the plan of today."""
        plan = plan_on(self.habit, self.today) or self.habit.schedule[-1]
        return plan.per or "day"

    def was_done(self, day: date) -> bool:
        """Whether it was done on a day (`done` for one day)."""
        return self.timeline.holds(self.timeline.done, day)

    def was_asked(self, day: date) -> bool:
        """Whether it was due on a day up to today and not skipped (`due_unskipped` for one day)."""
        return self.timeline.holds(self.timeline.asked, day)

    def was_due(self, day: date) -> bool:
        """Whether it was due on a day up to today, skipped or not (`due` for one day)."""
        return self.timeline.holds(self.timeline.due, day)

    def was_skipped(self, day: date) -> bool:
        """Whether a day was skipped (`skipped` for one day)."""
        entry = self.entries.get(day)
        return entry is not None and entry.skip

    def is_due(self, day: date) -> bool:
        """Whether the habit is due on any day, the future included."""
        return day not in self.paused and is_planned(self.habit, day)

    @cached_property
    def streaks(self) -> Streaks:
        """Everything that streaks are counted from."""
        return Streaks(self.timeline, self._periods)

    @property
    def runs(self) -> list[Run]:
        """Every streak there has been, oldest first; the last one may be running still."""
        return self.streaks.runs

    @property
    def running_streaks(self) -> dict[date, int]:
        """For each day done, the length of the streak as it stood with that completion."""
        return self.streaks.by_day

    @cached_property
    def xp(self) -> int:
        """XP of its completions and their running streaks."""
        stood = self.streaks.stood[self.timeline.done]
        return XP_COMPLETION * len(stood) + int(np.minimum(stood, XP_STREAK_MOST).sum())

    @cached_property
    def streak(self) -> int:
        """The running streak in `unit`s; today, still open, does not break it."""
        return self.streaks.running(self.unit)

    @property
    def streak_told_in(self) -> Counted:
        """What the running streak is told in: its unit, or times where its days do not lie side by side."""
        return self.streaks.told_in(self.unit, self.streak, self.today)

    @cached_property
    def best_streak(self) -> int:
        """The longest streak in the unit of today's plan."""
        return self.streaks.longest(self.unit)

    @property
    def best_run(self) -> Run | None:
        """The longest streak in the unit of today's plan, the latest of equals."""
        own = (run for run in reversed(self.runs) if run.unit == self.unit)
        return max(own, key=lambda run: run.length, default=None)

    @property
    def best_told_in(self) -> Counted:
        """What the longest streak is told in, as `streak_told_in`."""
        best = self.best_run
        return self.unit if best is None else self.streaks.told_in(best.unit, best.length, best.last)

    def counted(self, first: date, last: date) -> list[tuple[date, bool]]:
        """(day, done) for each due day that counts: not skipped, not paused, today only once it is done."""
        at = self.timeline.within(first, last)
        places = np.flatnonzero(self.timeline.counts[at]) + at.start
        days = [date.fromordinal(n) for n in (places + self.timeline.first).tolist()]
        return list(zip(days, self.timeline.done[places].tolist(), strict=True))

    def rate(self, first: date, last: date) -> tuple[int, int]:
        """(done, of) between two days; n times a week counts against its plan by week, at most n."""
        timeline = self.timeline
        at = timeline.within(first, last)
        done = timeline.met.count(1, at.start, at.stop)
        of = done + timeline.missed.count(1, at.start, at.stop)
        for period in self._periods[bisect_left(self._periods, first, key=attrgetter("last")) :]:
            if period.first > last:
                break
            hits, quota = self._rate_of(period, first, last)
            done, of = done + hits, of + quota
        return done, of

    def _rate_of(self, period: Period, first: date, last: date) -> tuple[int, int]:
        hi = min(period.until, last, self.today)  # the days after it are the later plan's
        timeline = self.timeline
        at = timeline.within(max(period.first, first), hi)
        days = max(at.stop - at.start, 0) - timeline.octets_off.count(1, at.start, at.stop)
        if not days:
            return 0, 0
        count = timeline.octets_done_free.count(1, at.start, at.stop)
        quota = _quota(period.plan, days, whole=days == (period.last - period.first).days + 1)
        if hi == self.today and hi < period.last:  # still open: what is not yet done is not missed
            quota = max(min(quota, count), _quota(period.plan, days - 1, whole=False))
        return min(count, quota), quota

    @cached_property
    def _periods(self) -> list[Period]:
        return list(periods_of(self.habit, self.today))

    def period_count(self, day: date) -> tuple[int, int, Unit] | None:
        """(done so far, planned, unit) of the week or month of `day` under an n-times plan, None under any other."""
        plan = plan_on(self.habit, day)
        if plan is None or plan.times is None or plan.per is None:
            return None
        start = week_start(day) if plan.per == "week" else month_start(day)
        return int(self.timeline.done[self.timeline.within(start, day)].sum()), plan.times, plan.per

    def strengths(self, since: date | None = None) -> list[tuple[date, float]]:
        """Strength after each day from `since` (None: the first) on, 0 to 1 (core.strength)."""
        begin = self.first if since is None else max(since, self.first)
        scores = self._strengths[(begin - self.first).days :]
        return list(zip(days_between(begin, self.today), scores, strict=True))

    def strength_on(self, day: date) -> float | None:
        """Strength after a day up to today, None before the first."""
        place = day.toordinal() - self.timeline.first
        return self._strengths[place] if 0 <= place < len(self._strengths) else None

    @cached_property
    def strength(self) -> float:
        """Strength today, 0 to 1."""
        return strength_after(self.habit, self.entries, self.timeline)

    @cached_property
    def _strengths(self) -> list[float]:
        return strength_by_day(self.habit, self.entries, self.timeline)

    @cached_property
    def noted(self) -> list[str]:
        """All notes of the habit."""
        return notes_of(self.entries)

    @cached_property
    def notes(self) -> str:
        """All notes of the habit, in one text."""
        return " ".join(self.noted)


def notes_of(entries: Mapping[date, Completion]) -> list[str]:
    """What was written beside the days."""
    return [entry.note for entry in entries.values() if entry.note]


def _quota(plan: Plan, days: int, *, whole: bool) -> int:
    """How many of `days` days of a week or month the plan asks for; all of it when the period is whole."""
    assert plan.times is not None
    return min(days, plan.times if whole else round(plan.times * days / period_days(plan)))
