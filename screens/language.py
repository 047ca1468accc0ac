"""The language of a tab: that of the person, and before the sign-in that of the browser."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import catalogue
from core.catalogue import N_, _

_TELL = (Path(__file__).resolve().parent / "language.js").read_text(encoding="utf-8")
# What Streamlit says of its own controls, in English: `{what}` and `{until}` are a field's label, a date or a number.
NAMES = (
    N_("Skip to main content"),
    N_("Show password"),
    N_("Hide password"),
    N_("Clear value"),
    N_("Clear date"),
    N_("Clear dates"),
    N_("Increment"),
    N_("Decrement"),
    N_("Scroll tabs left"),
    N_("Scroll tabs right"),
    N_("Open list"),
    N_("Dismiss"),
    N_("Choose an option"),
    N_("No results"),
    N_("{what} options available."),
    N_("{what} option available."),
    N_("{what}, selected"),
    N_("Press Enter to apply"),
    N_("Press Enter to submit form"),
    N_("Press Ctrl+Enter to apply"),
    N_("Press Ctrl+Enter to submit form"),
    N_("Choose date"),
    N_("Choose date range"),
    N_("Choose date, {what}"),
    N_("Choose date range, {what}"),
    N_("Previous month"),
    N_("Next month"),
    N_("Selected Date: {what}"),
    N_("Selected Range: {what}"),
    N_("Selected Time: {what}"),
    N_("day, {what} start date"),
    N_("month, {what} start date"),
    N_("year, {what} start date"),
    N_("day, {what} end date"),
    N_("month, {what} end date"),
    N_("year, {what} end date"),
    N_("day, {what}"),
    N_("month, {what}"),
    N_("year, {what}"),
    N_("hour, {what}"),
    N_("minute, {what}"),
    N_("{what} start date"),
    N_("{what} end date"),
    N_("Use arrow keys to navigate dates. Enter to select. Escape to close."),
    N_("Date range"),
    N_("Quick select a date range"),
    N_("Select..."),
    N_("Past Week"),
    N_("Past Month"),
    N_("Past 3 Months"),
    N_("Past 6 Months"),
    N_("Past Year"),
    N_("Past 2 Years"),
    N_("Error: Date set outside allowed range. Please select a date on or before {what}."),
    N_("Error: Date set outside allowed range. Please select a date on or after {what}."),
    N_("Error: Date set outside allowed range. Please select a date between {what} and {until}."),
    N_("Time is out of range. Hours must be 0–23, minutes 0–59."),
    N_("Invalid time format. Please use HH:MM."),
    N_("Number is below the allowed range. Please enter a value greater than or equal to {what}."),
    N_("Empty"),
    N_("dd"),
    N_("mm"),
    N_("yyyy"),
)
AS_STREAMLIT_HAS_IT = {"Open list": "Open"}  # a word too short for a catalogue
LOCALE = "speaks"  # in the session: also callbacks and fragments, which run by themselves, know it from there


def speak(locale: str) -> None:
    """Let this tab speak the language of a locale from here on."""
    st.session_state[LOCALE] = locale


def of_browser() -> str:
    """The locale that the browser names."""
    return st.context.locale or catalogue.ENGLISH


def tell_browser() -> None:
    """Let the page name the language in force: by it words are read out, broken at a line's end, and translated.

    Streamlit's page says English to everybody before a script runs.
    """
    component = st.components.v2.component("xp_language", html="<i></i>", css=":host { display: none }", js=_TELL)
    data = {"language": catalogue.language(), "names": names()}
    with st.container(key="page_language"):
        component(key="xp_language", data=data)


def names() -> list[tuple[str, str]]:
    """Streamlit's names of its controls, each with what is said instead; none where English is spoken."""
    if catalogue.language() == catalogue.ENGLISH:
        return []
    return [(AS_STREAMLIT_HAS_IT.get(name, name), _(name)) for name in NAMES]


def _of_tab() -> str:
    if get_script_run_ctx(suppress_warning=True) is None:
        return catalogue.ENGLISH
    return str(st.session_state.get(LOCALE, catalogue.ENGLISH))


catalogue.ask(_of_tab)
