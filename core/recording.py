"""Every change of a person's record as a plain function on the document: ticks, skips, notes, habits, plans, pauses."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Any, Literal

from core.catalogue import _
from core.ids import free_id, used_ids
from core.localtime import ONE_DAY, days_between, zone
from core.models import Completion, Habit, Pause, Plan, Target, User
from core.progress import today_of
from core.schedule import is_done, target_on
from core.wording import after_i, count_text, number_text, whole_date_text

NAME_MOST = 200  # characters, as the document allows
NOTE_MOST = 2000
VALUE_MOST = 1_000_000_000
PAUSE_MOST = 366  # days: a longer absence is an archived habit, or letters switched off
MOMENT_KEYS = {"at", "source", "recorded", "skip"}
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class RecordingError(ValueError):
    """A change that cannot be made; the message names the input and the remedy."""


# --- plans -----------------------------------------------------------------------------------------------------------


def every_day(start: date) -> Plan:
    """Due on every day from `start` on."""
    return _plan(start, rrule="FREQ=DAILY")


def on_weekdays(start: date, weekdays: Iterable[int]) -> Plan:
    """Due on chosen weekdays, 0 = Monday. Raises RecordingError when none or an unknown one is named."""
    chosen = sorted(set(weekdays))
    if not chosen or not set(chosen) <= set(range(7)):
        raise RecordingError(
            _("No weekday is chosen. Choose one or more, or a number of times a week if any day will do.")
        )
    return _plan(start, rrule="FREQ=WEEKLY;BYDAY=" + ",".join(WEEKDAY_CODES[day] for day in chosen))


def every_n_days(start: date, n: int) -> Plan:
    """Due on `start` and every n-th day after it, n from 2 to 90. Raises RecordingError."""
    if not 2 <= n <= 90:
        said = _("Every {n} days cannot be planned. Choose a number from {least} to {most}.")
        raise RecordingError(said.format(n=n, least=2, most=90))
    return _plan(start, rrule=f"FREQ=DAILY;INTERVAL={n}")


def times_per(start: date, times: int, per: Literal["week", "month"]) -> Plan:
    """So many times a week (1 to 7) or month (1 to 31), on any days. Raises RecordingError."""
    most = 7 if per == "week" else 31
    if not 1 <= times <= most:
        said = (
            _("{times} times a week cannot be planned. Choose a number from 1 to {most}.")
            if per == "week"
            else _("{times} times a month cannot be planned. Choose a number from 1 to {most}.")
        )
        raise RecordingError(said.format(times=times, most=most))
    return _plan(start, times=times, per=per)


def _plan(start: date, **how_often: Any) -> Plan:
    return Plan.model_validate({"from": start, **how_often})


# --- days ------------------------------------------------------------------------------------------------------------


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
    _habit(user, habit_id)
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


def _habit(user: User, habit_id: str) -> Habit:
    try:
        return user.habit(habit_id)
    except KeyError:
        said = _("There is no habit {habit}. Reload the page to see those there are.")
        raise RecordingError(said.format(habit=repr(habit_id))) from None


def _habit_on(user: User, habit_id: str, day: date, now: datetime) -> Habit:
    habit = _habit(user, habit_id)
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


# --- habits ----------------------------------------------------------------------------------------------------------


def add_habit(
    user: User,
    name: str,
    schedule: Plan,
    *,
    today: date,
    icon: str = "",
    color: str = "",
    target: Target | None = None,
    cue: str = "",
    small: str = "",
    goal: str = "",
    group: str = "",
) -> Habit:
    """A new habit at the end of the list, begun today under `schedule`. Raises RecordingError."""
    habit = Habit(
        id=free_id(_checked_name(name), used_ids(user)),
        name=name.strip(),
        created_on=today,
        schedule=[schedule],
        icon=icon.strip(),
        color=color,
        target=target,
        cue=after_i(cue),
        small=small.strip(),
        goal=goal,
        group=group.strip(),
    )
    user.habits.append(habit)
    return habit


def rename_habit(user: User, habit_id: str, name: str) -> None:
    """Give a habit another name; its id and its record stay, what was said of the old words does not.

    Raises RecordingError.
    """
    habit = _habit(user, habit_id)
    _checked_name(name)
    if habit.name != name.strip():
        habit.lifted = []
    habit.name = name.strip()


def describe_habit(
    user: User, habit_id: str, *, icon: str, color: str, cue: str, small: str, goal: str, group: str | None = None
) -> None:
    """Change what a habit looks like, what helps it along and its group (None: it stays); no number moves.

    Raises RecordingError.
    """
    habit = _habit(user, habit_id)
    habit.icon, habit.color, habit.goal = icon.strip(), color, goal
    habit.cue, habit.small = after_i(cue), small.strip()
    if group is not None:
        habit.group = group.strip()


def change_schedule(user: User, habit_id: str, plan: Plan, *, from_day: date, today: date) -> None:
    """Another plan from a day on, in place of any that would begin then or later; no day before is judged anew.

    Raises RecordingError for a day that is over, or before the habit's first plan begins.
    """
    habit = _habit(user, habit_id)
    earliest = max(today, habit.schedule[0].start)
    if from_day < earliest:
        said = _("A new plan cannot hold from {day}: the past keeps the plan it had. Choose {earliest} or later.")
        raise RecordingError(said.format(day=whole_date_text(from_day), earliest=whole_date_text(earliest)))
    kept = [old for old in habit.schedule if old.start < from_day]
    habit.schedule = [*kept, Plan.model_validate({**plan.model_dump(exclude_unset=True), "from": from_day})]


def archive_habit(user: User, habit_id: str, *, today: date) -> None:
    """Take a habit off the list from today on; its record, streaks and XP stay. Raises RecordingError."""
    habit = _habit(user, habit_id)
    if habit.archived_on is None or habit.archived_on > today:
        habit.archived_on = max(today, habit.created_on)


def restore_habit(user: User, habit_id: str, *, today: date) -> None:
    """Bring an archived habit back from today on; the days away become a pause, so that none of them is a miss."""
    habit = _habit(user, habit_id)
    if habit.archived_on is None:
        return
    if habit.archived_on < today:
        user.pauses.append(_pause(habit.archived_on, today - ONE_DAY, habit_id))
    habit.archived_on = None


def move_habit(user: User, habit_id: str, *, up: bool) -> None:
    """Move a habit one place among those of its group that are not archived; at the end it stays.

    Raises RecordingError.
    """
    group = _habit(user, habit_id).group
    shown = [
        n
        for n, habit in enumerate(user.habits)
        if habit.group == group and (habit.archived_on is None or habit.id == habit_id)
    ]
    place = next(p for p, n in enumerate(shown) if user.habits[n].id == habit_id)
    other = place - 1 if up else place + 1
    if 0 <= other < len(shown):
        a, b = shown[place], shown[other]
        user.habits[a], user.habits[b] = user.habits[b], user.habits[a]


def move_group(user: User, group: str, *, up: bool) -> None:
    """Move all habits of a group before the group above, or behind the one below; at the end it stays."""
    order = list(dict.fromkeys(habit.group for habit in in_groups(user.habits) if habit.archived_on is None))
    if group not in order:
        return
    place = order.index(group)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        places = {name: n for n, name in enumerate(order)}
        user.habits = sorted(user.habits, key=lambda habit: places.get(habit.group, len(order)))


def in_groups(habits: Iterable[Habit]) -> list[Habit]:
    """Habits with those of a group together, groups in the order of their first habit, the person's order within."""
    listed = list(habits)
    places = {name: n for n, name in enumerate(dict.fromkeys(habit.group for habit in listed))}
    return sorted(listed, key=lambda habit: places[habit.group])


def _checked_name(name: str) -> str:
    if not name.strip():
        raise RecordingError(_("The habit has no name yet. Two words will do."))
    if len(name.strip()) > NAME_MOST:
        said = _("A name of {count} characters is too long. Keep it within {most}.")
        raise RecordingError(said.format(count=len(name.strip()), most=NAME_MOST))
    return name


# --- pauses ----------------------------------------------------------------------------------------------------------


def pause(user: User, first: date, last: date, habit: str | None = None) -> Pause:
    """Days off, both ends included, for one habit or (None) everything. Raises RecordingError."""
    if habit is not None:
        _habit(user, habit)
    if last < first:
        said = _("A pause cannot end on {last}, before {first}. Choose a later day.")
        raise RecordingError(said.format(last=whole_date_text(last), first=whole_date_text(first)))
    if len(days_between(first, last)) > PAUSE_MOST:
        said = _("A pause until {last} is longer than a year. Choose an earlier last day.")
        raise RecordingError(said.format(last=whole_date_text(last)))
    added = _pause(first, last, habit)
    user.pauses.append(added)
    return added


def end_pause(user: User, habit: str | None = None, *, today: date, begun: date | None = None) -> None:
    """Be back today: what is paused today ends yesterday, and what would begin later is taken out.

    With `begun` only the pause that begins on that day.
    """
    for running in [p for p in user.pauses if p.habit == habit and p.to >= today and begun in (None, p.start)]:
        if running.start < today:
            running.to = today - ONE_DAY
        else:
            user.pauses.remove(running)


def remove_pause(user: User, first: date, last: date, habit: str | None = None) -> None:
    """Take a pause out that was declared by mistake: its days are judged by their plan again."""
    user.pauses = [p for p in user.pauses if (p.start, p.to, p.habit) != (first, last, habit)]


def _pause(first: date, last: date, habit: str | None) -> Pause:
    return Pause.model_validate({"from": first, "to": last, "habit": habit})


def answer_sign(user: User, kind: str, about: str, *, answer: Literal["yes", "no"], day: date) -> None:
    """Keep the person's answer to "Does that ring true?" about an early sign; the newest one counts.

    `about` is the habit's id, or the name of the pair (core.patterns.about_of).
    """
    kept = [a for a in user.coaching_insights.answers if (a.get("kind"), a.get("habit")) != (kind, about)]
    said = {"kind": kind, "habit": about, "day": day.isoformat(), "answer": answer}
    user.coaching_insights.answers = [*kept, said]
