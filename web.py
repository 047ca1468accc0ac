"""The app as one ASGI program: the screens of tracker.py, and beside them sign-in cookie, signed links and health."""

from __future__ import annotations

import gc
import importlib
import json
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from pathlib import Path
from urllib.parse import urlparse

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from accounts import SESSION_LASTS, TICKETS, Accounts, is_stored, session_id
from core.letters.link_pages import Page
from letter_pages import gone, letter_route, page
from links import BadLinkError, read_sign_in_link
from middleware import LiveSockets, SecurityHeadersMiddleware, SessionMiddleware
from screens.parts import store_trouble
from settings import Settings, SettingsError, read_settings
from storage import Store, StoreError, open_store
from tap_route import tap_route

HERE = Path(__file__).resolve().parent
TICKET_LENGTH_MOST = 100
HEARTBEAT = "cache/scheduler.json"  # what the scheduler writes each minute: {"at", "mail", …}
HEARTBEAT_LASTS = timedelta(minutes=3)
WELL = {"ok", "never seen"}
HEAVY_MODULES = ("pandas", "altair", "pyarrow", "scipy.special")  # otherwise loaded by the first visitor
log = logging.getLogger("xp.web")
SOCKETS = LiveSockets()
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class House:
    """What every route needs: settings, store and sign-ins, opened once."""

    settings: Settings
    store: Store
    accounts: Accounts

    @property
    def is_https(self) -> bool:
        """Whether people reach the app over TLS."""
        return self.settings.base_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers take __Host- over TLS only, from this very host and for every path."""
        return "__Host-xp" if self.is_https else "xp"


@cache
def open_house() -> House:
    """Open everything once. Raises SettingsError or StoreError with one sentence, and tries again the next time."""
    settings = read_settings()
    store = open_store(settings.data_dir)
    return House(settings, store, Accounts(store, settings))


def _open_session(connection: HTTPConnection) -> str | None:
    """The id of the open session whose cookie a request brings, if any."""
    try:
        house = open_house()
        token = connection.cookies.get(house.cookie)
        if token and house.accounts.session_user(token, now=datetime.now(UTC)):
            return session_id(token)
    except (SettingsError, StoreError) as error:
        log.warning("nobody is signed in: %s", error)
    return None


def _who_taps(request: Request) -> str | None:
    """The person whose open session a request's cookie names, if any."""
    house = open_house()
    token = request.cookies.get(house.cookie)
    return house.accounts.session_user(token, now=datetime.now(UTC)) if token else None


def says_its_trouble(handler: Handler) -> Handler:
    """A route that answers settings or files which cannot be used with a page of one sentence, and 503."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (SettingsError, StoreError) as error:
            log.error("%s: %s", handler.__name__, error)
            return _page("This cannot be done now", "Nothing was changed. Try again in a few minutes.", status=503)

    return answer


def same_origin(handler: Handler) -> Handler:
    """A route whose POST is taken from our own pages only (Streamlit's XSRF token does not cover routes)."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        if request.method == "POST" and not _is_from_here(request):
            return PlainTextResponse("This came from another site, so nothing was done.", 403)
        return await handler(request)

    return answer


def _is_from_here(connection: HTTPConnection) -> bool:
    origin = connection.headers.get("origin")
    if origin is None:  # every browser of today sends it with a POST; SameSite=Lax holds for the others
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlparse(origin).netloc in (connection.headers.get("host"), _own_host())


def _own_host() -> str | None:
    try:
        return urlparse(read_settings().base_url).netloc
    except SettingsError:
        return None


@says_its_trouble
@same_origin
async def take_ticket(request: Request) -> Response:
    """POST /auth/ticket: the ticket that the sign-in screen issued becomes the cookie."""
    body = (await request.body())[:TICKET_LENGTH_MOST]
    user_id = TICKETS.redeem(body.decode("ascii", "replace"), now=datetime.now(UTC))
    if user_id is None:
        return PlainTextResponse("This sign-in took too long. Load the page and sign in once more.", 403)
    return await _signed_in(request, user_id, PlainTextResponse("signed in"))


@says_its_trouble
@same_origin
async def sign_out(request: Request) -> Response:
    """POST /logout: the session ends here, on the disk, and in every open tab."""
    await _end_session(request)
    house = open_house()
    response = RedirectResponse("/", 303)
    response.delete_cookie(house.cookie, httponly=True, samesite="lax", secure=house.is_https)
    return response


@says_its_trouble
@same_origin
async def follow_sign_in_link(request: Request) -> Response:
    """GET shows a button (mail scanners follow links), POST signs in."""
    try:
        house = open_house()
        user_id = read_sign_in_link(house.store.secret(), request.path_params["token"])
    except BadLinkError as error:
        return _page("This link does not open", str(error), status=403)
    if not await run_in_threadpool(is_stored, house.store, user_id):
        return gone()
    if request.method != "POST":
        return _page("Sign in", "This link signs you in on this device.", button="Sign in")
    return await _signed_in(request, user_id, RedirectResponse("/", 303))


async def health(_: Request) -> Response:
    """GET /healthz: how the app, its store, the scheduler and the mail server are; 503 when one of them is not well.

    A scheduler that was never seen is none: an installation may run the app alone.
    """
    try:
        await run_in_threadpool(_write_something)
        found = {"app": "ok", "store": "ok", **await run_in_threadpool(_scheduler_health, datetime.now(UTC))}
    except (SettingsError, StoreError, OSError):
        return JSONResponse({"app": "ok", "store": "not writable"}, 503)
    return JSONResponse(found, 200 if set(found.values()) <= WELL else 503)


def _scheduler_health(now: datetime) -> dict[str, str]:
    """What the scheduler wrote at its last tick; a note that cannot be read is one that came too late."""
    try:
        note = json.loads((open_house().settings.data_dir / HEARTBEAT).read_text(encoding="utf-8"))
        age, mail = abs(now - datetime.fromisoformat(note["at"])), note["mail"]
    except FileNotFoundError:
        return {"scheduler": "never seen", "mail": "never seen"}
    except (OSError, ValueError, TypeError, KeyError):
        return {"scheduler": "late", "mail": "never seen"}
    known = mail if mail in ("ok", "refused", "unreachable") else "never seen"
    return {"scheduler": "ok" if age <= HEARTBEAT_LASTS else "late", "mail": known}


def _write_something() -> None:
    with tempfile.TemporaryFile(dir=open_house().store.folder / "tmp") as probe:
        probe.write(b"ok")
        probe.flush()


async def _signed_in(request: Request, user_id: str, response: Response) -> Response:
    """The response with the cookie of a new session: a token that came with the request is never taken over."""
    house = open_house()
    await _end_session(request)
    token = await run_in_threadpool(house.accounts.open_session, user_id, now=datetime.now(UTC))
    response.set_cookie(
        house.cookie,
        token,
        max_age=int(SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=house.is_https,
    )
    return response


async def _end_session(request: Request) -> None:
    house = open_house()
    token = request.cookies.get(house.cookie)
    if token:
        await run_in_threadpool(house.accounts.close_session, token)
        SOCKETS.close(session_id(token))


def _page(title: str, *sentences: str, button: str = "", status: int = 200) -> HTMLResponse:
    return page(Page(title, sentences, button=button), status)


def _store() -> Store:
    return open_house().store


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Open the house, and put what stays for good out of the garbage collector's way.

    Streamlit collects after every run of a script; without the freeze that takes 40 ms of each tap.
    """
    logging.getLogger("uvicorn.access").disabled = True  # addresses of links are secrets
    try:
        house = await run_in_threadpool(open_house)
        await run_in_threadpool(house.accounts.close_expired, now=datetime.now(UTC))
    except (SettingsError, StoreError) as error:
        log.error("%s", error)
    for name in HEAVY_MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    yield


def say_trouble_in_place(error: Exception) -> bool:
    """What a tap or a part of a screen ran into; tracker.py itself says what a whole run does."""
    if isinstance(error, StoreError):
        store_trouble(error)
    return isinstance(error, StoreError)


app = st.App(
    HERE / "tracker.py",
    on_script_error=say_trouble_in_place,
    lifespan=lifespan,
    middleware=[
        Middleware(SecurityHeadersMiddleware),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        Middleware(SessionMiddleware, session_of=_open_session, is_from_here=_is_from_here, sockets=SOCKETS),
    ],
    routes=[
        Route("/auth/ticket", take_ticket, methods=["POST"]),
        Route("/auth/link/{token}", follow_sign_in_link, methods=["GET", "POST"]),
        Route("/logout", sign_out, methods=["POST"]),
        Route("/l/{token}", says_its_trouble(letter_route(_store)), methods=["GET", "POST"]),
        Route("/taps", says_its_trouble(same_origin(tap_route(_store, _who_taps))), methods=["POST"]),
        Route("/healthz", health),
    ],
)
