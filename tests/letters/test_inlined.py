from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader, Environment, StrictUndefined, nodes
from jinja2.exceptions import UndefinedError

from core.letters.inlined import macros_of, with_macros_inlined
from mail import letter_forms

PIECES = """
{% macro plain(text, above=12, quiet=false) %}
<p {{ above ~ "px" }}>{{ text }}{% if quiet %}, quietly{% endif %}</p>
{% endmacro %}
{% macro empty() %}{% endmacro %}
{% macro twice(items) %}{% for text in items %}{{ plain(text, loop.index) }}{% endfor %}{% endmacro %}
{% macro named(text) %}{% set shown = "(" ~ text ~ ")" %}{{ shown }}{{ plain(shown, quiet=true) }}{% endmacro %}
{% macro box(above=1) %}{% set shown = "box" %}<div {{ above }} {{ shown }}>{{ caller() }}</div>{% endmacro %}
"""
USES = """{% import "pieces" as p %}
{{ p.plain(text) }}{{ p.plain(text, 3, quiet=dense) }}{{ p.plain(above=shown, text="<") }}{{ p.twice([text, shown]) }}
{{ p.named(text) if dense }}{{ p.named("a" ~ text) }}{{ text }}{{ p.empty() }}
{% for shown in [text, above] %}
{% call p.box() %}
{{ shown }}{{ above }}{% call p.box(above=shown) %}{{ loop.index }}{{ above }}{{ p.named(shown) }}{% endcall %}
{% endcall %}
{% endfor %}{{ shown }}"""


class Inlining(Environment):
    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        pieces = macros_of(super()._parse(PIECES, "pieces", None))
        parsed = with_macros_inlined(self, super()._parse(source, name, filename), pieces, "p")
        assert isinstance(parsed, nodes.Template)
        return parsed


CALLED = Environment(loader=DictLoader({"pieces": PIECES}), autoescape=True).from_string(USES)
INLINED = Inlining(loader=DictLoader({}), autoescape=True).from_string(USES)


@given(st.text(), st.text(), st.integers(0, 9), st.booleans())
def test_what_is_inlined_reads_as_what_is_called(text: str, shown: str, above: int, dense: bool) -> None:
    facts = {"text": text, "shown": shown, "above": above, "dense": dense}
    assert INLINED.render(facts) == CALLED.render(facts)


@pytest.mark.parametrize("call", ["p.plain()", "p.plain(1, 2, 3, 4)", "p.plain(1, size=2)", "p.plain(*[1])"])
def test_a_call_that_does_not_fit_its_macro_is_refused_as_it_loads(call: str) -> None:
    with pytest.raises(TypeError, match="plain takes text, above, quiet"):
        Inlining().from_string(f"{{{{ {call} }}}}")


def test_a_call_where_it_cannot_be_inlined_is_refused_as_it_loads() -> None:
    with pytest.raises(TypeError, match="p stands where its macros cannot be inlined"):
        Inlining().from_string("{{ p.plain(p.plain(1)) }}")


def test_what_a_macro_is_given_must_be_known() -> None:
    environment = Inlining(undefined=StrictUndefined)
    with pytest.raises(UndefinedError, match="'missing' is undefined"):
        environment.from_string("{{ p.plain(missing) }}").render()


@pytest.mark.parametrize("name", sorted(path.name for path in letter_forms.TEMPLATES.glob("*.html")))
def test_no_letter_calls_a_piece_while_it_is_drawn(name: str) -> None:
    html = letter_forms.forms_in("en").html
    if name not in (letter_forms.PIECES, "page.html", "foot.html"):
        code = str(html.compile(Path(letter_forms.TEMPLATES, name).read_text(encoding="utf-8"), name, raw=True))
        assert not re.search(r"resolve\('p'\)|macro\('p'|\bcaller\b", code)
