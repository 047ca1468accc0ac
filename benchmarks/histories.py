"""Real histories: what the coach finds in them, and how often in shuffled copies, in which there is nothing to find.

    python -m benchmarks.histories PATH… [--copies 200] [--every 1]

Each path is what `manage.py import` reads. In a copy the days of each habit are shuffled on their own, with their
times: each keeps its rate and its hours, but has no week, no course and no link to another habit any more. The analysis
reads a history each night (or `--every` so many) from its 14th day to its last and announces as it does for a person.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from time import perf_counter

from benchmarks.shares import said
from coaching_engine import announce
from core.coach.statistics.evidence import FIRST_DAY
from core.localtime import days_between, wall_instant, zone
from core.models import CoachingProfile, Completion, Habit, Plan, User
from core.patterns import DESCRIPTIONS
from importing.history_import import merge, read_history

ZONE = "Europe/Berlin"
NIGHT = time(4)
EVERY_DAY = "FREQ=DAILY"


@dataclass(frozen=True)
class Told:
    """One announced claim."""

    kind: str
    habit: str
    day: date
    text: str


def person(path: Path, *, daily: bool = False) -> User:
    """Somebody who brought this history along; `daily`: with every day planned, so that claims on days are possible.

    Raises ImportRefused.
    """
    user = User(
        user_id="imported",
        created_at=datetime(2000, 1, 1, tzinfo=UTC),
        coaching_profile=CoachingProfile(timezone=ZONE, onboarding_complete=True),
    )
    merge(user, read_history([path]))
    user.created_at = datetime.combine(_span(user)[0], time(), tzinfo=UTC)
    if daily:
        user.habits = [_each_day(habit) for habit in user.habits]
    return user


def shuffled(user: User, seed: int) -> User:
    """A copy in which each habit's days, from its first to its last, are shuffled on their own."""
    luck = random.Random(seed)
    entries: dict[str, dict[date, Completion]] = {}
    for habit_id, old in user.completions.items():
        days = days_between(min(old), max(old))
        places = dict(zip(days, luck.sample(days, len(days)), strict=True))
        entries[habit_id] = {places[day]: _moved(entry, places[day] - day) for day, entry in sorted(old.items())}
    return user.model_copy(update={"completions": entries}, deep=True)


def tell(user: User, every: int = 1) -> list[Told]:
    """What is announced through the whole history."""
    first, last = _span(user)
    told = []
    for day in days_between(first + timedelta(days=FIRST_DAY), last + timedelta(days=1))[::every]:
        found = announce(user, wall_instant(day, NIGHT, zone(ZONE)))
        told += [Told(finding.kind, user.habit(finding.habit).name, day, finding.text) for finding in found]
    return told


def kinds_in_copy(user: User, every: int, seed: int) -> list[str]:
    """The kinds announced in one shuffled copy."""
    return [told.kind for told in tell(shuffled(user, seed), every)]


def _span(user: User) -> tuple[date, date]:
    days = [day for entries in user.completions.values() for day in entries]
    return min(days), max(days)


def _each_day(habit: Habit) -> Habit:
    plan = Plan.model_validate({"from": habit.created_on, "rrule": EVERY_DAY, "assumed": True})
    return habit.model_copy(update={"schedule": [plan]})


def _moved(entry: Completion, by: timedelta) -> Completion:
    return entry if entry.at is None else entry.model_copy(update={"at": entry.at + by})


def _row(name: str, user: User, told: Sequence[Told], copies: Sequence[Sequence[str]]) -> str:
    """One line of the table in docs/coach.md."""
    first, last = _span(user)
    kinds = Counter(one.kind for one in told)
    found = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items())) or "nothing"
    hit = [kinds for kinds in copies if any(kind not in DESCRIPTIONS for kind in kinds)]
    return f"| {name} | {len(user.habits)} | {(last - first).days + 1} | {found} | {said(len(hit), len(copies))} |"


def main() -> None:
    """Print what is found, and the table."""
    parser = argparse.ArgumentParser(description="What the coach finds in real histories, and in shuffled copies")
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--copies", type=int, default=200)
    parser.add_argument("--every", type=int, default=1, help="nights from one analysis to the next")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    start, rows = perf_counter(), []
    with Pool(chosen.processes) as pool:
        for path in chosen.paths:
            for daily in (False, True):
                user = person(path, daily=daily)
                if daily and user.habits == person(path).habits:
                    continue
                name = f"{path.name}{', as if planned daily' if daily else ''}"
                work = partial(kinds_in_copy, user, chosen.every)
                copies = pool.map(work, range(chosen.seed, chosen.seed + chosen.copies), chunksize=4)
                told = tell(user.model_copy(deep=True), chosen.every)
                print(f"\n{name}", *(f"  {one.day}  {one.text}" for one in told), sep="\n", flush=True)
                false = Counter(kind for kinds in copies for kind in kinds if kind not in DESCRIPTIONS)
                print(f"  patterns announced in {len(copies)} copies: {dict(false) or 'none'}", flush=True)
                rows.append(_row(name, user, told, copies))
    print("\n| history | habits | days | announced | copies in which a pattern is announced |")
    print("| --- | --- | --- | --- | --- |", *rows, sep="\n")
    print(f"\n{perf_counter() - start:.0f} s on {chosen.processes} processes")


if __name__ == "__main__":
    main()
