import math
import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.populations import mixed
from core.coach.statistics.change_kinds import DIP, MOMENTUM
from core.coach.statistics.changes import change_of_level, second_week_dips
from core.coach.statistics.day_kinds import WEAK_DAY_FAMILY, WEEKEND_FAMILY
from core.coach.statistics.evidence import gather
from core.coach.statistics.kinds import CLAIMS, possible_claims
from core.coach.statistics.pair_kinds import TOGETHER
from core.coach.statistics.rates import FLOOR, MOST_DAYS, PRIOR, RATES, low_and_high, one_rate
from core.coach.statistics.stacking import Stacked
from core.coach.statistics.together import pairs_of
from core.coach.statistics.weekly import weekly_evidence
from core.history import as_of
from core.models import User
from core.patterns import count_tests, find_patterns, log_threshold
from core.progress import today_of
from tests.cast import a_habit, a_person, day, skip, thrice_a_week
from tests.coach_cast import done_on, is_weekend, kinds, lived, told, with_ordinary_habits

Days = tuple[tuple[date, bool], ...]


def record(done: Iterable[bool]) -> Days:
    return tuple((day(n), bool(hit)) for n, hit in enumerate(done))


def sticky(seed: int, days: int, rate: float, stickiness: float) -> Days:
    luck, out = random.Random(seed), [True]
    for _ in range(days - 1):
        out.append(luck.random() < rate * (1 - stickiness) + stickiness * out[-1])
    return record(out)


# Evidence


@given(st.integers(0, MOST_DAYS), st.data())
@settings(max_examples=40, deadline=None)
def test_likelihoods_are_those_of_the_binomial(of: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(0, of))
    direct = float((RATES**done * (1 - RATES) ** (of - done)) @ PRIOR)
    assert float(one_rate(np.array([done, of]))) == pytest.approx(direct, rel=1e-9)
    nothing = np.array([0, 0])
    assert float(low_and_high(nothing, nothing)) == pytest.approx(1)
    assert RATES[-1] - RATES[0] > FLOOR


@given(st.lists(st.booleans(), max_size=MOST_DAYS))
@settings(max_examples=60, deadline=None)
def test_evidence_is_a_number_or_none_at_all_whatever_the_record(done: list[bool]) -> None:
    days = record(done)
    week, change = weekly_evidence(days), change_of_level(days)
    for log_e in (week.weekend_weak, week.weekend_strong, week.weak_day, change.lost, change.gained):
        assert log_e == -math.inf or math.isfinite(log_e)
    assert second_week_dips(days, day(0)) < 60


def test_a_weak_weekend_is_no_weak_day_and_the_other_way_round() -> None:
    weekend = weekly_evidence(record(not is_weekend(n) for n in range(60)))
    sunday = weekly_evidence(record(n % 7 != 6 for n in range(60)))
    assert weekend.weekend_weak > 5 > 0 > weekend.weak_day
    assert sunday.weak_day > 5
    assert sunday.weekday == 6
    assert sunday.weekend_weak == -math.inf


def test_a_collapse_is_no_shape_of_the_week() -> None:
    for first in range(20, 27):
        week = weekly_evidence(record(n < first for n in range(45)))
        assert max(week.weekend_weak, week.weekend_strong, week.weak_day) < math.log(WEEKEND_FAMILY.early)


def test_the_day_named_is_the_first_of_the_new_level() -> None:
    change = change_of_level(record(n < 20 for n in range(40)))
    assert change.lost_from == day(20)
    assert change.lost > 10 > 0 > change.gained
    change = change_of_level(record(n >= 20 for n in range(40)))
    assert change.gained_from == day(20)
    assert change.gained > 10 > 0 > change.lost


def test_runs_of_misses_are_no_change_where_days_hang_together() -> None:
    bar, heard = log_threshold(MOMENTUM, 1, 0), 0
    for seed in range(40):
        days = sticky(seed, 60, 0.75, 0.3)
        looks = [change_of_level(days[:n]) for n in range(14, 61, 2)]
        heard += max(max(look.lost, look.gained) for look in looks) >= bar
    assert heard <= 3


def test_slow_growth_is_never_a_loss() -> None:
    for seed in range(20):
        luck = random.Random(seed)
        days = record(luck.random() < 0.9 - 0.55 * math.exp(-0.06 * n) for n in range(60))
        assert max(change_of_level(days[:n]).lost for n in range(14, 61, 3)) < log_threshold(MOMENTUM, 3, 0)


def test_steady_people_hear_of_nothing() -> None:
    heard = 0
    for seed in range(30):
        days = sticky(seed, 60, 0.7, 0)
        for n in range(14, 61, 3):
            week, change = weekly_evidence(days[:n]), change_of_level(days[:n])
            heard += week.weak_day >= log_threshold(WEAK_DAY_FAMILY, 1, 0)
            heard += max(change.lost, change.gained) >= log_threshold(MOMENTUM, 1, 0)
            heard += n <= 21 and second_week_dips(days[:n], day(0)) >= log_threshold(DIP, 1, 0)
    assert heard <= 2


def test_a_pair_looks_at_the_days_that_count_for_both() -> None:
    user = lived(a_person(a_habit(), a_habit("Run")), "meditation", dict.fromkeys(range(0, 60, 2), 420))
    skip(user, "run", range(50, 60))
    (pair,) = pairs_of(gather(user, day(60)))
    first, second = pair.days()
    assert [n for n, _ in first] == [n for n, _ in second] == [day(n) for n in range(50)]


def test_the_habit_that_comes_first_on_the_clock_is_the_first_of_a_pair() -> None:
    for run_at, order in ((300, ("run", "meditation")), (900, ("meditation", "run"))):
        user = lived(linked(60), "run", dict.fromkeys(range(0, 60, 2), run_at))
        (pair,) = pairs_of(gather(user, day(60)))
        assert (pair.first.habit.id, pair.second.habit.id) == order
        assert pair.about == "meditation+run"


def test_two_habits_that_share_no_day_are_no_pair_to_speak_of() -> None:
    mondays = [{"from": day(0), "rrule": "FREQ=WEEKLY;BYDAY=MO"}]
    tuesdays = [{"from": day(0), "rrule": "FREQ=WEEKLY;BYDAY=TU"}]
    user = a_person(a_habit(schedule=mondays), a_habit("Run", schedule=tuesdays))
    (pair,) = pairs_of(gather(user, day(60)))
    assert pair.log_evidence == -math.inf
    (pair,) = pairs_of(gather(a_person(a_habit(), a_habit("Run")), day(0)))
    assert pair.log_evidence == -math.inf


# The budget


def test_the_bar_counts_habits_or_pairs_of_them() -> None:
    user = a_person(*(a_habit(f"Habit {n}") for n in range(4)), a_habit("Sauna", schedule=thrice_a_week()))
    for habit in user.habits:
        lived(user, habit.id, dict.fromkeys(range(30), 500))
    seen = gather(user, day(30))
    tests = count_tests({(kind, subject.about): subject for kind, subject in possible_claims(seen)})
    assert {family: tests[family] for family in (WEEKEND_FAMILY, WEAK_DAY_FAMILY, MOMENTUM, DIP, TOGETHER)} == {
        WEEKEND_FAMILY: 4,
        WEAK_DAY_FAMILY: 4,
        MOMENTUM: 5,  # by its weeks, n times a week is looked at too
        DIP: 4,
        TOGETHER: 6,
    }
    assert log_threshold(TOGETHER, 6, 1) == pytest.approx(math.log(TOGETHER.slack * 6 / (0.18 * 0.05 * 2)))


def test_the_families_share_no_more_than_the_whole_budget() -> None:
    families = {kind.family for kind in CLAIMS.values() if kind.family is not None}
    assert sum(family.share for family in families) <= 1 + 1e-9


def test_the_two_changes_of_level_share_one_part() -> None:
    assert CLAIMS["momentum_lost"].family is CLAIMS["momentum_gained"].family is MOMENTUM
    assert MOMENTUM.share == 0.22


# What ends a told finding


def linked(days: int, until: int = 200) -> User:
    """Runs on the days on which they meditate, every second one; from Day `until` on, on the others."""
    user = a_person(a_habit(), a_habit("Run"), a_habit("Take medicine"))
    luck = random.Random(3)
    sits = [n for n in range(days) if luck.random() < 0.5]
    runs = [n for n in range(days) if (n in sits) == (n < until)]
    lived(lived(user, "meditation", dict.fromkeys(sits, 420)), "run", dict.fromkeys(runs, 480))
    return lived(user, "take-medicine", dict.fromkeys(range(days), 900))


def sundays_off(n: int) -> bool:
    return n % 7 != 6


def collapsed(n: int) -> bool:
    return n < 25 or n % 7 == 0


def grown(n: int) -> bool:
    return n >= 25 or n % 7 == 0


@pytest.mark.parametrize(
    ("kind", "on", "lives", "then"),
    [
        ("weak_day", 60, sundays_off, lambda n: True),
        ("momentum_lost", 40, collapsed, lambda n: True),
        ("momentum_gained", 45, grown, lambda n: n % 7 == 0),
        ("week2_dip", 18, lambda n: not 7 <= n < 14, lambda n: n % 7 == 0),
    ],
)
def test_a_told_finding_stays_until_the_days_speak_against_it(
    kind: str, on: int, lives: Callable[[int], bool], then: Callable[[int], bool]
) -> None:
    goes_on = told(with_ordinary_habits(done_on(n for n in range(110) if lives(n)), 1, 110), kind, on)
    assert all(kinds(goes_on, today)[kind].since == day(on) for today in range(on, 111, 10))
    turned = [n for n in range(110) if (lives(n) if n < on else then(n))]
    ended = told(with_ordinary_habits(done_on(turned), 1, 110), kind, on)
    assert kind in kinds(ended, on)
    assert kind not in kinds(ended, 110)


def test_a_told_link_stays_until_the_days_speak_against_it() -> None:
    for user, is_listed in ((linked(110), True), (linked(110, until=50), False)):
        link = {"kind": "cooccur", "habit": "run", "evidence": {"habits": ["meditation", "run"]}}
        user.coaching_insights.announced.append({**link, "day": day(50).isoformat()})
        assert "cooccur" in kinds(user, 51, "run")
        assert {"cooccur" in kinds(user, today, "run") for today in (80, 95, 110)} == {is_listed}


def test_a_plan_asks_for_too_much_of_what_was_tried_and_not_of_what_never_began() -> None:
    assert "too_ambitious" in kinds(with_ordinary_habits(done_on([2, 5]), 2), 40)
    assert "too_ambitious" not in kinds(with_ordinary_habits(done_on([]), 2), 40)
    assert not find_patterns(done_on([]), day(40))


def test_what_is_done_late_more_often_ends_the_claim_that_it_is_not() -> None:
    early = {n: 1100 for n in range(40) if n % 3}
    user = told(lived(a_person(), "meditation", early), "late_fail", 40)
    assert "late_fail" in kinds(user, 40)
    lived(user, "meditation", {n: 1100 if n % 3 else 1300 for n in range(40, 75)})
    assert "late_fail" not in kinds(user, 75)


def test_a_no_to_one_link_leaves_the_others() -> None:
    user = linked(14)
    user.habits += [a_habit(f"Habit {n}") for n in range(6)]
    assert kinds(user, 14, "run")["cooccur"].confidence == "early"
    answer = {"kind": "cooccur", "day": day(14).isoformat(), "answer": "no"}
    user.coaching_insights.answers = [{**answer, "habit": "run+walk"}]
    assert "cooccur" in kinds(user, 14, "run")
    user.coaching_insights.answers = [{**answer, "habit": "meditation+run"}]
    assert "cooccur" not in kinds(user, 14, "run")


def test_an_archived_habit_ends_what_was_said_of_the_two() -> None:
    user = linked(60)
    link = {"kind": "cooccur", "habit": "run", "evidence": {"habits": ["meditation", "run"]}}
    user.coaching_insights.announced.append({**link, "day": day(50).isoformat()})
    user.habits[0].archived_on = day(55)
    assert "cooccur" not in {found.kind for found in find_patterns(user, day(60))}


@given(st.lists(st.lists(st.booleans(), max_size=40), min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_is_weighed_beside_others_is_what_it_is_alone(records: list[list[bool]]) -> None:
    days = [record(hits) for hits in records]
    weekly_evidence.foresee(days)
    beside = [weekly_evidence(one) for one in days]
    alone = [Stacked(weekly_evidence.work)(one) for one in days]
    for there, here in zip(beside, alone, strict=True):
        assert there.weekday == here.weekday
        assert [there.weekend_weak, there.weekend_strong, there.weak_day] == pytest.approx(
            [here.weekend_weak, here.weekend_strong, here.weak_day], abs=1e-9
        )


def test_pairs_of_many_people_are_what_they_are_for_each_alone() -> None:
    crowd = []
    for n in range(30):
        user = mixed((7, n)).user
        now = user.created_at + timedelta(days=20 + n)
        crowd.append(gather(as_of(user, now), today_of(user, now)))
    assert max(map(len, pairs_of.work(crowd))) > 5
    for seen, beside in zip(crowd, pairs_of.work(crowd), strict=True):
        (alone,) = pairs_of.work([seen])
        assert [(pair.first, pair.second, pair.days_with, pair.days_without) for pair in beside] == [
            (pair.first, pair.second, pair.days_with, pair.days_without) for pair in alone
        ]
        assert [pair.log_evidence for pair in beside] == pytest.approx([pair.log_evidence for pair in alone])
