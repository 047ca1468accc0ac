"""Taps in a letter: what each does to the document, that twice is once, that it can be taken back, and for how long."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import planning, recording
from core.coach.statistics.evidence import evidence_of
from core.letters.taps import REASONS, TAPS_FOR, Action, Link, Said, follow, missed_on, paused_until
from core.models import Completion, User
from core.progress import record_of
from core.recording import RecordingError
from tests.recording_cast import BEGAN, HABITS, NOW, TODAY, Move, ana, days_ago, lived, moves

ANA = "ana-3f9a1c"
TAPS: tuple[tuple[Action, str, Said], ...] = (
    ("done", "read", Said()),
    ("done", "water", Said()),
    ("done", "coffee", Said()),
    ("skip", "read", Said()),
    ("open", "read", Said()),
    ("reason", "time", Said()),
    ("reason", "", Said("the train was late")),
    ("reflection", "Tomorrow", Said("sleeping early")),
    ("pause", "", Said()),
    ("every", "2", Said()),
    ("go-on", "", Said()),
    ("confirm", "", Said()),
    ("unsubscribe-digest", "", Said()),
    ("unsubscribe-drip", "", Said()),
    ("unsubscribe-all", "", Said()),
)
OF_A_DAY = ("done", "skip", "open", "reason", "reflection")
RESTORED = (*OF_A_DAY, "pause", "every", "unsubscribe-digest", "unsubscribe-drip", "unsubscribe-all")
taps = st.sampled_from(TAPS)


def link(action: Action, detail: str = "", day: date = TODAY) -> Link:
    return Link(action, ANA, detail, day if action in OF_A_DAY else None)


def tap(user: User, action: Action, detail: str = "", said: Said = Said(), *, day: date = TODAY) -> str:  # noqa: B008
    return follow(user, link(action, detail, day), now=NOW, said=said)


def take_back(user: User, undo: str, day: date | None = TODAY) -> None:
    follow(user, Link("take-back", ANA, undo, day), now=NOW)


def without_empty_places(user: User) -> dict[str, Any]:
    """The document, without the empty dicts in which something may have stood."""
    body = user.to_json()
    digests = {day: said for day, said in body["daily_digests"].items() if said["reflection"]}
    done = {habit: entries for habit, entries in body["completions"].items() if entries}
    return body | {"daily_digests": digests, "completions": done}


@given(st.lists(moves, max_size=12), taps)
def test_a_tap_twice_is_once(history: list[Move], chosen: tuple[Action, str, Said]) -> None:
    once, twice = lived(ana(), history), lived(ana(), history)
    tap(once, *chosen)
    tap(twice, *chosen)
    assert tap(twice, *chosen) == "", "the second time nothing is to be taken back"
    assert once.to_json() == twice.to_json()


@given(st.lists(moves, max_size=12), taps, st.integers(0, 14))
def test_what_is_taken_back_is_as_it_was(history: list[Move], chosen: tuple[Action, str, Said], n: int) -> None:
    user = lived(ana(), history)
    recording.tick(user, "water", days_ago(n), now=NOW, value=5)
    recording.write_note(user, "water", days_ago(n), "half of it", now=NOW)
    before, xp = without_empty_places(user), record_of(user, NOW).xp
    action, detail, said = chosen
    undo = tap(user, action, detail, said, day=days_ago(n))
    for _ in range(2):
        if undo:
            take_back(user, undo, link(action, day=days_ago(n)).day)
    if action in RESTORED:
        assert record_of(user, NOW).xp == xp
        assert without_empty_places(user) == before


@pytest.mark.parametrize(("first", "second"), [("yes", "no"), ("no", "yes")])
def test_an_answer_about_advice_is_kept_and_taken_back_to_the_one_before(first: str, second: str) -> None:
    user = ana()
    user.coaching_insights.given.append({"id": "spare-hour", "habit": "read", "day": TODAY.isoformat()})
    said = user.coaching_insights.given[0]
    assert tap(user, "helpful", f"{first}:spare-hour:read")
    assert tap(user, "helpful", f"{first}:spare-hour:read") == ""
    undo = tap(user, "helpful", f"{second}:spare-hour:read")
    assert said["feedback"] == second
    take_back(user, undo, None)
    assert said["feedback"] == first
    for unknown in ("yes:spare-hour:run", "yes:another-piece:read"):
        with pytest.raises(RecordingError, match="not in your record"):
            tap(user, "helpful", unknown)


@given(st.lists(moves, max_size=12), st.sampled_from(HABITS), st.integers(0, 14))
def test_done_by_mail_and_done_in_the_app_are_one_record(history: list[Move], habit: str, n: int) -> None:
    by_mail, in_app, day = lived(ana(), history), lived(ana(), history), days_ago(n)
    tap(by_mail, "done", habit, day=day)
    recording.tick(in_app, habit, day, now=NOW)
    assert record_of(by_mail, NOW).xp_by_day == record_of(in_app, NOW).xp_by_day
    assert day in record_of(by_mail, NOW).of(habit).done
    before = by_mail.to_json()
    recording.tick(by_mail, habit, day, now=NOW)
    assert by_mail.to_json() == before
    recording.untick(by_mail, habit, day, now=NOW)
    assert day not in by_mail.entries(habit)


def test_a_tick_by_mail_has_the_offset_of_the_profile_and_no_say_about_hours() -> None:
    user = ana()
    user.coaching_profile.timezone = "America/Los_Angeles"
    tap(user, "done", "read")
    tap(user, "done", "read", day=days_ago(1))
    assert user.to_json()["completions"]["read"] == {
        "2026-11-22": {"at": "2026-11-22T13:30:00-08:00", "source": "mail"},
        "2026-11-21": {"at": None, "source": "mail", "recorded": NOW.isoformat()},
    }
    assert all(habit.times == () for habit in evidence_of(record_of(user, NOW)).habits)
    assert record_of(user, NOW).of("read").rate(days_ago(1), TODAY) == (2, 2)


def test_a_tick_in_the_app_keeps_its_hour_under_a_tap_on_done() -> None:
    user = ana()
    recording.tick(user, "read", TODAY, now=NOW - timedelta(hours=9))
    before = user.to_json()
    assert tap(user, "done", "read") == ""
    assert user.to_json() == before


def test_done_means_the_number_aimed_at_or_within_it() -> None:
    user = ana()
    tap(user, "done", "water")
    tap(user, "done", "coffee")
    assert user.entries("water")[TODAY].value == 8
    assert user.entries("coffee")[TODAY].value is None
    assert {habit.habit.id for habit in record_of(user, NOW).done_on(TODAY)} == {"water", "coffee"}


@pytest.mark.parametrize("action", ["done", "skip", "open"])
def test_a_tap_is_refused_kindly_when_its_day_or_its_habit_is_out_of_reach(action: Action) -> None:
    user = ana()
    planning.archive_habit(user, "run", today=days_ago(2))
    before = user.to_json()
    for habit, day, sentence in (
        ("read", TODAY + timedelta(days=1), "has not come yet"),
        ("read", TODAY - TAPS_FOR - timedelta(days=1), "more than 14 days ago"),
        ("read", BEGAN - timedelta(days=400), "more than 14 days ago"),
        ("run", days_ago(2), "Run is archived"),
        ("gone", TODAY, "not in your record any more"),
    ):
        with pytest.raises(RecordingError, match=sentence):
            tap(user, action, habit, day=day)
    assert user.to_json() == before
    tap(user, action, "read", day=TODAY - TAPS_FOR)


@pytest.mark.parametrize("action", ["reason", "reflection"])
def test_an_answer_is_taken_for_as_long_as_a_tick(action: Action) -> None:
    user = ana()
    for day in (TODAY + timedelta(days=1), TODAY - TAPS_FOR - timedelta(days=1)):
        with pytest.raises(RecordingError):
            tap(user, action, "", Said("late"), day=day)
    assert user.to_json() == ana().to_json()


def test_what_got_in_the_way_is_kept_for_each_habit_that_was_missed() -> None:
    user = lived(ana(), [("tick", "read", TODAY), ("skip", "coffee", TODAY)])
    assert missed_on(user, TODAY) == ["water"]  # on a Sunday no run is due, and writing has no day
    for key, words in REASONS.items():
        tap(user, "reason", key)
        assert user.coaching_insights.missed_habits == {"water": {TODAY: words}}
    tap(user, "reason", "", Said("  visitors \n stayed "))
    assert user.coaching_insights.missed_habits == {"water": {TODAY: "visitors stayed"}}


def test_an_answer_can_be_for_some_of_the_habits_only() -> None:
    user = ana()
    undo = tap(user, "reason", "tired", Said(habits=["water", "write", "nonsense"]))
    assert user.coaching_insights.missed_habits == {"water": {TODAY: "tired"}}
    take_back(user, undo)
    assert user.coaching_insights.missed_habits == {}
    with pytest.raises(RecordingError, match="no habit yet"):
        tap(user, "reason", "tired", Said(habits=[]))


def test_once_all_is_done_there_is_nothing_to_answer() -> None:
    user = lived(ana(), [("tick", habit, TODAY) for habit in ("read", "water", "coffee")])
    assert tap(user, "reason", "time") == ""
    assert user.coaching_insights.missed_habits == {}


@pytest.mark.parametrize(
    ("action", "most"), [("reason", 200), ("reflection", 2000)], ids=["what got in the way", "the sentence"]
)
def test_words_that_are_missing_or_too_many_are_refused_and_change_nothing(action: Action, most: int) -> None:
    user = ana()
    for text, sentence in (("", "yet"), ("  \n", "yet"), ("x" * (most + 1), f"within {most}")):
        with pytest.raises(RecordingError, match=sentence):
            tap(user, action, "", Said(text))
    assert user.to_json() == ana().to_json()
    tap(user, action, "", Said("ö" * most))


def test_the_sentence_stands_in_the_entry_of_its_day_beside_what_the_letter_said() -> None:
    user = ana()
    user.daily_digests = {TODAY: {"completions": ["read"], "streaks": {"read": 3}}}  # type: ignore[dict-item]
    user = User.model_validate(user.to_json())
    tap(user, "reflection", "Tomorrow", Said("sleeping early"))
    undo = tap(user, "reflection", "Tomorrow", Said("walking <b>home</b>"))
    said = user.daily_digests[TODAY]
    assert (said.completions, said.streaks, said.reflection) == (["read"], {"read": 3}, "walking <b>home</b>")
    take_back(user, undo)
    assert said.reflection == "sleeping early"


def test_a_pause_begins_today_or_tomorrow_when_today_has_an_entry() -> None:
    user = ana()
    tap(user, "pause")
    assert paused_until(user, NOW) == TODAY + timedelta(days=6)
    ticked = lived(ana(), [("tick", "read", TODAY)])
    undo = tap(ticked, "pause")
    assert [(p.start, p.to) for p in ticked.pauses] == [(TODAY + timedelta(days=1), TODAY + timedelta(days=7))]
    planning.pause(ticked, date(2026, 12, 20), date(2027, 1, 2))
    take_back(ticked, undo, None)
    assert [p.start for p in ticked.pauses] == [date(2026, 12, 20)], "the holiday stays"


def test_a_pause_that_runs_is_not_made_longer_by_the_same_tap_the_next_day() -> None:
    user = ana()
    undo = tap(user, "pause")
    tomorrow = NOW + timedelta(days=1)
    assert follow(user, link("pause"), now=tomorrow) == ""
    assert len(user.pauses) == 1
    follow(user, Link("take-back", ANA, undo), now=tomorrow)
    assert [(p.start, p.to) for p in user.pauses] == [(TODAY, TODAY)]


def test_a_year_later_a_link_still_unsubscribes_pauses_and_slows_down() -> None:
    later = NOW + timedelta(days=365)
    user = ana()
    for action, detail in (("unsubscribe-all", ""), ("pause", ""), ("every", "7")):
        follow(user, link(action, detail), now=later)  # type: ignore[arg-type]
    letters = user.coaching_profile.letters
    assert (letters.digest, letters.drip, letters.every) == (False, False, 7)
    assert paused_until(user, later) is not None


@pytest.mark.parametrize(
    ("action", "digest", "drip"),
    [("unsubscribe-digest", False, True), ("unsubscribe-drip", True, False), ("unsubscribe-all", False, False)],
)
def test_the_digest_and_the_course_are_unsubscribed_from_apart(action: Action, digest: bool, drip: bool) -> None:
    user = ana()
    tap(user, action)
    assert (user.coaching_profile.letters.digest, user.coaching_profile.letters.drip) == (digest, drip)
    tap(user, "unsubscribe-drip" if action == "unsubscribe-digest" else "unsubscribe-digest")
    assert (user.coaching_profile.letters.digest, user.coaching_profile.letters.drip) == (False, False)


def test_an_address_is_confirmed_only_while_it_is_the_persons_address() -> None:
    user = ana()
    user.email, user.email_confirmed = "ana@example.org", False
    with pytest.raises(RecordingError, match="has changed"):
        tap(user, "confirm", "old@example.org")
    assert user.email_confirmed is False
    tap(user, "confirm", "ana@example.org")
    assert user.email_confirmed is True


def test_a_link_that_takes_back_also_rests_after_its_days_and_minds_a_habit_that_is_gone() -> None:
    user = ana()
    undo = tap(user, "done", "read")
    with pytest.raises(RecordingError, match="14 days"):
        follow(user, Link("take-back", ANA, undo, TODAY), now=NOW + timedelta(days=15))
    user.habits = [habit for habit in user.habits if habit.id != "read"]
    with pytest.raises(RecordingError, match="any more"):
        take_back(user, undo)
    assert user.entries("read")[TODAY] == Completion(at=datetime.fromisoformat(NOW.isoformat()), source="mail")
