"""A habit's strength as a picture through time, and as the arithmetic behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import quote

from babel import Locale

from core.catalogue import _, p_
from core.localtime import ONE_DAY, month_start
from core.progress import HALF_LIFE_DAYS, HabitRecord
from core.schedule import frequency, plan_on
from screens import wording
from screens.parts import esc
from screens.pictures import drawn, heat

POINTS_MOST = 140
LABELS_MOST = 7
YEARS_FROM = 24  # months: of a longer time the years are named, not months
STEPS_SHOWN = 7
TOP = 0.96  # of the picture's height stands for 100: a line on the edge would be cut in half
HALF_YEAR = timedelta(days=182)

Step = tuple[date, float]


def curve(record: HabitRecord, locale: Locale, since: date | None = None) -> str:
    """Strength on each day from `since` (None: its first), with changes of plan dashed and pauses hatched."""
    steps = record.strengths(since)
    if len(steps) < 2:
        return f'<p class="in-small">{esc(_("The line begins with its second day."))}</p>'
    first, last = steps[0][0], steps[-1][0]
    start, now = round(100 * steps[0][1]), round(100 * steps[-1][1])
    spoken = _("Strength from {start} on {day} to {now} of 100 today")
    spoken = spoken.format(start=start, day=wording.short_day(first, locale, year=True), now=now)
    plot = _pauses(record, first, last) + _changes(record, first, last, locale) + _line(steps, first, last)
    scale = "".join(f'<em style="bottom:{drawn.share(TOP * n / 100)}">{n}</em>' for n in (0, 50, 100))
    return drawn.figure("pg-curve", spoken, f"{scale}<div>{plot}</div>") + _dates(first, last, locale)


def _line(steps: Sequence[Step], first: date, last: date) -> str:
    every = max(1, len(steps) // POINTS_MOST)
    kept = [step for n, step in enumerate(steps) if n % every == 0 or n == len(steps) - 1]
    points = [(_x(day, first, last), TOP * score) for day, score in kept]
    ground = ",".join(f"{drawn.share(x)} {drawn.share(1 - y)}" for x, y in points)
    path = "M" + "L".join(f"{1000 * x:.0f} {1000 * (1 - y):.0f}" for x, y in points)
    # Streamlit takes svg elements out of a page; as a mask one keeps the theme's colour and its width at every size.
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1000 1000' preserveAspectRatio='none'><path "
        f"d='{path}' fill='none' stroke='#000' stroke-width='2.4' stroke-linejoin='round' "
        "vector-effect='non-scaling-stroke'/></svg>"
    )
    mask = f"url(&quot;data:image/svg+xml,{quote(svg)}&quot;)"
    return (
        f'<i class="ground" style="clip-path:polygon({ground},100% 100%,0 100%)"></i>'
        f'<i class="line" style="-webkit-mask-image:{mask};mask-image:{mask}"></i>'
        f'<i class="now" style="bottom:{drawn.share(points[-1][1])}"></i>'
    )


def _x(day: date, first: date, last: date) -> float:
    return (day - first) / (last - first)


def _pauses(record: HabitRecord, first: date, last: date) -> str:
    out, begun = "", None
    days = sorted(day for day in record.paused if first <= day <= last)
    for day in days:
        begun = begun or day
        if day + ONE_DAY not in record.paused or day == last:
            left, right = _x(begun, first, last), _x(day, first, last)
            out += f'<u class="pause" style="left:{drawn.share(left)};width:{drawn.share(right - left)}"></u>'
            begun = None
    return out


def _changes(record: HabitRecord, first: date, last: date, locale: Locale) -> str:
    plans = [plan for plan in record.habit.schedule[1:] if first < plan.start < last]
    return "".join(
        f'<u class="change" style="left:{drawn.share(_x(plan.start, first, last))}" '
        f'title="{esc(wording.short_day(plan.start, locale))}: {esc(wording.plan_words(plan, locale))}"></u>'
        for plan in plans
    )


def _dates(first: date, last: date, locale: Locale) -> str:
    """Names of months below a picture; of a long one years, of a short one its two ends."""
    months = []
    month = month_start(first)
    while month <= last:
        if month >= first:
            months.append(month)
        month = month_start(month + timedelta(days=32))
    if len(months) < 3:
        ends = wording.short_day(first, locale), _("today")
        return f'<div class="in-ends pg-ends">{"".join(f"<em>{esc(end)}</em>" for end in ends)}</div>'
    if are_years := len(months) > YEARS_FROM:
        months = [month for month in months if month.month == 1]
    shown = [month for month in months[:: -(-len(months) // LABELS_MOST)] if _x(month, first, last) < 0.97]
    names = "".join(
        f'<em style="left:{drawn.share(_x(month, first, last))}">'
        + (str(month.year) if are_years else _month_said(month, before, first, last, locale))
        + "</em>"
        for before, month in pairwise([None, *shown])
        if month is not None
    )
    return f'<div class="pg-dates">{names}</div>'


def _month_said(month: date, before: date | None, first: date, last: date, locale: Locale) -> str:
    """A month, with its year where it is another than that of the one before; none within one year."""
    is_new = before is None or before.year != month.year
    is_long = first.year != last.year and (last - first).days > 300
    return esc(wording.short_month(month, locale)) + (f"<span> {month.year}</span>" if is_new and is_long else "")


def how_computed(record: HabitRecord, locale: Locale) -> str:
    """The strength as arithmetic, with the person's own last days."""
    plan = plan_on(record.habit, record.today) or record.habit.schedule[-1]
    kept = 0.5 ** (frequency(plan) ** 0.5 / HALF_LIFE_DAYS)
    scores = record.strengths(record.today - STEPS_SHOWN * ONE_DAY)
    rows = [
        (
            wording.short_day(day, locale),
            _state(record, day),
            f"{wording.tenths(100 * before, locale)} → {wording.tenths(100 * score, locale)}",
        )
        for (_day, before), (day, score) in pairwise(scores)
    ]
    daily = _(
        "Each day keeps {kept} % of the strength before and adds up to {added} points for what was done that day, "
        "against the plan {plan}."
    )
    often = _(
        "Each day keeps {kept} % of the strength before and adds up to {added} points for how full its last weeks are, "
        "against the plan {plan}."
    )
    rule = (daily if frequency(plan) == 1 else often).format(
        kept=wording.tenths(100 * kept, locale),
        added=wording.tenths(100 * (1 - kept), locale),
        plan=wording.plan_words(plan, locale),
    )
    limits = _(
        "A miss takes a little, never all of it. Skips and pauses change nothing; today counts once it is done or over."
    )
    scale = _("Of a daily habit, {n} days in a row from nothing make 50. It is the score of Loop Habit Tracker.")
    days = drawn.table((_("Day"), _("What happened"), _("Strength")), rows)
    return f"<p>{esc(rule)} {esc(limits)}</p>{days}<p>{esc(scale.format(n=HALF_LIFE_DAYS))}</p>"


def _state(record: HabitRecord, day: date) -> str:
    state, word = heat.day_state(record, day)
    return p_("a day", "open") if state == "off" and day == record.today else word


def by_month(record: HabitRecord, locale: Locale) -> str:
    """The line as numbers: the strength at the end of each month, the newest first."""
    ends = {(day.year, day.month): (day, score) for day, score in record.strengths()}
    rows = [
        (wording.month(day, locale, year=True), str(round(100 * score))) for day, score in reversed(list(ends.values()))
    ]
    return drawn.table((_("At the end of"), _("Strength")), rows)
