"""People for the coach's tests: a habit lived on given days at given minutes, beside ordinary habits."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta, timezone
from typing import Any

from core.coach.statistics.evidence import gather
from core.models import Completion, User
from core.patterns import Finding, find_patterns, watched_in
from tests.cast import a_habit, a_person, day


def is_weekend(n: int) -> bool:
    return n % 7 >= 5


def lived(user: User, habit: str, minutes: Mapping[int, float], offset: float = 0, **entry: object) -> User:
    """Ticks on Days, each at its minute after that day's midnight; `offset` in hours from UTC."""
    for n, minute in minutes.items():
        midnight = datetime.combine(day(n), datetime.min.time(), tzinfo=timezone(timedelta(hours=offset)))
        user.entries(habit)[day(n)] = Completion(at=midnight + timedelta(minutes=minute), **entry)
    return user


def done_on(days: Iterable[int]) -> User:
    return lived(a_person(), "meditation", dict.fromkeys(days, 500))


def with_ordinary_habits(user: User, count: int, days: int = 70) -> User:
    """The same person with other habits, done on four of five days at ordinary hours."""
    for i in range(count):
        luck = random.Random(50 + i)
        user.habits.append(a_habit(f"Other {i}"))
        lived(user, f"other-{i}", {n: 1000 + luck.gauss(0, 25) for n in range(days) if luck.random() < 0.8})
    return user


def kinds(user: User, today: int, habit: str = "meditation") -> dict[str, Finding]:
    return {found.kind: found for found in find_patterns(user, day(today)) if found.habit == habit}


def watching(user: User, today: date) -> list[dict[str, Any]]:
    return watched_in(user, gather(user, today))


def told(user: User, kind: str, on: int) -> User:
    user.coaching_insights.announced.append({"kind": kind, "habit": "meditation", "day": day(on).isoformat()})
    return user
