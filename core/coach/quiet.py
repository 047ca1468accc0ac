"""What screens leave out of a delicate habit: streak, XP, its share as a mark, its part in the week's board.

The record itself always stays: its days, counts and strength. What the person has lifted for a habit is shown again;
words of self-harm are never lifted (core/coach/safety.py).
"""

from __future__ import annotations

from typing import Literal

from core.coach.safety import EXERCISE, FOOD, MEDICAL, SILENCE, SLEEP, SUBSTANCE, tier_of
from core.progress import HabitRecord

Part = Literal["streak", "xp", "rate", "board"]

# Counting on and comparing goes with symptoms of eating disorders (Levinson et al. 2017, Eat Behav 27:14; Simpson and
# Mazzeo 2017, Eat Behav 26:89) and with training through pain (Trott et al. 2020, J Addict Med 14:e321); a number of
# sleep that is chased costs sleep (Baron et al. 2017, J Clin Sleep Med 13:351). A missed medicine and a slip are no
# broken streak.
LEFT_OUT: dict[str, frozenset[Part]] = {
    SILENCE.name: frozenset({"streak", "xp", "rate", "board"}),
    MEDICAL.name: frozenset({"streak"}),
    FOOD.name: frozenset({"streak", "xp", "rate", "board"}),
    SUBSTANCE.name: frozenset({"streak"}),
    EXERCISE.name: frozenset({"board"}),
    SLEEP.name: frozenset({"streak", "xp", "rate"}),
}


def leaves_out(record: HabitRecord, part: Part) -> bool:
    """Whether a part of a habit's numbers is not shown."""
    tier = tier_of(record)
    return tier is not None and part in LEFT_OUT[tier.name]


def may_be_told(record: HabitRecord) -> bool:
    """Whether the coach may tell its count as news: of no medicine, food, drink or sleep by numbers, nor of harm."""
    return tier_of(record) in (None, EXERCISE)
