"""Who may sign in: accounts on real files, opened by a password alone, and forgotten one at a time."""

from __future__ import annotations

import json
import time
import unicodedata

import pytest

from accounts.access import Accounts, is_stored
from accounts.identities import Identity
from accounts.records import AccountError
from accounts.sessions import session_id
from settings import Settings
from storage import Store
from tests.account_cast import NOW, OTHER, PASSWORD, sign_up
from tests.workers import heard, worker


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, Settings())


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(accounts: Accounts) -> None:
    sign_up(accounts)
    tries = [("ana@example.org", "not hers"), ("ben@example.org", PASSWORD), ("no address", "")]
    answers = set()
    for email, password in [*tries, ("ana@example.org", "x" * 5000)]:
        with pytest.raises(AccountError) as refused:
            accounts.sign_in(email, password, now=NOW)
        answers.add(str(refused.value))
    assert len(answers) == 1


def test_an_unknown_address_takes_about_as_much_work_as_a_wrong_password(accounts: Accounts) -> None:
    sign_up(accounts)

    def seconds(email: str) -> float:
        begun = time.process_time()
        with pytest.raises(AccountError):
            accounts.sign_in(email, "not the password", now=NOW)
        return time.process_time() - begun

    seconds("nobody@example.org")
    assert min(seconds("nobody@example.org") for _ in range(2)) > seconds("ana@example.org") / 5


def test_a_password_is_the_same_on_every_keyboard(accounts: Accounts) -> None:
    composed, decomposed = (unicodedata.normalize(form, "schöne Spaziergänge") for form in ("NFC", "NFD"))
    user_id = sign_up(accounts, password=composed)
    assert composed != decomposed
    assert accounts.sign_in("ana@example.org", decomposed, now=NOW) == user_id


def test_neither_password_nor_token_stands_in_any_file(store: Store, accounts: Accounts) -> None:
    token = accounts.sessions.open(sign_up(accounts), now=NOW)
    everything = "".join(path.name + path.read_text() for path in store.folder.rglob("*") if path.is_file())
    assert PASSWORD not in everything
    assert token not in everything
    assert session_id(token) in everything


def test_forgetting_a_person_leaves_everybody_else(store: Store, accounts: Accounts) -> None:
    ana, ben = (sign_up(accounts, name) for name in ("Ana", "Ben"))
    tokens = [accounts.sessions.open(user_id, now=NOW) for user_id in (ana, ana, ben)]
    accounts.forget(ana)
    assert [accounts.sessions.user_of(session_id(token), now=NOW) for token in tokens] == [None, None, ben]
    assert accounts.sign_in("ben@example.org", PASSWORD, now=NOW) == ben
    with pytest.raises(AccountError):
        accounts.sign_in("ana@example.org", PASSWORD, now=NOW)
    assert is_stored(store, ana)
    assert not is_stored(store, "nobody")


def test_a_file_that_cannot_be_read_stands_in_nobody_elses_way(store: Store, accounts: Accounts) -> None:
    ana = sign_up(accounts)
    sid = session_id(accounts.sessions.open(ana, now=NOW))
    ana_there, used = Identity("ana", "once", "acme", NOW), Identity("ana", "before", "acme", NOW)
    accounts.identities.connect(ana_there, ana, now=NOW)
    accounts.identities.take(used, now=NOW)
    broken = [store.folder / kind / f"{'0' * 64}.json" for kind in ("accounts", "identities", "sessions", "arrivals")]
    for path in broken:
        path.write_text("{half")
    assert accounts.sign_in_as(ana_there, now=NOW) == ana
    assert [session.id for session in accounts.sessions.of(ana, now=NOW)] == [sid]
    assert accounts.people() == {ana}
    assert accounts.sessions.close_expired(now=NOW) == 0
    assert accounts.stamp_of("nobody") is None
    assert accounts.reset_password(*(accounts.stamp_of(ana) or ("", "")), OTHER) == ana
    assert accounts.sessions.of(ana, now=NOW) == []
    assert accounts.forget(ana) == []
    assert {path.read_text() for path in broken} == {"{half"}


@pytest.mark.parametrize("by", ["link", "screen"])
def test_a_new_password_ends_every_session_wherever_it_is_cut_off(store: Store, by: str) -> None:
    ana = sign_up(Accounts(store, Settings()))
    Accounts(store, Settings()).sessions.open(ana, now=NOW)
    with worker("give_password_until", store.folder, ana, "accounts", by) as process:
        assert heard(process) == "accounts"
    accounts = Accounts(store, Settings())
    assert accounts.sessions.of(ana, now=NOW) == []
    assert accounts.reset_password(*(accounts.stamp_of(ana) or ("", "")), OTHER) == ana


def test_an_account_is_readable_json_without_the_password(store: Store, accounts: Accounts) -> None:
    sign_up(accounts)
    [key] = store.records.keys("accounts")
    account = json.loads((store.folder / "accounts" / f"{key}.json").read_text())
    assert account["email"] == "ana@example.org"
    assert account["password"].startswith("$argon2id$")
