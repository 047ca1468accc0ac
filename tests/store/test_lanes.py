"""Lanes work one at a time and wait side by side."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Barrier, Event, Lock

import pytest

from store.lanes import in_lanes, lock_file, waiting

PATIENCE = 30  # seconds until a lane that is stuck fails the test


def test_every_item_is_worked_on_and_answered_in_order() -> None:
    assert in_lanes(3, lambda n: n * n, range(20)) == [n * n for n in range(20)]


def test_one_lane_works_at_a_time() -> None:
    at_work = Lock()

    def work(_: int) -> bool:
        is_alone = at_work.acquire(blocking=False)
        sum(range(10_000))
        at_work.release()
        with waiting():
            return is_alone

    assert all(in_lanes(4, work, range(200)))


def test_lanes_wait_side_by_side() -> None:
    together = Barrier(3)

    def work(_: int) -> None:
        with waiting():
            together.wait(PATIENCE)  # passed only by three at once

    in_lanes(3, work, range(6))


def test_a_wait_within_a_wait_is_one() -> None:
    together = Barrier(2)

    def work(_: int) -> None:
        with waiting():
            with waiting():
                together.wait(PATIENCE)
            together.wait(PATIENCE)  # the other lane is still not asked to wait for its turn

    in_lanes(2, work, range(4))


def test_what_waits_in_no_lane_just_waits() -> None:
    with waiting():
        pass


def test_what_one_lane_fails_at_the_others_do_the_rest() -> None:
    done = []

    def work(n: int) -> None:
        with waiting():
            if n == 0:
                raise OSError("the disk")
        done.append(n)

    with pytest.raises(OSError, match="the disk"):
        in_lanes(2, work, range(5))
    assert sorted(done) == [1, 2, 3, 4]


def test_two_lanes_that_want_one_file_do_not_stop_each_other(tmp_path: Path) -> None:
    path, is_held = tmp_path / "lock", Event()

    def work(first: bool) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        try:
            if not first:
                with waiting():
                    assert is_held.wait(PATIENCE)
            lock_file(descriptor)
            if first:
                with waiting():  # as when it writes durably: the other lane meanwhile asks for the lock
                    is_held.set()
                    sum(range(100_000))
        finally:
            os.close(descriptor)

    in_lanes(2, work, [True, False])


def test_lanes_share_the_processor_they_are_told_and_leave_their_process_its_own() -> None:
    usable = sorted(os.sched_getaffinity(0))
    for n in (0, 1, len(usable)):
        (mine,) = set(in_lanes(2, lambda _: tuple(os.sched_getaffinity(0)), range(8), processor=n))
        assert mine == (usable[n % len(usable)],)
    assert sorted(os.sched_getaffinity(0)) == usable
