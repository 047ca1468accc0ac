"""Many people with Today open, each tapping once in five seconds: what is lost, how long it takes, what a page weighs.

Each has a real websocket on which Streamlit has drawn the page, and taps by the route that the page uses. The clients
run on the machine of the server, so the figures hold for a machine that does this work besides.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.visitors import Visitor, resident, serving, somebody
from core.progress import today_of
from storage import Store, open_store

EVERY = 5.0  # seconds between two taps of a person
HABITS, DAYS = 6, 60


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
            visitors = [somebody(store, f"Visitor{n}", HABITS, DAYS, datetime.now(UTC)) for n in range(people)]
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
