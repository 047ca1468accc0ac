"""Signed links over real HTTP, and what every response has."""

from __future__ import annotations

import json

import pytest

from accounts.access import Accounts
from accounts.sessions import session_id
from mail.links import Action, sign_in_link
from screens import ways
from storage import Store
from tests.cast import a_habit
from tests.full_disk import full_disk
from tests.web.server import ANA, BASE, OWN, Browser, letter_path, now, path_of, signed_in

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=xp"}
ONE_CLICK = "List-Unsubscribe=One-Click"
ONE_CLICK_PARTS = '--xp\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xp--\r\n'


def test_a_letters_link_says_what_it_does_and_does_it_when_asked_to(server: Browser, store: Store) -> None:
    path = letter_path(store, "unsubscribe-digest")
    page = server.get(path)
    assert page.status == 200
    assert "Stop the daily digest?" in page.text
    assert store.read(ANA).coaching_profile.letters.digest is True  # a scanner that follows links changes nothing
    for _ in range(2):
        assert "Done" in server.post(path).text
        assert store.read(ANA).coaching_profile.letters.digest is False


@pytest.mark.parametrize(
    ("action", "digest", "drip"),
    [("unsubscribe-digest", False, True), ("unsubscribe-drip", True, False), ("unsubscribe-all", False, False)],
)
@pytest.mark.parametrize(("body", "kind"), [(ONE_CLICK, FORM), (ONE_CLICK_PARTS, MULTIPART)])
def test_a_mail_program_unsubscribes_in_one_click(
    server: Browser, store: Store, action: Action, digest: bool, drip: bool, body: str, kind: dict[str, str]
) -> None:
    path = letter_path(store, action)
    answer = server.post(path, body, {**kind, "Origin": "https://mail.example"})
    letters = store.read(ANA).coaching_profile.letters
    assert (answer.status, letters.digest, letters.drip) == (200, digest, drip)


def test_an_address_is_confirmed_only_while_it_is_the_persons_address(server: Browser, store: Store) -> None:
    assert server.post(letter_path(store, "confirm", "old@example.org")).status == 409
    assert store.read(ANA).email_confirmed is False
    for _ in range(2):
        assert server.post(letter_path(store, "confirm", "ana@example.org")).status == 200
    assert store.read(ANA).email_confirmed is True


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/l/{}", "/auth/link/{}"])
def test_a_link_that_we_did_not_write_says_one_sentence_and_no_more(
    server: Browser, store: Store, method: str, path: str
) -> None:
    good = sign_in_link(BASE, store.secret(), ANA) if "auth" in path else letter_path(store, "unsubscribe-all")
    token = good.rpartition("/")[2]
    for bad in ("x", token[:-2] + "zz", token + "a"):
        page = server.request(method, path.format(bad), "", OWN)
        assert page.status == 403
        assert "damaged" in page.text
        assert ANA not in page.text
    assert store.read(ANA).coaching_profile.letters.digest is True


def test_the_link_of_a_deleted_person_says_that_nothing_is_sent(server: Browser, store: Store) -> None:
    for path in (
        letter_path(store, "unsubscribe-all", user_id="gone-123456"),
        letter_path(store, "confirm", "", "gone-1"),
    ):
        assert server.get(path).status == server.post(path).status == 410


def test_a_document_that_cannot_be_read_is_left_alone(server: Browser, store: Store) -> None:
    path = store.folder / "users" / f"{ANA}.json"
    path.write_text("{half")
    page = server.post(letter_path(store, "unsubscribe-all"))
    assert page.status == 503
    assert "Nothing was changed" in page.text
    assert str(store.folder) not in page.text
    assert path.read_text() == "{half"


TAP = {"seq": 1, "habit": "write", "day": "2026-11-22", "act": "tick"}


@pytest.mark.parametrize(
    "body",
    [
        "[" * 100_000,
        '{"person": ' + "9" * 5000 + "}",
        '{"person": "\\ud800',
        json.dumps({"person": ANA, "first": "0001-01-01", "taps": [TAP | {"id": "\ud83d"}]}),
        json.dumps({"person": ANA, "first": "9999-12-28", "taps": [TAP | {"habit": "\ud83d"}]}),
        json.dumps({"person": ANA, "first": "2026-11-16", "page": "\ud83d", "zone": "../etc", "taps": [TAP, 7, TAP]}),
        json.dumps({"person": ANA, "first": "2026-11-16", "taps": [TAP | {"id": "\ud83d", "seq": 10**300}] * 300}),
    ],
)
def test_whatever_is_sent_as_taps_is_answered(server: Browser, store: Store, body: str) -> None:
    signed_in(server)
    assert server.post("/taps", body, OWN).status in (200, 400)


def test_where_there_is_no_room_a_tap_is_kept_in_the_page_and_a_link_says_so(server: Browser, store: Store) -> None:
    with store.edit(ANA) as user:
        user.habits.append(a_habit("Write"))
    signed_in(server)
    link = letter_path(store, "unsubscribe-all")
    sent = {"person": ANA, "first": "2026-11-16", "taps": [TAP | {"day": now().date().isoformat()}]}
    with full_disk():
        tapped, followed = server.post("/taps", json.dumps(sent), OWN), server.post(link)
    assert (tapped.status, followed.status) == (503, 503)
    assert "Nothing was changed" in followed.text
    assert server.post("/taps", json.dumps(sent), OWN).status == 200


def test_a_sign_in_link_signs_in_by_its_button(server: Browser, store: Store, accounts: Accounts) -> None:
    path = path_of(sign_in_link(BASE, store.secret(), ANA))
    assert "signs you in" in server.get(path).text
    assert "xp" not in server.cookies
    answer = server.post(path, headers=OWN)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert accounts.sessions.user_of(session_id(server.cookies["xp"]), now=now()) == ANA
    assert server.post(path_of(sign_in_link(BASE, store.secret(), "gone-123456")), headers=OWN).status == 410


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(("origin", "status"), [(BASE, 101), ("https://evil.example", 403), ("null", 403)])
def test_the_screens_talk_to_our_own_pages_only(server: Browser, origin: str, status: int) -> None:
    assert server.get("/_stcore/stream", {**UPGRADE, "Origin": origin}).status == status


@pytest.mark.parametrize("path", ["/no/such/page", "/nowhere", "/progress/", "/progress/nowhere", "/robots.txt"])
def test_an_address_at_which_nothing_is_says_so(server: Browser, path: str) -> None:
    answer = server.get(path)
    assert answer.status == 404
    assert "There is nothing here" in answer.text
    assert "Hier ist nichts" in server.get(path, {"Accept-Language": "de"}).text


@pytest.mark.parametrize("path", ["/auth/login", "/oauth2callback", "/auth/logout", "/_stcore/metrics"])
def test_an_address_that_is_closed_says_so_in_the_language_of_the_browser(server: Browser, path: str) -> None:
    answers = [server.get(path, {"Accept-Language": language}) for language in ("en", "de")]
    assert [answer.status for answer in answers] == [404, 404]
    assert [answer.text for answer in answers] == ["There is nothing here.", "Hier ist nichts."]


def test_every_screen_has_its_address(server: Browser) -> None:
    for address in ways.ADDRESSES:
        answer = server.get(f"/{address}")
        assert (answer.status, "There is nothing here" in answer.text) == (200, False)
