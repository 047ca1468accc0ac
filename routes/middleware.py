"""What stands before every request: security headers, and whose session a websocket belongs to."""

from __future__ import annotations

import asyncio
import hashlib
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from accounts.attempts import network_of
from core.catalogue import ENGLISH, _, is_offered, speaking

SESSION_HEADER = b"x-xp-session"  # .streamlit/config.toml puts it into st.user
NOBODY = b"-"
# What Streamlit's page needs: one script of its own in the page (by its hash), styles that its parts write into the
# page, and the scripts of our components, which it loads from blob: addresses. Nothing comes from elsewhere.
PAGE_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' blob:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: with it a browser says "Origin: null" on our own forms
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
ONLY_TLS = "max-age=31536000"  # RFC 6797; without includeSubDomains: the neighbours are not ours
# What Streamlit offers besides and nobody here needs: numbers of the process, scripts run for programs, a way out that
# ends no session of ours. Its way in is guarded by openid.py.
CLOSED_PATHS = (
    *("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check"),
    "/auth/logout",
)
UPLOADS = "/_stcore/upload_file"  # files that a screen takes in: from whoever is signed in, and from our own pages

# What is served below a folder. Streamlit answers any other address with its own page: below a folder it finds nothing
# it needs from there and stays white, beside the screens it speaks of them in English.
FOLDERS = frozenset({"_stcore", "app", "auth", "component", "l", "media", "static"})

SOCKETS_MOST = 300  # open at once, of one sign-in, or of all strangers of one network: each takes half a MiB

SessionOf = Callable[[HTTPConnection], str | None]  # the id of the open session behind a request's cookie
IsFromHere = Callable[[HTTPConnection], bool]  # whether one of our own pages sent it


class LiveSockets:
    """The websockets that are open for each session, so that signing out reaches every tab at once; and for the
    strangers of each network, so that nobody opens them without end."""

    def __init__(self) -> None:
        self._open: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def switch(self, sid: str) -> Iterator[asyncio.Event]:
        """A switch for one socket, which `close` turns."""
        closed, self._loop = asyncio.Event(), asyncio.get_running_loop()
        self._open.setdefault(sid, set()).add(closed)
        try:
            yield closed
        finally:
            self._open[sid].discard(closed)
            if not self._open[sid]:
                del self._open[sid]

    def has_room(self, whose: str) -> bool:
        """Whether one more may be opened."""
        return len(self._open.get(whose, ())) < SOCKETS_MOST

    def close(self, sids: Iterable[str]) -> None:
        """Close every socket of these sessions, from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._turn, list(sids))

    def _turn(self, sids: list[str]) -> None:
        for sid in sids:
            for closed in self._open.get(sid, ()):
                closed.set()


SOCKETS = LiveSockets()  # screens and routes live in one process


class SessionMiddleware:
    """Tells the screens whose session a websocket belongs to, by a header that no browser can send through.

    A websocket of another site is closed here: Streamlit would ask the internet for its own address first. Whatever a
    tab says is heard only while its session is open, so that no widget's callback runs for one that has ended. A file
    is taken in from an open session alone.
    """

    def __init__(self, app: ASGIApp, session_of: SessionOf, is_from_here: IsFromHere, sockets: LiveSockets) -> None:
        self._app = app
        self._session_of = session_of
        self._is_from_here = is_from_here
        self._sockets = sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = [(name, value) for name, value in scope["headers"] if name.lower() != SESSION_HEADER]
        if scope["type"] == "http":
            answers = self._app if await self._may_ask(scope) else PlainTextResponse(_("There is nothing here."), 404)
            await answers({**scope, "headers": headers}, receive, send)
            return
        if not self._is_from_here(HTTPConnection(scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        sid = await run_in_threadpool(self._session_of, HTTPConnection(scope))
        asked = {**scope, "headers": [*headers, (SESSION_HEADER, sid.encode() if sid else NOBODY)]}
        whose = sid or network_of((scope.get("client") or ("",))[0])
        if whose and not self._sockets.has_room(whose):
            await send({"type": "websocket.close", "code": 1013})
            return
        if sid is None:
            with self._sockets.switch(whose) if whose else nullcontext():
                await self._app(asked, receive, send)
            return

        async def is_open() -> bool:
            return await run_in_threadpool(self._session_of, HTTPConnection(scope)) == sid

        with self._sockets.switch(sid) as closed:
            await self._app(asked, *_until(closed, is_open, receive, send))

    async def _may_ask(self, scope: Scope) -> bool:
        """Whether a request may go on: a file is taken in only from whoever has an open session, and from here."""
        if not scope["path"].startswith(UPLOADS):
            return True
        asks = HTTPConnection(scope)
        return self._is_from_here(asks) and await run_in_threadpool(self._session_of, asks) is not None


class SecurityHeadersMiddleware:
    """Puts the security headers on every response that does not bring its own, and closes the paths nobody needs.

    `places` are the addresses that lie in no folder; `astray` answers what is neither there nor in a folder that is.
    """

    def __init__(
        self, app: ASGIApp, page: str, is_https: Callable[[], bool], places: Collection[str], astray: ASGIApp
    ) -> None:
        self._app, self._places, self._astray = app, frozenset(places), astray
        self._headers = {**SECURITY_HEADERS, "Content-Security-Policy": page_policy(page)}
        self._is_https = is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if self._is_https():
                    headers.setdefault("Strict-Transport-Security", ONLY_TLS)
            await send(message)

        await self._answering(scope["path"])(scope, receive, send_with_headers)

    def _answering(self, path: str) -> ASGIApp:
        if path.startswith(CLOSED_PATHS):
            return PlainTextResponse(_("There is nothing here."), 404)
        place = path.removeprefix("/")
        return self._app if place in self._places or place.partition("/")[0] in FOLDERS else self._astray


class LanguageMiddleware:
    """Answers in the language that the browser asks for, unless whoever answers knows the person's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with speaking(wanted_language(HTTPConnection(scope).headers.get("accept-language", ""))):
            await self._app(scope, receive, send)


def wanted_language(header: str) -> str:
    """The first of the languages in an Accept-Language header (RFC 9110, 12.5.4) that people are spoken to in."""
    weighed = [(part.partition(";q=")) for part in header.replace(" ", "").split(",") if part]
    wished = sorted(weighed, key=lambda part: -_weight(part[2]))
    known = (tag for tag, _by, weight in wished if _weight(weight) and is_offered(tag.partition("-")[0].lower()))
    return next(known, ENGLISH)


def _weight(text: str) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0


def page_policy(page: str) -> str:
    """The Content-Security-Policy of a page of Streamlit's: the scripts that stand in it are allowed by their hash."""
    inline = re.findall(r'<script(?: type="module")?>(.*?)</script>', page, re.DOTALL)
    hashes = [b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    scripts = " ".join([PAGE_POLICY["script-src"], *(f"'sha256-{one}'" for one in hashes)])
    return "; ".join(f"{name} {value}" for name, value in {**PAGE_POLICY, "script-src": scripts}.items())


def _until(
    closed: asyncio.Event, is_open: Callable[[], Awaitable[bool]], receive: Receive, send: Send
) -> tuple[Receive, Send]:
    """The two ends of a websocket that hangs up once `closed` is set, or when something is said after its session has
    ended elsewhere, after telling the tab to load anew.

    Closing alone is not enough: the tab would reconnect as nobody and keep the old page on the screen.
    """
    is_over = False

    async def receive_until() -> Message:
        nonlocal is_over
        message, switch = asyncio.ensure_future(receive()), asyncio.ensure_future(closed.wait())
        await asyncio.wait({message, switch}, return_when=asyncio.FIRST_COMPLETED)
        switch.cancel()
        if message.done() and (message.result()["type"] != "websocket.receive" or await is_open()):
            return message.result()
        message.cancel()
        goodbye = ForwardMsg()
        goodbye.auth_redirect.url = "/"  # what st.logout sends
        is_over = True
        await send({"type": "websocket.send", "bytes": goodbye.SerializeToString()})
        await send({"type": "websocket.close", "code": 1012})
        return {"type": "websocket.disconnect", "code": 1012}

    async def send_until(message: Message) -> None:
        if not is_over:
            with suppress(OSError):  # the tab has left, which the next message from it says
                await send(message)

    return receive_until, send_until
