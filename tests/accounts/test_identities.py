"""Identities of OpenID providers: what they say, how often they count, whose account they open; and the settings."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from streamlit.testing.v1 import AppTest

from accounts.access import ONLY_WAY, Accounts
from accounts.identities import CONNECTED, COUNTS_FOR, LATE, Identities, Identity, identity_of
from accounts.newcomers import Invitation
from accounts.records import TAKEN, AccountError
from routes.openid import OpenIdMiddleware, Provider, providers_in, read_providers
from settings import Settings, SettingsError
from storage import Store, open_store
from tests import account_cast
from tests.account_cast import NOW, PASSWORD
from tests.web.server import BASE

ACME = {
    "client_id": "xp",
    "client_secret": "what only the two of us know",
    "server_metadata_url": "https://acme.example/.well-known/openid-configuration",
}
AUTH = {"redirect_uri": f"{BASE}/oauth2callback", "cookie_secret": "x" * 32}
TRACKER = str(Path(__file__).parent.parent.parent / "tracker.py")


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, Settings())


def came(name: str = "ana", at: datetime = NOW, **claims: Any) -> Identity:
    """Somebody who comes from a provider, once more at every call."""
    said = {"iss": "https://acme.example", "sub": name, "nonce": f"{at.isoformat()} {claims}", "provider": "acme"}
    email = f"{name}@example.org"
    identity = identity_of({"iat": at.timestamp(), "email": email, "email_verified": True, **said, **claims})
    assert identity is not None
    return identity


def sign_up(accounts: Accounts, identity: Identity, **how: Any) -> str:
    return accounts.newcomers.sign_up("Ana", identity.email, "", now=NOW, identity=identity, **how)


# --- what is said


@pytest.mark.parametrize("missing", ["iss", "sub", "nonce", "provider", "iat"])
def test_without_issuer_subject_nonce_and_time_nobody_has_come(missing: str) -> None:
    said = {"iss": "https://acme.example", "sub": "1", "nonce": "n", "provider": "acme", "iat": 1}
    assert identity_of(said) is not None
    assert identity_of({name: value for name, value in said.items() if name != missing}) is None
    assert identity_of({**said, missing: ""}) is None


def test_issuer_and_subject_together_name_a_person_and_nothing_else_does() -> None:
    assert came(email="new@example.org", given_name="Anna").id == came().id
    assert len({came().id, came("ben").id, came(iss="https://evil.example").id}) == 3


# --- how often it counts


@pytest.fixture(scope="module")
def nobodys(tmp_path_factory: pytest.TempPathFactory) -> Identities:
    return Identities(open_store(tmp_path_factory.mktemp("empty")).records)


@given(age=st.timedeltas(timedelta(hours=-1), timedelta(hours=1)))
def test_an_identity_counts_for_ten_minutes(nobodys: Identities, age: timedelta) -> None:
    identity = Identity("id", "once", "acme", NOW - age)
    assert nobodys.is_open(identity, now=NOW) == (timedelta(minutes=-2) <= age <= COUNTS_FOR)


def test_an_identity_is_taken_once_whoever_else_tries_at_the_same_time(store: Store) -> None:
    identity = came()
    with ThreadPoolExecutor(8) as at_once:
        taken = list(at_once.map(lambda _: Identities(store.records).take(identity, now=NOW), range(8)))
    assert sorted(taken) == [False] * 7 + [True]


def test_a_used_identity_is_remembered_until_it_would_be_too_old(store: Store, accounts: Accounts) -> None:
    accounts.identities.take(came(), now=NOW)
    later = NOW + COUNTS_FOR
    accounts.identities.take(came("ben", later), now=later)
    assert not accounts.identities.is_open(came(), now=later)
    much_later = NOW + timedelta(hours=2, minutes=1)
    accounts.identities.take(came("eve", much_later), now=much_later)
    assert store.records.keys("arrivals") == sorted([came("ben", later).once, came("eve", much_later).once])


# --- whose account it opens


def test_an_identity_takes_the_place_of_the_password_and_opens_the_account_again(accounts: Accounts) -> None:
    ana = sign_up(accounts, came())
    assert not accounts.has_password(ana)
    with pytest.raises(AccountError):
        accounts.sign_in("ana@example.org", "", now=NOW)
    later = NOW + timedelta(days=90)
    assert accounts.sign_in_as(came(at=later), now=later) == ana
    with pytest.raises(AccountError, match=LATE):
        accounts.sign_in_as(came(at=later), now=later)
    assert accounts.sign_in_as(came("ben"), now=NOW) is None


@pytest.mark.parametrize("signup", ["closed", "invite"])
def test_no_identity_opens_a_closed_door(store: Store, signup: str) -> None:
    accounts = Accounts(store, Settings.model_validate({"signup": signup}))
    with pytest.raises(AccountError, match="This XP Tracker takes"):
        sign_up(accounts, came())
    assert (store.user_ids(), store.records.keys("identities"), store.records.keys("accounts")) == ([], [], [])


def test_an_invitation_for_an_address_takes_no_other_from_a_provider(store: Store) -> None:
    accounts = Accounts(store, Settings(signup="invite"))
    with pytest.raises(AccountError, match=r"This invitation is for ben@example\.org"):
        sign_up(accounts, came(), invitation=Invitation("n" * 32, "ben@example.org"))
    assert sign_up(accounts, came(), invitation=Invitation("n" * 32)) in store.user_ids()


def test_an_address_of_a_provider_is_confirmed_by_a_letter_as_any_other(store: Store) -> None:
    server = Settings(smtp_host="mail.example.org", mail_from="coach@example.org")
    assert not store.read(sign_up(Accounts(store, server), came())).email_confirmed


def test_a_refused_sign_up_keeps_nothing_and_the_identity_counts_still(store: Store, accounts: Accounts) -> None:
    account_cast.sign_up(accounts)
    with pytest.raises(AccountError, match=TAKEN):
        sign_up(accounts, came())
    assert store.records.keys("identities") == []
    assert accounts.identities.is_open(came(), now=NOW)
    with pytest.raises(AccountError, match=LATE):
        sign_up(accounts, came(at=NOW - timedelta(minutes=11)))


def test_an_identity_opens_one_account_only(accounts: Accounts) -> None:
    ana = sign_up(accounts, came())
    with pytest.raises(AccountError, match=CONNECTED):
        accounts.newcomers.sign_up("Ben", "ben@example.org", "", now=NOW, identity=came(email="ben@example.org"))
    assert accounts.identities.user_of(came()) == ana


def test_only_an_address_that_is_proved_and_the_accounts_own_connects(store: Store, accounts: Accounts) -> None:
    ana = account_cast.sign_up(accounts)
    for wrong in (came("ben"), came(email_verified=False), came(email_verified="yes"), came(email=None)):
        with pytest.raises(AccountError, match="nothing was connected"):
            accounts.connect(ana, wrong, now=NOW)
    with store.edit(ana) as user:
        user.email_confirmed = False
    with pytest.raises(AccountError, match="nothing was connected"):
        accounts.connect(ana, came(), now=NOW)
    with store.edit(ana) as user:
        user.email_confirmed = True
    accounts.connect(ana, came(), now=NOW)
    assert accounts.sign_in_as(came(at=NOW + timedelta(minutes=1)), now=NOW + timedelta(minutes=1)) == ana


def test_the_only_way_in_stays(accounts: Accounts) -> None:
    ana = sign_up(accounts, came())
    [connection] = accounts.identities.of(ana)
    with pytest.raises(AccountError, match=ONLY_WAY):
        accounts.disconnect(ana, connection)
    accounts.change_password(ana, PASSWORD, now=NOW)
    accounts.disconnect(ana, connection)
    assert accounts.sign_in_as(came(), now=NOW + timedelta(minutes=1)) is None


def test_a_new_password_by_a_link_shuts_out_whoever_made_the_account_before_its_owner_came(accounts: Accounts) -> None:
    ana = sign_up(accounts, came("eve", email="ana@example.org", email_verified=False))
    accounts.reset_password(*(accounts.stamp_of(ana) or ("", "")), PASSWORD)
    assert accounts.identities.user_of(came("eve")) is None
    assert accounts.sign_in("ana@example.org", PASSWORD, now=NOW) == ana


# --- what sets it up


def test_the_providers_are_the_sections_or_the_one_in_auth_itself() -> None:
    named = {**AUTH, "acme": {**ACME, "name": "Acme"}, "keycloak": ACME}
    assert providers_in(named, BASE) == (Provider("acme", "Acme"), Provider("keycloak", "keycloak"))
    alone = {**AUTH, **ACME, "client_kwargs": {"prompt": "login"}}
    assert providers_in(alone, BASE) == (Provider("default", "acme.example"),)
    assert read_providers(BASE) == ()  # nothing is set up here


WRONG = {
    "redirect_uri": {**AUTH, "acme": ACME, "redirect_uri": "https://elsewhere.example/oauth2callback"},
    "cookie_secret": {**AUTH, "acme": ACME, "cookie_secret": "short"},
    "underscore": {**AUTH, "ac_me": ACME},
    "client_id": AUTH,
    "client_secret": {**AUTH, "acme": {**ACME, "client_secret": ""}},
    "as a section": "acme",
}


@pytest.mark.parametrize(("named", "auth"), WRONG.items(), ids=WRONG)
def test_what_cannot_be_used_is_named_in_one_line_without_a_secret(named: str, auth: Any) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        providers_in(auth, BASE)
    assert "\n" not in str(refused.value)
    assert not any(secret in str(refused.value) for secret in ("short", "what only the two of us know"))


def test_what_cannot_be_used_is_said_on_the_page() -> None:
    read_providers.cache_clear()
    at = AppTest.from_file(TRACKER, default_timeout=20)
    at.secrets["auth"] = {**AUTH, "acme": ACME, "redirect_uri": "https://elsewhere.example/oauth2callback"}
    at.run()
    read_providers.cache_clear()
    assert "redirect_uri in .streamlit/secrets.toml" in " ".join(element.value for element in at.html)
    assert not at.exception


# --- what goes to the browser


async def streamlits(_: Request) -> Response:
    """What Streamlit answers somebody who comes back."""
    answer = RedirectResponse("/", 302)
    for name in ("_streamlit_user", "_streamlit_user_1", "_streamlit_user_tokens", "_streamlit_user_tokens_1"):
        answer.set_cookie(name, "sealed", max_age=2592000, httponly=True, samesite="lax")
    return answer


@pytest.mark.parametrize("is_https", [True, False])
def test_of_streamlits_cookies_the_browser_gets_the_identity_alone_and_for_ten_minutes(is_https: bool) -> None:
    inner = Starlette(routes=[Route("/oauth2callback", streamlits)])
    app = OpenIdMiddleware(inner, lambda: [Provider("acme", "Acme")], lambda: is_https)
    status, headers = answered(app, "/oauth2callback")
    cookies = [value for name, value in headers if name == "set-cookie"]
    assert [cookie.partition("=")[0] for cookie in cookies] == ["_streamlit_user", "_streamlit_user_1"]
    assert all("Max-Age=600" in cookie and "HttpOnly" in cookie for cookie in cookies)
    assert [("; Secure" in cookie) for cookie in cookies] == [is_https] * 2
    assert (status, dict(headers)["location"]) == (302, "/")


@pytest.mark.parametrize("path", ["/auth/login", "/auth/login/x", "/oauth2callback", "/oauth2callback?code=1"])
def test_without_a_provider_streamlits_routes_are_not_there(path: str) -> None:
    app = OpenIdMiddleware(Starlette(routes=[Route("/oauth2callback", streamlits)]), tuple, lambda: False)
    assert answered(app, path.partition("?")[0])[0] == 404


def answered(app: OpenIdMiddleware, path: str) -> tuple[int, list[tuple[str, str]]]:
    """The status and headers of an ASGI app's answer to a GET."""
    said: list[dict[str, Any]] = []

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            said.append(message)

        scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
        await app(scope, receive, send)

    asyncio.run(ask())
    start = said[0]
    return start["status"], [(name.decode(), value.decode()) for name, value in start["headers"]]
