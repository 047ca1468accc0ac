"""Ids made of names: what a person can read in a file, and nothing else in the document uses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from core.models import User

SLUG_MOST = 40  # characters, before a number is added


def slug(name: str, otherwise: str) -> str:
    """A name as lower-case ASCII letters, digits and single hyphens, or `otherwise` when nothing of it is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_MOST].strip("-") or otherwise


def free_id(name: str, taken: Collection[str]) -> str:
    """A habit's id that is not taken: `read-20-pages`, `read-20-pages-2`."""
    base = slug(name, "habit")
    numbered = (base if n == 1 else f"{base}-{n}" for n in range(1, len(taken) + 2))
    return next(candidate for candidate in numbered if candidate not in taken)


def used_ids(user: User) -> set[str]:
    """Every habit id that something in the document speaks of, also what an earlier habit left behind."""
    paused = {pause.habit for pause in user.pauses if pause.habit is not None}
    return {habit.id for habit in user.habits} | user.completions.keys() | paused
