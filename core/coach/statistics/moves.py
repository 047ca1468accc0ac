"""Whether a habit's hour has moved, or is another one on weekends, and how that is told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

import numpy as np
from scipy.special import log_ndtr

from core.coach.statistics.hours import DAY, timing
from core.coach.statistics.rates import log_ratios
from core.coach.statistics.regression import Array, Fit, Timed
from core.coach.statistics.stacking import Stacked

FLOOR = 15  # minutes: a smaller move is too small to act on ...
WEEKEND_FLOOR = 20  # ... and a smaller difference on weekends
LOG_SHAPE_ODDS = math.log(3)  # by which a drift must be likelier than a step, or the other way round, to be named
WITH_WEEKEND = np.array([[0.6], [0.4]])  # prior without and with an hour of its own on weekends
LOG_WITH_WEEKEND = np.log(WITH_WEEKEND)
WITH_MOVE = (0.5, 0.5)  # prior of a drift, and of a step at any place
BESIDE_WEEKEND = (0.6, 0.2, 0.2)  # beside a claim about weekends: no move, a drift, a step at any place

Shape = Literal["drift", "step", ""]


@dataclass(frozen=True)
class Move:
    """How far the hour has moved, in minutes: as a drift of so much a week, as a step on a day, or undecided.

    `before` and `now` are minutes of the day; `recent_from` is the first day of the times that show where it is now.
    """

    shape: Shape
    minutes: float
    per_week: float
    since: date
    before: int
    now: int
    recent_from: date


@dataclass(frozen=True)
class HourEvidence:
    """ln E of "the hour has moved by a quarter of an hour or more", later or earlier, over "it has not moved".

    And of "weekends are twenty minutes or more apart", over "they are not", whatever else moves the hour; minus
    infinity without enough weekends.
    """

    later: float
    earlier: float
    weekend: float


@Stacked
def hour_evidence(fits: Sequence[Fit]) -> list[HourEvidence]:
    """What each fit says of a move and of weekends.

    Where not even a move of any size (or any other hour on weekends) is likelier than none, ln E of that is answered:
    it is 0 at most, and the ln E of a move by the floor or more lies below it. Most records need nothing further.
    """
    likely = _side_by_side([fit.log_likelihood for fit in fits], -math.inf)
    likely = np.exp(likely - likely.max(axis=(1, 2, 3), keepdims=True))
    by_model = (likely * WITH_WEEKEND).sum(axis=(1, 2))
    prior = _side_by_side([_prior(WITH_MOVE, fit.models - 1) for fit in fits], 0.0)
    moved = log_ratios(2 * (by_model[:, 1:] * prior).sum(axis=1), by_model[:, 0])
    prior = _side_by_side([_prior(BESIDE_WEEKEND, fit.models) for fit in fits], 0.0)
    without, offset = (likely.sum(axis=1) * prior[:, None]).sum(axis=2).T
    return [
        HourEvidence(
            _moved(fit, later=True) if of_move > 0 else of_move,
            _moved(fit, later=False) if of_move > 0 else of_move,
            (weekend_weight(fit) if of_weekend > 0 else of_weekend) if fit.has_weekends else -math.inf,
        )
        for fit, of_move, of_weekend in zip(fits, moved.tolist(), log_ratios(offset, without).tolist(), strict=True)
    ]


def move_evidence(fit: Fit, *, later: bool) -> float:
    """ln E of a move in one direction; where it is negative, E may be smaller still."""
    evidence = hour_evidence(fit)
    return evidence.later if later else evidence.earlier


def weekend_evidence(fit: Fit) -> float:
    """ln E of another hour on weekends; where it is negative, E may be smaller still."""
    return hour_evidence(fit).weekend


def weekend_weight(fit: Fit) -> float:
    """ln E of another hour on weekends, also where it is negative; minus infinity without enough weekends."""
    if not fit.has_weekends:
        return -math.inf
    mean, sd = (effect[:, 1] for effect in fit.offset)
    far = np.logaddexp(log_ndtr((mean - WEEKEND_FLOOR) / sd), log_ndtr((-mean - WEEKEND_FLOOR) / sd))
    prior = _log_prior(BESIDE_WEEKEND, fit.models)
    return _log_sum(prior + fit.log_likelihood[:, 1] + far) - _log_sum(prior + fit.log_likelihood[:, 0])


def _moved(fit: Fit, *, later: bool) -> float:
    """ln E of a move in one direction, without the steps to an hour that has not lasted where there is evidence."""
    weights, none = _move_weights(fit, later=later), _log_sum(LOG_WITH_WEEKEND + fit.log_likelihood[..., :1])
    at_most = _log_sum(weights) - none
    return _log_sum(_only_lasting(fit, weights)) - none if at_most > 0 else at_most


def _side_by_side(arrays: Sequence[Array], fill: float) -> Array:
    """Arrays of different lengths stacked, filled up in their last axis."""
    out = np.full((len(arrays), *arrays[0].shape[:-1], max(array.shape[-1] for array in arrays)), fill)
    for row, array in zip(out, arrays, strict=True):
        row[..., : array.shape[-1]] = array
    return out


def weekend_minutes(fit: Fit) -> float:
    """How many minutes later weekends are (negative: earlier): the posterior mean."""
    weights = _log_prior(BESIDE_WEEKEND, fit.models) + fit.log_likelihood[:, 1]
    return _mean(fit.offset[0][:, 1], weights)


def describe_move(times: tuple[Timed, ...], fit: Fit, *, later: bool) -> Move:
    """The move in one direction as it should be told: a shape is named when it is three times as likely."""
    weights = _lasting_weights(fit, later=later)
    moved, first, third = fit.moved[0][..., 1:], times[0][0], len(times) // 3
    drift, steps = _log_sum(weights[..., :1]), _log_sum(weights[..., 1:])
    shape: Shape = "drift" if drift - steps > LOG_SHAPE_ODDS else "step" if steps - drift > LOG_SHAPE_ODDS else ""
    likely = {"drift": slice(0, 1), "step": slice(1, None), "": slice(None)}[shape]
    minutes = _mean(moved[..., likely], weights[..., likely])
    per_week = minutes / max(fit.weeks, 1 / 7)
    since = first
    if steps > -math.inf:
        since = date.fromordinal(int(fit.since[np.exp(weights[..., 1:] - steps).sum(axis=(0, 1)).argmax()]))
    if shape == "drift":
        old = [round(minute - per_week * (day - first).days / 7) % DAY for day, minute in times]
    elif shape == "step":
        old = [minute for day, minute in times if day < since]
    else:
        old = [minute for _, minute in times[:third]]
    before = timing(old).minute
    recent_from = since if shape == "step" else times[-third][0]
    return Move(shape, minutes, per_week, since, before, round(before + minutes) % DAY, recent_from)


def _move_weights(fit: Fit, *, later: bool) -> Array:
    """ln of prior × likelihood × probability of a move by the floor or more, for each model with a move."""
    prior = _log_prior(WITH_MOVE, fit.models - 1)
    mean, sd = (effect[..., 1:] for effect in fit.moved)
    far = log_ndtr(((mean if later else -mean) - FLOOR) / sd)
    weights: Array = math.log(2) + prior + LOG_WITH_WEEKEND + fit.log_likelihood[..., 1:] + far
    return weights


def _lasting_weights(fit: Fit, *, later: bool) -> Array:
    """The same without the steps to an hour that has not lasted."""
    return _only_lasting(fit, _move_weights(fit, later=later))


def _only_lasting(fit: Fit, weights: Array) -> Array:
    weights[..., 1:][..., ~fit.has_lasted] = -math.inf
    return weights


@cache
def _prior(weights: tuple[float, ...], models: int) -> Array:
    """The prior of each model; the last weight is shared by all the places of a step."""
    places = models - len(weights) + 1
    return np.array([*weights[:-1], *[weights[-1] / max(places, 1)] * places])


@cache
def _log_prior(weights: tuple[float, ...], models: int) -> Array:
    return np.asarray(np.log(_prior(weights, models)))


def _log_sum(values: Array) -> float:
    most = values.max(initial=-math.inf)
    return float(most + math.log(np.exp(values - most).sum())) if math.isfinite(most) else -math.inf


def _mean(values: Array, log_weights: Array) -> float:
    weights = np.exp(log_weights - log_weights.max())
    return float((values * weights).sum() / weights.sum())
