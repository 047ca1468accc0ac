"""Laws of streak, schedule, strength, rate and XP, and the reference values of Loop's score."""

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import Completion, Pause
from core.progress import Record, level_of, streak_mark
from core.schedule import is_done, is_planned, planned_days
from core.streaks import UNITS, Streaks
from tests.cast import DAILY, MONDAY, WEEKDAYS, a_habit, a_person, day, record_after, skip, thrice_a_week, tick

SETS_OF_DAYS = st.sets(st.integers(0, 40))
PLANS = (DAILY, WEEKDAYS, thrice_a_week(), thrice_a_week(5, "month"))


@pytest.mark.parametrize(
    ("days", "skips", "strength"), [(13, (), 0.5), (20, (), 0.655747), (20, (5, 10, 11), 0.596033), (1, (), 0.051922)]
)
def test_the_strength_of_a_daily_habit_is_loops_score(days, skips, strength):
    assert record_after(days, done=range(days), skips=skips).strength == pytest.approx(strength, abs=1e-6)


def test_two_of_three_a_week_for_a_hundred_weeks_is_two_thirds_strong():
    done = [7 * week + n for week in range(100) for n in (0, 3)]
    record = record_after(700, schedule=thrice_a_week(), done=done)
    assert record.strength == pytest.approx(2 / 3, abs=1e-6)


def test_weekdays_done_on_every_weekday_grow_towards_one():
    done = [n for n in range(280) if n % 7 < 5]
    assert record_after(280, schedule=WEEKDAYS, done=done).strength > 0.99


@pytest.mark.parametrize("schedule", [DAILY, WEEKDAYS, thrice_a_week()])
def test_the_strength_of_today_is_the_last_of_all_however_long_the_record(schedule):
    record = record_after(1500, schedule=schedule, done=[n for n in range(1500) if n % 5])
    assert record.strength == pytest.approx(record.strengths()[-1][1], abs=1e-14)


def test_today_weakens_nothing_until_it_is_over():
    before = record_after(10, done=range(10)).strength
    assert record_after(11, done=range(10)).strength == before
    assert record_after(12, done=range(10)).strength < before


def test_a_change_of_plan_carries_the_strength_over():
    changed = [*DAILY, {"from": day(20), "times": 3, "per": "week"}]
    assert record_after(20, schedule=changed, done=range(20)).strength == pytest.approx(0.655747, abs=1e-6)
    assert dict(record_after(22, schedule=changed, done=range(22)).strengths())[day(20)] > 0.655747


def test_part_of_a_number_is_part_of_the_strength():
    user = a_person(a_habit(target={"at_least": 8, "unit": "glasses"}))
    user.entries("meditation")[MONDAY] = Completion(value=4)
    assert Record(user, MONDAY + timedelta(days=1)).habits[0].strength == pytest.approx(0.051922 / 2, abs=1e-6)


def test_a_streak_counts_the_days_due_and_done_in_a_row():
    assert record_after(10, done=range(10)).streak == 10
    assert record_after(10, done=[0, 1, 2, 5, 6, 7, 8, 9]).streak == 5


def test_today_still_open_does_not_break_the_streak():
    assert record_after(8, done=range(7)).streak == 7
    assert record_after(9, done=range(7)).streak == 0


def test_days_off_skips_and_pauses_neither_break_nor_lengthen():
    assert record_after(15, schedule=WEEKDAYS, done=[n for n in range(15) if n % 7 < 5]).streak == 11
    assert record_after(10, done=[0, 1, 2, 5, 6, 7, 8, 9], skips=[3, 4]).streak == 8
    user = tick(a_person(), "meditation", [0, 1, 2, 6, 7])
    user.pauses.append(Pause(start=day(3), to=day(5)))
    assert Record(user, day(7)).habits[0].streak == 5


def test_a_tick_on_a_day_off_earns_its_xp_and_starts_no_streak():
    weekend = record_after(7, schedule=WEEKDAYS, done=[5, 6])
    assert weekend.streak == 0
    user = tick(a_person(a_habit(schedule=WEEKDAYS)), "meditation", [5, 6])
    assert Record(user, day(6)).xp == 20


def test_n_times_a_week_counts_weeks_and_the_open_one_never_breaks_it():
    done = [0, 2, 4, 7, 9, 11, 14]
    assert record_after(16, schedule=thrice_a_week(), done=done).streak == 2
    assert record_after(16, schedule=thrice_a_week(), done=[0, 2, 4, 7, 9]).streak == 0
    assert record_after(60, schedule=thrice_a_week(2, "month"), done=[0, 2, 33, 40]).streak == 2


def test_a_week_without_room_for_its_plan_is_not_missed():
    user = tick(a_person(a_habit(schedule=thrice_a_week())), "meditation", [0, 2, 4, 14, 16, 18])
    user.pauses.append(Pause(start=day(7), to=day(12)))
    assert Record(user, day(21)).habits[0].streak == 2


def test_of_two_streaks_each_is_told_in_what_it_was():
    plan = [{"from": MONDAY, "rrule": "FREQ=DAILY;INTERVAL=2"}, {"from": day(20), "rrule": "FREQ=DAILY"}]
    record = record_after(22, schedule=plan, done=[*range(0, 18, 2), 20, 21])
    assert (record.best_streak, record.best_told_in) == (9, "time")
    assert (record.streak, record.streak_told_in) == (2, "day")


@given(SETS_OF_DAYS, SETS_OF_DAYS, st.sampled_from(PLANS))
def test_days_of_a_streak_lie_side_by_side_or_are_told_as_times(done, skips, schedule):
    record = record_after(41, schedule=schedule, done=done - skips, skips=skips)
    assert record.streaks.told_in(record.unit, 0, record.today) == record.unit
    for run in record.runs:
        is_row = run.unit != "day" or run.length == (run.last - run.first).days + 1
        assert record.streaks.told_in(run.unit, run.length, run.last) == (run.unit if is_row else "time")


def test_another_unit_begins_a_streak_of_its_own():
    changed = [*DAILY, {"from": day(14), "times": 3, "per": "week"}]
    record = record_after(28, schedule=changed, done=[*range(14), 14, 16, 18, 21, 23, 25])
    assert (record.streak, record.unit, record.best_streak) == (2, "week", 2)
    assert [run.unit for run in record.runs] == ["day", "week"]


@pytest.mark.parametrize(
    ("rule", "due"),
    [
        ("FREQ=DAILY", {0, 1, 2, 3, 4, 5, 6}),
        ("FREQ=DAILY;INTERVAL=3", {0, 3, 6}),
        ("FREQ=WEEKLY;BYDAY=SA,SU", {5, 6}),
        ("FREQ=MONTHLY;BYMONTHDAY=2", {1}),
    ],
)
def test_a_plan_of_days_is_due_on_its_days(rule, due):
    record = record_after(7, schedule=[{"from": MONDAY, "rrule": rule}])
    assert record.due == {day(n) for n in due}


RULES = st.builds(
    "FREQ={}{}{}".format,
    st.sampled_from(["DAILY", "WEEKLY"]),
    st.sampled_from(["", ";INTERVAL=1", ";INTERVAL=2", ";INTERVAL=10"]),
    st.sampled_from(["", ";BYDAY=SA,SU", ";BYDAY=MO,TU,WE,TH,FR,SA,SU", ";BYDAY=1MO", ";WKST=SU", ";COUNT=3"]),
)


@given(RULES, st.integers(-9, 9), st.integers(-9, 40))
def test_a_plan_names_the_days_that_dateutil_names(rule, start, first):
    habit = a_habit(schedule=[{"from": day(start), "rrule": rule}], created_on=day(first))
    dates = rrulestr(rule, dtstart=datetime.combine(day(start), time()))
    begin, end = (datetime.combine(day(n), time()) for n in (first, 60))
    named = [named_day.date() for named_day in dates.between(begin, end, inc=True)]
    assert planned_days(habit, day(60)) == named
    assert [n for n in range(-9, 61) if is_planned(habit, day(n))] == [(d - MONDAY).days for d in named]


@given(SETS_OF_DAYS, st.sampled_from([7, 14, 30]))
@settings(max_examples=40)
def test_changing_a_plan_never_re_judges_the_past(done, change):
    before = record_after(41, done=done)
    after = record_after(41, schedule=[*DAILY, {"from": day(change), "rrule": "FREQ=WEEKLY;BYDAY=MO"}], done=done)
    past = (MONDAY, day(change - 1))
    assert after.counted(*past) == before.counted(*past)


@pytest.mark.parametrize("week_before", [(0, 1, 2, 3, 4), ()], ids=["kept", "missed"])
def test_days_planned_from_within_a_week_count_from_the_first_whatever_becomes_of_the_week(week_before):
    changed = [*thrice_a_week(5), {"from": day(10), "rrule": "FREQ=DAILY"}]
    done = [*week_before, 7, *range(10, 20)]
    streaks = [record_after(n + 1, schedule=changed, done=[d for d in done if d <= n]).streak for n in range(10, 20)]
    assert streaks == list(range(1, 11))


CHANGES = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(PLANS)), max_size=3)


@given(SETS_OF_DAYS, SETS_OF_DAYS, CHANGES)
@settings(max_examples=60)
def test_what_a_day_has_earned_stays_while_days_pass_and_plans_change(done, paused, changes):
    pauses = [Pause(start=day(n), to=day(n)) for n in paused]
    earned: dict[date, int] = {}
    for today in range(41):
        schedule = [*DAILY, *({**plan[0], "from": day(n)} for n, plan in sorted(dict(changes).items()) if n <= today)]
        user = tick(a_person(a_habit(schedule=schedule), pauses=pauses), "meditation", [n for n in done if n <= today])
        now = Record(user, day(today)).xp_by_day
        assert {one: xp for one, xp in now.items() if one < day(today)} == earned
        earned = now


@given(SETS_OF_DAYS, st.integers(0, 40), st.sampled_from([DAILY, WEEKDAYS, thrice_a_week()]))
@settings(max_examples=60)
def test_taking_a_tick_back_takes_its_xp_back_exactly(done, one, schedule):
    user = tick(a_person(a_habit(schedule=schedule)), "meditation", done - {one})
    before = Record(user, day(40)).xp_by_day
    tick(user, "meditation", [one])
    assert Record(user, day(40)).xp_by_day != before
    del user.entries("meditation")[day(one)]
    assert Record(user, day(40)).xp_by_day == before


@given(SETS_OF_DAYS, SETS_OF_DAYS)
@settings(max_examples=60)
def test_the_running_streak_is_one_of_the_runs_and_never_above_the_best(done, skips):
    record = record_after(41, done=done - skips, skips=skips)
    assert record.streak in {0, *(run.length for run in record.runs)}
    assert record.streak <= record.best_streak
    assert sum(run.length for run in record.runs) == len(record.done)


class CountedInArrays(Streaks):
    """Streaks that are all counted over the whole record, as those of several units are."""

    _only_unit = None


@given(SETS_OF_DAYS, SETS_OF_DAYS, SETS_OF_DAYS, st.lists(st.sampled_from(PLANS), min_size=1, max_size=2))
def test_a_streak_counted_back_from_its_end_is_the_one_of_the_whole_record(done, skips, paused, plans):
    schedule = [{**plan[0], "from": day(20 * n)} for n, plan in enumerate(plans)]
    pauses = [Pause(start=day(n), to=day(n)) for n in paused]
    user = a_person(a_habit(schedule=schedule, created_on=day(7)), pauses=pauses)
    record = Record(skip(tick(user, "meditation", done), "meditation", skips), day(40)).habits[0]
    whole = CountedInArrays(record.timeline, record.streaks.periods)
    assert [record.streaks.running(unit) for unit in UNITS] == [whole.running(unit) for unit in UNITS]
    for n in range(-1, 42):
        assert record.streaks.standing(day(n)) == whole.by_day.get(day(n), 0)


@given(SETS_OF_DAYS, st.sampled_from(PLANS))
@settings(max_examples=60)
def test_a_rate_is_never_above_all_of_its_plan(done, schedule):
    record = record_after(41, schedule=schedule, done=done)
    hit, of = record.rate(MONDAY, day(40))
    assert 0 <= hit <= of
    assert 0.0 <= record.strength <= 1.0


@given(SETS_OF_DAYS, CHANGES, st.sampled_from(PLANS), st.none() | st.integers(1, 40))
@settings(max_examples=60)
def test_a_rate_counts_no_day_twice_and_none_after_the_archiving(done, changes, plan, archived):
    schedule = [*plan, *({**later[0], "from": day(n)} for n, later in sorted(dict(changes).items()))]
    habit = a_habit(schedule=schedule, archived_on=None if archived is None else day(archived))
    record = Record(tick(a_person(habit), "meditation", done), day(60)).habits[0]
    hit, of = record.rate(MONDAY, day(60))
    assert of <= (61 if archived is None else archived)
    assert hit <= sum(archived is None or n < archived for n in done)


def test_the_week_in_which_a_plan_of_days_takes_over_asks_each_plan_for_its_own_days():
    changed = [*thrice_a_week(5), {"from": day(10), "rrule": "FREQ=DAILY"}]
    assert record_after(20, schedule=changed, done=range(14)).rate(day(7), day(13)) == (6, 6)
    assert record_after(20, schedule=changed, done=[7, 10]).rate(day(7), day(13)) == (2, 6)


def test_what_is_open_today_is_not_missed():
    assert record_after(8, done=range(7)).rate(MONDAY, day(7)) == (7, 7)
    assert record_after(9, done=range(7)).rate(MONDAY, day(8)) == (7, 8)
    assert record_after(8, schedule=thrice_a_week(), done=[0, 2, 4]).rate(MONDAY, day(7)) == (3, 3)


def test_xp_is_ten_a_completion_its_streak_up_to_ten_and_twenty_for_a_perfect_day():
    user = tick(a_person(), "meditation", range(12))
    by_day = Record(user, day(11)).xp_by_day
    assert [by_day[day(n)] for n in (0, 1, 9, 10, 11)] == [31, 32, 40, 40, 40]


def test_a_perfect_day_needs_all_that_was_due_and_one_completion():
    two = a_person(a_habit("Read"), a_habit("Walk"), a_habit("Swim", thrice_a_week()))
    tick(two, "read", range(3))
    tick(two, "walk", [0])
    skip(two, "walk", [1])
    skip(two, "read", [3])
    skip(two, "walk", [3])
    record = Record(two, day(4))
    assert record.perfect_days == {day(0), day(1)}
    assert [record.is_perfect(day(n)) for n in range(5)] == [True, True, False, False, False]


def test_imported_xp_is_shown_apart():
    user = tick(a_person(), "meditation", [0, 1], source="import")
    tick(user, "meditation", [2])
    record = Record(user, day(2))
    assert record.imported_xp == 11 + 12
    assert record.xp == 11 + 12 + 13 + 3 * 20


@given(st.integers(0, 200_000))
def test_level_n_begins_at_50_n_n_minus_1(xp):
    level = level_of(xp)
    start = 50 * level.number * (level.number - 1)
    assert start <= xp < 50 * (level.number + 1) * level.number
    assert (level.into, level.needed) == (xp - start, 100 * level.number)


@pytest.mark.parametrize(("length", "mark"), [(0, ""), (2, ""), (3, "⚡"), (6, "⚡"), (7, "🔥"), (400, "🔥")])
def test_a_streak_wears_its_mark(length, mark):
    assert streak_mark(length) == mark


@pytest.mark.parametrize(
    ("target", "value", "done"),
    [
        ({"at_least": 8}, 8, True),
        ({"at_least": 8}, 7.5, False),
        ({"at_most": 2}, 2, True),
        ({"at_most": 2}, 3, False),
        ({"at_most": 2}, None, True),
        ({"at_least": 8}, None, True),
    ],
)
def test_a_number_counts_within_its_target(target, value, done):
    assert is_done(a_habit(target=target), Completion(value=value)) is done


def test_no_entry_is_not_done_even_within_a_limit():
    assert not is_done(a_habit(target={"at_most": 2}), None)


def test_an_archived_habit_is_due_no_more_and_keeps_its_past():
    user = tick(a_person(a_habit(archived_on=day(5))), "meditation", range(5))
    record = Record(user, day(9))
    assert record.habits[0].due == {day(n) for n in range(5)}
    assert record.active == []
    assert record.xp == sum(11 + n + 20 for n in range(5))


def test_a_leap_day_is_a_day():
    assert date(2024, 2, 29) in record_after(70).due
