"""What the hour of a digest changes: an evening leaves open what the morning after knows to be over."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

import pytest

from core.models import OBSTACLES
from daily_digest import sentences
from tests.cast import a_habit, a_person, day, thrice_a_week, tick
from tests.letters.test_digest_words import facts, with_two_habits

LATER = r"(?i)the last five times"


def test_morning_looks_ahead_evening_leaves_a_thought_and_flexible_asks_where_it_fits() -> None:
    morning = facts(with_two_habits(chronotype="morning"), 4, looks_back=True)["ahead"]
    evening = facts(with_two_habits(chronotype="evening"), 4)["ahead"]
    flexible = facts(with_two_habits(chronotype="flexible"), 3)["ahead"]
    assert morning.startswith("Today: two, as planned. ")
    assert "thought" not in morning
    assert evening.startswith("One thought to sleep on: ")
    assert flexible.endswith("?")
    assert "thought" not in flexible


def test_what_is_done_after_the_hour_of_the_letter_is_said_to_lie_ahead() -> None:
    person = tick(a_person(a_habit("Read"), a_habit("Walk")), "read", range(5), clock=time(22, 5))
    tick(person, "walk", range(5))
    alone = a_person(a_habit("Read"))
    alone.completions = {"read": person.completions["read"]}
    said = facts(alone, 5)["lead"]
    assert said.startswith("After the last letter: Read. ")
    assert re.search(LATER, said)
    assert not re.search(LATER, facts(alone, 4)["lead"]), "it is done"
    assert not re.search(LATER, facts(alone, 5, looks_back=True)["lead"])
    assert "Read" not in facts(person, 5)["lead"].partition("Read. ")[2], "Walk is what may be asked for"
    assert not re.search(LATER, facts(tick(alone, "read", [2], clock=time(19)), 5)["lead"])
    assert not re.search(LATER, facts(tick(alone, "read", [2], clock=time(22), source="backfill"), 5)["lead"])
    left_out = tick(a_person(a_habit("No sugar", id="one")), "one", range(5), clock=time(22, 5))
    assert not re.search(LATER, facts(left_out, 5)["lead"])


def test_that_an_hour_lies_ahead_is_no_refrain() -> None:
    person = tick(a_person(a_habit("Read"), a_habit("Walk")), "read", range(40), clock=time(22, 5))
    told = []
    for n in range(5, 40):
        evening = tick(a_person(a_habit("Read"), a_habit("Walk")), "walk", range(n + 1))
        evening.completions["read"] = {at: one for at, one in person.completions["read"].items() if at < day(n)}
        told += re.findall(r"[^.]*the last five times[^.]*", facts(evening, n)["lead"], re.I)
    assert 5 <= len(told) <= 15
    assert len(set(told)) == 5


def test_a_morning_letter_shows_no_streak_that_the_day_has_ended() -> None:
    person = with_two_habits()
    assert [row["name"] for row in facts(person, 5)["streaks"]] == ["Meditation"], "the evening is not over"
    assert facts(person, 5, looks_back=True)["streaks"] == []
    assert [row["name"] for row in facts(person, 4, looks_back=True)["streaks"]] == ["Meditation"]


@pytest.mark.parametrize(
    ("plan", "ticks", "last", "streak"),
    [(thrice_a_week(), [0, 2, 4, 7, 13], 13, "1 week"), (thrice_a_week(2, "month"), [0, 5, 40], 59, "1 month")],
)
def test_a_morning_letter_shows_no_streak_that_the_week_or_month_has_ended(
    plan: Any, ticks: list[int], last: int, streak: str
) -> None:
    person = tick(a_person(a_habit("Swim", plan), a_habit("Walk")), "swim", ticks)
    assert [row["text"] for row in facts(person, last)["streaks"]] == [streak], "the evening is not over"
    assert [row["text"] for row in facts(person, last - 1, looks_back=True)["streaks"]] == [streak]
    assert facts(person, last, looks_back=True)["streaks"] == []
    assert facts(tick(person, "swim", [last, last - 1]), last, looks_back=True)["streaks"][0]["text"].startswith("2 ")


def test_a_tick_on_the_last_day_of_a_week_that_fell_short_carries_no_streak_the_morning_after() -> None:
    weeks = [7 * week + day for week in range(3) for day in (0, 2, 4)]
    person = tick(a_person(a_habit("Swim", thrice_a_week())), "swim", [*weeks, 27])
    assert facts(person, 27)["wins"][0]["mark"] == "⚡ 3-week streak!"
    assert facts(person, 27, looks_back=True)["wins"][0]["mark"] == ""


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("chronotype", ["morning", "evening", "flexible"])
def test_a_letter_speaks_of_the_day_that_it_comes_on(obstacle: str, chronotype: str) -> None:
    """In the morning of no tomorrow; in the evening, of what comes, of no morning of this day."""
    profile = {"biggest_obstacle": obstacle, "chronotype": chronotype}
    person = tick(a_person(a_habit("Meditation"), a_habit("Journal"), profile=profile), "meditation", range(14))
    for n in range(30):
        morning, evening = facts(person, n, looks_back=True), facts(person, n)
        assert "omorrow" not in " ".join(str(morning[part]) for part in ("title", "lead", "ahead", "reflection"))
        assert not re.search(r"\btoday\b|morning", str(evening["ahead"]), re.I)


def test_where_it_fits_is_asked_of_what_has_no_hour_of_its_own() -> None:
    profile = {"chronotype": "flexible", "biggest_obstacle": "Time"}
    settled = tick(a_person(a_habit("Meditation"), profile=profile), "meditation", range(9))
    moving = a_person(a_habit("Meditation"), profile=profile)
    for n in range(9):
        tick(moving, "meditation", [n], time(7 + n))
    asked = sentences().ahead.where_it_fits
    for n in range(9, 20):
        assert not any(facts(settled, n)["ahead"].startswith(one.format(one="Meditation")) for one in asked)
        assert any(facts(moving, n)["ahead"].startswith(one.format(one="Meditation")) for one in asked)


def test_nothing_has_got_in_the_way_of_what_still_has_its_hour_ahead() -> None:
    late = tick(a_person(a_habit("Meditation"), a_habit("Journal")), "meditation", range(9), time(22))
    tick(late, "journal", [9], time(12))
    assert [one["name"] for one in facts(late, 9)["missed"]] == ["Meditation"]
    assert not facts(late, 9)["asks_why"]
    assert facts(late, 9, looks_back=True)["asks_why"]
    assert facts(late, 10)["asks_why"], "of the other one it may be asked"
