"""What the clock times of a habit show in its first days: counts, no pattern."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from core.catalogue import _
from core.coach.advising.situations import is_limit, main_habit_of
from core.coach.safety import EXERCISE, tier_of
from core.coach.statistics.evidence import evidence_of
from core.localtime import ONE_DAY
from core.models import User
from core.progress import HabitRecord, Record
from core.wording import activity_of, between_text, clock_text, hours_text, label

SAME_CLOCK_MINUTES = 20  # between the earliest and the latest time: then it is one clock
ONE_EVENING_MINUTES = 180
NOON, EVENING = 12 * 60, 17 * 60
COFFEE_BEFORE = 11 * 60
FEWEST_TIMES = 3  # before a clock is told


def clock_said(user: User, covers: date) -> str:
    """The times of the main habit on seven days; empty when they say little.

    The seven end with `covers`, or with the day before while that day's tick is open.
    """
    record = Record(user, covers + ONE_DAY)
    main = main_habit_of(record)
    if main is None or is_limit(main.habit) or tier_of(main) not in (None, EXERCISE):
        return ""
    last = covers if covers in main.done else covers - ONE_DAY
    first = last - timedelta(days=6)
    days = [day for day in main.done if first <= day <= last]
    minutes = times_of(record, main, first, last)
    if len(minutes) < FEWEST_TIMES:
        return ""
    said = _clock(main, minutes, len(days), user.locale)
    return " ".join(filter(None, (said, _suggestion(main, minutes, len(days), user.coaching_profile.biggest_obstacle))))


def times_of(record: Record, main: HabitRecord, first: date, last: date) -> list[int]:
    """The trustworthy times (minutes of the day) of a habit between two complete days."""
    seen = next((habit.times for habit in evidence_of(record).habits if habit.habit is main.habit), ())
    return [minute for day, minute in seen if first <= day <= last]


def usual_minute(minutes: Sequence[int]) -> int:
    """The middle of the times, to five minutes."""
    return round(median(minutes) / 5) * 5 % 1440


def is_one_clock(minutes: Sequence[int]) -> bool:
    return bool(minutes) and max(minutes) - min(minutes) <= SAME_CLOCK_MINUTES


def is_one_evening(minutes: Sequence[int]) -> bool:
    return bool(minutes) and min(minutes) >= EVENING and max(minutes) - min(minutes) <= ONE_EVENING_MINUTES


def at_times(low: int, high: int, locale: str) -> str:
    """`from 6:10 to 6:20 AM`, `at 6:15 AM`."""
    if low < high:
        return _("from {between}").format(between=between_text(low, high, locale))
    return _("at {clock}").format(clock=clock_text(low, locale))


def _clock(main: HabitRecord, minutes: list[int], days: int, locale: str) -> str:
    """`You run 6:15 AM every day.` where every day has its time, and the count where not."""
    activity, low, high = activity_of(main.habit.name), min(minutes), max(minutes)
    does = _("You {do}").format(do=activity.verb) if activity else f"{label(main.habit.name)}:"
    if len(minutes) == days == 7 and is_one_clock(minutes):
        clock = clock_text(usual_minute(minutes), locale)
        return _("{you_do} {clock} every day.").format(you_do=does, clock=clock)
    if len(minutes) == days == 7 and is_one_evening(minutes):
        return _("{you_do} {hours} every day ✅.").format(you_do=does, hours=hours_text(low, high, locale))
    said = _("{you_do} {at_times}: {n} of {days} times.")
    return said.format(you_do=does, at_times=at_times(low, high, locale), n=len(minutes), days=days)


def _suggestion(main: HabitRecord, minutes: list[int], days: int, obstacle: str) -> str:
    """Coffee beside a morning clock of every day; for who wants it right, that a rough one costs nothing."""
    every_day = len(minutes) == days == 7
    if obstacle in ("Time", "Remembering") and every_day and is_one_clock(minutes) and max(minutes) < COFFEE_BEFORE:
        return _("Try stacking with coffee.")
    if obstacle == "Perfectionism":
        activity = activity_of(main.habit.name)
        if activity:
            return _("One imperfect {session} doesn't break momentum.").format(session=activity.session)
        return _("One imperfect day doesn't break momentum.")
    return ""
