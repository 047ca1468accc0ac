"""Names, numbers and clocks as they are said."""

from __future__ import annotations

from datetime import date

import pytest

from core.wording import (
    activity_of,
    after_i,
    between_text,
    clock_text,
    date_text,
    hours_text,
    label,
    locale_of,
    percent_text,
)


@pytest.mark.parametrize(
    ("locale", "clock", "between", "hours", "percent"),
    [
        ("en", "6:15 AM", "6:10 to 6:20 AM", "7–9 PM", "67%"),
        ("en-GB", "06:15", "06:10 to 06:20", "19:00–21:00", "67%"),
        ("de", "06:15", "06:10 to 06:20", "19:00–21:00", "67\xa0%"),
        ("es_MX", "6:15 a.m.", "6:10 to 6:20 a.m.", "7–9 p.m.", "67%"),
        ("xx", "6:15 AM", "6:10 to 6:20 AM", "7–9 PM", "67%"),
    ],
)
def test_numbers_and_clocks_are_the_locale_s(locale: str, clock: str, between: str, hours: str, percent: str) -> None:
    assert clock_text(375, locale) == clock
    assert between_text(370, 380, locale) == between
    assert hours_text(19 * 60 + 10, 20 * 60 + 40, locale) == hours
    assert percent_text(2, 3, locale) == percent


def test_a_span_across_noon_names_both_halves_of_the_day() -> None:
    assert between_text(715, 725, "en") == "11:55 AM to 12:05 PM"


def test_a_name_stands_on_one_line() -> None:
    assert label(" Call\n mum ") == "Call mum"


def test_a_day_is_said_as_month_and_number() -> None:
    assert date_text(date(2026, 11, 1)) == "November 1"


@pytest.mark.parametrize(
    ("name", "third", "doing"),
    [
        ("Daily run", "runs", "running"),
        ("Study coding", "studies", "coding"),
        ("Meditation", "meditates", "meditating"),
        ("Read 20 pages", "reads", "reading"),
        ("Klavier üben", "practises", "practising"),
        ("Laufen", "runs", "running"),
    ],
)
def test_a_habit_s_name_says_what_its_person_does(name: str, third: str, doing: str) -> None:
    activity = activity_of(name)
    assert activity is not None
    assert (activity.third, activity.doing) == (third, doing)


@pytest.mark.parametrize("name", ["No running indoors", "Floss", "🧘", "Prune the hedge", "Stop reading in bed", ""])
def test_an_unknown_or_negated_name_says_nothing(name: str) -> None:
    assert activity_of(name) is None


@pytest.mark.parametrize(
    "typed", ["put the kettle on", "I put the kettle on", "After I put the kettle on", " after put the kettle on "]
)
def test_a_cue_stands_behind_after_i_however_it_was_typed(typed: str) -> None:
    assert after_i(typed) == "put the kettle on"


@pytest.mark.parametrize(
    ("name", "known"),
    [("de-AT", "de_AT"), ("de_US", "de"), ("pt-BR", "pt_BR"), ("en-XX", "en"), ("xx", "en"), ("", "en"), ("d-", "en")],
)
def test_a_country_that_no_one_writes_a_language_in_leaves_the_language(name: str, known: str) -> None:
    assert str(locale_of(name)) == known
