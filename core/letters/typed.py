"""What a person typed, made fit for a letter: on one line, cut between characters, never taken for a marker."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Everything that some program takes for the end of a line or cannot encode.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
SKIN_TONES = range(0x1F3FB, 0x1F400)
JOINER = "\u200d"
# Stands before what a person typed, so that it is never taken for a marker: a code point that Unicode
# keeps for use inside a program and that no text may hold (https://www.unicode.org/faq/private_use.html#nonchar1).
GUARD = "\ufdd0"


def one_line(text: str) -> str:
    """What was typed, on one line, without what no mail program prints."""
    return text if text.isprintable() else UNPRINTABLE.sub(" ", text)


def guarded(text: str) -> str:
    """What was typed, with a guard wherever prose looks for a marker or a divider (`core.letters.prose`)."""
    typed = one_line(text).replace(GUARD, "").strip(" ")
    return GUARD + typed.replace("|", f"|{GUARD}") if typed else ""


def unguarded(text: str) -> str:
    """Text as it is shown, once its markers are read."""
    return text.replace(GUARD, "").strip(" ")


def _joins_before(text: str, at: int) -> bool:
    """Whether the code point there is seen as one character with the one before (the main rules of UAX 29)."""
    joins = unicodedata.category(text[at])[0] == "M" or ord(text[at]) in SKIN_TONES or text[at] == JOINER
    return joins or text[at - 1] == JOINER


def clip(text: str, most: int) -> str:
    """The text, or its first words and an ellipsis, `most` in all; no character is cut apart, nor a short word."""
    if len(text) <= most:
        return text
    at = most - 1
    while at > 1 and _joins_before(text, at):
        at -= 1
    words = text[: at + 1].rpartition(" ")[0]  # up to the last space, which may follow the last word that fits
    return (words if 5 * len(words) > 3 * at else text[:at]).rstrip(" ,;:-–—(") + "…"


@lru_cache(maxsize=4096)
def isolated(name: str) -> str:
    """A name for a sentence: one that is read from right to left leaves the order of what stands around it alone."""
    turns = any(unicodedata.bidirectional(character) in ("R", "AL") for character in name)
    return f"\u2068{name}\u2069" if turns else name


def ended_once(sentence: str) -> str:
    """A sentence whose last word was cut: the ellipsis is its full stop."""
    return sentence.replace("….", "…")


def initial(name: str) -> str:
    """The first character of a name as it is seen, in capitals: what stands for an icon."""
    end = 1
    while end < len(name) and _joins_before(name, end):
        end += 1
    return name[:end].upper()
