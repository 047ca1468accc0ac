"""Which taps a letter offers, and when it says the next one comes."""

from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogues import find_catalogues
from core.eligibility import silent_days
from core.letters.days_said import when_said
from core.letters.digest_day import DigestDay
from core.letters.digest_facts import comeback_facts, digest_facts
from core.letters.offers import comeback_offers, controls, digest_offers
from core.letters.taps import Action, Link, check, follow
from core.models import User
from core.progress import Record
from daily_digest import next_slot, process_daily_digests, sentences, slot_on
from mail.links import read_letter_link
from mail.post_office import Post
from tests.cast import MONDAY, a_habit, a_person, day, skip, thrice_a_week, tick

BASE = "https://xp.example.org"
find_catalogues()


def said(action: Action, detail: str, of: date | None) -> str:
    """A link in words, for tests: `done read 2`, the day counted from that Monday."""
    return " ".join(str(part) for part in (action, detail, "" if of is None else (of - MONDAY).days) if part != "")


def offers(user: User, n: int, *, looks_back: bool = False) -> dict[str, Any]:
    covered = DigestDay(Record(user, day(n)), looks_back)
    return digest_offers(digest_facts(covered, sentences(), last_letter_at=at(n - 1)), covered, said)


def at(n: int, clock: str = "20:00") -> datetime:
    return datetime.combine(day(n), time.fromisoformat(clock), tzinfo=UTC)


def taps(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(row["done"], row["skip"]) for row in rows]


# --- the digest


def test_beside_what_is_open_stand_done_and_skip_and_beside_what_is_done_the_way_back():
    user = tick(a_person(a_habit("Read"), a_habit("Walk")), "read", [0, 1])
    offered = offers(user, 1)
    assert [row["change"] for row in offered["wins"]] == ["open read 1"]
    assert taps(offered["missed"]) == [("done walk 1", "skip walk 1")]
    assert offered["finish"] == "reflection best-minute 1"


def test_a_piece_of_advice_can_be_answered_and_a_question_or_finding_cannot():
    covered = DigestDay(Record(a_person(), day(1)), looks_back=False)
    facts = digest_facts(covered, sentences(), last_letter_at=at(0))
    asked = digest_offers(facts | {"insight": {"rated": ""}}, covered, said)
    assert asked["insight"] == {"rated": ""}
    insight = {"title": "For Read", "rated": "spare-hour:read"}
    offered: Any = digest_offers(facts | {"insight": insight}, covered, said)
    assert offered["insight"]["thumbs"] == [
        ("Helpful", "helpful yes:spare-hour:read"),
        ("Not helpful", "helpful no:spare-hour:read"),
    ]


def test_yesterday_is_mended_in_the_evening_where_it_was_missed():
    user = tick(a_person(a_habit("Read"), a_habit("Walk"), a_habit("Sit")), "read", [0, 1])
    skip(user, "sit", [0])
    offered = offers(user, 1)
    assert taps(offered["mend"]) == [("done walk 0", "skip walk 0")]
    assert offered["mend_note"] == "Monday is open."
    assert offers(user, 0)["mend"] == [], "nothing was asked for before Day 0"


def test_a_habit_that_was_archived_since_is_not_mended():
    user = tick(a_person(a_habit("Read"), a_habit("Walk", archived_on=day(1))), "read", [0, 1])
    assert offers(user, 1)["mend"] == []


def test_a_morning_letter_mends_yesterday_in_place_and_offers_today():
    user = tick(a_person(a_habit("Read"), a_habit("Walk"), digest_time="07:00"), "read", [0, 1])
    offered = offers(user, 0, looks_back=True)
    assert taps(offered["missed"]) == [("done walk 0", "skip walk 0")]
    assert (offered["open_title"], taps(offered["open"])) == ("Today", [("done walk 1", "skip walk 1")])
    assert (offered["mend"], offered["finish"]) == ([], "reflection Today 0")


def test_a_habit_without_a_fixed_day_can_be_done_until_its_week_is_full():
    user = tick(a_person(a_habit("Swim", thrice_a_week()), a_habit("Read")), "swim", [0, 1])
    offered = offers(user, 3)
    assert (offered["open_title"], taps(offered["open"])) == ("Any day will do", [("done swim 3", "")])
    assert offered["open"][0]["note"] == "2 of 3 this week"
    assert offers(tick(user, "swim", [2]), 3)["open"] == []


def test_the_button_of_a_habit_that_is_kept_within_a_number_says_so():
    user = a_person(a_habit("Coffee", target={"at_most": 2, "unit": "cups"}))
    assert offers(user, 0)["missed"][0]["label"] == "Within 2"


def test_what_got_in_the_way_is_asked_only_where_something_was_missed():
    user = tick(a_person(), "meditation", [0])
    assert offers(user, 0)["reasons"] == []
    answers = dict(offers(user, 1)["reasons"])
    assert answers["No time"] == "reason time 1"
    assert answers["Something else"] == "reason 1"
    assert len(answers) == 6


@pytest.mark.parametrize(
    ("every", "steps"),
    [(1, ["Less often"]), (2, ["Less often", "More often"]), (7, ["More often"]), (5, [])],
)
def test_less_often_leads_a_step_down_and_more_often_one_up(every, steps):
    shown = controls(a_person(profile={"letters": {"every": every}}), said, f"{BASE}/profile")
    assert [label for label, _ in shown] == ["Pause 7 days", *steps, "Change time"]
    assert dict(shown)["Change time"] == f"{BASE}/profile"


# --- the come-back letter


def test_a_come_back_letter_offers_a_start_an_answer_and_a_rest():
    user = tick(a_person(a_habit("Read"), a_habit("Swim", thrice_a_week())), "read", [0])
    facts = comeback_offers(
        comeback_facts(user, day(5), 5, last=False), Record(user, day(5)), last=False, looks_back=False, link=said
    )
    assert taps(facts["habits"]) == [("done read 5", "skip read 5"), ("done swim 5", "")]  # type: ignore[arg-type]
    assert (facts["pause"], facts["go_on"], facts["stop"]) == ("pause", "", "")


def test_shall_i_stop_is_answered_in_a_tap():
    user = tick(a_person(), "meditation", [0])
    last = comeback_facts(user, day(21), 21, last=True)
    facts = comeback_offers(last, Record(user, day(21)), last=True, looks_back=False, link=said)
    assert (facts["habits"], facts["go_on"], facts["stop"]) == ([], "go-on", "unsubscribe-all")


# --- a real letter


def links_of(post: Post, n: int) -> list[tuple[Link, Link]]:
    """The links of the letter about that day, as they stand in its text and in its HTML."""
    path = post.settings.data_dir / "outbox" / f"ana-3f9a1c.digest-{day(n).isoformat()}.eml"
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    found = []
    for kind in ("plain", "html"):
        body = letter.get_body((kind,))
        assert body is not None
        tokens = re.findall(rf"{BASE}/l/([\w.-]+)", body.get_content())
        found.append(sorted({read_letter_link(post.secret, token) for token in tokens}, key=str))
    return list(zip(*found, strict=True))


@pytest.mark.parametrize("clock", ["07:00", "20:00"])
def test_every_link_of_a_letter_stands_in_both_parts_and_does_something(post, clock):
    habits = (a_habit("Read"), a_habit("Walk"), a_habit("Swim", thrice_a_week()))
    post.store.create(tick(a_person(*habits, digest_time=clock), "read", [0, 1, 2]))
    for n in range(4):
        process_daily_digests(post, now=at(n, clock))
    covers = 2 if clock == "07:00" else 3
    actions = set()
    for in_text, in_html in links_of(post, covers):
        assert in_text == in_html
        user = post.store.read("ana-3f9a1c")
        check(user, in_text, at(3, "21:00"))
        if in_text.action not in ("reflection", "reason"):
            before = user.to_json()
            follow(user, in_text, now=at(3, "21:00"))
            assert user.to_json() != before
        actions.add(in_text.action)
    assert actions >= {"done", "skip", "reason", "reflection", "pause", "every", "unsubscribe-all"}


def test_who_answers_keep_going_gets_letters_as_before(post):
    post.store.create(tick(a_person(), "meditation", [0]))
    for n in range(22):
        process_daily_digests(post, now=at(n))
    assert process_daily_digests(post, now=at(22)) == 0
    (yes,) = {link for link, _ in links_of(post, 21) if link.action == "go-on"}
    with post.store.edit("ana-3f9a1c") as user:
        follow(user, yes, now=at(22, "21:00"))
    assert [process_daily_digests(post, now=at(n)) for n in (23, 24)] == [1, 1]


# --- the next letter


def following(user: User, n: int) -> int | None:
    """The day that the letter after the one about day n covers."""
    slot = slot_on(user, day(n + 1) if user.coaching_profile.digest_time < "12" else day(n))
    assert slot.covers == day(n)
    record = Record(user, day(n))
    found = next_slot(record, slot, silent_days(record, day(n)))
    return None if found is None else (found.covers - MONDAY).days


@pytest.mark.parametrize("clock", ["07:00", "20:00"])
def test_the_next_letter_minds_how_often_and_pauses_and_days_without_anything_due(clock):
    def person(*habits: Any, **known: Any) -> User:
        return tick(a_person(*habits or [a_habit("Read")], digest_time=clock, **known), "read", range(40))

    assert following(person(), 3) == 4
    assert following(person(profile={"letters": {"every": 7}}), 3) == 10
    weekdays = a_habit("Read", [{"from": MONDAY, "rrule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}])
    assert following(person(weekdays), 4) == 7
    pauses = [{"from": day(4), "to": day(9)}]
    assert following(person(pauses=pauses), 3) == 10
    assert following(person(a_habit("Read", thrice_a_week())), 3) == 4


@pytest.mark.parametrize(("silent", "then"), [(5, 8), (8, 11), (17, 20), (20, 21), (21, None)])
def test_during_a_silence_the_next_letter_is_the_next_come_back_letter(silent, then):
    assert following(tick(a_person(), "meditation", [0]), silent) == then


@given(st.integers(1, 7), st.sets(st.integers(0, 6), min_size=1), st.sampled_from(["07:00", "20:00"]))
def test_the_letter_that_is_announced_is_the_one_that_comes(every, weekdays, clock):
    names = ",".join(("MO", "TU", "WE", "TH", "FR", "SA", "SU")[n] for n in sorted(weekdays))
    habit = a_habit("Read", [{"from": MONDAY, "rrule": f"FREQ=WEEKLY;BYDAY={names}"}])
    user = a_person(habit, digest_time=clock, profile={"letters": {"every": every}})
    due = sorted(n for n in range(40) if n % 7 in weekdays)
    tick(user, "read", due)
    assert following(user, due[0]) == next(n for n in due if n - due[0] >= every)


def test_the_next_letter_is_said_as_a_person_says_it():
    assert [when_said(day(n), day(0), "en") for n in (0, 1, 2, 6)] == ["today", "tomorrow", "Wednesday", "Sunday"]
    assert when_said(day(7), day(0), "en") == "Monday, January 8"
    assert when_said(day(7), day(0), "de") == "Montag, 8. Januar"


@pytest.mark.parametrize(
    ("known", "line"),
    [
        ({}, "Next letter: tomorrow 8:00 PM (UTC)"),
        ({"profile": {"letters": {"every": 2}}}, "Next letter: Wednesday 8:00 PM (UTC)"),
        ({"digest_time": "07:00", "timezone": "Europe/Lisbon"}, "Next letter: tomorrow 7:00 AM (Lisbon)"),
        ({"locale": "de"}, "Nächster Brief: morgen, 20:00 Uhr (UTC)"),
    ],
)
def test_the_line_on_the_next_letter_stands_in_both_parts(post, known, line):
    post.store.create(tick(a_person(**known), "meditation", [0]))
    process_daily_digests(post, now=at(1, "07:00") if "digest_time" in known else at(0))
    (path,) = (post.settings.data_dir / "outbox").glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    for kind in ("plain", "html"):
        body = letter.get_body((kind,))
        assert body is not None
        assert line in body.get_content()
