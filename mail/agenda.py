"""Who has to be looked at when, so that a tick costs what is due and what changed; the files decide what is done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush

from core.models import User
from storage import Store, StoreError

# A clock that jumped by more than this, back or ahead, is not believed: everybody is looked at again.
BACK_MOST, AHEAD_MOST = timedelta(minutes=5), timedelta(days=1)

NextVisit = Callable[[User, datetime], datetime | None]


class Agenda:
    """When one job next has something to do for each person: kept in memory to save work, and no more than that.

    After a start, and when the clock has jumped, everybody is due; otherwise those whose moment has come and those
    whose document has changed.
    """

    def __init__(self, store: Store, next_visit: NextVisit) -> None:
        self._store = store
        self._next_visit = next_visit
        self._changes = store.changes()
        self._moments: dict[str, datetime] = {}
        self._queue: list[tuple[datetime, str]] = []
        self._last: datetime | None = None

    def close(self) -> None:
        """Follow the changes no more."""
        self._changes.close()

    def due(self, now: datetime) -> list[str]:
        """The ids of those to be looked at now."""
        changed = self._changes.since_last()
        last, self._last = self._last, now
        if last is None or not last - BACK_MOST <= now <= last + AHEAD_MOST:
            self._moments, self._queue = {}, []
            return self._store.user_ids()
        while self._queue and self._queue[0][0] <= now:
            at, user_id = heappop(self._queue)
            if self._moments.get(user_id) == at:
                changed.add(user_id)
        return sorted(changed)

    def seen(self, user_id: str, now: datetime) -> None:
        """A person was looked at: note when to look again."""
        try:
            at = self._next_visit(self._store.read(user_id), now)
        except StoreError:  # gone, or not readable: a change brings them back
            at = None
        if at is None:
            self._moments.pop(user_id, None)
            return
        self._moments[user_id] = at
        heappush(self._queue, (at, user_id))
