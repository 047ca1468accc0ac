"""The tap grid: one row a habit, one cell a day, painted in the browser at once and recorded here.

Each cell is a `role=checkbox` named "<habit>, <long date>"; each row a `role=group` named after its habit, with a
button "More for <habit>" that opens skip, clear, number, note and edit; its name opens its page. Habits of a group
stand together below its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import streamlit as st
from babel import Locale

from core.catalogue import N_, _, language, n_, p_
from core.coach.quiet import leaves_out
from core.letters.digest_day import period_text
from core.models import Habit, Target
from core.progress import HabitRecord, streak_mark
from core.schedule import is_planned, plan_on, target_on
from core.wording import count_text, percent_text, streak_text
from screens import looks, wording
from screens.taps import Tap, read_taps

HERE = Path(__file__).parent
RATE_DAYS = 30
PERFECT = N_("A perfect day. All that was due is done.")
SEQUENCE = "grid_sequence"  # in the session: the last tap that was recorded
UNIT_SHORT = {"week": N_("{n} wk"), "month": N_("{n} mo")}

Row = dict[str, Any]

HTML = '<p id="wire" role="status"></p><p id="refused" role="alert"></p><div id="grid"></div>'
CSS = (HERE / "grid.css").read_text(encoding="utf-8")
JS = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("queue.js", "grid.js"))


def show_grid(board: Row, person: str, page: str, route: str, record_taps: Callable[[list[Tap]], None]) -> None:
    """Draw the rows of a board (screens/board.py). Its taps go to `route`; where there is none, and whenever a habit is
    to be edited or looked at, to `record_taps`, each once and in order. `page` names this open page."""
    key = f"grid_{board['days'][0]['iso']}"
    data = data_of(board, person, page, route, st.session_state.get(SEQUENCE, 0))

    def hear() -> None:
        _hear(st.session_state[key].ops, record_taps)

    component = st.components.v2.component("xp_grid", html=HTML, css=CSS, js=JS)
    result = component(key=key, data=data, default={"ops": []}, on_ops_change=hear, on_again_change=lambda: None)
    # After a restart of the server Streamlit calls no callback for a widget that is new to it: its taps are read here.
    if _hear(result.ops, record_taps):
        st.rerun()


def data_of(board: Row, person: str, page: str, route: str, sequence: int) -> dict[str, Any]:
    """What the script is given: the board, whose it is, where taps go, and the last of them that was recorded."""
    return board | {"person": person, "page": page, "route": route, "seq": sequence, "words": script_words()}


def _hear(sent: object, record_taps: Callable[[list[Tap]], None]) -> bool:
    """Hand on the taps that are new; whether there were any."""
    heard = st.session_state.get(SEQUENCE, 0)
    new = [tap for tap in read_taps(sent) if tap.sequence > heard]
    if new:
        st.session_state[SEQUENCE] = max(tap.sequence for tap in new)
        record_taps(new)
    return bool(new)


def script_words() -> dict[str, Any]:
    """What the script itself says, in the language in force; it puts in what stands in braces."""
    return {
        "language": language(),
        "states": {
            "done": _("done"),
            "open": p_("a day", "open"),
            "part": _("begun"),
            "skip": _("skipped"),
            "pause": _("paused"),
            "free": _("not due"),
            "x": _("not open"),
        },
        "perfect": _(PERFECT),
        "less": _("Less, {habit}"),
        "more": _("More, {habit}"),
        "whichDay": _("Which day of {habit}"),
        "itsPage": _("{habit}: its own page"),
        "moreFor": _("More for {habit}"),
        "clear": _("Clear"),
        "edit": _("Edit habit"),
        "skip": _("Skip this day"),
        "skipToday": _("Not today"),
        "unskip": _("Take the skip back"),
        "note": _("Note"),
        "noteAsked": _("How was it? A note, if you like"),
        "noteHint": _("A line about that day"),
        "notRecorded": _("This tap could not be recorded. Load the page anew."),
        "again": _("Connected again. Every tap is recorded."),
        "signedOut": _("You are signed out. Your taps are kept here until you sign in again."),
        "refused": _("{happened}. Your taps are kept here until it can be."),
        "cut": [_("No connection. Taps are kept here and sent when it is back."), _cut(1), _cut(2)],
    }


def _cut(n: int) -> str:
    return n_(
        "No connection. {n} tap is kept here and sent when it is back.",
        "No connection. {n} taps are kept here and sent when it is back.",
        n,
    )


def head_of(day: date, locale: Locale) -> dict[str, str]:
    """One day as a column's head."""
    return {
        "iso": day.isoformat(),
        "short": wording.weekday(day.weekday(), locale, short=True),
        "number": str(day.day),
        "long": wording.long_day(day, locale),
    }


def grid_row(record: HabitRecord, days: Sequence[date], locale: Locale) -> Row:
    """One habit as the grid's script takes it."""
    habit, began = record.habit, record.began
    now = target_on(habit, record.today)
    return {
        "id": habit.id,
        "name": habit.name,
        "group": habit.group,
        "icon": looks.icon_of(habit),
        "color": looks.color_of(habit),
        "hint": hint(record, locale, of_now=record.today in days),
        **_badge_of(record, locale),
        "quiet": leaves_out(record, "xp"),
        "ask": habit.asks_note_on(record.today),
        "target": _target(now, locale),
        "cells": [_cell(record, day, began) | _own_target(habit, day, now, locale) for day in days],
    }


def _badge_of(record: HabitRecord, locale: Locale) -> Row:
    """The badge as the script takes it; an empty one where a delicate habit has none."""
    if leaves_out(record, "rate" if _by_rate(record) else "streak"):
        return {"badge": "", "cold": True, "streak": ""}
    cold = record.streak == 0 and not _by_rate(record)
    return {"badge": badge(record, locale), "cold": cold, "streak": _badge_words(record)}


def badge(record: HabitRecord, locale: Locale) -> str:
    """The running streak with its mark, `rebuild` when there is none; or the share done, where that comes first."""
    if _by_rate(record):
        done, of = _lately(record)
        return percent_text(done, of, str(locale)) if of else "–"
    if not record.streak:
        return no_streak()
    length = count_text(record.streak)
    counted = length if record.unit == "day" else _(UNIT_SHORT[record.unit]).format(n=length)
    return f"{streak_mark(record.streak)} {counted}".strip()


def no_streak() -> str:
    """What stands in place of a streak of none."""
    return p_("in place of a streak", "rebuild")


def _badge_words(record: HabitRecord) -> str:
    if _by_rate(record):
        done, of = _lately(record)
        return _("{done} of {of} in the last {n} days").format(done=done, of=of, n=RATE_DAYS)
    return _("{days} in a row").format(days=streak_text(record.streak, record.streak_told_in))


def _by_rate(record: HabitRecord) -> bool:
    return record.habit.shows_rate_on(record.today)


def _lately(record: HabitRecord) -> tuple[int, int]:
    return record.rate(record.today - timedelta(days=RATE_DAYS - 1), record.today)


def hint(record: HabitRecord, locale: Locale, *, of_now: bool) -> str:
    """The line below a habit's name: its pause or how far its week is, where that is `of_now`, else its plan."""
    habit, today = record.habit, record.today
    if of_now and today in record.paused:
        return _("Paused")
    so_far = period_text(record, today)
    if of_now and so_far:
        return so_far
    words = wording.plan_words(plan_on(habit, today) or habit.schedule[-1], locale, short=True)
    return words[0].upper() + words[1:]


def _target(target: Target | None, locale: Locale) -> dict[str, Any] | None:
    if target is None:
        return None
    side, amount = ("least", target.at_least) if target.at_least is not None else ("most", target.at_most or 0)
    assert amount is not None
    step = 1 if amount <= 20 else 5 if amount <= 100 else max(10, round(amount / 200) * 10)
    words = _("of {amount} {unit}").format(amount=wording.number(amount, locale), unit=target.unit).strip()
    if side == "most" or not amount:
        words = wording.target_words(target, locale)
    return {side: amount, "unit": target.unit, "step": step, "words": words}


def _own_target(habit: Habit, day: date, of_row: Target | None, locale: Locale) -> dict[str, Any]:
    """The number by which a day is judged, where it is another than the row's."""
    own = target_on(habit, day)
    return {} if own == of_row else {"target": _target(own, locale)}


def _cell(record: HabitRecord, day: date, began: date) -> dict[str, Any]:
    entry = record.entries.get(day)
    base = state_without_entry(record, day, began)
    state = base if entry is None else "done" if record.was_done(day) else "skip" if entry.skip else "part"
    return {
        "s": "x" if day > record.today else state,
        "base": base,
        "v": entry.value if entry is not None and not entry.skip else None,
        "note": entry.note if entry is not None else "",
    }


def state_without_entry(record: HabitRecord, day: date, began: date) -> str:
    """What a day is by the plan alone: `open`, `free` (not due), `pause`, or `x` where nothing can stand."""
    habit = record.habit
    if day > record.today or day < began:
        return "x"
    if habit.archived_on is not None and day >= habit.archived_on:
        return "x"
    if day in record.paused:
        return "pause"
    plan = plan_on(habit, day)
    return "open" if plan is not None and (plan.times is not None or is_planned(habit, day)) else "free"
