"""Documents checked where they changed: entries that are stored as they were are neither checked nor written anew."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from threading import Lock
from typing import Any

from core.frozen import Frozen
from core.localtime import iso
from core.models import Completion, Entries, User

Body = dict[str, Any]
Days = dict[date, Completion]
KNOWN_MOST = 256  # people whose entries are kept in memory, about 1 kB an entry


class Documents:
    """Checks documents, and remembers the entries of those it checked last.

    Entries count as unchanged when what is stored of them is equal, whenever it was written: nothing here can be out of
    date. A habit's entries are frozen and shared between readers until `User.entries` is asked for them; all else is
    made anew for each reader.
    """

    def __init__(self, known_most: int = KNOWN_MOST) -> None:
        self._most = known_most
        self._known: dict[str, tuple[Body, Entries]] = {}
        self._lock = Lock()

    def checked(self, user_id: str, body: Body) -> User:
        """The document of a body. Raises pydantic.ValidationError."""
        return self.opened(user_id, body)[0]

    def opened(self, user_id: str, body: Body) -> tuple[User, Entries]:
        """The document of a body, to be changed, and its entries as they stand, which nobody can change.

        Readers of unchanged entries get the very same objects. Raises pydantic.ValidationError.
        """
        stored = body.get("completions", {})
        with self._lock:  # two that check one document at once would each have entries of their own
            known, entries = self._known.get(user_id, (None, Entries()))
            if known != stored:
                same = _same_in(stored, known)
                new = {habit_id: days for habit_id, days in stored.items() if habit_id not in same} if same else stored
                user = User.model_validate({**body, "completions": new})
                checked = {habit_id: Frozen(days) for habit_id, days in user.completions.items()}
                entries = {
                    habit_id: entries[habit_id] if habit_id in same else checked[habit_id] for habit_id in stored
                }
                self._remember(user_id, stored, entries)
            else:
                user = User.model_validate({**body, "completions": {}})
        return user.model_copy(update={"completions": dict(entries)}), entries

    def written(self, user_id: str, user: User, body: Body, before: Entries) -> Body:
        """The body to store for a changed document; `before` are the entries as they were `opened` from `body`.

        Raises pydantic.ValidationError for a change that would not validate.
        """
        stored, entries = body.get("completions", {}), user.completions
        same = {
            habit_id
            for habit_id, days in entries.items()
            if habit_id in stored and are_same(days, before.get(habit_id, {}))
        }
        names = {habit_id: list(map(iso, days)) for habit_id, days in entries.items() if habit_id not in same}
        new = {
            habit_id: _not_stored(entries[habit_id], on, before.get(habit_id, {}), stored.get(habit_id, {}))
            for habit_id, on in names.items()
        }
        after = user.model_copy(update={"completions": new}).to_json()
        User.model_validate(after)
        after["completions"] = {
            habit_id: stored[habit_id]
            if habit_id in same
            else _in_order(names[habit_id], {**stored.get(habit_id, {}), **after["completions"][habit_id]})
            for habit_id in entries
        }
        kept = {habit_id: before[habit_id] if habit_id in same else Frozen(days) for habit_id, days in entries.items()}
        with self._lock:
            self._remember(user_id, after["completions"], kept)
        user.completions.update(kept)  # shared from here on, so that whoever looks at it next sees at once what is same
        return after

    def _remember(self, user_id: str, stored: Body, entries: Entries) -> None:
        self._known.pop(user_id, None)
        self._known[user_id] = (stored, entries)
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]


def _same_in(stored: object, known: Body | None) -> set[str]:
    """The habits of which the same is stored as is known."""
    if known is None or not isinstance(stored, dict):
        return set()
    return {habit_id for habit_id, days in stored.items() if habit_id in known and known[habit_id] == days}


def are_same(one: Days, other: Days) -> bool:
    """Whether two habits' entries are equal; at once where they are shared."""
    return one is other or one == other


def _not_stored(days: Days, names: Iterable[str], before: Days, stored: Body) -> Days:
    return {
        day: entry
        for name, (day, entry) in zip(names, days.items(), strict=True)
        if entry is not before.get(day) or name not in stored
    }


def _in_order(names: Iterable[str], known: Body) -> Body:
    return {name: known[name] for name in names}
