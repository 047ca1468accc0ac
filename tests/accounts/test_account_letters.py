"""Letters about an account: who gets one, what its link does, once and within the hour, and what nobody can tell."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from accounts.access import Accounts
from accounts.attempts import Visitor
from accounts.letters import AccountLetters, desk
from accounts.records import AccountError
from core.models import Refusal
from mail.ledger import letters_of
from mail.links import BadLinkError, Purpose, read_account_link
from settings import Settings
from storage import Store, open_store
from tests.account_cast import OTHER, PASSWORD
from tests.mail_servers import mail_server

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
SOMEWHERE = Visitor("203.0.113.9")


@dataclass(frozen=True)
class Office:
    """A store with Ana in it, and the letters about accounts that leave it."""

    store: Store
    accounts: Accounts
    letters: AccountLetters
    ana: str

    def sent(self) -> list[EmailMessage]:
        """What has been sent so far, the oldest first."""
        desk().rest()
        files = (self.store.folder / "outbox").glob("*.eml")
        paths = sorted(files, key=lambda path: path.stat().st_mtime_ns)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    def link_in(self, letter: EmailMessage) -> list[str]:
        """What the link of a letter says."""
        purpose: Purpose = "password" if "/auth/password/" in text_of(letter) else "address"
        [token] = set(re.findall(rf"/auth/{purpose}/(\S+)", text_of(letter)))
        return read_account_link(self.store.secret(), purpose, token)


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def opened(folder: Path, **known: object) -> Office:
    store, settings = open_store(folder), Settings.model_validate({"data_dir": folder, **known})
    accounts = Accounts(store, settings)
    ana = accounts.newcomers.sign_up("Ana <b>", "ana@example.org", PASSWORD, now=NOW)
    return Office(store, accounts, AccountLetters(store, accounts, settings), ana)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    yield opened(tmp_path)
    desk().rest()


# --- another password


def test_a_forgotten_password_is_set_anew_by_the_link_of_a_letter_once(office: Office) -> None:
    office.letters.ask_for_password("ANA@example.org ", SOMEWHERE, now=NOW)
    [letter] = office.sent()
    assert (letter["To"], letter["X-XP-Kind"]) == ("ana@example.org", "account")
    assert "List-Unsubscribe" not in letter
    html = letter.get_body(("html",))
    assert html is not None
    assert "display:none" not in html.get_content(), (
        "its preview is shown: hidden words beside such a link look like fraud"
    )
    key, stamp = office.link_in(letter)
    assert office.accounts.reset_password(key, stamp, OTHER) == office.ana
    assert office.accounts.sign_in("ana@example.org", OTHER, now=NOW) == office.ana
    with pytest.raises(AccountError, match="used already"):
        office.accounts.reset_password(key, stamp, "a third one, by the same link")
    with pytest.raises(AccountError):
        office.accounts.sign_in("ana@example.org", PASSWORD, now=NOW)


def test_a_password_that_cannot_be_taken_leaves_the_link_as_it_was(office: Office) -> None:
    office.letters.ask_for_password("ana@example.org", SOMEWHERE, now=NOW)
    key, stamp = office.link_in(office.sent()[0])
    with pytest.raises(AccountError, match="8 characters or more"):
        office.accounts.reset_password(key, stamp, "short")
    assert office.accounts.reset_password(key, stamp, OTHER) == office.ana


def test_a_link_works_for_an_hour_and_for_its_own_purpose(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.letters.ask_for_password("ana@example.org", SOMEWHERE, now=NOW)
    [token] = set(re.findall(r"/auth/password/(\S+)", text_of(office.sent()[0])))
    with pytest.raises(BadLinkError):
        read_account_link(office.store.secret(), "address", token)
    made = time.time()
    for seconds, works in ((3590, True), (3605, False)):
        monkeypatch.setattr("time.time", lambda seconds=seconds: made + seconds)
        if works:
            assert read_account_link(office.store.secret(), "password", token)
        else:
            with pytest.raises(BadLinkError, match="older than an hour"):
                read_account_link(office.store.secret(), "password", token)


def test_nobody_can_tell_from_the_answer_whose_address_it_is(office: Office) -> None:
    for address in ("nobody@example.org", "ana@example.org"):
        for _ in range(5):
            office.letters.ask_for_password(address, Visitor(), now=NOW)
    with pytest.raises(AccountError, match="whole address"):
        office.letters.ask_for_password("ana@", Visitor(), now=NOW)
    assert {letter["To"] for letter in office.sent()} == {"ana@example.org"}


def test_an_address_gets_three_such_letters_an_hour_at_most(office: Office) -> None:
    for minutes in range(0, 60, 5):
        office.letters.ask_for_password("ana@example.org", Visitor(), now=NOW + timedelta(minutes=minutes))
    assert len(office.sent()) == 3
    office.letters.ask_for_password("ana@example.org", Visitor(), now=NOW + 2 * HOUR)
    assert len(office.sent()) == 4


def test_one_network_asks_for_ten_letters_and_then_waits(office: Office) -> None:
    for n in range(10):
        office.letters.ask_for_password(f"somebody{n}@example.org", SOMEWHERE, now=NOW)
    with pytest.raises(AccountError, match="Try again in 5 minutes"):
        office.letters.ask_for_password("ana@example.org", SOMEWHERE, now=NOW)
    assert office.sent() == []


def test_an_address_that_has_not_said_yes_or_is_refused_gets_none(tmp_path: Path) -> None:
    office = opened(tmp_path)
    with office.store.edit(office.ana) as user:
        user.email_refused = Refusal(address="ana@example.org", at=NOW, reason="550 no such mailbox")
    office.letters.ask_for_password("ana@example.org", Visitor(), now=NOW)
    assert office.sent() == []
    with mail_server() as box:
        server = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none"}
        there = opened(tmp_path / "with a server", **server, mail_from="coach@example.org")
        there.letters.ask_for_password("ana@example.org", Visitor(), now=NOW)
        desk().rest()
        assert not box.letters
        with there.store.edit(there.ana) as user:
            user.email_confirmed = True
        there.letters.ask_for_password("ana@example.org", Visitor(), now=NOW)
        desk().rest()
        assert len(box.letters) == 1


def test_what_a_letter_of_an_account_says_stands_in_no_ledger(office: Office) -> None:
    office.letters.ask_for_password("ana@example.org", SOMEWHERE, now=NOW)
    assert office.sent()
    assert letters_of(office.store.records, office.ana) == []


def test_a_letter_to_somebody_who_has_just_left_does_not_go(office: Office) -> None:
    office.store.delete(office.ana)
    office.letters.tell_password_changed(office.ana, now=NOW)
    office.letters.ask_for_password("ana@example.org", SOMEWHERE, now=NOW)
    assert office.sent() == []


# --- another address


def asked(office: Office, new: str = "ana@new.example") -> tuple[str, str, str]:
    """Ask for a new address; what the link in its letter says."""
    office.letters.ask_for_address(office.ana, new, now=NOW)
    to_old, to_new = office.sent()
    assert (to_old["To"], to_new["To"]) == ("ana@example.org", new)
    assert new in text_of(to_old)
    assert "/auth/" not in text_of(to_old)
    assert "Ana" not in to_new.as_string()
    key, stamp, address = office.link_in(to_new)
    return key, stamp, address


def test_nothing_changes_until_the_new_address_says_yes_and_then_all_of_it(office: Office) -> None:
    with office.store.edit(office.ana) as user:
        user.email_refused = Refusal(address="somebody@else.example", at=NOW, reason="550")
    key, stamp, address = asked(office)
    assert office.store.read(office.ana).email == "ana@example.org"
    assert office.accounts.sign_in("ana@example.org", PASSWORD, now=NOW) == office.ana
    assert office.accounts.move_address(key, stamp, address) == office.ana
    user = office.store.read(office.ana)
    assert (user.email, user.email_confirmed, user.email_refused) == ("ana@new.example", True, None)
    assert office.accounts.sign_in("ana@new.example", PASSWORD, now=NOW) == office.ana
    assert len(office.store.records.keys("accounts")) == 1
    for old in ("ana@example.org", "ana@other.example"):
        with pytest.raises(AccountError):
            office.accounts.sign_in(old, PASSWORD, now=NOW)
    with pytest.raises(AccountError, match="used already"):
        office.accounts.move_address(key, stamp, address)


def test_whoever_moves_back_does_not_bring_the_link_of_before_to_life(office: Office) -> None:
    key, stamp, address = asked(office)
    office.accounts.move_address(key, stamp, address)
    office.accounts.move_address(*(office.accounts.stamp_of(office.ana) or ("", "")), "ana@example.org")
    with pytest.raises(AccountError, match="used already"):
        office.accounts.move_address(key, stamp, address)
    assert office.store.read(office.ana).email == "ana@example.org"


def test_another_password_ends_every_link(office: Office) -> None:
    key, stamp, address = asked(office)
    office.accounts.change_password(office.ana, OTHER, now=NOW)
    with pytest.raises(AccountError, match="used already"):
        office.accounts.move_address(key, stamp, address)
    assert not office.accounts.is_stamped(key, stamp)


def test_an_address_that_is_somebodys_gets_no_letter_and_nobody_is_told(office: Office) -> None:
    office.accounts.newcomers.sign_up("Ben", "ben@example.org", OTHER, now=NOW)
    office.letters.ask_for_address(office.ana, "ben@example.org", now=NOW)
    assert [letter["To"] for letter in office.sent()] == ["ana@example.org"]


def test_an_address_that_somebody_took_meanwhile_stays_theirs(office: Office) -> None:
    key, stamp, address = asked(office)
    ben = office.accounts.newcomers.sign_up("Ben", address, OTHER, now=NOW)
    with pytest.raises(AccountError, match="account with this address already"):
        office.accounts.move_address(key, stamp, address)
    assert office.accounts.sign_in(address, OTHER, now=NOW) == ben
    assert office.accounts.sign_in("ana@example.org", PASSWORD, now=NOW) == office.ana
    assert office.store.read(office.ana).email == "ana@example.org"


def test_a_move_that_was_cut_off_halfway_is_ended_by_the_same_link(office: Office) -> None:
    key, stamp, address = asked(office)
    path = office.store.folder / "users" / f"{office.ana}.json"
    whole = path.read_bytes()
    path.write_text("{half")
    with pytest.raises(Exception, match="cannot be read"):
        office.accounts.move_address(key, stamp, address)
    for email in ("ana@example.org", address):  # she is never without a sign-in
        assert office.accounts.sign_in(email, PASSWORD, now=NOW) == office.ana
    path.write_bytes(whole)
    assert office.accounts.move_address(key, stamp, address) == office.ana
    assert len(office.store.records.keys("accounts")) == 1


def test_capitals_of_ones_own_address_can_be_changed(office: Office) -> None:
    key, stamp = office.accounts.stamp_of(office.ana) or ("", "")
    office.accounts.move_address(key, stamp, "Ana@example.org")
    assert office.store.read(office.ana).email == "Ana@example.org"
    assert office.accounts.sign_in("ana@example.org", PASSWORD, now=NOW) == office.ana
    with pytest.raises(AccountError, match="used already"):
        office.accounts.move_address(key, stamp, "Ana@example.org")
