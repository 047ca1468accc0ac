"""Sessions: a token stands for a person for 90 days; its hash alone is kept, and it can be ended at any time."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.records import each
from core.catalogue import N_, _
from storage import NotStored, Records

LASTS = timedelta(days=90)
SESSION_ID = r"[0-9a-f]{64}"
TICKET_LASTS = timedelta(seconds=30)
SEEN_EVERY = timedelta(hours=1)  # how fine "last seen" is: a write for each page would be one too many
UNKNOWN_DEVICE, UNKNOWN_BROWSER = N_("An unknown device"), N_("A browser")
BROWSERS = (  # what a browser calls itself, the most particular first: most of them say that they are Chrome, too
    (r"\bEdg(e|A|iOS)?/", "Edge"),
    (r"\bOPR/|\bOpera\b", "Opera"),
    (r"\bSamsungBrowser/", "Samsung Internet"),
    (r"\bFirefox/|\bFxiOS/", "Firefox"),
    (r"Chrome/|\bCriOS/|\bChromium/", "Chrome"),
    (r"\bSafari/", "Safari"),
)
SYSTEMS = (
    (r"\biPhone\b", N_("{browser} on iPhone")),
    (r"\biPad\b", N_("{browser} on iPad")),
    (r"\bAndroid\b", N_("{browser} on Android")),
    (r"\bWindows\b", N_("{browser} on Windows")),
    (r"\bMac OS X\b", N_("{browser} on a Mac")),
    (r"\bCrOS\b", N_("{browser} on a Chromebook")),
    (r"\bLinux\b", N_("{browser} on Linux")),
)


@dataclass(frozen=True)
class Session:
    """One open session: its id, where it began, since when, and when it was last seen, to the hour."""

    id: str
    device: str
    since: datetime
    seen: datetime


class Sessions:
    """The sessions of one store."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def open(self, user_id: str, *, now: datetime, device: str = "") -> str:
        """A new token that stands for that person for 90 days."""
        token = secrets.token_urlsafe(32)
        session = {"user_id": user_id, "created": now.isoformat(), "expires": (now + LASTS).isoformat()}
        self._records.create("sessions", session_id(token), {**session, "seen": now.isoformat(), "device": device})
        return token

    def user_of(self, sid: str, *, now: datetime) -> str | None:
        """Whose session has that id; None when it is closed, over, or never was."""
        session = self._open_one(sid, now)
        return None if session is None else str(session["user_id"])

    def note_seen(self, sid: str, *, now: datetime) -> None:
        """Write down that a session is in use, once an hour."""
        session = self._open_one(sid, now)
        if session is None or now - _seen(session) < SEEN_EVERY:
            return
        # Unless it was closed meanwhile; and a full disk keeps nobody out.
        with suppress(NotStored, OSError), self._records.edit("sessions", sid) as kept:
            kept["seen"] = now.isoformat()

    def of(self, user_id: str, *, now: datetime) -> list[Session]:
        """A person's open sessions, the one that was seen last first."""
        found = []
        for key, session in each(self._records, "sessions"):
            if session["user_id"] == user_id and not _is_over(session, now):
                since = datetime.fromisoformat(session["created"])
                found.append(Session(key, session.get("device") or UNKNOWN_DEVICE, since, _seen(session)))
        return sorted(found, key=lambda one: one.seen, reverse=True)

    def close(self, sid: str) -> None:
        """End a session, wherever it is used."""
        if re.fullmatch(SESSION_ID, sid):
            self._records.delete("sessions", sid)

    def close_all(self, user_id: str, *, but: str = "") -> list[str]:
        """End every session of a person, except one of that id, and every ticket; the ids of the sessions."""
        TICKETS.forget(user_id)
        all_of_them = [key for key, session in each(self._records, "sessions") if session["user_id"] == user_id]
        ended = [key for key in all_of_them if key != but]
        for key in ended:
            self._records.delete("sessions", key)
        return ended

    def close_expired(self, *, now: datetime) -> int:
        """Remove the sessions that are over; how many there were."""
        over = [key for key, session in each(self._records, "sessions") if _is_over(session, now)]
        for key in over:
            self._records.delete("sessions", key)
        return len(over)

    def _open_one(self, sid: str, now: datetime) -> dict[str, Any] | None:
        """What is kept of a session, None when it is closed, over, or never was."""
        session = self._records.read("sessions", sid) if re.fullmatch(SESSION_ID, sid) else None
        return None if session is None or _is_over(session, now) else session


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

    def forget(self, user_id: str) -> None:
        """Let no ticket sign that person in any more: it stands for a password that may be another by now."""
        with self._lock:
            self._issued = {key: value for key, value in self._issued.items() if value[0] != user_id}

    def redeem(self, ticket: str, *, now: datetime) -> str | None:
        """Whom a ticket signs in; None when it is used, over, or not ours."""
        with self._lock:
            user_id, until = self._issued.pop(session_id(ticket), (None, now))
        return user_id if until > now else None


TICKETS = Tickets()  # screens and routes live in one process


def session_id(token: str) -> str:
    """The id of a token's session: its SHA-256. Nobody gets the token back from it, and it is no token itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def device_name(user_agent: str) -> str:
    """A browser and its system, and no more, as a session keeps it: `Firefox on Android`."""
    browser = next((name for pattern, name in BROWSERS if re.search(pattern, user_agent)), "")
    system = next((text for pattern, text in SYSTEMS if re.search(pattern, user_agent)), "")
    if system:
        return system.format(browser=browser or UNKNOWN_BROWSER)
    return browser or UNKNOWN_DEVICE


def device_said(device: str) -> str:
    """The kept name of a device in the language in force."""
    for _pattern, text in SYSTEMS:
        browser = device.removesuffix(text.format(browser=""))
        if browser != device:
            return _(text).format(browser=_(browser))
    return _(device)


def _is_over(session: dict[str, Any], now: datetime) -> bool:
    return datetime.fromisoformat(session["expires"]) <= now


def _seen(session: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(session.get("seen") or session["created"])
