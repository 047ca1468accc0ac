"""The week's leaderboard: by effort against one's own plan of Monday, by name only, and only for who chose it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import coaching_engine
import leaderboard
from core import planning, recording
from core.models import Plan, User
from core.together import Standing, places, planned_on_monday, standing
from manage import load
from storage import JsonFiles, Store, open_store
from tests.screens_cast import a_person, look_at, words_on

MONDAY = date(2026, 11, 16)
SUNDAY = MONDAY + timedelta(days=6)
LATER = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # the week is just over
DAILY = planning.every_day(MONDAY - timedelta(days=30))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def somebody(name: str, *plans: Plan, done: int = 0, user_id: str = "") -> User:
    """On the board, with a habit a plan, each done on the first `done` days of the week."""
    user = a_person(40, LATER, user_id=user_id or f"{name.lower()}-secret", display_name=name)
    user.email = f"{user.user_id}@hidden.example"
    user.coaching_profile.leaderboard = True
    for n, plan in enumerate(plans):
        habit = planning.add_habit(user, f"Habit {n}", plan, today=plan.start)
        for day in (MONDAY + timedelta(days=k) for k in range(done)):
            recording.tick(user, habit.id, day, now=at(day))
    return user


def of_week(user: User, now: datetime = LATER) -> tuple[int, int]:
    one = standing(user, MONDAY, now)
    assert one is not None
    return one.done, one.of


def test_a_beginner_who_does_a_small_plan_stands_before_a_large_one_done_in_part() -> None:
    beginner, master = somebody("New", DAILY, done=7), somebody("Old", *[DAILY] * 6, done=5)
    board = places([(one, False) for user in (master, beginner) if (one := standing(user, MONDAY, LATER))])
    assert [(place.number, place.standing.name, place.standing.habits) for place in board] == [
        (1, "New", 1),
        (2, "Old", 6),
    ]


def test_the_same_share_is_the_same_place_and_the_next_one_is_counted_on() -> None:
    shares = [Standing("A", 3, 6, 1), Standing("B", 10, 10, 2), Standing("C", 7, 14, 3), Standing("D", 1, 9, 1)]
    assert [(p.number, p.standing.name) for p in places((one, False) for one in shares)] == [
        (1, "B"),
        (2, "A"),
        (2, "C"),
        (4, "D"),
    ]


@given(
    st.sampled_from([DAILY, planning.times_per(DAILY.start, 3, "week"), planning.every_n_days(DAILY.start, 2)]),
    st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["tick", "skip"])), max_size=12),
)
def test_no_share_is_more_than_the_whole_plan(plan: Plan, acts: list[tuple[int, str]]) -> None:
    user = somebody("Ana", plan, DAILY)
    for n, act in acts:
        day = MONDAY + timedelta(days=n)
        (recording.tick if act == "tick" else recording.skip)(user, "habit-0", day, now=at(day))
    done, of = of_week(user)
    assert 0 <= done <= of <= planned_on_monday(user, MONDAY)


@pytest.mark.parametrize("later", ["easier", "archived", "one more"])
def test_what_is_changed_after_monday_leaves_the_plan_as_it_was(later: str) -> None:
    user = somebody("Ana", DAILY, done=3)
    tuesday = MONDAY + timedelta(days=1)
    if later == "easier":
        planning.change_schedule(
            user, "habit-0", planning.times_per(tuesday, 1, "week"), from_day=tuesday, today=tuesday
        )
    elif later == "archived":
        planning.archive_habit(user, "habit-0", today=MONDAY + timedelta(days=4))
    else:
        planning.add_habit(user, "Another", planning.every_day(tuesday), today=tuesday)
    assert of_week(user) == (3, 7)


def test_the_board_takes_in_whoever_had_five_ticks_planned_and_a_name_and_chose_it() -> None:
    assert standing(somebody("Ana", planning.times_per(DAILY.start, 4, "week"), done=4), MONDAY, LATER) is None
    assert standing(somebody("Ana", planning.times_per(DAILY.start, 5, "week"), done=5), MONDAY, LATER) is not None
    for name in ("", "  ", "ana@example.org"):
        nameless = somebody("Ana", DAILY)
        nameless.display_name = name
        assert standing(nameless, MONDAY, LATER) is None
    unseen = somebody("Ana", DAILY)
    unseen.coaching_profile.leaderboard = False
    assert standing(unseen, MONDAY, LATER) is None


def test_skips_and_pauses_are_left_out() -> None:
    user = somebody("Ana", DAILY, done=3)
    recording.skip(user, "habit-0", MONDAY + timedelta(days=3), now=at(MONDAY + timedelta(days=3)))
    planning.pause(user, MONDAY + timedelta(days=4), SUNDAY)
    assert of_week(user) == (3, 3)


def test_a_mended_day_counts_within_its_week_and_not_after() -> None:
    user = somebody("Ana", DAILY)
    recording.tick(user, "habit-0", MONDAY, now=at(SUNDAY))
    recording.tick(user, "habit-0", MONDAY + timedelta(days=1), now=LATER + timedelta(hours=1))
    assert of_week(user, LATER + timedelta(days=2)) == (1, 7)


# --- the board of an installation


class Counting(JsonFiles):
    """Files that count how many documents of people were read."""

    read_documents = 0

    def read(self, kind: str, key: str) -> dict[str, object] | None:
        self.read_documents += kind == "users"
        return super().read(kind, key)


def kept(store: Store, *users: User) -> None:
    for user in users:
        store.create(user)
        leaderboard.note(store, user)


def names(store: Store, viewer: str = "", now: datetime = LATER) -> list[str]:
    return [place.standing.name for place in leaderboard.board(store, MONDAY, now, viewer=viewer)]


def test_only_what_was_written_is_read_again_and_nobody_who_did_not_choose_it(tmp_path: Path) -> None:
    records = Counting(tmp_path)
    store = Store(records, tmp_path)
    apart = [a_person(40, LATER, user_id=f"apart-{n}") for n in range(5)]
    kept(store, somebody("Ana", DAILY, done=2), somebody("Ben", DAILY, done=1), *apart)
    assert names(store) == ["Ana", "Ben"]
    assert records.read_documents == 2
    assert names(store) == ["Ana", "Ben"]
    assert records.read_documents == 2
    with store.edit("ben-secret") as ben:
        for n in range(7):
            recording.tick(ben, "habit-0", MONDAY + timedelta(days=n), now=at(SUNDAY))
    records.read_documents = 0
    assert names(store) == ["Ben", "Ana"]
    assert records.read_documents == 1


def test_the_night_works_out_the_week_so_that_the_first_look_at_it_reads_nobody(tmp_path: Path) -> None:
    records = Counting(tmp_path)
    store = Store(records, tmp_path)
    for user in (somebody("Ana", DAILY, done=2), somebody("Ben", DAILY, done=1), a_person(40, LATER)):
        store.create(user)  # as from a copy that was put back: no note is there
    assert names(store) == []
    coaching_engine.process_pattern_analysis(store, now=LATER - timedelta(hours=12))
    records.read_documents = 0
    assert names(store) == ["Ana", "Ben"]
    assert records.read_documents == 0


def test_who_leaves_or_is_removed_is_gone_at_the_next_look(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    kept(store, somebody("Ana", DAILY), somebody("Ben", DAILY), somebody("Cleo", DAILY))
    assert names(store) == ["Ana", "Ben", "Cleo"]
    with store.edit("ben-secret") as ben:
        ben.coaching_profile.leaderboard = False
    store.delete("cleo-secret")
    assert names(store) == ["Ana"]
    assert not list((tmp_path / "cache" / "together").glob("ben*"))


def test_in_a_crowd_whoever_leaves_is_gone_at_once_and_the_places_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(tmp_path)
    crowd = [somebody(f"P{n}", DAILY, done=7 - n) for n in range(6)]
    kept(store, *crowd)
    exact = leaderboard.board(store, MONDAY, LATER, viewer="p5-secret")
    monkeypatch.setattr(leaderboard, "EACH_MOST", 2)
    assert leaderboard.board(store, MONDAY, LATER, viewer="p5-secret") == exact
    with store.edit("p0-secret") as first:
        first.coaching_profile.leaderboard = False
    assert names(store, viewer="p5-secret")[0] == "P1"
    assert "P0" not in names(store, viewer="p5-secret")


def test_a_week_that_has_not_begun_for_somebody_is_looked_at_again(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    west = somebody("Ana", DAILY)
    west.coaching_profile.timezone = "America/Los_Angeles"
    kept(store, west)
    early = datetime(2026, 11, 16, 3, tzinfo=UTC)
    assert names(store, now=early) == []
    assert names(store, now=early + timedelta(hours=8)) == ["Ana"]


def test_people_who_are_loaded_with_their_choice_are_on_the_board(tmp_path: Path) -> None:
    store = open_store(tmp_path / "data")
    line = tmp_path / "people.jsonl"
    line.write_text(json.dumps(somebody("Ana", DAILY).to_json()) + "\n", encoding="utf-8")
    load(store, str(line))
    assert names(store) == ["Ana"]


def test_others_see_a_name_a_share_and_a_number_of_habits_and_nothing_else(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    kept(store, somebody("Ana", DAILY, done=7), somebody("<b>Ben</b>", DAILY, DAILY, done=2, user_id="ben-secret"))
    at_ = look_at("together", store, store.read("ana-secret"), LATER - timedelta(hours=1))
    shown = words_on(at_)
    assert "Place 1 of 2" in shown
    assert "&lt;b&gt;Ben&lt;/b&gt;" in shown
    assert "2 habits" in shown
    for secret in ("ben-secret", "hidden.example", "Habit 0", "<b>Ben"):
        assert secret not in shown + str(at_.main)


def test_joining_asks_for_a_name_and_leaving_takes_one_tap(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    user = somebody("Ana", DAILY)
    user.display_name, user.coaching_profile.leaderboard = "", False
    at_ = look_at("together", store, user, LATER - timedelta(hours=1))
    at_.button(key="together_go").click().run()
    assert "A name is missing" in words_on(at_)
    at_.text_input(key="together_name").input("ana@hidden.example")
    at_.button(key="together_go").click().run()
    assert "An address is not shown" in words_on(at_)
    at_.text_input(key="together_name").input("Ana")
    at_.button(key="together_go").click().run()
    assert "Nobody else is on the board yet" in words_on(at_)
    at_.button(key="together_leave").click().run()
    assert "Join the board" in str([button.label for button in at_.button])
    assert names(store) == []
