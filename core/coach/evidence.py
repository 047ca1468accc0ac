"""What the statistics may look at: the days that count, the clock times that can be trusted, and absences."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from core.coach.hours import distance
from core.coach.safety import tier_of_habit
from core.localtime import ONE_DAY, day_number, days_between, week_start
from core.models import Completion, Habit, Plan, User
from core.progress import HabitRecord, Record
from core.schedule import is_done, plan_on

FIRST_DAY = 14  # no finding of any sort before
DAYS_LOOKED_AT = 120  # scheduled days of a habit; what lies further back says little about now
WEEKS_LOOKED_AT = 52  # of a habit that is planned n times a week
TIMES_LOOKED_AT = 28  # trustworthy times for centre and spread; a move of the hour needs the whole of DAYS_LOOKED_AT
AWAY_CHANCE = 1e-3  # a silence less likely than this at the person's own rates is an absence
DAY_REACHES_TO = 4  # hour of the next morning until which a tick still tells when a thing was done
WEEK = timedelta(days=7)
BUNCH_MINUTES = 2  # two habits ticked this close together may have been made up
A_DAY_APART = 3 * 1440  # minutes between two days in which no time of one comes near those of another
BUNCH_FAR_MINUTES = 90  # from the usual time: then they were
USUAL_KNOWN_FROM = 5  # earlier times
SATURDAY = 5

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
        hits = [done for day, done in self.days if day.weekday() >= SATURDAY]
        return sum(hits), len(hits)

    @property
    def weekend_days(self) -> int:
        """How many of the counted days are on weekends."""
        return self.on_weekends[1]

    @cached_property
    def weekend_times(self) -> int:
        """How many of the trustworthy times are."""
        return sum([day.weekday() >= SATURDAY for day, _ in self.all_times])

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
    last_life = _last_life(record)
    due = {habit.habit.id: _recent_days(habit, last_life) for habit in record.habits}
    silences = _silences(record, due)
    away = frozenset(day for silence in silences for day in silence.days if silence.is_absence)
    first_days = {habit_id: days[0][0] for habit_id, days in due.items() if len(days) >= DAYS_LOOKED_AT}
    times = _trustworthy_times(record.user, first_days, yesterday)
    alive = _weeks_alive(record)
    habits = [
        _habit_evidence(habit, due[habit.habit.id], away, times[habit.habit.id], alive) for habit in record.active
    ]
    is_away = bool(silences) and silences[-1].lasts and silences[-1].is_absence
    return Evidence(record.today, tuple(habits), away, is_away)


def _last_life(record: Record) -> int:
    """The last day before today with an entry, as an ordinal; yesterday without any."""
    today = record.today.toordinal()
    lasts = [int(entered[entered < today].max(initial=0)) for entered in _entered(record)]
    return max(lasts, default=0) or today - 1


def _entered(record: Record) -> list[NDArray[np.int64]]:
    return [habit.timeline.entered for habit in record.habits]


def _recent_days(record: HabitRecord, last_life: int) -> list[Counted]:
    """(day, done) for the last due days up to the last sign of life, and for all in the silence since.

    Neither skipped nor paused, and before today: an absence does not outlast the record.
    """
    timeline = record.timeline
    asked = np.flatnonzero(timeline.asked[:-1])
    before = int((asked + timeline.first <= last_life).sum())
    recent = asked[max(before - DAYS_LOOKED_AT, 0) :]
    days = map(date.fromordinal, (recent + timeline.first).tolist())
    return list(zip(days, timeline.done[recent].tolist(), strict=True))


def _habit_evidence(
    record: HabitRecord, due: list[Counted], away: frozenset[date], times: Mapping[date, int], alive: Container[date]
) -> HabitEvidence:
    plan = plan_on(record.habit, record.today)
    assert plan is not None  # it is active
    counted = [] if plan.rrule is None else [pair for pair in due if pair[0] not in away] if away else due
    recent = sorted(times.items(), key=itemgetter(0))[-DAYS_LOOKED_AT:]
    weeks = _counted_weeks(record, plan, alive) if plan.per == "week" else ()
    return HabitEvidence(record.habit, tuple(counted[-DAYS_LOOKED_AT:]), tuple(recent), plan, record.today, weeks)


def _weeks_alive(record: Record) -> frozenset[date]:
    """The Mondays of the weeks looked at with a sign of life; empty when no plan is one of n times a week."""
    first = week_start(record.today) - WEEKS_LOOKED_AT * WEEK
    plans = (plan_on(habit.habit, record.today) for habit in record.active)
    if not any(plan is not None and plan.per == "week" for plan in plans):
        return frozenset()
    return frozenset(week_start(day) for day in _days_of_life(record, first, date.max))


def _days_of_life(record: Record, first: date, before: date) -> set[date]:
    """The days with an entry of any sort, from one day to before another."""
    begin, end = first.toordinal(), before.toordinal()
    days = {n for entered in _entered(record) for n in entered[(entered >= begin) & (entered < end)].tolist()}
    return {date.fromordinal(n) for n in days}


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


@dataclass(frozen=True)
class _Silence:
    """Days in a row on which something was due and nothing was ticked; `chance` is its probability."""

    days: tuple[date, ...]
    chance: float
    lasts: bool
    is_usual_weekend: bool

    @property
    def is_absence(self) -> bool:
        return self.chance <= AWAY_CHANCE and not self.is_usual_weekend


def _silences(record: Record, due: Mapping[str, list[Counted]]) -> list[_Silence]:
    """Every silence, oldest first. Days with nothing due neither break nor lengthen one; a skip breaks it.

    Whoever is silent on most weekends is not away on them: that is what the weekend's own test is about.
    """
    first = min((days[0][0] for days in due.values() if days), default=record.today)
    life = _days_of_life(record, first, record.today)
    looked_at = {day for days in due.values() for day, _ in days}
    if looked_at <= life:
        return []
    chance_of_silence = _chances_of_silence(due)
    days = sorted(life | looked_at)
    weekend = [day for day in days if day.weekday() >= SATURDAY]
    weekends_off = 2 * len(life.intersection(weekend)) < len(weekend)
    out = []
    for alive, run in groupby(days, key=lambda day: day in life):
        if not alive:
            silent = tuple(run)
            chance = math.prod(chance_of_silence[day] for day in silent)
            usual = weekends_off and all(day.weekday() >= SATURDAY for day in silent)
            out.append(_Silence(silent, chance, silent[-1] == days[-1], usual))
    return out


def _chances_of_silence(due: Mapping[str, list[Counted]]) -> dict[date, float]:
    """For each day with something due: the probability of no tick, at each habit's own rate (s + 1) / (n + 2)."""
    out: dict[date, float] = {}
    for days in due.values():
        miss = 1 - (sum(done for _, done in days) + 1) / (len(days) + 2)
        for day, _ in days:
            out[day] = out.get(day, 1.0) * miss
    return out


def _trustworthy_times(user: User, first_days: Mapping[str, date], last: date) -> dict[str, dict[date, int]]:
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
    for habit_id, day in _made_up(told):
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


def _made_up(told: Mapping[str, dict[date, float]]) -> set[tuple[str, date]]:
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
