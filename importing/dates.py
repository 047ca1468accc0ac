"""The dates of a table's first column, also as a spreadsheet has rewritten them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from core.catalogue import _
from core.localtime import ONE_DAY
from importing.refusal import ImportRefused

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)  # outside is a slip of the keyboard, or a zero
DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[ T]00:00(?::00)?)?", re.ASCII)
YEAR_FIRST, MONTH_FIRST, DAY_FIRST = (0, 1, 2), (2, 0, 1), (2, 1, 0)  # the places of year, month and day
CENTURY = 2000  # of a year of two digits: the tracker is younger


def read_days(texts: Mapping[int, str], name: str) -> list[date]:
    """The days of a column, given by row number, in their order.

    The order of day and month is decided by the whole column: by a field above 12, or because only one reading makes
    it the run of consecutive days that the tracker writes. Raises ImportRefused, naming the row, or for a column that
    stays ambiguous.
    """
    found = [DATE.fullmatch(text.strip()) for text in texts.values()]
    fields = [match.groups() if match else () for match in found]
    readings = [[_day(parts, places) for parts in fields] for places in (YEAR_FIRST, MONTH_FIRST, DAY_FIRST)]
    year_first, *year_last = ([day for day in days if day is not None] for days in readings)
    whole = [days for days in year_last if len(days) == len(texts)]
    possible = _denser([year_first] if len(year_first) == len(texts) else [], whole)
    if not possible:
        best = min(readings, key=lambda days: days.count(None))
        raise _no_date(texts, best.index(None), name)
    days = _only_reading(possible, texts, name)
    outside = next((n for n, day in enumerate(days) if not EARLIEST <= day < LATEST), None)
    if outside is not None:
        raise _no_date(texts, outside, name)
    return days


def _day(parts: Sequence[str], places: tuple[int, int, int]) -> date | None:
    """The date of three fields of digits in one order, None where that is none."""
    if not parts:
        return None
    year, month, day = (parts[place] for place in places)
    if len(year) not in (2, 4) or len(month) > 2 or len(day) > 2:
        return None
    try:
        return date(int(year) + (CENTURY if len(year) == 2 else 0), int(month), int(day))
    except ValueError:
        return None


def _denser(year_first: list[list[date]], year_last: list[list[date]]) -> list[list[date]]:
    """Those readings under which the column spans less: 24-06-30 and 24-06-29 are one day apart, not a year."""
    first, last = (
        min((max(days) - min(days) for days in found), default=timedelta.max) for found in (year_first, year_last)
    )
    if first == last:
        return year_first + year_last
    return year_first if first < last else year_last


def _only_reading(possible: list[list[date]], texts: Mapping[int, str], name: str) -> list[date]:
    different = [days for n, days in enumerate(possible) if days not in possible[:n]]
    daily = [days for days in different if _is_daily(days)]
    if len(different) > 1 and len(daily) != 1:
        raise ImportRefused(
            _(
                "{name} has dates like {text!r}, where day and month cannot be told apart; "
                "write them like 2026-01-31, or give the export as the tracker wrote it"
            ).format(name=name, text=next(iter(texts.values())))
        )
    return different[0] if len(different) == 1 else daily[0]


def _is_daily(days: list[date]) -> bool:
    """Whether the rows are consecutive days, newest first or oldest first."""
    steps = {after - before for before, after in pairwise(days)}
    return steps in ({ONE_DAY}, {-ONE_DAY})


def _no_date(texts: Mapping[int, str], place: int, name: str) -> ImportRefused:
    row, text = list(texts.items())[place]
    return ImportRefused(
        _("row {row} of {name} has {text!r} where a date is due; write it like 2026-01-31").format(
            row=row, name=name, text=text
        )
    )
