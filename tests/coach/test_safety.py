"""What the coach does not say: of medicine, food, substances, pain, and words of self-harm."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from core import planning
from core.advice import tip_for
from core.coach.advising.situations import LABELS
from core.coach.safety import (
    EXERCISE,
    SLEEP,
    TIERS,
    WORD_TIERS,
    Tier,
    be_careful_again,
    lift,
    line_about,
    may_quote,
    tier_of,
    tier_of_name,
    why_of,
)
from core.coach.statistics.evidence import gather
from core.letters.story import Story
from core.models import OBSTACLES, DigestSaid, Target, User
from core.patterns import Finding
from core.progress import Record
from tests.advice_cast import EVIDENCE, LIBRARY, found, ids, pieces_for
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    example_student,
    moment,
    nth_day,
    with_main_habit,
    with_profile,
    without_ticks,
)

REPLANS = {"move_time", "lower_frequency", "drop_weekday", "set_target", "split_two_minute", "add_day", "pause"}
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


def test_no_medicine_is_tied_to_coffee_nor_moved_to_another_hour() -> None:
    for obstacle in OBSTACLES:
        user = with_profile(with_main_habit(example_meditator(), "Take my pills"), biggest_obstacle=obstacle)
        own = [
            p
            for p in pieces_for(user, 28, every_finding(user), {"meditation": "needs restart"})
            if p.habit == "meditation"
        ]
        assert not any("coffee" in piece.text or piece.action in REPLANS for piece in own)


def test_sleep_in_hours_hears_of_the_evening_alone() -> None:
    user = with_main_habit(example_meditator(), "Sleep")
    user.habits[0] = user.habits[0].model_copy(update={"target": Target(at_least=8, unit="hours")})
    entries = user.entries("meditation")
    entries.update({day: entry.model_copy(update={"value": 8}) for day, entry in entries.items()})
    own = [piece for piece in pieces_for(user, 28, every_finding(user)) if piece.habit == "meditation"]
    assert {piece.id for piece in own} <= {"last-half-hour-laid-out", "same-evening-hour", "diary-without-grades"}
    assert own


def test_whoever_trains_through_pain_is_not_compared_nor_pushed() -> None:
    user = with_profile(example_runner(), biggest_obstacle="Motivation/discipline")
    note = user.completions["daily-run"][nth_day(user, 5)].model_copy(update={"note": "my knee hurts"})
    user.entries("daily-run")[nth_day(user, 5)] = note
    for n in (8, 9, 15, 22):
        del user.completions["daily-run"][nth_day(user, n)]
    own = [piece for piece in pieces_for(user, 28, every_finding(user)) if piece.habit == "daily-run"]
    assert own
    assert not any(re.search(r"more often|more workouts|gym members", piece.text) for piece in own)
    assert {"raise", "widen", "bundle"}.isdisjoint(piece.technique for piece in own)


def test_nobody_is_urged_to_track_what_the_coach_keeps_quiet_about() -> None:
    assert pieces_for(with_profile(example_runner(), main_habit="Learn the cello"), 28)[0].action == "add_habit"
    quiet = with_profile(example_runner(), main_habit="Lose weight")
    assert not any("Lose weight" in piece.text for piece in pieces_for(quiet, 28))


def test_in_grief_a_pause_comes_first_in_plain_words_and_once() -> None:
    user = example_student()
    user.coaching_insights.missed_habits["study-coding"] = {nth_day(user, 10): "the funeral"}
    first = pieces_for(user, 20)[0]
    assert (first.id, first.action, first.habit) == ("rest-by-plan", "pause", "")
    assert first.text == LIBRARY.by_id["rest-by-plan"].plain
    assert "rest-by-plan" not in ids(pieces_for(user, 28))  # a word of long ago


def test_nobody_in_low_spirits_is_advised_to_drop_habits() -> None:
    user = with_profile(example_student(), why_now="I am depressed and want my days back")
    names = ["One", "Two", "Three", "Four"]
    user.habits.extend(user.habits[1].model_copy(update={"name": name, "id": name.lower()}) for name in names)
    assert "let-one-rest" not in ids(pieces_for(user, 28))
    assert "let-one-rest" in ids(pieces_for(with_profile(user, why_now="I change jobs"), 28))
    assert not any("depressed" in piece.text for piece in pieces_for(user, 28))


@pytest.mark.parametrize("tier", [*WORD_TIERS, SLEEP])
def test_every_tier_has_a_neutral_line_without_blame_or_push(tier: Tier) -> None:
    said = tier.line.format(habit="Floss")
    assert len(said.split()) <= 45
    assert not re.search(r"\b(should|must|only|failed|streak!|again)\b|!", said)


def every_finding(user: User) -> list[Finding]:
    return [found(kind, user.habits[0].id) for kind in EVIDENCE if kind not in ("cooccur", "momentum_gained")]


# What the person says is fine


@pytest.mark.parametrize(("tier", "name"), [(t, n) for t, names in DELICATE.items() if t != "silence" for n in names])
def test_what_the_person_says_is_fine_is_spoken_of_as_any_other_and_one_tap_takes_it_back(tier: str, name: str) -> None:
    user = with_main_habit(example_meditator(), name)
    habit, before = user.habits[0], user.to_json()
    lift(user, habit.id, tier)
    assert User.model_validate(user.to_json()).habits[0].lifted == [tier]
    assert tier_of(Record(user, nth_day(user, 28)).of(habit.id)) is None
    assert not gather(user, nth_day(user, 28)).habits[0].is_delicate
    assert Story(user, 14, moment(user, 14, "09:00")).tier is None
    assert not may_quote(name)
    be_careful_again(user, habit.id, tier)
    assert user.to_json() == before
    assert gather(user, nth_day(user, 28)).habits[0].is_delicate


def test_to_lift_one_tier_leaves_the_others() -> None:
    user = with_main_habit(example_meditator(), "Diet pills")
    habit = user.habits[0].id
    lift(user, habit, "medical")
    known = tier_of(Record(user, nth_day(user, 28)).of(habit))
    assert known is not None
    assert known.name == "food"


def test_words_of_self_harm_are_never_lifted() -> None:
    user = with_main_habit(example_meditator(), "Stop self-harm")
    with pytest.raises(ValueError, match="silence"):
        lift(user, user.habits[0].id, "silence")
    for tier in TIERS[1:]:
        lift(user, user.habits[0].id, tier.name)
    assert tier_of(Record(user, nth_day(user, 28)).of(user.habits[0].id)) is WORD_TIERS[0]
    assert pieces_for(user, 28) == []
    assert [tier.name for tier in TIERS if not tier.may_be_lifted] == ["silence"]


def test_training_and_sleep_may_be_lifted_too() -> None:
    user = example_runner()
    lift(user, "daily-run", "exercise")
    assert tier_of(Record(user, nth_day(user, 28)).of("daily-run")) is None
    user = example_meditator()
    user.habits[0] = user.habits[0].model_copy(
        update={"name": "Sleep", "target": Target(at_least=8, unit="hours"), "lifted": ["sleep"]}
    )
    assert tier_of(Record(user, nth_day(user, 28)).of("meditation")) is None


def test_other_words_are_looked_at_anew() -> None:
    user = with_main_habit(example_meditator(), "Tablet-free evening")
    lift(user, user.habits[0].id, "medical")
    planning.rename_habit(user, user.habits[0].id, "Tablet-free evening")
    assert user.habits[0].lifted
    planning.rename_habit(user, user.habits[0].id, "Take my tablets")
    assert not user.habits[0].lifted


def test_each_tier_tells_in_one_sentence_why_the_coach_is_careful() -> None:
    for tier in TIERS:
        assert tier.line or tier.why
        if tier.may_be_lifted:
            assert tier.about
            assert (tier.why.count("."), tier.why[-1]) == (1, ".")


@pytest.mark.parametrize(("weekdays", "cue", "about"), [(range(7), "", "six or more"), ([0, 3], "a sick day", "pain")])
def test_whoever_trains_hears_which_of_the_two_the_coach_is_careful_about(
    weekdays: Sequence[int], cue: str, about: str
) -> None:
    user = example_runner()
    began = user.habits[0].created_on
    habit = planning.add_habit(user, "Gym", planning.on_weekdays(began, weekdays), today=began, cue=cue)
    one = Record(user, nth_day(user, 28)).of(habit.id)
    assert tier_of(one) is EXERCISE
    assert [words for words in ("six or more", "pain") if words in why_of(one, EXERCISE)] == [about]


@pytest.mark.parametrize(
    ("name", "speaks_of_drink"),
    [("No alcohol", True), ("Kein Bier", True), ("Sober Sundays", True), ("No smoking", False), ("No betting", False)],
)
def test_what_is_said_of_drinking_is_said_to_who_drinks(name: str, speaks_of_drink: bool) -> None:
    tier = tier_of_name(name)
    assert tier is not None
    assert ("drink heavily" in line_about(tier, name)) is speaks_of_drink
