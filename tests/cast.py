"""The cast of the tests: a habit, a person, a record, made in a line each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from core.models import Completion, Habit, User
from core.progress import HabitRecord, Record

MONDAY = date(2024, 1, 1)
DAILY = [{"from": MONDAY, "rrule": "FREQ=DAILY"}]
WEEKDAYS = [{"from": MONDAY, "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}]


def thrice_a_week(times: int = 3, per: str = "week") -> list[dict[str, Any]]:
    return [{"from": MONDAY, "times": times, "per": per}]


def a_habit(name: str = "Meditation", schedule: Any = DAILY, **known: Any) -> Habit:
    known.setdefault("created_on", MONDAY)
    return Habit(id=known.pop("id", name.lower().replace(" ", "-")), name=name, schedule=schedule, **known)


def a_person(*habits: Habit, timezone: str = "UTC", digest_time: str = "20:00", **known: Any) -> User:
    """Somebody who answered the seven questions on Monday, 1 January 2024, at nine."""
    profile = {
        "life_goals": ["Mental Wellness"],
        "main_habit": "Meditation",
        "biggest_obstacle": "Time",
        "why_now": "Work is loud",
        "timezone": timezone,
        "chronotype": "evening",
        "success_factor": "A friend who asks",
        "onboarding_complete": True,
        "digest_time": digest_time,
        **known.pop("profile", {}),
    }
    return User(
        **{
            "user_id": "ana-3f9a1c",
            "email": "ana@example.org",
            "display_name": "Ana",
            "created_at": datetime.combine(MONDAY, time(9), tzinfo=UTC),
            "habits": list(habits) or [a_habit()],
            "coaching_profile": profile,
            **known,
        }
    )


def tick(user: User, habit: str, days: Iterable[int], clock: time | None = time(12), **entry: Any) -> User:
    """Ticks on days counted from that Monday, at a time of the day (UTC), or without one."""
    for n in days:
        day = MONDAY + timedelta(days=n)
        at = None if clock is None else datetime.combine(day, clock, tzinfo=UTC)
        user.entries(habit)[day] = Completion(at=at, **entry)
    return user


def skip(user: User, habit: str, days: Iterable[int]) -> User:
    for n in days:
        user.entries(habit)[MONDAY + timedelta(days=n)] = Completion(skip=True)
    return user


def day(n: int) -> date:
    """Day n, 0 being that Monday."""
    return MONDAY + timedelta(days=n)


def record_after(
    days: int, *, schedule: Any = DAILY, done: Iterable[int] = (), skips: Iterable[int] = ()
) -> HabitRecord:
    """The record of one habit on the last of so many days."""
    user = skip(tick(a_person(a_habit(schedule=schedule)), "meditation", done), "meditation", skips)
    return Record(user, day(days - 1)).habits[0]
