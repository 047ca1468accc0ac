"""Recording: every change of the record is exact, absolute, and touches nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import planning, recording
from core.models import Completion
from core.progress import record_of
from core.recording import RecordingError
from core.schedule import is_done
from storage import open_store
from tests.recording_cast import (
    BEGAN,
    HABITS,
    NOW,
    TODAY,
    Move,
    ana,
    days_ago,
    do,
    lived,
    moves,
)

# --- days


@given(st.lists(moves, max_size=25))
def test_any_sequence_of_changes_leaves_exactly_the_last_state(history: list[Move]) -> None:
    user = lived(ana(), history)
    state: dict[tuple[str, date], str] = {}
    for name, habit_id, day in history:
        now = state.get((habit_id, day), "open")
        moved = {"tick": "done", "skip": "skipped"}.get(name)
        takes = {"untick": "done", "unskip": "skipped"}.get(name)
        state[habit_id, day] = moved or ("open" if now == takes else now)
    for habit_id in HABITS:
        for day, entry in user.entries(habit_id).items():
            said = "skipped" if entry.skip else "done" if is_done(user.habit(habit_id), entry) else "partial"
            assert state.pop((habit_id, day)) == said
    assert set(state.values()) <= {"open"}


@given(st.lists(moves, max_size=20), moves)
def test_undo_gives_back_the_xp_and_the_day_exactly(history: list[Move], move: Move) -> None:
    user = lived(ana(), history)
    _, habit_id, day = move
    before, xp = user.entries(habit_id).get(day), record_of(user, NOW).xp
    document = user.to_json()
    do(user, move)
    recording.put_back(user, habit_id, day, before)
    assert record_of(user, NOW).xp == xp
    assert user.to_json() == document


@given(st.lists(moves, max_size=20), moves)
def test_a_change_of_a_day_touches_no_other_day_and_no_other_habit(history: list[Move], move: Move) -> None:
    user = lived(ana(), history)
    before = user.model_copy(deep=True)
    do(user, move)
    _, habit_id, day = move
    for document in (before, user):
        document.entries(habit_id).pop(day, None)
    assert user.to_json() == before.to_json()


@given(moves, st.integers(1, 4))
def test_the_same_tap_several_times_is_one(move: Move, times: int) -> None:
    once, often = lived(ana(), [move]), lived(ana(), [move] * times)
    assert once.to_json() == often.to_json()


def test_a_tick_today_keeps_the_instant_in_the_offset_of_the_profile() -> None:
    user = ana()
    user.coaching_profile.timezone = "America/Los_Angeles"
    recording.tick(user, "read", TODAY, now=NOW)
    assert user.to_json()["completions"]["read"] == {"2026-11-22": {"at": "2026-11-22T13:30:00-08:00"}}


def test_a_tick_today_keeps_the_offset_of_the_browser_when_that_is_known() -> None:
    user = ana()
    recording.tick(user, "read", TODAY, now=NOW, tz=timezone(timedelta(hours=1)))
    at = user.entries("read")[TODAY].at
    assert at is not None
    assert at.isoformat() == "2026-11-22T22:30:00+01:00"


def test_a_tick_on_an_earlier_day_knows_no_hour_and_says_when_it_was_entered() -> None:
    user = ana()
    recording.tick(user, "read", days_ago(1), now=NOW)
    assert user.to_json()["completions"]["read"]["2026-11-21"] == {
        "at": None,
        "source": "backfill",
        "recorded": "2026-11-22T21:30:00+00:00",
    }


def test_after_midnight_the_day_before_is_still_today_for_whom_it_ends_later() -> None:
    user = ana()
    user.coaching_profile.day_ends_at = 3
    late = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)
    recording.tick(user, "read", TODAY, now=late)
    assert user.entries("read")[TODAY].at == late
    with pytest.raises(RecordingError, match="has not come yet"):
        recording.tick(user, "read", TODAY + timedelta(days=1), now=late)


def test_a_tick_keeps_its_first_hour() -> None:
    user = ana()
    recording.tick(user, "read", TODAY, now=NOW - timedelta(hours=3))
    recording.tick(user, "read", TODAY, now=NOW)
    assert user.entries("read")[TODAY].at == NOW - timedelta(hours=3)


@pytest.mark.parametrize("change", [recording.tick, recording.skip, recording.untick, recording.unskip])
def test_a_day_to_come_and_a_day_before_the_habit_are_refused_with_a_remedy(change: Callable[..., None]) -> None:
    user = ana()
    with pytest.raises(RecordingError, match="November 23, 2026 has not come yet"):
        change(user, "read", TODAY + timedelta(days=1), now=NOW)
    with pytest.raises(RecordingError, match="Read began on November 1, 2026"):
        change(user, "read", BEGAN - timedelta(days=1), now=NOW)
    with pytest.raises(RecordingError, match="no habit 'dance'"):
        change(user, "dance", TODAY, now=NOW)
    assert user.to_json() == ana().to_json()


def test_days_that_an_import_brought_can_be_mended() -> None:
    user = ana()
    user.entries("read")[date(2026, 9, 1)] = Completion(source="import")
    recording.tick(user, "read", date(2026, 9, 2), now=NOW)
    recording.untick(user, "read", date(2026, 9, 1), now=NOW)
    assert list(user.entries("read")) == [date(2026, 9, 2)]


def test_an_archived_habit_takes_no_tick() -> None:
    user = ana()
    planning.archive_habit(user, "read", today=TODAY)
    with pytest.raises(RecordingError, match="Restore it first"):
        recording.tick(user, "read", TODAY, now=NOW)
    recording.tick(user, "read", days_ago(1), now=NOW)


def test_a_refused_change_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.create(ana())

    def change_two_days() -> None:
        with store.edit("ana-3f9a1c") as user:
            recording.tick(user, "read", TODAY, now=NOW)
            recording.tick(user, "read", TODAY + timedelta(days=1), now=NOW)

    with pytest.raises(RecordingError):
        change_two_days()
    assert store.read("ana-3f9a1c") == ana()


# --- numbers


def test_one_tap_reaches_the_target_or_stays_within_it() -> None:
    user = ana()
    for habit_id in ("water", "coffee"):
        recording.tick(user, habit_id, TODAY, now=NOW)
        assert is_done(user.habit(habit_id), user.entries(habit_id)[TODAY])
    assert user.entries("water")[TODAY].value == 8
    assert user.entries("coffee")[TODAY].value is None


@given(st.floats(0, 100), st.floats(0, 100))
def test_the_last_number_counts(first: float, second: float) -> None:
    user = ana()
    for habit_id in ("water", "coffee"):
        for value in (first, second):
            recording.tick(user, habit_id, TODAY, now=NOW, value=value)
        assert user.entries(habit_id)[TODAY].value == second
    assert is_done(user.habit("water"), user.entries("water")[TODAY]) == (second >= 8)
    assert is_done(user.habit("coffee"), user.entries("coffee")[TODAY]) == (second <= 2)


def test_a_number_counts_from_the_hour_at_which_the_target_was_reached() -> None:
    user = ana()
    hours = [NOW - timedelta(hours=n) for n in (9, 5, 1)]
    for now, value in zip(hours, (3, 8, 10), strict=True):
        recording.tick(user, "water", TODAY, now=now, value=value)
    assert user.entries("water")[TODAY].at == hours[1]


def test_too_many_and_then_one_tap_is_within() -> None:
    user = ana()
    recording.tick(user, "coffee", TODAY, now=NOW, value=5)
    recording.tick(user, "coffee", TODAY, now=NOW)
    assert is_done(user.habit("coffee"), user.entries("coffee")[TODAY])


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), 2_000_000_000])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(RecordingError, match="Enter a number"):
        recording.tick(ana(), "water", TODAY, now=NOW, value=value)


def test_a_habit_without_a_target_takes_no_number() -> None:
    with pytest.raises(RecordingError, match="Read takes no number"):
        recording.tick(ana(), "read", TODAY, now=NOW, value=3)


# --- notes


@given(st.text(max_size=200))
def test_a_note_stands_as_typed_and_moves_no_number(text: str) -> None:
    user = lived(ana(), [("tick", "read", TODAY)])
    xp = record_of(user, NOW).xp
    recording.write_note(user, "read", TODAY, text, now=NOW)
    assert user.entries("read")[TODAY].note == text.strip()
    assert record_of(user, NOW).xp == xp


def test_a_note_survives_a_skip_and_an_empty_one_goes() -> None:
    user = lived(ana(), [("tick", "read", TODAY)])
    recording.write_note(user, "read", TODAY, "on the train", now=NOW)
    recording.skip(user, "read", TODAY, now=NOW)
    assert user.entries("read")[TODAY].note == "on the train"
    recording.write_note(user, "read", TODAY, " ", now=NOW)
    assert user.to_json()["completions"]["read"]["2026-11-22"] == {"skip": True}


def test_a_note_needs_a_tick_or_a_skip() -> None:
    with pytest.raises(RecordingError, match="Tick or skip Read first"):
        recording.write_note(ana(), "read", TODAY, "on the train", now=NOW)


# --- signs


def test_the_newest_answer_about_a_sign_counts() -> None:
    user = ana()
    recording.answer_sign(user, "weekend_weak", "run", answer="yes", day=days_ago(1))
    recording.answer_sign(user, "weekend_weak", "run", answer="no", day=TODAY)
    assert user.coaching_insights.answers == [
        {"kind": "weekend_weak", "habit": "run", "day": "2026-11-22", "answer": "no"}
    ]
