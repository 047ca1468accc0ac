"""The sending domain's signature, checked as a receiver does: it covers what matters and breaks with it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.steps import moment_of
from mail.dkim_signer import SIGNED_HEADERS, sign
from tests.dkim_keys import SELECTOR, is_genuine, key_file, signing_key
from tests.letter_samples import every_letter, message
from tests.people import example_runner
from tests.wire_letters import outbox_of, send

NAMED = {
    *("from", "to", "subject", "date", "message-id", "mime-version", "content-type", "list-id"),
    *("list-unsubscribe", "list-unsubscribe-post", "feedback-id", "auto-submitted"),
}


def signed(raw: bytes) -> bytes:
    return sign(raw, signing_key(), selector=SELECTOR, domain="example.org")


@cache
def a_letter() -> bytes:
    return signed(message(every_letter()["day 7"]))


def covered() -> list[str]:
    field = a_letter().partition(b"\r\nDate: ")[0].decode()
    names = re.search(r"\sh=([^;]+);", field)
    assert names
    return "".join(names[1].split()).lower().split(":")


@pytest.mark.parametrize("name", every_letter())
def test_every_letter_is_genuine_and_else_unchanged(name):
    raw = message(every_letter()[name])
    assert is_genuine(signed(raw))
    assert signed(raw).endswith(b"\r\n" + raw)
    assert not is_genuine(raw)


def test_the_signature_is_one_plain_header_of_short_lines():
    field = a_letter().partition(b"\r\nDate: ")[0]
    assert field.isascii()
    assert all(len(line) <= 78 for line in field.split(b"\r\n"))
    assert all(line.startswith(b" ") for line in field.split(b"\r\n")[1:])
    for tag in (b"v=1;", b"a=rsa-sha256;", b"c=relaxed/relaxed;", b"d=example.org;", b"s=xp2026;"):
        assert tag in field
    assert b" l=" not in field


def test_the_headers_that_receivers_ask_for_are_covered_against_change_and_addition():
    assert all(covered().count(name) == 2 for name in NAMED)
    assert {name.lower() for name in SIGNED_HEADERS} == set(covered())


@pytest.mark.parametrize("name", sorted(NAMED))
def test_no_covered_header_can_be_changed_taken_out_or_added(name):
    line = re.search(rb"(?im)^" + name.encode() + rb": [^\r]*\r\n([ \t][^\r]*\r\n)*", a_letter())
    assert line
    assert not is_genuine(a_letter().replace(line[0], line[0][:-2] + b"x\r\n"))
    assert not is_genuine(a_letter().replace(line[0], b""))
    assert not is_genuine(name.encode() + b": more\r\n" + a_letter())


def test_no_word_of_a_letter_can_be_changed():
    assert not is_genuine(a_letter().replace(b"Meditation", b"Medication"))
    assert not is_genuine(a_letter() + b"One more line\r\n")
    assert not is_genuine(a_letter().replace(b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"))


def test_what_a_relay_may_do_breaks_nothing():
    raw = a_letter()
    received = b"Received: from xp by mx.example.org; Sun, 08 Nov 2026 20:00:01 +0000\r\n"
    refolded = re.sub(rb"(?m)^(List-Id: XP Tracker) ", rb"\1\r\n\t", re.sub(rb"\r\n (?==\?)", b" ", raw))
    assert refolded != raw
    for changed in (received + raw, refolded, raw.replace(b"\r\nSubject:", b"\r\nSUBJECT: "), raw + b"\r\n\r\n"):
        assert is_genuine(changed)


@settings(max_examples=40)
@given(st.text(max_size=200), st.text(alphabet="a \t\r\n.=é", max_size=300))
def test_whatever_a_letter_says_it_can_be_signed(typed: str, body: str):
    rendered = replace(every_letter()["day 7"], subject=typed, text=body)
    assert is_genuine(signed(message(rendered, to_name=typed)))


def test_a_post_office_with_a_key_signs_for_the_domain_of_its_sender(tmp_path: Path):
    user = example_runner()
    with outbox_of(tmp_path, user, dkim_selector=SELECTOR, dkim_key=key_file(tmp_path)) as post:
        ((_, raw),) = send(post, "drip", user, moment_of(user, 0))
    assert is_genuine(raw)
