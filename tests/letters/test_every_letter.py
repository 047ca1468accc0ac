"""Every letter, for every profile and every sort of record: nothing empty, doubled, unkind or ungrammatical."""

from __future__ import annotations

from itertools import product

import pytest

from core.models import GOALS, OBSTACLES
from core.steps import STEPS
from mail.letters import draw_words
from tests.every_letter import (
    CHRONOTYPES,
    RECORDS,
    before_the_foot,
    comeback_text,
    digest_text,
    drip_prose,
    pairs_covering,
    person,
    someone,
    ticked,
    wrong_in,
    wrong_in_prose,
)
from tests.letter_samples import FRAME

PROFILES = list(product(OBSTACLES, CHRONOTYPES, GOALS))
SILENT = (5, 8, 11, 14, 17, 20, 21)
DIGEST_DAYS = (0, 1, 2, 5, 7, 8, 13, 19, 30)
BOTH = (True, False)


@pytest.mark.parametrize("record", ["one habit", "none yet"])
@pytest.mark.parametrize("step", STEPS)
def test_each_letter_of_the_course_reads_for_every_profile(step: int, record: str) -> None:
    for profile in PROFILES:
        user = someone(record, *profile)
        said, prose = drip_prose(user, step)
        assert [*wrong_in(said, user), *wrong_in_prose(prose)] == [], profile


def test_each_letter_of_the_course_reads_for_every_record() -> None:
    rows = pairs_covering(RECORDS, STEPS, OBSTACLES, CHRONOTYPES, GOALS, BOTH, ("en", "de"), (0, 1, 3))
    for record, step, obstacle, chronotype, goal, own_words, locale, late in rows:
        user = someone(record, obstacle, chronotype, goal, own_words=own_words, locale=locale)
        said, prose = drip_prose(user, step, late=late)
        drawn = draw_words(prose, FRAME)
        wrong = [*wrong_in(said, user), *wrong_in(before_the_foot(drawn.text), user), *wrong_in_prose(prose)]
        assert wrong == [], (record, step, obstacle, chronotype, goal)
        assert ("late, because" in said) is bool(late and step)


@pytest.mark.parametrize("step", STEPS[1:])
def test_a_first_tick_on_the_letter_s_own_day_is_no_count_of_nothing(step: int) -> None:
    for obstacle, habits, is_main in product(OBSTACLES, (1, 2), BOTH):
        user = ticked(person(obstacle, "morning", "Finances", habits=habits), (step,), hour=5)
        if not is_main and habits == 2:
            user.completions = {"habit-1": user.completions["habit-0"]}
        said, prose = drip_prose(user, step)
        assert [*wrong_in(said, user), *wrong_in_prose(prose)] == [], (obstacle, habits, is_main)


@pytest.mark.parametrize("looks_back", BOTH)
@pytest.mark.parametrize("record", ["two of three", "none yet"])
def test_each_digest_reads_for_every_profile(record: str, looks_back: bool) -> None:
    for profile in PROFILES:
        user = someone(record, *profile)
        for n in (1, 2):
            assert list(wrong_in(digest_text(user, n, looks_back=looks_back), user)) == [], profile


def test_each_digest_reads_for_every_record() -> None:
    rows = pairs_covering(RECORDS, DIGEST_DAYS, OBSTACLES, CHRONOTYPES, GOALS, BOTH, BOTH, ("en", "de"))
    for record, n, obstacle, chronotype, goal, looks_back, own_words, locale in rows:
        user = someone(record, obstacle, chronotype, goal, own_words=own_words, locale=locale)
        said = digest_text(user, n, looks_back=looks_back)
        subject = said.splitlines()[0]
        assert list(wrong_in(said, user)) == [], (record, n, obstacle, chronotype, goal)
        assert len(subject) <= 45
        assert not said.splitlines()[1].lower().startswith(subject.lower())


@pytest.mark.parametrize("silent", SILENT)
def test_each_letter_of_a_silence_reads_for_every_profile_and_record(silent: int) -> None:
    rows = pairs_covering(RECORDS, OBSTACLES, CHRONOTYPES, GOALS, BOTH, ("en", "de"))
    for record, obstacle, chronotype, goal, own_words, locale in rows:
        user = someone(record, obstacle, chronotype, goal, own_words=own_words, locale=locale)
        said = comeback_text(user, silent)
        assert list(wrong_in(said, user)) == [], (record, obstacle, chronotype, goal)
        assert 5 <= len(said.splitlines()[0]) <= 45


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_the_last_letter_points_to_the_button_that_stands_in_it(obstacle: str) -> None:
    said = comeback_text(someone("once", obstacle, "evening", "Finances"), SILENT[-1])
    assert "“Keep going” brings the letters back" in said
    assert "in the app" not in said


def test_every_pair_of_options_stands_in_a_row() -> None:
    rows = pairs_covering("ab", "cde", "fg", "hij")
    for i, j in ((0, 1), (0, 2), (1, 2), (1, 3), (2, 3)):
        columns = ("ab", "cde", "fg", "hij")
        assert set(product(columns[i], columns[j])) <= {(row[i], row[j]) for row in rows}
    assert len(rows) <= 12
