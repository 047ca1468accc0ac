"""Ana, who reads, runs, drinks and writes, and what may happen to her record."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from core import planning, recording
from core.models import Target, User
from core.progress import Record
from storage import new_user

TODAY = date(2026, 11, 22)  # a Sunday
NOW = datetime(2026, 11, 22, 21, 30, tzinfo=UTC)
BEGAN = date(2026, 11, 1)


def days_ago(n: int) -> date:
    return TODAY - timedelta(days=n)


def ana() -> User:
    """Ana in Lisbon reads daily, runs on three weekdays, drinks water by the glass and coffee within two."""
    user = new_user(
        user_id="ana-3f9a1c",
        created_at="2026-11-01T18:02:11+00:00",
        coaching_profile={"timezone": "Europe/Lisbon", "onboarding_complete": True},
    )
    planning.add_habit(user, "Read", planning.every_day(BEGAN), today=BEGAN)
    planning.add_habit(user, "Run", planning.on_weekdays(BEGAN, [0, 2, 4]), today=BEGAN)
    glasses, cups = Target(at_least=8, unit="glasses"), Target(at_most=2, unit="coffees")
    planning.add_habit(user, "Water", planning.every_day(BEGAN), today=BEGAN, target=glasses)
    planning.add_habit(user, "Coffee", planning.every_day(BEGAN), today=BEGAN, target=cups)
    planning.add_habit(user, "Write", planning.times_per(BEGAN, 3, "week"), today=BEGAN)
    return user


HABITS = ("read", "run", "water", "coffee", "write")
Move = tuple[str, str, date]

days = st.integers(0, 21).map(days_ago)
habit_ids = st.sampled_from(HABITS)
moves = st.tuples(st.sampled_from(["tick", "untick", "skip", "unskip"]), habit_ids, days)


def do(user: User, move: Move) -> None:
    name, habit_id, day = move
    getattr(recording, name)(user, habit_id, day, now=NOW)


def lived(user: User, history: list[Move]) -> User:
    for move in history:
        do(user, move)
    return user


def judged(user: User, last: date) -> dict[str, tuple[frozenset[date], frozenset[date]]]:
    """What each habit was due and done on, up to a day."""
    records = Record(user, TODAY).habits
    return {
        r.habit.id: (frozenset(d for d in r.due if d <= last), frozenset(d for d in r.done if d <= last))
        for r in records
    }
