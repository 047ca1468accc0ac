"""Profile's letters in a real browser: what was sent and what was left out, the next one, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from babel.dates import format_date
from playwright.sync_api import Page, expect

from core.models import Refusal
from mail.ledger import Ledger, Owner, State
from storage import open_store
from tests.browser.conftest import PHONE, WIDE, Sit, Site
from tests.browser.steps import come_back, document_of, now_at_home, press, settled, somebody

pytestmark = pytest.mark.browser

TYPED = "<b>Bold</b> *stars* $x$ :smile:"
TEXT = f"Two of three on Tuesday\n\n- {TYPED}\n- {'x' * 300}\n\nOpen today: https://xp.example.org\n"


Letters = Callable[[str], None]


@pytest.fixture
def with_letters(site: Site) -> Iterator[Letters]:
    """People who have letters in their ledger; afterwards they have none, for other runs count letters."""
    records, people = open_store(site.folder).records, []

    def live(name: str) -> None:
        user_id = somebody(site, name, now=now_at_home() - timedelta(days=3), main_habit=TYPED)
        people.append(user_id)
        with closing(Owner(site.folder / "owners")) as owner:
            keep = partial(_keep, Ledger(records, owner), user_id)
            keep(1, "sent", subject=f"Daily Digest: {TYPED}", text=TEXT)
            keep(2, "skipped", reason="nothing was due and nothing was done")
            keep(3, "unknown", reason="dot: closed", subject="An earlier one", text="Gone?")

    yield live
    for user_id in people:
        for key in records.keys("ledger", user_id):
            records.delete("ledger", key)


def _keep(ledger: Ledger, user_id: str, days_ago: int, state: State, **facts: Any) -> None:
    now = now_at_home() - timedelta(days=days_ago)
    assert ledger.claim(user_id, f"digest-{now.date()}", now=now, went=None)
    ledger.settle(user_id, f"digest-{now.date()}", state, now=now, covers=now.date().isoformat(), **facts)


def open_room(page: Page) -> None:
    page.get_by_role("link", name="Profile").click()
    page.get_by_role("tab", name="Letters").click()
    expect(page.get_by_role("heading", name="What may come")).to_be_visible()
    settled(page)


@pytest.mark.parametrize(("size", "name"), [(WIDE, "Olga"), (PHONE, "Petra")])
def test_what_was_sent_what_was_left_out_and_what_comes_can_be_read(
    sit: Sit, site: Site, with_letters: Letters, size: dict[str, int], name: str
) -> None:
    with_letters(name)
    page = come_back(sit, site, name, size=size)
    open_room(page)

    listed = page.locator(".lt-month li")
    expect(listed).to_have_count(3)
    sent, skipped, unknown = listed.all()
    expect(sent).to_contain_text(f"Daily Digest: {TYPED}")
    expect(sent).to_contain_text(f"Sent on {format_date(now_at_home() - timedelta(days=1), 'MMMM d', 'en')}")
    expect(sent.locator("pre")).to_be_hidden()
    sent.get_by_text("Read it").click()
    expect(sent.locator("pre")).to_be_visible()
    assert sent.locator("pre").text_content() == TEXT  # to the letter
    expect(skipped).to_contain_text("Left out: nothing was due that day, and nothing was done.")
    expect(skipped.get_by_text("Read it")).to_have_count(0)
    expect(unknown).to_contain_text("Nobody can know whether it arrived")

    ahead = page.locator(".st-key-next_letter")
    expect(ahead).to_contain_text("if nothing changes")
    ahead.get_by_text("Read it as it stands now").click()
    expect(ahead.locator("pre")).to_contain_text(TYPED)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0

    page.reload()  # the room is in the address
    expect(page.get_by_role("heading", name="What may come")).to_be_visible()
    press(page, "Change")
    expect(page.get_by_role("switch", name="The daily digest")).to_be_checked()


def test_a_refused_address_is_said_on_a_phone_and_can_be_tried_again(sit: Sit, site: Site) -> None:
    user_id = somebody(site, "Quin", main_habit="Swim")
    with open_store(site.folder).edit(user_id) as user:
        user.email_refused = Refusal(address=user.email, at=now_at_home(), reason=f"rcpt: 550 {TYPED}")
    page = come_back(sit, site, "Quin", size=PHONE)
    page.get_by_role("link", name="What to do").click()
    alert = page.get_by_role("alert").filter(has_text="No letter reaches quin@example.org")
    expect(alert).to_contain_text(f"“550 {TYPED}”")
    press(page, "Try this address again")
    expect(page.get_by_role("status").filter(has_text="goes to quin@example.org once more")).to_be_visible()
    expect(alert).to_have_count(0)
    assert "email_refused" not in document_of(site, "quin")
