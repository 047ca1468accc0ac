"""A tap is never lost and never counted twice: fast fingers, two tabs, a cut connection, midnight, a restart."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Request, Route, WebSocketRoute, expect

from core import planning, recording
from core.localtime import zone
from core.models import Target
from screens import wording
from storage import open_store
from tests.browser.conftest import PHONE, WIDE, Sit, Site, restarted
from tests.browser.steps import come_back, document_of, drawn, settled, somebody
from tests.browser.test_daily_use import LOCALE, a_zone_far_from_midnight

pytestmark = pytest.mark.browser

FAST_TAPS = 20
HABITS = ("Read", "Walk", "Write", "Stretch")


def someone(site: Site, name: str) -> str:
    """A person with four habits since six weeks; the zone in which no day ends during the run."""
    home, now = a_zone_far_from_midnight(), datetime.now(UTC)
    user_id = somebody(site, name, now=now - timedelta(weeks=6), main_habit=HABITS[0], timezone=home)
    with open_store(site.folder).edit(user_id) as user:
        for habit in HABITS[1:]:
            began = user.habits[0].created_on
            planning.add_habit(user, habit, planning.every_day(began), today=began)
    return home


def cell(page: Page, habit: str, days_ago: int, home: str) -> Locator:
    day = datetime.now(UTC).astimezone(zone(home)).date() - timedelta(days=days_ago)
    return page.get_by_role("checkbox", name=f"{habit}, {wording.long_day(day, LOCALE)}", exact=True)


def ticks(site: Site, name: str) -> dict[str, list[str]]:
    """The days done of each habit, on disk."""
    return {habit: sorted(days) for habit, days in document_of(site, name)["completions"].items() if days}


def today_in(home: str) -> str:
    return datetime.now(UTC).astimezone(zone(home)).date().isoformat()


def wire(page: Page) -> Locator:
    return page.locator("#wire")


UNTIL_SENT = """async (most) => {
    for (let n = 0; window.__xpQueue.taps.length || window.__xpQueue.isFlying; n += 1) {
        if (n > most) throw new Error('taps are still waiting');
        await new Promise(requestAnimationFrame);
    }
}"""
FRAMES_MOST = 1200  # twenty seconds


def all_sent(page: Page) -> None:
    """Every tap has been answered; looked at a frame at a time, because the page's policy lets no string be run."""
    page.evaluate(UNTIL_SENT, FRAMES_MOST)


def test_of_twenty_taps_in_a_second_each_counts_once(sit: Sit, site: Site) -> None:
    home = someone(site, "Fast")
    page = come_back(sit, site, "Fast", timezone=home)
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
    assert today_in(home) in ticks(site, "fast")["read"]


def test_two_tabs_agree_and_neither_takes_back_what_the_other_did(sit: Sit, site: Site) -> None:
    home = someone(site, "Tabea")
    page = come_back(sit, site, "Tabea", timezone=home)
    other = page.context.new_page()
    other.goto("/")
    settled(other)
    cell(page, "Read", 0, home).click()
    expect(cell(other, "Read", 0, home)).to_have_attribute("aria-checked", "true")  # without a touch
    expect(other.locator(".td-hero")).to_contain_text("1 of 4 done today")
    cell(other, "Walk", 0, home).click()
    expect(cell(page, "Walk", 0, home)).to_have_attribute("aria-checked", "true")
    all_sent(page)
    all_sent(other)
    assert ticks(site, "tabea") == {"read": [today_in(home)], "walk": [today_in(home)]}
    # the same tap in both, before either has heard of the other's: it is done, not done and undone
    for one in (page, other):
        one.evaluate("window.__xpQueue.others.onmessage = null")
    cell(page, "Write", 0, home).click()
    cell(other, "Write", 0, home).click()
    all_sent(page)
    all_sent(other)
    assert today_in(home) in ticks(site, "tabea")["write"]
    expect(other.locator(".td-hero")).to_contain_text("3 of 4 done today")


def test_a_tap_made_while_another_tab_is_being_drawn_is_seen_there_too(sit: Sit, site: Site) -> None:
    home = someone(site, "Dora")
    page = come_back(sit, site, "Dora", timezone=home)
    other = page.context.new_page()
    held: list[tuple[WebSocketRoute, str | bytes]] = []

    def hold(socket: WebSocketRoute) -> None:
        socket.connect_to_server().on_message(
            lambda frame: held.append((socket, frame)) if is_held else socket.send(frame)
        )

    is_held = True
    other.route_web_socket("**/_stcore/stream", hold)
    other.goto("/")
    for _ in range(FRAMES_MOST):
        if any(b'"stamp"' in frame for _, frame in held if isinstance(frame, bytes)):
            break
        page.evaluate("() => new Promise(requestAnimationFrame)")
    assert held  # the board is drawn on the server, and not here yet
    cell(page, "Read", 0, home).click()
    all_sent(page)
    is_held = False
    for socket, frame in held:
        socket.send(frame)
    settled(other)
    expect(cell(other, "Read", 0, home)).to_have_attribute("aria-checked", "true")
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
    home = someone(site, "Lea")
    page = come_back(sit, site, "Lea", timezone=home)
    page.evaluate(LEAVE_THEN)
    cell(page, "Read", 1, home).click()
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
    home = someone(site, "Vera")
    page = come_back(sit, site, "Vera", timezone=home)
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


def test_taps_made_without_a_connection_are_kept_and_sent_when_it_is_back(sit: Sit, site: Site) -> None:
    home = someone(site, "Otto")
    page = come_back(sit, site, "Otto", timezone=home)
    page.context.set_offline(True)
    cell(page, "Read", 0, home).click()
    cell(page, "Walk", 1, home).click()
    expect(cell(page, "Read", 0, home)).to_have_attribute("aria-checked", "true")
    expect(wire(page)).to_have_text("No connection. 2 taps are kept here and sent when it is back.")
    assert ticks(site, "otto") == {}
    page.context.set_offline(False)
    expect(wire(page)).to_have_text("Connected again. Every tap is recorded.")
    assert sorted(ticks(site, "otto")) == ["read", "walk"]
    expect(page.locator(".td-hero")).to_contain_text("1 of 4 done today")
    expect(page.get_by_role("heading", name="1 day mended")).to_be_visible()


def test_a_tap_whose_answer_was_lost_is_recorded_once_though_another_tab_has_changed_it_since(
    sit: Sit, site: Site
) -> None:
    home = someone(site, "Liane")
    page = come_back(sit, site, "Liane", timezone=home)
    lost: list[int] = []

    def lose_the_answer(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().status)  # the server has it, the page never hears so
            with open_store(site.folder).edit(json.loads(route.request.post_data or "")["person"]) as user:
                recording.untick(user, "read", datetime.now(UTC).astimezone(zone(home)).date(), now=datetime.now(UTC))
            route.abort()
        else:
            route.continue_()

    page.route("**/taps", lose_the_answer)
    cell(page, "Read", 0, home).click()
    expect(cell(page, "Read", 0, home)).to_have_attribute("aria-checked", "false")  # sent again, it changed nothing
    all_sent(page)
    assert lost == [200]
    assert ticks(site, "liane") == {}


def test_taps_outlive_a_reload_of_the_page(sit: Sit, site: Site) -> None:
    home = someone(site, "Rolf")
    page = come_back(sit, site, "Rolf", timezone=home)
    page.route("**/taps", lambda route: route.abort())
    cell(page, "Read", 0, home).click()
    expect(wire(page)).to_contain_text("1 tap is kept here")
    page.unroute("**/taps")
    page.reload()
    expect(cell(page, "Read", 0, home)).to_have_attribute("aria-checked", "true")
    all_sent(page)
    assert ticks(site, "rolf") == {"read": [today_in(home)]}


def test_a_page_that_stays_open_past_midnight_shows_the_new_day(sit: Sit, site: Site) -> None:
    home = someone(site, "Nelly")
    page = come_back(sit, site, "Nelly", timezone=home)
    expect(page.locator(".cell.now")).to_have_count(len(HABITS))
    before = page.locator(".head .now b").inner_text()
    [user_id] = [one for one in open_store(site.folder).user_ids() if one.startswith("nelly-")]
    with open_store(site.folder).edit(user_id) as user:  # where it is the next day already
        hour = datetime.now(UTC).astimezone(zone(home)).hour
        offset = round(zone(home).utcoffset(datetime.now(UTC)).total_seconds() / 3600)  # type: ignore[union-attr]
        user.coaching_profile.timezone = f"UTC{offset + 24 - hour:+d}" if hour > 12 else f"UTC{offset - hour - 1:+d}"
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
    home = someone(site, "Sven")
    page = come_back(sit, site, "Sven", timezone=home)
    with restarted(site):
        cell(page, "Read", 0, home).click(force=True)
        cell(page, "Walk", 0, home).click(force=True)
        expect(wire(page)).to_contain_text("2 taps are kept here")
    all_sent(page)
    assert ticks(site, "sven") == {"read": [today_in(home)], "walk": [today_in(home)]}
    expect(page.locator(".td-hero")).to_contain_text("2 of 4 done today")


def test_numbers_a_note_and_not_today_are_recorded_as_they_were_entered(sit: Sit, site: Site) -> None:
    home = someone(site, "Nora")
    [user_id] = [one for one in open_store(site.folder).user_ids() if one.startswith("nora-")]
    with open_store(site.folder).edit(user_id) as user:
        plan = planning.every_day(user.habits[0].created_on)
        for name, target in (("Water", Target(at_least=3)), ("Coffee", Target(at_most=2))):
            planning.add_habit(user, name, plan, today=plan.start, target=target)
    page = come_back(sit, site, "Nora", timezone=home)
    today = today_in(home)

    def entry(habit: str) -> dict[str, Any]:
        all_sent(page)
        return dict(document_of(site, "nora")["completions"].get(habit, {}).get(today, {}))

    more = page.get_by_role("button", name="More, Water")
    for number, is_done in ((1, "false"), (2, "false"), (3, "true")):
        more.click()
        expect(cell(page, "Water", 0, home)).to_have_attribute("aria-checked", is_done)
        assert entry("water")["value"] == number
    page.get_by_role("button", name="Less, Water").click()
    expect(cell(page, "Water", 0, home)).to_have_attribute("aria-checked", "false")
    field = page.get_by_role("spinbutton", name="Water")
    for typed, kept in (("4.5", 4.5), ("-1", 4.5), ("", None)):  # less than nothing is nothing that was said
        field.fill(typed)
        field.press("Enter")
        assert entry("water").get("value") == kept
    cell(page, "Coffee", 0, home).click()  # one tap is within
    expect(cell(page, "Coffee", 0, home)).to_have_attribute("aria-checked", "true")
    assert entry("coffee")["at"]
    for typed, is_within in (("2", "true"), ("3", "false")):
        page.get_by_role("spinbutton", name="Coffee").fill(typed)
        page.get_by_role("spinbutton", name="Coffee").press("Enter")
        expect(cell(page, "Coffee", 0, home)).to_have_attribute("aria-checked", is_within)
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
    home = someone(site, name)
    [user_id] = [one for one in open_store(site.folder).user_ids() if one.startswith(name.lower())]
    with open_store(site.folder).edit(user_id) as user:
        began = user.habits[0].created_on
        planning.add_habit(user, "Steps", planning.every_day(began), today=began, target=Target(at_least=100_000))
    page = come_back(sit, site, name, timezone=home, size=size)
    cell(page, "Steps", 0, home).click()
    expect(cell(page, "Steps", 0, home)).to_have_text("100000")
    assert cell(page, "Steps", 0, home).evaluate(WITHIN)
    field = page.get_by_role("spinbutton", name="Steps")
    expect(field).to_have_value("100000")
    assert field.evaluate("one => one.scrollWidth <= one.clientWidth")
