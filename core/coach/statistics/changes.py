"""Whether a habit's level has changed: for good, since a day, or for its second week."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from core.coach.statistics.rates import PAIRS, PRIOR, RATES, Array, Counts, log_ratios

FEWEST_BEFORE, FEWEST_AFTER = 5, 3  # counted days on either side of a change
WEEK = timedelta(days=7)
FEWEST_OF_WEEK = 4  # counted days of week one, and of week two, to compare them

# Runs of misses are normal for people whose days hang together: P(done | yesterday) = p (1 − ρ) + ρ · yesterday.
STICKINESS = np.array([0.0, 0.15, 0.30])
STICKINESS_PRIOR = np.array([0.5, 0.3, 0.2])

# How a day can follow the counted day before it: done or not after done, done or not after a miss, or as the first.
DONE_AFTER_DONE, DONE_AFTER_MISS, FIRST_DONE = 0, 2, 4


def _ways() -> Array:
    """The probability of each way, as WAYS rows: for each stickiness, on the nodes of p."""
    done, sticky = RATES[None], STICKINESS[:, None]
    ways = [
        done * (1 - sticky) + sticky,
        (1 - done) * (1 - sticky),
        done * (1 - sticky),
        1 - done * (1 - sticky),
        np.broadcast_to(done, (len(STICKINESS), len(RATES))),
        np.broadcast_to(1 - done, (len(STICKINESS), len(RATES))),
    ]
    return np.stack(ways).reshape(len(ways), -1)


WAYS = _ways()
_LOG_WAYS, _ONE_OF_EACH = np.log(WAYS), np.eye(len(WAYS))
_STICKINESS_OF_NODE = np.repeat(STICKINESS_PRIOR, len(RATES))
_LEVEL_PRIOR = _STICKINESS_OF_NODE * np.tile(PRIOR, len(STICKINESS))
_LOWER_FIRST = np.ascontiguousarray(PAIRS.T)
_BELOW_HALF = np.where(np.isclose(RATES, 0.5), 0.5, RATES < 0.5)  # how much of each node is


@dataclass(frozen=True)
class Change:
    """ln E of a change for the worse and of one for the better, and the likeliest first day of the new level."""

    lost: float
    lost_from: date | None
    gained: float
    gained_from: date | None


NO_CHANGE = Change(-math.inf, None, -math.inf, None)


@lru_cache(maxsize=256)  # both directions, their evidence and what ends them ask for it
def change_of_level(days: tuple[tuple[date, bool], ...]) -> Change:
    """Marginal likelihood of two levels 15 points or more apart, over every split, against one level.

    Either level may be sticky. Minus infinity with too few days.
    """
    if len(days) < FEWEST_BEFORE + FEWEST_AFTER:
        return NO_CHANGE
    # Only how often each way was taken counts, so that both sides of every split are sums, not products of days.
    so_far = _ONE_OF_EACH.take(_ways_in(days), axis=0).cumsum(axis=0)[FEWEST_BEFORE - 1 :] @ _LOG_WAYS
    log_first, log_all = so_far[:-FEWEST_AFTER], so_far[-1]
    first, second = np.exp(log_first), np.exp(log_all - log_first) * _STICKINESS_OF_NODE
    level = np.exp(log_all) @ _LEVEL_PRIOR
    lost, gained = _two_levels(first, second), _two_levels(first, second, _LOWER_FIRST)
    log_lost, log_gained = log_ratios(np.array([lost.sum(), gained.sum()]) / len(lost), level).tolist()
    starts = days[FEWEST_BEFORE:]
    return Change(log_lost, starts[lost.argmax()][0], log_gained, starts[gained.argmax()][0])


@lru_cache(maxsize=256)  # whether it is claimed and whether it still holds ask for it
def log_odds_below_half(days: tuple[tuple[date, bool], ...]) -> float:
    """ln of the posterior odds that the level of these days is below one half, if there is one, sticky or not."""
    log_likely = np.bincount(_ways_in(days), minlength=len(WAYS)) @ _LOG_WAYS
    weights = np.exp(log_likely - log_likely.max()) * _LEVEL_PRIOR
    likely = weights.reshape(len(STICKINESS), -1).sum(axis=0)
    below = likely @ _BELOW_HALF
    return float(log_ratios(below, likely.sum() - below))


def second_week_dips(days: tuple[tuple[date, bool], ...], first_day: date) -> float:
    """ln E that the seven days after the first seven went worse than all others, against one level.

    Minus infinity with too few counted days in either week.
    """
    second = np.array([first_day + WEEK <= day < first_day + 2 * WEEK for day, _ in days])
    if second.sum() < FEWEST_OF_WEEK or sum(day < first_day + WEEK for day, _ in days) < FEWEST_OF_WEEK:
        return -math.inf
    likely = _likelihoods(days)
    others, dip = likely[~second].prod(axis=0, keepdims=True), likely[second].prod(axis=0, keepdims=True)
    return float(log_ratios(_two_levels(others, dip * _STICKINESS_OF_NODE), likely.prod(axis=0) @ _LEVEL_PRIOR)[0])


def _likelihoods(days: tuple[tuple[date, bool], ...]) -> Array:
    """For each day the probability of the way it followed the day before, for each stickiness and node."""
    return WAYS.take(_ways_in(days), axis=0)


def _ways_in(days: tuple[tuple[date, bool], ...]) -> Counts:
    """In which of WAYS each day followed the day before."""
    done = np.array([hit for _, hit in days], dtype=np.int64)
    ways = 1 - done
    ways[0] += FIRST_DONE
    ways[1:] += np.where(done[:-1] > 0, DONE_AFTER_DONE, DONE_AFTER_MISS)
    return ways


def _two_levels(first: Array, second: Array, pairs: Array = PAIRS) -> Array:
    """Marginal likelihood of two levels the floor or more apart, row by row of the likelihoods.

    Those of the second hold the prior of the stickiness; `pairs` has that of each first level (rows) beside each
    second.
    """
    out: Array = np.vecdot((first.reshape(-1, len(RATES)) @ pairs).reshape(second.shape), second)
    return out
