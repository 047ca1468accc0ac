"""The one digest a day: is it due, what does it say, hand it over."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import coaching_engine
from core.advice import tip_for
from core.eligibility import silent_days, why_no_letters
from core.history import as_of
from core.letters.days_said import when_said
from core.letters.digest_facts import comeback_facts, digest_facts
from core.letters.offers import LinkTo, comeback_offers, controls, digest_offers
from core.letters.taps import Action
from core.localtime import ONE_DAY, day_number, days_between, local_day, parse_clock, wall_instant, zone
from core.models import DigestSaid, User
from core.progress import Record
from ledger import SETTLED
from letters import Letter, render_comeback, render_digest
from notifications import Post, deliver, place_of, send_to_everybody

VALID_FOR = timedelta(hours=4)  # a letter about a day is of use for so long after its time
LEAST_GAP = timedelta(hours=14)  # between two digests, also across time zones
LOOK_BACK_DAYS = 31  # how far back a letter that was never sent is still written down as skipped
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


def slots_until(user: User, now: datetime) -> list[Slot]:
    """The digests whose time has come, oldest first: since onboarding and Day 0, of the last month."""
    onboarded = user.onboarded_since()
    if onboarded is None:
        return []
    today = local_day(now, zone(user.coaching_profile.timezone))
    days = days_between(today - timedelta(days=LOOK_BACK_DAYS), today + ONE_DAY)
    slots = (slot_on(user, day) for day in days)
    return [slot for slot in slots if onboarded <= slot.at <= now and slot.covers >= user.created_at.date()]


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
    user = as_of(post.store.read(user_id), now)
    if user.created_at > now or not should_send_digest(user, now, needs_confirmation=post.needs_confirmation):
        return False
    slots = slots_until(user, now)
    known = set(post.ledger.names(user_id))
    past = [slot for slot in slots if slot.at + VALID_FOR <= now]
    for slot in past:
        was_cut_off = slot == past[-1] and post.ledger.state(user_id, slot.name) not in SETTLED
        if slot.name not in known or was_cut_off:
            post.ledger.skip(user_id, slot.name, "its four hours had passed", now=now, **_about(user, slot))
    if len(past) == len(slots):
        return False
    return _send_slot(post, user_id, user, slots[-1], now)


def _send_slot(post: Post, user_id: str, user: User, slot: Slot, now: datetime) -> bool:
    if post.ledger.state(user_id, slot.name) in SETTLED:
        return False
    last = post.ledger.last_sent(user_id, "digest-")
    if last is not None and now < datetime.fromisoformat(last["at"]) + LEAST_GAP:
        return False
    reason = why_not_this_one(user, slot, date.fromisoformat(last["covers"]) if last else None)
    if reason:
        post.ledger.skip(user_id, slot.name, reason, now=now, **_about(user, slot))
        return False
    given: list[dict[str, Any]] = []
    went = deliver(post, user_id, slot.name, now=now, write=lambda fresh: _write(post, fresh, slot, now, given))
    if went:
        _remember(post, user_id, slot.covers, given)
    return went


def _about(user: User, slot: Slot) -> dict[str, Any]:
    return {"kind": "digest", "day": day_number(user.created_at, slot.covers), "covers": slot.covers.isoformat()}


def _write(post: Post, user: User, slot: Slot, now: datetime, given: list[dict[str, Any]]) -> Letter | str:
    """The letter for the person as they are at this moment, or why there is none; what it advises goes into `given`."""
    reason = why_no_letters(user, now, needs_confirmation=post.needs_confirmation)
    if reason or not user.coaching_profile.letters.digest:
        return reason or "the digest was unsubscribed from"
    link, record = _links(post, user), Record(user, slot.covers)
    silent = silent_days(record, slot.covers)
    frame = post.frame(
        user,
        "digest",
        slot.covers,
        next_letter=_next_letter(record, slot, silent, now),
        controls=controls(user, link, f"{post.settings.base_url}/profile"),
    )
    if silent >= COME_BACK_DAYS[0]:
        last, back = silent >= LAST_DAY, looks_back(user)
        facts = comeback_facts(user, slot.covers, silent, last=last)
        facts = comeback_offers(facts, user, slot.covers, last=last, looks_back=back, link=link)
        kind, rendered = "comeback", render_comeback(facts, frame)
    else:
        facts = _generate_digest_content(user, slot, now, given)
        facts = digest_offers(facts, user, slot.covers, looks_back=looks_back(user), link=link)
        kind, rendered = "digest", render_digest(facts, frame)
    return post.letter(user, rendered, kind=kind, stream="digest", name=slot.name, covers=slot.covers)


def _remember(post: Post, user_id: str, covers: date, given: list[dict[str, Any]]) -> None:
    """Keep what the digest said, and the advice that now counts as given."""
    with post.store.edit(user_id) as user:
        record = Record(user, covers)
        user.daily_digests[covers] = DigestSaid(
            completions=[habit.habit.id for habit in record.done_on(covers)],
            streaks={habit.habit.id: habit.streak for habit in record.active if habit.streak},
        )
        user.coaching_insights.given.extend(given)


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
    user: User, slot: Slot, now: datetime, given: list[dict[str, Any]] | None = None
) -> dict[str, object]:
    """What a digest says, as facts for its template; `given` receives what it advises."""
    given = [] if given is None else given
    before = slot_on(user, local_day(slot.at, zone(user.coaching_profile.timezone)) - ONE_DAY)
    facts = digest_facts(user, slot.covers, looks_back=looks_back(user), last_letter_at=before.at)
    ready = coaching_engine.is_ready(user, slot.covers)
    tip = None if ready else _tip(user, slot.covers, given)
    return facts | {"tip": tip, "insight": _insight(user, now, given) if ready else None}


def _tip(user: User, covers: date, given: list[dict[str, Any]]) -> dict[str, str] | None:
    """Before the coach is ready: one light tip that fits the stated obstacle, none twice."""
    piece = tip_for(coaching_engine.library(), user, day_number(user.created_at, covers))
    if piece is None:
        return None
    given.append(piece.given(covers, "digest"))
    return {"title": "A light one for today", "text": piece.text}


def _insight(user: User, now: datetime, given: list[dict[str, Any]]) -> dict[str, object] | None:
    """From Day 14: the day's one coaching insight."""
    insight = coaching_engine.insight_of(user, now)
    if insight is None:
        return None
    if insight.given:
        given.append({**insight.given, "channel": "digest"})
    bars = [{"label": label, "done": done, "of": of} for label, done, of in insight.bars]
    said: dict[str, object] = {"title": insight.title, "text": insight.text, "bars": bars, "step": insight.step}
    return said | {"question": insight.question, "source": insight.source}


def due_moments(user: User, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every instant after `first` and up to `last` at which a digest has its time."""
    tz = zone(user.coaching_profile.timezone)
    for day in days_between(local_day(first, tz) - ONE_DAY, local_day(last, tz) + ONE_DAY):
        at = slot_on(user, day).at
        if first < at <= last:
            yield at
