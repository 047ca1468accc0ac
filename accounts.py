"""Who may sign in: accounts by e-mail address, made, opened, changed and taken away."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from email_validator import EmailNotValidError, validate_email

import passwords
from attempts import ACCOUNT, NETWORK, SIGN_IN, Attempts, Limit, TooSoonError
from core.catalogue import N_, _
from core.ids import slug
from core.localtime import is_zone, zone
from core.models import User
from identities import Connection, Identities, Identity
from links import is_mark_of
from passwords import PasswordRefused
from sessions import Sessions
from settings import Settings, read_settings
from storage import NotStored, Store, new_user

NAME_MOST = 60

MALFORMED = N_("Type the whole address, like ana@example.org.")
NOT_PLAIN = N_("Letters cannot go to an address with such signs before the @. Use one with plain letters.")
TAKEN = N_("There is an account with this address already. Sign in, or use another address.")
NO_NAME = N_("Tell me what to call you; a first name is enough.")
REFUSED = N_("That address and that password do not go together. Look at both once more.")
WRONG = N_("That is not your password. Nothing was changed.")
USED = N_("This link was used already, or something it relied on has changed. Ask for a new one.")
SAME = N_("That is your address already.")
LATE = N_("That took too long, or was used already. Sign in there once more.")
CONNECTED = N_("Another account is connected with that sign-in already.")
NOT_YOURS = N_(
    "The other service does not say that {email} is yours, so nothing was connected. It connects where both addresses "
    "are the same, and confirmed."
)
ONLY_WAY = N_("That is your only way in. Choose a password first.")
OTHER_ADDRESS = N_("This invitation is for {email}. Use that address.")
NOT_OPEN = {
    "invite": N_("This XP Tracker takes people in by invitation. Ask whoever runs it{operators} for one."),
    "closed": N_("This XP Tracker takes in nobody new at the moment."),
}


class AccountError(ValueError):
    """Somebody cannot be signed up or in; the message is one sentence to the person."""


class UsedLinkError(AccountError):
    """A link that works once and has, or one that something it relied on has left behind."""

    def __init__(self) -> None:
        super().__init__(_(USED))


@dataclass(frozen=True)
class Visitor:
    """Where a try comes from: its network (empty where nobody knows) and the mark of its device, if it has one."""

    network: str = ""
    device: str = ""


@dataclass(frozen=True)
class Invitation:
    """A link's leave to make one account: its own id, and the only address that it is for (empty: any)."""

    id: str
    email: str = ""


@dataclass(frozen=True)
class _Account:
    """An account as it is stored."""

    key: str
    body: dict[str, Any]

    @property
    def secret(self) -> str | None:
        """The hash of the password, if one was chosen."""
        return self.body.get("password")

    @property
    def stamp(self) -> str:
        """What is equal for as long as neither address nor password has changed; links carry it, so they work once."""
        return hashlib.sha256(f"{self.body['email']}\n{self.body.get('password', '')}".encode()).hexdigest()[:32]


ATTEMPTS = Attempts()  # one process serves the screens


class Accounts:
    """The sign-ins of one store."""

    def __init__(self, store: Store, settings: Settings | None = None, attempts: Attempts | None = None) -> None:
        self._store = store
        self._records = store.records
        self._settings = settings or read_settings()
        self.sessions = Sessions(store.records)
        self.identities = Identities(store.records)
        self.attempts = attempts or Attempts()
        self.signup = self._settings.signup
        addresses = [address.strip() for address in self._settings.admin_emails.split(",") if address.strip()]
        self.operators = f" ({', '.join(addresses)})" if addresses else ""

    @property
    def why_not_open(self) -> str:
        """Why nobody can sign up here without more; empty when anybody can."""
        return _(NOT_OPEN[self.signup]).format(operators=self.operators) if self.signup in NOT_OPEN else ""

    @property
    def sends_letters(self) -> bool:
        """Whether a letter reaches a mailbox; without a mail server it becomes a file."""
        return bool(self._settings.smtp_host)

    # --- in

    def sign_up(
        self,
        name: str,
        email: str,
        password: str,
        *,
        now: datetime,
        locale: str = "en",
        timezone: str = "UTC",
        invitation: Invitation | None = None,
        visitor: Visitor | None = None,
        identity: Identity | None = None,
    ) -> str:
        """Make an account and the person's document; the new user id. Raises AccountError and then keeps nothing.

        The date that `now` has in `timezone` becomes the person's Day 0; a name that is no zone counts as UTC. An
        identity takes the place of the password.
        """
        if not self.may_sign_up(invitation):
            raise AccountError(self.why_not_open or _(USED))
        if identity and not self.identities.is_open(identity, now=now):
            raise AccountError(_(LATE))
        shown, address = _checked_name(name), checked_address(email)
        if invitation and invitation.email and address_key(invitation.email) != address_key(address):
            raise AccountError(_(OTHER_ADDRESS).format(email=invitation.email))
        network = f"network {visitor.network}" if visitor and visitor.network else ""
        with _said_to_the_person():
            if network:  # "taken" says who is here: not to whoever asks for thousands
                self.attempts.begin({network: NETWORK}, now=now)
            chosen = {} if identity else {"password": passwords.hashed(password)}
        user = self._person(shown, address, now, locale, timezone if is_zone(timezone) else "UTC")
        account = {"user_id": user.user_id, "email": address, **chosen, "created": now.isoformat()}
        if not self._records.create("accounts", address_key(address), account):
            raise AccountError(_(TAKEN))
        try:
            if identity and not self._connect(identity, user.user_id, now):
                raise AccountError(_(CONNECTED))
            if invitation and not self._records.create("invitations", invitation.id, {"used": now.isoformat()}):
                raise UsedLinkError
            self._store.create(user)
        except BaseException:
            self._records.delete("accounts", address_key(address))
            self.identities.forget(user.user_id)
            raise
        self.attempts.take_back(network)
        return user.user_id

    def may_sign_up(self, invitation: Invitation | None) -> bool:
        """Whether somebody with that invitation, or without one, can make an account here now."""
        if self.signup == "open" or invitation is None:
            return self.signup == "open"
        return self.signup == "invite" and self._records.read("invitations", invitation.id) is None

    def sign_in(self, email: str, password: str, *, now: datetime, visitor: Visitor | None = None) -> str:
        """The user id behind an address and its password.

        Raises AccountError: the same, and after the same work, for a wrong password and for an address that nobody
        has; or, without looking at the password, when it was tried too often.
        """
        visitor = visitor or Visitor()
        key, account = self._typed(email)
        limits = self._limits(key, account, visitor)
        with _said_to_the_person():
            self.attempts.begin(limits, now=now)
        if not passwords.fits(account.secret if account else None, password) or account is None:
            raise AccountError(_(REFUSED))
        self._was_right(limits)
        return str(account.body["user_id"])

    def sign_in_as(self, identity: Identity, *, now: datetime) -> str | None:
        """The user id whose account an identity opens, and the identity is used; None where it opens none.

        Raises AccountError when it does not count any more.
        """
        user_id = self.identities.user_of(identity)
        if user_id is not None and not self.identities.take(identity, now=now):
            raise AccountError(_(LATE))
        return user_id

    def _typed(self, email: str) -> tuple[str, _Account | None]:
        """The key that tries of an address count under, and its account."""
        try:
            key = address_key(checked_address(email))
        except AccountError:
            return "", None
        return key, self._account(key)

    def _limits(self, key: str, account: _Account | None, visitor: Visitor) -> Mapping[str, Limit]:
        """What a try counts under. A device that the person has signed in on has a counter of its own: whatever
        strangers try, from wherever, the owner is not kept waiting there."""
        if account and is_mark_of(self._store.secret(), visitor.device, account.body["user_id"]):
            return {f"device {visitor.device}": SIGN_IN}
        limits = {f"sign-in {key} {visitor.network}": SIGN_IN, f"account {key}": ACCOUNT}
        return limits | ({f"network {visitor.network}": NETWORK} if visitor.network else {})

    def _was_right(self, limits: Mapping[str, Limit]) -> None:
        """A right password wipes out the tries of who knew it; those of others stay counted."""
        for name, limit in limits.items():
            if limit is SIGN_IN:
                self.attempts.forget(name)
            else:
                self.attempts.take_back(name)

    # --- what the person changes

    def has_password(self, user_id: str) -> bool:
        """Whether the person signs in by a password; one who was loaded has none yet."""
        account = self._account_of(user_id)
        return account is not None and bool(account.body.get("password"))

    def check_password(self, user_id: str, password: str, *, now: datetime) -> None:
        """Let the person show that it is them. Raises AccountError, also when they tried too often."""
        account, limits = self._account_of(user_id), {f"again {user_id}": SIGN_IN}
        with _said_to_the_person():
            self.attempts.begin(limits, now=now)
        if not passwords.fits(account.secret if account else None, password):
            raise AccountError(_(WRONG))
        self._was_right(limits)

    def change_password(self, user_id: str, new: str, *, now: datetime) -> None:
        """Give the person another password, or their first. Raises AccountError."""
        with _said_to_the_person():
            secret = passwords.hashed(new)
        account = self._account_of(user_id)
        if account is None:
            email = self._store.read(user_id).email
            body = {"user_id": user_id, "email": email, "password": secret, "created": now.isoformat()}
            if not email or not self._records.create("accounts", address_key(email), body):
                raise AccountError(_(TAKEN) if email else _(MALFORMED))
            return
        with self._records.edit("accounts", account.key) as kept:
            kept["password"] = secret

    def stamp_of_address(self, email: str) -> tuple[str, str, str] | None:
        """Whose address it is: account key, stamp and user id; None when it is nobody's."""
        account = self._typed(email)[1]
        return None if account is None else (account.key, account.stamp, str(account.body["user_id"]))

    def stamp_of(self, user_id: str) -> tuple[str, str] | None:
        """A person's account key and stamp; None for somebody without an account."""
        account = self._account_of(user_id)
        return None if account is None else (account.key, account.stamp)

    def is_stamped(self, key: str, stamp: str) -> bool:
        """Whether nothing has changed since a link was stamped so."""
        account = self._account(key)
        return account is not None and account.stamp == stamp

    def reset_password(self, key: str, stamp: str, new: str) -> str:
        """Another password by a link, once; whose it is. Raises AccountError.

        Every identity is let go: whoever made the account before the owner of its address came may be behind one
        (Sudhodanan and Paverd, "Pre-hijacked accounts", USENIX Security 2022).
        """
        with _said_to_the_person():
            secret = passwords.hashed(new)
        try:
            with self._records.edit("accounts", key) as kept:
                if _Account(key, kept).stamp != stamp:
                    raise UsedLinkError
                kept["password"], user_id = secret, str(kept["user_id"])
        except NotStored:
            raise UsedLinkError from None
        self.identities.forget(user_id)
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
        either; what a crash leaves half done, the same link ends.
        """
        account, address = self._account(key), checked_address(new)
        if account is None or account.stamp != stamp:
            raise UsedLinkError
        user_id = str(account.body["user_id"])
        if not self._records.create("accounts", address_key(address), {**account.body, "email": address}):
            there = self._account(address_key(address))
            if there is None or there.body["user_id"] != user_id:
                raise AccountError(_(TAKEN))
        try:
            with self._store.edit(user_id) as user:
                user.email, user.email_confirmed, user.email_refused = address, True, None
        except NotStored:  # they left meanwhile
            self._records.delete("accounts", address_key(address))
            raise
        if address_key(address) != key:
            self._records.delete("accounts", key)
        return user_id

    def forget(self, user_id: str) -> list[str]:
        """Remove a person's sign-in and every session; the ids of these. Their document is not touched."""
        while account := self._account_of(user_id):
            self._records.delete("accounts", account.key)
        self.identities.forget(user_id)
        return self.sessions.close_all(user_id)

    def _connect(self, identity: Identity, user_id: str, now: datetime) -> bool:
        return self.identities.connect(identity, user_id, now=now) and self.identities.take(identity, now=now)

    def _account(self, key: str) -> _Account | None:
        body = self._records.read("accounts", key)
        return None if body is None else _Account(key, body)

    def _account_of(self, user_id: str) -> _Account | None:
        """A person's account: that of their document's address, or else the one that names them."""
        with suppress(NotStored):
            account = self._account(address_key(self._store.read(user_id).email))
            if account is not None and account.body["user_id"] == user_id:
                return account
        found = (self._account(key) for key in self._records.keys("accounts"))
        return next((one for one in found if one is not None and one.body["user_id"] == user_id), None)

    def _person(self, name: str, address: str, now: datetime, locale: str, timezone: str) -> User:
        asks_first = self.sends_letters and self._settings.confirm_email
        user = new_user(
            user_id=f"{slug(name, otherwise='person')}-{secrets.token_hex(3)}",
            email=address,
            email_confirmed=not asks_first,
            display_name=name,
            created_at=now.astimezone(zone(timezone)).replace(microsecond=0),
            locale=locale,
        )
        user.coaching_profile.timezone = timezone
        return user


def is_stored(store: Store, user_id: str) -> bool:
    """Whether there is such a person. Raises StoreError when their document cannot be read."""
    try:
        store.read(user_id)
    except NotStored:
        return False
    return True


def address_key(address: str) -> str:
    """The name under which the account of an address is kept; it does not show the address."""
    return hashlib.sha256(address.casefold().encode()).hexdigest()


def checked_address(email: str) -> str:
    """An address as it is kept. Raises AccountError."""
    address = email.strip()
    try:
        return validate_email(address, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        is_plain = address.rpartition("@")[0].isascii()
        raise AccountError(_(MALFORMED if is_plain else NOT_PLAIN)) from None


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())[:NAME_MOST]
    if not shown:
        raise AccountError(_(NO_NAME))
    return shown


@contextmanager
def _said_to_the_person() -> Iterator[None]:
    try:
        yield
    except (PasswordRefused, TooSoonError) as error:
        raise AccountError(str(error)) from None
