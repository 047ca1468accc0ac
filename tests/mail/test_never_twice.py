"""The promise under every fault: never two letters of a kind for one day; what may have gone is never sent again."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from core.models import User
from daily_digest import LEAST_GAP, process_daily_digests
from drip_campaigns import process_drip_campaigns
from mail.agenda import Agenda
from mail.ledger import restored_at
from mail.post_office import Post, open_post
from mail.writing import TOGETHER
from scheduler_service import JOBS, tick_for_those_due
from storage import StoreError, open_store
from tests.cast import a_person, day, tick
from tests.mail_servers import FailingServer, failing_server, mail_server
from tests.workers import DIGEST, DIGEST_TIME, heard, settings_for, tell, worker

ANA = "ana-3f9a1c"
MINUTE, HOUR, ONE_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SCHEDULERS, PEOPLE = 8, 12
WAIT_SECONDS = 20


def state(post: Post, name: str = DIGEST) -> str | None:
    return post.ledger.state(ANA, name)


def is_kept(post: Post) -> bool:
    """Whether the document has what the digest said."""
    return day(0) in post.store.read(ANA).daily_digests


# A process that dies


@pytest.mark.parametrize(
    ("where", "ends", "delivered"),
    [
        ("claimed", "sent", 1),
        ("marked", "unknown", 0),
        ("answered", "unknown", 1),
        ("remembered", "unknown", 1),
        ("settled", "sent", 1),
    ],
)
def test_a_scheduler_killed_at_any_point_leaves_one_letter_at_the_most(tmp_path, where, ends, delivered):
    open_store(tmp_path).create(tick(a_person(), "meditation", [0]))
    with failing_server() as server:
        with worker("send_until", tmp_path, str(server.port), where) as scheduler:
            assert heard(scheduler) == where
        _the_next_scheduler_settles_it(tmp_path, server, ends, delivered)


def test_a_scheduler_killed_while_the_server_is_accepting_leaves_it_unknown(tmp_path):
    open_store(tmp_path).create(tick(a_person(), "meditation", [0]))
    with failing_server(dot="hang") as server:
        with worker("send_until", tmp_path, str(server.port), "answered"):
            _until(lambda: bool(server.accepted))
        server.script.clear()
        _the_next_scheduler_settles_it(tmp_path, server, "unknown", 1)


def _the_next_scheduler_settles_it(folder: Path, server: FailingServer, ends: str, delivered: int) -> None:
    with open_post(settings_for(folder, server.port)) as post:
        for minutes in (1, 2, 30, 239):
            process_daily_digests(post, now=DIGEST_TIME + minutes * MINUTE)
        assert state(post) == ends
        assert is_kept(post), "what it said and gave counts as said and given"
    assert len(server.accepted) == delivered


def _until(is_so) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


# Many schedulers


def test_eight_schedulers_on_one_folder_send_each_letter_once(tmp_path):
    store = open_store(tmp_path)
    for n in range(PEOPLE):
        store.create(tick(a_person(user_id=f"ana-{n:06d}", email=f"ana{n}@example.org"), "meditation", [0]))
    with mail_server() as mailbox, ExitStack() as stack:
        racers = [stack.enter_context(worker("pass_once", tmp_path, str(mailbox.port))) for _ in range(SCHEDULERS)]
        assert {heard(racer) for racer in racers} == {"waiting"}
        for racer in racers:
            tell(racer)
        assert sum(int(heard(racer)) for racer in racers) == PEOPLE
    assert Counter(to for to, _ in mailbox.letters) == {f"ana{n}@example.org": 1 for n in range(PEOPLE)}


# A record that changes while its letter is on its way


def change_at_the_end(post: Post, change, user_id: str = ANA) -> int:
    """Send, with `change` made to a person while the first letter is being handed over; how many went."""
    hand_over, changes = post.mailer.hand_over, [change]

    def meanwhile(raw, to, file_name, before_dot):
        def late_change():
            while changes:
                with post.store.edit(user_id) as user:
                    changes.pop()(user)
            before_dot()

        return hand_over(raw, to, file_name, late_change)

    post.mailer.hand_over = meanwhile  # type: ignore[method-assign]
    return process_daily_digests(post, now=DIGEST_TIME)


def unsubscribe(user: User) -> None:
    user.coaching_profile.letters.digest = False


def tick_the_rest(user: User) -> None:
    tick(user, "meditation", [0])


def fly(user: User) -> None:
    user.coaching_profile.timezone = "Pacific/Auckland"


def move(user: User) -> None:
    user.email = "ana@example.com"


@pytest.mark.parametrize(
    ("change", "went", "ends"),
    [(unsubscribe, 0, "skipped"), (tick_the_rest, 1, "sent"), (fly, 0, "retry"), (move, 1, "sent")],
)
def test_the_person_is_read_again_right_before_the_end(tmp_path, change, went, ends):
    open_store(tmp_path).create(a_person())
    with failing_server() as server, open_post(settings_for(tmp_path, server.port)) as post:
        assert change_at_the_end(post, change) == went
        assert state(post) == ends
        entry = post.ledger.entry(ANA, DIGEST)
    assert len(server.accepted) == went
    if change is tick_the_rest:
        assert entry is not None
        assert "Perfect Day" in entry["subject"]


def test_whoever_changes_their_mind_while_the_letters_before_theirs_go_is_read_again(tmp_path):
    store = open_store(tmp_path)
    for n in range(TOGETHER):
        store.create(tick(a_person(user_id=f"ana-{n:06d}", email=f"ana{n}@example.org"), "meditation", [0]))
    last = store.user_ids()[-1]
    with failing_server() as server, open_post(settings_for(tmp_path, server.port)) as post:
        assert change_at_the_end(post, unsubscribe, last) == TOGETHER - 1
        assert post.ledger.state(last, DIGEST) == "skipped"
    assert len(server.accepted) == TOGETHER - 1


def test_a_scheduler_helps_another_and_leaves_it_whoever_was_changed_meanwhile(tmp_path):
    store = open_store(tmp_path)
    for n in range(40):
        store.create(tick(a_person(user_id=f"ana-{n:06d}", email=f"ana{n}@example.org"), "meditation", [0]))
    with failing_server() as server, ExitStack() as stack:
        one, other = (stack.enter_context(open_post(settings_for(tmp_path, server.port))) for _ in range(2))
        changed = one.ledger.shares(store.user_ids())[1][0]
        assert change_at_the_end(one, move, changed) == 39
        assert one.ledger.state(changed, DIGEST) is None
        assert process_daily_digests(other, now=DIGEST_TIME) == 1
    assert (len(server.accepted), server.accepted[-1].count(b"To: Ana <ana@example.com>")) == (40, 1)


# Time that jumps


def test_after_ten_days_without_a_scheduler_one_digest_and_one_drip_follow_and_the_rest_is_written_down(tmp_path):
    open_store(tmp_path).create(tick(a_person(), "meditation", range(40)))
    with open_post(settings_for(tmp_path)) as post:
        for n in range(5):
            process_drip_campaigns(post, now=DIGEST_TIME + n * ONE_DAY)
            process_daily_digests(post, now=DIGEST_TIME + n * ONE_DAY)
        back = DIGEST_TIME + 15 * ONE_DAY
        went = [
            (process_daily_digests(post, now=back + n * MINUTE), process_drip_campaigns(post, now=back + n * MINUTE))
            for n in range(0, 180, 20)
        ]
        assert went == [(1, 1)] + [(0, 0)] * 8
        missed = [post.ledger.entry(ANA, f"digest-{day(n).isoformat()}") for n in range(5, 15)]
        assert {(entry["state"], entry["reason"]) for entry in missed if entry} == {
            ("skipped", "its four hours had passed")
        }
        assert len(missed) == 10
        assert state(post, "drip-7") == "skipped"
        assert state(post, "drip-14") == "sent"


@pytest.mark.parametrize("hours", [25, 31, 47])
def test_who_flies_between_auckland_honolulu_and_kiritimati_hears_once_a_day_and_never_twice(tmp_path, hours):
    open_store(tmp_path).create(tick(a_person(), "meditation", range(60)))
    zones = ("Pacific/Auckland", "Pacific/Honolulu", "Pacific/Kiritimati")
    sent: list[datetime] = []
    with open_post(settings_for(tmp_path)) as post:
        for hour in range(24 * 20):
            now = DIGEST_TIME + hour * HOUR
            if hour % hours == 0:
                with post.store.edit(ANA) as user:
                    user.coaching_profile.timezone = zones[hour // hours % 3]
            sent += [now] * process_daily_digests(post, now=now)
        covered = [letter["covers"] for letter in post.ledger.letters(ANA) if letter["state"] == "sent"]
    assert len(set(covered)) == len(covered) == len(sent)
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    assert min(gaps) >= LEAST_GAP
    assert max(gaps) <= 3 * ONE_DAY


def test_a_clock_that_is_set_back_or_ahead_brings_nothing_twice(tmp_path):
    open_store(tmp_path).create(tick(a_person(), "meditation", range(9)))
    with open_post(settings_for(tmp_path)) as post:
        instants = [DIGEST_TIME + n * ONE_DAY for n in (3, 1, 3, 0, 2, 5, 4, 5)]
        went = [process_daily_digests(post, now=now) for now in instants]
        covered = [letter["covers"] for letter in post.ledger.letters(ANA) if letter["state"] == "sent"]
    assert sum(went) == len(set(covered))


# A backup that is put back


def test_a_ledger_put_back_from_a_copy_sends_nothing_whose_time_had_come(tmp_path):
    now = datetime.now(UTC)
    clock = f"{now - 10 * MINUTE:%H:%M}"
    person = a_person(created_at=now - 3 * ONE_DAY, digest_time=clock, habits=[], profile={"timezone": "UTC"})
    folder, copy = tmp_path / "data", tmp_path / "copy"
    with mail_server() as mailbox:
        with open_post(settings_for(folder, mailbox.port)) as post:
            post.store.create(person)
        shutil.copytree(folder, copy)
        with open_post(settings_for(copy, mailbox.port)) as post:
            assert post.ledger.restored_at is not None
            assert process_drip_campaigns(post, now=datetime.now(UTC)) == 0
            assert process_daily_digests(post, now=datetime.now(UTC)) == 0
            reasons = {letter["reason"] for letter in post.ledger.letters(ANA) if letter["name"].startswith("drip")}
            assert "the records were put back from a backup" in reasons
    assert mailbox.letters == []


def test_a_ledger_that_stays_in_its_place_was_not_put_back_and_a_copy_says_when_it_was(tmp_path):
    folder, now = tmp_path / "ledger", DIGEST_TIME
    assert restored_at(folder, now=now) is None
    assert restored_at(folder, now=now + HOUR) is None
    shutil.copytree(folder, tmp_path / "copy")
    assert restored_at(tmp_path / "copy", now=now + 2 * HOUR) == now + 2 * HOUR
    assert restored_at(tmp_path / "copy", now=now + 3 * HOUR) == now + 2 * HOUR
    assert restored_at(folder, now=now + 4 * HOUR, is_restored=True) == now + 4 * HOUR, "a snapshot of the disk"
    (folder / "place").write_text("12 yesterday")
    with pytest.raises(StoreError, match="place cannot be read"):
        restored_at(folder, now=now)
    assert (folder / "place").read_text() == "12 yesterday"


# A server that refuses


def test_an_address_that_is_refused_for_good_gets_no_more_letters_and_the_app_can_say_so(tmp_path):
    open_store(tmp_path).create(tick(a_person(), "meditation", range(9)))
    with failing_server(rcpt="550 5.1.1 no such person") as server:
        with open_post(settings_for(tmp_path, server.port)) as post:
            assert process_daily_digests(post, now=DIGEST_TIME) == 0
            refused = post.store.read(ANA).email_refused
            assert refused is not None
            assert (refused.address, refused.reason) == ("ana@example.org", "rcpt: 550 5.1.1 no such person")
            server.script.clear()
            assert process_daily_digests(post, now=DIGEST_TIME + ONE_DAY) == 0
            with post.store.edit(ANA) as user:
                user.email = "ana@example.com"
            assert process_daily_digests(post, now=DIGEST_TIME + 2 * ONE_DAY) == 1


def test_a_server_that_refuses_everybody_gets_few_tries_and_blames_nobody(tmp_path):
    store = open_store(tmp_path)
    for n in range(40):
        store.create(tick(a_person(user_id=f"ana-{n:06d}", email=f"ana{n}@example.org"), "meditation", [0]))
    with failing_server(rcpt="550 5.1.1 no such person") as server:
        with open_post(settings_for(tmp_path, server.port)) as post:
            assert process_daily_digests(post, now=DIGEST_TIME) == 0
            seen = [post.watch.state]
            tried = [user_id for user_id in store.user_ids() if post.ledger.names(user_id)]
            assert len(tried) < 20, "the run ends"
            assert not [user_id for user_id in store.user_ids() if store.read(user_id).email_refused]
            server.script.clear()
            process_daily_digests(post, now=DIGEST_TIME + MINUTE)
            assert [*seen, post.watch.state] == ["refused", "ok"]
    assert len(server.accepted) >= 20


def test_a_server_that_is_away_is_tried_once_a_run_and_the_letters_come_when_it_is_back(tmp_path):
    open_store(tmp_path).create(tick(a_person(), "meditation", [0]))
    with failing_server(banner="421 later") as server, open_post(settings_for(tmp_path, server.port)) as post:
        tries = 0
        for minutes in range(120):
            before = server.connections
            process_daily_digests(post, now=DIGEST_TIME + minutes * MINUTE)
            tries += server.connections > before
        assert tries == 5, "at once, then after 2, 10, 30 and 60 minutes"
        assert post.watch.state == "unreachable"
        server.script.clear()
        assert sum(process_daily_digests(post, now=DIGEST_TIME + n * MINUTE) for n in range(120, 239)) == 1


def test_whoever_was_not_tried_while_the_server_was_away_is_looked_at_until_it_is_back(tmp_path):
    store = open_store(tmp_path)
    for n in range(30):
        store.create(tick(a_person(user_id=f"ana-{n:06d}", email=f"ana{n}@example.org"), "meditation", [0]))
    job = JOBS["digest"]
    with failing_server(banner="421 later") as server, open_post(settings_for(tmp_path, server.port)) as post:
        with closing(Agenda(store, partial(job.next_visit, post))) as agenda:
            for minutes in range(200):
                if minutes == 20:
                    server.script.clear()
                tick_for_those_due(post, agenda, job, DIGEST_TIME + minutes * MINUTE)
    assert len(server.accepted) == 30
