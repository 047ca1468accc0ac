"""What everybody's outcomes and answers add up to, kept in cache/: all of it can be made anew from the documents."""

from __future__ import annotations

from datetime import date, timedelta

from core.coach.advising.beliefs import NOTHING_LEARNED, Beliefs, Pool
from storage import Body, Store

POOLS = "advice-pools"
DAYS_KEPT = 8
# The person's day begins up to 14 hours before the one in UTC, so only a pool two days older stands all day for all.
STANDS_AFTER = timedelta(days=2)


def contribute(store: Store, user_id: str, pool: Pool) -> None:
    """Keep what one person adds, in place of what they added before."""
    store.cache(f"advice-pool/{user_id}", pool.as_json())


def add_up(store: Store, day: date) -> None:
    """Once a day (UTC) add up what everybody has contributed so far."""
    kept = store.cached(POOLS) or {}
    if day.isoformat() in kept:
        return
    whole = Pool()
    for user_id in store.user_ids():
        whole += _read(store.cached(f"advice-pool/{user_id}"))
    newest = sorted({**kept, day.isoformat(): whole.as_json()}.items())[-DAYS_KEPT:]
    store.cache(POOLS, dict(newest))


def beliefs_for(store: Store, today: date) -> Beliefs:
    """What is believed on a person's day; the same all day long, whatever is learned meanwhile."""
    kept, last = store.cached(POOLS) or {}, (today - STANDS_AFTER).isoformat()
    newest = max((day for day in kept if day <= last), default=None)
    return Beliefs(_read(kept[newest])) if newest else NOTHING_LEARNED


def _read(body: Body | None) -> Pool:
    """The pool of a cache; an empty one where there is none, or none that this version can read."""
    try:
        return Pool.from_json(body) if body else Pool()
    except (KeyError, TypeError, ValueError, AttributeError):
        return Pool()
