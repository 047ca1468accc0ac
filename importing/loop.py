"""What Loop Habit Tracker means by its codes, frequencies and targets, in the terms of our own document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from core.catalogue import N_, _
from core.ids import free_id
from core.localtime import ONE_DAY
from core.models import Completion, Habit, Plan, Target
from core.planning import WORDS_MOST
from core.schedule import is_done
from importing.history import HabitCounts, History, Report
from importing.refusal import ENTRIES, HABITS, ImportRefused, check_limit

# A day's code in Loop; a number is stored times 1000, and beside it -1 and 3 keep their meaning.
UNKNOWN, NO, AUTOMATIC, DONE, SKIP = -1, 0, 1, 2, 3
THOUSANDTHS = 1000
NAME_MOST = 200  # characters, as the document allows
NEAR_ENOUGH = 0.1  # share by which the nearest number a week may miss Loop's rate before a month is tried

Reason = Literal["automatic", "unknown", "no"]


@dataclass(frozen=True)
class Days:
    """The days of one habit: the codes of those that are known, all notes, and the first day there is."""

    codes: dict[date, int] = field(default_factory=dict)
    notes: dict[date, str] = field(default_factory=dict)
    unknown: int = 0
    first: date | None = None


@dataclass(frozen=True)
class LoopHabit:
    """One habit as a file has it: its days, and what else the file says about it (None: nothing)."""

    name: str
    days: Days = field(default_factory=Days)
    numeric: bool | None = None
    frequency: tuple[int, int] | None = None  # times, in days
    target: Target | None = None
    archived: bool = False
    color: str = ""


@dataclass(frozen=True)
class Export:
    """One file's habits, and what is to be said about the whole."""

    name: str
    habits: Sequence[LoopHabit]
    remarks: tuple[str, ...] = ()


def days_of(rows: Iterable[tuple[date, int, str]], habit: str, name: str, remedy: str) -> Days:
    """The days of a habit from (day, code, note). Raises ImportRefused for a day that is there with two codes."""
    codes: dict[date, int] = {}
    notes: dict[date, str] = {}
    for day, code, note in rows:
        if codes.setdefault(day, code) != code:
            raise ImportRefused(
                _("{name} has {day} twice for {habit}, with different values; {remedy}").format(
                    name=name, day=day.isoformat(), habit=habit, remedy=_(remedy)
                )
            )
        if note:
            notes[day] = note
    known = {day: code for day, code in codes.items() if code != UNKNOWN}
    return Days(known, notes, len(codes) - len(known), min(codes, default=None))


def target_of(amount: float, *, at_most: bool, unit: str) -> Target:
    """A target as it is stored: whole numbers whole, a unit as short as one that is typed."""
    number, most = int(amount) if amount.is_integer() else amount, WORDS_MOST["unit"][0]
    unit = " ".join(unit.split())[:most].rstrip()
    return Target.model_validate({"at_most" if at_most else "at_least": number, "unit": unit})


def history_of(exports: Sequence[Export]) -> History:
    """The exports as one history: a habit of the same name is the same, and the export that comes first is right.

    Raises ImportRefused when there is no day in them, a code that means nothing, or more than is read.
    """
    names = ", ".join(export.name for export in exports)
    firsts = [habit.days.first for export in exports for habit in export.habits if habit.days.first is not None]
    if not firsts:
        raise ImportRefused(_("{name} holds no day yet; tick something in Loop and export again").format(name=names))
    together = _together(exports)
    check_limit(len(together), HABITS, N_("habits"), names)
    habits: list[Habit] = []
    completions: dict[str, dict[date, Completion]] = {}
    counts: list[HabitCounts] = []
    for loop in together:
        habit, entries, counted = _converted(loop, min(firsts), {h.id for h in habits}, names)
        habits.append(habit)
        counts.append(counted)
        if entries:
            completions[habit.id] = entries
    check_limit(sum(map(len, completions.values())), ENTRIES, N_("entries"), names)
    remarks = [remark for export in exports for remark in export.remarks]
    return History(tuple(habits), completions, Report(tuple(counts), tuple(dict.fromkeys(remarks))))


# --- one habit of several files --------------------------------------------------------------------------------------


def _together(exports: Iterable[Export]) -> list[LoopHabit]:
    habits: dict[str, LoopHabit] = {}
    for export in exports:
        for habit in _with_own_names(export.habits):
            key = habit.name.casefold()
            habits[key] = _joined(habits[key], habit) if key in habits else habit
    return list(habits.values())


def _with_own_names(habits: Iterable[LoopHabit]) -> list[LoopHabit]:
    """The habits of one file, each with a name that no other of them has: the second Vegan is Vegan (2)."""
    taken: set[str] = set()
    out = []
    for habit in habits:
        plain = " ".join(habit.name.split())[: NAME_MOST - len(" (9999)")].strip() or "Habit"
        numbered = (plain if n == 1 else f"{plain} ({n})" for n in range(1, len(taken) + 2))
        name = next(name for name in numbered if name.casefold() not in taken)
        taken.add(name.casefold())
        out.append(replace(habit, name=name))
    return out


def _joined(first: LoopHabit, second: LoopHabit) -> LoopHabit:
    """What two files say about one habit; a day that the first leaves open or derives is the second's."""
    certain = {day: code for day, code in first.days.codes.items() if code not in (NO, AUTOMATIC)}
    days = Days(
        codes=first.days.codes | second.days.codes | certain,
        notes=second.days.notes | first.days.notes,
        unknown=max(first.days.unknown, second.days.unknown),
        first=min((day for day in (first.days.first, second.days.first) if day is not None), default=None),
    )
    return replace(
        first,
        days=days,
        numeric=second.numeric if first.numeric is None else first.numeric,
        frequency=first.frequency or second.frequency,
        target=first.target or second.target,
        color=first.color or second.color,
    )


# --- one habit in our terms ------------------------------------------------------------------------------------------


def _converted(
    loop: LoopHabit, first_of_file: date, taken: set[str], where: str
) -> tuple[Habit, dict[date, Completion], HabitCounts]:
    numeric = _is_numeric(loop, where)
    target = (loop.target or Target(at_least=0)) if numeric else None
    entries, left_out = _entries(loop, numeric, target)
    start = min(entries, default=first_of_file)
    plan, remarks = plan_of(loop.frequency, start)
    known: dict[str, Any] = {"archived_on": max(entries) + ONE_DAY if entries else start} if loop.archived else {}
    habit = Habit(
        id=free_id(loop.name, taken),
        name=loop.name,
        created_on=start,
        color=loop.color,
        target=target,
        schedule=[plan],
        **known,
    )
    remarks += _remarks(loop, numeric, len(entries))
    return habit, entries, _counts(habit, entries, loop, left_out, remarks)


def _is_numeric(loop: LoopHabit, where: str) -> bool:
    """Whether the codes are numbers: as the file says, else because one of them is no code of a yes or no."""
    beyond = next((day for day, code in loop.days.codes.items() if code > SKIP), None)
    if loop.numeric is False and beyond is not None:
        raise ImportRefused(
            _(
                "{where} has {value} on {day} for {habit}, a habit of yes or no; "
                "correct that day in Loop and export again"
            ).format(where=where, value=loop.days.codes[beyond], day=beyond.isoformat(), habit=loop.name)
        )
    return beyond is not None if loop.numeric is None else loop.numeric


def _entries(loop: LoopHabit, numeric: bool, target: Target | None) -> tuple[dict[date, Completion], Counter[Reason]]:
    """What was done or skipped, by day in order, and how many days were neither, by reason."""
    entries: dict[date, Completion] = {}
    left_out = Counter[Reason]({"unknown": loop.days.unknown})
    for day, code in sorted(loop.days.codes.items()):
        found = _numeric_entry(code, target) if numeric else _yes_no_entry(code)
        if isinstance(found, str):
            left_out[found] += 1
            continue
        note = loop.days.notes.get(day)
        entries[day] = Completion.model_validate({"source": "import", **found, **({"note": note} if note else {})})
    return entries, left_out


def _yes_no_entry(code: int) -> dict[str, Any] | Reason:
    """What a known code says in the keys of a completion, or why it is none."""
    if code == SKIP:
        return {"skip": True}
    if code == DONE:
        return {}
    return "automatic" if code == AUTOMATIC else "no"


def _numeric_entry(code: int, target: Target | None) -> dict[str, Any] | Reason:
    """As above for a number; a recorded zero is an entry where the target is to stay below."""
    if code == SKIP:
        return {"skip": True}
    if code == 0 and (target is None or target.at_most is None):
        return "no"
    whole, rest = divmod(code, THOUSANDTHS)
    return {"value": code / THOUSANDTHS if rest else whole}


def _counts(
    habit: Habit, entries: dict[date, Completion], loop: LoopHabit, left_out: Counter[Reason], remarks: list[str]
) -> HabitCounts:
    done = sum(is_done(habit, entry) for entry in entries.values())
    skipped = sum(entry.skip for entry in entries.values())
    notes = sum(bool(entry.note) for entry in entries.values())
    return HabitCounts(
        name=habit.name,
        done=done,
        skipped=skipped,
        short=len(entries) - done - skipped,
        notes=notes,
        automatic=left_out["automatic"],
        unknown=left_out["unknown"],
        no=left_out["no"],
        notes_left_out=len(loop.days.notes) - notes,
        remarks=tuple(remarks),
    )


def _remarks(loop: LoopHabit, numeric: bool, entries: int) -> list[str]:
    remarks = [] if entries else [_("nothing was ever done or skipped")]
    if numeric and loop.target is None:
        remarks.append(_("its target is not known, so any number counts"))
    amount = (loop.target.at_least or loop.target.at_most) if numeric and loop.target else None
    if amount and loop.frequency and loop.frequency[1] > 1:
        remarks.append(_("Loop's target is a total of {n} days, here it holds for one day").format(n=loop.frequency[1]))
    if loop.frequency is None and AUTOMATIC in loop.days.codes.values() and not numeric:
        remarks.append(_("days filled in mean a looser plan in Loop"))
    if loop.archived:
        remarks.append(_("it is archived"))
    return remarks


# --- plans -----------------------------------------------------------------------------------------------------------


def plan_of(frequency: tuple[int, int] | None, start: date) -> tuple[Plan, list[str]]:
    """The plan from `start` for Loop's so many times in so many days, and a remark when it is only the nearest.

    Seven days are a week, 30 or 31 a month, once in d days is every d days. What has no such plan (Loop counts over
    a window that moves) becomes a number a week if that is near enough, else the nearest of all three kinds.
    """
    if frequency is None:
        return _plan(start, rrule="FREQ=DAILY", assumed=True), []
    times, days = frequency
    if times < 1 or days < 1:
        return _plan(start, rrule="FREQ=DAILY"), [
            _("Loop's {times} in {days} days is no plan, so it is every day").format(times=times, days=days)
        ]
    if times >= days:
        return _plan(start, rrule="FREQ=DAILY"), []
    if days == 7:
        return _plan(start, times=times, per="week"), []
    if days in (30, 31):
        return _plan(start, times=times, per="month"), []
    if times == 1:
        return _plan(start, rrule=f"FREQ=DAILY;INTERVAL={days}"), []
    plan, words = _nearest_plan(times / days, start)
    return plan, [
        _("Loop's {times} in {days} days became {plan}, the nearest plan").format(times=times, days=days, plan=words)
    ]


def _nearest_plan(rate: float, start: date) -> tuple[Plan, str]:
    """The plan nearest to a rate of completions a day (0 to 1), and its words."""
    week, month, gap = max(1, min(6, round(rate * 7))), max(1, round(rate * 30)), round(1 / rate)
    by_week = _plan(start, times=week, per="week"), _("{n} a week").format(n=week)
    if abs(week / 7 - rate) <= NEAR_ENOUGH * rate:
        return by_week
    choices = [
        (abs(week / 7 - rate), by_week),
        (abs(month / 30 - rate), (_plan(start, times=month, per="month"), _("{n} a month").format(n=month))),
        (abs(1 / gap - rate), (_plan(start, rrule=f"FREQ=DAILY;INTERVAL={gap}"), _("every {n} days").format(n=gap))),
    ]
    return min(choices, key=lambda choice: choice[0])[1]


def _plan(start: date, **how_often: Any) -> Plan:
    return Plan.model_validate({"from": start, **how_often})
