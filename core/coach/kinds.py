"""The kinds of claim: each knows what it needs, how to weigh a habit's evidence, its words, and when it is over."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.coach.evidence import HabitEvidence
from core.coach.hours import CENTRE_SURE, FEWEST_TIMES, timing, usual_time, varied_time
from core.coach.rates import (
    FEWEST_WEEKDAYS,
    FEWEST_WEEKEND_DAYS,
    count,
    interval,
    is_weekend,
    log_odds_above,
    weekend_evidence,
    weekend_is_over,
)
from core.coach.safety import tier_of_name
from core.localtime import ONE_DAY, days_between
from core.schedule import is_planned
from core.wording import clock_text

VARIED_SCORE = 0.5  # the time varies by more than 30 minutes
HALF = 0.5  # a plan met on fewer of its days asks too much
HALF_DAYS = 10  # counted days for saying so ...
HALF_RECENT = 14  # ... and the last ones, on which it must still hold
CLOCK_STEP = 5  # minutes to which "around" is rounded


@dataclass(frozen=True)
class Family:
    """Patterns that share a part of ALPHA. `slack`: P(E ever reaches x) ≤ slack / x for people without the pattern.

    The slack was measured on simulated people, day by day from Day 14 to 60. `early`: E at which to ask.
    """

    share: float
    slack: float
    early: float


WEEKEND = Family(share=0.20, slack=1.0, early=15.0)


class Kind(ABC):
    """One kind of claim: how it is weighed and worded, and when it is over."""

    family: Family | None = None  # a description has none: it is stated at `odds`
    odds: float = math.inf
    needs: Mapping[str, int]  # the least there must be: times, days, weekdays, weekend_days

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        """Whether the habit's plan leaves room for such a claim at all."""
        return True

    @abstractmethod
    def support(self, habit: HabitEvidence) -> float:
        """ln of the evidence E (patterns) or of the posterior odds (descriptions); minus infinity with too little."""

    @abstractmethod
    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        """Whether the data speaks against a claim told on that day."""

    @abstractmethod
    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        """The claim's numbers, as plain JSON values."""

    @abstractmethod
    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        """The claim in plain words with its counts."""


class UsualTime(Kind):
    """Done within half an hour of one minute of the clock."""

    odds = 24.0
    needs: Mapping[str, int] = {"times": FEWEST_TIMES}

    def support(self, habit: HabitEvidence) -> float:
        claim = usual_time(habit.minutes)
        return claim.log_odds if claim is not None and claim.known >= CENTRE_SURE else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        claim = usual_time(habit.minutes)
        return claim is None or claim.log_odds < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        claim = usual_time(habit.minutes)
        assert claim is not None
        return {"minute": claim.minute, "within30": [claim.within, claim.of], "times": _plain(habit.times)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        near, of = evidence["within30"]
        clock = clock_text(CLOCK_STEP * round(evidence["minute"] / CLOCK_STEP), locale)
        return f"You usually do {name} around {clock}: {near} of {of} times within half an hour."


class VariedTime(Kind):
    """Not even the best hour of the clock holds most times."""

    odds = 24.0
    needs: Mapping[str, int] = {"times": FEWEST_TIMES}

    def support(self, habit: HabitEvidence) -> float:
        claim = varied_time(habit.minutes)
        return claim.log_odds if claim is not None and timing(habit.minutes).score > VARIED_SCORE else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        return self.support(habit) < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        claim = varied_time(habit.minutes)
        assert claim is not None
        score = timing(habit.minutes).score
        return {"score": score, "within30": [claim.within, claim.of], "times": _plain(habit.times)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        near, of = evidence["within30"]
        return f"{name} has no usual hour so far: the busiest hour of the clock holds {near} of {of} times."


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
        return {"days": _plain(habit.days_of_plan)}

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
        groups = [_group("weekdays", *count(weekdays)), _group("weekends", *count(weekends))]
        return {"days": _plain(habit.days), "groups": groups}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        weekdays, weekends = (f"{group['done']} of {group['of']}" for group in evidence["groups"])
        if self.weak:
            return f"Weekends are the hard part of {name}: {weekdays} weekdays, {weekends} weekend days."
        return f"Weekends carry {name}: {weekends} weekend days, {weekdays} weekdays."


KINDS: dict[str, Kind] = {
    "usual_time": UsualTime(),
    "varied_time": VariedTime(),
    "too_ambitious": TooAmbitious(),
    "weekend_weak": Weekend(weak=True),
    "weekend_strong": Weekend(weak=False),
}


def amount(habit: HabitEvidence, unit: str) -> int:
    """How many of what a kind `needs` there are."""
    if unit == "times":
        return len(habit.times)
    if unit == "days":
        return len(habit.days_of_plan)
    return sum(is_weekend(day) == (unit == "weekend_days") for day, _ in habit.days)


def _group(label: str, done: int, of: int) -> dict[str, Any]:
    low, high = interval(done, of)
    return {"label": label, "done": done, "of": of, "low": low, "high": high}


def _plain(rows: Sequence[tuple[date, bool]] | Sequence[tuple[date, int]]) -> list[list[Any]]:
    return [[day.isoformat(), value] for day, value in rows]
