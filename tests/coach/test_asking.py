"""What the coach asks when there is nothing to advise."""

from __future__ import annotations

from core.coach.advising.asking import Asked, questions_for
from core.history import as_of
from core.models import User
from core.progress import Record
from tests.advice_cast import LIBRARY, found
from tests.people import (
    example_meditator,
    example_runner,
    example_student,
    moment,
    nth_day,
    with_main_habit,
    with_profile,
    without_ticks,
)


def asked(user: User, n: int = 28, *kinds: str) -> list[Asked]:
    known = as_of(user, moment(user, n))
    findings = [found(kind, user.habits[0].id) for kind in kinds]
    return list(questions_for(Record(known, nth_day(user, n)), findings, LIBRARY))


def keep(user: User, one: Asked, n: int) -> None:
    kept = {"id": one.id, "habit": one.habit, "day": nth_day(user, n).isoformat()}
    user.coaching_insights.given.append(kept)


def test_a_question_is_short_and_about_the_main_habit_or_the_whole_first() -> None:
    user = example_student()
    first, second, *_ = asked(user)
    assert (first.habit, second.habit) == ("study-coding", "")
    assert all(one.text.count("?") == 1 and "{" not in one.text for one in asked(user))


def test_no_question_comes_twice_nor_the_same_words_soon_about_another_habit() -> None:
    user = example_runner(days=90)
    said: list[tuple[int, Asked]] = []
    for n in range(14, 90, 3):
        one = next(iter(asked(user, n)), None)
        if one is not None:
            said.append((n, one))
            keep(user, one, n)
    assert len(said) >= 18
    assert len({(one.id, one.habit) for _, one in said}) == len(said)
    for n, one in said:
        assert all(abs(n - m) >= 60 for m, other in said if other.id == one.id and other.habit != one.habit)


def test_a_question_about_a_finding_waits_for_it() -> None:
    user = example_meditator()
    assert "Meditation: what changed around November 20?" in {one.text for one in asked(user, 28, "momentum_lost")}
    assert "question:what-changed" not in {one.id for one in asked(user, 28)}


def test_nobody_is_asked_how_it_was_before_it_began_or_where_the_coach_keeps_quiet() -> None:
    assert {one.habit for one in asked(without_ticks(example_runner()))} == {""}
    assert {one.habit for one in asked(with_main_habit(example_runner(), "Take my pills"))} == {"", "stretch"}
    assert "question:two-minutes" not in {
        one.id for one in asked(with_main_habit(example_meditator(), "No phone in bed")) if one.habit == "meditation"
    }


def test_the_reason_is_asked_for_once_a_quarter_at_most_and_never_when_it_hurts() -> None:
    user = example_meditator(days=61)
    assert "You wrote “Feeling stressed at work”. Is that still the reason?" in {one.text for one in asked(user, 60)}
    hurt = with_profile(user, why_now="since the funeral")
    assert "question:still-the-reason" not in {one.id for one in asked(hurt, 60)}
