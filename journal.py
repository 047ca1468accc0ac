"""A record that only grows: a file of JSON lines, each added whole and durably or not at all, also on a full disk."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

Body = dict[str, Any]

# Octets kept free behind the last line. They are allocated, so how a letter ended can be written on a full disk
# (overwriting in place worked on ext4 where temporary file and rename met ENOSPC).
ROOM = 512
FULL = (errno.ENOSPC, errno.EDQUOT)


def begun(body: Body) -> bytes:
    """The content of a new record: its first line, and room behind it."""
    return _line(body) + b"\n" * ROOM


def read(path: Path) -> Body:
    """The record as its lines make it, a later one over an earlier. Raises FileNotFoundError, OSError, ValueError."""
    return _parsed(path.read_bytes())[0]


def add(path: Path, body: Body) -> None:
    """Add one line and return when it is on the disk. Raises OSError, and then the record stands as it stood."""
    line = _line(body)
    descriptor = os.open(path, os.O_RDWR)
    try:
        _, lines, end = _parsed(os.read(descriptor, os.fstat(descriptor).st_size))
        try:
            _write(descriptor, line + b"\n" * ROOM, end)
        except OSError as error:
            if error.errno not in FULL or len(line) > ROOM:
                raise
            _write(descriptor, line.ljust(ROOM, b"\n"), end)
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
    if lines == 1:  # the name of the file was not made durable when it began
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _parsed(content: bytes) -> tuple[Body, int, int]:
    """(record, number of lines, octet behind the last one). What a crash cut off at the end does not count."""
    body: Body = {}
    lines = end = at = 0
    torn: ValueError | None = None
    for raw in content.rstrip(b"\n").split(b"\n"):
        if raw:
            try:
                line = json.loads(raw)
            except ValueError as error:
                torn = error
            else:
                if torn is not None or not isinstance(line, dict):
                    raise torn or ValueError("a line holds no document")
                body |= line
                lines, end = lines + 1, at + len(raw) + 1
        at += len(raw) + 1
    if not lines:
        raise torn or ValueError("it is empty")
    return body, lines, end


def _write(descriptor: int, content: bytes, offset: int) -> None:
    written = 0
    while written < len(content):
        written += os.pwrite(descriptor, content[written:], offset + written)
