"""Entries that many hold at once: they can be read by all of them, and changed by none."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Frozen(dict[K, V]):
    """A dict that stays as it is; whoever wants to change it takes a copy (`User.entries` does). Raises TypeError."""

    def _refused(self, *_given: object, **_named: object) -> NoReturn:
        raise TypeError("these entries are shared; they are changed through User.entries")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refused

    def __copy__(self) -> Frozen[K, V]:
        return self

    def __deepcopy__(self, _memo: object) -> Frozen[K, V]:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Frozen, (dict(self),)
