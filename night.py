"""The night's analysis: whose time has come, what is announced to them, and what is kept for their letters."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import leaderboard
from advice_pool import add_up, beliefs_for, contribute
from core.catalogue import speaking
from core.coach.advising.followup import pool_of, settle
from core.coach.advising.outcomes import PRESUMED
from core.coach.standing import Look, look_of
from core.coach.statistics.evidence import Evidence, evidence_of, is_ready
from core.coach.statistics.hours import SCORED_TIMES, timing
from core.history import as_of
from core.localtime import ONE_DAY, days_between, local_day, wall_instant, zone
from core.models import User
from core.patterns import Finding, foresee, told_before
from core.progress import Record, today_of
from findings import found_in, keep, kept, library, look_now
from storage import Store, StoreError

log = logging.getLogger(__name__)

ANALYSIS_HOUR = 4  # of the night, or when the person's day ends if that is later
NEXT_TRY = timedelta(minutes=10)  # of an analysis that could not be kept, on a full disk say
TOGETHER = 16  # people whose evidence is weighed in one go: a third cheaper than one by one, more gain nothing


def analysis_due(user: User, now: datetime) -> bool:
    """Whether the night's analysis of the person's day is to be done: from 04:00 or the day's end, once a day."""
    today = today_of(user, now)
    last = user.coaching_insights.last_insight_date
    return now >= _analysis_time(user, today) and (last is None or last < today)


def next_visit(user: User, now: datetime) -> datetime | None:
    """When to look at a person for the next time, if nothing changes before."""
    if user.created_at <= now and analysis_due(user, now):
        return now + NEXT_TRY
    return next(due_moments(user, now, now + 3 * ONE_DAY), None)


def due_moments(user: User, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every instant after `first` and up to `last` at which an analysis has its time."""
    tz = zone(user.coaching_profile.timezone)
    for day in days_between(local_day(first, tz) - ONE_DAY, local_day(last, tz) + ONE_DAY):
        if first < (at := _analysis_time(user, day)) <= last:
            yield at


def process_pattern_analysis(store: Store, *, now: datetime, user_ids: Iterable[str] | None = None) -> int:
    """Analyse everybody (or those named) whose night has come. Answers how many people were analysed."""
    done, due = 0, _people_due(store, store.user_ids() if user_ids is None else user_ids, now)
    while people := list(islice(due, TOGETHER)):
        with suppress(Exception):  # whose record it lies at is said when each is looked at
            foresee([person.seen for person in people if is_ready(person.record.user, person.record.today)])
        for person in people:
            with _apart(person.user.user_id):
                done += _analyse(store, person, now)
    if done:
        add_up(store, now.astimezone(UTC).date())
    return done


def announce(user: User, now: datetime, *, store: Store | None = None) -> list[Finding]:
    """Write into the document what the night's analysis found, each finding once; nothing while the person is away.

    What came of earlier advice is written beside it as soon as that is settled. With a `store` it is measured by what
    was learned there, and adds to it. Answers the new findings.
    """
    with speaking(user.locale):
        return _announce(user, look_now(user, now), store)


def _announce(user: User, look: Look, store: Store | None) -> list[Finding]:
    today, seen, insights = look.today, look.seen, user.coaching_insights
    found, told = [] if seen.is_away else look.findings, told_before(user)
    new = [f for f in found if f.confidence == "established" and (f.kind, f.about) not in told]
    for finding in new:
        entry = {"kind": finding.kind, "habit": finding.habit, "day": today.isoformat()}
        insights.announced.append({**entry, "evidence": finding.evidence, "text": finding.text})
    if is_ready(look.user, today):
        hours = {habit.habit.id: timing(habit.minutes) for habit in seen.habits if len(habit.times) >= SCORED_TIMES}
        insights.timing_issues = {key: {"score": hour.score, "minute": hour.minute} for key, hour in hours.items()}
    settle(look.record, seen.away, library(), beliefs_for(store, today).untreated if store else PRESUMED)
    if store:
        contribute(store, user.user_id, pool_of(look.record, seen.away, library()))
    insights.last_insight_date = today
    return new


@dataclass(frozen=True)
class _Person:
    """Somebody whose night has come: the document as it was read, the record as it is known now, the evidence."""

    user: User
    record: Record
    seen: Evidence


def _people_due(store: Store, user_ids: Iterable[str], now: datetime) -> Iterator[_Person]:
    for user_id in user_ids:
        person = None
        with _apart(user_id):
            user = store.read(user_id)
            if user.created_at <= now and analysis_due(user, now):
                record = Record(as_of(user, now), today_of(user, now))
                person = _Person(user, record, evidence_of(record))
        if person:
            yield person


@contextmanager
def _apart(user_id: str) -> Iterator[None]:
    """What goes wrong with one person's record is logged, and keeps the coach from nobody else."""
    try:
        yield
    except StoreError as error:
        log.error("analysis: %s", error)
    except Exception:
        log.exception("analysis of %s", user_id)


def _analyse(store: Store, person: _Person, now: datetime) -> bool:
    with store.edit(person.user.user_id) as user, speaking(user.locale):
        if not analysis_due(user, now):  # another scheduler was quicker
            return False
        if user == person.user:
            user.coaching_insights = person.user.coaching_insights  # what becomes of advice is written into its entries
            look = look_of(person.record, person.seen)
        else:
            look = look_now(user, now)
        _announce(user, look, store)
    leaderboard.note(store, user, now=now)
    if is_ready(look.user, look.today) and kept(store, look.user, look.today) is None:
        with speaking(user.locale):
            keep(store, look.user, look.today, found_in(look, store=store))
    return True


def _analysis_time(user: User, day: date) -> datetime:
    profile = user.coaching_profile
    return wall_instant(day, time(max(ANALYSIS_HOUR, profile.day_ends_at)), zone(profile.timezone))
