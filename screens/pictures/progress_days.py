"""Progress by day: weekdays, weeks and the year, of all habits or of one, with the days behind each number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st
from babel import Locale

from core.catalogue import _, n_
from core.coach.quiet import leaves_out
from core.localtime import ONE_DAY, days_between, month_start, week_start
from core.progress import HabitRecord, Record
from screens import looks, wording
from screens.habit_page import YEAR_WEEKS, year_head
from screens.parts import esc
from screens.pictures import drawn, heat, tables, whys

WEEKS = 26
WEEKDAYS_SHOWN = 26  # of one weekday, behind its number
BACK = "progress_years_back"  # in the session: how many years before this one are shown
ALL = ""


@st.fragment
def your_days(record: Record, locale: Locale) -> None:
    """Weekdays, weeks and the year, of all habits or of one."""
    st.html(f'<div class="in-sec"><h2 class="in-h2">{esc(_("Your days"))}</h2></div>')
    names = {
        ALL: _("All habits"),
        **{one.habit.id: f"{looks.icon_of(one.habit)} {one.habit.name}" for one in record.habits if one.entries},
    }
    chosen = st.selectbox(
        _("Of which habit?"),
        list(names),
        format_func=names.__getitem__,
        key="progress_habit",
        label_visibility="collapsed",
    )
    shown = [one for one in record.habits if one.habit.id == chosen] or record.habits
    one = shown[0] if chosen != ALL else None
    with st.container(border=True, key="year", gap="small"):
        _year(record, shown, one, locale)
    first = max(min(r.first for r in shown), record.today - timedelta(weeks=YEAR_WEEKS))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="weekdays", height="stretch"):
        st.html(weekdays(shown, first, record.today, one, locale))
    with right, st.container(border=True, key="weeks", height="stretch"):
        st.html(weeks(shown, record.today, one, locale))


def _shade(one: HabitRecord | None) -> str:
    return looks.shade(one.habit if one else None)


def _year(record: Record, shown: Sequence[HabitRecord], one: HabitRecord | None, locale: Locale) -> None:
    back = st.session_state.get(BACK, 0)
    last = record.today - timedelta(weeks=YEAR_WEEKS * back)
    start = last - timedelta(weeks=YEAR_WEEKS)
    year_head(BACK, back, start, min(r.first for r in shown), locale)
    if one is None:
        picture = heat.heat_map(record, start, locale, "year", last)
    else:
        picture = heat.habit_heat(one, start, locale, "year", last) + heat.habit_key()
    st.html(
        f"<div {_shade(one)}>{picture}</div>"
        + drawn.why(_("The year in numbers"), year_in_numbers(shown, start, last, locale))
    )


def year_in_numbers(shown: Sequence[HabitRecord], start: date, last: date, locale: Locale) -> str:
    """Done of planned, month by month, the newest first."""
    rows, month = [], month_start(last)
    begun = max(start, min(one.first for one in shown))
    while month >= month_start(begun):
        end = min((month + timedelta(days=32)).replace(day=1) - ONE_DAY, last)
        rates = [one.rate(max(month, start), end) for one in shown]
        done, of = sum(rate[0] for rate in rates), sum(rate[1] for rate in rates)
        rows.append((wording.month(month, locale, year=True), drawn.done_of(done, of) if of else _("none due")))
        month = month_start(month - ONE_DAY)
    return drawn.table((_("Month"), _("Done of planned")), rows)


def weekdays(records: Sequence[HabitRecord], first: date, last: date, one: HabitRecord | None, locale: Locale) -> str:
    """Done of due for each weekday, and the days behind it."""
    table = tables.by_weekday(records, first, last)
    title = f'<h3 class="in-h3">{esc(_("By weekday"))}</h3>'
    if not table["of"].sum():
        return title + _done_by_weekday(records, first, last, one, locale)
    is_quiet = one is not None and leaves_out(one, "rate")
    counts = heat.counts_by_day([record for record in records if record.due_unskipped])
    rows = "".join(
        f"<li><span>{esc(wording.weekday(n, locale, short=True))}</span><div>{_filled(done, of)}</div>"
        f"{_rate_cells(done, of, locale, is_quiet=is_quiet)}"
        f"{_days_of(counts, n, first, last, one, locale)}</li>"
        for n, done, of in zip(range(7), table["done"].tolist(), table["of"].tolist(), strict=True)
    )
    since = esc(wording.short_day(first, locale, year=True))
    left_out = [record.habit.name for record in records if not record.due_unskipped]
    words = _("Done of due since {day}.").format(day=since)
    if left_out:
        without = _("Without {habits}: no weekday is due there.")
        words += " " + without.format(habits=esc(wording.listed(left_out)))
    said = f'<p class="in-small">{words}</p>'
    return f'{title}{said}<ul class="pr-days" {_shade(one)}>{rows}</ul>'


def _done_by_weekday(
    records: Sequence[HabitRecord], first: date, last: date, one: HabitRecord | None, locale: Locale
) -> str:
    """When it was done, where no weekday is due: each beside the one on which it was done most."""
    times = Counter(day.weekday() for record in records for day in record.done if first <= day <= last)
    most = max(times.values(), default=1)
    rows = "".join(
        f"<li><span>{esc(wording.weekday(n, locale, short=True))}</span><div>{_filled(times[n], most)}</div>"
        f"{_times_cell(times[n])}<span></span></li>"
        for n in range(7)
    )
    said = esc(_("No weekday is due under this plan, so none is missed. This is when it was done."))
    return f'<p class="in-small">{said}</p><ul class="pr-days" {_shade(one)}>{rows}</ul>'


def _times_cell(n: int) -> str:
    return n_("<b>{n}<small> time</small></b>", "<b>{n}<small> times</small></b>", n).format(n=n)


def _days_of(
    counts: whys.Counts, weekday: int, first: date, last: date, one: HabitRecord | None, locale: Locale
) -> str:
    days = [day for day in days_between(first, last) if day.weekday() == weekday][-WEEKDAYS_SHOWN:]
    if not days:
        return ""
    shown = whys.habit_chips(one, days, locale) if one else whys.count_chips(counts, days, locale)
    return drawn.why(_(whys.WHY), shown, wording.weekday(weekday, locale))


def _rate_cells(done: int, of: int, locale: Locale, *, is_quiet: bool) -> str:
    """The count and the share of a weekday; one that was not due yet has neither."""
    if not of:
        return f'<b class="no"><small>{esc(_("none due"))}</small></b>'
    percent = "" if is_quiet else esc(wording.percent(done / of, locale))
    return f'{drawn.count_cell(done, of)}<span class="pct">{percent}</span>'


def _filled(done: int, of: int) -> str:
    return f'<u style="width:{drawn.share(done / of)}"></u>' if of else ""


def weeks(records: Sequence[HabitRecord], today: date, one: HabitRecord | None, locale: Locale) -> str:
    """Share done, week by week; the last one is still open."""
    first = max(week_start(today) - timedelta(weeks=WEEKS - 1), week_start(min(r.first for r in records)))
    table = tables.by_week(records, first, today)
    rows = [(monday.date(), int(done), int(of)) for monday, done, of in table.itertuples()]
    bars = "".join(
        f'<div title="{esc(wording.short_day(monday, locale))}: {esc(drawn.done_of(done, of))}">'
        f'<u style="height:{drawn.share(done / of if of else 0)}"></u></div>'
        for monday, done, of in rows
    )
    scale = "".join(
        f'<em style="bottom:{drawn.share(share)}">{esc(wording.percent(share, locale))}</em>' for share in (0.5, 1)
    )
    spoken = n_(
        "Share done in {n} week; this week {done} of {of}",
        "Share done in {n} weeks; this week {done} of {of}",
        len(rows),
    )
    spoken = spoken.format(n=len(rows), done=rows[-1][1], of=rows[-1][2])
    counts = heat.counts_by_day(records)
    behind = "".join(_week_behind(counts, row, today, one, locale) for row in reversed(rows))
    return (
        f'<h3 class="in-h3">{esc(_("By week"))}</h3>'
        f'<p class="in-small">{esc(_("Share of what was planned; this week is still open."))}</p>'
        f"<div {_shade(one)}>{drawn.figure('pr-weeks', spoken, scale + bars)}"
        f"{drawn.week_ends('weeks', [monday for monday, _done, _of in rows], locale)}"
        f"{drawn.why(_('The numbers, and their days'), behind, _('By week'))}</div>"
    )


def _week_behind(
    counts: whys.Counts, row: tuple[date, int, int], today: date, one: HabitRecord | None, locale: Locale
) -> str:
    monday, done, of = row
    days = days_between(monday, min(monday + timedelta(days=6), today))
    shown = whys.habit_chips(one, days, locale) if one else whys.count_chips(counts, days, locale)
    title = _("Week of {day}: {done} of {of}").format(day=wording.short_day(monday, locale), done=done, of=of)
    return f"<p><b>{esc(title)}</b></p>{shown}"
