"""Today before Streamlit stands: in its very place, ready for taps, and handed on without anything being lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from accounts.access import Accounts
from core import planning
from settings import Settings
from storage import open_store
from tests.browser.conftest import PHONE, WIDE, Sit, Site
from tests.browser.measures import violations
from tests.browser.steps import all_sent, come_back, document_of, drawn, now_at_home, settled, somebody, theme
from tests.browser.test_every_tap import HABITS, someone, ticks, today

pytestmark = pytest.mark.browser

SCHEMES: tuple[Any, ...] = ("light", "dark")
STREAMLIT = "**/static/js/index.*.js"
MEASURED = (".td-hero", ".td-hero h1", ".td-bar", "#grid", ".row", ".cell.now", ".name", ".hint", ".streak", ".more")
PLACES = """([selectors, inside]) => selectors.map((selector) => {
    const frames = [...document.querySelectorAll(`${inside} *`)].map((one) => one.shadowRoot).filter(Boolean);
    const found = [document.querySelector(inside), ...frames].map((one) => one.querySelector(selector)).find(Boolean);
    const { x, y, width, height } = found.getBoundingClientRect();
    const { color, backgroundColor, fontSize, lineHeight } = getComputedStyle(found);
    return [[x, y, width, height].map(Math.round), color, backgroundColor, fontSize, lineHeight];
})"""


@contextmanager
def streamlit_held(page: Page) -> Iterator[Callable[[], None]]:
    """Streamlit's script comes only when what is given is called."""
    held: list[Route] = []
    is_held = True

    def hold(route: Route) -> None:
        held.append(route) if is_held else route.continue_()

    def let_come() -> None:
        nonlocal is_held
        is_held = False
        while held:
            held.pop().continue_()

    page.route(STREAMLIT, hold)

    yield let_come
    let_come()
    page.unroute(STREAMLIT)


def painted(page: Page) -> Locator:
    """The first paint, when its grid stands."""
    page.reload(wait_until="commit")
    first = page.locator("#first_paint")
    expect(first.locator(".cell.now").first).to_be_visible()
    drawn(page)
    return first


@pytest.mark.parametrize(
    "size", [{"width": 1900, "height": 900}, WIDE, {"width": 864, "height": 900}, {"width": 700, "height": 900}, PHONE]
)
def test_it_stands_where_streamlit_will_put_it_and_looks_alike(sit: Sit, site: Site, size: dict[str, int]) -> None:
    name = f"Place{size['width']}"
    someone(site, name)
    page = come_back(sit, site, name, size=size)
    expect(page.locator("#root .cell.now").first).to_be_visible()
    page.emulate_media(reduced_motion="reduce")  # colours change at once
    then = {}
    for scheme in SCHEMES:
        theme(page, scheme)
        drawn(page)
        then[scheme] = page.evaluate(PLACES, [MEASURED, "#root"])
    assert then["dark"] != then["light"]
    with streamlit_held(page):
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            painted(page)
            assert page.evaluate(PLACES, [MEASURED, "#first_paint"]) == then[scheme]
            assert violations(page) == []


def test_a_tap_before_streamlit_stands_is_recorded_and_stays(sit: Sit, site: Site) -> None:
    someone(site, "Early")
    page = come_back(sit, site, "Early")
    with streamlit_held(page) as let_come:
        painted(page).locator(".cell.now").first.click()
        all_sent(page)
        assert list(ticks(site, "early").values()) == [[today()]]
        expect(page.locator("#first_paint .td-hero")).to_contain_text(f"1 of {len(HABITS)} done today")
        let_come()
        settled(page)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    expect(page.locator(".td-hero")).to_contain_text(f"1 of {len(HABITS)} done today")


def test_a_finger_that_is_down_when_streamlit_comes_loses_no_tap(sit: Sit, site: Site) -> None:
    someone(site, "Slow")
    page = come_back(sit, site, "Slow")
    with streamlit_held(page) as let_come:
        painted(page).locator(".cell.now").first.hover()
        page.mouse.down()
        let_come()
        expect(page.locator("#root .cell.now")).to_have_count(len(HABITS))
        page.mouse.up()
        settled(page)
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
    all_sent(page)
    assert list(ticks(site, "slow").values()) == [[today()]]


def test_a_note_that_is_being_written_goes_on_where_it_was(sit: Sit, site: Site) -> None:
    someone(site, "Noter")
    page = come_back(sit, site, "Noter")
    with streamlit_held(page) as let_come:
        first = painted(page)
        first.locator(".cell.now").nth(1).click()
        first.get_by_role("button", name=f"More for {HABITS[1]}").click()
        first.get_by_label("Note").fill("Along the river")
        let_come()
        settled(page)
    expect(page.get_by_label("Note")).to_be_focused()
    expect(page.get_by_label("Note")).to_have_value("Along the river")
    all_sent(page)
    [days] = [days for days in document_of(site, "noter")["completions"].values() if days]
    assert [entry["note"] for entry in days.values()] == ["Along the river"]


def test_what_only_streamlit_can_open_is_opened_when_it_stands(sit: Sit, site: Site) -> None:
    someone(site, "Wish")
    page = come_back(sit, site, "Wish")
    with streamlit_held(page) as let_come:
        painted(page).get_by_role("button", name=HABITS[2], exact=True).click()
        let_come()
        expect(page.get_by_role("heading", name=HABITS[2])).to_be_visible()
    expect(page).to_have_url(re.compile(r"/habit\?"))


def test_it_gives_way_to_whatever_is_to_be_seen_instead(sit: Sit, site: Site) -> None:
    user_id = someone(site, "Other")
    page = come_back(sit, site, "Other")
    with streamlit_held(page) as let_come:
        painted(page)
        Accounts(open_store(site.folder), Settings()).sessions.close_all(user_id)
        let_come()
        expect(page.get_by_label("E-mail address")).to_be_visible()
        settled(page)
    page.get_by_label("E-mail address").fill("other@example.org")  # nothing lies over it


def test_somebody_whose_habits_are_archived_meanwhile_finds_the_empty_list(sit: Sit, site: Site) -> None:
    user_id = somebody(site, "Gone", now=now_at_home() - timedelta(days=3))
    page = come_back(sit, site, "Gone")
    with streamlit_held(page) as let_come:
        painted(page)
        with open_store(site.folder).edit(user_id) as user:
            planning.archive_habit(user, user.habits[0].id, today=now_at_home().date())
        let_come()
        settled(page)
    expect(page.get_by_role("button", name="New habit")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)
