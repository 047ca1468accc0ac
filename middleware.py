"""What stands before every request: security headers, and whose session a websocket belongs to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SESSION_HEADER = b"x-xp-session"  # .streamlit/config.toml puts it into st.user
NOBODY = b"-"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: with it a browser says "Origin: null" on our own forms
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'",
}

SessionOf = Callable[[HTTPConnection], str | None]  # the id of the open session behind a request's cookie
IsFromHere = Callable[[HTTPConnection], bool]  # whether one of our own pages sent it


class LiveSockets:
    """The websockets that are open for each session, so that signing out reaches every tab at once."""

    def __init__(self) -> None:
        self._open: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def switch(self, sid: str) -> Iterator[asyncio.Event]:
        """A switch for one socket, which `close` turns."""
        closed = asyncio.Event()
        self._open.setdefault(sid, set()).add(closed)
        try:
            yield closed
        finally:
            self._open[sid].discard(closed)
            if not self._open[sid]:
                del self._open[sid]

    def close(self, sid: str) -> None:
        """Close every socket of a session."""
        for closed in self._open.get(sid, ()):
            closed.set()


class SessionMiddleware:
    """Tells the screens whose session a websocket belongs to, by a header that no browser can send through.

    A websocket of another site is closed here: Streamlit would ask the internet for its own address first.
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
            await self._app({**scope, "headers": headers}, receive, send)
            return
        if not self._is_from_here(HTTPConnection(scope)):
            await send({"type": "websocket.close", "code": 1008})
            return
        sid = await run_in_threadpool(self._session_of, HTTPConnection(scope))
        scope = {**scope, "headers": [*headers, (SESSION_HEADER, sid.encode() if sid else NOBODY)]}
        if sid is None:
            await self._app(scope, receive, send)
            return
        with self._sockets.switch(sid) as closed:
            await self._app(scope, *_until(closed, receive, send))


class SecurityHeadersMiddleware:
    """Puts the security headers on every response that does not bring its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def _until(closed: asyncio.Event, receive: Receive, send: Send) -> tuple[Receive, Send]:
    """The two ends of a websocket that hangs up once `closed` is set, after telling the tab to load anew.

    Closing alone is not enough: the tab would reconnect as nobody and keep the old page on the screen.
    """
    is_over = False

    async def receive_until() -> Message:
        nonlocal is_over
        message, switch = asyncio.ensure_future(receive()), asyncio.ensure_future(closed.wait())
        await asyncio.wait({message, switch}, return_when=asyncio.FIRST_COMPLETED)
        switch.cancel()
        if message.done():
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
            await send(message)

    return receive_until, send_until
