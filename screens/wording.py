"""The words around numbers, days and plans on the screens, as the person's locale has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, tzinfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.numbers import format_decimal, format_percent

from core.catalogue import N_, _
from core.models import GOALS, Habit, Plan, Target
from core.planning import WEEKDAY_CODES

NO_GROUP = N_("Without a group")  # what habits without a group stand under, beside those with one


def long_day(day: date, locale: Locale) -> str:
    """`Sunday, November 22`."""
    return f"{weekday(day.weekday(), locale)}, {format_skeleton('MMMMd', day, locale=locale)}"


def short_day(day: date, locale: Locale, *, year: bool = False) -> str:
    """`Nov 22`, or `Nov 22, 2026`."""
    return format_skeleton("yMMMd" if year else "MMMd", day, locale=locale)


def date_pattern() -> str:
    """How a field for a date writes one, as Streamlit takes it."""
    return _("YYYY/MM/DD")


def month(day: date, locale: Locale, *, year: bool = False) -> str:
    """`November`, or `November 2026`."""
    return (
        format_skeleton("yMMMM", day, locale=locale) if year else str(locale.months["stand-alone"]["wide"][day.month])
    )


def short_month(day: date, locale: Locale) -> str:
    """`Nov`."""
    return str(locale.months["stand-alone"]["abbreviated"][day.month])


def weekday(number: int, locale: Locale, *, short: bool = False) -> str:
    """The name of a weekday, 0 = Monday."""
    return str(get_day_names("abbreviated" if short else "wide", context="stand-alone", locale=locale)[number])


def clock(minute: float, locale: Locale) -> str:
    """A minute of the day as the locale writes a time."""
    whole = round(minute) % 1440
    at = datetime.combine(date(2000, 1, 1), time(whole // 60, whole % 60))
    return format_time(at, "short", locale=locale).replace("\u202f", "\xa0")  # in our font one does not see that space


def moment(at: datetime, now: datetime, tz: tzinfo, locale: Locale) -> str:
    """`November 22 at 8:00 PM` on the wall clock of `tz`; the year where it is another than that of `now`."""
    wall = at.astimezone(tz)
    this_year = wall.year == now.astimezone(tz).year
    day = format_skeleton("MMMMd", wall, locale=locale) if this_year else format_date(wall, "long", locale=locale)
    return _("{day} at {clock}").format(day=day, clock=wall_clock(at, tz, locale))


def wall_clock(at: datetime, tz: tzinfo, locale: Locale) -> str:
    """The time of day of an instant on the wall clock of `tz`."""
    wall = at.astimezone(tz)
    return clock(60 * wall.hour + wall.minute, locale)


def number(value: float, locale: Locale) -> str:
    """A number with the locale's separators, at most two decimals."""
    return format_decimal(value, "#,##0.##", locale=locale)


def tenths(value: float, locale: Locale) -> str:
    """A number with one decimal: `94.8`."""
    return format_decimal(value, "#,##0.0", locale=locale)


def signed(value: int, locale: Locale) -> str:
    """A whole number with its sign: `+1,200`."""
    return format_decimal(value, "+#,##0;-#,##0", locale=locale)


def percent(share: float, locale: Locale) -> str:
    """A share of 0 to 1 in whole percent."""
    return format_percent(share, locale=locale)


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return _(" and ").join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def goal_words(goal: str) -> str:
    """A goal as it is shown: one of ours, or what an import brought."""
    return _(goal) if goal in GOALS else goal


def plan_words(plan: Plan, locale: Locale, *, short: bool = False) -> str:
    """A plan as one says it: `every day`, `on weekdays`, `every 3 days`, `3 times a week`; `short` for weekdays."""
    if plan.times is not None:
        return _times_words(plan.times, plan.per)
    parts = dict(part.partition("=")[::2] for part in (plan.rrule or "").split(";"))
    interval = int(parts.get("INTERVAL", 1))
    if not parts.keys() <= {"FREQ", "INTERVAL", "BYDAY", "WKST"} or parts.get("FREQ") not in ("DAILY", "WEEKLY"):
        return _("on days of a rule of its own")
    if parts["FREQ"] == "DAILY" and "BYDAY" not in parts:
        return _("every day") if interval == 1 else _("every {n} days").format(n=interval)
    words = _weekdays_words(chosen_weekdays(plan) or [plan.start.weekday()], locale, short)
    if interval == 1:
        return words
    often = _("{plan}, every {n} weeks") if parts["FREQ"] == "WEEKLY" else _("{plan}, every {n} days")
    return often.format(plan=words, n=interval)


def _times_words(times: int, per: str | None) -> str:
    if per == "month":
        return _("once a month") if times == 1 else _("{n} times a month").format(n=times)
    return _("once a week") if times == 1 else _("{n} times a week").format(n=times)


def _weekdays_words(days: list[int], locale: Locale, short: bool) -> str:
    usual = {tuple(range(7)): _("every day"), (0, 1, 2, 3, 4): _("on weekdays"), (5, 6): _("on weekends")}
    named = listed([weekday(day, locale, short=short) for day in days])
    return usual.get(tuple(days)) or _("every {weekdays}").format(weekdays=named)


def chosen_weekdays(plan: Plan) -> list[int]:
    """The weekdays that a plan names, 0 = Monday; none when it is not a plan of weekdays."""
    parts = dict(part.partition("=")[::2] for part in (plan.rrule or "").split(";"))
    return [n for n, code in enumerate(WEEKDAY_CODES) if code in parts.get("BYDAY", "").split(",")]


def target_words(target: Target, locale: Locale) -> str:
    """`at least 8 glasses`, `at most 2 coffees`; `any number` where an import knows of none to reach."""
    if target.at_least == 0:
        return ", ".join(filter(None, (_("any number"), target.unit)))
    if target.at_least is not None:
        return _("at least {amount} {unit}").format(amount=number(target.at_least, locale), unit=target.unit).strip()
    return _("at most {amount} {unit}").format(amount=number(target.at_most or 0, locale), unit=target.unit).strip()


def habit_words(habit: Habit, plan: Plan, locale: Locale) -> str:
    """What a habit asks: its number, if it has one, and its plan; capitalised."""
    said = ", ".join([*([target_words(habit.target, locale)] if habit.target else []), plan_words(plan, locale)])
    return said[0].upper() + said[1:]
