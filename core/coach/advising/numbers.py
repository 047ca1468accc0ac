"""A habit's number, set anew with one tap: what the own record proposes, from when on it holds, and the way back."""

from __future__ import annotations

from datetime import date, timedelta

from core.catalogue import N_, _
from core.coach.advising.habit_look import FOUR_WEEKS
from core.coach.advising.offers import Change, Given, Was
from core.localtime import ONE_DAY
from core.models import EarlierTarget, Habit, Target, User
from core.planning import change_target, number_from
from core.progress import HabitRecord
from core.recording import VALUE_MOST, RecordingError
from core.wording import count_text, label, number_text

COUNTED_LEAST = 5  # days with a number in four weeks, below which nothing is proposed
STEP_SHARE = 0.1  # one step up, where the record shows no higher number: graded tasks, in small grades


def number_anew(habit: HabitRecord, given: Given) -> Change | None:
    """The number that the record proposes, to be changed by hand; None where it proposes none."""
    target = habit.habit.target
    found = _proposal(habit, target, str(given.get("technique") or "")) if target else None
    if target is None or found is None:
        return None
    number, why = found
    today = habit.today

    def do(user: User, said: str) -> Was:
        mine, wanted = user.habit(habit.habit.id), _number(said)
        now = _with_number(target, wanted)
        if now == mine.target or mine.target is None:
            taken = _("{habit} has {number} as its number already. Choose another.")
            raise RecordingError(taken.format(habit=mine.name, number=said))
        before, first = mine.target, number_from(user, mine.id, today=today)
        change_target(user, mine.id, now, today=today)
        return {"target": _dumped(before), "now": _dumped(now), "from": first.isoformat()}

    ask, done = _("At least"), N_("At least {target}")
    if target.at_most is not None:
        ask, done = _("At most"), N_("At most {target}")
    ask = f"{ask}, {target.unit}" if target.unit else ask
    why = f"{why} " + _("Days before keep the number they had.")
    return Change(
        _("Set its number"),
        done,
        do,
        ask,
        "number",
        f"{number:.10g}",
        why,
        facts=lambda said: {"target": [_number(said), label(target.unit)]},
    )


def number_again(habit: Habit, was: Was, has_entry: bool, today: date) -> None:
    """The number of before, unless there is a third by now; days that are over keep the one they were judged by."""
    if habit.target is None or _dumped(habit.target) != was["now"] or not habit.earlier_targets:
        return
    end = today if has_entry else today - ONE_DAY
    if end < date.fromisoformat(was["from"]):
        habit.earlier_targets = habit.earlier_targets[:-1]
    else:
        habit.earlier_targets = [*habit.earlier_targets, EarlierTarget(until=end, target=habit.target)]
    habit.target = Target.model_validate(was["target"])


def _proposal(habit: HabitRecord, target: Target, technique: str) -> tuple[float, str] | None:
    values = _values(habit, target)
    n = len(values)
    if n < COUNTED_LEAST:
        return None
    if target.at_most is not None:
        kept = values[-(-3 * n // 4) - 1]
        within = sum(value <= kept for value in values)
        why = _("On {days} of {n} days with a number it was {number} or less.")
        return (kept, why.format(days=within, n=n, number=number_text(kept))) if kept > target.at_most else None
    bar = target.at_least or 0
    if technique == "part-counts":
        half = -(-bar // 2) if float(bar).is_integer() else bar / 2
        reached = sum(value >= half for value in values)
        why = _("{number} was reached on {days} of {n} days with a number.")
        return (half, why.format(number=number_text(half), days=reached, n=n)) if 0 < half < bar else None
    middle = values[n // 2]
    if middle < bar:
        return None
    higher = middle if middle > bar else bar + max(1, round(bar * STEP_SHARE))
    reached = sum(value >= middle for value in values)
    why = _("It was {number} or more on {days} of {n} days with a number; this is one step up.")
    if middle > bar:
        why = _("It was {number} or more on {days} of {n} days with a number.")
    return higher, why.format(number=number_text(middle), days=reached, n=n)


def _values(habit: HabitRecord, target: Target) -> list[float]:
    """The numbers of the last four weeks, smallest first; a tick without one says that the target was kept."""
    since = habit.today - timedelta(days=FOUR_WEEKS)
    plain = target.at_least if target.at_least is not None else target.at_most
    rows = [entry for day, entry in habit.entries.items() if since <= day < habit.today and not entry.skip]
    return sorted(float((entry.value if entry.value is not None else plain) or 0) for entry in rows)


def _with_number(target: Target, number: float) -> Target:
    side = "at_most" if target.at_most is not None else "at_least"
    return Target.model_validate(_dumped(target) | {side: number})


def _number(said: str) -> int | float:
    try:
        number = float(said.replace(",", "."))
    except ValueError:
        number = 0.0
    if not 0 < number <= VALUE_MOST:  # NaN fails both
        wrong = _("“{said}” cannot be its number. Give one above 0, up to {most}.")
        raise RecordingError(wrong.format(said=said, most=count_text(VALUE_MOST)))
    return int(number) if number.is_integer() else number


def _dumped(target: Target) -> Was:
    return target.model_dump(mode="json", exclude_unset=True)
