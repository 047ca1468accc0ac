"""A habit's own page: its numbers and the days behind each, its year, strength, plans, hours and notes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import streamlit as st
from babel import Locale

from core.catalogue import _, n_
from core.coach.quiet import leaves_out
from core.coach.statistics.evidence import evidence_of, is_ready
from core.progress import HabitRecord, Record, record_of, streak_mark
from core.schedule import plan_on
from core.streaks import Counted
from core.wording import after_i, count_text, locale_of, streak_text
from screens import looks, ways, wording
from screens.grid import no_streak
from screens.habits import habit_coach, habit_day, habit_form, habit_more
from screens.habits import habit_fields as fields
from screens.habits.habit_plans import plans_through_time
from screens.parts import esc, hold_focus, style
from screens.pictures import drawn, heat, strength, whys
from screens.pictures import hours as clock
from storage import Store

BACK = "habit_years_back"  # in the session: how many years before this one are shown
YEAR_WEEKS = 52


def draw(store: Store, user_id: str) -> None:
    """The screen."""
    style("inner.css")
    style("progress.css")
    hold_focus()
    show(store, user_id, datetime.now(UTC))


def show(store: Store, user_id: str, now: datetime) -> None:
    """The screen as it stands at an instant."""
    user = store.read(user_id)
    record, locale = record_of(user, now), locale_of(user.locale)
    with st.container(key="habit_page"):
        one = chosen(record)
        if one is None:
            said = _("There is no habit yet. Begin one on Today, and its page grows here.")
            title = _("A habit’s page")
            st.html(f'<section class="in-hero"><h1>{esc(title)}</h1><p>{esc(said)}</p></section>')
            ways.link_to_today()
            return
        _others(record, one)
        _head(store, user_id, one, record, locale)
        with st.container(key="habit_slot"):
            habit_form.draw(store, user_id, record, locale, only=one.habit.id)
        st.html(numbers(one, locale))
        _year(one, locale)
        left, right = st.columns([1.62, 1], gap="medium")
        with left:
            _strength(one, locale)
            _hours(one, record, locale)
        with right:
            with st.container(border=True, key="habit_plans"):
                st.html(plans_through_time(one, record.user, locale))
            habit_coach.draw(store, record.user, one, locale)
            with st.container(border=True, key="habit_notes", gap="small"):
                habit_day.draw(store, user_id, one, locale)


def chosen(record: Record) -> HabitRecord | None:
    """The habit that the address names, else the first on the list."""
    wanted = st.query_params.get(ways.HABIT)
    named = [one for one in record.habits if one.habit.id == wanted]
    return next(iter([*named, *record.active, *record.habits]), None)


def _others(record: Record, one: HabitRecord) -> None:
    with st.container(horizontal=True, key="habit_nav", gap="xxsmall"):
        for other in record.active:
            here = "_here" if other is one else ""
            with st.container(key=f"habit_nav_{other.habit.id}{here}", width="content"):
                ways.link_to_habit(other.habit)


def _head(store: Store, user_id: str, one: HabitRecord, record: Record, locale: Locale) -> None:
    habit = one.habit
    with st.container(horizontal=True, key="habit_head", vertical_alignment="center", gap="small"):
        st.html(head(one, locale), width="stretch")
        if habit.archived_on is not None:
            args = (store, user_id, habit.id)
            icon = ":material/unarchive:"
            st.button(_("Restore"), key="habit_restore", icon=icon, on_click=habit_more.restore, args=args)
            return
        st.button(_("Edit"), key="habit_edit", icon=":material/edit:", on_click=habit_form.open_form, args=(habit.id,))
        habit_more.pause_popover(store, user_id, habit, record, locale)
        habit_more.archive_popover(store, user_id, habit, record)
    fields.problem("pause")


def head(one: HabitRecord, locale: Locale) -> str:
    """Name, plan, goal, group and cue."""
    habit = one.habit
    plan = plan_on(habit, one.today) or habit.schedule[-1]
    facts = [wording.habit_words(habit, plan, locale), wording.goal_words(habit.goal), habit.group]
    if habit.archived_on is not None:
        away = wording.short_day(habit.archived_on, locale, year=True)
        facts.append(_("archived on {day}").format(day=away))
    elif one.today in one.paused:
        facts.append(_("paused today"))
    said = " · ".join(esc(fact) for fact in facts if fact)
    cue = after_i(habit.cue)
    cue = f"<b>{esc(_('After I {cue}').format(cue=cue))}</b>" if cue else ""
    return (
        f'<header class="hp-head" {looks.shade(habit)}>{looks.icon(habit)}<div><h1>{esc(habit.name)}</h1><p>{said}</p>'
        f"{cue}</div></header>"
    )


def numbers(one: HabitRecord, locale: Locale) -> str:
    """Running and best streak (none of a delicate habit), strength, and how often it was done; each with its why."""
    running, best = whys.running(one), one.best_run
    now = f"{streak_mark(one.streak)} {count_text(one.streak)}".strip() if one.streak else no_streak()
    unit = _unit(one.streak, one.streak_told_in) if one.streak else ""
    best_unit = _unit(one.best_streak, one.best_told_in)
    why, how = _(whys.WHY), _("how is this computed?")
    streaks = [
        (_("Running streak"), now, unit, why, whys.streak_days(one, running, locale)),
        (_("Best streak"), count_text(one.best_streak), best_unit, why, whys.streak_days(one, best, locale)),
    ]
    tiles = [
        *([] if leaves_out(one, "streak") else streaks),
        (_("Strength"), str(round(100 * one.strength)), _("of 100"), how, strength.how_computed(one, locale)),
        (_("Done"), count_text(len(one.done)), _times(one), why, whys.done_by_month(one, locale)),
    ]
    cells = "".join(
        f"<div><span>{esc(name)}</span><p><b>{esc(number)}</b> {esc(words)}</p>{drawn.why(asked, behind, name)}</div>"
        for name, number, words, asked, behind in tiles
    )
    return f'<section class="hp-tiles" {looks.shade(one.habit)}>{cells}</section>'


def _times(one: HabitRecord) -> str:
    """What stands beside how often it was done: what was planned, and how much of that, where it was done besides."""
    all_of_it, (done, of) = len(one.done), one.rate(one.first, one.today)
    if not of:
        return n_("time", "times", all_of_it)
    if done == all_of_it:
        return _("of {of} planned").format(of=count_text(of))
    times = n_("time, {done} of {of} planned", "times, {done} of {of} planned", all_of_it)
    return times.format(done=count_text(done), of=count_text(of))


def _unit(length: int, told_in: Counted) -> str:
    """What stands beside the length of a streak."""
    return n_("time", "times", length) if told_in == "time" else streak_text(length, told_in).partition(" ")[2]


def _year(one: HabitRecord, locale: Locale) -> None:
    with st.container(border=True, key="year", gap="small"):
        back = st.session_state.get(BACK, 0)
        last = one.today - timedelta(weeks=YEAR_WEEKS * back)
        start = last - timedelta(weeks=YEAR_WEEKS)
        year_head(BACK, back, start, one.first, locale)
        picture = heat.habit_heat(one, start, locale, "year", last)
        table = drawn.why(_("The year in numbers"), whys.done_by_month(one, locale))
        st.html(f"<div {looks.shade(one.habit)}>{picture}{heat.habit_key()}{table}</div>")


def year_head(key: str, back: int, start: date, first: date, locale: Locale) -> None:
    """The heading of a year's picture, with the way to earlier years where there are any."""
    with st.container(horizontal=True, key=f"{key}_head", vertical_alignment="center", gap="xsmall"):
        title = _("The last twelve months")
        if back:
            title = _("Twelve months from {month}").format(month=wording.month(start, locale, year=True))
        st.html(f'<h2 class="in-h3">{esc(title)}</h2>', width="stretch")
        if start > first:
            icon = ":material/chevron_left:"
            st.button(_("Earlier"), key=f"{key}_earlier", icon=icon, on_click=_turn, args=(key, 1))
        if back:
            icon = ":material/chevron_right:"
            st.button(_("Later"), key=f"{key}_later", icon=icon, on_click=_turn, args=(key, -1))


def _turn(key: str, years: int) -> None:
    st.session_state[key] = max(0, st.session_state.get(key, 0) + years)


def _strength(one: HabitRecord, locale: Locale) -> None:
    with st.container(border=True, key="habit_strength"):
        title, said = _("Strength since it began"), _("A dashed line is a change of plan, hatched are pauses.")
        st.html(
            f'<h2 class="in-h3">{esc(title)}</h2><p class="in-small">{esc(said)}</p>'
            f'<div {looks.shade(one.habit)} class="pg-tall">{strength.curve(one, locale)}</div>'
            f"{drawn.why(_('how is this computed?'), strength.how_computed(one, locale), title)}"
            f"{drawn.why(_('The numbers'), strength.by_month(one, locale), title)}"
        )


def _hours(one: HabitRecord, record: Record, locale: Locale) -> None:
    seen = next((s for s in evidence_of(record).habits if s.habit.id == one.habit.id), None)
    with st.container(border=True, key="habit_hours"):
        title = f'<h2 class="in-h3">{esc(_("When it happens"))}</h2>'
        if seen is None or len(seen.times) < clock.TIMES_LEAST:
            times = 0 if seen is None else len(seen.times)
            begins = _("A picture of its hours begins with {least} ticks on the day itself. Until yesterday: {n}.")
            said = begins.format(least=clock.TIMES_LEAST, n=times)
            st.html(f'{title}<p class="in-small">{esc(said)}</p>')
            return
        ready = is_ready(record.user, record.today)
        words, _marks = clock.said(seen, ready, locale)
        words = words[0].upper() + words[1:]
        picture = clock.picture(seen, ready, locale)
        st.html(
            f'{title}<p class="in-small">{esc(words)}.</p><div {looks.shade(one.habit)} class="pg-dots">{picture}</div>'
        )
