"""What one sign-in sends stays bounded in memory, and nobody loses a file to another."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from routes.middleware import UPLOADS
from routes.uploads import (
    COMING_MOST,
    FILES_MOST,
    OCTETS_MOST,
    PACE,
    PATIENCE,
    Coming,
    Kept,
    Paced,
    TooSlowError,
    UploadsMiddleware,
    file_most,
)

PIECE = bytes(OCTETS_MOST // 8)


def held(manager: MemoryUploadedFileManager, tabs: set[str]) -> list[UploadedFileRec]:
    return [file for tab in tabs for file in manager.file_storage.get(tab, {}).values()]


def put(kept: Kept, manager: MemoryUploadedFileManager, sid: str, tab: str, name: str, size: int) -> None:
    manager.add_file(tab, UploadedFileRec(file_id=name, name=name, type="text/csv", data=PIECE[:size]))
    kept.note(sid, (tab, name), manager)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, len(PIECE))), max_size=60))
def test_a_sign_in_holds_so_many_files_and_octets_at_most_and_its_newest_always(sent: list[tuple[str, int]]) -> None:
    kept, manager = Kept(), MemoryUploadedFileManager(UPLOADS)
    for n, (tab, size) in enumerate(sent):
        put(kept, manager, "ana", tab, str(n), size)
        files = held(manager, {"a", "b"})
        assert len(files) <= FILES_MOST
        assert sum(len(file.data) for file in files) <= OCTETS_MOST
        assert str(n) in {file.file_id for file in files}


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(1, file_most() + 1)), max_size=40))
def test_what_is_on_its_way_has_a_bound_for_a_file_for_a_sign_in_and_for_all(sent: list[tuple[str, int]]) -> None:
    coming, let_in = Coming(), list[tuple[str, int]]()
    with ExitStack() as stack:
        for sid, octets in sent:
            fits = octets <= file_most() and octets + _sum(let_in, sid) <= OCTETS_MOST
            fits = fits and octets + _sum(let_in) <= COMING_MOST
            assert stack.enter_context(coming.room(sid, octets)) == fits
            let_in += [(sid, octets)] if fits else []
    with ExitStack() as stack:  # whoever has arrived leaves the room to others
        assert all(stack.enter_context(coming.room("a", file_most())) for _ in range(OCTETS_MOST // file_most()))


def _sum(let_in: list[tuple[str, int]], sid: str = "") -> int:
    return sum(octets for one, octets in let_in if sid in ("", one))


def test_the_files_of_somebody_else_stay() -> None:
    kept, manager = Kept(), MemoryUploadedFileManager(UPLOADS)
    put(kept, manager, "ben", "of ben", "his", 10)
    for n in range(3 * FILES_MOST):
        put(kept, manager, "ana", "of ana", str(n), 10)
    assert [file.file_id for file in held(manager, {"of ben"})] == ["his"]


def test_files_that_are_gone_count_no_more() -> None:
    kept, manager = Kept(), MemoryUploadedFileManager(UPLOADS)
    for n in range(FILES_MOST):
        put(kept, manager, "ana", "left", str(n), 10)
    manager.remove_session_files("left")
    for n in range(FILES_MOST):
        put(kept, manager, "ana", "open", str(n), 10)
    assert len(held(manager, {"open"})) == FILES_MOST


class Sender:
    """Somebody who sends pieces, so many octets after so many seconds each, by a clock of their own."""

    def __init__(self, pieces: list[tuple[int, float]]) -> None:
        self.pieces, self.now = list(pieces), 0.0

    def clock(self) -> float:
        return self.now

    async def receive(self) -> Message:
        if not self.pieces:
            return {"type": "http.disconnect"}
        octets, seconds = self.pieces.pop(0)
        self.now += seconds
        return {"type": "http.request", "body": bytes(octets), "more_body": bool(self.pieces)}


@given(st.lists(st.tuples(st.integers(0, 4 * PACE), st.floats(0, 1.5 * PATIENCE)), min_size=1, max_size=20))
def test_a_file_gives_back_its_room_once_it_is_behind_the_least_pace(pieces: list[tuple[int, float]]) -> None:
    sender, came = Sender(pieces), 0
    paced = Paced(sender.receive, sender.clock)

    async def read() -> None:
        nonlocal came
        for octets, _seconds in pieces:
            assert len((await paced())["body"]) == octets
            came += 1

    with suppress(TooSlowError):
        asyncio.run(read())
    takes, has = 0.0, PATIENCE
    for n, (octets, seconds) in enumerate(pieces):
        takes += seconds
        assert (n < came) == (takes <= has)
        if takes > has:
            break
        has += octets / PACE


def test_who_sends_nothing_more_is_not_waited_for_beyond_the_patience_and_one_who_is_ready_is() -> None:
    clock = iter([0.0, PATIENCE + 1])  # where nobody sends anything, time goes by all the same
    silent = Paced(asyncio.Event().wait, lambda: next(clock))  # type: ignore[arg-type]
    with pytest.raises(TooSlowError):
        asyncio.run(silent())
    sender = Sender([(10, 1.0)])
    ready = Paced(sender.receive, sender.clock)

    async def read() -> tuple[Message, Message]:
        whole = await ready()
        sender.now = 10 * PATIENCE  # what is made of the file may take its time
        return whole, await ready()

    whole, then = asyncio.run(read())
    assert (whole["body"], then["type"]) == (bytes(10), "http.disconnect")


def test_whoever_comes_too_slowly_is_told_so_and_the_room_is_there_for_the_next() -> None:
    sender, answered = Sender([]), list[Message]()

    async def takes_all(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive()).get("more_body"):
            pass

    async def hear(message: Message) -> None:
        answered.append(message)

    middleware = UploadsMiddleware(takes_all, lambda _asks: "ana", sender.clock)
    length = [(b"content-length", str(file_most()).encode())]
    scope = {"type": "http", "method": "PUT", "path": f"{UPLOADS}/a/b", "headers": length}
    times = 2 * OCTETS_MOST // file_most()
    for _ in range(times):
        sender.pieces = [(10, 0), (10, PATIENCE + 1), (10, 0)]
        asyncio.run(middleware(scope, sender.receive, hear))
    assert [message["status"] for message in answered if "status" in message] == [408] * times
