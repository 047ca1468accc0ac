"""The prose of letters: markers make blocks, blocks make cards, and what a person typed makes neither."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.letters.prose import Block, on_cards, read_blocks
from core.letters.typed import GUARD, one_line
from mail.letters import say
from tests.letter_samples import PROSE, PROSE_FACTS, template, words


def test_the_blocks_of_prose_are_read_by_their_markers() -> None:
    read = say(template(PROSE), PROSE_FACTS)
    assert (read.subject, read.title, read.eyebrow) == ("Day 14: Study coding", "You come back", "Day 14")
    assert read.closing == "See you tonight."
    assert read.cards == (
        (
            Block("quote", (("I want to build things", ""),)),
            Block("paragraph", (("Study coding is what", ""), ("you began with.", ""))),
        ),
        (
            Block("heading", (("Two weeks", ""),)),
            Block("stats", (("18 of 27", "times of Study coding"), ("3 days of Study coding", "the longest run"))),
            Block("list", (("Study coding before eight", ""), ("with a goal in sight", ""))),
        ),
        (Block("step", (("Open Study coding for two minutes.", ""),)),),
        (Block("question", (("What would make it easy?", ""),)),),
    )


def test_a_line_that_ends_in_a_colon_keeps_what_it_announces_on_its_card() -> None:
    cards, closing = on_cards(read_blocks("This one:\n\n-> Sit down.\n\nA thought.\n\n# Then\nGo on."))
    assert [[block.kind for block in card] for card in cards] == [
        ["paragraph", "step"],
        ["paragraph"],
        ["heading", "paragraph"],
    ]
    assert closing == ""


MARKERS_TYPED = ["# ", "> ", "? ", "-> ", "= ", "- ", "\n\n- ", "a | b", "Lead: ", GUARD]


@settings(max_examples=40, deadline=None)
@example("a | b")
@example("\n\n- x")
@example("# x")
@given(st.text(max_size=40) | st.builds(str.__add__, st.sampled_from(MARKERS_TYPED), st.text(max_size=40)))
def test_what_a_person_typed_is_never_taken_for_a_marker(typed: str) -> None:
    facts = {**PROSE_FACTS, "habit": f"|{typed}", "why": typed + "."}
    prose = PROSE.replace("{{ habit }} is what", "{{ why }}")
    read = say(template(prose), facts)
    plain = say(template(prose), PROSE_FACTS)
    shape = [[(block.kind, len(block.lines)) for block in card] for card in read.cards]
    assert shape == [[(block.kind, len(block.lines)) for block in card] for card in plain.cards]
    assert read.cards[1][1].lines[1][1] == "the longest run"
    as_typed = one_line(typed + ".").replace(GUARD, "").strip(" ")
    assert read.cards[0][0].text == as_typed
    assert read.cards[0][1].lines[0][0] == as_typed


@pytest.mark.parametrize("spoilt", ["Lead: Two weeks of {{ habit }}.\n", "Title: You come back\n"])
def test_prose_without_a_header_line_is_refused(spoilt: str) -> None:
    with pytest.raises(ValueError, match="missing"):
        words(PROSE_FACTS, prose=PROSE.replace(spoilt, ""))
    with pytest.raises(ValueError, match="unknown"):
        words(PROSE_FACTS, prose=PROSE.replace("Eyebrow:", "Eyebow:"))
