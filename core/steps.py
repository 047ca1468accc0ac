"""The steps of the first thirty days: when the letter of each has its time, and for how long it is of use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from core.eligibility import silent_days
from core.localtime import ONE_DAY, local_day, parse_clock, wall_instant, zone
from core.models import User
from core.progress import Record

STEPS = (0, 1, 3, 7, 14, 21, 28, 30)  # days since sign-up
LAST_STEP_DAYS = 7  # how long the last step stays of use
SILENT_DAYS = 5  # after which the course waits until the person is back
NEVER_TICKED_UNTIL = 21  # the last step for who never ticked anything
LATEST = time(21)  # a letter that had to wait does not come in the night
HOUR = time(9)
HOUR_BESIDE_A_MORNING_DIGEST = time(17)


def hour_of(user: User) -> time:
    """The wall clock at which this person's letters leave: late in the day when their digest comes before noon."""
    digest = parse_clock(user.coaching_profile.digest_time)
    return HOUR_BESIDE_A_MORNING_DIGEST if digest < time(12) else HOUR


def moment_of(user: User, step: int) -> datetime:
    """The instant at which a step's letter has its time; Day 0 leaves as soon as the seven questions are answered."""
    onboarded = user.onboarded_since()
    if step == 0 and onboarded is not None:
        return onboarded
    day = user.created_at.date() + timedelta(days=step)
    return wall_instant(day, hour_of(user), zone(user.coaching_profile.timezone))


def steps_so_far(user: User, now: datetime) -> list[int]:
    """The steps whose time has come, oldest first; those before the seven questions were answered never count."""
    onboarded = user.onboarded_since()
    return [] if onboarded is None else [step for step in STEPS if onboarded <= moment_of(user, step) <= now]


def is_still_valid(user: User, step: int, today: date) -> bool:
    """Whether a step's letter is of use today: until the day of the next step; a welcome for a week.

    A welcome that asks for the confirmation of an address is of use until it is confirmed.
    """
    if step == 0:
        asked = local_day(moment_of(user, 0), zone(user.coaching_profile.timezone))
        return not user.email_confirmed or today < asked + timedelta(days=LAST_STEP_DAYS)
    following = next((later for later in STEPS if later > step), step + LAST_STEP_DAYS)
    return today < user.created_at.date() + timedelta(days=following)


def why_not_this_one(user: User, step: int, now: datetime) -> str:
    """Why a step is left out for good though its time has come; empty when it is not."""
    today = local_day(now, zone(user.coaching_profile.timezone))
    if not is_still_valid(user, step, today):
        return "its days had passed"
    if step > NEVER_TICKED_UNTIL and not any(user.completions.values()):
        return "nothing was ever ticked"
    return ""


def must_wait(user: User, step: int, now: datetime) -> bool:
    """Whether a letter that is due waits for another hour, or for the person to be back."""
    if step == 0:
        return False
    tz = zone(user.coaching_profile.timezone)
    today = local_day(now, tz)
    is_daytime = wall_instant(today, hour_of(user), tz) <= now < wall_instant(today, LATEST, tz)
    has_ticked = any(user.completions.values())
    return not is_daytime or (has_ticked and silent_days(Record(user, today), today - ONE_DAY) >= SILENT_DAYS)


def due_moments(user: User, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every instant after `first` and up to `last` at which a letter may have its time: also one that had to wait."""
    days = (moment_of(user, 0), *(moment_of(user, day) for day in range(1, STEPS[-1] + LAST_STEP_DAYS)))
    yield from (at for at in days if first < at <= last)
