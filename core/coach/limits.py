"""Habits that leave something out, and which claims make no sense of them."""

from __future__ import annotations

from core.coach.safety import mentions
from core.models import Habit
from core.wording import NEGATIONS

# What is left out has no hour: the time of its tick is when the day was looked back on.
OF_HOURS = frozenset(
    {"usual_time", "varied_time", "two_slots", "weekend_time", "time_later", "time_earlier", "late_fail"}
)


def is_limit(habit: Habit) -> bool:
    """Whether the habit is to leave something out: a target of `at most`, or a name like "No sugar"."""
    return bool(habit.target and habit.target.at_most is not None) or is_limit_name(habit.name)


def is_limit_name(name: str) -> bool:
    """Whether a name begins by saying what is not done."""
    return mentions(name.partition(" ")[0], NEGATIONS)


def kinds_left_out(habit: Habit) -> frozenset[str]:
    """The kinds of claim that are never made of such a habit."""
    return OF_HOURS if is_limit(habit) else frozenset()
