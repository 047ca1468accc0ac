"""XP Tracker's screens: who is here, and what they see: the way in, the seven questions, or a screen."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st

from accounts.access import Accounts
from accounts.attempts import ATTEMPTS
from accounts.letters import AccountLetters
from catalogues import find_catalogues
from core.catalogue import N_, _
from core.documents import KNOWN_MOST
from onboarding import has_completed_onboarding, save_onboarding_profile, show_onboarding_modal
from routes.openid import read_providers
from screens import arrival, coaching, habit_page, language, parts, profile, progress, sign_in, today, together, ways
from settings import SettingsError, read_settings
from storage import Store, StoreError, open_store

ICON = Path(__file__).resolve().parent / "static" / "icon.png"
SCREENS = (  # its name on the bar, its address, its icon, what draws it
    (N_("Today"), ways.TODAY, "check_circle", today.draw),
    (N_("Progress"), ways.PROGRESS, "monitoring", progress.draw),
    (N_("Coaching"), ways.COACHING, "auto_awesome", coaching.draw),
    (N_("Profile"), ways.PROFILE, "person", profile.draw),
)
BESIDE = (  # reached from a screen, not from the bar
    (N_("Habit"), ways.HABIT, "habit", habit_page.draw),
    (N_("Together"), ways.TOGETHER, "groups", together.draw),
)


@st.cache_resource(show_spinner=False)
def shared_store(folder: Path) -> Store:
    """The store of this process, opened once. Raises StoreError."""
    return open_store(folder, kept_most=KNOWN_MOST)


def current_user(accounts: Accounts) -> str | None:
    """Who is signed in: by the session that web.py found behind the cookie, or without web.py until a reload."""
    session = st.user.get("session")
    if session is parts.NO_ROUTES:
        return st.session_state.get(parts.SESSION_KEY)
    return accounts.sessions.user_of(str(session), now=datetime.now(UTC))


def ask_the_seven(store: Store, user_id: str) -> None:
    """The gate before the screens."""
    if not show_onboarding_modal(user_id, store=store):
        return
    if save_onboarding_profile(user_id, st.session_state.onboarding_responses, now=datetime.now(UTC), store=store):
        st.rerun()


def draw_bar(pages: list[st.Page]) -> None:
    """The way between the screens: pills above them, on a phone a bar under the thumb."""
    with st.container(horizontal=True, key="nav", gap="xxsmall", wrap=False):
        for page, (title, _path, icon, _draw) in zip(pages, SCREENS, strict=False):
            st.page_link(page, label=_(title), icon=f":material/{icon}:")


def main() -> None:
    """One run of the script."""
    st.set_page_config(page_title="XP Tracker", page_icon=str(ICON), layout="wide", initial_sidebar_state="collapsed")
    find_catalogues()
    language.speak(language.of_browser())
    parts.style("style.css")
    try:
        settings = read_settings()
        read_providers(settings.base_url)
        store = shared_store(settings.data_dir)
        accounts = Accounts(store, settings, ATTEMPTS)
        draw(store, accounts, AccountLetters(store, accounts, settings))
    except SettingsError as error:
        parts.settings_trouble(error)
    except StoreError as error:
        parts.store_trouble(error)


def draw(store: Store, accounts: Accounts, letters: AccountLetters) -> None:
    """What this person sees."""
    user_id = current_user(accounts)
    if user_id is not None:
        language.speak(store.read(user_id).locale)
    language.tell_browser()
    pages = [
        st.Page(partial(draw_one, store, user_id or ""), title=_(title), url_path=path, default=not path)
        for title, path, _icon, draw_one in (*SCREENS, *BESIDE)
    ]
    page = st.navigation(pages, position="hidden")  # before the gates, so that every screen's address is known
    arrival.say_failure()
    if user_id is None:
        sign_in.draw(accounts, letters)
    elif identity := arrival.arrived(accounts, now=datetime.now(UTC)):
        arrival.draw_question(accounts, store.read(user_id), identity)
    elif not has_completed_onboarding(user_id, store=store):
        ask_the_seven(store, user_id)
    else:
        draw_bar(pages)
        page.run()


main()
