"""Whatever is refused or goes wrong on a screen is said in German to whoever reads German; a log stays English."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import catalogues
from accounts import passwords
from accounts.attempts import TooSoonError
from accounts.records import AccountError, checked_address
from core import planning, recording
from core.catalogue import speaking
from core.coach.advising.followup import latest
from core.models import Target
from core.recording import RecordingError
from mail.links import BadLinkError, read_account_link, read_letter_link, read_sign_in_link
from screens.parts import store_words
from storage import Store, StoreError
from tests.screens_cast import NOW, TODAY, days_ago, lived, words_on

ROOT = Path(catalogues.__file__).parent
SAID_TO_PEOPLE = {"AccountError", "BadLinkError", "PasswordRefused", "RecordingError", "TooSoonError"}
ENGLISH = re.compile(r"\b(?:the|is|and|not|of|cannot|this|one|with|that|has|to|until|characters|number)\b", re.I)
USER = lived(20)
SECRET = b"secret"

catalogues.find_catalogues()

REFUSED: list[Callable[[], object]] = [
    lambda: planning.on_weekdays(TODAY, []),
    lambda: planning.every_n_days(TODAY, 1),
    lambda: planning.times_per(TODAY, 8, "week"),
    lambda: planning.times_per(TODAY, 32, "month"),
    lambda: recording.tick(USER, "read", TODAY + timedelta(days=1), now=NOW),
    lambda: recording.tick(USER, "read", days_ago(400), now=NOW),
    lambda: recording.tick(USER, "dance", TODAY, now=NOW),
    lambda: recording.tick(USER, "read", TODAY, now=NOW, value=2),
    lambda: recording.write_note(USER, "read", TODAY, "x" * 3000, now=NOW),
    lambda: planning.add_habit(USER, " ", planning.every_day(TODAY), today=TODAY),
    lambda: planning.rename_habit(USER, "read", "x" * 300),
    lambda: planning.change_schedule(USER, "read", planning.every_day(TODAY), from_day=days_ago(3), today=TODAY),
    lambda: planning.pause(USER, TODAY, days_ago(3)),
    lambda: planning.pause(USER, TODAY, TODAY + timedelta(days=500)),
    lambda: latest(USER, "nothing", "read"),
    lambda: passwords.hashed("short"),
    lambda: passwords.hashed("x" * 1500),
    lambda: checked_address("ana"),
    lambda: checked_address("jörg@example.org"),
    lambda: read_letter_link(SECRET, "broken"),
    lambda: read_sign_in_link(SECRET, "broken"),
    lambda: read_account_link(SECRET, "password", "broken"),
    lambda: read_account_link(SECRET, "invitation", "broken"),
]


def raised_in(file: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) as call) if name in SAID_TO_PEOPLE:
                yield call


def test_no_refusal_said_to_a_person_is_a_text_that_no_catalogue_knows() -> None:
    sources = [
        file
        for folder in (".", "accounts", "core", "core/coach", "core/letters", "importing", "mail", "routes", "screens")
        for file in (ROOT / folder).glob("*.py")
    ]
    calls = [(file.name, call) for file in sources for call in raised_in(file)]
    assert len(calls) > 40
    bare = [
        (name, call.lineno)
        for name, call in calls
        for said in call.args
        if isinstance(said, ast.JoinedStr) or (isinstance(said, ast.Constant) and isinstance(said.value, str))
    ]
    assert bare == []


@pytest.mark.parametrize("refused", REFUSED)
def test_a_refusal_is_german(refused: Callable[[], object]) -> None:
    with speaking("de"), pytest.raises((RecordingError, passwords.PasswordRefused, AccountError, BadLinkError)) as said:
        refused()
    assert str(said.value)
    assert not ENGLISH.search(str(said.value))
    assert not re.search(r"\d{4}-\d\d-\d\d|\d,\d{3}", str(said.value))


def test_a_number_that_is_too_large_is_refused_with_german_numbers() -> None:
    user = lived(20)
    user.habit("read").target = Target(at_least=5)
    with speaking("de"), pytest.raises(RecordingError, match=r"1\.000\.000\.000") as said:
        recording.tick(user, "read", TODAY, now=NOW, value=-1.5)
    assert "-1,5" in str(said.value)


def test_a_wait_is_german() -> None:
    with speaking("de"):
        assert not any(ENGLISH.search(str(TooSoonError(timedelta(seconds=n)))) for n in (1, 30, 60, 600, 7200))


def test_a_file_that_cannot_be_read_is_told_in_german_while_the_error_stays_english(store: Store) -> None:
    user = lived(20)
    store.create(user)
    (store.folder / "users" / f"{user.user_id}.json").write_text("{half")
    with pytest.raises(StoreError) as error, speaking("de"):
        store.read(user.user_id)
    assert "cannot be read" in str(error.value)
    with speaking("de"):
        assert not ENGLISH.search(store_words(error.value))
        assert f"users/{user.user_id}.json" in store_words(error.value)


def test_what_the_screen_of_a_trouble_says_is_german(caplog: pytest.LogCaptureFixture) -> None:
    def page() -> None:
        from core.catalogue import speaking
        from screens import parts
        from settings import SettingsError
        from storage import NotStored, StoreError

        with speaking("de"):
            parts.store_trouble(StoreError("a.json cannot be read", "a.json"))
            parts.store_trouble(StoreError("the change is not valid"))
            parts.store_trouble(NotStored("there is no person"))
            parts.settings_trouble(SettingsError("XP_SMTP_PORT=many: write a number", "XP_SMTP_PORT"))

    at = AppTest.from_function(page).run()
    assert not at.exception
    said = re.sub(r"<[^>]*>", " ", words_on(at))
    assert not ENGLISH.search(said)
    assert "XP_SMTP_PORT" in said
    assert "many" not in said
    assert "a.json cannot be read" in caplog.text
    assert "XP_SMTP_PORT=many" in caplog.text
