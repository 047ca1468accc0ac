"""The catalogues of the app's texts: one file a language in locales/, edited by people, read as it stands."""

from __future__ import annotations

from functools import partial
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from core import catalogue

LOCALES = Path(__file__).resolve().parent / "locales"


def find_catalogues(folder: Path = LOCALES) -> list[str]:
    """Let every language be spoken that has a file; which ones these are."""
    files = sorted(folder.glob("*.po"))
    for file in files:
        catalogue.learn(file.stem, partial(_texts, file))
    return [file.stem for file in files]


def read_catalogue(file: Path) -> Catalog:
    """A language's texts. Raises PoFileError, which names the line."""
    with file.open("rb") as lines:
        return read_po(lines, locale=file.stem, abort_invalid=True)


def _texts(file: Path) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(file))
    compiled.seek(0)
    return GNUTranslations(compiled)
