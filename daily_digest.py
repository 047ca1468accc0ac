"""The one digest a day: is it due, what does it say, hand it over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

import coaching_engine
from core.advice import tip_for
from core.eligibility import silent_days, why_no_letters
from core.letters.days_said import when_said
from core.letters.digest_facts import comeback_facts, digest_facts
from core.letters.offers import LinkTo, comeback_offers, controls, digest_offers
from core.letters.taps import Action
from core.localtime import ONE_DAY, day_number, days_between, local_day, parse_clock, wall_instant, zone
from core.models import User
from core.progress import Record, today_of
from ledger import SETTLED
from letters import Letter, render_comeback, render_digest
from notifications import (
    NEXT_RUN,
    NotNowError,
    Post,
    Reading,
    deliver,
    leave_out,
    make_good,
    next_try,
    place_of,
    read_person,
    send_to_everybody,
)
from storage import Store

VALID_FOR = timedelta(hours=4)  # a letter about a day is of use for so long after its time
LEAST_GAP = timedelta(hours=14)  # between two digests, also across time zones
LOOK_BACK_DAYS = 31  # how far back a letter that was never sent is still written down as skipped
PREVIEW_DAYS = 31  # how far ahead the next one is looked for
COME_BACK_DAYS = (5, 8, 11, 14, 17, 20)  # silent days on which a short come-back letter takes the digest's place
LOOK_AHEAD_DAYS = 400  # for the next letter: longer than the longest pause
LAST_DAY = 21  # the silent day of "shall I stop?"; after it no digest until the person is back


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


def slot_on(user: User, day: date) -> Slot:
    """The digest whose time falls on a calendar day of the person."""
    profile = user.coaching_profile
    at = wall_instant(day, parse_clock(profile.digest_time), zone(profile.timezone))
    return Slot(at, day - ONE_DAY if looks_back(user) else day)


def slots_back(user: User, now: datetime) -> Iterator[Slot]:
    """The digests whose time has come, the latest first: since onboarding and Day 0, of the last month."""
    onboarded = user.onboarded_since()
    if onboarded is None:
        return
    tomorrow = local_day(now, zone(user.coaching_profile.timezone)) + ONE_DAY
    for n in range(LOOK_BACK_DAYS + 2):
        slot = slot_on(user, tomorrow - timedelta(days=n))
        if slot.at < onboarded or slot.covers < user.created_at.date():
            return
        if slot.at <= now:
            yield slot


def preview(user: User, post: Post, now: datetime) -> tuple[datetime, Letter] | str:
    """When the next digest goes if nothing changes, and how it reads then; or why none is in sight.

    Nothing is claimed and nothing kept.
    """
    last = post.ledger.last_sent(user.user_id, "digest-")
    covered = date.fromisoformat(last["covers"]) if last else None
    reason = ""
    for slot in _slots_ahead(user, now):
        at = _earliest(post, user, slot, last, now)
        if at is None:
            continue
        reason = _why_no_digest(post, user, at) or why_not_this_one(user, slot, covered)
        letter = reason or _write(post, user, slot, at, store=None)  # it keeps no analysis of a day to come
        if isinstance(letter, Letter):
            return at, letter
    return reason


def _earliest(post: Post, user: User, slot: Slot, last: Mapping[str, Any] | None, now: datetime) -> datetime | None:
    """When a digest can go at the earliest, None when it cannot any more."""
    entry = post.ledger.entry(user.user_id, slot.name)
    if entry is not None and entry["state"] in SETTLED:
        return None
    at = max(slot.at, now if entry is None else next_try(entry, now))
    if last is not None:
        at = max(at, datetime.fromisoformat(last["at"]) + LEAST_GAP)
    return at if at < slot.at + VALID_FOR and slot in islice(slots_back(user, at), 1) else None


def _slots_ahead(user: User, now: datetime) -> Iterator[Slot]:
    """The digests of the next month, oldest first, that of today while it is still of use."""
    onboarded = user.onboarded_since()
    today = local_day(now, zone(user.coaching_profile.timezone))
    for day in days_between(today - ONE_DAY, today + timedelta(days=PREVIEW_DAYS)):
        slot = slot_on(user, day)
        if onboarded and slot.at >= onboarded and slot.covers >= user.created_at.date():
            yield slot


def should_send_digest(user: User, now: datetime, *, needs_confirmation: bool = False) -> bool:
    """Whether the person may get digests now, whatever the hour."""
    return not why_no_letters(user, now, needs_confirmation=needs_confirmation) and (
        user.coaching_profile.letters.digest
    )


def why_not_this_one(user: User, slot: Slot, last_covered: date | None) -> str:
    """Why the digest of a day is left out, though the person gets digests; empty when it is not."""
    record = Record(user, slot.covers)
    every = user.coaching_profile.letters.every
    if last_covered is not None and (slot.covers - last_covered).days < every:
        return f"a digest every {every} days was asked for"
    if not record.due_on(slot.covers) and not record.done_on(slot.covers):
        return "nothing was due and nothing was done"
    silent = silent_days(record, slot.covers)
    if silent > LAST_DAY:
        return "there was no sign of life for three weeks"
    if silent >= COME_BACK_DAYS[0] and silent != LAST_DAY and silent not in COME_BACK_DAYS:
        return "a come-back letter went lately"
    return ""


def process_daily_digests(
    post: Post | None = None, *, now: datetime | None = None, user_ids: Collection[str] | None = None
) -> int:
    """Send every digest that is due (of `user_ids`, or of everybody). Answers how many went."""
    return send_to_everybody(send_digest_to_user, post, now=now or datetime.now(UTC), user_ids=user_ids)


def send_digest_to_user(user_id: str, post: Post, *, now: datetime) -> bool:
    """Send one person's digest if it is due; write down those whose time has passed. True when one went."""
    reading = read_person(post, user_id, now)
    user = reading.user
    if user.created_at > now or not should_send_digest(user, now, needs_confirmation=post.needs_confirmation):
        return False
    slot = _settle_past(post, user, now)
    return slot is not None and _send_slot(post, reading, slot, now)


def _settle_past(post: Post, user: User, now: datetime) -> Slot | None:
    """Write down the digests whose time has passed, back to one that is settled; the latest that may still go."""
    current = None
    for n, slot in enumerate(slots_back(user, now)):
        may_be_lost = post.ledger.may_be_lost(slot.at)
        if slot.at + VALID_FOR > now and not may_be_lost:
            current = slot if n == 0 else current
            continue
        if post.ledger.state(user.user_id, slot.name) in SETTLED:
            break
        reason = "the records were put back from a backup" if may_be_lost else "its four hours had passed"
        leave_out(post, user.user_id, slot.name, reason, now=now, **_about(user, slot))
    return current


def _send_slot(post: Post, reading: Reading, slot: Slot, now: datetime) -> bool:
    user = reading.user
    if post.ledger.state(user.user_id, slot.name) in SETTLED:
        return False
    last = post.ledger.last_sent(user.user_id, "digest-")
    if last is not None and now < datetime.fromisoformat(last["at"]) + LEAST_GAP:
        return False
    if last is not None:
        make_good(post, user.user_id, f"digest-{last['covers']}", last)
    reason = why_not_this_one(user, slot, date.fromisoformat(last["covers"]) if last else None)
    if reason:
        leave_out(post, user.user_id, slot.name, reason, now=now, **_about(user, slot))
        return False
    return deliver(post, reading, slot.name, now=now, write=lambda fresh: _write(post, fresh, slot, now, post.store))


def next_visit(post: Post, user: User, now: datetime) -> datetime | None:
    """When to look at a person for the next time, if nothing changes before: a digest's time, its next try, its end."""
    times = list(islice(due_moments(user, now, now + 3 * ONE_DAY), 1))
    slot = next(slots_back(user, now), None)
    if slot is not None and now < slot.at + VALID_FOR:
        entry = post.ledger.entry(user.user_id, slot.name)
        last = post.ledger.last_sent(user.user_id, "digest-")
        if entry is not None and entry["state"] not in SETTLED:
            times += [next_try(entry, now), slot.at + VALID_FOR]
        elif entry is None and not _why_no_digest(post, user, now):  # the run ended before it was their turn
            gap_ends = datetime.fromisoformat(last["at"]) + LEAST_GAP if last else now
            times += [max(now + NEXT_RUN, gap_ends)]
    return min((time for time in times if time > now), default=None)


def _why_no_digest(post: Post, user: User, now: datetime) -> str:
    reason = why_no_letters(user, now, needs_confirmation=post.needs_confirmation)
    return reason or ("" if user.coaching_profile.letters.digest else "the digest was unsubscribed from")


def _about(user: User, slot: Slot) -> dict[str, Any]:
    return {"kind": "digest", "day": day_number(user.created_at, slot.covers), "covers": slot.covers.isoformat()}


def _write(post: Post, user: User, slot: Slot, now: datetime, store: Store | None) -> Letter | str:
    """The letter for the person as they are at this moment, or why there is none. Raises NotNowError."""
    reason = _why_no_digest(post, user, now)
    if reason:
        return reason
    if slot not in islice(slots_back(user, now), 1):
        raise NotNowError("the hour or the time zone was changed")
    link, record = _links(post, user), Record(user, slot.covers)
    silent = silent_days(record, slot.covers)
    frame = post.frame(
        user,
        "digest",
        slot.covers,
        next_letter=_next_letter(record, slot, silent, now),
        controls=controls(user, link, f"{post.settings.base_url}/profile"),
    )
    told: dict[str, Any] = {"digest": _said(record, slot.covers), "given": []}
    if silent >= COME_BACK_DAYS[0]:
        last, back = silent >= LAST_DAY, looks_back(user)
        facts = comeback_facts(user, slot.covers, silent, last=last)
        facts = comeback_offers(facts, record, last=last, looks_back=back, link=link)
        kind, rendered = "comeback", render_comeback(facts, frame)
    else:
        facts = _generate_digest_content(record, slot, now, told["given"], store)
        facts = digest_offers(facts, record, looks_back=looks_back(user), link=link)
        kind, rendered = "digest", render_digest(facts, frame)
    return post.letter(user, rendered, kind=kind, stream="digest", name=slot.name, covers=slot.covers, told=told)


def _said(record: Record, covers: date) -> dict[str, Any]:
    """What the document keeps of what a digest said (core.models.DigestSaid)."""
    streaks = {habit.habit.id: habit.streak for habit in record.active if habit.streak}
    return {"completions": [habit.habit.id for habit in record.done_on(covers)], "streaks": streaks}


def _links(post: Post, user: User) -> LinkTo:
    """Signed links for one person."""

    def link(action: Action, detail: str, day: date | None) -> str:
        return post.link(action, user.user_id, detail, day)

    return link


def next_slot(record: Record, last: Slot, silent: int) -> Slot | None:
    """The digest that follows `last`, after `silent` days, as things stand; None when silence has ended them.

    It leaves out pauses, the days between that `every` asks for, and days on which nothing is due; during a silence
    it counts on no tick.
    """
    user, is_silence = record.user, silent >= COME_BACK_DAYS[0]
    every = user.coaching_profile.letters.every
    for day in (last.covers + timedelta(days=n) for n in range(1, LOOK_AHEAD_DAYS + 1)):
        slot = slot_on(user, day + ONE_DAY if looks_back(user) else day)
        silent += any(habit.is_due(day) for habit in record.habits)
        if is_silence and silent > LAST_DAY:
            return None
        is_wanted = silent in (*COME_BACK_DAYS, LAST_DAY) if is_silence else _may_hold(record, day)
        if is_wanted and (day - last.covers).days >= every and not why_no_letters(user, slot.at):
            return slot
    return None


def _may_hold(record: Record, day: date) -> bool:
    """Whether something is due on a day, or may be done on any."""
    return any(habit.is_due(day) or habit.period_count(day) for habit in record.habits)


def _next_letter(record: Record, last: Slot, silent: int, now: datetime) -> str:
    """When the next digest comes, in the person's words: `tomorrow 20:00 (Lisbon)`."""
    slot, profile = next_slot(record, last, silent), record.user.coaching_profile
    is_silence = silent >= COME_BACK_DAYS[0]
    if slot is None:
        return "once you are back" if is_silence else ""
    tz = zone(profile.timezone)
    said = when_said(local_day(slot.at, tz), local_day(now, tz), record.user.locale)
    sooner = ", or sooner once you are back" if is_silence and said != "tomorrow" else ""
    return f"{said} {profile.digest_time} ({place_of(profile.timezone)}){sooner}"


def _generate_digest_content(
    record: Record,
    slot: Slot,
    now: datetime,
    given: list[dict[str, Any]] | None = None,
    store: Store | None = None,
) -> dict[str, object]:
    """What a digest says, as facts for its template; `given` receives what it advises.

    With a `store`, the insight stands on what the night's analysis has found.
    """
    user, given = record.user, [] if given is None else given
    before = slot_on(user, local_day(slot.at, zone(user.coaching_profile.timezone)) - ONE_DAY)
    facts = digest_facts(record, looks_back=looks_back(user), last_letter_at=before.at)
    ready = coaching_engine.is_ready(user, slot.covers)
    tip = None if ready else _tip(user, slot.covers, given)
    return facts | {"tip": tip, "insight": _insight(user, now, given, store) if ready else None}


def _tip(user: User, covers: date, given: list[dict[str, Any]]) -> dict[str, str] | None:
    """Before the coach is ready: one light tip that fits the stated obstacle, none twice."""
    piece = tip_for(coaching_engine.library(), user, day_number(user.created_at, covers))
    if piece is None:
        return None
    given.append(piece.given(covers, "digest"))
    return {"title": "A light one for today", "text": piece.text}


def _insight(user: User, now: datetime, given: list[dict[str, Any]], store: Store | None) -> dict[str, object] | None:
    """From Day 14: the day's one coaching insight."""
    insight = coaching_engine.insight_on(user, today_of(user, now), store=store)
    if insight is None:
        return None
    if insight.given:
        given.append({**insight.given, "channel": "digest"})
    bars = [{"label": label, "done": done, "of": of} for label, done, of in insight.bars]
    said: dict[str, object] = {"title": insight.title, "text": insight.text, "bars": bars, "step": insight.step}
    rated = f"{insight.given['id']}:{insight.given['habit']}" if insight.kind == "advice" else ""
    return said | {"question": insight.question, "source": insight.source, "rated": rated, "every": insight.every}


def due_moments(user: User, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every instant after `first` and up to `last` at which a digest has its time."""
    tz = zone(user.coaching_profile.timezone)
    for day in days_between(local_day(first, tz) - ONE_DAY, local_day(last, tz) + ONE_DAY):
        at = slot_on(user, day).at
        if first < at <= last:
            yield at
