"""Signed links and marks: what their bearer may do without a password, sealed with this installation's key."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from functools import lru_cache
from typing import Any, Literal

from itsdangerous import BadData, Signer, URLSafeSerializer, URLSafeTimedSerializer

from core.catalogue import N_, _
from core.letters.taps import Action as Action
from core.letters.taps import Link as Link

SIGN_IN_SECONDS = 3600
Purpose = Literal["password", "address", "invitation"]
OVER_AN_HOUR = N_("This link is damaged or older than an hour. Ask for a new one.")
OVER_TWO_WEEKS = N_("This link is damaged or older than two weeks. Ask for a new one.")
LASTS: dict[Purpose, tuple[int, str]] = {  # in seconds, and what is said after them
    "password": (3600, OVER_AN_HOUR),
    "address": (3600, OVER_AN_HOUR),
    "invitation": (14 * 86400, OVER_TWO_WEEKS),
}
SEAL_OCTETS = 18  # of 32: more than half, as RFC 2104 section 5 has it

# One sign each, since a letter has many links. Never give one another meaning: old letters carry it.
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
    "helpful": "h",
    "take-back": "b",
}
ACTIONS = {code: action for action, code in CODES.items()}


class BadLinkError(ValueError):
    """A link that we did not write, or one that has run out; the message says so to the person."""


@lru_cache(maxsize=8)
def _seal(secret: bytes) -> hmac.HMAC:
    """What begins the seal of every link in a letter; its key is derived from the installation's."""
    return hmac.new(Signer(secret, salt="letter").derive_key(), digestmod="sha256")


def _sealed(secret: bytes, said: bytes) -> bytes:
    seal = _seal(secret).copy()
    seal.update(said)
    return said + b"." + urlsafe_b64encode(seal.digest()[:SEAL_OCTETS]).rstrip(b"=")


def letter_link(base_url: str, secret: bytes, link: Link) -> str:
    """The address of a link in a letter. It never runs out: an old letter can still be unsubscribed from."""
    day = "" if link.day is None else f"{link.day.toordinal():x}"
    said = f"{CODES[link.action]}{link.user_id}.{day}.{link.detail}".encode()
    token = _sealed(secret, urlsafe_b64encode(said).rstrip(b"="))
    return f"{base_url}/l/{token.decode('ascii')}"


def read_letter_link(secret: bytes, token: str) -> Link:
    """What the token of a letter's link says. Raises BadLinkError."""
    said = token.encode().partition(b".")[0]
    # Signed anew and compared whole: base64 has several spellings for the same octets, and only ours is taken.
    if not hmac.compare_digest(_sealed(secret, said), token.encode()):
        raise BadLinkError(_("This link is damaged. Open the letter once more and tap its button there."))
    try:
        text = urlsafe_b64decode(said + b"=" * (-len(said) % 4)).decode()
        user_id, day, detail = text[1:].split(".", 2)
        return Link(ACTIONS[text[0]], user_id, detail, date.fromordinal(int(day, 16)) if day else None)
    except (KeyError, IndexError, ValueError):
        said_so = _("This link is from another version of XP Tracker. Sign in to make the change.")
        raise BadLinkError(said_so) from None


def sign_in_link(base_url: str, secret: bytes, user_id: str) -> str:
    """The address at which that person is signed in, for one hour."""
    return f"{base_url}/auth/link/{_timed(secret, 'sign-in').dumps(user_id)}"


def read_sign_in_link(secret: bytes, token: str) -> str:
    """The user id of a sign-in link. Raises BadLinkError when it is damaged or over an hour old."""
    try:
        said: Any = _timed(secret, "sign-in").loads(token, max_age=SIGN_IN_SECONDS)
        return str(said)
    except BadData:
        raise BadLinkError(_("This sign-in link is damaged or older than an hour. Ask for a new one.")) from None


def account_link(base_url: str, secret: bytes, purpose: Purpose, *said: str) -> str:
    """The address at which an account is changed; what makes it work once is among what it says."""
    where = f"{base_url}/?invitation=" if purpose == "invitation" else f"{base_url}/auth/{purpose}/"
    return where + _timed(secret, purpose).dumps(list(said))


def read_account_link(secret: bytes, purpose: Purpose, token: str) -> list[str]:
    """What the link of an account says. Raises BadLinkError when it is damaged, or older than its purpose allows."""
    seconds, over = LASTS[purpose]
    try:
        return [str(part) for part in _timed(secret, purpose).loads(token, max_age=seconds)]
    except BadData:
        raise BadLinkError(_(over)) from None


def device_mark(secret: bytes, user_id: str, nonce: str) -> str:
    """What a browser keeps after a sign-in, so that it is known as a device of that person."""
    return str(_device(secret).dumps([user_id, nonce]))


def is_mark_of(secret: bytes, mark: str, user_id: str) -> bool:
    """Whether that person has signed in on the device that shows this mark."""
    try:
        return bool(_device(secret).loads(mark)[0] == user_id)
    except BadData:
        return False


def _device(secret: bytes) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="device")


def _timed(secret: bytes, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=purpose)
