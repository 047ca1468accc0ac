"""The values that stand in a document, and what each must be: a day, an instant, a zone, an address, a rule of days."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Annotated, Any

from dateutil.rrule import rrulestr
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, PlainSerializer, ValidationError

from core.localtime import is_zone

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)  # far-off years are mistakes, and would be counted for ever
FIRST_INSTANT, LAST_INSTANT = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
BEYOND = ("greater_than_equal", "less_than_equal", "less_than")  # pydantic's words for what is out of bounds
INTERVAL_MOST = 366
RRULE_PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "WKST", "COUNT", "UNTIL"}
RRULE_FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def _zone(name: str) -> str:
    if not is_zone(name):
        raise ValueError(f"unknown time zone {name!r}; write it like Europe/Lisbon or UTC-8")
    return name


def _clock(text: str) -> str:
    if text and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text, re.ASCII):
        raise ValueError(f"{text!r} is not a time of day; write it like 07:00")
    return text


@lru_cache(maxsize=4096)
def _address(text: str) -> str:
    """An address that a letter can be sent to, or none; letters go without SMTPUTF8, so its name is ASCII."""
    if text:
        try:
            validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
        except EmailNotValidError as error:
            raise ValueError(f"{text!r} is not an e-mail address ({error})") from None
    return text


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("a name cannot be empty")
    return text


@lru_cache(maxsize=4096)
def _rrule(text: str) -> str:
    """The rule as it came, if it is one of days: dateutil would also take seconds, or search without end."""
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    interval = parts.get("INTERVAL", "1")
    is_sound = interval.isascii() and interval.isdigit() and 0 < int(interval) <= INTERVAL_MOST
    if parts.get("FREQ") not in RRULE_FREQUENCIES or not parts.keys() <= RRULE_PARTS or not is_sound:
        raise ValueError(f"{text!r} is not a rule of days; write it like FREQ=DAILY;INTERVAL=2")
    try:
        rrulestr(text, dtstart=datetime.combine(date(2000, 1, 1), time()))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f"{text!r} is not a rule of days; write it like FREQ=WEEKLY;BYDAY=MO,WE") from None
    return text


def _instant_or_day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-11-22") else value


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


# An instant is stored with the offset it came with: pydantic's own form would write Z for +00:00.
# Its bounds and a day's are checked without Python's help: a record of years has ten thousands of them.
Instant = Annotated[AwareDatetime, Field(ge=FIRST_INSTANT, lt=LAST_INSTANT), PlainSerializer(_iso, when_used="json")]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
InstantOrDay = Annotated[datetime | date, BeforeValidator(_instant_or_day), PlainSerializer(_iso, when_used="json")]
Number = Annotated[int | float, Field(allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_named)]
Address = Annotated[str, AfterValidator(_address)]
Zone = Annotated[str, AfterValidator(_zone)]
Clock = Annotated[str, AfterValidator(_clock)]
Rrule = Annotated[str, AfterValidator(_rrule)]


def complaint(error: ValidationError) -> tuple[str, str]:
    """(where, what) of the first thing that is wrong with a document, in words for a person."""
    first = error.errors()[0]
    given, bounds = first["input"], first.get("ctx", {}).values()
    if first["type"] == "timezone_aware":
        said = f"{given} has no offset from UTC; write it like {given}+00:00"
    elif first["type"] in BEYOND and all(isinstance(bound, str) for bound in bounds):  # a number's bound is a number
        said = f"{given} is outside the years {FIRST_DAY.year} to {LAST_DAY.year}"
    else:
        said = first["msg"].removeprefix("Value error, ")
    return ".".join(str(part) for part in first["loc"]), said
