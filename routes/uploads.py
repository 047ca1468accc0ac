"""How much memory the files that people send may take, on their way and once they are here.

Files on their way have a limit for each sign-in and one for all: a request beyond them is refused before it is read.
Of those that are here, the oldest of a sign-in make room for its newest. A file that comes too slowly is let go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from core.catalogue import _
from routes.middleware import UPLOADS

FILES_MOST = 20  # of one sign-in, in all of its tabs; the screen that takes files reads ten
OCTETS_MOST = 60 * 1024 * 1024  # three times what that screen reads
COMING_MOST = 4 * OCTETS_MOST  # of everybody, on their way at once
PATIENCE = 30.0  # seconds that a file may be behind its pace
PACE = 16 * 1024  # octets a second: a poor connection of a phone; the largest file has 22 minutes

SessionOf = Callable[[HTTPConnection], str | None]
Place = tuple[str, str]  # a tab and a file in it, as Streamlit names them


class Kept:
    """Where the files of each sign-in are, the oldest first."""

    def __init__(self) -> None:
        self._places: dict[str, dict[Place, None]] = {}
        self._lock = Lock()

    def note(self, sid: str, place: Place, manager: MemoryUploadedFileManager) -> None:
        """A file of a sign-in has come; take its oldest ones away beyond what may stay."""
        with self._lock:
            self._places.setdefault(sid, {})[place] = None
            for one in list(self._places):
                self._forget_the_gone(one, manager)
            places, octets = list(self._places.get(sid, ())), 0
            for n, (tab, file) in enumerate(reversed(places)):
                octets += _octets(manager, (tab, file))
                if n >= FILES_MOST or octets > OCTETS_MOST:
                    manager.remove_file(tab, file)
                    del self._places[sid][tab, file]

    def _forget_the_gone(self, sid: str, manager: MemoryUploadedFileManager) -> None:
        """Files that their tab has left or taken away."""
        there = {place: None for place in self._places[sid] if manager.get_files(place[0], [place[1]])}
        if there:
            self._places[sid] = there
        else:
            del self._places[sid]


def _octets(manager: MemoryUploadedFileManager, place: Place) -> int:
    return sum(len(file.data) for file in manager.get_files(place[0], [place[1]]))


def file_most() -> int:
    """How many octets a single file may have, with what a request puts around it."""
    return int(config.get_option("server.maxUploadSize")) * 1024 * 1024


class Coming:
    """How many octets are on their way: those of each sign-in, and of all."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    @contextmanager
    def room(self, sid: str, octets: int) -> Iterator[bool]:
        """Whether so many octets more may come; if so, they take their room until the block is left."""
        mine, all_in_all = self._of.get(sid, 0) + octets, sum(self._of.values()) + octets
        if octets > file_most() or mine > OCTETS_MOST or all_in_all > COMING_MOST:
            yield False
            return
        self._of[sid] = mine
        try:
            yield True
        finally:
            self._of[sid] -= octets
            if not self._of[sid]:
                del self._of[sid]


class TooSlowError(Exception):
    """A file that was behind its pace for longer than it is waited for."""


class Paced:
    """What a request brings, for as long as it keeps to the least pace; once all is here, nothing is hurried."""

    def __init__(self, receive: Receive, clock: Callable[[], float]) -> None:
        self._receive, self._clock = receive, clock
        self._due, self._is_whole = clock() + PATIENCE, False

    async def __call__(self) -> Message:
        """The next piece. Raises TooSlowError."""
        if self._is_whole:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._due - self._clock())
        except TimeoutError:
            raise TooSlowError from None
        if self._clock() > self._due:
            raise TooSlowError
        self._due += len(message.get("body", b"")) / PACE
        self._is_whole = not message.get("more_body", False)
        return message


class UploadsMiddleware:
    """Lets in what there is room for, by the length that is said beforehand, and notes what Streamlit has then.

    A server reads no more of a request than the length it says; one that says none is not read at all.
    """

    def __init__(self, app: ASGIApp, session_of: SessionOf, clock: Callable[[], float] = monotonic) -> None:
        self._app, self._session_of, self._clock = app, session_of, clock
        self._kept, self._coming = Kept(), Coming()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(f"{UPLOADS}/"):
            await self._app(scope, receive, send)
            return
        asks = HTTPConnection(scope)
        sid = await run_in_threadpool(self._session_of, asks)
        length = asks.headers.get("content-length", "")
        octets = int(length) if length.isascii() and length.isdigit() else file_most() + 1
        with self._coming.room(sid or "", octets) as is_there:
            if not is_there:
                too_much = _("This is more than can be taken in at once, so nothing was kept. Send a smaller file.")
                await PlainTextResponse(too_much, 413, {"Connection": "close"})(scope, receive, send)
                return
            try:
                await self._app(scope, Paced(receive, self._clock), send)
            except TooSlowError:  # Streamlit answers once it has read all of it, so that nothing is said yet
                too_slow = _("This came too slowly, so nothing was kept. Send it again on a better connection.")
                await PlainTextResponse(too_slow, 408, {"Connection": "close"})(scope, receive, send)
                return
        tab, _slash, file = scope["path"].removeprefix(f"{UPLOADS}/").partition("/")
        manager = get_instance().uploaded_file_mgr
        if sid is not None and isinstance(manager, MemoryUploadedFileManager):
            self._kept.note(sid, (tab, file), manager)
