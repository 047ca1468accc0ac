"""A record that only grows: a file of JSON lines, each added whole and durably or not at all, also on a full disk."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from store.lanes import lock_file, waiting

Body = dict[str, Any]

# Octets kept free behind the last line. They are allocated, so how a letter ended can be written on a full disk
# (overwriting in place worked on ext4 where temporary file and rename met ENOSPC).
ROOM = 512
FULL = (errno.ENOSPC, errno.EDQUOT)


def begin(path: Path | str, body: Body, *, is_durable: bool = True) -> bool:
    """Begin a record with its first line, and room behind it; False where it has begun.

    It is whoever writes the first line while holding the file's lock that began it, so a file without any is as though
    it were not there: its process died, or the disk was full. What is not durable is so from the second line on.
    Raises FileNotFoundError where the folder is missing, OSError.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        lock_file(descriptor)
        if not is_blank(_whole(descriptor)):
            return False
        try:
            write(descriptor, _line(body) + b"\n" * ROOM)
            if is_durable:
                with waiting():
                    os.fsync(descriptor)
                    sync_folder(os.path.dirname(path))
        except OSError:
            os.ftruncate(descriptor, 0)
            raise
        return True
    finally:
        os.close(descriptor)


def is_blank(octets: bytes) -> bool:
    """Whether no line was begun; a loss of power may leave zeros."""
    return not octets.strip(b"\n\0")


def parsed(octets: bytes) -> Body:
    """The record as its lines make it, a later one over an earlier. Raises ValueError."""
    return _parsed(octets)[0]


def content(path: Path | str) -> bytes:
    """All octets of a file. Raises FileNotFoundError, OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return _whole(descriptor)
    finally:
        os.close(descriptor)


def write(descriptor: int, octets: bytes, offset: int = 0) -> None:
    """Write all of it. Raises OSError."""
    written = 0
    while written < len(octets):
        written += os.pwrite(descriptor, octets[written:], offset + written)


@contextmanager
def edited(path: Path | str) -> Iterator[Body]:
    """Hold the record, and add what the block puts into it as one line, on the disk when this ends.

    The file is never replaced, so it is its own lock. Raises FileNotFoundError for one that has not begun, ValueError;
    and OSError, after which the record stands as it stood.
    """
    descriptor = os.open(path, os.O_RDWR)
    try:
        lock_file(descriptor)
        octets = _whole(descriptor)
        if is_blank(octets):
            raise FileNotFoundError(path)
        body, lines, end = _parsed(octets)
        before = dict(body)
        yield body
        changed = {name: value for name, value in body.items() if before.get(name, ...) != value}
        if changed:
            with waiting():
                _add(descriptor, _line(changed), end)
                if lines == 1:  # the name of the file was perhaps not made durable when it began
                    sync_folder(os.path.dirname(path))
    finally:
        os.close(descriptor)


def _add(descriptor: int, line: bytes, end: int) -> None:
    try:
        write(descriptor, line + b"\n" * ROOM, end)
    except OSError as error:
        if error.errno not in FULL or len(line) > ROOM:
            raise
        write(descriptor, line.ljust(ROOM, b"\n"), end)
    with waiting():
        os.fdatasync(descriptor)


def sync_folder(folder: Path | str) -> None:
    """Return when the names in a folder are on the disk."""
    with waiting():
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def is_same_file(descriptor: int, path: Path | str) -> bool:
    """Whether an open file is still the one that has this name."""
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _line(body: Body) -> bytes:
    return to_json(body) + b"\n"


def _parsed(content: bytes) -> tuple[Body, int, int]:
    """(record, number of lines, octet behind the last one). What a crash cut off at the end does not count."""
    body: Body = {}
    lines = end = at = 0
    torn: ValueError | None = None
    for raw in content.rstrip(b"\n").split(b"\n"):
        if raw:
            try:
                line = from_json(raw)
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


def _whole(descriptor: int) -> bytes:
    """All that is in an open file: one octet more is asked for than there are, so that the end shows at once."""
    parts: list[bytes] = []
    asked = os.fstat(descriptor).st_size + 1
    while part := os.read(descriptor, asked):
        parts.append(part)
        if len(part) < asked:
            break
    return b"".join(parts)
