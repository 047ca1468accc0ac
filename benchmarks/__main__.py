"""How long the things take that a person waits for, or that are done for everybody: median and worst of many runs."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import coaching_engine
import demo
from core.models import User
from core.progress import record_of
from core.recording import tick, untick
from daily_digest import send_digest_to_user, slot_on
from notifications import Post, open_post
from settings import Settings

RUNS = 30


def measured(work: Callable[[int], object]) -> str:
    """Milliseconds of `work(n)` over RUNS runs."""
    times = []
    for n in range(RUNS):
        start = perf_counter()
        work(n)
        times.append(1000 * (perf_counter() - start))
    return f"{median(times):8.1f} ms median {max(times):8.1f} ms worst"


def tap(post: Post, user: User, now: datetime) -> Callable[[int], None]:
    """One tick or untick of today, durably."""

    def one(n: int) -> None:
        with post.store.edit(user.user_id) as stored:
            (untick if n % 2 else tick)(stored, user.habits[0].id, now.date(), now=now)

    return one


def main() -> None:
    """Time each on the demo person, who has four habits and sixty days."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, open_post(Settings(data_dir=Path(folder)), to_server=False) as post:
        user = post.store.read(demo.live(post, now))
        slots = [slot_on(user, (now - timedelta(days=RUNS - n)).date()) for n in range(RUNS)]
        work: dict[str, Callable[[int], object]] = {
            "a tap, kept on disk": tap(post, user, now),
            "streaks, strength and XP of everything": lambda _: (record_of(user, now).xp, record_of(user, now).level),
            "the coach's analysis": lambda _: coaching_engine.analyze(user, now),
            "a digest, written and in the outbox": lambda n: send_digest_to_user(user.user_id, post, now=slots[n].at),
        }
        for name, one in work.items():
            print(f"{name:42s}{measured(one)}")


if __name__ == "__main__":
    main()
