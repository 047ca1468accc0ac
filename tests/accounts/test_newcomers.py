"""Who comes in new: what signing up makes, what it refuses without keeping anything, and what an invitation opens."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from accounts.access import Accounts
from accounts.attempts import NEWCOMERS, Visitor
from accounts.identities import Identity
from accounts.newcomers import Invitation, Newcomers
from accounts.records import TAKEN, AccountError
from core.ids import slug
from core.models import USER_ID
from settings import Settings
from storage import Store
from tests.account_cast import NOW, OTHER, PASSWORD
from tests.workers import heard, worker


def newcomers_of(store: Store, **known: object) -> Newcomers:
    return Accounts(store, Settings.model_validate(known)).newcomers


@pytest.fixture
def newcomers(store: Store) -> Newcomers:
    return newcomers_of(store)


def test_signing_up_makes_a_sign_in_and_a_document(store: Store) -> None:
    accounts = Accounts(store, Settings())
    user_id = accounts.newcomers.sign_up(
        "Ana  Sol", "Ana@Example.org", PASSWORD, now=NOW, locale="de_DE", timezone="Asia/Tokyo"
    )
    user = store.read(user_id)
    assert re.fullmatch(r"ana-sol-[0-9a-f]{6}", user_id)
    assert (user.display_name, user.email, user.locale) == ("Ana Sol", "Ana@example.org", "de_DE")
    assert user.created_at.isoformat() == "2026-11-23T05:30:00+09:00"  # her Day 0 is the 23rd
    assert user.coaching_profile.timezone == "Asia/Tokyo"
    assert accounts.sign_in("ana@EXAMPLE.org ", PASSWORD, now=NOW) == user_id


def test_a_zone_that_is_none_counts_as_utc(store: Store, newcomers: Newcomers) -> None:
    user = store.read(newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW, timezone="Etc/Unknown/Place"))
    assert user.coaching_profile.timezone == "UTC"
    assert user.created_at == NOW


def test_an_address_is_confirmed_first_only_where_a_mail_server_asks_for_it(store: Store) -> None:
    server: dict[str, object] = {"smtp_host": "mail.example.org", "mail_from": "coach@example.org"}
    choices = [{}, server, {**server, "confirm_email": False}]
    confirmed = []
    for n, choice in enumerate(choices):
        user_id = newcomers_of(store, **choice).sign_up("Ana", f"ana{n}@example.org", PASSWORD, now=NOW)
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
    store: Store, newcomers: Newcomers, name: str, email: str, password: str, said: str
) -> None:
    with pytest.raises(AccountError, match=said):
        newcomers.sign_up(name, email, password, now=NOW)
    assert store.user_ids() == store.records.keys("accounts") == []


def test_an_address_belongs_to_one_account_however_it_is_written(store: Store, newcomers: Newcomers) -> None:
    newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    with pytest.raises(AccountError, match="account with this address already"):
        newcomers.sign_up("Ann", "ANA@example.ORG", "another password", now=NOW)
    assert len(store.user_ids()) == 1


def test_three_who_sign_up_at_once_with_one_address_make_one_account(store: Store, newcomers: Newcomers) -> None:
    def sign_up(_: int) -> str:
        try:
            newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
        except AccountError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(3) as at_once:
        refused = list(filter(None, at_once.map(sign_up, range(3))))
    assert refused == [TAKEN] * 2
    assert len(store.user_ids()) == len(store.records.keys("accounts")) == 1


def test_who_runs_the_place_is_named_to_who_needs_an_invitation(store: Store) -> None:
    named = newcomers_of(store, signup="invite", admin_emails="ops@example.org, eve@example.org")
    assert "(ops@example.org, eve@example.org)" in named.why_not_open
    assert newcomers_of(store).why_not_open == ""


@pytest.mark.parametrize(("signup", "said"), [("invite", "by invitation"), ("closed", "nobody new")])
def test_signing_up_can_be_closed(store: Store, signup: str, said: str) -> None:
    with pytest.raises(AccountError, match=said):
        newcomers_of(store, signup=signup).sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)


def test_an_account_without_a_document_is_taken_back(store: Store, newcomers: Newcomers) -> None:
    blocked = store.folder / "users"
    blocked.write_text("in the way of a folder")
    with pytest.raises(OSError, match="users"):
        newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    assert store.records.keys("accounts") == []
    blocked.unlink()
    assert newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)


@pytest.mark.parametrize("kind", ["users", "identities", "accounts", "arrivals"])
def test_whoever_was_cut_off_while_signing_up_by_a_provider_can_do_so_again_or_come_in(store: Store, kind: str) -> None:
    with worker("sign_up_until", store.folder, kind, "identity") as process:
        assert heard(process) == kind
    accounts, again = Accounts(store, Settings()), Identity("ana", "another", "acme", NOW, "ana@example.org")
    user_id = accounts.sign_in_as(again, now=NOW)
    if user_id is None:
        user_id = accounts.newcomers.sign_up("Ana", "ana@example.org", "", now=NOW, identity=again)
    assert store.read(user_id).email == "ana@example.org"
    accounts.change_password(user_id, PASSWORD, now=NOW)
    assert accounts.sign_in("ana@example.org", PASSWORD, now=NOW) == user_id


@pytest.mark.parametrize("kind", ["users", "accounts"])
def test_whoever_was_cut_off_while_signing_up_can_sign_up_again_or_in(store: Store, kind: str) -> None:
    with worker("sign_up_until", store.folder, kind) as process:
        assert heard(process) == kind
    accounts = Accounts(store, Settings())
    try:
        user_id = accounts.newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    except AccountError:
        user_id = accounts.sign_in("ana@example.org", PASSWORD, now=NOW)
    assert store.read(user_id).email == "ana@example.org"


def test_an_address_longer_than_any_is_looked_at_no_further(newcomers: Newcomers) -> None:
    with pytest.raises(AccountError, match="Type the whole address"):
        newcomers.sign_up("Ana", "ö" * 250 + "@example.org", PASSWORD, now=NOW)


def test_nobody_makes_accounts_without_end_from_one_network(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("accounts.passwords._hasher", cheap)
    door, invited, here = newcomers_of(store), newcomers_of(store, signup="invite"), Visitor("203.0.113.9")

    def sign_up(n: int, by: Newcomers, network: Visitor, invitation: Invitation | None = None) -> None:
        by.sign_up("Ana", f"ana{n}@example.org", PASSWORD, now=NOW, visitor=network, invitation=invitation)

    for n in range(NEWCOMERS.free):
        sign_up(n, door, here)
    with pytest.raises(AccountError, match="Try again in 1 minute"):
        sign_up(1000, door, here)
    sign_up(1001, door, Visitor("198.51.100.7"))
    for n in range(3):
        sign_up(2000 + n, invited, here, Invitation(f"{n:032d}"))


def test_an_account_that_cannot_be_read_is_left_as_it_is(store: Store, newcomers: Newcomers) -> None:
    newcomers.sign_up("Ana", "ana@example.org", PASSWORD, now=NOW)
    [key] = store.records.keys("accounts")
    path = store.folder / "accounts" / f"{key}.json"
    path.write_text("{half")
    with pytest.raises(AccountError, match="already"):
        newcomers.sign_up("Ann", "ana@example.org", PASSWORD, now=NOW)
    assert path.read_text() == "{half"


@given(st.text(max_size=100))
def test_every_name_makes_a_valid_user_id(name: str) -> None:
    assert re.fullmatch(USER_ID, f"{slug(name, otherwise='person')}-3f9a1c")


# --- invitations


def invited(newcomers: Newcomers, nonce: str = "n" * 32, email: str = "") -> Invitation:
    """What somebody holds who has opened a new invitation."""
    return newcomers.read_invitation(newcomers.invitation(email, nonce).partition("=")[2])


def test_an_invitation_makes_one_account_and_only_where_they_are_asked_for(store: Store) -> None:
    newcomers = newcomers_of(store, signup="invite")
    invitation = invited(newcomers)
    assert newcomers.may_sign_up(invitation)
    with pytest.raises(AccountError, match="by invitation"):
        newcomers.sign_up("Cleo", "cleo@example.org", OTHER, now=NOW)
    newcomers.sign_up("Cleo", "cleo@example.org", OTHER, now=NOW, invitation=invitation)
    with pytest.raises(AccountError, match="by invitation"):
        newcomers.sign_up("Dan", "dan@example.org", OTHER, now=NOW, invitation=invitation)
    with pytest.raises(AccountError, match="used already"):
        invited(newcomers)
    with pytest.raises(AccountError, match="nobody new"):
        newcomers_of(store, signup="closed").sign_up(
            "Dan", "dan@example.org", OTHER, now=NOW, invitation=invited(newcomers, "m" * 32)
        )


def test_an_invitation_for_an_address_is_for_nobody_else_and_a_refused_one_is_not_used(store: Store) -> None:
    newcomers = newcomers_of(store, signup="invite")
    invitation = invited(newcomers, email="Cleo@example.org")
    with pytest.raises(AccountError, match="is for Cleo"):
        newcomers.sign_up("Dan", "dan@example.org", OTHER, now=NOW, invitation=invitation)
    with pytest.raises(AccountError, match="8 characters"):
        newcomers.sign_up("Cleo", "cleo@example.org", "short", now=NOW, invitation=invitation)
    assert newcomers.sign_up("Cleo", "cleo@example.org", OTHER, now=NOW, invitation=invitation)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "ImEi.x.y"])
def test_an_invitation_that_we_did_not_write_opens_nothing(newcomers: Newcomers, token: str) -> None:
    with pytest.raises(AccountError, match="damaged"):
        newcomers.read_invitation(token)
