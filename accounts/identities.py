"""Who somebody is at an OpenID provider: what it said of them, taken once, and whose account it opens here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.records import each, use_once
from core.catalogue import N_
from storage import Records

COUNTS_FOR = timedelta(minutes=10)  # what is in a form by then has to be asked of the provider once more
CLOCKS_DIFFER = timedelta(minutes=2)  # by which a provider's may go before ours; Authlib takes as much

LATE = N_("That took too long, or was used already. Sign in there once more.")
CONNECTED = N_("Another account is connected with that sign-in already.")


@dataclass(frozen=True)
class Identity:
    """What a provider said, at one sign-in."""

    id: str  # of the person there; the same at every sign-in
    once: str  # of this sign-in
    provider: str
    issued: datetime
    email: str = ""
    is_email_proved: bool = False
    name: str = ""


@dataclass(frozen=True)
class Connection:
    """A provider by which somebody signs in: its name in the settings, and since when."""

    id: str
    provider: str
    since: datetime


def identity_of(claims: Mapping[str, Any]) -> Identity | None:
    """What the claims of an ID token say, as st.user has them; None when nobody has come from a provider.

    Issuer and subject together are the only thing that names a person for good (OpenID Connect Core 1.0, 5.7): the
    address there may be anybody's tomorrow.
    """
    issuer, subject, nonce, provider = (claims.get(name) for name in ("iss", "sub", "nonce", "provider"))
    issued = claims.get("iat")
    if not (issuer and subject and nonce and provider and isinstance(issued, int | float)):
        return None
    return Identity(
        id=_hash(f"{issuer}\n{subject}"),
        once=_hash(str(nonce)),
        provider=str(provider),
        issued=datetime.fromtimestamp(issued, UTC),
        email=str(claims.get("email") or ""),
        is_email_proved=claims.get("email_verified") in (True, "true"),  # some providers write it as a text
        name=str(claims.get("given_name") or claims.get("name") or ""),
    )


class Identities:
    """The identities that open accounts of one store; of each a hash alone is kept."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def is_open(self, identity: Identity, *, now: datetime) -> bool:
        """Whether an identity still counts: it is not older than ten minutes, and was not taken yet."""
        is_fresh = -CLOCKS_DIFFER <= now - identity.issued <= COUNTS_FOR
        return is_fresh and self._records.read("arrivals", identity.once) is None

    def take(self, identity: Identity, *, now: datetime) -> bool:
        """Let an identity count, this once; False when it does not any more."""
        return self.is_open(identity, now=now) and use_once(self._records, identity.once, now=now)

    def user_of(self, identity: Identity) -> str | None:
        """Whose account an identity opens."""
        body = self._records.read("identities", identity.id)
        return None if body is None else str(body["user_id"])

    def connect(self, identity: Identity, user_id: str, *, now: datetime) -> bool:
        """Let an identity open that account from now on; False when it opens one already."""
        body = {"user_id": user_id, "provider": identity.provider, "since": now.isoformat()}
        return self._records.create("identities", identity.id, body)

    def of(self, user_id: str) -> list[Connection]:
        """By what somebody signs in, the oldest first."""
        found = [
            Connection(key, body["provider"], datetime.fromisoformat(body["since"]))
            for key, body in each(self._records, "identities")
            if body["user_id"] == user_id
        ]
        return sorted(found, key=lambda one: one.since)

    def disconnect(self, connection: Connection) -> None:
        """Let an identity open nothing any more."""
        self._records.delete("identities", connection.id)

    def forget(self, user_id: str) -> None:
        """Let no identity open that person's account any more."""
        for connection in self.of(user_id):
            self.disconnect(connection)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
