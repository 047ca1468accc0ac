"""What the letters of the first thirty days draw: the record's own days and hours, and nothing that nobody counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.letters.drawn import COLUMNS_FEWEST, COLUMNS_MOST, hours_drawn, weekdays_from
from core.letters.prose import Prose, read_prose
from core.models import Completion, Pause, User
from core.steps import STEPS
from mail.letters import draw_words
from tests.drip_letters import COLUMNS, DELICATE_HABITS, blocks, letter
from tests.letter_samples import FRAME
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    example_student,
    nth_day,
    tick,
    with_main_habit,
    without_ticks,
)

DRAWS_DAYS = (7, 14, 21, 28)
GMAIL_CUTS_AT = 80_000  # octets of HTML, with room below the 102 kB at which Gmail cuts a letter


def drawn(prose: Prose, kind: str) -> list[tuple[str, str]]:
    return [line for block in blocks(prose) if block.kind == kind for line in block.lines]


def weeks(user: User, step: int) -> list[tuple[str, str]]:
    return drawn(read_prose(letter(user, step)), "days")[1:]


@pytest.mark.parametrize("example", EXAMPLES)
@pytest.mark.parametrize("step", DRAWS_DAYS)
def test_a_letter_about_the_record_draws_each_of_its_days(example: Callable[[], User], step: int) -> None:
    user = example()
    marks = "".join(line for line, _ in weeks(user, step))
    done = user.completions[user.habits[0].id]
    assert len(marks) == step
    for n, mark in enumerate(marks):
        entry = done.get(nth_day(user, n))
        assert (mark == "d") is bool(entry and entry.at)
        assert (mark == "s") is bool(entry and entry.skip)


def test_a_row_has_its_count_where_something_was_done_and_its_weekdays_above() -> None:
    user = without_ticks(example_student()).model_copy(update={"completions": {}})
    tick(user, "study-coding", [0, 2, *range(14, 28)], lambda n: time(19))
    prose = read_prose(letter(user, 28))
    assert drawn(prose, "days") == [
        ("Mo Tu We Th Fr Sa Su", ""),
        ("dmdmmmm", "2 of 7"),
        ("mmmmmmm", ""),
        ("ddddddd", "7 of 7"),
        ("ddddddd", "7 of 7"),
    ]


def test_a_pause_and_a_day_off_are_no_open_days() -> None:
    user = example_runner()
    user.pauses.append(Pause.model_validate({"from": nth_day(user, 2), "to": nth_day(user, 3)}))
    for n in (2, 3, 5):
        user.entries("daily-run").pop(nth_day(user, n))
    user.entries("daily-run")[nth_day(user, 5)] = Completion(skip=True)
    assert weeks(user, 7)[0][0] == "ddppdsd"


@pytest.mark.parametrize("step", STEPS)
def test_nothing_is_drawn_of_a_record_without_ticks_or_of_a_delicate_habit(step: int) -> None:
    for example in EXAMPLES:
        assert weeks(without_ticks(example()), step) == []
    for name, column in zip(DELICATE_HABITS, (*COLUMNS, "all"), strict=True):
        said = letter(COLUMNS[column](with_main_habit(example_meditator(), name)), step)
        assert not re.search(r"(?m)^[~^] ", said)


def test_who_is_below_half_is_shown_no_page_of_open_days_about_who_they_are() -> None:
    user = COLUMNS["some"](example_meditator())
    assert weeks(user, 21) == weeks(user, 30) == []


def test_hours_are_drawn_from_five_times_on() -> None:
    assert hours_drawn([370, 375, 372, 380], "en") == []
    columns = hours_drawn([370, 375, 372, 380, 371], "en")
    assert [column["count"] for column in columns] == [0, 0, 5, 0, 0]
    assert [column["hour"] for column in columns] == ["5 AM", "", "6 AM", "", "7 AM"]


@given(st.lists(st.integers(0, 1439), min_size=5, max_size=30), st.sampled_from(["en", "de", "es"]))
def test_every_time_stands_in_a_column_and_they_fit_a_phone(minutes: list[int], locale: str) -> None:
    columns = hours_drawn(minutes, locale)
    assert sum(int(str(column["count"])) for column in columns) == len(minutes)
    assert COLUMNS_FEWEST <= len(columns) <= COLUMNS_MOST
    assert any(column["hour"] for column in columns)


@pytest.mark.parametrize("locale", ["en", "de", "es", "pt_BR", "vi", "ja", "nobody's"])
def test_seven_weekdays_stand_above_seven_squares_in_any_language(locale: str) -> None:
    names = weekdays_from(nth_day(example_runner(), 0), locale).split(" ")
    assert len(names) == 7
    assert all(1 <= len(name) <= 2 for name in names)


@pytest.mark.parametrize("step", DRAWS_DAYS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_drawing_is_small_and_is_said_in_the_text_as_well(example: Callable[[], User], step: int) -> None:
    prose = read_prose(letter(example(), step))
    rendered = draw_words(prose, FRAME)
    assert len(rendered.html.encode()) < GMAIL_CUTS_AT
    ticks = sum(line.count("d") for line, _ in drawn(prose, "days")[1:])
    assert rendered.text.count("✓") == ticks
    assert "  " not in rendered.text.partition("-----")[0]


@pytest.mark.parametrize("step", STEPS)
def test_the_eyebrow_says_which_day_the_letter_is_for(step: int) -> None:
    for column in COLUMNS:
        assert read_prose(letter(COLUMNS[column](example_runner()), step)).eyebrow == f"Day {step}"
