"""Runs the programs as a person does: a process of its own, on a data folder of its own."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
from contextlib import ExitStack
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from tempfile import TemporaryFile
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parent.parent
# Everything is imported once: each process is a fork of one that does nothing else.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.workers", "manage", "scheduler_service"])


def environment(folder: Path, **settings: object) -> dict[str, str]:
    """This process's environment with the settings of a test, and none of the machine's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XP_")}
    return kept | {"XP_DATA_DIR": str(folder)} | {name: str(value) for name, value in settings.items()}


def begin(process: ForkServerProcess) -> None:
    """Start a process that runs its target alone, and not this one's main module first, which may be any script."""
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main


def run(
    program: str, *arguments: object, folder: Path, text: str | None = None, **settings: object
) -> subprocess.CompletedProcess[str]:
    """A program's run to its end, in a fork of a process that has imported what the programs import."""
    command = [program, *(str(argument) for argument in arguments)]
    with ExitStack() as stack:
        files = [stack.enter_context(TemporaryFile("w+", encoding="utf-8")) for _ in range(3)]
        files[0].write(text or "")
        files[0].seek(0)
        streams = tuple(DupFd(file.fileno()) for file in files)
        process = FORKS.Process(target=_become, args=(command, environment(folder, **settings), streams))
        begin(process)
        process.join()
        for file in files[1:]:
            file.seek(0)
        return subprocess.CompletedProcess(command, process.exitcode or 0, files[1].read(), files[2].read())


def _become(command: list[str], variables: dict[str, str], streams: tuple[Any, ...]) -> None:
    """In the new process: run a program as if it had been started so."""
    for descriptor, stream in enumerate(streams):
        os.dup2(stream.detach(), descriptor)
    sys.stdin = open(0, closefd=False, encoding="utf-8")  # noqa: SIM115 multiprocessing has closed it
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = command
    runpy.run_path(command[0], run_name="__main__")


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line
