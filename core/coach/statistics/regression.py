"""The times of a habit as a regression: one hour, a drift, one step at any place, each with or without weekends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.coach.statistics.hours import DAY, MAD_TO_SD, middles
from core.coach.statistics.stacking import Bools, Ints, Stacked, dated
from core.timeline import on_weekends

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


@dataclass(frozen=True, eq=False)
class Fit:
    """Every model of the times: stickiness; without and with a weekend offset; no move, a drift, steps.

    `moved` and `offset` are (mean, standard deviation) in minutes, a drift's over the whole span of `weeks`.
    `since` has the day of each step as ordinal; `flat` are the minutes that were kept, freed of the weekend's offset.
    `is_messy`: too many times are far from any shape. `far_slot`: the weekend's hour is used on weekdays too.
    """

    log_likelihood: Array
    moved: tuple[Array, Array]
    offset: tuple[Array, Array]
    weeks: float
    since: Ints
    flat: Array
    is_messy: bool
    has_weekends: bool
    far_slot: bool

    @property
    def models(self) -> int:
        """No move, a drift, and a step at each place."""
        return len(self.since) + 2

    @cached_property
    def has_lasted(self) -> Bools:
        """For each place of a step: whether enough times after it lie beyond the halfway between the two levels."""
        minutes, places = self.flat, _places(len(self.flat))
        sums = minutes.cumsum()
        before, after = sums[places - 1] / places, (sums[-1] - sums[places - 1]) / (len(minutes) - places)
        beyond = (minutes - ((before + after) / 2)[:, None]) * (after - before)[:, None] > 0
        since = np.arange(len(minutes)) >= places[:, None]
        return np.asarray((beyond & since).sum(axis=1) >= FEWEST_AFTER)


@Stacked  # both directions and the weekend ask for it
def fit_moves(records: Sequence[tuple[Timed, ...]]) -> list[Fit | None]:
    """The models fitted to (day, minute), oldest first; None with fewer than 10 times.

    A Bayesian regression with conjugate priors (Gelman et al., "Bayesian Data Analysis", ch. 14) after gross outliers
    are dropped and the rest clipped around a rough fit: medians by sort of day, and Tukey's resistant line.
    """
    enough = [times for times in records if len(times) >= FEWEST_MOVE_TIMES]
    fits = iter(_fits(enough) if enough else ())
    return [next(fits) if len(times) >= FEWEST_MOVE_TIMES else None for times in records]


def _fits(records: Sequence[tuple[Timed, ...]]) -> list[Fit | None]:
    """`fit_moves` for records with times enough, one under another in rows."""
    numbers, minutes, own = dated(records)
    around = (minutes.astype(np.float64) - middles(minutes, own)[:, None] + DAY / 2) % DAY - DAY / 2
    weekend = own & on_weekends(numbers)
    weeks = np.where(own, (numbers - numbers[:, :1]) / 7, 0.0)
    offset, far_slot = _weekend_hours(around, weekend, own & ~weekend)
    offsets = offset[:, None] * weekend
    rest = _rough_rest(around - offsets, weeks, own)
    robust_sd = _robust_sds(rest, own)
    kept = own & (np.abs(rest) <= np.maximum(DROPPED * robust_sd, DROPPED_MINUTES))
    reach = np.maximum(CLIPPED * robust_sd, CLIPPED_MINUTES)
    tamed = around - rest + np.clip(rest, -reach, reach)
    of, of_kept, has_weekends = own.sum(axis=1), kept.sum(axis=1), _have_weekends(numbers, kept, weekend)
    out: list[Fit | None] = [None] * len(records)
    rows = np.flatnonzero(of_kept >= FEWEST_MOVE_TIMES)
    if not len(rows):
        return out
    kept, of_kept, span = kept[rows], of_kept[rows], weeks[rows].max(axis=1)
    aligned = np.arange(of_kept.max()) < of_kept[:, None]
    columns = np.zeros((len(rows), 5, aligned.shape[1]))
    for column, values in enumerate((tamed, weekend, weeks, tamed - offsets, numbers)):
        columns[:, column][aligned] = values[rows][kept]
    likelihood, moved, offset_effect = _regress(columns[:, :3], aligned, of_kept)
    for effect in moved:
        effect[..., 1] *= span[:, None, None]
    for at, (row, size) in enumerate(zip(rows.tolist(), of_kept.tolist(), strict=True)):
        places = _places(size)
        models = slice(0, 2 + len(places))
        out[row] = Fit(
            likelihood[at, ..., models],
            (moved[0][at, ..., models], moved[1][at, ..., models]),
            (offset_effect[0][at, ..., models], offset_effect[1][at, ..., models]),
            float(span[at]),
            columns[at, 4, places].astype(np.int64),
            columns[at, 3, :size],
            is_messy=bool(size < (1 - DROPPED_MOST) * of[row] - 0.5),
            has_weekends=bool(has_weekends[row]),
            far_slot=bool(far_slot[row]),
        )
    return out


def _places(times: int) -> Ints:
    """The places of a step: so many times come before it."""
    return np.arange(FEWEST_BEFORE, times - FEWEST_AFTER + 1)


def _whitened(columns: Array, own: Bools) -> tuple[Array, Array]:
    """Columns (last axis but one) freed of each stickiness (second axis) and of the level; ln of the level's part.

    The time after another keeps a share of its distance from the hour: z₀ = y₀√(1−ρ²), zᵢ = yᵢ − ρ·yᵢ₋₁.
    """
    sticky = STICKINESS[:, None, None]
    columns = np.concatenate([columns, own[:, None]], axis=1)[:, None]
    first = columns[..., :1] * np.sqrt(1 - sticky**2)
    fresh = np.concatenate([first, (columns[..., 1:] - sticky * columns[..., :-1]) * own[:, None, None, 1:]], axis=3)
    level = fresh[:, :, -1:]
    size = (level**2).sum(axis=3)
    levelled = fresh[:, :, :-1] - level * ((fresh[:, :, :-1] * level).sum(axis=3) / size)[..., None]
    return levelled, 0.5 * (np.log1p(-(STICKINESS**2)) - np.log(size[..., 0]))


def _steps_squared(of: Ints, places: Ints) -> Array:
    """The squared length of a whitened, levelled step, by record, stickiness and place."""
    times, fresh = of[:, None, None], 1 - STICKINESS[:, None]
    after = times - places - 1
    level = 1 - STICKINESS[:, None] ** 2 + (times - 1) * fresh**2
    out: Array = 1 + after * fresh**2 - (fresh * (1 + after * fresh)) ** 2 / level
    return out


def _regress(columns: Array, own: Bools, of: Ints) -> tuple[Array, tuple[Array, Array], tuple[Array, Array]]:
    """ln marginal likelihood, move and offset (mean, sd) of y = level + offset·weekend + effect·move + sticky noise.

    `columns` are minutes, weekend and weeks of each record, `of` times in each. Flat in the level; offset and effect
    normal around 0 in units of the noise; the noise integrated out. Axes: record; stickiness; without and with the
    offset; no move, a drift in weeks, a step at each place (which means nothing past the record's own places).
    """
    places = _places(own.shape[1])
    is_step = (places <= of[:, None] - FEWEST_AFTER)[:, None]
    white, level = _whitened(columns, own)
    products = white @ white.transpose(0, 1, 3, 2)
    onward = white[:, :, :2, ::-1].cumsum(axis=3)[..., ::-1][..., places]
    stepped = (onward - STICKINESS[:, None, None] * (onward - white[:, :, :2, places])) * is_step[:, None]
    steps_squared = np.where(is_step, _steps_squared(of, places), 0.0)
    mm, my, wm = np.zeros((3, len(of), len(STICKINESS), 1, len(places) + 2))
    mm[:, :, 0, 0], mm[:, :, 0, 1] = 1.0, products[:, :, 2, 2] + DRIFT_SD**-2
    mm[:, :, 0, 2:] = steps_squared + STEP_SD**-2
    my[:, :, 0, 1], my[:, :, 0, 2:] = products[:, :, 0, 2], stepped[:, :, 0]
    wm[:, :, 0, 1], wm[:, :, 0, 2:] = products[:, :, 1, 2], stepped[:, :, 1]
    wm = wm * WITH_OFFSET
    ww = products[:, :, 1, 1, None, None] * WITH_OFFSET + WEEKEND_SD**-2
    wy = products[:, :, 0, 1, None, None] * WITH_OFFSET
    determinant = ww * mm - wm**2
    effect, offset = (ww * my - wm * wy) / determinant, (mm * wy - wm * my) / determinant
    rest = products[:, :, 0, 0, None, None] + SPREAD_MINUTES**2 - wy * offset - my * effect
    times, prior = of[:, None, None, None], np.full(len(places) + 2, STEP_SD**-2)
    prior[:2] = 1.0, DRIFT_SD**-2
    likelihood = level[..., None, None] - 0.5 * (np.log(determinant / (prior * WEEKEND_SD**-2)) + times * np.log(rest))
    variance = rest / (times * determinant)
    return LOG_STICKY + likelihood, (effect, np.sqrt(variance * ww)), (offset, np.sqrt(variance * mm))


def _rough_rest(flat: Array, weeks: Array, own: Bools) -> Array:
    """What a rough fit leaves over of each record, which no single time can bend."""
    of, column = own.sum(axis=1, keepdims=True), np.arange(own.shape[1])
    third = of // 3
    first, last = column < third, own & (column >= of - third)
    far = np.maximum((weeks * last - weeks * first).sum(axis=1, keepdims=True) / third, 0.3)
    rest: Array = flat - (_middles(flat, last) - _middles(flat, first)) / far * weeks
    return rest - _middles(rest, own)


def _weekend_hours(minutes: Array, weekend: Bools, weekday: Bools) -> tuple[Array, Bools]:
    """Of each record the difference of medians, and whether the weekend's hour is used on weekdays too.

    The difference is 0 where there are too few times or the weekend times do not agree.
    """
    of_weekend, of_weekday = weekend.sum(axis=1), weekday.sum(axis=1)
    off, on = _middles(minutes, weekend), _middles(minutes, weekday)
    near = np.maximum(CLIPPED * _robust_sds(minutes - on, weekday), CLIPPED_MINUTES)
    agree = (weekend & (np.abs(minutes - off) <= near)).sum(axis=1) >= AGREE_SHARE * of_weekend
    apart = (off - on)[:, 0]
    is_offset = agree & (np.minimum(of_weekend, of_weekday) >= 2)
    shared = (weekday & (np.abs(minutes - off) <= SLOT_NEAR)).sum(axis=1) / np.maximum(of_weekday, 1)
    has_both = (of_weekend > 0) & (of_weekday > 0)
    return np.where(is_offset, apart, 0.0), has_both & (np.abs(apart) > SLOT_APART) & (shared >= SLOT_SHARE)


def _have_weekends(numbers: Ints, kept: Bools, weekend: Bools) -> Bools:
    """Whether there are weekend times enough, from weekends enough, and other times."""
    off, week = kept & weekend, (numbers + 6) // 7
    latest = np.maximum.accumulate(np.where(off, week, 0), axis=1)
    weekends = (latest[:, 0] > 0) + (latest[:, 1:] > latest[:, :-1]).sum(axis=1)
    weekdays = (kept & ~weekend).sum(axis=1)
    out: Bools = (off.sum(axis=1) >= FEWEST_WEEKEND) & (weekends >= FEWEST_WEEKENDS) & (weekdays >= FEWEST_WEEKDAY)
    return out


def _robust_sds(rest: Array, own: Bools) -> Array:
    return np.maximum(MAD_TO_SD * _middles(np.abs(rest), own), TIGHTEST)


def _middles(values: Array, own: Bools) -> Array:
    """The median of each row's own values, as a column; 0 of none."""
    ordered, of, rows = np.where(own, values, np.inf), own.sum(axis=1), np.arange(len(values))
    ordered.sort(axis=1)
    out: Array = np.where(of > 0, ordered[rows, np.maximum(of - 1, 0) // 2] + ordered[rows, of // 2], 0.0)
    return out[:, None] / 2
