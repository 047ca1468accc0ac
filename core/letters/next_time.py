"""When a habit comes next, in a person's words: its part of the day, and the next day that is meant for it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, cast

from core.catalogue import N_, _
from core.letters.clocks import EVENING, FEWEST_TIMES, NOON, usual_minute
from core.localtime import ONE_DAY
from core.progress import HabitRecord
from core.wording import WEEKDAYS

Part = Literal["morning", "afternoon", "evening", "night", ""]
NAMED = re.compile(  # what a habit's name says of its part of the day, in English, German and Spanish
    r"(?P<morning>\bmorning|\bbreakfast|\bmorgen|morgens?\b|\bvormittag|\bfrühstück|\bmañanas?\b|\bdesayun)"
    r"|(?P<afternoon>\bafternoon|\blunch|\bnachmittag|\bmittag)"
    r"|(?P<evening>\bevening|\bdinner|\babend|abends?\b|\btardes?\b)"
    r"|(?P<night>\bnights?\b|\bnight(?:ly|time)\b|\bbedtime|\bnacht|\bnoches?\b)",
    re.IGNORECASE,
)
NIGHT_ENDS = 4 * 60
LATE_BY = 60  # minutes after its usual time that a habit of today may still come in the same breath
OVER_AT: dict[Part, int] = {"morning": NOON, "afternoon": EVENING, "": NOON}  # from then on, the next one is tomorrow's
DAYS_AHEAD = 6  # a weekday names no other day
TODAY: dict[Part, str] = {
    "": N_("today"),
    "morning": N_("this morning"),
    "afternoon": N_("this afternoon"),
    "evening": N_("this evening"),
    "night": N_("this night"),
}
TOMORROW: dict[Part, str] = {
    "": N_("tomorrow"),
    "morning": N_("tomorrow morning"),
    "afternoon": N_("tomorrow afternoon"),
    "evening": N_("tomorrow evening"),
    "night": N_("tomorrow night"),
}
ON_A_WEEKDAY: dict[Part, str] = {
    "": N_("on {weekday}"),
    "morning": N_("on {weekday} morning"),
    "afternoon": N_("on {weekday} afternoon"),
    "evening": N_("on {weekday} evening"),
    "night": N_("on {weekday} night"),
}


def part_of(minute: int) -> Part:
    """The part of the day in which a minute lies; what is done after midnight ends an evening."""
    if minute < NIGHT_ENDS or minute >= EVENING:
        return "evening"
    return "morning" if minute < NOON else "afternoon"


def part_in_name(name: str) -> Part:
    """The part of the day that a habit's name names: `Morning run`, `Abendspaziergang`, `Leer por la noche`."""
    found = NAMED.search(unicodedata.normalize("NFC", name))
    return cast(Part, found.lastgroup) if found else ""


def part_and_minute(name: str, minutes: Sequence[int], planned: Sequence[int]) -> tuple[Part, int | None]:
    """A habit's part of the day, and its usual minute where the record knows one.

    The record speaks first, from three trustworthy times of which two in three agree; then the hour that was meant for
    it, its name, and a first time or two.
    """
    part, minute = _agreed(minutes)
    if part and len(minutes) >= FEWEST_TIMES:
        return part, minute
    return _agreed(planned)[0] or part_in_name(name) or part, None


def _agreed(minutes: Sequence[int]) -> tuple[Part, int | None]:
    if not minutes:
        return "", None
    part, count = Counter(map(part_of, minutes)).most_common(1)[0]
    if 3 * count < 2 * len(minutes):
        return "", None
    return part, usual_minute([minute for minute in minutes if part_of(minute) == part])


def is_over(part: Part, minute: int | None, now: datetime) -> bool:
    """Whether a habit's time has passed on the local day of `now`."""
    clock = 60 * now.hour + now.minute
    if minute is not None and minute >= NIGHT_ENDS:
        return clock > minute + LATE_BY
    return part in OVER_AT and clock >= OVER_AT[part]


def next_day(record: HabitRecord | None, first: date) -> date | None:
    """The first day from `first` on that is meant for a habit, None when it is more than a week ahead.

    Under a plan of n times a week any day is.
    """
    if record is None or record.unit != "day":
        return first
    days = (first + timedelta(days=n) for n in range(DAYS_AHEAD + 1))
    return next((day for day in days if record.is_due(day)), None)


def said(day: date | None, today: date, part: Part, named: Part) -> str:
    """`this morning`, `tonight`, `tomorrow`, `on Friday evening`.

    Of a habit whose name has a part of the day, the day alone: the name says the rest.
    """
    if day is None:
        return _("next time")
    if day == today:
        if {part, named or part} <= {"evening", "night"}:
            return _("tonight")
        return _(TODAY["" if named else part])
    if day == today + ONE_DAY:
        return _(TOMORROW["" if named else part])
    return _(ON_A_WEEKDAY["" if named else part]).format(weekday=_(WEEKDAYS[day.weekday()]))
