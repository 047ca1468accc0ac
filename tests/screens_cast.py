"""The people whose screens the tests look at, and how they look."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from babel import Locale
from streamlit.testing.v1 import AppTest

from core import planning, recording
from core.models import Target, User
from storage import Store, new_user

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # a Sunday
TODAY = NOW.date()
EN = Locale("en")
ODD_NAMES = ['<b>bold</b> & "quoted"', "🧘 $x$ *stars* :smile:", "x" * 200, "<script>alert(1)</script>"]


def days_ago(n: int) -> date:
    return TODAY - timedelta(days=n)


def a_person(days: int, now: datetime = NOW, **known: Any) -> User:
    """Somebody on Day `days`, without a habit."""
    profile_known = {
        "timezone": known.pop("timezone", "UTC"),
        "onboarding_complete": True,
        "life_goals": ["Creativity"],
    }
    known.setdefault("user_id", "ana-3f9a1c")
    return new_user(created_at=(now - timedelta(days=days)).isoformat(), coaching_profile=profile_known, **known)


def lived(days: int, now: datetime = NOW, **known: Any) -> User:
    """Ana on Day `days`: reading on three of four days, water by the glass, writing three times a week, and an
    archived habit."""
    user = a_person(days, now, display_name="Ana", email="ana@example.org", **known)
    began = now.date() - timedelta(days=days)
    planning.add_habit(user, "Read", planning.every_day(began), today=began, icon="📚")
    planning.add_habit(user, "Water", planning.every_day(began), today=began, target=Target(at_least=8, unit="glasses"))
    planning.add_habit(user, "Write", planning.times_per(began, 3, "week"), today=began)
    planning.add_habit(user, "Old one", planning.on_weekdays(began, [0, 2]), today=began)
    for n in range(days + 1):
        day, at = began + timedelta(days=n), now - timedelta(days=days - n, minutes=n % 7 if now.hour else 0)
        if n % 4:
            recording.tick(user, "read", day, now=at)
        recording.tick(user, "water", day, now=at, value=8 if n % 3 else 5)
        if n % 2:
            recording.tick(user, "write", day, now=at)
    planning.archive_habit(user, "old-one", today=now.date())
    return user


def _script(screen: str, folder: str, user_id: str, now: str) -> None:
    import importlib  # Streamlit runs the source of this function alone
    import pathlib
    from datetime import datetime as instant

    from storage import open_store as opened

    module = importlib.import_module(f"screens.{screen}")
    module.show(opened(pathlib.Path(folder)), user_id, instant.fromisoformat(now))


def look_at(screen: str, store: Store, user: User, now: datetime = NOW) -> AppTest:
    """A screen as that person sees it."""
    if user.user_id not in store.user_ids():
        store.create(user)
    kwargs = {"screen": screen, "folder": str(store.folder), "user_id": user.user_id, "now": now.isoformat()}
    at = AppTest.from_function(_script, kwargs=kwargs, default_timeout=20).run()
    assert not at.exception
    return at


def words_on(at: AppTest) -> str:
    return "\n".join(block.value for block in at.html)


def read_out(at: AppTest) -> list[str]:
    """What a screen reader says by itself, in the order of the page."""
    return [said.strip("✓ ") for said in re.findall(r'role="(?:status|alert)">([^<]+)<', words_on(at))]


def awake() -> tuple[datetime, str]:
    """Now, and a zone in which it is the middle of the day: callbacks read the clock."""
    now = datetime.now(UTC)
    return now, f"UTC{12 - now.hour:+d}"
