"""Accounts as they are kept: each under the key of its address, with whose it is and the hash of the password."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email

from accounts.attempts import TooSoonError
from accounts.passwords import PasswordRefused
from core.catalogue import N_, _
from storage import Body, NotStored, Records, Store, StoreError

log = logging.getLogger(__name__)

REMEMBERED_FOR = timedelta(hours=2)  # longer than anything counts that counts once
ADDRESS_MOST = 254  # characters (RFC 5321, 4.5.3.1.3)

MALFORMED = N_("Type the whole address, like ana@example.org.")
NOT_PLAIN = N_("Letters cannot go to an address with such signs before the @. Use one with plain letters.")
TAKEN = N_("There is an account with this address already. Sign in, or use another address.")
USED = N_("This link was used already, or something it relied on has changed. Ask for a new one.")


class AccountError(ValueError):
    """Somebody cannot be signed up or in; the message is one sentence to the person."""


class UsedLinkError(AccountError):
    """A link that works once and has, or one that something it relied on has left behind."""

    def __init__(self) -> None:
        super().__init__(_(USED))


@dataclass(frozen=True)
class Account:
    """One account: the key of its address, and what is kept under it."""

    key: str
    body: Mapping[str, Any]

    @property
    def user_id(self) -> str:
        """Whose it is."""
        return str(self.body["user_id"])

    @property
    def password_hash(self) -> str | None:
        """The hash of the password, if one was chosen."""
        return self.body.get("password")

    @property
    def stamp(self) -> str:
        """What is equal for as long as neither address nor password has changed; links carry it, so they work once."""
        known = [self.body["email"], self.body.get("password", "")]
        known += [self.body["move"]] if "move" in self.body else []
        return hashlib.sha256("\n".join(map(str, known)).encode()).hexdigest()[:32]


class AccountRecords:
    """The accounts of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._records = store.records

    def at(self, key: str) -> Account | None:
        """The account under a key."""
        body = self._records.read("accounts", key)
        return None if body is None else Account(key, body)

    def of(self, user_id: str) -> Account | None:
        """A person's account: that of their document's address, or else the one that names them."""
        with suppress(NotStored):
            account = self.at(address_key(self._store.read(user_id).email))
            if account is not None and account.user_id == user_id:
                return account
        found = (Account(key, body) for key, body in each(self._records, "accounts"))
        return next((one for one in found if one.user_id == user_id), None)

    def add(self, body: Mapping[str, Any]) -> bool:
        """Keep an account of the address that it names; False when there is one already."""
        return self._records.create("accounts", address_key(body["email"]), dict(body))

    def edit(self, key: str) -> AbstractContextManager[dict[str, Any]]:
        """What is kept under a key, to be changed in a `with`. Raises NotStored."""
        return self._records.edit("accounts", key)

    def remove(self, key: str) -> None:
        """Keep nothing under a key any more."""
        self._records.delete("accounts", key)


def address_key(address: str) -> str:
    """The name under which the account of an address is kept; it does not show the address."""
    return hashlib.sha256(address.casefold().encode()).hexdigest()


def checked_address(email: str) -> str:
    """An address as it is kept. Raises AccountError."""
    address = email.strip()
    if len(address) > ADDRESS_MOST:  # to look at one of some millions would keep everybody waiting
        raise AccountError(_(MALFORMED))
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        is_plain = address.rpartition("@")[0].isascii()
        raise AccountError(_(MALFORMED if is_plain else NOT_PLAIN)) from None


def each(records: Records, kind: str) -> Iterator[tuple[str, Body]]:
    """Every record of a kind, under its key; one that cannot be read is named in the log and passed over."""
    for key in records.keys(kind):
        try:
            body = records.read(kind, key)
        except StoreError as error:
            log.error("%s", error)
        else:
            if body is not None:
                yield key, body


def use_once(records: Records, name: str, *, now: datetime) -> bool:
    """Note that something which counts once was used; False when it was before. What is too old is forgotten."""
    for key, used in each(records, "arrivals"):
        if now - datetime.fromisoformat(used["at"]) > REMEMBERED_FOR:
            records.delete("arrivals", key)
    return records.create("arrivals", name, {"at": now.isoformat()})


@contextmanager
def said_to_the_person() -> Iterator[None]:
    """Let a password that cannot be chosen and a try too soon be an AccountError, with the same sentence."""
    try:
        yield
    except (PasswordRefused, TooSoonError) as error:
        raise AccountError(str(error)) from None
