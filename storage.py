"""The one door to what is stored: JSON files, each locked beside, written whole and durably, or not changed at all."""

from __future__ import annotations

import copy
import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from core.models import USER_ID, CoachingInsights, CoachingProfile, User, complaint

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
    """Small JSON documents by kind and key: all that a second store has to offer."""

    def read(self, kind: str, key: str) -> Body | None:
        """The document, or None if there is none. Raises StoreError when it cannot be read."""

    def create(self, kind: str, key: str, body: Body) -> bool:
        """Keep a new document; False if there is one. It appears whole or not at all."""

    def edit(self, kind: str, key: str) -> AbstractContextManager[Body]:
        """Lock, read, let the block change it, write whole; an exception in the block changes nothing."""

    def delete(self, kind: str, key: str) -> None:
        """Remove the document, if there is one."""

    def keys(self, kind: str, folder: str = "") -> list[str]:
        """The keys of a kind (below `folder`), in order."""


class JsonFiles:
    """`Records` as files below a folder: kind/key.json, and for a key of two parts kind/part/part.json."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._temporary = root / "tmp"
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
        path = self._path(kind, key)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise self._unreadable(path, error) from None
        try:
            body = json.loads(text)
        except ValueError as error:
            raise self._unreadable(path, error) from None
        if not isinstance(body, dict):
            raise self._unreadable(path, "it holds no document")
        return body

    def create(self, kind: str, key: str, body: Body) -> bool:
        path = self._path(kind, key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._written(body)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            temporary.unlink()
        _sync_folder(path.parent)
        return True

    @contextmanager
    def edit(self, kind: str, key: str) -> Iterator[Body]:
        path = self._path(kind, key)
        with self._locked(kind, key):
            body = self.read(kind, key)
            if body is None:
                raise NotStored(f"there is no {kind}/{key}")
            before = copy.deepcopy(body)
            yield body
            if body != before:
                self._written(body).replace(path)
                _sync_folder(path.parent)

    def delete(self, kind: str, key: str) -> None:
        path = self._path(kind, key)
        if not path.exists():
            return
        with self._locked(kind, key) as lock:
            path.unlink(missing_ok=True)
            lock.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def keys(self, kind: str, folder: str = "") -> list[str]:
        base = self.root / kind
        return sorted(str(path.relative_to(base).with_suffix("")) for path in (base / folder).rglob("*.json"))

    def _path(self, kind: str, key: str) -> Path:
        path = self.root / kind / f"{key}.json"
        if ".." in Path(kind, key).parts or Path(key).is_absolute():
            raise StoreError(f"{key!r} is not a key")
        return path

    @contextmanager
    def _locked(self, kind: str, key: str) -> Iterator[Path]:
        """Hold the lock beside a document; those in one person's folder of letters share theirs."""
        path = self._path(kind, key)
        lock = path.parent / ".lock" if "/" in key else path.with_suffix(".lock")
        while True:
            lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with lock.open("a") as handle:
                fcntl.flock(handle, fcntl.LOCK_EX)
                if not _is_same_file(handle.fileno(), lock):  # its document was deleted while we waited
                    continue
                yield lock
                return

    def _written(self, body: Body) -> Path:
        """A temporary file that durably holds the document."""
        temporary = self._temporary / f"{os.getpid()}.{secrets.token_hex(8)}"
        try:
            with temporary.open("x", encoding="utf-8") as handle:
                json.dump(body, handle, ensure_ascii=False, separators=(",", ":"))
                handle.flush()
                os.fsync(handle.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        temporary.chmod(0o600)
        return temporary

    def _sweep(self) -> None:
        """Remove what processes that are gone have left half written."""
        for left in self._temporary.iterdir():
            pid = left.name.partition(".")[0]
            if pid.isdigit() and not Path("/proc", pid).exists() and Path("/proc/self").exists():
                left.unlink(missing_ok=True)

    def _unreadable(self, path: Path, why: object) -> StoreError:
        name = path.relative_to(self.root)
        return StoreError(f"{name} cannot be read ({why}); it is left as it is: repair it, or put a copy in its place")


class Store:
    """People's documents, and the small records beside them (accounts, sessions, the ledger)."""

    def __init__(self, records: Records, folder: Path) -> None:
        self.records = records
        self.folder = folder

    def user_ids(self) -> list[str]:
        """Everybody's id, in order."""
        return self.records.keys("users")

    def read(self, user_id: str) -> User:
        """One person's document. Raises NotStored for an unknown id, StoreError for one that does not validate."""
        body = self.records.read("users", user_id) if re.fullmatch(USER_ID, user_id) else None
        if body is None:
            raise _unknown(user_id)
        return _checked_for(user_id, body)

    @contextmanager
    def edit(self, user_id: str) -> Iterator[User]:
        """Lock, read, let the block change the document, write it whole; an exception changes nothing."""
        if not re.fullmatch(USER_ID, user_id):
            raise _unknown(user_id)
        try:
            with self.records.edit("users", user_id) as body:
                user = _checked_for(user_id, body)
                yield user
                changed = _checked(user.to_json(), f"the change to users/{user_id}.json").to_json()
                body.clear()
                body.update(changed)
        except NotStored:
            raise _unknown(user_id) from None

    def create(self, user: User) -> None:
        """Keep a new person's document. Raises AlreadyStored."""
        if not self.records.create("users", user.user_id, user.to_json()):
            raise AlreadyStored(f"there is a person {user.user_id!r} already")

    def delete(self, user_id: str) -> None:
        """Remove a person's document, if there is one."""
        self.records.delete("users", user_id)

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


def open_store(folder: Path) -> Store:
    """The store below a folder, made if missing. Raises StoreError when it cannot be written."""
    return Store(JsonFiles(folder), folder)


def new_user(**known: Any) -> User:
    """A new person's document: what is known of them, and DEFAULT_DATA for the rest."""
    return User.model_validate({**copy.deepcopy(DEFAULT_DATA), **known})


def _checked_for(user_id: str, body: Body) -> User:
    """A document that is sound, and that is this person's: a copy under another name would be a second person."""
    user = _checked(body, f"users/{user_id}.json")
    if user.user_id != user_id:
        raise StoreError(
            f"users/{user_id}.json holds the document of {user.user_id!r}; it is left as it is: move it away"
        )
    return user


def _checked(body: Body, name: str) -> User:
    try:
        return User.model_validate(body)
    except ValidationError as error:
        where, said = complaint(error)
        raise StoreError(f"{name} is not valid at {where or 'its top'} ({said}); it is left as it is") from None


def _unknown(user_id: str) -> NotStored:
    return NotStored(f"there is no person {user_id!r}; `python manage.py dump -` lists everybody")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(descriptor)
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
