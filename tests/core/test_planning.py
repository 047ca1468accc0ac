"""Planning: a new plan, an archive or a break never judges a day before it anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import planning, recording
from core.models import Completion, Plan, Target, User
from core.progress import Record, record_of
from core.recording import RecordingError
from core.schedule import plan_on
from storage import open_store
from tests.recording_cast import (
    BEGAN,
    HABITS,
    NOW,
    TODAY,
    Move,
    ana,
    days_ago,
    habit_ids,
    judged,
    lived,
    moves,
)

plans = st.one_of(
    st.builds(planning.every_day, st.just(TODAY)),
    st.builds(planning.on_weekdays, st.just(TODAY), st.sets(st.integers(0, 6), min_size=1)),
    st.builds(planning.every_n_days, st.just(TODAY), st.integers(2, 90)),
    st.builds(planning.times_per, st.just(TODAY), st.integers(1, 7), st.sampled_from(["week", "month"])),
)


@given(st.lists(moves, max_size=20), st.lists(st.tuples(habit_ids, plans, st.integers(0, 30)), max_size=6))
def test_a_new_plan_never_judges_a_day_before_it_anew(
    history: list[Move], changes: list[tuple[str, Plan, int]]
) -> None:
    user = lived(ana(), history)
    before = judged(user, TODAY - timedelta(days=1))
    for habit_id, plan, later in changes:
        planning.change_schedule(user, habit_id, plan, from_day=TODAY + timedelta(days=later), today=TODAY)
        last = user.habit(habit_id).schedule[-1]
        assert last.start == TODAY + timedelta(days=later)
        assert (last.rrule, last.times, last.per) == (plan.rrule, plan.times, plan.per)
    assert judged(user, TODAY - timedelta(days=1)) == before
    assert all(len({plan.start for plan in habit.schedule}) == len(habit.schedule) for habit in user.habits)


def test_a_plan_for_the_past_is_refused() -> None:
    with pytest.raises(RecordingError, match=r"Choose November 22, 2026 or later"):
        planning.change_schedule(ana(), "run", planning.every_day(BEGAN), from_day=days_ago(1), today=TODAY)


@pytest.mark.parametrize(
    ("plan", "due"),
    [
        (planning.every_day(TODAY), [0, 1, 2, 3, 4, 5, 6]),
        (planning.on_weekdays(TODAY, [0, 2]), [1, 3]),
        (planning.every_n_days(TODAY, 3), [0, 3, 6]),
        (planning.times_per(TODAY, 3, "week"), []),
    ],
)
def test_a_plan_names_its_days(plan: Plan, due: list[int]) -> None:
    user = ana()
    habit = planning.add_habit(user, "New", plan, today=TODAY)
    record = Record(user, TODAY).of(habit.id)
    assert [n for n in range(7) if record.is_due(TODAY + timedelta(days=n))] == due


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: planning.on_weekdays(TODAY, []),
        lambda: planning.on_weekdays(TODAY, [7]),
        lambda: planning.every_n_days(TODAY, 1),
        lambda: planning.times_per(TODAY, 8, "week"),
        lambda: planning.times_per(TODAY, 0, "month"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_a_remedy(wrong: Callable[[], Plan]) -> None:
    with pytest.raises(RecordingError, match="Choose"):
        wrong()


@given(st.lists(st.text(min_size=1, max_size=200).filter(str.strip), max_size=8))
def test_every_habit_has_an_id_of_its_own_and_the_name_that_was_typed(names: list[str]) -> None:
    user = ana()
    for name in names:
        habit = planning.add_habit(user, name, planning.every_day(TODAY), today=TODAY)
        assert habit.name == name.strip()
    assert len({habit.id for habit in user.habits}) == len(user.habits)
    assert User.model_validate(user.to_json()) == user


def test_a_new_habit_takes_over_nothing_that_an_earlier_one_left_behind() -> None:
    user = ana()
    user.completions["yoga"] = {TODAY: Completion()}
    assert planning.add_habit(user, "Yoga", planning.every_day(TODAY), today=TODAY).id == "yoga-2"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201])
def test_a_name_that_is_none_or_too_long_is_refused(name: str) -> None:
    user = ana()
    with pytest.raises(RecordingError):
        planning.add_habit(user, name, planning.every_day(TODAY), today=TODAY)
    with pytest.raises(RecordingError):
        planning.rename_habit(user, "read", name)
    assert user.to_json() == ana().to_json()


@pytest.mark.parametrize("field", ["icon", "cue", "small", "group", "unit"])
def test_words_about_a_habit_that_are_too_long_are_refused_in_one_sentence(field: str) -> None:
    user, most = ana(), planning.WORDS_MOST[field][0]
    for n, fits in ((most, True), (most + 1, False)):
        typed = "w" * n
        said: dict[str, Any] = {"target": Target(at_least=1, unit=typed)} if field == "unit" else {field: typed}
        with nullcontext() if fits else pytest.raises(RecordingError, match=rf"{most + 1} characters"):
            planning.add_habit(user, "New", planning.every_day(TODAY), today=TODAY, **said)
    assert [habit.name for habit in user.habits].count("New") == 1


def test_a_long_word_that_a_habit_has_already_does_not_keep_its_other_words_from_changing() -> None:
    user, most = ana(), planning.WORDS_MOST["group"][0]
    user.habit("read").group = long = "Group " * most
    look = {"icon": "", "color": "", "cue": "pour tea", "small": "", "goal": ""}
    planning.describe_habit(user, "read", group=long.strip(), **look)
    assert user.habit("read").cue == "pour tea"
    with pytest.raises(RecordingError, match="group"):
        planning.describe_habit(user, "read", group=long + "more", **look)


def test_another_name_and_look_keep_the_id_and_the_record() -> None:
    user = lived(ana(), [("tick", "read", TODAY)])
    planning.rename_habit(user, "read", " Read <b>20</b> pages ")
    planning.describe_habit(user, "read", icon="📚", color="#5B3DF5", cue="pour tea", small="one page", goal="")
    habit = user.habit("read")
    assert (habit.name, habit.icon, habit.cue, habit.small) == ("Read <b>20</b> pages", "📚", "pour tea", "one page")
    assert TODAY in record_of(user, NOW).of("read").done


@given(st.lists(moves, max_size=20), habit_ids, st.integers(0, 200))
def test_an_archived_habit_comes_back_with_its_past_and_without_a_miss(
    history: list[Move], habit_id: str, away: int
) -> None:
    user = lived(ana(), history)
    before = judged(user, days_ago(1))
    planning.archive_habit(user, habit_id, today=TODAY)
    assert plan_on(user.habit(habit_id), TODAY) is None
    back = TODAY + timedelta(days=away)
    planning.restore_habit(user, habit_id, today=back)
    record = Record(user, back).of(habit_id)
    assert judged(user, days_ago(1)) == before
    assert not {day for day in record.due if TODAY <= day < back}
    assert plan_on(record.habit, back) is not None


@given(st.lists(st.tuples(habit_ids, st.booleans()), max_size=12))
def test_moving_habits_loses_none_and_down_undoes_up(steps: list[tuple[str, bool]]) -> None:
    user = ana()
    planning.archive_habit(user, "water", today=TODAY)
    for habit_id, up in steps:
        order = [habit.id for habit in user.habits]
        planning.move_habit(user, habit_id, up=up)
        if [habit.id for habit in user.habits] != order and habit_id != "water":
            planning.move_habit(user, habit_id, up=not up)
            assert [habit.id for habit in user.habits] == order
    assert sorted(habit.id for habit in user.habits) == sorted(HABITS)


def test_a_habit_moves_past_its_neighbour_and_stays_at_the_end() -> None:
    user = ana()
    planning.move_habit(user, "run", up=True)
    planning.move_habit(user, "run", up=True)
    assert [habit.id for habit in user.habits] == ["run", "read", "water", "coffee", "write"]


# --- pauses


def test_a_pause_takes_days_out_of_what_is_due_and_ends_when_one_is_back() -> None:
    user = ana()
    planning.pause(user, days_ago(3), TODAY + timedelta(days=4), habit="read")
    assert days_ago(2) not in Record(user, TODAY).of("read").due
    assert days_ago(2) in Record(user, TODAY).of("water").due
    planning.end_pause(user, "read", today=TODAY)
    assert TODAY in Record(user, TODAY).of("read").due
    assert days_ago(1) not in Record(user, TODAY).of("read").due


def test_a_pause_that_would_begin_today_or_later_is_taken_out() -> None:
    user = ana()
    planning.pause(user, TODAY, TODAY + timedelta(days=4))
    planning.pause(user, TODAY + timedelta(days=9), TODAY + timedelta(days=9))
    planning.end_pause(user, today=TODAY)
    assert user.pauses == []


@pytest.mark.parametrize(("first", "last"), [(TODAY, days_ago(1)), (TODAY, TODAY + timedelta(days=400))])
def test_a_pause_that_cannot_be_is_refused(first: date, last: date) -> None:
    with pytest.raises(RecordingError, match=r"last day|later day"):
        planning.pause(ana(), first, last)


def test_what_is_recorded_survives_the_store(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.create(ana())
    with store.edit("ana-3f9a1c") as user:
        added = planning.add_habit(user, "🧘", planning.every_n_days(TODAY, 2), today=TODAY)
        recording.tick(user, added.id, TODAY, now=NOW)
    assert added.id == "habit"
    assert Record(store.read("ana-3f9a1c"), TODAY).of("habit").streak == 1
