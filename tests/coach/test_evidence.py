"""What the coach looks at: the clock, the days that count, rates, and how a habit stands by them."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, circstd

from coaching_engine import announce
from core.coach.standing import state_of
from core.coach.statistics.evidence import gather
from core.coach.statistics.hours import part_of_day, timing, usual_time, varied_time
from core.coach.statistics.rates import interval, posterior_mean
from core.models import Pause
from core.patterns import find_patterns
from core.progress import Record
from tests.cast import WEEKDAYS, a_habit, a_person, day, skip, thrice_a_week
from tests.coach_cast import done_on, is_weekend, kinds, lived, told

# The clock


def test_the_score_is_half_at_a_spread_of_thirty_minutes() -> None:
    minutes = [375 - 30, 375 + 30] * 30
    assert timing(minutes).score == pytest.approx(0.5, abs=0.001)
    assert timing([375] * 10).score == 0
    assert timing(list(range(0, 1440, 60))).score > 0.9


def test_the_spread_is_the_circular_standard_deviation() -> None:
    luck = random.Random(5)
    minutes = [round(luck.gauss(1430, 15)) % 1440 for _ in range(40)]
    spread = circstd(minutes, high=1440)
    assert timing(minutes).score == pytest.approx(spread / (spread + 30), abs=0.001)


@given(st.lists(st.integers(0, 1439), min_size=9, max_size=28), st.integers(0, 287))
@settings(max_examples=60, deadline=None)
def test_turning_the_clock_turns_nothing_but_the_minute(minutes: list[int], fives: int) -> None:
    turned = [(minute + 5 * fives) % 1440 for minute in minutes]
    assert timing(turned).score == pytest.approx(timing(minutes).score, abs=0.01)
    there, here = varied_time(turned), varied_time(minutes)
    assert there is not None
    assert here is not None
    assert there.within == here.within
    usual = usual_time(tuple(minutes))
    assert usual is not None
    assert 0 <= usual.minute < 1440


def test_a_part_of_the_day_is_claimed_when_most_times_lie_in_it_for_sure() -> None:
    assert part_of_day([400] * 7) == "morning"
    assert part_of_day([400] * 6) is None
    assert part_of_day([400, 1100] * 10) is None
    assert part_of_day([1380] * 9 + [60] * 9) == "night"


def test_centre_and_spread_are_those_of_the_last_28_times() -> None:
    user = lived(a_person(), "meditation", {n: 400 if n < 30 else 900 for n in range(58)})
    assert kinds(user, 58)["usual_time"].evidence["minute"] == 900


# Which days count


def test_days_not_due_skipped_or_paused_do_not_count() -> None:
    user = a_person(a_habit(schedule=WEEKDAYS))
    skip(lived(user, "meditation", {0: 500}), "meditation", [1])
    user.pauses.append(Pause.model_validate({"from": day(2), "to": day(3)}))
    seen = gather(user, day(9)).habits[0]
    assert seen.days == ((day(0), True), (day(4), False), (day(7), False), (day(8), False))


def test_at_most_120_scheduled_days_are_looked_at() -> None:
    assert len(gather(done_on(range(0, 200, 2)), day(200)).habits[0].days) == 120


def test_a_week_without_any_tick_is_an_absence_and_no_pattern() -> None:
    gone = range(20, 27)
    user = a_person(a_habit("A"), a_habit("B"), a_habit("C"))
    for i, name in enumerate("abc"):
        luck = random.Random(i)
        lived(user, name, {n: 480 for n in range(45) if n not in gone and luck.random() < 0.85})
    seen = gather(user, day(45))
    assert seen.away == {day(n) for n in gone}
    assert not seen.is_away
    assert all(then not in seen.away for habit in seen.habits for then, _ in habit.days)
    for today in range(21, 45):
        assert not {f.kind for f in find_patterns(user, day(today))} & {"weekend_weak", "too_ambitious"}


def test_while_an_absence_lasts_nothing_new_is_announced_and_what_the_record_carried_stays() -> None:
    user = lived(a_person(), "meditation", dict.fromkeys(range(20), 375))
    assert kinds(user, 20).keys() == {"usual_time"}
    assert gather(user, day(26)).is_away
    assert kinds(user, 26).keys() == {"usual_time"}
    assert not announce(user, datetime.combine(day(26), time(5), tzinfo=UTC))
    assert kinds(told(user, "usual_time", 14), 26).keys() == {"usual_time"}


def test_an_absence_does_not_outlast_the_record() -> None:
    user = lived(a_person(), "meditation", dict.fromkeys(range(20), 375))
    (habit,) = gather(user, day(900)).habits
    assert [done for _, done in habit.days] == [True] * 20
    assert kinds(user, 900).keys() == {"usual_time"}


def test_whoever_never_does_anything_on_weekends_is_not_away_on_them() -> None:
    user = a_person(*(a_habit(name) for name in "ABCDE"))
    for name in "abcde":
        lived(user, name, {n: 500 for n in range(42) if not is_weekend(n)})
    assert not gather(user, day(42)).away
    assert {f.kind for f in find_patterns(user, day(42))} >= {"weekend_weak"}


def test_a_sign_of_life_ends_a_silence() -> None:
    user = done_on(range(20))
    assert gather(user, day(26)).away
    assert not gather(skip(user, "meditation", [23]), day(26)).away


# Rates and states


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_rate_comes_with_its_beta_interval(done: int, missed: int) -> None:
    low, high = interval(done, done + missed)
    assert (low, high) == pytest.approx(tuple(beta(done + 1, missed + 1).ppf([0.05, 0.95])), abs=1e-4)
    assert low <= posterior_mean(done, done + missed) <= high


def state(days: Iterable[int], today: int) -> str:
    return state_of(Record(done_on(days), day(today)).habits[0], frozenset())


def test_two_misses_are_a_restart_for_a_steady_habit_and_not_for_one_of_every_second_day() -> None:
    assert state(range(25), 25) == "hot"
    assert state(range(25), 26) == "building"
    assert state(range(25), 27) == "needs restart"
    halves = [n for n in range(28) if n % 9 in (0, 1, 3, 5, 7)]
    assert state(halves, 28) == "building"
    assert state(halves, 32) == "needs restart"


def test_seven_misses_are_a_restart_whatever_the_rate() -> None:
    seldom = range(0, 60, 7)
    assert state(seldom, 62) == "building"
    assert state(seldom, 64) == "needs restart"


def test_under_five_days_a_habit_is_new_and_a_streak_of_seven_is_hot() -> None:
    assert state(range(4), 4) == "new"
    assert state([0, 2, 3], 5) == "building"
    assert state(range(7), 7) == "hot"


def test_a_habit_of_n_times_a_week_stands_by_its_weeks() -> None:
    def of_weeks(*weeks: int) -> str:
        user = a_person(a_habit(schedule=thrice_a_week()))
        lived(user, "meditation", {7 * week + n: 500 for week in weeks for n in (0, 2, 4)})
        return state_of(Record(user, day(70)).habits[0], frozenset())

    assert of_weeks(*range(10)) == "hot"
    assert of_weeks(*range(8)) == "needs restart"
    assert of_weeks(0, 2, 4, 6, 8) == "building"
