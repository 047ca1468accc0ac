"""The times of a habit as a regression: one hour, a drift, one step at any place, each with or without weekends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from core.coach.hours import DAY, MAD_TO_SD, middle, middle_value

FEWEST_MOVE_TIMES = 10  # for a claim about a move
FEWEST_BEFORE, FEWEST_AFTER = 6, 7  # times on either side of a step: a new hour that a journey explains is no move
FEWEST_WEEKEND, FEWEST_WEEKENDS, FEWEST_WEEKDAY = 3, 2, 6  # weekend times, weekends with one, other times

# The effects' prior standard deviations in units of the spread around them: a weekend, a week of drift, a step.
WEEKEND_SD, DRIFT_SD, STEP_SD = 3.0, 0.8, 2.5
# How much of its distance from the hour a time hands on to the next, and ln of the prior: lateness comes in runs.
STICKINESS = np.array([0.0, 0.3])
LOG_STICKY = np.log([0.8, 0.2])[:, None, None]
WITH_OFFSET = np.array([[0.0], [1.0]])
SPREAD_MINUTES = 12.0  # prior guess of the spread, worth one time: it keeps five equal ticks honest

CLIPPED, CLIPPED_MINUTES = 3, 30  # robust standard deviations from a rough fit, and minutes: farther is pulled in ...
DROPPED, DROPPED_MINUTES = 5, 75  # ... and this far left out
DROPPED_MOST = 0.15  # a larger share is no accident: the hour has no such shape
TIGHTEST = 4.0  # minutes: a robust standard deviation is not taken to be smaller
AGREE_SHARE = 0.7  # of the weekend times lie together where they have an hour of their own
SLOT_APART, SLOT_NEAR, SLOT_SHARE = 120, 45, 0.12  # a far hour that weekdays use too is a second slot

Timed = tuple[date, int]
Array = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fit:
    """Every model of the times: stickiness; without and with a weekend offset; no move, a drift, steps.

    `moved` and `offset` are (mean, standard deviation) in minutes, a drift's over the whole span of `weeks`.
    `since` has the day of each step; `flat` are the minutes that were kept, freed of the weekend's offset.
    `is_messy`: too many times are far from any shape. `far_slot`: the weekend's hour is used on weekdays too.
    """

    log_likelihood: Array
    moved: tuple[Array, Array]
    offset: tuple[Array, Array]
    weeks: float
    since: tuple[date, ...]
    flat: Array
    is_messy: bool
    has_weekends: bool
    far_slot: bool

    @cached_property
    def has_lasted(self) -> NDArray[np.bool_]:
        """For each place of a step: whether enough times after it lie beyond the halfway between the two levels."""
        minutes, (places, *_) = self.flat, _steps(len(self.flat))
        sums = minutes.cumsum()
        before, after = sums[places - 1] / places, (sums[-1] - sums[places - 1]) / (len(minutes) - places)
        beyond = (minutes - ((before + after) / 2)[:, None]) * (after - before)[:, None] > 0
        since = np.arange(len(minutes)) >= places[:, None]
        return np.asarray((beyond & since).sum(axis=1) >= FEWEST_AFTER)


@lru_cache(maxsize=64)  # both directions and the weekend ask for it
def fit_moves(times: tuple[Timed, ...]) -> Fit | None:
    """The models fitted to (day, minute), oldest first; None with fewer than 10 times.

    A Bayesian regression with conjugate priors (Gelman et al., "Bayesian Data Analysis", ch. 14) after gross outliers
    are dropped and the rest clipped around a rough fit: medians by sort of day, and Tukey's resistant line.
    """
    if len(times) < FEWEST_MOVE_TIMES:
        return None
    days = [day for day, _ in times]
    numbers = np.array([day.toordinal() for day in days])
    minutes = np.array([minute for _, minute in times], dtype=float)
    around = (minutes - middle(minutes) + DAY / 2) % DAY - DAY / 2
    weekend = (numbers + 6) % 7 >= 5
    weeks = (numbers - numbers[0]) / 7
    offset_guess = _weekend_offset(around, weekend) * weekend
    rest = _rough_rest(around - offset_guess, weeks)
    robust_sd = _robust_sd(rest)
    kept = np.abs(rest) <= max(DROPPED * robust_sd, DROPPED_MINUTES)
    reach = max(CLIPPED * robust_sd, CLIPPED_MINUTES)
    tamed = around - rest + np.clip(rest, -reach, reach)
    if kept.sum() < FEWEST_MOVE_TIMES:
        return None
    likelihood, moved, offset = _regress(tamed[kept], weekend[kept].astype(float), weeks[kept])
    span = float(weeks[-1])
    for effect in moved:
        effect[..., 1] *= span
    places = np.flatnonzero(kept)[_steps(int(kept.sum()))[0]]
    return Fit(
        likelihood,
        moved,
        offset,
        span,
        tuple(days[place] for place in places),
        (tamed - offset_guess)[kept],
        is_messy=bool(kept.sum() < (1 - DROPPED_MOST) * len(times) - 0.5),
        has_weekends=_has_weekends(numbers[kept], weekend[kept]),
        far_slot=_has_far_slot(around, weekend),
    )


@cache
def _steps(times: int) -> tuple[Ints, Array, Array]:
    """The places of a step; for each stickiness (rows) the squared length of a whitened, levelled step.

    And the prior precision of weekend and move together: no move, a drift, a step at each place.
    """
    places = np.arange(FEWEST_BEFORE, times - FEWEST_AFTER + 1)
    fresh = 1 - STICKINESS[:, None]
    after = times - places - 1
    level = 1 - STICKINESS[:, None] ** 2 + (times - 1) * fresh**2
    squares: Array = 1 + after * fresh**2 - (fresh * (1 + after * fresh)) ** 2 / level
    prior = np.concatenate([[1.0, DRIFT_SD**-2], np.full(len(places), STEP_SD**-2)]) * WEEKEND_SD**-2
    return places, squares, prior


def _whitened(columns: Array) -> tuple[Array, Array]:
    """Columns (rows of the argument) freed of each stickiness (first axis) and of the level; ln of the level's part.

    The time after another keeps a share of its distance from the hour: z₀ = y₀√(1−ρ²), zᵢ = yᵢ − ρ·yᵢ₋₁.
    """
    sticky = STICKINESS[:, None, None]
    columns = np.concatenate([columns, np.ones((1, columns.shape[1]))])
    first = columns[None, :, :1] * np.sqrt(1 - sticky**2)
    fresh = np.concatenate([first, columns[None, :, 1:] - sticky * columns[None, :, :-1]], axis=2)
    level = fresh[:, -1:]
    size = (level**2).sum(axis=2)
    levelled = fresh[:, :-1] - level * ((fresh[:, :-1] * level).sum(axis=2) / size)[:, :, None]
    return levelled, 0.5 * (np.log1p(-(STICKINESS**2)) - np.log(size[:, 0]))


def _regress(minutes: Array, weekend: Array, weeks: Array) -> tuple[Array, tuple[Array, Array], tuple[Array, Array]]:
    """ln marginal likelihood, move and offset (mean, sd) of y = level + offset·weekend + effect·move + sticky noise.

    Flat in the level; offset and effect normal around 0 in units of the noise; the noise integrated out.
    Axes: stickiness; without and with the offset; no move, a drift in weeks, a step at each place.
    """
    places, steps_squared, prior = _steps(len(minutes))
    columns, level = _whitened(np.array([minutes, weekend, weeks]))
    products = columns @ columns.transpose(0, 2, 1)
    onward = columns[:, :2, ::-1].cumsum(axis=2)[:, :, ::-1][:, :, places]
    stepped = onward - STICKINESS[:, None, None] * (onward - columns[:, :2, places])
    mm, my, wm = np.zeros((3, len(STICKINESS), 1, len(places) + 2))
    mm[:, 0, 0], mm[:, 0, 1], mm[:, 0, 2:] = 1.0, products[:, 2, 2] + DRIFT_SD**-2, steps_squared + STEP_SD**-2
    my[:, 0, 1], my[:, 0, 2:] = products[:, 0, 2], stepped[:, 0]
    wm[:, 0, 1], wm[:, 0, 2:] = products[:, 1, 2], stepped[:, 1]
    wm = wm * WITH_OFFSET
    ww = products[:, 1, 1, None, None] * WITH_OFFSET + WEEKEND_SD**-2
    wy = products[:, 0, 1, None, None] * WITH_OFFSET
    determinant = ww * mm - wm**2
    effect, offset = (ww * my - wm * wy) / determinant, (mm * wy - wm * my) / determinant
    rest = products[:, 0, 0, None, None] + SPREAD_MINUTES**2 - wy * offset - my * effect
    likelihood = level[:, None, None] - 0.5 * (np.log(determinant / prior) + len(minutes) * np.log(rest))
    variance = rest / (len(minutes) * determinant)
    return LOG_STICKY + likelihood, (effect, np.sqrt(variance * ww)), (offset, np.sqrt(variance * mm))


def _rough_rest(flat: Array, weeks: Array) -> Array:
    """What a rough fit leaves over, which no single time can bend."""
    third = len(flat) // 3
    last = len(flat) - third
    far = max((weeks[last:].sum() - weeks[:third].sum()) / third, 0.3)
    rest: Array = flat - (middle_value(flat[last:]) - middle_value(flat[:third])) / far * weeks
    rest -= middle_value(rest)
    return rest


def _weekend_offset(minutes: Array, weekend: NDArray[np.bool_]) -> float:
    """The difference of medians, 0 where there are too few times or the weekend times do not agree."""
    off, on = minutes[weekend], minutes[~weekend]
    if min(len(off), len(on)) < 2:
        return 0.0
    middle_off, middle_on = middle_value(off), middle_value(on)
    near = max(CLIPPED * _robust_sd(on - middle_on), CLIPPED_MINUTES)
    agrees = (np.abs(off - middle_off) <= near).sum() >= AGREE_SHARE * len(off)
    return middle_off - middle_on if agrees else 0.0


def _has_far_slot(minutes: Array, weekend: NDArray[np.bool_]) -> bool:
    off, on = minutes[weekend], minutes[~weekend]
    if not len(off) or not len(on):
        return False
    hour = middle_value(off)
    return bool(abs(hour - middle_value(on)) > SLOT_APART and (np.abs(on - hour) <= SLOT_NEAR).mean() >= SLOT_SHARE)


def _has_weekends(days: NDArray[np.int64], weekend: NDArray[np.bool_]) -> bool:
    weekends = len({(int(day) + 6) // 7 for day in days[weekend]})
    return bool(weekend.sum() >= FEWEST_WEEKEND and weekends >= FEWEST_WEEKENDS and (~weekend).sum() >= FEWEST_WEEKDAY)


def _robust_sd(rest: Array) -> float:
    return max(MAD_TO_SD * middle_value(np.abs(rest)), TIGHTEST)
