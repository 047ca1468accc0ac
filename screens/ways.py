"""The ways from one screen to another that are not on the bar: a habit's own page, the week beside others."""

from __future__ import annotations

import streamlit as st

from core.models import Habit
from screens import drawn

HABIT = "habit"  # the address of a habit's page, and the parameter that names the habit
TOGETHER = "together"


def _elsewhere() -> None:
    """Stands for the page of an address; tracker.py says what it draws."""


def habit_page() -> st.Page:
    """The page of one habit, to be told which with a parameter."""
    return st.Page(_elsewhere, title="Habit", url_path=HABIT)


def link_to_habit(habit: Habit, *, label: str | None = None, icon: str | None = None) -> None:
    """A link to a habit's page; its icon and name when nothing else is said."""
    name = habit.name.replace("[", "\\[")
    st.page_link(
        habit_page(),
        label=label or f"{drawn.icon_of(habit)} {name}",
        icon=icon,
        query_params={HABIT: habit.id},
    )


def link_to_together(label: str) -> None:
    """A link to the week's leaderboard."""
    st.page_link(st.Page(_elsewhere, title="Together", url_path=TOGETHER), label=label, icon=":material/groups:")


def link_to_progress() -> None:
    """The way back from a habit's page."""
    st.page_link(
        st.Page(_elsewhere, title="Progress", url_path="progress"), label="Progress", icon=":material/arrow_back:"
    )
