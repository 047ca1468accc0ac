"""Ana, who signs up by an address and a password."""

from __future__ import annotations

from datetime import UTC, datetime

from accounts.access import Accounts

NOW = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
PASSWORD, OTHER = "a walk before breakfast", "another walk altogether"


def sign_up(accounts: Accounts, name: str = "Ana", *, password: str = PASSWORD, now: datetime = NOW) -> str:
    """Somebody with an account, at ana@example.org and the like; the user id."""
    return accounts.newcomers.sign_up(name, f"{name.lower()}@example.org", password, now=now)
