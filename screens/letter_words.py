"""What the ledger knows of a letter, in plain words: its title, its day, and how and why it ended as it did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from babel import Locale

from core.localtime import local_day
from screens.wording import moment, wall_clock

Entry = Mapping[str, Any]

BADGES = {  # state: (its word, its look)
    "sent": ("Sent", "ok"),
    "skipped": ("Left out", "no"),
    "unknown": ("Not known", "open"),
    "failed": ("Refused", "bad"),
    "retry": ("Waiting", "open"),
    "claimed": ("On its way", "open"),
    "dot": ("On its way", "open"),
}
TITLES = {"digest": "Daily digest", "comeback": "A short letter", "drip": "Letter of the first thirty days"}
LEFT_OUT = {  # the reason in the ledger: what is said
    "nothing was due and nothing was done": "nothing was due that day, and nothing was done",
    "there was no sign of life for three weeks": "after three weeks without a tick the letters wait for you",
    "a come-back letter went lately": "on quiet days a short letter comes every third day, and this day lay between",
    "its four hours had passed": "it could not leave within four hours of its time, and later it is of no use",
    "its days had passed": "its days had passed before it could leave",
    "a later letter took its place": "a later letter took its place",
    "the records were put back from a backup": "the records were put back from a backup, and it may have gone before",
    "nothing was ever ticked": "it speaks of what you ticked, and nothing had been ticked yet",
    "there is no address": "there was no address to send it to",
    "the mail server refuses the address": "the mail server refuses your address",
    "the address is not confirmed yet": "your address was not confirmed yet",
    "the seven questions are not answered yet": "the seven questions were not answered yet",
    "letters are switched off": "your letters were switched off",
    "everything is paused": "everything was paused",
    "the digest was unsubscribed from": "you had switched the digest off",
    "the course was unsubscribed from": "you had switched off the letters of the first thirty days",
}
EVERY = re.compile(r"a digest every (\d+) days was asked for")
RHYTHMS = {"2": "every second day", "7": "once a week"}
# What kept a letter from leaving, by the step of the hand-over at which it did.
HELD_UP = {
    "connect": "the mail server could not be reached",
    "sign-in": "the mail server refused our sign-in",
    "outbox": "the outbox could not be written",
    "the mark before the end": "the disk had no room to note that it was about to go",
    "the record changed": "your record changed while it was on its way",
}
STEP = re.compile(r"(?:connect|sign-in|mail|rcpt|data|body|dot|outbox): ")
QUOTED_MOST = 400  # characters of a mail server's words


def title(entry: Entry) -> str:
    """A letter's subject; of one that was never written, what it would have been."""
    if entry.get("subject"):
        return str(entry["subject"])
    day = entry.get("day", _after_prefix(entry, "drip-"))
    return TITLES.get(_kind(entry), "Letter") + ("" if day is None else f" (Day {day})")


def day_of(entry: Entry, tz: tzinfo) -> date:
    """The person's day that a letter belongs to."""
    covers = entry.get("covers") or _after_prefix(entry, "digest-")
    return date.fromisoformat(covers) if covers else local_day(_at(entry), tz)


def said(entry: Entry, now: datetime, tz: tzinfo, locale: Locale) -> str:
    """How a letter ended and why, in sentences; a mail server's own words stand in quotation marks."""
    when, reason = moment(_at(entry), now, tz, locale), str(entry.get("reason", ""))
    match entry["state"]:
        case "sent":
            return _sent(entry, when)
        case "skipped":
            return f"Left out: {left_out(reason)}."
        case "failed":
            return f"{_refused(reason)} on {when}: {quoted(reason)}. It was not sent a second time."
        case "unknown":
            here = " If it is not in your inbox, read it here." if entry.get("text") else ""
            return (
                f"Nobody can know whether it arrived: {_cut_off(reason, when)}, so it was not sent a second time.{here}"
            )
        case "retry":
            return _waits(entry, when, now, tz, locale)
    return f"In hand since {when}."


def left_out(reason: str) -> str:
    """Why a letter was left out, as the end of a sentence."""
    if asked := EVERY.fullmatch(reason):
        return f"you asked for one {RHYTHMS.get(asked[1], f'every {asked[1]} days')}"
    return LEFT_OUT.get(reason, reason.rstrip(".") or "no reason was noted")


def quoted(reason: str) -> str:
    """A mail server's words as a quotation on one line."""
    words = " ".join(STEP.sub("", reason, count=1).split())
    return f"“{words[:QUOTED_MOST]}{'…' * (len(words) > QUOTED_MOST)}”" if words else "it gave no reason"


def _sent(entry: Entry, when: str) -> str:
    into_a_file = entry.get("via") == "outbox"
    tries = entry.get("attempt", 1)
    went = f"Put into the outbox on {when}: no mail server is set." if into_a_file else f"Sent on {when}."
    return went + (f" It took {tries} tries." if tries > 1 else "")


def _refused(reason: str) -> str:
    """Only a mail server answers with a number."""
    has_code = re.match(r"\d{3}\b", STEP.sub("", reason, count=1))
    return "Refused by the mail server" if has_code or not reason else "It could not be sent"


def _cut_off(reason: str, when: str) -> str:
    broken = "our program was stopped" if reason.startswith("cut off") else "the connection broke"
    return f"{broken} on {when} while the mail server was taking it"


def _waits(entry: Entry, when: str, now: datetime, tz: tzinfo, locale: Locale) -> str:
    happened = _held_up(str(entry.get("reason", "")))
    if not entry.get("retry_at"):
        return f"Tried on {when}: {happened}."
    retry_at = datetime.fromisoformat(entry["retry_at"])
    same_day = retry_at.astimezone(tz).date() == _at(entry).astimezone(tz).date()
    following = f"at {wall_clock(retry_at, tz, locale)}" if same_day else f"on {moment(retry_at, now, tz, locale)}"
    goes_on = f"will be tried again {following}" if retry_at > now else f"the next try was due {following}"
    return f"Tried on {when}, and {goes_on}: {happened}."


def _held_up(reason: str) -> str:
    for step, words in HELD_UP.items():
        if reason.startswith(step):
            return words
    if re.match(r"\d{3}\b", STEP.sub("", reason, count=1)):
        return f"the mail server said {quoted(reason)}"
    if STEP.match(reason):
        return "the connection broke before the mail server had all of it"
    return reason.rstrip(".") or "no reason was noted"


def _kind(entry: Entry) -> str:
    return str(entry.get("kind") or entry["name"].partition("-")[0])


def _after_prefix(entry: Entry, prefix: str) -> str | None:
    name = str(entry["name"])
    return name.removeprefix(prefix) if name.startswith(prefix) else None


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.get("at") or entry["claimed_at"])
