"""The Account room and the door: what they say, what they change, and for whom."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from accounts.access import Accounts
from accounts.letters import desk
from accounts.sessions import Session, device_name
from screens.profile_rooms.account import session_line
from settings import Settings, read_settings
from storage import Store
from tests.account_cast import OTHER, PASSWORD, sign_up
from tests.screens_cast import a_person, lived, look_at, words_on

ANA = "ana-3f9a1c"
NOW = datetime.now(UTC)
TRACKER = str(Path(__file__).parent.parent.parent / "tracker.py")


def room_of(store: Store, *, with_password: bool = True) -> tuple[AppTest, Accounts]:
    """Ana's Account room."""
    accounts = Accounts(store, Settings())
    store.create(lived(3, NOW))
    if with_password:
        accounts.change_password(ANA, PASSWORD, now=NOW)
    at = look_at("profile", store, lived(3, NOW), NOW)
    at.session_state["room"] = "Account"
    return at.run(), accounts


def press(at: AppTest, button: str, **fields: str) -> str:
    """Fill the fields and press the button; what the room says then."""
    for key, text in fields.items():
        at.text_input(key=key).set_value(text)
    at.button(key=button).click().run()
    assert not at.exception
    return words_on(at)


def test_another_password_needs_the_one_there_is_and_ends_the_other_sessions(store: Store) -> None:
    at, accounts = room_of(store)
    accounts.sessions.open(ANA, now=NOW)
    assert "That is not your password" in press(at, "ac_password_go", ac_old="not hers", ac_new=OTHER)
    assert "8 characters or more" in press(at, "ac_password_go", ac_old=PASSWORD, ac_new="short")
    assert accounts.sign_in("ana@example.org", PASSWORD, now=NOW) == ANA
    assert "Your password is changed" in press(at, "ac_password_go", ac_old=PASSWORD, ac_new=OTHER)
    assert accounts.sign_in("ana@example.org", OTHER, now=NOW) == ANA
    assert accounts.sessions.of(ANA, now=NOW) == []
    desk().rest()


def test_another_address_needs_the_password_and_changes_nothing_yet(store: Store) -> None:
    at, _ = room_of(store)
    new = "ana@new.example"
    assert "not your password" in press(at, "ac_email_go", ac_email=new, ac_email_password="not hers")
    assert at.text_input(key="ac_email").value == new
    assert "Type the whole address" in press(at, "ac_email_go", ac_email="ana@", ac_email_password=PASSWORD)
    said = press(at, "ac_email_go", ac_email=new, ac_email_password=PASSWORD)
    assert f"in the outbox, for {new}" in said
    assert store.read(ANA).email == "ana@example.org"
    desk().rest()


def test_somebody_who_was_loaded_chooses_a_first_password(store: Store) -> None:
    at, accounts = room_of(store, with_password=False)
    assert "choose a password first" in words_on(at)
    press(at, "ac_password_go", ac_new=PASSWORD)
    assert accounts.sign_in("ana@example.org", PASSWORD, now=NOW) == ANA
    desk().rest()


def test_an_account_is_deleted_by_who_has_its_password(store: Store, tmp_path: Path) -> None:
    at, _ = room_of(store)
    assert "nobody can bring them back" in words_on(at)
    assert "not your password" in press(at, "ac_leave_go", ac_leave="not hers")
    assert store.user_ids() == [ANA]
    at.text_input(key="ac_leave").set_value(PASSWORD)
    at.button(key="ac_leave_go").click().run()
    assert store.user_ids() == store.records.keys("accounts") == []
    assert [path for path in tmp_path.rglob("*") if ANA in path.name] == []


def test_somebody_without_a_password_types_a_word_to_delete_their_account(store: Store) -> None:
    at, _ = room_of(store, with_password=False)
    assert "Type the word delete" in press(at, "ac_leave_go", ac_leave="yes")
    at.text_input(key="ac_leave").set_value(" Delete ")
    at.button(key="ac_leave_go").click().run()
    assert store.user_ids() == []


def test_a_session_elsewhere_is_ended_by_its_button(store: Store) -> None:
    at, accounts = room_of(store)
    accounts.sessions.open(ANA, now=NOW, device="Firefox on Android")
    kept = accounts.sessions.open("ben-111111", now=NOW)
    assert "Firefox on Android" in words_on(at.run())
    assert "That device is signed out" in press(at, "session_end_0")
    assert accounts.sessions.of(ANA, now=NOW) == []
    assert kept
    assert len(store.records.keys("sessions")) == 1


@pytest.mark.parametrize(
    ("days", "is_this", "said"), [(0, True, "this device"), (0, False, "seen today"), (3, False, "last seen ")]
)
def test_a_session_says_when_it_was_seen(days: int, is_this: bool, said: str) -> None:
    session = Session("x", "<b>", NOW - timedelta(days=5), NOW - timedelta(days=days))
    line = session_line(session, a_person(0), NOW, is_this=is_this)
    assert said in line
    assert "<b>&lt;b&gt;</b>" in line


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/142 Safari/537.36 Edg/142", "Edge on Windows"),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) Version/18.1 Safari/605.1", "Safari on a Mac"),
        ("curl/8", "An unknown device"),
        ("", "An unknown device"),
    ],
)
def test_a_device_is_named_coarsely(agent: str, name: str) -> None:
    assert device_name(agent) == name


# --- the door


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The way in of an installation with settings of its own."""

    def opened(**settings: str) -> AppTest:
        for name in [name for name in os.environ if name.startswith("XP_")]:
            monkeypatch.delenv(name)
        for name, value in {"data_dir": str(tmp_path), **settings}.items():
            monkeypatch.setenv(f"XP_{name.upper()}", value)
        read_settings.cache_clear()
        return AppTest.from_file(TRACKER, default_timeout=20)

    yield opened
    monkeypatch.undo()
    read_settings.cache_clear()


def test_a_forgotten_password_gets_the_same_answer_for_every_address(door, store: Store) -> None:
    server = {"smtp_host": "127.0.0.1", "smtp_port": "1", "mail_from": "coach@example.org"}
    accounts = Accounts(store, Settings.model_validate(server))  # the address has not said yes, and gets no letter
    sign_up(accounts, now=NOW)
    at = door(**server).run()
    at.button(key="to_in").click().run()
    at.button(key="to_forgotten").click().run()
    answers = set()
    for email in ("ana@example.org", "nobody@example.org"):
        at.text_input(key="fg_email").set_value(email)
        at.button(key="fg_go").click().run()
        answers.add(words_on(at))
    assert len(answers) == 1
    assert "If there is an account with that address" in answers.pop()
    desk().rest()


def test_without_a_mail_server_the_door_says_whom_to_ask(door) -> None:
    at = door(admin_emails="ops@example.org").run()
    at.button(key="to_in").click().run()
    assert "ops@example.org" in words_on(at)
    assert not [button for button in at.button if button.key == "to_forgotten"]


def test_an_invitation_opens_the_form_with_its_address_in_it(door, store: Store) -> None:
    settings = Settings.model_validate({"signup": "invite"})
    link = Accounts(store, settings).newcomers.invitation("cleo@example.org", "n" * 32)
    at = door(signup="invite")
    at.query_params["invitation"] = link.partition("=")[2]
    at.run()
    assert at.text_input(key="up_email").value == "cleo@example.org"
    assert at.text_input(key="up_email").disabled
    at.text_input(key="up_name").set_value("Cleo")
    at.text_input(key="up_password").set_value(PASSWORD)
    at.button(key="up_go").click().run()
    assert "Question 1 of 7" in words_on(at)
    again = door(signup="invite")
    again.query_params["invitation"] = link.partition("=")[2]
    again.run()
    assert "used already" in words_on(again)
    assert "With the address and the password of your account." in words_on(again)


def test_where_nobody_is_taken_in_an_invitation_opens_nothing(door, store: Store) -> None:
    settings = Settings.model_validate({"signup": "invite"})
    link = Accounts(store, settings).newcomers.invitation("", "n" * 32)
    at = door(signup="closed")
    at.query_params["invitation"] = link.partition("=")[2]
    at.run()
    assert "takes in nobody new" in words_on(at)
