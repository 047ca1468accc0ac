"""Letters: facts in; subject, text and HTML out; and from these the bytes of one MIME message."""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, formataddr, parseaddr
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, Literal

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator
from jinja2.compiler import Frame as CodeFrame
from jinja2.ext import Extension
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from core.catalogue import ENGLISH, _, language, n_, p_, speaking
from core.letters.colours import COLOURS, HERO_GRADIENT, PERFECT_GRADIENT, colour_classes
from core.letters.inlined import Macros, macros_of, with_macros_inlined
from core.letters.prose import Prose, read_prose, translated
from core.letters.typed import clip, guarded, initial, one_line

Taps = Sequence[tuple[str, str]]  # (label, address) each
TEMPLATES = Path(__file__).parent / "templates"
PIECES = "parts.html"


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
    return draw_words(say(_forms(language()).words.get_template(f"drip/{name}.words"), facts), frame, thumbs)


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


# Rendering: one environment a form and language, compiled once; what is known by then is written into the templates as
# they load, the words of a language with it.


def _guarded(value: object) -> object:
    typed = _as_typed(value)
    return guarded(typed) if isinstance(typed, str) else typed


def _as_typed(value: object) -> object:
    if value is None:
        raise ValueError("a letter has no word for a fact that is None")
    return one_line(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _as_html(value: object) -> str:
    if isinstance(value, Markup):
        return value
    return _escaped(value) if type(value) is str else escape(str(_as_typed(value)))


@lru_cache(maxsize=1024)
def _escaped(text: str) -> str:
    """Text as HTML; labels, names and colours stand in a letter many times, and in many letters."""
    return escape(one_line(text))


class _Spoken(Environment):
    """Templates in one language: what they mark with `_` or `p_` is translated as they load."""

    language = ENGLISH

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A fact by its name; most are in dicts, where Jinja looks for an attribute first."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = _Translated(self.language).visit(super()._parse(source, name, filename))
        return parsed


class _Translated(NodeTransformer):
    """A text takes the place of the call that translates it."""

    def __init__(self, language: str) -> None:
        self.language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        said = self.generic_visit(node)
        match said:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=text)]):
                return nodes.Const(_in(self.language, text))
            case nodes.Call(node=nodes.Name(name="p_"), args=[nodes.Const(value=context), nodes.Const(value=text)]):
                return nodes.Const(_in(self.language, text, context))
        return said


def _in(language: str, text: str, context: str = "") -> str:
    with speaking(language):
        return p_(context, text) if context else _(text)


class _Loader(FileSystemLoader):
    """Puts what a template includes in its place as it loads, and prose into its language: that costs no letter."""

    def __init__(self, language: str) -> None:
        super().__init__(TEMPLATES)
        self.language = language

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, is_fresh = super().get_source(environment, template)
        source = self._completed(environment, source)
        if self.language != ENGLISH and template.endswith(".words"):
            source = translated(source, partial(_in, self.language))
        return source, name, is_fresh

    def _completed(self, environment: Environment, source: str) -> str:
        return re.sub(r'(?m)^{% include "(.+)" %}\n', partial(self._included, environment), source)

    def _included(self, environment: Environment, found: re.Match[str]) -> str:
        source = super().get_source(environment, found[1])[0]
        return self._completed(environment, source).removesuffix("\n")


class _Dense(Extension):
    """No indentation and no empty lines in what is sent."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return re.sub(r"(?m)^[ \t]+|[ \t]+$|^\n", "", source)


class _KnownAtLoad(NodeTransformer):
    """Our own words take the place of their names; `css(…)` becomes a filter, which Jinja computes where it can."""

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        match super().generic_visit(node, *args, **kwargs):
            case nodes.Name(name=name) if name in _OWN_WORDS:
                return nodes.Const(_OWN_WORDS[name])
            case nodes.Getattr(node=nodes.Getattr(node=nodes.Name(name="colours"), attr=colour), attr=theme):
                return nodes.Const(getattr(COLOURS[colour], theme))
            case nodes.Call(node=nodes.Name(name="css"), args=[classes, *own]):
                return _styled(classes, own)
        return node


def _styled(classes: nodes.Expr, own: list[nodes.Expr]) -> nodes.Expr:
    if isinstance(classes, nodes.CondExpr) and classes.expr2 is not None:
        return nodes.CondExpr(classes.test, _styled(classes.expr1, own), _styled(classes.expr2, own))
    return nodes.Filter(classes, "css", own, [], None, None)


class _PlainCode(CodeGenerator):
    """An expression goes through `finalize`, which makes HTML of it, and a call to what is called: nothing between."""

    def visit_Call(self, node: nodes.Call, frame: CodeFrame, forward_caller: bool = False) -> None:  # noqa: N802
        self.visit(node.node, frame)
        self.write("(*()")  # an argument is written with a comma before it
        self.signature(node, frame, {"caller": "caller"} if forward_caller else None)
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: object, finalize: object) -> None:
        self.write("environment.finalize(")

    def _output_child_post(self, node: nodes.Expr, frame: object, finalize: object) -> None:
        self.write(")")


class _HtmlEnvironment(_Spoken):
    code_generator_class = _PlainCode

    @cached_property
    def _pieces(self) -> Macros:
        assert self.loader is not None
        source, name, _is_fresh = self.loader.get_source(self, PIECES)
        return macros_of(super()._parse(source, PIECES, name))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        written_out = with_macros_inlined(self, super()._parse(source, name, filename), self._pieces, "p")
        parsed: nodes.Template = _KnownAtLoad().visit(written_out)
        return parsed


@dataclass(frozen=True)
class _Forms:
    """The templates of one language: of letters as text and as HTML, and of prose."""

    text: Environment
    words: Environment
    html: Environment


@cache
def _forms(language: str) -> _Forms:
    return _Forms(
        text=_environment(_Spoken, _as_typed, language),
        words=_environment(_Spoken, _guarded, language),
        html=_environment(_HtmlEnvironment, _as_html, language, autoescape=True, extensions=[_Dense]),
    )


def _environment(
    kind: type[_Spoken], finalize: Callable[[object], object], language: str, **options: Any
) -> Environment:
    environment = kind(
        loader=_Loader(language),
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        **options,
    )
    environment.language = language
    environment.filters.update(clip=clip, initial=initial, css=css)
    environment.globals.update(
        colours=COLOURS, colour_classes=colour_classes(), hero_gradient=HERO_GRADIENT, perfect_gradient=PERFECT_GRADIENT
    )
    environment.globals.update(_=_, n_=n_, p_=p_, squares=_squares)
    return environment


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


@lru_cache(maxsize=4096)
def _squares(states: str, colour: str) -> Markup:
    """Days of a habit side by side; weeks that look alike are many."""
    return Markup("\n").join(_SQUARE(state, colour) for state in states)


_TEXT, _WORDS, _HTML = _forms(ENGLISH).text, _forms(ENGLISH).words, _forms(ENGLISH).html
_HEAD_CSS, _HOOKS_CSS, _INLINE_CSS = (
    re.sub(r"\n+", "\n", _TEXT.get_template(f"{name}.css").render()).strip() for name in ("head", "hooks", "inline")
)
_KEPT_CLASSES = set(re.findall(r"(?:\.|~=\")([a-z][a-z0-9-]*)", _HEAD_CSS + _HOOKS_CSS))
_INLINER = CSSInliner(load_remote_stylesheets=False, minify_css=True)
_OWN_WORDS = {
    "head_css": Markup(_HEAD_CSS),  # noqa: S704 our own words
    "hooks_css": Markup(_HOOKS_CSS),  # noqa: S704 our own words
    "layout": Markup('role="presentation" border="0" cellpadding="0" cellspacing="0"'),
    # Keeps the letter's first line out of the inbox, where the preheader stands.
    "preheader_padding": Markup("&#847;&nbsp;") * 40,
}
_SQUARE = _HTML.get_template("square.html").module.square  # type: ignore[attr-defined]


def _render(name: str, facts: Mapping[str, object], frame: Frame) -> Rendered:
    context, forms = {**facts, "frame": frame}, _forms(language())
    text = re.sub(r"\n{3,}", "\n\n", _template(forms.text, f"{name}.txt").render(context)).strip() + "\n"
    html = _template(forms.html, f"{name}.html").render(context)
    return Rendered(one_line(str(facts["subject"])), one_line(str(facts["preheader"])), text, html)


@cache
def _template(forms: Environment, name: str) -> Template:
    return forms.get_template(name)


# The message.


READ_BY_PEOPLE_MOST = 200  # characters of a name or a subject
LINE_MOST = 998  # octets, RFC 5322 2.1.1


def to_message(letter: Letter, *, sender: str, date: datetime, message_id: str, list_id: str, one_click: bool) -> bytes:
    """The letter as it goes over the wire: CRLF, lines below 998 octets, text and HTML as alternatives.

    `one_click` is for an https installation only (RFC 8058). The same letter gives the same bytes.
    Raises ValueError for an address or a link that cannot stand in a header.
    """
    # "=_" stands in no quoted-printable text, so the boundary stands in no part (RFC 2045 6.7).
    boundary = f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"
    headers = {
        "Date": format_datetime(date),
        "From": _sender(sender),
        "To": _mailbox("To", letter.to_name, letter.to),
        "Subject": _encoded("Subject", _header(letter.subject)),
        **_on_one_line(_machine_headers(letter, message_id, list_id, one_click)),
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    parts = "".join(f"\r\n--{boundary}\r\n{part}" for part in (_part(letter.text, "plain"), _part(letter.html, "html")))
    return f"{head}{parts}\r\n--{boundary}--\r\n".encode("ascii")


def _on_one_line(headers: dict[str, str]) -> dict[str, str]:
    """Headers that no program need unfold or decode; an unsubscribe button understands no other."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable() and len(f"{name}: {value}") <= LINE_MOST):
            raise ValueError(f"{value!r} does not fit on the line of {name}")
    return headers


def _machine_headers(letter: Letter, message_id: str, list_id: str, one_click: bool) -> dict[str, str]:
    """What programs read: who may unsubscribe how, that no human wrote this, and what it is about.

    What somebody asked for in the app a moment ago is no list, and there is nothing to unsubscribe from.
    """
    machine = {
        "Auto-Submitted": "auto-generated",  # RFC 3834
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": f"{letter.kind}:{letter.stream}:xptracker",
        "X-XP-Kind": letter.kind,
        "X-XP-Day": str(letter.day),
        "X-XP-Covers": letter.covers.isoformat(),
    }
    if not letter.unsubscribe:
        return {"Message-ID": message_id, **machine}
    if not re.fullmatch(r"https?://[\x21-\x3b\x3d\x3f-\x7e]+", letter.unsubscribe):
        raise ValueError(f"{letter.unsubscribe!r} is no link for a header")
    post = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if one_click else {}
    return {
        "Message-ID": message_id,
        "List-Id": list_id,
        "List-Unsubscribe": f"<{letter.unsubscribe}>",
        **post,
        **machine,
    }


def _header(text: str) -> str:
    return clip(" ".join(one_line(text).split()), READ_BY_PEOPLE_MOST)


@lru_cache(maxsize=1024)
def _encoded(header: str, text: str) -> str:
    """Text as a header has it: plain where it can be, or else folded into encoded words (RFC 2047)."""
    if _is_plain(text):
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


@lru_cache(maxsize=1024)
def address_on_the_wire(spec: str) -> str:
    """An address for a header or an envelope; a domain in another script is written as DNS has it.

    Raises ValueError for what can be neither.
    """
    local, _at, domain = spec.rpartition("@")
    if not (local and domain and local.isascii()):
        raise ValueError(f"{spec!r} is no address for a header")
    return Address(username=local, domain=domain.encode("idna").decode("ascii")).addr_spec


@lru_cache(maxsize=8)
def _sender(sender: str) -> str:
    return _mailbox("From", *parseaddr(sender))


def _mailbox(header: str, name: str, spec: str) -> str:
    address = address_on_the_wire(spec)
    shown = _header(name)
    return formataddr((shown, address)) if _is_plain(shown) else f"{_encoded(header, shown)}\r\n <{address}>"


def _part(content: str, subtype: Literal["plain", "html"]) -> str:
    """One form of the letter, quoted-printable: it passes any relay, and its text can be read as it stands."""
    body = binascii.b2a_qp(content.encode(), istext=True).decode("ascii").replace("\n", "\r\n")
    return f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{body}'
