"""The list of letters in Profile as HTML: a row a letter, and one for many that were left out for one reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import chain, groupby

from babel import Locale

from core.catalogue import _, n_
from screens import wording
from screens.parts import esc, heard
from screens.profile_rooms.letter_words import Entry, badge, day_of, left_out, said, title

MANY = 3  # left out one after the other for one reason, from which they are one row

Row = list[Entry]  # one letter, or several that were left out alike


def together(entries: Sequence[Entry], tz: tzinfo) -> list[Row]:
    """Letters row by row, the latest day first: each its own, but for the many of a month left out for one reason."""
    by_day = sorted(entries, key=lambda entry: day_of(entry, tz), reverse=True)
    groups = [list(group) for _key, group in groupby(by_day, key=lambda entry: _left_out_alike(entry, tz))]
    return list(chain.from_iterable([group] if _is_many(group) else [[entry] for entry in group] for group in groups))


def _left_out_alike(entry: Entry, tz: tzinfo) -> tuple[object, ...]:
    """What the letters of a row have in common."""
    is_left_out = entry["state"] == "skipped"
    return is_left_out, day_of(entry, tz).replace(day=1), entry.get("reason") if is_left_out else ""


def _is_many(group: Row) -> bool:
    return group[0]["state"] == "skipped" and len(group) >= MANY


def listed(rows: Sequence[Row], now: datetime, tz: tzinfo, locale: Locale) -> str:
    """Rows of letters as HTML, month by month."""
    months = groupby(rows, key=lambda row: day_of(row[0], tz).replace(day=1))
    return "".join(
        f'<section class="lt-month"><h3>{esc(wording.month(first, locale, year=True))}</h3>'
        f"<ul>{''.join(one(row[0], now, tz, locale) if len(row) == 1 else many(row, tz, locale) for row in month)}</ul>"
        "</section>"
        for first, month in months
    )


def many(row: Row, tz: tzinfo, locale: Locale) -> str:
    """Letters left out for one reason as one row of HTML: from which day to which, and each to open."""
    last, first = day_of(row[0], tz).day, day_of(row[-1], tz).day
    until, (word, look) = _("to {day}").format(day=last), badge(row[0])
    name, why = n_("{n} letter", "{n} letters", len(row)).format(n=len(row)), left_out(str(row[0].get("reason", "")))
    each = "\n".join(f"{wording.short_day(day_of(entry, tz), locale)}: {title(entry)}" for entry in row)
    return (
        f'<li class="{look}"><p class="lt-day"><b>{first}</b>{esc(until)}</p><div><p class="lt-subject">{esc(name)}</p>'
        f'<p class="lt-text">{esc(_("Left out: {reason}.").format(reason=why))}</p>'
        f'{opened(_("Which ones"), each, name)}</div><span class="lt-badge">{esc(word)}</span></li>'
    )


def one(entry: Entry, now: datetime, tz: tzinfo, locale: Locale) -> str:
    """One letter as HTML: its day, its subject, what became of it, and its text to open."""
    day, (word, look) = day_of(entry, tz), badge(entry)
    weekday = wording.weekday(day.weekday(), locale, short=True)
    text = opened(_("Read it"), str(entry["text"]), title(entry)) if entry.get("text") else ""
    return (
        f'<li class="{look}"><p class="lt-day"><b>{day.day}</b>{esc(weekday)}</p>'
        f'<div><p class="lt-subject">{esc(title(entry))}</p><p class="lt-text">{esc(said(entry, now, tz, locale))}</p>'
        f'{text}</div><span class="lt-badge">{esc(word)}</span></li>'
    )


def opened(summary: str, text: str, subject: str = "") -> str:
    """A letter's text behind a line to open, exactly as it stands in the letter; the ear hears of which subject."""
    shown = f'<pre dir="auto" tabindex="0">{esc(text)}</pre>'
    return f'<details class="lt-read"><summary>{esc(summary)}{heard(subject)}</summary>{shown}</details>'
