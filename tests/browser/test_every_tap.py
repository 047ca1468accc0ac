"""A tap is never lost and never counted twice: fast fingers, two tabs, a cut connection, midnight, a restart."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, Route, WebSocketRoute, expect

from core import planning, recording
from core.models import Target
from screens import wording
from storage import open_store
from tests.browser.conftest import PHONE, WIDE, Sit, Site, restarted
from tests.browser.steps import (
    FRAMES_MOST,
    all_sent,
    come_back,
    document_of,
    drawn,
    now_at_home,
    settled,
    somebody,
)
from tests.browser.test_daily_use import LOCALE

pytestmark = pytest.mark.browser

FAST_TAPS = 20
HABITS = ("Read", "Walk", "Write", "Stretch")


def someone(site: Site, name: str) -> str:
    """A person with four habits since six weeks; the user id."""
    user_id = somebody(site, name, now=now_at_home() - timedelta(weeks=6), main_habit=HABITS[0])
    with open_store(site.folder).edit(user_id) as user:
        for habit in HABITS[1:]:
            began = user.habits[0].created_on
            planning.add_habit(user, habit, planning.every_day(began), today=began)
    return user_id


def cell(page: Page, habit: str, days_ago: int) -> Locator:
    day = now_at_home().date() - timedelta(days=days_ago)
    return page.get_by_role("checkbox", name=f"{habit}, {wording.long_day(day, LOCALE)}", exact=True)


def ticks(site: Site, name: str) -> dict[str, list[str]]:
    """The days done of each habit, on disk."""
    return {habit: sorted(days) for habit, days in document_of(site, name)["completions"].items() if days}


def today() -> str:
    return now_at_home().date().isoformat()


def wire(page: Page) -> Locator:
    return page.locator("#wire")


def test_of_twenty_taps_in_a_second_each_counts_once(sit: Sit, site: Site) -> None:
    someone(site, "Fast")
    page = come_back(sit, site, "Fast")
    cells = page.locator(".row .cell:not(.now)")
    expect(cells).to_have_count(6 * len(HABITS))
    asked: list[Any] = []

    def note(one: Request) -> None:
        if one.url.endswith("/taps"):
            asked.append((one.post_data_json or {})["taps"])

    page.on("request", note)
    cells.evaluate_all(
        "(cells, n) => { for (let k = 0; k < n; k++) setTimeout(() => cells[k].click(), 1000 / n * k) }", FAST_TAPS
    )
    expect(page.locator(".row .cell.done")).to_have_count(FAST_TAPS)
    all_sent(page)
    assert sum(len(days) for days in ticks(site, "fast").values()) == FAST_TAPS
    ids = [tap["id"] for taps in asked for tap in taps]
    assert len(ids) == len(set(ids)) == FAST_TAPS
    # to and fro on one cell, as fast as the page goes: it stands as the last tap left it
    page.locator(".cell.now").first.evaluate("(cell, n) => { for (let k = 0; k < n; k++) cell.click() }", FAST_TAPS + 1)
    expect(page.locator(".cell.now").first).to_have_attribute("aria-checked", "true")
    all_sent(page)
    assert today() in ticks(site, "fast")["read"]


def test_two_tabs_agree_and_neither_takes_back_what_the_other_did(sit: Sit, site: Site) -> None:
    someone(site, "Tabea")
    page = come_back(sit, site, "Tabea")
    other = page.context.new_page()
    other.goto("/")
    settled(other)
    cell(page, "Read", 0).click()
    expect(cell(other, "Read", 0)).to_have_attribute("aria-checked", "true")  # without a touch
    expect(other.locator(".td-hero")).to_contain_text("1 of 4 done today")
    cell(other, "Walk", 0).click()
    expect(cell(page, "Walk", 0)).to_have_attribute("aria-checked", "true")
    all_sent(page)
    all_sent(other)
    assert ticks(site, "tabea") == {"read": [today()], "walk": [today()]}
    # the same tap in both, before either has heard of the other's: it is done, not done and undone
    for one in (page, other):
        one.evaluate("window.__xpQueue.others.onmessage = null")
    cell(page, "Write", 0).click()
    cell(other, "Write", 0).click()
    all_sent(page)
    all_sent(other)
    assert today() in ticks(site, "tabea")["write"]
    expect(other.locator(".td-hero")).to_contain_text("3 of 4 done today")


def test_a_tap_made_while_another_tab_is_being_drawn_is_seen_there_too(sit: Sit, site: Site) -> None:
    someone(site, "Dora")
    page = come_back(sit, site, "Dora")
    other = page.context.new_page()
    held: list[tuple[WebSocketRoute, str | bytes]] = []

    def hold(socket: WebSocketRoute) -> None:
        socket.connect_to_server().on_message(
            lambda frame: held.append((socket, frame)) if is_held else socket.send(frame)
        )

    def is_drawn_on_the_server() -> bool:
        return any(b'"stamp"' in frame for _, frame in held if isinstance(frame, bytes))

    is_held = True
    other.route_web_socket("**/_stcore/stream", hold)
    other.goto("/")
    for _ in range(FRAMES_MOST):
        if is_drawn_on_the_server():
            break
        page.evaluate("() => new Promise(requestAnimationFrame)")
    assert is_drawn_on_the_server()  # and not here yet
    cell(page, "Read", 0).click()
    all_sent(page)
    while held:  # one after the other: more may come while these are let go
        socket, frame = held.pop(0)
        socket.send(frame)
    is_held = False
    settled(other)
    expect(cell(other, "Read", 0)).to_have_attribute("aria-checked", "true")
    expect(other.locator(".td-hero")).to_contain_text("1 of 4 done today")


# The page is left at the very moment in which, after a mended day, its rest was about to be drawn anew.
LEAVE_THEN = """() => {
    const grid = window.__xpQueue.grid, hear = grid.hear, later = window.setTimeout;
    grid.hear = (answer, sent) => {
        const soon = [];
        window.setTimeout = (run, ms, ...rest) => (ms === 400 ? soon.push(run) : later(run, ms, ...rest));
        hear(answer, sent);
        window.setTimeout = later;
        if (!soon.length) return;
        document.querySelector('.st-key-nav a[href*=progress]').click();
        soon.forEach((run) => run());
    };
}"""


def test_whoever_leaves_right_after_mending_a_day_finds_the_page_they_went_to(sit: Sit, site: Site) -> None:
    someone(site, "Lea")
    page = come_back(sit, site, "Lea")
    page.evaluate(LEAVE_THEN)
    cell(page, "Read", 1).click()
    expect(page.get_by_role("heading", name="Your days")).to_be_visible()
    settled(page)
    expect(page.get_by_role("heading", name="Your days")).to_be_visible()


# The grid's idle timer is kept, to be up at a moment of our choosing; it cannot be up once it is cleared.
KEEP_IDLE = """() => {
    const later = window.setTimeout, clear = window.clearTimeout;
    const idle = window.__idle = new Map();
    window.setTimeout = (run, ms, ...rest) => (ms === 2000 && String(run).includes("'ops', []")
        ? (idle.set(`idle ${ms}`, run), `idle ${ms}`) : later(run, ms, ...rest));
    window.clearTimeout = (timer) => { if (!idle.delete(timer)) clear(timer); };
}"""
UNTIL_IDLE_RUNS = """async (most) => {
    for (let n = 0; !window.__idle.size; n += 1) {
        if (n > most) throw new Error('nothing is about to be cleared');
        await new Promise(requestAnimationFrame);
    }
}"""
IDLE_IS_UP = "() => { const runs = [...window.__idle.values()]; window.__idle.clear(); runs.forEach((run) => run()); }"


def edit(page: Page, habit: str) -> None:
    page.get_by_role("button", name=f"More for {habit}").click()
    page.get_by_role("button", name="Edit habit", exact=True).click()


def test_an_edit_is_heard_though_the_grid_was_about_to_clear_the_press_before_it(sit: Sit, site: Site) -> None:
    someone(site, "Vera")
    page = come_back(sit, site, "Vera")
    held: list[str | bytes] = []
    is_held, server = False, list[WebSocketRoute]()

    def hold(socket: WebSocketRoute) -> None:
        server.append(socket.connect_to_server())
        socket.on_message(lambda frame: held.append(frame) if is_held else server[-1].send(frame))

    page.route_web_socket("**/_stcore/stream", hold)
    page.reload()
    settled(page)
    page.evaluate(KEEP_IDLE)
    edit(page, "Read")
    expect(page.get_by_role("heading", name="Edit Read")).to_be_visible()
    settled(page)
    page.evaluate(UNTIL_IDLE_RUNS, FRAMES_MOST)  # what was heard is about to be cleared
    is_held = True
    edit(page, "Walk")
    page.evaluate(IDLE_IS_UP)
    drawn(page)
    is_held = False
    server[-1].send(held[-1])  # of what waits for a busy server, Streamlit takes the newest
    expect(page.get_by_role("heading", name="Edit Walk")).to_be_visible()


# What is said for a while stands for good.
KEEP_SAID = """() => {
    const later = window.setTimeout;
    window.setTimeout = (run, ms, ...rest) => (ms === 4000 ? 0 : later(run, ms, ...rest));
}"""


def test_taps_made_without_a_connection_are_kept_and_sent_when_it_is_back(sit: Sit, site: Site) -> None:
    someone(site, "Otto")
    page = come_back(sit, site, "Otto")
    page.evaluate(KEEP_SAID)
    page.context.set_offline(True)
    cell(page, "Read", 0).click()
    cell(page, "Walk", 1).click()
    expect(cell(page, "Read", 0)).to_have_attribute("aria-checked", "true")
    expect(wire(page)).to_have_text("No connection. 2 taps are kept here and sent when it is back.")
    assert ticks(site, "otto") == {}
    page.context.set_offline(False)
    expect(wire(page)).to_have_text("Connected again. Every tap is recorded.")
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")  # it asks how things stand
    all_sent(page)
    expect(wire(page)).to_have_text("Connected again. Every tap is recorded.")
    assert sorted(ticks(site, "otto")) == ["read", "walk"]
    expect(page.locator(".td-hero")).to_contain_text("1 of 4 done today")
    expect(page.get_by_role("heading", name="1 day mended")).to_be_visible()


def test_a_tap_whose_answer_was_lost_is_recorded_once_though_another_tab_has_changed_it_since(
    sit: Sit, site: Site
) -> None:
    someone(site, "Liane")
    page = come_back(sit, site, "Liane")
    lost: list[int] = []

    def lose_the_answer(route: Route) -> None:
        sent = json.loads(route.request.post_data or "")
        if sent["taps"] and not lost:
            lost.append(route.fetch().status)  # the server has it, the page never hears so
            with open_store(site.folder).edit(sent["person"]) as user:
                recording.untick(user, "read", now_at_home().date(), now=now_at_home())
            route.abort()
        else:
            route.continue_()

    page.route("**/taps", lose_the_answer)
    cell(page, "Read", 0).click()
    expect(cell(page, "Read", 0)).to_have_attribute("aria-checked", "false")  # sent again, it changed nothing
    all_sent(page)
    assert lost == [200]
    assert ticks(site, "liane") == {}


def test_taps_outlive_a_reload_of_the_page(sit: Sit, site: Site) -> None:
    someone(site, "Rolf")
    page = come_back(sit, site, "Rolf")
    page.route("**/taps", lambda route: route.abort())
    cell(page, "Read", 0).click()
    expect(wire(page)).to_contain_text("1 tap is kept here")
    page.unroute("**/taps")
    page.reload()
    expect(cell(page, "Read", 0)).to_have_attribute("aria-checked", "true")
    all_sent(page)
    assert ticks(site, "rolf") == {"read": [today()]}


def test_a_page_that_stays_open_past_midnight_shows_the_new_day(sit: Sit, site: Site) -> None:
    user_id = someone(site, "Nelly")
    page = come_back(sit, site, "Nelly")
    expect(page.locator(".cell.now")).to_have_count(len(HABITS))
    before = page.locator(".head .now b").inner_text()
    with open_store(site.folder).edit(user_id) as user:  # where it is another day, and stays it for an hour and more
        user.coaching_profile.timezone = "Pacific/Kiritimati" if now_at_home().hour >= 11 else "UTC-12"
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".head .now b").filter(has_text=re.compile(f"^{before}$"))).to_have_count(0)
    expect(page.locator(".head .now b")).to_be_visible()
    # a tap on a column is of the day that stands above it
    settled(page)
    page.locator(".cell.now").first.click()
    all_sent(page)
    [day] = ticks(site, "nelly")["read"]
    assert page.locator(".head .now b").inner_text() == str(int(day[-2:]))


def test_taps_made_while_the_server_was_down_are_recorded_when_it_is_back(sit: Sit, site: Site) -> None:
    someone(site, "Sven")
    page = come_back(sit, site, "Sven")
    with restarted(site):
        cell(page, "Read", 0).click(force=True)
        cell(page, "Walk", 0).click(force=True)
        expect(wire(page)).to_contain_text("2 taps are kept here")
    all_sent(page)
    assert ticks(site, "sven") == {"read": [today()], "walk": [today()]}
    expect(page.locator(".td-hero")).to_contain_text("2 of 4 done today")


def test_numbers_a_note_and_not_today_are_recorded_as_they_were_entered(sit: Sit, site: Site) -> None:
    with open_store(site.folder).edit(someone(site, "Nora")) as user:
        plan = planning.every_day(user.habits[0].created_on)
        for name, target in (("Water", Target(at_least=3)), ("Coffee", Target(at_most=2))):
            planning.add_habit(user, name, plan, today=plan.start, target=target)
    page = come_back(sit, site, "Nora")

    def entry(habit: str) -> dict[str, Any]:
        all_sent(page)
        return dict(document_of(site, "nora")["completions"].get(habit, {}).get(today(), {}))

    more = page.get_by_role("button", name="More, Water")
    for number, is_done in ((1, "false"), (2, "false"), (3, "true")):
        more.click()
        expect(cell(page, "Water", 0)).to_have_attribute("aria-checked", is_done)
        assert entry("water")["value"] == number
    page.get_by_role("button", name="Less, Water").click()
    expect(cell(page, "Water", 0)).to_have_attribute("aria-checked", "false")
    field = page.get_by_role("spinbutton", name="Water")
    for typed, kept in (("4.5", 4.5), ("-1", 4.5), ("", None)):  # less than nothing is nothing that was said
        field.fill(typed)
        field.press("Enter")
        assert entry("water").get("value") == kept
    cell(page, "Coffee", 0).click()  # one tap is within
    expect(cell(page, "Coffee", 0)).to_have_attribute("aria-checked", "true")
    assert entry("coffee")["at"]
    for typed, is_within in (("2", "true"), ("3", "false")):
        page.get_by_role("spinbutton", name="Coffee").fill(typed)
        page.get_by_role("spinbutton", name="Coffee").press("Enter")
        expect(cell(page, "Coffee", 0)).to_have_attribute("aria-checked", is_within)
        assert entry("coffee")["value"] == int(typed)

    page.get_by_role("button", name="More for Walk").click()
    page.get_by_role("button", name="Not today").click()
    expect(page.get_by_role("button", name="Take the skip back")).to_be_visible()
    page.get_by_label("Note").fill("it rained :smile:")
    page.get_by_label("Note").press("Tab")
    assert entry("walk")["skip"] is True
    assert entry("walk")["note"] == "it rained :smile:"
    page.get_by_role("button", name="Take the skip back").click()
    assert entry("walk") == {}


WITHIN = """(cell) => {
  const words = document.createRange();
  words.selectNodeContents(cell);
  const [inner, outer] = [words, cell].map((one) => one.getBoundingClientRect());
  return inner.width > 0 && inner.left >= outer.left && inner.right <= outer.right;
}"""


@pytest.mark.parametrize("size", [WIDE, PHONE, {"width": 360, "height": 800}], ids=["wide", "phone", "small phone"])
def test_a_number_of_six_figures_stands_within_its_square_and_its_field(
    sit: Sit, site: Site, size: dict[str, int]
) -> None:
    name = f"Stella{size['width']}"
    with open_store(site.folder).edit(someone(site, name)) as user:
        began = user.habits[0].created_on
        planning.add_habit(user, "Steps", planning.every_day(began), today=began, target=Target(at_least=100_000))
    page = come_back(sit, site, name, size=size)
    cell(page, "Steps", 0).click()
    expect(cell(page, "Steps", 0)).to_have_text("100000")
    drawn(page)
    assert cell(page, "Steps", 0).evaluate(WITHIN)
    field = page.get_by_role("spinbutton", name="Steps")
    expect(field).to_have_value("100000")
    assert field.evaluate("one => one.scrollWidth <= one.clientWidth")
