"""What the ledger knows of a letter, in plain words: its title, its day, and how and why it ended as it did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from babel import Locale

from core.catalogue import N_, _
from core.localtime import local_day
from screens.wording import moment, wall_clock

Entry = Mapping[str, Any]

BADGES = {  # state: (its word, its look)
    "sent": (N_("Sent"), "ok"),
    "skipped": (N_("Left out"), "no"),
    "unknown": (N_("Not known"), "open"),
    "failed": (N_("Refused"), "bad"),
    "retry": (N_("Waiting"), "open"),
    "claimed": (N_("On its way"), "open"),
    "dot": (N_("On its way"), "open"),
}
PUT_ASIDE = N_("In the outbox")  # of a letter that no mail server has taken
TITLES = {"digest": N_("Daily digest"), "comeback": N_("A short letter"), "drip": N_("Letter of the first thirty days")}
LETTER = N_("Letter")
NO_REASON = N_("no reason was noted")
LEFT_OUT = {  # the reason in the ledger: what is said
    "nothing was due and nothing was done": N_("nothing was due that day, and nothing was done"),
    "there was no sign of life for three weeks": N_("after three weeks without a tick the letters wait for you"),
    "a come-back letter went lately": N_(
        "on quiet days a short letter comes every third day, and this day lay between"
    ),
    "its four hours had passed": N_("it could not leave within four hours of its time, and later it is of no use"),
    "its days had passed": N_("its days had passed before it could leave"),
    "a later letter took its place": N_("a later letter took its place"),
    "the records were put back from a backup": N_(
        "the records were put back from a backup, and it may have gone before"
    ),
    "nothing was ever ticked": N_("it speaks of what you ticked, and nothing had been ticked yet"),
    "there is no address": N_("there was no address to send it to"),
    "the mail server refuses the address": N_("the mail server refuses your address"),
    "the address is not confirmed yet": N_("your address was not confirmed yet"),
    "the seven questions are not answered yet": N_("the seven questions were not answered yet"),
    "letters are switched off": N_("your letters were switched off"),
    "everything is paused": N_("everything was paused"),
    "the digest was unsubscribed from": N_("you had switched the digest off"),
    "the course was unsubscribed from": N_("you had switched off the letters of the first thirty days"),
}
EVERY = re.compile(r"a digest every (\d+) days was asked for")
EVERY_N = N_("you asked for one every {n} days")
RHYTHMS = {"2": N_("you asked for one every second day"), "7": N_("you asked for one once a week")}
# What kept a letter from leaving, by the step of the hand-over at which it did.
HELD_UP = {
    "connect": N_("the mail server could not be reached"),
    "sign-in": N_("the mail server refused our sign-in"),
    "outbox": N_("the outbox could not be written"),
    "the mark before the end": N_("the disk had no room to note that it was about to go"),
    "the record changed": N_("your record changed while it was on its way"),
    "the hour or the time zone was changed": N_("the hour or the time zone was changed"),
    "the letter could not be written": N_("the letter could not be written"),
}
STEP = re.compile(r"(?:connect|sign-in|mail|rcpt|data|body|dot|outbox): ")
QUOTED_MOST = 400  # characters of a mail server's words


def title(entry: Entry) -> str:
    """A letter's subject; of one that was never written, what it would have been."""
    if entry.get("subject"):
        return str(entry["subject"])
    day = entry.get("day", _after_prefix(entry, "drip-"))
    name = _(TITLES.get(_kind(entry), LETTER))
    return name if day is None else _("{letter} (Day {n})").format(letter=name, n=day)


def badge(entry: Entry) -> tuple[str, str]:
    """What became of a letter in a word, and its look."""
    word, look = BADGES[entry["state"]]
    return _(PUT_ASIDE if is_put_aside(entry) else word), look


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
            return _("Left out: {reason}.").format(reason=left_out(reason))
        case "failed":
            return _refused(reason).format(when=when, words=quoted(reason))
        case "unknown":
            here = " " + _("If it is not in your inbox, read it here.") if entry.get("text") else ""
            return _cut_off(reason).format(when=when) + here
        case "retry":
            return _waits(entry, when, now, tz, locale)
    return _("In hand since {when}.").format(when=when)


def left_out(reason: str) -> str:
    """Why a letter was left out, as the end of a sentence."""
    if asked := EVERY.fullmatch(reason):
        return _(RHYTHMS.get(asked[1], EVERY_N)).format(n=asked[1])
    return _(LEFT_OUT[reason]) if reason in LEFT_OUT else reason.rstrip(".") or _(NO_REASON)


def quoted(reason: str) -> str:
    """A mail server's words as a quotation on one line."""
    words = " ".join(STEP.sub("", reason, count=1).split())
    if not words:
        return _("it gave no reason")
    return _("“{words}”").format(words=words[:QUOTED_MOST] + "…" * (len(words) > QUOTED_MOST))


def _sent(entry: Entry, when: str) -> str:
    tries = entry.get("attempt", 1)
    went = _("Written on {when}.") if is_put_aside(entry) else _("Sent on {when}.")
    took = " " + _("It took {n} tries.").format(n=tries) if tries > 1 else ""
    return went.format(when=when) + took


def is_put_aside(entry: Entry) -> bool:
    """Whether a letter lies in the outbox of an installation without a mail server."""
    return entry["state"] == "sent" and entry.get("via") == "outbox"


def _refused(reason: str) -> str:
    """Only a mail server answers with a number."""
    has_code = re.match(r"\d{3}\b", STEP.sub("", reason, count=1))
    if has_code or not reason:
        return _("Refused by the mail server on {when}: {words}. It was not sent a second time.")
    return _("It could not be sent on {when}: {words}. It was not sent a second time.")


def _cut_off(reason: str) -> str:
    if reason.startswith("cut off"):
        return _(
            "Nobody can know whether it arrived: our program was stopped on {when} while the mail server was taking "
            "it, so it was not sent a second time."
        )
    return _(
        "Nobody can know whether it arrived: the connection broke on {when} while the mail server was taking it, so "
        "it was not sent a second time."
    )


def _waits(entry: Entry, when: str, now: datetime, tz: tzinfo, locale: Locale) -> str:
    happened = _held_up(str(entry.get("reason", "")))
    if not entry.get("retry_at"):
        return _("Tried on {when}: {happened}.").format(when=when, happened=happened)
    retry_at = datetime.fromisoformat(entry["retry_at"])
    same_day = retry_at.astimezone(tz).date() == _at(entry).astimezone(tz).date()
    following = wall_clock(retry_at, tz, locale) if same_day else moment(retry_at, now, tz, locale)
    if retry_at > now and same_day:
        told = _("Tried on {when}, and will be tried again at {next}: {happened}.")
    elif retry_at > now:
        told = _("Tried on {when}, and will be tried again on {next}: {happened}.")
    elif same_day:
        told = _("Tried on {when}, and the next try was due at {next}: {happened}.")
    else:
        told = _("Tried on {when}, and the next try was due on {next}: {happened}.")
    return told.format(when=when, next=following, happened=happened)


def _held_up(reason: str) -> str:
    for step, words in HELD_UP.items():
        if reason.startswith(step):
            return _(words)
    if re.match(r"\d{3}\b", STEP.sub("", reason, count=1)):
        return _("the mail server said {words}").format(words=quoted(reason))
    if STEP.match(reason):
        return _("the connection broke before the mail server had all of it")
    return reason.rstrip(".") or _(NO_REASON)


def _kind(entry: Entry) -> str:
    return str(entry.get("kind") or entry["name"].partition("-")[0])


def _after_prefix(entry: Entry, prefix: str) -> str | None:
    name = str(entry["name"])
    return name.removeprefix(prefix) if name.startswith(prefix) else None


def _at(entry: Entry) -> datetime:
    return datetime.fromisoformat(entry.get("at") or entry["claimed_at"])
