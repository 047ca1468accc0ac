"""The words of the first thirty days: kind throughout, different for different people, true of any record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogues import LOCALES
from core.letters.prose import read_prose
from core.models import Completion, Pause, Plan, User
from core.progress import Record
from core.steps import STEPS, hour_of
from mail.letter_forms import TEMPLATES
from tests.drip_letters import (
    ALL_LETTERS,
    COLUMNS,
    KIND_WORDS,
    ODD_HABITS,
    check_manners,
    letter,
    of_example,
    some_ticks,
    texts,
)
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    example_student,
    nth_day,
    tick,
    with_main_habit,
    with_profile,
    without_ticks,
)

PROSE = TEMPLATES / "drip"


@pytest.mark.parametrize(("person", "column", "step"), ALL_LETTERS)
def test_every_letter_minds_its_manners(person: int, column: str, step: int) -> None:
    profile = EXAMPLES[person]().coaching_profile
    check_manners(of_example(person, column, step), (profile.why_now, profile.success_factor))


@pytest.mark.parametrize("name", ODD_HABITS)
@pytest.mark.parametrize("column", COLUMNS)
def test_a_letter_reads_for_any_habit(name: str, column: str) -> None:
    user = COLUMNS[column](with_main_habit(example_meditator(), name))
    for step in STEPS:
        said = letter(user, step)
        check_manners(said, (user.coaching_profile.why_now, name))
        assert not re.search(r"\b(run|runs|running|warmup|shoes)\b", said)


@pytest.mark.parametrize("column", COLUMNS)
def test_a_very_long_name_is_said_whole_once_and_then_as_far_as_a_sentence_bears_it(column: str) -> None:
    name = ("Read at least twenty pages of the thick book about the history of the Mediterranean, " * 3)[:200].strip()
    user = COLUMNS[column](with_main_habit(example_student(), name))
    for step in STEPS:
        said = letter(user, step)
        assert said.count(name) == (step == 0), step
        assert "…." not in said, step
        assert "Read at least twenty" in said, step


DOING = r"(?i)found (a |its |)(place|room)|came to mind|got done|begun by you|called it|two minutes|bed: done|\b0 of"


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("column", COLUMNS)
def test_who_leaves_something_out_hears_nothing_of_beginning_and_doing_it(
    example: Callable[[], User], column: str
) -> None:
    user = COLUMNS[column](with_main_habit(example(), "No phone in bed"))
    for step in STEPS:
        assert not re.search(DOING, letter(user, step)), step


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("column", COLUMNS)
def test_three_people_get_three_letters(column: str, step: int) -> None:
    """Different also when names and numbers are taken away."""

    def bare(person: int) -> str:
        user = EXAMPLES[person]()
        said = of_example(person, column, step).replace(user.coaching_profile.main_habit, "x")
        return re.sub(r"\d+|\b[AP]M\b", "0", said.replace(user.display_name, "x"))

    assert len({bare(person) for person in range(3)}) == 3
    for one, other in combinations(range(3), 2):
        lines = [set(bare(person).splitlines()[1:]) for person in (one, other)]
        assert len(lines[0] ^ lines[1]) >= 2


@pytest.mark.parametrize("step", [step for step in STEPS if step])
def test_the_three_columns_of_a_step_say_different_things(step: int) -> None:
    for person in range(3):
        leads = {read_prose(of_example(person, column, step)).subject for column in COLUMNS}
        assert len(leads) >= 2
        assert len({of_example(person, column, step) for column in COLUMNS}) >= (3 if step > 3 else 2)


@pytest.mark.parametrize(("person", "column", "step"), [one for one in ALL_LETTERS if one[2] < 14])
def test_before_day_fourteen_no_kind_of_finding_is_named(person: int, column: str, step: int) -> None:
    assert not re.search(KIND_WORDS, of_example(person, column, step), re.I)


# Their own words


def test_own_words_are_quoted_exactly_on_day_0_7_and_21() -> None:
    typed = "my boss says “calm down” & <b>breathe</b> — 100%!"
    user = with_profile(example_meditator(), why_now=typed)
    quoting = {step for step in STEPS if typed in letter(user, step)}
    assert quoting == {0, 7, 21}
    assert f"> {typed}\n" in letter(user, 7)
    assert "“My friend Jo asks me on Fridays”" in letter(user, 0)


def test_a_week_without_ticks_quotes_what_helped_and_not_why() -> None:
    said = letter(without_ticks(example_meditator()), 7)
    assert "> My friend Jo asks me on Fridays" in said
    assert "Feeling stressed at work" not in said


@pytest.mark.parametrize("why", ["My mother died in May", "I want to lose weight", "I keep vomiting", "", "   "])
def test_grief_illness_and_silence_are_never_quoted(why: str) -> None:
    for step in (0, 7, 21):
        prose = read_prose(letter(with_profile(example_runner(), why_now=why), step))
        assert texts(prose, "quote") == []


def test_what_a_person_typed_is_one_line_of_the_letter() -> None:
    user = with_main_habit(example_meditator(), "Call\n\nmum")
    assert all("Call mum" in letter(user, step) for step in (0, 3, 28))


# Late, paused, in another form


def test_a_late_letter_knows_it_and_says_why() -> None:
    user = example_student()
    assert "late" not in letter(user, 7)
    assert "A day late, because it could not leave on its day." in letter(user, 7, late=1)
    assert "A few days late, because it could not leave on its day." in letter(user, 7, late=3)
    paused = user.model_copy(deep=True)
    paused.pauses.append(Pause.model_validate({"from": nth_day(user, 6), "to": nth_day(user, 9)}))
    assert "A few days late, because your pause came first." in letter(paused, 7, late=3)
    silent = user.model_copy(deep=True)
    for habit in silent.habits:
        for n in range(5, 12):
            silent.completions[habit.id].pop(nth_day(user, n), None)
    assert "because it waited until you were back" in letter(silent, 7, late=5)


def test_a_late_week_still_counts_the_first_seven_days() -> None:
    assert "7 of 7" in read_prose(letter(example_runner(), 7, late=4)).subject


def test_day_7_numbers_are_the_record_s() -> None:
    assert read_prose(letter(example_student(), 7)).lead.startswith("54% in the first seven days, 7 of 13.")
    prose = read_prose(letter(example_meditator(), 7))
    assert prose.lead == "You've completed 10 of 14 over seven days, at a rate of 71%."
    stats = [line for card in prose.cards for block in card if block.kind == "stats" for line in block.lines]
    assert ("1:20 to 1:32 PM", "when you began, on 5 of 5 days") in stats


def test_a_habit_of_three_times_a_week_counts_times() -> None:
    user = example_student()
    weekly = {"from": nth_day(user, 0), "times": 3, "per": "week"}
    user.habits[0] = type(user.habits[0]).model_validate({**user.habits[0].model_dump(), "schedule": [weekly]})
    for step in STEPS:
        check_manners(letter(user, step), (user.coaching_profile.why_now,))
    assert "Study coding after thirty days: 13 of 13, and not one" in letter(user, 30)


def test_clocks_and_percentages_follow_the_locale() -> None:
    german = example_student().model_copy(update={"locale": "de"})
    assert "von 19:10" not in letter(german, 7)
    assert "19:10 to 20:40" in letter(german, 7)
    assert "54\xa0%" in letter(german, 7)


def test_times_of_a_habit_that_leaves_something_out_are_not_told() -> None:
    user = with_main_habit(example_meditator(), "No phone in bed")
    assert not re.search(r"\d:\d\d", letter(user, 7) + letter(user, 3))


def test_backfills_have_no_hour() -> None:
    user = example_runner()
    for day, entry in user.completions["daily-run"].items():
        user.entries("daily-run")[day] = Completion(source="backfill", recorded=entry.at)
    assert "6:15" not in letter(user, 7)
    assert "7 of 7 | Daily run" in letter(user, 7)


# Whatever the record


@settings(max_examples=40, deadline=None)
@given(
    example=st.sampled_from(EXAMPLES),
    days=st.sets(st.integers(0, 30)),
    hour=st.integers(4, 23),
    step=st.sampled_from(STEPS),
    obstacle=st.sampled_from(["Time", "Motivation/discipline", "Remembering", "Perfectionism", ""]),
    chronotype=st.sampled_from(["morning", "evening", "flexible"]),
    late=st.integers(0, 2),
)
def test_any_record_makes_a_letter_that_minds_its_manners(
    example: Callable[[], User], days: set[int], hour: int, step: int, obstacle: str, chronotype: str, late: int
) -> None:
    user = with_profile(without_ticks(example()), biggest_obstacle=obstacle, chronotype=chronotype)
    user = user.model_copy(update={"completions": {}})
    tick(user, user.habits[0].id, sorted(days), lambda n: time(hour, (7 * n) % 60))
    check_manners(letter(user, step, late=late), (user.coaching_profile.why_now, user.coaching_profile.success_factor))


def test_letters_leave_in_the_evening_for_those_with_a_morning_digest() -> None:
    assert hour_of(example_runner()) == time(17)
    assert hour_of(example_student()) == time(9)
    assert hour_of(with_profile(example_runner(), digest_time="12:00")) == time(9)


@pytest.mark.parametrize(("name", "moves"), [("Daily run", True), ("Drink water", False), ("Draw", False)])
def test_nobody_is_told_that_moving_is_their_thing_for_a_habit_without_a_move(name: str, moves: bool) -> None:
    user = with_profile(
        with_main_habit(without_ticks(example_runner()), name),
        life_goals=["Health & Fitness"],
        biggest_obstacle="Perfectionism",
    )
    assert ("Moving is your thing." in letter(user, 3)) is moves


def test_what_happened_once_or_twice_is_said_so() -> None:
    weekly = with_profile(example_meditator())
    weekly.habits[0].schedule[0] = Plan.model_validate({"from": weekly.created_at.date(), "times": 3, "per": "week"})
    weekly.completions["meditation"] = {
        nth_day(weekly, n): weekly.completions["meditation"][nth_day(weekly, n)] for n in (0, 1)
    }
    said = letter(weekly, 3)
    assert not re.search(r"\b1 of 1\b|\b2 times", read_prose(said).lead + said.partition("\n\n")[2])


def test_no_words_between_braces_lose_a_space_at_their_end() -> None:
    """What stands there is trimmed, as what a person typed is."""
    templates = [path.read_text("utf-8") for path in sorted(PROSE.glob("*.words"))]
    catalogue = (LOCALES / "de.po").read_text("utf-8").replace('\\"', '"')
    filled = re.findall(r"\{\{(.*?)\}\}", "\n".join([*templates, catalogue]))
    assert len(filled) > 1000
    trimmed = [words for words in filled if "~" not in words and "join(" not in words]
    assert not [text for words in trimmed for text in re.findall('"([^"]*)"', words) if text != text.strip()]


@pytest.mark.parametrize("step", [7, 14, 21, 28, 30])
def test_a_count_is_of_the_habit_that_the_letter_names(step: int) -> None:
    """Once the main habit was put away, the letters tell of the one that is done most."""
    user = example_runner()
    user.habits[0].archived_on = nth_day(user, 4)
    said = letter(user, step)
    assert "Daily run" not in said.replace("Daily run: ", "")
    assert "Stretch" in said
    done, of = Record(user, nth_day(user, step)).of("stretch").rate(nth_day(user, 0), nth_day(user, step - 1))
    assert f"{done} of {of}" in said


def test_the_welcome_names_the_habit_that_they_named() -> None:
    user = with_profile(example_runner(), main_habit="Learn the cello")
    assert "Learn the cello" in letter(user, 0)


def test_nobody_is_told_what_a_habit_means_to_them_that_they_never_said() -> None:
    """The goal and the first place are those of the habit that they named."""
    user = example_runner()
    assert "looks after their body" in letter(user, 21)
    user.habits[0].archived_on = nth_day(user, 4)
    said = letter(user, 21)
    assert "looks after their body" not in said
    assert "someone who keeps a promise to themselves" in said.lower()
    assert "matters most" not in letter(some_ticks(user), 30)
