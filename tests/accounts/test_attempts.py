"""How often somebody may try: waits grow, end by themselves, and never keep the owner out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from accounts import attempts
from accounts.access import REFUSED, Accounts
from accounts.attempts import Attempts, Limit, TooSoonError, Visitor, network_of
from accounts.records import AccountError
from mail.links import device_mark
from settings import Settings
from storage import open_store
from tests.account_cast import NOW, PASSWORD, sign_up

SECOND = timedelta(seconds=1)
LIMITS = [attempts.SIGN_IN, attempts.ACCOUNT, attempts.NETWORK, attempts.LETTERS_TO_ADDRESS]


def waited(limit: Limit, tries: int) -> list[timedelta]:
    """The waits before each try of somebody who tries again as soon as it is allowed."""
    counters, now, waits = Attempts(), NOW, []
    for _ in range(tries):
        try:
            counters.begin({"key": limit}, now=now)
            waits.append(timedelta(0))
        except TooSoonError as error:
            waits.append(error.wait)
            now += error.wait
            counters.begin({"key": limit}, now=now)
    return waits


@given(st.sampled_from(LIMITS), st.integers(1, 80))
def test_waits_begin_after_the_free_tries_never_shrink_and_have_a_longest(limit: Limit, tries: int) -> None:
    waits = waited(limit, tries)
    assert all(wait == timedelta(0) for wait in waits[: limit.free])
    assert all(one <= other for one, other in pairwise(waits))
    assert all(timedelta(0) < wait <= limit.most for wait in waits[limit.free :])


def test_a_day_of_guesses_at_one_account_from_one_network_is_about_a_hundred() -> None:
    counters, now, tries = Attempts(), NOW, 0
    while now < NOW + timedelta(days=1):
        try:
            counters.begin({"key": attempts.SIGN_IN}, now=now)
            tries += 1
        except TooSoonError as error:
            now += error.wait
    assert 90 < tries < 110


def test_a_try_that_has_to_wait_makes_no_wait_longer_and_counts_nowhere() -> None:
    counters = Attempts()
    for _ in range(attempts.SIGN_IN.free):
        counters.begin({"one": attempts.SIGN_IN}, now=NOW)
    for _ in range(50):
        with pytest.raises(TooSoonError) as refused:
            counters.begin({"one": attempts.SIGN_IN, "other": Limit(1, SECOND, SECOND)}, now=NOW)
    assert refused.value.wait == attempts.SIGN_IN.first
    counters.begin({"other": Limit(1, SECOND, SECOND)}, now=NOW)


def test_a_day_without_a_try_is_a_new_beginning() -> None:
    counters = Attempts()
    for _ in range(attempts.SIGN_IN.free):
        counters.begin({"one": attempts.SIGN_IN}, now=NOW)
    for _ in range(attempts.SIGN_IN.free):
        counters.begin({"one": attempts.SIGN_IN}, now=NOW + timedelta(hours=25))


@pytest.mark.parametrize(
    ("wait", "said"), [(1, "1 second"), (29.2, "30 seconds"), (60, "1 minute"), (61, "2 minutes"), (900, "15 minutes")]
)
def test_the_answer_says_when_to_try_again(wait: float, said: str) -> None:
    assert str(TooSoonError(timedelta(seconds=wait))).endswith(f"Try again in {said}.")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        (None, ""),
        ("a proxy", ""),
    ],
)
def test_a_household_counts_as_one_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


# --- signing in


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Callable[[], Accounts], str]]:
    """A store with Ana in it, fresh counters each time, and hashes that cost little: there are many tries here."""
    with pytest.MonkeyPatch.context() as cheap:
        cheap.setattr("accounts.passwords._hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield with_ana(tmp_path_factory)


def with_ana(tmp_path_factory: pytest.TempPathFactory) -> tuple[Callable[[], Accounts], str]:
    store = open_store(tmp_path_factory.mktemp("data"))
    ana = sign_up(Accounts(store, Settings()))
    return lambda: Accounts(store, Settings()), ana


People = tuple[Callable[[], Accounts], str]
THERE, HERE = Visitor("198.51.100.7"), Visitor("203.0.113.9")


def tried(accounts: Accounts, email: str, password: str, visitor: Visitor, now: datetime = NOW) -> str:
    """What somebody is told, or who they are."""
    try:
        return accounts.sign_in(email, password, now=now, visitor=visitor)
    except AccountError as error:
        return str(error)


def test_after_five_wrong_passwords_even_the_right_one_waits_and_then_opens(people: People) -> None:
    accounts, ana = people[0](), people[1]
    assert {tried(accounts, "ana@example.org", "not hers", THERE) for _ in range(5)} == {REFUSED}
    assert "Try again in 30 seconds" in tried(accounts, "ana@example.org", PASSWORD, THERE)
    assert tried(accounts, "ana@example.org", PASSWORD, HERE) == ana  # from elsewhere nobody waits
    assert tried(accounts, "ana@example.org", PASSWORD, THERE, NOW + timedelta(seconds=30)) == ana
    assert tried(accounts, "ana@example.org", "not hers", THERE, NOW + timedelta(seconds=30)) == REFUSED


def test_an_address_that_nobody_has_is_refused_and_made_to_wait_like_any_other(people: People) -> None:
    accounts = people[0]()
    said = [
        [tried(accounts, email, "not hers", THERE) for _ in range(7)] for email in ("ana@example.org", "no@example.org")
    ]
    assert said[0] == said[1]


def test_the_owner_is_not_kept_waiting_on_a_known_device_whatever_strangers_try(people: People) -> None:
    accounts, ana = people[0](), people[1]
    for n in range(60):
        tried(accounts, "ana@example.org", "a guess", Visitor(f"198.51.100.{n}"))
    assert "one try too many" in tried(accounts, "ana@example.org", PASSWORD, HERE)
    mark = device_mark(secret_of(accounts), ana, "x")
    assert tried(accounts, "ana@example.org", PASSWORD, Visitor("203.0.113.9", mark)) == ana
    for other in (device_mark(secret_of(accounts), "ben-111111", "x"), mark + "x", "", "no mark"):
        assert "one try too many" in tried(accounts, "ana@example.org", PASSWORD, Visitor("203.0.113.9", other))
    assert tried(accounts, "ana@example.org", PASSWORD, HERE, NOW + timedelta(minutes=15)) == ana


def test_a_known_device_may_guess_no_more_often_than_any_other(people: People) -> None:
    accounts, ana = people[0](), people[1]
    visitor = Visitor("203.0.113.9", device_mark(secret_of(accounts), ana, "x"))
    said = [tried(accounts, "ana@example.org", "a guess", visitor) for _ in range(6)]
    assert said[:5] == [REFUSED] * 5
    assert "Try again" in said[5]


def test_one_network_cannot_go_through_many_accounts_even_with_one_of_its_own(people: People) -> None:
    accounts = people[0]()
    for n in range(attempts.NETWORK.free):
        assert tried(accounts, f"somebody{n}@example.org", "password", THERE) == REFUSED
        if n % 5 == 4 and n < attempts.NETWORK.free - 1:
            assert tried(accounts, "ana@example.org", PASSWORD, THERE) == people[1]
    assert "Try again" in tried(accounts, "one-more@example.org", "password", THERE)


def test_tries_that_are_made_at_once_are_counted_one_by_one(people: People) -> None:
    accounts = people[0]()
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda n: tried(accounts, "ana@example.org", f"guess {n}", THERE), range(12)))
    assert said.count(REFUSED) == attempts.SIGN_IN.free


def secret_of(accounts: Accounts) -> bytes:
    """The key of the store behind them."""
    return accounts._store.secret()
