"""Sessions and tickets: how long they stand for somebody, and what ends them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.sessions import TICKETS, Sessions, Tickets, session_id
from storage import Store
from tests.account_cast import NOW
from tests.full_disk import full_disk


@pytest.fixture
def sessions(store: Store) -> Sessions:
    return Sessions(store.records)


def test_a_session_lasts_90_days(sessions: Sessions) -> None:
    token = sessions.open("ana-3f9a1c", now=NOW)
    assert sessions.user_of(session_id(token), now=NOW + timedelta(days=89, hours=23)) == "ana-3f9a1c"
    assert sessions.user_of(session_id(token), now=NOW + timedelta(days=90)) is None


def test_a_closed_session_stays_closed_and_others_stay_open(sessions: Sessions) -> None:
    first, second, third = (sessions.open("ana-3f9a1c", now=NOW) for _ in range(3))
    sessions.close(session_id(first))
    sessions.close(session_id(second))
    sessions.close("never was one")
    assert [sessions.user_of(session_id(token), now=NOW) for token in (first, second, third)] == [
        None,
        None,
        "ana-3f9a1c",
    ]


@pytest.mark.parametrize("sid", ["", "-", "../accounts/x", "a" * 64, "\x00", "ä" * 10])
def test_an_id_that_is_none_opens_nothing(store: Store, sessions: Sessions, sid: str) -> None:
    sessions.open("ana-3f9a1c", now=NOW)
    store.records.create("accounts", "x", {"user_id": "eve-111111", "expires": (NOW + timedelta(days=1)).isoformat()})
    assert sessions.user_of(sid, now=NOW) is None
    assert sessions.user_of(session_id(sid), now=NOW) is None


def test_what_is_stored_of_a_session_is_no_token(sessions: Sessions) -> None:
    sid = session_id(sessions.open("ana-3f9a1c", now=NOW))
    assert sessions.user_of(sid, now=NOW) == "ana-3f9a1c"
    assert sessions.user_of(session_id(sid), now=NOW) is None  # as a cookie would bring it


def test_a_full_disk_keeps_nobody_out(sessions: Sessions) -> None:
    sid, later = session_id(sessions.open("ana-3f9a1c", now=NOW)), NOW + timedelta(hours=2)
    with full_disk():
        sessions.note_seen(sid, now=later)
    assert sessions.user_of(sid, now=later) == "ana-3f9a1c"


def test_sessions_that_are_over_are_removed(store: Store, sessions: Sessions) -> None:
    sessions.open("ana-3f9a1c", now=NOW - timedelta(days=100))
    kept = sessions.open("ana-3f9a1c", now=NOW)
    assert sessions.close_expired(now=NOW) == 1
    assert store.records.keys("sessions") == [session_id(kept)]


def test_a_ticket_of_before_signs_nobody_in_once_every_session_has_ended(sessions: Sessions) -> None:
    hers, bens = TICKETS.issue("ana-3f9a1c", now=NOW), TICKETS.issue("ben-2b11aa", now=NOW)
    sessions.close_all("ana-3f9a1c")
    assert TICKETS.redeem(hers, now=NOW) is None
    assert TICKETS.redeem(bens, now=NOW) == "ben-2b11aa"


def test_a_ticket_signs_in_once_and_for_30_seconds() -> None:
    tickets = Tickets()
    used, late = tickets.issue("ana-3f9a1c", now=NOW), tickets.issue("ana-3f9a1c", now=NOW)
    assert tickets.redeem(used, now=NOW + timedelta(seconds=29)) == "ana-3f9a1c"
    assert tickets.redeem(used, now=NOW) is None
    assert tickets.redeem(late, now=NOW + timedelta(seconds=30)) is None
    assert tickets.redeem("never issued", now=NOW) is None
