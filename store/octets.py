"""Documents as JSON octets, with where each habit's completions stand: those that did not change are copied over."""

from __future__ import annotations

from codecs import BOM_UTF8
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json, to_json

Body = dict[str, Any]
Span = tuple[int, int]  # where something begins, and behind its end


def octets_of(body: Any) -> bytes:
    """A document as it is stored."""
    return to_json(body)


def parsed_json(octets: bytes) -> Any:
    """What JSON says; an editor may have put a byte order mark before it. Raises ValueError."""
    return from_json(octets.removeprefix(BOM_UTF8))


@dataclass(frozen=True)
class Written:
    """A person's document twice: as octets and parsed. Completions in it are replaced, never changed in place.

    `spans` says where in the octets a habit's completions stand, for the habits of which that is known.
    """

    octets: bytes
    body: Body
    spans: dict[str, Span] = field(default_factory=dict)


def written_after(before: Written, body: Body) -> Written:
    """What `octets_of` makes of a body; a habit's completions that are the very object of `before` are copied."""
    known, there = before.body.get("completions"), memoryview(before.octets)
    spans, pieces, at = dict[str, Span](), list[bytes | memoryview](), 0

    def add(piece: bytes | memoryview) -> None:
        nonlocal at
        pieces.append(piece)
        at += len(piece)

    add(b"{")
    for n, (name, part) in enumerate(body.items()):
        add(b"," if n else b"")
        if name != "completions" or not isinstance(part, dict) or not isinstance(known, dict):
            add(_member(name, part))
            continue
        add(b'"completions":{')
        for k, (habit_id, days) in enumerate(part.items()):
            add(b"," if k else b"")
            begin, is_as_it_was = at, habit_id in before.spans and known.get(habit_id) is days
            add(there[slice(*before.spans[habit_id])] if is_as_it_was else _member(habit_id, days))
            spans[habit_id] = begin, at
        add(b"}")
    add(b"}")
    return Written(b"".join(pieces), dict(body), spans)


def _member(name: str, value: Any) -> bytes:
    """A name and its value as they stand in an object."""
    return octets_of({name: value})[1:-1]
