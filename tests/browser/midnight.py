"""Zones whose midnight is moments away: what a day's end does can be seen by the real clock."""

from __future__ import annotations

import struct
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

ABBREVIATION = b"XPT\0"


@contextmanager
def zone_of(offset: timedelta, folder: Path) -> Iterator[str]:
    """The name of a zone that is ahead of UTC by `offset` to the second, kept as a file (RFC 8536, version 1) in a
    `folder` that the app looks for zones in as well."""
    seconds = round(offset.total_seconds())
    name = f"Moments/{'Ahead' if seconds >= 0 else 'Behind'}_{abs(seconds)}"
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, len(ABBREVIATION))  # one type of local time, and no change of it
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"TZif" + bytes(16) + counts + struct.pack(">lBB", seconds, 0, 0) + ABBREVIATION)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([str(folder), *before])
    try:
        yield name
    finally:
        zoneinfo.reset_tzpath(before)
