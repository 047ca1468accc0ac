"""The grid and its taps: every state has its cell, every tap is recorded once, and none is lost."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from core import planning, recording
from core.models import EarlierTarget, Plan, Target
from core.progress import HabitRecord, Record
from routes.tap_route import answer_taps
from screens import grid, taps, today
from screens.taps import Tap
from storage import Store
from tests.full_disk import full_disk
from tests.screens_cast import EN, NOW, TODAY, a_person, days_ago, lived


def a_record(plan: Plan, done: Iterable[int] = ()) -> HabitRecord:
    """Of reading under that plan, done that many days ago."""
    user = a_person(20)
    planning.add_habit(user, "Read", plan, today=plan.start)
    for n in done:
        recording.tick(user, "read", days_ago(n), now=NOW)
    return Record(user, TODAY).of("read")


def states(record: HabitRecord, n: int = 7) -> str:
    row = grid.grid_row(record, [days_ago(k) for k in range(n - 1, -1, -1)], EN)
    return " ".join(cell["s"] for cell in row["cells"])


def test_a_row_tells_open_done_begun_skipped_paused_not_due_and_not_yet() -> None:
    user = a_person(9)
    habit = planning.add_habit(
        user,
        "Run",
        planning.on_weekdays(days_ago(5), [0, 1, 2, 3, 4, 6]),
        today=days_ago(5),
        target=Target(at_least=5),
    )
    recording.skip(user, habit.id, days_ago(5), now=NOW)
    recording.tick(user, habit.id, days_ago(4), now=NOW)
    recording.tick(user, habit.id, days_ago(3), now=NOW, value=2)
    planning.pause(user, days_ago(2), days_ago(2))
    assert states(Record(user, TODAY).of(habit.id)) == "x skip done part pause free open"


@pytest.mark.parametrize(
    ("streak", "badge"), [(0, "rebuild"), (1, "1"), (2, "2"), (3, "⚡ 3"), (6, "⚡ 6"), (7, "🔥 7"), (12, "🔥 12")]
)
def test_a_streak_carries_its_mark(streak: int, badge: str) -> None:
    user = a_person(20)
    planning.add_habit(user, "Read", planning.every_day(days_ago(20)), today=days_ago(20))
    recording.tick(user, "read", days_ago(19), now=NOW)
    for n in range(streak):
        recording.tick(user, "read", days_ago(n), now=NOW)
    assert grid.badge(Record(user, TODAY).of("read"), Locale("en")) == badge


def test_a_habit_that_was_never_done_has_its_streak_to_build() -> None:
    assert grid.badge(a_record(planning.every_day(days_ago(5))), EN) == "rebuild"


def test_each_cell_has_the_number_of_its_day() -> None:
    user = a_person(9)
    water = planning.add_habit(
        user, "Water", planning.every_day(days_ago(9)), today=days_ago(9), target=Target(at_least=4)
    )
    earlier = [EarlierTarget(until=days_ago(2), target=Target(at_least=8, unit="glasses"))]
    user.habits[0] = water.model_copy(update={"earlier_targets": earlier})
    for n in range(4):
        recording.tick(user, "water", days_ago(n), now=NOW, value=5)
    row = grid.grid_row(Record(user, TODAY).of("water"), [days_ago(k) for k in (3, 2, 1, 0)], EN)
    judged = [(cell.get("target", row["target"])["least"], cell["s"]) for cell in row["cells"]]
    assert judged == [(8, "part"), (8, "part"), (4, "done"), (4, "done")]


def test_a_number_that_holds_from_tomorrow_judges_no_cell_of_this_week() -> None:
    user = lived(9)
    water = user.habit("water")
    water.earlier_targets = [EarlierTarget(until=TODAY, target=Target(at_least=8))]
    water.target = Target(at_least=4)
    row = grid.grid_row(Record(user, TODAY).of("water"), [days_ago(1), TODAY], EN)
    assert row["target"]["least"] == 8
    assert not any("target" in cell for cell in row["cells"])


def test_a_habit_of_n_times_a_week_says_how_far_its_week_is() -> None:
    record = Record(lived(20), TODAY).of("write")
    done, times, _ = record.period_count(TODAY) or (0, 0, "")
    assert grid.hint(record, EN, of_now=True) == f"{done} of {times} this week"
    assert grid.hint(record, EN, of_now=False) == "3 times a week"


def test_more_than_was_planned_is_not_said_as_a_part_of_it() -> None:
    record = a_record(planning.times_per(days_ago(5), 2, "month"), done=range(5))
    assert grid.hint(record, EN, of_now=True) == "5 this month, 2 planned"


def test_a_row_is_plain_json() -> None:
    for record in Record(lived(20), TODAY).habits:
        assert json.loads(json.dumps(grid.grid_row(record, [TODAY], EN)))["id"] == record.habit.id


# --- taps


def tapped(n: int, habit: str, act: str, day: date = TODAY, value: Any = None) -> Tap:
    return taps.read_taps([{"seq": n, "habit": habit, "day": day.isoformat(), "act": act, "value": value}])[0]


def recorded(store: Store, *some: Tap, removed: taps.Removed | None = None, now: datetime = NOW) -> taps.Outcome:
    return taps.record_taps(store, "ana-3f9a1c", list(some), {} if removed is None else removed, now=now, tz=None)


def test_taps_are_recorded_in_their_order_in_one_writing(store: Store) -> None:
    store.create(lived(20))
    recorded(store, tapped(1, "read", "tick"), tapped(2, "read", "untick"), tapped(3, "water", "value", value=3))
    recorded(store, tapped(4, "write", "skip"), tapped(5, "write", "note", value="ill <b>"))
    user = store.read("ana-3f9a1c")
    assert TODAY not in user.entries("read")
    assert user.entries("water")[TODAY].value == 3
    assert (user.entries("write")[TODAY].skip, user.entries("write")[TODAY].note) == (True, "ill <b>")


def test_a_tap_that_is_refused_loses_no_other(store: Store) -> None:
    store.create(lived(20))
    outcome = recorded(store, tapped(1, "read", "tick", TODAY + timedelta(days=1)), tapped(2, "read", "tick"))
    assert len(outcome.refused) == 1
    assert "has not come yet" in outcome.refused[0]
    assert TODAY in store.read("ana-3f9a1c").entries("read")


def test_a_slip_of_the_finger_costs_no_hour(store: Store) -> None:
    user = lived(20)
    store.create(user)
    removed: taps.Removed = {}
    before = user.entries("read")[days_ago(1)]
    recorded(store, tapped(1, "read", "untick", days_ago(1)), removed=removed)
    recorded(store, tapped(2, "read", "tick", days_ago(1)), removed=removed)
    assert store.read("ana-3f9a1c").entries("read")[days_ago(1)] == before


def test_what_is_done_again_today_has_the_new_hour(store: Store) -> None:
    store.create(lived(20))
    removed: taps.Removed = {}
    recorded(store, tapped(1, "read", "tick"), removed=removed, now=NOW - timedelta(hours=5))
    recorded(store, tapped(2, "read", "untick"), removed=removed, now=NOW - timedelta(hours=4))
    recorded(store, tapped(3, "read", "tick"), removed=removed)
    assert store.read("ana-3f9a1c").entries("read")[TODAY].at == NOW


def test_taking_all_back_takes_the_xp_back(store: Store) -> None:
    user = lived(20)
    store.create(user)
    some = [tapped(n, "read", "tick" if n % 2 else "skip", days_ago(n)) for n in range(1, 9)]
    outcome = recorded(store, *some)
    after = Record(store.read("ana-3f9a1c"), TODAY)
    assert today.xp_gained(after, outcome.before) == after.xp - Record(user, TODAY).xp
    with store.edit("ana-3f9a1c") as changed:
        for (habit, day), entry in outcome.before.items():
            recording.put_back(changed, habit, day, entry)
    assert store.read("ana-3f9a1c") == user


@pytest.mark.parametrize("act", ["untick", "skip"])
@pytest.mark.parametrize(("minutes", "stands"), [(2, True), (20, True), (0, False), (61, False)])
def test_a_tap_that_a_page_kept_changes_nothing_that_was_done_later_elsewhere(
    store: Store, act: str, minutes: int, stands: bool
) -> None:
    """The page tapped an hour ago; `minutes` after that, or 61 minutes before it, another device ticked the day."""
    tapped = NOW - timedelta(hours=1)
    ticked = tapped + timedelta(minutes=minutes if minutes < 60 else -minutes)
    store.create(user := lived(20, NOW))
    habit = user.habits[0].id
    with store.edit(user.user_id) as user:
        user.entries(habit).pop(TODAY, None)
        recording.tick(user, habit, TODAY, now=ticked)
        entry = user.completions[habit][TODAY]
    tap = {"seq": 1, "habit": habit, "day": TODAY.isoformat(), "act": act, "id": f"{act} {minutes}", "age": 3_600_000}
    taps.hear_taps(store, user.user_id, f"page {act} {minutes}", taps.read_taps([tap]), now=NOW, tz=None)
    assert (store.read(user.user_id).completions[habit].get(TODAY) == entry) is stands


def sent(store: Store, tap_id: str, value: float, page: str, *, now: datetime = NOW) -> None:
    tap = {"seq": 1, "id": tap_id, "habit": "water", "day": TODAY.isoformat(), "act": "value", "value": value}
    taps.hear_taps(store, "ana-3f9a1c", page, taps.read_taps([tap]), now=now, tz=None)


def restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process keeps in memory is gone."""
    monkeypatch.setattr(taps, "HEARD", taps.Newest(dict, 9))
    monkeypatch.setattr(taps, "SITTINGS", taps.Newest(taps.Sitting, 9))


def test_a_tap_that_comes_again_after_a_restart_does_not_override_what_another_tab_tapped_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(lived(20))
    restart(monkeypatch)
    sent(store, "one", 5, "a tab whose answer is lost")
    sent(store, "two", 8, "another tab")
    restart(monkeypatch)
    sent(store, "one", 5, "a tab whose answer is lost")
    assert store.read("ana-3f9a1c").entries("water")[TODAY].value == 8


def test_a_tap_for_which_there_was_no_room_is_recorded_when_it_comes_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(lived(20))
    restart(monkeypatch)
    with full_disk(), pytest.raises(OSError, match="File too large"):
        sent(store, "one", 5, "a tab")
    restart(monkeypatch)
    sent(store, "one", 5, "a tab")
    assert store.read("ana-3f9a1c").entries("water")[TODAY].value == 5


def test_what_answers_a_tap_counts_as_newer_than_whatever_was_read_before_the_tap_was_recorded(store: Store) -> None:
    user = lived(20)
    store.create(user)
    was_done: dict[float, bool] = {}  # by instant

    def clock() -> datetime:
        at = NOW + timedelta(seconds=len(was_done))
        was_done[at.timestamp()] = TODAY in store.read(user.user_id).completions["read"]
        return at

    tap = {"seq": 1, "habit": "read", "day": TODAY.isoformat(), "act": "tick", "id": "newer"}
    answer = answer_taps(store, user.user_id, {"first": days_ago(6).isoformat(), "taps": [tap]}, clock)
    assert list(was_done.values()) == [False, True]
    assert was_done[answer["board"]["stamp"]]


def test_where_nothing_can_be_kept_beside_the_record_a_tap_is_recorded_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(lived(20))
    restart(monkeypatch)
    (store.folder / "cache" / "taps" / "ana-3f9a1c.json").mkdir(parents=True)
    sent(store, "one", 5, "a tab")
    assert store.read("ana-3f9a1c").entries("water")[TODAY].value == 5
    assert list((store.folder / "tmp").iterdir()) == []


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["tick", "2026-11-22"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["seq", "habit", "day", "act", "value"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(junk)
def test_whatever_a_browser_sends_is_a_tap_or_nothing(sent: object) -> None:
    assert all(isinstance(tap, Tap) for tap in taps.read_taps(sent))


def test_half_an_emoji_and_a_number_beyond_all_numbers_hold_up_no_other_tap(store: Store) -> None:
    store.create(lived(20))
    tap = {"seq": 1, "habit": "write", "day": TODAY.isoformat()}
    sent = [
        tap | {"act": "value", "value": 10**400},
        tap | {"act": "tick"},
        tap | {"act": "note", "value": "rain \ud83d"},
    ]
    recorded(store, *taps.read_taps(sent))
    entry = store.read("ana-3f9a1c").entries("write")[TODAY]
    assert entry.at is not None
    assert entry.note == "rain \ufffd"
