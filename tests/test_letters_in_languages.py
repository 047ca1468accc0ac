"""The prose of letters in every language with a catalogue: a line a line, of the same kind, about the same facts."""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Message
from jinja2 import meta

import letters
import translate
from catalogues import LOCALES, find_catalogues, read_catalogue
from core import catalogue
from core.letters.prose import MARKERS, translated, words_of

LANGUAGES = find_catalogues()
PROSE = sorted(letters.TEMPLATES.glob("drip/*.words"))


def lines() -> list[tuple[str, Message]]:
    """Every language's translated lines of prose."""
    catalogues = ((language, read_catalogue(LOCALES / f"{language}.po")) for language in LANGUAGES)
    return [
        (language, message)
        for language, texts in catalogues
        for message in texts
        if message.id and message.string and any(file.endswith(".words") for file, _ in message.locations)
    ]


def names_in(source: str) -> set[str]:
    return meta.find_undeclared_variables(letters._WORDS.parse(source))


def test_the_words_of_a_line_stand_behind_its_mark_and_what_steers_has_none() -> None:
    assert words_of("Lead: {{ habit }} is in.") == ("Lead: ", "{{ habit }} is in.")
    assert words_of("-> {{ habit }}, {{ next_time }}: go.") == ("-> ", "{{ habit }}, {{ next_time }}: go.")
    assert words_of('{{ "It" if a else "They" }} came.') == ("", '{{ "It" if a else "They" }} came.')
    for line in ('{% if goal == "Creativity" %}', "", "> {{ why_now }}", "^ {{ column.count }} | {{ column.hour }}"):
        assert words_of(line) == (line, "")


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.stem)
def test_every_line_of_prose_is_a_text_of_the_catalogue_and_nothing_else_changes(file) -> None:
    source, said = file.read_text(encoding="utf-8"), []
    assert translated(source, lambda words: said.append(words) or words) == source
    with file.open("rb") as opened:
        assert [words for _, _, words, _ in translate.words_texts(opened, (), ())] == said


def test_a_translated_line_is_one_line_without_a_mark_of_its_own() -> None:
    for language, message in lines():
        assert "\n" not in message.string, (language, message.id)
        assert message.string.count(" | ") == message.id.count(" | "), (language, message.id)
        assert not message.string.startswith(tuple(MARKERS)), (language, message.id)


def test_a_translated_line_tells_nothing_that_its_letter_does_not_know() -> None:
    known = {file.name: names_in(letters._WORDS.loader.get_source(letters._WORDS, f"drip/{file.name}")[0])
             for file in PROSE}  # fmt: skip
    for language, message in lines():
        for file, _ in message.locations:
            unknown = names_in(message.string) - known[file.rpartition("/")[2]] - names_in(message.id)
            assert not unknown, (language, message.id)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_letter_is_a_template_of_its_own_in_a_language(language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "OFFERED", (catalogue.ENGLISH, language))
    for file in PROSE:
        source = letters._forms.__wrapped__(language).words.get_template(f"drip/{file.name}")
        assert source.name == f"drip/{file.name}"
        english = letters._WORDS.get_template(f"drip/{file.name}")
        assert english is letters._WORDS.get_template(f"drip/{file.name}")


def test_what_a_template_marks_is_text_when_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "OFFERED", (catalogue.ENGLISH, "de"))
    source = '{{ _("Today") }} & {{ _("Profile") if a else p_("nowhere", "<1>") }}'
    for language, said in (("en", "Today & Profile"), ("de", "Heute & Profil")):
        forms = letters._forms.__wrapped__(language)
        assert forms.html.from_string(source).render(a=1) == forms.text.from_string(source).render(a=1) == said
        assert "'_'" not in re.sub(r"\s", "", str(forms.html.compile(source, raw=True)))
    assert letters._forms("en").html.from_string(source).render(a=0).endswith("&lt;1&gt;")
