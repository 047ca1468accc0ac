"""What Streamlit says of its own controls is said in the person's language."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from playwright.sync_api import Page, expect

from catalogues import find_catalogues
from core.catalogue import _, speaking
from screens.language import AS_STREAMLIT_HAS_IT, NAMES
from storage import open_store
from tests.browser.conftest import Sit, Site
from tests.browser.steps import come_back, drawn, heading, settled, somebody

pytestmark = pytest.mark.browser

find_catalogues()


def patterns(names: Iterable[str]) -> list[re.Pattern[str]]:
    return [re.compile("^" + ".+".join(map(re.escape, name.split("{what}"))) + "$") for name in names]


ENGLISH = patterns(AS_STREAMLIT_HAS_IT.get(name, name) for name in NAMES if name != "{what} option available.")
with speaking("de"):
    GERMAN = patterns(map(_, NAMES))
TOLD = """() => {
  const said = [];
  for (const one of document.querySelectorAll('#root *, body > [id^=react-aria], [data-live-announcer] *')) {
    if (one.closest('[data-testid=stHtml], [role=listbox] [data-item-hl]')) continue;
    said.push(...['aria-label', 'aria-valuetext', 'placeholder', 'title'].map((name) => one.getAttribute(name)));
    said.push(...[...one.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()));
  }
  return [...new Set(said.filter(Boolean))];
}"""


def english(page: Page) -> list[str]:
    """Whatever is said on the page as Streamlit says it in English."""
    return [words for words in page.evaluate(TOLD) if any(name.search(words) for name in ENGLISH)]


def german(page: Page) -> list[str]:
    """Whatever is said on the page as Streamlit's names are in German."""
    return [words for words in page.evaluate(TOLD) if any(name.search(words) for name in GERMAN)]


def test_every_control_is_named_in_the_person_s_language_also_when_it_changes_its_name(sit: Sit, site: Site) -> None:
    ottokar = somebody(site, "Ottokar")
    page = come_back(sit, site, "Ottokar")
    with open_store(site.folder).edit(ottokar) as user:
        user.locale = "de"
        habit = user.habits[0].id
    page.goto("/profile")
    settled(page)
    seen = english(page)
    page.get_by_role("combobox", name="Mein Tag endet um").fill("nie und nimmer")
    expect(page.get_by_text("Nichts gefunden")).to_be_visible()
    seen += english(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Konto").click()
    page.get_by_role("button", name="Passwort zeigen").first.click()
    expect(page.get_by_role("button", name="Passwort verbergen").first).to_be_visible()
    seen += english(page)
    page.goto(f"/habit?id={habit}")
    settled(page)
    page.get_by_role("button", name="Tag wählen").click()
    expect(page.get_by_role("button", name="Voriger Monat")).to_be_visible()
    seen += english(page)
    assert seen == []


def test_who_changes_the_language_hears_no_control_in_the_one_of_before(sit: Sit, site: Site) -> None:
    somebody(site, "Ottmar")
    page = come_back(sit, site, "Ottmar")
    page.goto("/profile")
    for title, asks, chosen, code in (
        ("Language", "What I speak", "Deutsch", "de"),
        ("Sprache", "Was ich spreche", "English", "en"),
    ):
        heading(page, title)
        box = page.get_by_role("combobox", name=asks)
        box.scroll_into_view_if_needed()  # a list closes while its page scrolls
        drawn(page)
        box.click()
        page.get_by_role("option", name=chosen).click()
        expect(page.locator("html")).to_have_attribute("lang", code)
        settled(page)
        assert (german if code == "en" else english)(page) == []


def test_whoever_speaks_english_hears_streamlit_s_own_names(sit: Sit, site: Site) -> None:
    somebody(site, "Ottilia")
    page = come_back(sit, site, "Ottilia")
    page.goto("/profile")
    page.get_by_role("tab", name="Account").click()
    expect(page.get_by_role("button", name="Show password").first).to_be_visible()
