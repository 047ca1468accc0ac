"""Letters: facts in; subject, text and HTML out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jinja2 import Template

from core.catalogue import language
from core.letters.prose import Prose, read_prose
from core.letters.typed import one_line
from mail.letter_forms import forms_in, template

NO_ISOLATES = re.compile("[\u2068\u2069]")  # a subject stands in lists of mail, where they may show as boxes
Taps = Sequence[tuple[str, str]]  # (label, address) each


@dataclass(frozen=True)
class Letter:
    """One letter to one person, ready to become a message; `name` is its key in the ledger.

    `unsubscribe` is empty for a letter that somebody asked for in the app, and that cannot be unsubscribed from.
    """

    kind: str
    user_id: str
    to: str
    to_name: str
    name: str
    day: int
    covers: date
    subject: str
    preheader: str
    text: str
    html: str
    stream: str
    unsubscribe: str
    locale: str
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Frame:
    """What the head and foot of a letter say; an empty string leaves its line out."""

    date_label: str
    next_letter: str
    why: str
    postal: str
    app_url: str
    unsubscribe: tuple[tuple[str, str], ...]
    confirm_url: str
    locale: str
    controls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rendered:
    """The words of a letter, twice: as text and as HTML."""

    subject: str
    preheader: str
    text: str
    html: str


def render_digest(facts: Mapping[str, object], frame: Frame) -> Rendered:
    """The daily digest. Raises jinja2.UndefinedError for a fact that is missing."""
    return _render("digest", facts, frame)


def render_comeback(facts: Mapping[str, object], frame: Frame) -> Rendered:
    """The short letter in the digest's place after silent days. Raises jinja2.UndefinedError for a missing fact."""
    return _render("comeback", facts, frame)


def render_words(
    name: str, facts: Mapping[str, object], frame: Frame, thumbs: Sequence[tuple[str, Taps]] = ()
) -> Rendered:
    """The letter whose prose is templates/drip/<name>.words; `thumbs` are its advice, each with the answers to it.

    Raises jinja2.UndefinedError for a missing fact, ValueError for prose without one of its header lines.
    """
    return draw_words(say(forms_in(language()).words.get_template(f"drip/{name}.words"), facts), frame, thumbs)


def render_account(facts: Mapping[str, object], frame: Frame) -> Rendered:
    """A letter about the account itself, with one link. Raises jinja2.UndefinedError for a fact that is missing."""
    return _render("account", facts, frame)


def say(template: Template, facts: Mapping[str, object]) -> Prose:
    """A template of prose, filled and read; what a person typed is one line in it and no marker."""
    return read_prose(template.render(facts), template.name or "")


def draw_words(words: Prose, frame: Frame, thumbs: Sequence[tuple[str, Taps]] = ()) -> Rendered:
    """Prose that was read, drawn as a letter."""
    facts = {"subject": words.subject, "preheader": words.preheader, "words": words, "thumbs": thumbs}
    return _render("words", facts, frame)


def _render(name: str, facts: Mapping[str, object], frame: Frame) -> Rendered:
    context, forms = {**facts, "frame": frame}, forms_in(language())
    text = _spaced(template(forms.text, f"{name}.txt").render(context))
    html = template(forms.html, f"{name}.html").render(context)
    return Rendered(one_line(NO_ISOLATES.sub("", str(facts["subject"]))), one_line(str(facts["preheader"])), text, html)


def _spaced(text: str) -> str:
    """Text with never more than one empty line in a row; to look for them as text costs far less than as a pattern."""
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip() + "\n"
