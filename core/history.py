"""The document as it was known at an instant: what was recorded later does not exist yet."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from core.models import Completion, User
from core.progress import today_of

SAFELY_BEFORE = timedelta(days=2)  # more than two zones can lie apart: an earlier date on any clock is past


def as_of(user: User, now: datetime) -> User:
    """A copy of the document without what was recorded after `now`; the original is not touched."""
    today = today_of(user, now)
    known = {habit_id: _known(entries, now, today) for habit_id, entries in user.completions.items()}
    insights = user.coaching_insights.model_copy(
        update={
            "announced": [told for told in user.coaching_insights.announced if _day_of(told) <= today],
            "given": [_given_by(given, today) for given in user.coaching_insights.given if _day_of(given) <= today],
            "answers": [answer for answer in user.coaching_insights.answers if _day_of(answer) <= today],
        }
    )
    onboarded = user.onboarded_since()
    profile = user.coaching_profile.model_copy(
        update={"onboarding_complete": onboarded is not None and onboarded <= now}
    )
    return user.model_copy(
        update={
            "completions": known,
            "habits": [habit for habit in user.habits if habit.created_on <= today],
            "coaching_insights": insights,
            "coaching_profile": profile,
        }
    )


def _known(entries: dict[date, Completion], now: datetime, today: date) -> dict[date, Completion]:
    """A copy without what was not known yet."""
    safe = (now - SAFELY_BEFORE).toordinal()
    unsure = [
        day
        for day, entry in entries.items()
        if entry.recorded is not None or (at := entry.at) is None or at.toordinal() >= safe  # dates compare at no cost
    ]
    known = entries.copy()
    for day in unsure:
        if not _is_known(entries[day], day, now, today):
            del known[day]
    return known


def _is_known(entry: Completion, day: date, now: datetime, today: date) -> bool:
    """An entry with no instant of its own was known on its day, as imports are."""
    recorded = entry.recorded
    if recorded is None:
        return entry.at <= now if entry.at is not None else day <= today
    return recorded <= now if isinstance(recorded, datetime) else recorded <= today


def _given_by(given: dict[str, Any], today: date) -> dict[str, Any]:
    """Advice without what came of it, and without its being taken up, if that was later; else the entry itself."""
    later = {
        key
        for key in ("applied", "outcome")
        if isinstance(given.get(key), dict) and given[key].get("day") and _day_of(given[key]) > today
    }
    return {key: value for key, value in given.items() if key not in later} if later else given


def _day_of(item: dict[str, object]) -> date:
    day = item.get("day")
    return date.fromisoformat(str(day)[:10]) if day else date.min
