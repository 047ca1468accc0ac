"""The first load of Today: what the page asks for ahead is what Today needs, no more and no less."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

import web
from tests.browser.conftest import Sit, Site
from tests.browser.steps import FRAMES_MOST, come_back, now_at_home, settled, somebody

pytestmark = pytest.mark.browser

ASKED = "performance.getEntriesByType('resource').map((one) => one.name)"
# What has been asked for is known when it is here. Which of some addresses have not come, if they do not come at all.
UNTIL_HERE = """async ([wanted, most]) => {
    for (let n = 0; ; n += 1) {
        const here = performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname.slice(1));
        const missing = wanted.filter((one) => !here.includes(one));
        if (!missing.length || n > most) return missing;
        await new Promise(requestAnimationFrame);
    }
}"""
# Takes from the page what it would ask ahead for, before it does.
WITHOUT = """document.addEventListener('DOMContentLoaded', () => {
    const links = [...document.getElementById('streamlit').content.children, ...document.querySelectorAll('head link')];
    links.filter((one) => %s.includes(one.getAttribute('href')?.slice(2))).forEach((one) => one.remove());
});"""
HREF = re.compile(r'(?:href|src)="\./([^"]+)"')


def asked_by(page: Page) -> list[str]:
    """The paths of what a page has asked for, from its load on, once a habit's cell stands and the run has ended."""
    expect(page.locator(".cell.now").first).to_be_visible()
    settled(page)
    return [urlsplit(address).path[1:] for address in page.evaluate(ASKED)]


def test_the_page_asks_ahead_for_what_today_needs_and_nothing_twice(sit: Sit, site: Site) -> None:
    somebody(site, "Nele", now=now_at_home() - timedelta(weeks=2))
    page = come_back(sit, site, "Nele")
    asked = asked_by(page)
    expect(page.locator("link[rel=preload][as=fetch]")).to_have_count(2)
    named = set(HREF.findall(web.PAGE))
    assert {name for name in asked if name.startswith("static/js/")} <= named
    for name in named:
        assert asked.count(name) <= 1

    ahead = named - set(HREF.findall((web.STREAMLITS / "index.html").read_text(encoding="utf-8")))
    page.add_init_script(WITHOUT % json.dumps(sorted(ahead)))
    page.reload()
    settled(page)
    expect(page.locator("link[rel=preload][as=fetch]")).to_have_count(0)
    assert page.evaluate(UNTIL_HERE, [sorted(ahead), FRAMES_MOST]) == []
