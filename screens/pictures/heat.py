"""Heat maps: every day as a cell that says what it was, weeks as columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from babel import Locale

from core.catalogue import N_, _, n_
from core.localtime import days_between, week_start
from core.progress import HabitRecord, Record
from core.timeline import Ints
from screens import wording
from screens.parts import esc
from screens.pictures.drawn import done_of, figure

HEAT_STEPS = 4
HALF_WEEKS = 27  # of a year's picture: on a phone its halves stand below each other
HALF = "</span><span>"


def heat_level(done: int, due: int) -> int:
    """How dark a day is: 0 for nothing done, 4 for all that was due."""
    if not done:
        return 0
    return HEAT_STEPS if done >= due else 1 + min(HEAT_STEPS - 2, int((HEAT_STEPS - 1) * done / due))


def heat_map(record: Record, first: date, locale: Locale, kind: str, last: date | None = None) -> str:
    """Every day from the week of `first` to `last` (None: today), weeks as columns; a cell's title says its counts.

    Weeks that are still to come stand open like those before the first habit."""
    last = last or record.today
    ahead = "free" if week_start(last) > record.today else "none"
    due, done = counts_by_day(record.habits)
    begun = min([one.first for one in record.habits], default=record.today)
    cells = ""
    for day in days_between(week_start(first), week_start(last) + timedelta(days=6)):
        if day.weekday() == 0:
            cells += _begin_week(day, week_start(first), locale, is_year=kind == "year")
        if day > record.today:
            cells += f'<i class="{ahead}"></i>'
            continue
        if day < begun:
            cells += '<i class="free"></i>'
            continue
        kind_of_day, words = heat_day(record, day, done.get(day, 0), due.get(day, 0), locale)
        cells += f'<i class="{kind_of_day}" title="{esc(words)}"></i>'
    total = sum(n for day, n in done.items() if first <= day <= last)
    since, until = (wording.short_day(day, locale, year=True) for day in (first, min(last, record.today)))
    spoken = n_("{n} completion from {since} to {until}", "{n} completions from {since} to {until}", total)
    spoken = spoken.format(n=total, since=since, until=until)
    return figure(f"in-heat {kind}", spoken, _halves(cells)) + _heat_key()


def heat_day(record: Record, day: date, done: int, of: int, locale: Locale) -> tuple[str, str]:
    """The class and the title of one day in a heat map."""
    n, today = max(of, done), " today" if day == record.today else ""
    said = done_of(done, n) if n else _("nothing due")
    return f"l{heat_level(done, n)}{today}", f"{wording.short_day(day, locale)}: {said}"


def _heat_key() -> str:
    steps = "".join(f'<i class="l{n}"></i>' for n in range(HEAT_STEPS + 1))
    return f'<p class="in-key">{esc(_("nothing"))} {steps} {esc(_("all that was due"))}</p>'


def habit_heat(record: HabitRecord, first: date, locale: Locale, kind: str, last: date | None = None) -> str:
    """One habit's days from the week of `first` to `last` (None: today), weeks as columns."""
    cells, last = "", last or record.today
    for day in days_between(week_start(first), week_start(last) + timedelta(days=6)):
        if day.weekday() == 0:
            cells += _begin_week(day, week_start(first), locale, is_year=kind == "year")
        state, said = day_state(record, day)
        today = " today" if day == record.today else ""
        note = record.entries[day].note if day in record.entries else ""
        words = f"{wording.short_day(day, locale)}: {said}" + (f" · {note}" if note else "")
        cells += f'<i class="{state}{today}{" note" if note else ""}" title="{esc(words)}"></i>'
    count = sum(first <= day <= last for day in record.done)
    spoken = n_("{habit}: done on {n} day", "{habit}: done on {n} days", count)
    return figure(f"in-heat {kind}", spoken.format(habit=record.habit.name, n=count), _halves(cells))


def _begin_week(monday: date, first: date, locale: Locale, *, is_year: bool) -> str:
    """What stands above a week; in a year's picture its second half begins before one."""
    half = HALF if is_year and monday - first == timedelta(weeks=HALF_WEEKS) else ""
    return f"{half}<b>{_month_label(monday, first, locale, years=is_year)}</b>"


def _halves(cells: str) -> str:
    """The weeks of a year as its two halves; any others as they are."""
    return f"<span>{cells}</span>" if HALF in cells else cells


def _month_label(monday: date, first: date, locale: Locale, *, years: bool) -> str:
    """The name of the month that begins in a week, with its year at the left edge and in January; else nothing.

    A picture without years names its first month, too, where there is room for that."""
    has_room = not years and monday == first and (monday + timedelta(weeks=2)).month == monday.month
    if monday.day > 7 and not has_room:
        return ""
    name = esc(wording.short_month(monday, locale))
    has_year = years and (monday - first < timedelta(days=28) or monday.month == 1)
    return name + (f"<s> {monday.year}</s>" if has_year else "")


HABIT_KINDS = (
    ("on", N_("done")),
    ("l0", N_("not done")),
    ("skip", N_("skipped")),
    ("pause", N_("paused")),
    ("free", N_("not due")),
    ("on note", N_("with a note")),
)


def habit_key() -> str:
    """What the colours of one habit's days stand for."""
    kinds = "".join(f'<span><i class="{kind}"></i> {esc(_(word))}</span>' for kind, word in HABIT_KINDS)
    return f'<p class="in-key pg-key">{kinds}</p>'


def day_state(record: HabitRecord, day: date) -> tuple[str, str]:
    """What a day was for a habit: the class that paints it, and the word for it."""
    if day > record.today:
        return "none", ""
    if record.was_done(day):
        return "on", _("done")
    if record.was_skipped(day):
        return "skip", _("skipped")
    if day in record.paused:
        return "pause", _("paused")
    if record.was_due(day):
        return "off", _("still open") if day == record.today else _("not done")
    return "free", _("not due")


def counts_by_day(records: Sequence[HabitRecord]) -> tuple[dict[date, int], dict[date, int]]:
    """(due, done) of each day over some habits: skips left out, what was done besides counts on both sides."""
    lines = [one.timeline for one in records]
    first = min((line.first for line in lines), default=0)
    due, done = np.zeros((2, max((line.last - first + 1 for line in lines), default=0)), dtype=int)
    for line in lines:
        due[line.first - first :] += line.asked | line.done
        done[line.first - first :] += line.done
    return _by_day(due, first), _by_day(done, first)


def _by_day(counts: Ints, first: int) -> dict[date, int]:
    """The days with a count; `first` is the ordinal of the first place."""
    places = np.flatnonzero(counts)
    return dict(zip(map(date.fromordinal, (places + first).tolist()), counts[places].tolist(), strict=True))
