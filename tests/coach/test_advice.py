"""The choice of advice: nothing twice, nothing contradictory, each line under its condition."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.advice import Piece, tip_for
from core.models import OBSTACLES, Completion, Pause, User
from core.patterns import Finding
from tests.advice_cast import EVIDENCE, LIBRARY, found, ids, pieces_for, remember, stances
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    example_student,
    moment,
    nth_day,
    with_profile,
)


def test_the_choice_is_the_same_for_the_same_person_day_and_record() -> None:
    user = example_student()
    findings = [found("weak_day", "study-coding"), found("varied_time", "read-20-pages")]
    first = pieces_for(user, 28, findings)
    assert len(first) >= 4
    assert pieces_for(User.model_validate(user.to_json()), 28, list(reversed(findings))) == first


def test_one_piece_a_habit_comes_before_a_second_one_of_any() -> None:
    pieces = pieces_for(example_student(), 28, [found("weak_day", "study-coding")])
    assert {piece.habit for piece in pieces[:2]} == {"study-coding", "read-20-pages"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_in_sixty_days_nothing_is_said_twice(example: Any) -> None:
    user = example(days=61)
    habit = user.habits[0].id
    kinds = ["usual_time", "weekend_weak", "weak_day", "momentum_lost", "too_ambitious"]
    said: list[tuple[int, Piece]] = []
    for n in range(14, 61):
        findings = [found(kind, habit) for kind in kinds[: 1 + n // 14]]
        for piece in pieces_for(user, n, findings)[:1]:
            said.append((n, piece))
            remember(user, piece, n)
    assert len(said) >= 8
    assert len({(piece.id, piece.habit) for _, piece in said}) == len(said)
    for (earlier, one), (later, other) in combinations(said, 2):
        if one.habit == other.habit and later - earlier < 30:
            assert one.technique != other.technique
            assert {LIBRARY.techniques[p.technique].stance for p in (one, other)} != {"more", "less"}


@settings(max_examples=40, deadline=None)
@given(
    example=st.sampled_from(EXAMPLES),
    obstacle=st.sampled_from(OBSTACLES),
    kinds=st.lists(st.tuples(st.sampled_from(sorted(EVIDENCE)), st.integers(0, 1)), max_size=8),
    status=st.lists(st.sampled_from(["hot", "building", "needs restart", "new"]), min_size=2, max_size=2),
    n=st.sampled_from([14, 21, 30]),
)
def test_no_list_contradicts_or_repeats_itself(
    example: Any, obstacle: str, kinds: list[tuple[str, int]], status: list[str], n: int
) -> None:
    user = with_profile(example(), biggest_obstacle=obstacle)
    names = [habit.id for habit in user.habits]
    evidence = {"habits": names}
    findings = [Finding(f.kind, f.habit, f.confidence, f.since, {**f.evidence, **evidence}) for f in
                (found(kind, names[i]) for kind, i in kinds)]  # fmt: skip
    pieces = pieces_for(user, n, findings, dict(zip(names, status, strict=True)))
    assert len(ids(pieces)) == len({piece.technique for piece in pieces}) == len(pieces)
    assert not any({"more", "less"} <= said for said in stances(pieces).values())
    assert sum(bool(LIBRARY.source_of(piece.id)) for piece in pieces) <= 1
    for piece in pieces:
        assert "{" not in piece.text + piece.because
        entry = LIBRARY.by_id[piece.id]
        assert not entry.obstacles or obstacle in entry.obstacles


def test_a_plan_taken_up_keeps_other_plans_away_until_its_outcome() -> None:
    user = with_profile(example_student(), biggest_obstacle="Remembering")
    plan = next(p for p in pieces_for(user, 20) if LIBRARY.techniques[p.technique].family == "cue")

    def families() -> set[str]:
        return {LIBRARY.techniques[piece.technique].family for piece in pieces_for(user, 22)}

    remember(user, plan, 20, applied="2026-11-22")
    assert families().isdisjoint({"plan", "cue"})
    user.coaching_insights.given[-1]["outcome"] = {"before": [3, 7], "after": [5, 7]}
    assert families() & {"plan", "cue"}


def test_a_habit_that_is_fine_hears_insights_and_one_offer_a_quarter() -> None:
    user = example_runner()
    findings = [found("usual_time", "daily-run")]
    own = [piece for piece in pieces_for(user, 28, findings) if piece.habit == "daily-run"]
    offers = [piece for piece in own if not LIBRARY.techniques[piece.technique].insight]
    assert {piece.technique for piece in offers} <= {"stack", "fade", "raise", "widen", "with-friend"}
    remember(user, offers[0], 28)
    later = [piece for piece in pieces_for(user, 30, findings) if piece.habit == "daily-run"]
    assert later
    assert all(LIBRARY.techniques[piece.technique].insight for piece in later)


def test_archived_and_paused_habits_hear_nothing() -> None:
    user = example_student()
    archived = user.habits[1].model_copy(update={"archived_on": nth_day(user, 20)})
    user.habits[1] = archived
    user.pauses.append(Pause(start=nth_day(user, 27), to=nth_day(user, 29), habit="study-coding"))
    assert {piece.habit for piece in pieces_for(user, 26)} == {"study-coding"}
    assert {piece.habit for piece in pieces_for(user, 28)} <= {""}


def test_nothing_is_advised_on_fewer_than_ten_counted_days() -> None:
    user = example_student(days=9)
    assert pieces_for(user, 9, [found("varied_time", "study-coding")]) == []
    fresh = user.habits[1].model_copy(update={"created_on": nth_day(user, 5), "id": "fresh", "name": "Fresh air"})
    user.habits[1] = fresh
    assert ids(pieces_for(user, 8, status={"fresh": "new"})) == {"moment-for-the-new-one"}


def test_whoever_is_away_or_barely_back_hears_no_advice() -> None:
    user = example_runner(days=20)
    assert pieces_for(user, 26) == []
    user.entries("daily-run")[nth_day(user, 26)] = Completion(at=moment(user, 26, "06:15"))
    assert pieces_for(user, 28) == []


def test_an_early_sign_is_no_ground_for_advice() -> None:
    user = example_meditator()
    early = pieces_for(user, 28, [found("weekend_weak", "meditation", "early")])
    sure = pieces_for(user, 28, [found("weekend_weak", "meditation")])
    assert "weekend-routine" in ids(sure) - ids(early)


# The lines of the user's own examples, each under its condition


def test_stacking_with_coffee_needs_a_usual_hour_in_the_morning() -> None:
    user = example_runner()
    said = {piece.id: piece.text for piece in pieces_for(user, 14, [found("usual_time", "daily-run")])}
    assert said["stack-with-coffee"].startswith("Daily run: You usually do this at 6:15 AM. Try stacking with coffee")
    assert "stack-with-coffee" not in ids(pieces_for(user, 14))
    late = Finding("usual_time", "daily-run", "established", date(2026, 11, 15), {"minute": 1200, "within30": [9, 9]})
    assert "stack-with-coffee" not in ids(pieces_for(user, 14, [late]))


def test_strength_work_needs_thirteen_of_fourteen_and_no_pain() -> None:
    user = example_runner()
    said = {piece.id: piece.text for piece in pieces_for(user, 14, [found("usual_time", "daily-run")])}
    assert said["locked-in"].startswith("Morning runs are locked in ✅. Let's add strength work on weekends.")
    assert "locked-in" not in ids(pieces_for(with_profile(user, biggest_obstacle="Perfectionism"), 14))
    note = user.completions["daily-run"][nth_day(user, 5)].model_copy(update={"note": "my knee hurts"})
    hurt = user.model_copy(deep=True)
    hurt.entries("daily-run")[nth_day(user, 5)] = note
    assert "locked-in" not in ids(pieces_for(hurt, 14))
    for n in (11, 12):
        del user.completions["daily-run"][nth_day(user, n)]
    assert "locked-in" not in ids(pieces_for(user, 14))


def test_ship_and_the_study_group_are_for_learning_people_who_want_it_flawless() -> None:
    user = example_student()
    said = {piece.id: piece for piece in pieces_for(user, 14)}
    assert "Ship before it's perfect. Build in public" in said["ship-it"].text
    assert "8 of 12" in said["ship-it"].because
    assert "Join a study group for accountability." in said["study-group"].text
    assert ids(pieces_for(with_profile(user, biggest_obstacle="Time"), 14)).isdisjoint({"ship-it", "study-group"})
    assert "ship-it" not in ids(pieces_for(with_profile(user, life_goals=["Finances"]), 14))


def test_the_weekend_routine_needs_the_established_finding() -> None:
    user = example_meditator()
    said = {piece.id: piece for piece in pieces_for(user, 28, [found("weekend_weak", "meditation")])}
    assert said["weekend-routine"].text.startswith("Strong weekdays, weak weekends. Weekend routine?")
    assert said["weekend-routine"].because == "weekdays have 20 of 22 and weekends 3 of 14"
    assert "weekend-routine" not in ids(pieces_for(user, 28))
    lonely = pieces_for(user, 28)
    assert any(piece.text.startswith("Add accountability") for piece in lonely)


def test_a_main_habit_that_nobody_tracks_comes_first() -> None:
    user = with_profile(example_runner(), main_habit="Learn the cello")
    first = pieces_for(user, 14)[0]
    assert (first.text, first.action) == ("Your main habit isn't tracked: Learn the cello. Add it.", "add_habit")
    assert "add-the-main-habit" not in ids(pieces_for(with_profile(user, main_habit="daily  RUN"), 14))
    assert "add-the-main-habit" not in ids(pieces_for(with_profile(user, main_habit="Run"), 14))


def test_the_tip_of_the_day_is_about_no_habit_that_was_put_away() -> None:
    user = example_runner()
    assert "Daily run" in texts_of_tips(user)
    user.habits[0].archived_on = nth_day(user, 2)
    assert "Daily run" not in texts_of_tips(user)
    assert "Stretch" in texts_of_tips(user)
    user.habits[1].archived_on = nth_day(user, 2)
    assert texts_of_tips(user) == ""


def texts_of_tips(user: User) -> str:
    tips = (tip_for(LIBRARY, user, n) for n in range(14))
    return " ".join(tip.text for tip in tips if tip is not None)


def test_nobody_is_asked_to_add_the_main_habit_that_they_have_put_away() -> None:
    user = example_runner()
    user.habits[0].archived_on = nth_day(user, 12)
    assert "add-the-main-habit" not in ids(pieces_for(user, 14))


def test_too_ambitious_offers_the_plan_that_the_weeks_have_met() -> None:
    user = with_profile(example_student(), biggest_obstacle="Time")
    for n in range(0, 28, 4):
        user.completions["study-coding"].pop(nth_day(user, n), None)
    said = {piece.id: piece for piece in pieces_for(user, 28, [found("too_ambitious", "study-coding")])}
    assert "In 3 of your last 4 weeks it was 3 times or more. Set 3 times a week" in said["fewer-days-a-week"].text
    assert "12 of 26" in said["fewer-days-a-week"].because
    assert not {"one-bar-higher", "someone-who"} & ids(list(said.values()))


# What may not follow what


def test_the_share_is_offered_to_stand_in_front_for_each_habit_that_does_not_show_it() -> None:
    def offered(user: User, n: int, habit: str) -> bool:
        pieces = pieces_for(user, n, [found("weak_day", habit)])
        return any((piece.action, piece.habit) == ("show_rate_first", habit) for piece in pieces)

    user = example_student(days=61)
    assert offered(user, 20, "read-20-pages")
    assert offered(user, 20, "study-coding")
    user.habit("read-20-pages").rate_until = nth_day(user, 40)
    assert not offered(user, 40, "read-20-pages")
    assert offered(user, 40, "study-coding")
    assert offered(user, 41, "read-20-pages")


def test_an_offer_that_was_declined_never_comes_again() -> None:
    user = example_runner(days=200)
    locked = next(piece for piece in pieces_for(user, 40) if piece.id == "locked-in")
    remember(user, locked, 40, feedback="no")
    assert {"raise", "widen"}.intersection(piece.technique for piece in pieces_for(user, 180)) <= {"raise"}
    assert all(piece.technique != "widen" for piece in pieces_for(user, 180) if piece.habit == locked.habit)


def test_a_day_is_not_taken_off_twice_in_sixty_days() -> None:
    user = with_profile(example_meditator(days=120), biggest_obstacle="Time")
    given = {"id": "plan-of-weekdays", "technique": "drop-day", "habit": "meditation"}
    user.coaching_insights.given.append({**given, "day": nth_day(user, 40).isoformat()})
    day_off = [found("weak_day", "meditation")]
    assert "drop-day" not in {piece.technique for piece in pieces_for(user, 99, day_off)}
    assert "drop-day" in {piece.technique for piece in pieces_for(user, 101, day_off)}


def test_more_of_one_habit_does_not_follow_less_of_another_for_the_same_goal() -> None:
    user = example_runner(days=61)
    for n, habit in enumerate(user.habits):
        user.habits[n] = habit.model_copy(update={"goal": "Health & Fitness"})
    given = {"id": "before-the-mood", "technique": "two-min", "habit": "stretch", "day": nth_day(user, 20).isoformat()}
    user.coaching_insights.given.append(given)
    assert {"raise", "widen"}.isdisjoint(piece.technique for piece in pieces_for(user, 40))
    assert {"raise", "widen"}.intersection(piece.technique for piece in pieces_for(user, 52))


def test_a_weak_weekend_is_no_restart_on_monday() -> None:
    user = example_meditator()
    weak = [found("weekend_weak", "meditation")]
    monday = pieces_for(user, 14, weak, {"meditation": "needs restart"})
    assert {"the-next-one", "what-stands"}.isdisjoint(ids(monday))
    assert "the-next-one" in ids(pieces_for(user, 14, [], {"meditation": "needs restart"}))


def test_the_tone_is_the_person_s_and_playful_in_good_days_alone() -> None:
    user = example_runner()
    assert said_by(user, 28, "nothing-to-change") == "Stretch: 24 of 28 in four weeks. Nothing here needs changing."
    user.coaching_insights.given.extend({"id": "x", "day": nth_day(user, n).isoformat()} for n in (15, 18, 21))
    assert said_by(user, 28, "nothing-to-change").endswith("Inspector leaves whistling.")
    entry = user.completions["stretch"][nth_day(user, 22)].model_copy(update={"note": "the funeral"})
    user.entries("stretch")[nth_day(user, 22)] = entry
    heavy = pieces_for(user, 28)
    assert heavy[0].action == "pause"
    assert "Inspector" not in " ".join(piece.text for piece in heavy)


def said_by(user: User, n: int, name: str) -> str:
    return next(piece.text for piece in pieces_for(user, n) if piece.id == name)
