"""The order of the list by hand: every habit and group one place up or down, in one place."""

from __future__ import annotations

import streamlit as st

from core import planning
from core.catalogue import _
from core.models import Habit
from core.progress import Record
from screens import looks, ways, wording
from screens.habits import habit_more
from screens.parts import esc
from storage import Store


def draw(store: Store, user_id: str, record: Record) -> None:
    """A button that opens the list; nothing while there is one habit at most."""
    habits = planning.in_groups(one.habit for one in record.active)
    if len(habits) < 2:
        return
    groups = list(dict.fromkeys(habit.group for habit in habits))
    with st.popover(_("Order"), icon=":material/swap_vert:"):
        for group in groups:
            within = [habit for habit in habits if habit.group == group]
            if len(groups) > 1:
                _group(store, user_id, group, first=group == groups[0], last=group == groups[-1])
            for habit in within:
                _habit(store, user_id, habit, first=habit is within[0], last=habit is within[-1])


def _group(store: Store, user_id: str, group: str, *, first: bool, last: bool) -> None:
    name = group or _(wording.NO_GROUP)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        st.html(f"<b>{esc(name)}</b>", width="stretch")
        for up, is_end in ((True, first), (False, last)):
            _button(f"order_group_{group_key(group)}", name, up, is_end, habit_more.move_group, (store, user_id, group))


def group_key(group: str) -> str:
    """A group's name as a key of a widget."""
    return group.encode().hex()[:40] or "none"


def _habit(store: Store, user_id: str, habit: Habit, *, first: bool, last: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        st.html(esc(f"{looks.icon_of(habit)} {habit.name}"), width="stretch")
        for up, is_end in ((True, first), (False, last)):
            _button(f"order_{habit.id}", habit.name, up, is_end, habit_more.move, (store, user_id, habit.id))


def _button(key: str, name: str, up: bool, is_end: bool, run: habit_more.Move, args: tuple[Store, str, str]) -> None:
    way = "up" if up else "down"
    st.button(
        (_("Up: {name}") if up else _("Down: {name}")).format(name=ways.safe(name)),
        key=f"{key}_{way}",
        icon=f":material/arrow_{way}ward:",
        type="tertiary",
        disabled=is_end,
        on_click=run,
        args=args,
        kwargs={"up": up},
    )
