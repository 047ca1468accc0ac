"""Advice taken up with one tap: what changes, that twice is once, and that it can be taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from catalogues import find_catalogues
from core.catalogue import speaking
from core.coach.advising.applying import apply, change_for, done_said, may_take_back, take_back
from core.coach.advising.offers import TRY, go_on, stop
from core.models import Completion, User
from core.patterns import Finding
from core.progress import Record
from core.recording import RecordingError
from tests.cast import a_habit, a_person, day, thrice_a_week, tick

find_catalogues()
TODAY = 40  # a Saturday
WEEKENDS = [{"label": "weekdays", "done": 28, "of": 30}, {"label": "weekends", "done": 1, "of": 10}]


def given(action: str, habit: str = "meditation", technique: str = "") -> dict[str, Any]:
    head = {"id": "a-piece", "technique": technique, "action": action, "habit": habit}
    return {**head, "day": day(38).isoformat(), "channel": "screen"}


def found(kind: str, habit: str = "meditation", **evidence: Any) -> Finding:
    return Finding(kind, habit, "established", date(2024, 1, 20), evidence)


def somebody(schedule: Any = None, **known: Any) -> User:
    habit = a_habit(schedule=schedule) if schedule else a_habit()
    return tick(a_person(habit, a_habit("Read"), **known), "meditation", range(0, TODAY, 2))


def taken_up(
    user: User, one: dict[str, Any], said: str = "", findings: tuple[Finding, ...] = (), n: int = TODAY
) -> str:
    """The button that was tapped."""
    if one not in user.coaching_insights.given:
        user.coaching_insights.given.append(one)
    change = change_for(Record(user, day(n)), one, findings)
    apply(user, one, change, said, today=day(n))
    return change.button


CASES: dict[str, tuple[dict[str, Any], str, tuple[Finding, ...], Any, str]] = {
    "cue": (given("set_cue"), "I pour the coffee", (), None, "Set a cue"),
    "short version": (given("split_two_minute"), "sit down, ten breaths", (), None, "Make it two minutes"),
    "hour": (given("add_time"), "07:15", (), None, "Give it an hour"),
    "weekend hour": (given("add_time", technique="own-weekend"), "09:30", (), None, "Give it an hour on weekends"),
    "moved hour": (given("move_time"), "06:40", (), None, "Give it an hour"),
    "fewer days": (given("lower_frequency"), "", (), None, "Plan 3 times a week"),
    "a day more": (given("add_day"), "", (), thrice_a_week(), "Plan 4 times a week"),
    "no weekend": (given("drop_weekday"), "", (found("weekend_weak", groups=WEEKENDS),), None, "Plan Monday to Friday"),
    "no Sunday": (given("drop_weekday"), "", (found("weak_day", weekday=6),), None, "Plan without Sunday"),
    "Monday": (given("restart_on"), "", (), None, "Begin on Monday"),
    "letters": (given("fewer_reminders"), "", (), None, "A digest every second day"),
    "habit": (given("add_habit", habit=""), "Sail", (), None, "Add a habit"),
    "note": (given("ask_note"), "", (), None, "Ask me for a note"),
    "share": (given("show_rate_first"), "", (), None, "Show the share first"),
    "rest of one habit": (given("pause"), "7", (), None, "Pause it"),
    "rest": (given("pause", habit=""), "14", (), None, "Pause everything"),
    "rest of a chosen habit": (given("pause_one", habit=""), "Read", (), None, "Let one rest"),
    "message": (given("invite_partner"), "", (), None, TRY),
    "nothing to change": (given(""), "", (), None, TRY),
}


@pytest.mark.parametrize("name", CASES)
def test_one_tap_does_what_its_button_says_twice_is_once_and_it_can_be_taken_back(name):
    one, said, findings, schedule, button = CASES[name]
    user, one = somebody(schedule), dict(one)
    user.coaching_insights.given.append(one)
    before = user.to_json()
    assert taken_up(user, one, said, findings) == button
    after = user.to_json()
    assert (after["habits"], after["pauses"], after["coaching_profile"]) != (
        before["habits"],
        before["pauses"],
        before["coaching_profile"],
    ) or button == TRY
    taken_up(user, one, "something else", findings)
    assert user.to_json() == after
    in_english = done_said(one, "en")
    with speaking("de"):
        assert done_said(one, "de") != in_english
    assert (done_said(one, "en"), "{" in in_english) == (in_english, False)
    assert User.model_validate(after).to_json() == after
    assert may_take_back(one, day(TODAY))
    take_back(user, one, today=day(TODAY))
    assert user.to_json() == before


def test_the_plan_changes_from_the_next_day_on_and_the_past_keeps_its_own():
    user = somebody()
    one = given("drop_weekday")
    taken_up(user, one, findings=(found("weak_day", weekday=6),))
    habit = Record(user, day(TODAY + 7)).habits[0]
    assert day(34) in habit.due
    assert day(TODAY + 1) not in habit.due
    take_back(user, one, today=day(TODAY + 5))
    habit = Record(user, day(TODAY + 14)).habits[0]
    assert [day(TODAY + 1) in habit.due, day(TODAY + 8) in habit.due] == [False, True]


def test_what_was_changed_since_by_hand_stays_when_a_tap_is_taken_back():
    user, one = somebody(), given("set_cue")
    taken_up(user, one, "I pour the coffee")
    user.habits[0].cue = "I brush my teeth"
    take_back(user, one, today=day(TODAY))
    assert user.habits[0].cue == "I brush my teeth"
    assert "applied" not in one


def test_an_added_habit_with_a_tick_is_archived_instead_of_lost():
    user, one = somebody(), given("add_habit", habit="")
    taken_up(user, one, "Sail")
    user.entries("sail")[day(TODAY)] = Completion()
    take_back(user, one, today=day(TODAY))
    assert user.habit("sail").archived_on == day(TODAY)
    assert day(TODAY) in user.entries("sail")


def test_the_main_habit_is_proposed_by_its_name_while_it_is_not_tracked():
    user = somebody(profile={"main_habit": "Sail"})
    assert change_for(Record(user, day(TODAY)), given("add_habit", habit="")).proposal == "Sail"
    assert change_for(Record(somebody(), day(TODAY)), given("add_habit", habit="")).proposal == ""


def test_an_action_that_would_change_nothing_is_not_offered():
    record = Record(somebody(), day(TODAY))
    for action in ("drop_weekday", "add_day", "set_target", ""):
        assert change_for(record, given(action)).button == TRY
    assert change_for(record, given("set_cue", habit="gone")).button == TRY
    weekly = somebody()
    weekly.coaching_profile.letters.every = 7
    assert change_for(Record(weekly, day(TODAY)), given("fewer_reminders")).button == TRY
    daily = tick(a_person(), "meditation", range(TODAY))
    assert change_for(Record(daily, day(TODAY)), given("lower_frequency")).button == TRY


@pytest.mark.parametrize(("action", "said"), [("set_cue", "  "), ("set_cue", "x" * 201), ("add_time", "noon")])
def test_what_cannot_be_kept_is_refused_kindly_and_changes_nothing(action, said):
    user, one = somebody(), given(action)
    user.coaching_insights.given.append(one)
    before = user.to_json()
    with pytest.raises(RecordingError):
        taken_up(user, one, said)
    assert user.to_json() == before


def test_what_is_taken_up_is_measured_anew():
    user, one = somebody(), {**given("set_cue"), "outcome": {"state": "known", "before": [1, 7], "after": [2, 7]}}
    taken_up(user, one, "I pour the coffee")
    assert one["applied"]["day"] == day(TODAY).isoformat()
    assert done_said(one, "en") == "Its cue: I pour the coffee"
    with speaking("de"):
        assert done_said(one, "de") == "Auslöser: I pour the coffee"
        earlier = {**one, "applied": {"day": one["applied"]["day"], "done": "Its cue: {odd} words"}}
        assert done_said(earlier, "de") == "Its cue: {odd} words"
        assert done_said({**one, "applied": {}}, "de") == "Du probierst das gerade"
    assert "outcome" not in one


@pytest.mark.parametrize("said", ["pour the coffee", "I pour the coffee", "After I pour the coffee"])
def test_a_cue_is_kept_as_it_stands_after_the_words_after_i(said):
    user = somebody()
    taken_up(user, given("set_cue"), said)
    assert user.habits[0].cue == "pour the coffee"


def test_the_habit_that_goes_before_is_proposed_as_a_cue():
    linked = found("cooccur", habits=["read", "meditation"])
    assert change_for(Record(somebody(), day(TODAY)), given("set_cue"), [linked]).proposal == "read"


def counting(target: dict[str, Any], values: tuple[float, ...]) -> User:
    user = a_person(a_habit("Water", target=target))
    user.completions["water"] = {day(TODAY - len(values) + n): Completion(value=v) for n, v in enumerate(values)}
    return user


NUMBERS: dict[str, tuple[dict[str, Any], str, tuple[float, ...], str]] = {
    "half": ({"at_least": 8, "unit": "glasses"}, "part-counts", (3, 4, 4, 5, 8, 9), "4"),
    "what was reached on half of the days": ({"at_least": 8}, "raise", (8, 8, 9, 10, 11, 12), "10"),
    "a step up": ({"at_least": 20}, "raise", (20, 20, 20, 20, 20), "22"),
    "the line that holds on three of four days": ({"at_most": 2}, "loosen", (1, 2, 3, 3, 3, 3, 3, 6), "3"),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_is_proposed_from_the_own_record_and_the_past_keeps_its_own(name):
    target, technique, values, proposal = NUMBERS[name]
    user, one = counting(target, values), given("set_target", "water", technique)
    before, judged = user.to_json(), Record(user, day(TODAY)).habits[0].done
    change = change_for(Record(user, day(TODAY)), one)
    assert (change.proposal, change.why != "") == (proposal, True)
    user.coaching_insights.given.append(one)
    taken_up(user, one, proposal)
    stored = User.model_validate(user.to_json())
    assert stored.to_json() == user.to_json()
    assert (number := stored.habit("water").target) is not None
    assert f"{number.at_least or number.at_most:g}" == proposal
    record = Record(stored, day(TODAY)).habits[0]
    assert record.done == judged
    take_back(user, one, today=day(TODAY))
    assert user.to_json()["habits"] == before["habits"]


def test_no_higher_number_is_proposed_where_the_one_of_now_is_out_of_reach_on_most_days():
    user = counting({"at_least": 8}, (3, 4, 4, 5, 8, 9))
    assert change_for(Record(user, day(TODAY)), given("set_target", "water", "raise")).button == TRY


def test_a_number_taken_back_later_leaves_the_days_between_as_they_were_judged():
    user, one = counting({"at_least": 8}, (3, 4, 4, 5, 8, 9)), given("set_target", "water", "part-counts")
    taken_up(user, one, "4")
    user.entries("water")[day(TODAY)] = Completion(value=5)
    take_back(user, one, today=day(TODAY + 3))
    user.entries("water")[day(TODAY + 3)] = Completion(value=5)
    done = Record(user, day(TODAY + 3)).habits[0].done
    assert day(TODAY) in done
    assert day(TODAY + 3) not in done


def test_a_pause_taken_back_later_ends_the_day_before_and_no_other_is_touched():
    user, one = somebody(), given("pause", habit="")
    taken_up(user, one, "7")
    other = User.model_validate(user.to_json()).pauses[0]
    other.to = day(TODAY + 20)
    user.pauses.append(other)
    take_back(user, one, today=day(TODAY + 3))
    assert [pause.to for pause in user.pauses] == [day(TODAY + 2), day(TODAY + 20)]


def test_a_message_names_the_habit_and_is_sent_by_nobody_but_the_person():
    send = change_for(Record(somebody(), day(TODAY)), given("invite_partner")).send
    assert send.startswith("mailto:?subject=Meditation&body=")


@pytest.mark.parametrize("said", ["0", "91", "soon", "-3"])
def test_a_pause_is_of_a_sensible_number_of_days(said):
    user, one = somebody(), given("pause")
    user.coaching_insights.given.append(one)
    with pytest.raises(RecordingError):
        taken_up(user, one, said)
    assert not user.pauses


@pytest.mark.parametrize(("minute", "asks"), [(1229, False), (1230, True), (30, True), (400, False)])
def test_a_late_hour_of_the_record_is_asked_about_before_it_is_planned(minute, asks):
    user = somebody()
    user.coaching_insights.timing_issues["meditation"] = {"minute": minute}
    why = change_for(Record(user, day(TODAY)), given("add_time")).why
    assert ("Is so late an hour one you want?" in why) is asks


@pytest.mark.parametrize(
    ("action", "what", "days"), [("ask_note", "note_until", 14), ("show_rate_first", "rate_until", 28)]
)
def test_what_runs_for_a_while_ends_by_itself_and_can_be_stopped_or_go_on(action, what, days):
    user, one = somebody(), given(action)
    taken_up(user, one)
    mine = user.habits[0]
    holds = mine.asks_note_on if what == "note_until" else mine.shows_rate_on
    assert [holds(day(TODAY + n)) for n in (0, days - 1, days)] == [True, True, False]
    assert change_for(Record(user, day(TODAY + days - 1)), given(action)).button == TRY
    assert change_for(Record(user, day(TODAY + days)), given(action)).button != TRY
    go_on(mine, what, day(TODAY + 5))
    assert holds(day(TODAY + 5 + days - 1))
    stop(mine, what)
    assert not holds(day(TODAY))
    take_back(user, one, today=day(TODAY + 6))
    assert not holds(day(TODAY))


def test_what_was_prolonged_by_hand_stays_when_the_tap_is_taken_back():
    user, one = somebody(), given("ask_note")
    taken_up(user, one)
    go_on(user.habits[0], "note_until", day(TODAY + 5))
    take_back(user, one, today=day(TODAY + 6))
    assert user.habits[0].asks_note_on(day(TODAY + 6))
