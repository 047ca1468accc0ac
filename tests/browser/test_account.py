"""An account in a real browser: typed words stay words on every screen, and a person changes, leaves and is gone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core import planning, recording
from core.models import Target
from screens.ways import WORD_JOINER
from storage import open_store
from tests.browser.conftest import PHONE, Sit, Site
from tests.browser.everywhere import open_all
from tests.browser.steps import (
    PASSWORD,
    come_back,
    document_of,
    heading,
    nobody_is,
    now_at_home,
    press,
    settled,
    somebody,
    stand_still,
)
from tests.browser.test_first_paint import painted, streamlit_held

pytestmark = pytest.mark.browser

NAMES = {  # a word that stands nowhere else: the name that it is part of
    "quince": 'quince <b id="mark">bold</b> &amp; "quoted"',
    "medlar": "medlar $x^2$ *stars* __under__ `code` ~~gone~~",
    "sorrel": "sorrel :smile: :material/home: :red[text] :blue-badge[x]",
    "tansy": '<img src=x onerror="window.__ran = 1"> tansy',
    "yarrow": "<script>window.__ran = 1</script> yarrow",
    "bullace": "&lt;b&gt; -> -- <- >= <= ~= <-> :streamlit: &copy; bullace",
    "lovage": "[lovage](javascript:window.__ran=1) # head {{ 7 * 7 }} %s",
}
NOBODY_ELSES = 'teasel <i id="mark">$x$</i> :smile: *x*'
# What stands on the page in any way: text, what fields hold, labels and titles, within components too.
ALL_WORDS = """
() => {
  const said = [document.title];
  const look = (root) => {
    said.push(root === document ? document.body.innerText : root.textContent);
    for (const node of root.querySelectorAll('*')) {
      for (const name of ['aria-label', 'title', 'placeholder']) said.push(node.getAttribute(name) || '');
      if ('value' in node) said.push(String(node.value));
      if (node.tagName === 'DETAILS' || node.tagName === 'SUMMARY') said.push(node.textContent);
      if (node.shadowRoot) look(node.shadowRoot);
    }
  };
  look(document);
  return said.join('\\n');
}
"""
# What words would have become if they were taken for anything else.
BECAME = """
() => {
  const found = [];
  const look = (root) => {
    for (const node of root.querySelectorAll('#mark, .katex, [onerror], a[href^="javascript:"], .stMain script'))
      found.push(node.outerHTML.slice(0, 200));
    for (const node of root.querySelectorAll('*')) if (node.shadowRoot) look(node.shadowRoot);
  };
  look(document);
  if (/[<$:*]/.test(document.title)) found.push(document.title);
  return window.__ran ? [...found, 'a script ran'] : found;
}
"""


def with_odd_words(site: Site) -> None:
    """Zoe, all of whose words look like something else, with a record of three weeks."""
    now = now_at_home()
    user_id = somebody(site, "Zoe", now=now - timedelta(days=21), main_habit=NAMES["quince"], why_now=NOBODY_ELSES)
    with open_store(site.folder).edit(user_id) as user:
        user.display_name, began = NOBODY_ELSES, (now - timedelta(days=21)).date()
        user.coaching_profile.success_factor = NOBODY_ELSES
        for name in list(NAMES.values())[1:]:
            target = Target(at_least=2, unit=NOBODY_ELSES) if "medlar" in name else None
            planning.add_habit(
                user, name, planning.every_day(began), today=began, target=target, small=name, cue=NOBODY_ELSES
            )
        for n, habit in enumerate(user.habits):
            for days in range(0, 20, n + 1):
                at = now - timedelta(days=days, minutes=7 * days)
                recording.tick(user, habit.id, at.date(), now=at, value=2 if habit.target else None)
            recording.write_note(user, habit.id, now.date(), NOBODY_ELSES, now=now)
        user.habits[-1].group = NOBODY_ELSES
        planning.archive_habit(user, user.habits[-1].id, today=now.date())


def as_typed(page: Page, *there: str) -> None:
    """Each name whose word stands on the page stands there as typed, those of `there` do, and none became anything."""
    settled(page)
    as_typed_now(page, *there)


def as_typed_now(page: Page, *there: str) -> None:
    said = page.evaluate(ALL_WORDS).replace(WORD_JOINER, "")
    for word, name in NAMES.items():
        assert (name in said) or (word not in said and word not in there), (page.url, word)
    assert ("teasel" in said) == (NOBODY_ELSES in said), page.url
    assert page.evaluate(BECAME) == [], page.url


def test_words_show_as_typed_on_every_screen(sit: Sit, site: Site) -> None:
    with_odd_words(site)
    page = come_back(sit, site, "Zoe")
    everyone, active = list(NAMES), list(NAMES)[:-1]
    as_typed(page, *everyone)
    page.get_by_text("Archived (1)").click()
    as_typed(page, *everyone)
    page.get_by_role("button", name=f"More for {NAMES['medlar']}").click()
    as_typed(page, *active)
    press(page, "Edit habit")
    expect(page.get_by_label("What will you do?")).to_have_value(NAMES["medlar"])
    as_typed(page, *active)
    press(page, "Archive")
    as_typed(page)
    press(page, "Archive")
    press(page, "Cancel")
    press(page, "Order")
    labels = page.get_by_role("button", name="Down: ")
    expect(labels).to_have_count(len(active))
    spoken = [label.replace(WORD_JOINER, "") for label in labels.locator("p").all_inner_texts()]
    assert sorted(spoken) == sorted(f"Down: {NAMES[word]}" for word in active)
    as_typed(page, *active)
    page.keyboard.press("Escape")
    page.locator(".row .cell:not(.now):not(.done):not(:disabled)").first.click()
    expect(page.get_by_role("heading", name="1 day mended")).to_be_visible()
    as_typed(page, *active)
    with streamlit_held(page):
        painted(page)
        as_typed_now(page, *active)
    settled(page)
    page.get_by_role("link", name="Progress", exact=True).click()
    expect(page.get_by_role("combobox").first).to_be_visible()
    open_all(page)
    as_typed(page, *active)
    stand_still(page.get_by_role("combobox").first).click()
    expect(page.get_by_role("option").first).to_be_visible()
    as_typed(page, *active)
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Coaching", exact=True).click()
    expect(page.get_by_text("I am software").first).to_be_visible()
    open_all(page)
    as_typed(page)
    habits = document_of(site, "zoe")["habits"]
    page.goto(f"/habit?habit={habits[-1]['id']}")  # archived, and so reached by its address alone
    for habit, word in reversed([*zip(habits, NAMES, strict=True)]):
        if word in active:
            page.locator(f".st-key-habit_nav_{habit['id']} a").click()
        expect(page.get_by_role("heading", level=1, name=NAMES[word])).to_be_visible()
        open_all(page)
        as_typed(page, word)
    page.goto("/together")
    expect(page.get_by_text("How it is counted")).to_be_visible()
    press(page, "Join the board")
    expect(page.get_by_role("button", name="Leave the board")).to_be_visible()
    as_typed(page)
    assert "teasel" in page.evaluate(ALL_WORDS)
    page.get_by_role("link", name="Profile", exact=True).click()
    for room in ("You", "Letters", "Account"):
        page.get_by_role("tab", name=room).click()
        expect(page.get_by_role("tab", name=room, selected=True)).to_be_visible()
        as_typed(page)


def test_words_show_as_typed_while_the_seven_are_asked(sit: Sit, site: Site) -> None:
    nobody_is(site, "teasel@example.org")
    page = sit()
    heading(page, "Create an account")
    page.get_by_label("What shall I call you?").fill(NOBODY_ELSES)
    page.get_by_label("E-mail address").fill("teasel@example.org")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Create account")
    expect(page.get_by_text("Question 1 of 7").first).to_be_visible()
    as_typed(page)


def test_a_person_signs_out_everywhere_changes_the_password_and_leaves(sit: Sit, site: Site) -> None:
    somebody(site, "Uma")
    page, phone = come_back(sit, site, "Uma", path="/profile?room=Account"), come_back(sit, site, "Uma", size=PHONE)
    heading(page, "Where you are signed in")
    assert page.request.get("/export").headers["content-disposition"].startswith('attachment; filename="uma-')
    expect(page.get_by_role("link", name="Download my data").first).to_have_attribute("href", "/export")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download my data").first.click()
    told = f"Your data is saved as {saved.value.suggested_filename}, "
    expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()
    assert json.loads(saved.value.path().read_text(encoding="utf-8")) == document_of(site, "uma")
    settled(page)
    page.route("**/export", lambda route: route.abort())
    page.get_by_role("link", name="Download my data").first.click()
    expect(page.get_by_role("status").filter(has_text="Nothing was saved")).to_be_visible()

    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_label("A new password").fill("another walk altogether")
    press(page, "Change it")
    expect(page.get_by_role("status").filter(has_text="Your password is changed")).to_be_visible()
    expect(phone.get_by_role("heading", name="Welcome back")).to_be_visible()

    page.get_by_text("Delete it …").click()
    expect(page.get_by_role("link", name="Download my data")).to_have_count(2)  # once more, before all is gone
    field = page.get_by_label("Your password", exact=True).last
    field.fill("not hers")
    press(page, "Delete everything")
    expect(page.get_by_role("alert").filter(has_text="not your password")).to_be_visible()
    settled(page)
    field.fill("another walk altogether")
    press(page, "Delete everything")
    expect(page.get_by_text("Your account is gone")).to_be_visible()
    assert list(site.folder.rglob("uma-*")) == []
    page.goto("/profile")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
