"""The letters of the first thirty days: what each can say of a person, and handing over the one that is due."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

import coaching_engine
from coaching_engine import Found
from core.advice import Piece
from core.catalogue import ENGLISH, _, language, speaking
from core.coach.insights import ADVICE_DAYS, ADVICE_MOST, LETTERS
from core.eligibility import why_no_letters
from core.letters.digest_day import NAME_MOST, with_names_shown
from core.letters.drip_profile import facts_of_moment, facts_of_person
from core.letters.drip_record import facts_of_drawings, facts_of_hours, facts_of_record
from core.letters.offers import thumbs
from core.letters.story import Story
from core.letters.taps import Action
from core.letters.typed import clip
from core.localtime import ONE_DAY, local_day, zone
from core.models import User
from core.patterns import Finding
from core.steps import LAST_STEP_DAYS, STEPS, due_moments, moment_of, must_wait, steps_so_far, why_not_this_one
from core.wording import label
from mail.ledger import SETTLED
from mail.letters import Letter, render_words
from mail.post_office import Post
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

COACH_SPEAKS_FROM = 14
FIRST_LOOK = 14  # the letter that tells what was found
LAST = 30  # the letter about what comes next
# Of the advice that fits, what a letter takes first; the pair goes together.
TAKEN_FIRST = ("locked-in", "ship-it", "study-group", "weekend-routine", "weekend-company", "tell-one-person")
PAIR = ("ship-it", "study-group")
MOST_FINDINGS = 3
OVER = "the course is over"


def words_name(step: int) -> str:
    """The name of the prose of a step, below templates/drip."""
    return f"day{step:02d}"


def facts_of(user: User, step: int, now: datetime, *, store: Store | None = None) -> dict[str, Any]:
    """Everything the prose of a step needs, from a document that knows nothing later (core.history.as_of).

    Conditions are named booleans. `given` is what coaching_insights.given keeps once the letter went. With a `store`,
    what the coach sees is what the night's analysis found.
    """
    story = Story(user, step, now)
    facts: dict[str, Any] = {
        **facts_of_person(story),
        **facts_of_moment(story),
        **facts_of_record(story),
        **facts_of_hours(story),
        **facts_of_drawings(story),
        "given": [],
    }
    if step >= COACH_SPEAKS_FROM:
        facts |= facts_of_coach(story, coaching_engine.found_on(user, story.today, store=store), facts)
    return facts


def facts_of_coach(story: Story, night: Found, facts: Mapping[str, object]) -> dict[str, object]:
    """What the coach sees from Day 14 on: findings, strengths, friction, and the advice that this letter brings."""
    found = (
        _findings(story, night.findings)
        if story.step == FIRST_LOOK and facts["has_ticks"] and not facts["quiet"]
        else []
    )
    weekend = next((one for one in found if one.kind == "weekend_weak" and _is_main(one, story)), None)
    weekend = weekend if weekend and weekend.confidence == "established" else None
    pieces = _advice(story, night.pieces) if _advises(story, facts) else []

    def shown(texts: Iterable[str]) -> list[str]:
        return [with_names_shown(text, story.user) for text in texts]

    return {
        "findings": shown(one.text for one in found if one is not weekend and one.confidence == "established"),
        "early_signs": shown(one.text for one in found if one.confidence == "early"),
        "sees_something": bool(found),
        "weekend_weak": weekend is not None,
        "weekend_counts": _counts(weekend) if weekend else "",
        "strengths": shown((night.strengths[story.step > FIRST_LOOK :] or night.strengths)[:1]),  # not twice the same
        "challenges": shown(night.challenges[:1]),
        "advice": {piece.id: with_names_shown(piece.text, story.user) for piece in pieces},
        "because": {piece.id: with_names_shown(piece.because, story.user) for piece in pieces},
        "about": next((_about_whom(piece, story) for piece in pieces), ""),
        "given": [
            *(_given_finding(one, story) for one in found),
            *(piece.given(story.today, "drip") for piece in pieces),
        ],
    }


def _about_whom(piece: Piece, story: Story) -> str:
    """The habit that a reason calls `it`, or in another language leaves unsaid; "" where the reason names it."""
    names = [habit.name for habit in story.user.habits if habit.id == piece.habit]
    is_meant = language() != ENGLISH or re.search(r"\bits?\b", piece.because)
    return clip(label(names[0]), NAME_MOST) if names and is_meant and names[0] not in piece.because else ""


def _findings(story: Story, found: Sequence[Finding]) -> list[Finding]:
    """What may be told of habits that have begun and may be spoken of: some established, and one early sign."""
    left_out = story.quiet_ids | {habit.habit.id for habit in story.record.habits if not habit.done - {story.today}}
    heard = [finding for finding in found if left_out.isdisjoint(finding.habits)]
    established = [finding for finding in heard if finding.confidence == "established"]
    return [*established[:MOST_FINDINGS], *[finding for finding in heard if finding.confidence == "early"][:1]]


def _advises(story: Story, facts: Mapping[str, object]) -> bool:
    """Whether this letter has a line for advice: a fresh start and a habit that is kept have steps of their own."""
    if facts["quiet"] or not facts["main_begun"]:
        return False
    return story.step == FIRST_LOOK or (story.step == LAST and not facts["rebuild"] and not facts["nearly_all"])


def _advice(story: Story, pieces: Sequence[Piece]) -> list[Piece]:
    """The advice of this letter: what letters may still bring this week, and none beside a plan without an outcome."""
    given = story.user.coaching_insights.given
    since = (story.today - timedelta(days=ADVICE_DAYS - 1)).isoformat()
    library = coaching_engine.library()
    lately = [one for one in given if one.get("id") in library.by_id and one.get("channel") in LETTERS]
    left = ADVICE_MOST - sum(str(one.get("day", "")) >= since for one in lately)
    if left <= 0 or any(one.get("applied") and not one.get("outcome") for one in given):
        return []
    known = {(one.get("id"), one.get("habit")) for one in given}  # others may have been given since the night
    return _taken([piece for piece in pieces if (piece.id, piece.habit) not in known], left, story.step)


def _taken(pieces: Sequence[Piece], left: int, step: int) -> list[Piece]:
    """The pair where it fits, or the first that a letter likes to bring, or the best one: one bar at a time."""
    pair = [piece for name in PAIR for piece in pieces if piece.id == name]
    if len(pair) == len(PAIR) <= left and step == FIRST_LOOK:
        return pair
    return [piece for name in TAKEN_FIRST for piece in pieces if piece.id == name][:1] or list(pieces[:1])


def _counts(finding: Finding) -> str:
    weekdays, weekends = finding.evidence["groups"][:2]
    said = _("{done} of {of} on weekdays, {done_then} of {of_then} on weekends")
    return said.format(done=weekdays["done"], of=weekdays["of"], done_then=weekends["done"], of_then=weekends["of"])


def _is_main(finding: Finding, story: Story) -> bool:
    return story.main is not None and finding.habit == story.main.habit.id


def _given_finding(finding: Finding, story: Story) -> dict[str, str]:
    told_as = "early" if finding.confidence == "early" else "finding"
    kept = {"id": f"{told_as}:{finding.kind}:{finding.about}", "technique": "", "action": "", "habit": finding.habit}
    return {**kept, "day": story.today.isoformat(), "channel": "drip"}


def process_drip_campaigns(
    post: Post | None = None, *, now: datetime | None = None, user_ids: Collection[str] | None = None
) -> int:
    """Send every due letter of the course (to `user_ids`, or to everybody). Answers how many went."""
    return send_to_everybody(_sending, post, now=now or datetime.now(UTC), user_ids=user_ids)


def send_drip_to_user(user_id: str, post: Post, *, now: datetime) -> bool:
    """Send one person's newest due letter; write down those it supersedes. True when one went."""
    return finished(_sending(user_id, post, now=now))


def _sending(user_id: str, post: Post, *, now: datetime) -> Sending:
    """The same, stage by stage."""
    reading = read_person(post, user_id, now)
    yield False
    user = reading.user
    if user.created_at > now or _why_no_drip(post, user, now):
        return False
    known = set(post.ledger.names(user_id))
    steps = _steps_due(post, user, now)
    for step in steps[:-1]:
        if _name(step) not in known or post.ledger.state(user_id, _name(step)) not in SETTLED:
            leave_out(post, user_id, _name(step), "a later letter took its place", now=now, **_about(user, step, now))
    return bool(steps) and (yield from _send_step(post, reading, steps[-1], now))


def _steps_due(post: Post, user: User, now: datetime) -> list[int]:
    """The steps whose time has come; before the address is confirmed, the welcome alone."""
    steps = steps_so_far(user, now)
    return steps[:1] if post.needs_confirmation and not user.email_confirmed else steps


def _why_no_drip(post: Post, user: User, now: datetime) -> str:
    """The welcome is the one letter that an address gets before it is confirmed."""
    waits_for_welcome = post.ledger.state(user.user_id, _name(0)) in (None, "claimed", "retry")
    needs = post.needs_confirmation and not waits_for_welcome
    reason = why_no_letters(user, now, needs_confirmation=needs)
    return reason or ("" if user.coaching_profile.letters.drip else "the course was unsubscribed from")


def _send_step(post: Post, reading: Reading, step: int, now: datetime) -> Sending:
    user = reading.user
    name, user_id = _name(step), user.user_id
    if not post.ledger.is_open(user_id, name, now):
        return False
    reason = why_not_this_one(user, step, now)
    if post.ledger.may_be_lost(moment_of(user, step)):
        reason = "the records were put back from a backup"
    if reason:
        leave_out(post, user_id, name, reason, now=now, **_about(user, step, now))
        return False
    today = local_day(now, zone(user.coaching_profile.timezone))
    if must_wait(user, step, now) or not post.ledger.reserve(user_id, f"drip-on-{today.isoformat()}", name):
        return False
    for earlier in STEPS[: STEPS.index(step)]:
        if (entry := post.ledger.entry(user_id, _name(earlier))) is not None:
            make_good(post, user_id, _name(earlier), entry)

    def write(fresh: User) -> Draft | str:
        return _write(post, fresh, step, now, post.store)

    return (yield from deliver(post, reading, name, now=now, write=write))


def _name(step: int) -> str:
    return f"drip-{step}"


def _about(user: User, step: int, now: datetime) -> dict[str, Any]:
    covers = local_day(now, zone(user.coaching_profile.timezone))
    return {"kind": "drip", "day": step, "covers": covers.isoformat()}


def _write(post: Post, user: User, step: int, now: datetime, store: Store | None) -> Draft | str:
    """The letter for the person as they are at this moment, in their language, or why there is none.

    Raises NotNowError.
    """
    reason = _why_no_drip(post, user, now)
    if reason:
        return reason
    if must_wait(user, step, now):
        raise NotNowError("the hour or the time zone was changed")
    with speaking(user.locale):
        facts = facts_of(user, step, now, store=store)
    return partial(_drawn, post, user, step, now, facts)


def _drawn(post: Post, user: User, step: int, now: datetime, facts: Mapping[str, Any]) -> Letter:
    needs_confirmation = post.needs_confirmation and not user.email_confirmed
    confirm_url = post.link("confirm", user.user_id, user.email) if needs_confirmation else ""
    covers, told = local_day(now, zone(user.coaching_profile.timezone)), {"given": facts["given"]}
    with speaking(user.locale):
        frame = post.frame(user, "drip", covers, confirm_url=confirm_url)
        rendered = render_words(words_name(step), facts, frame, _thumbs(post, user, facts))
    return post.letter(user, rendered, kind="drip", stream="drip", name=_name(step), covers=covers, day=step, told=told)


def _thumbs(post: Post, user: User, facts: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each piece of advice of a letter with its answers; findings are answered in the app."""

    def link(action: Action, detail: str, day: date | None) -> str:
        return post.link(action, user.user_id, detail, day)

    said = facts.get("advice", {})
    pieces = [one for one in facts["given"] if one["id"] in said]
    return [(said[one["id"]], thumbs(f"{one['id']}:{one['habit']}", link)) for one in pieces]


def next_visit(post: Post, user: User, now: datetime) -> datetime | None:
    """When to look at a person for the next time, if nothing changes before; None once the course is over."""
    times = list(islice(due_moments(user, now, now + (STEPS[-1] + LAST_STEP_DAYS) * ONE_DAY), 1))
    for step in steps_so_far(user, now)[-1:]:
        entry = post.ledger.entry(user.user_id, _name(step))
        if entry is not None and entry["state"] not in SETTLED:
            times.append(next_try(entry, now))
        elif entry is None and not (_why_no_drip(post, user, now) or must_wait(user, step, now)):
            times.append(now + NEXT_RUN)  # the run ended before it was their turn
    return min((time for time in times if time > now), default=None)


def preview(user: User, post: Post, now: datetime) -> tuple[datetime, Letter] | str:
    """When the next letter of the course goes if nothing changes, and how it reads then; or why none is to come.

    Nothing is claimed and nothing kept.
    """
    if post.ledger.state(user.user_id, _name(STEPS[-1])) in SETTLED:
        return OVER
    reason = _why_no_drip(post, user, now) or OVER
    end = moment_of(user, STEPS[-1]) + timedelta(days=LAST_STEP_DAYS)
    for at in (now, *due_moments(user, now, end)):
        steps = _steps_due(post, user, at)
        if not steps or post.ledger.state(user.user_id, _name(steps[-1])) in SETTLED:
            continue
        reason = _why_no_drip(post, user, at) or why_not_this_one(user, steps[-1], at)
        if not reason and must_wait(user, steps[-1], at):
            reason = "it waits for a sign of life"
        draft = reason or _write(post, user, steps[-1], at, store=None)  # it keeps no analysis of a day to come
        if not isinstance(draft, str):
            return at, draft()
    return reason
