"""Words, tables and pictures: each says what the record says."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalogue import speaking
from core.coach.statistics.kinds import CLAIMS
from core.models import Habit, Plan
from core.progress import Record
from core.wording import locale_of, streak_text
from screens import looks, wording
from screens.pictures import drawn, evidence, heat, progress_days, strength, tables
from tests.screens_cast import EN, TODAY, days_ago, lived


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "on weekdays"),
        ("FREQ=WEEKLY;BYDAY=SA,SU", "on weekends"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every Monday, every 2 weeks"),
        ("FREQ=WEEKLY", "every Sunday"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "on days of a rule of its own"),
    ],
)
def test_a_plan_is_said_in_words(rule: str, said: str) -> None:
    assert wording.plan_words(Plan.model_validate({"from": TODAY, "rrule": rule}), EN) == said


def test_dates_numbers_and_clocks_follow_the_locale() -> None:
    german = locale_of("de-DE")
    assert wording.long_day(TODAY, german) == "Sonntag, 22. November"
    assert wording.number(1234.5, german) == "1.234,5"
    assert wording.percent(0.67, german) == "67\xa0%"
    assert (wording.clock(375, german), wording.clock(375, EN)) == ("06:15", "6:15\xa0AM")
    assert locale_of("tlh-nowhere") == EN


FORTY_DAYS = Record(lived(40), TODAY)


@settings(max_examples=15)
@given(st.integers(0, 40), st.integers(0, 40))
def test_the_tables_add_up_to_the_rates_of_the_record(a: int, b: int) -> None:
    record = FORTY_DAYS
    first, last = sorted((days_ago(a), days_ago(b)))
    for one in record.habits:
        weeks = tables.by_week([one], first, last)
        if one.unit == "day":
            assert tuple(weeks.sum()) == one.rate(first, last)
            assert tuple(tables.by_weekday([one], first, last).sum()) == one.rate(first, last)
        else:
            spans = [(max(m.date(), first), min(m.date() + timedelta(days=6), last)) for m in weeks.index]
            assert [tuple(row) for row in weeks.to_numpy()] == [one.rate(*span) for span in spans]


@pytest.mark.parametrize(
    ("today_", "this", "before"),
    [
        (date(2026, 11, 22), (1, 22), (1, 22)),
        (date(2026, 3, 31), (1, 28), (1, 28)),
        (date(2026, 1, 1), (1, 1), (1, 1)),
    ],
)
def test_months_are_compared_over_the_same_days(today_: date, this: tuple[int, int], before: tuple[int, int]) -> None:
    months = tables.same_days(today_)
    assert tuple(day.day for day in months.this) == this
    assert tuple(day.day for day in months.before) == before
    assert months.before[0].month == (today_.month - 2) % 12 + 1


@given(st.lists(st.integers(0, 1439), min_size=1, max_size=30), st.integers(0, 1439))
def test_clock_times_stay_near_the_middle_and_are_the_same_minutes(minutes: list[int], middle: int) -> None:
    turned = drawn.unwrapped(minutes, middle)
    assert all(-720 <= time - middle < 720 for time in turned)
    assert [time % 1440 for time in turned] == minutes
    picture = drawn.dot_plot(minutes, middle, [middle], EN)
    assert picture.count("<i") + sum(map(int, re.findall(r"<b>(\d+)</b>", picture))) == len(minutes)


@given(st.integers(1, 200), st.integers(0, 1439))
def test_however_often_a_time_is_the_same_its_picture_stays_as_low(n: int, minute: int) -> None:
    picture = drawn.dot_plot([minute] * n, minute, [minute], EN)
    [height] = re.findall(r"--h:(\d+)", picture)
    assert int(height) <= drawn.DOTS_MOST
    assert (f"<b>{n}</b>" in picture) == (n > drawn.DOTS_MOST)


@given(st.integers(0, 12), st.integers(1, 12))
def test_a_day_is_dark_when_all_is_done_and_empty_when_nothing_is(done: int, due: int) -> None:
    level = heat.heat_level(done, due)
    assert (level == 0) == (done == 0)
    assert (level == heat.HEAT_STEPS) == (done >= due)


@given(st.text(max_size=40))
def test_only_a_colour_reaches_a_style(color: str) -> None:
    habit = Habit.model_validate(
        {
            "id": "a",
            "name": "A",
            "created_on": TODAY,
            "color": color,
            "schedule": [{"from": TODAY, "rrule": "FREQ=DAILY"}],
        }
    )
    assert looks.color_of(habit) == color or looks.color_of(habit) in looks.COLORS.values()
    assert looks.shade(habit).count('"') == 2


def test_every_kind_of_finding_has_its_title() -> None:
    assert CLAIMS.keys() <= evidence.TITLES.keys()
    assert evidence.STANDING.keys() <= CLAIMS.keys()


def test_a_first_sign_is_headed_by_its_subject_and_what_is_established_by_what_it_says() -> None:
    said = [evidence.title("weekend_weak", early=early) for early in (True, False)]
    assert said == ["Weekdays and weekends", "Strong weekdays, quiet weekends"]
    assert evidence.title("varied_time", early=False) == "No hour of its own"


def test_a_finding_draws_its_groups_and_its_days() -> None:
    days = [[days_ago(n).isoformat(), n % 3 > 0] for n in range(30, 0, -1)]
    groups = [
        {"label": "weekdays", "done": 18, "of": 22, "low": 0.65, "high": 0.91},
        {"label": "weekends", "done": 2, "of": 8, "low": 0.1, "high": 0.55},
    ]
    found = {"days": days, "groups": groups}
    drawn_picture, told = evidence.picture("weekend_weak", found, EN), evidence.numbers(found, EN)
    assert drawn_picture.count('class="on') + drawn_picture.count('class="off') == 30
    assert "weekdays 18 of 22, weekends 2 of 8" in drawn_picture
    assert "65% to 91%" in told
    assert "20 of 30 days" in told


def test_a_moved_hour_is_drawn_day_by_day_with_the_day_it_moved() -> None:
    times = [[days_ago(n).isoformat(), 1430 if n > 15 else 50] for n in range(30, 0, -1)]
    found = {"times": times, "minutes": 60, "clocks": [1430, 50], "within30": [15, 15]}
    moved = {**found, "from_day": days_ago(15).isoformat()}
    drawn_picture = evidence.picture("time_later", moved, EN)
    assert drawn_picture.count("<i") == 30
    assert drawn_picture.count("<u") == 1
    assert "from around 11:50" in drawn_picture
    assert "<u" not in evidence.picture("time_later", found, EN)
    weekends = sum(days_ago(n).weekday() > 4 for n in range(30, 0, -1))
    assert evidence.picture("weekend_time", found, EN).count('class="far"') == weekends


def test_two_slots_are_drawn_whole_with_a_band_each() -> None:
    times = [[days_ago(n).isoformat(), 1080 if n % 2 else 360 + n] for n in range(28, 0, -1)]
    drawn_picture = evidence.picture("two_slots", {"times": times, "minutes": [375, 1080], "within30": [28, 28]}, EN)
    assert drawn_picture.count("<u") == 2
    assert 'class="far"' not in drawn_picture


def test_a_year_is_drawn_as_two_halves_with_every_day_in_one_of_them() -> None:
    picture = heat.heat_map(FORTY_DAYS, days_ago(7 * 52), EN, "year")
    first, second = re.findall("<span>(.*?)</span>", picture)
    assert [first.count("<i "), second.count("<i ")] == [7 * heat.HALF_WEEKS, 7 * (53 - heat.HALF_WEEKS)]
    assert "<span>" not in heat.heat_map(FORTY_DAYS, days_ago(7 * 6), EN, "seven").partition("in-key")[0]


def test_below_a_strength_of_many_years_stand_years() -> None:
    record = Record(lived(2000), TODAY).habits[0]
    below = strength.curve(record, EN).partition("pg-dates")[2]
    assert re.findall("<em[^>]*>(.*?)</em>", below) == ["2022", "2023", "2024", "2025", "2026"]
    half = strength.curve(record, EN, days_ago(182)).partition("pg-dates")[2]
    assert re.findall("<em[^>]*>(.*?)</em>", half) == ["Jun", "Jul", "Aug", "Sep", "Oct", "Nov"]


def test_counts_and_decimals_have_the_marks_of_the_language() -> None:
    assert drawn.done_of(1825, 3468) == "1,825 of 3,468"
    assert streak_text(1200, "day") == "1,200 days"
    with speaking("de"):
        assert drawn.done_of(1825, 3468) == "1.825 von 3.468"
        assert "94,8 %" in strength.how_computed(FORTY_DAYS.habits[0], locale_of("de"))


def test_a_weekday_that_has_not_come_yet_has_no_number() -> None:
    drawn_days = progress_days.weekdays(Record(lived(2), TODAY).habits, days_ago(2), TODAY, None, EN)
    assert drawn_days.count("none due") == 4
    assert "0 of 0" not in drawn_days
    assert drawn_days.count("<details") == 3
