"""Letters about the account itself: a link for another password or address, and word of what was asked or done.

They are asked for in the app, so they go at once, beside the ledger of digests and drips, and are limited by address
and by network. Whoever asks gets the same answer at the same time, whether or not there is such an account.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from accounts.access import Accounts
from accounts.attempts import LETTERS_FROM_NETWORK, LETTERS_TO_ADDRESS, TooSoonError, Visitor
from accounts.records import address_key, checked_address, said_to_the_person
from core.catalogue import N_, _, speaking
from core.letters.days_said import long_day
from core.localtime import day_number, local_day, zone
from core.models import User
from mail.letter_message import address_on_the_wire
from mail.letters import Frame, Letter, render_account
from mail.links import account_link
from mail.post_office import Post, on_the_wire, open_post
from settings import Settings
from storage import NotStored, Store

log = logging.getLogger(__name__)

TRIES_AFTER = (0.0, 20.0, 60.0)  # seconds; whoever waits for a link asks again sooner than a longer wait ends
WAITING_MOST = 200  # letters; more than that is a flood
Facts = Mapping[str, str]
NO_FACTS: Facts = {}
SOMEBODY_ASKED = N_("You get this because somebody asked for it in XP Tracker.")
ABOUT_SAFETY = N_("You get this because it is about the safety of your account.")


@dataclass(frozen=True)
class Words:
    """What a letter about the account says: above its button, on it, below, and why it comes; translated as written."""

    name: str
    subject: str
    preheader: str
    title: str
    lead: str
    before: str
    button: str
    after: str
    why: str = SOMEBODY_ASKED


PASSWORD = Words(
    "password",
    N_("A new password for XP Tracker"),
    N_("The link works once, within the hour."),
    N_("Choose a new password"),
    N_("Somebody asked for this with your address. If it was you, here is the way."),
    N_("The link opens a page where you choose a new one. It works once, for one hour."),
    N_("Choose a password"),
    N_("If it was not you, leave this letter be. Nobody can change anything without it."),
)
NEW_ADDRESS = Words(
    "address",
    N_("Is this your new address?"),
    N_("One tap moves your sign-in and your letters here."),
    N_("Is this your new address?"),
    N_("Somebody who is signed in to XP Tracker wants to use this address from now on."),
    N_("After one tap you sign in with it, and your letters come here. The link works once, for one hour."),
    N_("Yes, move to this address"),
    N_("If it was not you, leave this letter be, and nothing changes."),
)
OLD_ADDRESS = Words(
    "notice",
    N_("Your address is about to change"),
    N_("Nothing has changed so far."),
    N_("Another address was asked for"),
    N_("Somebody who knows your password wants to move your account away from this address."),
    N_("Nothing has changed so far: the new address, {address}, has to say yes within an hour."),
    N_("Open XP Tracker"),
    N_("If it was not you, choose another password under Profile, Account. Then the link to the new address is void."),
    ABOUT_SAFETY,
)
PASSWORD_CHANGED = Words(
    "changed",
    N_("Your password was changed"),
    N_("Every other device is signed out."),
    N_("Your password was changed"),
    N_("From now on you sign in with the new one."),
    N_("Every other device on which you were signed in is signed out."),
    N_("Open XP Tracker"),
    N_(
        "If it was not you, choose “Forgot your password?” on the sign-in page: a link to a new one comes to this "
        "address."
    ),
    ABOUT_SAFETY,
)


class Desk:
    """Where letters wait to be written, one after the other, while whoever asked goes on."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Callable[[], None]] = queue.Queue(WAITING_MOST)
        threading.Thread(target=self._work, name="account-letters", daemon=True).start()

    def later(self, work: Callable[[], None], seconds: float = 0) -> None:
        """Do something soon; a flood is left undone."""
        if seconds:
            timer = threading.Timer(seconds, self.later, (work,))
            timer.daemon = True
            timer.start()
            return
        with suppress(queue.Full):
            self._waiting.put_nowait(work)

    def rest(self) -> None:
        """Wait until nothing waits."""
        self._waiting.join()

    def _work(self) -> None:
        while True:
            work = self._waiting.get()
            try:
                work()
            except Exception:
                log.exception("a letter about an account was not sent")
            finally:
                self._waiting.task_done()


@cache
def desk() -> Desk:
    """The desk of this process."""
    return Desk()


class AccountLetters:
    """The letters about the accounts of one store."""

    def __init__(self, store: Store, accounts: Accounts, settings: Settings) -> None:
        self._store = store
        self._accounts = accounts
        self._settings = settings.model_copy(update={"data_dir": store.folder})

    def ask_for_password(self, email: str, visitor: Visitor, *, now: datetime) -> None:
        """Send a link for another password, if there is such an account. Raises AccountError for one who asks too
        often from one network; whatever else keeps a letter from going is not said."""
        address = checked_address(email)
        self._count(f"letters from {visitor.network}" if visitor.network else "", now)
        with suppress(TooSoonError):
            self._accounts.attempts.begin({f"letters to {address_key(address)}": LETTERS_TO_ADDRESS}, now=now)
            desk().later(lambda: self._send_password(address, now))

    def ask_for_address(self, user_id: str, new: str, *, now: datetime) -> str:
        """Send a link to a new address and word to the old one; the new one as it is kept. Raises AccountError.

        That an address belongs to somebody else is said by no answer: it gets no letter, and that is all.
        """
        address, stamp = checked_address(new), self._accounts.stamp_of(user_id)
        self._count(f"letters of {user_id}", now)
        try:
            self._accounts.attempts.begin({f"letters to {address_key(address)}": LETTERS_TO_ADDRESS}, now=now)
        except TooSoonError:
            return address
        if stamp is not None:
            desk().later(lambda: self._send_address(user_id, *stamp, address, now))
        return address

    def tell_password_changed(self, user_id: str, *, now: datetime) -> None:
        """Tell the person that they have another password now."""
        desk().later(lambda: self._tell(user_id, PASSWORD_CHANGED, now))

    def _count(self, key: str, now: datetime) -> None:
        with said_to_the_person():
            self._accounts.attempts.begin({key: LETTERS_FROM_NETWORK} if key else {}, now=now)

    def _send_password(self, address: str, now: datetime) -> None:
        found = self._accounts.stamp_of_address(address)
        if found is None:
            return
        key, stamp, user_id = found
        user = self._store.read(user_id)
        if _may_be_written_to(user, self._settings) and address_key(user.email) == key:
            url = account_link(self._settings.base_url, self._store.secret(), "password", key, stamp)
            self._send(user, user.email, PASSWORD, url, now)

    def _send_address(self, user_id: str, key: str, stamp: str, address: str, now: datetime) -> None:
        user = self._store.read(user_id)
        self._tell(user_id, OLD_ADDRESS, now, address=address)
        if self._accounts.stamp_of_address(address) is None:
            url = account_link(self._settings.base_url, self._store.secret(), "address", key, stamp, address)
            self._send(user, address, NEW_ADDRESS, url, now)

    def _tell(self, user_id: str, words: Words, now: datetime, **facts: str) -> None:
        user = self._store.read(user_id)
        if _may_be_written_to(user, self._settings):
            self._send(user, user.email, words, self._settings.base_url, now, facts=facts)

    def _send(
        self, user: User, to: str, words: Words, url: str, now: datetime, tries: int = 0, facts: Facts = NO_FACTS
    ) -> None:
        """Hand one letter over; a server that is away is asked again."""
        with open_post(self._settings) as post:
            letter = _letter(post, user, to, words, url, now, facts)
            raw = on_the_wire(post, letter, datetime.now(UTC))
            outcome = post.mailer.hand_over(raw, letter.to, f"{user.user_id}.{letter.name}.eml", self._is_here(user))
        log.info("%s/%s: %s (%s)", user.user_id, words.name, outcome.end, outcome.detail)
        if outcome.end in ("retry", "server") and tries + 1 < len(TRIES_AFTER):
            again = tries + 1
            desk().later(lambda: self._send(user, to, words, url, now, again, facts), TRIES_AFTER[again])

    def _is_here(self, user: User) -> Callable[[], None]:
        """The last look before a letter goes: to somebody who has left nothing is sent."""

        def look() -> None:
            if self._store.version(user.user_id) is None:
                raise NotStored(f"{user.user_id} has left")

        return look


def _may_be_written_to(user: User, settings: Settings) -> bool:
    """Whether an address has said yes to letters, and the mail server takes it."""
    return bool(user.email) and not user.is_refused and (user.email_confirmed or not settings.needs_confirmation)


def _letter(post: Post, user: User, to: str, words: Words, url: str, now: datetime, facts: Facts) -> Letter:
    with speaking(user.locale):
        return _written(post, user, to, words, url, now, facts)


def _written(post: Post, user: User, to: str, words: Words, url: str, now: datetime, facts: Facts) -> Letter:
    today = local_day(now, zone(user.coaching_profile.timezone))
    said = {part: _(text) for part, text in vars(words).items() if part != "name"}
    frame = Frame(
        date_label=long_day(today, user.locale),
        next_letter="",
        why=said.pop("why"),
        postal=post.settings.postal_address,
        app_url=post.settings.base_url,
        unsubscribe=(),
        confirm_url="",
        locale=user.locale,
    )
    rendered = render_account({**said, "before": said["before"].format(**facts), "url": url}, frame)
    return Letter(
        kind="account",
        user_id=user.user_id,
        to=address_on_the_wire(to),
        to_name="",  # what somebody else typed is not carried to an address that has said nothing yet
        name=f"{words.name}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
        day=day_number(user.created_at, today),
        covers=today,
        subject=rendered.subject,
        preheader=rendered.preheader,
        text=rendered.text,
        html=rendered.html,
        stream="account",
        unsubscribe="",
        locale=user.locale,
    )
