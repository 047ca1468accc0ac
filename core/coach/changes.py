"""Whether a habit's level has changed: for good, since a day, or for its second week."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.coach.rates import PAIRS, PRIOR, RATES, Array, log_ratio

FEWEST_BEFORE, FEWEST_AFTER = 5, 3  # counted days on either side of a change
WEEK = timedelta(days=7)
FEWEST_OF_WEEK = 4  # counted days of week one, and of week two, to compare them

# Runs of misses are normal for people whose days hang together: P(done | yesterday) = p (1 − ρ) + ρ · yesterday.
STICKINESS = np.array([0.0, 0.15, 0.30])
STICKINESS_PRIOR = np.array([0.5, 0.3, 0.2])

# How a day can follow the counted day before it: done or not after done, done or not after a miss, or as the first.
DONE_AFTER_DONE, DONE_AFTER_MISS, FIRST_DONE, WAYS = 0, 2, 4, 6


def _log_ways() -> Array:
    """ln of the probability of each way, on the nodes of p for each stickiness, as WAYS rows."""
    done, sticky = RATES[None], STICKINESS[:, None]
    ways = [
        done * (1 - sticky) + sticky,
        (1 - done) * (1 - sticky),
        done * (1 - sticky),
        1 - done * (1 - sticky),
        np.broadcast_to(done, (len(STICKINESS), len(RATES))),
        np.broadcast_to(1 - done, (len(STICKINESS), len(RATES))),
    ]
    out: Array = np.log(np.stack(ways).reshape(WAYS, -1))
    return out


LOG_WAYS = _log_ways()


@dataclass(frozen=True)
class Change:
    """ln E of a change for the worse and of one for the better, and the likeliest first day of the new level."""

    lost: float
    lost_from: date | None
    gained: float
    gained_from: date | None


NO_CHANGE = Change(-math.inf, None, -math.inf, None)


@lru_cache(maxsize=128)  # both directions, their evidence and what ends them ask for it
def change_of_level(days: tuple[tuple[date, bool], ...]) -> Change:
    """Marginal likelihood of two levels 15 points or more apart, over every split, against one level.

    Either level may be sticky. Minus infinity with too few days.
    """
    splits = np.arange(FEWEST_BEFORE, len(days) - FEWEST_AFTER + 1)  # so many days before
    if not len(splits):
        return NO_CHANGE
    sums = _ways(days).cumsum(axis=0)
    before = sums[splits - 1]
    first, second = _likelihoods(before), _likelihoods(sums[-1] - before)
    level = float(_one_level(_likelihoods(sums[-1])))
    lost, gained = _two_levels(first, second), _two_levels(second, first)
    return Change(
        log_ratio(float(lost.mean()), level),
        days[splits[lost.argmax()]][0],
        log_ratio(float(gained.mean()), level),
        days[splits[gained.argmax()]][0],
    )


def second_week_dips(days: tuple[tuple[date, bool], ...], first_day: date) -> float:
    """ln E that the seven days after the first seven went worse than all others, against one level.

    Minus infinity with too few counted days in either week.
    """
    second = np.array([first_day + WEEK <= day < first_day + 2 * WEEK for day, _ in days])
    if second.sum() < FEWEST_OF_WEEK or sum(day < first_day + WEEK for day, _ in days) < FEWEST_OF_WEEK:
        return -math.inf
    ways = _ways(days)
    total, dip = ways.sum(axis=0), ways[second].sum(axis=0)
    claim = _two_levels(_likelihoods(total - dip), _likelihoods(dip))
    return log_ratio(float(claim), float(_one_level(_likelihoods(total))))


def _ways(days: tuple[tuple[date, bool], ...]) -> NDArray[np.float64]:
    """For each day a row with a one in the column of the way it followed the day before."""
    done = np.fromiter((hit for _, hit in days), np.int64, len(days))
    after = np.where(done[:-1] > 0, DONE_AFTER_DONE, DONE_AFTER_MISS)
    column = np.concatenate([[FIRST_DONE], after]) + (1 - done)
    return np.eye(WAYS)[column]


def _likelihoods(ways: Array) -> Array:
    """The likelihood of counts of WAYS (last axis), for each stickiness and node."""
    out: Array = np.exp(ways @ LOG_WAYS).reshape(*ways.shape[:-1], len(STICKINESS), len(RATES))
    return out


def _one_level(likelihoods: Array) -> Array:
    out: Array = likelihoods @ PRIOR @ STICKINESS_PRIOR
    return out


def _two_levels(high: Array, low: Array) -> Array:
    out: Array = (high @ PAIRS * low).sum(axis=-1) @ STICKINESS_PRIOR
    return out
