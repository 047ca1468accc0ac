"""Whose documents were written, by any process: from the list that every writer keeps, and from the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from store.journal import is_same_file

CHECKED_IN = 60  # questions until every file was looked at: an hour of ticks


class Changes:
    """Whose documents were written, without looking at everybody: from the list that every writer keeps.

    A writer that dies between document and list, and files put there by hand, are found by a look at some of the
    files with each question, at all of them in CHECKED_IN questions.
    """

    def __init__(self, people: Path, log: Path) -> None:
        self._people = people
        self._log = log
        self._list: BinaryIO | None = None
        self._listed()
        self._written = {name: self._written_at(name) for name in self._names()}
        self._round = self._names()

    def close(self) -> None:
        """Ask no more."""
        self._round = iter(())
        if self._list is not None:
            self._list.close()
            self._list = None

    def since_last(self) -> set[str]:
        """The ids of those changed, or new, since the last question."""
        return self._listed() | self._checked()

    def _listed(self) -> set[str]:
        found: set[str] = set()
        if self._list is not None:
            found |= set(self._list.read().decode().split())
            if not is_same_file(self._list.fileno(), self._log):
                self._list.close()
                self._list = None
        if self._list is None and self._log.exists():
            self._list = self._log.open("rb")
            found |= set(self._list.read().decode().split())
        return found

    def _checked(self) -> set[str]:
        """Those of the next share of files of which one is another than when it was last looked at."""
        share = len(self._written) // CHECKED_IN + 1
        names = list(islice(self._round, share))
        if len(names) < share:
            self._round = self._names()
        return {name.removesuffix(".json") for name in names if self._is_another(name)}

    def _names(self) -> Iterator[str]:
        if self._people.is_dir():
            with os.scandir(self._people) as entries:
                yield from (entry.name for entry in entries if entry.name.endswith(".json"))

    def _is_another(self, name: str) -> bool:
        before, self._written[name] = self._written.get(name), self._written_at(name)
        return before != self._written[name]

    def _written_at(self, name: str) -> int:
        try:
            return os.stat(f"{self._people}/{name}").st_mtime_ns  # noqa: PTH116 a Path for each of 100,000 costs more
        except FileNotFoundError:
            return 0
