"""Whether the week has a shape: weekends that differ from weekdays, or one weekday that stands out as weak."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.coach.rates import (
    LEVEL_CHANGED,
    TINY,
    Array,
    Counts,
    Days,
    log_ratio,
    low_and_high,
    most_gone,
    one_rate,
)

FEWEST_WEEKDAYS, FEWEST_WEEKEND_DAYS = 5, 3  # to compare weekends with weekdays
FEWEST_OF_WEEKDAY, FEWEST_OTHERS = 2, 6  # to compare one weekday with the others
FEWEST_BEFORE, FEWEST_AFTER = 5, 3  # days on either side of a change of level
OTHER_SHAPES = 0.15  # prior weight of the other weekly shapes among all that is not a shape of the weekend
WEEKEND_OR_OTHER_DAY = 0.15  # prior weight, among all that is not this weak day, of weak weekends, and of another day
ONE_DAY_TIMES = 6  # a single weekend day that explains the record this much better makes it no weekend pattern
WEEKEND, WORKDAYS = frozenset({5, 6}), frozenset(range(5))

# Which weekdays (Monday first) are the low cell in each weekly shape.
NO_SHAPE, WEEKEND_WEAK, WEEKEND_STRONG = 0, 1, 2
WEAK_DAYS, STRONG_SATURDAY_OR_SUNDAY = slice(3, 10), slice(10, 12)
SHAPES = np.array(
    [[0] * 7, [0, 0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 1, 0, 0]]
    + [[int(day == weak) for day in range(7)] for weak in range(7)]
    + [[int(day != strong) for day in range(7)] for strong in (5, 6)]
)


@dataclass(frozen=True)
class WeeklyEvidence:
    """ln E of weak weekends, of strong ones and of a weak `weekday` (0 = Monday), each against all that it is not."""

    weekend_weak: float
    weekend_strong: float
    weak_day: float
    weekday: int


@lru_cache(maxsize=64)  # every kind about the week asks for it
def weekly_evidence(days: tuple[tuple[date, bool], ...]) -> WeeklyEvidence:
    """Marginal likelihood of each weekly claim over that of its denial, averaged over a constant and a changed level.

    Minus infinity with too few days of a sort, and for weekends when one single day of them explains it better.
    """
    weekdays = np.fromiter((day.weekday() for day, _ in days), np.int64, len(days))
    done = np.fromiter((hit for _, hit in days), np.int64, len(days))
    shapes = _shape_likelihoods(weekdays, done)
    of = np.bincount(weekdays, minlength=7)
    weak_day, weekday = _weak_day(shapes, of)
    if of[5:].sum() < FEWEST_WEEKEND_DAYS or of[:5].sum() < FEWEST_WEEKDAYS:
        return WeeklyEvidence(-math.inf, -math.inf, weak_day, weekday)
    none, weak, strong, weak_days = shapes[NO_SHAPE], shapes[WEEKEND_WEAK], shapes[WEEKEND_STRONG], shapes[WEAK_DAYS]
    one_weak, one_strong = weak_days[5:].max(), shapes[STRONG_SATURDAY_OR_SUNDAY].max()
    return WeeklyEvidence(
        _weekend(weak, none, weak_days[:5].mean()) if one_weak < ONE_DAY_TIMES * weak else -math.inf,
        _weekend(strong, none, weak_days.mean()) if one_strong < ONE_DAY_TIMES * strong else -math.inf,
        weak_day,
        weekday,
    )


def shape_is_over(before: Days, since: Days, low: Collection[int]) -> float:
    """ln E that a shape with these weekdays as its low ones, told after `before`, is gone in the days `since`."""
    told, now = ([(day.weekday() in low, done) for day, done in days] for days in (before, since))
    many = len(low) > 2
    fewest_low, fewest_high = (FEWEST_WEEKDAYS, FEWEST_WEEKEND_DAYS) if many else (FEWEST_WEEKEND_DAYS, FEWEST_WEEKDAYS)
    return most_gone(told, now, fewest_low, fewest_high)


def _weak_day(shapes: Array, of: NDArray[np.int64]) -> tuple[float, int]:
    """ln E of the weekday that stands out most as weak, and which it is."""
    weak = shapes[WEAK_DAYS]
    others = (weak.sum() - weak) / 6
    denial = (1 - 2 * WEEKEND_OR_OTHER_DAY) * shapes[NO_SHAPE]
    denial = denial + WEEKEND_OR_OTHER_DAY * (shapes[WEEKEND_WEAK] + others)
    enough = (of >= FEWEST_OF_WEEKDAY) & (of.sum() - of >= FEWEST_OTHERS)
    evidence = np.where(enough, weak / 7 / np.maximum(denial, TINY), 0.0)
    best = int(evidence.argmax())
    return (math.log(evidence[best]) if evidence[best] > 0 else -math.inf), best


def _weekend(claim: float, none: float, others: float) -> float:
    return log_ratio(claim, (1 - OTHER_SHAPES) * none + OTHER_SHAPES * others)


def _shape_likelihoods(weekdays: NDArray[np.int64], done: NDArray[np.int64]) -> Array:
    """The marginal likelihood of each of SHAPES, averaged over one level and a change at the best split."""
    n, so_far = len(done), done.cumsum()
    splits = np.arange(FEWEST_BEFORE, n - FEWEST_AFTER + 1)  # so many days before
    if not len(splits):
        shapes: Array = _shapes_at_one_level(_by_weekday(weekdays, done, n))[0]
        return shapes * (1 - LEVEL_CHANGED)
    before = np.stack([so_far[splits - 1], splits])
    likely = one_rate(before) * one_rate(np.array([[so_far[-1]], [n]]) - before)
    best = int(splits[likely.argmax()])
    whole, first, second = _shapes_at_one_level(_by_weekday(weekdays, done, best))
    shapes = (1 - LEVEL_CHANGED) * whole
    shapes += LEVEL_CHANGED * first * second * likely.mean() / max(likely.max(), TINY)
    return shapes


def _by_weekday(weekdays: NDArray[np.int64], done: NDArray[np.int64], split: int) -> Counts:
    """Done and of, by stretch (all days, the first `split` of them, the others) and weekday."""
    cells = weekdays + 7 * (np.arange(len(done)) >= split)
    halves = np.stack([np.bincount(cells[done > 0], minlength=14), np.bincount(cells, minlength=14)]).reshape(2, 2, 7)
    out: Counts = np.concatenate([halves.sum(axis=1, keepdims=True), halves], axis=1)
    return out


def _shapes_at_one_level(counts: Counts) -> Array:
    """For each stretch the marginal likelihood of each of SHAPES."""
    low = counts @ SHAPES.T
    total = counts.sum(axis=2, keepdims=True)
    shapes = low_and_high(low, total - low)
    shapes[:, NO_SHAPE] = one_rate(total)[:, 0]
    return shapes
