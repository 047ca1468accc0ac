"""A demo person who has lived sixty days up to today, brought about through the product's own functions."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import onboarding
from accounts.access import Accounts
from command_line import OneLineParser
from core import planning, recording
from core.models import GOALS, Target, User
from mail.post_office import Post, open_post
from scheduler_service import replay
from settings import SettingsError, read_settings
from storage import StoreError

DAYS = 60
ZONE = "Europe/Lisbon"
NAME, EMAIL, PASSWORD = "Robin", "robin@example.org", "sixty days"
ANSWERS = {
    "life_goals": ["Health & Fitness", "Career & Learning", "Mental Wellness"],
    "main_habit": "Morning run",
    "biggest_obstacle": "Motivation/discipline",
    "why_now": "I want my mornings back",
    "timezone": ZONE,
    "chronotype": "evening",
    "success_factor": "A friend who asks how it went",
}
SEED = 11  # the same days each time


@dataclass(frozen=True)
class Lived:
    """How a habit went: the chance of a weekday and of a weekend day, its usual minute, and its plan."""

    habit: str
    weekdays: float
    weekends: float
    minute: int
    icon: str = ""
    goal: str = ""
    cue: str = ""
    times_a_week: int = 0
    at_least: int = 0
    reached: tuple[int, ...] = ()


LIVES = (
    Lived("Morning run", 0.93, 0.93, 6 * 60 + 40),
    Lived("Read 20 pages", 0.92, 0.2, 21 * 60 + 30, icon="📚", goal="Career & Learning", cue="put the phone away"),
    Lived("Meditate", 0.55, 0.5, 13 * 60, icon="🧘", goal="Mental Wellness", times_a_week=4),
    Lived("Water", 0.95, 0.95, 19 * 60, icon="💧", at_least=8, reached=(5, 6, 7, 8, 8, 8, 9, 10)),
)


def live(post: Post, now: datetime) -> str:
    """Sign the person up sixty days before `now` and live the days. Answers the user id."""
    tz = ZoneInfo(ZONE)
    start = datetime.combine(now.astimezone(tz).date() - timedelta(days=DAYS), time(17, 30), tzinfo=tz)
    user_id = Accounts(post.store).newcomers.sign_up(NAME, EMAIL, PASSWORD, now=start, timezone=ZONE)
    onboarding.save_onboarding_profile(user_id, ANSWERS, now=start + timedelta(minutes=3), store=post.store)
    with post.store.edit(user_id) as user:
        planning.describe_habit(user, user.habits[0].id, icon="🏃", color="", cue="", small="", goal=GOALS[0])
        for life in LIVES[1:]:
            _begin(user, life, start.date())
    chance = random.Random(SEED)  # noqa: S311 (days, not secrets)
    for n in range(DAYS + 1):
        _live_a_day(post, user_id, start.date() + timedelta(days=n), now, chance)
    return user_id


def _begin(user: User, life: Lived, today: date) -> None:
    plan = planning.times_per(today, life.times_a_week, "week") if life.times_a_week else planning.every_day(today)
    target = Target(at_least=life.at_least, unit="glasses") if life.at_least else None
    planning.add_habit(user, life.habit, plan, today=today, icon=life.icon, goal=life.goal, cue=life.cue, target=target)


def _live_a_day(post: Post, user_id: str, day: date, now: datetime, chance: random.Random) -> None:
    with post.store.edit(user_id) as user:
        begun = user.onboarded_since() or now
        for habit, life in zip(user.habits, LIVES, strict=True):
            minute = min(max(round(chance.gauss(life.minute, 12)), 0), 24 * 60 - 1)
            at = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZoneInfo(ZONE))
            value = chance.choice(life.reached) if life.reached else None
            went = chance.random() < (life.weekdays if day.weekday() < 5 else life.weekends)
            if went and begun < at <= now:
                recording.tick(user, habit.id, day, now=at, value=value)


def both_programs(port: str) -> list[str]:
    """The command that runs the app and the scheduler in an environment: honcho would let .env go before that."""
    return [str(Path(sys.executable).with_name("honcho")), "--env", os.devnull, "start", "--port", port]


def main() -> int:
    """Make today's demo folder if it is not there, then run the app and the scheduler on it."""
    parser = OneLineParser(prog="demo.py", description=__doc__)
    parser.add_argument("--port", default="8501", help="of the app, 8501 if not given")
    port = parser.parse_args().port
    now = datetime.now(UTC)
    try:
        settings = read_settings()
        folder = settings.data_dir / f"demo-{now:%Y-%m-%d}"
        with open_post(settings.model_copy(update={"data_dir": folder}), to_server=False) as post:
            if not post.store.user_ids():
                print("Living sixty days ...", flush=True)
                live(post, now)
                replay(post, now - timedelta(days=DAYS + 1), now)
    except (SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"XP Tracker: http://localhost:{port}  (Ctrl-C ends it)")
    print(f"Sign in as {EMAIL} with the password: {PASSWORD}", flush=True)
    environment = os.environ | {"XP_DATA_DIR": str(folder), "XP_SMTP_HOST": ""}  # a demo sends to nobody
    return subprocess.call(both_programs(port), env=environment)  # noqa: S603 (our own runner)


if __name__ == "__main__":
    sys.exit(main())
