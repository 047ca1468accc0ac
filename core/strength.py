"""Strength of a habit: Loop Habit Tracker's score, which grows with what is done and fades with what is not."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.models import Completion, Habit, Plan
from core.schedule import frequency, is_done, period_days, stretches, target_on
from core.timeline import Bools, Timeline

HALF_LIFE_DAYS = 13  # of a daily habit
FADED = 64  # half-lives, after which an earlier score is too small to change a float

Floats = NDArray[np.float64]


def strength_by_day(habit: Habit, entries: Mapping[date, Completion], timeline: Timeline) -> list[float]:
    """Strength after each day of the timeline, 0 to 1.

    m = 0.5^(√f/13), s ← s·m + c·(1−m). Skips and pauses freeze it; today counts only once it is done. At a change of
    plan the score carries over.
    """
    score, scores, is_live = 0.0, np.zeros(len(timeline.done)), _live(timeline)
    for first, last, plan in stretches(habit, date.fromordinal(timeline.last)):
        factor = _kept(plan)
        begin, end = first.toordinal() - timeline.first, last.toordinal() - timeline.first + 1
        gains = _shares(habit, entries, timeline, plan, begin, end) * (1 - factor)
        path, live = [score], is_live[begin:end]
        for gain in gains[live].tolist():
            score = score * factor + gain
            path.append(score)
        scores[begin:end], scores[end:] = np.array(path)[live.cumsum()], score
    out: list[float] = scores.tolist()
    return out


def strength_after(habit: Habit, entries: Mapping[date, Completion], timeline: Timeline) -> float:
    """Strength after the last day of the timeline; what has faded long since is not gone through."""
    score, is_live = 0.0, _live(timeline)
    for first, last, plan in stretches(habit, date.fromordinal(timeline.last)):
        factor = _kept(plan)
        begin, end = first.toordinal() - timeline.first, last.toordinal() - timeline.first + 1
        gains = _shares(habit, entries, timeline, plan, begin, end)[is_live[begin:end]] * (1 - factor)
        telling = math.ceil(-FADED / math.log2(factor))
        if len(gains) > telling:
            score, gains = 0.0, gains[-telling:]
        for gain in gains.tolist():
            score = score * factor + gain
    return score


def _live(timeline: Timeline) -> Bools:
    """The places that change the score."""
    is_live = ~timeline.off
    is_live[-1:] &= timeline.done[-1:]
    return is_live


def _kept(plan: Plan) -> float:
    """How much of the score a day under a plan hands on."""
    factor: float = 0.5 ** (math.sqrt(frequency(plan)) / HALF_LIFE_DAYS)
    return factor


def credit_of(habit: Habit, entry: Completion | None, day: date | None = None) -> float:
    """What an entry brings to the strength, 0 to 1: a part of a number to reach is a part of the day."""
    target = habit.target if day is None else target_on(habit, day)
    if entry is None or entry.skip:
        return 0.0
    if target is not None and target.at_least and entry.value is not None:
        return min(1.0, max(0.0, entry.value / target.at_least))
    return float(is_done(habit, entry, day))


def _shares(
    habit: Habit, entries: Mapping[date, Completion], timeline: Timeline, plan: Plan, begin: int, end: int
) -> Floats:
    """Loop's c for each place: the share of what the (doubled) window up to it asks for that was done, 0 to 1."""
    share = frequency(plan)
    window = _window(plan, share)
    credits = _credits(habit, entries, timeline, begin - window + 1, end)
    if window == 1:
        sums = credits
    elif _has_parts(habit):
        # Added up one by one: sums of parts depend on their order.
        rows = credits.tolist()
        sums = np.array([sum(rows[n : n + window]) for n in range(end - begin)])
    else:
        so_far = np.concatenate([[0.0], credits.cumsum()])
        sums = so_far[window:] - so_far[:-window]
    return np.minimum(1.0, sums / round(share * window))


def _window(plan: Plan, share: float) -> int:
    if share == 1.0:
        return 1
    if plan.times is not None:
        return 2 * period_days(plan)
    return 14 if share * 14 == round(share * 14) else 2 * round(1 / share)


def _credits(habit: Habit, entries: Mapping[date, Completion], timeline: Timeline, begin: int, end: int) -> Floats:
    """The credit of each place from `begin`, which may lie before the timeline, to `end`."""
    if _has_parts(habit):
        days = (date.fromordinal(timeline.first + place) for place in range(begin, end))
        return np.array([credit_of(habit, entries.get(day), day) for day in days])
    before = np.zeros(max(-begin, 0))  # nothing was done before the first day
    return np.concatenate([before, timeline.done[max(begin, 0) : end].astype(float)])


def _has_parts(habit: Habit) -> bool:
    return habit.target is not None and bool(habit.target.at_least)
