"""Never twice: laws of handing a letter over, to real servers, failing ones included."""

import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from core.models import User
from mail.letters import Letter
from mail.mailers import Outbox
from mail.post_office import Post, open_post
from mail.writing import finished
from notifications import Draft, deliver, read_person
from settings import Settings
from tests.cast import a_person
from tests.mail_servers import failing_server, free_port, mail_server

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
NAME = "digest-2026-11-22"


def a_letter(user: User) -> Letter:
    return Letter(
        kind="digest",
        user_id=user.user_id,
        to=user.email,
        to_name=user.display_name,
        name=NAME,
        day=7,
        covers=date(2026, 11, 22),
        subject="Daily Digest: 3/4 (Day 7)",
        preheader="Journal is still open.",
        text="Three of four.\n.a line that begins with a dot\n",
        html="<p>Three of four.</p>",
        stream="digest",
        unsubscribe="https://xp.example.org/l/token",
        locale="en",
    )


@contextmanager
def post_to(folder: Path, port: int | None) -> Iterator[Post]:
    """A post office that sends to a port of this machine, or into its outbox; all of them have one key."""
    settings = Settings(data_dir=folder, base_url="https://xp.example.org", mail_from="coach@example.org")
    if port is not None:
        server = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
        settings = settings.model_copy(update=server)
    folder.mkdir(exist_ok=True)
    (folder / "secret.key").write_text("0" * 64)
    with open_post(settings) as post:
        if not post.store.user_ids():
            post.store.create(a_person())
        yield post


def send(post: Post, now: datetime = NOW) -> bool:
    return sent_by(post, lambda user: partial(a_letter, user), now)


def sent_by(post: Post, write: Callable[[User], Draft | str], now: datetime = NOW) -> bool:
    return finished(deliver(post, read_person(post, "ana-3f9a1c", now), NAME, now=now, write=write))


def state(post: Post) -> str | None:
    return post.ledger.state("ana-3f9a1c", NAME)


def test_a_mail_server_gets_the_letter_once_and_whole(tmp_path):
    with mail_server() as mailbox, post_to(tmp_path, mailbox.port) as post:
        assert send(post)
        assert not send(post, NOW + timedelta(hours=1))
        assert state(post) == "sent"
    assert [to for to, _ in mailbox.letters] == ["ana@example.org"]
    received = email.message_from_bytes(mailbox.letters[0][1], policy=email.policy.default)
    assert received["List-Unsubscribe"] == "<https://xp.example.org/l/token>"
    plain = received.get_body(("plain",))
    assert plain is not None
    assert ".a line that begins with a dot" in plain.get_content().splitlines()


def test_without_a_mail_server_the_letter_is_a_file_with_the_same_bytes(tmp_path):
    with post_to(tmp_path / "files", None) as post:
        assert send(post)
        assert not send(post)
    (file,) = (tmp_path / "files" / "outbox").glob("*.eml")
    with mail_server() as mailbox, post_to(tmp_path / "server", mailbox.port) as post:
        send(post)
    assert file.read_bytes() == mailbox.letters[0][1]
    assert b"\n" not in file.read_bytes().replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("step", "reply", "ends"),
    [
        ("banner", "drop", "retry"),
        ("banner", "421 too busy", "retry"),
        ("mail", "421 too busy", "retry"),
        ("mail", "550 not you", "retry"),
        ("rcpt", "450 greylisted", "retry"),
        ("rcpt", "550 no such person", "failed"),
        ("rcpt", "552 mailbox full", "retry"),
        ("data", "451 not now", "retry"),
        ("data", "drop", "retry"),
        ("dot", "452 no room", "retry"),
        ("dot", "554 spam", "failed"),
        ("dot", "drop", "unknown"),
    ],
)
def test_a_failure_before_the_final_dot_is_tried_again_and_one_after_it_never(tmp_path, step, reply, ends):
    with failing_server(**{step: reply}) as server, post_to(tmp_path, server.port) as post:
        assert not send(post)
        assert state(post) == ends
        server.script.clear()
        assert send(post, NOW + timedelta(minutes=2)) is (ends == "retry")
    assert len(server.accepted) == (1 if ends in ("retry", "unknown") else 0)


def test_a_server_that_is_not_there_is_tried_again(tmp_path):
    with post_to(tmp_path, free_port()) as post:
        assert not send(post)
        assert state(post) == "retry"
        assert not send(post, NOW + timedelta(minutes=1)), "it waits"


def test_a_letter_that_cannot_be_written_is_tried_again_and_the_fault_is_seen(tmp_path):
    def broken(user: User) -> Draft:
        raise LookupError(user.user_id)

    with post_to(tmp_path, None) as post:
        with pytest.raises(LookupError):
            sent_by(post, broken)
        assert state(post) == "retry"
        assert send(post, NOW + timedelta(minutes=2))


def test_a_reason_against_it_at_the_last_moment_is_written_down(tmp_path):
    with post_to(tmp_path, None) as post:
        assert not sent_by(post, lambda _: "letters are switched off")
        entry = post.ledger.entry("ana-3f9a1c", NAME)
        assert entry is not None
        assert (entry["state"], entry["reason"]) == ("skipped", "letters are switched off")
        assert not send(post)


def test_no_letter_passes_the_dot_when_the_mark_cannot_be_kept(tmp_path):
    def full_disk() -> None:
        raise OSError(28, "No space left on device")

    outcome = Outbox(tmp_path / "outbox").hand_over(b"letter\r\n", "ana@example.org", "a.eml", full_disk)
    assert outcome.end == "retry"
    assert list((tmp_path / "outbox").iterdir()) == []
    with failing_server() as server, post_to(tmp_path / "smtp", server.port) as post:
        outcome = post.mailer.hand_over(b"letter\r\n", "ana@example.org", "a.eml", full_disk)
        assert outcome.end == "retry"
    assert server.accepted == []
