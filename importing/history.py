"""A history from another tracker as one value, and how it joins a person's document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from core.ids import free_id, used_ids
from core.localtime import local_day, wall_instant, zone
from core.models import Completion, Habit, Plan, User

FROM_ANY_DAY = re.compile(r"FREQ=DAILY|FREQ=WEEKLY;BYDAY=[A-Z,]+")  # rules that do not count from their first day


@dataclass(frozen=True)
class HabitCounts:
    """What was found for one habit: the entries by kind, and the days that are no entries by reason."""

    name: str
    done: int
    skipped: int
    short: int  # numbers outside the target
    notes: int
    automatic: int  # derived by the tracker from other days
    unknown: int
    no: int
    notes_left_out: int  # on days that were neither done nor skipped
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What was found, by habit, and what is to be said about the whole."""

    habits: tuple[HabitCounts, ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moment:
    """A thing done when a wall clock showed `clock` (None: not told); in which zone, the file does not say."""

    day: date
    clock: time | None
    note: str = ""


@dataclass(frozen=True)
class History:
    """Habits with ids of their own, their entries by habit id and day, and the report on how they were read.

    `moments`, by habit id, become entries once it is known whose they are.
    """

    habits: tuple[Habit, ...]
    completions: Mapping[str, Mapping[date, Completion]]
    report: Report
    moments: Mapping[str, Sequence[Moment]] = field(default_factory=dict)


@dataclass(frozen=True)
class Merged:
    """What joined a document: habits new or known by name; entries new, or standing already.

    `differing` of those that stood say something else than the history.
    """

    history: History
    habits_added: int
    habits_known: int
    entries_added: int
    entries_stood: int
    differing: int


def merge(user: User, history: History) -> Merged:
    """Add a history to the person's document: all of it that is not there yet, in place.

    A habit of the same name, whatever its case, is the same habit. An entry that stands is never overwritten. A habit
    begins with its earliest entry: its first day and first plan move back that far. A second time changes nothing.
    Wall clocks are read in the person's zone, and the day is theirs.
    """
    mine = {_key(habit.name): habit for habit in reversed(user.habits)}
    habits_added = entries_added = stood = differing = 0
    for theirs in history.habits:
        habit = mine.get(_key(theirs.name))
        if habit is None:
            habit = theirs.model_copy(update={"id": free_id(theirs.name, used_ids(user))}, deep=True)
            user.habits.append(habit)
            mine[_key(theirs.name)] = habit
            habits_added += 1
        found = _placed(user, history.moments.get(theirs.id, ())) | dict(history.completions.get(theirs.id, {}))
        if not found:
            continue
        entries = user.entries(habit.id)
        new = {day: entry.model_copy() for day, entry in found.items() if day not in entries}
        differing += sum(not _is_same(entries[day], entry) for day, entry in found.items() if day in entries)
        entries.update(new)
        entries_added += len(new)
        stood += len(found) - len(new)
        _reach_back(habit, min(found))
    return Merged(history, habits_added, len(history.habits) - habits_added, entries_added, stood, differing)


def together(histories: Sequence[History]) -> History:
    """Several trackers' histories as one: a habit of the same name is the same, as the one that comes first has it."""
    habits: dict[str, Habit] = {}
    completions: dict[str, Mapping[date, Completion]] = {}
    moments: dict[str, Sequence[Moment]] = {}
    for history in histories:
        for theirs in history.habits:
            own = theirs.model_copy(update={"id": free_id(theirs.name, {habit.id for habit in habits.values()})})
            habit_id = habits.setdefault(_key(theirs.name), own).id
            completions[habit_id] = {**history.completions.get(theirs.id, {}), **completions.get(habit_id, {})}
            moments[habit_id] = [*moments.get(habit_id, ()), *history.moments.get(theirs.id, ())]
    report = Report(
        tuple(counts for history in histories for counts in history.report.habits),
        tuple(dict.fromkeys(remark for history in histories for remark in history.report.remarks)),
    )
    return History(
        tuple(habits.values()), {name: found for name, found in completions.items() if found}, report, moments
    )


def _placed(user: User, moments: Iterable[Moment]) -> dict[date, Completion]:
    """The entries of moments, by the person's day: the first clock of a day, and what was noted at each."""
    profile, by_day = user.coaching_profile, dict[date, list[Moment]]()
    tz = zone(profile.timezone)
    for moment in sorted(moments, key=lambda moment: (moment.day, moment.clock or time.max)):
        day = moment.day
        if moment.clock is not None:
            day = local_day(wall_instant(day, moment.clock, tz), tz, profile.day_ends_at)
        by_day.setdefault(day, []).append(moment)
    entries = {}
    for day, (first, *others) in by_day.items():
        at = wall_instant(first.day, first.clock, tz).astimezone(tz) if first.clock is not None else None
        notes = dict.fromkeys(moment.note for moment in (first, *others) if moment.note)
        told = {"at": at} if at is not None else {}
        entries[day] = Completion.model_validate({"source": "import", **told, **_noted(notes)})
    return entries


def _noted(notes: Iterable[str]) -> dict[str, str]:
    note = "; ".join(notes)
    return {"note": note} if note else {}


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _is_same(mine: Completion, theirs: Completion) -> bool:
    return (mine.skip, mine.value, mine.note) == (theirs.skip, theirs.value, theirs.note)


def _reach_back(habit: Habit, first: date) -> None:
    """Let a habit begin by `first`; a rule that counts from its first day gets a copy before it, not another phase."""
    if first < habit.created_on:
        habit.created_on = first
    plan = habit.schedule[0]
    if first < plan.start:
        earlier = plan.model_copy(update={"start": first})
        habit.schedule = [earlier, *habit.schedule[1 if _is_free_of_phase(plan) else 0 :]]


def _is_free_of_phase(plan: Plan) -> bool:
    return plan.rrule is None or FROM_ANY_DAY.fullmatch(plan.rrule) is not None


# --- in words --------------------------------------------------------------------------------------------------------


def summary(found: History | Merged) -> str:
    """One line: what a history holds, or what joined the document."""
    if isinstance(found, History):
        counts = found.report.habits
        parts = [many(len(counts), "habit"), f"{sum(count.done for count in counts):,} done"]
        for name in ("skipped", "short", "notes"):
            total = sum(getattr(count, name) for count in counts)
            parts += [_amount(name, total)] if total else []
        return ", ".join(parts)
    added = f"{many(found.habits_added, 'habit')} and {many(found.entries_added, 'entry', 'entries')} added"
    kept = f"{many(found.habits_known, 'habit')} and {many(found.entries_stood, 'entry', 'entries')} stood already"
    differing = f" ({found.differing:,} of them say something else and were kept)" if found.differing else ""
    return f"{added}, {kept}{differing}"


def details(found: History | Merged) -> list[str]:
    """What was read, line by line: the whole, each habit with what was left out and why, then the remarks."""
    history = found.history if isinstance(found, Merged) else found
    return [summary(history), *map(_habit_line, history.report.habits), *history.report.remarks]


def _habit_line(count: HabitCounts) -> str:
    kept = [_amount(name, getattr(count, name)) for name in ("skipped", "short", "notes") if getattr(count, name)]
    out = [
        f"{number:,} {words}"
        for number, words in (
            (count.automatic, "filled in by the tracker"),
            (count.unknown, "unknown"),
            (count.no, "not done"),
            (count.notes_left_out, "with a note"),
        )
        if number
    ]
    line = f"{count.name}: " + ", ".join([f"{count.done:,} done", *kept])
    return line + (f"; left out: {', '.join(out)}" if out else "") + "".join(f"; {said}" for said in count.remarks)


def _amount(name: str, number: int) -> str:
    return {
        "skipped": f"{number:,} skipped",
        "short": f"{number:,} outside the target",
        "notes": many(number, "note"),
    }[name]


def many(number: int, one: str, several: str = "") -> str:
    """`1 habit`, `1,498 habits`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
