"""The next letter, seen beforehand: it comes when and as it was shown, and looking at it leaves no trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, time, timedelta
from email.message import EmailMessage

import pytest

import daily_digest
import drip_campaigns
from core.models import Pause, User
from core.steps import STEPS
from mail.post_office import Post, open_post
from settings import Settings
from tests.cast import MONDAY, a_habit, a_person, day, tick
from tests.letters.test_daily_digest import at, letters, text_of

ANA = "ana-3f9a1c"


def all_files(post: Post) -> dict[str, bytes]:
    """What a folder holds, its owners' locks left out."""
    root = post.settings.data_dir
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and "owners" not in path.parts
    }


def words_of(went: EmailMessage) -> str:
    return text_of(went).replace("\r\n", "\n")


def seen(engine: Callable[[User, Post, datetime], object], post: Post, now: datetime) -> object:
    """A preview, with the promise that it changed no file and nothing of the document in hand."""
    user, before = post.store.read(ANA), all_files(post)
    shown = user.to_json()
    found = engine(user, post, now)
    assert all_files(post) == before
    assert json.dumps(user.to_json()) == json.dumps(shown)
    return found


@pytest.mark.parametrize("digest_time", ["07:00", "20:00"])
@pytest.mark.parametrize("days", [0, 3, 15, 29])
def test_the_next_digest_comes_when_and_as_it_was_shown(post, days, digest_time):
    user = tick(a_person(digest_time=digest_time), "meditation", range(days))
    user = tick(user, "meditation", [days], clock=time(9, 10))
    post.store.create(user)
    found = seen(daily_digest.preview, post, at(days, "12:30"))
    assert isinstance(found, tuple)
    moment, letter = found
    assert moment == at(days if digest_time == "20:00" else days + 1, digest_time)
    assert daily_digest.process_daily_digests(post, now=moment) == 1
    [went] = letters(post)
    assert (went["Subject"], words_of(went)) == (letter.subject, letter.text)


@pytest.mark.parametrize("days", [0, 1, 5, 13, 27])
def test_the_next_letter_of_the_course_comes_when_and_as_it_was_shown(post, days):
    post.store.create(tick(a_person(), "meditation", range(days)))
    for n in range(days + 1):
        drip_campaigns.process_drip_campaigns(post, now=at(n, "09:00"))
    found = seen(drip_campaigns.preview, post, at(days, "12:30"))
    assert isinstance(found, tuple)
    moment, letter = found
    assert moment == at(next(step for step in STEPS if step > days), "09:00")
    assert drip_campaigns.process_drip_campaigns(post, now=moment) == 1
    assert letter.text in {words_of(went) for went in letters(post)}


def test_a_digest_that_went_gives_way_to_the_next(post):
    post.store.create(tick(a_person(), "meditation", range(5)))
    daily_digest.process_daily_digests(post, now=at(4, "20:00"))
    found = seen(daily_digest.preview, post, at(4, "20:01"))
    assert isinstance(found, tuple)
    assert found[0] == at(5, "20:00")


def test_a_digest_whose_time_has_come_is_the_next_while_it_is_of_use(post):
    post.store.create(tick(a_person(), "meditation", range(5)))
    for clock, expected in (("21:00", at(4, "21:00")), ("23:59", at(4, "23:59"))):
        found = seen(daily_digest.preview, post, at(4, clock))
        assert isinstance(found, tuple)
        assert found[0] == expected
    found = seen(daily_digest.preview, post, at(5, "00:00"))
    assert isinstance(found, tuple)
    assert found[0] == at(5, "20:00")


def test_a_pause_and_a_rhythm_are_looked_past(post):
    user = tick(a_person(), "meditation", range(5))
    user.pauses = [Pause(start=day(6), to=day(9))]
    post.store.create(user)
    daily_digest.process_daily_digests(post, now=at(4, "20:00"))
    for every, first in ((1, 5), (2, 10), (7, 11)):
        with post.store.edit(ANA) as user:
            user.coaching_profile.letters.every = every
        found = seen(daily_digest.preview, post, at(4, "21:00"))
        assert isinstance(found, tuple)
        assert found[0] == at(first, "20:00"), every


@pytest.mark.parametrize(
    ("change", "digest", "course"),
    [
        ({"email": ""}, "there is no address", "there is no address"),
        ({"profile": {"notifications_enabled": False}}, "letters are switched off", "letters are switched off"),
        (
            {"profile": {"letters": {"digest": False, "drip": False}}},
            "the digest was unsubscribed from",
            "the course was unsubscribed from",
        ),
        (
            {"pauses": [{"from": day(0), "to": day(90)}]},
            "everything is paused",
            "everything is paused",
        ),
    ],
)
def test_no_letter_in_sight_says_why(post, change, digest, course):
    post.store.create(a_person(**change))
    assert seen(daily_digest.preview, post, at(2)) == digest
    assert seen(drip_campaigns.preview, post, at(2)) == course


def test_silence_ends_the_digests_and_holds_the_course_back(post):
    post.store.create(tick(a_person(), "meditation", [0, 1]))
    assert seen(daily_digest.preview, post, at(40)) == "there was no sign of life for three weeks"
    assert seen(drip_campaigns.preview, post, at(10)) == "it waits for a sign of life"
    assert seen(drip_campaigns.preview, post, at(40)) == "its days had passed"


def test_an_unconfirmed_address_is_shown_the_welcome_alone(tmp_path):
    settings = Settings(data_dir=tmp_path, smtp_host="mail.example.org", mail_from="coach@example.org")
    with open_post(settings, to_server=False) as post:
        post.store.create(a_person(email_confirmed=False))
        found = seen(drip_campaigns.preview, post, at(2, "10:00"))
        assert isinstance(found, tuple)
        assert found[1].name == "drip-0"
        drip_campaigns.process_drip_campaigns(post, now=at(2, "10:00"))
        assert seen(drip_campaigns.preview, post, at(2, "11:00")) == "the address is not confirmed yet"
        assert seen(daily_digest.preview, post, at(2, "11:00")) == "the address is not confirmed yet"


def test_without_a_habit_no_digest_is_in_sight(post):
    post.store.create(a_person(a_habit(archived_on=MONDAY + timedelta(days=1))))
    assert seen(daily_digest.preview, post, at(2)) == "nothing was due and nothing was done"
