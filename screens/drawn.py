"""Pictures of a record in plain HTML and CSS: text keeps its size on a phone and colours follow the theme.

Each picture is a figure with a spoken sentence; whoever draws one puts its numbers in a table beside it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from babel import Locale

from core.catalogue import N_, _, n_
from core.coach.hours import timing
from core.localtime import days_between, week_start
from core.models import Habit
from core.progress import HabitRecord, Record
from screens import wording
from screens.parts import esc

# Chosen for habits without one: white reads on each.
COLORS = {
    N_("Violet"): "#5B3DF5",
    N_("Green"): "#0E7F63",
    N_("Orange"): "#C2560C",
    N_("Pink"): "#C22F74",
    N_("Blue"): "#1F6FC4",
    N_("Gold"): "#8F6B00",
    N_("Teal"): "#0E7490",
    N_("Plum"): "#8A3FB8",
}
# What a name says about its icon, first match first; a habit's own icon goes before.
ICONS = (
    ("run|jog|lauf", "🏃"),
    ("walk|step|spazier|schritt", "🚶"),
    ("medit|breath|mindful|atem|achtsam", "🧘"),
    ("read|book|page|lesen|buch", "📚"),
    ("stud|learn|cod|lesson|lern|vokabel", "💻"),
    ("writ|journal|diary|schreib|tagebuch", "✍️"),
    (r"sleep|bed|schlaf|bett\b", "🌙"),
    ("water|drink|wasser|trink", "💧"),
    ("coffee|kaffee", "☕"),
    (r"sugar|fruit|veg|eat|food|diet|zucker|obst\b|gemüse|essen\b", "🍏"),
    ("gym|lift|train|push|exercis|workout|strength|kraft|liegestütz", "🏋️"),
    ("guitar|piano|music|sing|gitarre|klavier|musik|geige", "🎸"),
    ("tidy|clean|dish|aufräum|putz|abwasch", "🧹"),
    (r"money|save|budget|spend|geld|sparen\b", "💶"),
    ("call|friend|family|mum|dad|anruf|freund|familie|mama|papa", "☎️"),
    (r"draw|paint|sketch|zeichn|malen\b", "🎨"),
    ("yoga|stretch|dehn", "🤸"),
    ("stop|no |quit|kein|aufhör", "🚫"),
)
HEAT_STEPS = 4
CLOCK_STEPS = (30, 60, 120, 180, 240, 360, 720)  # minutes between two ticks of a clock
DOT_MINUTES = 10  # times this close stand on each other
DOTS_MOST = 12  # on each other; where there would be more, a bar with its count stands for them


def icon_of(habit: Habit) -> str:
    """The habit's icon, or one that its name suggests."""
    named = (icon for words, icon in ICONS if re.search(rf"\b(?:{words})", habit.name.lower()))
    return habit.icon or next(named, "🌱")


def color_of(habit: Habit) -> str:
    """The habit's colour as #RRGGBB; one of ours, always the same, when it has none."""
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", habit.color):
        return habit.color
    return list(COLORS.values())[zlib.crc32(habit.id.encode()) % len(COLORS)]


def shade(habit: Habit | None) -> str:
    """The style attribute that gives a picture its habit's colour; the app's own for none."""
    return f'style="--c:{color_of(habit) if habit else COLORS["Violet"]}"'


def icon(habit: Habit) -> str:
    """The habit's icon on its colour."""
    return f'<i class="in-ico" {shade(habit)} aria-hidden="true">{esc(icon_of(habit))}</i>'


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


def why(summary: str, inner: str) -> str:
    """What opens behind a number."""
    return f'<details class="in-why"><summary>{esc(summary)}</summary><div>{inner}</div></details>'


def interval_bar(label: str, done: int, of: int, low: float, high: float, *, hollow: bool = False) -> str:
    """One rate with the range in which it probably lies, on the whole axis from never to always."""
    dot = f'<i style="left:{share(done / of)}"></i>' if of else ""
    bar = f'<u style="left:{share(low)};width:{share(high - low)}"></u>{dot}'
    kind = "in-rate hollow" if hollow else "in-rate"
    return f'<div class="{kind}"><span>{esc(label)}</span><div>{bar}</div>{count_cell(done, of)}</div>'


def count_cell(done: int, of: int) -> str:
    """`3 of 4` with its second part small."""
    return _("<b>{done}<small> of {of}</small></b>").format(done=done, of=of)


def done_of(done: int, of: int) -> str:
    """`3 of 4`."""
    return _("{done} of {of}").format(done=done, of=of)


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
    return f'{plot}<div class="in-ticks">{_clock_ticks(low, high, locale)}</div>'


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
    step = next(s for s in CLOCK_STEPS if (high - low) / s <= 4.5 or s == CLOCK_STEPS[-1])
    ticks = "".join(
        f'<em style="bottom:{share((m - low) / (high - low))}">{esc(wording.clock(m, locale))}</em>'
        for m in range(int(-(-(low + 8) // step) * step), int(high - 8) + 1, step)
    )
    ends = "".join(f"<em>{esc(wording.short_day(day, locale))}</em>" for day in (first, times[-1][0]))
    return f'<div class="in-line-plot">{ticks}<div>{line}{dots}</div></div><div class="in-ends">{ends}</div>'


def _clock_said(day: date, minute: float, locale: Locale) -> str:
    return esc(f"{wording.short_day(day, locale)} {wording.clock(minute, locale)}")


def _clock_ticks(low: float, high: float, locale: Locale) -> str:
    """Three or four round clock times below an axis of minutes."""
    step = next(s for s in CLOCK_STEPS if (high - low) / s <= 4.5 or s == CLOCK_STEPS[-1])
    first = int(-(-(low + 8) // step) * step)
    return "".join(
        f'<em style="left:{share((m - low) / (high - low))}">{esc(wording.clock(m, locale))}</em>'
        for m in range(first, int(high - 8) + 1, step)
    )


def area(points: Sequence[tuple[float, float]], spoken: str) -> str:
    """A filled curve through (x, y) of 0 to 1."""
    line = ",".join(f"{share(x)} {share(1 - y)}" for x, y in points)
    shape = f"polygon({line},{share(points[-1][0])} 100%,{share(points[0][0])} 100%)"
    return figure("in-area", spoken, f'<div style="clip-path:{shape}"></div>')


# --- heat maps


def heat_level(done: int, due: int) -> int:
    """How dark a day is: 0 for nothing done, 4 for all that was due."""
    if not done:
        return 0
    return HEAT_STEPS if done >= due else 1 + min(HEAT_STEPS - 2, int((HEAT_STEPS - 1) * done / due))


def heat_map(record: Record, first: date, locale: Locale, kind: str, last: date | None = None) -> str:
    """Every day from the week of `first` to `last` (None: today), weeks as columns; a cell's title says its counts."""
    last = last or record.today
    due, done = counts_by_day(record.habits)
    begun = min([one.first for one in record.habits], default=record.today)
    cells = ""
    for day in days_between(week_start(first), week_start(last) + timedelta(days=6)):
        if day.weekday() == 0:
            cells += f"<b>{_month_label(day, week_start(first), locale, years=kind == 'year')}</b>"
        if day > record.today:
            cells += '<i class="none"></i>'
            continue
        if day < begun:
            cells += '<i class="free"></i>'
            continue
        kind_of_day, words = heat_day(record, day, done.get(day, 0), due.get(day, 0), locale)
        cells += f'<i class="{kind_of_day}" title="{esc(words)}"></i>'
    total = sum(n for day, n in done.items() if first <= day <= last)
    since, until = (wording.short_day(day, locale, year=True) for day in (first, last))
    spoken = n_("{n} completion from {since} to {until}", "{n} completions from {since} to {until}", total)
    return figure(f"in-heat {kind}", spoken.format(n=total, since=since, until=until), cells) + _heat_key()


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
            cells += f"<b>{_month_label(day, week_start(first), locale, years=kind == 'year')}</b>"
        state, said = day_state(record, day)
        today = " today" if day == record.today else ""
        note = record.entries[day].note if day in record.entries else ""
        words = f"{wording.short_day(day, locale)}: {said}" + (f" · {note}" if note else "")
        cells += f'<i class="{state}{today}{" note" if note else ""}" title="{esc(words)}"></i>'
    count = sum(first <= day <= last for day in record.done)
    spoken = n_("{habit}: done on {n} day", "{habit}: done on {n} days", count)
    return figure(f"in-heat {kind}", spoken.format(habit=record.habit.name, n=count), cells)


def _month_label(monday: date, first: date, locale: Locale, *, years: bool) -> str:
    """The name of the month that begins in a week, with its year at the left edge and in January; else nothing."""
    if monday.day > 7:
        return ""
    year = f" {monday.year}" if years and (monday - first < timedelta(days=28) or monday.month == 1) else ""
    return esc(wording.short_month(monday, locale) + year)


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
    if day in record.done:
        return "on", _("done")
    if day in record.skipped:
        return "skip", _("skipped")
    if day in record.paused:
        return "pause", _("paused")
    if day in record.due:
        return "off", _("still open") if day == record.today else _("not done")
    return "free", _("not due")


def counts_by_day(records: Sequence[HabitRecord]) -> tuple[dict[date, int], dict[date, int]]:
    """(due, done) of each day over some habits: skips left out, what was done besides counts on both sides."""
    due: dict[date, int] = {}
    done: dict[date, int] = {}
    for one in records:
        for day in one.due - one.skipped:
            due[day] = due.get(day, 0) + 1
        for day in one.done:
            done[day] = done.get(day, 0) + 1
            if day not in one.due:
                due[day] = due.get(day, 0) + 1
    return due, done
