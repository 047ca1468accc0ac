"""What a person does at the browser, and who they are on disk: steps that several runs share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Page, StorageState, expect

from accounts.access import Accounts
from mail.links import device_mark
from onboarding import save_onboarding_profile
from settings import Settings
from storage import open_store
from tests.browser.conftest import Sit, Site

PASSWORD = "a walk before breakfast"
ANSWERS = {
    "life_goals": ["Mental Wellness", "Sleep & Energy"],
    "main_habit": "Meditate <script>alert(1)</script> *daily*",
    "biggest_obstacle": "Motivation or discipline",
    "why_now": "I feel stressed at work",
    "chronotype": "Evening",
    "success_factor": "A friend <img src=x onerror=alert(2)>",
}


def settled(page: Page) -> None:
    """Wait until the script has run to its end, and what was painted before it has given way."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_selector("#first_paint", state="detached")


def drawn(page: Page) -> None:
    """Wait until the browser has drawn what was changed, sizes by which other sizes go included."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def theme(page: Page, name: str) -> None:
    """Let the browser prefer light or dark, and wait until the app has followed."""
    page.emulate_media(color_scheme=name)  # type: ignore[arg-type]
    app = page.locator(".stApp")
    if app.count():
        expect(app).to_have_css("color-scheme", name)


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    settled(page)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def choose(page: Page, field: str, option: str) -> None:
    """Choose from a list, which closes while its page scrolls."""
    box = page.get_by_role("combobox", name=field)
    box.scroll_into_view_if_needed()
    drawn(page)
    box.click()
    page.get_by_role("option", name=option).click()


def to_sign_in(page: Page) -> None:
    """To the form for signing in: a browser in which nobody has done so yet opens with a new account."""
    expect(page.get_by_label("E-mail address")).to_be_visible()
    settled(page)
    if (have := page.get_by_role("button", name="I have an account")).count():
        have.click()
    heading(page, "Welcome back")


def try_to_sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password", exact=True).press("Enter")


def somebody(site: Site, name: str, *, now: datetime | None = None, **answers: str) -> str:
    """A person who has answered the seven questions (`now`), made beside the running app; the user id."""
    store, now = open_store(site.folder), now or datetime.now(UTC)
    accounts = Accounts(store, Settings())
    user_id = accounts.newcomers.sign_up(name, f"{name.lower()}@example.org", PASSWORD, now=now)
    said = {**ANSWERS, "biggest_obstacle": "Time", "chronotype": "evening", "timezone": "Europe/Lisbon", **answers}
    save_onboarding_profile(user_id, said, now=now, store=store)
    return user_id


def sign_in(page: Page, name: str) -> None:
    to_sign_in(page)
    try_to_sign_in(page, f"{name.lower()}@example.org", PASSWORD)
    expect(page.get_by_role("link", name="Today", exact=True)).to_be_visible()
    settled(page)


def signed_in(site: Site, name: str) -> StorageState:
    """What the browser of somebody keeps who has signed in."""
    store = open_store(site.folder)
    [user_id] = [one for one in store.user_ids() if one.startswith(f"{name.lower()}-")]
    token = Accounts(store, Settings()).sessions.open(user_id, now=datetime.now(UTC))
    said = {"xp": token, "xp-device": device_mark(store.secret(), user_id, name)}
    how = {"url": site.url, "httpOnly": True, "sameSite": "Lax"}
    cookies: Any = [{"name": name, "value": value, **how} for name, value in said.items()]
    return {"cookies": cookies, "origins": []}


def come_back(sit: Sit, site: Site, name: str, **how: Any) -> Page:
    """Somebody's browser that is signed in already, on Today or at another `path`."""
    page = sit(storage_state=signed_in(site, name), **how)
    arrived(page)
    return page


def arrived(page: Page) -> None:
    """Wait until a screen stands, with the bar of somebody who is signed in."""
    expect(page.locator("#root .st-key-nav a").first).to_be_visible()
    settled(page)


def document_of(site: Site, name: str) -> dict[str, Any]:
    [path] = (site.folder / "users").glob(f"{name}-*.json")
    return dict(json.loads(path.read_text()))
