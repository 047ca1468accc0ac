"""Lanes: threads that take turns at working, and wait for servers, disks and other processes side by side."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_in_lane = threading.local()


def in_lanes(count: int, work: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
    """What `work` answers for every item, in their order, done in so many threads of which one computes at a time.

    The interpreter runs one thread at a time anyway, and threads that compete for it cost half as much again.
    Everything in `work` that may block has to stand in `waiting`, or else all lanes wait for it.
    """
    turn = threading.Lock()

    def one(item: Item) -> Answer:
        _in_lane.turn = turn
        with turn:
            return work(item)

    with ThreadPoolExecutor(count, thread_name_prefix="lane") as lanes:
        return list(lanes.map(one, items))


class waiting:  # noqa: N801 (it stands after `with`)
    """The block waits for something outside this process: other lanes work meanwhile.

    A block within another is part of the same wait: each change of turns takes time of its own.
    """

    def __enter__(self) -> None:
        self._turn: threading.Lock | None = getattr(_in_lane, "turn", None)
        if self._turn is not None:
            _in_lane.turn = None
            self._turn.release()

    def __exit__(self, *_: object) -> None:
        if self._turn is not None:
            self._turn.acquire()
            _in_lane.turn = self._turn


def lock_file(descriptor: int) -> None:
    """Hold the lock of an open file, once nobody else does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        with waiting():
            fcntl.flock(descriptor, fcntl.LOCK_EX)
