"""The bytes of a letter: one MIME message that any relay passes and any program can read."""

from __future__ import annotations

import binascii
import hashlib
import re
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from typing import Literal

from core.letters.typed import clip, one_line
from mail.letters import Letter

READ_BY_PEOPLE_MOST = 200  # characters of a name or a subject
LINE_MOST = 998  # octets, RFC 5322 2.1.1


def to_message(letter: Letter, *, sender: str, date: datetime, message_id: str, list_id: str, one_click: bool) -> bytes:
    """The letter as it goes over the wire: CRLF, lines below 998 octets, text and HTML as alternatives.

    `one_click` is for an https installation only (RFC 8058). The same letter gives the same bytes.
    Raises ValueError for an address or a link that cannot stand in a header.
    """
    # "=_" stands in no quoted-printable text, so the boundary stands in no part (RFC 2045 6.7).
    boundary = f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"
    headers = {
        "Date": format_datetime(date),
        "From": _sender(sender),
        "To": _mailbox("To", letter.to_name, letter.to),
        "Subject": _encoded("Subject", header_text(letter.subject)),
        **_on_one_line(_machine_headers(letter, message_id, list_id, one_click)),
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    bodies = (_part(letter.text, "plain"), _part(letter.html, "html"))
    return f"\r\n--{boundary}".encode("ascii").join((head.encode("ascii"), *bodies, b"--\r\n"))


def _on_one_line(headers: dict[str, str]) -> dict[str, str]:
    """Headers that no program need unfold or decode; an unsubscribe button understands no other."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable() and len(f"{name}: {value}") <= LINE_MOST):
            raise ValueError(f"{value!r} does not fit on the line of {name}")
    return headers


def _machine_headers(letter: Letter, message_id: str, list_id: str, one_click: bool) -> dict[str, str]:
    """What programs read: who may unsubscribe how, that no human wrote this, and what it is about.

    What somebody asked for in the app a moment ago is no list, and there is nothing to unsubscribe from.
    """
    machine = {
        "Auto-Submitted": "auto-generated",  # RFC 3834
        "X-Auto-Response-Suppress": "All",
        "Feedback-ID": f"{letter.kind}:{letter.stream}:xptracker",
        "X-XP-Kind": letter.kind,
        "X-XP-Day": str(letter.day),
        "X-XP-Covers": letter.covers.isoformat(),
    }
    if not letter.unsubscribe:
        return {"Message-ID": message_id, **machine}
    if not re.fullmatch(r"https?://[\x21-\x3b\x3d\x3f-\x7e]+", letter.unsubscribe):
        raise ValueError(f"{letter.unsubscribe!r} is no link for a header")
    post = {"List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if one_click else {}
    return {
        "Message-ID": message_id,
        "List-Id": list_id,
        "List-Unsubscribe": f"<{letter.unsubscribe}>",
        **post,
        **machine,
    }


def header_text(text: str) -> str:
    """A name or a subject as it stands in a header, before it is encoded: on one line, and not longer than is read."""
    return clip(" ".join(one_line(text).split()), READ_BY_PEOPLE_MOST)


@lru_cache(maxsize=1024)
def _encoded(header: str, text: str) -> str:
    """Text as a header has it: plain where it can be, or else folded into encoded words (RFC 2047)."""
    if _is_plain(text):
        return text
    return Header(text, "utf-8", maxlinelen=76, header_name=header).encode(linesep="\r\n")


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


@lru_cache(maxsize=1024)
def address_on_the_wire(spec: str) -> str:
    """An address for a header or an envelope; a domain in another script is written as DNS has it.

    Raises ValueError for what can be neither.
    """
    local, _at, domain = spec.rpartition("@")
    if not (local and domain and local.isascii()):
        raise ValueError(f"{spec!r} is no address for a header")
    return Address(username=local, domain=domain.encode("idna").decode("ascii")).addr_spec


@lru_cache(maxsize=8)
def _sender(sender: str) -> str:
    return _mailbox("From", *parseaddr(sender))


def _mailbox(header: str, name: str, spec: str) -> str:
    address = address_on_the_wire(spec)
    shown = header_text(name)
    return formataddr((shown, address)) if _is_plain(shown) else f"{_encoded(header, shown)}\r\n <{address}>"


def _part(content: str, subtype: Literal["plain", "html"]) -> bytes:
    """One form of the letter, quoted-printable: it passes any relay, and its text can be read as it stands."""
    head = f'\r\nContent-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode("ascii") + b"\r\n".join(map(_quoted_line, content.encode().split(b"\n")))


@lru_cache(maxsize=4096)
def _quoted_line(line: bytes) -> bytes:
    """A line as quoted-printable, folded: three quarters of a letter's lines stand in many others."""
    return binascii.b2a_qp(line, istext=True).replace(b"\n", b"\r\n")
