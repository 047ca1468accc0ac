"""The one door to what is stored: people's documents, and the small records beside them."""

from __future__ import annotations

import copy
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.documents import KNOWN_MOST, Documents
from core.models import USER_ID, CoachingInsights, CoachingProfile, Entries, User
from core.values import complaint
from store.changes import Changes
from store.journal import content
from store.octets import octets_of, parsed_json
from store.records import AlreadyStored, Body, JsonFiles, NotStored, Records, StoreError

__all__ = [
    "DEFAULT_DATA",
    "AlreadyStored",
    "Body",
    "JsonFiles",
    "NotStored",
    "Records",
    "Store",
    "StoreError",
    "new_user",
    "open_store",
]

# What a new person's document begins with, beside who they are.
DEFAULT_DATA: Body = {
    "coaching_profile": CoachingProfile(digest_time="20:00").model_dump(mode="json"),
    "daily_digests": {},
    "coaching_insights": CoachingInsights().model_dump(mode="json"),
}


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
        return self._opened_for(user_id, body)[0]

    @contextmanager
    def edit(self, user_id: str) -> Iterator[User]:
        """Lock, read, let the block change the document, write it whole; an exception changes nothing."""
        if not re.fullmatch(USER_ID, user_id):
            raise _unknown(user_id)
        try:
            with self.records.edit("users", user_id) as body:
                user, before = self._opened_for(user_id, body)
                yield user
                with _complaining(f"the change to users/{user_id}.json"):
                    changed = self._documents.written(user_id, user, body, before)
                body.clear()
                body.update(changed)
        except NotStored:
            raise _unknown(user_id) from None

    def _opened_for(self, user_id: str, body: Body) -> tuple[User, Entries]:
        """A document that is sound, and that is this person's: a copy under another name would be a second person."""
        name = f"users/{user_id}.json"
        with _complaining(name, name):
            user, entries = self._documents.opened(user_id, body)
        if user.user_id != user_id:
            raise StoreError(f"{name} holds the document of {user.user_id!r}; it is left as it is: move it away", name)
        return user, entries

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
            body = parsed_json(content(f"{self.folder}/cache/{name}.json"))
        except (OSError, ValueError):
            return None
        return body if isinstance(body, dict) else None

    def cache(self, name: str, body: Body) -> None:
        """Keep something that can be made anew at any time: whole, but not durably."""
        path = self.folder / "cache" / f"{name}.json"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self.folder / "tmp" / f"{os.getpid()}.{secrets.token_hex(8)}"
        try:
            temporary.write_bytes(octets_of(body))
            temporary.replace(path)
        finally:  # on a full disk each try would leave a file behind
            temporary.unlink(missing_ok=True)

    def changes(self) -> Changes:
        """Who was changed, from now on, by any process."""
        return Changes(self.folder / "users", self.folder / "cache" / "changed.log")

    def secret(self) -> bytes:
        """The key of this installation, made once; it signs links and sessions. Raises StoreError for an empty one."""
        path = self.folder / "secret.key"
        if not path.exists():
            temporary = self.folder / "tmp" / f"{os.getpid()}.{secrets.token_hex(8)}"
            with temporary.open("x", encoding="ascii") as file:
                temporary.chmod(0o600)
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())  # before it has its name: a loss of power could leave it empty
            try:
                os.link(temporary, path)
            except FileExistsError:
                pass  # another process made it first: theirs is the key
            finally:
                temporary.unlink()
        key = path.read_bytes()
        if not key.strip():  # whoever knows that could sign any link
            raise StoreError(
                f"{path} is empty; put a copy in its place, or delete it: old links stop working", path.name
            )
        return key


def open_store(folder: Path, *, known_most: int = KNOWN_MOST, kept_most: int = 0) -> Store:
    """The store below a folder, made if missing. Raises StoreError when it cannot be written.

    It keeps the checked entries of the last `known_most` people, and the parsed files of the last `kept_most`: few for
    a program that sees each person once, many for one that hears taps.
    """
    return Store(JsonFiles(folder, kept_most=kept_most), folder, known_most=known_most)


def new_user(**known: Any) -> User:
    """A new person's document: what is known of them, and DEFAULT_DATA for the rest."""
    return User.model_validate({**copy.deepcopy(DEFAULT_DATA), **known})


@contextmanager
def _complaining(name: str, what: str = "") -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        where, said = complaint(error)
        raise StoreError(f"{name} is not valid at {where or 'its top'} ({said}); it is left as it is", what) from None


def _unknown(user_id: str) -> NotStored:
    if not re.fullmatch(USER_ID, user_id):
        return NotStored(f"there is no person {user_id!r}, for that is no id; move a file of that name out of users/")
    return NotStored(f"there is no person {user_id!r}; `python manage.py dump -` lists everybody")
