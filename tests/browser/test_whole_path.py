"""The whole path of a person in a real browser: sign up, seven questions, first tick, away and back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.questions import QUESTIONS
from mail.links import Link, letter_link, sign_in_link
from storage import open_store
from tests.browser.conftest import PHONE, Sit, Site
from tests.browser.steps import (
    ANSWERS,
    FRAMES_MOST,
    PASSWORD,
    come_back,
    document_of,
    drawn,
    heading,
    nobody_is,
    press,
    settled,
    sign_in,
    somebody,
    try_to_sign_in,
)

pytestmark = pytest.mark.browser

COOKIE = "xp"


def sign_up(page: Page, name: str, email: str) -> None:
    heading(page, "Create an account")
    page.get_by_label("What shall I call you?").fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create account")
    heading(page, QUESTIONS[0].asks)


def answer(page: Page, field: str) -> None:
    """Answer the question on the page and go on, by the keyboard where a person would."""
    if field == "life_goals":
        for goal in ANSWERS[field]:
            page.get_by_role("button", name=goal).click()
            settled(page)
    elif field in ("biggest_obstacle", "chronotype"):
        page.locator("label", has_text=str(ANSWERS[field])).click()
        settled(page)
    elif field != "timezone":
        page.get_by_role("textbox").fill(str(ANSWERS[field]))
    last = field == "success_factor"
    press(page, "Read it back to me" if last else "Continue")


def test_the_whole_path_of_a_new_person(sit: Sit, site: Site) -> None:
    nobody_is(site, "ana@example.org")
    page = sit(timezone="Asia/Tokyo")
    sign_up(page, "Ana", "ana@example.org")

    # nobody gets past a question, and what is missing is said
    press(page, "Continue")
    expect(page.get_by_role("alert").filter(has_text=QUESTIONS[0].missing)).to_be_visible()
    page.goto("/coaching")
    heading(page, QUESTIONS[0].asks)

    # the draft survives a reload, the long field's words too, before they are sent
    for question in QUESTIONS[:3]:
        heading(page, question.asks)
        answer(page, question.field)
    heading(page, QUESTIONS[3].asks)
    page.get_by_role("textbox").press_sequentially("Half a sent")
    _wait_for_draft(page, site, "why_now", "Half a sent")
    page.reload()
    heading(page, QUESTIONS[3].asks)
    expect(page.get_by_role("textbox")).to_have_value("Half a sent")
    answer(page, "why_now")

    # the browser's zone is there already; the answers are read back as they were typed
    heading(page, QUESTIONS[4].asks)
    expect(page.get_by_role("combobox")).to_have_value("Asia/Tokyo")
    for question in QUESTIONS[4:]:
        heading(page, question.asks)
        answer(page, question.field)
    heading(page, "Here is what I understood")
    expect(page.get_by_text(str(ANSWERS["main_habit"])).first).to_be_visible()
    expect(page.get_by_text(str(ANSWERS["success_factor"])).first).to_be_visible()
    assert document_of(site, "ana")["habits"] == []
    press(page, "That is right, start")
    expect(page.get_by_role("link", name="Today", exact=True)).to_be_visible()

    ana = document_of(site, "ana")
    assert ana["coaching_profile"]["digest_time"] == "20:00"
    assert ana["coaching_profile"]["timezone"] == "Asia/Tokyo"
    assert ana["created_at"].endswith("+09:00")
    assert [(habit["name"], habit["goal"]) for habit in ana["habits"]] == [(ANSWERS["main_habit"], "Mental Wellness")]
    assert ana["onboarding_draft"] == {}

    # the first tick
    _tick_today(page, site)

    # reload and a reopened browser: still signed in
    page.reload()
    expect(page.get_by_role("link", name="Today", exact=True)).to_be_visible()
    again = sit(timezone="Asia/Tokyo", storage_state=page.context.storage_state())
    expect(again.get_by_role("link", name="Today", exact=True)).to_be_visible()
    assert page.evaluate("document.cookie").find(f"{COOKIE}=") == -1


def _wait_for_draft(page: Page, site: Site, field: str, words: str) -> None:
    """Until the document has the words: the text area is sent after a pause in typing."""
    for _ in range(FRAMES_MOST):
        if document_of(site, "ana")["onboarding_draft"].get(field) == words:
            return
        drawn(page)
    raise AssertionError("the draft never reached the document")


def _tick_today(page: Page, site: Site) -> None:
    page.get_by_role("link", name="Today", exact=True).click()
    cell = page.get_by_role("checkbox", name=str(ANSWERS["main_habit"])).last
    expect(cell).to_have_attribute("aria-checked", "false")
    cell.click()
    expect(cell).to_have_attribute("aria-checked", "true")
    expect(page.get_by_text("A perfect day: 1 of 1")).to_be_visible()
    [entries] = document_of(site, "ana")["completions"].values()
    [entry] = entries.values()
    assert entry["at"].endswith("+09:00")


def test_signing_out_closes_every_tab_and_the_way_back_needs_the_password(sit: Sit, site: Site) -> None:
    somebody(site, "Ben")
    page = sit()
    sign_in(page, "Ben")
    old_cookie = page.context.storage_state()
    other_tab = page.context.new_page()
    other_tab.goto("/progress")
    expect(other_tab.get_by_role("link", name="Progress")).to_be_visible()
    settled(other_tab)

    page.get_by_role("link", name="Profile").click()
    page.get_by_role("tab", name="Account").click()
    press(page, "Sign out")
    heading(page, "Welcome back")
    heading(other_tab, "Welcome back")
    heading(sit(storage_state=old_cookie), "Welcome back")  # the old cookie opens nothing

    try_to_sign_in(page, "ben@example.org", "not his password")
    refused = page.get_by_role("alert").filter(has_text="do not go together")
    wrong_password = refused.inner_text()
    settled(page)
    try_to_sign_in(page, "nobody@example.org", PASSWORD)
    settled(page)
    assert refused.inner_text() == wrong_password
    sign_in(page, "BEN")


def test_a_second_person_sees_nothing_of_the_first(sit: Sit, site: Site) -> None:
    somebody(site, "Cleo")
    somebody(site, "Dan", main_habit="Swim")
    cleo, dan = come_back(sit, site, "Cleo"), come_back(sit, site, "Dan")
    for name, path in (("Progress", "progress"), ("Coaching", "coaching"), ("Profile", "profile"), ("Today", "")):
        dan.get_by_role("link", name=name, exact=True).click()
        expect(dan).to_have_url(f"{site.url}/{path}")
        settled(dan)
        shown = dan.locator("body").inner_text()
        assert "Cleo" not in shown
        assert "Meditate" not in shown
    expect(cleo.get_by_text("Cleo").first).to_be_visible()
    expect(cleo.get_by_role("checkbox", name="Meditate").last).to_be_visible()
    expect(dan.get_by_role("checkbox", name="Swim").last).to_be_visible()


def test_on_a_phone_the_way_between_the_screens_lies_under_the_thumb(sit: Sit, site: Site) -> None:
    somebody(site, "Eva")
    page = come_back(sit, site, "Eva", size=PHONE)
    for name, path in (("Progress", "progress"), ("Coaching", "coaching"), ("Profile", "profile"), ("Today", "")):
        link = page.get_by_role("link", name=name, exact=True)
        link.click()
        expect(page).to_have_url(f"{site.url}/{path}")
        settled(page)
        box = link.bounding_box()
        assert box is not None
        assert box["y"] > PHONE["height"] - 90


def test_a_letters_link_works_without_a_sign_in_and_a_sign_in_link_signs_in(sit: Sit, site: Site) -> None:
    user_id, secret = somebody(site, "Finn"), open_store(site.folder).secret()
    said_before = len(site.log.read_text())
    stranger = sit(path=letter_link(site.url, secret, Link("unsubscribe-digest", user_id)))
    expect(stranger.get_by_role("heading", name="Stop the daily digest?")).to_be_visible()
    press(stranger, "Stop the digest")
    expect(stranger.get_by_role("heading", name="Switched off")).to_be_visible()
    assert document_of(site, "finn")["coaching_profile"]["letters"]["digest"] is False

    stranger.goto(sign_in_link(site.url, secret, user_id))
    press(stranger, "Sign in")
    expect(stranger.get_by_role("link", name="Today", exact=True)).to_be_visible()
    said = site.log.read_text()[said_before:]
    assert "/l/" not in said
    assert "/auth/link/" not in said
    assert "Traceback" not in said


def test_a_document_that_breaks_under_an_open_page_is_said_and_left_as_it_is(sit: Sit, site: Site) -> None:
    path = site.folder / "users" / f"{somebody(site, 'Gina', main_habit='Swim')}.json"
    page = come_back(sit, site, "Gina")
    path.write_text("{half")
    page.get_by_role("checkbox", name="Swim").last.click()
    expect(page.get_by_role("status").filter(has_text="it is left as it is")).to_be_visible()
    assert path.read_text() == "{half"
