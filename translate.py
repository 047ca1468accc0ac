"""Brings the catalogues in locales/ up to date with the texts that the sources mark; run by `make catalogue`."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import write_po
from jinja2.ext import babel_extract

from catalogues import LOCALES, read_catalogue
from command_line import OneLineParser
from core.coach.advising.library import ADVICE
from core.letters.digest_sentences import sentences_in
from core.letters.prose import words_of

ROOT = Path(__file__).resolve().parent
KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "n_": (1, 2), "p_": ((1, "c"), 2)}  # of core/catalogue.py
HEADER = """# XP Tracker's texts in {language}: below each English text its translation.
# `make catalogue` adds what is new and takes out what is gone; names in braces and marks stay as they are.
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
LEFT_OUT = ("tests/", "benchmarks/", "docs/", "static/", "requirements")


def python_texts(
    lines: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: object = None
) -> Iterator[tuple[int, str, Any, list[str]]]:
    """An extraction method of Babel's for Python that also looks into f-strings, where a call may stand in a text."""
    calls = [node for node in ast.walk(ast.parse(lines.read())) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        words = [word.value for word in call.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        if isinstance(call.func, ast.Name) and call.func.id in keywords and words:
            yield call.lineno, call.func.id, words[0] if len(words) == 1 else tuple(words), []


def words_texts(
    lines: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: object = None
) -> Iterator[tuple[int, str, str, list[str]]]:
    """An extraction method of Babel's for the prose of letters, in which the words of every line are a text."""
    for number, line in enumerate(lines.read().decode().splitlines(), start=1):
        if words := words_of(line)[1]:
            yield number, "_", words, []


def digest_texts(
    lines: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: object = None
) -> Iterator[tuple[int, str, str, list[str]]]:
    """An extraction method of Babel's for the sentences of the digest, each of which is a text."""
    for sentence in sentences_in(tomllib.load(lines)):
        yield 0, "_", sentence, []


def advice_texts(
    lines: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: object = None
) -> Iterator[tuple[int, str, tuple[str, str], list[str]]]:
    """An extraction method of Babel's for the coach's advice: the plain tone, the reasons, tips and questions.

    Those of a retired piece, too: who was given it still reads it.
    """
    body = tomllib.load(lines)
    for part in (*body.get("advice", ()), *body.get("tip", ()), *body.get("question", ())):
        for key in ("plain", "because", "text"):
            if key in part:
                yield 0, "p_", (ADVICE, part[key]), []


# How the texts of a file are found, by its name.
HOW: dict[str, Callable[..., Any]] = {
    "*.py": python_texts,
    "*.html": babel_extract,
    "*.txt": babel_extract,
    "*.words": words_texts,
    "templates/digest.toml": digest_texts,
    "templates/advice/*.toml": advice_texts,
}


def sources() -> list[Path]:
    """The files whose texts are marked, by name."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    names = [name for name in listed.stdout.splitlines() if not name.startswith(LEFT_OUT)]
    known = [Path(name) for name in sorted(names) if any(Path(name).match(pattern) for pattern in HOW)]
    return [file for file in known if (ROOT / file).exists()]


def marked() -> Catalog:
    """Every text that the sources mark, in the order of files and lines."""
    found = Catalog(charset="utf-8")
    for file in sources():
        for message, context in _texts(file):
            found.add(message, locations=[(file.as_posix(), 0)], context=context)
    return found


def _texts(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    how = next(method for pattern, method in HOW.items() if file.match(pattern))
    with (ROOT / file).open("rb") as lines:
        for _, message, _, context in extract(how, lines, KEYWORDS, options={"encoding": "utf-8"}):
            yield message, context


def update(file: Path) -> Catalog:
    """Bring one catalogue up to date; nothing is guessed, and what the sources no longer say is taken out."""
    kept = read_catalogue(file)
    kept.update(marked(), no_fuzzy_matching=True, update_creation_date=False)
    kept.obsolete.clear()
    name = kept.locale.english_name if kept.locale else file.stem
    header = HEADER.format(language=name, code=file.stem, plurals=kept.plural_forms)
    with file.open("wb") as lines:
        lines.write(header.encode())
        write_po(lines, kept, width=0, include_lineno=False, omit_header=True)
    return kept


def untranslated(texts: Catalog) -> list[str]:
    """The texts that a catalogue has no translation for, or not every plural form of."""
    return [forms_of(message.id)[0] for message in texts if message.id and not all(forms_of(message.string))]


def forms_of(text: Any) -> list[str]:
    """The forms of a text or of its translation: one, or one for each plural; one empty one where there is none."""
    return list(text) if isinstance(text, list | tuple) else [text or ""]


def main() -> None:
    """Every catalogue there is, and in one line each how far it is."""
    OneLineParser(prog="translate.py", description=__doc__).parse_args()
    for file in sorted(LOCALES.glob("*.po")):
        texts = update(file)
        print(f"locales/{file.name}: {len(texts)} texts, {len(untranslated(texts))} without a translation")  # noqa: T201


if __name__ == "__main__":
    main()
