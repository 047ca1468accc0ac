"""Every text that the sources mark is translated, and says the same with the same names and marks."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from streamlit.testing.v1 import AppTest

import translate
from catalogues import LOCALES, find_catalogues, read_catalogue
from core import catalogue
from core.catalogue import N_, _, language_of, n_, p_, speaking
from routes.letter_pages import gone
from routes.middleware import wanted_language
from screens import language as tab
from storage import open_store
from tests.screens_cast import lived, look_at

LANGUAGES = find_catalogues()
MARKS = re.compile(r"</?\w+[^>]*>|\*\*|`")  # of HTML and Markdown
PLACES = re.compile(r"\{(?!(?:is_are|it|all_of_it)\})(\w*)[^}]*\}")  # all but those of English grammar in the digest
TEXTS = {language: read_catalogue(LOCALES / f"{language}.po") for language in LANGUAGES}


def translations() -> list[tuple[str, Message]]:
    return [(language, message) for language, texts in TEXTS.items() for message in texts if message.id]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_marked_text_and_no_other(language):
    marked = {(message.id, message.context) for message in translate.marked()}
    assert {(message.id, message.context) for message in TEXTS[language]} == marked
    assert not TEXTS[language].obsolete


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_in_every_plural_form_and_none_is_a_guess(language):
    assert translate.untranslated(TEXTS[language]) == []
    for message in TEXTS[language]:
        if isinstance(message.id, tuple):
            assert len(translate.forms_of(message.string)) == TEXTS[language].num_plurals
        assert message.id == "" or not message.fuzzy


def test_a_translation_has_the_same_names_in_braces_and_the_same_marks():
    for language, message in translations():
        ids, strings = translate.forms_of(message.id), translate.forms_of(message.string)
        is_prose = all(file.endswith(".words") for file, _ in message.locations)  # see test_letters_in_languages.py
        for text, translated in zip(ids, strings, strict=True):
            assert is_prose or sorted(PLACES.findall(translated)) == sorted(PLACES.findall(text)), (language, text)
            assert sorted(MARKS.findall(translated)) == sorted(MARKS.findall(text)), (language, text)


def test_a_translation_begins_and_ends_as_its_text_does():
    for language, message in translations():
        ids, strings = translate.forms_of(message.id), translate.forms_of(message.string)
        for text, translated in zip(ids, strings, strict=True):
            assert (translated[:1].isspace(), translated[-1:].isspace()) == (text[:1].isspace(), text[-1:].isspace())
            assert translated[-1:] == text[-1:] or not {translated[-1:], text[-1:]} & set(".?!:…"), (language, text)


def test_bringing_a_catalogue_up_to_date_changes_nothing_when_it_is(tmp_path):
    for language in LANGUAGES:
        copy = tmp_path / f"{language}.po"
        copy.write_bytes((LOCALES / copy.name).read_bytes())
        translate.update(copy)
        assert copy.read_text(encoding="utf-8") == (LOCALES / copy.name).read_text(encoding="utf-8")


def calls(file: Path) -> list[ast.Call]:
    names = set(translate.KEYWORDS)
    tree = ast.parse((translate.ROOT / file).read_text(encoding="utf-8"))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names
    ]


PYTHON = [file for file in translate.sources() if file.suffix == ".py"]


def test_a_marked_text_is_written_out():
    for file in PYTHON:
        for call in calls(file):
            for argument in call.args:
                assert not isinstance(argument, ast.JoinedStr | ast.BinOp), f"{file}:{call.lineno}"


def test_where_texts_are_translated_nothing_else_has_that_name():
    for file in PYTHON:
        tree = ast.parse((translate.ROOT / file).read_text(encoding="utf-8"))
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if any(alias.name == "_" for node in imports for alias in node.names):
            names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "_"]
            assert [node.lineno for node in names if isinstance(node.ctx, ast.Store)] == [], file
            assert not [n for n in ast.walk(tree) if isinstance(n, ast.arg) and n.arg == "_"], file


def test_a_text_is_said_in_the_language_in_force():
    marked = N_("Today")
    assert _(marked) == "Today"
    with speaking("de_AT"):
        assert _(marked) == "Heute"
        with speaking("en-GB"):
            assert _(marked) == "Today"
        assert _("what no catalogue has") == "what no catalogue has"
        assert p_("nowhere", "Today") == "Today"
    assert n_("{n} thing", "{n} things", 2) == "{n} things"


def test_a_language_is_spoken_only_where_it_is_offered(monkeypatch):
    monkeypatch.setattr(catalogue, "OFFERED", ("en",))
    with speaking("de"):
        assert _("Today") == "Today"
    assert language_of("zz") == language_of("") == "en"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de-DE"),
        ("en-GB, de;q=0.5", "en-GB"),
        ("fr, de;q=0.3, en;q=0.2", "de"),
        ("de;q=0, fr", "en"),
        ("", "en"),
        ("de;q=so", "en"),
    ],
)
def test_a_browser_is_answered_in_the_first_of_its_languages_that_is_spoken(header, language):
    assert wanted_language(header) == language


def _sign_in_page() -> None:
    from accounts.access import Accounts  # Streamlit runs the source of this function alone
    from screens import language
    from screens.sign_in import _draw_side, _draw_sign_in
    from settings import read_settings
    from storage import open_store

    language.speak("de-DE")
    _draw_side()
    _draw_sign_in(Accounts(open_store(read_settings().data_dir)), None)


def test_whoever_is_not_signed_in_reads_the_browsers_language(tmp_path, monkeypatch):
    monkeypatch.setenv("XP_DATA_DIR", str(tmp_path))
    at = AppTest.from_function(_sign_in_page, default_timeout=20).run()
    assert not at.exception
    assert [field.label for field in at.text_input] == ["E-Mail-Adresse", "Passwort"]
    assert any("Mit der Adresse und dem Passwort deines Kontos." in block.value for block in at.html)


def test_the_form_of_the_profile_is_german_and_what_it_keeps_is_not(tmp_path):
    store, now = open_store(tmp_path), datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
    user = lived(20, now)
    user.coaching_profile.biggest_obstacle = "Time"
    store.create(user)
    at = look_at("profile", store, user, now)
    at.session_state[tab.LOCALE] = "de"
    at.run()
    assert not at.exception
    goals = at.get("button_group")[0]
    assert any("Kreativität" in option.content for option in goals.proto.options)
    assert store.read(user.user_id).coaching_profile.life_goals == ["Creativity"]
    assert any("Deine sieben Antworten" in block.value for block in at.html)


def test_a_page_behind_a_link_is_written_in_the_language_in_force():
    with speaking("de"):
        shown = bytes(gone().body).decode()
    assert '<html lang="de">' in shown
    assert "Dieses Konto gibt es nicht mehr" in shown
    assert '<html lang="en">' in bytes(gone().body).decode()
