"""Your letters in Profile: what became of each in plain words, the next one, an address that was refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from catalogues import find_catalogues
from core import catalogue
from core.localtime import zone
from core.models import Pause, Refusal, User
from core.wording import locale_of
from mail.ledger import Ledger, Owner, State, letters_of
from screens.parts import esc
from screens.profile_rooms import letter_words, letters
from storage import Store
from tests.screens_cast import EN, NOW, ODD_NAMES, TODAY, a_person, days_ago, lived, look_at, words_on

ANA = "ana-3f9a1c"
AT = "2026-11-03T20:00:00+00:00"
TEXT = "Hi Ana!\n\nTwo of three today.\n"


def keep(store: Store, name: str, state: State, at: str = AT, reason: str = "", **known: Any) -> None:
    """A letter in Ana's ledger, written down as the sending does."""
    now = datetime.fromisoformat(at)
    with closing(Owner(store.folder / "owners")) as owner:
        ledger = Ledger(store.records, owner)
        assert ledger.claim(ANA, name, now=now, went=None)
        ledger.settle(ANA, name, state, now=now, reason=reason, **known)


def in_the_room(store: Store, user: User, now: datetime = NOW) -> AppTest:
    """Profile with the letters' room open."""
    at = look_at("profile", store, user, now)
    at.session_state["room"] = "Letters"
    assert not at.run().exception
    return at


# --- the words


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"state": "sent"}, "Sent on November 3 at 8:00 PM."),
        ({"state": "sent", "attempt": 3}, "Sent on November 3 at 8:00 PM. It took 3 tries."),
        ({"state": "sent", "at": "2025-11-03T20:00:00+00:00"}, "Sent on November 3, 2025 at 8:00 PM."),
        (
            {"state": "sent", "via": "outbox", "reason": "ana.digest.eml"},
            "Written on November 3 at 8:00 PM.",
        ),
        (
            {"state": "unknown", "reason": "dot: Connection unexpectedly closed"},
            "Nobody can know whether it arrived: the connection broke on November 3 at 8:00 PM while the mail server"
            " was taking it, so it was not sent a second time.",
        ),
        (
            {"state": "unknown", "reason": "cut off while handing over", "text": TEXT},
            "Nobody can know whether it arrived: our program was stopped on November 3 at 8:00 PM while the mail server"
            " was taking it, so it was not sent a second time. If it is not in your inbox, read it here.",
        ),
        (
            {"state": "failed", "reason": "rcpt: 550 5.1.1 No such\r\n user"},
            "Refused by the mail server on November 3 at 8:00 PM: “550 5.1.1 No such user”."
            " It was not sent a second time.",
        ),
        (
            {"state": "failed", "reason": "too large"},
            "It could not be sent on November 3 at 8:00 PM: “too large”. It was not sent a second time.",
        ),
        (
            {"state": "failed", "reason": ""},
            "Refused by the mail server on November 3 at 8:00 PM: it gave no reason. It was not sent a second time.",
        ),
        (
            {"state": "retry", "reason": "rcpt: 451 Later", "retry_at": "2026-11-03T20:10:00+00:00"},
            "Tried on November 3 at 8:00 PM, and will be tried again at 8:10 PM: the mail server said “451 Later”.",
        ),
        (
            {"state": "retry", "reason": "connect: refused", "retry_at": "2026-11-03T20:02:00+00:00"},
            "Tried on November 3 at 8:00 PM, and the next try was due at 8:02 PM: the mail server could not be"
            " reached.",
        ),
        (
            {"state": "retry", "reason": "sign-in refused: 535", "retry_at": "2026-11-04T00:30:00+00:00"},
            "Tried on November 3 at 8:00 PM, and will be tried again on November 4 at 12:30 AM: the mail server refused"
            " our sign-in.",
        ),
        (
            {"state": "retry", "reason": "body: [Errno 104] Connection reset by peer"},
            "Tried on November 3 at 8:00 PM: the connection broke before the mail server had all of it.",
        ),
        (
            {"state": "retry", "reason": "outbox: No space left on device"},
            "Tried on November 3 at 8:00 PM: the outbox could not be written.",
        ),
        (
            {"state": "retry", "reason": "the mark before the end could not be kept: No space left on device"},
            "Tried on November 3 at 8:00 PM: the disk had no room to note that it was about to go.",
        ),
        (
            {"state": "retry", "reason": "the record changed while the letter was on its way"},
            "Tried on November 3 at 8:00 PM: your record changed while it was on its way.",
        ),
        (
            {"state": "retry", "reason": "the hour or the time zone was changed"},
            "Tried on November 3 at 8:00 PM: the hour or the time zone was changed.",
        ),
        (
            {"state": "retry", "reason": "the letter could not be written"},
            "Tried on November 3 at 8:00 PM: the letter could not be written.",
        ),
        ({"state": "claimed", "at": None, "claimed_at": AT}, "In hand since November 3 at 8:00 PM."),
        ({"state": "dot", "at": None, "claimed_at": AT}, "In hand since November 3 at 8:00 PM."),
    ],
)
def test_every_state_is_said_as_a_person_would(entry: dict[str, Any], said: str) -> None:
    now = datetime(2026, 11, 3, 20, 5, tzinfo=UTC)
    known = {"name": "digest-2026-11-03", "at": AT, **entry}
    assert letter_words.said(known, now, UTC, EN).replace("\xa0", " ") == said
    assert letter_words.title(known) == "Daily digest"
    assert known["state"] in letter_words.BADGES


def test_days_and_clocks_are_those_of_the_persons_locale_and_zone() -> None:
    known = {"name": "digest-2026-11-03", "state": "sent", "at": "2026-11-03T23:30:00+00:00"}
    for locale, timezone, when in (
        ("en-GB", "Asia/Tokyo", "4 November at 08:30"),
        ("de", "Europe/Lisbon", "3. November at 23:30"),
        ("en", "UTC-5", "November 3 at 6:30 PM"),
    ):
        said = letter_words.said(known, NOW, zone(timezone), locale_of(locale))
        assert said.replace("\xa0", " ") == f"Sent on {when}."


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        *letter_words.LEFT_OUT.items(),
        ("a digest every 2 days was asked for", "you asked for one every second day"),
        ("a digest every 7 days was asked for", "you asked for one once a week"),
        ("a digest every 3 days was asked for", "you asked for one every 3 days"),
        ("something nobody has named.", "something nobody has named"),
        ("", "no reason was noted"),
    ],
)
def test_every_reason_ends_a_sentence(reason: str, said: str) -> None:
    known = {"name": "drip-7", "state": "skipped", "at": AT, "reason": reason}
    assert letter_words.said(known, NOW, UTC, EN) == f"Left out: {said}."


@pytest.mark.parametrize(
    ("entry", "title", "day"),
    [
        ({"name": "digest-2026-11-21", "subject": "Daily Digest: 2/4"}, "Daily Digest: 2/4", days_ago(1)),
        ({"name": "digest-2026-11-21", "kind": "digest", "day": 19}, "Daily digest (Day 19)", days_ago(1)),
        ({"name": "digest-2026-11-21", "kind": "comeback", "day": 19}, "A short letter (Day 19)", days_ago(1)),
        ({"name": "drip-14", "claimed_at": NOW.isoformat()}, "Letter of the first thirty days (Day 14)", TODAY),
        ({"name": "drip-14", "covers": "2026-11-20", "at": AT, "subject": "A look"}, "A look", days_ago(2)),
    ],
)
def test_a_letter_has_a_title_and_a_day_whatever_is_known_of_it(entry: dict[str, Any], title: str, day: object) -> None:
    assert (letter_words.title(entry), letter_words.day_of(entry, UTC)) == (title, day)


def test_a_mail_servers_long_answer_is_cut() -> None:
    said = letter_words.quoted("rcpt: 550 " + "no " * 1000)
    assert said.startswith("“550 no no ")
    assert said.endswith("…”")
    assert len(said) < 410


# --- the list


def test_each_letter_stands_with_its_words_and_its_text_as_written(store: Store) -> None:
    keep(
        store, "digest-2026-11-21", "sent", covers="2026-11-21", day=19, subject=ODD_NAMES[1], text=TEXT + ODD_NAMES[0]
    )
    keep(store, "digest-2026-11-20", "skipped", covers="2026-11-20", day=18, reason="everything is paused")
    keep(store, "digest-2026-10-31", "failed", covers="2026-10-31", reason=f"rcpt: 550 {ODD_NAMES[3]}")
    said = words_on(in_the_room(store, lived(20)))
    assert esc(ODD_NAMES[1]) in said
    assert esc(TEXT + ODD_NAMES[0]) in said
    assert f"“550 {esc(ODD_NAMES[3])}”" in said
    assert "<script>" not in said
    assert "<b>bold" not in said
    assert "Left out: everything was paused." in said
    assert said.index("November 2026") < said.index(esc(TEXT)) < said.index("everything was paused")
    assert said.index("everything was paused") < said.index("October 2026") < said.index("550")
    assert said.count("<li class=") == 3
    assert said.count("Read it<") == 1
    assert f'Read it<span class="in-hid">: {esc(ODD_NAMES[1])}</span>' in said  # the ear hears of which letter


def test_a_long_history_shows_thirty_letters_and_more_when_asked(store: Store) -> None:
    for n in range(1, 41):
        day = days_ago(n).isoformat()
        keep(store, f"digest-{day}", "sent", at=f"{day}T20:00:00+00:00", covers=day, subject=f"Of {day}", text=TEXT)
    at = in_the_room(store, lived(3))
    for most in (30, 40):
        assert [f"Of {days_ago(n)}" in words_on(at) for n in range(1, 41)] == [n <= most for n in range(1, 41)]
        if most == 30:
            at.button(key="letters_earlier").click().run()
    assert "That is every letter" in words_on(at)


def left_out_on(store: Store, ns: Iterable[int], reason: str = "everything is paused") -> None:
    for n in ns:
        day = days_ago(n).isoformat()
        keep(store, f"digest-{day}", "skipped", at=f"{day}T20:00:00+00:00", covers=day, day=60 - n, reason=reason)


def rows_in(at: AppTest) -> list[tuple[str, str]]:
    """(the column of days, the name) of each row of the list."""
    row = r'<p class="lt-day">(.*?)</p><div><p class="lt-subject">(.*?)</p>'
    return [(re.sub("<.*?>", " ", days).strip(), name) for days, name in re.findall(row, words_on(at))]


def test_letters_left_out_for_one_reason_stand_in_one_row_that_tells_each(store: Store) -> None:
    left_out_on(store, range(8, 19))  # November 4 to 14
    keep(store, "digest-2026-11-15", "sent", at="2026-11-15T20:00:00+00:00", covers="2026-11-15", subject="Back")
    left_out_on(store, (19, 20), reason="nothing was due and nothing was done")
    at = in_the_room(store, lived(3))
    assert rows_in(at) == [("15 Sun", "Back"), ("4 to 14", "11 letters"), ("3 Tue", "Daily digest (Day 41)"),
                           ("2 Mon", "Daily digest (Day 40)")]  # fmt: skip
    said = words_on(at)
    assert said.count("everything was paused.") == 1
    assert said.count("nothing was due that day") == 2, "two are no crowd"
    assert "Nov 14: Daily digest (Day 52)\nNov 13: Daily digest (Day 51)\n" in said


def test_another_reason_and_another_month_begin_another_row(store: Store) -> None:
    left_out_on(store, range(1, 5))
    left_out_on(store, range(5, 30), reason="letters are switched off")
    days = ["18 to 21", "1 to 17", "24 to 31"]
    assert [days for days, _name in rows_in(in_the_room(store, lived(3)))] == days


def test_a_row_of_many_counts_as_one_on_its_page(store: Store) -> None:
    left_out_on(store, range(20, 200))
    keep(store, "drip-0", "sent", at="2026-01-02T20:00:00+00:00", subject="Welcome", text=TEXT)
    at = in_the_room(store, lived(3))
    assert rows_in(at)[-1] == ("2 Fri", "Welcome")
    assert "That is every letter" in words_on(at)


def test_after_the_oldest_letter_nothing_more_is_offered(store: Store) -> None:
    at = in_the_room(store, lived(3))
    assert "Each letter will be listed here" in words_on(at)
    keep(store, "drip-0", "sent", subject="Welcome", text=TEXT)
    at.run()
    assert "That is every letter" in words_on(at)
    assert not [button for button in at.button if button.key == "letters_earlier"]


# --- what comes


def test_the_next_letter_says_when_what_and_how_it_reads(store: Store) -> None:
    user = lived(20, timezone="Europe/Lisbon")
    user.coaching_profile.digest_time, user.locale = "20:00", "en-GB"
    user.habits[0].name = ODD_NAMES[0]
    keep(store, "drip-14", "sent", subject="What I see", text=TEXT)
    said = words_on(in_the_room(store, user))
    assert "Today at 20:00 (Lisbon)" in said
    assert "Your daily digest about Sunday, 22 November, if nothing changes." in said
    assert "Daily Digest: " in said
    assert f"- {esc(ODD_NAMES[0])} (still open today)" in said
    assert "After it: The letter of Day 21. Tomorrow at 09:00 (Lisbon)." in said
    assert [letter["name"] for letter in letters_of(store.records, ANA)] == ["drip-14"]
    assert not list(store.folder.glob("outbox/*"))


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0, "Within the next minutes"), (1, "Today at 7:00 PM (UTC)"), (20, "Tomorrow at 2:00 PM (UTC)")],
)
def test_a_moment_is_told_from_today(hours: int, said: str) -> None:
    assert letters.when_words(a_person(3), NOW + timedelta(hours=hours), NOW).replace("\xa0", " ") == said


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda user: setattr(user, "email", ""), "There is no address"),
        (lambda user: setattr(user.coaching_profile, "notifications_enabled", False), "Letters of any kind"),
        (lambda user: setattr(user.coaching_profile.letters, "digest", False), "The daily digest is switched off"),
        (lambda user: user.pauses.append(Pause(start=TODAY, to=TODAY + timedelta(days=90))), "Everything is paused"),
        (lambda user: user.habits.clear(), "No habit has a day"),
        (lambda user: user.completions.clear(), "One tick on Today brings them back"),
    ],
)
def test_no_letter_in_sight_says_why_and_what_to_do(store: Store, change: Any, why: str) -> None:
    user = lived(60)
    change(user)
    for step in (0, 1, 3, 7, 14, 21, 28, 30):
        keep(store, f"drip-{step}", "sent", subject="A letter", text=TEXT)
    said = words_on(in_the_room(store, user))
    assert "None is coming" in said
    assert why in said


def test_the_room_shows_what_the_links_in_letters_have_switched(store: Store) -> None:
    at = in_the_room(store, lived(20))
    assert "every day at 7:00" in words_on(at)
    with store.edit(ANA) as user:  # as the link that stops everything does
        user.coaching_profile.letters.digest = user.coaching_profile.letters.drip = False
    at.run()
    assert "<b>off</b>" in words_on(at)
    assert "None is coming" in words_on(at)
    at.button(key="letters_change").click().run()
    assert at.session_state["room"] == "You"
    assert (at.toggle(key="pe_digest").value, at.toggle(key="pe_drip").value) == (False, False)


# --- an address that was refused


def refused(store: Store, **known: Any) -> User:
    user = lived(20)
    at = NOW - timedelta(days=2)
    user.email_refused = Refusal(**{"address": user.email, "at": at, "reason": f"rcpt: 550 {ODD_NAMES[3]}", **known})
    store.create(user)
    return user


def test_a_refused_address_is_said_with_the_servers_words(store: Store) -> None:
    user = refused(store)
    said = words_on(look_at("profile", store, user))
    assert "No letter reaches ana@example.org" in said
    assert "November 20" in said
    assert f"“550 {esc(ODD_NAMES[3])}”" in said
    assert "the mail server refused your address" in words_on(look_at("today", store, user))
    assert "stands at the top of this page" in words_on(in_the_room(store, user))


def test_an_address_is_tried_again_when_asked(store: Store) -> None:
    at = look_at("profile", store, refused(store))
    at.button(key="try_again").click().run()
    assert store.read(ANA).email_refused is None
    assert "The next letter goes to ana@example.org once more." in words_on(at)
    assert "No letter reaches" not in words_on(at.run())


def test_a_page_from_before_the_address_changed_takes_nothing_back(store: Store) -> None:
    at = look_at("profile", store, refused(store))
    with store.edit(ANA) as user:
        user.email = "ana@example.com"
        user.email_refused = Refusal(address=user.email, at=NOW)
    at.button(key="try_again").click().run()
    assert store.read(ANA).is_refused
    assert "The next letter goes to" not in words_on(at)


def test_a_refusal_of_an_earlier_address_is_no_longer_said(store: Store) -> None:
    user = refused(store, address="old@example.org")
    assert "refused" not in words_on(look_at("profile", store, user))
    assert "refused" not in words_on(look_at("today", store, user))


@pytest.mark.parametrize(
    ("language", "aside", "word"), [("en", "In the outbox", "Sent"), ("de", "Im Postausgang", "Verschickt")]
)
def test_a_letter_that_no_mail_server_took_is_not_called_sent(language: str, aside: str, word: str) -> None:
    find_catalogues()
    with catalogue.speaking(language):
        assert letter_words.badge({"name": "drip-0", "state": "sent", "via": "outbox"}) == (aside, "ok")
        assert letter_words.badge({"name": "drip-0", "state": "sent", "via": "smtp"}) == (word, "ok")


@pytest.mark.parametrize(("via", "times"), [("outbox", 1), ("smtp", 0)])
def test_why_letters_lie_in_the_outbox_is_said_once_and_only_where_some_do(store: Store, via: str, times: int) -> None:
    for n in range(1, 9):
        day = days_ago(n).isoformat()
        keep(store, f"digest-{day}", "sent", at=f"{day}T20:00:00+00:00", covers=day, subject=f"Of {day}", via=via)
    assert words_on(in_the_room(store, lived(3))).count("no mail server was set") == times


def test_the_next_letter_says_whether_a_mail_server_will_take_it(store: Store) -> None:
    user = lived(20)
    coming = letters.look_ahead(store, user, NOW)
    assert "No mail server is set" in letters.next_letter(user, coming, NOW)
    assert "No mail server is set" not in letters.next_letter(user, replace(coming, has_mail_server=True), NOW)
