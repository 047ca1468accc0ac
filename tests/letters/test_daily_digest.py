"""One digest a day, at the person's hour, about the right day: laws of what is due and of what it says."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogues import find_catalogues
from core.catalogue import _
from core.letters.digest_day import DigestDay
from core.letters.digest_facts import digest_facts
from core.models import Completion, Pause, User
from core.progress import Record
from daily_digest import (
    preview,
    process_daily_digests,
    send_digest_to_user,
    sentences,
    should_send_digest,
    slot_on,
    slots_back,
)
from mail.post_office import Post
from storage import StoreError
from tests.cast import MONDAY, a_habit, a_person, day, skip, thrice_a_week, tick

ANA = "ana-3f9a1c"


def at(n: int, clock: str = "20:00") -> datetime:
    return datetime.combine(day(n), time.fromisoformat(clock), tzinfo=UTC)


def letters(post: Post) -> list[email.message.EmailMessage]:
    files = sorted((post.settings.data_dir / "outbox").glob("*.eml"))
    return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]


def text_of(letter: email.message.EmailMessage) -> str:
    plain = letter.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content())


def state(post: Post, n: int) -> tuple[str, str] | None:
    entry = post.ledger.entry(ANA, f"digest-{day(n).isoformat()}")
    return None if entry is None else (entry["state"], entry.get("reason", ""))


ZONES = st.sampled_from(sorted(available_timezones() - {"localtime", "Factory"}))


@given(
    ZONES,
    st.sampled_from(["07:00", "19:00", "20:00", "02:30", "00:00", "23:59"]),
    st.dates(date(2025, 1, 1), date(2026, 12, 31)),
)
@settings(max_examples=300)
def test_there_is_one_due_instant_a_day_in_every_zone(timezone, clock, some_day):
    user = a_person(timezone=timezone, digest_time=clock)
    today, tomorrow = slot_on(user, some_day), slot_on(user, some_day + timedelta(days=1))
    assert tomorrow.covers - today.covers == timedelta(days=1)
    assert timedelta(hours=22) <= tomorrow.at - today.at <= timedelta(hours=26) or timezone in ("Pacific/Apia",)
    shown = today.at.astimezone(ZoneInfo(timezone))
    assert shown.date() == some_day
    assert shown.time() >= time.fromisoformat(clock)


def test_a_morning_digest_covers_the_day_before_and_an_evening_one_its_own():
    assert slot_on(a_person(digest_time="07:00"), day(5)).covers == day(4)
    assert slot_on(a_person(digest_time="12:00"), day(5)).covers == day(5)
    assert slot_on(a_person(digest_time="20:00"), day(5)).covers == day(5)


@pytest.mark.parametrize(("clock", "first"), [("20:00", 0), ("07:00", 0), ("09:30", 0), ("08:00", 0)])
def test_the_first_digest_covers_day_0_and_none_has_its_time_before_onboarding(clock, first):
    user = a_person(digest_time=clock)
    slots = list(slots_back(user, at(3, "23:59")))
    assert slots[-1].covers == day(first)
    assert all(slot.at >= user.created_at for slot in slots)


def test_a_digest_goes_once_in_its_four_hours(post):
    post.store.create(tick(a_person(), "meditation", [0]))
    assert process_daily_digests(post, now=at(0, "19:59")) == 0
    assert process_daily_digests(post, now=at(0, "20:00")) == 1
    assert process_daily_digests(post, now=at(0, "20:01")) == 0
    assert process_daily_digests(post, now=at(0, "23:59")) == 0
    (letter,) = letters(post)
    assert (letter["X-XP-Kind"], letter["X-XP-Day"], letter["X-XP-Covers"]) == ("digest", "0", MONDAY.isoformat())


def test_a_late_digest_is_skipped_and_written_down(post):
    post.store.create(tick(a_person(), "meditation", [0]))
    assert process_daily_digests(post, now=at(1, "00:00")) == 0
    assert state(post, 0) == ("skipped", "its four hours had passed")
    assert process_daily_digests(post, now=at(1, "20:00")) == 1


def test_after_an_outage_one_digest_goes_and_the_rest_is_written_down(post):
    post.store.create(tick(a_person(), "meditation", range(12)))
    assert process_daily_digests(post, now=at(10, "21:00")) == 1
    assert [state(post, n) for n in range(10)] == [("skipped", "its four hours had passed")] * 10
    assert len(letters(post)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"email": ""},
        {"profile": {"notifications_enabled": False}},
        {"profile": {"onboarding_complete": False}},
        {"profile": {"letters": {"digest": False}}},
        {"pauses": [{"from": MONDAY, "to": day(3)}]},
        {"created_at": at(1)},
    ],
)
def test_never_a_digest_to_who_has_no_address_or_wants_none_or_is_not_yet_there(post, change):
    post.store.create(tick(a_person(**change), "meditation", [0]))
    assert process_daily_digests(post, now=at(0)) == 0
    assert letters(post) == []
    assert post.ledger.names(ANA) == []


def test_an_unconfirmed_address_gets_no_digest_from_a_mail_server_until_it_is_confirmed():
    user = a_person(email_confirmed=False)
    assert not should_send_digest(user, at(0), needs_confirmation=True)
    assert should_send_digest(user, at(0), needs_confirmation=False)
    user.email_confirmed = True
    assert should_send_digest(user, at(0), needs_confirmation=True)


def test_a_habit_paused_alone_does_not_stop_the_digest():
    user = a_person(a_habit("Read"), a_habit("Walk"), pauses=[{"from": MONDAY, "to": day(9), "habit": "walk"}])
    assert should_send_digest(user, at(0))


def test_a_day_on_which_nothing_was_due_and_nothing_done_has_no_digest(post):
    post.store.create(a_person(a_habit(schedule=[{"from": MONDAY, "rrule": "FREQ=WEEKLY;BYDAY=TU"}])))
    assert process_daily_digests(post, now=at(0)) == 0
    assert state(post, 0) == ("skipped", "nothing was due and nothing was done")
    assert process_daily_digests(post, now=at(1)) == 1


def test_two_digests_are_never_less_than_fourteen_hours_apart(post):
    post.store.create(tick(a_person(), "meditation", [0, 1]))
    assert process_daily_digests(post, now=at(0)) == 1
    with post.store.edit(ANA) as user:
        user.coaching_profile.digest_time = "07:00"
        user.coaching_profile.timezone = "UTC"
    assert process_daily_digests(post, now=at(1, "07:00")) == 0, "it covers the same Monday"
    with post.store.edit(ANA) as user:
        user.coaching_profile.digest_time = "12:00"
        user.coaching_profile.timezone = "Pacific/Kiritimati"
    assert process_daily_digests(post, now=at(0, "22:00")) == 0, "Tuesday noon there, two hours after the last"
    assert process_daily_digests(post, now=at(1, "01:59")) == 0
    assert len(letters(post)) == 1


def test_every_second_day_means_every_second_day(post):
    post.store.create(tick(a_person(profile={"letters": {"every": 2}}), "meditation", range(6)))
    assert [process_daily_digests(post, now=at(n)) for n in range(6)] == [1, 0, 1, 0, 1, 0]


def test_silence_brings_short_letters_then_a_question_then_none_and_a_return_ends_it(post):
    post.store.create(tick(a_person(), "meditation", [0, 1]))
    kinds = {}
    for n in range(27):
        process_daily_digests(post, now=at(n))
        entry = post.ledger.entry(ANA, f"digest-{day(n).isoformat()}")
        assert entry is not None
        kinds[n - 1] = entry["kind"] if entry["state"] == "sent" else "-"
    comebacks = [silent for silent, kind in kinds.items() if kind == "comeback"]
    assert comebacks == [5, 8, 11, 14, 17, 20, 21]
    assert [silent for silent, kind in kinds.items() if kind == "digest"] == [-1, 0, 1, 2, 3, 4]
    assert "Shall I stop?" in letters(post)[-1]["Subject"]
    with post.store.edit(ANA) as user:
        user.entries("meditation")[day(27)] = Completion(at=at(27, "10:00"))
    assert process_daily_digests(post, now=at(27)) == 1
    assert letters(post)[-1]["X-XP-Kind"] == "digest"


def test_the_first_letter_after_a_lapse_quotes_why_they_began_and_the_next_does_not(post):
    post.store.create(tick(a_person(), "meditation", [0]))
    for n in (5, 8):
        process_daily_digests(post, now=at(n))
    first, second = (text_of(letter) for letter in letters(post))
    assert "You wrote why you began: “Work is loud”" in first
    assert "Work is loud" not in second


def test_skipped_days_are_no_silence(post):
    post.store.create(skip(tick(a_person(), "meditation", [0]), "meditation", range(1, 9)))
    assert process_daily_digests(post, now=at(8)) == 0, "what was skipped is not due"
    assert process_daily_digests(post, now=at(9)) == 1
    assert letters(post)[0]["X-XP-Kind"] == "digest"


def test_one_document_that_cannot_be_read_does_not_keep_the_letters_of_the_others(post, caplog):
    post.store.create(tick(a_person(), "meditation", [0]))
    (post.settings.data_dir / "users" / "aaa-000000.json").write_text('{"user_id": ')
    assert process_daily_digests(post, now=at(0)) == 1
    assert "users/aaa-000000.json cannot be read" in caplog.text
    with pytest.raises(StoreError, match="aaa-000000"):
        send_digest_to_user("aaa-000000", post, now=at(0))


def facts(user: User, n: int, *, looks_back: bool = False) -> dict[str, object]:
    return digest_facts(DigestDay(Record(user, day(n)), looks_back), sentences(), last_letter_at=at(n - 1))


def the_seeds_person() -> User:
    person = a_person(a_habit("Meditation"), a_habit("Exercise"), a_habit("Read"), a_habit("Journal"))
    tick(person, "meditation", range(1, 8))
    tick(person, "exercise", [1, 5, 6, 7])
    return tick(person, "read", [2, 5, 6, 7])


def test_the_digest_has_the_form_and_the_marks_that_were_asked_for(post):
    post.store.create(the_seeds_person())
    process_daily_digests(post, now=at(7))
    (letter,) = letters(post)
    text = text_of(letter)
    for line in (
        "✅ Completed Today: 3/4 habits",
        "🎯 Today's Wins:",
        "- Meditation 🔥 7-day streak!",
        "- Exercise ⚡ 3-day streak!",
        "- Read ⚡ 3-day streak!",
        "📋 Didn't Get To:",
        "Quick Reflection: What got in the way?",
        "🔥 Your Streaks:",
        "- Meditation: 7 days",
        "- Exercise: 3 days",
        "💭 Reflection Prompt:",
        '"Today I prioritized meditation, exercise, read. Tomorrow I want to focus on..."',
        "Keep building. You're on Day 7 of your journey.",
        "You've completed 15 habits over 7 days at 56% rate (15 of 27).",
    ):
        assert line in text, line
    assert letter["Subject"] == "Daily Digest: 3/4, Meditation at 7 🔥 (Day 7)"
    html = letter.get_body(("html",))
    assert html is not None
    assert all(name in html.get_content() for name in ("Meditation", "Exercise", "Read", "Journal"))


def test_perfect_day_stands_in_the_subject_only_when_all_that_was_due_was_done():
    person = the_seeds_person()
    assert "Perfect" not in str(facts(person, 7)["subject"])
    tick(person, "journal", [7])
    assert facts(person, 7)["subject"] == "🔥 Daily Digest: Perfect Day! 🔥 (Day 7)"


def test_a_morning_digest_says_yesterday_and_today(post):
    person = tick(a_person(digest_time="07:00"), "meditation", [0])
    said = facts(person, 0, looks_back=True)
    assert said["when"] == "Yesterday"
    assert str(said["ahead"]).startswith("Today holds Meditation.")
    assert str(said["reflection"]).startswith("Yesterday I prioritized meditation. Today I want")
    post.store.create(person)
    process_daily_digests(post, now=at(1, "07:00"))
    assert "✅ Completed Yesterday: 1/1 habit" in text_of(letters(post)[0]).splitlines()


def test_what_is_open_is_not_called_missed_in_the_evening():
    assert facts(a_person(), 0)["missed"] == [
        {"id": "meditation", "name": "Meditation", "icon": "", "accent": 0, "mark": "", "note": "still open today"}
    ]
    assert facts(a_person(), 0, looks_back=True)["missed"] == [
        {"id": "meditation", "name": "Meditation", "icon": "", "accent": 0, "mark": "", "note": ""}
    ]


def test_what_was_done_after_last_evenings_letter_is_credited_in_the_next():
    person = tick(a_person(), "meditation", [0], clock=time(22))
    credited = facts(person, 1)["credited"]
    assert isinstance(credited, list)
    assert [habit["name"] for habit in credited] == ["Meditation"]
    assert facts(tick(a_person(), "meditation", [0], clock=time(12)), 1)["credited"] == []


def test_so_many_times_a_week_is_named_when_done_and_never_missed():
    person = tick(a_person(a_habit("Swim", thrice_a_week())), "swim", [0, 2])
    wins = facts(person, 2)["wins"]
    assert isinstance(wins, list)
    assert wins[0]["note"] == "2 of 3 this week"
    assert facts(person, 1)["missed"] == []


def test_two_digests_in_a_row_never_open_with_the_same_sentence():
    person = tick(a_person(), "meditation", range(40))
    titles = [facts(person, n)["title"] for n in range(40)]
    assert all(a != b for a, b in pairwise(titles))


@given(st.text(min_size=1, max_size=200).filter(lambda name: name.strip()))
@settings(max_examples=50)
def test_a_subject_stays_short_whatever_the_habit_is_called(name):
    person = tick(a_person(a_habit(name, id="one"), a_habit("Other")), "one", range(8))
    assert len(str(facts(person, 7)["subject"])) <= 45


def test_a_locale_that_nobody_knows_is_read_as_english(post):
    post.store.create(tick(a_person(locale="zz-nope"), "meditation", [0]))
    assert process_daily_digests(post, now=at(0)) == 1


def test_a_tick_sends_nothing(post):
    post.store.create(a_person())
    with post.store.edit(ANA) as user:
        tick(user, "meditation", [0])
    assert letters(post) == []


def test_advice_and_what_was_said_are_remembered_once_the_letter_went(post):
    post.store.create(tick(a_person(), "meditation", range(5)))
    for n in range(5):
        process_daily_digests(post, now=at(n))
    user = post.store.read(ANA)
    tips = [given["id"] for given in user.coaching_insights.given]
    assert len(tips) == len(set(tips)) == 5
    assert user.daily_digests[day(4)].completions == ["meditation"]
    assert user.daily_digests[day(4)].streaks == {"meditation": 5}


def test_the_day_ends_later_for_a_night_owl_and_the_digest_keeps_its_calendar_day(post):
    person = a_person(profile={"day_ends_at": 3}, pauses=[Pause(start=day(30), to=day(31)).model_dump()])
    post.store.create(tick(person, "meditation", [0]))
    assert process_daily_digests(post, now=at(0)) == 1
    assert letters(post)[0]["X-XP-Covers"] == MONDAY.isoformat()


def test_a_digest_and_its_preview_are_written_in_the_language_of_the_person(post):
    find_catalogues()
    user = tick(a_person(a_habit("Lesen"), locale="de-AT"), "lesen", range(4))
    post.store.create(user)
    before = preview(post.store.read(ANA), post, at(3, "12:00"))
    assert send_digest_to_user(ANA, post, now=at(3))
    (letter,) = letters(post)
    assert not isinstance(before, str)
    assert letter["Subject"] == before[1].subject == "🔥 Tagesbrief: Perfekter Tag! 🔥 (Tag 3)"
    assert "Nächster Brief: morgen, 20:00 Uhr" in text_of(letter)
    assert _("Today") == "Today"
