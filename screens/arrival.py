"""Signing in by an OpenID provider as people see it: its buttons, who has just come from one, what is connected."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from accounts.access import Accounts
from accounts.identities import Connection, Identity, identity_of
from accounts.records import AccountError
from core.catalogue import N_, _
from core.localtime import local_day, zone
from core.models import User
from core.wording import locale_of
from routes.openid import FAILED, Provider, read_providers
from screens import parts, ways, wording
from settings import read_settings

SAID = "ways_in_said"  # in the session: "done" or "alert", and what the Account room's card says
FAILURE = N_(
    "That sign-in did not work: it was refused, took too long, or the other service did not answer. Nothing was "
    "changed. Try once more."
)
QUESTION = N_(
    "{label} says that you are {email}. Once connected, you can sign in here by {label}, without a password, until you "
    "undo it under Profile, Account."
)

ss = st.session_state


def providers() -> tuple[Provider, ...]:
    """The providers that can be used here: none without our own routes, which open the session."""
    if st.user.get("session") is parts.NO_ROUTES:
        return ()
    return read_providers(read_settings().base_url)


def label_of(key: str) -> str:
    """What people call a provider; its name in the settings, when it does not stand there any more."""
    return next((one.label for one in providers() if one.key == key), key)


def arrived(accounts: Accounts, *, now: datetime) -> Identity | None:
    """Who has just come from a provider, and has not been taken in yet."""
    identity = identity_of(st.user.to_dict())
    if identity is None or identity.provider not in [one.key for one in providers()]:
        return None
    return identity if accounts.identities.is_open(identity, now=now) else None


def say_failure() -> None:
    """Say, once, that nobody came from the provider."""
    if st.query_params.pop(FAILED, ""):
        parts.alert(_(FAILURE))


def draw_buttons() -> None:
    """The ways in by a provider, on the page for somebody who is not signed in."""
    for provider in providers():
        label = _("Continue with {label}").format(label=provider.label)
        if st.button(label, key=f"by_{provider.key}", width="stretch"):
            st.login(provider.key)


def forget(to: str = "/") -> None:
    """Let whoever has come from a provider go, and load `to`."""
    parts.send("/auth/forget", to=to)


def draw_question(accounts: Accounts, user: User, identity: Identity) -> None:
    """Ask somebody who is signed in whether the identity that they came with shall open their account."""
    label = label_of(identity.provider)
    with st.container(key="arrival", gap="small"):
        parts.header(_("Sign in by {label} from now on?").format(label=label))
        said = st.container()
        try:
            accounts.check_connection(user.user_id, identity)
        except AccountError as error:
            with said:
                parts.alert(str(error))
            if st.button(_("Go on"), key="arrival_go_on", type="primary"):
                forget(ways.to_account())
            return
        st.html(f"<p>{parts.esc(_(QUESTION).format(label=label, email=identity.email))}</p>")
        if st.button(_("Connect"), key="arrival_connect", type="primary"):
            _connect(accounts, user.user_id, identity, label)
        if st.button(_("Not now"), key="arrival_not_now", type="tertiary"):
            forget(ways.to_account())


def _connect(accounts: Accounts, user_id: str, identity: Identity, label: str) -> None:
    try:
        accounts.connect(user_id, identity, now=datetime.now(UTC))
    except AccountError as error:
        parts.alert(str(error))
        return
    parts.done(_("From now on you can sign in by {label}.").format(label=label))
    forget(ways.to_account())


# --- the Account room's card


def draw_ways_in(accounts: Accounts, user: User) -> None:
    """The providers by which the person signs in, and those by which they could."""
    connected, offered = accounts.identities.of(user.user_id), providers()
    if not (connected or offered):
        return
    with st.container(border=True, key="ways_in", gap="small"):
        st.html(f'<h2 class="in-h2">{_("Sign in by another service")}</h2>')
        if SAID in ss:
            kind, sentence = ss.pop(SAID)
            (parts.done if kind == "done" else parts.alert)(sentence)
        for n, connection in enumerate(connected):
            _draw_connection(accounts, user, connection, n)
        for provider in offered:
            if provider.key not in [connection.provider for connection in connected]:
                label = _("Connect {label}").format(label=provider.label)
                if st.button(label, key=f"connect_{provider.key}"):
                    st.login(provider.key)


def _draw_connection(accounts: Accounts, user: User, connection: Connection, n: int) -> None:
    day = local_day(connection.since, zone(user.coaching_profile.timezone))
    since = _("since {day}").format(day=wording.short_day(day, locale_of(user.locale), year=True))
    said = f"<b>{parts.esc(label_of(connection.provider))}</b><span>{parts.esc(since)}</span>"
    with st.container(horizontal=True, vertical_alignment="center", key=f"way_in_{n}"):
        st.html(f'<div class="in-line"><div>{said}</div></div>', width="stretch")
        args = (accounts, user.user_id, connection)
        st.button(_("Disconnect"), key=f"disconnect_{n}", on_click=_disconnect, args=args)


def _disconnect(accounts: Accounts, user_id: str, connection: Connection) -> None:
    label = label_of(connection.provider)
    try:
        accounts.disconnect(user_id, connection)
    except AccountError as error:
        ss[SAID] = ("alert", str(error))
        return
    ss[SAID] = ("done", _("{label} does not sign you in any more.").format(label=label))
