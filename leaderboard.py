"""Who is on the week's leaderboard, found without looking at everybody: one small file in cache/ a person who chose it.

The documents alone decide: each standing is worked out anew once its document was written, so whoever leaves is gone
at the next look. All of it can be made anew: a note that is missing comes back at the person's own next look or night.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.localtime import week_start
from core.models import User
from core.progress import today_of
from core.together import Place, Standing, places, standing
from storage import Body, Store, StoreError

NOTES = "together"  # the folder in cache/
EACH_MOST = 500  # standings that a look may ask for one by one: some 40 ms
FRESH = timedelta(minutes=5)


def note(store: Store, user: User, *, now: datetime | None = None) -> None:
    """Keep, or take out, the note that a person chose to be seen.

    With `now` the standing of their week is worked out as well: done each night, it spares the first look at a week
    reading everybody.
    """
    if not user.coaching_profile.leaderboard:
        _path(store, user.user_id).unlink(missing_ok=True)
        return
    if not _path(store, user.user_id).exists():
        store.cache(f"{NOTES}/{user.user_id}", {})
    if now is not None:
        _standing(store, user.user_id, week_start(today_of(user, now)), now)


def board(store: Store, monday: date, now: datetime, *, viewer: str) -> list[Place]:
    """Everybody's places in the week that begins on `monday`; reads only documents written since it was last asked.

    Where more than EACH_MOST are noted, those behind the first EACH_MOST are as they were up to FRESH before.
    """
    noted = _noted(store)
    if len(noted) <= EACH_MOST:
        ranked, others = noted, {}
    else:
        kept = _all_of_week(store, noted, monday, now)
        ranked = [*list(kept)[:EACH_MOST], viewer]
        others = {user_id: one for user_id, one in kept.items() if user_id not in ranked}
    looked_at = {user_id: _standing(store, user_id, monday, now) for user_id in ranked}
    found = {**looked_at, **others}
    return places((one, user_id == viewer) for user_id, one in found.items() if one is not None)


def _noted(store: Store) -> list[str]:
    try:
        return sorted(path.stem for path in (store.folder / "cache" / NOTES).iterdir())
    except FileNotFoundError:
        return []


def _all_of_week(store: Store, noted: list[str], monday: date, now: datetime) -> dict[str, Standing]:
    """Everybody's standing by share, at most FRESH old."""
    name = f"{NOTES}-{monday.isoformat()}"
    kept = store.cached(name) or {}
    made = datetime.fromisoformat(kept["made"]) if "made" in kept else datetime.min.replace(tzinfo=UTC)
    if not timedelta() <= now - made < FRESH:
        found = {user_id: one for user_id in noted if (one := _standing(store, user_id, monday, now)) is not None}
        ranked = sorted(found.items(), key=lambda pair: -pair[1].share)
        kept = {"made": now.isoformat(), "standings": {user_id: asdict(one) for user_id, one in ranked}}
        store.cache(name, kept)
    return {user_id: one for user_id, body in kept["standings"].items() if (one := _read(body)) is not None}


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
