"""What lies between a digest and the one before it, where that is not the day before's: a line a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from core.catalogue import _
from core.letters.digest_day import DAYS_OF_WEEK, DigestDay, names_of, out_of
from core.letters.digest_sentences import Sinces
from core.localtime import ONE_DAY, days_between, zone
from core.progress import HabitRecord, Record
from core.wording import WEEKDAYS, clock_text, date_text


def since_last(day: DigestDay, said: Sinces, last_covered: date, last_letter_at: datetime) -> list[str]:
    """What was done of what was planned on each day since the one that the letter before covers, oldest first, after
    what came late on that one.

    No further back than a week. Whoever hears once a week has the days between in the week's numbers.
    """
    gap = (day.covers - last_covered).days
    is_near = not day.looks_back and gap <= DAYS_OF_WEEK
    late = list(_late(day, last_covered, last_letter_at, said)) if is_near else []
    is_weekly = day.user.coaching_profile.letters.every >= DAYS_OF_WEEK
    return late if is_weekly else [*late, *_between(day, min(gap, DAYS_OF_WEEK), said)]


def credited_late(record: Record, day: date, its_letter_at: datetime) -> list[HabitRecord]:
    """What was done on a day, but only after its letter had gone."""
    return [
        habit
        for habit in record.done_on(day)
        for moment in [habit.entries[day].at or habit.entries[day].recorded]
        if isinstance(moment, datetime) and moment > its_letter_at
    ]


def _late(day: DigestDay, last: date, its_letter_at: datetime, said: Sinces) -> Iterator[str]:
    if late := credited_late(day.record, last, its_letter_at):
        there = its_letter_at.astimezone(zone(day.user.coaching_profile.timezone))
        clock = clock_text(60 * there.hour + there.minute, day.user.locale)
        yield said.late.format(day=_name(last, day.covers), clock=clock, names=names_of(late))


def _between(day: DigestDay, gap: int, said: Sinces) -> Iterator[str]:
    first = max(day.covers - timedelta(days=gap - 1), day.user.created_at.date())
    counts = [(one, *_count(day.record, one)) for one in days_between(first, day.covers - ONE_DAY)]
    # One day without a tick is news like any other; more of them, counted out, would be a reproach.
    empty = sum(of > 0 and not done for _one, done, of in counts) + (not day.wins)
    for one, done, of in counts:
        if done or (of and empty == 1):
            yield _told(_name(one, day.covers), done, of, said)


def _count(record: Record, day: date) -> tuple[list[HabitRecord], int]:
    """What was done on a day, and of how many: what was due, and what was done besides."""
    done = record.done_on(day)
    return done, len(done) + sum(not habit.was_done(day) for habit in record.due_on(day))


def _told(name: str, done: list[HabitRecord], of: int, said: Sinces) -> str:
    form = said.none if not done else said.one if of == 1 else said.all if len(done) == of else said.some
    return form.format(day=name, count=out_of(len(done), of), names=names_of(done))


def _name(one: date, covers: date) -> str:
    """A day of the week before by its weekday, an earlier one by its date."""
    return _(WEEKDAYS[one.weekday()]) if (covers - one).days < DAYS_OF_WEEK else date_text(one)
