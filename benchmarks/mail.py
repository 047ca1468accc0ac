"""What mail costs: full digests over SMTP against bare smtplib in the same run, and a tick with nothing to do."""

from __future__ import annotations

import argparse
import json
import shutil
import smtplib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, PIPE
from time import perf_counter, process_time

import coaching_engine
import daily_digest
import demo
from core.models import User
from mail.agenda import Agenda
from mail.post_office import open_post
from scheduler_service import spare_the_collector
from settings import Settings
from storage import new_user, open_store

LETTERS = 150  # in each measurement, about a second: a machine that others share is faster and slower by turns
BARE = 500
ROUNDS = 24
CROWD = 100_000
IDLE_TICKS = 20

# A mail server that takes everything, as fast as this machine can: the sender is measured, not the receiver.
SINK = r"""
import asyncio

SAID = {b"EHLO": b"250-sink\r\n250 PIPELINING\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}

class Sink(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.pending, self.in_data = transport, b"", False
        transport.write(b"220 ready\r\n")

    def data_received(self, data):
        self.pending += data
        said = []
        while True:
            end = b"\r\n.\r\n" if self.in_data else b"\r\n"
            line, found, rest = self.pending.partition(end)
            if not found:
                break
            self.pending, was_in_data = rest, self.in_data
            command = b"" if was_in_data else line[:4].upper()
            self.in_data = command == b"DATA"
            said.append(SAID.get(command, b"250 ok\r\n"))
        self.transport.write(b"".join(said))
        if said and said[-1] == SAID[b"QUIT"]:
            self.transport.close()

async def main():
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


# As much as one process can compute in a while, whatever it is: two of them show what the machine itself allows.
COMPUTING = r"""
from json import dumps, loads
from time import perf_counter

known = {str(n): [n] * 20 for n in range(3000)}
count, end = 0, perf_counter() + 0.3
while perf_counter() < end:
    loads(dumps(known))
    count += 1
print(count)
"""


@contextmanager
def sink() -> Iterator[int]:
    """The port of a mail server that takes everything."""
    with subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.kill()


def bare_rate(port: int, raw: bytes) -> float:
    """Messages a second over one connection of smtplib, ready-made."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        start = perf_counter()
        for _ in range(BARE):
            server.sendmail("coach@example.org", ["ana@example.org"], raw)
        return BARE / (perf_counter() - start)


def computed(count: int) -> int:
    """What so many processes compute in the same time, in a unit of its own."""
    command = [sys.executable, "-c", COMPUTING]
    at_work = [subprocess.Popen(command, stdout=PIPE, text=True) for _ in range(count)]
    return sum(int(process.communicate()[0]) for process in at_work)


def settings_for(folder: Path, port: int) -> Settings:
    """This machine's settings with the sink as mail server."""
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": "coach@example.org"}
    return Settings.model_validate({"data_dir": folder, "base_url": "https://xp.example.org", **mail})


def people(folder: Path, count: int, now: datetime) -> datetime:
    """So many copies of the demo person, analysed, whose digest is due at the instant that is answered."""
    with open_post(Settings(data_dir=folder), to_server=False) as post:
        user = post.store.read(demo.live(post, now))
        body = user.to_json()
        body["coaching_profile"] |= {"timezone": "UTC", "digest_time": "20:00"}
        at = (now - timedelta(days=1)).replace(hour=20, minute=0, second=0, microsecond=0)
        copied = User.model_validate(body)
        coaching_engine.insight_of(copied, at, store=post.store)
        found = folder / "cache" / "found"
        (folder / "users" / f"{user.user_id}.json").unlink()
        for n in range(count):
            copy = body | {"user_id": f"person-{n:06d}", "email": f"person{n}@example.org"}
            (folder / "users" / f"person-{n:06d}.json").write_text(json.dumps(copy))
            with post.store.edit(f"person-{n:06d}"):  # as after any tick: the lock is there
                pass
            shutil.copy(found / f"{user.user_id}.json", found / f"person-{n:06d}.json")
            yesterday = f"digest-{(at - timedelta(days=1)).date().isoformat()}"
            post.ledger.skip(f"person-{n:06d}", yesterday, "before the measurement", now=at)
    return at


def one_letter(user: User, at: datetime) -> bytes:
    """The bytes of a person's digest, as they go over the wire."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings.model_validate({"data_dir": name, "base_url": "https://xp.example.org"})
        with open_post(settings, to_server=False) as post:
            post.store.create(user)
            daily_digest.process_daily_digests(post, now=at)
        return next((Path(name) / "outbox").glob("*.eml")).read_bytes()


def send(folder: Path, port: int, at: datetime) -> None:
    """One scheduler process: for each line of two numbers, hand over the digests of those people, and say how it went.

    The first line's are what is loaded once.
    """
    with open_post(settings_for(folder, port)) as post:
        for line in sys.stdin:
            user_ids = [f"person-{n:06d}" for n in range(*map(int, line.split()))]
            start, cpu = perf_counter(), process_time()
            went = daily_digest.process_daily_digests(post, now=at, user_ids=user_ids)
            print(went, start, perf_counter(), process_time() - cpu, flush=True)
            spare_the_collector()


class Schedulers:
    """Scheduler processes on one folder, each of which hands over digests at a word."""

    def __init__(self, folder: Path, port: int, at: datetime, count: int) -> None:
        command = [sys.executable, "-m", "benchmarks.mail", str(folder), str(port), at.isoformat()]
        self._processes = [
            subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True) for _ in range(count)
        ]
        self._next = 0

    def close(self) -> None:
        """Let all of them end."""
        for process in self._processes:
            process.communicate()

    def rate(self, count: int, letters: int) -> tuple[float, float]:
        """(letters a second, milliseconds of CPU a letter) of `count` of them, which share so many people."""
        at_work = self._processes[:count]
        for process in at_work:
            assert process.stdin is not None
            process.stdin.write(f"{self._next} {self._next + letters}\n")
            process.stdin.flush()
        self._next += letters
        counts = [[float(number) for number in _heard(process)] for process in at_work]
        went = sum(count[0] for count in counts)
        seconds = max(count[2] for count in counts) - min(count[1] for count in counts)
        return went / seconds, 1000 * sum(count[3] for count in counts) / went


def _heard(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return process.stdout.readline().split()


def print_rates(now: datetime) -> None:
    """What one scheduler and two hand over, beside bare smtplib: in turn, for a machine is not always as fast."""
    rounds = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name, sink() as port:
        folder = Path(name)
        at = people(folder, LETTERS * (3 * ROUNDS + 2), now)
        raw = one_letter(open_store(folder).read("person-000000"), at)
        with closing(Schedulers(folder, port, at, 2)) as schedulers:
            schedulers.rate(2, 2 * LETTERS)
            for _ in range(ROUNDS):
                bare = bare_rate(port, raw)
                one, cpu = schedulers.rate(1, LETTERS)
                two, _cpu = schedulers.rate(2, 2 * LETTERS)
                rounds.append((bare, one, two, cpu, bare / one, two / one, computed(2) / computed(1)))
    bare, one, two, cpu, of_bare, of_one, of_computing = (median(column) for column in zip(*rounds, strict=True))
    print(f"a full digest on the wire                 {len(raw):8,} octets")
    print(f"bare smtplib, ready-made                  {bare:8.0f} a second")
    print(f"one scheduler, marks durable              {one:8.0f} a second, 1/{of_bare:.1f} of bare, {cpu:.1f} ms CPU")
    print(f"two schedulers                            {two:8.0f} a second, {of_one:.2f} times one")
    print(f"  two processes that only compute         {of_computing:8.2f} times one")


def print_idle_tick(now: datetime) -> None:
    """What a tick costs when nobody of a crowd has anything due."""
    with tempfile.TemporaryDirectory() as name, open_post(Settings(data_dir=Path(name)), to_server=False) as post:
        for n in range(CROWD):
            user = new_user(user_id=f"person-{n:06d}", created_at=now)
            (post.store.folder / "users").mkdir(exist_ok=True)
            (post.store.folder / "users" / f"{user.user_id}.json").write_text(json.dumps(user.to_json()))
        with closing(Agenda(post.store, partial(daily_digest.next_visit, post))) as agenda:
            start = process_time()
            for user_id in agenda.due(now):
                agenda.seen(user_id, now)
            first = process_time() - start
            ticks = []
            for n in range(1, IDLE_TICKS + 1):
                start = process_time()
                assert agenda.due(now + n * timedelta(seconds=1)) == []
                ticks.append(1000 * (process_time() - start))
    print(f"a tick, {CROWD:,} people, nothing due      {median(ticks):8.1f} ms CPU median {max(ticks):8.1f} ms worst")
    print(f"  the first pass after a start            {first:8.1f} s CPU")


def main() -> None:
    """Print everything, or with arguments be one of the schedulers that are measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mail", description=__doc__)
    parser.add_argument("scheduler", nargs="*", help=argparse.SUPPRESS)
    if scheduler := parser.parse_args().scheduler:
        folder, port, at = scheduler
        send(Path(folder), int(port), datetime.fromisoformat(at))
        return
    now = datetime.now(UTC)
    print_rates(now)
    print_idle_tick(now)


if __name__ == "__main__":
    main()
