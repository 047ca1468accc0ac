"""Eight letters in thirty days: laws of which step is due, for whom, and never two on a day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from coaching_engine import process_pattern_analysis
from core.letters.taps import follow
from core.models import User
from core.steps import STEPS
from drip_campaigns import preview, process_drip_campaigns
from mail.links import Link, read_letter_link
from mail.mailers import Outbox, Outcome
from mail.post_office import Post, open_post
from settings import Settings
from tests.cast import a_person, day, tick

ANA = "ana-3f9a1c"
FOUND = f"found/{ANA}"
FULL_MOON = {
    "kind": "usual_time",
    "habit": "meditation",
    "confidence": "established",
    "since": "2026-11-15",
    "evidence": {},
    "text": "At full moon it goes well.",
}


def at(n: int, clock: str = "09:00") -> datetime:
    return datetime.combine(day(n), time.fromisoformat(clock), tzinfo=UTC)


def busy(**known: Any) -> User:
    return tick(a_person(**known), "meditation", range(40))


def states(post: Post) -> dict[int, str]:
    entries = {step: post.ledger.entry(ANA, f"drip-{step}") for step in STEPS}
    return {step: f"{e['state']} {e['reason']}".split(".")[0] for step, e in entries.items() if e is not None}


def run_through(post: Post, first: int, last: int, clock: str = "09:00") -> list[int]:
    """The days on which a letter went, when the scheduler ran once a day."""
    return [n for n in range(first, last + 1) if process_drip_campaigns(post, now=at(n, clock))]


def test_the_eight_steps_go_at_nine_on_their_days(post):
    post.store.create(busy())
    assert process_drip_campaigns(post, now=at(0, "08:59")) == 0, "the questions are answered at nine"
    assert run_through(post, 0, 40) == list(STEPS)
    assert process_drip_campaigns(post, now=at(41)) == 0


def test_they_go_in_the_evening_for_whose_digest_is_in_the_morning(post):
    post.store.create(busy(digest_time="07:00"))
    process_drip_campaigns(post, now=at(0))
    assert process_drip_campaigns(post, now=at(1, "16:59")) == 0
    assert process_drip_campaigns(post, now=at(1, "17:00")) == 1


def test_who_answers_on_day_5_is_welcomed_at_once_and_earlier_steps_never_come(post):
    post.store.create(busy(onboarded_at=at(5, "15:30")))
    assert process_drip_campaigns(post, now=at(5, "15:29")) == 0
    assert process_drip_campaigns(post, now=at(5, "15:30")) == 1
    assert run_through(post, 6, 40) == [7, 14, 21, 28, 30]


def test_who_answers_on_the_morning_of_a_step_gets_that_step_the_day_after(post):
    post.store.create(busy(onboarded_at=at(7, "08:00")))
    assert process_drip_campaigns(post, now=at(7, "08:00")) == 1
    assert process_drip_campaigns(post, now=at(7, "09:00")) == 0, "one letter a day"
    assert run_through(post, 8, 13) == [8]
    assert states(post)[7].startswith("sent")


def test_of_several_overdue_steps_the_newest_goes_and_the_others_are_written_down(post):
    post.store.create(busy())
    process_drip_campaigns(post, now=at(0))
    assert process_drip_campaigns(post, now=at(9)) == 1
    assert states(post)[7].startswith("sent")
    assert [states(post)[step] for step in (1, 3)] == ["skipped a later letter took its place"] * 2


class KilledBehind(Outbox):
    """A way out behind which its scheduler dies."""

    def hand_over(self, *args: Any) -> Outcome:
        super().hand_over(*args)
        raise SystemExit


def test_what_a_letter_gave_whose_scheduler_died_is_kept_though_a_later_letter_takes_its_place(post):
    post.store.create(busy())
    with open_post(post.settings) as own, pytest.raises(SystemExit):
        process_drip_campaigns(replace(own, mailer=KilledBehind(own.settings.data_dir / "outbox")), now=at(14))
    assert post.store.read(ANA).coaching_insights.given == []
    assert process_drip_campaigns(post, now=at(21)) == 1
    assert states(post)[14].startswith("sent")
    assert day(14).isoformat() in [one["day"] for one in post.store.read(ANA).coaching_insights.given]


def test_a_step_is_of_use_until_the_next_ones_day_and_the_last_one_for_a_week(post):
    post.store.create(busy())
    assert run_through(post, 36, 36) == [36]
    assert states(post)[30].startswith("sent")


def test_after_that_week_nothing_goes_and_it_is_written_down(post):
    post.store.create(busy())
    assert run_through(post, 37, 400) == []
    assert states(post)[30] == "skipped its days had passed"


def test_a_letter_that_had_to_wait_does_not_come_in_the_night(post):
    post.store.create(busy())
    process_drip_campaigns(post, now=at(0))
    for clock in ("00:30", "08:59", "21:00", "23:59"):
        assert process_drip_campaigns(post, now=at(4, clock)) == 0
    assert process_drip_campaigns(post, now=at(5, "09:00")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"email": ""},
        {"profile": {"notifications_enabled": False}},
        {"profile": {"onboarding_complete": False}},
        {"profile": {"letters": {"drip": False}}},
        {"pauses": [{"from": day(0), "to": day(50)}]},
        {"created_at": at(60)},
    ],
)
def test_never_a_letter_to_who_has_no_address_or_wants_none_or_is_not_yet_there(post, change):
    post.store.create(busy(**change))
    assert run_through(post, 0, 35) == []
    assert post.ledger.names(ANA) == []


def test_who_fell_silent_gets_none_until_they_are_back(post):
    post.store.create(tick(a_person(), "meditation", [0, 1, 2, 15]))
    assert run_through(post, 0, 20) == [0, 1, 3, 7, 16]
    assert states(post)[14].startswith("sent"), "late, but within its week"


def test_who_never_ticked_hears_until_day_21(post):
    post.store.create(a_person())
    assert run_through(post, 0, 40) == [0, 1, 3, 7, 14, 21]
    assert states(post)[30] == "skipped nothing was ever ticked"


def test_an_unconfirmed_address_gets_the_welcome_with_its_link_and_nothing_else(tmp_path):
    settings = Settings(data_dir=tmp_path, base_url="https://xp.example.org", mail_from="coach@example.org")
    with open_post(settings.model_copy(update={"smtp_host": "127.0.0.1"}), to_server=False) as post:
        post.store.create(busy(email_confirmed=False))
        assert run_through(post, 0, 8) == [0]
        entry = post.ledger.entry(ANA, "drip-0")
        assert entry is not None
        tokens = re.findall(r"https://xp\.example\.org/l/(\S+)", entry["text"])
        assert Link("confirm", ANA, "ana@example.org") in [read_letter_link(post.secret, token) for token in tokens]
        with post.store.edit(ANA) as user:
            user.email_confirmed = True
        assert process_drip_campaigns(post, now=at(9)) == 1


def test_two_drips_never_fall_on_one_day_of_the_person_wherever_they_fly(post):
    post.store.create(busy(timezone="Pacific/Auckland"))
    moment, days = at(0, "09:00"), set()
    for hour in range(24 * 9):
        with post.store.edit(ANA) as user:
            zones = ("Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati")
            user.coaching_profile.timezone = zones[hour // 24 % 3]
        process_drip_campaigns(post, now=moment + timedelta(hours=hour))
    for step in STEPS:
        entry = post.ledger.entry(ANA, f"drip-{step}")
        if entry is not None and entry["state"] == "sent":
            assert entry["covers"] not in days
            days.add(entry["covers"])
    assert len(days) >= 4


# What the coach sees


def last_text(post: Post) -> str:
    """The text of the letter that went last."""
    path = max((post.settings.data_dir / "outbox").glob("*.eml"))
    part = message_from_bytes(path.read_bytes(), policy=default).get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def told_by_the_night(post: Post) -> dict[str, Any]:
    """Let the night of Day 14 pass, and put other words than its own into what it kept."""
    process_pattern_analysis(post.store, now=at(14, "04:00"))
    kept = dict(post.store.cached(FOUND) or {})
    kept["found"] = {**kept["found"], "findings": [FULL_MOON], "strengths": ["Meditation: 99 of 99, by moonlight."]}
    post.store.cache(FOUND, kept)
    return kept


def test_a_letter_says_what_the_night_found_and_looks_for_nothing_itself(post):
    post.store.create(busy())
    kept = told_by_the_night(post)
    assert process_drip_campaigns(post, now=at(14)) == 1
    assert "At full moon it goes well." in last_text(post)
    assert "99 of 99, by moonlight" in last_text(post)
    assert post.store.cached(FOUND) == kept


def test_what_no_night_has_found_is_found_once_and_kept(post):
    post.store.create(busy())
    assert post.store.cached(FOUND) is None
    assert process_drip_campaigns(post, now=at(14)) == 1
    kept = post.store.cached(FOUND)
    assert kept is not None
    process_pattern_analysis(post.store, now=at(14, "09:30"))
    assert post.store.cached(FOUND) == kept


def test_what_a_night_found_says_nothing_of_a_plan_that_was_changed_since(post):
    post.store.create(busy())
    told_by_the_night(post)
    with post.store.edit(ANA) as user:
        user.habits[0].small = "one breath"
    assert process_drip_campaigns(post, now=at(14)) == 1
    assert "moon" not in last_text(post)


def test_what_another_version_kept_is_found_anew(post):
    post.store.create(busy())
    kept = told_by_the_night(post)
    del kept["found"]["strengths"]
    post.store.cache(FOUND, kept)
    assert process_drip_campaigns(post, now=at(14)) == 1
    assert "moon" not in last_text(post)


def test_a_preview_keeps_nothing(post):
    post.store.create(busy())
    assert not isinstance(preview(post.store.read(ANA), post, at(14)), str)
    assert post.store.cached(FOUND) is None


def test_a_letter_with_advice_asks_whether_it_was_helpful_and_the_answer_is_kept_and_taken_back(post):
    user = a_person(profile={"biggest_obstacle": "Motivation/discipline"})
    post.store.create(tick(user, "meditation", [n for n in range(14) if day(n).weekday() < 5]))
    assert run_through(post, 14, 14) == [14]
    given = [one for one in post.store.read(ANA).coaching_insights.given if "slots" in one]
    sent = max((post.settings.data_dir / "outbox").rglob("*.eml"), key=lambda file: file.name).read_bytes()
    body = message_from_bytes(sent, policy=default).get_body(("plain",))
    tokens = re.findall(r"/l/(\S+)", body.get_content()) if body else []
    answers = [link for token in tokens if (link := read_letter_link(post.secret, token)).action == "helpful"]
    assert len(answers) == 2 * len(given) > 0
    with post.store.edit(ANA) as user:
        undo = follow(user, answers[0], now=at(14, "10:00"))
    assert "yes" in [one.get("feedback") for one in post.store.read(ANA).coaching_insights.given]
    with post.store.edit(ANA) as user:
        follow(user, Link("take-back", ANA, undo), now=at(14, "10:01"))
    assert not [one for one in post.store.read(ANA).coaching_insights.given if one.get("feedback")]
