"""How often the coach is wrong and how much it finds, on simulated people with planted truths: `make bench-coach`.

Each night from Day 14 to 60 the product's own analysis reads the person as known then and announces what it finds;
each claim is held against the truth (benchmarks.truth) of its day. Prints tables for docs/coach.md.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import partial
from multiprocessing import Pool
from time import perf_counter
from typing import TypeVar

from benchmarks.people import DAYS, Lived
from benchmarks.populations import EFFECTS, Effect, mixed, pattern_free, planted
from benchmarks.shares import said, share_of
from benchmarks.truth import JUDGES, is_true
from coaching_engine import announce
from core.coach.statistics.evidence import FIRST_DAY
from core.coach.statistics.kinds import CLAIMS
from core.history import as_of
from core.localtime import wall_instant, zone
from core.patterns import DESCRIPTIONS, Finding, find_patterns

NIGHT = time(4)  # when the night's analysis is due
LOOKS = (24, 38, 52)  # Days on which what stands on the Coaching screen is judged
EARLY_DAY, LAST_DAY = 30, DAYS - 1
ENOUGH = 2  # findings by EARLY_DAY

NULL, MIXED, PLANTED = range(3)  # first number of a seed
Result = TypeVar("Result")


@dataclass(frozen=True)
class Claim:
    """One claim, as of the day on which it was made or stood."""

    kind: str
    habit: str
    day: int
    established: bool
    true: bool

    @property
    def is_pattern(self) -> bool:
        """Whether it is one of those that share the error budget."""
        return self.kind not in DESCRIPTIONS


@dataclass(frozen=True)
class Heard:
    """What a person heard: announcements in order, and what stood on each of LOOKS."""

    announced: tuple[Claim, ...]
    standing: tuple[Claim, ...]

    def heard_false(self, *, pattern: bool) -> bool:
        """Whether a false pattern (description) was ever announced."""
        return any(claim.is_pattern == pattern and not claim.true for claim in self.announced)


def listen(lived: Lived, last: int = LAST_DAY) -> Heard:
    """Every night of the person's, from Day 14 to the last; what is announced is kept in their document."""
    user = lived.user
    tz = zone(user.coaching_profile.timezone)
    announced: list[Claim] = []
    standing: list[Claim] = []
    for day in range(FIRST_DAY, last + 1):
        today = lived.start + timedelta(days=day)
        now = wall_instant(today, NIGHT, tz)
        announced += [_judged(lived, finding, day) for finding in announce(user, now)]
        if day in LOOKS:
            standing += [_judged(lived, finding, day) for finding in find_patterns(as_of(user, now), today)]
    return Heard(tuple(announced), tuple(standing))


def _judged(lived: Lived, finding: Finding, day: int) -> Claim:
    true = is_true(lived, finding, lived.start + timedelta(days=day))
    return Claim(finding.kind, finding.habit, day, finding.confidence == "established", true)


def heard_without_patterns(seed: Sequence[int]) -> Heard:
    """One person of the first population."""
    return listen(pattern_free(seed))


def heard_of_all_sorts(seed: Sequence[int]) -> Heard:
    """One person of the second population."""
    return listen(mixed(seed))


def heard_with_effect(effect_number: int, seed: Sequence[int]) -> Heard:
    """One person with one planted effect."""
    return listen(planted(EFFECTS[effect_number], seed))


# --- tables ----------------------------------------------------------------------------------------------------------


def rows_without_patterns(heard: Sequence[Heard]) -> list[tuple[str, str]]:
    """What people hear who have nothing to hear of."""
    false = Counter(claim.kind for one in heard for claim in one.announced if not claim.true)
    early = [one for one in heard if any(claim.is_pattern and not claim.established for claim in one.standing)]
    return [
        ("hear a pattern that is none, by Day 60", share_of(one.heard_false(pattern=True) for one in heard)),
        ("hear a false description, by Day 60", share_of(one.heard_false(pattern=False) for one in heard)),
        (f"see an early sign on Day {', '.join(map(str, LOOKS))}", said(len(early), len(heard))),
        ("false announcements by kind", ", ".join(f"{kind} {n}" for kind, n in sorted(false.items())) or "none"),
    ]


def rows_of_all_sorts(heard: Sequence[Heard]) -> list[tuple[str, str]]:
    """How far what is claimed can be relied on where there is something to find."""
    announced = [claim for one in heard for claim in one.announced]
    rows = [
        ("announced patterns that are true", _precision(claim for claim in announced if claim.is_pattern)),
        ("announced descriptions that are true", _precision(claim for claim in announced if not claim.is_pattern)),
    ]
    for day in LOOKS:
        standing = [claim for one in heard for claim in one.standing if claim.day == day]
        established = [claim for claim in standing if claim.established]
        early = [claim for claim in standing if not claim.established]
        rows += [
            (f"established claims standing on Day {day} that are true", _precision(established)),
            (f"early signs standing on Day {day} that are true", _precision(early)),
        ]
    by_day = [sum(claim.day <= EARLY_DAY for claim in one.announced) for one in heard]
    patterns = sum(claim.is_pattern for claim in announced) / len(heard)
    return [
        *rows,
        (f"people with {ENOUGH} or more findings by Day {EARLY_DAY}", share_of(n >= ENOUGH for n in by_day)),
        ("announced to each by Day 60", f"{len(announced) / len(heard):.2f}, of them patterns {patterns:.2f}"),
    ]


def _precision(claims: Iterable[Claim]) -> str:
    return share_of(claim.true for claim in claims)


def row_of_power(effect: Effect, heard: Sequence[Heard]) -> tuple[str, ...]:
    """(kind, effect, found by Day 30, by Day 60, at least seen as an early sign, other false patterns).

    Descriptions have no early sign.
    """
    habits = {"h0", "h1"} if effect.kind == "cooccur" else {"h0"}

    def found(claims: Iterable[Claim], by: int) -> bool:
        return any(c.kind == effect.kind and c.habit in habits and c.true and c.day <= by for c in claims)

    return (
        effect.kind,
        effect.name,
        *(share_of(found(one.announced, day) for one in heard) for day in (EARLY_DAY, LAST_DAY)),
        "–"
        if effect.kind in DESCRIPTIONS
        else share_of(found((*one.announced, *one.standing), LOOKS[-1]) for one in heard),
        share_of(one.heard_false(pattern=True) for one in heard),
    )


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table for the docs."""
    lines = [" | ".join(header), " | ".join("---" for _ in header), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


POWER_HEADER = (
    "planted",
    "effect",
    f"found by Day {EARLY_DAY}",
    f"by Day {LAST_DAY}",
    f"early sign or found by Day {LOOKS[-1]}",
    "hear another pattern that is none",
)


# --- running it ------------------------------------------------------------------------------------------------------


def judgeable_effects() -> list[int]:
    """The numbers of the planted effects whose kind the coach knows."""
    return [n for n, effect in enumerate(EFFECTS) if effect.kind in CLAIMS]


def main() -> None:
    """Measure and print everything."""
    parser = argparse.ArgumentParser(description="What the coach gets right and wrong on simulated people")
    parser.add_argument("--people", type=int, default=300, help="in each of the two populations (0: leave them out)")
    parser.add_argument("--power", type=int, default=25, help="with each planted effect (0: leave them out)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    unjudged = CLAIMS.keys() - JUDGES.keys()
    if unjudged:
        parser.error(f"benchmarks/truth.py does not say when these are true: {', '.join(sorted(unjudged))}")
    start = perf_counter()
    with Pool(chosen.processes) as pool:

        def measured(work: Callable[[Sequence[int]], Result], population: Sequence[int], people: int) -> list[Result]:
            seeds = [(chosen.seed, *population, n) for n in range(people)]
            return pool.map(work, seeds, chunksize=4)

        print(f"Kinds: {', '.join(CLAIMS)}. Seed {chosen.seed}.")
        if chosen.people:
            free = measured(heard_without_patterns, [NULL], chosen.people)
            _print((f"{len(free):,} people without patterns", "share"), rows_without_patterns(free))
            sorts = measured(heard_of_all_sorts, [MIXED], chosen.people)
            _print((f"{len(sorts):,} people of all sorts", "share"), rows_of_all_sorts(sorts))
        if chosen.power:
            rows = [
                row_of_power(EFFECTS[n], measured(partial(heard_with_effect, n), [PLANTED, n], chosen.power))
                for n in judgeable_effects()
            ]
            _print(POWER_HEADER, rows)
    print(f"\n{perf_counter() - start:.0f} s on {chosen.processes} processes")


def _print(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print(f"\n{markdown(header, rows)}", flush=True)


if __name__ == "__main__":
    main()
