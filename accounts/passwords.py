"""Passwords: which may be chosen, their argon2id hashes, and whether one fits."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.catalogue import _
from core.wording import count_text

LEAST, MOST = 8, 1000  # characters
HASHES_AT_ONCE = 4  # argon2id takes 64 MiB for each

_hasher = PasswordHasher()
_hashing = threading.BoundedSemaphore(HASHES_AT_ONCE)


class PasswordRefused(ValueError):
    """A password that cannot be chosen; the message is one sentence to the person."""


def hashed(password: str) -> str:
    """The hash of a new password. Raises PasswordRefused."""
    if len(password) < LEAST:
        said = _("A password has {least} characters or more; this one has {count}. A sentence works well.")
        raise PasswordRefused(said.format(least=LEAST, count=len(password)))
    if len(password) > MOST:
        said = _("A password has {most} characters at most; this one has {count}.")
        raise PasswordRefused(said.format(most=count_text(MOST), count=count_text(len(password))))
    with _hashing:
        return _hasher.hash(_same_on_every_keyboard(password))


def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one behind a hash; without a hash it is not, after the same work."""
    if len(password) > MOST:
        password = ""  # nobody's, and as much work as any other
    try:
        with _hashing:
            _hasher.verify(password_hash or _nobodys(_hasher), _same_on_every_keyboard(password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


def _same_on_every_keyboard(password: str) -> str:
    """NFKC, as NIST SP 800-63B 3.1.1.2 advises: an ö is the same whether typed as one sign or as two."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    """The hash of a password that nobody knows: an unknown address costs the same work as a known one."""
    return hasher.hash(secrets.token_urlsafe(32))
