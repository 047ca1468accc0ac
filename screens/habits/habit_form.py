"""The form of a habit: a new one, or another name, look and plan for one there is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import streamlit as st
from babel import Locale

from core import planning
from core.catalogue import _
from core.models import Habit
from core.progress import Record, today_of
from core.recording import RecordingError
from core.wording import after_i
from screens import looks, wording
from screens.habits import habit_entered as entered
from screens.habits import habit_fields as fields
from screens.habits import habit_more
from screens.habits.habit_more import OPEN, close
from screens.parts import esc, keys
from storage import Store

NEW = "new"
FORM = ".st-key-habit_form"
FIELDS = {  # what has the focus when it is asked for, or wrong
    "name": f"{FORM} [class*=_name] input",
    "plan": f"{FORM} [class*=_kind] button",
    "target": f"{FORM} [class*=_amount] input",
    "besides": f"{FORM} [class*=_besides] summary",
}
OPENERS = ":is(.st-key-new_habit, .st-key-habit_edit) button"


def open_form(habit_id: str) -> None:
    """Open the form for a new habit (NEW) or for one there is; to be called in a callback."""
    st.session_state[OPEN] = habit_id
    st.session_state[entered.ROUND] = st.session_state.get(entered.ROUND, 0) + 1
    st.session_state.pop(fields.ERROR, None)


def draw(store: Store, user_id: str, record: Record, locale: Locale, *, only: str | None = None) -> None:
    """The form that is open, if one is; with `only` that of this habit alone, without what stands beside it there."""
    opened = st.session_state.get(OPEN)
    opened = opened if only in (None, opened) else None
    habit = next((h for h in record.user.habits if h.id == opened), None)
    is_closed = opened != NEW and habit is None
    wrong, step = fields.wrong_field(), f"{opened} {st.session_state.get(entered.ROUND, 0)} {fields.times_refused()}"
    focus = [] if is_closed else [FIELDS.get(wrong, FIELDS["name"])]
    keys("closed" if is_closed else step, focus, FORM, ".st-key-habit_save button", OPENERS, stay=bool(wrong))
    if is_closed:
        return
    with st.container(border=True, key="habit_form", gap="small"):
        title = _("New habit") if habit is None else _("Edit {habit}").format(habit=habit.name)
        st.html(f'<h2 class="in-h2">{esc(title)}</h2>')
        fields.ask_what(habit)
        fields.ask_how_often(habit, record.today, locale)
        fields.ask_what_counts(habit, record.user, record.today, locale)
        fields.ask_besides(habit, record.user)
        if habit is None:
            _preview(record.today, locale)
            _buttons(_("Add it"), _add, (store, user_id, record.today))
        else:
            _buttons(_("Save"), _save, (store, user_id, habit.id, record.today))
            if only is None:
                _more(store, user_id, habit, record, locale)


def _preview(today: date, locale: Locale) -> None:
    """The row as it will stand on Today."""
    try:
        plan = entered.plan_in(None, today) or planning.every_day(today)
        target = entered.target_in()
    except RecordingError:
        return
    name = (entered.field_value("name", "") or "").strip() or _("Your habit")
    habit = Habit(id="new", name=name, created_on=today, schedule=[plan], target=target, **entered.look_in())
    words = wording.habit_words(habit, plan, locale)
    if habit.cue:
        words = _("{plan}, after I {cue}").format(plan=words, cue=after_i(habit.cue))
    row = f"{looks.icon(habit)}<div><b>{esc(name)}</b><span>{esc(words)}</span></div>"
    st.html(f'<div class="in-line in-preview">{row}</div>')


def _buttons(verb: str, run: Any, args: tuple[Any, ...]) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(verb, key="habit_save", type="primary", icon=":material/check:", on_click=run, args=args)
        st.button(_("Cancel"), key="habit_cancel", type="tertiary", on_click=close)


def _add(store: Store, user_id: str, today: date) -> None:
    """Add what the form says; at the first thing that is missing, say so beside it and keep every word."""
    field = "plan"
    try:
        plan = entered.plan_in(None, today) or planning.every_day(today)
        field = "target"
        target = entered.target_in()
        planning.check_words({"unit": target.unit} if target else {})
        field, look = "besides", entered.look_in()
        planning.check_words(look)
        field = "name"
        with store.edit(user_id) as user:
            planning.add_habit(user, entered.field_value("name", ""), plan, today=today, target=target, **look)
    except RecordingError as error:
        fields.refuse(field, str(error))
    else:
        close()


def _save(store: Store, user_id: str, habit_id: str, today: date) -> None:
    field = "plan"
    try:
        with store.edit(user_id) as user:
            plan = entered.plan_in(user.habit(habit_id), today)
            if plan is not None:
                planning.change_schedule(
                    user, habit_id, plan, from_day=entered.start_in(today), today=today_of(user, datetime.now(UTC))
                )
            field = "target"
            if (target := entered.target_in(user.habit(habit_id))) is not None:
                planning.change_target(user, habit_id, target, today=today_of(user, datetime.now(UTC)))
            field = "name"
            planning.rename_habit(user, habit_id, entered.field_value("name", ""))
            field = "besides"
            planning.describe_habit(user, habit_id, **entered.look_in(user.habit(habit_id)))
    except RecordingError as error:
        fields.refuse(field, str(error))
    else:
        close()


def _more(store: Store, user_id: str, habit: Habit, record: Record, locale: Locale) -> None:
    with st.container(horizontal=True, gap="small", key="habit_more", vertical_alignment="bottom"):
        habit_more.order_buttons(store, user_id, habit)
        habit_more.pause_popover(store, user_id, habit, record, locale)
        habit_more.archive_popover(store, user_id, habit, record)
    fields.problem("pause")
