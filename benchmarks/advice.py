"""How much better advice helps in the order that was learned than in the editor's or in none: simulated people.

Ten sorts of advice with true effects N(3, 5) points of the daily share done, 3 points apart by person and 4 by person
and sort, fading by 7 % a week; four sorts fit only after a bad fortnight. A person's level wanders from week to week.
Every second week brings a piece of a sort that this person has not had. Only core.coach decides and learns.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import fmean, stdev
from time import perf_counter

from core.coach.advising.beliefs import (
    BOLDNESS,
    PERSON_AND_SORT_SD,
    PERSON_SD,
    PRIOR_MEAN,
    PRIOR_SD,
    Beliefs,
    Pool,
    Seen,
)
from core.coach.advising.outcomes import PRESUMED, Outcome, Sums, Untreated

SORTS = ("plan", "cue", "shrink", "grow", "replan", "place", "reward", "people", "record", "kind")
RESCUES = frozenset(SORTS[:4])  # fit only after a bad fortnight
PIECES, FIRST = 6, 3
STAYS, LEVEL_SD, FADES = 0.6, 0.10, 0.93  # a week: of the level, its spread, of an effect
JUDGE = 0.24  # correlation of the editor's order with the truth: judges of real programmes predict badly
EAGER, WEAK = 14.0, 4.0  # how far a thumb leans on the true effect
START = date(2024, 1, 1)

Effects = dict[str, float]


@dataclass
class Person:
    """Somebody's own level and effects, and the fortnights they have lived; points are shares of a day here."""

    name: str
    level: float
    effects: Effects
    luck: random.Random
    wandered: float = 0.0
    lifted: float = 0.0
    lived: list[int] = field(default_factory=list)
    had: list[str] = field(default_factory=list)

    def live(self) -> None:
        """Two weeks."""
        done = 0
        for _ in range(2):
            self.wandered = STAYS * self.wandered + self.luck.gauss(0, LEVEL_SD * math.sqrt(1 - STAYS**2))
            self.lifted *= FADES
            rate = min(max(self.level + self.wandered + self.lifted, 0.02), 0.98)
            done += sum(self.luck.random() < rate for _ in range(7))
        self.lived.append(done)

    @property
    def is_low(self) -> bool:
        """Whether the last fortnight was a good day worse than usual."""
        return self.lived[-1] <= fmean(self.lived) - 1

    def outcome(self, untreated: Untreated) -> Outcome:
        """What came of the piece before the last fortnight."""
        *earlier, before, after = self.lived
        long_run = fmean(earlier) if earlier else before
        expected = untreated.expected(before / 14, long_run / 14)
        return Outcome((before, 14), (after, 14), expected, untreated.sd, "known")


def people(luck: random.Random, mean: Effects, count: int) -> list[Person]:
    """So many people of one world."""
    out = []
    for n in range(count):
        own = luck.gauss(0, PERSON_SD)
        effects = {sort: (mean[sort] + own + luck.gauss(0, PERSON_AND_SORT_SD)) / 100 for sort in SORTS}
        level = min(max(luck.betavariate(4, 2.5), 0.2), 0.9)
        out.append(Person(f"person-{n}", level, effects, random.Random(luck.random())))
    return out


def untreated_line(count: int = 20_000) -> Untreated:
    """The line that is presumed until an installation has one of its own, fitted on people without advice."""
    luck, sums = random.Random(7), Sums()
    for person in people(luck, dict.fromkeys(SORTS, 0.0), count):
        for _ in range(4):
            person.live()
        first, second, before, after = (done / 14 for done in person.lived)
        sums = sums.with_window(before, (first + second) / 2, after)
    return sums.fitted()


@dataclass
class Learner:
    """One way of choosing, with what it has learned so far."""

    choose: Callable[[Learner, Sequence[str], Sequence[str], Person, date], str]
    untreated: Untreated = PRESUMED
    uses_thumbs: bool = True
    boldness: float = BOLDNESS
    seen: dict[str, Seen] = field(default_factory=dict)
    points: list[list[float]] = field(default_factory=list)

    @property
    def beliefs(self) -> Beliefs:
        return Beliefs(Pool(self.seen), self.boldness)

    def learn(self, sort: str, outcome: Outcome, *, up: bool) -> None:
        seen = self.seen.get(sort, Seen()).with_outcome(outcome)
        self.seen[sort] = seen.with_thumb(up=up) if self.uses_thumbs else seen


def at_random(me: Learner, fits: Sequence[str], order: Sequence[str], person: Person, day: date) -> str:
    return person.luck.choice(fits)


def by_the_editor(me: Learner, fits: Sequence[str], order: Sequence[str], person: Person, day: date) -> str:
    return fits[0]


def learned(me: Learner, fits: Sequence[str], order: Sequence[str], person: Person, day: date) -> str:
    """As the app does."""
    worth = me.beliefs.worth_to(person.name, day)
    return fits[0] if worth is None else max(fits, key=lambda sort: worth(sort, fits.index(sort)))


def known(mean: Effects) -> Callable[[Learner, Sequence[str], Sequence[str], Person, date], str]:
    """By the true mean of each sort, which nobody knows."""
    return lambda me, fits, order, person, day: max(fits, key=lambda sort: mean[sort])


def world(seed: int, count: int, lean: float) -> dict[str, float]:
    """Points won a piece, by way of choosing: the mean over everybody's first three pieces, and over all (`… all`); and
    how far the sorts for bad fortnights are overrated in the end (`… bias`)."""
    luck = random.Random(seed)
    mean = {sort: luck.gauss(PRIOR_MEAN, PRIOR_SD) for sort in SORTS}
    hunch = {
        sort: JUDGE * (mean[sort] - PRIOR_MEAN) / PRIOR_SD + math.sqrt(1 - JUDGE**2) * luck.gauss(0, 1)
        for sort in SORTS
    }
    order = sorted(SORTS, key=lambda sort: -hunch[sort])
    starts = sorted((luck.uniform(0, 26), n) for n in range(count))
    ways = {
        "random": Learner(at_random),
        "editor": Learner(by_the_editor),
        "learned": Learner(learned),
        "learned, no thumbs": Learner(learned, uses_thumbs=False),
        "learned, no draw": Learner(learned, boldness=0.0),
        "learned, whole draw": Learner(learned, boldness=1.0),
        "raw change": Learner(learned, untreated=Untreated(0.0, 1.0, 0.0, PRESUMED.sd)),
        "true means": Learner(known(mean)),
    }
    out = {}
    for name, way in ways.items():
        living = people(random.Random(seed + 1), mean, count)
        turns = sorted((start + fortnight, n, fortnight) for start, n in starts for fortnight in range(PIECES + 3))
        won: list[list[float]] = [[] for _ in living]
        for at, n, fortnight in turns:
            _turn(way, living[n], order, fortnight, START + timedelta(days=round(14 * at)), won[n], lean)
        out[name] = 100 * fmean(fmean(points[:FIRST]) for points in won)
        out[f"{name} all"] = 100 * fmean(fmean(points) for points in won)
        out[f"{name} bias"] = _bias(way.beliefs, mean)
    return out


def _bias(beliefs: Beliefs, mean: Effects) -> float:
    """By how many points more the sorts that follow a bad fortnight are overrated than the others."""
    over = {sort: beliefs.of(sort, 2).mean - mean[sort] for sort in SORTS}
    return fmean(over[sort] for sort in RESCUES) - fmean(over[sort] for sort in SORTS if sort not in RESCUES)


def _turn(
    way: Learner, person: Person, order: Sequence[str], fortnight: int, day: date, won: list[float], lean: float
) -> None:
    person.live()
    if fortnight > 2 and person.had:
        sort = person.had[-1]
        up = person.luck.random() < 1 / (1 + math.exp(0.2 - lean * person.effects[sort]))
        way.learn(sort, person.outcome(way.untreated), up=up)
    if 2 <= fortnight < 2 + PIECES:
        fits = [sort for sort in order if sort not in person.had and (sort not in RESCUES or person.is_low)]
        chosen = way.choose(way, fits, order, person, day)
        person.had.append(chosen)
        person.lifted += person.effects[chosen]
        won.append(person.effects[chosen])


def interval(values: Sequence[float]) -> str:
    """The mean with its 95 % interval over worlds."""
    half = 1.96 * stdev(values) / math.sqrt(len(values))
    return f"{fmean(values):+6.2f} ± {half:.2f}"


def table(count: int, worlds: int, lean: float) -> None:
    """One size of installation: points a piece, and how far above random and the editor's order."""
    begun = perf_counter()
    seen = [world(1000 * seed + count, count, lean) for seed in range(worlds)]
    thumbs = "thumbs that lean on the effect" if lean == EAGER else "thumbs that hardly do"
    print(f"\n{count} people, {thumbs}, n = {worlds} worlds, {perf_counter() - begun:.0f} s")
    columns = ("first three", "above random", "above editor", "all six", "overrates")
    print(f"{'order':20} " + " ".join(f"{column:>16}" for column in columns))
    for name in [name for name in seen[0] if f"{name} all" in seen[0]]:
        cells = [
            interval([one[name] for one in seen]),
            interval([one[name] - one["random"] for one in seen]),
            interval([one[name] - one["editor"] for one in seen]),
            interval([one[f"{name} all"] for one in seen]),
            interval([one[f"{name} bias"] for one in seen]),
        ]
        print(f"{name:20} " + " ".join(f"{cell:>16}" for cell in cells), flush=True)


def main() -> None:
    """Print the line without advice and a table for each size of installation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=60)
    worlds = parser.parse_args().worlds
    line = untreated_line()
    fitted = f"{line.intercept:.2f} + {line.before:.2f} before + {line.long_run:.2f} long run, SD {line.sd:.2f}"
    print(f"without advice: {fitted}")
    for count, share in ((1, 4.0), (10, 2.0), (40, 1.0), (200, 0.5), (1000, 0.1)):
        table(count, round(share * worlds), EAGER)
    table(200, round(0.5 * worlds), WEAK)


if __name__ == "__main__":
    main()
