"""Websockets are not opened without end, and nobody's take another's room."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from routes.middleware import SOCKETS_MOST, LiveSockets, SessionMiddleware

PHONE, OFFICE = "203.0.113.9", "198.51.100.7"


class Door:
    """The middleware before an app whose sockets stay open until told; a visitor's cookie is their session."""

    def __init__(self) -> None:
        self._leave = asyncio.Event()
        self._app = SessionMiddleware(self._stay, self._session_of, lambda _: True, LiveSockets())

    async def _stay(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        await self._leave.wait()

    async def _silence(self) -> Any:
        await self._leave.wait()

    def _session_of(self, connection: HTTPConnection) -> str | None:
        return connection.headers.get("cookie")

    async def knock(self, address: str | None, session: str = "") -> tuple[str, asyncio.Task[None]]:
        """What a new socket is told first, and the socket."""
        said: asyncio.Queue[Any] = asyncio.Queue()
        headers = [(b"cookie", session.encode())] if session else []
        client = (address, 5000) if address else None
        scope = {"type": "websocket", "path": "/_stcore/stream", "headers": headers, "client": client}
        socket = asyncio.ensure_future(self._app(scope, self._silence, said.put))
        return (await said.get())["type"], socket

    async def end(self, sockets: list[asyncio.Task[None]]) -> None:
        """Let every socket go."""
        for socket in sockets:
            socket.cancel()
        await asyncio.gather(*sockets, return_exceptions=True)


@pytest.mark.parametrize("session", ["", "a" * 64])
def test_a_network_of_strangers_and_a_sign_in_have_room_for_so_many_sockets(session: str) -> None:
    async def walk() -> None:
        door, sockets = Door(), []
        for _ in range(SOCKETS_MOST):
            told, socket = await door.knock(PHONE, session)
            assert told == "websocket.accept"
            sockets.append(socket)
        told, refused = await door.knock(PHONE, session)
        assert told == "websocket.close"
        for address, other in ((OFFICE, ""), (PHONE, "b" * 64), (None, ""), ("127.0.0.1", "")):
            told, socket = await door.knock(address, other)
            assert told == "websocket.accept"
            sockets.append(socket)
        await door.end([sockets.pop(0)])
        told, again = await door.knock(PHONE, session)
        assert told == "websocket.accept"
        await door.end([*sockets, refused, again])

    asyncio.run(walk())
