"""The routes beside the screens, over real HTTP: signed links, the sign-in cookie, health; and the way in."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
import uvicorn
from streamlit.testing.v1 import AppTest

import web
from accounts import REFUSED, TICKETS, Accounts, session_id
from links import Action, Link, letter_link, sign_in_link
from settings import read_settings
from storage import Store, new_user

ANA, BASE = "ana-3f9a1c", "http://testserver"
OWN = {"Origin": BASE}
TRACKER = str(Path(__file__).parent.parent / "tracker.py")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=xp"}
ONE_CLICK = "List-Unsubscribe=One-Click"
ONE_CLICK_PARTS = '--xp\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xp--\r\n'


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Browser:
    """Just enough of one: it keeps cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, "", headers)

    def post(self, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("POST", path, body, headers)

    def request(self, method: str, path: str, body: str, headers: Mapping[str, str] | None) -> Answer:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body or None, {"Host": "testserver", "Cookie": jar, **(headers or {})})
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read().decode(errors="replace"))
        finally:
            connection.close()
        for name, morsel in SimpleCookie(answer.headers.get("Set-Cookie", "")).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One server for all: Streamlit runs once a process."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XP_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        environment.setenv("XP_BASE_URL", BASE)
        read_settings.cache_clear()
        web.open_house.cache_clear()
        server = uvicorn.Server(uvicorn.Config(web.app, host="127.0.0.1", port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.02)
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        thread.join()
    read_settings.cache_clear()
    web.open_house.cache_clear()


@pytest.fixture
def server(port: int) -> Browser:
    return Browser(port)


@pytest.fixture
def store(port: int) -> Iterator[Store]:
    store = web.open_house().store
    store.create(new_user(user_id=ANA, email="ana@example.org", email_confirmed=False, created_at=now()))
    yield store
    store.delete(ANA)


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return web.open_house().accounts


def now() -> datetime:
    return datetime.now(UTC)


def path_of(address: str) -> str:
    return address.removeprefix(BASE)


def letter_path(store: Store, action: Action, detail: str = "", user_id: str = ANA) -> str:
    return path_of(letter_link(BASE, store.secret(), Link(action, user_id, detail)))


def signed_in(server: Browser) -> str:
    """Sign Ana in as her screen does; her cookie."""
    answer = server.post("/auth/ticket", TICKETS.issue(ANA, now=now()), headers=OWN)
    assert answer.status == 200
    return server.cookies["xp"]


# --- signed links


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


def test_a_sign_in_link_signs_in_by_its_button(server: Browser, store: Store, accounts: Accounts) -> None:
    path = path_of(sign_in_link(BASE, store.secret(), ANA))
    assert "signs you in" in server.get(path).text
    assert "xp" not in server.cookies
    answer = server.post(path, headers=OWN)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert accounts.session_user(server.cookies["xp"], now=now()) == ANA
    assert server.post(path_of(sign_in_link(BASE, store.secret(), "gone-123456")), headers=OWN).status == 410


# --- the cookie


def test_a_ticket_becomes_a_cookie_that_scripts_and_other_sites_do_not_get(
    server: Browser, store: Store, accounts: Accounts
) -> None:
    ticket = TICKETS.issue(ANA, now=now())
    answer = server.post("/auth/ticket", ticket, headers=OWN)
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/", "max-age=7776000"))
    assert "secure" not in cookie  # the address of this test is plain http
    assert accounts.session_user(server.cookies["xp"], now=now()) == ANA
    assert server.post("/auth/ticket", ticket, headers=OWN).status == 403  # once


def test_over_https_the_cookie_is_bound_to_the_host(
    server: Browser, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XP_BASE_URL", "https://xp.example.org")
    read_settings.cache_clear()
    web.open_house.cache_clear()
    try:
        answer = server.post(
            "/auth/ticket", TICKETS.issue(ANA, now=now()), headers={"origin": "https://xp.example.org"}
        )
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-xp=")
        assert "; Secure" in cookie
    finally:
        monkeypatch.undo()
        read_settings.cache_clear()
        web.open_house.cache_clear()


def test_signing_out_ends_the_session_on_the_disk(server: Browser, store: Store, accounts: Accounts) -> None:
    token = signed_in(server)
    answer = server.post("/logout", headers=OWN)
    assert answer.status == 303
    assert "xp" not in server.cookies
    assert accounts.session_user(token, now=now()) is None
    assert session_id(token) not in store.records.keys("sessions")


def test_signing_in_takes_over_no_token_that_was_there_before(
    server: Browser, store: Store, accounts: Accounts
) -> None:
    before = signed_in(server)
    after = signed_in(server)
    assert before != after
    assert accounts.session_user(before, now=now()) is None
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
    assert accounts.session_user(token, now=now()) == ANA


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize(("origin", "status"), [(BASE, 101), ("https://evil.example", 403), ("null", 403)])
def test_the_screens_talk_to_our_own_pages_only(server: Browser, origin: str, status: int) -> None:
    assert server.get("/_stcore/stream", {**UPGRADE, "Origin": origin}).status == status


# --- every response


def test_health_says_whether_the_store_can_be_written(server: Browser, store: Store) -> None:
    answer = server.get("/healthz")
    assert answer.status == 200
    assert json.loads(answer.text) == {"app": "ok", "store": "ok", "scheduler": "never seen", "mail": "never seen"}
    temporary = store.folder / "tmp"
    temporary.rename(store.folder / "away")
    try:
        assert server.get("/healthz").status == 503
    finally:
        (store.folder / "away").rename(temporary)


@pytest.mark.parametrize(
    ("minutes", "mail", "status", "scheduler"),
    [
        (0, "ok", 200, "ok"),
        (2.9, "ok", 200, "ok"),
        (3.1, "ok", 503, "late"),
        (-60, "ok", 503, "late"),
        (1, "refused", 503, "ok"),
        (1, "unreachable", 503, "ok"),
    ],
)
def test_health_speaks_for_the_scheduler_and_the_mail_server_too(
    server: Browser, store: Store, minutes: float, mail: str, status: int, scheduler: str
) -> None:
    note = {"at": (now() - timedelta(minutes=minutes)).isoformat(), "mail": mail, "detail": "550 ana@example.org"}
    answer = health_with(server, store, json.dumps(note))
    assert answer.status == status
    assert json.loads(answer.text) == {"app": "ok", "store": "ok", "scheduler": scheduler, "mail": mail}


@pytest.mark.parametrize("note", ["", "{half", "[]", '{"at": 5}', '{"at": "2026-11-24T10:00:00", "mail": "ok"}'])
def test_a_note_of_the_scheduler_that_cannot_be_read_is_one_that_is_late(
    server: Browser, store: Store, note: str
) -> None:
    answer = health_with(server, store, note)
    assert (answer.status, json.loads(answer.text)["scheduler"]) == (503, "late")


def test_the_container_of_the_app_is_well_though_the_scheduler_is_late(server: Browser, store: Store) -> None:
    asked = re.search(r"HEALTHCHECK .*http://127.0.0.1:8501(/\S+?)'", (web.HERE / "Containerfile").read_text("utf-8"))
    assert asked
    assert health_with(server, store, "").status == 503
    assert health_with(server, store, "", path=asked[1]).status == 200


def health_with(server: Browser, store: Store, note: str, path: str = "/healthz") -> Answer:
    """What /healthz (or another path) says when the scheduler has left that note."""
    heartbeat = store.folder / web.HEARTBEAT
    heartbeat.parent.mkdir(exist_ok=True)
    heartbeat.write_text(note, encoding="utf-8")
    try:
        return server.get(path)
    finally:
        heartbeat.unlink()


@pytest.mark.parametrize("path", ["/", "/healthz", "/l/x", "/_stcore/health"])
def test_every_response_carries_the_security_headers(server: Browser, path: str) -> None:
    headers = server.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_large_answers_are_compressed(server: Browser) -> None:
    assert server.get("/", headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"


# --- the way in


@pytest.fixture
def at(store: Store) -> AppTest:
    """The screens alone, as `streamlit run tracker.py` shows them."""
    return AppTest.from_file(TRACKER, default_timeout=20).run()


def shown(at: AppTest) -> str:
    return " ".join(element.value for element in at.html)


def test_somebody_new_signs_up_and_is_asked_the_first_question(at: AppTest, store: Store) -> None:
    at.button(key="to_new").click().run()
    at.text_input(key="up_name").set_value("Ben <i>")
    at.text_input(key="up_email").set_value("ben@example.org")
    at.text_input(key="up_password").set_value("short")
    at.button(key="up_go").click().run()
    assert "8 characters or more; this one has 5" in shown(at)
    at.text_input(key="up_password").set_value("a long one")
    at.button(key="up_go").click().run()
    assert not at.exception
    assert "Question 1 of 7" in shown(at)
    assert "Ben &lt;i&gt;" in shown(at)
    for user_id in set(store.user_ids()) - {ANA}:
        web.open_house().accounts.forget(user_id)
        store.delete(user_id)


def test_a_refused_sign_in_says_so_and_stays_outside(at: AppTest) -> None:
    at.text_input(key="in_email").set_value("nobody@example.org")
    at.text_input(key="in_password").set_value("whatever it was")
    at.button(key="in_go").click().run()
    assert REFUSED in shown(at)
    assert "Question" not in shown(at)


def test_a_session_is_looked_up_on_every_run(server: Browser, store: Store, accounts: Accounts) -> None:
    token = signed_in(server)
    at = AppTest.from_file(TRACKER, default_timeout=20)
    at.user = {"session": session_id(token)}
    assert "Question 1 of 7" in shown(at.run())
    accounts.close_session(token)
    assert "Welcome back" in shown(at.run())


def test_nobody_is_let_in_by_the_word_of_a_browser(store: Store) -> None:
    for word in (ANA, "-", "../users/ana-3f9a1c", ""):
        at = AppTest.from_file(TRACKER, default_timeout=20)
        at.user = {"session": word}
        assert "Welcome back" in shown(at.run())


def test_a_document_that_cannot_be_read_is_said_on_the_page(store: Store) -> None:
    (store.folder / "users" / f"{ANA}.json").write_text("{half")
    at = AppTest.from_file(TRACKER, default_timeout=20)
    at.session_state["signed_in_as"] = ANA
    at.run()
    assert "it is left as it is" in shown(at)
    assert not at.exception


def test_a_setting_that_cannot_be_used_is_said_on_the_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XP_SMTP_PORT", "many")
    read_settings.cache_clear()
    try:
        at = AppTest.from_file(TRACKER, default_timeout=20).run()
        assert "XP_SMTP_PORT" in shown(at)
        assert not at.exception
    finally:
        monkeypatch.undo()
        read_settings.cache_clear()
