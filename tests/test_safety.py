"""What the coach does not say: of medicine, food, substances, pain, and words of self-harm."""

from __future__ import annotations

import re

import pytest

from core.advice import tip_for
from core.coach.safety import EXERCISE, SLEEP, WORD_TIERS, tier_of
from core.coach.situations import LABELS
from core.models import OBSTACLES, DigestSaid, Target
from core.progress import Record
from tests.advice_cast import EVIDENCE, LIBRARY, found, ids, pieces_for
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    example_student,
    nth_day,
    with_main_habit,
    with_profile,
    without_ticks,
)

DELICATE = {
    "silence": ("Stop self-harm", "Nicht mehr ritzen", "Autolesión: cero"),
    "medical": ("Take my pills", "Insulin spritzen", "Blutdrucktabletten", "Tomar pastillas", "Check blood pressure"),
    "food": ("Count calories", "Intermittent fasting", "Diät", "Kein Zucker", "Ayunar", "Weigh myself", "No snacks"),
    "substance": ("No alcohol", "Rauchfrei bleiben", "Dejar de fumar", "Quit vaping", "One beer at most", "No betting"),
}


@pytest.mark.parametrize(("tier", "name"), [(tier, name) for tier, names in DELICATE.items() for name in names])
def test_a_delicate_habit_hears_what_its_tier_allows_and_no_more(tier: str, name: str) -> None:
    for obstacle in OBSTACLES:
        user = with_profile(with_main_habit(example_meditator(), name), biggest_obstacle=obstacle)
        habit = user.habits[0].id
        record = Record(user, nth_day(user, 28))
        known = tier_of(record.of(habit))
        assert known is not None
        assert known.name == tier
        everything = [found(kind, habit) for kind in EVIDENCE if kind != "cooccur"]
        for state in ("needs restart", "building", "hot"):
            own = [piece for piece in pieces_for(user, 28, everything, {habit: state}) if piece.habit == habit]
            assert {piece.technique for piece in own} <= known.stay


@pytest.mark.parametrize(
    "name",
    ["Drink water", "Beber agua", "Tee trinken", "Meditation", "Klavier üben", "Read 20 pages", "🧘", "Floss"],
)
def test_harmless_habits_are_in_no_tier(name: str) -> None:
    user = with_main_habit(example_meditator(), name)
    assert tier_of(Record(user, nth_day(user, 28)).of(user.habits[0].id)) is None


def test_whoever_trains_daily_is_never_asked_for_more_of_it() -> None:
    user = example_runner()
    assert tier_of(Record(user, nth_day(user, 28)).of("daily-run")) is EXERCISE
    own = [piece for piece in pieces_for(user, 30) if piece.habit == "daily-run"]
    assert {piece.technique for piece in own}.isdisjoint({"raise", "bundle"})


def test_sleep_counted_in_hours_is_a_tier_of_its_own() -> None:
    user = example_meditator()
    asleep = user.habits[0].model_copy(update={"name": "Sleep", "target": Target(at_least=8, unit="hours")})
    user.habits[0] = asleep
    assert tier_of(Record(user, nth_day(user, 28)).of("meditation")) is SLEEP


@pytest.mark.parametrize("where", ["note", "answer", "reflection", "why"])
def test_words_of_self_harm_silence_all_advice(where: str) -> None:
    user = example_student()
    if where == "note":
        entry = user.completions["study-coding"][nth_day(user, 3)]
        user.entries("study-coding")[nth_day(user, 3)] = entry.model_copy(update={"note": "I want to die"})
    elif where == "answer":
        user.coaching_insights.missed_habits["study-coding"] = {nth_day(user, 2): "I cut myself"}
    elif where == "reflection":
        user.daily_digests[nth_day(user, 2)] = DigestSaid(reflection="how to kill myself")
    else:
        user = with_profile(user, why_now="I keep thinking of suicide")
    assert pieces_for(user, 14) == []
    assert tip_for(LIBRARY, user, 3) is None


def test_a_reason_is_said_back_from_the_second_time_on_and_never_in_grief() -> None:
    user = example_student()
    answers = user.coaching_insights.missed_habits.setdefault("study-coding", {})
    answers[nth_day(user, 2)] = "late  shift"
    assert "own-words-if-then" not in ids(pieces_for(user, 20))
    answers[nth_day(user, 5)] = "late shift"
    said = {piece.id: piece.text for piece in pieces_for(user, 20)}
    assert "You answered “late shift” on 2 days." in said["own-words-if-then"]
    answers.update(dict.fromkeys((nth_day(user, n) for n in (8, 11, 14)), "the funeral"))
    assert "own-words-if-then" not in ids(pieces_for(user, 20))


def test_labels_and_tiers_name_each_thing_once() -> None:
    assert len(set(LABELS)) == len(LABELS)
    techniques = {technique for tier in (*WORD_TIERS, EXERCISE, SLEEP) for technique in tier.stay | tier.off}
    assert techniques <= LIBRARY.techniques.keys()
    assert LIBRARY.order.keys() <= set(LABELS)
    assert {name for entry in LIBRARY.entries for name in entry.when} <= set(LABELS)


def test_nobody_is_told_a_nought() -> None:
    for example in EXAMPLES:
        pieces = pieces_for(without_ticks(example()), 14, [found("too_ambitious", example().habits[0].id)])
        assert pieces
        assert not any(re.search(r"\b0\b", piece.text + piece.because) for piece in pieces)
