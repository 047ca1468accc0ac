"""Who may sign in: accounts by e-mail address, sessions by a token whose hash alone is kept, and one-time tickets."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import unicodedata
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email

from core.ids import slug
from core.localtime import is_zone, zone
from core.models import User
from settings import Settings, read_settings
from storage import NotStored, Store, new_user

PASSWORD_LEAST, PASSWORD_MOST = 8, 1000  # characters
NAME_MOST = 60
SESSION_LASTS = timedelta(days=90)
TICKET_LASTS = timedelta(seconds=30)
HASHES_AT_ONCE = 4  # argon2id takes 64 MiB for each

MALFORMED = "Type the whole address, like ana@example.org."
TAKEN = "There is an account with this address already. Sign in, or use another address."
NO_NAME = "Tell me what to call you; a first name is enough."
REFUSED = "That address and that password do not go together. Look at both once more."
NOT_OPEN = {
    "invite": "This XP Tracker takes people in by invitation. Ask whoever runs it{operators} for one.",
    "closed": "This XP Tracker takes in nobody new at the moment.",
}

_hasher = PasswordHasher()
_hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)


class AccountError(ValueError):
    """Somebody cannot be signed up or in; the message is one sentence to the person."""


class Accounts:
    """The sign-ins of one store."""

    def __init__(self, store: Store, settings: Settings | None = None) -> None:
        self._store = store
        self._records = store.records
        self._settings = settings or read_settings()
        self.signup = self._settings.signup
        addresses = [address.strip() for address in self._settings.admin_emails.split(",") if address.strip()]
        self.operators = f" ({', '.join(addresses)})" if addresses else ""

    @property
    def why_not_open(self) -> str:
        """Why nobody can sign up here; empty when anybody can."""
        return NOT_OPEN.get(self.signup, "").format(operators=self.operators)

    def sign_up(
        self, name: str, email: str, password: str, *, now: datetime, locale: str = "en", timezone: str = "UTC"
    ) -> str:
        """Make an account and the person's document; the new user id. Raises AccountError and then keeps nothing.

        The date that `now` has in `timezone` becomes the person's Day 0; a name that is no zone counts as UTC.
        """
        if self.signup != "open":
            raise AccountError(self.why_not_open)
        shown, address, secret = _checked_name(name), _checked_address(email), _checked_password(password)
        user = self._person(shown, address, now, locale, timezone if is_zone(timezone) else "UTC")
        account = {"user_id": user.user_id, "email": address, "password": _hashed(secret), "created": now.isoformat()}
        if not self._records.create("accounts", _key(address), account):
            raise AccountError(TAKEN)
        try:
            self._store.create(user)
        except BaseException:
            self._records.delete("accounts", _key(address))
            raise
        return user.user_id

    def sign_in(self, email: str, password: str) -> str:
        """The user id behind an address and its password. Raises AccountError: the same, and after the same
        work, for a wrong password and for an address that nobody has."""
        try:
            account = self._records.read("accounts", _key(_checked_address(email)))
        except AccountError:
            account = None
        fits = _fits(account["password"] if account else _nobody(), password)
        if account is None or not fits:
            raise AccountError(REFUSED)
        return str(account["user_id"])

    def open_session(self, user_id: str, *, now: datetime) -> str:
        """A new token that stands for that person for 90 days."""
        token = secrets.token_urlsafe(32)
        session = {"user_id": user_id, "created": now.isoformat(), "expires": (now + SESSION_LASTS).isoformat()}
        self._records.create("sessions", session_id(token), session)
        return token

    def session_user(self, token: str, *, now: datetime) -> str | None:
        """Whose session a token (or its id) opens; None when it is closed, over, or never was."""
        key = _session_key(token)
        session = self._records.read("sessions", key)
        if session is None or datetime.fromisoformat(session["expires"]) <= now:
            return None
        return str(session["user_id"])

    def close_session(self, token: str) -> None:
        """End the session of a token (or of its id), wherever it is used."""
        self._records.delete("sessions", _session_key(token))

    def close_expired(self, *, now: datetime) -> int:
        """Remove the sessions that are over; how many there were."""
        over = [key for key in self._records.keys("sessions") if self.session_user(key, now=now) is None]
        for key in over:
            self._records.delete("sessions", key)
        return len(over)

    def forget(self, user_id: str) -> None:
        """Remove a person's sign-in and every session; their document is not touched."""
        for kind in ("accounts", "sessions"):
            for key in self._records.keys(kind):
                if (self._records.read(kind, key) or {}).get("user_id") == user_id:
                    self._records.delete(kind, key)

    def _person(self, name: str, address: str, now: datetime, locale: str, timezone: str) -> User:
        asks_first = bool(self._settings.smtp_host) and self._settings.confirm_email
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


class Tickets:
    """One-time tickets: the screen checks the password, the route that can set a cookie takes the ticket."""

    def __init__(self) -> None:
        self._issued: dict[str, tuple[str, datetime]] = {}
        self._lock = threading.Lock()

    def issue(self, user_id: str, *, now: datetime) -> str:
        """A ticket that signs that person in once, within 30 seconds."""
        ticket = secrets.token_urlsafe(32)
        with self._lock:
            self._issued = {key: value for key, value in self._issued.items() if value[1] > now}
            self._issued[session_id(ticket)] = (user_id, now + TICKET_LASTS)
        return ticket

    def redeem(self, ticket: str, *, now: datetime) -> str | None:
        """Whom a ticket signs in; None when it is used, over, or not ours."""
        with self._lock:
            user_id, until = self._issued.pop(session_id(ticket), (None, now))
        return user_id if until > now else None


TICKETS = Tickets()  # screens and routes live in one process


def session_id(token: str) -> str:
    """The name under which a token's session is kept: its SHA-256, from which nobody gets the token back."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_stored(store: Store, user_id: str) -> bool:
    """Whether there is such a person. Raises StoreError when their document cannot be read."""
    try:
        store.read(user_id)
    except NotStored:
        return False
    return True


def _session_key(token: str) -> str:
    return token if re.fullmatch(r"[0-9a-f]{64}", token) else session_id(token)


def _key(address: str) -> str:
    return hashlib.sha256(address.casefold().encode()).hexdigest()


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())[:NAME_MOST]
    if not shown:
        raise AccountError(NO_NAME)
    return shown


def _checked_address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise AccountError(MALFORMED) from None


def _checked_password(password: str) -> str:
    if len(password) < PASSWORD_LEAST:
        raise AccountError(
            f"A password has {PASSWORD_LEAST} characters or more; this one has {len(password)}. A sentence works well."
        )
    if len(password) > PASSWORD_MOST:
        raise AccountError(f"A password has {PASSWORD_MOST:,} characters at most; this one has {len(password):,}.")
    return password


def _same_on_every_keyboard(password: str) -> str:
    """NFKC, as NIST SP 800-63B 3.1.1.2 advises: an ö is the same whether typed as one sign or as two."""
    return unicodedata.normalize("NFKC", password)


def _hashed(password: str) -> str:
    with _hashing:
        return _hasher.hash(_same_on_every_keyboard(password))


def _fits(password_hash: str, password: str) -> bool:
    if len(password) > PASSWORD_MOST:
        password = ""  # nobody's, and as much work as any other
    try:
        with _hashing:
            return _hasher.verify(password_hash, _same_on_every_keyboard(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """The hash of a password that nobody knows: an unknown address costs the same work as a known one."""
    return _hashed(secrets.token_urlsafe(32))
