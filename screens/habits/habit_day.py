"""One day of a habit on its page: what it was, a way to mend it, and its note."""

from __future__ import annotations

from datetime import UTC, date, datetime

import streamlit as st
from babel import Locale

from core.catalogue import _, n_
from core.coach.quiet import leaves_out
from core.progress import HabitRecord, record_of
from core.recording import NOTE_MOST, RecordingError
from core.schedule import target_on
from core.wording import locale_of
from screens import ways, wording
from screens.parts import esc, say, tell
from screens.pictures import drawn, heat
from screens.taps import Act, Tap, apply_tap
from screens.today import zone_of_tap
from storage import Store

DAY = "habit_day"  # in the session: the day that is open
NOTES_SHOWN = 8


def draw(store: Store, user_id: str, record: HabitRecord, locale: Locale) -> None:
    """The day that is chosen, today at first, and all notes below it."""
    title, said = _("Notes, and any day"), _("Choose a day to mend it or to write on it.")
    st.html(f'<h2 class="in-h3">{esc(title)}</h2><p class="in-small">{esc(said)}</p>')
    last = record.today
    first = min([record.habit.created_on, *record.entries])
    day = st.date_input(
        _("Which day?"),
        last,
        min_value=first,
        max_value=last,
        format=wording.date_pattern(),
        key=f"{DAY}_{record.habit.id}",
        label_visibility="collapsed",
    )
    if isinstance(day, date) and first <= day <= last:
        _one_day(store, user_id, record, day, locale)
    say(DAY)
    _notes(record, locale)


def _one_day(store: Store, user_id: str, record: HabitRecord, day: date, locale: Locale) -> None:
    entry = record.entries.get(day)
    word = heat.day_state(record, day)[1]
    number = None if entry is None else entry.value
    value = "" if number is None else f", {wording.number(number, locale)} {_unit(record, day)}"
    st.html(f'<p class="pg-day" role="status"><b>{esc(wording.long_day(day, locale))}</b>: {esc(word + value)}</p>')
    with st.container(horizontal=True, gap="xsmall"):
        is_done, skipped = day in record.done, entry is not None and entry.skip
        _button(
            store, user_id, record, day, "untick" if is_done else "tick", _("Take it back") if is_done else _("Done")
        )
        _button(store, user_id, record, day, "unskip" if skipped else "skip", _("Unskip") if skipped else _("Skip"))
    target = target_on(record.habit, day)
    if target is not None:
        key = f"habit_value_{record.habit.id}_{day}"
        label = _("How much: {target}").format(target=ways.safe(wording.target_words(target, locale)))
        args = (store, user_id, record.habit.id, day)
        stands = None if number is None else float(number)
        st.number_input(label, 0.0, None, stands, step=1.0, format="%g", key=key, on_change=_keep_value, args=args)
    if entry is not None:
        st.text_area(
            _("Note"),
            entry.note,
            key=f"habit_note_{record.habit.id}_{day}",
            max_chars=NOTE_MOST,
            height=90,
            placeholder=_("A line about that day"),
            on_change=_keep_note,
            args=(store, user_id, record.habit.id, day),
        )


def _unit(record: HabitRecord, day: date) -> str:
    target = target_on(record.habit, day)
    return target.unit if target else ""


def _button(store: Store, user_id: str, record: HabitRecord, day: date, act: Act, label: str) -> None:
    tap = Tap(0, record.habit.id, day, act)
    st.button(label, key=f"habit_{act.removeprefix('un')}", on_click=_apply, args=(store, user_id, tap))


def _keep_note(store: Store, user_id: str, habit_id: str, day: date) -> None:
    text = st.session_state.get(f"habit_note_{habit_id}_{day}") or ""
    _apply(store, user_id, Tap(0, habit_id, day, "note", text))


def _keep_value(store: Store, user_id: str, habit_id: str, day: date) -> None:
    value = st.session_state.get(f"habit_value_{habit_id}_{day}")
    _apply(store, user_id, Tap(0, habit_id, day, "untick" if value is None else "value", value))


def _apply(store: Store, user_id: str, tap: Tap) -> None:
    now = datetime.now(UTC)
    try:
        with store.edit(user_id) as user:
            before = record_of(user, now).xp
            apply_tap(user, tap, now=now, tz=zone_of_tap())
            after, locale = record_of(user, now), locale_of(user.locale)
    except RecordingError as error:
        tell(DAY, str(error), is_wrong=True)
    else:
        gained = after.xp - before
        said = _("{xp} XP, later streaks included.").format(xp=wording.signed(gained, locale).replace("-", "−"))
        if gained:
            tell(DAY, _("It is recorded.") if leaves_out(after.of(tap.habit), "xp") else said)


def _notes(record: HabitRecord, locale: Locale) -> None:
    noted = sorted(((day, entry.note) for day, entry in record.entries.items() if entry.note), reverse=True)
    if not noted:
        said = _("What you write about a day will stand here, the newest first.")
        st.html(f'<p class="in-small">{esc(said)}</p>')
        return
    st.html(_list(noted[:NOTES_SHOWN], locale))
    if len(noted) > NOTES_SHOWN:
        n = len(noted) - NOTES_SHOWN
        st.html(drawn.why(n_("{n} earlier one", "{n} earlier ones", n).format(n=n), _list(noted[NOTES_SHOWN:], locale)))


def _list(noted: list[tuple[date, str]], locale: Locale) -> str:
    items = "".join(
        f"<li><span>{esc(wording.short_day(day, locale, year=True))}</span><p>{esc(note)}</p></li>"
        for day, note in noted
    )
    return f'<ul class="pg-notes">{items}</ul>'
