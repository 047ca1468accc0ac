"""The ways from one screen to another that are not on the bar: a habit's own page, the week beside others."""

from __future__ import annotations

import re
from urllib.parse import quote

import streamlit as st

from core.catalogue import _
from core.models import Habit
from screens import looks

HABIT = "habit"  # the address of a habit's page, and the parameter that names the habit
TOGETHER = "together"
TODAY, PROGRESS, COACHING, PROFILE = "", "progress", "coaching", "profile"
ADDRESSES = (TODAY, PROGRESS, COACHING, PROFILE, HABIT, TOGETHER)  # of all screens
FOUND = "found"  # the parameter that names a finding on Coaching
WORD_JOINER = "\u2060"  # it takes no room and is not seen
# Icons, Streamlit's sign, and what stands for arrows, dashes and relations.
MADE_INTO_OTHERS = re.compile(r":(?=material/|streamlit:)|(?<!\S)[-<>~](?=(?:->|[->=])(?!\S))")
ASKED = "habit_asked_for"  # in the session: the habit whose page the next run goes to


def to_account() -> str:
    """The address of Profile's Account room: a room is called there as it is on the screen."""
    return f"/profile?room={quote(_('Account'))}"


def _elsewhere() -> None:
    """Stands for the page of an address; tracker.py says what it draws."""


def habit_page() -> st.Page:
    """The page of one habit, to be told which with a parameter."""
    return st.Page(_elsewhere, title=_("Habit"), url_path=HABIT)


def safe(words: str) -> str:
    """Words for a label that Streamlit reads as Markdown; what it makes something else of after that is cut apart."""
    words = MADE_INTO_OTHERS.sub(rf"\g<0>{WORD_JOINER}", words)
    return "".join(f"\\{sign}" if sign in "\\`*_[]$:<~#&" else sign for sign in words)


def named(label: str, *of: str) -> str:
    """The label of a button or link, and what it is about for those who hear it among many that look the same."""
    said = ", ".join(safe(word) for word in of if word)
    return f"{label} *({said})*" if said else label


def ask_for_habit(habit_id: str | None) -> None:
    """Have the next run go to a habit's page; to be called in a callback, where no page can be left."""
    if habit_id is not None:
        st.session_state[ASKED] = habit_id


def go_to_habit() -> None:
    """Leave for the page of the habit that was asked for, if one was."""
    habit_id = st.session_state.pop(ASKED, None)
    if habit_id is not None:
        st.switch_page(habit_page(), query_params={HABIT: habit_id})


def link_to_habit(habit: Habit, *, label: str | None = None, icon: str | None = None) -> None:
    """A link to a habit's page; its icon and name when nothing else is said."""
    st.page_link(
        habit_page(),
        label=named(label, habit.name) if label else safe(f"{looks.icon_of(habit)} {habit.name}"),
        icon=icon,
        query_params={HABIT: habit.id},
    )


def link_to_together(label: str) -> None:
    """A link to the week's leaderboard."""
    st.page_link(st.Page(_elsewhere, title=_("Together"), url_path=TOGETHER), label=label, icon=":material/groups:")


def name_of_finding(kind: str, about: str) -> str:
    """What the address of Coaching calls a finding: its kind, and the habit or pair that it is about."""
    return f"{kind} {about}"


def link_to_coaching(asked: str = "") -> None:
    """Where the coach's findings are; with the name of one, that one first."""
    st.page_link(
        st.Page(_elsewhere, title=_("Coaching"), url_path=COACHING),
        label=_("See the days behind it") if asked else _("What I see"),
        icon=":material/auto_awesome:",
        query_params={FOUND: asked} if asked else None,
    )


def link_to_today() -> None:
    """Where the first tick is made, for a screen that has nothing to show before it."""
    with st.container(key="to_today"):
        st.page_link(
            st.Page(_elsewhere, title=_("Today"), default=True), label=_("Go to Today"), icon=":material/check_circle:"
        )


def link_to_import() -> None:
    """Where a history from another tracker is brought in."""
    st.page_link(
        st.Page(_elsewhere, title=_("Profile"), url_path=PROFILE),
        label=_("Bring a history along"),
        icon=":material/upload:",
        query_params={"room": _("Account")},
    )


def link_to_progress() -> None:
    """The way back from a habit's page."""
    st.page_link(
        st.Page(_elsewhere, title=_("Progress"), url_path="progress"), label=_("Progress"), icon=":material/arrow_back:"
    )
