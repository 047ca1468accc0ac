"""The sentences of a digest: the record gives the news, the obstacle the tone, the chronotype the frame."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from itertools import pairwise
from typing import Any

import pytest

from core.letters.digest_day import DigestDay
from core.letters.digest_facts import comeback_facts, digest_facts
from core.letters.offers import digest_offers
from core.models import OBSTACLES, Habit, User
from core.progress import Record
from daily_digest import sentences
from tests.cast import DAILY, WEEKDAYS, a_habit, a_person, day, skip, thrice_a_week, tick

EVERY_SECOND_DAY = [{"from": day(0), "rrule": "FREQ=DAILY;INTERVAL=2"}]


def facts(user: User, n: int, *, looks_back: bool = False) -> dict[str, Any]:
    letter_before = datetime.combine(day(n - 1), time(20), tzinfo=UTC)
    return digest_facts(DigestDay(Record(user, day(n)), looks_back), sentences(), last_letter_at=letter_before)


def with_two_habits(**profile: str) -> User:
    person = a_person(a_habit("Meditation"), a_habit("Journal"), profile=profile)
    return tick(person, "meditation", range(5))


# The news


def test_the_first_line_tells_the_news_and_the_next_what_stands_behind_it() -> None:
    said = facts(with_two_habits(), 4)
    assert said["title"] == "One of two on Friday"
    assert said["lead"].startswith("Meditation is at 5 days. ")
    assert "Journal" in said["lead"]


@pytest.mark.parametrize(
    ("ticks", "n", "title"),
    [
        ([0], 0, "The first tick is in: Meditation"),
        ([0, 1, 2, 6], 6, "You're back, with Meditation on Sunday"),
        (range(7), 6, "Meditation: seven days in a row"),
        (range(30), 29, "Meditation: 30 days in a row"),
        ([0, 1, 2, 4], 4, "Meditation had its Friday"),
    ],
)
def test_a_first_tick_a_return_and_a_round_streak_make_the_headline(ticks: Any, n: int, title: str) -> None:
    assert facts(tick(a_person(), "meditation", ticks), n)["title"] == title


@pytest.mark.parametrize(
    ("schedule", "done", "skipped", "said"),
    [
        (EVERY_SECOND_DAY, range(0, 14, 2), [], "Meditation: seven times in a row"),
        (DAILY, [0, 1, 2, 3, 5, 6, 7], [4], "Meditation: seven times in a row"),
        (DAILY, range(7), [], "Meditation: seven days in a row"),
    ],
    ids=["every second day", "with a skip", "each day"],
)
def test_days_in_a_row_are_days_that_lie_side_by_side(schedule: Any, done: Any, skipped: Any, said: str) -> None:
    person = skip(tick(a_person(a_habit(schedule=schedule)), "meditation", done), "meditation", skipped)
    assert facts(person, max(done))["title"] == said


def test_what_is_done_every_second_day_is_told_as_times() -> None:
    person = tick(a_person(a_habit(schedule=EVERY_SECOND_DAY)), "meditation", range(0, 60, 2))
    leads = " ".join(facts(person, n)["lead"] for n in range(2, 60, 2))
    assert re.search(r"Meditation: \d+ times in a row, since January 1\.", leads)
    assert "is at" not in leads


@pytest.mark.parametrize(
    ("schedule", "done", "skipped", "mark", "row"),
    [
        (DAILY, range(9), [], "🔥 9-day streak!", "9 days"),
        (EVERY_SECOND_DAY, range(0, 18, 2), [], "🔥 9 times in a row!", "9 times"),
        (WEEKDAYS, range(5), [], "⚡ 5-day streak!", "5 days"),
        (WEEKDAYS, [*range(5), *range(7, 12)], [], "🔥 10 times in a row!", "10 times"),
        (WEEKDAYS, [*range(6), *range(7, 13)], [], "🔥 10 times in a row!", "10 times"),
        (DAILY, [*range(4), *range(5, 10)], [4], "🔥 9 times in a row!", "9 times"),
        (thrice_a_week(), [7 * week + n for week in range(4) for n in (0, 2, 4)], [], "⚡ 4-week streak!", "4 weeks"),
    ],
    ids=["daily", "every second day", "a week's days", "two weeks' days", "a tick besides", "a skip", "by the week"],
)
def test_a_streak_is_told_in_days_where_they_lie_side_by_side(
    schedule: Any, done: Any, skipped: Any, mark: str, row: str
) -> None:
    person = skip(tick(a_person(a_habit(schedule=schedule)), "meditation", done), "meditation", skipped)
    said = facts(person, max(done))
    assert [win["mark"] for win in said["wins"]] == [mark]
    assert [streak["text"] for streak in said["streaks"]] == [row]


def test_skipped_days_are_no_absence_to_come_back_from() -> None:
    person = skip(tick(a_person(), "meditation", [0, 4]), "meditation", [1, 2, 3])
    assert "back" not in facts(person, 4)["title"]


def test_who_wants_it_right_hears_rates_and_no_streaks_and_owes_nothing() -> None:
    person = tick(a_person(profile={"biggest_obstacle": "Perfectionism"}), "meditation", range(7), clock=None)
    evening, morning = facts(person, 6), facts(person, 6, looks_back=True)
    assert evening["lead"] == morning["lead"] == "Meditation: 7 of 7 in the last seven days."
    assert facts(person, 2)["lead"].endswith("It stands, whatever tomorrow is like.")
    assert facts(person, 2, looks_back=True)["lead"].endswith("It stands, whatever today is like.")
    told = " ".join(f"{facts(person, n)['title']} {facts(person, n)['lead']}" for n in range(7))
    assert not re.search("in a row| is at |since", told)
    short = a_person(a_habit("Read"), a_habit("Journal"), profile={"biggest_obstacle": "Perfectionism"})
    assert facts(tick(short, "read", range(5)), 4)["subject"] == "Daily Digest: 1/2, Read 5 of 5 days (Day 4)"


def test_what_is_open_is_named_and_many_are_named_in_part() -> None:
    names = ["Read", "Draw", "Walk", "Cook", "Floss", "Piano", "Spanish"]
    person = tick(a_person(*[a_habit(name) for name in ["Meditation", *names]]), "meditation", range(3))
    said = facts(person, 2)
    assert "Read, Draw, Walk, Cook and 3 more" in said["lead"]
    assert said["preheader"] == "Still open: Read, Draw, Walk, Cook and 3 more."


def test_a_day_without_a_tick_is_open_in_the_evening_and_quiet_the_morning_after() -> None:
    assert facts(a_person(), 2)["subject"] == "Daily Digest: 0/1, Wednesday is open (Day 2)"
    assert facts(a_person(), 2, looks_back=True)["subject"] == "Daily Digest: 0/1, a quiet Wednesday (Day 2)"


def test_n_times_a_week_stands_with_its_count_and_is_never_open() -> None:
    person = tick(a_person(a_habit("Swim", thrice_a_week()), a_habit("Journal")), "swim", [0, 2])
    done, other = facts(person, 2), facts(tick(person, "journal", [3]), 3)
    assert done["subject"] == "Daily Digest: 1/2, Swim 2 of 3 (Day 2)", "with the week it would be too long"
    assert done["lead"].startswith("Swim: 2 of 3 this week.")
    assert "Swim: 2 of 3 this week." in other["ahead"]
    assert "Swim" not in str(other["missed"])
    assert "Swim" not in facts(person, 6)["ahead"], "on Sunday its week is over"
    assert "Swim: 3 times this week, on" in facts(person, 6, looks_back=True)["ahead"], "on Monday another one begins"
    assert "Swim: 3 times this week, on days of your choice." in facts(tick(person, "journal", [7]), 7)["ahead"]


def test_day_7_has_the_week_in_numbers_and_no_other_day_has() -> None:
    person = tick(a_person(), "meditation", range(1, 8), clock=time(13, 10))
    assert facts(person, 7)["stats_line"] == (
        "You've completed 7 habits over 7 days at 100% rate (7 of 7). You meditate 1:10 PM every day."
    )
    assert facts(person, 6)["stats_line"] == facts(person, 8)["stats_line"] == ""
    assert facts(a_person(), 7)["stats_line"] == ""
    once = facts(tick(a_person(), "meditation", [3]), 7)["stats_line"]
    assert once.startswith("You've completed 1 habit over 7 days")


# What the record shows


def lived(*habits: Habit, days: int = 120, **profile: str) -> User:
    """Somebody who did everything on every day, at hours that vary a little."""
    person = a_person(*habits, profile=profile)
    for place, habit in enumerate(habits):
        for n in range(days):
            tick(person, habit.id, [n], clock=time(7 + 2 * place, (11 * n) % 37), value=20 + n % 5)
    return person


FULL_LIVES = {
    "one habit": (lived(a_habit("Meditation")), 15),
    "three habits": (lived(a_habit("Meditation"), a_habit("Journal"), a_habit("Draw")), 10),
    "one habit, to be right": (lived(a_habit("Meditation"), biggest_obstacle="Perfectionism"), 24),
    "a number": (lived(a_habit("Read", target={"at_least": 20, "unit": "pages"}), main_habit="Read"), 15),
    "what is left out": (lived(a_habit("No phone in bed"), main_habit="No phone in bed"), 25),
}


@pytest.mark.parametrize("life", FULL_LIVES)
@pytest.mark.parametrize("looks_back", [True, False])
def test_a_long_run_of_full_days_is_told_with_something_else_each_time(life: str, looks_back: bool) -> None:
    person, most_alike = FULL_LIVES[life]
    letters = [facts(person, n, looks_back=looks_back) for n in range(21, 81)]
    leads, preheaders = ([str(one[part]) for one in letters] for part in ("lead", "preheader"))
    assert all(one != following for one, following in pairwise(leads))
    assert sum(one == following for one, following in pairwise(preheaders)) <= 3
    assert all(preheader not in lead for lead, preheader in zip(leads, preheaders, strict=True))
    masked = [re.sub(r"\d+|\w+day|Jan\w+|Feb\w+|March", "#", lead) for lead in leads]
    assert max(map(masked.count, masked)) <= most_alike
    assert len(set(masked)) >= 4
    assert not any(re.search(r"\b(0|1) (days|times)|\b0%|None|{", said) for said in leads + preheaders)


def test_the_numbers_behind_a_full_day_are_those_of_the_record() -> None:
    person = lived(a_habit("Meditation"), a_habit("Draw"))
    said = {sentence for n in range(14, 100) for sentence in told(facts(person, n), n)}
    for n, sentence in (
        (33, "Meditation, Saturday by Saturday: 5 of the last 5."),
        (34, "Meditation is at 35 days, since January 1."),
        (44, "Meditation at 7:03 AM; the 7 times before it, 7:00 to 7:33 AM."),
        (56, "February so far: all of it on 26 days."),
        (59, "All of it on 60 days in a row, since January 1."),
    ):
        assert (n, sentence) in said, [one for at, one in said if at == n]


def told(letter: dict[str, Any], n: int) -> list[tuple[int, str]]:
    return [(n, one) for one in (*re.split(r"(?<=[.]) (?=[A-Z])", letter["lead"]), letter["preheader"])]


def test_the_first_full_day_a_whole_week_and_a_whole_month_make_the_headline() -> None:
    person = lived(a_habit("Meditation"), a_habit("Draw"), days=40)
    del person.completions["draw"][day(0)]
    assert facts(person, 1)["title"] == "The first day with all of it done"
    assert facts(person, 6)["title"] == "Meditation: seven days in a row", "the week began with an open day"
    assert facts(person, 10)["title"] == "10 days with all of it done"
    assert facts(person, 27)["title"] == "A whole week, Monday to Sunday"
    assert (
        facts(lived(a_habit("Meditation"), a_habit("Draw")), 30)["title"]
        == "All of January, from the first to the last"
    )


def test_what_came_of_a_day_is_told_at_once() -> None:
    pages = a_habit("Read", target={"at_least": 20, "unit": "pages"})
    person = tick(a_person(pages, profile={"main_habit": "Read"}), "read", range(9), value=20)
    assert facts(tick(person, "read", [9], value=31), 9)["lead"].startswith("Read: 31 pages, the most so far.")


def test_what_stays_within_a_number_is_never_said_to_be_done() -> None:
    coffee = a_habit("Coffee", target={"at_most": 2, "unit": "cups"})
    person = tick(a_person(coffee, profile={"main_habit": "Coffee"}), "coffee", range(40), value=1)
    said = [facts(person, n) for n in range(1, 40)]
    assert not any(
        re.search(
            "Coffee is at|Coffee: done|Coffee is done|in a row", f"{one['title']} {one['lead']} {one['preheader']}"
        )
        for one in said
    )
    assert any("Coffee: within 2 cups for 12 days, since January 1." in one["lead"] for one in said)


# The tone and the frame


@pytest.mark.parametrize("looks_back", [True, False])
def test_each_obstacle_hears_of_an_open_habit_in_its_own_words(looks_back: bool) -> None:
    said = {
        facts(with_two_habits(biggest_obstacle=obstacle), 4, looks_back=looks_back)["lead"] for obstacle in OBSTACLES
    }
    assert len(said) == 4
    assert all("Journal" in lead for lead in said)


def test_the_next_day_is_told_by_name_where_it_holds_something_else() -> None:
    swim = a_habit("Swim", [{"from": day(0), "rrule": "FREQ=WEEKLY;BYDAY=TU"}])
    person = tick(a_person(swim, a_habit("Journal"), a_habit("Walk")), "journal", range(3))
    assert facts(person, 0)["ahead"].startswith("Tomorrow holds Swim, Journal and Walk. ")
    assert facts(person, 1)["ahead"].startswith("Tomorrow holds Journal and Walk. ")
    assert "holds" not in facts(person, 2)["ahead"]


# What the day leaves open


def test_numbers_that_were_entered_stand_beside_their_habit() -> None:
    steps = a_habit("Steps", target={"at_least": 8, "unit": "thousand"})
    series = a_habit("Series", target={"at_most": 2, "unit": "episodes"})
    person = tick(a_person(steps, series), "steps", [0], value=9)
    tick(tick(tick(person, "series", [0], value=1), "steps", [1], value=5.5), "series", [1], value=3)
    assert [win["note"] for win in facts(person, 0)["wins"]] == ["9 thousand", "1 of at most 2 episodes"]
    assert [one["note"] for one in facts(person, 1)["missed"]] == [
        "5.5 of 8 thousand, still open today",
        "still open today",
    ]
    assert [one["note"] for one in facts(person, 1, looks_back=True)["missed"]] == ["5.5 of 8 thousand", ""]


def test_nobody_is_said_to_have_prioritized_what_they_stay_within() -> None:
    series = a_habit("Series", target={"at_most": 2, "unit": "episodes"})
    person = tick(tick(a_person(series, a_habit("Walk")), "series", range(9), value=1), "walk", [1])
    assert facts(person, 0)["reflection"].startswith("Today I kept within what I had planned. Tomorrow")
    assert facts(person, 1)["reflection"].startswith("Today I prioritized walk. ")
    assert not any("Series" in facts(person, n)["title"] for n in range(2, 6))


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("name", ["No sugar", "Take my pills", "Kein Alkohol", "No phone in bed"])
def test_nobody_is_asked_for_a_little_of_what_is_left_out_or_prescribed(obstacle: str, name: str) -> None:
    profile = {"main_habit": name, "biggest_obstacle": obstacle}
    person = tick(a_person(a_habit(name, id="one"), a_habit("Walk"), profile=profile), "walk", range(9))
    for n in range(9):
        said = facts(person, n)
        asked = f"{said['lead'].replace(f'{name} is still open.', '')} {said['ahead'].partition('.')[2]}"
        assert name not in asked
    alone = a_person(a_habit(name, id="one"), profile=profile)
    assert name not in facts(alone, 3)["lead"] + facts(alone, 3, looks_back=True)["lead"]
    assert comeback_facts(alone, day(5), 5, last=False)["step"] == ""


def test_a_medicine_s_row_of_days_is_no_headline() -> None:
    person = tick(a_person(a_habit("Take my pills", id="one")), "one", range(8))
    assert not any("in a row" in facts(person, n)["title"] or " is at " in facts(person, n)["lead"] for n in range(8))


@pytest.mark.parametrize("name", ["Take my pills", "Kein Alkohol", "Count calories", "Sleep 8 hours"])
def test_a_delicate_habit_has_no_streak_in_a_letter_as_it_has_none_on_the_screens(name: str) -> None:
    target = {"at_least": 8, "unit": "hours"} if "Sleep" in name else None
    person = tick(a_person(a_habit(name, id="one", target=target), a_habit("Walk")), "one", range(9), value=8)
    said = facts(tick(person, "walk", range(9)), 8)
    assert [win["mark"] for win in said["wins"]] == ["", "🔥 9-day streak!"]
    assert [row["name"] for row in said["streaks"]] == ["Walk"]


def test_a_name_from_right_to_left_leaves_the_order_of_its_sentence_alone() -> None:
    person = tick(a_person(a_habit("קריאה", id="one"), a_habit("Walk")), "one", range(3))
    assert facts(person, 2)["lead"].startswith("\u2068קריאה\u2069 is at 3 days.")
    assert facts(person, 2)["wins"][0]["name"] == "קריאה"


def test_the_last_day_of_a_week_offers_no_other_day() -> None:
    person = tick(a_person(a_habit("Swim", thrice_a_week()), a_habit("Walk")), "swim", [0])

    def offered(n: int, *, looks_back: bool) -> dict[str, Any]:
        said = facts(person, n, looks_back=looks_back)
        return digest_offers(said, DigestDay(Record(person, day(n)), looks_back), lambda *_about: "")

    saturday, sunday, monday = offered(5, looks_back=False), offered(6, looks_back=False), offered(6, looks_back=True)
    assert saturday["open_title"] == "Any day will do"
    assert sunday["open_title"] == "Today, if you like"
    assert [row["note"] for row in sunday["open"]] == ["1 of 3 this week"]
    assert [row["note"] for row in monday["open"]] == ["3 times this week", ""]


def test_whoever_hears_once_a_week_hears_of_the_week() -> None:
    weekly, daily = (
        tick(a_person(a_habit("Meditation"), profile={"letters": {"every": every}}), "meditation", range(0, 30, 2))
        for every in (7, 1)
    )
    for n in (14, 28):
        assert facts(weekly, n)["stats_line"] == "You've completed 4 habits over 7 days at 57% rate (4 of 7)."
        assert facts(daily, n)["stats_line"] == ""
