"""Signing in by an OpenID provider: a real one on loopback, and the app as it is started."""

from __future__ import annotations

import http.client
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import RSAKey

from accounts.access import Accounts
from accounts.identities import CONNECTED
from accounts.newcomers import NOT_OPEN
from accounts.records import TAKEN
from accounts.sessions import session_id
from settings import Settings
from storage import Store, open_store
from tests.openid_provider import Provider, open_provider, secrets_toml
from tests.programs import ROOT, environment
from tests.screens_cast import lived
from tests.web.server import ANA, BASE, OWN, Answer, Browser, now, path_of
from tests.web.tab import Tab, filled, pressed, tab

START_SECONDS, STOP_SECONDS = 60, 10
SETTINGS = Settings(signup="invite", base_url=BASE)
FAILED = "/?sign_in=failed"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with open_provider() as opened:
        yield opened


@pytest.fixture(scope="module")
def app(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The port of an app with that provider, which takes people in by invitation, and the folder of its data."""
    folder, home = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("home")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "secrets.toml").write_text(secrets_toml(provider, BASE))
    settings = environment(folder, XP_BASE_URL=BASE, XP_SIGNUP="invite", HOME=str(home))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port, descriptor = listening.getsockname()[1], listening.fileno()
        command = [sys.executable, "-m", "uvicorn", "web:app", "--fd", str(descriptor), "--log-level", "warning"]
        server = subprocess.Popen(command, cwd=ROOT, env=settings, pass_fds=[descriptor])
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)) as connection:
                connection.request("GET", "/healthz")
                assert connection.getresponse().status == 200
            yield port, folder
        finally:
            server.terminate()
            server.wait(STOP_SECONDS)


@pytest.fixture
def store(app: tuple[int, Path], provider: Provider) -> Iterator[Store]:
    """Ana, who has lived three days, in an app in which nobody else is; and a provider that does as it should."""
    store = open_store(app[1])
    store.create(lived(3, now(), user_id=ANA))
    provider.refuses, provider.state, provider.is_down, provider.signs_with = "", "", False, None
    provider.person, provider.claims = who("ben"), {}
    yield store
    for user_id in store.user_ids():
        Accounts(store, SETTINGS).forget(user_id)
        store.delete(user_id)


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return Accounts(store, SETTINGS)


@pytest.fixture
def browser(app: tuple[int, Path], store: Store) -> Browser:
    return a_browser(app[0])


def a_browser(port: int) -> Browser:
    """A browser that has loaded the page."""
    browser = Browser(port)
    browser.get("/_stcore/health")
    return browser


def who(name: str, **claims: object) -> dict[str, object]:
    """What a provider says of somebody."""
    said = {"sub": f"number of {name}", "email": f"{name}@example.org", "email_verified": True, "name": name.title()}
    return said | claims


def press(browser: Browser, page: str = "", key: str = "by_acme", query: str = "") -> str:
    """Press the button of a provider; where the page goes then."""
    with tab(browser) as door:
        door.open(page, query)
        door.use(pressed(door.id_of(key)), page=page, query=query)
        [url] = re.findall(r'url: "(/auth/login[^"]*)"', door.said)
    return str(url)


def arrive(browser: Browser, page: str = "", key: str = "by_acme", query: str = "") -> Answer:
    """Go to the provider and come back; what the browser is answered then."""
    answer = browser.get(press(browser, page, key, query))
    if answer.headers["Location"].startswith("/"):
        return answer
    there = urlsplit(answer.headers["Location"])
    with closing(http.client.HTTPConnection(there.netloc, timeout=20)) as connection:
        connection.request("GET", f"{there.path}?{there.query}")
        back = connection.getresponse().headers["Location"]
    return browser.get(path_of(back))


def post(browser: Browser, page: Tab) -> list[str]:
    """Let the browser post what the page says; the paths."""
    for path, body in page.posts:
        assert browser.post(path, body, OWN).status == 200
    return [path for path, _ in page.posts]


def signed_in_as(browser: Browser) -> str | None:
    """Who has an open session in that browser, by the file that it may take along."""
    answer = browser.get("/export")
    found = re.search(r'filename="(.*)\.json"', answer.headers.get("Content-Disposition", ""))
    assert (found is None) == (answer.status == 303)
    return found.group(1) if found else None


def sign_in(browser: Browser, accounts: Accounts, user_id: str = ANA) -> Browser:
    browser.cookies["xp"] = accounts.sessions.open(user_id, now=now())
    return browser


def sign_up(browser: Browser, store: Store, accounts: Accounts, provider: Provider, name: str) -> str:
    """Somebody new, invited, from the provider; the user id."""
    provider.person = who(name)
    token = accounts.newcomers.invitation("", secrets.token_hex(8)).partition("=")[2]
    before = set(store.user_ids())
    browser.get(f"/?invitation={token}")
    assert arrive(browser, query=f"invitation={token}").headers["Location"] == f"/?invitation={token}"
    with tab(browser) as door:
        door.open("", f"invitation={token}")
        assert not [widget for widget in door.widgets if widget.endswith("password")]
        fields = [filled(door.id_of("up_name"), name), filled(door.id_of("up_email"), f"{name}@example.org")]
        door.use(*fields, pressed(door.id_of("up_go")), query=f"invitation={token}")
        assert post(browser, door) == ["/auth/ticket"]
    [user_id] = set(store.user_ids()) - before
    return user_id


def streamlits(browser: Browser) -> set[str]:
    """Streamlit's cookies, but the one that proves that a page is ours."""
    return {name for name in browser.cookies if name.startswith("_streamlit")} - {"_streamlit_xsrf"}


# --- the way in


def test_a_stranger_who_is_invited_signs_up_without_a_password_and_comes_back(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    ben = sign_up(browser, store, accounts, provider, "ben")
    assert signed_in_as(browser) == ben
    assert (store.read(ben).email, accounts.has_password(ben)) == ("ben@example.org", False)
    assert streamlits(browser) == set()
    assert "xp-invitation" not in browser.cookies
    browser.post("/logout", "", OWN)
    assert signed_in_as(browser) is None
    provider.person = who("ben", email="another@example.org", email_verified=False)  # the number alone names him
    assert arrive(browser).headers["Location"] == "/"
    with tab(browser) as door:
        assert post(browser, door.open("")) == ["/auth/ticket"]
    assert signed_in_as(browser) == ben
    assert streamlits(browser) == set()


def test_a_stranger_without_an_invitation_stays_outside(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    arrive(browser)
    with tab(browser) as door:
        door.open("")
        assert NOT_OPEN["invite"].partition("{")[0] in door.said
        assert [name for widget in door.widgets if (name := widget.rpartition("-")[2]) != "xp_language"] == ["to_in"]
        door.use(pressed(door.id_of("to_in")))
        assert post(browser, door) == ["/auth/forget"]
    assert streamlits(browser) == set()
    assert (store.user_ids(), signed_in_as(browser)) == ([ANA], None)


def test_the_address_of_somebody_who_is_here_makes_no_account_and_opens_none(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    accounts.change_password(ANA, "a walk before breakfast", now=now())
    provider.person = who("ana")
    token = accounts.newcomers.invitation("", "for anybody").partition("=")[2]
    arrive(browser)
    with tab(browser) as door:
        door.open("", f"invitation={token}")
        assert "ana@example.org" in door.said
        fields = [filled(door.id_of("up_name"), "Ana"), filled(door.id_of("up_email"), "ana@example.org")]
        door.use(*fields, pressed(door.id_of("up_go")), query=f"invitation={token}")
        assert TAKEN in door.said
        assert door.posts == []
    assert (store.user_ids(), accounts.identities.of(ANA)) == ([ANA], [])


# --- what Streamlit keeps in the browser is worth nothing


def test_a_cookie_of_streamlits_opens_one_session_and_after_that_none(
    app: tuple[int, Path], browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    sign_up(browser, store, accounts, provider, "ben")
    browser.post("/logout", "", OWN)
    arrive(browser)
    thief = a_browser(app[0])
    thief.cookies |= {name: browser.cookies[name] for name in streamlits(browser)}
    with tab(browser) as door:
        post(browser, door.open(""))
    with tab(thief) as door:
        door.open("")
        assert door.posts == []
        assert door.id_of("in_go")
    assert signed_in_as(thief) is None


def test_a_cookie_of_streamlits_opens_nothing_after_ten_minutes(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    sign_up(browser, store, accounts, provider, "ben")
    browser.post("/logout", "", OWN)
    provider.claims = {"iat": int(now().timestamp()) - 601}
    arrive(browser)
    with tab(browser) as door:
        door.open("")
        assert door.posts == []
        assert door.id_of("in_go")


def test_neither_a_route_nor_a_cookie_of_streamlits_gives_anything_without_a_session_of_ours(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    ben = sign_up(browser, store, accounts, provider, "ben")
    browser.post("/logout", "", OWN)
    answer = arrive(browser)
    [cookie] = [line for line in answer.headers.get_all("Set-Cookie", []) if line.startswith("_streamlit_user")]
    assert "HttpOnly" in cookie
    assert "Max-Age=600;" in cookie
    assert browser.get("/export").status == 303
    assert browser.post("/taps", "{}", OWN).status == 401
    for path in ("/auth/login", "/auth/login?provider=acme", "/oauth2callback", "/oauth2callback?code=1&state=2"):
        answer = browser.get(path)
        assert (answer.status, answer.headers["Location"], answer.text) == (303, FAILED, "")
    assert browser.get("/auth/logout").status == 404
    with tab(browser) as door:
        door.open("profile", "room=Account")
        assert ben not in door.said
        assert "ben@example.org" not in door.said
    assert signed_in_as(browser) is None


def test_another_site_cannot_let_an_arrival_go(browser: Browser, provider: Provider) -> None:
    arrive(browser)
    assert browser.post("/auth/forget", "", {"Origin": "https://evil.example"}).status == 403
    assert streamlits(browser) == {"_streamlit_user"}


OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
MISBEHAVIOURS = {
    "refuses": {"refuses": "access_denied"},
    "answers another question": {"state": "made up"},
    "is down": {"is_down": True},
    "signs with another key": {"signs_with": OTHER_KEY},
    "is another": {"claims": {"iss": "https://evil.example"}},
    "speaks to somebody else": {"claims": {"aud": "another client"}},
    "repeats an old word": {"claims": {"nonce": "of another sign-in"}},
    "speaks of long ago": {"claims": {"exp": 1}},
    "is ahead of time": {"claims": {"iat": int(now().timestamp()) + 3600}},
}


@pytest.mark.parametrize("how", MISBEHAVIOURS.values(), ids=MISBEHAVIOURS)
def test_from_a_provider_that_misbehaves_nobody_comes(
    browser: Browser, provider: Provider, how: dict[str, object]
) -> None:
    for name, value in how.items():
        setattr(provider, name, value)
    assert arrive(browser).headers["Location"] == FAILED
    assert "_streamlit_user" not in browser.cookies


def test_the_page_says_when_nobody_came_from_a_provider(browser: Browser) -> None:
    with tab(browser) as door:
        assert "That sign-in did not work" in door.open("", FAILED.partition("?")[2]).said


# --- connecting


def test_somebody_who_is_signed_in_connects_their_own_address_by_a_button(
    app: tuple[int, Path], browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    provider.person = who("ana", email="ANA@example.org", email_verified="true")
    sign_in(browser, accounts)
    arrive(browser, "profile", "connect_acme", "room=Account")
    with tab(browser) as page:
        page.open("")
        assert accounts.identities.of(ANA) == []
        page.use(pressed(page.id_of("arrival_connect")))
        assert post(browser, page) == ["/auth/forget"]
    [connection] = accounts.identities.of(ANA)
    assert connection.provider == "acme"
    assert streamlits(browser) == set()
    assert signed_in_as(browser) == ANA
    other = a_browser(app[0])
    arrive(other)
    with tab(other) as door:
        post(other, door.open(""))
    assert signed_in_as(other) == ANA


@pytest.mark.parametrize(
    "claims",
    [{"email": "ben@example.org"}, {"email_verified": False}, {"email_verified": None}, {"email": ""}],
    ids=["of somebody else", "not proved", "nothing said of a proof", "none"],
)
def test_an_address_that_is_not_proved_to_be_the_persons_connects_nothing(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider, claims: dict[str, object]
) -> None:
    provider.person = who("ana", **claims)
    sign_in(browser, accounts)
    arrive(browser, "profile", "connect_acme", "room=Account")
    with tab(browser) as page:
        page.open("")
        assert "does not say that ana@example.org is yours" in page.said
        assert not [widget for widget in page.widgets if widget.endswith("arrival_connect")]
        page.use(pressed(page.id_of("arrival_go_on")))
        assert post(browser, page) == ["/auth/forget"]
    assert accounts.identities.of(ANA) == []


def test_an_account_whose_address_is_not_confirmed_connects_nothing(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    with store.edit(ANA) as user:
        user.email_confirmed = False
    provider.person = who("ana")
    sign_in(browser, accounts)
    arrive(browser, "profile", "connect_acme", "room=Account")
    with tab(browser) as page:
        assert "does not say that ana@example.org is yours" in page.open("").said
    assert accounts.identities.of(ANA) == []


def test_an_identity_opens_one_account(
    app: tuple[int, Path], browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    ben = sign_up(browser, store, accounts, provider, "ben")
    provider.person = who("ben", email="ana@example.org")
    other = sign_in(a_browser(app[0]), accounts)
    arrive(other, "profile", "connect_acme", "room=Account")
    with tab(other) as page:
        assert CONNECTED in page.open("").said
    assert (len(accounts.identities.of(ben)), accounts.identities.of(ANA)) == (1, [])


def test_a_connection_is_undone_where_it_is_not_the_only_way_in(
    browser: Browser, store: Store, accounts: Accounts, provider: Provider
) -> None:
    ben = sign_up(browser, store, accounts, provider, "ben")
    with store.edit(ben) as user:
        user.coaching_profile.onboarding_complete = True
    with tab(browser) as page:
        page.open("profile", "room=Account")
        page.use(pressed(page.id_of("disconnect_0")), page="profile", query="room=Account")
        assert "only way in" in page.said
        here = session_id(browser.cookies["xp"])
        accounts.change_password(ben, "a walk before breakfast", now=now(), but=here)
        page.use(pressed(page.id_of("disconnect_0")), page="profile", query="room=Account")
        assert "does not sign you in any more" in page.said
    assert accounts.identities.of(ben) == []
