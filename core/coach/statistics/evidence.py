"""What the statistics may look at: of each habit the days that count and the times that can be trusted."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from operator import itemgetter

import numpy as np

from core.coach.safety import tier_of_habit
from core.coach.statistics.silences import days_of_life, last_day_of_life, silences_of
from core.coach.statistics.trusted_times import trusted_times
from core.localtime import ONE_DAY, WEEKEND, day_number, week_start
from core.models import Habit, Plan, User
from core.progress import HabitRecord, Record
from core.schedule import is_done, plan_on
from core.timeline import Bools, Ints

FIRST_DAY = 14  # no finding of any sort before
DAYS_LOOKED_AT = 120  # scheduled days of a habit; what lies further back says little about now
WEEKS_LOOKED_AT = 52  # of a habit that is planned n times a week
TIMES_LOOKED_AT = 28  # trustworthy times for centre and spread; a move of the hour needs the whole of DAYS_LOOKED_AT
WEEK = timedelta(days=7)

Counted = tuple[date, bool]
Timed = tuple[date, int]


@dataclass(frozen=True, eq=False)
class HabitEvidence:
    """One active habit: counted days (day, done) and trustworthy times (day, minute 0 to 1439), oldest first.

    All of them lie before the day `today`. Under a plan of n times a week there are `weeks` (Monday, whether the plan
    was met) instead of days.
    """

    habit: Habit
    days: tuple[Counted, ...]
    all_times: tuple[Timed, ...]
    plan: Plan
    today: date
    weeks: tuple[Counted, ...] = ()

    @property
    def about(self) -> str:
        """What a claim about this habit is kept under."""
        return self.habit.id

    @property
    def has_due_days(self) -> bool:
        """Whether the plan in force names days; n times a week names none, so there is no day it was missed on."""
        return self.plan.rrule is not None

    @cached_property
    def times(self) -> tuple[Timed, ...]:
        """The last of the trustworthy times: centre and spread are those of the last four weeks."""
        return self.all_times[-TIMES_LOOKED_AT:]

    @cached_property
    def minutes(self) -> tuple[int, ...]:
        """The times without their days."""
        return tuple([minute for _, minute in self.times])

    @cached_property
    def is_delicate(self) -> bool:
        """Whether its words make it a habit of which no success or failure is spoken, such as a medicine."""
        return tier_of_habit(self.habit) is not None

    @cached_property
    def on_weekends(self) -> tuple[int, int]:
        """(done, of) over the counted days that are on weekends."""
        hits = [done for day, done in self.days if day.weekday() in WEEKEND]
        return sum(hits), len(hits)

    @property
    def weekend_days(self) -> int:
        """How many of the counted days are on weekends."""
        return self.on_weekends[1]

    @cached_property
    def weekend_times(self) -> int:
        """How many of the trustworthy times are."""
        return sum([day.weekday() in WEEKEND for day, _ in self.all_times])

    @cached_property
    def days_of_plan(self) -> tuple[Counted, ...]:
        """The counted days under the plan in force: a claim about the plan never reaches across a change of it."""
        start = self.plan.start
        if not self.days or self.days[0][0] >= start:
            return self.days
        return tuple([pair for pair in self.days if pair[0] >= start])


@dataclass(frozen=True, eq=False)
class Evidence:
    """What may be looked at on the day `today`: complete days before it only."""

    today: date
    habits: tuple[HabitEvidence, ...]
    away: frozenset[date]
    is_away: bool


def is_ready(user: User, today: date) -> bool:
    """Whether the coach may speak: from Day 14, or with 14 days from first to last entry of an imported history."""
    if day_number(user.created_at, today) >= FIRST_DAY:
        return True
    imported = [
        day
        for entries in user.completions.values()
        for day, entry in entries.items()
        if entry.source == "import" and day <= today
    ]
    return bool(imported) and max(imported) - min(imported) >= timedelta(days=FIRST_DAY)


def gather(user: User, today: date) -> Evidence:
    """The evidence as of `today` from a document that knows nothing later (core.history.as_of)."""
    return evidence_of(Record(user, today))


def evidence_of(record: Record) -> Evidence:
    """The evidence in a record."""
    yesterday = record.today - ONE_DAY
    last_life = last_day_of_life(record)
    due = {habit.habit.id: _recent_days(habit, last_life) for habit in record.habits}
    silences = silences_of(record, due)
    away = frozenset(day for silence in silences for day in silence.days if silence.is_absence)
    first_days = {
        habit_id: date.fromordinal(int(days[0])) for habit_id, (days, _) in due.items() if len(days) >= DAYS_LOOKED_AT
    }
    times = trusted_times(record.user, first_days, yesterday)
    alive = _weeks_alive(record)
    habits = [
        _habit_evidence(habit, due[habit.habit.id], away, times[habit.habit.id], alive) for habit in record.active
    ]
    is_away = bool(silences) and silences[-1].lasts and silences[-1].is_absence
    return Evidence(record.today, tuple(habits), away, is_away)


def _recent_days(record: HabitRecord, last_life: int) -> tuple[Ints, Bools]:
    """The last due days up to the last sign of life, and all in the silence since; and whether it was done.

    Neither skipped nor paused, and before today: an absence does not outlast the record.
    """
    timeline = record.timeline
    asked = np.flatnonzero(timeline.asked[:-1])
    before = int(asked.searchsorted(last_life - timeline.first, side="right"))
    recent = asked[max(before - DAYS_LOOKED_AT, 0) :]
    return recent + timeline.first, timeline.done[recent]


def _habit_evidence(
    record: HabitRecord,
    due: tuple[Ints, Bools],
    away: frozenset[date],
    times: Mapping[date, int],
    alive: Container[date],
) -> HabitEvidence:
    plan = plan_on(record.habit, record.today)
    assert plan is not None  # it is active
    counted = () if plan.rrule is None else _counted_days(*due, away)
    recent = sorted(times.items(), key=itemgetter(0))[-DAYS_LOOKED_AT:]
    weeks = _counted_weeks(record, plan, alive) if plan.per == "week" else ()
    return HabitEvidence(record.habit, counted, tuple(recent), plan, record.today, weeks)


def _counted_days(due: Ints, done: Bools, away: frozenset[date]) -> tuple[Counted, ...]:
    """The last days looked at on which the person was there."""
    if away:
        gone = {day.toordinal() for day in away}
        there = [day not in gone for day in due.tolist()]
        due, done = due[there], done[there]
    days = map(date.fromordinal, due[-DAYS_LOOKED_AT:].tolist())
    return tuple(zip(days, done[-DAYS_LOOKED_AT:].tolist(), strict=True))


def _weeks_alive(record: Record) -> frozenset[date]:
    """The Mondays of the weeks looked at with a sign of life; empty when no plan is one of n times a week."""
    first = week_start(record.today) - WEEKS_LOOKED_AT * WEEK
    plans = (plan_on(habit.habit, record.today) for habit in record.active)
    if not any(plan is not None and plan.per == "week" for plan in plans):
        return frozenset()
    return frozenset(week_start(day) for day in days_of_life(record, first, date.max))


def _counted_weeks(record: HabitRecord, plan: Plan, alive: Container[date]) -> tuple[Counted, ...]:
    """Whole weeks under the plan in force that are over, without a pause or skip, and on which the person was there.

    A week without any sign of life may be an absence; it is no miss.
    """
    assert plan.times is not None
    begun = max(plan.start, record.habit.created_on)
    first = max(week_start(begun + WEEK - ONE_DAY), week_start(record.today) - WEEKS_LOOKED_AT * WEEK)
    out = []
    for n in range((record.today - first).days // 7):
        monday = first + n * WEEK
        days = [monday + k * ONE_DAY for k in range(7)]
        entries = {day: entry for day in days if (entry := record.entries.get(day)) is not None}
        is_free = record.paused.isdisjoint(days) and not any(entry.skip for entry in entries.values())
        if is_free and monday in alive:
            out.append((monday, sum(is_done(record.habit, entry, day) for day, entry in entries.items()) >= plan.times))
    return tuple(out)
