"""Written together: everybody once, stage by stage, and the last stage only when it is their turn."""

from __future__ import annotations

import pytest

from mail.writing import TOGETHER, Stages, WrittenAhead, finished

PEOPLE = [f"person-{n:02d}" for n in range(2 * TOGETHER + 3)]


def stages(user_id: str, said: list[str], *, ends_early: bool = False) -> Stages[str]:
    """Three stages that say what they do; the last one is the hand-over."""
    said.append(f"read {user_id}")
    yield False
    if ends_early:
        return ""
    said.append(f"draw {user_id}")
    yield True
    said.append(f"send {user_id}")
    return user_id


def test_everybody_comes_to_their_end_once_and_in_order() -> None:
    said: list[str] = []
    assert list(map(finished, WrittenAhead(lambda user_id: stages(user_id, said), PEOPLE))) == PEOPLE
    assert sorted(said) == sorted(f"{what} {user_id}" for user_id in PEOPLE for what in ("read", "draw", "send"))


def test_a_stage_is_done_for_a_whole_group_before_the_next_and_nobody_is_sent_before_their_turn() -> None:
    said: list[str] = []
    first = next(WrittenAhead(lambda user_id: stages(user_id, said), PEOPLE))
    group = PEOPLE[:TOGETHER]
    assert said == [f"read {user_id}" for user_id in group] + [f"draw {user_id}" for user_id in group]
    assert finished(first) == PEOPLE[0]
    assert said[-1] == f"send {PEOPLE[0]}"


def test_whoever_has_no_letter_is_left_out_and_a_group_of_those_is_passed_over() -> None:
    said: list[str] = []
    silent = {*PEOPLE[:TOGETHER], PEOPLE[-1]}
    written = WrittenAhead(lambda user_id: stages(user_id, said, ends_early=user_id in silent), PEOPLE)
    assert list(map(finished, written)) == [user_id for user_id in PEOPLE if user_id not in silent]
    assert list(WrittenAhead(lambda user_id: stages(user_id, said), [])) == []


def test_who_asks_while_another_is_in_the_midst_of_writing_gets_the_next_persons_letter() -> None:
    said: list[str] = []
    meanwhile: list[str] = []

    def begin(user_id: str) -> Stages[str]:
        if user_id == PEOPLE[0]:
            yield False
            meanwhile.append(finished(next(written)))
        return (yield from stages(user_id, said))

    written = WrittenAhead(begin, PEOPLE)
    ends = list(map(finished, written))
    assert meanwhile == [PEOPLE[TOGETHER]]
    assert sorted(ends + meanwhile) == PEOPLE


def test_what_a_stage_raises_is_raised_where_its_end_is_asked_for() -> None:
    def broken() -> Stages[str]:
        yield False
        raise LookupError("no such habit")

    with pytest.raises(LookupError, match="no such habit"):
        finished(broken())
