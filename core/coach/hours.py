"""When on the clock: spread, usual minute and part of the day of a habit's times, in minutes after midnight."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc

from core.coach.rates import log_odds_above

DAY = 1440
HALF_SCORE = 30  # minutes of spread at which the consistency score is 0.5
NEAR = 30  # minutes: "within half an hour"
SHARE_NEAR = 0.6827  # of a normal spread of NEAR minutes lies within NEAR minutes: the same line as a score of 0.5
FEWEST_TIMES = 9  # for a claim about the hour
CENTRE_WITHIN = 15  # minutes to which the usual time must be known ...
CENTRE_SURE = 0.95  # ... with this probability, to be claimed
ODD_DAYS_MOST = 0.25  # a larger share of odd days is the habit itself
ODD_SPREADS = 3.5  # robust standard deviations (1.4826 MAD) from the median make a day odd ...
ODD_MINUTES = 60  # ... if they are as much as this
MAD_TO_SD = 1.4826

PARTS = (("morning", 4 * 60), ("afternoon", 12 * 60), ("evening", 17 * 60), ("night", 22 * 60))
PART_SHARE = 0.6
PART_SURE = 0.95
PART_TIMES = 7

BIN = 5  # minutes of the grid of centres
SPREADS = (3, 4.5, 6.5, 9, 12, 15.5, 19.5, 24.5, 30.6, 38, 48, 60, 75, 95, 120, 150, 190, 240)  # minutes, log-even
STRAY = 0.05  # share of times that may be anything at all

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Timing:
    """Consistency score s/(s+30) of the core, the core's middle minute, and how many odd days were set aside."""

    n: int
    score: float
    minute: int
    odd: int


@dataclass(frozen=True)
class Claim:
    """`within` of `of` times near the minute, and ln of the odds that the share of all times is on the claimed side.

    `known` is the probability that the minute is right to a quarter of an hour.
    """

    minute: int
    within: int
    of: int
    log_odds: float
    known: float = 1.0


def distance(a: float, b: float) -> float:
    """Minutes between two times the short way round the clock."""
    return abs((a - b + DAY / 2) % DAY - DAY / 2)


def circular_sd(minutes: Sequence[int]) -> float:
    """√(−2 ln R) in minutes (Mardia and Jupp); infinite where the directions cancel."""
    length = min(abs(_resultant(minutes)), 1.0)
    return math.inf if length < 1e-12 else math.sqrt(-2 * math.log(length)) * DAY / math.tau


def timing(minutes: Sequence[int]) -> Timing:
    """How regular the times are: 0 the same minute always, 0.5 at a spread of 30 minutes, towards 1 all over the clock.

    The core is all of them, unless up to a quarter lie far from the circular median: those are odd days.
    """
    apart = DAY / 2 - np.abs(_later(minutes) - DAY / 2)
    away = apart[apart.sum(axis=1).argmin()]
    limit = max(ODD_SPREADS * MAD_TO_SD * float(np.median(away)), ODD_MINUTES)
    core = [one for one, far in zip(minutes, away, strict=True) if far <= limit]
    if len(minutes) - len(core) > ODD_DAYS_MOST * len(minutes):
        core = list(minutes)
    spread = circular_sd(core)
    score = 1.0 if math.isinf(spread) else spread / (spread + HALF_SCORE)
    return Timing(len(minutes), round(score, 4), _middle(core), len(minutes) - len(core))


def part_of_day(minutes: Sequence[int]) -> str | None:
    """The part of the day that holds 60 % of the times with probability 95 % (uniform prior), None while unsure."""
    if len(minutes) < PART_TIMES:
        return None
    part, count = Counter(map(_part, minutes)).most_common(1)[0]
    sure = betaincc(count + 1, len(minutes) - count + 1, PART_SHARE) >= PART_SURE
    return part if sure else None


def usual_time(minutes: Sequence[int]) -> Claim | None:
    """The claim that most times lie within half an hour of one minute; None with too few of them."""
    if len(minutes) < FEWEST_TIMES:
        return None
    centres = _centre_posterior(minutes)
    best = int(np.argmax(centres))
    off = (np.arange(len(centres)) - best + len(centres) // 2) % len(centres) - len(centres) // 2
    known = float(centres[np.abs(off) * BIN <= CENTRE_WITHIN].sum())
    grid = (best + 0.5) * BIN
    minute = _middle([one for one in minutes if distance(one, grid) <= 2 * NEAR] or [round(grid)])
    within = sum(distance(one, minute) <= NEAR for one in minutes)
    return Claim(minute, within, len(minutes), log_odds_above(within, len(minutes), SHARE_NEAR), known)


def varied_time(minutes: Sequence[int]) -> Claim | None:
    """The claim that not even the best hour of the clock holds most times; None with too few of them."""
    if len(minutes) < FEWEST_TIMES:
        return None
    in_hour = (_later(minutes) <= 2 * NEAR).sum(axis=1)
    within, start = int(in_hour.max()), minutes[int(in_hour.argmax())]
    odds = -log_odds_above(within, len(minutes), SHARE_NEAR)
    return Claim((start + NEAR) % DAY, within, len(minutes), odds)


def _later(minutes: Sequence[int]) -> NDArray[np.int64]:
    """How many minutes each time (column) comes after each (row), going round the clock."""
    times = np.asarray(minutes)
    later: NDArray[np.int64] = (times[None] - times[:, None]) % DAY
    return later


def _resultant(minutes: Sequence[int]) -> complex:
    return complex(np.exp(1j * math.tau / DAY * np.asarray(minutes)).mean())


def _middle(minutes: Sequence[int]) -> int:
    """The circular mean."""
    resultant = _resultant(minutes)
    return round(math.atan2(resultant.imag, resultant.real) * DAY / math.tau) % DAY


def _part(minute: int) -> str:
    return next((name for name, start in reversed(PARTS) if minute >= start), PARTS[-1][0])


@cache
def _log_density() -> NDArray[np.complex128]:
    """Spectrum of the log density of a time around bin 0, a row for each spread: normal, and 5 % anything."""
    bins = np.arange(DAY // BIN) * BIN
    sd = np.hypot(np.array(SPREADS), BIN / math.sqrt(12))[:, None]  # a bin is known to its width
    turns = [np.exp(-0.5 * ((np.minimum(bins, DAY - bins) + turn) / sd) ** 2) for turn in (-DAY, 0, DAY)]
    normal = sum(turns, np.zeros((len(SPREADS), len(bins)))) / (sd * math.sqrt(math.tau))
    return np.fft.rfft(np.log((1 - STRAY) * normal + STRAY / DAY), axis=1)


def _centre_posterior(minutes: Sequence[int]) -> Floats:
    """Probability of each bin of the clock to be the centre; the spread is averaged out, flat in its logarithm."""
    seen = np.bincount(np.asarray(minutes) // BIN, minlength=DAY // BIN)
    log_likelihood = np.fft.irfft(np.fft.rfft(seen)[None] * _log_density(), n=DAY // BIN, axis=1)
    weight = np.exp(log_likelihood - log_likelihood.max()).sum(axis=0)
    posterior: Floats = weight / weight.sum()
    return posterior
