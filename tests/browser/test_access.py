"""Everybody can read every screen: by eye in both themes, on a small phone, with large text, and by ear."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from core import planning, recording
from core.models import Target
from storage import open_store
from tests.browser.conftest import CHROMIUM, FLAGS, HOME, PHONE, WATCH_RUNS, WIDE, Sit, Site
from tests.browser.everywhere import WALKS, People, people
from tests.browser.measures import STILL, unreadable, violations
from tests.browser.steps import (
    arrived,
    come_back,
    drawn,
    now_at_home,
    settled,
    sign_in,
    signed_in,
    somebody,
    theme,
)

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of every screen, for whoever wants to look at them
SHOT_HEIGHT_MOST, SHOT_QUALITY = 4000, 70
SMALL_PHONE: ViewportSize = {"width": 360, "height": 780}
ZOOMED: ViewportSize = {"width": WIDE["width"] // 2, "height": WIDE["height"] // 2}  # as a browser shows it at 200 %
LARGE_SETTING = "--blink-settings=defaultFontSize=32"  # what a person chooses in the browser
NO_LANGUAGE = "addEventListener('DOMContentLoaded', () => { document.documentElement.lang = 'und'; })"
LARGE_LEAST = 24  # px
LARGE_TEXT = ":root:root { font-size: 32px !important }"


@pytest.fixture
def who(site: Site) -> Iterator[People]:
    with people(site) as cast:
        yield cast


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.__name__)
def test_every_screen_can_be_read_by_anybody(walk: Callable[..., None], sit: Sit, site: Site, who: People) -> None:
    found: list[str] = []

    def seen(name: str, page: Page) -> None:
        found.extend(f"{name}, {what}" for what in trouble(page, name))

    walk(sit, site, who, seen)
    assert found == []


def test_the_browsers_own_text_size_enlarges_every_letter_and_nothing_is_lost(chromium: Browser, site: Site) -> None:
    user_id = somebody(site, "Lotte", now=now_at_home() - timedelta(weeks=2), main_habit="Practise the violoncello")
    with open_store(site.folder).edit(user_id) as user:
        plan = planning.every_day(user.habits[0].created_on)
        glasses = Target(at_least=8, unit="glasses")
        planning.add_habit(user, "Water", plan, today=plan.start, group="Morning", target=glasses)
        for n in range(1, 13):
            day = plan.start + timedelta(days=n)
            recording.tick(user, user.habits[0].id, day, now=now_at_home())
            recording.tick(user, "water", day, now=now_at_home(), value=12.5)
    launched = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, LARGE_SETTING])
    try:
        how: Any = {"viewport": SMALL_PHONE, "timezone_id": HOME, "locale": "en-GB"}
        page = launched.new_page(base_url=site.url, storage_state=signed_in(site, "Lotte"), **how)
        page.add_init_script(WATCH_RUNS)
        page.goto("/")
        arrived(page)
        page.get_by_role("button", name="More for Water").click()
        for words in ("Practise the violoncello", "Every day", "Water", "Edit habit"):
            text = page.locator("#grid").get_by_text(words).first
            assert text.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= LARGE_LEAST, words
        settled(page)
        shoot(page, "large_setting_360", SMALL_PHONE)
        assert unreadable(page) == []
    finally:
        launched.close()


def test_the_page_names_the_language_in_force_by_which_it_is_read_out(sit: Sit, site: Site) -> None:
    user_id = somebody(site, "Henrike")
    page = sit()
    page.add_init_script(NO_LANGUAGE)
    page.reload()
    expect(page.get_by_role("heading", name="Create an account")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    sign_in(page, "Henrike")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    with open_store(site.folder).edit(user_id) as user:
        user.locale = "de"
    page.reload()
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_be_attached()
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_whoever_presses_a_button_by_the_keyboard_goes_on_from_what_stands_in_its_place(sit: Sit, site: Site) -> None:
    somebody(site, "Adele")
    page = come_back(sit, site, "Adele", path="/profile")
    page.get_by_role("button", name="Pause", exact=True).press("Enter")
    expect(page.get_by_role("button", name="Take it out")).to_be_focused()


def trouble(page: Page, name: str) -> Iterator[str]:
    """All that is wrong with a page as it stands; it is left light and wide."""
    still = page.add_style_tag(content=STILL)
    yield from (f"by ear and eye: {one}" for one in violations(page))
    shoot(page, f"{name}_1280_light", WIDE)
    large = page.add_style_tag(content=LARGE_TEXT)
    drawn(page)
    yield from (f"in large letters: {one}" for one in unreadable(page))
    resize(page, PHONE)
    yield from (f"in large letters on a phone: {one}" for one in unreadable(page))
    large.evaluate("one => one.remove()")
    theme(page, "dark")
    drawn(page)
    yield from (f"in the dark: {one}" for one in violations(page, "color-contrast", "link-in-text-block"))
    shoot(page, f"{name}_390_dark", PHONE)
    for size, words in ((SMALL_PHONE, "on a small phone"), (ZOOMED, "at 200 %")):
        resize(page, size)
        yield from (f"{words}: {one}" for one in unreadable(page))
    still.evaluate("one => one.remove()")
    theme(page, "light")
    resize(page, WIDE)


def resize(page: Page, size: Any) -> None:
    """Make the window so large, and wait until what follows its size by script has followed."""
    page.set_viewport_size(size)
    drawn(page)


def shoot(page: Page, name: str, size: Any) -> None:
    """Keep a picture of the whole page where pictures are wanted."""
    if not SHOTS:
        return
    Path(SHOTS).mkdir(exist_ok=True)
    main = page.locator("[data-testid=stMain]")
    whole = main if main.count() else page.locator("html")
    height = min(SHOT_HEIGHT_MOST, max(size["height"], int(whole.evaluate("one => one.scrollHeight"))))
    page.set_viewport_size({"width": size["width"], "height": height})
    page.screenshot(path=Path(SHOTS, f"{name}.jpeg"), type="jpeg", quality=SHOT_QUALITY, caret="initial")
    resize(page, size)
