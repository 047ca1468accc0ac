"""What a person does at the browser, and who they are on disk: steps that several runs share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Locator, Page, StorageState, expect

from accounts.access import Accounts
from accounts.leaving import leave
from core.localtime import zone
from mail.links import device_mark
from onboarding import save_onboarding_profile
from settings import Settings
from storage import open_store
from tests.browser.conftest import HOME, Sit, Site

PASSWORD = "a walk before breakfast"
ANSWERS = {
    "life_goals": ["Mental Wellness", "Sleep & Energy"],
    "main_habit": "Meditate <script>alert(1)</script> *daily*",
    "biggest_obstacle": "Motivation or discipline",
    "why_now": "I feel stressed at work",
    "chronotype": "Evening",
    "success_factor": "A friend <img src=x onerror=alert(2)>",
}
ENDED = '[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'


def settled(page: Page) -> None:
    """Wait until every run of the script that the page has asked for is over and drawn (watch_runs.js), and what was
    painted before it has given way."""
    page.wait_for_selector(f"html:not([data-asked]) {ENDED}")
    page.wait_for_selector("#first_paint", state="detached")


DRAWN = """async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def drawn(page: Page) -> None:
    """Wait until the browser has drawn what was changed, in its own letters, sizes by which other sizes go included."""
    page.evaluate(DRAWN)


FRAMES_MOST = 1200  # twenty seconds
UNTIL_SENT = """async (most) => {
    for (let n = 0; window.__xpQueue.taps.length || window.__xpQueue.isFlying; n += 1) {
        if (n > most) throw new Error('taps are still waiting');
        await new Promise(requestAnimationFrame);
    }
}"""


def all_sent(page: Page) -> None:
    """Every tap has been answered; looked at a frame at a time, because the page's policy lets no string be run."""
    page.evaluate(UNTIL_SENT, FRAMES_MOST)


def theme(page: Page, name: str) -> None:
    """Let the browser prefer light or dark, and wait until the app has followed."""
    page.emulate_media(color_scheme=name)  # type: ignore[arg-type]
    app = page.locator(".stApp")
    if app.count():
        expect(app).to_have_css("color-scheme", name)


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    settled(page)


def stand_still(one: Locator) -> Locator:
    """It, below the pointer, once its page has come to rest: what it opens closes again while the page scrolls."""
    one.hover()
    drawn(one.page)
    return one


def press(page: Page, name: str) -> None:
    stand_still(page.get_by_role("button", name=name, exact=True)).click()


def choose(page: Page, field: str, option: str, typed: str = "") -> None:
    """Choose from a list, by a part of its words where they are `typed`."""
    box = stand_still(page.get_by_role("combobox", name=field))
    box.click()
    if typed:
        box.fill(typed)
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


def now_at_home() -> datetime:
    """The instant, by the clock of HOME: its date is the day of whoever lives there."""
    return datetime.now(zone(HOME))


def nobody_is(site: Site, email: str) -> None:
    """Whoever has that address has left, so that a run can begin anew on the same site."""
    store = open_store(site.folder)
    accounts = Accounts(store, Settings())
    if known := accounts.stamp_of_address(email):
        leave(store, accounts, Settings(), known[2])


def somebody(site: Site, name: str, *, now: datetime | None = None, **answers: str) -> str:
    """A person who has answered the seven questions (`now`), made beside the running app; the user id."""
    store, now, email = open_store(site.folder), now or now_at_home(), f"{name.lower()}@example.org"
    nobody_is(site, email)
    said = {**ANSWERS, "biggest_obstacle": "Time", "chronotype": "evening", "timezone": HOME, **answers}
    newcomers = Accounts(store, Settings()).newcomers
    user_id = newcomers.sign_up(name, email, PASSWORD, now=now, timezone=str(said["timezone"]))
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
