"""Processes that share a store with a test: `python -m tests.workers WHAT FOLDER …`. They say when they are ready."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import count
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from socket import socket, socketpair
from typing import Any, TextIO

from accounts.access import Accounts
from accounts.identities import Identity
from core.models import Completion
from daily_digest import process_daily_digests
from mail.ledger import Ledger, Owner
from mail.mailers import Outcome
from mail.post_office import Post, open_post
from mail.smtp_server import SmtpServer
from settings import Settings
from storage import Body, JsonFiles, Store, open_store
from tests.account_cast import PASSWORD
from tests.cast import MONDAY, a_habit, a_person, day
from tests.cast import tick as ticked
from tests.mail_servers import failing_server
from tests.programs import FORKS, begin

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
LETTER = "digest-2026-11-22"
TICKS, LETTERS = 60, 40
DIGEST_TIME = datetime.combine(MONDAY, time(20), tzinfo=UTC)  # of the cast's people, on their Day 0
DIGEST = f"digest-{MONDAY.isoformat()}"


def tick(folder: Path, habit: str) -> None:
    """Tick one habit on many days, each in an edit of its own."""
    store = open_store(folder)
    for n in range(TICKS):
        with store.edit("ana-3f9a1c") as user:
            user.entries(habit)[day(n)] = Completion(at=None)


def edit(folder: Path) -> None:
    """Write the document over and over until killed."""
    store = open_store(folder)
    for n in count(1):
        with store.edit("ana-3f9a1c") as user:
            user.display_name = f"Ana {n}" * 1000
        if n == 1:
            say("writing")


def claim_all(folder: Path) -> None:
    """Claim every letter at a word, say how many were won, and hold them until another word."""
    ledger = Ledger(JsonFiles(folder), Owner(folder / "owners"))
    say("waiting")
    sys.stdin.readline()
    say(str(sum(ledger.claim("ana", f"drip-{n}", now=NOW, went=None) for n in range(LETTERS))))
    sys.stdin.readline()


def sign_up_until(folder: Path, until: str, by: str = "password") -> None:
    """Sign somebody up by a password or an identity, and stay where a record of a kind was made until killed."""

    class Staying(JsonFiles):
        def create(self, kind: str, key: str, body: Body, *, is_durable: bool = True) -> bool:
            is_made = super().create(kind, key, body, is_durable=is_durable)
            if kind == until:
                say(kind)
                signal.pause()
            return is_made

    accounts = Accounts(Store(Staying(folder), folder), Settings(data_dir=folder))
    identity = Identity("ana", "once", "acme", NOW, "ana@example.org") if by == "identity" else None
    accounts.newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW, identity=identity)


def give_password_until(folder: Path, user_id: str, kind: str, by: str) -> None:
    """Give another password, by a link or the screen, and stay where a record of a kind was changed until killed."""

    class Staying(JsonFiles):
        @contextmanager
        def edit(self, made: str, key: str) -> Iterator[Any]:
            with super().edit(made, key) as body:
                yield body
            if made == kind:
                say(kind)
                signal.pause()

    accounts, new = Accounts(Store(Staying(folder), folder), Settings(data_dir=folder)), "another walk altogether"
    if by == "link":
        accounts.reset_password(*(accounts.stamp_of(user_id) or ("", "")), new)
    else:
        accounts.change_password(user_id, new, now=NOW)


def hold(folder: Path, until: str) -> None:
    """Claim one letter, go up to the final dot or not, and stay there until killed."""
    ledger = Ledger(JsonFiles(folder), Owner(folder / "owners"))
    ledger.claim("ana", LETTER, now=NOW, went=None)
    if until == "dot":
        ledger.mark_dot("ana", LETTER)
    say("holding")
    signal.pause()


def settings_for(folder: Path, port: int | None = None) -> Settings:
    """Letters to a mail server on a port of this machine, or into the outbox."""
    server = {} if port is None else {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    return Settings.model_validate({"data_dir": folder, "mail_from": "coach@example.org", **server})


def send_until(folder: Path, port: str, where: str) -> None:
    """Send every due digest, and stay at one point of the first letter's way until killed."""

    def stay(at: str) -> None:
        if at == where:
            say(where)
            signal.pause()

    class Staying(Ledger):
        def claim(self, *args: Any, **known: Any) -> bool:
            is_mine = super().claim(*args, **known)
            stay("claimed")
            return is_mine

        def mark_dot(self, *args: Any, **known: Any) -> None:
            super().mark_dot(*args, **known)
            stay("marked")

        def settle(self, *args: Any, **known: Any) -> None:
            stay("remembered")
            super().settle(*args, **known)
            stay("settled")

    class StayingServer(SmtpServer):
        def hand_over(self, *args: Any, **known: Any) -> Outcome:
            outcome = super().hand_over(*args, **known)
            stay("answered")
            return outcome

    settings = settings_for(folder, int(port))
    with open_post(settings) as post:
        ledger = Staying(post.store.records, Owner(folder / "owners"))
        process_daily_digests(replace(post, ledger=ledger, mailer=StayingServer(settings)), now=DIGEST_TIME)
    say("went through")


def pass_once(folder: Path, port: str) -> None:
    """Send every due digest at a word, and say how many went."""
    with open_post(settings_for(folder, int(port))) as post:
        say("waiting")
        sys.stdin.readline()
        say(str(process_daily_digests(post, now=DIGEST_TIME)))


def on_a_full_disk(folder: Path) -> None:
    """In a small file system of its own: fill it up at points of a letter's way, make room, and say what went."""
    habits = [a_habit(f"{n:02d} " + "meditation " * 15, id=f"meditation-{n}") for n in range(30)]
    store = open_store(folder)
    store.create(ticked(a_person(*habits), "meditation-0", range(9)))
    ballast = folder / "ballast"

    def fill() -> None:
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))

    class FillsUpAfter(Ledger):
        def __init__(self, post: Post, step: str) -> None:
            super().__init__(post.store.records, Owner(folder / "owners"))
            self._step = step

        def claim(self, *args: Any, **known: Any) -> bool:
            is_mine = super().claim(*args, **known)
            if self._step == "claim":
                fill()
            return is_mine

        def mark_dot(self, *args: Any, **known: Any) -> None:
            super().mark_dot(*args, **known)
            if self._step == "mark":
                fill()

    def outcome(post: Post, day_number: int, minutes: int) -> str:
        went = process_daily_digests(post, now=DIGEST_TIME + timedelta(days=day_number, minutes=minutes))
        entry = post.ledger.entry("ana-3f9a1c", f"digest-{day(day_number).isoformat()}")
        return f"{went} {entry['state'] if entry else 'unclaimed'}"

    said: list[object] = []
    with failing_server() as server, open_post(settings_for(folder, server.port)) as post:
        fill()
        said.append(outcome(post, 0, 0))
        ballast.unlink()
        said.append(outcome(replace(post, ledger=FillsUpAfter(post, "claim")), 0, 1))
        ballast.unlink()
        said += [outcome(post, 0, 10), outcome(post, 0, 20)]
        said.append(outcome(replace(post, ledger=FillsUpAfter(post, "mark")), 1, 0))
        said.append(f"{len(store.read('ana-3f9a1c').daily_digests)} kept")
        ballast.unlink()
        said.append(outcome(post, 2, 0))
        said.append(f"{len(store.read('ana-3f9a1c').daily_digests)} kept")
    say(", ".join(map(str, [*said, f"{len(server.accepted)} delivered"])))


WORK: dict[str, Callable[..., None]] = {
    work.__name__: work
    for work in (
        tick,
        edit,
        claim_all,
        sign_up_until,
        give_password_until,
        hold,
        send_until,
        pass_once,
        on_a_full_disk,
    )
}


def say(word: str) -> None:
    print(word, flush=True)


@dataclass(frozen=True)
class Worker:
    """A process at work, and the line to it."""

    process: ForkServerProcess
    line: TextIO

    def wait(self) -> int | None:
        """Its exit code, once it has ended."""
        self.process.join()
        return self.process.exitcode


def work(what: str, folder: Path, arguments: tuple[str, ...], line: socket) -> None:
    """In the new process: the line takes the place of its standard input and output."""
    for descriptor in (0, 1):
        os.dup2(line.fileno(), descriptor)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 multiprocessing has closed it
    WORK[what](folder, *arguments)


@contextmanager
def worker(what: str, folder: Path, *arguments: str) -> Iterator[Worker]:
    """A worker of its own process; killed with the block if it still runs."""
    ours, theirs = socketpair()
    with ours, theirs, ours.makefile("rw", encoding="utf-8") as line:
        process = FORKS.Process(target=work, args=(what, folder, arguments, theirs))
        begin(process)
        theirs.close()
        try:
            yield Worker(process, line)
        finally:
            process.kill()
            process.join()


def heard(worker: Worker) -> str:
    """The next line that a worker says; nothing when it has died."""
    return worker.line.readline().strip()


def tell(worker: Worker) -> None:
    """The word that a worker waits for."""
    worker.line.write("go\n")
    worker.line.flush()


if __name__ == "__main__":
    WORK[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
