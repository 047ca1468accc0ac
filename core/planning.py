"""What a person means to do: habits and how they look, their plans, their order, and days off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from core.catalogue import N_, _
from core.ids import free_id, used_ids
from core.localtime import ONE_DAY, days_between
from core.models import EarlierTarget, Habit, Pause, Plan, Target, User
from core.recording import RecordingError, habit_of
from core.wording import after_i, whole_date_text

NAME_MOST = 200  # characters, as the document allows
# Of what a person types about a habit, the most characters, and what is said of more.
WORDS_MOST = {
    "icon": (8, N_("An icon of {count} characters is too long. One emoji will do.")),
    "cue": (120, N_("A cue of {count} characters is too long. Keep it within {most}.")),
    "small": (120, N_("A two-minute version of {count} characters is too long. Keep it within {most}.")),
    "group": (40, N_("A group’s name of {count} characters is too long. Keep it within {most}.")),
    "unit": (40, N_("A unit of {count} characters is too long. Keep it within {most}.")),
}
PAUSE_MOST = 366  # days: a longer absence is an archived habit, or letters switched off
WEEKDAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


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
    unit = target.unit if target else ""
    check_words({"icon": icon, "cue": cue, "small": small, "group": group, "unit": unit})
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
    habit = habit_of(user, habit_id)
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
    habit = habit_of(user, habit_id)
    check_words({"icon": icon, "cue": cue, "small": small, "group": group or ""}, habit)
    habit.icon, habit.color, habit.goal = icon.strip(), color, goal
    habit.cue, habit.small = after_i(cue), small.strip()
    if group is not None:
        habit.group = group.strip()


def change_schedule(user: User, habit_id: str, plan: Plan, *, from_day: date, today: date) -> None:
    """Another plan from a day on, in place of any that would begin then or later; no day before is judged anew.

    Raises RecordingError for a day that is over, or before the habit's first plan begins.
    """
    habit = habit_of(user, habit_id)
    earliest = max(today, habit.schedule[0].start)
    if from_day < earliest:
        said = _("A new plan cannot hold from {day}: the past keeps the plan it had. Choose {earliest} or later.")
        raise RecordingError(said.format(day=whole_date_text(from_day), earliest=whole_date_text(earliest)))
    kept = [old for old in habit.schedule if old.start < from_day]
    habit.schedule = [*kept, Plan.model_validate({**plan.model_dump(exclude_unset=True), "from": from_day})]


def number_from(user: User, habit_id: str, *, today: date) -> date:
    """The first day on which another number can hold: today, or tomorrow where something stands on today."""
    return today + ONE_DAY if today in user.completions.get(habit_id, {}) else today


def is_another_number(target: Target, before: Target) -> bool:
    """Whether days would be judged otherwise by it."""
    return (target.at_least, target.at_most) != (before.at_least, before.at_most)


def change_target(user: User, habit_id: str, target: Target, *, today: date) -> None:
    """Another number, or other words for its unit, for a habit that has one; no day before is judged anew.

    Raises RecordingError.
    """
    habit = habit_of(user, habit_id)
    before = habit.target
    if before is None or target == before:
        return
    if target.unit != before.unit:
        check_words({"unit": target.unit})
    if is_another_number(target, before):
        last = number_from(user, habit_id, today=today) - ONE_DAY
        habit.earlier_targets = [*habit.earlier_targets, EarlierTarget(until=last, target=before)]
    habit.target = target


def archive_habit(user: User, habit_id: str, *, today: date) -> None:
    """Take a habit off the list from today on; its record, streaks and XP stay. Raises RecordingError."""
    habit = habit_of(user, habit_id)
    if habit.archived_on is None or habit.archived_on > today:
        habit.archived_on = max(today, habit.created_on)


def restore_habit(user: User, habit_id: str, *, today: date) -> None:
    """Bring an archived habit back from today on; the days away become a pause, so that none of them is a miss.

    Raises RecordingError.
    """
    habit = habit_of(user, habit_id)
    if habit.archived_on is None:
        return
    if habit.archived_on < today:
        user.pauses.append(_pause(habit.archived_on, today - ONE_DAY, habit_id))
    habit.archived_on = None


def move_habit(user: User, habit_id: str, *, up: bool) -> None:
    """Move a habit one place among those of its group that are not archived; at the end it stays.

    Raises RecordingError.
    """
    group = habit_of(user, habit_id).group
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


def check_words(words: Mapping[str, str], habit: Habit | None = None) -> None:
    """Refuse words that are longer than WORDS_MOST allows; those a habit has already stay. Raises RecordingError."""
    for field, (most, said) in WORDS_MOST.items():
        typed = words.get(field, "").strip()
        if len(typed) > most and (habit is None or typed != getattr(habit, field).strip()):
            raise RecordingError(_(said).format(count=len(typed), most=most))


# --- pauses ----------------------------------------------------------------------------------------------------------


def pause(user: User, first: date, last: date, habit: str | None = None) -> Pause:
    """Days off, both ends included, for one habit or (None) everything. Raises RecordingError."""
    if habit is not None:
        habit_of(user, habit)
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
