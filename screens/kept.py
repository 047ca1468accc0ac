"""What was worked out of a record is kept for as long as the facts it stands on have not changed, habit by habit."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from threading import Lock

from core.documents import are_same
from core.models import User
from core.progress import HabitRecord, Record, today_of

PEOPLE_MOST = 256  # kept at once


@dataclass(frozen=True)
class KeptRecord(Record):
    """A record that takes over from an earlier one of the same person what still holds."""

    earlier: KeptRecord | None = None

    @cached_property
    def habits(self) -> list[HabitRecord]:
        """As `Record.habits`; a habit whose plan, pauses and entries are as they were is the very one of before."""
        before = {one.habit.id: one for one in self.earlier.habits} if self.earlier else {}
        return [_unless_changed(before.get(one.habit.id), one) for one in super().habits]

    @cached_property
    def perfect_days(self) -> frozenset[date]:
        """As `Record.perfect_days`: where only entries changed, their days alone are looked at anew."""
        touched = self._touched()
        if self.earlier is None or touched is None:
            return super().perfect_days
        now = {day for day in touched if day <= self.today and self.is_perfect(day)}
        return frozenset((self.earlier.perfect_days - touched) | now)

    def _touched(self) -> set[date] | None:
        """The days whose entries are others than in the earlier record; None when more has changed than entries."""
        if self.earlier is None or len(self.earlier.habits) != len(self.habits):
            return None
        days: set[date] = set()
        for old, new in zip(self.earlier.habits, self.habits, strict=True):
            if old is new:
                continue
            if not _is_asked_alike(old, new):
                return None
            days |= _differing(old, new)
        return days


class KeptRecords:
    """The newest record of each person looked at last; the entries in it are those that the store keeps anyway."""

    def __init__(self, most: int = PEOPLE_MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, KeptRecord] = OrderedDict()
        self._lock = Lock()

    def record(self, user: User, now: datetime) -> KeptRecord:
        """The person's record as it stands at an instant; equal to `record_of(user, now)` in all it says."""
        with self._lock:
            earlier = self._kept.pop(user.user_id, None)
        record = KeptRecord(user, today_of(user, now), earlier)
        _ = record.perfect_days  # worked out now: after this nothing asks for the earlier record
        object.__setattr__(record, "earlier", None)
        with self._lock:
            self._kept[user.user_id] = record
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return record


def _unless_changed(old: HabitRecord | None, new: HabitRecord) -> HabitRecord:
    if old is None or not _is_asked_alike(old, new) or not are_same(old.entries, new.entries):
        return new
    vars(old)["entries"] = new.entries  # equal, and from here on the very ones that the next reader brings
    return old


def _is_asked_alike(old: HabitRecord, new: HabitRecord) -> bool:
    return (old.habit, old.paused, old.today) == (new.habit, new.paused, new.today)


def _differing(old: HabitRecord, new: HabitRecord) -> set[date]:
    before, after = old.entries, new.entries
    gone = before.keys() - after.keys()
    return gone | {day for day, entry in after.items() if before.get(day) is not entry and before.get(day) != entry}


RECORDS = KeptRecords()  # of this process; whoever asks brings the document that was read
