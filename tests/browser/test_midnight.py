"""A page that stays open past the end of its person's day knows the new one: by the real clock, in their own zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from core import recording
from core.localtime import zone
from screens import wording
from storage import open_store
from tests.browser.conftest import Sit, Site
from tests.browser.midnight import zone_of
from tests.browser.steps import all_sent, come_back, document_of, settled, somebody
from tests.browser.test_daily_use import LOCALE

pytestmark = pytest.mark.browser

MOMENTS = timedelta(seconds=8)  # from the last look at the page until the day is over
LATE = 21  # o'clock where the page is opened: its day ends within hours, in any case not while it opens


@pytest.mark.parametrize("day_ends_at", [0, 3])
def test_a_page_left_open_turns_to_the_new_day_by_itself_when_the_day_ends(
    sit: Sit, site: Site, day_ends_at: int
) -> None:
    name = f"Mila{day_ends_at}"
    user_id = somebody(site, name, now=datetime.now(UTC) - timedelta(weeks=2), main_habit="Read", timezone=_evening())
    with open_store(site.folder).edit(user_id) as user:
        user.coaching_profile.day_ends_at = day_ends_at
        recording.tick(user, "read", today := _today_of(user.coaching_profile.timezone), now=datetime.now(UTC))
    page = come_back(sit, site, name)
    _shows(page, today, "A perfect day: 1 of 1", "1")

    all_sent(page)  # what it had asked before says nothing of the day's end there

    # the person travels to where the day is all but over; from here on nobody touches the page
    over = datetime.combine(today + timedelta(days=1), datetime.min.time(), UTC) + timedelta(hours=day_ends_at)
    soon = datetime.now(UTC).replace(microsecond=0) + MOMENTS
    with zone_of(over - soon, site.zones) as home:
        with open_store(site.folder).edit(user_id) as user:
            user.coaching_profile.timezone = home
        with page.expect_response("**/taps") as heard:
            page.evaluate("() => window.dispatchEvent(new Event('focus'))")
        board = heard.value.json()["board"]
        assert board["today"] == today.isoformat()
        assert board["ends"] <= MOMENTS.total_seconds()
        _shows(page, today + timedelta(days=1), "0 of 1 done today", "1")

        # what is tapped now is of the new day, and the old one stands as it was
        page.locator(".cell.now").click()
        _shows(page, today + timedelta(days=1), "A perfect day: 1 of 1", "2")
        settled(page)
    ticked: dict[str, Any] = document_of(site, name.lower())["completions"]["read"]
    assert sorted(ticked) == [today.isoformat(), (today + timedelta(days=1)).isoformat()]
    assert datetime.fromisoformat(ticked[max(ticked)]["at"]) >= soon
    assert ticked[max(ticked)].get("source", "tap") == "tap"


def _evening() -> str:
    """The zone in which it is past LATE o'clock."""
    hour = datetime.now(UTC).hour
    return f"UTC{LATE - hour if hour >= LATE - 12 else LATE - 24 - hour:+d}"


def _today_of(home: str) -> date:
    return datetime.now(UTC).astimezone(zone(home)).date()


def _shows(page: Page, today: date, said: str, badge: str) -> None:
    head = page.get_by_role("region", name="Today")
    expect(head).to_contain_text(wording.long_day(today, LOCALE))
    expect(head).to_contain_text(said)
    expect(page.locator(".head .now b")).to_have_text([str(today.day)])  # one alone: the grid of before has gone
    expect(page.get_by_role("checkbox", name=f"Read, {wording.long_day(today, LOCALE)}")).to_contain_class("now")
    expect(page.locator(".row .streak")).to_have_text([badge])
