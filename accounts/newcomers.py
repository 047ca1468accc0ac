"""Who comes in new: by an open door or an invitation, to an account and a document of their own."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from accounts import passwords
from accounts.attempts import NEWCOMERS, Attempts, Visitor
from accounts.identities import CONNECTED, LATE, Identities, Identity
from accounts.records import (
    TAKEN,
    USED,
    AccountError,
    AccountRecords,
    UsedLinkError,
    address_key,
    checked_address,
    said_to_the_person,
)
from core.catalogue import N_, _
from core.ids import slug
from core.localtime import is_zone, zone
from core.models import User
from mail.links import BadLinkError, account_link, read_account_link
from settings import Settings
from storage import Body, Store, new_user

NAME_MOST = 60

NO_NAME = N_("Tell me what to call you; a first name is enough.")
OTHER_ADDRESS = N_("This invitation is for {email}. Use that address.")
NOT_OPEN = {
    "invite": N_("This XP Tracker takes people in by invitation. Ask whoever runs it{operators} for one."),
    "closed": N_("This XP Tracker takes in nobody new at the moment."),
}


@dataclass(frozen=True)
class Invitation:
    """A link's leave to make one account: its own id, and the only address that it is for (empty: any)."""

    id: str
    email: str = ""

    def is_for(self, address: str) -> bool:
        """Whether an address may be signed up with it."""
        return not self.email or address_key(self.email) == address_key(address)


class Newcomers:
    """The way into one store for somebody who has no account yet."""

    def __init__(self, store: Store, settings: Settings, identities: Identities, attempts: Attempts) -> None:
        self._store = store
        self._records = store.records
        self._accounts = AccountRecords(store)
        self._settings = settings
        self._identities = identities
        self._attempts = attempts

    @property
    def why_not_open(self) -> str:
        """Why nobody can sign up here without more; empty when anybody can."""
        why = _(NOT_OPEN.get(self._settings.signup, ""))
        return why.format(operators=self._settings.operators)

    def may_sign_up(self, invitation: Invitation | None) -> bool:
        """Whether somebody with that invitation, or without one, can make an account here now."""
        signup = self._settings.signup
        if signup == "open" or invitation is None:
            return signup == "open"
        return signup == "invite" and self._records.read("invitations", invitation.id) is None

    def invitation(self, email: str, nonce: str) -> str:
        """The address that opens sign-up once, for two weeks, to anybody or to that address. Raises AccountError."""
        address = checked_address(email) if email else ""
        return account_link(self._settings.base_url, self._store.secret(), "invitation", nonce, address)

    def read_invitation(self, token: str) -> Invitation:
        """What an invitation allows. Raises AccountError for one that does not, or not any more."""
        try:
            invitation = Invitation(*read_account_link(self._store.secret(), "invitation", token))
        except BadLinkError as error:
            raise AccountError(str(error)) from None
        if self._settings.signup == "invite" and not self.may_sign_up(invitation):
            raise AccountError(_("This invitation was used already. Ask for a new one."))
        return invitation

    def sign_up(
        self,
        name: str,
        email: str,
        password: str,
        *,
        now: datetime,
        locale: str = "en",
        timezone: str = "UTC",
        invitation: Invitation | None = None,
        visitor: Visitor | None = None,
        identity: Identity | None = None,
    ) -> str:
        """Make an account and the person's document; the new user id. Raises AccountError and then keeps nothing.

        The date that `now` has in `timezone` becomes the person's Day 0; a name that is no zone counts as UTC. An
        identity takes the place of the password.
        """
        self._check_door(invitation, identity, now)
        shown, address = _checked_name(name), checked_address(email)
        if invitation and not invitation.is_for(address):
            raise AccountError(_(OTHER_ADDRESS).format(email=invitation.email))
        limit = visitor.network_limit if visitor else {}
        made = {f"newcomers {visitor.network}": NEWCOMERS} if visitor and limit and not invitation else {}
        with said_to_the_person():
            # "Taken" says who is here: not to whoever asks for thousands. Nor does anybody fill the disk with accounts.
            self._attempts.begin({**limit, **made}, now=now)
            chosen = {} if identity else {"password": passwords.hashed(password)}
        user = self._person(shown, address, now, locale, timezone if is_zone(timezone) else "UTC")
        account = {"user_id": user.user_id, "email": address, **chosen, "created": now.isoformat()}
        if self._records.version("accounts", address_key(address)) is not None:
            raise AccountError(_(TAKEN))
        self._store.create(user)  # before the account: one that opens nothing would keep its address for good
        try:
            self._add(account, invitation, identity, now)
        except BaseException:
            self._store.delete(user.user_id)
            raise
        for name in limit:
            self._attempts.take_back(name)
        return user.user_id

    def _check_door(self, invitation: Invitation | None, identity: Identity | None, now: datetime) -> None:
        """Let only those on who may sign up, by what they came with. Raises AccountError."""
        if not self.may_sign_up(invitation):
            raise AccountError(self.why_not_open or _(USED))
        if identity and not self._identities.is_open(identity, now=now):
            raise AccountError(_(LATE))

    def _add(self, account: Body, invitation: Invitation | None, identity: Identity | None, now: datetime) -> None:
        """Keep a new account, and what its person came with. Raises AccountError and then keeps nothing.

        The identity first: whoever is cut off before the account can come in and choose a password, while an account
        that opens to nobody would keep its address for good.
        """
        with ExitStack() as undo:
            undo.callback(self._identities.forget, account["user_id"])
            if identity and not self._is_theirs(identity, account["user_id"], now):
                raise AccountError(_(CONNECTED))
            if not self._accounts.add(account):
                raise AccountError(_(TAKEN))
            undo.callback(self._accounts.remove, address_key(account["email"]))
            if invitation and not self._records.create("invitations", invitation.id, {"used": now.isoformat()}):
                raise UsedLinkError
            undo.pop_all()

    def _is_theirs(self, identity: Identity, user_id: str, now: datetime) -> bool:
        """Let an identity open that account, and count no more; False when it opens another, or was used."""
        return self._identities.connect(identity, user_id, now=now) and self._identities.take(identity, now=now)

    def _person(self, name: str, address: str, now: datetime, locale: str, timezone: str) -> User:
        user = new_user(
            user_id=f"{slug(name, otherwise='person')}-{secrets.token_hex(3)}",
            email=address,
            email_confirmed=not self._settings.needs_confirmation,
            display_name=name,
            created_at=now.astimezone(zone(timezone)).replace(microsecond=0),
            locale=locale,
        )
        user.coaching_profile.timezone = timezone
        return user


def _checked_name(name: str) -> str:
    shown = " ".join(name.split())[:NAME_MOST]
    if not shown:
        raise AccountError(_(NO_NAME))
    return shown
