"""Days belong to people: laws of the person's day and of the instant of a wall clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from dateutil.tz import resolve_imaginary
from hypothesis import given
from hypothesis import strategies as st

from core.localtime import day_number, local_day, wall_instant, zone

ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
CLOCKS = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(ZONES, DAYS, CLOCKS)
def test_a_wall_time_has_one_instant_a_day_and_a_skipped_one_moves_forward_by_the_gap(name, day, clock):
    tz = ZoneInfo(name)
    instant = wall_instant(day, clock, tz)
    assert instant == resolve_imaginary(datetime.combine(day, clock, tzinfo=tz))
    assert wall_instant(day + timedelta(days=1), clock, tz) > instant


@given(ZONES, DAYS, CLOCKS)
def test_a_wall_time_that_exists_reads_back_as_it_was(name, day, clock):
    tz = ZoneInfo(name)
    shown = wall_instant(day, clock, tz).astimezone(tz)
    wall = datetime.combine(day, clock)
    assert shown.replace(tzinfo=None) >= wall
    if shown.replace(tzinfo=None) == wall:
        assert shown.fold == 0, "a time that occurs twice happens the first time"


def test_half_past_two_in_the_gap_of_spring_is_half_past_three():
    shown = wall_instant(date(2026, 3, 29), time(2, 30), ZoneInfo("Europe/Berlin")).astimezone(
        ZoneInfo("Europe/Berlin")
    )
    assert shown.isoformat() == "2026-03-29T03:30:00+02:00"


@given(ZONES, DAYS, st.integers(0, 6))
def test_a_day_holds_every_instant_up_to_its_end_and_none_after(name, day, ends_at):
    tz = ZoneInfo(name)
    end = wall_instant(day + timedelta(days=1), time(ends_at), tz)
    assert local_day(end, tz, ends_at) > day
    assert local_day(end - timedelta(minutes=1), tz, ends_at) <= day


def test_half_past_one_belongs_to_yesterday_for_whom_the_day_ends_at_three():
    night = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
    assert local_day(night, zone("UTC"), 3) == date(2026, 11, 21)
    assert local_day(night, zone("UTC"), 0) == date(2026, 11, 22)


def test_the_date_written_at_sign_up_is_day_0_whatever_zone_comes_later():
    created = datetime.fromisoformat("2026-11-01T23:30:00-07:00")
    assert day_number(created, date(2026, 11, 1)) == 0
    assert day_number(created, date(2026, 11, 8)) == 7


@pytest.mark.parametrize(("name", "hours"), [("UTC-8", -8), ("UTC+5:45", 5.75), ("UTC+14", 14), ("UTC", 0)])
def test_a_fixed_offset_is_a_zone(name, hours):
    assert datetime(2026, 7, 1, tzinfo=zone(name)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "UTC-99", "../etc/passwd", "UTC-8 ", "utc-8x"])
def test_an_unknown_zone_is_refused_by_its_name(name):
    with pytest.raises(ValueError, match="write it like Europe/Lisbon or UTC-8"):
        zone(name)
