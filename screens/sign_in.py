"""The way in: sign in, or make an account."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st
from babel import Locale, UnknownLocaleError

from accounts import passwords
from accounts.access import Accounts
from accounts.attempts import Visitor, network_of
from accounts.identities import LATE, Identity
from accounts.letters import AccountLetters
from accounts.newcomers import NAME_MOST, Invitation
from accounts.records import AccountError
from accounts.sessions import TICKETS
from core.catalogue import N_, _
from routes.house import device_cookie
from screens import arrival, parts
from screens.answers import browser_zone
from settings import read_settings

WAITED = "has_arrived"  # in the session: somebody from an OpenID provider has seen the form of a new account
LEFT = "has_left"  # in the session: the account was deleted in this very tab
FIRST_FIELDS = {"new": "up_name", "in": "in_email", "forgotten": "fg_email"}  # of each form, by its door
MONTH = "1021322 2131243 1324432 3243443 4344444"  # of the picture: how much of a day is done, 0 to 4
UNKNOWN = N_(
    "No account here is connected with your sign-in by {label}. If you have one, sign in to it and connect {label} "
    "under Profile, Account."
)
WITHOUT_PASSWORD = N_(
    "You will sign in by {label}, without a password. If you have an account already, sign in to it and connect "
    "{label} under Profile, Account."
)
FORGOTTEN = N_(
    "Whoever runs this XP Tracker{operators} can make you a link that signs you in without it. It works for one hour."
)
LINK_SENT = N_(
    "If there is an account with that address, a letter with a link is on its way. The link works once, for one hour. "
    "No letter after some minutes? Look at the address once more, and among unwanted mail."
)

ss = st.session_state


def draw(accounts: Accounts, letters: AccountLetters) -> None:
    """Draw the page for somebody who is not signed in, and sign them in."""
    with st.container(key="door"):
        side, form = st.columns([1, 1.15], gap="large")
        with side:
            _draw_side()
        with form, st.container(key="door_form", gap="small"):
            _draw_form(accounts, letters)


def _draw_form(accounts: Accounts, letters: AccountLetters) -> None:
    if ss.pop(LEFT, False):
        parts.done(_("Your account is gone, with your record, your letters and every sign-in."))
    token, invitation = st.query_params.get("invitation", ""), None
    if token:
        try:
            invitation = accounts.newcomers.read_invitation(token)
        except AccountError as error:
            parts.alert(str(error))
    may_sign_up = accounts.newcomers.may_sign_up(invitation)
    identity = arrival.arrived(accounts, now=datetime.now(UTC))
    if identity:
        _take_in(accounts, identity, invitation)
        return
    if ss.pop(WAITED, False):
        parts.alert(_(LATE))
    is_new = invitation or not visitor().device  # nobody has signed in by this browser yet
    door = ss.get("door", "new" if is_new and may_sign_up else "in")
    if door == "new" and may_sign_up:
        _draw_sign_up(accounts, invitation)
    elif door == "forgotten" and read_settings().sends_letters:
        _draw_forgotten(letters)
    else:
        _draw_sign_in(accounts, invitation)
    if door != "forgotten":
        arrival.draw_buttons()
    parts.keys(door, [f".st-key-{FIRST_FIELDS[door]} input"])  # the form before may still stand for a moment


def _take_in(accounts: Accounts, identity: Identity, invitation: Invitation | None) -> None:
    """Let somebody in who has just come from an OpenID provider, or ask for what an account needs besides."""
    label = arrival.label_of(identity.provider)
    try:
        if user_id := accounts.sign_in_as(identity, now=datetime.now(UTC)):
            _draw_head(_("Welcome back"), _("Your days are as you left them."))
            _let_in(user_id, to="/")
            return
    except AccountError as error:
        parts.alert(str(error))
        return
    if accounts.newcomers.may_sign_up(invitation):
        ss[WAITED] = True
        _draw_sign_up(accounts, invitation, identity)
        return
    _draw_head(_("Not known here yet"), parts.esc(_(UNKNOWN).format(label=label)))
    parts.alert(accounts.newcomers.why_not_open)
    if st.button(_("Back to sign in"), key="to_in", type="primary"):
        arrival.forget()


def _draw_side() -> None:
    days = "".join(f'<i class="l{level}"></i>' for level in MONTH.replace(" ", ""))
    st.html(f"""<div class="xp-side xp-door"><div class="xp-brand"><i aria-hidden="true">✓</i>XP Tracker</div>
      <div class="xp-big">{_("A tick takes a second. What it adds up to takes weeks.")}</div>
      <p>{_("Mark what you did. From Day 14 on, a coach tells you what your own days say.")}</p>
      <div class="xp-month" aria-hidden="true">{days}</div>
      <ul><li>{_("One digest a day at most, at your hour")}</li><li>{_("A forgotten day can be filled in later")}</li>
      <li>{_("Your record is a file that you can take along")}</li></ul>
      <div class="xp-foot">{_("I am software: I count and I suggest, you decide.")}</div></div>""")


def _draw_head(title: str, hint: str) -> None:
    st.html(f'<h1 class="xp-q">{title}</h1><p class="xp-hint">{hint}</p>')


def _draw_sign_in(accounts: Accounts, invitation: Invitation | None) -> None:
    if visitor().device or "door" in ss:
        _draw_head(_("Welcome back"), _("Your days are as you left them."))
    else:  # where nobody can make an account: whoever comes may be a stranger
        _draw_head(_("Sign in"), _("With the address and the password of your account."))
    said = st.container()
    with st.form("door_sign_in", border=False):
        email = st.text_input(
            _("E-mail address"), key="in_email", autocomplete="username", placeholder=_("you@example.org")
        )
        password = st.text_input(_("Password"), key="in_password", type="password", autocomplete="current-password")
        is_sent = st.form_submit_button(_("Sign in"), key="in_go", type="primary", width="stretch")
    with st.container(horizontal=True, key="door_other", horizontal_alignment="distribute", gap="small"):
        if read_settings().sends_letters:
            forgotten = _("Forgot your password?")
            st.button(forgotten, key="to_forgotten", type="tertiary", on_click=_turn_to, args=("forgotten",))
        else:
            words = _(FORGOTTEN).format(operators=parts.esc(read_settings().operators))
            summary = f"<summary>{_('Forgot your password?')}</summary>"
            st.html(f'<details class="xp-more">{summary}<p>{words}</p></details>')
        _draw_switch(accounts, invitation)
    if is_sent and not (email and password):
        with said:
            parts.alert(_("Type the address and the password of your account."))
    elif is_sent:
        try:
            _let_in(accounts.sign_in(email or "", password or "", now=datetime.now(UTC), visitor=visitor()))
        except AccountError as error:
            with said:
                parts.alert(str(error))


def _draw_forgotten(letters: AccountLetters) -> None:
    _draw_head(_("Forgot your password?"), _("A letter brings a link to a new one."))
    said = st.container()
    with st.form("door_forgotten", border=False):
        email = st.text_input(
            _("E-mail address"), key="fg_email", autocomplete="username", placeholder=_("you@example.org")
        )
        is_sent = st.form_submit_button(_("Send me the link"), key="fg_go", type="primary", width="stretch")
    st.button(_("Back to sign in"), key="to_in", type="tertiary", on_click=_turn_to, args=("in",))
    if is_sent:
        with said:
            try:
                letters.ask_for_password(email or "", visitor(), now=datetime.now(UTC))
                parts.done(_(LINK_SENT))
            except AccountError as error:
                parts.alert(str(error))


def _draw_switch(accounts: Accounts, invitation: Invitation | None) -> None:
    if accounts.newcomers.may_sign_up(invitation):
        st.button(_("Create an account"), key="to_new", type="tertiary", on_click=_turn_to, args=("new",))
    else:
        st.html(f'<p class="xp-small">{parts.esc(accounts.newcomers.why_not_open)}</p>')


def _draw_sign_up(accounts: Accounts, invitation: Invitation | None, identity: Identity | None = None) -> None:
    """The form of a new account; with an identity it asks for no password."""
    _draw_head(_("Create an account"), _("Good to have you here. Then come seven questions, and your first tick."))
    said = st.container()
    invited = invitation.email if invitation else ""
    with st.form("door_sign_up", border=False):
        name = st.text_input(
            _("What shall I call you?"),
            identity.name[:NAME_MOST] if identity else "",
            key="up_name",
            autocomplete="given-name",
            max_chars=NAME_MOST,
        )
        email = st.text_input(
            _("E-mail address"),
            invited or (identity.email if identity else ""),
            key="up_email",
            autocomplete="email",
            placeholder=_("you@example.org"),
            disabled=bool(invited),
        )
        if invited:
            st.html(f'<p class="xp-small">{_("Your invitation is for this address.")}</p>')
        password = "" if identity else _ask_password()
        is_sent = st.form_submit_button(_("Create account"), key="up_go", type="primary", width="stretch")
    only = _("The address is for your letters and for signing in, and for nothing else.")
    st.html(f'<p class="xp-small">{only}</p>')
    if identity:
        how = _(WITHOUT_PASSWORD).format(label=arrival.label_of(identity.provider))
        st.html(f'<p class="xp-small">{parts.esc(how)}</p>')
        if st.button(_("I have an account"), key="to_in", type="tertiary"):
            arrival.forget()
    else:
        st.button(_("I have an account"), key="to_in", type="tertiary", on_click=_turn_to, args=("in",))
    if is_sent:
        try:
            user_id = accounts.newcomers.sign_up(
                name or "",
                invited or email or "",
                password,
                now=datetime.now(UTC),
                locale=_locale(),
                timezone=browser_zone() or "UTC",
                invitation=invitation,
                visitor=visitor(),
                identity=identity,
            )
            _let_in(user_id, to="/" if invitation else "")
        except AccountError as error:
            with said:
                parts.alert(str(error))


def _ask_password() -> str:
    password = st.text_input(_("Password"), key="up_password", type="password", autocomplete="new-password")
    least = _("{least} characters or more. A short sentence works well.").format(least=passwords.LEAST)
    st.html(f'<p class="xp-small">{least}</p>')
    return password or ""


def _let_in(user_id: str, to: str = "") -> None:
    """Sign in: by a cookie where web.py can set one, else in this session until the page is reloaded.

    Then `to` is loaded, or the screen that was asked for.
    """
    if st.user.get("session") is parts.NO_ROUTES:
        ss[parts.SESSION_KEY] = user_id
        st.rerun()
    parts.send("/auth/ticket", TICKETS.issue(user_id, now=datetime.now(UTC)), to=to)


def visitor() -> Visitor:
    """Where a try comes from: the network of the browser, and the mark that a sign-in has left on it."""
    device = ""
    if st.user.get("session") is not parts.NO_ROUTES:
        device = st.context.cookies.get(device_cookie(read_settings()), "")
    return Visitor(network_of(st.context.ip_address), device)


def _turn_to(door: str) -> None:
    ss.door = door


def _locale() -> str:
    """The browser's locale as Babel writes it, English where Babel does not know it."""
    try:
        return str(Locale.parse(st.context.locale or "en", sep="-"))
    except (UnknownLocaleError, ValueError):
        return "en"
