"""The record as a file to take along: how far it is on its way, and one sentence when it is there."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.catalogue import _, language

HERE = Path(__file__).resolve().parent
ROUTE = "/export"  # of web.py

_HTML = '<a></a><p role="status"></p>'
_CSS = """
:host { display: block; font-family: var(--st-font) }
a {
  display: inline-flex; align-items: center; min-height: 2.5rem; padding: .25rem 1rem; border-radius: 99px;
  border: 1px solid var(--st-border-color); color: var(--st-text-color); background: var(--st-background-color);
  box-sizing: border-box; max-width: 100%; font-size: .875rem; text-decoration: none
}
a:hover { border-color: var(--st-primary-color); color: var(--st-link-color) }
a:focus-visible { outline: 3px solid color-mix(in srgb, var(--st-primary-color) 60%, transparent); outline-offset: 2px }
@media (max-width: 640px) { a { min-height: 2.75rem } }
a[aria-busy=true] { opacity: .6 }
p { margin: .5rem 0 0; font-size: .9rem; line-height: 1.5; overflow-wrap: anywhere; color: var(--st-text-color) }
p:empty { display: none }
"""
_JS = (HERE / "take_along.js").read_text(encoding="utf-8")


def draw_download(user_id: str, key: str) -> None:
    """The link to the record; a tap on it says what goes on until the file is saved."""
    component = st.components.v2.component("xp_take_along", html=_HTML, css=_CSS, js=_JS)
    words = {
        "label": _("Download my data"),
        "begun": _("Your record is being put together …"),
        "coming": _("On its way: {size} kB so far …"),
        "done": _("Your data is saved as {file}, {size} kB."),
        "failed": _("Nothing was saved: the server did not answer. Try once more, or load the page and sign in again."),
    }
    data = {"path": ROUTE, "file": f"{user_id}.json", "language": language(), "words": words}
    component(key=f"take_along_{key}", data=data)
