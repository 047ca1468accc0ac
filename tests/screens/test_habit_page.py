"""A habit's own page and Progress: every number has its days behind it, and every day can be mended and written on."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core import planning, recording
from core.catalogue import _
from core.coach.safety import tier_of
from core.localtime import week_start
from core.models import Target, User
from core.progress import Record, today_of
from screens import grid, habit_page, offers, progress
from screens.habits import habit_day, habit_order, habit_plans
from screens.pictures import strength, whys, xp_history
from storage import Store
from tests.cast import WEEKDAYS, record_after
from tests.screens_cast import EN, NOW, TODAY, a_person, awake, days_ago, lived, look_at, read_out, words_on

SIXTY = Record(lived(60), TODAY)


def now_living(days: int) -> tuple[User, datetime]:
    now, zone = awake()
    return lived(days, now, timezone=zone), now


def chips_in(words: str, state: str) -> int:
    return len(re.findall(rf'<em class="{state}"', words))


# --- numbers and what is behind them


def test_the_days_behind_a_streak_are_as_many_as_it_says() -> None:
    for one in SIXTY.active:
        for run, length in ((whys.running(one), one.streak), (one.best_run, one.best_streak)):
            behind = whys.streak_days(one, run, EN)
            shown = chips_in(behind, "on") if one.unit == "day" else behind.count('scope="row"')
            assert shown == (length if run else 0)


def test_the_page_shows_the_numbers_of_the_record(store: Store) -> None:
    user = lived(60)
    at = look_at("habit_page", store, user)
    one, said = Record(user, TODAY).active[0], words_on(at)
    assert f"<h1>{one.habit.name}</h1>" in said
    assert f"<b>{one.best_streak}</b> days" in said
    assert f"<b>{len(one.done)}</b> of {one.rate(one.first, TODAY)[1]} planned" in said
    assert "how is this computed?" in said


def test_a_streak_with_days_between_is_told_as_times_on_every_screen() -> None:
    one = record_after(12, schedule=WEEKDAYS, done=[*range(5), *range(7, 12)])
    assert "<dd>🔥 10 times</dd>" in progress.card(one, EN)
    assert re.search("<b>🔥 10</b> times<.*<b>10</b> times<", habit_page.numbers(one, EN))
    assert grid.grid_row(one, [one.today], EN)["streak"] == "10 times in a row"


def test_what_was_done_is_said_once_and_what_was_done_besides_the_plan_as_well() -> None:
    user, yesterday = a_person(2), days_ago(1)
    planning.add_habit(user, "Read", planning.on_weekdays(days_ago(2), [yesterday.weekday()]), today=days_ago(2))

    def said(day: date) -> str:
        return habit_page.numbers(Record(user, day).of("read"), EN)

    recording.tick(user, "read", days_ago(2), now=NOW - timedelta(days=2))
    assert "<b>1</b> time<" in said(days_ago(2))
    recording.tick(user, "read", yesterday, now=NOW - timedelta(days=1))
    assert "<b>2</b> times, 1 of 1 planned<" in said(yesterday)
    recording.untick(user, "read", days_ago(2), now=NOW)
    assert "<b>1</b> of 1 planned<" in said(TODAY)


def test_a_streak_of_none_says_rebuild() -> None:
    water = SIXTY.of("read")
    broken = Record(lived(60), TODAY + timedelta(days=3)).of("read")
    assert "<b>rebuild</b>" not in habit_page.numbers(water, EN)
    assert "<b>rebuild</b>" in habit_page.numbers(broken, EN)


def test_each_plan_stands_with_what_was_done_under_it() -> None:
    user = lived(40)
    planning.change_schedule(
        user, "read", planning.on_weekdays(days_ago(10), [0, 2]), from_day=days_ago(10), today=days_ago(10)
    )
    planning.pause(user, days_ago(30), days_ago(28), habit="read")
    one = Record(user, TODAY).of("read")
    said = habit_plans.plans_through_time(one, user, EN)
    for first, last in ((one.first, days_ago(11)), (days_ago(10), TODAY)):
        done, of = one.rate(first, last)
        assert f"{done} of {of}, " in said
    assert said.index("Every Monday and Wednesday") < said.index("Paused") < said.index("Every day")
    picture = strength.curve(one, EN)
    assert 'class="change"' in picture
    assert 'class="pause"' in picture


@given(st.integers(1, 60))
def test_where_xp_came_from_adds_up_to_the_xp_of_each_day(days: int) -> None:
    record = Record(lived(days), TODAY)
    earned = xp_history.earned_by_day(record)
    assert {day: one.total for day, one in earned.items()} == record.xp_by_day
    assert xp_history.earned_in_all(record) == xp_history.total(earned, date.min, date.max)
    monday = week_start(TODAY)
    week = sum(xp for day, xp in record.xp_by_day.items() if day >= monday)
    assert xp_history.total(earned, monday, TODAY).total == week
    assert f"{week} of them this week" in xp_history.picture(record, EN)


def test_every_number_on_progress_has_something_behind_it(store: Store) -> None:
    said = words_on(look_at("progress", store, lived(60)))
    for summary in ("why?", "every time", "how is this computed?", "This week, day by day", "The year in numbers"):
        assert f"<summary>{summary}<" in said
    assert len(re.findall("<figure", said)) == len(re.findall('role="img" aria-label="[^"]', said))


@pytest.mark.parametrize("screen", ["progress", "habit_page", "coaching", "today", "together"])
def test_no_two_lines_to_open_buttons_or_links_of_a_screen_are_heard_by_one_name(screen: str, store: Store) -> None:
    user, now = now_living(60)
    today = today_of(user, now)
    for ago in (9, 19):
        planning.pause(user, today - timedelta(days=ago + 1), today - timedelta(days=ago), habit="read")
    planning.add_habit(user, "Old two", planning.every_day(today), today=today)
    planning.archive_habit(user, "old-two", today=today)
    at = look_at(screen, store, user, now)
    opened = re.findall("<summary>(.+?)</summary>", words_on(at))
    names = [re.sub("<.+?>", "", name) for name in opened] + [one.label for one in (*at.button, *at.expander)]
    names += [link.proto.label for link in at.get("page_link")]
    assert [name for name in names if names.count(name) > 1] == []
    assert not any(name == _(whys.WHY) for name in names)


def test_months_beside_each_other_show_the_days_of_both(store: Store) -> None:
    said = words_on(look_at("progress", store, lived(60)))
    november, october = (SIXTY.of("read").rate(day.replace(day=1), day) for day in (TODAY, TODAY.replace(month=10)))
    assert "<b>November: {} of {}</b>".format(*november) in said
    assert "<b>October: {} of {}</b>".format(*october) in said


# --- what the page lets one do


def test_a_day_is_mended_and_written_on_there(store: Store) -> None:
    user, now = now_living(20)
    day = today_of(user, now) - timedelta(days=5)
    user.completions["read"].pop(day, None)
    at = look_at("habit_page", store, user, now)
    at.date_input(key=f"{habit_day.DAY}_read").set_value(day).run()
    at.button(key="habit_tick").click().run()
    at.text_area(key=f"habit_note_read_{day}").input("on <b>paper</b>").run()
    kept = store.read(user.user_id).completions["read"][day]
    assert (kept.source, kept.note) == ("backfill", "on <b>paper</b>")
    assert "on &lt;b&gt;paper&lt;/b&gt;" in words_on(at)
    at.button(key="habit_tick").click().run()
    assert day not in store.read(user.user_id).completions["read"]
    assert not at.exception


def test_one_habit_is_paused_archived_and_restored_there(store: Store) -> None:
    user, now = now_living(20)
    at = look_at("habit_page", store, user, now)
    at.button(key="habit_pause").click().run()
    kept = store.read(user.user_id)
    assert [(pause.habit, pause.start > today_of(user, now)) for pause in kept.pauses] == [("read", True)]
    at.button(key="habit_resume").click().run()
    assert store.read(user.user_id).pauses == []
    at.button(key="habit_archive").click().run()
    at.query_params["habit"] = "read"
    at.run()
    assert "archived on" in words_on(at)
    at.button(key="habit_restore").click().run()
    assert store.read(user.user_id).habit("read").archived_on is None


def test_the_form_opens_on_the_page_of_its_habit_alone(store: Store) -> None:
    at = look_at("habit_page", store, lived(20))
    at.button(key="habit_edit").click().run()
    assert [button.label for button in at.button if button.key == "habit_save"] == ["Save"]
    at.query_params["habit"] = "water"
    at.run()
    assert not [button for button in at.button if button.key == "habit_save"]
    assert not at.exception


def test_a_pause_declared_by_mistake_is_taken_out(store: Store) -> None:
    user, now = now_living(20)
    today = today_of(user, now)
    planning.pause(user, today - timedelta(days=9), today - timedelta(days=5), habit="read")
    before = (
        Record(lived(20, now, timezone=user.coaching_profile.timezone), today)
        .of("read")
        .rate(user.created_at.date(), today)
    )
    at = look_at("habit_page", store, user, now)
    at.button(key="habit_unpause_0").click().run()
    kept = store.read(user.user_id)
    assert kept.pauses == []
    assert Record(kept, today).of("read").rate(user.created_at.date(), today) == before


def test_a_number_is_entered_there_and_the_xp_that_moved_is_said(store: Store) -> None:
    user, now = now_living(20)
    day = today_of(user, now) - timedelta(days=5)
    user.completions["water"].pop(day, None)
    before = Record(user, today_of(user, now)).xp
    at = look_at("habit_page", store, user, now)
    at.query_params["habit"] = "water"
    at.run()
    at.date_input(key=f"{habit_day.DAY}_water").set_value(day).run()
    at.number_input(key=f"habit_value_water_{day}").set_value(9.0).run()
    kept = store.read(user.user_id)
    assert kept.completions["water"][day].value == 9
    assert f"{Record(kept, today_of(kept, now)).xp - before:+,} XP" in words_on(at)


# --- order and groups


def grouped() -> User:
    user = a_person(3)
    for name, group in (("A", "Morning"), ("B", "Evening"), ("C", "Morning"), ("D", "")):
        planning.add_habit(user, name, planning.every_day(days_ago(3)), today=days_ago(3), group=group)
    return user


def order(user: User) -> list[str]:
    return [habit.name for habit in planning.in_groups(user.habits)]


def test_habits_of_a_group_stand_together_and_move_among_each_other() -> None:
    user = grouped()
    assert order(user) == ["A", "C", "B", "D"]
    planning.move_habit(user, "c", up=True)
    assert order(user) == ["C", "A", "B", "D"]
    planning.move_habit(user, "b", up=True)
    assert order(user) == ["C", "A", "B", "D"]
    planning.move_group(user, "Morning", up=False)
    assert order(user) == ["B", "C", "A", "D"]
    planning.move_group(user, "Morning", up=False)
    assert order(user) == ["B", "D", "C", "A"]


def test_habits_and_groups_are_ordered_in_one_place_on_today(store: Store) -> None:
    at = look_at("today", store, grouped())
    at.button(key="order_a_down").click().run()
    assert order(store.read("ana-3f9a1c")) == ["C", "A", "B", "D"]
    at.button(key=f"order_group_{habit_order.group_key('Evening')}_up").click().run()
    assert order(store.read("ana-3f9a1c")) == ["B", "C", "A", "D"]
    assert at.button(key="order_b_up").disabled


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.booleans()), max_size=8))
def test_no_moving_loses_a_habit_or_takes_it_out_of_its_group(moves: list[tuple[str, bool, bool]]) -> None:
    user = grouped()
    groups = {habit.id: habit.group for habit in user.habits}
    for habit, up, whole in moves:
        if whole:
            planning.move_group(user, groups[habit], up=up)
        else:
            planning.move_habit(user, habit, up=up)
    assert {habit.id: habit.group for habit in user.habits} == groups
    together = [habit.group for habit in planning.in_groups(user.habits)]
    assert len([n for n in range(1, 4) if together[n] != together[n - 1]]) == 2


def test_the_grid_knows_each_habit_by_its_group() -> None:
    record = Record(grouped(), TODAY)
    assert [grid.grid_row(one, [TODAY], EN)["group"] for one in record.active] == ["Morning", "Evening", "Morning", ""]


def test_a_group_is_chosen_in_the_form(store: Store) -> None:
    user = lived(20)
    user.habit("water").group = "Evening"
    at: AppTest = look_at("habit_page", store, user)
    at.button(key="habit_edit").click().run()
    next(box for box in at.selectbox if box.label == "Its group on Today").set_value("Evening").run()
    at.button(key="habit_save").click().run()
    assert store.read("ana-3f9a1c").habit("read").group == "Evening"


# --- Day 30


@pytest.mark.parametrize(("day", "offered"), [(29, False), (30, True), (60, True), (61, False)])
def test_what_opens_on_day_30_is_offered_for_a_month(store: Store, day: int, offered: bool) -> None:
    assert offers.is_offered(Record(lived(day), TODAY)) is offered
    assert ("From building to keeping" in words_on(look_at("progress", store, lived(day)))) is offered


def test_from_day_30_each_habit_is_said_to_be_kept_or_built() -> None:
    early = Record(lived(29), TODAY)
    assert {offers.stage(early, one) for one in early.active} == {""}
    for one in SIXTY.active:
        assert offers.stage(SIXTY, one) in progress.card(one, EN, offers.stage(SIXTY, one))
        assert offers.stage(SIXTY, one) == ("keeping" if offers.is_kept(one) else "building")


def test_a_number_that_is_reached_on_few_days_is_still_being_built() -> None:
    user = a_person(60)
    planning.add_habit(
        user,
        "Water",
        planning.every_day(days_ago(60)),
        today=days_ago(60),
        target=Target(at_least=8, unit="glasses"),
    )
    for n in range(60):
        recording.tick(user, "water", days_ago(n), now=NOW, value=7)
    [water] = Record(user, TODAY).active
    assert water.strength >= offers.KEPT_FROM
    assert offers.stage(Record(user, TODAY), water) == "building"


def test_settled_habits_are_kept_and_the_others_built() -> None:
    said = offers.words(SIXTY)
    for one in SIXTY.active:
        group = "settled" if offers.is_kept(one) else "being built"
        assert re.search(rf"{one.habit.name}[^.]*{group}", said)


def test_a_delicate_habit_is_neither_settled_nor_being_built() -> None:
    user = lived(60)
    user.habit("water").name, user.habit("read").name = "No sugar", "Sleep 8 hours"
    record = Record(user, TODAY)
    delicate = [one for one in record.active if tier_of(one) is not None]
    assert "No sugar" in {one.habit.name for one in delicate}
    assert {offers.stage(record, one) for one in delicate} == {""}
    for sentence in offers.words(record).split(". "):
        if "settled" in sentence or "being built" in sentence:
            assert not any(one.habit.name in sentence for one in delicate)


def test_the_hero_compares_the_same_days_of_both_months() -> None:
    done, of = SIXTY.rate(TODAY.replace(day=1), TODAY)
    then, of_then = SIXTY.rate(TODAY.replace(month=10, day=1), TODAY.replace(month=10))
    said = progress.hero(SIXTY, EN)
    assert f"{done} of {of}. By Oct {NOW.day} it was {then} of {of_then}" in said


# --- what the coach does with it


def test_the_page_says_why_the_coach_is_careful_and_takes_the_persons_word_back_and_forth(store: Store) -> None:
    user = a_person(20)
    planning.add_habit(user, "Lift weights", planning.times_per(days_ago(20), 3, "week"), today=days_ago(20))
    at = look_at("habit_page", store, user)
    assert "food or weight" in words_on(at)
    at.button(key="habit_lift_food").click().run()
    assert store.read(user.user_id).habits[0].lifted == ["food"]
    assert "you said that this is fine" in words_on(at)
    at.button(key="habit_careful_food").click().run()
    assert store.read(user.user_id).habits[0].lifted == []
    assert "food or weight" in words_on(at)


def test_words_of_self_harm_offer_nothing_to_lift(store: Store) -> None:
    user = a_person(20)
    planning.add_habit(user, "Stop self-harm", planning.every_day(days_ago(20)), today=days_ago(20))
    at = look_at("habit_page", store, user)
    assert "findahelpline.com" in words_on(at)
    assert not any(str(button.key).startswith("habit_lift") for button in at.button)


def test_what_runs_and_what_was_taken_up_is_stopped_on_the_habits_page(store: Store) -> None:
    user, now = now_living(30)
    today = today_of(user, now)
    user.habits[0].note_until, user.habits[0].rate_until = today, today + timedelta(days=27)
    user.habits[0].cue = "pour the coffee"
    taken = {"day": (today - timedelta(days=9)).isoformat(), "done": "Its cue: pour the coffee"}
    applied = {**taken, "was": {"cue": "", "now": "pour the coffee"}}
    given = {"id": "stack", "technique": "stack", "action": "set_cue", "habit": "read", "day": taken["day"]}
    user.coaching_insights.given.append({**given, "channel": "screen", "applied": applied})
    at = look_at("habit_page", store, user, now)
    assert "Today asks for a note" in words_on(at)
    at.button(key="habit_go_on_note_until").click().run()
    assert store.read(user.user_id).habits[0].note_until == today + timedelta(days=13)
    assert read_out(at)[:1] == ["Two weeks from today: done."]
    for key, label in (
        ("habit_stop_note_until", "Stop asking"),
        ("habit_stop_rate_until", "Show the streak"),
        ("habit_back_0", "Take it back"),
    ):
        at.button(key=key).click().run()
        assert read_out(at)[:1] == [f"{label}: done."]
    habit = store.read(user.user_id).habits[0]
    assert (habit.note_until, habit.rate_until, habit.cue) == (None, None, "")
    assert "What I do with it" not in words_on(at)
