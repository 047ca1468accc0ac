"""Runs the programs as a person does: a process of its own, on a data folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """This process's environment with the settings of a test, and none of the machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XP_")}
    return kept | {"XP_DATA_DIR": str(folder)} | {name: str(value) for name, value in settings.items()}


def run(
    program: str, *arguments: object, folder: Path, text: str | None = None, **settings: object
) -> subprocess.CompletedProcess[str]:
    """A program's run to its end."""
    return subprocess.run(
        [sys.executable, program, *(str(argument) for argument in arguments)],
        cwd=ROOT,
        env=environment(folder, **settings),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line
