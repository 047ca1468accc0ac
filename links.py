"""Signed links: what a letter lets its reader do without signing in, sealed with this installation's key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from itsdangerous import BadData, URLSafeSerializer, URLSafeTimedSerializer

Action = Literal["confirm", "unsubscribe-digest", "unsubscribe-drip", "unsubscribe-all"]
SIGN_IN_SECONDS = 3600


class BadLinkError(ValueError):
    """A link that we did not write, or one that has run out; the message says so to the person."""


@dataclass(frozen=True)
class Link:
    """What a link does and for whom; `detail` is the address that a confirmation is about."""

    action: Action
    user_id: str
    detail: str = ""


def letter_link(base_url: str, secret: bytes, link: Link) -> str:
    """The address of a link in a letter. It never runs out: an old letter can still be unsubscribed from."""
    token = URLSafeSerializer(secret, salt="letter").dumps([link.action, link.user_id, link.detail])
    return f"{base_url}/l/{token}"


def read_letter_link(secret: bytes, token: str) -> Link:
    """What the token of a letter's link says. Raises BadLinkError."""
    try:
        action, user_id, detail = URLSafeSerializer(secret, salt="letter").loads(token)
    except (BadData, ValueError, TypeError):
        raise BadLinkError("This link is damaged. Open the letter once more and tap its button there.") from None
    if action not in get_args(Action):
        raise BadLinkError("This link is from another version of XP Tracker. Sign in to make the change.")
    return Link(action, user_id, detail)


def sign_in_link(base_url: str, secret: bytes, user_id: str) -> str:
    """The address at which that person is signed in, for one hour."""
    return f"{base_url}/auth/link/{URLSafeTimedSerializer(secret, salt='sign-in').dumps(user_id)}"


def read_sign_in_link(secret: bytes, token: str) -> str:
    """The user id of a sign-in link. Raises BadLinkError when it is damaged or over an hour old."""
    try:
        return str(URLSafeTimedSerializer(secret, salt="sign-in").loads(token, max_age=SIGN_IN_SECONDS))
    except BadData:
        raise BadLinkError("This sign-in link is damaged or older than an hour. Ask for a new one.") from None
