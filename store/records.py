"""Small JSON documents by kind and key, as files: each locked beside, written whole and durably, or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from store import journal
from store.lanes import lock_file, waiting
from store.octets import Written, octets_of, parsed_json, written_after

Body = dict[str, Any]


class StoreError(Exception):
    """Something stored cannot be used; the message names it and the remedy, to whoever runs this.

    `what` is the file or folder, for those who meet it on a screen, in whatever language.
    """

    def __init__(self, message: str = "", what: str = "") -> None:
        super().__init__(message)
        self.what = what


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

    def create(self, kind: str, key: str, body: Body, *, is_durable: bool = True) -> bool:
        """Keep a new document; False if there is one. It appears whole or not at all.

        With `is_durable` False a loss of power may take one of a kind in JOURNALS back until it is changed.
        """

    def edit(self, kind: str, key: str) -> AbstractContextManager[Body]:
        """Lock, read, let the block change it, write whole; an exception in the block changes nothing."""

    def delete(self, kind: str, key: str) -> None:
        """Remove the document, if there is one."""

    def delete_all(self, kind: str, folder: str) -> None:
        """Remove every document of a kind below a folder, and the folder."""

    def version(self, kind: str, key: str) -> object:
        """What is equal for as long as the document has not been written, None when there is none."""

    def keys(self, kind: str, folder: str = "") -> list[str]:
        """The keys of a kind (below `folder`), in order."""


JOURNALS = frozenset({"ledger"})
REMOVALS_MOST = 20  # of one folder: others may write into it meanwhile
LEFT_SECONDS = 3600  # whatever is half written for so long was left by a process that is gone
CHANGES_MOST = 64 << 20  # octets; then the list of changed people begins anew


class JsonFiles:
    """`Records` as files below a folder: kind/key.json, and for a key of two parts kind/part/part.json.

    Those of JOURNALS only grow, line by line. Who of `users` was written is listed in cache/changed.log.
    """

    def __init__(self, root: Path, *, kept_most: int = 0) -> None:
        self.root = root
        self.changes = root / "cache" / "changed.log"
        self._root = str(root)  # a letter asks for dozens of paths: they are put together as text
        self._temporary = root / "tmp"
        self._kept_most = kept_most
        self._kept: dict[str, Written] = {}  # of users
        try:
            for folder in (root, self._temporary):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self._temporary / f"{os.getpid()}.{secrets.token_hex(8)}"
            probe.touch()
            self._sweep(probe.stat().st_mtime)
            probe.unlink()
        except OSError as error:
            raise StoreError(
                f"the data folder {root} cannot be written ({error.strerror}); choose another with XP_DATA_DIR",
                str(root),
            ) from None

    def read(self, kind: str, key: str) -> Body | None:
        path = self._path(kind, key)
        try:
            content = journal.content(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(path, error) from None
        if kind in JOURNALS and journal.is_blank(content):
            return None
        return self._free(kind, self._known(kind, key, content).body)

    def _known(self, kind: str, key: str, content: bytes) -> Written:
        """What a file says, parsed anew only when its octets have changed: completions of ten years are many."""
        known = self._kept.get(key) if kind == "users" else None
        if known is None or known.octets != content:
            parse = journal.parsed if kind in JOURNALS else parsed_json
            known = Written(content, self._parsed(self._path(kind, key), content, parse))
            self._keep(kind, key, known)
        return known

    def _free(self, kind: str, body: Body) -> Body:
        """A copy of what a file says, to be changed at will but for its completions, which are shared."""
        if kind != "users" or not self._kept_most:
            return body
        return {name: part if name == "completions" else parsed_json(octets_of(part)) for name, part in body.items()}

    def _keep(self, kind: str, key: str, written: Written) -> None:
        """Keep what a person's file says; the oldest makes room."""
        if kind == "users" and self._kept_most:
            self._kept.pop(key, None)
            self._kept[key] = written
            while len(self._kept) > self._kept_most:
                self._kept.pop(next(iter(self._kept), key), None)

    def _parsed(self, path: str, content: bytes, parse: Callable[[bytes], Any]) -> Body:
        try:
            body = parse(content)
        except ValueError as error:
            raise self._unreadable(path, error) from None
        if not isinstance(body, dict):
            raise self._unreadable(path, "it holds no document")
        return body

    def create(self, kind: str, key: str, body: Body, *, is_durable: bool = True) -> bool:
        path = self._path(kind, key)
        folder = os.path.dirname(path)
        self._make_folder(folder)
        if kind in JOURNALS:
            return journal.begin(path, body, is_durable=is_durable)
        temporary = self._written(octets_of(body))
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        finally:
            os.unlink(temporary)
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
        with self._locked(kind, key) as lock:
            try:
                before = journal.content(path)
            except FileNotFoundError:
                with suppress(FileNotFoundError):
                    os.unlink(lock)  # it would outlive a document that was deleted while we came
                raise NotStored(f"there is no {kind}/{key}") from None
            except OSError as error:
                raise self._unreadable(path, error) from None
            known = self._known(kind, key, before)
            body = self._free(kind, known.body)
            yield body
            after = written_after(known, body)
            if after.octets == before:
                return
            with waiting():
                os.replace(self._written(after.octets), path)
                journal.sync_folder(os.path.dirname(path))
            self._keep(kind, key, after)
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

    def delete_all(self, kind: str, folder: str) -> None:
        path = self._path(kind, folder).removesuffix(_suffix(kind))
        for _ in range(REMOVALS_MOST):
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
        if os.path.isdir(path):
            name = os.path.relpath(path, self._root)
            raise StoreError(f"{name} cannot be removed; see who owns it and what is in it, and remove it", name)
        if os.path.isdir(os.path.dirname(path)):
            journal.sync_folder(os.path.dirname(path))

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
        """List whoever was written, so that the scheduler need not look at everybody to know.

        Where the list cannot be written it looks at everybody, within the hour (store.changes).
        """
        if kind == "users":
            with suppress(OSError):
                self._list_change(key)

    def _list_change(self, key: str) -> None:
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
        with waiting():  # for a new file, too: where many were removed lately, ext4 looks for room for it
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                journal.write(descriptor, content)
                os.fsync(descriptor)
            except BaseException:
                os.unlink(temporary)
                raise
            finally:
                os.close(descriptor)
        return temporary

    def _sweep(self, now: float) -> None:
        """Remove what processes that are gone have left half written; those of other containers cannot be seen.

        `now` is by the clock of the files.
        """
        for left in self._temporary.iterdir():
            with suppress(FileNotFoundError):
                if now - left.stat().st_mtime > LEFT_SECONDS:
                    left.unlink()

    def _unreadable(self, path: str, why: object) -> StoreError:
        name = os.path.relpath(path, self._root)
        said = f"{name} cannot be read ({why}); it is left as it is: repair it, or put a copy in its place"
        return StoreError(said, name)


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
