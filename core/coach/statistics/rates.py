"""Rates and the evidence that compares them: intervals, and marginal likelihoods of one rate and of two that differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincc, betaincinv

FLOOR = 0.15  # a smaller difference between two rates is too small to act on
LEVEL_CHANGED = 0.2  # prior probability that the level changed once within the days looked at
MOST_DAYS = 120  # that the tables hold; no more are looked at (evidence.DAYS_LOOKED_AT)
TINY = 1e-300

Array = NDArray[np.float64]
Counts = NDArray[np.int64]  # done and of along the first axis
DoneAndOf = Counts | tuple[Counts, Counts]
Days = Sequence[tuple[date, bool]]
Marked = tuple[bool, bool]

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


@lru_cache(maxsize=8192)  # counts are small and come again
def interval(done: int, of: int) -> tuple[float, float]:
    """The 90 % Beta interval of a rate seen as `done` of `of`, with a uniform prior."""
    low, high = (float(betaincinv(done + 1, of - done + 1, tail)) for tail in (0.05, 0.95))
    return round(low, 4), round(high, 4)


def posterior_mean(done: int, of: int) -> float:
    """(s + 1) / (n + 2): the rate to show where one number is shown."""
    return round((done + 1) / (of + 2), 4)


@lru_cache(maxsize=8192)
def log_odds_above(done: int, of: int, line: float) -> float:
    """ln of the posterior odds that a rate is above `line`, with a uniform prior."""
    above, below = betaincc(done + 1, of - done + 1, line), betainc(done + 1, of - done + 1, line)
    return math.log(max(above, TINY)) - math.log(max(below, TINY))


def count(days: Days) -> tuple[int, int]:
    """(done, of)."""
    return sum([done for _, done in days]), len(days)


@cache
def _likelihoods() -> Array:
    """p^s (1-p)^(n-s) on the nodes of p, a row for each n and s from 0 to MOST_DAYS; s above n is never asked for."""
    of, done = np.arange(MOST_DAYS + 1)[:, None, None], np.arange(MOST_DAYS + 1)[None, :, None]
    out: Array = np.exp(done * np.log(RATES) + np.maximum(of - done, 0) * np.log1p(-RATES))
    return out.reshape(-1, len(RATES))


def _row(counts: DoneAndOf) -> Counts:
    """The rows of the tables for such counts."""
    done, of = counts
    return of * (MOST_DAYS + 1) + done


@cache
def _one_rate() -> Array:
    out: Array = _likelihoods() @ PRIOR
    return out


@cache
def _high_rate() -> Array:
    """The likelihood of the high cell averaged over the high rate, on the nodes of the low one."""
    out: Array = _likelihoods() @ PAIRS
    return out


def one_rate(counts: DoneAndOf) -> Array:
    """Marginal likelihood of (done, of) under one rate, whatever it is."""
    return _one_rate().take(_row(counts))


def low_and_high(low: DoneAndOf, high: DoneAndOf) -> Array:
    """Marginal likelihood of two cells whose rates lie the floor or more apart."""
    out: Array = (_high_rate().take(_row(high), axis=0) * _likelihoods().take(_row(low), axis=0)).sum(axis=-1)
    return out


def log_ratios(claim: Array, denial: Array) -> Array:
    """ln of claim / denial, for likelihoods that may be nought."""
    out: Array = np.log(np.maximum(claim, TINY)) - np.log(np.maximum(denial, TINY))
    return out


def most_gone(before: Sequence[Marked], since: Sequence[Marked], fewest_low: int, fewest_high: int) -> float:
    """The largest ln E, on any day since, that a low and a high cell differ no more: one rate, or the reverse.

    Against "it goes on as it was" (0.8), or at another level with the same sign (0.2). The largest, so that what is
    over stays over: for a difference that goes on, E ever reaches x with probability 1/x at most (Ville). Rows are
    (whether the day is in the low cell, whether it was done); minus infinity with too few of a cell since.
    """
    told = _cells(before)[:, :, -1:] if before else np.zeros((2, 2, 1), dtype=np.int64)
    now = _cells(since) if since else np.zeros((2, 2, 0), dtype=np.int64)
    now = now[:, :, (now[0, 1] >= fewest_low) & (now[1, 1] >= fewest_high)]
    if not now.shape[2]:
        return -math.inf
    as_before = low_and_high(*(told + now)) / low_and_high(*told)
    goes_on = (1 - LEVEL_CHANGED) * as_before + LEVEL_CHANGED * low_and_high(*now)
    gone = np.maximum(one_rate(now.sum(axis=0)), low_and_high(*now[::-1]))
    return float((np.log(gone + TINY) - np.log(goes_on + TINY)).max())


def _cells(rows: Sequence[Marked]) -> Counts:
    """Low cell and high cell, done and of, after each row."""
    low, done = np.array(rows, dtype=np.int64).T
    return np.array([[low * done, low], [(1 - low) * done, 1 - low]]).cumsum(axis=2)
