"""How often somebody may try: counters with waits that grow and that end by themselves.

They stand in memory: one process serves the screens, the waits are short, and a file for each guess would let a
stranger fill the disk. A restart forgets them, which gives back a handful of tries.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from core.catalogue import n_

FORGOTTEN_AFTER = timedelta(hours=24)  # without another try
KNOWN_MOST = 100_000  # counters; then those that nobody waits for are dropped
IPV6_PREFIX = 64  # one household has so many addresses


@dataclass(frozen=True)
class Limit:
    """How many tries go without a wait, the first wait, and the longest; each is twice as long as the one before."""

    free: int
    first: timedelta
    most: timedelta

    def wait(self, tries: int) -> timedelta:
        """How long to wait after so many tries."""
        over = tries - self.free
        return timedelta(0) if over < 0 else min(self.first * 2 ** min(over, 32), self.most)


# NIST SP 800-63B 3.2.2 asks for a limit of 100 failures in a row at most; waits keep far below it and lock nobody out.
SIGN_IN = Limit(5, timedelta(seconds=30), timedelta(minutes=15))  # one account from one network or known device
ACCOUNT = Limit(25, timedelta(seconds=30), timedelta(minutes=15))  # one account from unknown devices anywhere
NETWORK = Limit(30, timedelta(seconds=30), timedelta(hours=1))  # all accounts from one network
NEWCOMERS = Limit(300, timedelta(minutes=1), timedelta(hours=1))  # accounts made from one network; a school at once
LETTERS_TO_ADDRESS = Limit(3, timedelta(hours=1), timedelta(hours=1))  # three in an hour, then one an hour
LETTERS_FROM_NETWORK = Limit(10, timedelta(minutes=5), timedelta(hours=1))


@dataclass(frozen=True)
class Visitor:
    """Where a try comes from: its network (empty where nobody knows) and the mark of its device, if it has one."""

    network: str = ""
    device: str = ""

    @property
    def network_limit(self) -> Mapping[str, Limit]:
        """What all tries from its network count under; nothing where nobody knows it."""
        return {f"network {self.network}": NETWORK} if self.network else {}


class TooSoonError(ValueError):
    """One try too many for now; the message says when to come back."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(_said(wait))
        self.wait = wait


@dataclass
class _Counter:
    tries: int
    last: datetime
    until: datetime


class Attempts:
    """Counters of tries by key, each under the limit that it is asked with."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counter] = {}
        self._lock = threading.Lock()

    def begin(self, limits: Mapping[str, Limit], *, now: datetime) -> None:
        """Count a try under each key. Raises TooSoonError, and counts nothing, while one of them has to wait.

        It is counted before it is known how it ends: tries made at once are counted one by one.
        """
        with self._lock:
            waits = [counter.until - now for key in limits if (counter := self._known(key, now))]
            longest = max(waits, default=timedelta(0))
            if longest > timedelta(0):
                raise TooSoonError(longest)
            for key, limit in limits.items():
                counter = self._known(key, now)
                tries = counter.tries + 1 if counter else 1
                self._counters[key] = _Counter(tries, now, now + limit.wait(tries))
            if len(self._counters) > KNOWN_MOST:
                self._counters = {key: known for key, known in self._counters.items() if known.until > now}

    def forget(self, key: str) -> None:
        """Begin anew under a key: its try was right."""
        with self._lock:
            self._counters.pop(key, None)

    def take_back(self, key: str) -> None:
        """Do not count the last try under a key: it was right, and says nothing about the others."""
        with self._lock:
            if counter := self._counters.get(key):
                counter.tries -= 1
                counter.until = counter.last

    def _known(self, key: str, now: datetime) -> _Counter | None:
        counter = self._counters.get(key)
        if counter is not None and abs(now - counter.last) > FORGOTTEN_AFTER:
            del self._counters[key]
            return None
        return counter


ATTEMPTS = Attempts()  # one process serves the screens


def network_of(address: str | None) -> str:
    """The network that an IP address counts under; empty for this machine, and where nobody knows."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if parsed.is_loopback:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)


def _said(wait: timedelta) -> str:
    seconds = max(1, ceil(wait.total_seconds()))
    if seconds < 60:
        said = n_(
            "That was one try too many for now. Try again in {n} second.",
            "That was one try too many for now. Try again in {n} seconds.",
            seconds,
        )
        return said.format(n=seconds)
    minutes = ceil(seconds / 60)
    said = n_(
        "That was one try too many for now. Try again in {n} minute.",
        "That was one try too many for now. Try again in {n} minutes.",
        minutes,
    )
    return said.format(n=minutes)
