"""Processes that share a store with a test: `python -m tests.workers WHAT FOLDER …`. They say when they are ready."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from core.models import Completion
from ledger import Ledger, Owner
from storage import JsonFiles, open_store
from tests.cast import day
from tests.programs import ROOT

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
LETTER = "digest-2026-11-22"
TICKS, LETTERS = 60, 40


def tick(folder: Path, habit: str) -> None:
    """Tick one habit on many days, each in an edit of its own."""
    store = open_store(folder)
    for n in range(TICKS):
        with store.edit("ana-3f9a1c") as user:
            user.entries(habit)[day(n)] = Completion(at=None)


def edit(folder: Path) -> None:
    """Write the document over and over until killed."""
    store = open_store(folder)
    for n in count(1):
        with store.edit("ana-3f9a1c") as user:
            user.display_name = f"Ana {n}" * 1000
        if n == 1:
            say("writing")


def claim_all(folder: Path) -> None:
    """Claim every letter at a word, say how many were won, and hold them until another word."""
    ledger = Ledger(JsonFiles(folder), Owner(folder / "owners"))
    say("waiting")
    sys.stdin.readline()
    say(str(sum(ledger.claim("ana", f"drip-{n}", now=NOW, went=None) for n in range(LETTERS))))
    sys.stdin.readline()


def hold(folder: Path, until: str) -> None:
    """Claim one letter, go up to the final dot or not, and stay there until killed."""
    ledger = Ledger(JsonFiles(folder), Owner(folder / "owners"))
    ledger.claim("ana", LETTER, now=NOW, went=None)
    if until == "dot":
        ledger.mark_dot("ana", LETTER)
    say("holding")
    signal.pause()


WORK: dict[str, Callable[..., None]] = {"tick": tick, "edit": edit, "claim_all": claim_all, "hold": hold}


def say(word: str) -> None:
    print(word, flush=True)


@contextmanager
def worker(what: str, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A worker of its own process; killed with the block if it still runs."""
    command = [sys.executable, "-m", "tests.workers", what, str(folder), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def heard(process: subprocess.Popen[str]) -> str:
    """The next line that a worker says; nothing when it has died."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: subprocess.Popen[str]) -> None:
    """The word that a worker waits for."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


if __name__ == "__main__":
    WORK[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
