"""The one door to what is stored: JSON files, each locked beside, written whole and durably, or not changed at all."""

from __future__ import annotations

import copy
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

import journal
from changes import Changes
from core.documents import KNOWN_MOST, Documents, copied
from core.models import USER_ID, CoachingInsights, CoachingProfile, User, complaint
from lanes import lock_file, waiting

Body = dict[str, Any]

# What a new person's document begins with, beside who they are.
DEFAULT_DATA: Body = {
    "coaching_profile": CoachingProfile(digest_time="20:00").model_dump(mode="json"),
    "daily_digests": {},
    "coaching_insights": CoachingInsights().model_dump(mode="json"),
}


class StoreError(Exception):
    """Something stored cannot be used; the message names it and the remedy."""


class NotStored(StoreError):
    """There is no such document."""


class AlreadyStored(StoreError):
    """There is such a document already."""


class Records(Protocol):
    """Small JSON documents by kind and key: all that a second store has to offer.

    A change of a kind in JOURNALS must not fail for want of room once the document is there, and may not remove a key.
    """

    def read(self, kind: str, key: str) -> Body | None:
        """The document, or None if there is none. Raises StoreError when it cannot be read."""

    def create(self, kind: str, key: str, body: Body) -> bool:
        """Keep a new document; False if there is one. It appears whole or not at all."""

    def edit(self, kind: str, key: str) -> AbstractContextManager[Body]:
        """Lock, read, let the block change it, write whole; an exception in the block changes nothing."""

    def delete(self, kind: str, key: str) -> None:
        """Remove the document, if there is one."""

    def version(self, kind: str, key: str) -> object:
        """What is equal for as long as the document has not been written, None when there is none."""

    def keys(self, kind: str, folder: str = "") -> list[str]:
        """The keys of a kind (below `folder`), in order."""


JOURNALS = frozenset({"ledger"})
KEPT_MOST = 256  # people whose parsed documents are kept for as long as their files stay as they are
CHANGES_MOST = 64 << 20  # octets; then the list of changed people begins anew


class JsonFiles:
    """`Records` as files below a folder: kind/key.json, and for a key of two parts kind/part/part.json.

    Those of JOURNALS only grow, line by line. Who of `users` was written is listed in cache/changed.log.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.changes = root / "cache" / "changed.log"
        self._root = str(root)  # a letter asks for dozens of paths: they are put together as text
        self._temporary = root / "tmp"
        self._kept: dict[str, tuple[object, Body]] = {}  # of users: which file it was, and what it says
        try:
            for folder in (root, self._temporary):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sweep()
            probe = self._temporary / f"{os.getpid()}.{secrets.token_hex(8)}"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise StoreError(
                f"the data folder {root} cannot be written ({error.strerror}); choose another with XP_DATA_DIR"
            ) from None

    def read(self, kind: str, key: str) -> Body | None:
        path, version = self._path(kind, key), self.version(kind, key)
        if (kept := self._kept_body(kind, key, version)) is not None:
            return kept
        try:
            content = journal.content(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(path, error) from None
        body = self._parsed(path, content, journal.parsed if kind in JOURNALS else json.loads)
        self._keep(kind, key, version, body)
        return self._kept_body(kind, key, version) or body

    def _kept_body(self, kind: str, key: str, version: object) -> Body | None:
        """What a file says that is still the one that was parsed, free to be changed but for the completions in it."""
        known, body = self._kept.get(key, (None, {})) if kind == "users" else (None, {})
        if known is None or known != version:
            return None
        return {name: part if name == "completions" else copy.deepcopy(part) for name, part in body.items()}

    def _keep(self, kind: str, key: str, version: object, body: Body) -> None:
        """Keep what a file says, if it is the one of `version` still; the oldest makes room."""
        if kind != "users" or version is None or self.version(kind, key) != version:
            return
        self._kept.pop(key, None)
        self._kept[key] = version, body
        while len(self._kept) > KEPT_MOST:
            self._kept.pop(next(iter(self._kept), key), None)

    def _parsed(self, path: str, content: bytes, parse: Callable[[bytes], Any] = json.loads) -> Body:
        try:
            body = parse(content)
        except ValueError as error:
            raise self._unreadable(path, error) from None
        if not isinstance(body, dict):
            raise self._unreadable(path, "it holds no document")
        return body

    def create(self, kind: str, key: str, body: Body) -> bool:
        path = self._path(kind, key)
        folder = os.path.dirname(path)
        self._make_folder(folder)
        temporary = self._written(journal.begun(body) if kind in JOURNALS else _json(body))
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            os.unlink(temporary)
        if kind not in JOURNALS:  # a journal's name is made durable with its second line
            journal.sync_folder(folder)
        self._note_change(kind, key)
        return True

    @contextmanager
    def edit(self, kind: str, key: str) -> Iterator[Body]:
        if kind in JOURNALS:
            with self._journal(kind, key) as record:
                yield record
            return
        path = self._path(kind, key)
        with self._locked(kind, key):
            body = self.read(kind, key)
            if body is None:
                raise NotStored(f"there is no {kind}/{key}")
            before = {name: part if name == "completions" else copy.deepcopy(part) for name, part in body.items()}
            yield body
            if body == before and list(body) == list(before):
                return
            os.replace(self._written(_json(body)), path)
            journal.sync_folder(os.path.dirname(path))
            self._keep(kind, key, self.version(kind, key), dict(body))
        self._note_change(kind, key)

    @contextmanager
    def _journal(self, kind: str, key: str) -> Iterator[Body]:
        path = self._path(kind, key)
        with ExitStack() as stack:
            try:
                body = stack.enter_context(journal.edited(path))
            except FileNotFoundError:
                raise NotStored(f"there is no {kind}/{key}") from None
            except ValueError as error:
                raise self._unreadable(path, error) from None
            yield body

    def delete(self, kind: str, key: str) -> None:
        path = self._path(kind, key)
        if not os.path.exists(path):
            return
        with self._locked(kind, key) as lock:
            for name in (path, lock):
                with suppress(FileNotFoundError):
                    os.unlink(name)
        journal.sync_folder(os.path.dirname(path))
        self._note_change(kind, key)

    def version(self, kind: str, key: str) -> object:
        try:
            found = os.stat(self._path(kind, key))
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def keys(self, kind: str, folder: str = "") -> list[str]:
        return sorted(_keys_below(self.root / kind / folder, f"{folder}/" if folder else "", _suffix(kind)))

    def _path(self, kind: str, key: str) -> str:
        if key.startswith("/") or ".." in key.split("/"):
            raise StoreError(f"{key!r} is not a key")
        return f"{self._root}/{kind}/{key}{_suffix(kind)}"

    def _make_folder(self, folder: str) -> None:
        if not os.path.isdir(folder):
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            journal.sync_folder(os.path.dirname(folder))

    def _note_change(self, kind: str, key: str) -> None:
        """List whoever was written, so that the scheduler need not look at everybody to know."""
        if kind != "users":
            return
        try:
            descriptor = os.open(self.changes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except FileNotFoundError:
            self.changes.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(self.changes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, f"{key}\n".encode())
            if os.fstat(descriptor).st_size > CHANGES_MOST:
                self.changes.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self, kind: str, key: str) -> Iterator[str]:
        """Hold the lock beside a document; those in one person's folder of letters share theirs."""
        lock = f"{self._path(kind, key).removesuffix(_suffix(kind))}.lock"
        if "/" in key:
            lock = f"{os.path.dirname(lock)}/.lock"
        while True:
            try:
                descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600)
            except FileNotFoundError:
                self._make_folder(os.path.dirname(lock))
                continue
            try:
                lock_file(descriptor)
                if journal.is_same_file(descriptor, lock):  # or else its document was deleted while we waited
                    yield lock
                    return
            finally:
                os.close(descriptor)

    def _written(self, content: bytes) -> str:
        """A temporary file that durably holds the content."""
        temporary = f"{self._temporary}/{os.getpid()}.{secrets.token_hex(8)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            journal.write(descriptor, content)
            with waiting():
                os.fsync(descriptor)
        except BaseException:
            os.unlink(temporary)
            raise
        finally:
            os.close(descriptor)
        return temporary

    def _sweep(self) -> None:
        """Remove what processes that are gone have left half written."""
        for left in self._temporary.iterdir():
            pid = left.name.partition(".")[0]
            if pid.isdigit() and not Path("/proc", pid).exists() and Path("/proc/self").exists():
                left.unlink(missing_ok=True)

    def _unreadable(self, path: str, why: object) -> StoreError:
        name = os.path.relpath(path, self._root)
        return StoreError(f"{name} cannot be read ({why}); it is left as it is: repair it, or put a copy in its place")


class Store:
    """People's documents, and the small records beside them (accounts, sessions, the ledger)."""

    def __init__(self, records: Records, folder: Path, *, known_most: int = KNOWN_MOST) -> None:
        self.records = records
        self.folder = folder
        self._documents = Documents(known_most)

    def user_ids(self) -> list[str]:
        """Everybody's id, in order."""
        return self.records.keys("users")

    def read(self, user_id: str) -> User:
        """One person's document. Raises NotStored for an unknown id, StoreError for one that does not validate."""
        body = self.records.read("users", user_id) if re.fullmatch(USER_ID, user_id) else None
        if body is None:
            raise _unknown(user_id)
        return self._checked_for(user_id, body)

    @contextmanager
    def edit(self, user_id: str) -> Iterator[User]:
        """Lock, read, let the block change the document, write it whole; an exception changes nothing."""
        if not re.fullmatch(USER_ID, user_id):
            raise _unknown(user_id)
        try:
            with self.records.edit("users", user_id) as body:
                user = self._checked_for(user_id, body)
                before = copied(user.completions)
                yield user
                with _complaining(f"the change to users/{user_id}.json"):
                    changed = self._documents.written(user_id, user, body, before)
                body.clear()
                body.update(changed)
        except NotStored:
            raise _unknown(user_id) from None

    def _checked_for(self, user_id: str, body: Body) -> User:
        """A document that is sound, and that is this person's: a copy under another name would be a second person."""
        with _complaining(f"users/{user_id}.json"):
            user = self._documents.checked(user_id, body)
        if user.user_id != user_id:
            raise StoreError(
                f"users/{user_id}.json holds the document of {user.user_id!r}; it is left as it is: move it away"
            )
        return user

    def note_said(self, user_id: str, covers: date, said: Body | None, given: Iterable[Body]) -> None:
        """Keep what a letter said of a day and what it gave; done already, it changes nothing.

        The rest of the document is passed on as it is stored, neither checked nor written anew: a scheduler does this
        for every letter. Raises NotStored, StoreError.
        """
        with self.records.edit("users", user_id) as body:
            if said is not None:
                body.setdefault("daily_digests", {}).setdefault(covers.isoformat(), said)
            kept = body.setdefault("coaching_insights", {}).setdefault("given", [])
            # What was given may have been answered or taken up since: it is the same piece all the same.
            kept.extend(one for one in given if not any(one.items() <= old.items() for old in kept))

    def create(self, user: User) -> None:
        """Keep a new person's document. Raises AlreadyStored."""
        if not self.records.create("users", user.user_id, user.to_json()):
            raise AlreadyStored(f"there is a person {user.user_id!r} already")

    def version(self, user_id: str) -> object:
        """What is equal for as long as the person's document has not been written."""
        return self.records.version("users", user_id)

    def delete(self, user_id: str) -> None:
        """Remove a person's document, if there is one, and what was kept of them to save work."""
        self.records.delete("users", user_id)
        for kept in (self.folder / "cache").glob(f"*/{user_id}.json"):
            kept.unlink(missing_ok=True)

    def cached(self, name: str) -> Body | None:
        """What was kept under cache/ to save work; None when there is nothing that can be read."""
        try:
            body = json.loads((self.folder / "cache" / f"{name}.json").read_bytes())
        except (OSError, ValueError):
            return None
        return body if isinstance(body, dict) else None

    def cache(self, name: str, body: Body) -> None:
        """Keep something that can be made anew at any time: whole, but not durably."""
        path = self.folder / "cache" / f"{name}.json"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.folder / "tmp" / f"{os.getpid()}.{secrets.token_hex(8)}"
        temporary.write_bytes(_json(body))
        temporary.replace(path)

    def changes(self) -> Changes:
        """Who was changed, from now on, by any process."""
        return Changes(self.folder / "users", self.folder / "cache" / "changed.log")

    def secret(self) -> bytes:
        """The key of this installation, made once; it signs links and sessions."""
        path = self.folder / "secret.key"
        if not path.exists():
            temporary = self.folder / "tmp" / f"{os.getpid()}.{secrets.token_hex(8)}"
            temporary.write_text(secrets.token_hex(32), encoding="ascii")
            temporary.chmod(0o600)
            try:
                os.link(temporary, path)
            except FileExistsError:
                pass  # another process made it first: theirs is the key
            finally:
                temporary.unlink()
        return path.read_bytes()


def open_store(folder: Path, *, known_most: int = KNOWN_MOST) -> Store:
    """The store below a folder, made if missing. Raises StoreError when it cannot be written.

    It keeps the checked entries of the last `known_most` people: few for a program that sees each person once.
    """
    return Store(JsonFiles(folder), folder, known_most=known_most)


def new_user(**known: Any) -> User:
    """A new person's document: what is known of them, and DEFAULT_DATA for the rest."""
    return User.model_validate({**copy.deepcopy(DEFAULT_DATA), **known})


@contextmanager
def _complaining(name: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        where, said = complaint(error)
        raise StoreError(f"{name} is not valid at {where or 'its top'} ({said}); it is left as it is") from None


def _unknown(user_id: str) -> NotStored:
    return NotStored(f"there is no person {user_id!r}; `python manage.py dump -` lists everybody")


def _json(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _suffix(kind: str) -> str:
    return ".jsonl" if kind in JOURNALS else ".json"


def _keys_below(folder: Path, prefix: str, suffix: str) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir():
            yield from _keys_below(Path(entry.path), f"{prefix}{entry.name}/", suffix)
        elif entry.name.endswith(suffix):
            yield prefix + entry.name.removesuffix(suffix)
