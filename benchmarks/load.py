"""Many people with Today open, each tapping once in five seconds: what is lost, how long it takes, what a page weighs.

Each has a real websocket on which Streamlit has drawn the page, and taps by the route that the page uses. The clients
run on the machine of the server, so the figures hold for a machine that does this work besides.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from accounts import Accounts
from core import recording
from core.progress import today_of
from onboarding import save_onboarding_profile
from storage import Store, open_store

ROOT = Path(__file__).resolve().parent.parent
EVERY = 5.0  # seconds between two taps of a person
HABITS, DAYS = 6, 60
START_SECONDS = 60
ANSWERS = {
    "life_goals": ["Creativity"],
    "main_habit": "Habit 0",
    "biggest_obstacle": "Time",
    "why_now": "a benchmark",
    "timezone": "UTC",
    "chronotype": "evening",
    "success_factor": "patience",
}


@dataclass
class Visitor:
    """One person at one page, and how long each tap took until its answer."""

    user_id: str
    token: str
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    stands: dict[str, bool] = field(default_factory=dict)  # habit → done, as tapped last


def somebody(store: Store, n: int, now: datetime) -> Visitor:
    """A person with HABITS habits and DAYS days, signed in."""
    accounts, since = Accounts(store), now - timedelta(days=DAYS)
    user_id = accounts.sign_up(f"Visitor {n}", f"visitor{n}@example.org", "a long password here", now=since)
    save_onboarding_profile(user_id, ANSWERS, now=since, store=store)
    with store.edit(user_id) as user:
        began = since.date()
        for k in range(1, HABITS):
            recording.add_habit(user, f"Habit {k}", recording.every_day(began), today=began)
        for habit in user.habits:
            for day in range(1, DAYS):
                if day % 4:
                    recording.tick(user, habit.id, began + timedelta(days=day), now=since + timedelta(days=day))
    return Visitor(user_id, accounts.sessions.open(user_id, now=now))


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """The app on a folder: its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "web:app",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--no-access-log",
    ]
    environment = os.environ | {"XP_DATA_DIR": str(folder), "XP_BASE_URL": f"http://127.0.0.1:{port}"}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = monotonic() + START_SECONDS
        while monotonic() < end:
            try:
                server.wait(0.2)
                raise RuntimeError("the server ended")
            except subprocess.TimeoutExpired:
                pass
            try:
                with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                    break
            except OSError:
                continue
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def resident(pid: int) -> float:
    """Megabytes that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


@asynccontextmanager
async def page_open(port: int, visitor: Visitor) -> AsyncIterator[None]:
    """Today as Streamlit has drawn it for one visitor, its websocket kept open and read."""
    headers = {"Cookie": f"xp={visitor.token}", "Origin": f"http://127.0.0.1:{port}"}
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with websockets.connect(address, additional_headers=headers, subprotocols=["streamlit"], max_size=None) as ws:  # type: ignore[list-item]
        hello = BackMsg()
        hello.rerun_script.query_string = ""
        await ws.send(hello.SerializeToString())
        drawn = asyncio.Event()

        async def read() -> None:
            async for message in ws:
                said = ForwardMsg()
                said.ParseFromString(message if isinstance(message, bytes) else message.encode())
                if said.WhichOneof("type") == "script_finished":
                    drawn.set()

        reader = asyncio.create_task(read())
        await asyncio.wait_for(drawn.wait(), 60)
        try:
            yield
        finally:
            reader.cancel()


async def tap(port: int, visitor: Visitor, n: int) -> None:
    """One tap on today and its answer, over a connection of its own."""
    today = datetime.now(UTC).date()
    habit, is_done = f"habit-{n % HABITS}", (n // HABITS) % 2 == 0
    one = {"seq": 0, "id": f"{visitor.user_id}-{n}", "habit": habit, "day": today.isoformat(), "age": 0}
    first = (today - timedelta(days=6)).isoformat()
    sent = {"person": visitor.user_id, "page": "load", "first": first, "today": today.isoformat(), "zone": "UTC"}
    body = json.dumps(sent | {"taps": [one | {"act": "tick" if is_done else "untick"}]}).encode()
    head = (
        f"POST /taps HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n"
        f"Cookie: xp={visitor.token}\r\nAccept-Encoding: gzip\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    begun = monotonic()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head.encode() + body)
        answer = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        status = answer.split(b" ", 2)[1]
    except (OSError, TimeoutError, IndexError) as error:
        visitor.errors.append(repr(error))
        return
    if status != b"200":
        visitor.errors.append(status.decode())
        return
    visitor.seconds.append(monotonic() - begun)
    visitor.stands[habit] = is_done


async def visit(port: int, visitor: Visitor, begin: float, end: float) -> None:
    """Tap every EVERY seconds until the end."""
    n = 0
    while (at := begin + n * EVERY) < end:
        await asyncio.sleep(max(0.0, at - monotonic()))
        await tap(port, visitor, n)
        n += 1


async def crowd(port: int, pid: int, visitors: list[Visitor], seconds: float) -> tuple[float, float]:
    """Open every page, then let all tap; megabytes of the server before and with all pages open."""
    async with page_open(port, visitors[0]):
        pass
    before = resident(pid)
    pages = [page_open(port, visitor) for visitor in visitors]
    for page in pages:
        await page.__aenter__()
    after, now = resident(pid), monotonic()
    count = len(visitors)
    await asyncio.gather(*(visit(port, v, now + EVERY * k / count, now + seconds) for k, v in enumerate(visitors)))
    for page in pages:
        await page.__aexit__(None, None, None)
    return before, after


def lost(store: Store, visitors: list[Visitor]) -> int:
    """How many habits stand on disk otherwise than they were tapped last."""
    wrong = 0
    for visitor in visitors:
        user = store.read(visitor.user_id)
        today = today_of(user, datetime.now(UTC))
        wrong += sum((today in user.entries(habit)) != is_done for habit, is_done in visitor.stands.items())
    return wrong


def main() -> None:
    """`python -m benchmarks.load [--people 100 200] [--seconds 120]`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[100, 200])
    parser.add_argument("--seconds", type=float, default=120)
    options = parser.parse_args()
    for people in options.people:
        with tempfile.TemporaryDirectory() as folder:
            store = open_store(Path(folder))
            visitors = [somebody(store, n, datetime.now(UTC)) for n in range(people)]
            with serving(Path(folder)) as (port, pid):
                before, after = asyncio.run(crowd(port, pid, visitors, options.seconds))
            taps = sorted(1000 * second for visitor in visitors for second in visitor.seconds)
            errors = [error for visitor in visitors for error in visitor.errors]
            print(
                f"{people} people, {len(taps)} taps: {len(errors)} errors, {lost(store, visitors)} lost, "
                f"answered in {taps[len(taps) // 2]:.0f} ms median, {taps[int(len(taps) * 0.95)]:.0f} ms at 95 %, "
                f"{taps[-1]:.0f} ms worst; {1024 * (after - before) / people:.0f} KiB an open page on {before:.0f} MiB"
            )
            for error in sorted(set(errors))[:3]:
                print(f"  {errors.count(error)} times {error}")


if __name__ == "__main__":
    main()
