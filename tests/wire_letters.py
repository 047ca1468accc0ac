"""Every kind of letter as the product itself writes it: people who live, ticks of the clock, files of the outbox."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from accounts.access import Accounts
from accounts.attempts import Visitor
from accounts.letters import AccountLetters, desk
from core.models import User
from core.steps import STEPS, moment_of
from daily_digest import slot_on
from mail.post_office import Post, open_post
from scheduler_service import tick
from settings import Settings
from storage import open_store
from tests.account_cast import PASSWORD
from tests.people import EXAMPLES, example_meditator, example_student, nth_day, without_ticks

BASE = "https://xp.example.org"
SENDER = "XP Tracker <coach@example.org>"
POSTAL = "XP Tracker, 123 Example Street, 1000-001 Lisbon"
Sent = tuple[datetime, bytes]  # the instant of the tick, and the letter


def settings(folder: Path, **known: object) -> Settings:
    """An installation behind https with a mail server, as an operator would set it up."""
    usual = {"base_url": BASE, "mail_from": SENDER, "postal_address": POSTAL, "smtp_host": "mail.example.org"}
    return Settings.model_validate({"data_dir": folder, **usual, **known})


@contextmanager
def outbox_of(folder: Path, *people: User, **known: object) -> Iterator[Post]:
    """A post office for these people, whose letters stay in its outbox."""
    with open_post(settings(folder, **known), to_server=False) as post:
        for user in people:
            post.store.create(user)
        yield post


def letters_in(post: Post) -> dict[str, bytes]:
    """The letters of an outbox by their file's name."""
    files = (post.settings.data_dir / "outbox").glob("*.eml")
    return {file.name.removesuffix(".eml"): file.read_bytes() for file in sorted(files)}


def send(post: Post, job: str, user: User, now: datetime) -> list[Sent]:
    """The letters that one tick of one job brings a person."""
    before = letters_in(post).keys()
    tick(post, now, only=job, user_ids=[user.user_id])
    return [(now, raw) for name, raw in letters_in(post).items() if name not in before]


def renamed(user: User, user_id: str, **known: object) -> User:
    """Somebody else with the same record."""
    return user.model_copy(update={"user_id": user_id, "email": f"{user_id}@example.org", **known})


def _drips(post: Post, user: User) -> Iterator[tuple[str, Sent]]:
    for step in STEPS:
        for sent in send(post, "drip", user, moment_of(user, step)):
            yield f"drip-{step} {user.user_id}", sent


def _digests(post: Post, user: User, *days: int) -> Iterator[tuple[str, Sent]]:
    for day in days:
        for sent in send(post, "digest", user, slot_on(user, nth_day(user, day)).at):
            yield f"digest-{day} {user.user_id}", sent


@cache
def every_kind(locale: str = "en") -> dict[str, Sent]:
    """Each kind of letter by a name that says which: all drips, digests early and late, come-backs, the welcome."""
    examples = [make().model_copy(update={"locale": locale}) for make in EXAMPLES]
    newcomer = renamed(example_meditator(), "new-comer", email_confirmed=False, locale=locale)
    silent = renamed(without_ticks(example_student()), "silent", locale=locale)
    with TemporaryDirectory() as folder:
        with outbox_of(Path(folder), *examples, newcomer, silent) as post:
            found = {name: sent for user in examples for name, sent in _drips(post, user)}
            found |= {name: sent for user in examples for name, sent in _digests(post, user, 1, 7, 24)}
            found |= dict(_digests(post, silent, *range(4, 21)))
            found |= {f"welcome {newcomer.user_id}": sent for _, sent in _drips(post, newcomer)}
    return found


@cache
def account_kinds(locale: str = "en") -> dict[str, Sent]:
    """Each letter about an account: another password, another address at both, and word of a change."""
    now = datetime.now(UTC)
    with TemporaryDirectory() as folder:
        store, known = open_store(Path(folder)), settings(Path(folder), smtp_host="")
        accounts = Accounts(store, known)
        mia = accounts.newcomers.sign_up("Mia", "mia@example.net", PASSWORD, now=now, locale=locale)
        letters = AccountLetters(store, accounts, known)
        letters.ask_for_password("mia@example.net", Visitor("203.0.113.9"), now=now)
        letters.ask_for_address(mia, "mia.elsewhere@example.net", now=now)
        letters.tell_password_changed(mia, now=now)
        desk().rest()
        files = sorted((Path(folder) / "outbox").glob("*.eml"))
        return {file.name: (now, file.read_bytes()) for file in files}
