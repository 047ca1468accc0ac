"""How letters look: the same facts in text and HTML, readable in both themes, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from jinja2 import DictLoader, UndefinedError

from core.letters.colours import (
    COLOURS,
    DRAWN_ON,
    HERO_GRADIENT,
    PERFECT_GRADIENT,
    SHAPE_CONTRAST,
    TEXT_CONTRAST,
    WRITTEN_ON,
    Shade,
    colour_classes,
    contrast,
)
from core.letters.typed import clip, initial
from mail import letter_forms
from mail.letters import Frame, Rendered, render_comeback, render_digest, render_words
from tests.letter_samples import (
    BASE,
    CHANGE,
    DONE,
    FINISH,
    FRAME,
    GO_ON,
    PAUSE,
    PROSE,
    PROSE_FACTS,
    REASON,
    SKIP,
    STOP,
    Facts,
    comeback,
    day_7,
    day_24,
    every_letter,
    habit,
    row,
    shall_i_stop,
    words,
)

Render = Callable[[Mapping[str, object], Frame], Rendered]
TAPS = (DONE, SKIP, CHANGE, REASON, FINISH, PAUSE, GO_ON, STOP)
AWKWARD = ["{{ 7*7 }}", "{% raw %}", "<b>bold</b>", "a & b", '"quoted"', "قراءة عشر صفحات", "🧗🏽‍♀️ climb", "x" * 200]


class Page(HTMLParser):
    """What a reader sees: the links, and each text with its colours in both themes. Refuses crossed tags."""

    VOID = ("meta",)

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, Shade, Shade]] = [("", Shade("", ""), Shade("", ""))]
        self.seen: list[tuple[str, Shade, Shade]] = []
        self.links: list[str] = []
        self.hidden = 0
        self.feed(html)
        assert len(self.open) == 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.links += [known["href"]] if "href" in known else []
        if tag in self.VOID:
            return
        is_hidden = tag == "head" or "aria-hidden" in known or "display:none" in known.get("style", "")
        self.hidden += bool(self.hidden or is_hidden)
        _, text, background = self.open[-1]
        self.open.append((tag, self.shade(known, "color", text), self.shade(known, "background-color", background)))

    @staticmethod
    def shade(attrs: dict[str, str], prop: str, inherited: Shade) -> Shade:
        inlined = re.search(rf"(?:^|;){prop}:\s*(#\w{{6}})", attrs.get("style", ""))
        light = inlined[1] if inlined else inherited.light
        classes = [colour_classes()[name] for name in attrs.get("class", "").split() if name in colour_classes()]
        dark = next((COLOURS[colour].dark for p, colour in classes if p == prop), light if inlined else inherited.dark)
        return Shade(light, dark)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag
        self.hidden = max(0, self.hidden - 1)

    def handle_data(self, data: str) -> None:
        if data.strip() and not self.hidden:
            self.seen.append((" ".join(data.split()), *self.open[-1][1:]))

    @property
    def text(self) -> str:
        return " ".join(text for text, _, _ in self.seen)


@pytest.mark.parametrize("name", every_letter())
def test_a_letter_is_one_well_formed_page_without_anything_from_elsewhere(name: str) -> None:
    html = every_letter()[name].html
    allowed = {BASE, f"{BASE}/l/confirm", *TAPS, *(href for _, href in FRAME.unsubscribe + FRAME.controls)}
    assert set(Page(html).links) <= allowed
    assert html.startswith('<!DOCTYPE html>\n<html lang="pt-BR"')
    assert not re.search(r"<(img|script|link|form|iframe|object|embed)\b|\bsrc=|url\(|@import|\son\w+=", html)
    assert "prefers-color-scheme:dark" in html
    assert all(len(style) < 8192 for style in re.findall(r"<style>.*?</style>", html, re.DOTALL))  # Gmail drops longer


def test_what_is_known_beforehand_is_text_when_a_template_is_loaded() -> None:
    source = (
        """<p{{ css("h2 in-ink", "margin:0") }}{{ layout }} bgcolor="{{ colours.page.light if a else b }}">{{ a }}"""
    )
    code = str(letter_forms.forms_in("en").html.compile(source, raw=True))
    assert str(letter_forms.css("h2 in-ink", "margin:0")) in code.replace("\\'", "'")
    assert all(f"resolve('{name}')" not in code for name in ("css", "layout", "colours"))
    letter = letter_forms.forms_in("en").html.from_string(source)
    assert letter.render(a="<", b="").endswith(f'{COLOURS["page"].light}">&lt;')
    assert letter.render(a=0, b="&").endswith('bgcolor="&amp;">0')


def test_the_table_of_colours_has_the_contrast_it_promises() -> None:
    for least, table in ((TEXT_CONTRAST, WRITTEN_ON), (SHAPE_CONTRAST, DRAWN_ON)):
        for one, others in table.items():
            for other in others:
                for theme in ("light", "dark"):
                    pair = getattr(COLOURS[one], theme), getattr(COLOURS[other], theme)
                    assert contrast(*pair) >= least, (one, other, theme)
    assert all(contrast("#FFFFFF", stop) >= TEXT_CONTRAST for stop in HERO_GRADIENT + PERFECT_GRADIENT)
    assert contrast("#000000", "#FFFFFF") == 21


@pytest.mark.parametrize("name", every_letter())
def test_every_word_of_a_letter_can_be_read_in_both_themes(name: str) -> None:
    for text, colour, background in Page(every_letter()[name].html).seen:
        least = SHAPE_CONTRAST if text == "✓" else TEXT_CONTRAST
        assert contrast(colour.light, background.light) >= least, text
        assert contrast(colour.dark, background.dark) >= least, text


def test_every_colour_that_differs_in_the_dark_is_asked_for_there() -> None:
    html = every_letter()["day 24"].html
    for name, (prop, colour) in colour_classes().items():
        is_same = COLOURS[colour].light == COLOURS[colour].dark
        assert (f".{name}{{{prop}:{COLOURS[colour].dark} !important}}" in html) != is_same


def test_the_text_of_a_digest_has_the_seeds_form() -> None:
    body, _, foot = render_digest(day_7(), FRAME).text.partition("\n---")
    assert (
        body
        == """Three of four on Sunday

Meditation is at 7 days.

✅ Completed Today: 3/4 habits

🎯 Today's Wins:
- Meditation 🔥 7-day streak!
- Exercise ⚡ 3-day streak!
- Read ⚡ 3-day streak!

📋 Didn't Get To:
- Journal

Quick Reflection: What got in the way?

🔥 Your Streaks:
- Meditation: 7 days
- Exercise: 3 days
- Read: 3 days

💭 Reflection Prompt:
"Today I prioritized meditation, exercise, read. Tomorrow I want to focus on..."

Keep building. You're on Day 7 of your journey.
"""
    )
    assert FRAME.why in foot


def test_a_morning_digest_says_yesterday() -> None:
    rendered = render_digest(day_7(when="Yesterday"), FRAME)
    assert "✅ Completed Yesterday: 3/4 habits\n\n🎯 Yesterday's Wins:\n" in rendered.text
    assert "Completed yesterday: 3/4" in rendered.html
    assert "Yesterday’s wins" in rendered.html
    assert "Today's" not in rendered.text
    assert "Today’s" not in rendered.html


def test_every_tap_that_a_letter_offers_stands_in_both_parts() -> None:
    every_row = [*(href for _, href in FRAME.controls), DONE, SKIP, CHANGE, REASON, FINISH]
    for name, taps in (
        ("day 24", every_row),
        ("come back", [DONE, SKIP, REASON, PAUSE]),
        ("shall I stop", [GO_ON, STOP]),
    ):
        rendered = every_letter()[name]
        for href in taps:
            assert href in Page(rendered.html).links
            assert f": {href}\n" in rendered.text


def test_what_a_digest_has_nothing_to_say_about_is_left_out() -> None:
    bare = day_7(wins=[], missed=[], streaks=[], done_count=0, due_count=0, reflection="", closing="Sleep well.")
    nothing = replace(FRAME, next_letter="", postal="", unsubscribe=(), date_label="", controls=())
    rendered = render_digest(bare, nothing)
    head, _, foot = rendered.text.partition("\n---")
    assert head == "Three of four on Sunday\n\nMeditation is at 7 days.\n\nSleep well.\n"
    assert "Unsubscribe" not in foot + rendered.html
    assert "Next letter" not in foot + rendered.html
    assert "\n\n\n" not in render_comeback(comeback() | {"habits": []}, FRAME).text
    page = Page(rendered.html).text
    assert "0/0" not in page
    assert all(heading not in page for heading in ("wins", "Didn’t", "streaks", "Reflection", "insight"))


def leaves(facts: object) -> Iterator[str]:
    """Every sentence and name among facts."""
    if isinstance(facts, dict):
        for key, value in facts.items():
            yield from leaves(value) if key not in NOT_SAID else ()
    elif isinstance(facts, list):
        for value in facts:
            yield from leaves(value)
    elif isinstance(facts, tuple):
        yield from leaves(facts[0])
    elif isinstance(facts, str) and facts and facts not in TAPS:
        yield facts


NOT_SAID = ("week", "icon", "subject", "week_days", "when", "eyebrow")


@pytest.mark.parametrize(
    ("facts", "render"),
    [(day_24(), render_digest), (comeback(), render_comeback), (shall_i_stop(), render_comeback)],
)
def test_both_parts_say_the_same_facts(facts: Facts, render: Render) -> None:
    rendered = render(facts, FRAME)
    page = Page(rendered.html).text
    for said in leaves({key: value for key, value in facts.items() if key != "preheader"}):
        assert said.rstrip("!") in page, said
        assert said in rendered.text or said in ("🔥", "⚡"), said
    assert str(facts["preheader"]) in rendered.html
    for said in (FRAME.next_letter, FRAME.why, FRAME.postal, FRAME.date_label):
        assert said in page
        assert said in rendered.text
    for href in (BASE, *(href for _, href in FRAME.unsubscribe)):
        assert href in Page(rendered.html).links
        assert f" {href}\n" in rendered.text


def test_a_letter_that_asks_for_the_address_has_the_link_in_both_parts() -> None:
    for name, rendered in every_letter().items():
        asks = name in ("perfect day", "come back", "words")
        assert ("Yes, this is my address" in rendered.text) == asks
        assert (f"{BASE}/l/confirm" in rendered.text) == asks
        assert (f"{BASE}/l/confirm" in Page(rendered.html).links) == asks


@pytest.mark.parametrize(("facts", "render"), [(day_24(), render_digest), (comeback(), render_comeback)])
def test_a_missing_fact_is_an_error_and_never_an_empty_place(facts: Facts, render: Render) -> None:
    for name in facts.keys() - {"day", "subject", "preheader"}:
        with pytest.raises(UndefinedError):
            render({key: value for key, value in facts.items() if key != name}, FRAME)
    with pytest.raises(ValueError, match="None"):
        render({**facts, "lead": None}, FRAME)
    with pytest.raises(UndefinedError):
        words({"habit": "Run", "why": "x"})


@pytest.mark.parametrize("name", AWKWARD)
def test_a_name_shows_as_typed(name: str) -> None:
    digest = render_digest(
        day_7(wins=[habit(name, 0)], missed=[], streaks=[row(name, 0, "1 day", "", "ddddddd")]), FRAME
    )
    assert f"\n- {name}\n" in digest.text
    assert clip(name, 60) in Page(digest.html).text
    said = words({**PROSE_FACTS, "habit": name})
    assert f"Two weeks of {name}." in said.text
    assert f"Two weeks of {name}." in Page(said.html).text


def test_twelve_habits_with_the_longest_names_stay_small() -> None:
    for letter in ("&", "ي", "🧗", "x"):
        names = [f"{n}{letter * 200}"[:200] for n in range(12)]
        facts = day_24() | {
            "wins": [habit(name, n % 6, "🔥 365-day streak!", "2 of 3 this week") for n, name in enumerate(names)],
            "credited": [habit(name, n % 6, "⚡ 4-day streak!") for n, name in enumerate(names)],
            "missed": [],
            "streaks": [row(name, n % 6, "365 days", "🔥", "dmsopnd") for n, name in enumerate(names)],
        }
        opened = [habit(name, n % 6, note="still open today") for n, name in enumerate(names)]
        for rows in ({}, {"wins": [], "credited": [], "missed": opened, "mend": opened[:6], "open": opened[:6]}):
            rendered = render_digest(facts | rows, FRAME)
            assert len(rendered.html.encode()) < 80_000  # Gmail cuts near 102,000
            assert all(name in rendered.text for name in names)
            assert DONE in Page(rendered.html).links


def test_render_words_reads_the_prose_of_that_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letter_forms.forms_in("en").words, "loader", DictLoader({"drip/day14.words": PROSE}))
    assert render_words("day14", PROSE_FACTS, FRAME) == words(PROSE_FACTS)


def test_a_letter_of_four_habits_stays_well_below_that() -> None:
    names = ("Meditation", "Exercise", "Read", "Journal")
    rows = [habit(name, n, "🔥 17-day streak!", icon="🧘") for n, name in enumerate(names)]
    missed = [row | {"mark": "", "note": "still open today"} for row in rows]
    for wins in range(5):
        facts = day_24() | {
            "wins": rows[:wins],
            "missed": missed[wins:],
            "credited": [],
            "mend": missed[:1],
            "open": [],
        }
        assert len(render_digest(facts, FRAME).html.encode()) < 45_000


def test_a_name_is_cut_between_words_or_else_characters_as_they_are_seen() -> None:
    assert clip("climb 🧗🏽‍♀️", 8) == "climb…"
    assert clip("Meditation", 10) == "Meditation"
    assert clip("Meditation", 9) == "Meditati…"
    assert clip("Practise the second movement", 18) == clip("Practise the second movement", 19) == "Practise the…"
    assert clip("Practise the second movement", 20) == "Practise the second…"
    assert clip("Call mum, or dad, every evening", 18) == "Call mum, or dad…"
    assert clip("a " + "b" * 200, 20) == "a " + "b" * 17 + "…"
    assert initial("journal") == "J"
    assert initial("🧗🏽‍♀️ climb") == "🧗🏽‍♀️"
    assert initial("e\u0301tude") == "E\u0301"


def test_answers_stand_under_their_own_question() -> None:
    asked = render_comeback(comeback() | {"question": "Which hour is the calmest?"}, FRAME)
    page = Page(asked.html).text
    assert page.index("Which hour is the calmest?") < page.index("What got in the way?") < page.index("Too big")
    assert Page(render_comeback(comeback(), FRAME).html).text.count("What got in the way?") == 1


def test_no_mark_between_links_is_left_hanging_where_a_line_breaks() -> None:
    for name, rendered in every_letter().items():
        assert not re.search(r"</a>\s*[·|–]", rendered.html), name
