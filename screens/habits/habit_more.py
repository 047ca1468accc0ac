"""What can be done with a habit besides editing it: its order, a pause, the archive and the way back from it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import streamlit as st
from babel import Locale

from core import planning
from core.catalogue import _, n_
from core.localtime import ONE_DAY
from core.models import Habit, Pause
from core.progress import Record, today_of
from core.recording import RecordingError
from core.schedule import plan_on
from core.wording import count_text
from screens import ways, wording
from screens.habits import habit_entered as entered
from screens.habits import habit_fields as fields
from screens.parts import esc
from storage import Store

PAST_MOST = 6  # pauses that are over, shown to be taken out
OPEN = "habit_form"  # in the session: the habit whose form is open, or NEW


class Move(Protocol):
    """Moves something of a person's, named by the last argument, one place up or down."""

    def __call__(self, store: Store, user_id: str, name: str, /, *, up: bool) -> None: ...


def close() -> None:
    """Close the form, whatever is open."""
    st.session_state[OPEN] = None
    st.session_state.pop(fields.ERROR, None)


# --- order


def order_buttons(store: Store, user_id: str, habit: Habit) -> None:
    """One place up or down among its group."""
    args = (store, user_id, habit.id)
    up, down = ":material/arrow_upward:", ":material/arrow_downward:"
    st.button(_("Move up"), key="habit_up", icon=up, on_click=move, args=args, kwargs={"up": True})
    st.button(_("Move down"), key="habit_down", icon=down, on_click=move, args=args, kwargs={"up": False})


def move(store: Store, user_id: str, habit_id: str, *, up: bool) -> None:
    """A habit one place up or down; to be called in a callback."""
    with store.edit(user_id) as user:
        planning.move_habit(user, habit_id, up=up)


def move_group(store: Store, user_id: str, group: str, *, up: bool) -> None:
    """A group one place up or down; to be called in a callback."""
    with store.edit(user_id) as user:
        planning.move_group(user, group, up=up)


# --- pause


def pause_popover(store: Store, user_id: str, habit: Habit, record: Record, locale: Locale) -> None:
    """A pause of this habit for a range of dates, and the end of one."""
    with st.popover(_("Pause"), icon=":material/pause:"):
        coming = coming_pauses(record, habit.id)
        if coming:
            spans = "; ".join(span_said(pause, locale) for pause in coming)
            said = _("<b>Paused:</b> {spans}. Its streak waits.").format(spans=esc(spans))
            st.html(f'<p class="in-small">{said}</p>')
            runs = coming[0].start <= record.today
            st.button(
                _("End the pause") if runs else _("Take it out"),
                key="habit_resume",
                on_click=_resume,
                args=(store, user_id, habit.id),
            )
        elif plan_on(habit, record.today) is not None and record.today in record.of(habit.id).paused:
            st.html(f'<p class="in-small">{esc(_("Everything is paused today; Profile and Today end that."))}</p>')
        tomorrow = record.today + ONE_DAY
        week = (tomorrow, tomorrow + timedelta(days=6))
        key, pattern = entered.field_key("pause"), wording.date_pattern()
        st.date_input(_("First and last day"), week, key=key, format=pattern)
        said = _("The streak waits, and no day of it is a miss. Days that are over count too.")
        st.html(f'<p class="in-small">{esc(said)}</p>')
        st.button(_("Pause it"), key="habit_pause", on_click=_pause, args=(store, user_id, habit.id))
        _past_pauses(store, user_id, habit, record, locale)


def _past_pauses(store: Store, user_id: str, habit: Habit, record: Record, locale: Locale) -> None:
    over = sorted((p for p in record.user.pauses if p.habit == habit.id and p.to < record.today), key=lambda p: p.to)
    for n, pause in enumerate(reversed(over[-PAST_MOST:])):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            said = span_said(pause, locale)
            st.html(f'<p class="in-small">{esc(said)}</p>', width="stretch")
            args = (store, user_id, pause)
            label = ways.named(_("Take out"), said)
            st.button(label, key=f"habit_unpause_{n}", type="tertiary", on_click=_remove, args=args)


def _remove(store: Store, user_id: str, pause: Pause) -> None:
    with store.edit(user_id) as user:
        planning.remove_pause(user, pause.start, pause.to, pause.habit)


def coming_pauses(record: Record, habit_id: str) -> list[Pause]:
    """The pauses of this one habit that run now or are to come, the next first."""
    own = (pause for pause in record.user.pauses if pause.habit == habit_id and pause.to >= record.today)
    return sorted(own, key=lambda pause: pause.start)


def span_said(pause: Pause, locale: Locale) -> str:
    """`Dec 20, 2026 to Jan 2, 2027`."""
    first, last = (wording.short_day(day, locale, year=True) for day in (pause.start, pause.to))
    return first if first == last else _("{first} to {last}").format(first=first, last=last)


def _pause(store: Store, user_id: str, habit_id: str) -> None:
    days: tuple[date, ...] = entered.field_value("pause", ())
    try:
        if len(days) != 2:
            raise RecordingError(_("The last day of the pause is missing. Choose it as well."))
        with store.edit(user_id) as user:
            planning.pause(user, days[0], days[1], habit=habit_id)
    except RecordingError as error:
        st.session_state[fields.ERROR] = ("pause", str(error))
    else:
        close()


def _resume(store: Store, user_id: str, habit_id: str) -> None:
    with store.edit(user_id) as user:
        planning.end_pause(user, habit_id, today=today_of(user, datetime.now(UTC)))
    close()


# --- archive


def archive_popover(store: Store, user_id: str, habit: Habit, record: Record) -> None:
    """Off the list, with everything kept."""
    with st.popover(_("Archive"), icon=":material/archive:"):
        n = len(record.of(habit.id).done)
        said = n_(
            "It leaves Today and the letters. Its {n} day, notes and XP stay, and one tap brings it back.",
            "It leaves Today and the letters. Its {n} days, notes and XP stay, and one tap brings it back.",
            n,
        )
        st.html(f'<p class="in-small">{esc(said.format(n=count_text(n)))}</p>')
        st.button(_("Archive it"), key="habit_archive", on_click=_archive, args=(store, user_id, habit.id))


def _archive(store: Store, user_id: str, habit_id: str) -> None:
    with store.edit(user_id) as user:
        planning.archive_habit(user, habit_id, today=today_of(user, datetime.now(UTC)))
    close()


def restore(store: Store, user_id: str, habit_id: str) -> None:
    """Back on the list from today; to be called in a callback."""
    with store.edit(user_id) as user:
        planning.restore_habit(user, habit_id, today=today_of(user, datetime.now(UTC)))
