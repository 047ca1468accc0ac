"""DKIM: a letter's headers and body sealed with the sending domain's key (RFC 6376, RFC 8301)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from functools import cache
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

LEAST_BITS = 1024  # RFC 8301 3.2: receivers refuse shorter ones
# Each stands in the signature once more than in the letter, so that none can be changed, taken out or added on the way
# (RFC 6376 5.4.2). RFC 8058 5 asks for both List-Unsubscribe headers, Google for Feedback-ID.
SIGNED_HEADERS = (
    *("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"),
    *("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Feedback-ID"),
)
_SPACES = re.compile(rb"[ \t]{2,}|\t")


@cache
def read_signing_key(path: Path) -> RSAPrivateKey:
    """The RSA private key in a PEM file, read once. Raises ValueError with the reason and the remedy."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror}); name a file that this program may read") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("no private key without a password in PEM form; make one with: openssl genrsa 2048") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ValueError("not an RSA key of 1024 bits or more; make one with: openssl genrsa 2048")
    return key


def sign(raw: bytes, key: RSAPrivateKey, *, selector: str, domain: str) -> bytes:
    """The message with a DKIM-Signature before its first header; `raw` has CRLF ends of line and each header once.

    The receiver finds the public key in the DNS at `selector`._domainkey.`domain`. The same letter gives the same
    bytes: no t= stands beside the Date, which is signed.
    """
    head, _, body = raw.partition(b"\r\n\r\n")
    present = dict(_relaxed_header(line) for line in re.split(rb"\r\n(?![ \t])", head))
    sealed = [name for name in SIGNED_HEADERS if name.lower().encode() in present]
    body_hash = b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
    tags = (
        f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s={selector};"
        f"\r\n h={_folded(sealed + list(SIGNED_HEADERS))};\r\n bh={body_hash};\r\n b="
    )
    own = b":".join(_relaxed_header(f"DKIM-Signature: {tags}".encode()))
    covered = [b":".join((name, present[name])) for name in (name.lower().encode() for name in sealed)]
    seal = b64encode(key.sign(b"\r\n".join([*covered, own]), PKCS1v15(), SHA256())).decode()
    folded_seal = "\r\n ".join(re.findall(".{1,72}", seal))
    return f"DKIM-Signature: {tags}{folded_seal}\r\n".encode() + raw


def _folded(names: list[str]) -> str:
    """Names of headers, five a line."""
    return ":\r\n ".join(":".join(names[at : at + 5]) for at in range(0, len(names), 5))


def _relaxed_header(line: bytes) -> tuple[bytes, bytes]:
    """Name and value without what a relay may change about them (RFC 6376 3.4.2)."""
    name, _, value = line.partition(b":")
    return name.lower().strip(b" \t"), _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    """The body without what a relay may change about it (RFC 6376 3.4.4)."""
    return _SPACES.sub(b" ", body).replace(b" \r\n", b"\r\n").rstrip(b"\r\n") + b"\r\n"
