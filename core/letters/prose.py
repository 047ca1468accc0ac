"""The prose of a letter: plain text with a marker at the start of a line, read as blocks and laid on cards."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.letters.typed import unguarded

BlockKind = Literal["paragraph", "heading", "quote", "question", "step", "stats", "list", "days", "hours"]
MARKERS: dict[str, BlockKind] = {
    "# ": "heading",
    "> ": "quote",
    "? ": "question",
    "-> ": "step",
    "= ": "stats",
    "- ": "list",
    "~ ": "days",
    "^ ": "hours",
}
LABELLED = {"stats", "days", "hours"}

HEADERS = ("Subject", "Preheader", "Title", "Lead")
MORE_HEADERS = ("Eyebrow",)
# A line without a marker goes on with a line of these kinds.
GOES_ON = {("paragraph", kind) for kind in ("quote", "question", "step", "list")}
STANDS_ALONE = {"question", "step"}
NO_WORDS = re.compile(r"{%.*?%}|{{[^\"]*?}}")  # of a template: what steers it, and what others say


@dataclass(frozen=True)
class Block:
    """A piece of prose: its lines, each with the label that a number, a week or an hour has beside it."""

    kind: BlockKind
    lines: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return " ".join(text for text, _ in self.lines)


@dataclass(frozen=True)
class Prose:
    """A letter's prose, read: its blocks by the card they stand on, and the line below the last card."""

    subject: str
    preheader: str
    title: str
    lead: str
    eyebrow: str
    cards: tuple[tuple[Block, ...], ...]
    closing: str


def read_prose(said: str, name: str = "") -> Prose:
    """A letter's prose: header lines, an empty line, then blocks. What was typed stands in it as `typed.guarded`.

    Raises ValueError, with the `name` of the template, when a header line is missing or unknown.
    """
    head, _, body = said.strip().partition("\n\n")
    headers = {key: value for key, _, value in (line.partition(": ") for line in head.splitlines())}
    missing = [key for key in HEADERS if not headers.get(key)]
    unknown = headers.keys() - {*HEADERS, *MORE_HEADERS}
    if missing or unknown:
        raise ValueError(f"{name}: missing {missing}, unknown {sorted(unknown)} among its header lines")
    known = {key.lower(): unguarded(headers.get(key, "")) for key in (*HEADERS, *MORE_HEADERS)}
    cards, closing = on_cards(read_blocks(body))
    return Prose(**known, cards=cards, closing=closing)


def read_blocks(body: str) -> list[Block]:
    """The blocks of prose: an empty line ends one, a marker begins one, any other line goes on with it."""
    blocks: list[Block] = []
    is_open = False
    for line in body.splitlines():
        if not line.strip():
            is_open = False
            continue
        kind, said = _read_line(line)
        last = blocks[-1] if is_open else None
        is_open = True
        if last is None or last.kind == "heading" or (kind != last.kind and (kind, last.kind) not in GOES_ON):
            blocks.append(Block(kind, (said,)))
        elif last.kind == "list" and kind == "paragraph":
            blocks[-1] = Block("list", (*last.lines[:-1], (f"{last.lines[-1][0]} {said[0]}", "")))
        else:
            blocks[-1] = Block(last.kind, (*last.lines, said))
    return blocks


def _read_line(line: str) -> tuple[BlockKind, tuple[str, str]]:
    marker = next((marker for marker in MARKERS if line.startswith(marker)), "")
    kind = MARKERS.get(marker, "paragraph")
    text, label = line.removeprefix(marker), ""
    if kind in LABELLED:
        text, _, label = text.partition(" | ")
    return kind, (unguarded(text), unguarded(label))


def on_cards(blocks: list[Block]) -> tuple[tuple[tuple[Block, ...], ...], str]:
    """A heading opens a card, a question or a step has one of its own, with the line that leads to it.

    A paragraph after these ends the letter.
    """
    cards: list[list[Block]] = []
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        last = cards[-1][-1] if cards else None
        leads_on = last is not None and (last.kind == "heading" or last.text.endswith(":"))
        leads_to = following is not None and following.kind in STANDS_ALONE and block.text.endswith(":")
        opens = leads_to or block.kind == "heading" or block.kind in STANDS_ALONE
        if last is None or (not leads_on and (opens or last.kind in STANDS_ALONE)):
            cards.append([block])
        else:
            cards[-1].append(block)
    closing = ""
    if len(cards) > 1 and cards[-2][-1].kind in STANDS_ALONE and [block.kind for block in cards[-1]] == ["paragraph"]:
        closing = cards.pop()[0].text
    return tuple(map(tuple, cards)), closing


def words_of(line: str) -> tuple[str, str]:
    """A line of a template of prose: its header's key or its marker, and its words; no words where it has none."""
    marks = (*(f"{key}: " for key in (*HEADERS, *MORE_HEADERS)), *MARKERS)
    mark = next((mark for mark in marks if line.startswith(mark)), "")
    words = line.removeprefix(mark)
    return (mark, words) if any(map(str.isalpha, NO_WORDS.sub("", words))) else (line, "")


def translated(template: str, translate: Callable[[str], str]) -> str:
    """A template of prose with the words of each line translated; an expression in them is a part of the words."""
    lines = (words_of(line) for line in template.split("\n"))
    return "\n".join(mark + (translate(words) if words else "") for mark, words in lines)
