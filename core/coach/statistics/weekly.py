"""Whether the week has a shape: weekends that differ from weekdays, or one weekday that stands out as weak."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.coach.statistics.rates import (
    LEVEL_CHANGED,
    TINY,
    Array,
    Counts,
    Days,
    log_ratios,
    low_and_high,
    most_gone,
    one_rate,
)
from core.coach.statistics.stacking import Stacked, dated

FEWEST_WEEKDAYS, FEWEST_WEEKEND_DAYS = 5, 3  # to compare weekends with weekdays
FEWEST_OF_WEEKDAY, FEWEST_OTHERS = 2, 6  # to compare one weekday with the others
FEWEST_BEFORE, FEWEST_AFTER = 5, 3  # days on either side of a change of level
FEWEST = FEWEST_BEFORE + FEWEST_AFTER
OTHER_SHAPES = 0.15  # prior weight of the other weekly shapes among all that is not a shape of the weekend
WEEKEND_OR_OTHER_DAY = 0.15  # prior weight, among all that is not this weak day, of weak weekends, and of another day
ONE_DAY_TIMES = 6  # a single weekend day that explains the record this much better makes it no weekend pattern

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


@Stacked
def weekly_evidence(records: Sequence[tuple[tuple[date, bool], ...]]) -> list[WeeklyEvidence]:
    """Marginal likelihood of each weekly claim over that of its denial, averaged over a constant and a changed level.

    Minus infinity with too few days of a sort, and for weekends when one single day of them explains it better.
    """
    numbers, done, own = dated(records, FEWEST)
    weekdays = (numbers - 1) % 7 * own  # ordinal 1 is a Monday
    shapes = _shape_likelihoods(weekdays, done, own)
    of = np.bincount((weekdays + 7 * np.arange(len(records))[:, None])[own], minlength=7 * len(records)).reshape(-1, 7)
    weak_days = _weak_days(shapes, of)
    is_enough = (of[:, 5:].sum(axis=1) >= FEWEST_WEEKEND_DAYS) & (of[:, :5].sum(axis=1) >= FEWEST_WEEKDAYS)
    none, weak, strong, each = (
        shapes[:, NO_SHAPE],
        shapes[:, WEEKEND_WEAK],
        shapes[:, WEEKEND_STRONG],
        shapes[:, WEAK_DAYS],
    )
    one_weak, one_strong = each[:, 5:].max(axis=1), shapes[:, STRONG_SATURDAY_OR_SUNDAY].max(axis=1)
    weekend_weak = np.where(
        is_enough & (one_weak < ONE_DAY_TIMES * weak), _weekend(weak, none, each[:, :5].mean(axis=1)), -np.inf
    )
    weekend_strong = np.where(
        is_enough & (one_strong < ONE_DAY_TIMES * strong), _weekend(strong, none, each.mean(axis=1)), -np.inf
    )
    return [
        WeeklyEvidence(*row)
        for row in zip(
            weekend_weak.tolist(), weekend_strong.tolist(), *(one.tolist() for one in weak_days), strict=True
        )
    ]


def shape_is_over(before: Days, since: Days, low: Collection[int]) -> float:
    """ln E that a shape with these weekdays as its low ones, told after `before`, is gone in the days `since`."""
    told, now = ([(day.weekday() in low, done) for day, done in days] for days in (before, since))
    many = len(low) > 2
    fewest_low, fewest_high = (FEWEST_WEEKDAYS, FEWEST_WEEKEND_DAYS) if many else (FEWEST_WEEKEND_DAYS, FEWEST_WEEKDAYS)
    return most_gone(told, now, fewest_low, fewest_high)


def _weak_days(shapes: Array, of: Counts) -> tuple[Array, Counts]:
    """For each record ln E of the weekday that stands out most as weak, and which it is."""
    weak = shapes[:, WEAK_DAYS]
    others = (weak.sum(axis=1, keepdims=True) - weak) / 6
    denial = (1 - 2 * WEEKEND_OR_OTHER_DAY) * shapes[:, [NO_SHAPE]]
    denial = denial + WEEKEND_OR_OTHER_DAY * (shapes[:, [WEEKEND_WEAK]] + others)
    enough = (of >= FEWEST_OF_WEEKDAY) & (of.sum(axis=1, keepdims=True) - of >= FEWEST_OTHERS)
    evidence = np.where(enough, weak / 7 / np.maximum(denial, TINY), 0.0)
    with np.errstate(divide="ignore"):  # of nought: minus infinity
        return np.log(evidence.max(axis=1)), evidence.argmax(axis=1)


def _weekend(claim: Array, none: Array, others: Array) -> Array:
    return log_ratios(claim, (1 - OTHER_SHAPES) * none + OTHER_SHAPES * others)


def _shape_likelihoods(weekdays: Counts, done: Counts, own: NDArray[np.bool_]) -> Array:
    """The likelihood of each of SHAPES for each record, averaged over one level and a change at the best split.

    With too few days for a split there is one level only.
    """
    so_far, of = done.cumsum(axis=1), own.sum(axis=1, keepdims=True)
    splits = np.arange(FEWEST_BEFORE, own.shape[1] - FEWEST_AFTER + 1)  # so many days before
    is_split = splits <= of - FEWEST_AFTER
    before = so_far[:, splits - 1]
    rest = np.where(is_split, of - splits, 0)
    likely = one_rate((before, np.broadcast_to(splits, before.shape)))
    likely = np.where(is_split, likely * one_rate((np.where(is_split, so_far[:, -1:] - before, 0), rest)), 0.0)
    best = splits[likely.argmax(axis=1)]
    whole, first, second = _shapes_at_one_level(_by_weekday(weekdays, done, own, best))
    mean = likely.sum(axis=1) / np.maximum(is_split.sum(axis=1), 1)
    changed = mean / np.maximum(likely.max(axis=1), TINY)
    out: Array = (1 - LEVEL_CHANGED) * whole + LEVEL_CHANGED * first * second * changed[:, None]
    return out


def _by_weekday(weekdays: Counts, done: Counts, own: NDArray[np.bool_], split: Counts) -> Counts:
    """Done and of, by stretch (all days, the first `split` of them, the others), record and weekday."""
    records, days = own.shape
    is_after = np.arange(days) >= split[:, None]
    cells = weekdays + 7 * (np.arange(records)[:, None] + records * (is_after + 2 * (1 - done)))
    sorts = np.bincount(cells[own], minlength=28 * records).reshape(2, 2, records, 7)
    halves = np.stack([sorts[0], sorts[0] + sorts[1]])
    out: Counts = np.concatenate([halves.sum(axis=1, keepdims=True), halves], axis=1)
    return out


def _shapes_at_one_level(counts: Counts) -> Array:
    """For each stretch and record the marginal likelihood of each of SHAPES."""
    low = counts @ SHAPES.T
    total = counts.sum(axis=-1, keepdims=True)
    shapes = low_and_high(low, total - low)
    shapes[..., NO_SHAPE] = one_rate(total)[..., 0]
    return shapes
