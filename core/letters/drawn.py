"""What a letter draws of a habit: its days as marks, week by week, and the hours of its times as columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from babel.dates import get_day_names

from core.catalogue import _
from core.localtime import ONE_DAY, days_between
from core.progress import HabitRecord
from core.wording import hour_text, locale_of

FEWEST_TIMES = 5  # before hours are drawn
COLUMNS_FEWEST, COLUMNS_MOST = 5, 9
STEPS = (30, 60, 120, 180)  # minutes of the day that a column stands for
DAY = 24 * 60
LETTERS = 2  # of a weekday's name above a column of squares
WEEK = timedelta(days=7)


def mark_of(habit: HabitRecord, day: date, today: date) -> str:
    """A day as a letter: d done, s skipped, p paused, n nothing due, o still open today, m not done."""
    if day in habit.done:
        return "d"
    if day in habit.skipped:
        return "s"
    if day in habit.paused:
        return "p"
    if not habit.is_due(day):
        return "n"
    return "o" if day == today else "m"


def weeks_drawn(habit: HabitRecord, first: date, last: date) -> list[dict[str, str]]:
    """The days between two complete ones in rows of seven: `marks`, and `count` (3 of 7) where something was done."""
    starts = [first + n * WEEK for n in range((last - first).days // 7 + 1)] if first <= last else []
    return [_week(habit, start, min(start + WEEK - ONE_DAY, last)) for start in starts]


def _week(habit: HabitRecord, first: date, last: date) -> dict[str, str]:
    done, of = habit.rate(first, last)
    marks = "".join(mark_of(habit, day, last + ONE_DAY) for day in days_between(first, last))
    return {"marks": marks, "count": _("{done} of {of}").format(done=done, of=of) if done else ""}


def weekdays_from(first: date, locale: str) -> str:
    """The short names of seven weekdays from a day on, with a space between them: `Su Mo Tu We Th Fr Sa`."""
    names = get_day_names("abbreviated", locale=locale_of(locale))
    return " ".join("".join(names[(first.weekday() + n) % 7].split())[:LETTERS] for n in range(7))


def hours_drawn(minutes: Sequence[int], locale: str) -> list[dict[str, object]]:
    """Columns side by side around a habit's times: how many there were, and the hour where one begins; [] of too few.

    The narrowest step is taken that has all of them on one picture.
    """
    if len(minutes) < FEWEST_TIMES:
        return []
    low, high = min(minutes), max(minutes)
    step = next((step for step in STEPS if high // step - low // step < COLUMNS_MOST), STEPS[-1])
    first, last = low // step, high // step
    spare = max(COLUMNS_FEWEST - (last - first + 1), 0)
    first = max(min(first - spare // 2, DAY // step - COLUMNS_FEWEST), 0)
    last = max(last, first + COLUMNS_FEWEST - 1)
    counts = Counter(minute // step for minute in minutes)
    return [_column(column * step, counts[column], locale) for column in range(first, last + 1)]


def _column(start: int, count: int, locale: str) -> dict[str, object]:
    return {"count": count, "hour": hour_text(start, locale) if start % 60 == 0 else ""}
