"""Which sort of advice helps, learned from everybody's outcomes and thumbs; and a choice that goes on learning.

Thompson sampling (Thompson 1933; Russo et al. 2018, A Tutorial on Thompson Sampling): one draw from what is believed
of each sort, the best first; narrower than the belief, and none before there is a pool to learn for. The draw is a
digest of person, day and sort, so the same question has the same answer.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import NormalDist
from typing import Any

from core.coach.advising.outcomes import Outcome, Sums, Untreated

# In points of the daily share done (0.01).
PRIOR_MEAN = 3.0
PRIOR_SD = 5.0
BY_RANK = 1.2  # a piece of advice by one standard deviation of the editor's rank: judges predict effects badly
RANKS = (1.0, 0.5, 0.0)  # of the first, second, third in the editor's order
LAST_RANK = -0.5
PERSON_SD, PERSON_AND_SORT_SD = 3.0, 4.0  # how far one person's effect lies from that of the sort
THUMB_POINTS = 35.0  # from no thumb up to all
# Share of the SD that a draw spreads by, and from how many outcomes on: few people gain nothing by experiments
# (benchmarks/advice.py).
BOLDNESS, BOLD_FROM = 0.3, 50
THUMB_SE = 2.0  # what a thumb says nothing about, however many there are

NORMAL = NormalDist()

Worth = Callable[[str, int], float]


@dataclass(frozen=True)
class Seen:
    """What is known of one sort of advice: precision and precision-weighted sum of its outcomes, and its thumbs."""

    outcomes: int = 0
    precision: float = 0.0
    weighted: float = 0.0
    up: int = 0
    thumbs: int = 0

    def __add__(self, other: Seen) -> Seen:
        return Seen(
            self.outcomes + other.outcomes,
            self.precision + other.precision,
            self.weighted + other.weighted,
            self.up + other.up,
            self.thumbs + other.thumbs,
        )

    def with_outcome(self, outcome: Outcome, shared_by: int = 1) -> Seen:
        """One final outcome more, which so many pieces for the same days of a habit have in common."""
        variance = ((100 * outcome.sd) ** 2 + PERSON_SD**2 + PERSON_AND_SORT_SD**2) * shared_by
        return self + Seen(1, 1 / variance, 100 * outcome.change / variance)

    def with_thumb(self, *, up: bool) -> Seen:
        """One answer more to whether it was helpful."""
        return self + Seen(up=int(up), thumbs=1)


@dataclass(frozen=True)
class Pool:
    """All that one person, or everybody together, adds: by sort of advice, and what came without any."""

    sorts: Mapping[str, Seen] = field(default_factory=dict)
    untreated: Sums = field(default_factory=Sums)

    def __add__(self, other: Pool) -> Pool:
        names = {*self.sorts, *other.sorts}
        sorts = {name: self.sorts.get(name, Seen()) + other.sorts.get(name, Seen()) for name in sorted(names)}
        return Pool(sorts, self.untreated + other.untreated)

    def as_json(self) -> dict[str, Any]:
        """What is kept in a cache."""
        return {
            "sorts": {name: [s.outcomes, s.precision, s.weighted, s.up, s.thumbs] for name, s in self.sorts.items()},
            "untreated": list(self.untreated.values),
        }

    @staticmethod
    def from_json(body: Mapping[str, Any]) -> Pool:
        """The reverse. Raises KeyError, TypeError or ValueError for anything else."""
        return Pool({name: Seen(*row) for name, row in body["sorts"].items()}, Sums(tuple(body["untreated"])))


@dataclass(frozen=True)
class Beliefs:
    """What is believed of each sort, in points; without any outcome or thumb the editor's order stands."""

    pool: Pool = field(default_factory=Pool)
    boldness: float = BOLDNESS

    @property
    def untreated(self) -> Untreated:
        """What is expected without advice."""
        return self.pool.untreated.fitted()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was learned here yet."""
        return not any(seen.outcomes or seen.thumbs for seen in self.pool.sorts.values())

    def of(self, sort: str, place: int = len(RANKS)) -> NormalDist:
        """The effect, in points, of a piece of a sort that stands at `place` (0 = first) in the editor's order."""
        seen = self.pool.sorts.get(sort, Seen())
        prior = PRIOR_MEAN + BY_RANK * (RANKS[place] if place < len(RANKS) else LAST_RANK)
        precision, weighted = 1 / PRIOR_SD**2 + seen.precision, prior / PRIOR_SD**2 + seen.weighted
        if seen.thumbs:
            at, se = self._by_thumbs(seen)
            precision, weighted = precision + 1 / se**2, weighted + at / se**2
        return NormalDist(weighted / precision, 1 / math.sqrt(precision))

    def worth_to(self, user_id: str, day: date) -> Worth | None:
        """What (sort, place in the editor's order) is worth to a person on a day: one draw from each effect.

        The same for the same person, day and sort, whatever else there is. None while nothing was learned.
        """
        if self.is_blank:
            return None

        spread = self.boldness if sum(seen.outcomes for seen in self.pool.sorts.values()) >= BOLD_FROM else 0.0

        def drawn(sort: str, place: int) -> float:
            effect = self.of(sort, place)
            return effect.mean + spread * effect.stdev * NORMAL.inv_cdf(_chance(f"{user_id} {day.isoformat()} {sort}"))

        return drawn

    def _by_thumbs(self, seen: Seen) -> tuple[float, float]:
        """(points, standard error) that a sort's thumbs speak for, beside the mean share up of all sorts."""
        rated = [one for one in self.pool.sorts.values() if one.thumbs]
        share, mean = _share_up(seen), sum(map(_share_up, rated)) / len(rated)
        spread = math.sqrt(share * (1 - share) / (seen.thumbs + 2))
        return PRIOR_MEAN + THUMB_POINTS * (share - mean), THUMB_POINTS * spread + THUMB_SE


NOTHING_LEARNED = Beliefs()


def _share_up(seen: Seen) -> float:
    """Laplace's rule, so that one thumb is no certainty."""
    return (seen.up + 1) / (seen.thumbs + 2)


def _chance(what: str) -> float:
    """A number between 0 and 1, spread evenly over whatever is asked."""
    octets = hashlib.sha256(what.encode()).digest()[:6]
    return (int.from_bytes(octets) + 0.5) / 2**48
