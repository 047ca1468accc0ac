"""A digest's moments: when each has its time, which day it covers, and which of them a person gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.eligibility import silent_days, why_no_letters
from core.localtime import ONE_DAY, days_between, local_day, parse_clock, wall_instant, zone
from core.models import User
from core.progress import Record

LOOK_BACK_DAYS = 31  # how far back a letter that was never sent is still written down as skipped
PREVIEW_DAYS = 31  # how far ahead the next one is looked for
LOOK_AHEAD_DAYS = 400  # for the letter after one that goes: longer than the longest pause
COME_BACK_DAYS = (5, 8, 11, 14, 17, 20)  # silent days on which a short come-back letter takes the digest's place
LAST_DAY = 21  # the silent day of "shall I stop?"; after it no digest until the person is back
SILENT_LETTERS = (*COME_BACK_DAYS, LAST_DAY)
SLOWER = {1: 2, 2: 7}  # a digest every so many days → the next slower step ...
FASTER = {7: 2, 2: 1}  # ... and the next faster one


@dataclass(frozen=True)
class Slot:
    """A digest's moment: its instant, and the day it covers."""

    at: datetime
    covers: date

    @property
    def name(self) -> str:
        """Its name in the ledger."""
        return f"digest-{self.covers.isoformat()}"


def looks_back(user: User) -> bool:
    """Whether the digest comes before noon, and so speaks of the day before."""
    return parse_clock(user.coaching_profile.digest_time) < time(12)


def is_silence(silent: int) -> bool:
    """Whether so many silent days call for a come-back letter in the digest's place."""
    return silent >= COME_BACK_DAYS[0]


def slot_on(user: User, day: date) -> Slot:
    """The digest whose time falls on a calendar day of the person."""
    profile = user.coaching_profile
    at = wall_instant(day, parse_clock(profile.digest_time), zone(profile.timezone))
    return Slot(at, day - ONE_DAY if looks_back(user) else day)


def slot_covering(user: User, day: date) -> Slot:
    """The digest that tells of a day."""
    return slot_on(user, day + ONE_DAY if looks_back(user) else day)


def _may_be(slot: Slot, user: User) -> bool:
    """Whether a digest lies in the person's time here: since onboarding and Day 0."""
    onboarded = user.onboarded_since()
    return onboarded is not None and slot.at >= onboarded and slot.covers >= user.created_at.date()


def slots_back(user: User, now: datetime) -> Iterator[Slot]:
    """The digests whose time has come, the latest first: since onboarding and Day 0, of the last month."""
    tomorrow = local_day(now, zone(user.coaching_profile.timezone)) + ONE_DAY
    for n in range(LOOK_BACK_DAYS + 2):
        slot = slot_on(user, tomorrow - timedelta(days=n))
        if not _may_be(slot, user):
            return
        if slot.at <= now:
            yield slot


def latest_slot(user: User, now: datetime) -> Slot | None:
    """The digest whose time came last, None before the first."""
    return next(slots_back(user, now), None)


def slots_ahead(user: User, now: datetime) -> Iterator[Slot]:
    """The digests of the next month, oldest first, from that of yesterday on, which may still be of use."""
    today = local_day(now, zone(user.coaching_profile.timezone))
    slots = (slot_on(user, day) for day in days_between(today - ONE_DAY, today + timedelta(days=PREVIEW_DAYS)))
    return (slot for slot in slots if _may_be(slot, user))


def due_moments(user: User, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every instant after `first` and up to `last` at which a digest has its time."""
    tz = zone(user.coaching_profile.timezone)
    for day in days_between(local_day(first, tz) - ONE_DAY, local_day(last, tz) + ONE_DAY):
        at = slot_on(user, day).at
        if first < at <= last:
            yield at


def why_not_this_one(record: Record, last_covered: date | None) -> str:
    """Why the digest of the record's day is left out, though the person gets digests; empty when it is not."""
    covers, every = record.today, record.user.coaching_profile.letters.every
    if last_covered is not None and (covers - last_covered).days < every:
        return f"a digest every {every} days was asked for"
    if not record.due_on(covers) and not record.done_on(covers):
        return "nothing was due and nothing was done"
    silent = silent_days(record, covers)
    if silent > LAST_DAY:
        return "there was no sign of life for three weeks"
    if is_silence(silent) and silent not in SILENT_LETTERS:
        return "a come-back letter went lately"
    return ""


def next_slot(record: Record, last: Slot, silent: int) -> Slot | None:
    """The digest that follows `last`, after `silent` days, as things stand; None when silence has ended them.

    It leaves out pauses, the days between that `every` asks for, and days on which nothing is due; during a silence
    it counts on no tick.
    """
    user, in_silence = record.user, is_silence(silent)
    for n in range(1, LOOK_AHEAD_DAYS + 1):
        slot = slot_covering(user, last.covers + timedelta(days=n))
        silent += any(habit.is_due(slot.covers) for habit in record.habits)
        if in_silence and silent > LAST_DAY:
            return None
        is_wanted = silent in SILENT_LETTERS if in_silence else _may_hold(record, slot.covers)
        if is_wanted and n >= user.coaching_profile.letters.every and not why_no_letters(user, slot.at):
            return slot
    return None


def _may_hold(record: Record, day: date) -> bool:
    """Whether something is due on a day, or may be done on any."""
    return any(habit.is_due(day) or habit.period_count(day) for habit in record.habits)
