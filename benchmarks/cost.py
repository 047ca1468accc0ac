"""What reading a person's record costs: by habits and years, and for everybody's night."""

from __future__ import annotations

import json
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import process_time

import coaching_engine
from benchmarks.populations import mixed
from core.coach.statistics.evidence import gather
from core.history import as_of
from core.localtime import ONE_DAY
from core.models import CoachingProfile, Completion, Habit, User
from core.patterns import foresee, patterns_in
from core.progress import today_of
from night import TOGETHER
from storage import open_store

RECORDS = (("5 habits, 90 days", 5, 90), ("10 habits, a year", 10, 365), ("10 habits, ten years", 10, 3652))
RUNS = 5
SAMPLE, CROWD = 100, 100_000  # people measured, and people reckoned for
LAST = datetime(2026, 3, 2, 4, tzinfo=UTC)  # when a record is read
NIGHT = datetime(2026, 3, 2, 12, tzinfo=UTC)  # past four in the morning in every zone of the sample


def person(habits: int, days: int, seed: int = 0) -> User:
    """Somebody with timed ticks on four of five days, a habit a different hour, as their document is read."""
    luck, first = random.Random(f"{seed} {days}"), LAST - timedelta(days=days)
    plan = {"from": first.date(), "rrule": "FREQ=DAILY"}
    user = User(
        user_id="long-standing",
        created_at=first,
        onboarded_at=first,
        coaching_profile=CoachingProfile(life_goals=["Health & Fitness"], onboarding_complete=True),
        habits=[
            Habit.model_validate({"id": f"h{n}", "name": f"Habit {n}", "created_on": first.date(), "schedule": [plan]})
            for n in range(habits)
        ],
    )
    for n in range(habits):
        for number in range(days):
            at = first + number * ONE_DAY + timedelta(minutes=120 + 80 * n + luck.gauss(0, 30))
            if luck.random() < 0.8:
                user.entries(f"h{n}")[at.date()] = Completion(at=at)
    return User.model_validate(user.to_json())


def statistics_of(people: Sequence[User]) -> object:
    """What there is to see and what may be claimed of it: the analysis without states, remarks and advice."""
    known = [as_of(user, LAST) for user in people]
    seen = [gather(user, today_of(user, LAST)) for user in known]
    foresee(seen)
    return list(map(patterns_in, known, seen))


def cost_by_record() -> Iterator[tuple[str, float, float, float]]:
    """(record, milliseconds of processor time of one analysis; of its statistics alone, and in a night of many).

    Each of several people is read once, so that nothing is known from before; the least counts, since what else runs
    only adds to it.
    """
    for name, habits, days in RECORDS:
        seeds = iter(range(1_000))
        whole, alone, together = [], [], []
        for _ in range(RUNS + 1):
            whole.append(_seconds(partial(coaching_engine.analyze, person(habits, days, next(seeds)), LAST)))
            alone.append(_seconds(partial(statistics_of, [person(habits, days, next(seeds))])))
            crowd = [person(habits, days, next(seeds)) for _ in range(TOGETHER)]
            together.append(_seconds(partial(statistics_of, crowd)) / TOGETHER)
        yield name, 1000 * min(whole), 1000 * min(alone), 1000 * min(together)


def cost_of_a_night() -> float:
    """Milliseconds of processor time a person of one night's job: read, analyse, announce, keep; Day 20 to 60."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        for n in range(SAMPLE):
            user = moved(mixed((0, n)).user, 20 + 5 * (n % 9))
            store.create(user.model_copy(update={"user_id": f"person-{n:03d}"}))
        coaching_engine.library()
        start = process_time()
        done = coaching_engine.process_pattern_analysis(store, now=NIGHT)
        seconds = process_time() - start
    assert done == SAMPLE, done
    return 1000 * seconds / SAMPLE


def moved(user: User, number: int) -> User:
    """The person's whole record moved by weeks, so that the night falls on their Day of about that number."""
    weeks = round(((NIGHT.date() - user.created_at.date()).days - number) / 7)

    def later(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + timedelta(weeks=weeks)).isoformat()

    return User.model_validate_json(re.sub(r"\d{4}-\d\d-\d\d", later, json.dumps(user.to_json())))


def print_cost() -> None:
    """All of it, in lines."""
    for name, whole, alone, together in cost_by_record():
        print(
            f"  {name:40s}{whole:8.1f} ms, of which evidence and patterns {alone:.1f} ms, or {together:.1f} ms a person"
            f" of {TOGETHER} in a night"
        )
    a_person = cost_of_a_night()
    print(f"  {'the night of a person, read to kept':40s}{a_person:8.1f} ms")
    hours = a_person * CROWD / 3_600_000
    print(f"  {f'the night of {CROWD:,} people':40s}{hours:8.1f} hours on one core, reckoned from {SAMPLE}")


def _seconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start
