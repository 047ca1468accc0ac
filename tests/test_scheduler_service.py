"""The clock: the service, one pass and the replay, as processes; the first thirty-one days of the three examples."""

import email
import email.policy
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.models import User
from mail.agenda import Agenda
from mail.mailers import Outcome
from mail.post_office import open_post
from scheduler_service import JOBS, replay, say_alive, tick, tick_for_those_due
from settings import Settings
from storage import open_store
from tests.cast import a_habit, a_person
from tests.cast import tick as ticked
from tests.full_disk import full_disk
from tests.mail_servers import Mailbox, mail_server
from tests.people import EXAMPLES, moment
from tests.programs import ROOT, environment, refused, run

STEPS = ["0", "1", "3", "7", "14", "21", "28", "30"]


def smtp_settings(mailbox: Mailbox) -> dict[str, Any]:
    server = {"XP_SMTP_HOST": "127.0.0.1", "XP_SMTP_PORT": mailbox.port, "XP_SMTP_SECURITY": "none"}
    return server | {"XP_MAIL_FROM": "coach@example.org"}


def letters_of(folder: Path) -> list[email.message.EmailMessage]:
    files = sorted((folder / "outbox").glob("*.eml"))
    parsed = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    return sorted(parsed, key=lambda letter: letter["Date"].datetime)


@pytest.mark.parametrize("make", EXAMPLES)
def test_thirty_one_days_bring_one_digest_a_day_and_the_eight_drips_and_nothing_else(tmp_path, make):
    user = make()
    with open_post(Settings(data_dir=tmp_path)) as post:
        post.store.create(user)
        done = replay(post, user.created_at - timedelta(days=1), moment(user, 31, "12:00"))
        again = replay(post, user.created_at - timedelta(days=1), moment(user, 31, "12:00"))
    letters = letters_of(tmp_path)
    assert (done["digest"], done["drip"], len(letters)) == (31, 8, 39)
    digests = [letter for letter in letters if letter["X-XP-Kind"] == "digest"]
    assert [letter["X-XP-Day"] for letter in digests] == [str(n) for n in range(31)]
    assert [letter["X-XP-Day"] for letter in letters if letter["X-XP-Kind"] == "drip"] == STEPS
    assert (again["digest"], again["drip"], again["analysis"]) == (0, 0, 0), "a second replay finds all of it settled"


def test_no_kind_of_finding_is_named_before_day_14(tmp_path):
    words = ("weekend", "pattern", "usual time", "too ambitious", "varied")
    for make in EXAMPLES:
        user = make()
        folder = tmp_path / user.user_id
        with open_post(Settings(data_dir=folder)) as post:
            post.store.create(user)
            replay(post, user.created_at - timedelta(days=1), moment(user, 13, "23:00"))
            assert post.store.read(user.user_id).coaching_insights.announced == []
        for letter in letters_of(folder):
            plain = letter.get_body(("plain",))
            assert plain is not None
            said = str(plain.get_content()).lower()
            assert not [word for word in words if word in said], letter["Subject"]


def test_a_replay_and_passes_minute_by_minute_send_the_same(tmp_path):
    user = EXAMPLES[1]()
    start, end = moment(user, 6, "00:00"), moment(user, 7, "23:59")
    for name in ("replayed", "ticked"):
        with open_post(Settings(data_dir=tmp_path / name)) as post:
            (tmp_path / name / "secret.key").write_text("0" * 64)
            post.store.create(user)
            if name == "replayed":
                replay(post, start, end)
            else:
                for minute in range(0, 48 * 60, 30):
                    tick(post, start + timedelta(minutes=minute))
    sent = [
        [(letter["X-XP-Kind"], letter["X-XP-Covers"], letter["Subject"]) for letter in letters_of(tmp_path / name)]
        for name in ("replayed", "ticked")
    ]
    assert sent[0] == sent[1]
    assert Counter(kind for kind, _, _ in sent[0]) == {"digest": 2, "drip": 2}


def test_passes_over_those_due_send_what_passes_over_everybody_send(tmp_path):
    people = [make() for make in EXAMPLES]
    start, ticks = moment(people[0], 12, "00:00"), range(0, 3 * 24 * 60, 20)
    for name in ("everybody", "due"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret.key").write_text("0" * 64)
        with open_post(Settings(data_dir=tmp_path / name)) as post, ExitStack() as stack:
            for user in people:
                post.store.create(user)
            agendas = {
                job: stack.enter_context(closing(Agenda(post.store, partial(JOBS[job].next_visit, post))))
                for job in JOBS
            }
            looks = 0
            for minute in ticks:
                now = start + timedelta(minutes=minute)
                if name == "everybody":
                    tick(post, now)
                    continue
                for job in JOBS:
                    looks += len(people_due := agendas[job].due(now))
                    JOBS[job].run(post, now=now, user_ids=people_due)
                    for user_id in people_due:
                        agendas[job].seen(user_id, now)
    assert files_of(tmp_path / "everybody") == files_of(tmp_path / "due")
    assert len(files_of(tmp_path / "due")) >= 9 + 3
    assert looks < len(ticks) * len(people) * len(JOBS) / 5


def files_of(folder: Path) -> dict[str, bytes]:
    """Every letter, by its name, byte for byte."""
    return {file.name: file.read_bytes() for file in (folder / "outbox").glob("*.eml")}


def test_the_service_says_that_it_is_alive_and_how_the_mail_server_answers(tmp_path):
    now = datetime(2026, 11, 22, 20, tzinfo=UTC)
    with open_post(Settings(data_dir=tmp_path)) as post:
        say_alive(post, now)
        assert post.store.cached("scheduler") == {"at": now.isoformat(), "mail": "ok", "since": None}
        post.watch.note("ana", Outcome("server", "connect: refused"), now)
        say_alive(post, now)
        said = {"at": now.isoformat(), "mail": "unreachable", "since": now.isoformat()}
        assert post.store.cached("scheduler") == said


def test_a_night_that_a_full_disk_keeps_from_being_analysed_is_analysed_once_there_is_room(tmp_path):
    four, job, analysed = datetime(2024, 1, 20, 4, tzinfo=UTC), JOBS["analysis"], []
    with open_post(Settings(data_dir=tmp_path)) as post:
        post.store.create(a_person(coaching_insights={"last_insight_date": "2024-01-19"}))
        with closing(Agenda(post.store, partial(job.next_visit, post))) as agenda:
            for minute in range(-1, 30):
                with full_disk() if minute == 0 else nullcontext():
                    done = tick_for_those_due(post, agenda, job, four + timedelta(minutes=minute))
                analysed += [minute] * done
    assert analysed == [10]


def test_a_pass_that_breaks_off_is_the_last_one_for_nobody(tmp_path):
    four, job = datetime(2024, 1, 20, 4, tzinfo=UTC), JOBS["analysis"]
    with open_post(Settings(data_dir=tmp_path)) as post:
        post.store.create(a_person(coaching_insights={"last_insight_date": "2024-01-19"}))
        post.store.create(a_person(user_id="ben-3f9a1c", timezone="Asia/Tokyo"))
        (tmp_path / "cache" / "advice-pools.json").mkdir(parents=True)
        with closing(Agenda(post.store, partial(job.next_visit, post))) as agenda:
            with pytest.raises(IsADirectoryError):
                tick_for_those_due(post, agenda, job, four - timedelta(minutes=1))
            assert post.store.read("ben-3f9a1c").coaching_insights.last_insight_date is not None
            (tmp_path / "cache" / "advice-pools.json").rmdir()
            assert tick_for_those_due(post, agenda, job, four) == 1


def test_what_was_recorded_later_is_not_seen(tmp_path):
    user = a_person()
    ticked(user, "meditation", [0], recorded=datetime(2024, 1, 1, 21, tzinfo=UTC), source="backfill", clock=None)
    with open_post(Settings(data_dir=tmp_path)) as post:
        post.store.create(user)
        tick(post, datetime(2024, 1, 1, 20, tzinfo=UTC))
    digest = next(letter for letter in letters_of(tmp_path) if letter["X-XP-Kind"] == "digest")
    assert digest["Subject"] == "Daily Digest: 0/1, Monday is open (Day 0)"


def test_one_pass_as_of_an_instant_says_what_it_did_in_one_line(tmp_path):
    open_store(tmp_path).create(ticked(a_person(), "meditation", [0]))
    done = run("scheduler_service.py", "--once", "--at", "2024-01-01T20:00:00+00:00", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"1 analysis, 1 drip letter, 1 digest; letters go to {tmp_path / 'outbox'}\n"


def test_a_virtual_clock_refuses_a_folder_whose_letters_a_mail_server_took(tmp_path):
    with mail_server() as mailbox:
        smtp = smtp_settings(mailbox)
        now = datetime.now(UTC)
        open_store(tmp_path).create(a_person(created_at=now - timedelta(minutes=5), habits=[]))
        done = run("scheduler_service.py", "--once", folder=tmp_path, **smtp)
        assert done.returncode == 0, done.stderr
        assert [to for to, _ in mailbox.letters] == ["ana@example.org"], "the welcome"
        for virtual in (["--once", "--at", now.isoformat()], ["--replay", now.isoformat(), now.isoformat()]):
            line = refused(run("scheduler_service.py", *virtual, folder=tmp_path, **smtp))
            assert "holds letters that a mail server took" in line
        assert len(mailbox.letters) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--once", "--at", "noon"], "'noon' is not an instant"),
        (["--at", "2024-01-01T20:00:00+00:00"], "--at needs --once"),
        (["--replay", "2024-01-02T00:00:00+00:00", "2024-01-01T00:00:00+00:00"], "the earlier first"),
        (["--replay", "2024-01-02T00:00:00+00:00"], "--replay"),
        (["--once", "--only", "digest"], "--only needs --replay"),
        (["--replay", "2024-01-02T00:00:00+00:00", "2024-01-02T00:00:00+00:00", "--only", "mail"], "mail"),
    ],
)
def test_bad_input_is_one_line_that_names_it(tmp_path, arguments, said):
    assert said in refused(run("scheduler_service.py", *arguments, folder=tmp_path))


@contextmanager
def service(folder: Path, mailbox: Mailbox) -> Iterator[subprocess.Popen[str]]:
    """The service as a process of its own, speaking to a mail server; killed with the block if it still runs."""
    with subprocess.Popen(
        [sys.executable, "scheduler_service.py"],
        cwd=ROOT,
        env=environment(folder, **smtp_settings(mailbox)),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    """What the service says, up to the line that has those words."""
    assert process.stderr is not None
    log = []
    for line in process.stderr:
        log.append(line)
        if words in line:
            return log
    raise AssertionError("".join(log))


def test_the_service_sends_what_is_due_and_ends_cleanly_on_sigterm(tmp_path):
    with mail_server() as mailbox:
        open_store(tmp_path).create(a_person(created_at=datetime.now(UTC) - timedelta(minutes=5), habits=[]))
        with service(tmp_path, mailbox) as process:
            log = read_until(process, "ana-3f9a1c/drip-0: sent")
            process.send_signal(signal.SIGTERM)
            assert process.stderr is not None
            log += process.stderr.readlines()
        assert process.returncode == 0, "".join(log)
        assert "the scheduler has ended" in log[-1]
    assert [to for to, _ in mailbox.letters] == ["ana@example.org"]


def test_a_service_that_cannot_write_down_that_it_is_alive_sends_what_is_due(tmp_path):
    with mail_server() as mailbox:
        open_store(tmp_path).create(a_person(created_at=datetime.now(UTC) - timedelta(minutes=5), habits=[]))
        (tmp_path / "cache" / "scheduler.json").mkdir()
        with service(tmp_path, mailbox) as process:
            read_until(process, "ana-3f9a1c/drip-0: sent")
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0
    assert [to for to, _ in mailbox.letters] == ["ana@example.org"]


def test_a_service_that_was_killed_sends_nothing_twice_once_it_is_back(tmp_path):
    now = datetime.now(UTC)

    def somebody(name: str) -> User:
        begun, clock = now - timedelta(days=3), (now - timedelta(minutes=2)).strftime("%H:%M")
        return a_person(
            user_id=f"{name}-3f9a1c",
            email=f"{name}@example.org",
            created_at=begun,
            digest_time=clock,
            habits=[a_habit(created_on=begun.date(), schedule=[{"from": begun.date(), "rrule": "FREQ=DAILY"}])],
            profile={"letters": {"drip": False}},
        )

    store = open_store(tmp_path)
    store.create(somebody("ana"))
    with mail_server() as mailbox:
        with service(tmp_path, mailbox) as process:
            read_until(process, "ana-3f9a1c/digest-")
            process.kill()
        store.create(somebody("ben"))
        with service(tmp_path, mailbox) as process:
            read_until(process, "ben-3f9a1c/digest-")
            process.send_signal(signal.SIGTERM)
    assert sorted(to for to, _ in mailbox.letters) == ["ana@example.org", "ben@example.org"]
