"""The one digest a day: is it due, what does it say, hand it over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import coaching_engine
from core.advice import tip_for
from core.catalogue import _, language, speaking
from core.eligibility import silent_days, why_no_letters
from core.letters.days_said import when_said
from core.letters.digest_day import DigestDay, with_names_shown
from core.letters.digest_facts import comeback_facts, digest_facts
from core.letters.digest_sentences import DigestSentences, parse_sentences
from core.letters.digest_words import DigestWords
from core.letters.offers import LinkTo, comeback_offers, controls, digest_offers
from core.letters.taps import Action
from core.localtime import ONE_DAY, day_number, local_day, zone
from core.models import User
from core.progress import Record, today_of
from core.slots import (
    LAST_DAY,
    Slot,
    due_moments,
    is_silence,
    latest_slot,
    looks_back,
    next_slot,
    slot_covering,
    slot_on,
    slots_ahead,
    slots_back,
    why_not_this_one,
)
from core.wording import stored_clock_text
from mail.ledger import SETTLED
from mail.letters import Frame, Letter, render_comeback, render_digest
from mail.post_office import Post, place_of
from mail.writing import finished
from notifications import (
    NEXT_RUN,
    Draft,
    NotNowError,
    Reading,
    Sending,
    deliver,
    leave_out,
    make_good,
    next_try,
    read_person,
    send_to_everybody,
)
from storage import Store

__all__ = [
    "LEAST_GAP",
    "Slot",
    "due_moments",
    "looks_back",
    "next_slot",
    "next_visit",
    "preview",
    "process_daily_digests",
    "send_digest_to_user",
    "sentences",
    "should_send_digest",
    "slot_on",
    "slots_back",
]

SENTENCES = Path(__file__).parent / "templates" / "digest.toml"
VALID_FOR = timedelta(hours=4)  # a letter about a day is of use for so long after its time
LEAST_GAP = timedelta(hours=14)  # between two digests, also across time zones


def sentences() -> DigestSentences:
    """What a digest may say, in the language in force. Raises ValueError for a sentence that is wrong."""
    return _sentences_in(language())


@cache
def _sentences_in(language: str) -> DigestSentences:
    with speaking(language):
        return parse_sentences(SENTENCES.read_text(encoding="utf-8"), _)


def preview(user: User, post: Post, now: datetime) -> tuple[datetime, Letter] | str:
    """When the next digest goes if nothing changes, and how it reads then; or why none is in sight.

    Nothing is claimed and nothing kept.
    """
    last = post.ledger.last_sent(user.user_id, "digest-")
    covered = date.fromisoformat(last["covers"]) if last else None
    reason = ""
    for slot in slots_ahead(user, now):
        at = _earliest(post, user, slot, last, now)
        if at is None:
            continue
        record = Record(user, slot.covers)
        reason = _why_no_digest(post, user, at) or why_not_this_one(record, covered)
        draft = reason or _write(post, record, slot, at, last, store=None)  # it keeps no analysis of a day to come
        if not isinstance(draft, str):
            return at, draft()
    return reason


def _earliest(post: Post, user: User, slot: Slot, last: Mapping[str, Any] | None, now: datetime) -> datetime | None:
    """When a digest can go at the earliest, None when it cannot any more."""
    entry = post.ledger.entry(user.user_id, slot.name)
    if entry is not None and entry["state"] in SETTLED:
        return None
    at = max(slot.at, now if entry is None else next_try(entry, now))
    if last is not None:
        at = max(at, datetime.fromisoformat(last["at"]) + LEAST_GAP)
    return at if at < slot.at + VALID_FOR and slot == latest_slot(user, at) else None


def should_send_digest(user: User, now: datetime, *, needs_confirmation: bool = False) -> bool:
    """Whether the person may get digests now, whatever the hour."""
    return not why_no_letters(user, now, needs_confirmation=needs_confirmation) and (
        user.coaching_profile.letters.digest
    )


def process_daily_digests(
    post: Post | None = None, *, now: datetime | None = None, user_ids: Collection[str] | None = None
) -> int:
    """Send every digest that is due (of `user_ids`, or of everybody). Answers how many went."""
    return send_to_everybody(_sending, post, now=now or datetime.now(UTC), user_ids=user_ids)


def send_digest_to_user(user_id: str, post: Post, *, now: datetime) -> bool:
    """Send one person's digest if it is due; write down those whose time has passed. True when one went."""
    return finished(_sending(user_id, post, now=now))


def _sending(user_id: str, post: Post, *, now: datetime) -> Sending:
    """The same, stage by stage."""
    reading = read_person(post, user_id, now)
    yield False
    user = reading.user
    if user.created_at > now or not should_send_digest(user, now, needs_confirmation=post.needs_confirmation):
        return False
    slot = _settle_past(post, user, now)
    return slot is not None and (yield from _send_slot(post, reading, slot, now))


def _settle_past(post: Post, user: User, now: datetime) -> Slot | None:
    """Write down as skipped the digests whose time has passed; answers the latest one that may still go."""
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


def _send_slot(post: Post, reading: Reading, slot: Slot, now: datetime) -> Sending:
    user = reading.user
    if not post.ledger.is_open(user.user_id, slot.name, now):
        return False
    last = post.ledger.last_sent(user.user_id, "digest-")
    if last is not None and now < datetime.fromisoformat(last["at"]) + LEAST_GAP:
        return False
    if last is not None:
        make_good(post, user.user_id, f"digest-{last['covers']}", last)
    record = Record(user, slot.covers)
    reason = why_not_this_one(record, date.fromisoformat(last["covers"]) if last else None)
    if reason:
        leave_out(post, user.user_id, slot.name, reason, now=now, **_about(user, slot))
        return False

    def write(fresh: User) -> Draft | str:
        known = record if fresh is user else Record(fresh, slot.covers)
        return _write(post, known, slot, now, last, post.store)

    return (yield from deliver(post, reading, slot.name, now=now, write=write))


def next_visit(post: Post, user: User, now: datetime) -> datetime | None:
    """When to look at a person for the next time, if nothing changes before: a digest's time, its next try, its end."""
    times = list(islice(due_moments(user, now, now + 3 * ONE_DAY), 1))
    slot = latest_slot(user, now)
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


def _write(
    post: Post, record: Record, slot: Slot, now: datetime, last: Mapping[str, Any] | None, store: Store | None
) -> Draft | str:
    """The letter for the person as they are at this moment, in their language, or why there is none.

    `last` is the one that went before. Raises NotNowError.
    """
    user = record.user
    reason = _why_no_digest(post, user, now)
    if reason:
        return reason
    if slot != latest_slot(user, now):
        raise NotNowError("the hour or the time zone was changed")
    with speaking(user.locale):
        content = _content(post, record, slot, now, last, store)
    return partial(_drawn, post, user, slot, content)


@dataclass(frozen=True)
class _Content:
    """What a letter in the digest's place says: facts for the template of its kind, head and foot, what it `told`."""

    kind: Literal["digest", "comeback"]
    facts: dict[str, object]
    frame: Frame
    told: dict[str, Any]


def _drawn(post: Post, user: User, slot: Slot, content: _Content) -> Letter:
    render, kind = (render_digest if content.kind == "digest" else render_comeback), content.kind
    with speaking(user.locale):
        rendered = render(content.facts, content.frame)
    told, covers = content.told, slot.covers
    return post.letter(user, rendered, kind=kind, stream="digest", name=slot.name, covers=covers, told=told)


def _content(
    post: Post, record: Record, slot: Slot, now: datetime, last: Mapping[str, Any] | None, store: Store | None
) -> _Content:
    user, day, link = record.user, DigestDay(record, looks_back(record.user)), _links(post, record.user)
    silent = silent_days(record, slot.covers)
    frame = post.frame(
        user,
        "digest",
        slot.covers,
        next_letter=_next_letter(record, slot, silent, now),
        controls=controls(user, link, f"{post.settings.base_url}/profile"),
    )
    told: dict[str, Any] = {"digest": _said(day), "given": []}
    if is_silence(silent):
        is_last = silent >= LAST_DAY
        facts = comeback_facts(user, slot.covers, silent, last=is_last)
        facts = comeback_offers(facts, record, last=is_last, looks_back=day.looks_back, link=link)
        return _Content("comeback", facts, frame, told)
    facts = _generate_digest_content(day, slot, now, last, told["given"], store)
    return _Content("digest", digest_offers(facts, day, link), frame, told)


def _said(day: DigestDay) -> dict[str, Any]:
    """What the document keeps of what a digest said (core.models.DigestSaid)."""
    streaks = {habit.habit.id: habit.streak for habit in day.by_streak}
    return {"completions": [habit.habit.id for habit in day.wins], "streaks": streaks}


def _links(post: Post, user: User) -> LinkTo:
    """Signed links for one person."""

    def link(action: Action, detail: str, day: date | None) -> str:
        return post.link(action, user.user_id, detail, day)

    return link


def _next_letter(record: Record, last: Slot, silent: int, now: datetime) -> str:
    """When the next digest comes, in the person's words: `tomorrow 8:00 PM (Lisbon)`."""
    slot, profile = next_slot(record, last, silent), record.user.coaching_profile
    if slot is None:
        return _("once you are back") if is_silence(silent) else ""
    tz = zone(profile.timezone)
    day, today = local_day(slot.at, tz), local_day(now, tz)
    may_be_sooner = is_silence(silent) and day != today + ONE_DAY
    form = _("{day} {hour} ({place}), or sooner once you are back") if may_be_sooner else _("{day} {hour} ({place})")
    said = when_said(day, today, record.user.locale)
    hour = stored_clock_text(profile.digest_time, record.user.locale)
    return form.format(day=said, hour=hour, place=place_of(profile.timezone))


def _generate_digest_content(
    day: DigestDay,
    slot: Slot,
    now: datetime,
    last: Mapping[str, Any] | None,
    given: list[dict[str, Any]],
    store: Store | None,
) -> dict[str, object]:
    """What a digest says, as facts for its template; `given` receives what it advises.

    `last` is the letter that went before. With a `store`, the insight stands on what the night's analysis has found.
    """
    at, covered = _before(day.user, slot, last)
    facts = digest_facts(day, sentences(), last_letter_at=at, last_covered=covered)
    ready = coaching_engine.is_ready(day.user, slot.covers)
    tip = None if ready else _tip(day, given)
    return facts | {"tip": tip, "insight": _insight(day.user, now, given, store) if ready else None}


def _before(user: User, slot: Slot, last: Mapping[str, Any] | None) -> tuple[datetime, date]:
    """When the letter before went, and the day that it covers; of the first one, what the rhythm would have it be."""
    if last is not None and (covered := date.fromisoformat(last["covers"])) < slot.covers:
        return datetime.fromisoformat(last["at"]), covered
    before = slot_covering(user, slot.covers - timedelta(days=user.coaching_profile.letters.every))
    return before.at, before.covers


def _tip(day: DigestDay, given: list[dict[str, Any]]) -> dict[str, str] | None:
    """Before the coach is ready: one light tip that fits the stated obstacle, none twice."""
    piece = tip_for(coaching_engine.library(), day.user, day.number)
    if piece is None:
        return None
    given.append(piece.given(day.covers, "digest"))
    return {"title": DigestWords(day, sentences()).tip_heading(), "text": with_names_shown(piece.text, day.user)}


def _insight(user: User, now: datetime, given: list[dict[str, Any]], store: Store | None) -> dict[str, object] | None:
    """From Day 14: the day's one coaching insight."""
    insight = coaching_engine.insight_on(user, today_of(user, now), store=store)
    if insight is None:
        return None
    if insight.given:
        given.append({**insight.given, "channel": "digest"})
    bars = [{"label": with_names_shown(label, user), "done": done, "of": of} for label, done, of in insight.bars]
    rated = f"{insight.given['id']}:{insight.given['habit']}" if insight.kind == "advice" else ""
    words = {part: getattr(insight, part) for part in ("title", "text", "step", "question", "source")}
    said = {part: with_names_shown(text, user) for part, text in words.items()}
    return said | {"bars": bars, "rated": rated, "every": insight.every}
