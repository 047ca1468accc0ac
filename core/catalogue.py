"""What the app says in the language in force: English as it stands in the sources, or what a catalogue has for it.

`_` and `n_` translate at once. A text that is written down when a module loads is marked with `N_`, which changes
nothing, and translated with `_` where it is shown. Whatever changes in a text stands in braces and is put in after
that: `_("{done} of {due} done").format(…)`. What is stored is never a translated text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from gettext import NullTranslations

ENGLISH = "en"
OFFERED = (ENGLISH,)  # to people; another language joins when every text has it, so that nobody reads half of each

Reader = Callable[[], NullTranslations]

_in_force: ContextVar[str] = ContextVar("locale in force", default="")
_readers: dict[str, Reader] = {}
_asked: list[Callable[[], str]] = []


def learn(language: str, read: Reader) -> None:
    """Let a language be spoken; its texts are read when the first of them is said."""
    _readers[language] = read


def ask(locale: Callable[[], str]) -> None:
    """Where nothing says which language is in force, take that of the locale that this answers."""
    _asked[:] = [locale]


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Say everything in the language of a locale, within the block and what it calls."""
    before = _in_force.set(locale)
    try:
        yield
    finally:
        _in_force.reset(before)


def language_of(locale: str) -> str:
    """The language that somebody with a locale like `de`, `de_AT` or `de-CH` is spoken to in."""
    language = _code_of(locale)
    return language if is_offered(language) else ENGLISH


@lru_cache(maxsize=256)
def _code_of(locale: str) -> str:
    return locale.replace("-", "_").partition("_")[0].lower()


def is_offered(language: str) -> bool:
    """Whether people are spoken to in it."""
    return language == ENGLISH or (language in OFFERED and language in _readers)


def language() -> str:
    """The language in force."""
    return language_of(_in_force.get() or (_asked[0]() if _asked else ENGLISH))


def _(message: str) -> str:
    """A text in the language in force."""
    return _texts(language()).gettext(message) if message else ""  # gettext keeps its header under no text


def n_(one: str, many: str, n: int) -> str:
    """The form of a text that goes with a number."""
    return _texts(language()).ngettext(one, many, n)


def p_(context: str, message: str) -> str:
    """A text that is said in several ways, by what it stands for."""
    return _texts(language()).pgettext(context, message)


def within(title: str) -> str:
    """A translated title as it stands within a sentence: English writes it small there, German does not."""
    return title.lower() if language() == ENGLISH else title


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Mark a text for the catalogue; it is translated where it is shown."""
    return message


@cache
def _texts(language: str) -> NullTranslations:
    return _readers[language]() if language in _readers else NullTranslations()
