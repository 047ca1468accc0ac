"""What the commands have in common: a complaint in one line, and instants as arguments."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import NoReturn

from core.values import FIRST_INSTANT, LAST_INSTANT


class OneLineParser(argparse.ArgumentParser):
    """A parser whose complaint is one line that names the input."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` shows how\n")


def instant(text: str) -> datetime:
    """An instant in ISO 8601 with its offset, for the command line."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not FIRST_INSTANT <= moment < LAST_INSTANT:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not an instant of our times with its offset, write it like 2026-11-22T20:00:00+00:00"
        )
    return moment


def trouble_with_files(error: OSError) -> str:
    """One sentence for a file that could not be read or written."""
    return f"{error.filename or 'the data folder'} cannot be used ({error.strerror}); mend that, or set XP_DATA_DIR"
