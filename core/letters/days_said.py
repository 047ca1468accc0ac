"""Days as a letter says them: tomorrow, a weekday, a date."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from babel.dates import format_date, format_skeleton

from core.catalogue import _
from core.wording import locale_of


def when_said(day: date, today: date, locale: str) -> str:
    """`today`, `tomorrow`, a weekday within the week, or the date."""
    ahead = (day - today).days
    if ahead < 2:
        return _("tomorrow") if ahead == 1 else _("today")
    if ahead < 7:
        return format_date(day, "EEEE", locale=locale_of(locale))
    return long_day(day, locale)


@lru_cache(maxsize=256)
def long_day(day: date, locale: str) -> str:
    """`Sunday, November 22`, as the locale writes it."""
    where = locale_of(locale)
    return f"{format_date(day, 'EEEE', locale=where)}, {format_skeleton('MMMMd', day, locale=where)}"
