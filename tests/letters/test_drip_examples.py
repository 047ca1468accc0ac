"""The lines of the user's own examples, each under the condition that makes it true; identity, and delicate habits."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import time

import pytest

from coaching_engine import found_on
from core.coach.standing import look_at
from core.history import as_of
from core.letters.digest_day import DigestDay
from core.letters.digest_facts import digest_facts
from core.letters.prose import read_prose
from core.letters.story import Story
from core.models import GOALS, User
from core.patterns import Finding
from core.progress import Record
from core.steps import STEPS, hour_of
from core.wording import GOAL_NOUNS
from daily_digest import sentences
from drip_campaigns import facts_of, facts_of_coach
from tests.drip_letters import (
    COLUMNS,
    DELICATE_HABITS,
    LINES,
    NEVER_SAID,
    WORDS,
    all_ticks,
    blocks,
    letter,
    some_ticks,
    texts,
)
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    example_student,
    moment,
    nth_day,
    tick,
    with_main_habit,
    with_profile,
    without_ticks,
)


def missing(user: User, n: int) -> User:
    """The same person without the main habit's tick on Day n."""
    left = user.model_copy(deep=True)
    del left.completions[left.habits[0].id][nth_day(left, n)]
    return left


def at(user: User, clock: time) -> User:
    """The same person with the main habit's ticks all at one clock."""
    moved = user.model_copy(deep=True)
    tick(moved, moved.habits[0].id, range(31), lambda n: clock)
    return moved


def studied_daily() -> User:
    user = example_student()
    tick(user, "study-coding", range(31), lambda n: time(19, 5 + n))
    tick(user, "study-coding", range(1, 31, 2), lambda n: time(20, 5 + n))
    return user


def one_weekend_better() -> User:
    user = example_meditator()
    tick(user, "meditation", (5, 6, 12, 13), lambda n: time(13, 20))
    return user


def given_already(user: User, *names: str) -> User:
    told = user.model_copy(deep=True)
    day = nth_day(user, 10).isoformat()
    habit = user.habits[0].id
    told.coaching_insights.given.extend({"id": name, "habit": habit, "day": day, "channel": "screen"} for name in names)
    return told


# The line, its letter, and a record under which it is said and one under which it is not.
SEED_LINES: list[tuple[str, str, Callable[[], User], Callable[[], User]]] = [
    (
        "Perfect morning person! 6 AM runs are golden.",
        "drip 3",
        example_runner,
        lambda: at(example_runner(), time(7, 40)),
    ),
    (
        "Perfect morning person! 5 AM runs are golden.",
        "drip 3",
        lambda: at(example_runner(), time(5, 10)),
        example_runner,
    ),
    (
        "How's your warmup routine?",
        "drip 3",
        example_runner,
        lambda: with_main_habit(example_runner(), "Read 20 pages"),
    ),
    (
        "You run 6:15 AM every day. Try stacking with coffee.",
        "digest 7",
        example_runner,
        lambda: missing(example_runner(), 3),
    ),
    (
        "You run 6:15 AM every day. Try stacking with coffee.",
        "digest 7",
        example_runner,
        lambda: with_profile(example_runner(), biggest_obstacle="Perfectionism"),
    ),
    (
        "Morning runs are locked in ✅. Let's add strength work on weekends.",
        "drip 14",
        example_runner,
        lambda: missing(missing(example_runner(), 11), 12),
    ),
    (
        "Morning runs are locked in ✅. Let's add strength work on weekends.",
        "drip 14",
        example_runner,
        lambda: given_already(example_runner(), "locked-in"),
    ),
    (
        "Learning is your thing. Let's get you coding tonight without overthinking.",
        "drip 3",
        example_student,
        lambda: with_profile(example_student(), life_goals=["Finances"]),
    ),
    (
        "You study 7–9 PM every day ✅. One imperfect study session doesn't break momentum.",
        "digest 7",
        studied_daily,
        example_student,
    ),
    (
        "One imperfect study session doesn't break momentum.",
        "digest 7",
        example_student,
        lambda: with_profile(example_student(), biggest_obstacle="Time"),
    ),
    (
        "Week 1 insight: You study 67% of days, 4 of 6.",
        "drip 14",
        example_student,
        lambda: with_profile(example_student(), biggest_obstacle="Remembering"),
    ),
    (
        "Perfectionism note: Ship before it's perfect. Build in public.",
        "drip 14",
        example_student,
        lambda: given_already(example_student(), "ship-it"),
    ),
    (
        "Next level: Join a study group for accountability.",
        "drip 14",
        example_student,
        lambda: given_already(example_student(), "study-group"),
    ),
    (
        "Motivation brought you here. That's enough to start.",
        "drip 0",
        example_meditator,
        example_runner,
    ),
    (
        "3 days of meditation. 3 times you began, whatever the mood was. Keep going.",
        "drip 3",
        example_meditator,
        lambda: missing(example_meditator(), 1),
    ),
    (
        "You're not 'trying' meditation. You ARE someone who meditates. That's who you're becoming.",
        "drip 7",
        example_meditator,
        lambda: missing(example_meditator(), 1),
    ),
    (
        "Pattern: You're strong weekdays, weak weekends. Weekend routine? 10 of 10 on weekdays, 0 of 4 on weekends.",
        "drip 14",
        example_meditator,
        one_weekend_better,
    ),
    (
        "This is a common place to wobble. It says nothing about you.",
        "drip 14",
        example_meditator,
        lambda: all_ticks(example_meditator()),
    ),
    (
        "Add accountability",
        "drip 14",
        example_meditator,
        lambda: with_profile(example_meditator(), biggest_obstacle="Time"),
    ),
    (
        "Strength: You've made it to Day 14! 20 ticks since you began.",
        "drip 14",
        example_meditator,
        example_student,
    ),
    (
        "6:10 to 6:20 AM",
        "drip 7",
        example_runner,
        lambda: with_profile(at(example_runner(), time(7, 40))),
    ),
    (
        "You've completed 10 habits over 7 days at 71% rate (10 of 14).",
        "digest 7",
        example_meditator,
        lambda: without_ticks(example_meditator()),
    ),
    (
        "With week two it is 8 of 12, and that's solid.",
        "drip 14",
        example_student,
        lambda: missing(missing(example_student(), 9), 10),
    ),
    (
        "Motivation insight: This is a common place to wobble. It says nothing about you.",
        "drip 14",
        example_meditator,
        example_runner,
    ),
    (
        "Feeling stressed at work",
        "drip 0",
        example_meditator,
        lambda: with_profile(example_meditator(), why_now="My mother died in May"),
    ),
    (
        "You're off to a great start",
        "drip 3",
        example_runner,
        lambda: without_ticks(example_runner()),
    ),
    (
        "Let's get you started",
        "drip 3",
        lambda: without_ticks(example_meditator()),
        example_meditator,
    ),
    (
        "You are someone who gives their mind room.",
        "drip 21",
        example_meditator,
        lambda: some_ticks(example_meditator()),
    ),
]


def said_in(letter_name: str, user: User) -> str:
    """All that a letter of the course, or the digest about a day, says to a person."""
    kind, n = letter_name.split()
    if kind == "drip":
        prose = read_prose(letter(user, int(n)))
        return " ".join([prose.title, prose.lead, *(text for block in blocks(prose) for text, _ in block.lines)])
    at_hour = moment(user, int(n), "20:00")
    known = as_of(user, at_hour)
    day = DigestDay(Record(known, nth_day(user, int(n))), looks_back=False)
    facts = digest_facts(day, sentences(), last_letter_at=moment(user, int(n) - 1, "20:00"))
    return " ".join(str(facts[key]) for key in ("title", "lead", "stats_line", "ahead", "closing"))


@pytest.mark.parametrize(
    ("line", "letter_name", "whose", "not_whose"),
    SEED_LINES,
    ids=[f"{line[:30]}-{n}" for n, (line, *_) in enumerate(SEED_LINES)],
)
def test_a_line_of_the_examples_stands_under_its_condition_and_nowhere_else(
    line: str, letter_name: str, whose: Callable[[], User], not_whose: Callable[[], User]
) -> None:
    assert line in said_in(letter_name, whose())
    assert line not in said_in(letter_name, not_whose())


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("step", STEPS)
def test_what_nobody_counted_is_not_said(example: Callable[[], User], step: int) -> None:
    for user in (example(), without_ticks(example()), all_ticks(example())):
        assert not re.search(NEVER_SAID, letter(user, step), re.I)


def test_the_runner_s_week_shows_the_clock_as_a_count() -> None:
    prose = read_prose(letter(example_runner(), 7))
    stats = [line for block in blocks(prose) if block.kind == "stats" for line in block.lines]
    assert ("6:10 to 6:20 AM", "the gap it found, on 7 of 7 days") in stats
    assert ("7 of 7", "Daily run") in stats
    assert prose.lead == "13 of 14 planned times found their place in seven days, which is 93%."


def test_the_weekend_pattern_is_told_when_established_and_asked_when_early() -> None:
    user = example_runner()
    now = moment(user, 14, "17:00")
    known = as_of(user, now)
    story = Story(known, 14, now)
    facts = facts_of(known, 14, now)
    groups = [{"label": "weekdays", "done": 9, "of": 10}, {"label": "weekends", "done": 1, "of": 4}]
    since = nth_day(user, 14)
    early = Finding("weekend_weak", "daily-run", "early", since, {"groups": groups}, "Does that ring true?")
    night = found_on(known, story.today)

    def told(finding: Finding) -> str:
        with_it = facts_of_coach(story, replace(night, findings=[finding]), facts)
        return WORDS.get_template("drip/day14.words").render(facts | with_it)

    established = told(replace(early, confidence="established"))
    assert "9 of 10 on weekdays, 1 of 4 on weekends." in established
    assert "Does that ring true?" not in established
    assert "Pattern:" not in told(early)
    assert "Does that ring true?" in told(early)


# Identity


@pytest.mark.parametrize("goal", GOALS)
def test_day_21_names_the_person_their_goal_asks_for_with_the_count(goal: str) -> None:
    said = letter(with_profile(example_student(), life_goals=[goal]), 21)
    assert f"You are {GOAL_NOUNS[goal]}. That is a sentence with a number behind it: 12 of 19." in said


def test_nobody_is_named_by_a_record_below_half() -> None:
    said = letter(some_ticks(example_meditator()), 21)
    assert not re.search(r"You are someone", said)
    assert "an act of someone who gives their mind room" in said


# Delicate habits


@pytest.mark.parametrize("name", DELICATE_HABITS)
@pytest.mark.parametrize("column", COLUMNS)
def test_of_a_delicate_habit_letters_neither_praise_push_nor_count(name: str, column: str) -> None:
    user = COLUMNS[column](with_main_habit(example_meditator(), name))
    for step in STEPS:
        prose = read_prose(letter(user, step))
        assert texts(prose, "step") == texts(prose, "question") == texts(prose, "stats") == []
        assert not re.search(r"\d+ of \d+|two minutes|great start|someone who|streaks", letter(user, step))
        assert 5 <= len(prose.subject) <= 45


def test_a_delicate_second_habit_is_not_spoken_of_either() -> None:
    user = example_meditator()
    user.habits[1] = user.habits[1].model_copy(update={"name": "No sugar"})
    assert not any("No sugar" in letter(user, step) for step in STEPS)


# What is kept of a letter


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("step", STEPS)
def test_what_counts_as_told_stands_in_the_letter(example: Callable[[], User], step: int) -> None:
    user = example()
    now = moment(user, step, hour_of(user).isoformat())
    known = as_of(user, now)
    facts = facts_of(known, step, now)
    said = letter(user, step)
    findings = {f"finding:{f.kind}:{f.habit}": f for f in look_at(known, nth_day(user, step)).findings} if step else {}
    for told in facts["given"]:
        assert (told["day"], told["channel"]) == (nth_day(user, step).isoformat(), "drip")
        if told["id"] in findings:
            finding = findings[told["id"]]
            assert finding.text in said or (finding.kind == "weekend_weak" and facts["weekend_counts"] in said)
        else:
            assert facts["advice"][told["id"]] in said or LINES[told["id"]] in said
    assert len([told for told in facts["given"] if told["technique"]]) <= 2
    assert bool(facts["given"]) <= (step in (14, 30))


def test_no_advice_beside_an_open_plan_or_after_two_in_a_week() -> None:
    user = example_student()
    entry = {"id": "ship-it", "technique": "part-counts", "habit": "study-coding", "channel": "digest"}
    user.coaching_insights.given.append({**entry, "day": nth_day(user, 12).isoformat(), "applied": "2026-11-14"})
    assert "study group" not in letter(user, 14)
    user.coaching_insights.given[-1]["outcome"] = {"before": [5, 7], "after": [6, 7]}
    assert "Join a study group" in letter(user, 14)
    more = [{**entry, "id": "tell-a-beginner", "day": nth_day(user, 13).isoformat()}]
    user.coaching_insights.given.extend(more)
    assert "study group" not in letter(user, 14)
