"""What stands in the fields of a habit's form: its plan, its target and its look."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import streamlit as st

from core import planning
from core.catalogue import N_, _
from core.models import Habit, Plan, Target
from core.recording import RecordingError
from screens import looks, wording

ROUND = "habit_form_round"  # in the session: a number for each opening, so that no old word comes back

OWN_RULE = "own"  # a rule that an import brought and this form cannot show: kept unless another is chosen
# kind: (its question, least, most, what it begins with)
HOW_MANY = {
    "every": (N_("How many days from one to the next?"), 2, 90, 2),
    "week": (N_("How many times a week?"), 1, 7, 3),
    "month": (N_("How many times a month?"), 1, 31, 4),
}
USUAL_DAYS = (0, 2, 4)  # of chosen weekdays, before any is chosen


def field_key(field: str) -> str:
    """The key of a field's widget in the form that is open."""
    return f"hf{st.session_state.get(ROUND, 0)}_{field}"


def field_value(field: str, absent: Any = None) -> Any:
    """What stands in a field now; `absent` while it is not drawn or empty."""
    value = st.session_state.get(field_key(field))
    return absent if value is None else value


def kind_of(plan: Plan) -> str:
    """Which of the form's kinds a plan is."""
    if plan.times is not None:
        return cast(str, plan.per)
    parts = dict(part.partition("=")[::2] for part in (plan.rrule or "").split(";") if not part.startswith("WKST"))
    if parts.keys() == {"FREQ", "BYDAY"} and parts["FREQ"] in ("WEEKLY", "DAILY") and wording.chosen_weekdays(plan):
        return "days"
    if parts.get("FREQ") == "DAILY" and parts.keys() <= {"FREQ", "INTERVAL"}:
        return "daily" if parts.get("INTERVAL", "1") == "1" else "every"
    return OWN_RULE


def number_of(plan: Plan) -> int:
    """The n of a plan of n times, or of every n days."""
    if plan.times is not None:
        return plan.times
    return int((plan.rrule or "").rpartition("INTERVAL=")[2].partition(";")[0])


def _gist(plan: Plan) -> tuple[str, list[int], int]:
    """What the form can tell two plans apart by: kind, weekdays and number."""
    kind = kind_of(plan)
    return kind, wording.chosen_weekdays(plan), number_of(plan) if kind in HOW_MANY else 0


def newest_plan(habit: Habit | None) -> Plan | None:
    """The plan that the form begins with, also one that holds from a day to come; None for a new habit."""
    return habit.schedule[-1] if habit else None


def plan_in(habit: Habit | None, start: date) -> Plan | None:
    """The plan in the fields; None when it is the one that holds already. Raises RecordingError."""
    kind = field_value("kind", "daily")
    if kind == OWN_RULE:
        return None
    plan = _plan_of_kind(kind, start)
    now = newest_plan(habit)
    return None if now is not None and _gist(now) == _gist(plan) else plan


def _plan_of_kind(kind: str, start: date) -> Plan:
    if kind == "days":
        return planning.on_weekdays(start, field_value("days", USUAL_DAYS))
    if kind == "every":
        return planning.every_n_days(start, field_value("every", HOW_MANY["every"][-1]))
    if kind == "week":
        return planning.times_per(start, field_value("week", HOW_MANY["week"][-1]), "week")
    if kind == "month":
        return planning.times_per(start, field_value("month", HOW_MANY["month"][-1]), "month")
    return planning.every_day(start)


def start_in(today: date) -> date:
    """The day from which the new plan is to hold."""
    days_to_monday = 7 - today.weekday()
    later = {"today": 0, "tomorrow": 1, "monday": days_to_monday}[field_value("from", "tomorrow")]
    return today + timedelta(days=later)


def target_in(habit: Habit | None = None) -> Target | None:
    """The number in the fields, None for done or not; a habit that has one keeps its kind. Raises RecordingError."""
    before = habit.target if habit else None
    kind = field_value("count", "done") if before is None else "most" if before.at_least is None else "least"
    if kind == "done":
        return None
    amount, unit = field_value("amount"), (field_value("unit", "") or "").strip()
    if amount is None or (kind == "least" and amount <= 0 and not (before and before.at_least == amount)):
        wrong = _("The number is missing. Enter one above 0.")
        raise RecordingError(
            wrong if before else _("The number is missing. Enter one above 0, or choose “Done or not”.")
        )
    whole = int(amount) if float(amount).is_integer() else amount
    known = before.model_dump(exclude_unset=True) if before else {}
    return Target.model_validate(known | {"at_least" if kind == "least" else "at_most": whole, "unit": unit})


def look_in(habit: Habit | None = None) -> dict[str, str]:
    """Icon, colour, cue, two-minute version, goal and group in the fields; a colour they cannot show is kept."""
    own_color = habit.color if habit is not None and habit.color not in looks.COLORS.values() else ""
    return {
        "icon": (field_value("own_icon", "") or "").strip() or field_value("icon", ""),
        "color": looks.COLORS.get(field_value("color", ""), own_color),
        "cue": (field_value("cue", "") or "").strip(),
        "small": (field_value("small", "") or "").strip(),
        "goal": field_value("goal", ""),
        "group": (field_value("group", "") or "").strip(),
    }
