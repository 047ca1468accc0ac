"""The templates of letters: one environment for each form and language; what is fixed is written in as they load."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from core.catalogue import ENGLISH, _, n_, p_, speaking
from core.letters.colours import COLOURS, HERO_GRADIENT, PERFECT_GRADIENT, colour_classes
from core.letters.inlined import Macros, macros_of, with_macros_inlined
from core.letters.prose import translated
from core.letters.typed import clip, guarded, initial, one_line

TEMPLATES = Path(__file__).parent.parent / "templates"
PIECES = "parts.html"


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
    """Puts the translation of a fixed text in place of the call that asks for it."""

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
    """Puts includes in their place and prose into its language as a template loads, so that no letter pays for it."""

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
    """No indentation and no empty lines in what is sent; the address of a link, its own in each letter, is a line."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        dense = re.sub(r"(?m)^[ \t]+|[ \t]+$|^\n", "", source)
        return re.sub(r'<a (href="{{[^"]*}}")', r"<a\n\1\n", dense)


class _KnownAtLoad(NodeTransformer):
    """Puts our constants in place of their names; `css(…)` becomes a filter, which Jinja computes once if it can."""

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
    """Calls `finalize` (which makes HTML) and what a template calls directly, without Jinja's wrappers between."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
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
class Forms:
    """The templates of one language: of letters as text and as HTML, and of prose."""

    text: Environment
    words: Environment
    html: Environment


@cache
def forms_in(language: str) -> Forms:
    """The templates of a language, each compiled once, when it is first asked for."""
    return Forms(
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


_ENGLISH = forms_in(ENGLISH)
_HEAD_CSS, _HOOKS_CSS, _INLINE_CSS = (
    re.sub(r"\n+", "\n", _ENGLISH.text.get_template(f"{name}.css").render()).strip()
    for name in ("head", "hooks", "inline")
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
_SQUARE = _ENGLISH.html.get_template("square.html").module.square  # type: ignore[attr-defined]


@cache
def template(form: Environment, name: str) -> Template:
    """A template of one form. Raises jinja2.TemplateNotFound."""
    return form.get_template(name)
