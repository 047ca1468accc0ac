"""Pictures of a record in plain HTML and CSS: text keeps its size on a phone and colours follow the theme.

Each picture is a figure with a spoken sentence; whoever draws one puts its numbers in a table beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from babel import Locale

from core.catalogue import _
from core.coach.statistics.hours import timing
from core.localtime import days_between, week_start
from core.wording import count_text
from screens import wording
from screens.parts import esc, heard

CLOCK_STEPS = (30, 60, 120, 180, 240, 360, 720)  # minutes between two ticks of a clock
DOT_MINUTES = 10  # times this close stand on each other
NUMBER = r"\d[\d.,]*"  # as it stands in a sentence
DOTS_MOST = 12  # on each other; where there would be more, a bar with its count stands for them


def share(x: float) -> str:
    """A share of 0 to 1 as a length in CSS."""
    return f"{100 * x:.1f}%"


def figure(kind: str, spoken: str, inner: str) -> str:
    """A picture, and the sentence that stands for it."""
    return f'<figure class="in-fig {kind}" role="img" aria-label="{esc(spoken)}">{inner}</figure>'


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table whose first column names the row; every cell is escaped."""
    heads = "".join(f'<th scope="col">{esc(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{esc(row[0])}</th>' + "".join(f"<td>{esc(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    return f'<table class="in-table"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>'


def why(summary: str, inner: str, *of: str) -> str:
    """What opens behind a number; `of` what, for those who hear it among many that look the same."""
    return f'<details class="in-why"><summary>{esc(summary)}{heard(*of)}</summary><div>{inner}</div></details>'


def interval_bar(label: str, done: int, of: int, low: float, high: float, *, hollow: bool = False) -> str:
    """One rate with the range in which it probably lies, on the whole axis from never to always."""
    dot = f'<i style="left:{share(done / of)}"></i>' if of else ""
    bar = f'<u style="left:{share(low)};width:{share(high - low)}"></u>{dot}'
    kind = "in-rate hollow" if hollow else "in-rate"
    return f'<div class="{kind}"><span>{esc(label)}</span><div>{bar}</div>{count_cell(done, of)}</div>'


def count_cell(done: int, of: int) -> str:
    """`3 of 4` with its second part small."""
    return _("<b>{done}<small> of {of}</small></b>").format(done=count_text(done), of=count_text(of))


def done_of(done: int, of: int) -> str:
    """`3 of 4`."""
    return _("{done} of {of}").format(done=count_text(done), of=count_text(of))


def counts_stand_out(sentence: str) -> str:
    """A sentence with its counts, `3 of 4`, before everything else that it says."""
    count = re.escape(_("{done} of {of}")).replace(r"\{done\}", NUMBER).replace(r"\{of\}", NUMBER)
    return re.sub(rf"\b{count}\b", r"<b>\g<0></b>", esc(sentence))


def rate_axis() -> str:
    """The axis below bars of rates."""
    marks = (("0", _("never")), ("50%", _("half")), ("100%", _("always")))
    names = "".join(f'<em style="left:{left}">{esc(name)}</em>' for left, name in marks)
    return f'<div class="in-rate axis"><span></span><div>{names}</div><b></b></div>'


def day_strip(days: Sequence[tuple[date, bool]], locale: Locale, mark: date | None = None) -> str:
    """One small cell a day, oldest first; `mark` names a day at which something changed."""
    cells = "".join(
        f'<i class="{"on" if done else "off"}{" mark" if day == mark else ""}" title="{_said(day, done, locale)}"></i>'
        for day, done in days
    )
    ends = (
        f"<em>{esc(wording.short_day(days[0][0], locale))}</em><em>{esc(wording.short_day(days[-1][0], locale))}</em>"
    )
    return f'<div class="in-strip">{cells}</div><div class="in-ends">{ends}</div>'


def week_ends(kind: str, mondays: Sequence[date], locale: Locale) -> str:
    """What stands below bars of weeks, the last of them this one."""
    first = f"<em>{esc(wording.short_day(mondays[0], locale))}</em>" if len(mondays) > 1 else ""
    return f'<div class="in-ends {kind}" style="--n:{len(mondays)}">{first}<em>{esc(_("this week"))}</em></div>'


def _said(day: date, done: bool, locale: Locale) -> str:
    return esc(f"{wording.long_day(day, locale)}: {_('done') if done else _('not done')}")


def week_calendar(days: Sequence[tuple[date, bool]], locale: Locale) -> str:
    """The days as weeks, Monday first; weekends stand apart."""
    heads = "".join(f"<span>{esc(wording.weekday(n, locale, short=True)[:2])}</span>" for n in range(7))
    known = dict(days)
    cells = ""
    for day in days_between(week_start(days[0][0]), week_start(days[-1][0]) + timedelta(days=6)):
        done = known.get(day)
        kind = "none" if done is None else "on" if done else "off"
        title = "" if done is None else f' title="{_said(day, done, locale)}"'
        cells += f'<i class="{kind}{" we" if day.weekday() > 4 else ""}"{title}></i>'
    return f'<div class="in-cal">{heads}{cells}</div>'


def unwrapped(minutes: Sequence[int], middle: float) -> list[float]:
    """Minutes of the day as the nearest ones to `middle` on an endless clock: 0:10 is after 23:50."""
    return [(minute - middle + 720) % 1440 - 720 + middle for minute in minutes]


def dot_plot(minutes: Sequence[int], middle: float, marks: Sequence[float], locale: Locale) -> str:
    """Clock times as stacked dots around `middle`, with a band of half an hour to each side of the marks.

    Where too many fall together for dots, each column is a bar with its count.
    """
    times, centres = unwrapped(minutes, middle), unwrapped([round(m) for m in marks], middle)
    low, high = min([*times, *(m - 40 for m in centres)]) - 15, max([*times, *(m + 40 for m in centres)]) + 15
    width, every = high - low, DOT_MINUTES if high - low <= 360 else 2 * DOT_MINUTES
    bands = "".join(f'<u style="left:{share((m - 30 - low) / width)};width:{share(60 / width)}"></u>' for m in centres)
    columns: dict[int, list[float]] = {}
    for time in sorted(times):
        columns.setdefault(int((time - low) // every), []).append(time)
    tallest = max(map(len, columns.values()))
    drawn = "".join(
        _bar(column, tallest, centres, place, locale)
        if tallest > DOTS_MOST
        else "".join(_dot(time, k, centres, place, locale) for k, time in enumerate(column))
        for n, column in columns.items()
        for place in [share((n + 0.5) * every / width)]
    )
    plot = f'<div class="in-dots" style="--h:{min(tallest, DOTS_MOST)}">{bands}{drawn}</div>'
    return f'{plot}<div class="in-ticks">{_clock_ticks(low, high, "left", locale)}</div>'


def _far(time: float, centres: Sequence[float]) -> str:
    return "" if not centres or min(abs(time - m) for m in centres) <= 30 else "far"


def _dot(time: float, k: int, centres: Sequence[float], place: str, locale: Locale) -> str:
    said = esc(wording.clock(time, locale))
    return f'<i class="{_far(time, centres)}" style="left:{place};--k:{k}" title="{said}"></i>'


def _bar(times: Sequence[float], tallest: int, centres: Sequence[float], place: str, locale: Locale) -> str:
    """One column of times; it is hollow like a dot when more than half of them lie outside the bands."""
    first, last = wording.clock(times[0], locale), wording.clock(times[-1], locale)
    kind = _far(times[len(times) // 2], centres)
    said = esc(first if first == last else f"{first} – {last}")
    return (
        f'<s class="{kind}" style="left:{place};--k:{len(times) / tallest:.3f}" title="{said}"><b>{len(times)}</b></s>'
    )


def clock_line(times: Sequence[tuple[date, int]], locale: Locale, mark: date | None, *, weekends: bool) -> str:
    """Each clock time on its day, later ones higher; `mark` names a day at which the hour changed.

    With `weekends` those of Saturday and Sunday are hollow.
    """
    told = [minute for _day, minute in times]
    minutes = unwrapped(told, timing(told).minute)
    low, high, first = min(minutes) - 20, max(minutes) + 20, times[0][0]
    span = max((times[-1][0] - first).days, 1)
    line = f'<u style="left:{share((mark - first).days / span)}"></u>' if mark else ""
    dots = "".join(
        f'<i class="{"far" if weekends and day.weekday() > 4 else ""}" style="left:{share((day - first).days / span)};'
        f'bottom:{share((minute - low) / (high - low))}" title="{_clock_said(day, minute, locale)}"></i>'
        for (day, _minute), minute in zip(times, minutes, strict=True)
    )
    ticks = _clock_ticks(low, high, "bottom", locale)
    ends = "".join(f"<em>{esc(wording.short_day(day, locale))}</em>" for day in (first, times[-1][0]))
    return f'<div class="in-line-plot">{ticks}<div>{line}{dots}</div></div><div class="in-ends">{ends}</div>'


def _clock_said(day: date, minute: float, locale: Locale) -> str:
    return esc(f"{wording.short_day(day, locale)} {wording.clock(minute, locale)}")


def _clock_ticks(low: float, high: float, side: str, locale: Locale) -> str:
    """Three or four round clock times along an axis of minutes, placed from a side of the picture."""
    step = next(s for s in CLOCK_STEPS if (high - low) / s <= 4.5 or s == CLOCK_STEPS[-1])
    first = int(-(-(low + 8) // step) * step)
    return "".join(
        f'<em style="{side}:{share((m - low) / (high - low))}">{esc(wording.clock(m, locale))}</em>'
        for m in range(first, int(high - 8) + 1, step)
    )
