"""The kinds of claim about the days on which a habit is done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any

from core.catalogue import N_, _
from core.coach.statistics.changes import log_odds_below_half
from core.coach.statistics.claims import Family, Kind, group, of_text, plain
from core.coach.statistics.evidence import Counted, HabitEvidence
from core.coach.statistics.hours import DAY
from core.coach.statistics.rates import count, log_odds_above
from core.coach.statistics.trusted_times import DAY_REACHES_TO
from core.coach.statistics.weekly import (
    FEWEST_OF_WEEKDAY,
    FEWEST_OTHERS,
    FEWEST_WEEKDAYS,
    FEWEST_WEEKEND_DAYS,
    WeeklyEvidence,
    shape_is_over,
    weekly_evidence,
)
from core.localtime import ONE_DAY, WEEKEND, WORKDAYS, is_weekend
from core.schedule import planned_weekdays
from core.wording import clock_text

HALF_DAYS = 10  # counted days for saying that a plan is met on fewer than half of them ...
HALF_RECENT = 14  # ... and the last ones, on which it must still hold
HALF_MONTH, HALF_MONTHLY_ODDS = timedelta(days=30), 22.0  # the odds that suffice whenever a month of the plan is over
LATE_MINUTE = 21 * 60  # what is open then ...
LATE_FROM = 17 * 60  # ... though it is usually done after this
DAY_BEGINS = 60 * DAY_REACHES_TO  # a time before belongs to the night of the day before
LATE_RATE, LATE_DAYS = 0.2, 6  # done later on at most such a share of the days on which it was open
LATE_TIMES, LATE_KNOWN = 5, 2 / 3  # clock times, and the share of days done that must have one
PLAN_AHEAD = 27 * ONE_DAY  # from today: how far a plan is read to know its weekdays
WEEKDAYS = (
    N_("Mondays"),
    N_("Tuesdays"),
    N_("Wednesdays"),
    N_("Thursdays"),
    N_("Fridays"),
    N_("Saturdays"),
    N_("Sundays"),
)
WEEKEND_FAMILY = Family(share=0.20, slack=1.0, early=15.0)
WEAK_DAY_FAMILY = Family(share=0.10, slack=0.35, early=25.0)


class TooAmbitious(Kind):
    """Done on fewer than half of its days under the plan in force, and so of late too.

    Never of a habit whose plan is not ours to question, such as a medicine, nor of a plan that nobody made, nor of a
    habit that has not begun: what nobody has tried yet asks for nothing.
    A plan is judged whenever a month of it is over; before, only what is beyond doubt is said. Every look is another
    chance to be wrong, so few looks bear a lower bar (Haybittle, Br. J. Radiol. 1971; Peto et al., Br. J. Cancer 1976).
    """

    odds = 120.0  # on any night: to be called over-ambitious hurts most when it is false
    needs: Mapping[str, int] = {"days": HALF_DAYS}

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        return habit.has_due_days and not habit.plan.assumed and not habit.is_delicate

    def support(self, habit: HabitEvidence) -> float:
        """The odds as they are; or those at the end of the last month, by their own bar, while today's agree."""
        days, start = habit.days_of_plan, habit.plan.start
        now = self._log_odds(days)
        if now < 0:
            return now
        month_end = start + (habit.today - start) // HALF_MONTH * HALF_MONTH
        return max(now, self._log_odds(_before(days, month_end)) + math.log(self.odds / HALF_MONTHLY_ODDS))

    def _log_odds(self, days: tuple[Counted, ...]) -> float:
        done, of = count(days)
        recent, of_recent = count(days[-HALF_RECENT:])
        if not done or of < HALF_DAYS or 2 * recent >= of_recent or 2 * done >= of:
            return -math.inf
        return log_odds_below_half(days)

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        return habit.plan.start >= told or self._log_odds(habit.days_of_plan) < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        return {"days": plain(habit.days_of_plan)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        done, of = count(evidence["days"])
        said = _("{name} was done on {done} of {of} days: the plan asks for more than fits right now.")
        return said.format(name=name, done=done, of=of)


class Weekend(Kind):
    """Weekends differ from weekdays by 15 points or more, to the `weak` or to the strong side."""

    family = WEEKEND_FAMILY
    needs: Mapping[str, int] = {"weekdays": FEWEST_WEEKDAYS, "weekend_days": FEWEST_WEEKEND_DAYS}

    def __init__(self, *, weak: bool) -> None:
        self.weak = weak

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        due = _weekdays_due(habit)
        return bool(due & WEEKEND) and bool(due & WORKDAYS) and not habit.is_delicate

    def support(self, habit: HabitEvidence) -> float:
        evidence = _of_week(habit)
        return evidence.weekend_weak if self.weak else evidence.weekend_strong

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        return _shape_is_over(habit, told, WEEKEND if self.weak else WORKDAYS, self.family)

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        days = habit.days_of_plan
        weekdays = [(day, done) for day, done in days if not is_weekend(day)]
        weekends = [(day, done) for day, done in days if is_weekend(day)]
        groups = [group(_("weekdays"), *count(weekdays)), group(_("weekends"), *count(weekends))]
        return {"days": plain(days), "groups": groups}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        weekdays, weekends = (_("{done} of {of}").format(**group) for group in evidence["groups"])
        said = _("Weekends carry {name}: {weekends} weekend days, {weekdays} weekdays.")
        if self.weak:
            said = _("Weekends are the hard part of {name}: {weekdays} weekdays, {weekends} weekend days.")
        return said.format(name=name, weekdays=weekdays, weekends=weekends)


class WeakDay(Kind):
    """One weekday lies 15 points or more below all the others."""

    family = WEAK_DAY_FAMILY
    needs: Mapping[str, int] = {"days": FEWEST_OF_WEEKDAY + FEWEST_OTHERS}

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        return len(_weekdays_due(habit)) > 1 and not habit.is_delicate

    def foresee(self, habits: Sequence[HabitEvidence]) -> None:
        weekly_evidence.foresee(habit.days_of_plan for habit in habits)

    def support(self, habit: HabitEvidence) -> float:
        return _of_week(habit).weak_day

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        """Over when the days since speak against it, or another weekday stands out by now."""
        before = tuple(pair for pair in habit.days_of_plan if pair[0] < told)
        weekday = weekly_evidence(before).weekday
        return weekday != _of_week(habit).weekday or _shape_is_over(habit, told, {weekday}, self.family)

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        days, weekday = habit.days_of_plan, _of_week(habit).weekday
        others = [pair for pair in days if pair[0].weekday() != weekday]
        that = [pair for pair in days if pair[0].weekday() == weekday]
        groups = [group(_("other days"), *count(others)), group(_(WEEKDAYS[weekday]), *count(that))]
        return {"days": plain(days), "groups": groups, "weekday": weekday}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        others, that = (of_text(group) for group in evidence["groups"])
        said = _("{weekdays} are the hard day of {name}: {that} {weekdays}, {others} other days.")
        return said.format(weekdays=_(WEEKDAYS[evidence["weekday"]]), name=name, that=that, others=others)


class LateFail(Kind):
    """What is still open at nine in the evening is rarely done later on: on at most a fifth of such days.

    Of habits whose usual time is after five, and whose clock times are mostly known.
    """

    odds = 24.0
    needs: Mapping[str, int] = {"times": LATE_TIMES}

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        return habit.has_due_days and not habit.is_delicate

    def support(self, habit: HabitEvidence) -> float:
        if len(habit.times) < LATE_TIMES or median(map(_of_evening, habit.minutes)) < LATE_FROM:
            return -math.inf
        times = dict(habit.all_times)
        done = [day for day, hit in habit.days_of_plan if hit]
        late, open_days = self._counts(habit)[1]
        if open_days < LATE_DAYS or sum(day in times for day in done) < LATE_KNOWN * len(done):
            return -math.inf
        return -log_odds_above(late, open_days, LATE_RATE) - math.log(LATE_RATE / (1 - LATE_RATE))

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        return self.support(habit) < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        by_then, later = self._counts(habit)
        groups = [group(_("by then"), *by_then), group(_("later on"), *later)]
        days, times = habit.days_of_plan, habit.all_times
        return {"days": plain(days), "times": plain(times), "groups": groups, "minute": LATE_MINUTE}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        said = _("When {name} is still open at {clock}, it is rarely done later: {count} days.")
        at = clock_text(evidence["minute"], locale)
        return said.format(name=name, clock=at, count=of_text(evidence["groups"][1]))

    def _counts(self, habit: HabitEvidence) -> tuple[tuple[int, int], tuple[int, int]]:
        """(done by then, days), and (done later, days on which it was open). Done at an unknown time is neither."""
        times = dict(habit.all_times)
        missed = sum([not done for _day, done in habit.days_of_plan])
        done_at = [times[day] for day, done in habit.days_of_plan if done and day in times]
        late = sum([_of_evening(minute) >= LATE_MINUTE for minute in done_at])
        in_time = len(done_at) - late
        return (in_time, missed + len(done_at)), (late, missed + late)


def _before(days: tuple[Counted, ...], end: date) -> tuple[Counted, ...]:
    """The days before one."""
    return tuple([pair for pair in days if pair[0] < end])


def _of_evening(minute: int) -> int:
    """A minute of the clock as minutes after its day's beginning: half past midnight belongs to the night before."""
    return minute if minute >= DAY_BEGINS else minute + DAY


def _weekdays_due(habit: HabitEvidence) -> frozenset[int]:
    """The weekdays that the plan in force names from today on."""
    plan, today = habit.plan, habit.today
    return planned_weekdays(plan.rrule, plan.start, today, today + PLAN_AHEAD) if plan.rrule else frozenset()


def _of_week(habit: HabitEvidence) -> WeeklyEvidence:
    return weekly_evidence(habit.days_of_plan)


def _shape_is_over(habit: HabitEvidence, told: date, low: frozenset[int] | set[int], family: Family) -> bool:
    before = [pair for pair in habit.days_of_plan if pair[0] < told]
    since = [pair for pair in habit.days_of_plan if pair[0] >= told]
    return shape_is_over(before, since, low) >= math.log(family.early)
