"""Signed links: what a letter lets its reader do without signing in, sealed with this installation's key."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from functools import lru_cache
from typing import Any

from itsdangerous import BadData, Signer, URLSafeTimedSerializer

from core.letters.taps import Action as Action
from core.letters.taps import Link as Link

SIGN_IN_SECONDS = 3600
SEAL_OCTETS = 18  # of 32: more than half, as RFC 2104 section 5 has it

# One letter in the token; a letter's links are many, so that they are short. Never give one another meaning.
CODES: dict[Action, str] = {
    "confirm": "c",
    "unsubscribe-digest": "u",
    "unsubscribe-drip": "v",
    "unsubscribe-all": "w",
    "done": "d",
    "skip": "s",
    "open": "o",
    "reason": "r",
    "reflection": "f",
    "pause": "p",
    "every": "e",
    "go-on": "g",
    "take-back": "b",
}
ACTIONS = {code: action for action, code in CODES.items()}


class BadLinkError(ValueError):
    """A link that we did not write, or one that has run out; the message says so to the person."""


@lru_cache(maxsize=8)
def _key(secret: bytes) -> bytes:
    """The key of letters' links, derived once from the installation's."""
    return Signer(secret, salt="letter").derive_key()


def _sealed(secret: bytes, said: bytes) -> bytes:
    seal = hmac.digest(_key(secret), said, "sha256")[:SEAL_OCTETS]
    return said + b"." + urlsafe_b64encode(seal).rstrip(b"=")


def letter_link(base_url: str, secret: bytes, link: Link) -> str:
    """The address of a link in a letter. It never runs out: an old letter can still be unsubscribed from."""
    day = "" if link.day is None else f"{link.day.toordinal():x}"
    said = f"{CODES[link.action]}{link.user_id}.{day}.{link.detail}".encode()
    token = _sealed(secret, urlsafe_b64encode(said).rstrip(b"="))
    return f"{base_url}/l/{token.decode('ascii')}"


def read_letter_link(secret: bytes, token: str) -> Link:
    """What the token of a letter's link says. Raises BadLinkError."""
    said, _, _ = token.encode().partition(b".")
    # Signed anew and compared whole: base64 has several spellings for the same octets, and only ours is taken.
    if not hmac.compare_digest(_sealed(secret, said), token.encode()):
        raise BadLinkError("This link is damaged. Open the letter once more and tap its button there.")
    try:
        text = urlsafe_b64decode(said + b"=" * (-len(said) % 4)).decode()
        user_id, day, detail = text[1:].split(".", 2)
        return Link(ACTIONS[text[0]], user_id, detail, date.fromordinal(int(day, 16)) if day else None)
    except (KeyError, IndexError, ValueError):
        raise BadLinkError("This link is from another version of XP Tracker. Sign in to make the change.") from None


def sign_in_link(base_url: str, secret: bytes, user_id: str) -> str:
    """The address at which that person is signed in, for one hour."""
    return f"{base_url}/auth/link/{_sign_in(secret).dumps(user_id)}"


def read_sign_in_link(secret: bytes, token: str) -> str:
    """The user id of a sign-in link. Raises BadLinkError when it is damaged or over an hour old."""
    try:
        said: Any = _sign_in(secret).loads(token, max_age=SIGN_IN_SECONDS)
        return str(said)
    except BadData:
        raise BadLinkError("This sign-in link is damaged or older than an hour. Ask for a new one.") from None


def _sign_in(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="sign-in")
