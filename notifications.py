"""Handing letters over: claim in the ledger, render, hand to the mail server or the outbox, note how it ended."""

from __future__ import annotations

import hmac
import logging
import os
import secrets
import smtplib
import ssl
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlparse

from core.history import as_of
from core.letters.days_said import long_day
from core.localtime import day_number
from core.models import User
from ledger import Ledger, LostClaimError, Owner
from letters import Frame, Letter, Rendered, to_message
from links import Action, Link, letter_link
from settings import Settings, read_settings
from storage import Store, StoreError, open_store

log = logging.getLogger(__name__)

RETRY_MINUTES = (2, 10, 30, 60)  # RFC 5321 4.5.4.1 asks for patience; the letter's own validity ends the tries
CONNECT_SECONDS = 30
UNSUBSCRIBE_LINKS: tuple[tuple[str, Action], ...] = (
    ("digest", "unsubscribe-digest"),
    ("course", "unsubscribe-drip"),
    ("everything", "unsubscribe-all"),
)
Stream = Literal["digest", "drip"]
DOT_SECONDS = 600  # RFC 5321 4.5.3.2.6: a shorter wait after the final dot makes duplicates


@dataclass(frozen=True)
class Outcome:
    """How a hand-over ended: `sent`, `retry` (nothing was delivered), `failed` for good, or `unknown`."""

    state: Literal["sent", "retry", "failed", "unknown"]
    detail: str = ""


class Mailer(Protocol):
    """A way out for letters."""

    via: str

    def hand_over(self, raw: bytes, to: str, file_name: str, before_dot: Callable[[], None]) -> Outcome:
        """Deliver one message; `before_dot` must return before it can have been delivered."""

    def went(self, file_name: str) -> bool | None:
        """Whether a letter whose hand-over was cut off has gone; None when nobody can know."""


class Outbox:
    """Letters as files, byte for byte as on the wire; the file itself settles whether a letter went."""

    via = "outbox"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def hand_over(self, raw: bytes, to: str, file_name: str, before_dot: Callable[[], None]) -> Outcome:
        temporary = self._folder / f".{secrets.token_hex(8)}"
        try:
            with temporary.open("xb") as handle:
                handle.write(raw)
                handle.flush()
                os.fsync(handle.fileno())
            before_dot()
            os.link(temporary, self._folder / file_name)
        except FileExistsError:
            return Outcome("sent", "it was there already")
        except OSError as error:
            return Outcome("retry", f"outbox: {error.strerror}")
        finally:
            temporary.unlink(missing_ok=True)
        return Outcome("sent", file_name)

    def went(self, file_name: str) -> bool | None:
        return (self._folder / file_name).exists()


class SmtpServer:
    """A mail server, spoken to step by step, so that only the moment of the final dot can stay unknown."""

    via = "smtp"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sender = parseaddr(settings.mail_from)[1]

    def hand_over(self, raw: bytes, to: str, file_name: str, before_dot: Callable[[], None]) -> Outcome:
        phase = ["connect"]
        try:
            with self._connected(phase) as server:
                return self._transfer(server, raw, to, before_dot, phase)
        except smtplib.SMTPAuthenticationError as error:
            return Outcome("retry", f"sign-in refused: {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("unknown" if phase[0] == "dot" else "retry", f"{phase[0]}: {error}")

    def went(self, file_name: str) -> bool | None:
        return None

    @contextmanager
    def _connected(self, phase: list[str]) -> Iterator[smtplib.SMTP]:
        s = self._settings
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if s.smtp_security == "tls":
            server = smtplib.SMTP_SSL(s.smtp_host, s.smtp_port, timeout=CONNECT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(s.smtp_host, s.smtp_port, timeout=CONNECT_SECONDS)
        try:
            if s.smtp_security == "starttls":
                server.starttls(context=context)
            phase[0] = "sign-in"
            server.ehlo_or_helo_if_needed()
            if s.smtp_username:
                server.login(s.smtp_username, s.smtp_password)
            yield server
        finally:
            server.close()

    def _transfer(
        self, server: smtplib.SMTP, raw: bytes, to: str, before_dot: Callable[[], None], phase: list[str]
    ) -> Outcome:
        steps: tuple[tuple[str, Callable[[], tuple[int, bytes]], int], ...] = (
            ("mail", lambda: server.mail(self._sender), 250),
            ("rcpt", lambda: server.rcpt(to), 250),
            ("data", lambda: server.docmd("DATA"), 354),
        )
        for name, step, expected in steps:
            phase[0] = name
            code, reply = step()
            if code not in (expected, 251):
                return _refusal(name, code, reply)
        phase[0] = "body"
        server.send(_with_doubled_dots(raw))
        before_dot()
        phase[0] = "dot"
        assert server.sock is not None
        server.sock.settimeout(DOT_SECONDS)
        server.send(b".\r\n")
        code, reply = server.getreply()
        if code == 250:
            return Outcome("sent", reply.decode("ascii", "replace"))
        return _refusal("dot", code, reply)


def _refusal(phase: str, code: int, reply: bytes) -> Outcome:
    """552 is a full mailbox: RFC 5321 4.5.3.1.10 has it treated as passing."""
    permanent = code >= 500 and code != 552
    return Outcome("failed" if permanent else "retry", f"{phase}: {code} {reply.decode('utf-8', 'replace')}")


def _with_doubled_dots(raw: bytes) -> bytes:
    doubled = raw.replace(b"\r\n.", b"\r\n..")
    doubled = b"." + doubled if doubled.startswith(b".") else doubled
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"


@dataclass(frozen=True)
class Post:
    """Everything a letter needs on its way: the people, the ledger, the way out, and who we are."""

    store: Store
    ledger: Ledger
    mailer: Mailer
    settings: Settings
    secret: bytes

    @property
    def sender(self) -> str:
        """Who the letters are from; without a mail server nobody need have said it."""
        return self.settings.mail_from or f"XP Tracker <xp-tracker@{self.host}>"

    @property
    def host(self) -> str:
        """The name of the machine that people use."""
        return urlparse(self.settings.base_url).hostname or "localhost"

    def link(self, action: Action, user_id: str, detail: str = "", day: date | None = None) -> str:
        """A signed link that does `action` for a person, about a day of theirs where it speaks of one."""
        return letter_link(self.settings.base_url, self.secret, Link(action, user_id, detail, day))

    def frame(
        self,
        user: User,
        stream: Stream,
        day: date,
        *,
        next_letter: str = "",
        confirm_url: str = "",
        controls: tuple[tuple[str, str], ...] = (),
    ) -> Frame:
        """What the head and foot of every letter to this person say; `day` is the one it speaks of."""
        profile = user.coaching_profile
        why = {
            "digest": f"You get this because you asked for a digest at {profile.digest_time}"
            f" ({place_of(profile.timezone)}).",
            "drip": "You get this because you began with XP Tracker: eight letters in your first thirty days.",
        }
        return Frame(
            date_label=long_day(day, user.locale),
            next_letter=next_letter,
            controls=controls,
            why=why[stream],
            postal=self.settings.postal_address,
            app_url=self.settings.base_url,
            unsubscribe=tuple((label, self.link(action, user.user_id)) for label, action in UNSUBSCRIBE_LINKS),
            confirm_url=confirm_url,
            locale=user.locale,
        )

    def letter(
        self,
        user: User,
        rendered: Rendered,
        *,
        kind: str,
        stream: Stream,
        name: str,
        covers: date,
        day: int | None = None,
    ) -> Letter:
        """A rendered letter with what its envelope says; `day` is the Day number of `covers` if not given."""
        return Letter(
            kind=kind,
            user_id=user.user_id,
            to=user.email,
            to_name=user.display_name,
            name=name,
            day=day_number(user.created_at, covers) if day is None else day,
            covers=covers,
            subject=rendered.subject,
            preheader=rendered.preheader,
            text=rendered.text,
            html=rendered.html,
            stream=stream,
            unsubscribe=self.link("unsubscribe-digest" if stream == "digest" else "unsubscribe-drip", user.user_id),
            locale=user.locale,
        )

    @property
    def needs_confirmation(self) -> bool:
        """Whether an address must be confirmed before it gets anything but the welcome."""
        return bool(self.settings.smtp_host) and self.settings.confirm_email


def place_of(timezone: str) -> str:
    """The city of a zone's name, as a person says it."""
    return timezone.rpartition("/")[2].replace("_", " ")


@contextmanager
def open_post(settings: Settings, *, to_server: bool = True) -> Iterator[Post]:
    """The post office of this installation. `to_server` False keeps every letter in the outbox."""
    store = open_store(settings.data_dir)
    owner = Owner(settings.data_dir / "owners")
    mailer: Mailer
    mailer = SmtpServer(settings) if settings.smtp_host and to_server else Outbox(settings.data_dir / "outbox")
    try:
        yield Post(store, Ledger(store.records, owner), mailer, settings, store.secret())
    finally:
        owner.close()


def send_to_everybody(
    send: Callable[..., bool], post: Post | None, *, now: datetime, user_ids: Collection[str] | None
) -> int:
    """`send(user_id, post, now=now)` for each of `user_ids`, or for everybody. Answers how many letters went.

    Without a `post` this installation's is opened. What goes wrong with one person keeps no letter from the others.
    """
    if post is None:
        with open_post(read_settings()) as opened:
            return send_to_everybody(send, opened, now=now, user_ids=user_ids)
    went = 0
    for user_id in post.store.user_ids() if user_ids is None else user_ids:
        try:
            went += send(user_id, post, now=now)
        except StoreError as error:
            log.error("%s", error)
        except Exception:
            log.exception("%s for %s", send.__name__, user_id)
    return went


def deliver(post: Post, user_id: str, name: str, *, now: datetime, write: Callable[[User], Letter | str]) -> bool:
    """Send one letter, once: claim it, write it for the person as they are now, hand it over, note how it ended.

    `write` answers the letter, or a sentence that says why there is none after all. True when it went.
    """
    file_name = f"{user_id}.{name}.eml"
    if not post.ledger.claim(user_id, name, now=now, went=post.mailer.went(file_name), via=post.mailer.via):
        return False
    try:
        letter = write(as_of(post.store.read(user_id), now))
    except Exception:
        # Not sent, and tried again: the claim must not stay in the hands of a process that has moved on.
        _settle_retry(post, user_id, name, now, "the letter could not be written")
        raise
    if isinstance(letter, str):
        post.ledger.settle(user_id, name, "skipped", now=now, reason=letter)
        return False
    raw = _on_the_wire(post, letter, now)
    try:
        outcome = post.mailer.hand_over(raw, letter.to, file_name, lambda: post.ledger.mark_dot(user_id, name))
    except LostClaimError as error:
        log.warning("%s", error)
        return False
    about: dict[str, Any] = {"kind": letter.kind, "day": letter.day, "covers": letter.covers.isoformat()}
    if outcome.state == "retry":
        _settle_retry(post, user_id, name, now, outcome.detail, **about)
    else:
        about |= {"subject": letter.subject, "text": letter.text}
        post.ledger.settle(user_id, name, outcome.state, now=now, reason=outcome.detail, **about)
    log.info("%s/%s: %s (%s)", user_id, name, outcome.state, outcome.detail)
    return outcome.state == "sent"


def _settle_retry(post: Post, user_id: str, name: str, now: datetime, reason: str, **facts: Any) -> None:
    entry = post.ledger.entry(user_id, name)
    attempt = entry["attempt"] if entry is not None else 1
    wait = timedelta(minutes=RETRY_MINUTES[min(attempt, len(RETRY_MINUTES)) - 1])
    retry_at = (now + wait).isoformat()
    post.ledger.settle(user_id, name, "retry", now=now, reason=reason, retry_at=retry_at, **facts)


def _on_the_wire(post: Post, letter: Letter, now: datetime) -> bytes:
    domain = parseaddr(post.sender)[1].rpartition("@")[2]
    seal = hmac.digest(post.secret, f"{letter.user_id}/{letter.name}".encode(), "sha256").hex()[:32]
    return to_message(
        letter,
        sender=post.sender,
        date=now,
        message_id=f"<{seal}@{domain}>",
        list_id=f"XP Tracker {letter.stream} <{letter.stream}.{post.host}>",
        one_click=post.settings.base_url.startswith("https://"),
    )
