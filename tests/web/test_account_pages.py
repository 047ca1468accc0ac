"""What the links of an account open: a question first, then one change, once; and what browsers are told."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from accounts.access import Accounts
from accounts.attempts import ACCOUNT, Attempts, Visitor
from accounts.letters import desk
from accounts.records import AccountError
from accounts.sessions import session_id
from mail.links import account_link, is_mark_of
from routes.house import open_house
from settings import read_settings
from storage import Store
from tests.web.server import ANA, BASE, OWN, Browser, now, path_of, signed_in

PASSWORD, OTHER = "a walk before breakfast", "schöne Spaziergänge & mehr"


@pytest.fixture
def stamped(store: Store, accounts: Accounts) -> tuple[str, str]:
    """Ana has a password: the key and the stamp of her account."""
    accounts.change_password(ANA, PASSWORD, now=now())
    return accounts.stamp_of(ANA) or ("", "")


@pytest.fixture(autouse=True)
def nothing_left(store: Store):
    yield
    desk().rest()
    open_house().accounts.forget(ANA)


def password_path(store: Store, stamped: tuple[str, str]) -> str:
    return path_of(account_link(BASE, store.secret(), "password", *stamped))


def test_a_password_is_set_by_the_form_of_its_link_once_and_every_session_ends(
    server: Browser, store: Store, accounts: Accounts, stamped: tuple[str, str]
) -> None:
    token, path = signed_in(server), password_path(store, stamped)
    page = server.get(path)
    assert page.status == 200
    assert 'type="password"' in page.text
    assert "script" not in page.text
    assert accounts.sign_in("ana@example.org", PASSWORD, now=now()) == ANA  # looking changes nothing
    answer = server.post(path, "password=short", OWN)
    assert answer.status == 422
    assert "8 characters or more; this one has 5" in answer.text
    assert "short" not in answer.text.replace("short sentence", "")
    answer = server.post(path, f"password={quote(OTHER)}", OWN)
    assert answer.status == 200
    assert set(server.cookies) == {"xp", "xp-device"}
    assert is_mark_of(store.secret(), server.cookies["xp-device"], ANA)
    assert accounts.sign_in("ana@example.org", OTHER, now=now()) == ANA
    assert accounts.sessions.user_of(session_id(token), now=now()) is None
    for again in (server.get(path), server.post(path, "password=a+third+password", OWN)):
        assert (again.status, "used already" in again.text) == (403, True)


def test_whoever_chose_a_new_password_is_not_kept_waiting_by_strangers(
    server: Browser, store: Store, stamped: tuple[str, str]
) -> None:
    server.post(password_path(store, stamped), f"password={quote(OTHER)}", OWN)
    door, here = Accounts(store, read_settings(), Attempts()), "198.51.100.7"
    for n in range(ACCOUNT.free):
        with pytest.raises(AccountError):
            door.sign_in("ana@example.org", PASSWORD, now=now(), visitor=Visitor(f"203.0.113.{n}"))
    with pytest.raises(AccountError, match="one try too many"):
        door.sign_in("ana@example.org", OTHER, now=now(), visitor=Visitor(here))
    known = Visitor(here, server.cookies["xp-device"])
    assert door.sign_in("ana@example.org", OTHER, now=now(), visitor=known) == ANA


def test_an_address_moves_when_its_link_is_asked_to_and_not_when_it_is_looked_at(
    server: Browser, store: Store, stamped: tuple[str, str]
) -> None:
    path = path_of(account_link(BASE, store.secret(), "address", *stamped, "ana+<i>@new.example"))
    path_of_good = path_of(account_link(BASE, store.secret(), "address", *stamped, "ana@new.example"))
    assert "<i>" not in server.get(path).text
    assert "ana@new.example" in server.get(path_of_good).text
    assert store.read(ANA).email == "ana@example.org"
    assert server.post(path_of_good, headers=OWN).status == 200
    assert (store.read(ANA).email, store.read(ANA).email_confirmed) == ("ana@new.example", True)
    assert server.post(path_of_good, headers=OWN).status == 403


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_no_other_site_can_use_a_link(
    server: Browser, store: Store, accounts: Accounts, stamped: tuple[str, str], headers: dict[str, str]
) -> None:
    assert server.post(password_path(store, stamped), f"password={quote(OTHER)}", headers).status == 403
    assert accounts.sign_in("ana@example.org", PASSWORD, now=now()) == ANA


def test_the_link_of_somebody_who_left_opens_nothing(
    server: Browser, store: Store, accounts: Accounts, stamped: tuple[str, str]
) -> None:
    path = password_path(store, stamped)
    accounts.forget(ANA)
    assert server.get(path).status == server.post(path, "password=another+one", OWN).status == 403


def test_a_body_without_end_is_not_read(server: Browser, store: Store, stamped: tuple[str, str]) -> None:
    answer = server.post(password_path(store, stamped), "password=" + "x" * 300_000, OWN)
    assert answer.status == 422
    assert server.post("/auth/ticket", "x" * 300_000, OWN).status == 403


def test_a_session_says_where_it_is_and_when_it_was_last_seen_by_the_hour(store: Store, accounts: Accounts) -> None:
    begun = now() - timedelta(hours=3)
    sid = session_id(accounts.sessions.open(ANA, now=begun, device="Firefox on Android"))
    accounts.sessions.note_seen(sid, now=begun + timedelta(minutes=59))
    assert [one.seen for one in accounts.sessions.of(ANA, now=now())] == [begun]
    accounts.sessions.note_seen(sid, now=begun + timedelta(minutes=61))
    [one] = accounts.sessions.of(ANA, now=now())
    assert (one.device, one.since, one.seen) == ("Firefox on Android", begun, begun + timedelta(minutes=61))


# --- what browsers are told


def test_the_page_may_run_only_scripts_that_are_its_own(server: Browser) -> None:
    policy = dict(part.split(" ", 1) for part in server.get("/").headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    assert "'sha256-" in policy["script-src"]
    assert not any("http" in sources or "*" in sources for sources in policy.values())


def test_over_https_browsers_stay_with_it(server: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "strict-transport-security" not in server.get("/healthz").headers
    monkeypatch.setenv("XP_BASE_URL", "https://xp.example.org")
    read_settings.cache_clear()
    try:
        assert server.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"
    finally:
        monkeypatch.undo()
        read_settings.cache_clear()
