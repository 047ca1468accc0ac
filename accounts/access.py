"""Who may sign in, by what: accounts opened, given another password, address or identity, and taken away."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from accounts import passwords
from accounts.attempts import ACCOUNT, SIGN_IN, Attempts, Limit, Visitor
from accounts.identities import CONNECTED, LATE, Connection, Identities, Identity
from accounts.newcomers import Newcomers
from accounts.records import (
    MALFORMED,
    TAKEN,
    Account,
    AccountError,
    AccountRecords,
    UsedLinkError,
    address_key,
    checked_address,
    each,
    said_to_the_person,
)
from accounts.sessions import Sessions
from core.catalogue import N_, _
from mail.links import is_mark_of
from settings import Settings, read_settings
from storage import NotStored, Store

REFUSED = N_("That address and that password do not go together. Look at both once more.")
WRONG = N_("That is not your password. Nothing was changed.")
NOT_YOURS = N_(
    "The other service does not say that {email} is yours, so nothing was connected. It connects where both addresses "
    "are the same, and confirmed."
)
ONLY_WAY = N_("That is your only way in. Choose a password first.")


class Accounts:
    """The sign-ins of one store."""

    def __init__(self, store: Store, settings: Settings | None = None, attempts: Attempts | None = None) -> None:
        self._store = store
        self._kept = AccountRecords(store)
        self.sessions = Sessions(store.records)
        self.identities = Identities(store.records)
        self.attempts = attempts or Attempts()
        self.newcomers = Newcomers(store, settings or read_settings(), self.identities, self.attempts)

    # --- in

    def sign_in(self, email: str, password: str, *, now: datetime, visitor: Visitor | None = None) -> str:
        """The user id behind an address and its password.

        Raises AccountError: the same, and after the same work, for a wrong password and for an address that nobody
        has; or, without looking at the password, when it was tried too often.
        """
        visitor = visitor or Visitor()
        key, account = self._typed(email)
        limits = self._limits(key, account, visitor)
        with said_to_the_person():
            self.attempts.begin(limits, now=now)
        if not passwords.fits(account.password_hash if account else None, password) or account is None:
            raise AccountError(_(REFUSED))
        self._forgive_tries(limits)
        return account.user_id

    def sign_in_as(self, identity: Identity, *, now: datetime) -> str | None:
        """The user id whose account an identity opens, and the identity is used; None where it opens none.

        Raises AccountError when it does not count any more.
        """
        user_id = self.identities.user_of(identity)
        if user_id is not None and not self.identities.take(identity, now=now):
            raise AccountError(_(LATE))
        return user_id

    def _typed(self, email: str) -> tuple[str, Account | None]:
        """The key that tries of an address count under, and its account."""
        try:
            key = address_key(checked_address(email))
        except AccountError:
            return "", None
        return key, self._kept.at(key)

    def _limits(self, key: str, account: Account | None, visitor: Visitor) -> Mapping[str, Limit]:
        """What a try counts under. A device that the person has signed in on has a counter of its own: whatever
        strangers try, from wherever, the owner is not kept waiting there."""
        if account and is_mark_of(self._store.secret(), visitor.device, account.user_id):
            return {f"device {visitor.device}": SIGN_IN}
        return {f"sign-in {key} {visitor.network}": SIGN_IN, f"account {key}": ACCOUNT, **visitor.network_limit}

    def _forgive_tries(self, limits: Mapping[str, Limit]) -> None:
        """A right password wipes out the tries of who knew it; those of others stay counted."""
        for name, limit in limits.items():
            if limit is SIGN_IN:
                self.attempts.forget(name)
            else:
                self.attempts.take_back(name)

    # --- what the person changes

    def has_password(self, user_id: str) -> bool:
        """Whether the person signs in by a password; one who was loaded has none yet."""
        account = self._kept.of(user_id)
        return account is not None and bool(account.password_hash)

    def check_password(self, user_id: str, password: str, *, now: datetime) -> None:
        """Let the person show that it is them. Raises AccountError, also when they tried too often."""
        account, limits = self._kept.of(user_id), {f"again {user_id}": SIGN_IN}
        with said_to_the_person():
            self.attempts.begin(limits, now=now)
        if not passwords.fits(account.password_hash if account else None, password):
            raise AccountError(_(WRONG))
        self._forgive_tries(limits)

    def change_password(self, user_id: str, new: str, *, now: datetime, but: str = "") -> list[str]:
        """Give the person another password, or their first; every session ends first, except one of an id.

        Answers the ids of those that ended. Raises AccountError.
        """
        with said_to_the_person():
            secret = passwords.hashed(new)
        ended = self.sessions.close_all(user_id, but=but)
        account = self._kept.of(user_id)
        if account is None:
            email = self._store.read(user_id).email
            body = {"user_id": user_id, "email": email, "password": secret, "created": now.isoformat()}
            if not email or not self._kept.add(body):
                raise AccountError(_(TAKEN) if email else _(MALFORMED))
            return ended
        with self._kept.edit(account.key) as kept:
            kept["password"] = secret
        return ended

    def stamp_of_address(self, email: str) -> tuple[str, str, str] | None:
        """Whose address it is: account key, stamp and user id; None when it is nobody's."""
        account = self._typed(email)[1]
        return None if account is None else (account.key, account.stamp, account.user_id)

    def stamp_of(self, user_id: str) -> tuple[str, str] | None:
        """A person's account key and stamp; None for somebody without an account."""
        account = self._kept.of(user_id)
        return None if account is None else (account.key, account.stamp)

    def is_stamped(self, key: str, stamp: str) -> bool:
        """Whether nothing has changed since a link was stamped so."""
        account = self._kept.at(key)
        return account is not None and account.stamp == stamp

    def reset_password(self, key: str, stamp: str, new: str) -> str:
        """Another password by a link, once; whose it is. Raises AccountError.

        Every session ends, and every identity is let go: whoever made the account before the owner of its address came
        may be behind one (Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022). Both before the
        password: where this is cut off, the link still works, and nobody else is in.
        """
        with said_to_the_person():
            secret = passwords.hashed(new)
        try:
            with self._kept.edit(key) as kept:
                if Account(key, kept).stamp != stamp:
                    raise UsedLinkError
                kept["password"], user_id = secret, str(kept["user_id"])
                self.identities.forget(user_id)
                self.sessions.close_all(user_id)
        except NotStored:
            raise UsedLinkError from None
        return user_id

    def check_connection(self, user_id: str, identity: Identity) -> None:
        """Let only an identity go on that has proved the address of the person's account. Raises AccountError."""
        user = self._store.read(user_id)
        is_same = identity.email and address_key(checked_address(identity.email)) == address_key(user.email)
        if not (is_same and identity.is_email_proved and user.email_confirmed):
            raise AccountError(_(NOT_YOURS).format(email=user.email))
        if self.identities.user_of(identity) not in (None, user_id):
            raise AccountError(_(CONNECTED))

    def connect(self, user_id: str, identity: Identity, *, now: datetime) -> None:
        """Let an identity open the account of somebody who is signed in. Raises AccountError."""
        self.check_connection(user_id, identity)
        if not self.identities.take(identity, now=now):
            raise AccountError(_(LATE))
        self.identities.connect(identity, user_id, now=now)

    def disconnect(self, user_id: str, connection: Connection) -> None:
        """Let one of a person's identities open nothing any more. Raises AccountError when it is their only way in."""
        if not self.has_password(user_id) and len(self.identities.of(user_id)) < 2:
            raise AccountError(_(ONLY_WAY))
        self.identities.disconnect(connection)

    def move_address(self, key: str, stamp: str, new: str) -> str:
        """Let the account have another address, once; whose it is. Raises AccountError.

        The new sign-in is there before the old one goes, so at every moment the person has one, and nobody else has
        either; what a crash leaves half done, the same link ends. Each move has a mark of its own: whoever moves back
        does not bring the links of before to life.
        """
        account, address = self._kept.at(key), checked_address(new)
        if account is None or account.stamp != stamp:
            raise UsedLinkError
        user_id, moved = account.user_id, {"email": address, "move": secrets.token_hex(8)}
        if not self._kept.add({**account.body, **moved}):
            there = self._kept.at(address_key(address))
            if there is None or there.user_id != user_id:
                raise AccountError(_(TAKEN))
        try:
            with self._store.edit(user_id) as user:
                user.email, user.email_confirmed, user.email_refused = address, True, None
        except NotStored:  # they left meanwhile
            self._kept.remove(address_key(address))
            raise
        if address_key(address) != key:
            self._kept.remove(key)
        else:
            with self._kept.edit(key) as kept:
                kept.update(moved)
        return user_id

    def people(self) -> set[str]:
        """The ids of all whom an account, an identity or a session names."""
        kinds = ("accounts", "identities", "sessions")
        return {str(body["user_id"]) for kind in kinds for _key, body in each(self._store.records, kind)}

    def forget(self, user_id: str) -> list[str]:
        """Remove a person's sign-in and every session; the ids of these. Their document is not touched."""
        while account := self._kept.of(user_id):
            self._kept.remove(account.key)
        self.identities.forget(user_id)
        return self.sessions.close_all(user_id)


def is_stored(store: Store, user_id: str) -> bool:
    """Whether there is such a person. Raises StoreError when their document cannot be read."""
    try:
        store.read(user_id)
    except NotStored:
        return False
    return True
