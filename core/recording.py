"""What a person records: what was done, reached or skipped on a day, a note about it, and whether a sign rings true."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Any, Literal

from core.catalogue import _
from core.localtime import zone
from core.models import Completion, Habit, User
from core.progress import today_of
from core.schedule import is_done, target_on
from core.wording import count_text, number_text, whole_date_text

NOTE_MOST = 2000  # characters, as the document allows
VALUE_MOST = 1_000_000_000
MOMENT_KEYS = {"at", "source", "recorded", "skip"}


class RecordingError(ValueError):
    """A change that cannot be made; the message names the input and the remedy."""


def tick(
    user: User,
    habit_id: str,
    day: date,
    *,
    now: datetime,
    value: float | None = None,
    tz: tzinfo | None = None,
    by_mail: bool = False,
) -> None:
    """Record a habit as done on `day`, or the number that was reached; `by_mail` when a letter's link does it.

    Without a value one tap means: the target is reached (at least), or the day stayed within it (at most). On the
    person's today it keeps the instant, in the offset of `tz` (the browser's zone, else the profile's); on an earlier
    day the hour is unknown. What was done already keeps its hour. Raises RecordingError.
    """
    habit = _open_habit(user, habit_id, day, now)
    number = _checked_value(habit, value, day)
    before = _entry(user, habit_id, day)
    if is_done(habit, before, day) and (value is None or (before is not None and value == before.value)):
        return
    body = _body(before)
    body.pop("value", None)
    if not is_done(habit, before, day):
        body = {key: kept for key, kept in body.items() if key not in MOMENT_KEYS}
        body |= _moment(user, day, now, tz, by_mail=by_mail)
    elif day != today_of(user, now):
        body["recorded"] = now  # its hour stays; that the number changed was not known before
    user.entries(habit_id)[day] = Completion.model_validate(body | ({} if number is None else {"value": number}))


def untick(user: User, habit_id: str, day: date, *, now: datetime) -> None:
    """Take back what was done, or the number entered, on `day`; a skip stays. Raises RecordingError."""
    _habit_on(user, habit_id, day, now)
    entry = _entry(user, habit_id, day)
    if entry is not None and not entry.skip:
        del user.entries(habit_id)[day]


def skip(user: User, habit_id: str, day: date, *, now: datetime, by_mail: bool = False) -> None:
    """Set a day aside: it neither breaks nor lengthens a streak. A note stays. Raises RecordingError."""
    _open_habit(user, habit_id, day, now)
    before = _entry(user, habit_id, day)
    if before is not None and before.skip:
        return
    body: dict[str, Any] = {"skip": True} | ({"source": "mail"} if by_mail else {})
    if day != today_of(user, now):
        body = {"source": "backfill", "recorded": now} | body
    if before is not None and before.note:
        body["note"] = before.note
    user.entries(habit_id)[day] = Completion.model_validate(body)


def unskip(user: User, habit_id: str, day: date, *, now: datetime) -> None:
    """Take a skip back; what was done stays. Raises RecordingError."""
    _habit_on(user, habit_id, day, now)
    entry = _entry(user, habit_id, day)
    if entry is not None and entry.skip:
        del user.entries(habit_id)[day]


def write_note(user: User, habit_id: str, day: date, text: str, *, now: datetime) -> None:
    """Keep a line about a day that was ticked or skipped; an empty one removes it. Raises RecordingError."""
    habit = _habit_on(user, habit_id, day, now)
    entry = _entry(user, habit_id, day)
    if entry is None:
        said = _("There is nothing on {day} to write about. Tick or skip {habit} first.")
        raise RecordingError(said.format(day=whole_date_text(day), habit=habit.name))
    if len(text) > NOTE_MOST:
        said = _("A note of {count} characters is too long. Keep it within {most}.")
        raise RecordingError(said.format(count=count_text(len(text)), most=count_text(NOTE_MOST)))
    body = _body(entry)
    body.pop("note", None)
    user.entries(habit_id)[day] = Completion.model_validate(body | ({"note": text.strip()} if text.strip() else {}))


def put_back(user: User, habit_id: str, day: date, entry: Completion | None) -> None:
    """Undo: the day is again exactly as it was, `entry` or nothing. Raises RecordingError for an unknown habit."""
    habit_of(user, habit_id)
    if entry is None:
        user.entries(habit_id).pop(day, None)
    else:
        user.entries(habit_id)[day] = entry


def _moment(user: User, day: date, now: datetime, tz: tzinfo | None, *, by_mail: bool) -> dict[str, Any]:
    source = {"source": "mail"} if by_mail else {}
    if day == today_of(user, now):
        return {"at": now.astimezone(tz or zone(user.coaching_profile.timezone))} | source
    return {"at": None, "source": "backfill", "recorded": now} | source


def _entry(user: User, habit_id: str, day: date) -> Completion | None:
    return user.completions.get(habit_id, {}).get(day)


def _body(entry: Completion | None) -> dict[str, Any]:
    """What is written about a day, unknown keys included."""
    return {} if entry is None else entry.model_dump(exclude_unset=True)


def _checked_value(habit: Habit, value: float | None, day: date) -> float | None:
    target = target_on(habit, day)
    if target is None:
        if value is not None:
            said = _("{habit} takes no number. Tick it, or begin a habit that counts.")
            raise RecordingError(said.format(habit=habit.name))
        return None
    if value is None:
        return target.at_least
    if not 0 <= value <= VALUE_MOST:  # NaN fails both
        said = _("{value} cannot be recorded. Enter a number from 0 to {most}.")
        raise RecordingError(said.format(value=number_text(value), most=count_text(VALUE_MOST)))
    return int(value) if float(value).is_integer() else value


def habit_of(user: User, habit_id: str) -> Habit:
    """A person's habit. Raises RecordingError for one that there is not."""
    try:
        return user.habit(habit_id)
    except KeyError:
        said = _("There is no habit {habit}. Reload the page to see those there are.")
        raise RecordingError(said.format(habit=repr(habit_id))) from None


def _habit_on(user: User, habit_id: str, day: date, now: datetime) -> Habit:
    habit = habit_of(user, habit_id)
    first = min([habit.created_on, *user.completions.get(habit_id, {})])
    if day > today_of(user, now):
        said = _("{day} has not come yet. Record it on the day, or later.")
        raise RecordingError(said.format(day=whole_date_text(day)))
    if day < first:
        said = _("{habit} began on {first}, after {day}. Choose a later day.")
        raise RecordingError(said.format(habit=habit.name, first=whole_date_text(first), day=whole_date_text(day)))
    return habit


def _open_habit(user: User, habit_id: str, day: date, now: datetime) -> Habit:
    habit = _habit_on(user, habit_id, day, now)
    if habit.archived_on is not None and day >= habit.archived_on:
        said = _("{habit} was archived on {day}. Restore it first.")
        raise RecordingError(said.format(habit=habit.name, day=whole_date_text(habit.archived_on)))
    return habit


def answer_sign(user: User, kind: str, about: str, *, answer: Literal["yes", "no"], day: date) -> None:
    """Keep the person's answer to "Does that ring true?" about an early sign; the newest one counts.

    `about` is the habit's id, or the name of the pair (core.patterns.about_of).
    """
    kept = [a for a in user.coaching_insights.answers if (a.get("kind"), a.get("habit")) != (kind, about)]
    said = {"kind": kind, "habit": about, "day": day.isoformat(), "answer": answer}
    user.coaching_insights.answers = [*kept, said]
