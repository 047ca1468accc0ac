"""A history from another tracker, brought in at the browser: a look, a tap, the habits on Today, and nothing twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from screens.profile_rooms.bring_along import MEGABYTES
from storage import open_store
from tests.browser.conftest import PHONE, Sit, Site
from tests.browser.steps import come_back, document_of, heading, press, settled, somebody

pytestmark = pytest.mark.browser

ROOM = "/profile?room=Account"
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
LOOP = FIXTURES / "loop" / "loop_habits_csv_v2.3.1.zip"
STRONG = FIXTURES / "strong" / "first_sets.csv"


def give(page: Page, file: Path, title: str = "Bring a history along", choose: str = "Choose a file") -> None:
    """A file into the empty field of the Account room."""
    heading(page, title)
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_have_text(re.compile(choose))
    page.locator(".st-key-bring_along input[type=file]").set_input_files(file)


def test_a_person_brings_a_history_along(sit: Sit, site: Site) -> None:
    somebody(site, "Odile")
    page = come_back(sit, site, "Odile", path=ROOM)
    before = document_of(site, "odile")

    give(page, FIXTURES / "loop" / "LICENSES.md")
    expect(page.get_by_role("alert").filter(has_text="LICENSES.md is a table or text that begins")).to_be_visible()
    expect(page.get_by_role("button", name="Bring it in")).to_have_count(0)

    page.reload()
    give(page, LOOP)
    expect(page.get_by_role("status").filter(has_text="In it: 3 habits, 5 entries from")).to_be_visible()
    settled(page)
    assert document_of(site, "odile") == before

    press(page, "Bring it in")
    expect(page.get_by_role("status").filter(has_text="Brought in: 3 new habits and 5 new entries.")).to_be_visible()
    names = {habit["name"] for habit in document_of(site, "odile")["habits"]}
    assert {"bool habit", "value habit", "someone"} <= names
    page.get_by_role("link", name="Today", exact=True).click()
    expect(page.get_by_text("bool habit").first).to_be_visible()

    after = document_of(site, "odile")
    page.goto(ROOM)
    give(page, LOOP)
    expect(page.get_by_text("All of it stands in your record already.")).to_be_visible()
    expect(page.get_by_role("button", name="Bring it in")).to_have_count(0)
    assert document_of(site, "odile")["completions"] == after["completions"]


def test_a_file_that_is_too_large_is_refused_in_one_sentence_in_the_person_s_language(
    sit: Sit, site: Site, tmp_path: Path
) -> None:
    oskar = somebody(site, "Oskar")
    with open_store(site.folder).edit(oskar) as user:
        user.locale = "de"
    page = come_back(sit, site, "Oskar", size=PHONE, path="/profile?room=Konto")
    large = tmp_path / "$& groß.csv"
    large.write_bytes(bytes(MEGABYTES * 1024 * 1024 + 1))
    give(page, large, "Bisherige Einträge mitbringen", "Datei auswählen")
    said = page.get_by_role("alert").filter(has_text="groß")
    expect(said).to_have_text(
        f"„{large.name}“ ist größer als {MEGABYTES} MB und wurde nicht angenommen. Wähle eine kleinere Datei."
    )
    page.get_by_test_id("stFileChip").hover()
    settled(page)
    assert not re.search(r"or smaller|Error", page.locator("body").inner_text())
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name=f"{large.name} weglassen").click()
    expect(said).to_have_count(0)


def test_it_fits_a_phone(sit: Sit, site: Site) -> None:
    somebody(site, "Ottilie")
    page = come_back(sit, site, "Ottilie", size=PHONE, path=ROOM)
    give(page, STRONG)
    expect(page.get_by_role("button", name="Bring it in")).to_be_visible()
    expect(page.get_by_role("button", name=f"Leave {STRONG.name} out")).to_be_visible()
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
