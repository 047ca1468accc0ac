"""Functions of one record that are cheapest worked out for many in one call, with the newest answers kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from itertools import chain
from threading import Lock
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_KNOWN = 256  # results kept, the newest
_UNKNOWN: Any = object()


class Stacked(Generic[Key, Value]):
    """A function of one record whose `work` takes many at once; the newest answers are kept.

    `work` answers one value a record, in their order, and a record's value does not depend on the others.
    """

    def __init__(self, work: Callable[[Sequence[Key]], Sequence[Value]], most: int = MOST_KNOWN) -> None:
        self.work = work
        self.most = most
        self._known: dict[Key, Value] = {}
        self._lock = Lock()
        self.__doc__ = work.__doc__

    def __call__(self, record: Key) -> Value:
        value: Value = self._known.get(record, _UNKNOWN)
        if value is _UNKNOWN:
            (value,) = self.work([record])
            self._keep([(record, value)])
        return value

    def foresee(self, records: Iterable[Key]) -> None:
        """Work on all of them in one call, since each will be asked for."""
        new = [record for record in records if record not in self._known]
        if new:
            self._keep(zip(new, self.work(new), strict=True))

    def _keep(self, values: Iterable[tuple[Key, Value]]) -> None:
        with self._lock:
            self._known.update(values)
            for record in list(self._known)[: max(len(self._known) - self.most, 0)]:
                del self._known[record]


def dated(records: Sequence[Sequence[tuple[date, int]]], least: int = 0) -> tuple[Ints, Ints, Bools]:
    """The days (as ordinals) and what stands beside them, a row a record, and where a row has values of its own.

    Rows are filled up with noughts to one length, of at least `least` columns.
    """
    days, values = zip(*chain.from_iterable(records), strict=True) if any(records) else ((), ())
    lengths = np.array([len(record) for record in records])
    own = np.arange(max(int(lengths.max(initial=0)), least)) < lengths[:, None]
    numbers, beside = np.zeros((2, *own.shape), dtype=np.int64)
    numbers[own] = np.fromiter(map(date.toordinal, days), np.int64, len(days))
    beside[own] = values
    return numbers, beside, own
