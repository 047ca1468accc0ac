"""When on the clock: spread, usual minute and part of the day of a habit's times, in minutes after midnight."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincc

from core.coach.statistics.rates import log_odds_above
from core.coach.statistics.stacking import Stacked

DAY = 1440
HALF_SCORE = 30  # minutes of spread at which the consistency score is 0.5
NEAR = 30  # minutes: "within half an hour"
SHARE_NEAR = 0.6827  # of a normal spread of NEAR minutes lies within NEAR minutes: the same line as a score of 0.5
SCORED_TIMES = 5  # below, a spread says nothing
FEWEST_TIMES = 9  # for a claim about the hour
CENTRE_WITHIN = 15  # minutes to which the usual time must be known ...
CENTRE_SURE = 0.95  # ... with this probability, to be claimed
ODD_DAYS_MOST = 0.25  # a larger share of odd days is the habit itself
ODD_SPREADS = 3.5  # robust standard deviations (1.4826 MAD) from the median make a day odd ...
ODD_MINUTES = 60  # ... if they are as much as this
MAD_TO_SD = 1.4826

FEWEST_SLOT_TIMES, FEWEST_IN_SLOT, SLOT_SHARE = 12, 4, 0.25  # for two slots: times, and how many in each
SLOT_APART, SLOT_SPREADS_APART = 120, 5.0  # minutes and spreads between two slots
SLOT_WIDEST, SLOT_TIGHTEST = 60.0, 8.0  # minutes of spread of a slot
SLOT_WEEKEND_SHARE = 0.45  # a larger difference in the share of weekends makes one slot the weekend's
SLOT_PARAMETERS = 5  # that a second cluster adds, with its search, at half ln n each (Schwarz's criterion)

PARTS = (("morning", 4 * 60), ("afternoon", 12 * 60), ("evening", 17 * 60), ("night", 22 * 60))
PART_SHARE = 0.6
PART_SURE = 0.95
PART_TIMES = 7

BIN = 5  # minutes of the grid of centres
SPREADS = (3, 4.5, 6.5, 9, 12, 15.5, 19.5, 24.5, 30.6, 38, 48, 60, 75, 95, 120, 150, 190, 240)  # minutes, log-even
STRAY = 0.05  # share of times that may be anything at all

Floats = NDArray[np.float64]

# Before the first part begins it is still night.
PART_OF_MINUTE = [PARTS[bisect_right([start for _, start in PARTS], minute) - 1][0] for minute in range(DAY)]
TURNS = np.exp(1j * math.tau / DAY * np.arange(DAY))  # each minute of the day as a direction


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


@dataclass(frozen=True)
class Slots:
    """Two usual minutes, how many `of` the times lie near one of them, and ln E of two clusters over one."""

    minutes: tuple[int, int]
    within: int
    of: int
    log_e: float


def distance(a: float, b: float) -> float:
    """Minutes between two times the short way round the clock."""
    return abs((a - b + DAY / 2) % DAY - DAY / 2)


def between(a: float, b: float) -> float:
    """The minute halfway between two times, the short way round the clock."""
    return (a + ((b - a + DAY / 2) % DAY - DAY / 2) / 2) % DAY


def _spread(resultant: complex) -> float:
    """The circular standard deviation √(−2 ln R) in minutes (Mardia and Jupp); infinite where directions cancel."""
    length = min(abs(resultant), 1.0)
    return math.inf if length < 1e-12 else math.sqrt(-2 * math.log(length)) * DAY / math.tau


def timing(minutes: Sequence[int]) -> Timing:
    """How regular the times are: 0 the same minute always, 0.5 at a spread of 30 minutes, towards 1 all over the clock.

    The core is all of them, unless up to a quarter lie far from the circular median: those are odd days.
    """
    return _timing(tuple(minutes))


@lru_cache(maxsize=256)  # claims, their evidence and what is kept of a night ask for it
def _timing(minutes: tuple[int, ...]) -> Timing:
    apart = DAY / 2 - np.abs(_later(minutes) - DAY / 2)
    away = apart[apart.sum(axis=1).argmin()]
    limit = max(ODD_SPREADS * MAD_TO_SD * middle_value(away), ODD_MINUTES)
    times = np.asarray(minutes)
    core = times[away <= limit]
    if len(times) - len(core) > ODD_DAYS_MOST * len(times):
        core = times
    resultant = _resultant(core)
    spread = _spread(resultant)
    score = 1.0 if math.isinf(spread) else spread / (spread + HALF_SCORE)
    return Timing(len(times), round(score, 4), _direction(resultant), len(times) - len(core))


def part_of_day(minutes: Sequence[int]) -> str | None:
    """The part of the day that holds 60 % of the times with probability 95 % (uniform prior), None while unsure."""
    if len(minutes) < PART_TIMES:
        return None
    part, count = Counter(map(PART_OF_MINUTE.__getitem__, minutes)).most_common(1)[0]
    sure = betaincc(count + 1, len(minutes) - count + 1, PART_SHARE) >= PART_SURE
    return part if sure else None


@Stacked
def usual_time(records: Sequence[tuple[int, ...]]) -> list[Claim | None]:
    """The claim that most times lie within half an hour of one minute; None with too few of them.

    Where not even the busiest hour holds most of them no centre is looked for: it is that hour's claim.
    """
    busiest = [_busiest_hour(minutes) if len(minutes) >= FEWEST_TIMES else None for minutes in records]
    regular = [minutes for minutes, hour in zip(records, busiest, strict=True) if hour and hour.log_odds >= 0]
    claims = dict(zip(regular, map(_usual_time, regular, _centre_posteriors(regular)), strict=True)) if regular else {}
    return [claims.get(minutes, hour) for minutes, hour in zip(records, busiest, strict=True)]


def _usual_time(minutes: tuple[int, ...], centres: Floats) -> Claim:
    best = int(centres.argmax())
    known = float(centres.take(range(best - CENTRE_WITHIN // BIN, best + CENTRE_WITHIN // BIN + 1), mode="wrap").sum())
    grid, times = (best + 0.5) * BIN, np.asarray(minutes)
    close = times[_apart(times, grid) <= 2 * NEAR]
    minute = middle(close) if len(close) else round(grid)
    within = int((_apart(times, minute) <= NEAR).sum())
    return Claim(minute, within, len(minutes), log_odds_above(within, len(minutes), SHARE_NEAR), known)


def varied_time(minutes: Sequence[int]) -> Claim | None:
    """The claim that not even the best hour of the clock holds most times; None with too few of them."""
    if len(minutes) < FEWEST_TIMES:
        return None
    hour = _busiest_hour(tuple(minutes))
    return replace(hour, log_odds=-hour.log_odds)


@lru_cache(maxsize=256)  # a usual and a varied time ask for it
def _busiest_hour(minutes: tuple[int, ...]) -> Claim:
    """The claim that most times lie in the one hour of the clock that holds most of them."""
    in_hour = (_later(minutes) <= 2 * NEAR).sum(axis=1)
    start = int(in_hour.argmax())
    within = int(in_hour[start])
    odds = log_odds_above(within, len(minutes), SHARE_NEAR)
    return Claim((minutes[start] + NEAR) % DAY, within, len(minutes), odds)


def two_slots(minutes: Sequence[int], weekend: Sequence[bool]) -> Slots | None:
    """The two tight clusters, far apart and with a quarter of the times each, that hold the times best.

    None where there are none, where one is the weekend's, or with fewer than 12 times.
    """
    of = len(minutes)
    if of < FEWEST_SLOT_TIMES:
        return None
    opened, off = _opened(minutes, weekend)
    fewest = max(FEWEST_IN_SLOT, math.ceil(SLOT_SHARE * of))
    found = [
        (_log_likelihood(first) + _log_likelihood(second) + _log_shares(len(first), len(second)), len(first))
        for place in range(fewest, of - fewest + 1)
        for first, second in [(opened[:place], opened[place:])]
        if second[0] - first[-1] >= NEAR and _are_slots(first, second)
    ]
    if not found:
        return None
    likelihood, place = max(found)
    if abs(off[:place].mean() - off[place:].mean()) > SLOT_WEEKEND_SHARE:
        return None
    centres = [math.floor(_centre_and_spread(slot)[0] + 0.5) % DAY for slot in (opened[:place], opened[place:])]
    within = sum(min(distance(minute, centre) for centre in centres) <= NEAR for minute in minutes)
    log_e = likelihood - _log_likelihood(opened) - SLOT_PARAMETERS / 2 * math.log(of)
    return Slots((min(centres), max(centres)), within, of, log_e)


def _opened(minutes: Sequence[int], weekend: Sequence[bool]) -> tuple[Floats, NDArray[np.bool_]]:
    """The times in order on a clock cut open at its widest gap, and which of them are on weekends."""
    order = sorted(range(len(minutes)), key=minutes.__getitem__)
    ordered = [minutes[n] for n in order]
    gaps = [later - earlier for earlier, later in pairwise([*ordered, ordered[0] + DAY])]
    cut = gaps.index(max(gaps)) + 1
    opened = np.array([*ordered[cut:], *[minute + DAY for minute in ordered[:cut]]], dtype=float)
    return opened, np.array([weekend[n] for n in (*order[cut:], *order[:cut])])


def _are_slots(first: Floats, second: Floats) -> bool:
    (here, spread), (there, other) = _centre_and_spread(first), _centre_and_spread(second)
    widest = max(spread, other)
    return widest <= SLOT_WIDEST and there - here >= max(SLOT_APART, SLOT_SPREADS_APART * widest)


def _centre_and_spread(minutes: Floats) -> tuple[float, float]:
    """Median and robust standard deviation."""
    centre = middle_value(minutes)
    return centre, max(MAD_TO_SD * middle_value(np.abs(minutes - centre)), SLOT_TIGHTEST)


def _log_likelihood(minutes: Floats) -> float:
    """Of one cluster around its own median: normal, and 5 % anything."""
    centre, spread = _centre_and_spread(minutes)
    normal = np.exp(-0.5 * ((minutes - centre) / spread) ** 2) / (spread * math.sqrt(math.tau))
    return float(np.log((1 - STRAY) * normal + STRAY / DAY).sum())


def _log_shares(first: int, second: int) -> float:
    return first * math.log(first / (first + second)) + second * math.log(second / (first + second))


def _apart(minutes: NDArray[Any], minute: float) -> Floats:
    """The distance of each time."""
    apart: Floats = np.abs((minutes - minute + DAY / 2) % DAY - DAY / 2)
    return apart


def _later(minutes: Sequence[int]) -> NDArray[np.int64]:
    """How many minutes each time (column) comes after each (row), going round the clock."""
    times = np.asarray(minutes)
    later: NDArray[np.int64] = (times[None] - times[:, None]) % DAY
    return later


def _resultant(minutes: Sequence[int] | NDArray[np.int64]) -> complex:
    return complex(TURNS[np.asarray(minutes) % DAY].sum()) / len(minutes)


def middle_value(values: Floats) -> float:
    """The median; on few values several times as fast as NumPy's."""
    ordered = values.copy()
    ordered.sort()
    return float(ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2


def middle(minutes: Sequence[int] | NDArray[np.int64]) -> int:
    """The circular mean."""
    return _direction(_resultant(minutes))


def _direction(resultant: complex) -> int:
    return round(math.atan2(resultant.imag, resultant.real) * DAY / math.tau) % DAY


def middles(minutes: NDArray[np.int64], own: NDArray[np.bool_]) -> NDArray[np.int64]:
    """`middle` of each row's own minutes."""
    sums = np.where(own, TURNS[minutes], 0).sum(axis=1)
    out: NDArray[np.int64] = np.rint(np.angle(sums) * DAY / math.tau).astype(np.int64) % DAY
    return out


@cache
def _log_density() -> NDArray[np.complex128]:
    """Spectrum of the log density of a time around bin 0, a row for each spread: normal, and 5 % anything."""
    bins = np.arange(DAY // BIN) * BIN
    sd = np.hypot(np.array(SPREADS), BIN / math.sqrt(12))[:, None]  # a bin is known to its width
    turns = [np.exp(-0.5 * ((np.minimum(bins, DAY - bins) + turn) / sd) ** 2) for turn in (-DAY, 0, DAY)]
    normal = sum(turns, np.zeros((len(SPREADS), len(bins)))) / (sd * math.sqrt(math.tau))
    return np.fft.rfft(np.log((1 - STRAY) * normal + STRAY / DAY), axis=1)


def _centre_posteriors(records: Sequence[Sequence[int]]) -> Floats:
    """Probability of each bin of the clock to be the centre, a row a record.

    The spread is averaged out, flat in its logarithm.
    """
    seen = np.array([np.bincount(np.asarray(minutes) // BIN, minlength=DAY // BIN) for minutes in records])
    log_likelihood = np.fft.irfft(np.fft.rfft(seen)[:, None] * _log_density(), n=DAY // BIN, axis=2)
    log_likelihood -= log_likelihood.max(axis=(1, 2), keepdims=True)
    weight = np.exp(log_likelihood, out=log_likelihood).sum(axis=1)
    posterior: Floats = weight / weight.sum(axis=1, keepdims=True)
    return posterior
