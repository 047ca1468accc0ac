"""Who is on the week's leaderboard, found without looking at everybody: one small file in cache/ a person who chose it.

The documents alone decide: each standing is worked out anew once its document was written, so whoever leaves is gone
at the next look. All of it can be made anew: a note that is missing comes back at the person's own next look or night.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

from core.models import User
from core.progress import today_of
from core.together import Place, Standing, places, standing
from storage import Body, Store, StoreError

NOTES = "together"  # the folder in cache/


def note(store: Store, user: User) -> None:
    """Keep, or take out, the note that a person chose to be seen."""
    if not user.coaching_profile.leaderboard:
        _path(store, user.user_id).unlink(missing_ok=True)
    elif not _path(store, user.user_id).exists():
        store.cache(f"{NOTES}/{user.user_id}", {})


def board(store: Store, monday: date, now: datetime, *, viewer: str) -> list[Place]:
    """Everybody's places in the week that begins on `monday`; reads only documents written since it was last asked."""
    found = []
    for user_id in _noted(store):
        one = _standing(store, user_id, monday, now)
        if one is not None:
            found.append((one, user_id == viewer))
    return places(found)


def _noted(store: Store) -> list[str]:
    return sorted(path.stem for path in (store.folder / "cache" / NOTES).glob("*.json"))


def _standing(store: Store, user_id: str, monday: date, now: datetime) -> Standing | None:
    """What is kept for the document as it stands; else worked out, and kept."""
    version, week = repr(store.version(user_id)), monday.isoformat()
    kept = store.cached(f"{NOTES}/{user_id}") or {}
    if kept.get("version") == version and week in kept.get("weeks", {}):
        return _read(kept["weeks"][week])
    try:
        user = store.read(user_id)
    except StoreError:  # gone, or not readable: not on the board
        _path(store, user_id).unlink(missing_ok=True)
        return None
    if not user.coaching_profile.leaderboard:
        note(store, user)
        return None
    if today_of(user, now) < monday:  # not begun where they are; true for hours only
        return None
    one = standing(user, monday, now)
    weeks = kept.get("weeks", {}) if kept.get("version") == version else {}
    store.cache(f"{NOTES}/{user_id}", {"version": version, "weeks": {**weeks, week: asdict(one) if one else None}})
    return one


def _read(body: Body | None) -> Standing | None:
    try:
        return Standing(**body) if body else None
    except TypeError:  # kept by another version
        return None


def _path(store: Store, user_id: str) -> Path:
    return store.folder / "cache" / NOTES / f"{user_id}.json"
