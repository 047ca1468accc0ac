"""The ledger: one small record a letter, claimed before it is sent; it alone decides what was sent."""

from __future__ import annotations

import fcntl
import hmac
import os
import secrets
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO
from zlib import crc32

from storage import Body, NotStored, Records, StoreError
from store.journal import sync_folder

State = Literal["claimed", "dot", "retry", "sent", "unknown", "failed", "skipped"]
GONE = "_gone"  # the folder of those who have left; no user id begins so
CUT_OFF = "cut off while handing over"
SETTLED = frozenset({"sent", "unknown", "failed", "skipped"})


class LostClaimError(StoreError):
    """Another scheduler has taken the letter over; it must not be sent by this one."""


def _locked_file(folder: Path) -> tuple[str, TextIO]:
    """A token of its own, and the open file of that name, locked.

    Until it is locked its name begins with a dot: whoever finds it unlocked takes its process for dead and removes it.
    Its process may just be about to lock it, and then begins anew.
    """
    while True:
        token = secrets.token_hex(8)
        unseen = folder / f".{token}"
        file = unseen.open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            unseen.rename(folder / token)
        except FileNotFoundError:
            file.close()
        else:
            return token, file


class Owner:
    """This process as the holder of claims: alive for as long as it holds the lock on a file of its own.

    The kernel lets go of the lock when the process dies, however it dies, so its claims can be taken over at once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._begin()
        for unseen in folder.glob(".*"):
            self.is_alive(unseen.name)  # of who was killed before it had a name: away with it

    def _begin(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.token, self._lock = _locked_file(self.folder)

    def close(self) -> None:
        """Let go of every claim that is still open."""
        (self.folder / self.token).unlink(missing_ok=True)
        self._lock.close()

    def shares(self, user_ids: Collection[str]) -> tuple[list[str], list[str]]:
        """The same people: this process's share of them, and the others', so that schedulers need not race for each.

        Whoever is done with its own helps the others from the ends of theirs, and meets them once.
        """
        mine, count = self.place()
        shares: list[list[str]] = [[] for _ in range(count)]
        for user_id in user_ids:
            shares[(crc32(user_id.encode()) - mine) % count].append(user_id)
        own, *others = shares
        return own, [user_id for share in others for user_id in reversed(share)]

    def place(self) -> tuple[int, int]:
        """(which, of how many) this process is among those that are alive, from 0 on.

        Where its file was deleted, the others take this process for dead: it begins anew, and lets go of its claims.
        """
        if not (self.folder / self.token).exists():
            self._lock.close()
            self._begin()
        owners = (path.name for path in self.folder.iterdir() if not path.name.startswith("."))
        alive = sorted(owner for owner in owners if self.is_alive(owner))
        return alive.index(self.token), len(alive)

    def is_alive(self, token: str) -> bool:
        """Whether the process that holds `token` is still running."""
        if token == self.token:
            return True
        path = self.folder / token
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)


class Ledger:
    """The letters of every person, each under a name such as `digest-2026-11-22` or `drip-7`."""

    def __init__(
        self, records: Records, owner: Owner, *, restored_at: datetime | None = None, secret: bytes = b""
    ) -> None:
        self._records = records
        self._owner = owner
        self._secret = secret
        self.restored_at = restored_at

    def shares(self, user_ids: Collection[str]) -> tuple[list[str], list[str]]:
        """`user_ids` in the order in which this scheduler looks at them: its own, and those that others look at."""
        return self._owner.shares(user_ids)

    def processor(self) -> int:
        """Which processor this scheduler's lanes share: each its own, and other installations' begin at another."""
        return self._owner.place()[0] + crc32(bytes(self._owner.folder.resolve()))

    def may_be_lost(self, at: datetime) -> bool:
        """Whether a letter of that time may have gone without a trace here: the ledger is an older copy put back."""
        return self.restored_at is not None and at <= self.restored_at

    def names(self, user_id: str) -> list[str]:
        """The names of every letter that was ever claimed or skipped for a person."""
        return [key.partition("/")[2] for key in self._records.keys("ledger", user_id)]

    def entry(self, user_id: str, name: str) -> Body | None:
        """What is known of a letter, None when nothing is."""
        return self._records.read("ledger", f"{user_id}/{name}")

    def state(self, user_id: str, name: str) -> State | None:
        """Where a letter stands, None when it was never claimed."""
        entry = self.entry(user_id, name)
        return None if entry is None else entry["state"]

    def is_open(self, user_id: str, name: str, now: datetime) -> bool:
        """Whether a letter can be claimed, as far as one can know who has not claimed it."""
        entry = self.entry(user_id, name)
        return entry is None or not (entry["state"] in SETTLED or self._is_held(entry, now))

    def last_sent(self, user_id: str, prefix: str) -> Body | None:
        """The latest letter whose name begins so and which went, or may have gone."""
        for name in sorted((n for n in self.names(user_id) if n.startswith(prefix)), reverse=True):
            entry = self.entry(user_id, name)
            if entry is not None and entry["state"] in ("sent", "unknown"):
                return entry
        return None

    def claim(self, user_id: str, name: str, *, now: datetime, went: bool | None, **facts: Any) -> bool:
        """Take a letter in hand; False when it is settled, in another's hands, or waiting for its next try.

        `went` is what the way of sending knows of an earlier try that was cut off at its very end: True it went,
        False it did not, None nobody can know (then it is never sent again).
        """
        mine = {"state": "claimed", "owner": self._owner.token, "attempt": 1, "claimed_at": now.isoformat(), **facts}
        if self._begun(user_id, name, mine, is_durable=False):  # nothing went before the mark, and that is durable
            return True
        with self._records.edit("ledger", f"{user_id}/{name}") as entry:
            if entry["state"] in SETTLED or self._is_held(entry, now):
                return False
            if entry["state"] == "dot" and went is not False:
                entry.update(state="sent" if went else "unknown", at=now.isoformat(), reason=CUT_OFF)
                return False
            entry.update({**mine, "attempt": entry["attempt"] + 1})
            return True

    def mark_dot(self, user_id: str, name: str, **facts: Any) -> None:
        """Durably note what is about to be handed over for good. Raises LostClaimError; OSError on a full disk."""
        with self._records.edit("ledger", f"{user_id}/{name}") as entry:
            if entry["state"] != "claimed" or entry["owner"] != self._owner.token:
                raise LostClaimError(f"the letter {user_id}/{name} was taken over by another scheduler")
            entry.update(state="dot", **facts)

    def settle(self, user_id: str, name: str, state: State, *, now: datetime, reason: str = "", **facts: Any) -> None:
        """Write down how it ended, or that it is to be tried again (`retry`, with `retry_at`)."""
        with self._records.edit("ledger", f"{user_id}/{name}") as entry:
            entry.update({"state": state, "at": now.isoformat(), "reason": reason, **facts})

    def skip(self, user_id: str, name: str, reason: str, *, now: datetime, **facts: Any) -> bool:
        """Settle a letter that will not be sent and that nobody has claimed; False when it is known already."""
        left_out = {"state": "skipped", "at": now.isoformat(), "reason": reason, **facts}
        return self._begun(user_id, name, left_out, is_durable=False)  # lost with the power, it is left out once more

    def reserve(self, user_id: str, name: str, purpose: str) -> bool:
        """Keep a name for one purpose for good; True when it is kept for this very purpose."""
        if self._begun(user_id, name, {"state": "reserved", "purpose": purpose}):
            return True
        entry = self.entry(user_id, name)
        return entry is not None and entry.get("purpose") == purpose

    def taken_by_a_server(self) -> Iterator[str]:
        """The letters that a mail server took, as `user/name`."""
        for key in self._records.keys("ledger"):
            entry = self._records.read("ledger", key)
            if entry is not None and entry.get("via") == "smtp" and entry["state"] in ("sent", "unknown", "dot"):
                yield key

    def close_for(self, user_id: str) -> None:
        """Begin no letter of this person from now on: of their leaving a hash stays, which only this secret ties to
        them."""
        self._records.create("ledger", self._hash(user_id), {"state": "gone"})

    def is_closed(self, user_id: str) -> bool:
        """Whether this person has left."""
        return self._records.version("ledger", self._hash(user_id)) is not None

    def is_at_work(self, user_id: str) -> bool:
        """Whether a scheduler that is alive has a letter of this person in hand."""
        entries = (self.entry(user_id, name) for name in self.names(user_id))
        return any(e is not None and e["state"] in ("claimed", "dot") and self._is_alive(e) for e in entries)

    def strike_out(self, user_id: str) -> None:
        """Keep nothing of what a person was sent."""
        self._records.delete_all("ledger", user_id)

    def letters(self, user_id: str) -> list[Body]:
        """Every letter of a person, sent or not, the latest first, each with its `name`."""
        return letters_of(self._records, user_id)

    def _is_held(self, entry: Body, now: datetime) -> bool:
        if entry["state"] == "retry":
            return datetime.fromisoformat(entry["retry_at"]) > now
        return self._is_alive(entry)

    def _is_alive(self, entry: Body) -> bool:
        return self._owner.is_alive(entry["owner"])

    def _begun(self, user_id: str, name: str, body: Body, *, is_durable: bool = True) -> bool:
        """Keep a new record; False if there is one. Raises NotStored for somebody who has left.

        That is asked once the record is there: whoever leaves meanwhile strikes it out, or it is struck out here.
        """
        begun = self._records.create("ledger", f"{user_id}/{name}", body, is_durable=is_durable)
        if begun and self.is_closed(user_id):
            self.strike_out(user_id)
            raise NotStored(f"{user_id!r} has left, and gets no letter")
        return begun

    def _hash(self, user_id: str) -> str:
        return f"{GONE}/{hmac.digest(self._secret, user_id.encode(), 'sha256').hex()}"


def restored_at(folder: Path, *, now: datetime, is_restored: bool = False) -> datetime | None:
    """The last instant at which the ledger below `folder` was found to be a copy put back, None if it never was.

    The file that says so names its own place on the disk (its inode): a copy of it stands elsewhere. A snapshot of the
    whole disk does not, nor a copy written over the file itself, so for these `is_restored` says it. What went between
    the copy and its return is nowhere written down.
    """
    mark = folder / "place"
    try:
        place, _, since = mark.read_text(encoding="ascii").strip().partition(" ")
        before = datetime.fromisoformat(since) if since else None
    except FileNotFoundError:
        place, before = "", None
    except ValueError as error:
        raise StoreError(f"{mark} cannot be read ({error}); delete it and run `manage.py restored`") from None
    if place == str(mark.stat().st_ino if place else None) and not is_restored:
        return before
    since = now.isoformat() if place or is_restored else ""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f".place.{secrets.token_hex(8)}"
    with temporary.open("x", encoding="ascii") as file:
        file.write(f"{os.fstat(file.fileno()).st_ino} {since}\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(mark)
    sync_folder(folder)
    return datetime.fromisoformat(since) if since else None


def letters_of(records: Records, user_id: str, newest: int | None = None) -> list[Body]:
    """Every letter of a person that was claimed or left out, the latest first, each with its `name`.

    With `newest` no more than so many, and older digests are not even read.
    """
    keys = records.keys("ledger", user_id)
    if newest is not None:
        digests = [key for key in keys if key.startswith(f"{user_id}/digest-")]  # in the order of their days
        older = set(digests[:-newest])
        keys = [key for key in keys if key not in older]
    found = [{**entry, "name": key.partition("/")[2]} for key in keys if (entry := records.read("ledger", key))]
    letters = [entry for entry in found if entry["state"] != "reserved"]
    return sorted(letters, key=_latest, reverse=True)[:newest]


def _latest(entry: Body) -> tuple[str, str]:
    return str(entry.get("at") or entry.get("claimed_at")), str(entry.get("covers", ""))
