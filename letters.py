"""Letters: facts in; subject, text and HTML out; and from these the bytes of one MIME message."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import formataddr, parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Literal

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from jinja2.ext import Extension
from markupsafe import Markup

from core.letters.colours import COLOURS, HERO_GRADIENT, PERFECT_GRADIENT, colour_classes
from core.letters.prose import Prose, read_prose
from core.letters.typed import clip, guarded, initial, one_line

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Letter:
    """One letter to one person, ready to become a message; `name` is its key in the ledger."""

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


def render_words(name: str, facts: Mapping[str, object], frame: Frame) -> Rendered:
    """The letter whose prose is templates/drip/<name>.words.

    Raises jinja2.UndefinedError for a missing fact, ValueError for prose without one of its header lines.
    """
    return draw_words(say(_WORDS.get_template(f"drip/{name}.words"), facts), frame)


def say(template: Template, facts: Mapping[str, object]) -> Prose:
    """A template of prose, filled and read; what a person typed is one line in it and no marker."""
    return read_prose(template.render(facts), template.name or "")


def draw_words(words: Prose, frame: Frame) -> Rendered:
    """Prose that was read, drawn as a letter."""
    facts = {"subject": words.subject, "preheader": words.preheader, "words": words}
    return _render("words", facts, frame)


# Rendering: one environment a form, compiled once; styles are inlined once a list of classes.


def _guarded(value: object) -> object:
    typed = _as_typed(value)
    return guarded(typed) if isinstance(typed, str) else typed


def _as_typed(value: object) -> object:
    if value is None:
        raise ValueError("a letter has no word for a fact that is None")
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


class _Dense(Extension):
    """No indentation and no empty lines in what is sent."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"(?m)^[ \t]+|[ \t]+$|^\n", "", source)


def _environment(*, autoescape: bool = False, guard: bool = False, dense: bool = False) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=autoescape,  # noqa: S701 the text of a letter is no HTML
        finalize=_guarded if guard else _as_typed,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=[_Dense] if dense else [],
    )
    environment.filters.update(clip=clip, initial=initial)
    environment.globals.update(
        colours=COLOURS, colour_classes=colour_classes(), hero_gradient=HERO_GRADIENT, perfect_gradient=PERFECT_GRADIENT
    )
    return environment


_TEXT = _environment()
_WORDS = _environment(guard=True)
_HTML = _environment(autoescape=True, dense=True)
_HEAD_CSS, _HOOKS_CSS, _INLINE_CSS = (
    re.sub(r"\n+", "\n", _TEXT.get_template(f"{name}.css").render()).strip() for name in ("head", "hooks", "inline")
)
_KEPT_CLASSES = set(re.findall(r"(?:\.|~=\")([a-z][a-z0-9-]*)", _HEAD_CSS + _HOOKS_CSS))
_INLINER = CSSInliner(load_remote_stylesheets=False, minify_css=True)


@lru_cache(maxsize=4096)
def css(classes: str, own: str = "") -> Markup:
    """The attributes that style an element: what its classes say inlined, then its own declarations.

    Sound once a list of classes, because every selector of inline.css is one class: nothing depends on where the
    element stands. Of the classes, those stay that the styles in the head ask for.
    """
    inlined = re.search(r'style="([^"]*)"', _INLINER.inline_fragment(f'<p class="{classes}"></p>', _INLINE_CSS))
    style = ";".join(part.rstrip(";") for part in (inlined.group(1) if inlined else "", own) if part)
    kept = " ".join(name for name in classes.split() if name in _KEPT_CLASSES)
    return Markup((f' class="{kept}"' if kept else "") + (f' style="{style}"' if style else ""))  # noqa: S704 our own words


_HTML.globals.update(
    css=css,
    head_css=Markup(_HEAD_CSS),  # noqa: S704 our own words
    hooks_css=Markup(_HOOKS_CSS),  # noqa: S704 our own words
    layout=Markup('role="presentation" border="0" cellpadding="0" cellspacing="0"'),
    # Keeps the letter's first line out of the inbox, where the preheader stands.
    preheader_padding=Markup("&#847;&nbsp;") * 40,
)


def _render(name: str, facts: Mapping[str, object], frame: Frame) -> Rendered:
    context = {**facts, "frame": frame}
    text = re.sub(r"\n{3,}", "\n\n", _TEXT.get_template(f"{name}.txt").render(context)).strip() + "\n"
    html = _HTML.get_template(f"{name}.html").render(context)
    return Rendered(one_line(str(facts["subject"])), one_line(str(facts["preheader"])), text, html)


# The message.


class _WirePolicy(EmailPolicy):
    """What people read comes encoded; every other header stays on one line. Left to itself, the standard library
    writes a long link as encoded words, which no unsubscribe button understands, and loses spaces between words of
    other scripts (measured with Python 3.11.7)."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        return (name, value) if name in READ_BY_PEOPLE else super().header_store_parse(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}\r\n".encode() if name in READ_BY_PEOPLE else super().fold_binary(name, value)


READ_BY_PEOPLE = ("Subject", "From", "To")
HEADER_MOST = 200  # characters
_WIRE = _WirePolicy(linesep="\r\n", max_line_length=998)  # octets, RFC 5322 2.1.1


def to_message(letter: Letter, *, sender: str, date: datetime, message_id: str, list_id: str, one_click: bool) -> bytes:
    """The letter as it goes over the wire: CRLF, lines below 998 octets, text and HTML as alternatives.

    `one_click` is for an https installation only (RFC 8058). The same letter gives the same bytes.
    Raises ValueError for an address or a link that cannot stand in a header.
    """
    message = EmailMessage(policy=_WIRE)
    message["Date"] = date
    message["From"] = _mailbox("From", *parseaddr(sender))
    message["To"] = _mailbox("To", letter.to_name, letter.to)
    message["Subject"] = _encoded("Subject", _header(letter.subject))
    for name, value in _machine_headers(letter, message_id, list_id, one_click).items():
        message[name] = value
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = "multipart/alternative"
    # "=_" stands in no quoted-printable text, so the boundary stands in no part (RFC 2045 6.7).
    message.set_boundary(f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}")
    message.attach(_part(letter.text, "plain"))
    message.attach(_part(letter.html, "html"))
    return message.as_bytes()


def _machine_headers(letter: Letter, message_id: str, list_id: str, one_click: bool) -> dict[str, str]:
    """What programs read: who may unsubscribe how, that no human wrote this, and what it is about."""
    if not re.fullmatch(r"https?://[\x21-\x3b\x3d\x3f-\x7e]+", letter.unsubscribe):
        raise ValueError(f"{letter.unsubscribe!r} is no link for a header")
    post = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if one_click else {}
    return {
        "Message-ID": message_id,
        "List-Id": list_id,
        "List-Unsubscribe": f"<{letter.unsubscribe}>",
        **post,
        "Auto-Submitted": "auto-generated",  # RFC 3834
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": f"{letter.kind}:{letter.stream}:xptracker",
        "X-XP-Kind": letter.kind,
        "X-XP-Day": str(letter.day),
        "X-XP-Covers": letter.covers.isoformat(),
    }


def _header(text: str) -> str:
    return clip(" ".join(one_line(text).split()), HEADER_MOST)


def _encoded(header: str, text: str) -> str:
    """Text as a header has it: plain where it can be, or else folded into encoded words (RFC 2047)."""
    if _is_plain(text):
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _mailbox(header: str, name: str, spec: str) -> str:
    """A name and its address. A domain in another script is written as DNS has it."""
    local, _, domain = spec.rpartition("@")
    if not (local and domain and local.isascii()):
        raise ValueError(f"{spec!r} is no address for a header")
    address = Address(username=local, domain=domain.encode("idna").decode("ascii")).addr_spec
    shown = _header(name)
    return formataddr((shown, address)) if _is_plain(shown) else f"{_encoded(header, shown)}\r\n <{address}>"


def _part(content: str, subtype: Literal["plain", "html"]) -> EmailMessage:
    """One form of the letter, quoted-printable: it passes any relay, and its text can be read as it stands."""
    part = EmailMessage(policy=_WIRE)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(binascii.b2a_qp(content.encode(), istext=True).decode("ascii"))
    return part
