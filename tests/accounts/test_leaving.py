"""Leaving: nothing of a person stays but a hash, whatever runs beside, and nobody else notices."""

from __future__ import annotations

import asyncio
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

import web
from accounts.access import Accounts
from accounts.identities import Identity
from accounts.leaving import finish_leaving, leave
from accounts.records import AccountError
from accounts.sessions import session_id
from core.localtime import ONE_DAY
from mail.post_office import Post, open_post
from scheduler_service import replay, tick
from tests.account_cast import PASSWORD
from tests.people import example_meditator
from tests.web.conftest import settings_of

DAYS = 5
PATIENCE = 30  # seconds until a scheduler that does not begin fails the test


def lived(post: Post, name: str) -> str:
    """Somebody with a sign-in, a session, a record, letters and what the coach keeps of them; the user id."""
    made = example_meditator()
    user_id = f"{name}-3f9a1c"
    post.store.create(made.model_copy(update={"user_id": user_id, "email": f"{name}@example.org"}))
    accounts = Accounts(post.store, post.settings)
    accounts.change_password(user_id, PASSWORD, now=made.created_at)
    accounts.sessions.open(user_id, now=made.created_at, device="Firefox on Linux")
    accounts.identities.connect(Identity(name, name, "acme", made.created_at), user_id, now=made.created_at)
    replay(post, made.created_at - timedelta(minutes=1), made.created_at + DAYS * ONE_DAY)
    return user_id


def traces_of(folder: Path, *words: str) -> list[str]:
    """The files and folders that name one of the words, or hold one."""
    found = []
    for path in folder.rglob("*"):
        name, content = str(path.relative_to(folder)), path.read_bytes() if path.is_file() else b""
        if any(word in name or word.encode() in content for word in words):
            found.append(name)
    return found


def snapshot(folder: Path, word: str) -> dict[str, bytes]:
    """The files that name somebody, as they are."""
    return {name: (folder / name).read_bytes() for name in traces_of(folder, word) if (folder / name).is_file()}


def test_of_somebody_who_leaves_a_hash_stays_and_of_everybody_else_everything(post: Post, tmp_path: Path) -> None:
    ana, ben = lived(post, "ana"), lived(post, "ben")
    accounts = Accounts(post.store, post.settings)
    for kind in ("users", "accounts", "identities", "sessions", "ledger", "outbox", "cache"):
        assert list((tmp_path / kind).rglob("*")), kind
    assert len(traces_of(tmp_path, ana)) > 8
    theirs = {name: held for name, held in snapshot(tmp_path, ben).items() if not name.endswith("changed.log")}
    leave(post.store, accounts, post.settings, ana)
    assert traces_of(tmp_path, ana, "ana@example.org") == []
    assert {name: (tmp_path / name).read_bytes() for name in theirs} == theirs
    [mark] = (tmp_path / "ledger" / "_gone").iterdir()
    assert "meditat" not in mark.read_text()
    with pytest.raises(AccountError):
        accounts.sign_in("ana@example.org", PASSWORD, now=example_meditator().created_at)
    assert accounts.sign_in("ben@example.org", PASSWORD, now=example_meditator().created_at) == ben


def test_every_session_ends_with_its_person(post: Post) -> None:
    ana = lived(post, "ana")
    accounts, now = Accounts(post.store, post.settings), example_meditator().created_at
    sid = session_id(accounts.sessions.open(ana, now=now))
    assert sid in leave(post.store, accounts, post.settings, ana)
    assert accounts.sessions.user_of(sid, now=now) is None


def test_a_document_that_comes_back_from_a_backup_gets_no_letter(post: Post, tmp_path: Path) -> None:
    ana = lived(post, "ana")
    user = post.store.read(ana)
    leave(post.store, Accounts(post.store, post.settings), post.settings, ana)
    post.store.create(user)
    replay(post, user.created_at - timedelta(minutes=1), user.created_at + (DAYS + 10) * ONE_DAY)
    assert list((tmp_path / "outbox").iterdir()) == []
    assert not (tmp_path / "ledger" / ana).exists()


def test_a_scheduler_beside_revives_nobody(post: Post, tmp_path: Path) -> None:
    made = example_meditator()
    people = [lived(post, f"person{n}") for n in range(4)]
    moments = [made.created_at + DAYS * ONE_DAY + timedelta(hours=n) for n in range(0, 96, 3)]
    begun = threading.Event()

    def run() -> None:
        with open_post(post.settings, to_server=False) as own:
            for moment in moments:
                tick(own, moment, user_ids=people)
                begun.set()

    with ThreadPoolExecutor(1) as beside:
        scheduler = beside.submit(run)
        assert begun.wait(PATIENCE)
        for user_id in people:
            leave(post.store, Accounts(post.store, post.settings), post.settings, user_id)
        scheduler.result()
    assert post.store.user_ids() == []
    assert [name for name in traces_of(tmp_path, "person") if not name.startswith("cache")] == []
    finish_leaving(post.store, post.settings)
    assert traces_of(tmp_path, "person") == []


def test_what_a_leaving_that_was_cut_off_has_left_goes_at_the_next_start(post: Post, tmp_path: Path) -> None:
    ana, ben = lived(post, "ana"), lived(post, "ben")
    post.ledger.close_for(ana)
    post.store.delete(ana)
    assert len(traces_of(tmp_path, ana)) > 8
    before = snapshot(tmp_path / "ledger", ben)
    assert finish_leaving(post.store, post.settings) == 1
    assert traces_of(tmp_path, ana, "ana@example.org") == []
    assert snapshot(tmp_path / "ledger", ben) == before
    assert finish_leaving(post.store, post.settings) == 0


def test_of_somebody_without_a_letter_no_way_in_stays_where_a_leaving_was_cut_off(post: Post, tmp_path: Path) -> None:
    accounts, now = Accounts(post.store, post.settings), example_meditator().created_at
    ana = accounts.newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=now)
    accounts.sessions.open(ana, now=now)
    post.ledger.close_for(ana)
    post.store.delete(ana)
    assert finish_leaving(post.store, post.settings) == 1
    assert traces_of(tmp_path, ana, "ana@example.org") == []
    assert accounts.newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=now)


def test_the_app_starts_though_nobody_s_leaving_can_be_finished(tmp_path: Path) -> None:
    async def start() -> None:
        async with web.lifespan(web.app):
            pass

    (tmp_path / "owners").write_text("in the way of a folder")
    with settings_of(tmp_path):
        asyncio.run(start())


def test_somebody_whose_document_is_only_missing_keeps_their_letters(post: Post, tmp_path: Path) -> None:
    ana = lived(post, "ana")
    shutil.move(tmp_path / "users" / f"{ana}.json", tmp_path / "away")
    assert finish_leaving(post.store, post.settings) == 0
    assert (tmp_path / "ledger" / ana).exists()


def test_the_hash_in_the_ledger_cannot_be_guessed_without_the_key(post: Post, tmp_path: Path) -> None:
    ana = lived(post, "ana")
    leave(post.store, Accounts(post.store, post.settings), post.settings, ana)
    [mark] = (tmp_path / "ledger" / "_gone").iterdir()
    assert mark.stem != session_id(ana)
    assert post.ledger.is_closed(ana)
    assert not post.ledger.is_closed("ben-3f9a1c")
