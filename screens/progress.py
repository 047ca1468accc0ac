"""Progress: level and XP, each habit's streak, strength and counts, months beside each other, the year, the hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import streamlit as st
from babel import Locale

from core.coach.evidence import HabitEvidence, gather, is_ready
from core.coach.hours import NEAR, distance, timing
from core.localtime import ONE_DAY, month_start, week_start
from core.progress import HALF_LIFE_DAYS, HabitRecord, Record, record_of, streak_mark
from core.schedule import frequency, plan_on
from core.wording import locale_of, percent_text
from screens import drawn, tables, wording
from screens.parts import esc, style
from storage import Store

RATE_DAYS = 30
WEEKS = 12
YEAR_WEEKS = 52
TIMES_LEAST = 5  # a picture of hours needs so many
STEPS_SHOWN = 7
ALL = ""
FOOT = "Counted from what you ticked. A mended day counts the same; its hour stays unknown."
XP_RULE = (
    "10 for each completion, 1 more for each day of the running streak up to 10, 20 for a day on which all that was "
    "due is done. Nothing is stored: undoing a tick takes back exactly what it gave."
)


def draw(store: Store, user_id: str) -> None:
    """The screen."""
    style("inner.css")
    show(store, user_id, datetime.now(UTC))


def show(store: Store, user_id: str, now: datetime) -> None:
    """The screen as it stands at an instant."""
    user = store.read(user_id)
    record, locale = record_of(user, now), locale_of(user.locale)
    with st.container(key="progress"):
        if not any(one.entries for one in record.habits):
            st.html(_empty())
            return
        st.html(hero(record, locale))
        st.html(_section("Each habit", f"Counts are of the last {RATE_DAYS} days."))
        st.html('<div class="pr-cards">' + "".join(card(one, locale) for one in record.active) + "</div>")
        months = tables.same_days(record.today)
        if any(one.first < months.this[0] for one in record.active):
            _months(record, months, locale)
        _your_days(record, locale)
        _hours(record, locale)
        st.html(f'<p class="in-small in-foot">{FOOT}</p>')


def _section(title: str, said: str = "") -> str:
    return f'<div class="in-sec"><h2 class="in-h2">{esc(title)}</h2>{f"<p>{esc(said)}</p>" if said else ""}</div>'


def _empty() -> str:
    return (
        '<section class="in-hero"><h1>Your first square is still to come</h1><p>One tick on Today colours it. Streaks, '
        "strength and the year grow from there.</p></section>"
    )


def hero(record: Record, locale: Locale) -> str:
    """The month so far, and what it adds up to."""
    first = month_start(record.today)
    done, of = record.rate(first, record.today)
    name = esc(wording.month(record.today, locale))
    perfect = sum(day >= first for day in record.perfect_days)
    longest = max(record.active, key=lambda one: one.streak if one.unit == "day" else 0, default=None)
    level = record.level
    tiles = [
        (
            f"Level {level.number}",
            f"{wording.number(level.needed - level.into, locale)} XP to level {level.number + 1}",
        ),
        (f"{wording.number(record.xp, locale)} XP", _imported(record, locale)),
        (wording.counted(perfect, "day", "days"), "on which all that was due was done, this month"),
    ]
    if longest is not None and longest.unit == "day" and longest.streak:
        words = f"{wording.streak_words(longest.streak, 'day')} {streak_mark(longest.streak)}".strip()
        tiles.append((words, f"{longest.habit.name}, the longest running streak"))
    shown = "".join(f"<div><b>{esc(number)}</b><span>{esc(words)}</span></div>" for number, words in tiles)
    title = f"{done} of {of} in {name} so far" if of else f"{name} is still open"
    return (
        f'<section class="in-hero"><h1>{title}</h1><div class="in-tiles">{shown}</div>'
        f"{drawn.why('How is XP counted?', f'<p>{esc(XP_RULE)}</p>')}</section>"
    )


def _imported(record: Record, locale: Locale) -> str:
    if not record.imported_xp:
        return "all of it earned here"
    return f"{wording.number(record.imported_xp, locale)} of it from your import"


# --- each habit


def card(record: HabitRecord, locale: Locale) -> str:
    """One habit: streaks, counts, and its strength through time."""
    habit, today = record.habit, record.today
    plan = plan_on(habit, today) or habit.schedule[-1]
    done, of = record.rate(today - timedelta(days=RATE_DAYS - 1), today)
    badge = f"{streak_mark(record.streak)} {wording.streak_words(record.streak, record.unit)}".strip()
    facts = [
        ("Streak", badge if record.streak else "rebuild"),
        ("Best", wording.streak_words(record.best_streak, record.unit)),
        ("Done", f"{done} of {of}" if of else "none due yet"),
    ]
    if habit.rate_first:
        facts[0] = ("Share", percent_text(done, of, str(locale)) if of else "none due yet")
    cells = "".join(f"<div><dt>{esc(name)}</dt><dd>{esc(value)}</dd></div>" for name, value in facts)
    words = esc(wording.habit_words(habit, plan, locale))
    about = f'<h3 class="in-h3">{esc(habit.name)}</h3><p class="in-small">{words}</p>'
    strength = f"<span>Strength</span><b>{round(100 * record.strength)}<small> of 100</small></b>"
    return (
        f'<article class="pr-card" {drawn.shade(habit)}><header>{drawn.icon(habit)}<div>{about}</div></header>'
        f'<dl>{cells}</dl><div class="pr-strength">{strength}</div>{_curve(record, locale)}'
        f"{drawn.why('How is this computed?', how_computed(record, locale))}</article>"
    )


def _curve(record: HabitRecord, locale: Locale) -> str:
    steps = record.strengths[-180:]
    if len(steps) < 2:
        return ""
    every = max(1, len(steps) // 60)
    last = len(steps) - 1
    points = [(n / last, score) for n, (_, score) in enumerate(steps) if n % every == 0 or n == last]
    since = wording.short_day(steps[0][0], locale)
    spoken = f"Strength from {round(100 * steps[0][1])} on {since} to {round(100 * steps[-1][1])} today"
    return drawn.area(points, spoken) + f'<div class="in-ends"><em>{esc(since)}</em><em>today</em></div>'


def how_computed(record: HabitRecord, locale: Locale) -> str:
    """The strength as arithmetic, with the person's own last days."""
    plan = plan_on(record.habit, record.today) or record.habit.schedule[-1]
    kept = 0.5 ** (frequency(plan) ** 0.5 / HALF_LIFE_DAYS)
    by_day = dict(record.strengths)
    rows = [
        (wording.short_day(day, locale), _state(record, day), f"{100 * by_day[day - ONE_DAY]:.1f} → {100 * score:.1f}")
        for day, score in record.strengths[-STEPS_SHOWN:]
        if day - ONE_DAY in by_day
    ]
    measured = "what was done that day" if frequency(plan) == 1 else "how full its last weeks are"
    return (
        f"<p>Each day keeps {100 * kept:.1f} % of the strength before and adds up to {100 * (1 - kept):.1f} points for "
        f"{measured}, against the plan {esc(wording.plan_words(plan, locale))}. A miss takes a little, never all of "
        f"it. Skips and pauses change nothing; today counts once it is done or over.</p>{_steps_table(rows)}<p>Of a "
        f"daily habit, {HALF_LIFE_DAYS} days in a row from nothing make 50. It is the score of Loop Habit Tracker.</p>"
    )


def _steps_table(rows: list[tuple[str, str, str]]) -> str:
    return drawn.table(("Day", "What happened", "Strength"), rows)


def _state(record: HabitRecord, day: date) -> str:
    if day in record.done:
        return "done"
    if day in record.skipped:
        return "skipped"
    if day in record.paused:
        return "paused"
    if day == record.today:
        return "open"
    return "not done" if day in record.due else "not due"


# --- months, weekdays, weeks, the year


def _months(record: Record, months: tables.Months, locale: Locale) -> None:
    table = tables.by_month(record.active, months)
    this, before = (esc(wording.month(span[0], locale)) for span in (months.this, months.before))
    days = f"The same days of both: 1 to {months.this[1].day}."
    rows = "".join(
        _month_row(
            record.of(str(habit)), int(row["done"]), int(row["of"]), int(row["done_before"]), int(row["of_before"])
        )
        for habit, row in table.iterrows()
        if row["of"] or row["of_before"]
    )
    st.html(_section(f"{wording.month(months.this[0], locale)} beside {wording.month(months.before[0], locale)}", days))
    key = f'<p class="pr-key"><i></i>{this}<i class="before"></i>{before}</p>'
    with st.container(border=True, key="months"):
        st.html(f'{key}<ul class="pr-months">{rows}</ul>')


def _month_row(one: HabitRecord, done: int, of: int, done_before: int, of_before: int) -> str:
    def bar(k: int, n: int, kind: str) -> str:
        filled = f'<u style="width:{drawn.share(k / n)}"></u>' if n else ""
        return f'<div class="{kind}">{filled}</div><span>{f"<b>{k}</b> of {n}" if n else "no record"}</span>'

    return (
        f"<li {drawn.shade(one.habit)}>{drawn.icon(one.habit)}<b>{esc(one.habit.name)}</b>"
        f'<div class="pr-two">{bar(done, of, "this")}{bar(done_before, of_before, "before")}</div></li>'
    )


@st.fragment
def _your_days(record: Record, locale: Locale) -> None:
    """Weekdays, weeks and the year, of all habits or of one."""
    st.html(_section("Your days"))
    names = {ALL: "All habits", **{one.habit.id: one.habit.name for one in record.habits if one.entries}}
    chosen = st.selectbox("Show", list(names), format_func=names.__getitem__, key="progress_habit", width=320)
    shown = [one for one in record.habits if one.habit.id == chosen] or record.habits
    one = shown[0] if chosen != ALL else None
    first = max(min(r.first for r in shown), record.today - timedelta(weeks=YEAR_WEEKS))
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True, key="weekdays", height="stretch"):
        st.html(weekdays(shown, first, record.today, one, locale))
    with right, st.container(border=True, key="weeks", height="stretch"):
        st.html(weeks(shown, record.today, one, locale))
    with st.container(border=True, key="year"):
        start = record.today - timedelta(weeks=YEAR_WEEKS)
        if one is None:
            picture = drawn.heat_map(record, start, locale, "year")
        else:
            picture = drawn.habit_heat(one, start, locale, "year")
        st.html(f'<h3 class="in-h3">The last twelve months</h3><div {_shade(one)}>{picture}</div>')


def _shade(one: HabitRecord | None) -> str:
    return drawn.shade(one.habit if one else None)


def weekdays(records: Sequence[HabitRecord], first: date, last: date, one: HabitRecord | None, locale: Locale) -> str:
    """Done of due for each weekday."""
    table, title = tables.by_weekday(records, first, last), '<h3 class="in-h3">By weekday</h3>'
    if not table["of"].sum():
        return f'{title}<p class="in-small">No weekday is due under this plan, so none is missed.</p>'
    rows = "".join(
        f"<li><span>{esc(wording.weekday(n, locale, short=True))}</span><div>{_filled(done, of)}</div>"
        f"<b>{done}<small> of {of}</small></b></li>"
        for n, done, of in zip(range(7), table["done"].tolist(), table["of"].tolist(), strict=True)
    )
    since = esc(wording.short_day(first, locale, year=True))
    return f'{title}<p class="in-small">Done of due since {since}.</p><ul class="pr-days" {_shade(one)}>{rows}</ul>'


def _filled(done: int, of: int) -> str:
    return f'<u style="width:{drawn.share(done / of)}"></u>' if of else ""


def weeks(records: Sequence[HabitRecord], today: date, one: HabitRecord | None, locale: Locale) -> str:
    """Share done, week by week; the last one is still open."""
    first = max(week_start(today) - timedelta(weeks=WEEKS - 1), week_start(min(r.first for r in records)))
    table = tables.by_week(records, first, today)
    rows = [(wording.short_day(monday.date(), locale), int(done), int(of)) for monday, done, of in table.itertuples()]
    bars = "".join(
        f'<div title="{esc(monday)}: {done} of {of}"><u style="height:{drawn.share(done / of if of else 0)}"></u></div>'
        for monday, done, of in rows
    )
    spoken = f"Share done in {len(rows)} weeks; this week {rows[-1][1]} of {rows[-1][2]}"
    numbers = drawn.table(("Week of", "Done"), [(monday, f"{done} of {of}") for monday, done, of in reversed(rows)])
    return (
        '<h3 class="in-h3">By week</h3><p class="in-small">Share of what was planned; this week is still open.</p>'
        f"<div {_shade(one)}>{drawn.figure('pr-weeks', spoken, bars)}</div>"
        f'<div class="in-ends"><em>{esc(rows[0][0])}</em><em>this week</em></div>{drawn.why("The numbers", numbers)}'
    )


# --- hours


def _hours(record: Record, locale: Locale) -> None:
    seen = gather(record.user, record.today)
    shown = [habit for habit in seen.habits if len(habit.times) >= TIMES_LEAST]
    if not shown:
        return
    ready = is_ready(record.user, record.today)
    st.html(_section("When it happens", "Ticks on the day itself, the last four weeks; mended days have no hour."))
    with st.container(border=True, key="hours"):
        st.html('<div class="pr-hours">' + "".join(hours(habit, ready, locale) for habit in shown) + "</div>")


def hours(seen: HabitEvidence, ready: bool, locale: Locale) -> str:
    """One habit's clock times; a usual one is named only when it is time for that."""
    habit, minutes = seen.habit, seen.minutes
    middle = timing(minutes).minute
    near = sum(distance(minute, middle) <= NEAR for minute in minutes)
    if ready and near * 2 > len(minutes):
        said, marks = f"around {wording.clock(middle, locale)}, {near} of {len(minutes)} within half an hour", [middle]
    else:
        turned = drawn.unwrapped(minutes, middle)
        ends = f"{wording.clock(min(turned), locale)} to {wording.clock(max(turned), locale)}"
        said, marks = f"{len(minutes)} times, {ends}", []
    picture = drawn.figure("", f"{habit.name}: {said}", drawn.dot_plot(minutes, middle, marks, locale))
    words = f"<div><b>{esc(habit.name)}</b><span>{esc(said)}</span></div>"
    return f'<div {drawn.shade(habit)}><div class="in-line">{drawn.icon(habit)}{words}</div>{picture}</div>'
