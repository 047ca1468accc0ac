"""A letter opened on a phone: its links tick without a sign-in, and the app shows the same tick."""

from __future__ import annotations

import email
import email.policy
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core import planning, recording
from core.progress import today_of
from daily_digest import send_digest_to_user, slot_on
from mail.post_office import open_post
from settings import Settings
from storage import open_store
from tests.browser.conftest import PHONE, Sit, Site
from tests.browser.steps import all_sent, arrived, document_of, drawn, now_at_home, sign_in, signed_in, somebody

pytestmark = pytest.mark.browser

NOWHERE = "about:blank"
WIDTHS = (320, 390, 640)


def a_letter(site: Site, name: str, tmp_path: Path) -> Path:
    """Today's digest of somebody with three habits, one of them done, as the page that a mail program shows."""
    now = now_at_home()
    begun = now - timedelta(days=3)
    user_id = somebody(site, name, now=begun, main_habit="Swim")
    store = open_store(site.folder)
    with store.edit(user_id) as user:
        today = today_of(user, now)
        for habit in ("Read", "A habit with a name that takes more than one line on any telephone"):
            planning.add_habit(user, habit, planning.every_day(begun.date()), today=begun.date())
        recording.tick(user, "read", today, now=now)
        user.coaching_profile.digest_time = "12:00"
        at = slot_on(user, today).at
        done = user.completions["read"][today]
        user.entries("read")[today] = done.model_copy(update={"at": at - timedelta(hours=3)})
    with open_post(Settings(data_dir=site.folder, base_url=site.url), to_server=False) as post:
        assert send_digest_to_user(user_id, post, now=at)
    (file,) = (site.folder / "outbox").glob(f"{user_id}.*.eml")
    body = email.message_from_bytes(file.read_bytes(), policy=email.policy.default).get_body(("html",))
    assert body is not None
    page = tmp_path / "letter.html"
    page.write_text(body.get_content(), encoding="utf-8")
    file.unlink()
    return page


def too_small(page: Page) -> list[str]:
    """What a thumb would miss: links and buttons below 44 pixels."""
    found = page.evaluate(
        """() => [...document.querySelectorAll('a, button')].filter(e => e.getBoundingClientRect().height < 44)
                 .map(e => e.textContent)"""
    )
    return [str(text) for text in found]


def test_done_in_a_letter_on_a_phone_is_done_in_the_app(sit: Sit, site: Site, tmp_path: Path) -> None:
    letter = a_letter(site, "Lena", tmp_path)
    page = sit(PHONE, path=NOWHERE)
    page.set_content(letter.read_text(encoding="utf-8"))
    page.get_by_role("link", name="Swim: done").first.click()
    expect(page.get_by_role("heading", name="Swim: done?")).to_be_visible()
    assert document_of(site, "lena")["completions"].get("swim") is None
    page.get_by_role("button", name="Yes, done").click()
    expect(page.get_by_role("heading", name="Swim: done", exact=True)).to_be_visible()
    (entry,) = document_of(site, "lena")["completions"]["swim"].values()
    assert entry["source"] == "mail"

    page.context.add_cookies(signed_in(site, "Lena")["cookies"])  # type: ignore[arg-type]
    page.get_by_role("link", name="Open XP Tracker").click()
    arrived(page)
    swim = page.get_by_role("group", name="Swim", exact=True)
    expect(swim.get_by_role("checkbox").last).to_be_checked()
    swim.get_by_role("checkbox").last.click()
    expect(swim.get_by_role("checkbox").last).not_to_be_checked()
    all_sent(page)
    assert document_of(site, "lena")["completions"]["swim"] == {}


def test_changing_the_time_asks_for_a_sign_in_and_leads_to_the_profile(sit: Sit, site: Site, tmp_path: Path) -> None:
    page = sit(PHONE, path=NOWHERE)
    page.set_content(a_letter(site, "Leonore", tmp_path).read_text(encoding="utf-8"))
    page.get_by_role("link", name="Change time").click()
    sign_in(page, "Leonore")
    expect(page.get_by_text("The digest comes at")).to_be_visible()


def test_a_letter_and_its_pages_fit_a_phone_and_a_thumb(sit: Sit, site: Site, tmp_path: Path) -> None:
    letter = a_letter(site, "Mia", tmp_path).read_text(encoding="utf-8")
    page = sit(path=NOWHERE)
    page.set_content(letter)
    _fits_each_phone(page)
    for label in ("Swim: done", "Forgot", "Finish the sentence", "Pause 7 days"):
        page.get_by_role("link", name=label).first.click()
        expect(page.get_by_role("heading")).to_be_visible()
        _fits_each_phone(page)
        page.set_content(letter)


def _fits_each_phone(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert too_small(page) == [], width
