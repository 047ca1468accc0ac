"""The language of a tab: that of the person, and before the sign-in that of the browser."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import catalogue
from core.catalogue import _

_TELL = """
export default ({ data }) => {
  document.documentElement.lang = data.language;
  const skip = document.querySelector('[data-testid=stSkipToContent]');  // Streamlit's own, which is in English
  if (skip) skip.textContent = data.skip;
};
"""
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
    with st.container(key="page_language"):
        component(key="xp_language", data={"language": catalogue.language(), "skip": _("Skip to main content")})


def _of_tab() -> str:
    if get_script_run_ctx(suppress_warning=True) is None:
        return catalogue.ENGLISH
    return str(st.session_state.get(LOCALE, catalogue.ENGLISH))


catalogue.ask(_of_tab)
