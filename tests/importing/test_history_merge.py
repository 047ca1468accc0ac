"""A history joining a document: all that is new, nothing twice, and nothing of what stands is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.models import Completion, User
from core.progress import record_of
from importing.history_import import History, merge, read_history, summary
from storage import new_user, open_store
from tests.loop_exports import EXPECTED, backup_of_the_cast, day, plain


def ana(*habits: dict[str, Any]) -> User:
    return new_user(user_id="ana-3f9a1c", created_at="2026-01-24T18:00:00+00:00", habits=list(habits))


def habit_of(name: str, *, rrule: str = "FREQ=DAILY") -> dict[str, Any]:
    since = day(4).isoformat()
    return {"id": "mine", "name": name, "created_on": since, "schedule": [{"from": since, "rrule": rrule}]}


def cast_history(tmp_path: Path) -> History:
    return read_history([backup_of_the_cast(tmp_path / "loop.db")])


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    history = cast_history(tmp_path)
    store = open_store(tmp_path / "data")
    store.create(ana(habit_of("MEDITATE ")))
    with store.edit("ana-3f9a1c") as user:
        first = merge(user, history)
    once = store.read("ana-3f9a1c").to_json()
    with store.edit("ana-3f9a1c") as user:
        second = merge(user, history)
    assert (first.habits_added, first.habits_known, first.entries_added, first.entries_stood) == (2, 1, 12, 0)
    assert (second.habits_added, second.habits_known, second.entries_added, second.entries_stood) == (0, 3, 0, 12)
    assert store.read("ana-3f9a1c").to_json() == once
    assert summary(first) == "2 habits and 12 entries added, 1 habit and 0 entries stood already"


def test_what_stands_is_never_overwritten(tmp_path: Path) -> None:
    user = ana(habit_of("Meditate"))
    mine = Completion(at=datetime(2026, 1, 24, 7, tzinfo=UTC), note="mine")
    user.entries("mine")[day(4)] = mine
    merged = merge(user, cast_history(tmp_path))
    assert user.entries("mine")[day(4)] == mine
    assert (merged.entries_stood, merged.differing) == (1, 1)
    assert "1 of them say something else" in summary(merged)


def test_a_known_habit_begins_with_its_earliest_entry(tmp_path: Path) -> None:
    user = ana(habit_of("Meditate"))
    merge(user, cast_history(tmp_path))
    habit = user.habit("mine")
    assert (habit.created_on, [plan.start for plan in habit.schedule]) == (day(0), [day(0)])
    assert record_of(user, datetime(2026, 1, 26, 20, tzinfo=UTC)).of("mine").best_streak == 2


def test_a_rule_that_counts_from_its_first_day_keeps_its_days(tmp_path: Path) -> None:
    user = ana(habit_of("Meditate", rrule="FREQ=DAILY;INTERVAL=3"))
    now = datetime(2026, 2, 10, 20, tzinfo=UTC)
    due = set(record_of(user, now).of("mine").due)
    merge(user, cast_history(tmp_path))
    after = record_of(user, now).of("mine").due
    assert {on for on in after if on >= day(4)} == due
    assert {on for on in after if on < day(4)} == {day(0), day(3)}


def test_a_new_habit_takes_no_id_that_the_document_has_used(tmp_path: Path) -> None:
    user = ana(habit_of("Run") | {"id": "water"})
    user.completions["meditate"] = {day(0): Completion()}
    merge(user, cast_history(tmp_path))
    assert [habit.id for habit in user.habits] == ["water", "meditate-2", "learn-wide", "water-2"]
    assert user.completions["meditate"] == {day(0): Completion()}


def test_of_two_habits_with_one_name_the_first_takes_the_entries(tmp_path: Path) -> None:
    user = ana(habit_of("Meditate"), habit_of("Meditate") | {"id": "other"})
    merge(user, cast_history(tmp_path))
    assert (len(user.entries("mine")), len(user.entries("other"))) == (5, 0)


def test_merging_leaves_the_history_as_it_was(tmp_path: Path) -> None:
    history = cast_history(tmp_path)
    user = ana()
    merge(user, history)
    user.habits[0].name = "Sit"
    del user.entries("meditate")[day(0)]
    assert plain(history) == EXPECTED
