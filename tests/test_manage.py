"""The operator's commands: what they do in one line, and what they refuse in one line, changing nothing."""

import json
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accounts.access import Accounts
from accounts.records import UsedLinkError
from mail.ledger import restored_at
from mail.links import read_account_link, read_sign_in_link
from settings import Settings
from storage import open_store
from tests.account_cast import NOW, OTHER, PASSWORD, sign_up
from tests.cast import a_habit, a_person, tick
from tests.people import example_meditator, example_runner, example_student
from tests.programs import ROOT, environment, refused, run

PEOPLE = (example_meditator, example_runner, example_student)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def as_lines(*people: object) -> str:
    return "".join(json.dumps(person.to_json()) + "\n" for person in people)  # type: ignore[attr-defined]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*.json"))}


def test_what_is_loaded_is_dumped_exactly(folder, tmp_path):
    people = [make() for make in PEOPLE]
    done = run("manage.py", "load", "-", folder=folder, text=as_lines(*people))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "loaded 3 people\n")
    done = run("manage.py", "dump", tmp_path / "out.jsonl", folder=folder)
    assert done.stdout == f"dumped 3 people to {tmp_path / 'out.jsonl'}\n"
    dumped = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert dumped == sorted([person.to_json() for person in people], key=lambda person: person["user_id"])
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600
    streamed = run("manage.py", "dump", "-", folder=folder)
    assert [json.loads(line) for line in streamed.stdout.splitlines()] == dumped


def test_loading_the_same_once_more_changes_nothing(folder):
    run("manage.py", "load", "-", folder=folder, text=as_lines(example_runner()))
    before = tree(folder)
    done = run("manage.py", "load", "-", folder=folder, text=as_lines(example_runner()))
    assert done.stderr == "loaded 0 people; 1 stood there already, the same\n"
    assert tree(folder) == before


@pytest.mark.parametrize(
    ("second_line", "said"),
    [
        ('{"user_id": "ben-1"', "line 2 of - is no user document"),
        ('{"user_id": "ben-1"}', "line 2 of - is no user document: created_at"),
        (as_lines(a_person(user_id="ana-runner")), "'ana-runner' twice"),
    ],
)
def test_a_bad_line_loads_nobody(folder, second_line, said):
    done = run("manage.py", "load", "-", folder=folder, text=as_lines(example_runner()) + second_line)
    assert said in refused(done)
    assert open_store(folder).user_ids() == []


def test_where_something_cannot_be_written_nobody_is_loaded(folder):
    open_store(folder).cache("together", {})
    (folder / "cache" / "together.json").rename(folder / "cache" / "together")
    runner = example_runner()
    runner.coaching_profile.leaderboard = True
    done = run("manage.py", "load", "-", folder=folder, text=as_lines(example_student(), runner))
    assert "cache/together" in refused(done)
    assert open_store(folder).user_ids() == []


def test_another_document_of_the_same_person_is_refused(folder):
    run("manage.py", "load", "-", folder=folder, text=as_lines(example_runner()))
    before = tree(folder)
    other = a_person(user_id="ana-runner")
    assert "there is another 'ana-runner'" in refused(
        run("manage.py", "load", "-", folder=folder, text=as_lines(other))
    )
    assert tree(folder) == before


def test_the_analysis_is_one_json_line_a_person(folder):
    run("manage.py", "load", "-", folder=folder, text=as_lines(*(make() for make in PEOPLE)))
    before = tree(folder)
    done = run("manage.py", "analyze", "--all", "--at", "2026-11-30T12:00:00+00:00", folder=folder)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["user_id"] for answer in answers] == ["ana-runner", "mia-meditator", "sam-student"]
    assert all(answer["ready"] for answer in answers)
    early = run("manage.py", "analyze", "ana-runner", "--at", "2026-11-10T12:00:00+00:00", folder=folder)
    assert json.loads(early.stdout)["ready"] is False
    assert tree(folder) == before, "an analysis uses nothing up"


def test_a_sign_in_link_is_for_that_person(folder):
    run("manage.py", "load", "-", folder=folder, text=as_lines(example_runner()))
    done = run("manage.py", "account", "ana-runner", folder=folder, XP_BASE_URL="https://xp.example.org")
    base, _, token = done.stdout.strip().rpartition("/")
    assert base == "https://xp.example.org/auth/link"
    assert read_sign_in_link(open_store(folder).secret(), token) == "ana-runner"


def test_whoever_forgot_their_password_chooses_another_by_a_link_that_works_once(folder):
    accounts = Accounts(open_store(folder), Settings())
    ana = sign_up(accounts)
    done = run("manage.py", "password", ana, folder=folder, XP_BASE_URL="https://xp.example.org")
    base, _, token = done.stdout.strip().rpartition("/")
    assert (base, done.returncode) == ("https://xp.example.org/auth/password", 0)
    key, stamp = read_account_link(open_store(folder).secret(), "password", token)
    assert accounts.reset_password(key, stamp, OTHER) == ana
    assert accounts.sign_in("ana@example.org", OTHER, now=NOW) == ana
    with pytest.raises(UsedLinkError):
        accounts.reset_password(key, stamp, PASSWORD)


def test_whoever_has_no_password_needs_none_to_choose_one(folder):
    open_store(folder).create(example_runner())
    assert "by the link of `manage.py account ana-runner`" in refused(
        run("manage.py", "password", "ana-runner", folder=folder)
    )


def test_nobody_is_deleted_by_a_slip(folder):
    sign_up(Accounts(open_store(folder), Settings()), "Ben")
    [ben] = open_store(folder).user_ids()
    before = tree(folder)
    assert f"{ben} is Ben (ben@example.org); to delete" in refused(run("manage.py", "delete", ben, folder=folder))
    assert "no person 'ben'" in refused(run("manage.py", "delete", "ben", "--for-good", folder=folder))
    assert tree(folder) == before


def test_of_a_person_who_is_deleted_by_the_operator_a_hash_stays_and_of_nobody_else_anything_goes(folder):
    accounts = Accounts(open_store(folder), Settings())
    ana, ben = sign_up(accounts), sign_up(accounts, "Ben")
    accounts.sessions.open(ana, now=NOW)
    before = {name: octets for name, octets in tree(folder).items() if ben.encode() in octets}
    done = run("manage.py", "delete", ana, "--for-good", folder=folder)
    assert (done.returncode, done.stdout) == (0, f"deleted {ana}; copies in backups go when these run out\n")
    assert tree(folder) == before
    [mark] = (folder / "ledger" / "_gone").iterdir()
    assert ana not in mark.read_text()


@pytest.mark.parametrize("email", [[], ["cleo@example.org"]])
def test_an_invitation_is_a_link_to_the_door(folder, email):
    done = run("manage.py", "invite", *email, folder=folder, XP_BASE_URL="https://xp.example.org", XP_SIGNUP="invite")
    base, _, token = done.stdout.strip().partition("/?invitation=")
    assert base == "https://xp.example.org"
    nonce, address = read_account_link(open_store(folder).secret(), "invitation", token)
    assert (len(nonce), [address] if address else []) == (32, email)
    assert "within two weeks" in done.stderr


def test_an_invitation_to_nobody_or_into_a_closed_place_is_refused(folder):
    assert "cleo@ is no address" in refused(run("manage.py", "invite", "cleo@", folder=folder))
    assert "XP_SIGNUP=closed" in refused(run("manage.py", "invite", folder=folder, XP_SIGNUP="closed"))


def test_a_history_is_imported_once(folder):
    run("manage.py", "load", "-", folder=folder, text=as_lines(a_person(a_habit("Swim"))))
    history = Path(__file__).parent / "fixtures" / "loop" / "spreadsheet" / "Checkmarks.csv"
    done = run("manage.py", "import", "--user", "ana-3f9a1c", history, folder=folder)
    assert done.returncode == 0, done.stderr
    user = open_store(folder).read("ana-3f9a1c")
    assert len(user.habits) == 23
    before = tree(folder)
    run("manage.py", "import", "--user", "ana-3f9a1c", history, folder=folder)
    assert tree(folder) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dump"], "FILE.jsonl"),
        (["frobnicate"], "frobnicate"),
        (["analyze"], "USER_ID"),
        (["analyze", "nobody-1"], "no person 'nobody-1'"),
        (["analyze", "nobody-1", "--at", "yesterday"], "'yesterday' is not an instant"),
        (["analyze", "nobody-1", "--at", "2026-11-22T20:00:00"], "not an instant of our times with its offset"),
        (["analyze", "ana-3f9a1c", "--at", "9999-12-31T23:00:00-14:00"], "not an instant of our times"),
        (["account", "nobody-1"], "no person 'nobody-1'"),
        (["account", "./ana-3f9a1c"], "no person './ana-3f9a1c'"),
        (["load", "/nowhere/people.jsonl"], "/nowhere/people.jsonl cannot be read"),
        (["dump", "/nowhere/people.jsonl"], "/nowhere/people.jsonl cannot be written"),
        (["import", "--user", "nobody-1", "/nowhere"], "no person 'nobody-1'"),
        (["import", "--user", "ana-3f9a1c", "/nowhere"], "/nowhere"),
    ],
)
def test_bad_input_is_one_line_that_names_it(folder, arguments, said):
    store = open_store(folder)
    store.create(tick(a_person(), "meditation", range(3)))
    before = tree(folder)
    assert said in refused(run("manage.py", *arguments, folder=folder))
    assert tree(folder) == before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"XP_SMTP_HOST": "mail.example.org"}, "XP_MAIL_FROM is missing"),
        ({"XP_SMTP_PORT": "x"}, "XP_SMTP_PORT=x"),
        ({"XP_DATA_DIR": "/proc/nowhere"}, "/proc/nowhere cannot be written"),
    ],
)
def test_a_setting_that_cannot_be_used_stops_every_program_with_its_name(folder, settings, said):
    folder = Path(settings.pop("XP_DATA_DIR", str(folder)))
    for program, argument in (("manage.py", "dump"), ("scheduler_service.py", "--once")):
        arguments = [argument, "-"] if program == "manage.py" else [argument]
        assert said in refused(run(program, *arguments, folder=folder, **settings))


def test_a_disk_that_is_full_is_one_line_and_loads_nobody(folder):
    limited = f"ulimit -f 1; trap '' XFSZ; exec {sys.executable} manage.py load -"
    done = subprocess.run(
        ["bash", "-c", limited],
        cwd=ROOT,
        env=environment(folder),
        input=as_lines(example_runner()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "File too large" in refused(done)
    assert open_store(folder).user_ids() == []


def test_a_document_cut_in_half_is_named_and_left_alone(folder):
    open_store(folder).create(a_person())
    path = folder / "users" / "ana-3f9a1c.json"
    half = path.read_bytes()[:200]
    path.write_bytes(half)
    said = refused(run("manage.py", "dump", "-", folder=folder))
    assert "users/ana-3f9a1c.json cannot be read" in said
    assert path.read_bytes() == half


def test_after_a_snapshot_was_put_back_the_ledger_knows_since_when(folder):
    open_store(folder)
    assert run("manage.py", "restored", folder=folder).stdout.startswith("no letter to a mail server whose time had")
    assert restored_at(folder / "ledger", now=datetime.now(UTC)) is not None
