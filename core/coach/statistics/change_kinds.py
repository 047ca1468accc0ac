"""The kinds of claim about a level that has changed: since a day, or for a habit's second week."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from core.catalogue import _
from core.coach.statistics.changes import (
    FEWEST_AFTER,
    FEWEST_BEFORE,
    FEWEST_OF_WEEK,
    WEEK,
    change_of_level,
    second_week_dips,
)
from core.coach.statistics.claims import Family, Kind, group, of_text, plain
from core.coach.statistics.evidence import Counted, HabitEvidence
from core.coach.statistics.rates import count
from core.wording import date_text

# The slack of losses alone: a person who fades away must not be missed. With gains it is 0.6, which the budget bears.
MOMENTUM = Family(share=0.22, slack=0.45, early=25.0)
DIP = Family(share=0.06, slack=0.2, early=12.0)
DIP_SAID = (timedelta(days=14), timedelta(days=21))  # of the habit: later, week two is no news


class Momentum(Kind):
    """The level has changed by 15 points or more since a day, for the worse (`lost`) or for the better.

    Under a plan of n times a week the unit is the week: whether the plan was met.
    """

    family = MOMENTUM
    needs: Mapping[str, int] = {"days": FEWEST_BEFORE + FEWEST_AFTER}

    def __init__(self, *, lost: bool) -> None:
        self.lost = lost

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        return (habit.has_due_days or habit.plan.per == "week") and not habit.is_delicate

    def needs_of(self, habit: HabitEvidence) -> Mapping[str, int]:
        return self.needs if habit.has_due_days else {"weeks": FEWEST_BEFORE + FEWEST_AFTER}

    def not_beside(self, habit: HabitEvidence) -> str:
        return "week2_dip" if self.lost and _is_in_second_week(habit, self._change(_units(habit))[1]) else ""

    def support(self, habit: HabitEvidence) -> float:
        return self._change(_units(habit))[0]

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        """Over when what came since the change speaks for one the other way, or it is out of sight behind another."""
        units = _units(habit)
        weight, start = self._change(tuple(unit for unit in units if unit[0] < told))
        now = self._change(units)[1]
        if start is None or now is None or now >= told or weight < 0:
            return True
        back = change_of_level(tuple(unit for unit in units if unit[0] >= start))
        return (back.gained if self.lost else back.lost) >= math.log(MOMENTUM.early)

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        units, start = _units(habit), self._change(_units(habit))[1]
        assert start is not None
        before, since = ([unit for unit in units if (unit[0] < start) == is_before] for is_before in (True, False))
        said = date_text(start)
        groups = [
            group(_("before {day}").format(day=said), *count(before)),
            group(_("since {day}").format(day=said), *count(since)),
        ]
        out = {"days": plain(units), "groups": groups, "from_day": start.isoformat()}
        return out if habit.has_due_days else {**out, "unit": "week"}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        before, since = (of_text(group) for group in evidence["groups"])
        said, day = self._words(by_week=evidence.get("unit") == "week"), date.fromisoformat(evidence["from_day"])
        return said.format(name=name, day=date_text(day), before=before, since=since)

    def _words(self, *, by_week: bool) -> str:
        if not by_week:
            lost = _("{name} has become rarer since {day}: {before} days before, {since} days from then on.")
            gained = _("{name} has picked up since {day}: {before} days before, {since} days from then on.")
            return lost if self.lost else gained
        if self.lost:
            return _(
                "{name} has become rarer since {day}: the week's plan met in {before} weeks before, in {since} from "
                "then on."
            )
        return _(
            "{name} has picked up since {day}: the week's plan met in {before} weeks before, in {since} from then on."
        )

    def _change(self, units: tuple[Counted, ...]) -> tuple[float, date | None]:
        change = change_of_level(units)
        return (change.lost, change.lost_from) if self.lost else (change.gained, change.gained_from)


class WeekTwoDip(Kind):
    """The habit's second week went worse than its other days by 15 points or more; said in its third week."""

    family = DIP
    needs: Mapping[str, int] = {"days": 2 * FEWEST_OF_WEEK}

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        return habit.has_due_days and habit.plan.start <= habit.habit.created_on and not habit.is_delicate

    def not_beside(self, habit: HabitEvidence) -> str:
        return "momentum_lost" if _is_in_second_week(habit, change_of_level(habit.days_of_plan).lost_from) else ""

    def support(self, habit: HabitEvidence) -> float:
        first, last = DIP_SAID
        if not first <= habit.today - habit.habit.created_on <= last:
            return -math.inf
        return second_week_dips(habit.days_of_plan, habit.habit.created_on)

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        """Over when the days that followed speak for a lower level from week two on, or the weeks are out of sight."""
        weeks = [len(week) for week in self._weeks(habit)]
        if min(weeks) < FEWEST_OF_WEEK:
            return True
        change = change_of_level(habit.days_of_plan)
        since_dip = _is_in_second_week(habit, change.lost_from)
        return since_dip and change.lost >= math.log(MOMENTUM.early)

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        one, two = self._weeks(habit)
        groups = [group(_("week one"), *count(one)), group(_("week two"), *count(two))]
        return {"days": plain(habit.days_of_plan), "groups": groups}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        one, two = (of_text(group) for group in evidence["groups"])
        said = _("{name} thinned out in its second week: {one} days in week one, {two} days in week two.")
        return said.format(name=name, one=one, two=two)

    def _weeks(self, habit: HabitEvidence) -> tuple[list[Counted], list[Counted]]:
        start = habit.habit.created_on
        one = [pair for pair in habit.days_of_plan if pair[0] < start + WEEK]
        return one, [pair for pair in habit.days_of_plan if start + WEEK <= pair[0] < start + 2 * WEEK]


def _units(habit: HabitEvidence) -> tuple[Counted, ...]:
    """The days under the plan in force, or its weeks."""
    return habit.days_of_plan if habit.has_due_days else habit.weeks


def _is_in_second_week(habit: HabitEvidence, day: date | None) -> bool:
    start = habit.habit.created_on
    return day is not None and start + WEEK <= day < start + 2 * WEEK
