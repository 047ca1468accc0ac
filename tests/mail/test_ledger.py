"""Claim, then send: laws of the ledger, with real processes."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from mail.ledger import Ledger, LostClaimError, Owner, letters_of
from storage import JsonFiles
from tests.workers import LETTER, LETTERS, NOW, heard, tell, worker

RACERS = 8


@pytest.fixture
def owners(tmp_path: Path) -> Iterator[Callable[[], Owner]]:
    """Schedulers on one folder, each with its own claims; all are ended with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Owner(tmp_path / "owners")))


@pytest.fixture
def ledger(tmp_path: Path, owners: Callable[[], Owner]) -> Ledger:
    return Ledger(JsonFiles(tmp_path), owners())


@pytest.fixture
def other(tmp_path: Path, owners: Callable[[], Owner]) -> Ledger:
    return Ledger(JsonFiles(tmp_path), owners())


def test_a_letter_is_claimed_once(ledger, other):
    assert ledger.claim("ana", LETTER, now=NOW, went=None)
    assert not other.claim("ana", LETTER, now=NOW, went=None)
    assert ledger.names("ana") == [LETTER]


def test_a_letter_is_open_until_it_is_settled_and_while_nobody_alive_has_it_in_hand(ledger, other, tmp_path, owners):
    gone = owners()
    assert other.is_open("ana", LETTER, NOW)
    assert Ledger(JsonFiles(tmp_path), gone).claim("ana", LETTER, now=NOW, went=None)
    assert not other.is_open("ana", LETTER, NOW)
    gone.close()
    assert other.is_open("ana", LETTER, NOW)
    assert ledger.claim("ana", LETTER, now=NOW, went=None)
    later = NOW + timedelta(minutes=2)
    ledger.settle("ana", LETTER, "retry", now=NOW, retry_at=later.isoformat())
    assert [other.is_open("ana", LETTER, now) for now in (NOW, later)] == [False, True]
    ledger.settle("ana", LETTER, "sent", now=later)
    assert not other.is_open("ana", LETTER, later)


@pytest.mark.parametrize("octets", [b"", b"\0" * 700])
def test_a_claim_whose_line_was_lost_with_its_process_or_the_power_is_none(ledger, tmp_path, octets):
    record = tmp_path / "ledger" / "ana" / f"{LETTER}.jsonl"
    record.parent.mkdir(parents=True)
    record.write_bytes(octets)
    assert ledger.entry("ana", LETTER) is None
    assert ledger.letters("ana") == []
    assert not ledger.is_at_work("ana")
    assert ledger.claim("ana", LETTER, now=NOW, went=None)
    assert ledger.state("ana", LETTER) == "claimed"


def test_a_settled_letter_is_never_claimed_once_more(ledger):
    for n, state in enumerate(("sent", "failed", "unknown", "skipped")):
        name = f"{LETTER}-{n}"
        assert ledger.claim("ana", name, now=NOW, went=None)
        ledger.settle("ana", name, state, now=NOW)
        assert not ledger.claim("ana", name, now=NOW + timedelta(days=400), went=False)


def test_eight_processes_on_one_folder_claim_each_letter_once(tmp_path):
    with ExitStack() as stack:
        racers = [stack.enter_context(worker("claim_all", tmp_path)) for _ in range(RACERS)]
        assert {heard(racer) for racer in racers} == {"waiting"}
        for racer in racers:
            tell(racer)
        assert sum(int(heard(racer)) for racer in racers) == LETTERS


def _left_by_a_killed_process(folder: Path, other: Ledger, until: str) -> None:
    with worker("hold", folder, until) as process:
        assert heard(process) == "holding"
        assert not other.claim("ana", LETTER, now=NOW, went=None), "it is alive"


def test_a_dead_owners_claim_is_taken_over_at_once(ledger, tmp_path):
    _left_by_a_killed_process(tmp_path, ledger, "claimed")
    assert ledger.claim("ana", LETTER, now=NOW, went=None)
    entry = ledger.entry("ana", LETTER)
    assert entry is not None
    assert entry["attempt"] == 2


@pytest.mark.parametrize(
    ("went", "claimed", "state"), [(None, False, "unknown"), (True, False, "sent"), (False, True, "claimed")]
)
def test_a_letter_cut_off_at_the_final_dot_is_settled_by_what_is_known(ledger, tmp_path, went, claimed, state):
    _left_by_a_killed_process(tmp_path, ledger, "dot")
    assert ledger.claim("ana", LETTER, now=NOW, went=went) is claimed
    assert ledger.state("ana", LETTER) == state


def test_the_file_of_a_process_that_was_killed_before_it_had_a_name_is_swept_and_one_that_is_locked_stays(
    tmp_path, owners
):
    folder = tmp_path / "owners"
    folder.mkdir()
    (folder / ".killed").touch()
    with (folder / ".starting").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        owner = owners()
        assert {path.name for path in folder.iterdir()} == {".starting", owner.token}


def test_schedulers_that_start_at_one_moment_do_not_sweep_each_other_away(owners):
    with ThreadPoolExecutor(RACERS) as pool:
        started = list(pool.map(lambda _: owners(), range(10 * RACERS)))
    assert all(owner.is_alive(other.token) for owner in started[:3] for other in started)


def test_who_lost_the_claim_may_not_pass_the_dot(ledger, tmp_path, owners):
    slow_owner = owners()
    slow = Ledger(JsonFiles(tmp_path), slow_owner)
    assert slow.claim("ana", LETTER, now=NOW, went=None)
    slow_owner.close()
    assert ledger.claim("ana", LETTER, now=NOW, went=None)
    with pytest.raises(LostClaimError, match=LETTER):
        slow.mark_dot("ana", LETTER)


def test_a_letter_to_be_tried_again_waits_for_its_time(ledger):
    assert ledger.claim("ana", LETTER, now=NOW, went=None)
    ledger.settle("ana", LETTER, "retry", now=NOW, retry_at=(NOW + timedelta(minutes=2)).isoformat())
    assert not ledger.claim("ana", LETTER, now=NOW + timedelta(minutes=1), went=None)
    assert ledger.claim("ana", LETTER, now=NOW + timedelta(minutes=2), went=None)


def test_a_skipped_letter_says_why(ledger):
    assert ledger.skip("ana", LETTER, "its four hours had passed", now=NOW)
    entry = ledger.entry("ana", LETTER)
    assert entry is not None
    assert (entry["state"], entry["reason"]) == ("skipped", "its four hours had passed")
    assert not ledger.skip("ana", LETTER, "another reason", now=NOW)


def test_a_day_is_reserved_for_one_purpose(ledger):
    assert ledger.reserve("ana", "drip-on-2026-11-22", "drip-7")
    assert ledger.reserve("ana", "drip-on-2026-11-22", "drip-7")
    assert not ledger.reserve("ana", "drip-on-2026-11-22", "drip-14")


def test_the_last_letter_sent_is_found_among_skipped_ones(ledger):
    for day, state in ((20, "sent"), (21, "unknown"), (22, "skipped")):
        name = f"digest-2026-11-{day}"
        ledger.claim("ana", name, now=NOW, went=None, covers=f"2026-11-{day}")
        ledger.settle("ana", name, state, now=NOW)
    last = ledger.last_sent("ana", "digest-")
    assert last is not None
    assert last["covers"] == "2026-11-21"
    assert ledger.last_sent("ben", "digest-") is None


def test_what_a_mail_server_took_is_known(ledger):
    for name, via, state in (("a", "outbox", "sent"), ("b", "smtp", "sent"), ("c", "smtp", "skipped")):
        ledger.claim("ana", name, now=NOW, went=None, via=via)
        ledger.settle("ana", name, state, now=NOW)
    ledger.reserve("ana", "drip-on-2026-11-22", "drip-7")
    assert list(ledger.taken_by_a_server()) == ["ana/b"]


def test_a_persons_letters_are_listed_the_latest_first_and_reserved_days_are_none(ledger):
    for n in range(3):
        at = NOW + timedelta(days=n)
        assert ledger.skip("ana", f"{LETTER}-{n}", "nothing was due", now=at, kind="digest")
    assert ledger.reserve("ana", "drip-on-2026-11-22", "drip-7")
    assert [letter["name"] for letter in ledger.letters("ana")] == [f"{LETTER}-{n}" for n in (2, 1, 0)]
    assert ledger.letters("ben") == []


def test_each_of_several_schedulers_begins_with_a_share_of_its_own_and_leaves_nobody_out(owners):
    people = [f"ana-{n:06d}" for n in range(300)]
    alone = owners()
    assert alone.shares(people) == (people, [])
    schedulers = [alone, owners(), owners()]
    assert sorted(chain(*(owner.shares(people)[0] for owner in schedulers))) == people
    assert all(sorted(chain(*owner.shares(people))) == people for owner in schedulers)
    schedulers[1].close()
    assert sorted(alone.shares(people)[0] + schedulers[2].shares(people)[0]) == people


def test_a_scheduler_that_is_done_helps_another_from_the_end_of_its_share_and_meets_it_once(owners):
    people = [f"ana-{n:06d}" for n in range(300)]
    one, two = owners(), owners()
    assert one.shares(people)[1] == two.shares(people)[0][::-1]
    assert two.shares(people)[1] == one.shares(people)[0][::-1]


def test_schedulers_side_by_side_keep_to_processors_of_their_own(tmp_path, owners):
    ledgers = [Ledger(JsonFiles(tmp_path), owners()) for _ in range(3)]
    first, *others = sorted(ledger.processor() for ledger in ledgers)
    assert others == [first + 1, first + 2]


def test_a_scheduler_whose_file_was_deleted_begins_anew_and_lets_go_of_its_claims(ledger, other, tmp_path):
    assert ledger.claim("ana", LETTER, now=NOW, went=None)
    shutil.rmtree(tmp_path / "owners")
    assert other.shares(["ana", "ben"]) == (["ana", "ben"], [])
    assert other.claim("ana", LETTER, now=NOW, went=None)
    with pytest.raises(LostClaimError):
        ledger.mark_dot("ana", LETTER)
    assert sorted(chain(*ledger.shares(["ana", "ben"]))) == ["ana", "ben"]
    assert not ledger.claim("ana", LETTER, now=NOW, went=None), "it sees that the other one is alive"
    assert ledger.claim("ana", "drip-7", now=NOW, went=None)
    assert not other.claim("ana", "drip-7", now=NOW, went=None), "and is seen"


def test_a_long_history_is_read_no_further_than_asked(ledger, tmp_path):
    for n in range(9):
        assert ledger.skip("ana", f"digest-2026-11-{n + 10}", "nothing was due", now=NOW + timedelta(days=n))
    assert ledger.skip("ana", "drip-7", "its days had passed", now=NOW + timedelta(days=7, hours=1))
    (tmp_path / "ledger" / "ana" / "digest-2026-11-10.jsonl").write_text("{half")  # whatever reads it fails
    newest = [letter["name"] for letter in letters_of(JsonFiles(tmp_path), "ana", newest=3)]
    assert newest == ["digest-2026-11-18", "drip-7", "digest-2026-11-17"]
