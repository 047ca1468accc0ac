"""What every kind of claim has: the evidence it needs, how that is weighed, its words, and when it is over."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.coach.evidence import HabitEvidence
from core.coach.rates import interval


@dataclass(frozen=True)
class Family:
    """Patterns that share a part of ALPHA. `slack`: P(E ever reaches x) ≤ slack / x for people without the pattern.

    The slack was measured on simulated people, day by day from Day 14 to 60. `early`: E at which to ask.
    """

    share: float
    slack: float
    early: float


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


def group(label: str, done: int, of: int) -> dict[str, Any]:
    low, high = interval(done, of)
    return {"label": label, "done": done, "of": of, "low": low, "high": high}


def plain(rows: Sequence[tuple[date, bool]] | Sequence[tuple[date, int]]) -> list[list[Any]]:
    return [[day.isoformat(), value] for day, value in rows]
