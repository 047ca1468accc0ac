"""What a person taps on the grid, read from the browser and recorded in one writing, each tap once."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from threading import Lock
from typing import Generic, Literal, TypeVar, get_args

from core import recording
from core.catalogue import speaking
from core.models import Completion, User
from core.progress import today_of
from core.recording import RecordingError
from core.schedule import is_done
from storage import Store

SLIP = timedelta(minutes=1)  # a tick of today taken back and set again within it is the same tick
AGE_MOST = timedelta(days=7)  # a tap that a page without connection kept for longer counts as made when it comes
ID_MOST = 64  # characters
PAGES_MOST = 2000  # open pages whose mended days are remembered
HEARD_PEOPLE, HEARD_EACH = 2000, 300  # people, and the newest taps of each, that are known when they come again
HEARD_NOTES = "taps"  # the folder in cache/ that tells the next process what this one has heard

Act = Literal["tick", "untick", "skip", "unskip", "value", "note", "edit", "page"]
Before = dict[tuple[str, date], Completion | None]
Removed = dict[tuple[str, date], tuple[Completion, datetime]]


@dataclass(frozen=True)
class Tap:
    """One tap of a person: an absolute state of one habit on one day, numbered in the order of tapping.

    `id` is the page's own name for it, the same however often it is sent; `age` is how long the page has kept it.
    """

    sequence: int
    habit: str
    day: date
    act: Act
    value: float | str | None = None
    id: str = ""
    age: timedelta = timedelta()


def read_taps(sent: object) -> list[Tap]:
    """What the browser sent, as taps; what is none is left out: it comes from outside."""
    return [tap for raw in (sent if isinstance(sent, list) else []) if (tap := _read_tap(raw)) is not None]


def _read_tap(raw: object) -> Tap | None:
    if not isinstance(raw, dict) or raw.get("act") not in get_args(Act) or not isinstance(raw.get("seq"), int):
        return None
    try:
        day = date.fromisoformat(str(raw.get("day")))
        value = _read_value(raw["act"], raw.get("value"))
    except (ValueError, OverflowError):
        return None
    return Tap(raw["seq"], str(raw.get("habit")), day, raw["act"], value, _read_id(raw), _read_age(raw.get("age")))


def _read_value(act: Act, value: object) -> float | str | None:
    """The words of a note, or a number. Raises ValueError, and OverflowError for more than a number can be."""
    if act == "note" and isinstance(value, str):
        return _whole(value)
    if act == "value" and isinstance(value, int | float):
        float(value)
        return value
    if act in ("note", "value"):
        raise ValueError(f"{value!r} goes with no {act}")
    return None


def _read_id(raw: dict[str, object]) -> str:
    return _whole(str(raw.get("id") or "")[:ID_MOST])


def _whole(text: str) -> str:
    """A text of whole characters: a field that is full may cut an emoji in half, and half of one cannot be stored."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _read_age(milliseconds: object) -> timedelta:
    is_number = isinstance(milliseconds, int | float) and math.isfinite(milliseconds)
    if not is_number or not 0 <= milliseconds <= AGE_MOST / timedelta(milliseconds=1):  # type: ignore[operator]
        return timedelta()
    return timedelta(milliseconds=milliseconds)  # type: ignore[arg-type]


@dataclass
class Outcome:
    """What became of taps: the days as they were before, sentences of those refused, the habit to edit or to show."""

    before: Before = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    edit: str | None = None
    page: str | None = None
    user: User | None = None  # the document as it stands then


def record_taps(
    store: Store,
    user_id: str,
    taps: list[Tap],
    removed: Removed,
    *,
    now: datetime,
    tz: tzinfo | None,
    heard: dict[str, None] | None = None,
) -> Outcome:
    """Record every tap in its order, all in one writing; one that is refused leaves the others as they are.

    Why one is refused is said in the person's language.
    `removed` is kept up to date: what these taps took back, so that a slip of the finger costs no hour and no note.
    So is `heard`: a tap whose id is in it has been recorded, and its answer was lost.
    """
    outcome, heard = Outcome(), {} if heard is None else heard
    with store.edit(user_id) as user, speaking(user.locale):
        for tap in taps:
            if not tap.id or tap.id not in heard:
                _record_one(user, tap, outcome, removed, now, tz)
    # Not before all is on the disk: what is known as heard is lost if it is not recorded.
    heard.update((tap.id, None) for tap in taps if tap.id)
    outcome.user = user
    return outcome


def _record_one(user: User, tap: Tap, outcome: Outcome, removed: Removed, now: datetime, tz: tzinfo | None) -> None:
    if tap.act == "edit":
        outcome.edit = tap.habit
        return
    if tap.act == "page":
        outcome.page = tap.habit
        return
    key, before = (tap.habit, tap.day), user.completions.get(tap.habit, {}).get(tap.day)
    if before is not None and _was_made_between(before, now - tap.age + SLIP, now):
        return  # the page kept this tap while there was no connection: what was done later elsewhere stands
    try:
        apply_tap(user, tap, now=now - tap.age, tz=tz)
        _mind_slips(user, tap, before, removed, now - tap.age)
        _mind_delay(user, tap, before, now)
    except RecordingError as error:
        outcome.refused.append(str(error))
    else:
        outcome.before.setdefault(key, before)


def _was_made_between(entry: Completion, first: datetime, last: datetime) -> bool:
    return any(isinstance(made, datetime) and first < made <= last for made in (entry.at, entry.recorded))


def _mind_delay(user: User, tap: Tap, before: Completion | None, now: datetime) -> None:
    """A tick of its own day that came after that day was over was not known before it came."""
    entry = user.completions.get(tap.habit, {}).get(tap.day)
    if (
        tap.age
        and entry is not None
        and entry is not before
        and entry.recorded is None
        and tap.day < today_of(user, now)
    ):
        body = entry.model_dump(exclude_unset=True) | {"recorded": now}
        user.entries(tap.habit)[tap.day] = Completion.model_validate(body)


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


# --- what a page has tapped, while this process runs, and which taps of a person are recorded, also after it

T = TypeVar("T")


class Newest(Generic[T]):
    """Something for each key, made when it is first asked for; of many keys the newest are kept."""

    def __init__(self, make: Callable[[], T], most: int) -> None:
        self._make, self._most = make, most
        self._kept: OrderedDict[object, T] = OrderedDict()
        self._lock = Lock()

    def of(self, key: object) -> T:
        """What is kept for a key."""
        with self._lock:
            value = self._kept.pop(key) if key in self._kept else self._make()
            self._kept[key] = value
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return value


@dataclass
class Sitting:
    """What one open page has unticked, and which earlier days it has mended, as they were before."""

    removed: Removed = field(default_factory=dict)
    mended: Before = field(default_factory=dict)


SITTINGS: Newest[Sitting] = Newest(Sitting, PAGES_MOST)  # by person and page
HEARD: Newest[dict[str, None]] = Newest(dict, HEARD_PEOPLE)  # by person


def hear_taps(store: Store, user_id: str, page: str, taps: list[Tap], *, now: datetime, tz: tzinfo | None) -> Outcome:
    """Record the taps of one open page, each once however often it is sent, and note which past days they mend."""
    sitting, heard = SITTINGS.of((user_id, page)), HEARD.of(user_id)
    known = _heard_elsewhere(store, user_id)
    heard.update(dict.fromkeys(known))
    outcome = record_taps(store, user_id, taps, sitting.removed, now=now, tz=tz, heard=heard)
    if new := [tap.id for tap in taps if tap.id and tap.id not in known]:
        _tell_elsewhere(store, user_id, [*known, *new])
    assert outcome.user is not None
    today = today_of(outcome.user, now)
    for (habit, day), entry in outcome.before.items():
        if day < today:
            sitting.mended.setdefault((habit, day), entry)
    for old in _oldest(heard, len(heard) - HEARD_EACH):
        heard.pop(old, None)
    return outcome


def _heard_elsewhere(store: Store, user_id: str) -> list[str]:
    """The newest taps that any process has recorded: this one before its restart, or another."""
    heard = (store.cached(f"{HEARD_NOTES}/{user_id}") or {}).get("heard")
    return [tap_id for tap_id in heard if isinstance(tap_id, str)] if isinstance(heard, list) else []


def _tell_elsewhere(store: Store, user_id: str, heard: list[str]) -> None:
    with suppress(OSError):  # they are recorded all the same
        store.cache(f"{HEARD_NOTES}/{user_id}", {"heard": heard[-HEARD_EACH:]})


def _oldest(heard: Iterable[str], n: int) -> list[str]:
    return [tap_id for _, tap_id in zip(range(n), list(heard), strict=False)]
