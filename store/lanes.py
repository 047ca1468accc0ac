"""Lanes: threads that take turns at working, and wait for servers, disks and other processes side by side."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

_in_lane = threading.local()


def in_lanes(count: int, work: Callable[[Item], Answer], items: Iterable[Item], *, processor: int = 0) -> list[Answer]:
    """What `work` answers for every item, in their order, done in so many threads of which one computes at a time.

    The interpreter runs one thread at a time anyway, and threads that compete for it cost half as much again.
    Everything in `work` that may block has to stand in `waiting`, or else all lanes wait for it. The lanes share one
    processor, the n-th of those this process may use: whose turn it is finds in its caches what the one before left
    there. What `work` raises ends its lane, and is raised here once the others have done the rest.
    """
    turn, ahead, answers = threading.Lock(), iter(enumerate(items)), dict[int, Answer]()

    def lane() -> None:
        _in_lane.turn = turn
        with turn:
            for n, item in ahead:  # each takes the next while it is its turn
                answers[n] = work(item)

    own = (_nth_processor(processor),)
    with ThreadPoolExecutor(count, thread_name_prefix="lane", initializer=_stay_on, initargs=own) as lanes:
        at_work = [lanes.submit(lane) for _ in range(count)]
    for done in at_work:
        done.result()
    return [answer for _, answer in sorted(answers.items())]


def _nth_processor(n: int) -> set[int]:
    """One of the processors that this process may use; counted round. Empty where the system does not tell."""
    if not hasattr(os, "sched_getaffinity"):
        return set()
    usable = sorted(os.sched_getaffinity(0))
    return {usable[n % len(usable)]}


def _stay_on(processors: set[int]) -> None:
    """Keep this thread where it is told; where that is refused it may run anywhere."""
    if processors:
        with suppress(OSError):
            os.sched_setaffinity(0, processors)


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
