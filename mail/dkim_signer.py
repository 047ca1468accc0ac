"""DKIM: a letter's headers and body sealed with the sending domain's key (RFC 6376, RFC 8301)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import dkim
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

LEAST_BITS = 1024  # RFC 8301 3.2: receivers refuse shorter ones
# dkimpy leaves out the last two by itself, where RFC 8058 5 asks for both List-Unsubscribe headers and Google for
# Feedback-ID.
SIGNED_HEADERS = (
    *("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("List-Id", "List-Unsubscribe", "Auto-Submitted", "List-Unsubscribe-Post", "Feedback-ID"),
)


@cache
def read_signing_key(path: Path) -> bytes:
    """The RSA private key in a PEM file, read once, in the PEM form of PKCS #1.

    Raises ValueError with the reason and the remedy.
    """
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror}); name a file that this program may read") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("no private key without a password in PEM form; make one with: openssl genrsa 2048") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ValueError("not an RSA key of 1024 bits or more; make one with: openssl genrsa 2048")
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def sign(raw: bytes, key: bytes, *, selector: str, domain: str) -> bytes:
    """The message with a DKIM-Signature before its first header; `raw` has CRLF ends of line and each header once.

    The receiver finds the public key in the DNS at `selector`._domainkey.`domain`.
    """
    names = [name.lower() for name in SIGNED_HEADERS]
    head = raw.partition(b"\r\n\r\n")[0].lower()
    # Each stands in the signature once more than in the letter, so that none can be changed, taken out or added on the
    # way (RFC 6376 5.4.2).
    covered = [name for name in names if f"\n{name}:".encode() in b"\n" + head] + names
    canonical = (b"relaxed", b"relaxed")
    where = selector.encode(), domain.encode()
    signature: bytes = dkim.sign(raw, *where, key, canonicalize=canonical, include_headers=covered)
    return signature + raw
