"""The clock times that can be trusted: what tells when a thing was done, and what was made up."""

from __future__ import annotations

from datetime import date
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from core.coach.statistics.evidence import gather
from core.coach.statistics.hours import distance
from core.coach.statistics.trusted_times import made_up
from tests.cast import a_habit, a_person, day
from tests.coach_cast import kinds, lived


def test_backfills_and_mail_count_for_rates_but_have_no_time() -> None:
    user = lived(a_person(), "meditation", dict.fromkeys(range(12), 375))
    lived(user, "meditation", {12: 375}, source="mail")
    lived(user, "meditation", {13: 375}, source="backfill")
    seen = gather(user, day(14)).habits[0]
    assert [then for then, _ in seen.times] == [day(n) for n in range(12)]
    assert seen.days[12:] == ((day(12), True), (day(13), True))


def test_an_import_with_its_time_counts_as_a_time() -> None:
    user = lived(a_person(), "meditation", {0: 375}, source="import")
    assert gather(user, day(14)).habits[0].times == ((day(0), 375),)


def test_the_small_hours_belong_to_the_evening_before_and_the_next_noon_does_not() -> None:
    user = lived(a_person(), "meditation", {0: 1440 + 90, 1: 1440 + 12 * 60, 2: -20})
    assert gather(user, day(14)).habits[0].times == ((day(0), 90),)


def test_a_clock_change_and_a_journey_move_nothing() -> None:
    user = lived(a_person(), "meditation", dict.fromkeys(range(7), 375), offset=-5)
    lived(user, "meditation", dict.fromkeys(range(7, 11), 375), offset=-4)
    lived(user, "meditation", dict.fromkeys(range(11, 14), 375), offset=1)
    assert kinds(user, 14)["usual_time"].evidence["minute"] == 375


def test_three_ticks_at_once_before_a_usual_time_is_known_were_made_up() -> None:
    user = a_person(a_habit("A"), a_habit("B"), a_habit("C"))
    for i, name in enumerate("abc"):
        lived(user, name, {0: 1320 + i * 0.5})
    assert all(not habit.times for habit in gather(user, day(14)).habits)


def test_two_habits_done_together_at_their_usual_time_are_kept_and_far_from_it_dropped() -> None:
    user = a_person(a_habit("A"), a_habit("B"))
    lived(user, "a", dict.fromkeys(range(8), 400) | {8: 1320})
    lived(user, "b", dict.fromkeys(range(8), 401) | {8: 1321})
    for habit in gather(user, day(14)).habits:
        assert [then for then, _ in habit.times] == [day(n) for n in range(8)]


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.sampled_from(["a", "b", "c"]), st.sampled_from([400, 401.5, 403, 1320])),
        max_size=60,
    )
)
def test_whether_a_time_was_made_up_is_told_by_that_day_and_the_days_before(
    ticks: list[tuple[int, str, float]],
) -> None:
    seen: dict[str, dict[date, float]] = {"a": {}, "b": {}, "c": {}}
    for n, habit_id, minute in ticks:
        seen[habit_id][day(n)] = minute
    dropped = made_up(seen)
    for last in (10, 20):
        until = {habit_id: {on: at for on, at in times.items() if on <= day(last)} for habit_id, times in seen.items()}
        assert made_up(until) == {(habit_id, on) for habit_id, on in dropped if on <= day(last)}
    for habit_id, times in seen.items():
        for on, minute in times.items():
            mates = sum(other != habit_id and abs(of.get(on, 9999) - minute) <= 2 for other, of in seen.items())
            earlier = [at for then, at in times.items() if then < on]
            is_far = distance(median(earlier), minute) > 90 if len(earlier) >= 5 else mates >= 2
            assert ((habit_id, on) in dropped) == (mates > 0 and is_far)
