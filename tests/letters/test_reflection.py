"""The reflection of a digest: the seed's sentence, and an end that turns."""

from __future__ import annotations

from datetime import UTC, datetime, time
from itertools import pairwise

import pytest

from core.letters.digest_day import DigestDay
from core.letters.link_pages import View
from core.letters.reflection import goes_on, reflection_of
from core.letters.taps import Link
from core.models import User
from core.progress import Record
from tests.cast import a_habit, a_person, day, tick


def reflection(user: User, n: int, *, looks_back: bool = False) -> str:
    return reflection_of(DigestDay(Record(user, day(n)), looks_back))[0]


def the_same_each_day(days: int = 60, **profile: object) -> User:
    return tick(a_person(a_habit("Meditation"), a_habit("Read"), profile=profile), "meditation", range(days))


@pytest.mark.parametrize("looks_back", [False, True])
@pytest.mark.parametrize("every", [1, 2, 7])
def test_whoever_does_the_same_each_day_is_asked_something_else_each_time(looks_back: bool, every: int) -> None:
    user = the_same_each_day(letters={"every": every})
    said = [reflection(user, n, looks_back=looks_back) for n in range(0, 60, every)]
    assert all(one != following for one, following in pairwise(said))
    assert len(set(said)) == 7


def test_no_weekday_has_an_end_of_its_own() -> None:
    user = the_same_each_day()
    for weekday in range(7):
        assert len({reflection(user, n) for n in range(weekday, 60, 7)}) == 7


@pytest.mark.parametrize("n", [0, 7])
def test_the_first_day_and_the_seventh_have_the_seeds_sentence(n: int) -> None:
    user = tick(the_same_each_day(), "read", range(60))
    assert reflection(user, n) == "Today I prioritized meditation, read. Tomorrow I want to focus on..."
    morning = reflection(user, n, looks_back=True)
    assert morning == "Yesterday I prioritized meditation, read. Today I want to focus on..."


def test_a_morning_letter_speaks_of_no_tomorrow() -> None:
    people = the_same_each_day(), the_same_each_day(0)
    said = " ".join(reflection(user, n, looks_back=True) for user in people for n in range(60))
    assert "omorrow" not in said
    assert "night" not in said


def test_whoever_does_it_later_than_the_letter_comes_had_nothing_else_on_their_mind() -> None:
    late = tick(a_person(a_habit("Study"), digest_time="19:00"), "study", range(9), time(20, 30))
    assert reflection(late, 9).startswith("Today still holds study. ")
    assert reflection(late, 9, looks_back=True).startswith("Yesterday I had something else on my mind. ")


@pytest.mark.parametrize("name", ["Take my pills", "No sugar", "Kein Alkohol", "No phone in bed"])
def test_nobody_is_asked_what_was_pleasant_about_what_is_prescribed_or_left_out(name: str) -> None:
    user = tick(a_person(a_habit(name, id="one")), "one", range(30))
    ends = {reflection(user, n).partition(". ")[2] for n in range(30)}
    assert ends == {
        "Tomorrow I want to focus on...",
        "What helped was...",
        "What I want to keep for tomorrow is...",
    }


def test_what_people_learn_keeps_its_capital() -> None:
    user = a_person(a_habit("Spanish"), a_habit("Walk"))
    for habit in ("spanish", "walk"):
        tick(user, habit, [0])
    assert reflection(user, 0).startswith("Today I prioritized Spanish, walk. ")


@pytest.mark.parametrize("n", range(9))
def test_the_page_behind_the_link_asks_what_the_letter_asked(n: int) -> None:
    user = the_same_each_day()
    said, key = reflection_of(DigestDay(Record(user, day(n)), looks_back=False))
    link = Link("reflection", user.user_id, key, day(n))
    view = View(user, link, datetime.combine(day(n), time(21), tzinfo=UTC), lambda other: "")
    assert said.endswith(view.question().title.replace(" …", "..."))


def test_a_letter_of_before_asks_on_its_page_what_it_asked() -> None:
    assert (goes_on("Today"), goes_on("Tomorrow")) == ("Today I want to focus on", "Tomorrow I want to focus on")
    assert goes_on("") == goes_on("Tomorrow")
