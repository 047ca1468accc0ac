"""The days behind a number: what opens when somebody asks why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from babel import Locale

from core.catalogue import N_, _, n_
from core.localtime import ONE_DAY, days_between, month_start, week_start
from core.progress import HabitRecord, Run
from screens import wording
from screens.parts import esc
from screens.pictures import drawn, heat

CHIPS_MOST = 124  # days shown one by one: four months
WEEKS_MOST = 53
WHY = N_("why?")

Chip = tuple[date, str, str, str]  # its day, the class that paints it, what stands in it, its word


def chips(shown: Sequence[Chip], locale: Locale) -> str:
    """Days one by one, each with its date and its word, which is read out and drawn; of very many the last."""
    items, month = "", (0, 0)
    for day, state, inside, word in shown[-CHIPS_MOST:]:
        if (day.year, day.month) != month:
            month = day.year, day.month
            items += f"<b>{esc(wording.short_month(day, locale))}</b>"
        items += f'<em class="{state}">{esc(inside)}<span class="pg-hid"> {esc(word)}, </span></em>'
    cut = ""
    if len(shown) > CHIPS_MOST:
        cut = f"<p>{esc(_('The last {most} of {all} days.').format(most=CHIPS_MOST, all=len(shown)))}</p>"
    return f'{cut}<div class="pg-chips">{items}</div>'


def habit_chips(record: HabitRecord, days: Sequence[date], locale: Locale) -> str:
    """One habit's days as it lived them."""
    return chips([(day, *_painted(record, day)) for day in days], locale)


def _painted(record: HabitRecord, day: date) -> tuple[str, str, str]:
    state, word = heat.day_state(record, day)
    return state, str(day.day), word


Counts = tuple[dict[date, int], dict[date, int]]  # due and done of each day, as heat.counts_by_day answers


def count_chips(counts: Counts, days: Sequence[date], locale: Locale) -> str:
    """Done of due on each day over several habits."""
    (due_on, done_on), done = counts, _("{k} of {n} done")
    shown = []
    for day in days:
        k, n = done_on.get(day, 0), max(due_on.get(day, 0), done_on.get(day, 0))
        shown.append((day, f"l{heat.heat_level(k, n)} wide", f"{day.day}: {k}/{n}", done.format(k=k, n=n)))
    return chips(shown, locale)


# --- of one habit


def streak_days(record: HabitRecord, run: Run | None, locale: Locale) -> str:
    """The days, weeks or months of a streak."""
    if run is None:
        return f"<p>{esc(_('No streak runs now. The next time it is done begins one.'))}</p>"
    first, last = wording.short_day(run.first, locale, year=True), wording.short_day(run.last, locale, year=True)
    span = f"<p>{esc(_('{first} to {last}').format(first=first, last=last))}. {esc(_(RULE[run.unit]))}</p>"
    if run.unit == "day":
        return span + habit_chips(record, days_between(run.first, run.last), locale)
    rows = [
        (_period_name(start, run.unit, locale), _times_said(_times(record, start, end)))
        for start, end in list(_periods(run))[::-1][:WEEKS_MOST]
    ]
    return span + drawn.table((_(UNITS[run.unit]), _("Done")), rows)


def _periods(run: Run) -> Iterator[tuple[date, date]]:
    """(first, last) of each week or month of a streak."""
    start = run.first
    while start <= run.last:
        ends = week_start(start) + timedelta(days=7), (month_start(start) + timedelta(days=32)).replace(day=1)
        end = ends[run.unit == "month"] - ONE_DAY
        yield start, end
        start = end + ONE_DAY


def _times(record: HabitRecord, start: date, end: date) -> int:
    return int(record.timeline.done[record.timeline.within(start, end)].sum())


def _times_said(n: int) -> str:
    return n_("{n} time", "{n} times", n).format(n=n)


UNITS = {"day": N_("Day"), "week": N_("Week"), "month": N_("Month")}
RULE = {
    "day": N_("Days that were not due, skipped or paused stand between and count neither way."),
    "week": N_("Weeks go from Monday to Sunday; the open one does not break it."),
    "month": N_("The open month does not break it."),
}


def _period_name(start: date, unit: str, locale: Locale) -> str:
    if unit == "month":
        return wording.month(start, locale, year=True)
    first, last = wording.short_day(start, locale), wording.short_day(start + timedelta(days=6), locale)
    return _("{first} to {last}").format(first=first, last=last)


def running(record: HabitRecord) -> Run | None:
    """The streak that runs now."""
    return record.runs[-1] if record.streak else None


COUNTED = {
    "day": N_("Skipped, paused and not-due days are left out; today counts once it is done."),
    "week": N_("It counts against the plan of each week, at most what that asks; pauses and skips lower it."),
    "month": N_("It counts against the plan of each month, at most what that asks; pauses and skips lower it."),
}


def rate_days(record: HabitRecord, first: date, last: date, locale: Locale) -> str:
    """What a rate between two days counts."""
    last = min(last, record.today)
    days = days_between(max(first, record.first), last)
    if not days:
        return f"<p>{esc(_('It had not begun.'))}</p>"
    return f"<p>{esc(_(COUNTED[record.unit]))}</p>{habit_chips(record, days, locale)}"


def done_by_month(record: HabitRecord, locale: Locale) -> str:
    """How often it was done, month by month, the newest first."""
    rows, start = [], month_start(record.today)
    while start >= month_start(record.first):
        end = min((start + timedelta(days=32)).replace(day=1) - ONE_DAY, record.today)
        done, of = record.rate(start, end)
        times = sum(start <= day <= end for day in record.done)
        rows.append(
            (wording.month(start, locale, year=True), str(times), drawn.done_of(done, of) if of else _("none due"))
        )
        start = month_start(start - ONE_DAY)
    return drawn.table((_("Month"), _("Times done"), _("Of its plan")), rows)


def clock_times(times: Sequence[tuple[date, int]], locale: Locale) -> str:
    """Every trustworthy time, the newest first."""
    shown = "".join(
        f"<li>{esc(wording.short_day(day, locale))} <b>{esc(wording.clock(minute, locale))}</b></li>"
        for day, minute in reversed(times)
    )
    said = _(
        "Each tick on its day in the app, or a true time in an import; mended days and ticks by mail have no hour."
    )
    return f'<p>{esc(said)}</p><ul class="pg-times">{shown}</ul>'
