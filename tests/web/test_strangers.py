"""A stranger, and another person, at every route, every id and every widget: they get nothing, and change nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from starlette.routing import Route
from streamlit.proto.WidgetStates_pb2 import WidgetState

import web
from accounts.sessions import TICKETS, session_id
from core import planning
from mail.links import Link as LetterLink
from mail.links import account_link, letter_link, sign_in_link
from routes.house import open_house
from routes.middleware import CLOSED_PATHS
from routes.uploads import OCTETS_MOST, file_most
from screens import ways
from storage import Store
from tests.screens_cast import lived
from tests.web.server import ANA, BASE, OWN, Browser, now, signed_in
from tests.web.tab import BUTTONS, filled, pressed, said_by, tab
from tests.web.widgets import Room, key_of, letters_of, look_around, rooms, sites

BEN, SECRET = "ben-5b2c1d", "zebrafinch"  # a word that stands in Ana's record and nowhere else
PASSWORD = "a walk before breakfast"


@pytest.fixture
def store(port: int) -> Iterator[Store]:
    """Ana, who has lived twenty days and has a secret, and Ben, who has lived three."""
    house, at = open_house(), now()
    for user_id, name, days in ((ANA, "Ana", 20), (BEN, "Ben", 3)):
        user = lived(days, at, user_id=user_id)
        user.display_name, user.email = name, f"{name.lower()}@example.org"
        if user_id == ANA:
            planning.rename_habit(user, "read", f"Read {SECRET}")
            user.coaching_profile.why_now = f"My {SECRET}"
        house.store.create(user)
        house.accounts.change_password(user_id, PASSWORD, now=at)
    yield house.store
    for user_id in (ANA, BEN):
        house.accounts.forget(user_id)
        house.store.delete(user_id)


def everything_of(store: Store, user_id: str) -> dict[str, bytes]:
    """All files that belong to somebody, but the note of when a session was last seen."""
    folders = (store.folder / kind for kind in ("users", "accounts", "identities", "sessions", "ledger", "outbox"))
    paths = (path for folder in folders for path in folder.rglob("*.*") if path.suffix != ".lock")
    return {str(path): path.read_bytes() for path in paths if user_id.encode() in path.read_bytes()}


@pytest.fixture(params=["a stranger", "another person", "somebody with a cookie of their own making"])
def intruder(request: pytest.FixtureRequest, port: int, store: Store) -> Browser:
    browser = Browser(port)
    if request.param == "another person":
        signed_in(browser, BEN)
    elif request.param != "a stranger":
        browser.cookies = {"xp": session_id(open_house().accounts.sessions.open(ANA, now=now())), "xp-device": ANA}
    return browser


# --- routes


def tokens(store: Store) -> dict[str, str]:
    """A good token of Ana's for everything that is signed, by what it opens."""
    secret = store.secret()
    key, stamp = open_house().accounts.stamp_of(ANA) or ("", "")
    made = {
        "/l/{token}": letter_link(BASE, secret, LetterLink("unsubscribe-all", ANA, "")),
        "/auth/link/{token}": sign_in_link(BASE, secret, ANA),
        "/auth/password/{token}": account_link(BASE, secret, "password", key, stamp),
        "/auth/address/{token}": account_link(BASE, secret, "address", key, stamp, "new@example.org"),
        "invitation": account_link(BASE, secret, "invitation", "n" * 32, ""),
    }
    return {what: re.split(r"[/=]", link)[-1] for what, link in made.items()} | {
        "ticket": TICKETS.issue(ANA, now=now()),
        "id of a person": ANA,
        "id of an account": key,
    }


ROUTES = {  # every route, and what somebody without the right is answered
    "/": {"GET": 200},
    "/auth/ticket": {"POST": 403},
    "/auth/forget": {"POST": 200},
    "/auth/link/{token}": {"GET": 403, "POST": 403},
    "/auth/password/{token}": {"GET": 403, "POST": 403},
    "/auth/address/{token}": {"GET": 403, "POST": 403},
    "/export": {"GET": 303},
    "/logout": {"POST": 303},
    "/l/{token}": {"GET": 403, "POST": 403},
    "/taps": {"POST": 401},
    "/healthz": {"GET": 200},
}
TAPS_OF_ANA = {
    "person": ANA,
    "page": "p",
    "first": "2026-11-16",
    "today": "2026-11-22",
    "taps": [{"id": "1", "habit": "read", "day": "2026-11-22", "act": "untick"}],
}
STREAMLITS = {  # what Streamlit answers besides, and to whom
    "/_stcore/health": "anybody: a word",
    "/_stcore/host-config": "anybody: settings of the page",
    "/_stcore/stream": "anybody: the screens, by their session",
    "/media/{file_id:path}": "anybody: the icon of the page; records do not go there",
    "/component/{path:path}": "anybody: nothing of ours is there",
    "/_stcore/bidi-components/{path:path}": "anybody: nothing of ours is there",
    "/app/static/{path:path}": "anybody: font and icon",
    "/_stcore/metrics": "nobody",
    "/_stcore/upload_file/{session_id}/{file_id}": "whoever is signed in: a file goes in, none comes out",
    "/_stcore/script-health-check": "nobody",
    "/auth/logout": "nobody",
    "/auth/login": "nobody while no OpenID provider is set up",
    "/oauth2callback": "nobody while no OpenID provider is set up",
}

UPLOAD = "/_stcore/upload_file/a/b"
FILE = {**OWN, "Content-Type": "multipart/form-data; boundary=xp"}
PARTS = '--xp\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nDate,A\r\n--xp--\r\n'


def test_every_route_is_one_that_these_tests_know(server: Browser) -> None:
    server.get("/")
    assert web.app._starlette_app is not None
    paths = {getattr(route, "path", "") for route in web.app._starlette_app.routes}
    ours = {
        route.path: (route.methods or set()) - {"HEAD"} for route in web.app._user_routes if isinstance(route, Route)
    }
    assert ours == {path: set(methods) for path, methods in ROUTES.items()}
    others = {path for path in paths - set(ours) if path and not path.startswith(CLOSED_PATHS)}
    assert others <= set(STREAMLITS), others - set(STREAMLITS)


def test_no_route_gives_or_changes_anything_by_a_token_that_is_for_something_else(
    intruder: Browser, store: Store
) -> None:
    before = everything_of(store, ANA)
    for path, methods in ROUTES.items():
        for method, status in methods.items():
            wrong = [token for what, token in tokens(store).items() if what != path] if "{" in path else [""]
            for token in wrong:
                body = f"password=another+password&text={token}" if path != "/taps" else json.dumps(TAPS_OF_ANA)
                answer = intruder.request(method, path.replace("{token}", token), body if method == "POST" else "", OWN)
                says = (method, path, token, answer.status)
                mine = path == "/export" and BEN in answer.headers.get("Content-Disposition", "")
                assert mine or answer.status == status, says
                assert SECRET not in answer.text, says
                assert "ana@example.org" not in answer.text, says
                if path != "/logout":
                    assert not any(ANA in cookie for cookie in answer.headers.get_all("Set-Cookie", [])), says
    assert everything_of(store, ANA) == before


def test_what_nobody_needs_of_streamlit_is_not_there(server: Browser) -> None:
    for path in (
        *(path for path, whom in STREAMLITS.items() if whom.startswith("nobody")),
        "/_stcore/agent/openapi.json",
    ):
        assert server.get(path).status == 404, path


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "OPTIONS", "GET"])
def test_no_file_is_taken_in_from_a_stranger_or_another_site(server: Browser, store: Store, method: str) -> None:
    assert server.request(method, UPLOAD, "x", OWN).status == 404
    server.cookies["xp"] = "of my own making"
    assert server.request(method, UPLOAD, "x", OWN).status == 404
    signed_in(server, ANA)
    assert server.request(method, UPLOAD, "x", {"Origin": "https://evil.example"}).status == 404


def test_a_file_goes_into_an_open_tab_of_whoever_is_signed_in_and_comes_out_nowhere(
    server: Browser, store: Store
) -> None:
    signed_in(server, ANA)
    server.get("/_stcore/health")
    mine = {**FILE, "X-Xsrftoken": server.cookies["_streamlit_xsrf"]}
    assert server.request("PUT", UPLOAD, PARTS, FILE).status == 403  # Streamlit asks for its token besides
    assert server.request("PUT", UPLOAD, PARTS, mine).status == 400  # no tab has that id
    with tab(server) as own:
        path = f"/_stcore/upload_file/{own.open('profile', 'room=Account').session_id}/1"
        assert server.request("PUT", path, PARTS, mine).status == 204
        assert "Date,A" not in server.get(path).text
        open_house().accounts.sessions.close(session_id(server.cookies["xp"]))
        assert server.request("PUT", path, PARTS, mine).status == 404


def test_files_on_their_way_take_so_much_memory_and_no_more_and_a_refusal_is_one_sentence(
    server: Browser, store: Store
) -> None:
    signed_in(server, ANA)
    server.get("/_stcore/health")
    cookies = "; ".join(f"{name}={value}" for name, value in server.cookies.items())
    mine = {**FILE, "X-Xsrftoken": server.cookies["_streamlit_xsrf"], "Accept-Language": "de", "Cookie": cookies}

    def begun(path: str, length: str) -> HTTPConnection:
        """A request of which only the head has been sent."""
        coming = HTTPConnection("127.0.0.1", server.port, timeout=20)
        coming.putrequest("PUT", path)
        size = {"Content-Length": length} if length else {"Transfer-Encoding": "chunked"}
        for name, value in {**mine, **size}.items():
            coming.putheader(name, value)
        coming.endheaders()
        return coming

    with tab(server) as own:
        path = f"/_stcore/upload_file/{own.open('profile', 'room=Account').session_id}/1"
        for length in ("", str(file_most() + 1)):
            with closing(begun(path, length)) as refused:
                answer = refused.getresponse()
                assert answer.status == 413
                assert answer.read().decode().startswith("Das ist mehr, als auf einmal angenommen wird")
        waiting: list[HTTPConnection] = []

        def beside_one_more() -> int:
            """How a small file is answered once one more large one waits, or is refused for want of room."""
            waiting.append(begun(path, str(file_most())))
            return server.request("PUT", path, PARTS, mine).status

        assert 413 in (beside_one_more() for _ in range(10 * OCTETS_MOST // file_most()))
        for one in waiting:
            one.close()
        assert 204 in (server.request("PUT", path, PARTS, mine).status for _ in range(1000))


def test_the_export_is_the_document_of_whoever_asks(server: Browser, store: Store) -> None:
    assert server.get("/export").status == 303
    signed_in(server, ANA)
    answer = server.get("/export")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{ANA}.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert SECRET in answer.text
    signed_in(server, BEN)
    assert SECRET not in server.get("/export").text


def test_no_record_lies_among_streamlits_files(server: Browser, store: Store) -> None:
    signed_in(server, ANA)
    with tab(server) as own:
        own.open("profile", "room=Account")
        found = set(re.findall(r"/media/[\w.]+", own.said))
    for path in found:
        assert SECRET not in Browser(server.port).get(path).text


# --- widgets


@pytest.fixture
def found(server: Browser, store: Store) -> Iterator[list[tuple[Room, dict[str, str]]]]:
    """Every room of Ana's and the widgets in it; her browser is signed in, and so is her phone."""
    signed_in(Browser(server.port), ANA)
    signed_in(server, ANA)
    looked = []
    with letters_of(store, ANA, now()):
        for room in rooms(now().date() - timedelta(days=1)):
            with store.edit(ANA) as user:
                room.life(user, now())
            with tab(server) as own:
                looked.append((room, look_around(room, own)))
        yield looked


def test_every_screen_and_every_widget_of_the_sources_is_among_those_that_are_tried(
    found: list[tuple[Room, dict[str, str]]],
) -> None:
    assert {room.page for room, _widgets in found} == set(ways.ADDRESSES)
    keys = {key_of(widget) for _room, widgets in found for widget in widgets}
    missing = {(module, key) for module, key in sites() if not any(re.fullmatch(key, one) for one in keys)}
    assert missing == set()


def states_of(widgets: dict[str, str]) -> Iterator[WidgetState]:
    """Something for each widget to say: buttons are pressed, fields filled, the grid tapped."""
    taps = [{"seq": 1, "habit": "read", "day": now().date().isoformat(), "act": "untick"}]
    taps += [{"seq": 2, "habit": "water", "day": now().date().isoformat(), "act": "note", "value": "stolen"}]
    for widget_id, kind in widgets.items():
        if kind in BUTTONS:
            yield pressed(widget_id)
        elif kind == "bidi_component":
            yield said_by(widget_id, {"ops": taps})
        elif kind in ("text_input", "text_area"):
            yield filled(widget_id, "stolen")


def test_a_stranger_and_another_person_move_nothing_with_the_ids_of_anas_widgets(
    intruder: Browser, server: Browser, store: Store, found: list[tuple[Room, dict[str, str]]]
) -> None:
    before, of_ben, tried = everything_of(store, ANA), everything_of(store, BEN), set[tuple[str, str]]()
    is_ben = open_house().accounts.sessions.user_of(session_id(intruder.cookies.get("xp", "")), now=now()) == BEN
    for room, widgets in sorted(found, key=lambda one: "Account" in one[0].query):  # the way out is tried last
        new = {widget: kind for widget, kind in widgets.items() if (room.page, widget) not in tried}
        tried |= {(room.page, widget) for widget in new}
        with tab(intruder, {"X-XP-Session": session_id(server.cookies["xp"])}) as other:
            other.open(room.page, room.query)
            for state in states_of(new):
                other.use(state, page=room.page, query=room.query)
            assert SECRET not in other.said
            assert ANA not in other.said
    assert everything_of(store, ANA) == before
    assert (everything_of(store, BEN) != of_ben) == is_ben  # what they moved is their own


def test_nobody_goes_on_with_anas_tab(intruder: Browser, server: Browser, store: Store) -> None:
    signed_in(server, ANA)
    with tab(server) as own:
        session = own.open("").session_id
        assert session
    with tab(intruder, resume=session) as other:
        other.open("profile")
        assert SECRET not in other.said
        assert other.session_id != session


@pytest.mark.parametrize("key", ["pause_go", "pe_save", "new_habit", "ac_leave_go", "sign_out_all", "grid"])
def test_no_callback_runs_for_a_session_that_has_ended(server: Browser, store: Store, key: str) -> None:
    signed_in(server, ANA)
    page, query = ("profile", "room=Account") if key in ("ac_leave_go", "sign_out_all") else ("profile", "")
    if key in ("new_habit", "grid"):
        page = ""
    with tab(server) as own:
        own.open(page, query)
        [widget] = [found for found in own.widgets if re.search(rf"-{key}(_\d|$)", found)]
        [state] = states_of({widget: own.widgets[widget]})
        open_house().accounts.sessions.close(session_id(server.cookies["xp"]))  # as another process does
        before, heard = everything_of(store, ANA), len(own.said)
        own.use(state, page=page, query=query)
        assert own.is_sent_away
        assert "auth_redirect" in own.said[heard:]
        assert SECRET not in own.said[heard:]
        assert everything_of(store, ANA) == before


def test_signing_out_everywhere_reaches_every_tab_at_once(server: Browser, store: Store, port: int) -> None:
    phone = Browser(port)
    signed_in(server, ANA)
    signed_in(phone, ANA)
    with tab(server) as one, tab(phone) as other:
        other.open("")
        one.open("profile", "room=Account")
        one.use(pressed(one.id_of("sign_out_all")), page="profile", query="room=Account")
        assert not open_house().accounts.sessions.of(ANA, now=now())
        assert "auth_redirect" in other.hear_out()
    assert phone.get("/export").status == 303


def test_a_file_of_anothers_cannot_be_reached_by_a_path(intruder: Browser, store: Store) -> None:
    for path in (f"/app/static/../../data/users/{ANA}.json", f"/media/../users/{ANA}.json", f"/users/{ANA}.json"):
        assert SECRET not in intruder.get(path).text
    assert Path(store.folder, "users", f"{ANA}.json").exists()


# --- guesses


def test_guesses_keep_their_own_network_waiting_and_not_the_owner_elsewhere_nor_on_a_known_device(
    port: int, store: Store
) -> None:
    known = Browser(port)
    signed_in(known, ANA)
    known.post("/logout", headers=OWN)

    def tried(password: str, browser: Browser, network: str) -> str:
        """What is said to somebody who signs in from there; the proxy names their address."""
        with tab(browser, {"X-Forwarded-For": network}) as own:
            own.open("")
            if door := [one for one in own.widgets if key_of(one) == "to_in"]:
                own.use(pressed(door[0]))
            email, secret = filled(own.id_of("in_email"), "ana@example.org"), filled(own.id_of("in_password"), password)
            heard = len(own.said)
            own.use(email, secret, pressed(own.id_of("in_go")))
            return "let in" if own.posts else own.said[heard:]

    for n in range(5):
        assert "one try too many" not in tried(f"a guess {n}", Browser(port), "198.51.100.7")
    assert "one try too many" in tried(PASSWORD, Browser(port), "198.51.100.7")
    assert tried(PASSWORD, Browser(port), "203.0.113.9") == "let in"
    assert tried(PASSWORD, known, "198.51.100.7") == "let in"
