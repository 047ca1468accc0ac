"""How much of what one sign-in has sent stays in memory: beyond that the oldest of its files go."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from middleware import UPLOADS

FILES_MOST = 20  # of one sign-in, in all of its tabs; the screen that takes files reads ten
OCTETS_MOST = 60 * 1024 * 1024  # three times what that screen reads

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


class UploadsMiddleware:
    """Notes each file that a sign-in has sent once Streamlit has it."""

    def __init__(self, app: ASGIApp, session_of: SessionOf) -> None:
        self._app, self._session_of, self._kept = app, session_of, Kept()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
        if scope["type"] != "http" or scope["method"] != "PUT" or not scope["path"].startswith(f"{UPLOADS}/"):
            return
        tab, _slash, file = scope["path"].removeprefix(f"{UPLOADS}/").partition("/")
        sid = await run_in_threadpool(self._session_of, HTTPConnection(scope))
        manager = get_instance().uploaded_file_mgr
        if sid is not None and isinstance(manager, MemoryUploadedFileManager):
            self._kept.note(sid, (tab, file), manager)
