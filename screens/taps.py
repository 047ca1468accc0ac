"""What a person taps on the grid, read from the browser and recorded in one writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal, get_args

from core import recording
from core.models import Completion, User
from core.progress import today_of
from core.recording import RecordingError
from core.schedule import is_done
from storage import Store

SLIP = timedelta(minutes=1)  # a tick of today taken back and set again within it is the same tick

Act = Literal["tick", "untick", "skip", "unskip", "value", "note", "edit"]
Before = dict[tuple[str, date], Completion | None]
Removed = dict[tuple[str, date], tuple[Completion, datetime]]


@dataclass(frozen=True)
class Tap:
    """One tap of a person: an absolute state of one habit on one day, numbered in the order of tapping."""

    sequence: int
    habit: str
    day: date
    act: Act
    value: float | str | None = None


def read_taps(sent: object) -> list[Tap]:
    """What the browser sent, as taps; what is none is left out: it comes from outside."""
    return [tap for raw in (sent if isinstance(sent, list) else []) if (tap := _read_tap(raw)) is not None]


def _read_tap(raw: object) -> Tap | None:
    if not isinstance(raw, dict) or raw.get("act") not in get_args(Act) or not isinstance(raw.get("seq"), int):
        return None
    try:
        day = date.fromisoformat(str(raw.get("day")))
    except ValueError:
        return None
    value = raw.get("value")
    fits = isinstance(value, str) if raw["act"] == "note" else isinstance(value, int | float) or raw["act"] != "value"
    return Tap(raw["seq"], str(raw.get("habit")), day, raw["act"], value) if fits else None


@dataclass
class Outcome:
    """What became of taps: the days as they were before, the sentences of those refused, the habit to edit."""

    before: Before = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    edit: str | None = None


def record_taps(
    store: Store, user_id: str, taps: list[Tap], removed: Removed, *, now: datetime, tz: tzinfo | None
) -> Outcome:
    """Record every tap in its order, all in one writing; one that is refused leaves the others as they are.

    `removed` is kept up to date: what these taps took back, so that a slip of the finger costs no hour and no note.
    """
    outcome = Outcome()
    with store.edit(user_id) as user:
        for tap in taps:
            if tap.act == "edit":
                outcome.edit = tap.habit
                continue
            key, before = (tap.habit, tap.day), user.completions.get(tap.habit, {}).get(tap.day)
            try:
                apply_tap(user, tap, now=now, tz=tz)
                _mind_slips(user, tap, before, removed, now)
            except RecordingError as error:
                outcome.refused.append(str(error))
            else:
                outcome.before.setdefault(key, before)
    return outcome


def _mind_slips(user: User, tap: Tap, before: Completion | None, removed: Removed, now: datetime) -> None:
    """Remember what was unticked; ticked again, it is back as it was (today only if that was at once)."""
    key = (tap.habit, tap.day)
    if tap.act == "untick" and before is not None and not before.skip:
        removed[key] = (before, now)
    elif tap.act == "tick" and before is None and key in removed:
        entry, when = removed.pop(key)
        if is_done(user.habit(tap.habit), entry, tap.day) and (tap.day < today_of(user, now) or now - when <= SLIP):
            recording.put_back(user, tap.habit, tap.day, entry)


def apply_tap(user: User, tap: Tap, *, now: datetime, tz: tzinfo | None) -> None:
    """One tap on the document. Raises RecordingError."""
    if tap.act == "tick":
        recording.tick(user, tap.habit, tap.day, now=now, tz=tz)
    elif tap.act == "untick":
        recording.untick(user, tap.habit, tap.day, now=now)
    elif tap.act == "skip":
        recording.skip(user, tap.habit, tap.day, now=now)
    elif tap.act == "unskip":
        recording.unskip(user, tap.habit, tap.day, now=now)
    elif tap.act == "note":
        recording.write_note(user, tap.habit, tap.day, str(tap.value), now=now)
    elif tap.act == "value":
        assert isinstance(tap.value, int | float)
        recording.tick(user, tap.habit, tap.day, now=now, value=tap.value, tz=tz)
