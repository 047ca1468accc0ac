"""Every kind of claim by its name, and how much of what it needs there is."""

from __future__ import annotations

from core.coach.claims import Kind
from core.coach.day_kinds import TooAmbitious, Weekend
from core.coach.evidence import HabitEvidence
from core.coach.hour_kinds import UsualTime, VariedTime
from core.coach.rates import is_weekend

KINDS: dict[str, Kind] = {
    "usual_time": UsualTime(),
    "varied_time": VariedTime(),
    "too_ambitious": TooAmbitious(),
    "weekend_weak": Weekend(weak=True),
    "weekend_strong": Weekend(weak=False),
}


def amount(habit: HabitEvidence, unit: str) -> int:
    """How many of what a kind `needs` there are."""
    if unit == "times":
        return len(habit.times)
    if unit == "days":
        return len(habit.days_of_plan)
    return sum(is_weekend(day) == (unit == "weekend_days") for day, _ in habit.days)
