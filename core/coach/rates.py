"""Rates and their evidence: intervals, and whether weekends differ from weekdays by enough to be worth a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincc, betaincinv

FLOOR = 0.15  # a smaller difference between two rates is too small to act on
FEWEST_WEEKDAYS = 5
FEWEST_WEEKEND_DAYS = 3
LEVEL_CHANGED = 0.2  # prior probability that the level changed once within the days looked at
FEWEST_BEFORE, FEWEST_AFTER = 5, 3  # days on either side of such a change
OTHER_SHAPES = 0.15  # prior weight of the other weekly shapes among all that is not the claim
ONE_DAY_TIMES = 6  # a single weekend day that explains the record this much better makes it no weekend pattern
TINY = 1e-300

Array = NDArray[np.float64]
Counts = NDArray[np.int64]  # done and of along the first axis
Days = Sequence[tuple[date, bool]]

# Rates live on nodes sin²θ, denser towards 0 and 1, weighted so that the prior on the rate is uniform.
_ANGLES = np.linspace(0.045, math.pi / 2 - 0.045, 27)
RATES: Array = np.sin(_ANGLES) ** 2
PRIOR: Array = np.sin(2 * _ANGLES) / np.sin(2 * _ANGLES).sum()


def _pairs() -> Array:
    """Prior of (high rate, low rate): the high one uniform, the low one uniform below it by the floor or more."""
    low = np.where(RATES[None] <= RATES[:, None] - FLOOR, PRIOR[None], 0.0)
    total = low.sum(axis=1, keepdims=True)
    pairs: Array = np.where(total > 0, PRIOR[:, None] * low / np.where(total > 0, total, 1.0), 0.0)
    pairs /= pairs.sum()
    return pairs


PAIRS = _pairs()

# Which weekdays (Monday first) are the low cell in each weekly shape.
NO_SHAPE, WEEKEND_WEAK, WEEKEND_STRONG = 0, 1, 2
WEAK_DAYS, STRONG_SATURDAY_OR_SUNDAY = slice(3, 10), slice(10, 12)
SHAPES = np.array(
    [[0] * 7, [0, 0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 1, 0, 0]]
    + [[int(day == weak) for day in range(7)] for weak in range(7)]
    + [[int(day != strong) for day in range(7)] for strong in (5, 6)]
)


def interval(done: int, of: int) -> tuple[float, float]:
    """The 90 % Beta interval of a rate seen as `done` of `of`, with a uniform prior."""
    low, high = (float(betaincinv(done + 1, of - done + 1, tail)) for tail in (0.05, 0.95))
    return round(low, 4), round(high, 4)


def posterior_mean(done: int, of: int) -> float:
    """(s + 1) / (n + 2): the rate to show where one number is shown."""
    return round((done + 1) / (of + 2), 4)


def log_odds_above(done: int, of: int, line: float) -> float:
    """ln of the posterior odds that a rate is above `line`, with a uniform prior."""
    above, below = betaincc(done + 1, of - done + 1, line), betainc(done + 1, of - done + 1, line)
    return math.log(max(above, TINY)) - math.log(max(below, TINY))


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() >= 5


def count(days: Days) -> tuple[int, int]:
    """(done, of)."""
    return sum(done for _, done in days), len(days)


@dataclass(frozen=True)
class WeekendEvidence:
    """ln E of "weak on weekends" and of "strong on weekends", each against no shape and the other shapes."""

    weak: float
    strong: float


@lru_cache(maxsize=64)  # both directions ask for it
def weekend_evidence(days: tuple[tuple[date, bool], ...]) -> WeekendEvidence:
    """Marginal likelihood of each weekend claim over that of its denial, averaged over a constant and a changed level.

    Minus infinity with fewer than 5 weekdays or 3 weekend days, or when one single weekend day explains it better.
    """
    weekend_days = sum(is_weekend(day) for day, _ in days)
    if weekend_days < FEWEST_WEEKEND_DAYS or len(days) - weekend_days < FEWEST_WEEKDAYS:
        return WeekendEvidence(-math.inf, -math.inf)
    shapes = _shape_likelihoods(days)
    none, weak, strong, weak_days = shapes[NO_SHAPE], shapes[WEEKEND_WEAK], shapes[WEEKEND_STRONG], shapes[WEAK_DAYS]
    one_weak, one_strong = weak_days[5:].max(), shapes[STRONG_SATURDAY_OR_SUNDAY].max()
    return WeekendEvidence(
        _log_ratio(weak, none, weak_days[:5].mean()) if one_weak < ONE_DAY_TIMES * weak else -math.inf,
        _log_ratio(strong, none, weak_days.mean()) if one_strong < ONE_DAY_TIMES * strong else -math.inf,
    )


def weekend_is_over(before: Days, since: Days, *, weak: bool) -> float:
    """ln E that a weekend pattern told after `before` is gone in the days `since`: one rate now, or the reverse.

    Against "it goes on as it was" (0.8), or at another level with the same shape (0.2).
    Minus infinity with too few days since.
    """
    low_before, high_before = _cells(before, low_is_weekend=weak)
    low, high = _cells(since, low_is_weekend=weak)
    weekend, weekdays = (low, high) if weak else (high, low)
    if weekend[1] < FEWEST_WEEKEND_DAYS or weekdays[1] < FEWEST_WEEKDAYS:
        return -math.inf
    as_before = _low_and_high(low_before + low, high_before + high) / _low_and_high(low_before, high_before)
    goes_on = (1 - LEVEL_CHANGED) * as_before + LEVEL_CHANGED * _low_and_high(low, high)
    gone = max(float(_one_rate(low + high)), float(_low_and_high(high, low)))
    return math.log(max(gone, TINY)) - math.log(max(float(goes_on), TINY))


def _cells(days: Days, *, low_is_weekend: bool) -> tuple[Counts, Counts]:
    """(done, of) of the cell that is claimed to be low, and of the other."""
    low = [(day, done) for day, done in days if is_weekend(day) == low_is_weekend]
    rest = [(day, done) for day, done in days if is_weekend(day) != low_is_weekend]
    return np.array(count(low)), np.array(count(rest))


def _likelihoods(counts: Counts) -> Array:
    """p^s (1-p)^(n-s) on the nodes of p, for (s, n) along the first axis."""
    done, of = (part[..., None] for part in counts)
    out: Array = np.exp(done * np.log(RATES) + (of - done) * np.log1p(-RATES))
    return out


def _one_rate(counts: Counts) -> Array:
    """Marginal likelihood of one rate, whatever it is."""
    out: Array = _likelihoods(counts) @ PRIOR
    return out


def _low_and_high(low: Counts, high: Counts) -> Array:
    """Marginal likelihood of two rates that lie the floor or more apart."""
    out: Array = (_likelihoods(high) @ PAIRS * _likelihoods(low)).sum(axis=-1)
    return out


def _log_ratio(claim: float, none: float, others: float) -> float:
    denial = (1 - OTHER_SHAPES) * none + OTHER_SHAPES * others
    return math.log(max(claim, TINY)) - math.log(max(denial, TINY))


def _shape_likelihoods(days: Days) -> Array:
    """The marginal likelihood of each of SHAPES, averaged over one level and a change at the best split."""
    marks = np.zeros((2, len(days), 7), dtype=np.int64)  # done and counted, day by weekday
    for i, (day, done) in enumerate(days):
        marks[:, i, day.weekday()] = done, 1
    sums = marks.cumsum(axis=1)
    shapes = (1 - LEVEL_CHANGED) * _shapes_at_one_level(sums[:, -1])
    splits = np.arange(FEWEST_BEFORE - 1, len(days) - FEWEST_AFTER)
    if len(splits):
        before = sums.sum(axis=2)[:, splits]
        total = sums[:, -1].sum(axis=1, keepdims=True)
        likely = _one_rate(before) * _one_rate(total - before)
        best = splits[np.argmax(likely)]
        halves = _shapes_at_one_level(sums[:, best]) * _shapes_at_one_level(sums[:, -1] - sums[:, best])
        shapes += LEVEL_CHANGED * halves * likely.mean() / max(likely.max(), TINY)
    return shapes


def _shapes_at_one_level(counts: Counts) -> Array:
    """The marginal likelihood of each of SHAPES for (done, of) by weekday."""
    low = counts @ SHAPES.T
    total = counts.sum(axis=1, keepdims=True)
    shapes = _low_and_high(low, total - low)
    shapes[NO_SHAPE] = _one_rate(total)[0]
    return shapes
