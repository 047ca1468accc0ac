"""Whether a habit is done more on days on which another one is, whatever both share: weekends, lapses, good days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain, combinations
from statistics import median

import numpy as np
from numpy.typing import NDArray

from core.coach.statistics.evidence import Counted, Evidence, HabitEvidence
from core.coach.statistics.rates import TINY, Array, low_and_high, most_gone, one_rate
from core.coach.statistics.stacking import Bools, Ints, Stacked, dated
from core.models import Habit
from core.timeline import on_weekends

FEWEST_OF_EACH = 4  # days with the first habit, and without it
FEWEST_BESIDE = 5  # counted days on either side of a change of level
TIMES_TO_ORDER = 5  # clock times of both habits that say which comes first

# The days are sorted by what pairs of habits may share: three yes-or-no cells each, and strata that join cells.
_CELLS = np.arange(8)
_LATER, _WEEKEND, _GOOD = (_CELLS & 4) > 0, (_CELLS & 2) > 0, (_CELLS & 1) > 0
_WHOLE = [np.ones(8, dtype=bool)]
_WEEKENDS = [_WEEKEND, ~_WEEKEND]
_CHANGE = [_LATER, ~_LATER]
_BOTH = [later & weekend for later in _CHANGE for weekend in _WEEKENDS]
_GOOD_DAYS = [_GOOD, ~_GOOD]
STRATA: NDArray[np.int64] = np.array([*_WHOLE, *_WEEKENDS, *_CHANGE, *_BOTH, *_GOOD_DAYS], dtype=np.int64)
WHOLE, WEEKENDS, CHANGE, BOTH, GOOD_DAYS = slice(0, 1), slice(1, 3), slice(3, 5), slice(5, 9), slice(9, 11)

# Prior weights: nothing shared, weekends, a change of level, both; of all that, with a third habit, good and bad days.
SHARED = {"whole": 0.4, "weekends": 0.2, "change": 0.3, "both": 0.1}
GOOD_DAYS_PRIOR = 0.3

MOST_PEOPLE = 32  # whose pairs are kept
FAR_APART = 10_000_000  # from one person's days to another's in one row: more than there are days in a calendar


@dataclass(frozen=True)
class Pair:
    """Two habits with their common counted days, the one earlier on the clock first; a claim tells of the `second`.

    Of the common days, `days_with` have the first done and `days_without` have not.
    """

    first: HabitEvidence
    second: HabitEvidence
    log_evidence: float
    days_with: int
    days_without: int

    @property
    def habit(self) -> Habit:
        """The habit that is done more on days with the first."""
        return self.second.habit

    @property
    def about(self) -> str:
        """What a claim about the two is kept under, whichever comes first."""
        return about_pair(self.first.habit.id, self.second.habit.id)

    def days(self) -> tuple[list[Counted], list[Counted]]:
        """The days that count for both: whether the first was done, and whether the second was."""
        of_first, of_second = dict(self.first.days_of_plan), dict(self.second.days_of_plan)
        common = sorted(of_first.keys() & of_second.keys())
        return [(day, of_first[day]) for day in common], [(day, of_second[day]) for day in common]


@dataclass(frozen=True, eq=False)
class _Grid:
    """Habit by day: whether it counts and whether it was done; person by day: on a weekend; each habit's person."""

    counted: Bools
    done: Bools
    weekend: Bools
    person: Ints


def about_pair(*habits: str) -> str:
    """A name for two habits, in either order."""
    return "+".join(sorted(habits))


def _pairs_of(people: Sequence[Evidence]) -> list[tuple[Pair, ...]]:
    """For each person every two habits of which it may be said that they go together, with ln E that they do."""
    habits = [[habit for habit in seen.habits if habit.has_due_days and not habit.is_delicate] for seen in people]
    numbers = [len(own) for own in habits]
    two = [
        (place + a, place + b)
        for place, number in zip(accumulate(numbers, initial=0), numbers, strict=False)
        for a, b in combinations(range(number), 2)
    ]
    if not two:
        return [()] * len(people)
    every = list(chain.from_iterable(habits))
    grid = _grid([habit.days_of_plan for habit in every], np.repeat(np.arange(len(people)), numbers))
    clocks = [median(habit.minutes) if len(habit.times) >= TIMES_TO_ORDER else None for habit in every]
    counted = iter(zip(two, *(one.tolist() for one in _evidence(grid, *np.array(two).T)), strict=True))
    return [
        tuple(_pair(every, clocks, *next(counted)) for _ in range(number * (number - 1) // 2)) for number in numbers
    ]


pairs_of = Stacked(_pairs_of, most=MOST_PEOPLE)


def _pair(
    habits: Sequence[HabitEvidence],
    clocks: Sequence[float | None],
    two: tuple[int, int],
    log_evidence: float,
    days: int,
    days_with_each: tuple[int, int],
) -> Pair:
    first, second = reversed(two) if _is_later(*(clocks[habit] for habit in two)) else two
    days_with = days_with_each[two.index(first)]
    return Pair(habits[first], habits[second], log_evidence, days_with, days - days_with)


def link_is_over(pair: Pair, told: date) -> float:
    """ln E that a link told on that day is gone since."""
    days = [(day, not first, second) for (day, first), (_, second) in zip(*pair.days(), strict=True)]
    before, since = ([row[1:] for row in days if (row[0] < told) == is_before] for is_before in (True, False))
    return most_gone(before, since, FEWEST_OF_EACH, FEWEST_OF_EACH)


def _is_later(clock: float | None, other: float | None) -> bool:
    """Whether a middle minute is known to lie after another."""
    return clock is not None and other is not None and clock > other


def _evidence(grid: _Grid, a: Ints, b: Ints) -> tuple[Array, Ints, Ints]:
    """ln E for each two of the habits, that the second is done more on days with the first by 15 points or more.

    Inside strata, so that what two habits share is no link. Against one rate of the second in each stratum. And the
    days that count for both, and how many of them are with the first, and with the second.
    """
    counted, done, person = grid.counted, grid.done, grid.person[a]
    both = counted[a] & counted[b]
    with_a, with_b = done[a] & both, done[b] & both
    later, weight = _split(both, with_a, with_b)
    of_others, done_others = (_in_all(one, grid.person)[person] - one[a] - one[b] for one in (grid.counted, grid.done))
    good = 2 * done_others > of_others
    cell = 4 * later + 2 * grid.weekend[person] + good
    sort = 32 * np.arange(len(a))[:, None] + 4 * cell + 2 * with_a + with_b
    cells = np.bincount(sort[both], minlength=32 * len(a)).reshape(-1, 8, 4)
    strata = np.einsum("sc,pck->kps", STRATA, cells)
    low, high = np.stack([strata[1], strata[0] + strata[1]]), np.stack([strata[3], strata[2] + strata[3]])
    has_third = np.bincount(grid.person)[person] > 2
    claim, denial = (
        _averaged(low_and_high(low, high), weight, has_third),
        _averaged(one_rate(low + high), weight, has_third),
    )
    enough = (low[1, :, 0] >= FEWEST_OF_EACH) & (high[1, :, 0] >= FEWEST_OF_EACH)
    log_e = np.where(enough, np.log(claim + TINY) - np.log(denial + TINY), -np.inf)
    return log_e, both.sum(axis=1), np.stack([with_a.sum(axis=1), with_b.sum(axis=1)], axis=1)


def _in_all(grid: Bools, person: Ints) -> Ints:
    """Person by day: of how many of their habits it holds."""
    starts = np.searchsorted(person, np.arange(person[-1] + 1))
    out: Ints = np.add.reduceat(grid, starts, axis=0, dtype=np.int64)
    return out


def _grid(records: Sequence[Sequence[Counted]], person: Ints) -> _Grid:
    """The days of each person side by side, from the first that counts for one of their habits on."""
    ordinals, hits, own = dated(records)
    keys = (ordinals + FAR_APART * person[:, None])[own]
    columns = np.unique(keys)
    begin = np.searchsorted(columns, FAR_APART * np.arange(person[-1] + 2))
    counted, done = np.zeros((2, len(records), max(int(np.diff(begin).max()), 1)), dtype=bool)
    cells = (rows := np.nonzero(own)[0]), np.searchsorted(columns, keys) - begin[person[rows]]
    counted[cells], done[cells] = True, hits[own]
    weekend = np.zeros((len(begin) - 1, counted.shape[1]), dtype=bool)
    owner = columns // FAR_APART
    weekend[owner, np.arange(len(columns)) - begin[owner]] = on_weekends(columns % FAR_APART)
    return _Grid(counted, done, weekend, person)


def _split(both: Bools, with_a: Bools, with_b: Bools) -> tuple[Bools, Array]:
    """Pair by pair the days after the likeliest common change of level, and how likely a change there is.

    The weight is the likelihood that the first habit changed there, over that of one level, averaged over the splits.
    """
    of, sum_a, sum_b = both.cumsum(axis=1), with_a.cumsum(axis=1), with_b.cumsum(axis=1)
    total, rest = of[:, -1:], of[:, -1:] - of
    possible = both & (of >= FEWEST_BESIDE) & (rest >= FEWEST_BESIDE)
    changed_a = one_rate((sum_a, of)) * one_rate((sum_a[:, -1:] - sum_a, rest))
    changed_b = one_rate((sum_b, of)) * one_rate((sum_b[:, -1:] - sum_b, rest))
    changed = np.where(possible, changed_a * changed_b, 0.0)
    best, rows = changed.argmax(axis=1), np.arange(len(both))
    share = changed.sum(axis=1) / np.maximum(possible.sum(axis=1), 1) / np.maximum(changed[rows, best], TINY)
    level = one_rate((sum_a[:, -1], total[:, 0]))
    weight = np.where(possible.any(axis=1), share * changed_a[rows, best] / np.maximum(level, TINY), 0.0)
    return np.arange(both.shape[1]) > best[:, None], weight


def _averaged(strata: Array, change: Array, has_third: Bools) -> Array:
    """The likelihood averaged over what the two may share; `strata` by pair and stratum."""
    whole, weekends, changes, both = (strata[:, group].prod(axis=1) for group in (WHOLE, WEEKENDS, CHANGE, BOTH))
    out: Array = SHARED["whole"] * whole + SHARED["weekends"] * weekends
    out = out + change * (SHARED["change"] * changes + SHARED["both"] * both)
    with_third: Array = (1 - GOOD_DAYS_PRIOR) * out + GOOD_DAYS_PRIOR * strata[:, GOOD_DAYS].prod(axis=1)
    return np.where(has_third, with_third, out)
