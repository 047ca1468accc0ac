"""A letter tells of the days since the one before as well: what was done, of how many, and nothing twice."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from catalogues import find_catalogues
from core.letters.digest_day import DigestDay
from core.letters.digest_facts import digest_facts
from core.models import User
from core.progress import Record
from core.slots import slot_covering
from daily_digest import process_daily_digests, sentences
from mail.post_office import Post
from tests.cast import a_habit, a_person, day, skip, thrice_a_week, tick
from tests.letters.test_daily_digest import at, letters, text_of


def facts(user: User, n: int, *, looks_back: bool = False, last: int | None = None) -> Any:
    """The letter of the n-th day; the one before covers the day that the rhythm has it cover, or the `last`-th."""
    covered = day(n - user.coaching_profile.letters.every if last is None else last)
    at = slot_covering(user, covered).at
    return digest_facts(
        DigestDay(Record(user, day(n)), looks_back), sentences(), last_letter_at=at, last_covered=covered
    )


def hearing(every: int, *habits: str, **known: Any) -> User:
    return a_person(*map(a_habit, habits), profile={"letters": {"every": every}}, **known)


def of_three(every: int, **known: Any) -> User:
    """Two of three on the Tuesday, all of them on the Wednesday."""
    person = hearing(every, "Read", "Walk", "Draw", **known)
    return tick(tick(tick(person, "read", [1, 2]), "walk", [1, 2]), "draw", [2])


@pytest.mark.parametrize("looks_back", [True, False])
def test_the_day_between_two_letters_is_told_in_a_line(looks_back: bool) -> None:
    clock = "07:00" if looks_back else "20:00"
    told = [facts(of_three(2, digest_time=clock), n, looks_back=looks_back)["since"] for n in (2, 3)]
    assert told == [["Tuesday: two of three, with Read and Walk."], ["Wednesday: all three done."]]


def test_whoever_hears_each_day_or_reads_the_week_in_numbers_has_no_such_line() -> None:
    assert facts(of_three(1), 2)["since"] == facts(of_three(7), 2)["since"] == []


def test_every_day_since_the_letter_before_has_its_line_oldest_first() -> None:
    assert facts(of_three(3), 3)["since"] == [
        "Tuesday: two of three, with Read and Walk.",
        "Wednesday: all three done.",
    ]


def test_a_day_whose_letter_was_left_out_is_told_with_the_next_and_none_that_is_over_a_week_old() -> None:
    assert facts(of_three(1), 3, last=0)["since"] == facts(of_three(3), 3)["since"]
    assert facts(of_three(2), 3, last=0)["since"] == facts(of_three(3), 3)["since"]
    person = tick(hearing(2), "meditation", range(31))
    assert len(facts(person, 30, last=3)["since"]) == 6
    late = tick(hearing(1, "Read", "Walk"), "walk", [0, 2])
    tick(late, "read", [0], clock=time(22))
    assert facts(late, 2, last=0)["since"] == ["Monday, after 8:00 PM: Read.", "Tuesday: no tick."]
    assert facts(late, 2, last=0)["credited"] == []


def test_of_one_habit_its_name_says_enough() -> None:
    assert facts(tick(hearing(2), "meditation", [1, 2]), 2)["since"] == ["Tuesday: Meditation."]


def test_so_many_times_a_week_is_told_where_it_was_done_and_missed_on_no_day() -> None:
    swim = a_person(a_habit("Swim", thrice_a_week()), a_habit("Read"), profile={"letters": {"every": 2}})
    tick(tick(swim, "swim", [1]), "read", [1, 2, 3])
    assert [facts(swim, n)["since"] for n in (2, 3)] == [["Tuesday: both done."], ["Wednesday: Read."]]


def test_one_day_without_a_tick_is_told_and_more_of_them_are_not_counted_out() -> None:
    person = tick(hearing(2), "meditation", [0, 2])
    assert facts(person, 2)["since"] == ["Tuesday: no tick."]
    assert facts(tick(hearing(2), "meditation", [0]), 2)["since"] == [], "nor was there one on the letter's own day"
    assert facts(tick(hearing(4), "meditation", [0, 3, 4]), 4)["since"] == ["Thursday: Meditation."]


def test_a_day_that_asked_for_nothing_has_no_line() -> None:
    person = skip(tick(hearing(2), "meditation", [0, 2]), "meditation", [1])
    assert facts(person, 2)["since"] == []


def test_no_day_before_day_0_is_told() -> None:
    assert facts(tick(hearing(3), "meditation", [-2, -1, 0]), 0)["since"] == []


@pytest.mark.parametrize(("every", "named"), [(2, "Monday"), (7, "January 1")])
def test_what_was_done_after_the_letter_of_its_day_is_told_in_the_next(every: int, named: str) -> None:
    person = tick(hearing(every, "Read", "Walk"), "walk", [0, every])
    tick(person, "read", [0], clock=time(22))
    said = facts(person, every)
    assert said["since"][0] == f"{named}, after 8:00 PM: Read."
    assert said["credited"] == [], "the letter of the day before never went"


def test_a_day_is_told_in_one_letter_whether_in_whole_or_in_a_line(post: Post) -> None:
    post.store.create(tick(hearing(2), "meditation", range(7)))
    assert sum(process_daily_digests(post, now=at(n)) for n in range(7)) == 4
    told = [letter["X-XP-Covers"] for letter in letters(post)]
    assert told == [day(n).isoformat() for n in (0, 2, 4, 6)]
    lines = [line for letter in letters(post) for line in text_of(letter).splitlines() if line.startswith("- T")]
    assert lines == ["- Tuesday: Meditation.", "- Thursday: Meditation."]
    html = [letter.get_body(("html",)).get_content() for letter in letters(post)]  # type: ignore[union-attr]
    assert ["Since the last letter" in one for one in html] == [False, True, True, True]
    assert "Saturday: Meditation." in html[3]
    assert "Since the Last Letter:" in text_of(letters(post)[1])


def test_the_letter_before_is_the_one_that_went(post: Post) -> None:
    post.store.create(tick(hearing(1), "meditation", range(7)))
    assert sum(process_daily_digests(post, now=at(n)) for n in (0, 1, 4, 5)) == 4
    lines = [[line for line in text_of(one).splitlines() if line.startswith(("- T", "- W"))] for one in letters(post)]
    assert lines == [[], [], ["- Wednesday: Meditation.", "- Thursday: Meditation."], []]


def test_the_line_is_said_in_the_persons_language(post: Post) -> None:
    find_catalogues()
    post.store.create(of_three(2, locale="de"))
    process_daily_digests(post, now=at(2))
    assert "- Dienstag: zwei von drei, mit Read und Walk." in text_of(letters(post)[0])
