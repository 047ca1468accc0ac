"""Links in letters: short, sealed as a whole, and read back as they were written."""

from __future__ import annotations

import time
from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.links import ACTIONS, CODES, Action, BadLinkError, Link, letter_link, read_letter_link

SECRET, OTHER_SECRET = b"k" * 64, b"j" * 64
BASE = "https://xp.example.org"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.+/=~ é"

links = st.builds(
    Link,
    st.sampled_from(get_args(Action)),
    st.from_regex(r"[a-z0-9][a-z0-9-]{2,63}", fullmatch=True),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.none() | st.dates(),
)


def token_of(link: Link) -> str:
    return letter_link(BASE, SECRET, link).removeprefix(f"{BASE}/l/")


@given(links)
def test_a_link_is_read_as_it_was_written(link: Link) -> None:
    assert read_letter_link(SECRET, token_of(link)) == link


@given(links, st.data())
def test_any_character_that_is_changed_left_out_or_added_is_refused(link: Link, data: st.DataObject) -> None:
    token = token_of(link)
    at, other = data.draw(st.integers(0, len(token) - 1)), data.draw(st.sampled_from(ALPHABET))
    changed = {token[:at] + other + token[at + 1 :], token[:at] + token[at + 1 :], token[:at] + other + token[at:]}
    for damaged in changed - {token}:
        with pytest.raises(BadLinkError, match="damaged"):
            read_letter_link(SECRET, damaged)


def test_every_character_of_the_seal_counts() -> None:
    token = token_of(Link("done", "ana-3f9a1c", "meditation", date(2026, 11, 22)))
    for at, was in enumerate(token):
        for other in set(ALPHABET) - {was}:
            with pytest.raises(BadLinkError):
                read_letter_link(SECRET, token[:at] + other + token[at + 1 :])


@given(links)
def test_another_installation_refuses_it(link: Link) -> None:
    with pytest.raises(BadLinkError):
        read_letter_link(OTHER_SECRET, token_of(link))


@given(st.text())
def test_whatever_stands_in_its_place_is_refused_in_one_sentence(token: str) -> None:
    with pytest.raises(BadLinkError, match="damaged"):
        read_letter_link(SECRET, token)


def test_each_action_has_a_letter_of_its_own() -> None:
    assert CODES.keys() == set(get_args(Action))
    assert len(ACTIONS) == len(CODES)


def test_a_link_is_short_and_cheap() -> None:
    link = Link("done", "ana-3f9a1c", "meditation", date(2026, 11, 22))
    assert len(letter_link("", SECRET, link)) < 70
    assert len(letter_link(BASE, SECRET, Link("unsubscribe-digest", "ana-3f9a1c"))) < 77
    begun = time.process_time()
    for _ in range(1000):
        letter_link(BASE, SECRET, link)
    assert time.process_time() - begun < 0.2  # 13 µs each, measured; what a busy machine takes besides is let pass
