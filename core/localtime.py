"""Days belong to people, instants to UTC: a person's day, and the instant of a wall clock in their zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

FIXED_OFFSET = re.compile(r"UTC([+-])(\d{1,2})(?::?(\d\d))?", re.ASCII)
ONE_DAY = timedelta(days=1)
WEEKEND, WORKDAYS = frozenset({5, 6}), frozenset(range(5))  # as date.weekday() counts


@cache
def zone(name: str) -> tzinfo:
    """The zone of an IANA name, or of a fixed offset written `UTC-8`. Raises ValueError for any other name."""
    fixed = FIXED_OFFSET.fullmatch(name)
    try:
        return ZoneInfo(name) if fixed is None else _fixed_offset(name, *fixed.groups(default="0"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name!r}; write it like Europe/Lisbon or UTC-8") from None


def _fixed_offset(name: str, sign: str, hours: str, minutes: str) -> timezone:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(offset if sign == "+" else -offset, name)


def is_zone(name: str) -> bool:
    """Whether `zone` knows the name."""
    try:
        zone(name)
    except ValueError:
        return False
    return True


def local_day(instant: datetime, tz: tzinfo, day_ends_at: int = 0) -> date:
    """The person's day at an instant; what is before `day_ends_at` (hour, 0 to 6) still belongs to the day before."""
    wall = instant.astimezone(tz)
    return wall.date() - ONE_DAY if wall.hour < day_ends_at else wall.date()


def wall_instant(day: date, clock: time, tz: tzinfo) -> datetime:
    """The instant (UTC) at which the wall clock shows `clock` on `day`.

    A time that a clock change skips moves forward by the gap (RFC 5545), one that occurs twice is the first:
    both are what `fold=0` means (PEP 495), since it reads a skipped time with the offset from before the change.
    """
    return datetime.combine(day, clock, tzinfo=tz).replace(fold=0).astimezone(UTC)


def parse_clock(text: str) -> time:
    """`07:00` as a time of day."""
    return time.fromisoformat(text)


iso = cache(date.isoformat)  # the same days come again and again: every habit has them


def day_number(created_at: datetime, day: date) -> int:
    """N of Day N: days since the date written in `created_at`, which is Day 0 whatever zone comes later."""
    return (day - created_at.date()).days


def week_start(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def month_start(day: date) -> date:
    """The first of the month of `day`."""
    return day.replace(day=1)


def is_weekend(day: date) -> bool:
    """Saturday or Sunday."""
    return day.weekday() in WEEKEND


def days_between(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return list(map(date.fromordinal, range(first.toordinal(), last.toordinal() + 1)))
