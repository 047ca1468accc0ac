"""Signing in by an OpenID provider in a real browser: out to it, back, and into a session of ours."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Sit, Site, _end, _serve
from tests.browser.steps import document_of, nobody_is, press
from tests.openid_provider import Provider, open_provider, secrets_toml

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with open_provider() as opened:
        yield opened


@pytest.fixture(scope="module")
def site(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An app of its own, with that provider."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    home = tmp_path_factory.mktemp("home")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(secrets_toml(provider, url))
    site = Site(url, tmp_path_factory.mktemp("data"), home / "server.log")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HOME", str(home))
        server = _serve(site)
    yield site
    _end(server)


def cookies_of(page: Page) -> set[str]:
    return {str(cookie.get("name")) for cookie in page.context.cookies()} - {"_streamlit_xsrf", "xp-device"}


def test_somebody_new_comes_by_a_provider_and_comes_back_by_it(sit: Sit, site: Site, provider: Provider) -> None:
    nobody_is(site, "ben@example.org")
    provider.person = {"sub": "1", "email": "ben@example.org", "email_verified": True, "given_name": "Ben"}
    provider.refuses = ""
    page = sit()
    press(page, "Continue with Acme")
    expect(page.get_by_label("E-mail address")).to_have_value("ben@example.org")
    expect(page.get_by_label("Password")).to_have_count(0)
    press(page, "Create account")
    expect(page.get_by_text("Question 1 of 7")).to_be_visible()
    assert document_of(site, "ben")["display_name"] == "Ben"
    assert cookies_of(page) == {"xp"}
    page.context.clear_cookies(name="xp")
    page.goto("/")
    press(page, "Continue with Acme")
    expect(page.get_by_text("Question 1 of 7")).to_be_visible()
    assert cookies_of(page) == {"xp"}
    provider.refuses = "access_denied"
    page.context.clear_cookies(name="xp")
    page.goto("/")
    press(page, "Continue with Acme")
    expect(page.get_by_role("alert").get_by_text("That sign-in did not work")).to_be_visible()
    assert not cookies_of(page) & {"xp", "_streamlit_user"}
