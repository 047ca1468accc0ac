"""The app as one ASGI program: the screens of tracker.py, and beside them sign-in cookie, signed links and health."""

from __future__ import annotations

import gc
import importlib
import json
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, request_response
from streamlit import file_util

from accounts.access import is_stored
from accounts.leaving import finish_leaving
from accounts.sessions import LASTS, TICKETS, device_name, session_id
from catalogues import find_catalogues
from core.catalogue import _, speaking
from mail.links import BadLinkError, read_sign_in_link
from routes.account_pages import choose_password, export, move_address
from routes.first_paint import page_route, script_and_style
from routes.house import (
    body_of,
    is_from_here,
    is_https,
    open_house,
    open_session_of,
    providers,
    said,
    same_origin,
    says_its_trouble,
)
from routes.letter_pages import gone, letter_route, nothing_there
from routes.middleware import SOCKETS, LanguageMiddleware, SecurityHeadersMiddleware, SessionMiddleware
from routes.openid import CALLBACK, OpenIdMiddleware, forget_arrival, load_sign_in
from routes.streamlit_files import StreamlitFilesMiddleware, page_for_today
from routes.tap_route import tap_route
from routes.uploads import UploadsMiddleware
from screens import ways
from screens.parts import store_trouble
from settings import SettingsError
from storage import Store, StoreError

HERE = Path(__file__).resolve().parent
TICKET_LENGTH_MOST = 100
STREAMLITS = Path(file_util.get_static_dir())
PAGE = page_for_today(STREAMLITS)
FIRST_PAINT = script_and_style()
HEARTBEAT = "cache/scheduler.json"  # what the scheduler writes each half minute: {"at", "mail", …}
HEARTBEAT_LASTS = timedelta(minutes=3)
WELL = {"ok", "never seen"}
HEAVY_MODULES = ("pandas", "altair", "pyarrow", "scipy.special")  # otherwise loaded by the first visitor
log = logging.getLogger("xp.web")


def _who_asks(request: Request) -> str | None:
    """The person whose open session a request's cookie names, if any."""
    sid = open_session_of(request)
    return open_house().accounts.sessions.user_of(sid, now=datetime.now(UTC)) if sid else None


@says_its_trouble
@same_origin
async def take_ticket(request: Request) -> Response:
    """POST /auth/ticket: the ticket that the sign-in screen issued becomes the cookie."""
    ticket = await body_of(request, TICKET_LENGTH_MOST)
    user_id = TICKETS.redeem(ticket.decode("ascii", "replace"), now=datetime.now(UTC))
    if user_id is None:
        return PlainTextResponse(_("This sign-in took too long. Load the page and sign in once more."), 403)
    return await _signed_in(request, user_id, PlainTextResponse("signed in"))


@says_its_trouble
@same_origin
async def sign_out(request: Request) -> Response:
    """POST /logout: the session ends here, on the disk, and in every open tab."""
    await _end_session(request)
    house = open_house()
    response = RedirectResponse("/", 303)
    response.delete_cookie(house.cookie, httponly=True, samesite="lax", secure=house.is_https)
    forget_arrival(request, response)
    return response


@same_origin
async def forget(request: Request) -> Response:
    """POST /auth/forget: whoever came from an OpenID provider stays out, and nothing of that stays in the browser."""
    response = PlainTextResponse("forgotten")
    forget_arrival(request, response)
    return response


@says_its_trouble
@same_origin
async def follow_sign_in_link(request: Request) -> Response:
    """GET shows a button (mail scanners follow links), POST signs in."""
    try:
        house = open_house()
        user_id = read_sign_in_link(house.store.secret(), request.path_params["token"])
    except BadLinkError as error:
        return said(_("This link does not open"), str(error), status=403)
    if not await run_in_threadpool(is_stored, house.store, user_id):
        return gone()
    if request.method != "POST":
        with speaking((await run_in_threadpool(house.store.read, user_id)).locale):
            return said(_("Sign in"), _("This link signs you in on this device."), button=_("Sign in"))
    return await _signed_in(request, user_id, RedirectResponse("/", 303))


@says_its_trouble
async def go_astray(request: Request) -> Response:
    """The answer to an address at which nothing is: whoever is signed in reads it in their own language."""
    user_id = await run_in_threadpool(_who_asks, request)
    if user_id is None:
        return nothing_there()
    with speaking((await run_in_threadpool(_store().read, user_id)).locale):
        return nothing_there()


async def health(_request: Request) -> Response:
    """GET /healthz: how the app, its store, the scheduler and the mail server are; 503 when one of them is not well.

    A scheduler that was never seen is no fault: an installation may run the app alone.
    """
    try:
        await run_in_threadpool(_write_something)
        found = {"app": "ok", "store": "ok", **await run_in_threadpool(_scheduler_health, datetime.now(UTC))}
    except (SettingsError, StoreError, OSError):
        return JSONResponse({"app": "ok", "store": "not writable"}, 503)
    return JSONResponse(found, 200 if set(found.values()) <= WELL else 503)


def _scheduler_health(now: datetime) -> dict[str, str]:
    """How the scheduler and its mail server are, by its last note; one that cannot be read counts as late."""
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
    device = device_name(request.headers.get("user-agent", ""))
    token = await run_in_threadpool(house.accounts.sessions.open, user_id, now=datetime.now(UTC), device=device)
    house.set_cookie(response, house.cookie, token, LASTS)
    house.mark_device(response, user_id)
    forget_arrival(request, response)
    return response


async def _end_session(request: Request) -> None:
    house = open_house()
    sid = session_id(request.cookies.get(house.cookie, ""))
    await run_in_threadpool(house.accounts.sessions.close, sid)
    SOCKETS.close([sid])


def _store() -> Store:
    return open_house().store


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """Open the house, and put what stays for good out of the garbage collector's way.

    Streamlit collects after every run of a script; without the freeze that takes 40 ms of each tap.
    """
    logging.getLogger("uvicorn.access").disabled = True  # addresses of links are secrets
    find_catalogues()
    try:
        house = await run_in_threadpool(open_house)
        await run_in_threadpool(house.accounts.sessions.close_expired, now=datetime.now(UTC))
        await run_in_threadpool(finish_leaving, house.store, house.settings)
        if house.providers:
            load_sign_in()
    except (SettingsError, StoreError, OSError) as error:
        log.error("%s", error)
    for name in HEAVY_MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    yield


def say_trouble_in_place(error: Exception) -> bool:
    """What a tap or a part of a screen ran into; tracker.py itself says what a whole run does."""
    if isinstance(error, OSError):  # a full disk, say
        log.error("a screen ran into this", exc_info=error)
        error = StoreError(str(error))
    if isinstance(error, StoreError):
        store_trouble(error)
    return isinstance(error, StoreError)


ROUTES = [
    Route("/", page_route(PAGE, FIRST_PAINT, _store, _who_asks), methods=["GET"]),
    Route("/auth/ticket", take_ticket, methods=["POST"]),
    Route("/auth/forget", forget, methods=["POST"]),
    Route("/auth/link/{token}", follow_sign_in_link, methods=["GET", "POST"]),
    Route("/auth/password/{token}", choose_password, methods=["GET", "POST"]),
    Route("/auth/address/{token}", move_address, methods=["GET", "POST"]),
    Route("/export", export, methods=["GET"]),
    Route("/logout", sign_out, methods=["POST"]),
    Route("/l/{token}", says_its_trouble(letter_route(_store)), methods=["GET", "POST"]),
    Route("/taps", says_its_trouble(same_origin(tap_route(_store, _who_asks))), methods=["POST"]),
    Route("/healthz", health),
]
# The addresses that lie in no folder: the screens', the routes', and those of Streamlit's own files.
PLACES = {
    *ways.ADDRESSES,
    *(route.path.lstrip("/") for route in ROUTES),
    CALLBACK.lstrip("/"),
    *(path.name for path in STREAMLITS.iterdir() if path.is_file()),
}
app = st.App(
    HERE / "tracker.py",
    on_script_error=say_trouble_in_place,
    lifespan=lifespan,
    middleware=[
        Middleware(LanguageMiddleware),
        Middleware(
            SecurityHeadersMiddleware,
            page=PAGE + FIRST_PAINT,
            is_https=is_https,
            places=PLACES,
            astray=request_response(go_astray),
        ),
        Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        Middleware(SessionMiddleware, session_of=open_session_of, is_from_here=is_from_here, sockets=SOCKETS),
        Middleware(UploadsMiddleware, session_of=open_session_of),
        Middleware(OpenIdMiddleware, providers=providers, is_https=is_https),
        Middleware(StreamlitFilesMiddleware, folder=STREAMLITS),
    ],
    routes=ROUTES,
)
