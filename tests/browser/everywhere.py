"""A walk through every screen and every page that a link opens, and the people who have something to see there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import Page, expect

from accounts.access import Accounts
from core import planning, recording
from core.models import Refusal
from core.questions import QUESTIONS
from mail.ledger import Ledger, Owner, State
from mail.links import Link, account_link, letter_link, sign_in_link
from settings import Settings
from storage import open_store
from tests.browser.conftest import HOME, Sit, Site
from tests.browser.steps import (
    PASSWORD,
    come_back,
    heading,
    nobody_is,
    now_at_home,
    press,
    settled,
    somebody,
    to_sign_in,
)
from tests.screens_cast import lived

OLD_HAND, NEW_HAND, NOBODY_YET = "Wanda", "Victor", "Xenia"
YURI = "yuri@example.org"  # who signs up on the way
LONG = "A walk with the dog around the whole of the old park before the first coffee"
TEXT = "Two of three on Tuesday\n\n- Read: done\n- Water: 8 of 8 glasses\n\nOpen today: https://xp.example.org\n"

LETTERS: tuple[tuple[int, State, dict[str, str]], ...] = (  # days ago, how it ended, what is known of it
    (3, "sent", {"subject": "Daily Digest: 3/4", "text": TEXT}),
    (2, "skipped", {"reason": "nothing was due and nothing was done"}),
    (1, "unknown", {"reason": "dot: closed", "subject": "An earlier one", "text": TEXT}),
)

Seen = Callable[[str, Page], None]


@dataclass(frozen=True)
class People:
    """Who walks: one with a record of nine weeks, one on the ninth day, one without a habit; their user ids."""

    old: str
    new: str
    nobody: str


@contextmanager
def people(site: Site) -> Iterator[People]:
    """They are there, as nobody has met them yet, while the block runs; afterwards they have no letters, for other runs
    count letters."""
    now, store = now_at_home(), open_store(site.folder)
    old = somebody(site, OLD_HAND, main_habit="Read", now=now - timedelta(days=60))
    new = somebody(site, NEW_HAND, main_habit="Swim", now=now - timedelta(days=9))
    nobody = somebody(site, NOBODY_YET)
    with store.edit(old) as user:
        model = lived(60, now, timezone=HOME)
        user.habits, user.completions, began = model.habits, model.completions, model.habits[0].created_on
        user.coaching_profile.leaderboard = True
        for name, group in ((LONG, "Morning"), ("Stretch", "Morning"), ("Piano", "")):
            planning.add_habit(user, name, planning.every_day(began), today=began)
            user.habits[-1].group = group
            for n in range(0, 60, 2):
                recording.tick(user, user.habits[-1].id, began + timedelta(days=n), now=now - timedelta(days=60 - n))
        recording.skip(user, "piano", now.date() - timedelta(days=1), now=now)
        recording.write_note(user, "read", now.date() - timedelta(days=2), "The chapter about the sea", now=now)
    with store.edit(new) as user:
        user.email_refused = Refusal(address=user.email, at=now, reason="550 no such person")
        planning.pause(user, now.date(), now.date() + timedelta(days=3))
    with store.edit(nobody) as user:
        user.habits = []
    with closing(Owner(site.folder / "owners")) as owner:
        ledger = Ledger(store.records, owner)
        for day, state, facts in LETTERS:
            at = now - timedelta(days=day)
            assert ledger.claim(old, f"digest-{at.date()}", now=at, went=None)
            ledger.settle(old, f"digest-{at.date()}", state, now=at, covers=at.date().isoformat(), **facts)
    yield People(old, new, nobody)
    for key in store.records.keys("ledger", old):
        store.records.delete("ledger", key)


def way_in(sit: Sit, site: Site, seen: Seen) -> None:
    """Sign-in, sign-up and the seven questions with what they say when an answer is missing."""
    nobody_is(site, YURI)
    page = sit()
    to_sign_in(page)
    seen("sign_in", page)
    page.get_by_text("Forgot your password?").click()
    press(page, "Sign in")
    expect(page.get_by_role("alert")).to_be_visible()
    settled(page)
    seen("sign_in_missing", page)
    press(page, "Create an account")
    heading(page, "Create an account")
    seen("sign_up", page)
    page.get_by_label("What shall I call you?").fill("Yuri")
    page.get_by_label("E-mail address").fill(YURI)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create account")
    for n, question in enumerate(QUESTIONS, 1):
        heading(page, question.asks)
        if question.field in ("life_goals", "main_habit"):
            press(page, "Continue")
            expect(page.get_by_role("alert")).to_be_visible()
            settled(page)
        seen(f"question_{n}", page)
        answer(page, question.field)
        press(page, "Read it back to me" if n == len(QUESTIONS) else "Continue")
    heading(page, "Here is what I understood")
    seen("read_back", page)
    page.context.close()


def answer(page: Page, field: str) -> None:
    """Answer the question on the page."""
    if field == "life_goals":
        page.get_by_role("button", name="Creativity").click()
    elif field in ("biggest_obstacle", "chronotype"):
        page.locator("label", has_text="Remembering" if field == "biggest_obstacle" else "Evening").click()
    elif field != "timezone":
        page.get_by_role("textbox").fill("Draw for ten minutes")
    settled(page)


def go(page: Page, path: str, words: str = "") -> None:
    """Open an address within the app and wait until it is drawn."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1, name=words or None).first).to_be_visible()
    settled(page)


def today(page: Page, seen: Seen) -> None:
    """Today of the old hand: six habits, a panel, the form, the order, a day that is mended."""
    go(page, "/")
    expect(page.locator(".row")).to_have_count(6)
    seen("today", page)
    press(page, "More for Water")
    seen("today_panel", page)
    press(page, "More for Water")
    page.locator(".row .cell:not(.now):not(.done):not(:disabled)").first.click()
    expect(page.get_by_role("heading", name="1 day mended")).to_be_visible()
    settled(page)
    expect(page.locator(".rise")).to_have_count(0)  # the points it brought have flown away
    seen("today_mended", page)
    press(page, "Mend a day")
    expect(page.get_by_role("group", name="Which day?")).to_be_visible()
    seen("today_mend", page)
    page.keyboard.press("Escape")
    press(page, "Earlier")
    expect(page.get_by_role("button", name="Later")).to_be_visible()
    settled(page)
    page.get_by_text("Archived (1)").click()
    seen("today_earlier", page)
    press(page, "Later")
    settled(page)
    press(page, "Order")
    expect(page.get_by_role("button", name="Down: Read")).to_be_visible()
    settled(page)
    seen("today_order", page)
    page.keyboard.press("Escape")
    press(page, "New habit")
    heading(page, "New habit")
    page.get_by_text("Icon, colour, two-minute version, group").click()
    settled(page)
    seen("habit_form_new", page)
    press(page, "Cancel")
    settled(page)
    press(page, "More for Water")
    press(page, "Edit habit")
    heading(page, "Edit Water")
    seen("habit_form_edit", page)


def the_rest(page: Page, seen: Seen) -> None:
    """Of the old hand: a habit's page, Progress, Coaching, Profile with its rooms, the leaderboard."""
    go(page, "/habit?habit=read", "Read")
    seen("habit_page", page)
    go(page, "/progress")
    seen("progress", page)
    open_all(page)
    seen("progress_open", page)
    go(page, "/coaching")
    seen("coaching", page)
    open_all(page)
    seen("coaching_open", page)
    for room, words in (("You", "Your seven answers"), ("Letters", "What may come"), ("Account", "Where you are")):
        go(page, f"/profile?room={room}")
        heading(page, words)
        if room == "Account":
            expect(page.get_by_role("group", name="The file")).to_be_visible()
        seen(f"profile_{room.lower()}", page)
        if room == "Letters":
            open_all(page)
            seen("profile_letters_open", page)
        if room == "Account":
            page.get_by_text("Delete it …").click()
            settled(page)
            seen("profile_account_leave", page)
    go(page, "/together")
    seen("together_joined", page)


def the_new(page: Page, seen: Seen) -> None:
    """Of one on the ninth day, paused, whose letters do not arrive: Today, Coaching, Profile, not on the board."""
    go(page, "/")
    seen("today_paused", page)
    go(page, "/coaching")
    seen("coaching_before", page)
    go(page, "/profile?room=Letters")
    heading(page, "What may come")
    seen("profile_refused", page)
    go(page, "/together")
    seen("together_invited", page)


def the_empty(page: Page, seen: Seen) -> None:
    """Of one without a habit: what stands where nothing is."""
    go(page, "/")
    seen("today_empty", page)
    for screen in ("progress", "coaching", "habit"):
        page.goto(f"/{screen}")
        expect(page.get_by_role("link", name="Today", exact=True).first).to_be_visible()
        settled(page)
        seen(f"{screen}_empty", page)
    go(page, "/profile?room=Letters")
    heading(page, "What may come")
    seen("profile_letters_empty", page)


def open_all(page: Page) -> None:
    """Open whatever can be opened on the screen, once all of it stands there."""
    settled(page)
    page.locator("[data-testid=stMain] details").evaluate_all("all => all.forEach((one) => { one.open = true })")


def links(site: Site, who: People) -> dict[str, str]:
    """Every page that a link opens before a person is signed in, by its name."""
    store, now = open_store(site.folder), now_at_home()
    secret, yesterday = store.secret(), now.date() - timedelta(days=1)
    key, stamp = Accounts(store, Settings()).stamp_of(who.new) or ("", "")

    def letter(action: str, detail: str = "", user_id: str = who.old, day: bool = True) -> str:
        return letter_link(site.url, secret, Link(action, user_id, detail, yesterday if day else None))  # type: ignore[arg-type]

    return {
        "link_done": letter("done", "piano"),
        "link_skip": letter("skip", "stretch"),
        "link_open": letter("open", "read"),
        "link_reason": letter("reason", "forgot"),
        "link_words": letter("reason"),
        "link_reflection": letter("reflection"),
        "link_pause": letter("pause"),
        "link_slower": letter("every", "2", day=False),
        "link_unsubscribe": letter("unsubscribe-digest", day=False),
        "link_dead": f"{site.url}/l/dead",
        "link_sign_in": sign_in_link(site.url, secret, who.new),
        "link_sign_in_dead": f"{site.url}/auth/link/dead",
        "link_password": account_link(site.url, secret, "password", key, stamp),
        "link_address": account_link(site.url, secret, "address", key, stamp, "victor@example.net"),
        "not_found": f"{site.url}/no/such/page",
        "no_screen": f"{site.url}/nothing",
    }


PRESSED = ("link_done", "link_reason", "link_reflection", "link_pause", "link_unsubscribe", "link_password")


def beside(sit: Sit, site: Site, who: People, seen: Seen) -> None:
    """The pages beside the app: what a link asks, and what it answers when its button was pressed."""
    page = sit(path="about:blank")
    for name, address in links(site, who).items():
        page.goto(address)
        seen(name, page)
        if name in PRESSED:
            for field in page.locator("textarea, input[type=password]").all():
                field.fill("A calm evening, early to bed")
            with page.expect_navigation():
                page.locator("form button").first.click()
            seen(f"{name}_answer", page)
    page.context.close()


def the_way_in(sit: Sit, site: Site, who: People, seen: Seen) -> None:
    """Before anybody is signed in."""
    way_in(sit, site, seen)


def the_day(sit: Sit, site: Site, who: People, seen: Seen) -> None:
    """Today, with a record of nine weeks."""
    today(come_back(sit, site, OLD_HAND), seen)


def the_record(sit: Sit, site: Site, who: People, seen: Seen) -> None:
    """What there is to see of a record of nine weeks."""
    the_rest(come_back(sit, site, OLD_HAND), seen)


def the_new_ones(sit: Sit, site: Site, who: People, seen: Seen) -> None:
    """The ninth day, and a list without a habit."""
    the_new(come_back(sit, site, NEW_HAND), seen)
    the_empty(come_back(sit, site, NOBODY_YET), seen)


WALKS = (the_way_in, the_day, the_record, the_new_ones, beside)
