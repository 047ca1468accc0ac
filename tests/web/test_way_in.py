"""The way in, as the screens show it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from accounts.access import REFUSED, Accounts
from accounts.sessions import session_id
from routes.house import open_house
from settings import read_settings
from storage import Store
from tests.web.server import ANA, Browser, signed_in

TRACKER = str(Path(__file__).parent.parent.parent / "tracker.py")


@pytest.fixture
def at(store: Store) -> AppTest:
    """The screens alone, as `streamlit run tracker.py` shows them."""
    return AppTest.from_file(TRACKER, default_timeout=20).run()


def shown(at: AppTest) -> str:
    return " ".join(element.value for element in at.html)


def test_somebody_new_signs_up_and_is_asked_the_first_question(at: AppTest, store: Store) -> None:
    assert "Good to have you here" in shown(at)
    assert "Welcome back" not in shown(at)
    at.text_input(key="up_name").set_value("Ben <i>")
    at.text_input(key="up_email").set_value("ben@example.org")
    at.text_input(key="up_password").set_value("short")
    at.button(key="up_go").click().run()
    assert "8 characters or more; this one has 5" in shown(at)
    at.text_input(key="up_password").set_value("a long one")
    at.button(key="up_go").click().run()
    assert not at.exception
    assert "Question 1 of 7" in shown(at)
    assert "Ben &lt;i&gt;" in shown(at)
    for user_id in set(store.user_ids()) - {ANA}:
        open_house().accounts.forget(user_id)
        store.delete(user_id)


def test_a_refused_sign_in_says_so_and_stays_outside(at: AppTest) -> None:
    at.button(key="to_in").click().run()
    assert "Welcome back" in shown(at)
    at.text_input(key="in_email").set_value("nobody@example.org")
    at.text_input(key="in_password").set_value("whatever it was")
    at.button(key="in_go").click().run()
    assert REFUSED in shown(at)
    assert "Question" not in shown(at)


def test_a_sign_in_without_an_address_or_a_password_says_what_is_missing(at: AppTest) -> None:
    at.button(key="to_in").click().run()
    at.text_input(key="in_email").set_value("nobody@example.org")
    at.button(key="in_go").click().run()
    assert "Type the address and the password" in shown(at)
    assert REFUSED not in shown(at)


def test_a_session_is_looked_up_on_every_run(server: Browser, store: Store, accounts: Accounts) -> None:
    token = signed_in(server)
    at = AppTest.from_file(TRACKER, default_timeout=20)
    at.user = {"session": session_id(token)}
    assert "Question 1 of 7" in shown(at.run())
    accounts.sessions.close(session_id(token))
    assert "xp-door" in shown(at.run())


def test_nobody_is_let_in_by_the_word_of_a_browser(store: Store) -> None:
    for word in (ANA, "-", "../users/ana-3f9a1c", ""):
        at = AppTest.from_file(TRACKER, default_timeout=20)
        at.user = {"session": word}
        assert "xp-door" in shown(at.run())


def test_a_document_that_cannot_be_read_is_said_on_the_page(store: Store) -> None:
    (store.folder / "users" / f"{ANA}.json").write_text("{half")
    at = AppTest.from_file(TRACKER, default_timeout=20)
    at.session_state["signed_in_as"] = ANA
    at.run()
    assert "it is left as it is" in shown(at)
    assert not at.exception


def test_a_setting_that_cannot_be_used_is_said_on_the_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XP_SMTP_PORT", "many")
    read_settings.cache_clear()
    try:
        at = AppTest.from_file(TRACKER, default_timeout=20).run()
        assert "XP_SMTP_PORT" in shown(at)
        assert not at.exception
    finally:
        monkeypatch.undo()
        read_settings.cache_clear()
