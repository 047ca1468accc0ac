"""Tables of text: every cell as it is written, whatever a spreadsheet has made of the separators."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pandas as pd

from core.catalogue import N_, _
from importing.refusal import CELLS, COLUMNS, ROWS, ImportRefused, check_limit


def cells(text: str, separator: str, name: str, first_row: int = 1) -> pd.DataFrame:
    """Every cell as text, blank rows left out; the index is the row number that a spreadsheet shows.

    Raises ImportRefused for what is no table, is empty, or has more than is read.
    """
    rows = text.count("\n") + 1
    check_limit(rows, ROWS, N_("rows"), name)
    width = max(map(len, rows_of(text, separator, name)), default=0)
    check_limit(width, COLUMNS, N_("columns"), name)  # each is gone through on its own
    check_limit(rows * width, CELLS, N_("cells"), name)
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=range(width),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _no_table(name, error) from None
    frame = frame.fillna("").apply(lambda column: column.str.strip())
    frame.index += first_row
    kept: pd.DataFrame = frame.loc[(frame != "").any(axis=1)]
    if kept.empty:
        raise _no_table(name, _("it is empty"))
    return kept


def rows_of(text: str, separator: str, name: str) -> Iterator[list[str]]:
    """The rows, quotes resolved. Raises ImportRefused."""
    try:
        yield from csv.reader(io.StringIO(text), delimiter=separator)
    except csv.Error as error:
        raise _no_table(name, error) from None


def _no_table(name: str, error: object) -> ImportRefused:
    return ImportRefused(
        _("{name} cannot be read as a table ({error}); export it again").format(name=name, error=str(error).strip())
    )


def separator_of(text: str) -> str:
    """The sign between the first two cells: a spreadsheet may have made it a semicolon or a tab."""
    found = re.search(r"[,;\t]", text.partition("\n")[0])
    return found[0] if found else ","


def by_row(texts: pd.Series[str]) -> dict[int, str]:
    """A column's cells by row number."""
    return dict(zip(texts.index, texts, strict=True))
