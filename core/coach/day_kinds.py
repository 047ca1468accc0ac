"""The kinds of claim about the days on which a habit is done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.coach.claims import Family, Kind, group, plain
from core.coach.evidence import HabitEvidence
from core.coach.rates import (
    FEWEST_WEEKDAYS,
    FEWEST_WEEKEND_DAYS,
    count,
    is_weekend,
    log_odds_above,
    weekend_evidence,
    weekend_is_over,
)
from core.coach.safety import tier_of_name
from core.localtime import ONE_DAY, days_between
from core.schedule import is_planned

HALF = 0.5  # a plan met on fewer of its days asks too much
HALF_DAYS = 10  # counted days for saying so ...
HALF_RECENT = 14  # ... and the last ones, on which it must still hold
WEEKEND = Family(share=0.20, slack=1.0, early=15.0)


class TooAmbitious(Kind):
    """Done on fewer than half of its days under the plan in force, and so of late too.

    Never of a habit whose plan is not ours to question, such as a medicine, nor of a plan that nobody made.
    """

    odds = 150.0  # to be called over-ambitious hurts most when it is false
    needs: Mapping[str, int] = {"days": HALF_DAYS}

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        return habit.has_due_days and not habit.plan.assumed and tier_of_name(habit.habit.name) is None

    def support(self, habit: HabitEvidence) -> float:
        done, of = count(habit.days_of_plan)
        recent, of_recent = count(habit.days_of_plan[-HALF_RECENT:])
        if of < HALF_DAYS or 2 * recent >= of_recent:
            return -math.inf
        return -log_odds_above(done, of, HALF)

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        return habit.plan.start >= told or self.support(habit) < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        return {"days": plain(habit.days_of_plan)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        done, of = count(evidence["days"])
        return f"{name} was done on {done} of {of} days: the plan asks for more than fits right now."


class Weekend(Kind):
    """Weekends differ from weekdays by 15 points or more, to the `weak` or to the strong side."""

    family = WEEKEND
    needs: Mapping[str, int] = {"weekdays": FEWEST_WEEKDAYS, "weekend_days": FEWEST_WEEKEND_DAYS}

    def __init__(self, *, weak: bool) -> None:
        self.weak = weak

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        month = days_between(today, today + 27 * ONE_DAY)
        return len({is_weekend(day) for day in month if is_planned(habit.habit, day)}) == 2

    def support(self, habit: HabitEvidence) -> float:
        evidence = weekend_evidence(habit.days)
        return evidence.weak if self.weak else evidence.strong

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        before = [(day, done) for day, done in habit.days if day < told]
        since = [(day, done) for day, done in habit.days if day >= told]
        return weekend_is_over(before, since, weak=self.weak) >= math.log(WEEKEND.early)

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        weekdays = [(day, done) for day, done in habit.days if not is_weekend(day)]
        weekends = [(day, done) for day, done in habit.days if is_weekend(day)]
        groups = [group("weekdays", *count(weekdays)), group("weekends", *count(weekends))]
        return {"days": plain(habit.days), "groups": groups}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        weekdays, weekends = (f"{group['done']} of {group['of']}" for group in evidence["groups"])
        if self.weak:
            return f"Weekends are the hard part of {name}: {weekdays} weekdays, {weekends} weekend days."
        return f"Weekends carry {name}: {weekends} weekend days, {weekdays} weekdays."
