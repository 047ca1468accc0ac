"""A throw-away key of the sending domain, and the record that a receiver finds in the DNS."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

SELECTOR = "xp2026"
NAME = b"xp2026._domainkey.example.org."


@cache
def a_key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@cache
def signing_key() -> bytes:
    return a_key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def pem(key: PrivateKeyTypes, password: bytes = b"") -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)


def key_file(folder: Path) -> Path:
    path = folder / "dkim.pem"
    path.write_bytes(pem(a_key()))
    return path


def _dns(name: bytes, timeout: int = 5) -> bytes | None:
    """A DNS that knows one record."""
    public = a_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + b64encode(public) if name == NAME else None


def is_genuine(raw: bytes) -> bool:
    """What a receiver finds when it checks the signature."""
    try:
        return bool(dkim.verify(raw, dnsfunc=_dns))
    except dkim.ValidationError:
        return False
