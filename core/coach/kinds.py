"""Every kind of claim by its name, and how much of what it needs there is."""

from __future__ import annotations

from core.coach.claims import Kind
from core.coach.day_kinds import TooAmbitious, Weekend
from core.coach.evidence import HabitEvidence
from core.coach.hour_kinds import MovedTime, TwoSlots, UsualTime, VariedTime, WeekendTime
from core.coach.rates import is_weekend

KINDS: dict[str, Kind] = {
    "usual_time": UsualTime(),
    "varied_time": VariedTime(),
    "two_slots": TwoSlots(),
    "weekend_time": WeekendTime(),
    "time_later": MovedTime(later=True),
    "time_earlier": MovedTime(later=False),
    "too_ambitious": TooAmbitious(),
    "weekend_weak": Weekend(weak=True),
    "weekend_strong": Weekend(weak=False),
}


def amount(habit: HabitEvidence, unit: str) -> int:
    """How many of what a kind `needs` there are."""
    if unit == "times":
        return len(habit.all_times)
    if unit == "weekend_times":
        return sum(is_weekend(day) for day, _ in habit.all_times)
    if unit == "days":
        return len(habit.days_of_plan)
    return sum(is_weekend(day) == (unit == "weekend_days") for day, _ in habit.days)
