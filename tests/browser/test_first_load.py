"""The first load of Today: what the page asks for ahead is what Today needs, no more and no less."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

import web
from tests.browser.conftest import Sit, Site
from tests.browser.steps import come_back, settled, somebody

pytestmark = pytest.mark.browser

ASKED = "performance.getEntriesByType('resource').map((one) => one.name)"
HREF = re.compile(r'(?:href|src)="\./([^"]+)"')


def asked_by(page: Page) -> list[str]:
    """The paths of what a page has asked for, from its load on, once a habit's cell stands and the run has ended."""
    expect(page.locator(".cell.now").first).to_be_visible()
    settled(page)
    return [urlsplit(address).path[1:] for address in page.evaluate(ASKED)]


def test_the_page_asks_ahead_for_what_today_needs_and_nothing_twice(sit: Sit, site: Site) -> None:
    somebody(site, "Nele", now=datetime.now(UTC) - timedelta(weeks=2))
    page = come_back(sit, site, "Nele")
    asked = asked_by(page)
    expect(page.locator("link[rel=preload][as=fetch]")).to_have_count(2)
    named = set(HREF.findall(web.PAGE))
    assert {name for name in asked if name.startswith("static/js/")} <= named
    for name in named:
        assert asked.count(name) <= 1

    streamlits = (web.STREAMLITS / "index.html").read_text(encoding="utf-8")
    page.set_extra_http_headers({"Accept-Encoding": "identity"})  # whom Streamlit answers
    page.reload()
    expect(page.locator("link[rel=preload][as=fetch]")).to_have_count(0)
    needed = set(asked_by(page))
    assert named - set(HREF.findall(streamlits)) <= needed
