"""One day of a habit on its page: what it was, a way to mend it, and its note."""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st
from babel import Locale

from core.progress import HabitRecord
from core.recording import NOTE_MOST, RecordingError
from screens import drawn, wording
from screens.parts import alert, esc
from screens.taps import Act, Tap, apply_tap
from storage import Store

DAY = "habit_day"  # in the session: the day that is open
REFUSED = "habit_day_refused"  # in the session: why a change could not be made
NOTES_SHOWN = 8


def draw(store: Store, user_id: str, record: HabitRecord, locale: Locale) -> None:
    """The day that is chosen, today at first, and all notes below it."""
    st.html(
        '<h2 class="in-h3">Notes, and any day</h2><p class="in-small">Choose a day to mend it or to write on it.</p>'
    )
    last = record.today
    first = min([record.habit.created_on, *record.entries])
    key = f"{DAY}_{record.habit.id}"
    day = st.date_input("Which day?", last, min_value=first, max_value=last, key=key, label_visibility="collapsed")
    if isinstance(day, date) and first <= day <= last:
        _one_day(store, user_id, record, day, locale)
    refused = st.session_state.pop(REFUSED, "")
    if refused:
        alert(refused)
    _notes(record, locale)


def _one_day(store: Store, user_id: str, record: HabitRecord, day: date, locale: Locale) -> None:
    entry = record.entries.get(day)
    _, word = drawn.day_state(record, day)
    value = "" if entry is None or entry.value is None else f", {wording.number(entry.value, locale)} {_unit(record)}"
    st.html(f'<p class="pg-day" role="status"><b>{esc(wording.long_day(day, locale))}</b>: {esc(word + value)}</p>')
    with st.container(horizontal=True, gap="xsmall"):
        done, skipped = day in record.done, entry is not None and entry.skip
        _button(store, user_id, record, day, "untick" if done else "tick", "Take it back" if done else "Done")
        _button(store, user_id, record, day, "unskip" if skipped else "skip", "Unskip" if skipped else "Skip")
    if entry is not None:
        st.text_area(
            "Note",
            entry.note,
            key=f"habit_note_{record.habit.id}_{day}",
            max_chars=NOTE_MOST,
            height=90,
            placeholder="A line about that day",
            on_change=_keep_note,
            args=(store, user_id, record.habit.id, day),
        )


def _unit(record: HabitRecord) -> str:
    return record.habit.target.unit if record.habit.target else ""


def _button(store: Store, user_id: str, record: HabitRecord, day: date, act: Act, label: str) -> None:
    tap = Tap(0, record.habit.id, day, act)
    st.button(label, key=f"habit_{act.removeprefix('un')}", on_click=_apply, args=(store, user_id, tap))


def _keep_note(store: Store, user_id: str, habit_id: str, day: date) -> None:
    text = st.session_state.get(f"habit_note_{habit_id}_{day}") or ""
    _apply(store, user_id, Tap(0, habit_id, day, "note", text))


def _apply(store: Store, user_id: str, tap: Tap) -> None:
    try:
        with store.edit(user_id) as user:
            apply_tap(user, tap, now=datetime.now(UTC), tz=None)
    except RecordingError as error:
        st.session_state[REFUSED] = str(error)


def _notes(record: HabitRecord, locale: Locale) -> None:
    noted = sorted(((day, entry.note) for day, entry in record.entries.items() if entry.note), reverse=True)
    if not noted:
        st.html('<p class="in-small">What you write about a day will stand here, the newest first.</p>')
        return
    st.html(_list(noted[:NOTES_SHOWN], locale))
    if len(noted) > NOTES_SHOWN:
        st.html(drawn.why(f"{len(noted) - NOTES_SHOWN} earlier ones", _list(noted[NOTES_SHOWN:], locale)))


def _list(noted: list[tuple[date, str]], locale: Locale) -> str:
    items = "".join(
        f"<li><span>{esc(wording.short_day(day, locale, year=True))}</span><p>{esc(note)}</p></li>"
        for day, note in noted
    )
    return f'<ul class="pg-notes">{items}</ul>'
