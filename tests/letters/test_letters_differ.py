"""Different people get different letters, and one person is never told the same twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, pairwise, product

import pytest

import coaching_engine
from catalogues import find_catalogues
from core.advice import tip_for
from core.catalogue import speaking
from core.letters.prose import Prose, read_prose
from core.models import GOALS, OBSTACLES, User
from core.steps import STEPS
from drip_campaigns import words_name
from mail import letter_forms
from tests.drip_letters import COLUMNS, letter
from tests.every_letter import (
    CHRONOTYPES,
    comeback_text,
    digest_of,
    drip_facts,
    drip_prose,
    given_in,
    person,
    someone,
    ticked,
)
from tests.people import EXAMPLES, with_profile

find_catalogues()
LESS_THAN = 0.5  # of the shorter letter's sentences
SIXTY_DAYS = 60


def sentences(prose: Prose, user: User) -> set[str]:
    """What a letter says, sentence by sentence and block by block, without names, own words, numbers and drawings."""
    said = [block for card in prose.cards for block in card if block.kind not in ("days", "hours")]
    lines = [text for block in said for line in block.lines for text in line]
    heads = [prose.subject, prose.preheader, prose.title, prose.lead, prose.closing]
    return {_masked(one, user) for text in (*heads, *lines) for one in re.split(r"(?<=[.!?:])\s+", text) if one.strip()}


def _masked(sentence: str, user: User) -> str:
    profile = user.coaching_profile
    typed = [user.display_name, profile.why_now, profile.success_factor, profile.main_habit]
    named = [*(habit.name for habit in user.habits), *profile.life_goals, *OBSTACLES]
    for name in sorted(filter(None, [*typed, *named]), key=len, reverse=True):
        sentence = re.sub(re.escape(name), "x", sentence, flags=re.I)
    return re.sub(r"\d+([.:]\d+)?( ?%)?( ?[AP]M)?", "0", sentence).strip().lower()


@pytest.mark.parametrize("column", ["as lived", *COLUMNS])
@pytest.mark.parametrize("step", STEPS)
def test_three_people_share_less_than_half_of_a_letter(step: int, column: str) -> None:
    as_lived: Callable[[User], User] = lambda user: user  # noqa: E731
    people = [COLUMNS.get(column, as_lived)(example()) for example in EXAMPLES]
    said = [sentences(read_prose(letter(user, step)), user) for user in people]
    for one, other in combinations(said, 2):
        assert len(one & other) < LESS_THAN * min(len(one), len(other)), sorted(one & other)


@pytest.mark.parametrize("record", ["none yet", "some", "nearly all"])
@pytest.mark.parametrize("step", STEPS)
def test_another_obstacle_changes_more_than_a_third_of_a_letter(step: int, record: str) -> None:
    """The same person, record and goal: what differs is the tone."""
    people = [someone(record, obstacle, "evening", "Finances") for obstacle in OBSTACLES]
    said = [sentences(drip_prose(user, step)[1], user) for user in people]
    for one, other in combinations(said, 2):
        assert 3 * len(one & other) < 2 * min(len(one), len(other)), sorted(one & other)


@pytest.mark.parametrize("answer", ["chronotype", "goal"])
def test_chronotype_and_goal_are_heard_in_several_letters(answer: str) -> None:
    options = CHRONOTYPES if answer == "chronotype" else GOALS
    for one, other in combinations(options, 2):
        first, second = (
            someone("some", "Time", option, "Finances")
            if answer == "chronotype"
            else with_profile(someone("some", "Time", "evening", "Finances"), life_goals=[option])
            for option in (one, other)
        )
        differ = [step for step in STEPS if drip_prose(first, step)[0] != drip_prose(second, step)[0]]
        assert len(differ) >= 3, (one, other)


# Nothing twice


@pytest.mark.parametrize("record", ["every day", "two of three", "none yet", "one habit", "thrice a week"])
@pytest.mark.parametrize("looks_back", [True, False])
def test_two_digests_in_a_row_never_open_with_the_same_sentence(record: str, looks_back: bool) -> None:
    for obstacle, every in product(OBSTACLES, (1, 2, 7)):
        user = someone(record, obstacle, "evening", "Mental Wellness")
        user.coaching_profile.letters.every = every
        opened = [str(digest_of(user, n, looks_back=looks_back)["title"]) for n in range(0, 45, every)]
        assert all(one != other for one, other in pairwise(opened)), (obstacle, every)
        assert len(set(opened)) >= 0.4 * len(opened), (obstacle, every, opened)


def test_over_sixty_days_first_sentences_vary() -> None:
    user = ticked(person("Time", "evening", "Creativity"), range(SIXTY_DAYS))
    opened = [str(digest_of(user, n, looks_back=False)["title"]) for n in range(SIXTY_DAYS)]
    assert len(set(opened)) >= 20
    assert max(opened.count(one) for one in opened) <= 4


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize(("obstacle", "chronotype"), list(product(OBSTACLES, CHRONOTYPES)))
def test_over_sixty_days_nobody_reads_a_tip_twice(obstacle: str, chronotype: str, locale: str) -> None:
    """Nor does a tip stand in the course in the same words."""
    user = someone("two of three", obstacle, chronotype, "Career & Learning", locale=locale)
    with speaking(locale):
        tips = [tip_for(coaching_engine.library(), user, day) for day in range(SIXTY_DAYS)]
        texts = [tip.text for tip in tips if tip is not None]
        words = letter_forms.forms_in(locale).words
        course = " ".join(
            words.get_template(f"drip/{words_name(step)}.words").render(drip_facts(user, step)) for step in STEPS
        )
    assert len(texts) == len(set(texts)) == 14
    assert [text for text in texts if text in course] == []


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("looks_back", [True, False])
@pytest.mark.parametrize("record", ["two of three", "none yet", "every day"])
def test_no_thought_comes_back_within_six_days_and_none_more_than_ten_times_in_sixty(
    record: str, looks_back: bool, locale: str
) -> None:
    for obstacle, chronotype in product(OBSTACLES, CHRONOTYPES):
        user = someone(record, obstacle, chronotype, "Career & Learning", locale=locale)
        with speaking(locale):
            said = [str(digest_of(user, n, looks_back=looks_back)["ahead"]) for n in range(SIXTY_DAYS)]
        assert max(map(said.count, said)) <= 10, (obstacle, chronotype)
        assert all(one not in said[n + 1 : n + 6] for n, one in enumerate(said)), (obstacle, chronotype)


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_no_step_of_the_course_is_offered_twice_in_the_same_words(obstacle: str) -> None:
    for record in ("none yet", "two of three", "nearly all"):
        user = someone(record, obstacle, "evening", "Creativity")
        steps = []
        for step in STEPS:
            blocks = [block for card in drip_prose(user, step)[1].cards for block in card]
            steps += [block.text for block in blocks if block.kind == "step"]
            user.coaching_insights.given.extend(given_in(user, step))
        assert len(steps) == len(set(steps)), record


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_each_letter_of_a_silence_opens_another_door(obstacle: str) -> None:
    user = someone("once", obstacle, "evening", "Creativity")
    said = [comeback_text(user, silent).splitlines() for silent in (5, 8, 11, 14, 17, 20, 21)]
    assert len({lines[0] for lines in said}) == len({lines[1] for lines in said}) == 7
    assert not any(re.search(r"\d+ days without|streak", " ".join(lines)) for lines in said)
