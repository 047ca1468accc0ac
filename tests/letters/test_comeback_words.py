"""The sentences of the letters into a silence: what stands, why the person began, one small step, and none twice."""

from __future__ import annotations

from typing import Any

import pytest

from core.letters.digest_facts import comeback_facts
from core.models import OBSTACLES, User
from tests.cast import a_person, day, tick


def comeback(user: User, n: int, silent: int) -> dict[str, Any]:
    return comeback_facts(user, day(n), silent, last=False)


def test_the_first_of_them_has_what_stands_and_why_they_began() -> None:
    person = tick(a_person(), "meditation", range(4))
    said = comeback(person, 9, 5)
    assert said["paragraphs"][0] == "Meditation: 4 days in your record, and they stay there."
    assert said["paragraphs"][-1] == "You wrote why you began: “Work is loud”"
    assert said["step"] == "Meditation: sit down, ten breaths, today or tomorrow. That counts."
    later = comeback(person, 21, 17)
    assert later["paragraphs"][-1] == "You wrote what helped before: “A friend who asks”"


def test_who_never_ticked_is_told_of_no_record_that_stands() -> None:
    said = comeback(a_person(), 5, 5)
    assert not any("record" in text for text in said["paragraphs"])
    assert len(said["paragraphs"]) == 2


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("ticks", [range(4), ()])
def test_no_letter_of_a_silence_says_what_an_earlier_one_said(obstacle: str, ticks: Any) -> None:
    person = tick(a_person(profile={"biggest_obstacle": obstacle}), "meditation", ticks)
    letters = [comeback(person, 4 + silent, silent) for silent in (8, 11, 17, 20)]
    first = comeback(person, 9, 5)
    letters = [first, *letters]
    said = [
        text for one in letters for text in (one["lead"], one["closing"], one["question"], *one["paragraphs"]) if text
    ]
    assert len(said) == len(set(said))


def test_grief_is_not_quoted_after_a_silence() -> None:
    person = tick(a_person(profile={"why_now": "My mother died in May"}), "meditation", [0])
    assert "mother" not in str(comeback(person, 5, 5))
