"""On screens a delicate habit keeps its record and loses what counts on, praises or compares, until it is lifted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import planning, recording
from core.coach.quiet import LEFT_OUT, Part, leaves_out, may_be_told
from core.coach.safety import TIERS, lift
from core.models import Target, User
from core.progress import HabitRecord, Record
from core.together import planned_on_monday, standing
from screens import board, habit_page, progress
from screens.grid import grid_row
from screens.habits import habit_day, habit_plans
from screens.today import xp_gained
from storage import Store
from tests.screens_cast import EN, NOW, TODAY, a_person, days_ago, look_at, words_on

DAYS = 24
NAMES = {
    "silence": "Stop self-harm",
    "medical": "Take my pills",
    "food": "Count calories",
    "substance": "No beer",
    "exercise": "Morning run",
    "sleep": "Sleep",
}
PARTS: tuple[Part, ...] = ("streak", "xp", "rate", "board")


def somebody(*names: str, lifted: str = "") -> User:
    """Who has done each of these habits on every day, the last left to do for today."""
    user = a_person(DAYS, display_name="Ana")
    for name in names:
        target = Target(at_least=8, unit="hours") if name == NAMES["sleep"] else None
        plan = planning.every_day(days_ago(DAYS))
        habit = planning.add_habit(user, name, plan, today=days_ago(DAYS), target=target)
        if lifted:
            lift(user, habit.id, lifted)
        for n in range(1, DAYS + 1):
            value = None if target is None else 8
            recording.tick(user, habit.id, days_ago(n), now=NOW - timedelta(days=n), value=value)
    return user


def only(user: User) -> HabitRecord:
    return Record(user, TODAY).habits[0]


@pytest.mark.parametrize("tier", NAMES)
def test_each_tier_leaves_out_its_parts_everywhere_and_shows_them_once_it_is_lifted(tier: str) -> None:
    quiet, shown = only(somebody(NAMES[tier])), only(somebody("Read"))
    assert {part for part in PARTS if leaves_out(quiet, part)} == LEFT_OUT[tier]
    assert _seen(quiet) == _seen(shown) - LEFT_OUT[tier]
    if tier != "silence":
        assert _seen(only(somebody(NAMES[tier], lifted=tier))) == _seen(shown)


def _seen(one: HabitRecord) -> set[str]:
    """Which parts stand on the grid, the habit's page, Progress and the board."""
    row, page, card = grid_row(one, [TODAY], EN), habit_page.numbers(one, EN), progress.card(one, EN)
    streaks = [bool(row["badge"]), "Running streak" in page, "<dt>Streak</dt>" in card, "streak" in card.lower()]
    assert len(set(streaks)) == 1, streaks
    assert "Strength" in page
    assert "Done" in card
    by_rate = one.habit.model_copy(update={"rate_until": TODAY})
    shares = HabitRecord(by_rate, one.entries, one.paused, one.today)
    plans = habit_plans.plans_through_time(one, a_person(DAYS), EN)
    assert f"{DAYS} of {DAYS}" in plans
    rates = [
        "%" in grid_row(shares, [TODAY], EN)["badge"],
        "<dt>Share</dt>" in progress.card(shares, EN),
        "%" in plans,
    ]
    assert len(set(rates)) == 1, rates
    seen = {"streak": streaks[0], "rate": rates[0], "xp": not row["quiet"], "board": not leaves_out(one, "board")}
    return {part for part, is_there in seen.items() if is_there}


def test_every_tier_says_what_it_leaves_out_and_harm_hides_all() -> None:
    assert set(LEFT_OUT) == {tier.name for tier in TIERS} == set(NAMES)
    assert LEFT_OUT["silence"] == set(PARTS)
    assert {name for name, parts in LEFT_OUT.items() if "streak" not in parts} == {"exercise"}


def test_the_longest_streak_of_progress_and_the_coachs_line_are_of_no_delicate_habit() -> None:
    user = somebody(*(NAMES[tier] for tier in NAMES if tier != "exercise"))
    record = Record(user, TODAY)
    assert not any(may_be_told(one) for one in record.habits)
    assert "longest running streak" not in progress.hero(record, EN)
    assert not any(is_name for _words, is_name in board.coach_word(record))
    habit = planning.add_habit(user, "Read", planning.every_day(days_ago(9)), today=days_ago(9))
    for n in range(1, 8):
        recording.tick(user, habit.id, days_ago(n), now=NOW - timedelta(days=n))
    record = Record(user, TODAY)
    assert "Read, the longest running streak" in progress.hero(record, EN)
    assert ("Read", True) in board.coach_word(record)


@pytest.mark.parametrize("tier", NAMES)
def test_the_board_compares_nobody_in_what_is_left_out_of_it(tier: str) -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    user = somebody("Read", NAMES[tier])
    user.coaching_profile.leaderboard = True
    compared = 1 if "board" in LEFT_OUT[tier] else 2
    one = standing(user, monday, NOW)
    assert one is not None
    assert (one.habits, planned_on_monday(user, monday)) == (compared, 7 * compared)


def test_a_mended_day_of_a_delicate_habit_is_recorded_without_praise(store: Store) -> None:
    user = somebody(NAMES["food"])
    user.completions["count-calories"].pop(days_ago(2))
    assert xp_gained(Record(somebody(NAMES["food"]), TODAY), {("count-calories", days_ago(2)): None})
    at = look_at("habit_page", store, user)
    at.date_input(key=f"{habit_day.DAY}_count-calories").set_value(days_ago(2)).run()
    at.button(key="habit_tick").click().run()
    assert days_ago(2) in store.read(user.user_id).completions["count-calories"]
    assert "It is recorded." in words_on(at)
    assert "XP, later" not in words_on(at)
