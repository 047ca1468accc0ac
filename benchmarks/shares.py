"""A share with what is needed to judge it: how many of how many, and Wilson's 95 % interval."""

from __future__ import annotations

import math
from collections.abc import Iterable

Z = 1.96  # standard normal quantile of 97.5 %


def wilson(k: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share seen as k of n (Wilson, JASA 1927); everything for nothing seen."""
    if n == 0:
        return 0.0, 1.0
    middle = (k + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * math.sqrt(k * (n - k) / n + Z * Z / 4)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def said(k: int, n: int) -> str:
    """`3.6 % [3.0, 4.3], 36 of 1,000`."""
    if n == 0:
        return "none"
    low, high = wilson(k, n)
    return f"{100 * k / n:.1f} % [{100 * low:.1f}, {100 * high:.1f}], {k:,} of {n:,}"


def share_of(holds: Iterable[bool]) -> str:
    """`said` of what holds among all."""
    every = list(holds)
    return said(sum(every), len(every))
