"""What the coach has found for a person's day: findings, advice and remarks, kept for the letters of that day."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from advice_pool import beliefs_for
from core.advice import Library, Piece, fitting, parse_library
from core.catalogue import language_of, speaking
from core.coach.keeping import Step, next_step
from core.coach.remarks import MOST_REMARKS, challenges, strengths
from core.coach.standing import Look, look_at
from core.history import as_of
from core.models import Habit, User
from core.patterns import Finding
from core.progress import today_of
from storage import Store

ADVICE = Path(__file__).parent / "templates" / "advice"
BESIDE_THE_RECORD = {"icon", "color", "small", "goal", "group", "planned", "note_until", "rate_until"}
MOST_KEPT = 12  # pieces of advice for the letters of a day: those said lately are passed over


@cache
def library() -> Library:
    """The coach's advice. Raises ValueError for an entry that is wrong."""
    return parse_library({file.name: file.read_text(encoding="utf-8") for file in sorted(ADVICE.glob("*.toml"))})


def look_now(user: User, now: datetime) -> Look:
    """The person as known at an instant: record, evidence, findings and states."""
    return look_at(as_of(user, now), today_of(user, now))


@dataclass(frozen=True)
class Found:
    """What an analysis found that a letter of the day may bring: findings, advice that fits, ranked, and remarks."""

    findings: list[Finding]
    pieces: list[Piece]
    strengths: list[str]
    challenges: list[str]
    is_away: bool
    step: Step | None


def found_on(known: User, today: date, *, store: Store | None = None) -> Found:
    """What the night's analysis kept in `store`, as long as plans and profile are what they were.

    What it did not keep is found now, and kept there.
    """
    found = kept(store, known, today) if store else None
    if found is None:
        with speaking(known.locale):
            found = found_in(look_at(known, today), store=store)
        if store:
            keep(store, known, today, found)
    return found


def fitting_to(look: Look, *, store: Store | None = None) -> list[Piece]:
    """All that may be said to a person, in the order of what helped others; without a store in the editor's."""
    worth = beliefs_for(store, look.today).worth_to(look.user.user_id, look.today) if store else None
    return fitting(library(), look.user, look.record, look.findings, look.states, worth, look.seen)


def found_in(look: Look, *, store: Store | None = None) -> Found:
    """What letters may bring of what there is to see."""
    pieces, step = fitting_to(look, store=store)[:MOST_KEPT], next_step(look.record, look.states)
    remarks = strengths(look)[:MOST_REMARKS], challenges(look)[:MOST_REMARKS]
    return Found(look.findings, pieces, *remarks, look.seen.is_away, step)


_FOUND = TypeAdapter(Found)


def keep(store: Store, user: User, today: date, found: Found) -> None:
    """Keep what was found until the next night, so that no letter waits for an analysis."""
    habits = {habit.id: _of_habit(user, habit) for habit in user.habits}
    whole = _FOUND.dump_python(found, mode="json")
    body = {"day": today.isoformat(), "of": _of_whom(user), "habits": habits, "found": whole}
    store.cache(f"found/{user.user_id}", body)


def standing(store: Store, user: User, today: date) -> list[Finding]:
    """The night's findings about habits that are what they were, whatever else was changed since."""
    body = store.cached(f"found/{user.user_id}")
    found = _read(body) if body and body.get("day") == today.isoformat() else None
    if body is None or found is None:
        return []
    then = body.get("habits", {})
    same = {habit.id for habit in user.habits if then.get(habit.id) == _of_habit(user, habit)}
    return [one for one in found.findings if same.issuperset(one.habits)]


def kept(store: Store, user: User, today: date) -> Found | None:
    """What the night's analysis found, None when there was none, or when plans or profile are others since."""
    body = store.cached(f"found/{user.user_id}")
    if body is None or (body.get("day"), body.get("of")) != (today.isoformat(), _of_whom(user)):
        return None
    return _read(body)


def _read(body: Mapping[str, Any]) -> Found | None:
    try:
        return _FOUND.validate_python(body.get("found"))
    except ValidationError:  # kept by another version
        return None


def _of_habit(user: User, habit: Habit) -> str:
    """A digest of all that findings about one habit depend on besides its days."""
    parts = habit.model_dump_json(exclude=BESIDE_THE_RECORD) + user.model_dump_json(include={"pauses", "locale"})
    profile = user.coaching_profile
    return _digest(parts + f"{profile.timezone} {profile.day_ends_at} {language_of(user.locale)}")


def _of_whom(user: User) -> str:
    """A digest of all that findings and advice depend on besides the days themselves, their language with it."""
    parts = user.model_dump_json(include={"habits", "pauses", "coaching_profile", "locale"})
    parts += language_of(user.locale)
    return _digest(parts)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
