"""The seven questions: what counts as an answer, what saving does, and how it is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models import DIGEST_TIMES
from core.questions import QUESTIONS, TOO_MANY_GOALS, UnansweredError, missing_answers, read_draft
from onboarding import (
    calculate_days_since_signup,
    has_completed_onboarding,
    save_onboarding_profile,
    save_profile,
)
from screens.answers import in_words, is_same_clock, letter, zone_choices
from settings import read_settings
from storage import NotStored, Store, new_user, open_store
from tests.onboarding_cast import ANA, ANSWERS, NOW, WISHES


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("XP_DATA_DIR", str(tmp_path))
    read_settings.cache_clear()
    store = open_store(tmp_path)
    store.create(new_user(user_id=ANA, display_name="Ana", email="ana@example.org", created_at=NOW))
    yield store
    read_settings.cache_clear()


# --- what counts as an answer


def test_every_question_is_asked_for_by_its_own_sentence() -> None:
    missing = missing_answers({})
    assert list(missing) == [question.field for question in QUESTIONS]
    assert len(set(missing.values())) == 7
    assert missing_answers(ANSWERS) == {}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("life_goals", ["Creativity", "Finances", "Relationships", "Health"], TOO_MANY_GOALS),
        ("life_goals", ["World peace"], "Choose one"),
        ("life_goals", "Creativity", "Choose one"),
        ("life_goals", [["Creativity"]], "Choose one"),
        ("main_habit", "   ", "Give the habit a name"),
        ("main_habit", "x" * 201, "200 characters at most"),
        ("main_habit", 7, "Give the habit a name"),
        ("biggest_obstacle", "Money", "Choose the one"),
        ("why_now", "x" * 1001, "1000 characters at most"),
        ("timezone", "Mars/Olympus", "time zone"),
        ("chronotype", "nocturnal", "Choose one of the three"),
        ("success_factor", None, "one thing that helped"),
    ],
)
def test_what_is_no_answer_is_said_and_changes_nothing(store: Store, field: str, value: Any, said: str) -> None:
    before = store.read(ANA).to_json()
    with pytest.raises(UnansweredError, match=said) as refused:
        save_onboarding_profile(ANA, {**ANSWERS, field: value}, now=NOW, store=store)
    assert list(refused.value.missing) == [field]
    assert store.read(ANA).to_json() == before


@given(st.dictionaries(st.sampled_from([q.field for q in QUESTIONS]), st.none() | st.text() | st.lists(st.integers())))
def test_nothing_that_comes_in_breaks_the_check(responses: dict[str, Any]) -> None:
    assert set(missing_answers(responses)) <= {question.field for question in QUESTIONS}


def test_health_is_read_as_health_and_fitness(store: Store) -> None:
    goals = ["Health", "Health & Fitness", "Creativity"]
    save_onboarding_profile(ANA, {**ANSWERS, "life_goals": goals}, now=NOW, store=store)
    assert store.read(ANA).coaching_profile.life_goals == ["Health & Fitness", "Creativity"]


# --- saving


def test_saving_keeps_the_answers_and_begins_the_first_habit_on_the_persons_day(store: Store) -> None:
    with store.edit(ANA) as user:
        user.onboarding_draft = {"main_habit": "Medit"}
    assert save_onboarding_profile(ANA, ANSWERS, now=NOW, store=store) is True
    user = store.read(ANA)
    profile, [habit] = user.coaching_profile, user.habits
    assert {field: getattr(profile, field) for field in ANSWERS} == {**ANSWERS, "main_habit": "Meditate every morning"}
    assert (profile.onboarding_complete, profile.notifications_enabled) == (True, True)
    assert str(user.onboarded_at) == "2026-11-23 05:30:00+09:00"
    assert (habit.id, habit.name) == ("meditate-every-morning", "Meditate every morning")
    assert (habit.created_on, habit.goal) == (date(2026, 11, 23), "Sleep & Energy")
    assert (habit.schedule[0].start, habit.schedule[0].rrule) == (date(2026, 11, 23), "FREQ=DAILY")
    assert user.onboarding_draft == {}


@pytest.mark.parametrize("chronotype", DIGEST_TIMES)
def test_the_chronotype_sets_the_hour_of_the_digest(store: Store, chronotype: str) -> None:
    save_onboarding_profile(ANA, {**ANSWERS, "chronotype": chronotype}, now=NOW, store=store)
    assert store.read(ANA).coaching_profile.digest_time == DIGEST_TIMES[chronotype]


def test_a_second_click_makes_no_second_habit_and_no_later_beginning(store: Store) -> None:
    save_onboarding_profile(ANA, ANSWERS, now=NOW, store=store)
    first = store.read(ANA).to_json()
    save_onboarding_profile(ANA, ANSWERS, now=datetime(2026, 12, 1, tzinfo=UTC), store=store)
    assert store.read(ANA).to_json() == first


def test_a_habit_of_that_name_is_not_made_twice_and_a_new_one_stands_first(store: Store) -> None:
    with store.edit(ANA) as user:
        user.habits = new_user(
            user_id=ANA,
            created_at=NOW,
            habits=[
                {
                    "id": "a",
                    "name": "Read",
                    "created_on": "2026-11-01",
                    "schedule": [{"from": "2026-11-01", "rrule": "FREQ=DAILY"}],
                }
            ],
        ).habits
    save_onboarding_profile(ANA, ANSWERS, now=NOW, store=store)
    assert [habit.name for habit in store.read(ANA).habits] == ["Meditate every morning", "Read"]
    with store.edit(ANA) as user:
        user.coaching_profile.onboarding_complete = False
    save_onboarding_profile(ANA, {**ANSWERS, "main_habit": "READ"}, now=NOW, store=store)
    assert len(store.read(ANA).habits) == 2


def test_the_gate_is_open_once_all_is_saved(store: Store) -> None:
    assert not has_completed_onboarding(ANA)
    save_onboarding_profile(ANA, ANSWERS)
    assert has_completed_onboarding(ANA)
    with pytest.raises(NotStored):
        has_completed_onboarding("nobody")


def test_days_since_signup_are_the_persons_days(store: Store) -> None:
    with store.edit(ANA) as user:
        user.coaching_profile.timezone = "America/Los_Angeles"
        user.created_at = datetime.fromisoformat("2026-11-01T18:02:11-07:00")
    late_evening, morning = (datetime(2026, 11, 8, hour, tzinfo=UTC) for hour in (7, 9))
    assert calculate_days_since_signup(ANA, now=late_evening) == 6
    assert calculate_days_since_signup(ANA, now=morning) == 7


# --- editing


def test_a_digest_hour_of_ones_own_survives_a_change_of_chronotype(store: Store) -> None:
    def edited(chronotype: str, digest_time: str) -> str:
        save_profile(ANA, {**ANSWERS, "chronotype": chronotype}, {**WISHES, "digest_time": digest_time}, store=store)
        return store.read(ANA).coaching_profile.digest_time

    save_onboarding_profile(ANA, ANSWERS, now=NOW, store=store)
    assert edited("morning", "20:00") == "07:00"  # the usual hour moves along
    assert edited("morning", "21:15") == "21:15"
    assert edited("flexible", "21:15") == "21:15"  # one's own stays
    assert edited("evening", "06:30") == "06:30"  # both changed at once: one's own


def test_editing_keeps_every_wish_and_touches_no_habit(store: Store) -> None:
    save_onboarding_profile(ANA, ANSWERS, now=NOW, store=store)
    wishes = {**WISHES, "notifications_enabled": False, "day_ends_at": 3, "drip": False, "every": 7}
    save_profile(ANA, {**ANSWERS, "main_habit": "Swim"}, wishes, store=store)
    user = store.read(ANA)
    profile = user.coaching_profile
    assert (profile.notifications_enabled, profile.day_ends_at, profile.main_habit) == (False, 3, "Swim")
    assert (profile.letters.digest, profile.letters.drip, profile.letters.every) == (True, False, 7)
    assert [habit.name for habit in user.habits] == ["Meditate every morning"]


# --- the draft and the words


def test_of_a_draft_what_is_no_answer_is_left_out() -> None:
    user = new_user(user_id=ANA, created_at=NOW)
    user.onboarding_draft = {"life_goals": ["World peace"], "main_habit": "Swim", "timezone": "Mars", "step": 6, "x": 1}
    answers, step = read_draft(user, "Europe/Lisbon")
    assert (answers["life_goals"], answers["main_habit"], answers["timezone"]) == ([], "Swim", "Europe/Lisbon")
    assert step == 0  # the first question without an answer


def test_a_draft_goes_on_where_it_was_left() -> None:
    user = new_user(user_id=ANA, created_at=NOW)
    for step in (0, 2, 7):
        user.onboarding_draft = {**ANSWERS, "step": step}
        assert read_draft(user, None) == ({**ANSWERS}, step)


@given(st.text(min_size=1), st.text(min_size=1))
def test_typed_words_are_read_back_harmless(habit: str, why: str) -> None:
    page = letter({**ANSWERS, "main_habit": habit + "<script>", "why_now": why + '<img src="x">'}, "en")
    assert "<script" not in page
    assert "<img" not in page


def test_answers_are_said_in_a_line() -> None:
    assert in_words("life_goals", ["Creativity", "Finances"]) == "Creativity · Finances"
    assert in_words("chronotype", "morning", "en_GB") == "Morning, digest at 07:00"
    assert in_words("timezone", "America/Los_Angeles") == "America/Los Angeles"
    assert in_words("biggest_obstacle", None) == ""


def test_zones_of_one_clock_are_the_same_clock() -> None:
    assert is_same_clock("Asia/Calcutta", "Asia/Kolkata", NOW)
    assert not is_same_clock("Europe/London", "Atlantic/Reykjavik", NOW)  # the same today, another in summer
    assert zone_choices("Asia/Calcutta")[0] == "Asia/Calcutta"
    assert zone_choices("Asia/Tokyo") == zone_choices(None)
