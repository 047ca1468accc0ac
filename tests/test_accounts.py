"""Who may sign in: accounts, sessions and tickets, on real files."""

from __future__ import annotations

import json
import re
import threading
import time
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts import AccountError, Accounts, is_stored
from core.ids import slug
from core.models import USER_ID
from sessions import Tickets, session_id
from settings import Settings
from storage import Store, open_store

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
PASSWORD = "a walk before breakfast"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path)


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, Settings())


def test_signing_up_makes_a_sign_in_and_a_document(store: Store, accounts: Accounts) -> None:
    user_id = accounts.sign_up("Ana  Sol", "Ana@Example.org", PASSWORD, now=NOW, locale="de_DE", timezone="Asia/Tokyo")
    user = store.read(user_id)
    assert re.fullmatch(r"ana-sol-[0-9a-f]{6}", user_id)
    assert (user.display_name, user.email, user.locale) == ("Ana Sol", "Ana@example.org", "de_DE")
    assert user.created_at.isoformat() == "2026-11-23T05:30:00+09:00"  # her Day 0 is the 23rd
    assert user.coaching_profile.timezone == "Asia/Tokyo"
    assert accounts.sign_in("ana@EXAMPLE.org ", PASSWORD, now=NOW) == user_id


def test_a_zone_that_is_none_counts_as_utc(store: Store, accounts: Accounts) -> None:
    user = store.read(accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW, timezone="Etc/Unknown/Place"))
    assert user.coaching_profile.timezone == "UTC"
    assert user.created_at == NOW


def test_an_address_is_confirmed_first_only_where_a_mail_server_asks_for_it(store: Store) -> None:
    server = {"smtp_host": "mail.example.org", "mail_from": "coach@example.org"}
    choices = [{}, server, {**server, "confirm_email": False}]
    confirmed = []
    for n, choice in enumerate(choices):
        accounts = Accounts(store, Settings.model_validate(choice))
        user_id = accounts.sign_up("Ana", f"ana{n}@example.org", PASSWORD, now=NOW)
        confirmed.append(store.read(user_id).email_confirmed)
    assert confirmed == [True, False, True]


@pytest.mark.parametrize(
    ("name", "email", "password", "said"),
    [
        ("  ", "ana@example.org", PASSWORD, "what to call you"),
        ("Ana", "ana@", PASSWORD, "Type the whole address"),
        ("Ana", "", PASSWORD, "Type the whole address"),
        ("Ana", "ana@example.org", "seven77", "8 characters or more; this one has 7"),
        ("Ana", "ana@example.org", "x" * 1001, "1,000 characters at most"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(
    store: Store, accounts: Accounts, name: str, email: str, password: str, said: str
) -> None:
    with pytest.raises(AccountError, match=said):
        accounts.sign_up(name, email, password, now=NOW)
    assert store.user_ids() == store.records.keys("accounts") == []


def test_an_address_belongs_to_one_account_however_it_is_written(store: Store, accounts: Accounts) -> None:
    accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    with pytest.raises(AccountError, match="account with this address already"):
        accounts.sign_up("Ann", "ANA@example.ORG", "another password", now=NOW)
    assert len(store.user_ids()) == 1


def test_two_who_sign_up_at_once_with_one_address_make_one_account(store: Store, accounts: Accounts) -> None:
    refused: list[str] = []

    def sign_up() -> None:
        try:
            accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
        except AccountError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=sign_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2
    assert len(store.user_ids()) == len(store.records.keys("accounts")) == 1


def test_who_runs_the_place_is_named_to_who_needs_an_invitation(store: Store) -> None:
    settings = Settings.model_validate({"signup": "invite", "admin_emails": "ops@example.org, eve@example.org"})
    assert "(ops@example.org, eve@example.org)" in Accounts(store, settings).why_not_open
    assert Accounts(store, Settings()).why_not_open == ""


@pytest.mark.parametrize(("signup", "said"), [("invite", "by invitation"), ("closed", "nobody new")])
def test_signing_up_can_be_closed(store: Store, signup: str, said: str) -> None:
    with pytest.raises(AccountError, match=said):
        Accounts(store, Settings.model_validate({"signup": signup})).sign_up("Ana", "a@example.org", PASSWORD, now=NOW)


def test_an_account_without_a_document_is_taken_back(store: Store, accounts: Accounts) -> None:
    blocked = store.folder / "users"
    blocked.write_text("in the way of a folder")
    with pytest.raises(OSError, match="users"):
        accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    assert store.records.keys("accounts") == []
    blocked.unlink()
    assert accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(accounts: Accounts) -> None:
    accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    tries = [("ana@example.org", "not hers"), ("ben@example.org", PASSWORD), ("no address", "")]
    answers = set()
    for email, password in [*tries, ("ana@example.org", "x" * 5000)]:
        with pytest.raises(AccountError) as refused:
            accounts.sign_in(email, password, now=NOW)
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_an_unknown_address_takes_about_as_long_as_a_wrong_password(accounts: Accounts) -> None:
    accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)

    def seconds(email: str) -> float:
        begun = time.perf_counter()
        with pytest.raises(AccountError):
            accounts.sign_in(email, "not the password", now=NOW)
        return time.perf_counter() - begun

    seconds("nobody@example.org")
    assert min(seconds("nobody@example.org") for _ in range(2)) > seconds("ana@example.org") / 5


def test_a_password_is_the_same_on_every_keyboard(accounts: Accounts) -> None:
    composed, decomposed = (unicodedata.normalize(form, "schöne Spaziergänge") for form in ("NFC", "NFD"))
    user_id = accounts.sign_up("Ana", "ana@example.org", composed, now=NOW)
    assert composed != decomposed
    assert accounts.sign_in("ana@example.org", decomposed, now=NOW) == user_id


def test_neither_password_nor_token_stands_in_any_file(store: Store, accounts: Accounts) -> None:
    token = accounts.sessions.open(accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW), now=NOW)
    everything = "".join(path.name + path.read_text() for path in store.folder.rglob("*") if path.is_file())
    assert PASSWORD not in everything
    assert token not in everything
    assert session_id(token) in everything


def test_a_session_lasts_90_days(accounts: Accounts) -> None:
    token = accounts.sessions.open("ana-3f9a1c", now=NOW)
    assert accounts.sessions.user_of(session_id(token), now=NOW + timedelta(days=89, hours=23)) == "ana-3f9a1c"
    assert accounts.sessions.user_of(session_id(token), now=NOW + timedelta(days=90)) is None


def test_a_closed_session_stays_closed_and_others_stay_open(accounts: Accounts) -> None:
    first, second, third = (accounts.sessions.open("ana-3f9a1c", now=NOW) for _ in range(3))
    accounts.sessions.close(session_id(first))
    accounts.sessions.close(session_id(second))
    accounts.sessions.close("never was one")
    assert [accounts.sessions.user_of(session_id(token), now=NOW) for token in (first, second, third)] == [
        None,
        None,
        "ana-3f9a1c",
    ]


@pytest.mark.parametrize("sid", ["", "-", "../accounts/x", "a" * 64, "\x00", "ä" * 10])
def test_an_id_that_is_none_opens_nothing(accounts: Accounts, sid: str) -> None:
    assert accounts.sessions.user_of(sid, now=NOW) is None
    assert accounts.sessions.user_of(session_id(sid), now=NOW) is None


def test_what_is_stored_of_a_session_is_no_token(accounts: Accounts) -> None:
    sid = session_id(accounts.sessions.open("ana-3f9a1c", now=NOW))
    assert accounts.sessions.user_of(sid, now=NOW) == "ana-3f9a1c"
    assert accounts.sessions.user_of(session_id(sid), now=NOW) is None  # as a cookie would bring it


def test_sessions_that_are_over_are_removed(store: Store, accounts: Accounts) -> None:
    accounts.sessions.open("ana-3f9a1c", now=NOW - timedelta(days=100))
    kept = accounts.sessions.open("ana-3f9a1c", now=NOW)
    assert accounts.sessions.close_expired(now=NOW) == 1
    assert store.records.keys("sessions") == [session_id(kept)]


def test_forgetting_a_person_leaves_everybody_else(store: Store, accounts: Accounts) -> None:
    ana, ben = (accounts.sign_up(name, f"{name}@example.org", PASSWORD, now=NOW) for name in ("Ana", "Ben"))
    tokens = [accounts.sessions.open(user_id, now=NOW) for user_id in (ana, ana, ben)]
    accounts.forget(ana)
    assert [accounts.sessions.user_of(session_id(token), now=NOW) for token in tokens] == [None, None, ben]
    assert accounts.sign_in("ben@example.org", PASSWORD, now=NOW) == ben
    with pytest.raises(AccountError):
        accounts.sign_in("ana@example.org", PASSWORD, now=NOW)
    assert is_stored(store, ana)
    assert not is_stored(store, "nobody")


def test_an_account_that_cannot_be_read_is_left_as_it_is(store: Store, accounts: Accounts) -> None:
    accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    [key] = store.records.keys("accounts")
    path = store.folder / "accounts" / f"{key}.json"
    path.write_text("{half")
    with pytest.raises(AccountError, match="already"):
        accounts.sign_up("Ann", "ana@example.org", PASSWORD, now=NOW)
    assert path.read_text() == "{half"


def test_a_ticket_signs_in_once_and_for_30_seconds() -> None:
    tickets = Tickets()
    used, late = tickets.issue("ana-3f9a1c", now=NOW), tickets.issue("ana-3f9a1c", now=NOW)
    assert tickets.redeem(used, now=NOW + timedelta(seconds=29)) == "ana-3f9a1c"
    assert tickets.redeem(used, now=NOW) is None
    assert tickets.redeem(late, now=NOW + timedelta(seconds=30)) is None
    assert tickets.redeem("never issued", now=NOW) is None


@given(st.text(max_size=100))
def test_every_name_makes_a_valid_user_id(name: str) -> None:
    assert re.fullmatch(USER_ID, f"{slug(name, otherwise='person')}-3f9a1c")


def test_an_account_is_readable_json_without_the_password(store: Store, accounts: Accounts) -> None:
    accounts.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    [key] = store.records.keys("accounts")
    account = json.loads((store.folder / "accounts" / f"{key}.json").read_text())
    assert account["email"] == "ana@example.org"
    assert account["password"].startswith("$argon2id$")
