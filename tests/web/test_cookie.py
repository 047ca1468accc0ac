"""The sign-in cookie: who gets it, who does not, and how it ends."""

from __future__ import annotations

import pytest

from accounts.access import Accounts
from accounts.sessions import TICKETS, session_id
from mail.links import is_mark_of, sign_in_link
from routes.house import open_house
from settings import read_settings
from storage import Store
from tests.web.server import ANA, BASE, OWN, Browser, now, path_of, signed_in


def test_a_ticket_becomes_a_cookie_that_scripts_and_other_sites_do_not_get(
    server: Browser, store: Store, accounts: Accounts
) -> None:
    ticket = TICKETS.issue(ANA, now=now())
    answer = server.post("/auth/ticket", ticket, headers=OWN)
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/", "max-age=7776000"))
    assert "secure" not in cookie  # the address of this test is plain http
    assert accounts.sessions.user_of(session_id(server.cookies["xp"]), now=now()) == ANA
    assert server.post("/auth/ticket", ticket, headers=OWN).status == 403  # once


def test_the_mark_of_a_device_stays_when_its_person_signs_out_and_opens_nothing(
    server: Browser, store: Store, accounts: Accounts
) -> None:
    signed_in(server)
    assert is_mark_of(store.secret(), server.cookies["xp-device"], ANA)
    server.post("/logout", headers=OWN)
    assert set(server.cookies) == {"xp-device"}
    server.cookies["xp"] = server.cookies["xp-device"]
    assert server.get("/export").status == 303


def test_a_session_knows_its_device_coarsely(server: Browser, store: Store, accounts: Accounts) -> None:
    agent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", **OWN}
    server.post("/auth/ticket", TICKETS.issue(ANA, now=now()), headers=agent)
    assert "Firefox on Linux" in [one.device for one in accounts.sessions.of(ANA, now=now())]


def test_over_https_the_cookie_is_bound_to_the_host(
    server: Browser, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XP_BASE_URL", "https://xp.example.org")
    read_settings.cache_clear()
    open_house.cache_clear()
    try:
        answer = server.post(
            "/auth/ticket", TICKETS.issue(ANA, now=now()), headers={"origin": "https://xp.example.org"}
        )
        first, second = answer.headers.get_all("set-cookie", [])
        assert first.startswith("__Host-xp=")
        assert second.startswith("__Host-xp-device=")
        assert all("; Secure" in cookie and "; HttpOnly" in cookie for cookie in (first, second))
    finally:
        monkeypatch.undo()
        read_settings.cache_clear()
        open_house.cache_clear()


def test_signing_out_ends_the_session_on_the_disk(server: Browser, store: Store, accounts: Accounts) -> None:
    token = signed_in(server)
    answer = server.post("/logout", headers=OWN)
    assert answer.status == 303
    assert "xp" not in server.cookies
    assert accounts.sessions.user_of(session_id(token), now=now()) is None
    assert session_id(token) not in store.records.keys("sessions")


def test_signing_in_takes_over_no_token_that_was_there_before(
    server: Browser, store: Store, accounts: Accounts
) -> None:
    before = signed_in(server)
    after = signed_in(server)
    assert before != after
    assert accounts.sessions.user_of(session_id(before), now=now()) is None
    server.cookies["xp"] = "planted"
    assert signed_in(server) != "planted"


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_other_sites_can_neither_sign_in_nor_out(
    server: Browser, store: Store, accounts: Accounts, headers: dict[str, str]
) -> None:
    token = signed_in(server)
    sign_in = path_of(sign_in_link(BASE, store.secret(), ANA))
    for path in ("/logout", "/auth/ticket", sign_in):
        answer = server.post(path, TICKETS.issue(ANA, now=now()), headers=headers)
        assert answer.status == 403
        assert "set-cookie" not in answer.headers
    assert accounts.sessions.user_of(session_id(token), now=now()) == ANA
