"""What every kind of claim has: the evidence it needs, how that is weighed, its words, and when it is over."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, Protocol, TypeVar

from core.catalogue import _
from core.coach.statistics.evidence import HabitEvidence
from core.coach.statistics.rates import interval
from core.localtime import iso
from core.models import Habit


@dataclass(frozen=True, eq=False)
class Family:
    """Patterns that share a part of ALPHA. `slack`: P(E ever reaches x) ≤ slack / x for people without the pattern.

    The slack was measured on simulated people, day by day from Day 14 to 60. `early`: E at which to ask.
    """

    share: float
    slack: float
    early: float


class Subject(Protocol):
    """What a claim is about: its `habit`, and its name among all that claims are about."""

    @property
    def habit(self) -> Habit: ...

    @property
    def about(self) -> str: ...


S = TypeVar("S", bound=Subject)


class Claim(ABC, Generic[S]):
    """One kind of claim: how it is weighed and worded, and when it is over."""

    family: Family | None = None  # a description has none: it is stated at `odds`
    odds: float = math.inf
    needs: Mapping[str, int]  # the least there must be: times, days, weekdays, weekend_days

    def fits(self, subject: S, today: date) -> bool:
        """Whether plans and words leave room for such a claim at all."""
        return True

    def needs_of(self, subject: S) -> Mapping[str, int]:
        """The least there must be of this one."""
        return self.needs

    def not_beside(self, subject: S) -> str:
        """The kind of claim beside which this one is not said, since both would tell of the same days; "" for none."""
        return ""

    def foresee(self, subjects: Sequence[S]) -> None:
        """Work out in one call what `support` will ask of each; by default there is nothing that would gain by it."""

    @abstractmethod
    def support(self, subject: S) -> float:
        """ln of the evidence E (patterns) or of the posterior odds (descriptions); minus infinity with too little."""

    @abstractmethod
    def is_over(self, subject: S, told: date) -> bool:
        """Whether the data speaks against a claim told on that day."""

    @abstractmethod
    def evidence(self, subject: S) -> dict[str, Any]:
        """The claim's numbers, as plain JSON values."""

    @abstractmethod
    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        """The claim in plain words with its counts."""


class Kind(Claim[HabitEvidence]):
    """One kind of claim about one habit."""


def group(label: str, done: int, of: int) -> dict[str, Any]:
    """One side of a comparison as evidence keeps it, with the 90 % interval of its rate."""
    low, high = interval(done, of)
    return {"label": label, "done": done, "of": of, "low": low, "high": high}


def of_text(group: Mapping[str, Any]) -> str:
    """The count of a group as it is said: `3 of 8`, `not one of 8`."""
    done, of = group["done"], group["of"]
    return _("{done} of {of}").format(done=done, of=of) if done else _("not one of {of}").format(of=of)


def plain(rows: Sequence[tuple[date, bool]] | Sequence[tuple[date, int]]) -> list[list[Any]]:
    """Days with what stands beside each, as plain JSON values."""
    return [[iso(day), value] for day, value in rows]
