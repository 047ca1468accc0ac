import json
import math
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.coach.insights import HOUR_KINDS
from core.coach.statistics.day_kinds import WEEKEND_FAMILY
from core.coach.statistics.evidence import is_ready
from core.coach.statistics.hours import distance, timing
from core.coach.statistics.weekly import shape_is_over, weekly_evidence
from core.localtime import WEEKEND
from core.models import Completion, User
from core.patterns import ALPHA, find_patterns, log_threshold, told_before, window_of
from tests.cast import MONDAY, WEEKDAYS, a_habit, a_person, day, thrice_a_week
from tests.coach_cast import done_on, is_weekend, kinds, lived, told, watching, with_ordinary_habits

# Descriptions of the hour


def test_fourteen_mornings_make_a_usual_time_and_nothing_else() -> None:
    luck = random.Random(1)
    user = lived(a_person(), "meditation", {n: 375 + luck.randint(-6, 6) for n in range(14)})
    found = kinds(user, 14)
    assert found.keys() == {"usual_time"}
    evidence = found["usual_time"].evidence
    assert abs(evidence["minute"] - 375) <= 3
    assert evidence["within30"] == [14, 14]
    assert found["usual_time"].text == "Meditation: usually around 6:15 AM, 14 of 14 times within half an hour."
    assert timing([minute for _, minute in evidence["times"]]).score < 0.2


def test_a_time_around_midnight_is_a_usual_time() -> None:
    minutes = [1435, 1442, 1430, 1438, 1444, 1428, 1433, 1441, 1437, 1426, 1439, 1443, 1431, 1436]
    found = kinds(lived(a_person(), "meditation", dict(enumerate(minutes))), 14)
    assert found.keys() == {"usual_time"}
    assert distance(found["usual_time"].evidence["minute"], 1437) < 5
    assert timing([minute % 1440 for minute in minutes]).score < 0.25


def test_one_odd_day_does_not_matter() -> None:
    minutes = {n: 375 + n % 5 * 3 for n in range(14)} | {9: 1200}
    found = kinds(lived(a_person(), "meditation", minutes), 14)
    assert found["usual_time"].evidence["within30"] == [13, 14]
    assert "varied_time" not in found
    assert timing(list(minutes.values())).odd == 1
    assert timing(list(minutes.values())).score < 0.3


def test_times_all_over_the_day_are_said_to_vary() -> None:
    luck = random.Random(3)
    found = kinds(lived(a_person(), "meditation", {n: luck.gauss(780, 100) for n in range(30)}), 30)
    assert found.keys() == {"varied_time"}
    near, of = found["varied_time"].evidence["within30"]
    assert found["varied_time"].evidence["score"] > 0.5
    assert f"{near} of {of}" in found["varied_time"].text


def test_the_counts_of_a_usual_time_can_be_recounted_from_its_times() -> None:
    luck = random.Random(4)
    found = kinds(lived(a_person(), "meditation", {n: luck.gauss(400, 20) for n in range(40)}), 40)["usual_time"]
    near = sum(distance(minute, found.evidence["minute"]) <= 30 for _, minute in found.evidence["times"])
    assert found.evidence["within30"] == [near, 28]


# Weekends


def test_eight_of_ten_against_two_of_four_is_silence() -> None:
    user = with_ordinary_habits(done_on(set(range(14)) - {2, 8, 5, 13}), 1)
    assert not {"weekend_weak", "weekend_strong"} & {f.kind for f in find_patterns(user, day(14))}


def test_21_of_22_weekdays_against_1_of_8_weekend_days_is_a_pattern() -> None:
    days = {n for n in range(30) if not is_weekend(n) and n != 16} | {12}
    user = with_ordinary_habits(done_on(days), 2)
    early = kinds(user, 16)["weekend_weak"]
    assert early.confidence == "early"
    assert early.text.startswith("Too early to call, but worth watching: ")
    assert early.text.endswith(" Does that ring true?")
    stated = kinds(user, 30)["weekend_weak"]
    assert stated.confidence == "established"
    assert stated.since == day(30)
    assert stated.text == "Weekends are the hard part of Meditation: 21 of 22 weekdays, 1 of 8 weekend days."
    assert [(g["label"], g["done"], g["of"]) for g in stated.evidence["groups"]] == [
        ("weekdays", 21, 22),
        ("weekends", 1, 8),
    ]


def test_weekends_that_carry_a_habit_are_found_the_other_way_round() -> None:
    user = done_on(n for n in range(42) if is_weekend(n) or n % 7 == 2)
    found = kinds(user, 42)["weekend_strong"]
    assert found.text == "Weekends carry Meditation: 12 of 12 weekend days, 6 of 30 weekdays."


def test_a_bad_sunday_is_no_weak_weekend() -> None:
    user = with_ordinary_habits(done_on(n for n in range(60) if n % 7 != 6 and n not in (10, 31, 45)), 2)
    assert not any("weekend_weak" in kinds(user, today) for today in range(14, 61))


def test_a_good_saturday_is_no_strong_weekend() -> None:
    user = done_on(n for n in range(60) if n % 7 == 5 or n % 5 == 0)
    assert not any("weekend_strong" in kinds(user, today) for today in range(14, 61, 4))


def test_a_collapse_is_no_weak_weekend() -> None:
    days = set(range(25)) - {11} | {28, 35, 41}
    user = with_ordinary_habits(done_on(days), 2)
    assert not any("weekend_weak" in kinds(user, today) for today in range(14, 47))


def test_of_forty_steady_people_at_most_three_ever_hear_of_their_weekends() -> None:
    heard = 0
    for seed in range(40):
        luck = random.Random(seed)
        days = tuple((day(n), luck.random() < 0.7) for n in range(60))
        looks = [weekly_evidence(days[:n]) for n in range(14, 61)]
        heard += max(max(look.weekend_weak, look.weekend_strong) for look in looks) >= log_threshold(
            WEEKEND_FAMILY, 1, 0
        )
    assert heard <= 3


def test_the_bar_rises_with_the_habits_and_falls_with_what_was_found() -> None:
    assert log_threshold(WEEKEND_FAMILY, 1, 0) == pytest.approx(math.log(100))
    assert log_threshold(WEEKEND_FAMILY, 3, 0) == pytest.approx(math.log(300))
    assert log_threshold(WEEKEND_FAMILY, 3, 2) == pytest.approx(math.log(100))


def test_the_bar_is_as_measured_to_day_60_and_rises_with_every_window_after_it() -> None:
    windows = [window_of(a_person(), day(n)) for n in range(14, 400)]
    assert {window_of(a_person(), day(n)) for n in range(-400, 61)} == {1}
    assert windows == sorted(windows)
    assert windows[61 - 14] == 2
    assert windows[316 - 14] == 6
    assert window_of(a_person(), day(316), by_week=True) == 1  # evidence of a plan by the week comes as slowly


@given(st.integers(1, 200), st.integers(1, 20), st.integers(0, 9))
def test_a_whole_life_of_windows_spends_at_most_two_thirds_more_than_the_first(
    lived: int, tests: int, found: int
) -> None:
    spent = [math.exp(-log_threshold(WEEKEND_FAMILY, tests, found, window)) for window in range(1, lived + 1)]
    assert sum(spent) <= math.pi**2 / 6 * spent[0]
    assert spent[0] == pytest.approx(WEEKEND_FAMILY.share * ALPHA * (found + 1) / tests / WEEKEND_FAMILY.slack)


@given(st.lists(st.booleans(), min_size=14, max_size=80))
@settings(max_examples=60, deadline=None)
def test_weekends_are_never_weak_and_strong_at_once(done: list[bool]) -> None:
    look = weekly_evidence(tuple((day(n), hit) for n, hit in enumerate(done)))
    assert min(look.weekend_weak, look.weekend_strong) < math.log(WEEKEND_FAMILY.early)


def test_a_told_pattern_stays_until_the_days_since_speak_against_it() -> None:
    weak = {n for n in range(30) if not is_weekend(n)}
    user = told(done_on(weak | set(range(30, 80))), "weekend_weak", 30)
    listed = [today for today in range(30, 81) if "weekend_weak" in kinds(user, today)]
    assert listed[:9] == list(range(30, 39))
    assert listed[-1] < 60
    assert kinds(user, 36)["weekend_weak"].since == day(30)
    goes_on = told(done_on(n for n in range(80) if not is_weekend(n)), "weekend_weak", 30)
    assert all("weekend_weak" in kinds(goes_on, today) for today in range(30, 81, 5))


def test_a_pattern_that_goes_on_at_another_level_is_not_over() -> None:
    before = [(day(n), not is_weekend(n)) for n in range(30)]
    lower = [(day(n), not is_weekend(n) and n % 2 == 0) for n in range(30, 80)]
    assert shape_is_over(before, lower, WEEKEND) < math.log(WEEKEND_FAMILY.early)


def test_a_plan_without_weekends_ends_what_was_said_of_them() -> None:
    user = told(done_on(n for n in range(40) if not is_weekend(n)), "weekend_weak", 30)
    plan = [{"from": MONDAY, "rrule": "FREQ=DAILY"}, {**WEEKDAYS[0], "from": day(40)}]
    user.habits[0] = a_habit(schedule=plan)
    assert "weekend_weak" not in kinds(user, 42)


def test_a_no_hides_the_early_sign_it_answers() -> None:
    user = with_ordinary_habits(done_on({n for n in range(16) if not is_weekend(n)} | {12}), 2)
    assert kinds(user, 16)["weekend_weak"].confidence == "early"
    user.coaching_insights.answers.append(
        {"kind": "weekend_weak", "habit": "meditation", "day": day(16).isoformat(), "answer": "no"}
    )
    assert "weekend_weak" not in kinds(user, 16)


# Too ambitious


def test_before_a_month_of_the_plan_is_over_only_what_is_beyond_doubt_is_called_over_ambitious() -> None:
    three_of_sixteen, one_of_sixteen = done_on((0, 5, 10)), done_on([3])
    assert "too_ambitious" not in kinds(with_ordinary_habits(three_of_sixteen, 1), 16)
    assert "too_ambitious" in kinds(with_ordinary_habits(one_of_sixteen, 1), 16)


def test_when_a_month_of_the_plan_is_over_a_third_of_its_days_is_too_ambitious() -> None:
    user = with_ordinary_habits(done_on({0, 3, 6, 9, 12, 15, 19, 23, 27, 33, 36}), 1)
    assert not any("too_ambitious" in kinds(user, n) for n in range(14, 30))
    assert all("too_ambitious" in kinds(user, n) for n in range(30, 35))  # whichever night is the first that is read


def test_where_days_hang_together_they_say_less_of_the_plan() -> None:
    apart, together = {0, 3, 6, 9, 12, 15, 18, 21, 24, 27}, {0, 1, 2, 3, 4, 5, 6, 15, 16, 17}
    assert "too_ambitious" in kinds(with_ordinary_habits(done_on(apart), 1), 30)
    assert "too_ambitious" not in kinds(with_ordinary_habits(done_on(together), 1), 30)


def test_a_quarter_of_the_days_is_too_ambitious_and_three_fifths_is_not() -> None:
    found = kinds(with_ordinary_habits(done_on(range(0, 28, 4)), 1), 28)["too_ambitious"]
    assert found.text == "Meditation was done on 7 of 28 days: the plan asks for more than fits right now."
    assert found.evidence["days"][0] == [day(0).isoformat(), True]
    days = set(range(0, 28, 2)) | {3, 17}
    assert not any("too_ambitious" in kinds(with_ordinary_habits(done_on(days), 1), n) for n in range(14, 29))


def test_a_better_fortnight_or_another_plan_ends_it() -> None:
    recovering = set(range(0, 28, 4)) | set(range(28, 42))
    assert "too_ambitious" not in kinds(told(done_on(recovering), "too_ambitious", 28), 42)
    user = told(done_on(range(0, 40, 4)), "too_ambitious", 28)
    assert "too_ambitious" in kinds(user, 40)
    user.habits[0] = a_habit(schedule=[{"from": MONDAY, "rrule": "FREQ=DAILY"}, {**WEEKDAYS[0], "from": day(35)}])
    assert "too_ambitious" not in kinds(user, 40)


def test_the_plan_of_a_medicine_is_never_questioned() -> None:
    user = lived(a_person(a_habit("Take insulin", id="meditation")), "meditation", dict.fromkeys(range(0, 28, 4), 500))
    assert "too_ambitious" not in kinds(user, 28)


def test_a_plan_that_nobody_made_is_never_called_too_much() -> None:
    for assumed, claims in ((False, True), (True, False)):
        habit = a_habit(schedule=[{"from": MONDAY, "rrule": "FREQ=DAILY", "assumed": assumed}])
        user = lived(a_person(habit, a_habit("Read")), "meditation", dict.fromkeys(range(0, 28, 4), 500))
        assert ("too_ambitious" in kinds(user, 28)) is claims


# When, and for whom


def blatant(user: User) -> User:
    return lived(user, "meditation", {n: 375 for n in range(30) if not is_weekend(n)})


def test_nothing_is_found_before_day_14() -> None:
    user = blatant(a_person())
    assert all(not find_patterns(user, day(n)) for n in range(14))
    assert find_patterns(user, day(14))


def test_fourteen_days_of_imported_history_are_enough_from_the_first_day() -> None:
    user = blatant(a_person(created_at=datetime.combine(day(30), datetime.min.time(), tzinfo=UTC)))
    assert not is_ready(user, day(30))
    for n in (0, 14):
        user.entries("meditation")[day(n)] = Completion(at=datetime(2024, 1, 1 + n, 6, 15, tzinfo=UTC), source="import")
    assert is_ready(user, day(30))
    assert find_patterns(user, day(30))


def test_today_is_not_looked_at() -> None:
    user = done_on(range(0, 28, 4))
    before = find_patterns(user, day(27))
    assert find_patterns(lived(user, "meditation", {27: 900}), day(27)) == before


def test_a_habit_of_n_times_a_week_has_an_hour_and_no_day_it_was_missed_on() -> None:
    user = lived(a_person(a_habit(schedule=thrice_a_week())), "meditation", dict.fromkeys(range(0, 40, 2), 375))
    assert kinds(user, 40).keys() == {"usual_time"}
    watched = {item["kind"]: item for item in watching(user, day(8))}
    assert watched.keys() == HOUR_KINDS | {"momentum_lost", "momentum_gained"}
    assert watched["momentum_lost"]["needs"] == {"weeks": 8}
    assert watched["momentum_lost"]["have"] == {"weeks": 1}


def test_archived_habits_are_left_out() -> None:
    user = told(done_on(range(20)), "usual_time", 14)
    user.habits[0].archived_on = day(20)
    assert not find_patterns(user, day(21))


def test_the_evidence_is_plain_json() -> None:
    luck = random.Random(8)
    user = done_on(n for n in range(40) if not is_weekend(n))
    user.habits += [a_habit("Wander"), a_habit("Rare")]
    lived(user, "wander", {n: luck.gauss(780, 120) for n in range(40)})
    lived(user, "rare", dict.fromkeys(range(0, 40, 5), 400))
    found = find_patterns(user, day(40))
    assert {f.kind for f in found} >= {"usual_time", "varied_time", "weekend_weak", "too_ambitious"}
    for one in found:
        assert json.loads(json.dumps(one.evidence)) == one.evidence
        assert all(type(done) is bool for _, done in one.evidence.get("days", []))


def test_what_is_missing_is_watched_with_what_it_needs() -> None:
    user = done_on(range(4))
    watched = {item["kind"]: item for item in watching(user, day(4))}
    assert watched["usual_time"] == {
        "kind": "usual_time",
        "habit": "meditation",
        "needs": {"times": 9},
        "have": {"times": 4},
    }
    assert watched["weekend_weak"]["needs"] == {"weekdays": 5, "weekend_days": 3}
    assert watched["weekend_weak"]["have"] == {"weekdays": 4, "weekend_days": 0}
    assert watching(done_on(range(20)), day(20)) == []


def test_told_before_reads_what_was_announced() -> None:
    assert told_before(told(a_person(), "usual_time", 14)) == {("usual_time", "meditation"): day(14)}
