"""Who gets letters: the reasons against, and how long a person has been silent."""

from __future__ import annotations

from datetime import date, datetime

from core.localtime import ONE_DAY
from core.models import User
from core.progress import Record, today_of
from core.schedule import paused_days


def why_no_letters(user: User, now: datetime, *, needs_confirmation: bool = False) -> str:
    """Why a person gets no letters now; empty when they may."""
    profile = user.coaching_profile
    if not user.email:
        return "there is no address"
    if user.is_refused:
        return "the mail server refuses the address"
    if needs_confirmation and not user.email_confirmed:
        return "the address is not confirmed yet"
    if not profile.onboarding_complete:
        return "the seven questions are not answered yet"
    if not profile.notifications_enabled:
        return "letters are switched off"
    if today_of(user, now) in paused_days(user, None, today_of(user, now)):
        return "everything is paused"
    return ""


def silent_days(record: Record, last: date) -> int:
    """Days in a row up to `last` with something due, outside pauses, and without a tick or a skip.

    To have asked for more letters ends a silence as a tick does.
    """
    kept_on = record.user.coaching_profile.letters.kept_on or date.min
    first = min((habit.first for habit in record.habits), default=last)
    count, day = 0, last
    while day > kept_on and day >= first and not record.had_sign_of_life(day):
        count += any(habit.is_due(day) for habit in record.habits)
        day -= ONE_DAY
    return count
