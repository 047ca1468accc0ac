"""Without a mouse: a person signs in, ticks, writes and walks every screen by the keyboard, and sees where they are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from core import planning
from storage import open_store
from tests.browser.conftest import Sit, Site
from tests.browser.measures import STILL
from tests.browser.steps import PASSWORD, all_sent, come_back, document_of, heading, now_at_home, settled, somebody
from tests.browser.test_every_tap import cell, someone, ticks

pytestmark = pytest.mark.browser

TABS_MOST = 60
# What has the focus, and whether that shows: an outline or a shadow, or else a look that goes when the focus goes.
FOCUS = """async () => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  const said = `${node.tagName} ${(node.getAttribute('aria-label') ?? node.textContent).trim().slice(0, 40)}`;
  const around = [];
  for (let one = node; one && around.length < 4; one = one.parentElement ?? one.getRootNode().host) around.push(one);
  const styles = around.map((one) => getComputedStyle(one));
  if (styles.some((style) => style.outlineStyle !== 'none' || style.boxShadow !== 'none')) return [said, true];
  const look = () => JSON.stringify(styles.map((style) => [style.borderColor, style.backgroundColor]));
  const drawn = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const focused = look();
  node.blur();
  await drawn();
  const left = look();
  node.focus();
  return [said, focused !== left];
}"""


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press the key until the focus is on something; every stop on the way can be seen."""
    for _ in range(TABS_MOST):
        page.keyboard.press(key)
        said, is_seen = page.evaluate(FOCUS)
        assert is_seen, f"the focus cannot be seen on {said}"
        if wanted.evaluate("one => one.getRootNode().activeElement === one"):
            return
    raise AssertionError(f"{wanted} is not reached by {key}")


def test_the_first_key_leads_past_the_bar_to_the_screen_itself(sit: Sit, site: Site) -> None:
    somebody(site, "Undine")
    page = come_back(sit, site, "Undine", path="/profile")
    tab_to(page, page.get_by_role("link", name="Skip to main content"))
    assert page.evaluate("document.querySelector('a[href]') === document.activeElement")
    page.keyboard.press("Enter")
    expect(page.locator("#stMain")).to_be_focused()


def test_the_keyboard_stays_beside_what_a_press_has_moved_or_closed(sit: Sit, site: Site) -> None:
    user_id = somebody(site, "Ulla", main_habit="Read", now=now_at_home() - timedelta(days=20))
    with open_store(site.folder).edit(user_id) as user:
        for name in ("Swim", "Walk"):
            planning.add_habit(user, name, user.habits[0].schedule[0], today=user.habits[0].created_on)
    page = come_back(sit, site, "Ulla")
    for pressed, focused in (
        ("Earlier", "Earlier"),
        ("Later", "Earlier"),
        ("Order", "Order"),
        ("Down: Read", "Down: Read"),
    ):
        page.get_by_role("button", name=pressed, exact=True).press("Enter")
        settled(page)
        expect(page.locator(":focus")).to_have_accessible_name(focused)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="New habit").press("Enter")
    expect(page.get_by_label("What will you do?")).to_be_focused()
    for pressed, focused in (("Add it", "What will you do?"), ("Cancel", "New habit")):
        page.get_by_role("button", name=pressed, exact=True).press("Enter")
        settled(page)
        expect(page.locator(":focus")).to_have_accessible_name(focused)
    more = page.get_by_role("button", name="More for Swim")
    more.press("Enter")
    page.get_by_role("button", name="Edit habit").press("Enter")
    heading(page, "Edit Swim")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(more).to_be_focused()


def test_a_person_signs_in_ticks_writes_and_sees_every_screen_by_the_keyboard_alone(sit: Sit, site: Site) -> None:
    someone(site, "Kay")
    page = sit()
    page.add_style_tag(content=STILL)
    heading(page, "Create an account")
    tab_to(page, page.get_by_role("button", name="I have an account"))
    page.keyboard.press("Enter")
    heading(page, "Welcome back")
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type("kay@example.org")
    tab_to(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(4)
    settled(page)
    today = cell(page, "Read", 0)
    tab_to(page, today)
    page.keyboard.press("Space")
    expect(today).to_have_attribute("aria-checked", "true")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Space")  # yesterday, mended
    expect(cell(page, "Read", 1)).to_have_attribute("aria-checked", "true")
    all_sent(page)
    assert len(ticks(site, "kay")["read"]) == 2
    more = page.get_by_role("button", name="More for Read")
    tab_to(page, more)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_label("Note"))
    page.keyboard.type("on the train")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Note")).to_have_count(0)
    expect(more).to_be_focused()
    all_sent(page)
    assert "on the train" in str(document_of(site, "kay")["completions"]["read"])
    for screen, key in (("Progress", "Shift+Tab"), ("Coaching", "Tab"), ("Profile", "Tab"), ("Today", "Shift+Tab")):
        tab_to(page, page.get_by_role("link", name=screen, exact=True), key)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/" if screen == "Today" else f"/{screen.lower()}"))
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        settled(page)
