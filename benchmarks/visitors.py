"""People with a past, and the app running on their folder: what the benchmarks of the web app stand on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from urllib.request import urlopen

from accounts.access import Accounts
from core import planning
from core.models import Completion
from onboarding import save_onboarding_profile
from storage import Store

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 60
TIMES_EVERY = 5  # each fifth habit is one of three times a week
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
    """One signed-in person at one page, and how long each tap took until its answer."""

    user_id: str
    token: str
    habits: int
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    stands: dict[str, bool] = field(default_factory=dict)  # habit → done, as tapped last


def somebody(store: Store, name: str, habits: int, days: int, now: datetime) -> Visitor:
    """A person who has kept so many habits for so many days, three of four done each day, none today."""
    accounts, since = Accounts(store), now - timedelta(days=days)
    user_id = accounts.newcomers.sign_up(name, f"{name.lower()}@example.org", "a long password here", now=since)
    save_onboarding_profile(user_id, ANSWERS, now=since, store=store)
    began = since.date()
    with store.edit(user_id) as user:
        for k in range(1, habits):
            plan = planning.times_per(began, 3, "week") if k % TIMES_EVERY == 0 else planning.every_day(began)
            planning.add_habit(user, f"Habit {k}", plan, today=began)
        for k, habit in enumerate(user.habits):
            entries = user.entries(habit.id)
            for n in range(days):
                if (n + k) % 4:
                    at = datetime.combine(began + timedelta(days=n), time(7 + k % 12, n % 60), tzinfo=UTC)
                    entries[at.date()] = Completion(at=at)
    return Visitor(user_id, accounts.sessions.open(user_id, now=now), habits)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """The app on a folder: its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "web:app", "--host", "127.0.0.1", "--port", str(port)]
    environment = os.environ | {"XP_DATA_DIR": str(folder), "XP_BASE_URL": f"http://127.0.0.1:{port}"}
    server = subprocess.Popen(
        [*command, "--no-access-log"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(server, port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    end = monotonic() + START_SECONDS
    while monotonic() < end:
        try:
            server.wait(0.2)
            raise RuntimeError("the server ended")
        except subprocess.TimeoutExpired:
            pass
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            continue
    raise RuntimeError("the server does not answer")


def resident(pid: int) -> float:
    """Megabytes that a process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
