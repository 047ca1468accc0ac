"""The Account room of Profile: the record to take along, address, password, open sessions, and the way out for good."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import streamlit as st

from accounts import passwords
from accounts.access import Accounts
from accounts.attempts import ATTEMPTS
from accounts.leaving import leave
from accounts.letters import AccountLetters
from accounts.records import AccountError
from accounts.sessions import Session, device_said
from core.catalogue import _, p_
from core.localtime import zone
from core.models import User
from core.wording import locale_of
from routes.middleware import SOCKETS
from screens import arrival, wording
from screens.parts import NO_ROUTES, SESSION_KEY, esc, say, sign_out, tell
from screens.profile_rooms.bring_along import draw_bring_along
from screens.profile_rooms.take_along import draw_download
from screens.sign_in import LEFT
from settings import read_settings
from storage import Store

ss = st.session_state


def draw_account(store: Store, user: User, now: datetime) -> None:
    """The room."""
    accounts = Accounts(store, read_settings(), ATTEMPTS)
    has_password = accounts.has_password(user.user_id)
    left, right = st.columns(2, gap="medium")
    with left:
        _address(store, accounts, user, has_password)
        _password(store, accounts, user, has_password)
        arrival.draw_ways_in(accounts, user)
    with right:
        _sessions(accounts, user, now)
        _take_along(user)
        draw_bring_along(store, user)
        _leave(store, accounts, user, has_password)


# --- the address


def address_said(user: User) -> str:
    """Where letters go, as HTML."""
    if not user.email:
        return _("There is no address: no letter is sent.")
    said = _("Your address is <b>{address}</b>.").format(address=esc(user.email))
    return said if user.email_confirmed else said + " " + _("It is not confirmed yet: open the link in its letter.")


def _address(store: Store, accounts: Accounts, user: User, has_password: bool) -> None:
    with st.container(border=True, key="account", gap="small"):
        st.html(f'<h2 class="in-h2">{_("Your address")}</h2><p class="in-small">{address_said(user)}</p>')
        say("address")
        if not has_password:
            st.html(f'<p class="in-small">{_("To change it, choose a password first.")}</p>')
            return
        with st.form("account_address", border=False):
            st.text_input(_("New address"), key="ac_email", autocomplete="email", placeholder=_("you@example.org"))
            _ask_password("ac_email_password")
            args = (store, accounts, user.user_id)
            st.form_submit_button(_("Send the link there"), key="ac_email_go", on_click=_ask_for_address, args=args)


def _ask_for_address(store: Store, accounts: Accounts, user_id: str) -> None:
    now, letters = datetime.now(UTC), AccountLetters(store, accounts, read_settings())
    try:
        accounts.check_password(user_id, _taken("ac_email_password"), now=now)
        address = letters.ask_for_address(user_id, ss.ac_email or "", now=now)
    except AccountError as error:
        tell("address", str(error), is_wrong=True)
        return
    ss.ac_email = ""
    if read_settings().sends_letters:
        said = _(
            "A letter with a link is on its way to {address}. Until it is opened, within an hour, nothing changes."
        ).format(address=address)
    else:
        said = _(
            "A link is in the outbox, for {address}. Until it is opened, within an hour, nothing changes. Whoever runs "
            "this XP Tracker{operators} can hand it to you."
        ).format(address=address, operators=read_settings().operators)
    tell("address", said)


# --- the password


def _password(store: Store, accounts: Accounts, user: User, has_password: bool) -> None:
    with st.container(border=True, key="account_password_card", gap="small"):
        st.html(f'<h2 class="in-h2">{_("Password")}</h2>')
        say("password")
        if not user.email:
            st.html(f'<p class="in-small">{_("Without an address there is no sign-in by password.")}</p>')
            return
        with st.form("account_password", border=False):
            if has_password:
                _ask_password("ac_old", _("Your password now"))
            st.text_input(_("A new password"), key="ac_new", type="password", autocomplete="new-password")
            hint = _("{least} characters or more. A short sentence works well. Your other devices are signed out.")
            st.html(f'<p class="in-small">{hint.format(least=passwords.LEAST)}</p>')
            verb = _("Change it") if has_password else _("Choose it")
            args = (store, accounts, user.user_id, has_password)
            st.form_submit_button(verb, key="ac_password_go", on_click=_change_password, args=args)


def _change_password(store: Store, accounts: Accounts, user_id: str, has_password: bool) -> None:
    now, new = datetime.now(UTC), _taken("ac_new")
    try:
        if has_password:
            accounts.check_password(user_id, _taken("ac_old"), now=now)
        ended = accounts.change_password(user_id, new, now=now, but=_this_session())
    except AccountError as error:
        tell("password", str(error), is_wrong=True)
        return
    SOCKETS.close(ended)
    AccountLetters(store, accounts, read_settings()).tell_password_changed(user_id, now=now)
    tell("password", _("Your password is changed. Other devices are signed out."))


# --- the sessions


def _sessions(accounts: Accounts, user: User, now: datetime) -> None:
    with st.container(border=True, key="account_sessions", gap="small"):
        st.html(f'<h2 class="in-h2">{_("Where you are signed in")}</h2>')
        say("sessions")
        for n, session in enumerate(accounts.sessions.of(user.user_id, now=now)):
            with st.container(horizontal=True, vertical_alignment="center", key=f"session_{n}"):
                st.html(session_line(session, user, now, is_this=session.id == _this_session()), width="stretch")
                if session.id != _this_session():
                    args = (accounts, user.user_id, session.id)
                    device = device_said(session.device)
                    label = _("Sign out *{device}*").format(device=device)  # the ear hears which one
                    st.button(label, key=f"session_end_{n}", on_click=_end_session, args=args)
        with st.container(horizontal=True, key="account_out"):
            if st.button(_("Sign out"), key="sign_out", icon=":material/logout:"):
                sign_out()
            everywhere = (accounts, user.user_id)
            label = _("Sign out everywhere")
            st.button(label, key="sign_out_all", type="tertiary", on_click=_end_all, args=everywhere)


def session_line(session: Session, user: User, now: datetime, *, is_this: bool) -> str:
    """One session as HTML: its device, since when, and when it was last seen."""
    tz, locale = zone(user.coaching_profile.timezone), locale_of(user.locale)
    since = wording.short_day(session.since.astimezone(tz).date(), locale, year=True)
    last = wording.short_day(session.seen.astimezone(tz).date(), locale)
    if is_this:
        seen = _("since {since}, this device")
    elif (now - session.seen).days < 1:
        seen = _("since {since}, seen today")
    else:
        seen = _("since {since}, last seen {last}")
    said = f"<b>{esc(device_said(session.device))}</b><span>{esc(seen.format(since=since, last=last))}</span>"
    return f'<div class="in-line"><div>{said}</div></div>'


def _end_session(accounts: Accounts, user_id: str, sid: str) -> None:
    if accounts.sessions.user_of(sid, now=datetime.now(UTC)) == user_id:
        accounts.sessions.close(sid)
        SOCKETS.close([sid])
    tell("sessions", _("That device is signed out."))


def _end_all(accounts: Accounts, user_id: str) -> None:
    SOCKETS.close(accounts.sessions.close_all(user_id))
    ss.pop(SESSION_KEY, None)


def _this_session() -> str:
    return str(st.user.get("session") or "")


# --- the record, and the way out


def exported(user: User) -> str:
    """The document as a file for the person: one JSON object, readable."""
    return json.dumps(user.to_json(), ensure_ascii=False, indent=2) + "\n"


def _take_along(user: User) -> None:
    with st.container(border=True, key="take_along", gap="small"):
        what = _("Habits, days, notes, answers: the whole document, as it is stored.")
        st.html(f'<h2 class="in-h2">{_("Take everything with you")}</h2><p class="in-small">{what}</p>')
        _download(user, "export")


def _download(user: User, key: str) -> None:
    """The record as a file: from a route that asks who is there, or where there is none, from Streamlit's own."""
    icon, label = ":material/download:", _("Download my data")
    if st.user.get("session") is not NO_ROUTES:
        draw_download(user.user_id, key)
        return
    st.download_button(
        label,
        exported(user),
        file_name=f"{user.user_id}.json",
        mime="application/json",
        key=key,
        icon=icon,
        on_click="ignore",
    )


def _leave(store: Store, accounts: Accounts, user: User, has_password: bool) -> None:
    with st.container(border=True, key="account_leave", gap="small"):
        what = _(
            "Your record, your letters and every sign-in go at once, and nobody can bring them back. Copies in backups "
            "go when their time runs out."
        )
        st.html(f'<h2 class="in-h2">{_("Delete my account")}</h2><p class="in-small">{what}</p>')
        say("leave")
        with st.expander(_("Delete it …"), key="leave_open"):
            first = _("First, take your record with you, in case you miss it one day.")
            st.html(f'<p class="in-small">{first}</p>')
            _download(user, "export_first")
            with st.form("account_leave_form", border=False):
                if has_password:
                    _ask_password("ac_leave")
                else:
                    st.text_input(_("Type {word}").format(word=_go()), key="ac_leave", autocomplete="off")
                args = (store, accounts, user.user_id, has_password)
                st.form_submit_button(_("Delete everything"), key="ac_leave_go", on_click=_delete, args=args)


def _delete(store: Store, accounts: Accounts, user_id: str, has_password: bool) -> None:
    typed = _taken("ac_leave")
    try:
        if has_password:
            accounts.check_password(user_id, typed, now=datetime.now(UTC))
        elif typed.strip().lower() != _go():
            raise AccountError(_("Type the word {word} to go on. Nothing was changed.").format(word=_go()))
    except AccountError as error:
        tell("leave", str(error), is_wrong=True)
        return
    ended = leave(store, accounts, read_settings(), user_id)
    SOCKETS.close(sid for sid in ended if sid != _this_session())
    ss.clear()
    ss[LEFT] = True


def _go() -> str:
    """What somebody without a password types instead."""
    return p_("a word to type", "delete")


def _ask_password(key: str, label: str = "") -> None:
    st.text_input(label or _("Your password"), key=key, type="password", autocomplete="current-password")


def _taken(key: str) -> str:
    """What was typed into a field; it is empty from then on."""
    words = str(ss.get(key) or "")
    ss[key] = ""
    return words
