"""From Today to a habit's own page and to the week's board, in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import recording
from storage import open_store
from tests.browser.conftest import PHONE, Sit, Site
from tests.browser.steps import (
    come_back,
    document_of,
    heading,
    now_at_home,
    press,
    settled,
    somebody,
    stand_still,
)

pytestmark = pytest.mark.browser


def _lived(site: Site, name: str, days: int, *, seen: bool = False) -> str:
    now = now_at_home()
    user_id = somebody(site, name, main_habit="Read", now=now - timedelta(days=days))
    with open_store(site.folder).edit(user_id) as user:
        for n in range(days):
            at = now - timedelta(days=n)
            recording.tick(user, "read", at.date(), now=at)
        user.coaching_profile.leaderboard = seen
    return user_id


def _fits(page: Page) -> None:
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth <= innerWidth")


def test_a_habit_is_looked_at_grouped_and_written_on_its_own_page(sit: Sit, site: Site) -> None:
    _lived(site, "Paula", 12)
    page = come_back(sit, site, "Paula", size=PHONE)
    page.get_by_role("group", name="Read").get_by_role("button", name="Read", exact=True).click()
    expect(page).to_have_url(re.compile(r"/habit\?habit=read"))
    heading(page, "Read")
    page.get_by_text("why?: Running streak", exact=True).click()
    expect(page.locator(".pg-chips em.on").first).to_be_visible()
    _fits(page)
    page.get_by_label("Note").fill("The chapter about the sea")
    page.get_by_label("Note").press("Control+Enter")
    expect(page.locator(".pg-notes")).to_contain_text("The chapter about the sea")
    press(page, "Edit")
    page.get_by_text("Icon, colour, two-minute version, group").click()
    group = stand_still(page.get_by_label("Its group on Today"))
    group.fill("Evening")
    group.press("Enter")
    expect(group).to_have_value("Evening")
    settled(page)
    press(page, "Save")
    expect(page.locator(".hp-head")).to_contain_text("Evening")
    page.get_by_role("link", name="Today", exact=True).click()
    expect(page.get_by_role("heading", name="Evening", exact=True)).to_be_visible()
    entry = document_of(site, "paula")["completions"]["read"][now_at_home().date().isoformat()]
    assert entry["note"] == "The chapter about the sea"


def test_who_leaves_the_board_is_gone_for_the_others_at_once(sit: Sit, site: Site) -> None:
    secret = _lived(site, "Quim", 12, seen=True)
    _lived(site, "Rosa", 12)
    quim, rosa = (come_back(sit, site, name, path="/together") for name in ("Quim", "Rosa"))
    press(rosa, "Join the board")
    expect(rosa.locator(".tg-board")).to_contain_text("Quim")
    assert not re.search(f"{secret}|quim@", rosa.content())
    press(quim, "Leave the board")
    expect(quim.get_by_role("button", name="Join the board")).to_be_visible()
    rosa.reload()
    expect(rosa.locator(".tg-board")).to_contain_text("Rosa")
    expect(rosa.locator(".tg-board")).not_to_contain_text("Quim")
