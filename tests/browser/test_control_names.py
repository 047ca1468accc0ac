"""What Streamlit says of its own controls is said in the person's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from catalogues import find_catalogues
from core import recording
from core.catalogue import _, speaking
from core.questions import QUESTIONS
from screens.language import AS_STREAMLIT_HAS_IT, NAMES
from storage import open_store
from tests.browser.conftest import Sit, Site
from tests.browser.steps import (
    ANSWERS,
    choose,
    come_back,
    heading,
    now_at_home,
    settled,
    signed_in,
    somebody,
    stand_still,
)

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
    with open_store(site.folder).edit(somebody(site, "Ottokar")) as user:
        user.locale = "de"
        habit = user.habits[0].id
    page = stands(come_back(sit, site, "Ottokar", path="/profile"), "de")
    seen = english(page)
    stand_still(page.get_by_role("combobox", name="Mein Tag endet um")).fill("nie und nimmer")
    expect(page.get_by_text("Nichts gefunden")).to_be_visible()
    seen += english(page)
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Konto").click()
    page.get_by_role("button", name="Passwort zeigen").first.click()
    expect(page.get_by_role("button", name="Passwort verbergen").first).to_be_visible()
    seen += english(page)
    page.goto(f"/habit?id={habit}")
    stands(page, "de")
    stand_still(page.get_by_role("button", name="Tag wählen")).click()
    expect(page.get_by_role("button", name="Voriger Monat")).to_be_visible()
    seen += english(page)
    assert seen == []


# Text is ours, and tests/screens/test_screens_in_german.py reads it; these name what can be used or is announced.
TEXT = {"StaticText", "InlineTextBox", "RootWebArea", "heading", "cell", "columnheader", "rowheader", "generic"}
IN_BOTH = {"Coaching", "Gold", "Orange", "Pink", "Warm"}  # the same word in both languages


def controls(page: Page) -> set[str]:
    """The names and descriptions of a page as a screen reader gets them, but for what has no word in it."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    heard = [one for one in nodes if not one["ignored"] and one["role"]["value"] not in TEXT]
    said = {str(one.get(part, {}).get("value", "")) for one in heard for part in ("name", "description")}
    return {words for words in said if re.search("[A-Za-z]{2}", words)}


def open_at(page: Page, opener: str) -> set[str]:
    """What is named once something is opened; it is closed again."""
    stand_still(page.locator(opener).first).click()
    settled(page)
    named = controls(page)
    page.keyboard.press("Escape")
    return named


OPENED = {  # on a screen, one by one
    "/": (".st-key-week_head [data-testid=stPopover] button", ".st-key-new_habit button"),
    "/coaching": ("[class*=st-key-offers_] [data-testid=stPopover] button",),
    "/habit?habit=read": (".st-key-habit_notes [data-testid=stDateInputCalendarButton]", ".st-key-habit_edit button"),
    "/profile": (".st-key-pause_days [data-testid=stDateInputCalendarButton]",),
}
SCREENS = (
    ("/", "/progress", "/coaching", "/together"),
    ("/habit?habit=read", "/profile", "/profile?room={letters}", "/profile?room={account}"),
)


def stands(page: Page, locale: str) -> Page:
    """The page once it is drawn in its language."""
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", locale)
    settled(page)
    return page


def named_on(page: Page, addresses: Iterable[str], locale: str) -> set[str]:
    """What is named on screens, the first of which is open, in the language that their person speaks by now."""
    with speaking(locale):
        rooms = {"letters": _("Letters"), "account": _("Account")}
    named = set()
    for n, address in enumerate(addresses):
        if n:
            page.goto(address.format(**rooms))
        named |= controls(stands(page, locale))
        for opener in OPENED.get(address, ()):
            named |= open_at(page, opener)
    return named


def named_before(page: Page, locale: str) -> set[str]:
    """What is named on the seven questions and where they are read back."""
    page.goto("/")
    named = set()
    for n in range(len(QUESTIONS)):
        expect(page.locator(f".st-key-ob_step{n}")).to_be_visible()
        named |= controls(stands(page, locale))
        page.locator(".st-key-ob_next button").click()
    expect(page.locator(".st-key-ob_sum")).to_be_visible()
    return named | controls(stands(page, locale))


def alike(german: set[str], english: set[str]) -> set[str]:
    """What is named in German as it is in English, a person's habit and words of both languages left out."""
    return {words for words in german & english if words not in IN_BOTH and words.strip("📚 ") != "Read"}


@pytest.mark.parametrize("addresses", SCREENS, ids=("week", "person"))
def test_no_control_of_a_screen_keeps_its_english_name_in_german(
    addresses: tuple[str, ...], sit: Sit, site: Site
) -> None:
    name, now = f"Odo{SCREENS.index(addresses)}", now_at_home()
    odo = somebody(site, name, main_habit="Read", now=now - timedelta(days=20))
    store, named = open_store(site.folder), {}
    for locale in ("en", "de"):
        with store.edit(odo) as user:
            user.locale = locale
            for n in range(0, 20, 2):
                recording.tick(user, "read", (now - timedelta(days=n)).date(), now=now - timedelta(days=n))
        # a calendar speaks as the browser does
        page = come_back(sit, site, name, locale=f"{locale}-DE", path=addresses[0])
        named[locale] = named_on(page, addresses, locale)
    assert alike(named["de"], named["en"]) == set()


def test_no_control_of_the_way_in_and_the_questions_keeps_its_english_name_in_german(sit: Sit, site: Site) -> None:
    odette, store, named = somebody(site, "Odette", main_habit="Read"), open_store(site.folder), {}
    for locale in ("de", "en"):
        with store.edit(odette) as user:
            answers = {**ANSWERS, "main_habit": "Read", "biggest_obstacle": "Time", "chronotype": "evening"}
            user.onboarding_draft = {**answers, "timezone": "UTC", "step": 0}
            user.coaching_profile.onboarding_complete = False
            user.locale = locale
        door = stands(sit(locale=f"{locale}-DE"), locale)
        named[locale] = controls(door) | open_at(door, ".st-key-door_form button[kind=tertiary]")
        door.context.add_cookies(signed_in(site, "Odette")["cookies"])  # type: ignore[arg-type]
        named[locale] |= named_before(door, locale)
    assert alike(named["de"], named["en"]) == set()


def test_who_changes_the_language_hears_no_control_in_the_one_of_before(sit: Sit, site: Site) -> None:
    somebody(site, "Ottmar")
    page = come_back(sit, site, "Ottmar", path="/profile")
    for title, asks, chosen, code in (
        ("Language", "What I speak", "Deutsch", "de"),
        ("Sprache", "Was ich spreche", "English", "en"),
    ):
        heading(page, title)
        choose(page, asks, chosen)
        expect(page.locator("html")).to_have_attribute("lang", code)
        settled(page)
        assert (german if code == "en" else english)(page) == []


def test_whoever_speaks_english_hears_streamlit_s_own_names(sit: Sit, site: Site) -> None:
    somebody(site, "Ottilia")
    page = come_back(sit, site, "Ottilia", path="/profile")
    page.get_by_role("tab", name="Account").click()
    expect(page.get_by_role("button", name="Show password").first).to_be_visible()
