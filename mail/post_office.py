"""The post office: people, ledger and the way out together, and what head, foot and envelope of a letter say."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parseaddr
from functools import cached_property, lru_cache
from typing import Any, Literal
from urllib.parse import urlparse

from babel.dates import get_timezone_location

from core.catalogue import ENGLISH, _, language, p_, speaking
from core.letters.days_said import long_day
from core.localtime import FIXED_OFFSET, day_number
from core.models import User
from core.wording import stored_clock_text
from mail.dkim_signer import read_signing_key, sign
from mail.ledger import Ledger, Owner, restored_at
from mail.letter_message import address_on_the_wire, to_message
from mail.letters import Frame, Letter, Rendered
from mail.links import Action, Link, letter_link
from mail.mailers import Mailer, Outbox, ServerWatch
from mail.smtp_server import SmtpServer
from settings import Settings
from storage import Store, open_store

KNOWN_MOST = 64  # people whose record stays in memory: those on whose letters the lanes and jobs are at work
Stream = Literal["digest", "drip"]


@dataclass(frozen=True)
class Post:
    """Everything a letter needs on its way: the people, the ledger, the way out, and who we are."""

    store: Store
    ledger: Ledger
    mailer: Mailer
    settings: Settings
    secret: bytes
    watch: ServerWatch = field(default_factory=ServerWatch)

    @cached_property
    def sender(self) -> str:
        """Who the letters are from; without a mail server nobody need have said it."""
        return self.settings.mail_from or f"XP Tracker <xp-tracker@{self.host}>"

    @cached_property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return parseaddr(self.sender)[1].rpartition("@")[2]

    @cached_property
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
        with speaking(user.locale):
            why, unsubscribe = _why(user, stream), _unsubscribe_links()
        return Frame(
            date_label=long_day(day, user.locale),
            next_letter=next_letter,
            controls=controls,
            why=why,
            postal=self.settings.postal_address,
            app_url=self.settings.base_url,
            unsubscribe=tuple((label, self.link(action, user.user_id)) for label, action in unsubscribe),
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
        told: Mapping[str, Any],
        day: int | None = None,
    ) -> Letter:
        """A rendered letter with what its envelope says; `day` is the Day number of `covers` if not given.

        `told` is what the document keeps of it once it went: `digest` (DigestSaid) and what was `given`.
        """
        return Letter(
            kind=kind,
            user_id=user.user_id,
            to=address_on_the_wire(user.email),
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
            told=told,
        )

    @property
    def needs_confirmation(self) -> bool:
        """Whether an address must be confirmed before it gets anything but the welcome."""
        return self.settings.needs_confirmation


def _why(user: User, stream: Stream) -> str:
    """Why a person gets a letter, as its foot says it."""
    if stream == "drip":
        return _("You get this because you began with XP Tracker: eight letters in your first thirty days.")
    profile = user.coaching_profile
    said = _("You get this because you asked for a digest at {clock} ({place}).")
    clock = stored_clock_text(profile.digest_time, user.locale)
    return said.format(clock=clock, place=place_of(profile.timezone))


def _unsubscribe_links() -> tuple[tuple[str, Action], ...]:
    """What can be unsubscribed from: (its name, what the link does)."""
    return (
        (p_("unsubscribe from", "digest"), "unsubscribe-digest"),
        (p_("unsubscribe from", "course"), "unsubscribe-drip"),
        (p_("unsubscribe from", "everything"), "unsubscribe-all"),
    )


def place_of(timezone: str) -> str:
    """The city of a zone's name, as a person says it in the language in force."""
    return _place_of(timezone, language())


@lru_cache(maxsize=1024)
def _place_of(timezone: str, language: str) -> str:
    said = timezone
    if language != ENGLISH and not FIXED_OFFSET.fullmatch(timezone):
        with suppress(LookupError):  # a zone may be newer than the list of cities
            said = get_timezone_location(timezone, locale=language, return_city=True)
    return said.rpartition("/")[2].replace("_", " ")


@contextmanager
def open_post(settings: Settings, *, to_server: bool = True) -> Iterator[Post]:
    """The post office of this installation. `to_server` False keeps every letter in the outbox."""
    store = open_store(settings.data_dir, known_most=KNOWN_MOST)
    owner = Owner(settings.data_dir / "owners")
    mailer: Mailer
    mailer = SmtpServer(settings) if settings.smtp_host and to_server else Outbox(settings.data_dir / "outbox")
    restored = restored_at(settings.data_dir / "ledger", now=datetime.now(UTC)) if mailer.via == "smtp" else None
    try:
        secret = store.secret()
        yield Post(store, Ledger(store.records, owner, restored_at=restored, secret=secret), mailer, settings, secret)
    finally:
        mailer.rest()
        owner.close()


def on_the_wire(post: Post, letter: Letter, now: datetime) -> bytes:
    """The octets of a letter, signed where this installation signs."""
    seal = hmac.digest(post.secret, f"{letter.user_id}/{letter.name}".encode(), "sha256").hex()[:32]
    raw = to_message(
        letter,
        sender=post.sender,
        date=now,
        message_id=f"<{seal}@{post.domain}>",
        list_id=f"XP Tracker {letter.stream} <{letter.stream}.{post.host}>",
        one_click=post.settings.is_https,
    )
    key, selector = post.settings.dkim_key, post.settings.dkim_selector
    return sign(raw, read_signing_key(key), selector=selector, domain=post.domain) if key else raw
