"""Handing letters over: write, claim in the ledger, hand to the mail server or the outbox, note how it ended."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Literal

from core.history import as_of
from core.models import DigestSaid, Refusal, User
from mail.ledger import CUT_OFF, LostClaimError, State
from mail.letters import Letter
from mail.mailers import End, Outcome
from mail.post_office import Post, on_the_wire, open_post
from mail.writing import Stages, WrittenAhead, finished
from settings import read_settings
from storage import StoreError
from store.lanes import in_lanes

log = logging.getLogger(__name__)

RETRY_MINUTES = (2, 10, 30, 60)  # RFC 5321 4.5.4.1 asks for patience; the letter's own validity ends the tries
NEXT_RUN = timedelta(minutes=1)  # when a letter that is due and was not tried is looked at again
WRITTEN_MOST = 5  # times that one letter is written, while its person keeps ticking
STATES: dict[End, State] = {
    "sent": "sent",
    "unknown": "unknown",
    "retry": "retry",
    "server": "retry",
    "letter": "failed",
    "address": "failed",
}


Draft = Callable[[], Letter]  # a letter whose facts are there: it only has to be drawn
Sending = Stages[bool]  # of one person's letter; in the end whether it went


class NotNowError(Exception):
    """A letter that was due is not due any more for the person as they are now, and may be later."""


class OutdatedError(Exception):
    """The person's document changed after the letter was written."""


def send_to_everybody(
    send: Callable[..., Sending], post: Post | None, *, now: datetime, user_ids: Collection[str] | None
) -> int:
    """`send(user_id, post, now=now)` for each of `user_ids`, or for everybody. Answers how many letters went.

    Without a `post` this installation's is opened. What goes wrong with one person keeps no letter from the others;
    a mail server that takes nothing ends the run.
    """
    if post is None:
        with open_post(read_settings()) as opened:
            return send_to_everybody(send, opened, now=now, user_ids=user_ids)
    people = post.store.user_ids() if user_ids is None else user_ids
    post.watch.begin()
    written = WrittenAhead(partial(_safely, send, post, now), _in_turn(post, people))
    if post.mailer.lanes == 1 or len(people) < 2:
        went = sum(map(finished, written))
    else:
        went = sum(in_lanes(post.mailer.lanes, finished, written, processor=post.ledger.processor()))
    post.mailer.rest()
    return went


def _in_turn(post: Post, user_ids: Collection[str]) -> Iterator[str]:
    """This scheduler's share, then those of the others' to whom nothing has happened since the run began.

    Whoever was changed had their letter, or gets it from the one whose share they are in, or in the next run: to read
    them all once more would cost each scheduler a fifth of a letter for each person.
    """
    own, others = post.ledger.shares(user_ids)
    before = {user_id: post.store.version(user_id) for user_id in others}
    yield from own
    yield from (user_id for user_id in others if post.store.version(user_id) == before[user_id])


def _safely(send: Callable[..., Sending], post: Post, now: datetime, user_id: str) -> Sending:
    """The stages of one person's letter, until the run is stopped; what they raise is said and ends them."""
    stages = send(user_id, post, now=now)
    try:
        while not post.watch.is_stopped:
            yield next(stages)
    except StopIteration as end:
        return bool(end.value)
    except StoreError as error:
        log.error("%s", error)
    except Exception:
        log.exception("%s: no letter for %s", send.__module__, user_id)
    return False


@dataclass(frozen=True)
class Unsent:
    """Why a letter was not written: left out, or to be tried again, after an `error` or not."""

    state: Literal["skipped", "retry"]
    reason: str
    error: Exception | None = None


@dataclass(frozen=True)
class Reading:
    """A person as their document knew them at an instant, and the version of it that was read."""

    user: User
    version: object


def read_person(post: Post, user_id: str, now: datetime) -> Reading:
    """Read a person as of an instant. Raises NotStored, StoreError."""
    version = post.store.version(user_id)
    return Reading(as_of(post.store.read(user_id), now), version)


def deliver(post: Post, reading: Reading, name: str, *, now: datetime, write: Callable[[User], Draft | str]) -> Sending:
    """Send one letter, once: write it, claim it, hand it over, note how it ended.

    `write` answers what is to be drawn, or a sentence that says why there is no letter after all. When the person's
    document has changed before the letter is handed over for good, it is read and written anew.
    """
    user_id = reading.user.user_id
    written = yield from _writing(post, reading.user, now, write)
    yield True
    if not _claim(post, user_id, name, now, via=post.mailer.via):
        return False
    for _try in range(WRITTEN_MOST):
        if isinstance(written, Unsent):
            return _noted_unsent(post, user_id, name, written, now)
        letter, raw = written
        before_dot = partial(_before_dot, post, letter, reading.version)
        try:
            outcome = post.mailer.hand_over(raw, letter.to, _file_name(user_id, name), before_dot)
        except OutdatedError:
            reading = read_person(post, user_id, now)
            written = finished(_writing(post, reading.user, now, write))
            continue
        except LostClaimError as error:
            log.warning("%s", error)
            return False
        return _noted(post, letter, outcome, now)
    _settle_retry(post, user_id, name, now, "the record changed while the letter was on its way")
    return False


def _writing(
    post: Post, user: User, now: datetime, write: Callable[[User], Draft | str]
) -> Stages[tuple[Letter, bytes] | Unsent]:
    """The letter and its octets, or why there is none."""
    try:
        yield False
        draft = write(user)
        if isinstance(draft, str):
            return Unsent("skipped", draft)
        yield False
        letter = draft()
        yield False
        return letter, on_the_wire(post, letter, now)
    except NotNowError as error:
        return Unsent("retry", str(error))
    except Exception as error:
        return Unsent("retry", "the letter could not be written", error)


def leave_out(post: Post, user_id: str, name: str, reason: str, *, now: datetime, **about: Any) -> None:
    """Settle a letter that will not be sent, unless it is settled, or in another scheduler's hands."""
    if not post.ledger.skip(user_id, name, reason, now=now, **about) and _claim(post, user_id, name, now, **about):
        post.ledger.settle(user_id, name, "skipped", now=now, reason=reason)


def next_try(entry: Mapping[str, Any], now: datetime) -> datetime:
    """When a letter that is not settled is to be looked at once more; one whose turn did not come, in the next run."""
    soonest = now + NEXT_RUN
    return max(soonest, datetime.fromisoformat(entry["retry_at"])) if entry["state"] == "retry" else soonest


def _claim(post: Post, user_id: str, name: str, now: datetime, **facts: Any) -> bool:
    """Take a letter in hand. One that was cut off at its end may have gone: what it said and gave is kept."""
    if post.ledger.claim(user_id, name, now=now, went=post.mailer.went(_file_name(user_id, name)), **facts):
        return True
    entry = post.ledger.entry(user_id, name)
    if entry is not None and entry.get("reason") == CUT_OFF:
        remember(post, user_id, date.fromisoformat(entry["covers"]), entry["told"])
    return False


def _file_name(user_id: str, name: str) -> str:
    return f"{user_id}.{name}.eml"


def _before_dot(post: Post, letter: Letter, version: object) -> None:
    """The last look at the person, then the durable mark: after this the letter may have gone."""
    if post.store.version(letter.user_id) != version:
        raise OutdatedError
    post.ledger.mark_dot(
        letter.user_id, letter.name, **_about(letter), subject=letter.subject, text=letter.text, told=letter.told
    )


def _noted(post: Post, letter: Letter, outcome: Outcome, now: datetime) -> bool:
    """Write down how a hand-over ended. True when the letter went."""
    user_id, name = letter.user_id, letter.name
    log.info("%s/%s: %s (%s)", user_id, name, outcome.end, outcome.detail)
    state = STATES[outcome.end]
    if state == "retry":
        _settle_retry(post, user_id, name, now, outcome.detail, **_about(letter))
    else:
        owed = state != "failed" and not _is_remembered(post, letter)
        post.ledger.settle(user_id, name, state, now=now, reason=outcome.detail, owed=owed, **_about(letter))
    if outcome.end == "address":
        _refuse(post, user_id, letter.to, outcome.detail, now)
    for blamed in post.watch.note(user_id, outcome, now):
        with post.store.edit(blamed) as user:
            user.email_refused = None
    return outcome.end == "sent"


def _noted_unsent(post: Post, user_id: str, name: str, unsent: Unsent, now: datetime) -> bool:
    """Write down why a letter was not handed over: the claim must not stay with a process that has moved on.

    Raises what went wrong while it was written.
    """
    if unsent.state == "skipped":
        post.ledger.settle(user_id, name, "skipped", now=now, reason=unsent.reason)
    else:
        _settle_retry(post, user_id, name, now, unsent.reason)
    if unsent.error is not None:
        raise unsent.error
    return False


def _about(letter: Letter) -> dict[str, Any]:
    return {"kind": letter.kind, "day": letter.day, "covers": letter.covers.isoformat()}


def _refuse(post: Post, user_id: str, address: str, reason: str, now: datetime) -> None:
    with post.store.edit(user_id) as user:
        user.email_refused = Refusal(address=address, at=now, reason=reason)


def _is_remembered(post: Post, letter: Letter) -> bool:
    """Keep in the document what a letter said; False where that cannot be now, and the ledger owes it then."""
    try:
        remember(post, letter.user_id, letter.covers, letter.told)
    except (StoreError, OSError) as error:
        log.error("what %s/%s said is not kept yet: %s", letter.user_id, letter.name, error)
        return False
    return True


def make_good(post: Post, user_id: str, name: str, entry: Mapping[str, Any]) -> None:
    """Keep in the document what an earlier letter said, if that could not be done when it went."""
    if entry.get("owed"):
        remember(post, user_id, date.fromisoformat(entry["covers"]), entry["told"])
        post.ledger.settle(user_id, name, entry["state"], now=datetime.fromisoformat(entry["at"]), owed=False)


def remember(post: Post, user_id: str, covers: date, told: Mapping[str, Any]) -> None:
    """Keep in the document what a letter said and gave; done already, it changes nothing. Raises StoreError, OSError.

    The ledger has it from before the final dot on, so what a crash leaves out is made good when that letter is settled.
    """
    said = DigestSaid.model_validate(told["digest"]).model_dump(mode="json") if "digest" in told else None
    post.store.note_said(user_id, covers, said, told.get("given", ()))


def _settle_retry(post: Post, user_id: str, name: str, now: datetime, reason: str, **facts: Any) -> None:
    entry = post.ledger.entry(user_id, name)
    attempt = entry["attempt"] if entry is not None else 1
    wait = timedelta(minutes=RETRY_MINUTES[min(attempt, len(RETRY_MINUTES)) - 1])
    retry_at = (now + wait).isoformat()
    post.ledger.settle(user_id, name, "retry", now=now, reason=reason, retry_at=retry_at, **facts)
