"""What people typed comes out as typed and harmless: in the headers, in the text and in the HTML of whole letters."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.letters.digest_day import NAME_MOST
from core.letters.typed import clip, one_line
from core.models import User
from core.steps import moment_of
from daily_digest import slot_on
from mail import letter_message
from tests.mail.test_letter_message import recipient
from tests.people import example_student, nth_day, with_profile
from tests.wire_letters import Sent, outbox_of, send
from tests.wire_lint import Mail, faults

BIDI = "\u202e\u2067\u200f"
TYPED = {
    "emoji": "🧗🏽‍♀️ climb 🏳️‍🌈 👨‍👩‍👧",
    "right to left": "قراءة عشر صفحات כל יום",
    "an override of direction": f"Read {BIDI}backwards",
    "200 characters": "Wörter " * 28 + "Ende",
    "200 without a space": "🔥" * 200,
    "one line too many": "Run\r\nBcc: eve@example.org\r\n\r\nbody",
    "every end of line": "Run\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029on",
    "HTML": "<script>alert(1)</script><b>\"bold\"</b> & 'co' <!-- --> <![endif]-->",
    "half a tag": '"><img src=x onerror=alert(1)>',
    "Jinja": "{{ 7*7 }} {% raw %} {# no #} {{ user.email }} %}",
    "an encoded word": "=?utf-8?q?=0D=0ABcc=3A_eve=40example=2Eorg?= =?utf-8?b?QQ==?=",
    "quotes and brackets": "\"Ana\" <eve@example.org>, b@example.org; (c) \\ `d` 'e'",
    "NUL": "a\0b\x01c\x7fd\x80e",
    "markers of our prose": "# no heading",
    "a marker within": "a | b = c",
    "a step": "-> Buy this",
    "quoted-printable": "=3D =\r\n=20 a= ",
    "dots": ".",
    "a separator": "-- \r\n---",
    "a lone surrogate's neighbours": "\ud7ff\ue000\ufdd0\ufffe\U0010ffff",
}


def who_typed(typed: str) -> User:
    """The student, with these words in every place that can be typed into."""
    user = with_profile(example_student(), why_now=typed, success_factor=typed, main_habit=typed[:200])
    user.display_name = typed
    user.habits = [habit.model_copy(update={"name": typed[:200], "cue": typed}) for habit in user.habits]
    return user


def letters_of(user: User) -> list[Sent]:
    """A digest, the welcome and the letter of Day 14, which uses most of what was typed."""
    with TemporaryDirectory() as folder, outbox_of(Path(folder), user) as post:
        digest = send(post, "digest", user, slot_on(user, nth_day(user, 3)).at)
        return [*digest, *(sent for step in (0, 14) for sent in send(post, "drip", user, moment_of(user, step)))]


def seen(text: str) -> str:
    """What a person sees of it: runs of white space as one, and no noncharacter, which no text may hold."""
    return " ".join(one_line(text).replace("\ufdd0", "").split())


HEADERS = sorted(Mail(*letters_of(example_student())[0][::-1]).message.keys())
OWN_LINK = re.compile(r"https://xp\.example\.org(/l/[\w.-]+|/profile)?")
# Rules that speak of the words alone: what was typed may break them.
ABOUT_WORDS = {"a text to read", "no debris"}


def check(user: User) -> None:
    sent = letters_of(user)
    name = one_line(user.habits[0].name)
    for (at, raw), said in zip(sent, (name, name, clip(" ".join(name.split()), NAME_MOST)), strict=True):
        mail = Mail(raw, at)
        assert set(faults(raw, at)) <= ABOUT_WORDS
        assert sorted(mail.message.keys()) == HEADERS
        assert mail.mailboxes("To")[0][1] == user.email
        assert recipient(raw) == letter_message.header_text(user.display_name)
        assert all(OWN_LINK.fullmatch(link) for link in mail.page.all("href"))
        assert seen(said) in seen(mail.text)
        assert seen(clip(one_line(user.habits[0].name), 24)).rstrip("…") in seen(mail.page.words)


@pytest.mark.parametrize("what", TYPED)
def test_what_was_typed_comes_out_as_typed(what: str) -> None:
    check(who_typed(TYPED[what]))


def test_what_was_typed_is_quoted_whole() -> None:
    user = who_typed(TYPED["HTML"])
    (at, raw) = letters_of(user)[1]
    assert f"“{TYPED['HTML']}”" in Mail(raw, at).text
    assert f"“{TYPED['HTML']}”" in Mail(raw, at).page.words


AWKWARD = "".join(sorted({*"".join(TYPED.values())}))


@settings(max_examples=25)
@given(st.text(max_size=200) | st.text(alphabet=AWKWARD, max_size=200))
def test_whatever_is_typed_it_comes_out_as_typed(typed: str) -> None:
    check(who_typed(typed if seen(typed) else "x"))
