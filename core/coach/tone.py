"""Which of the three tones a piece of advice is said in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from core.coach.library import Tone
from core.coach.safety import Tier, speaks_of_grief
from core.models import User

WARM_FOR = frozenset({"Motivation/discipline", "Perfectionism"})
WARM_GOAL = "Mental Wellness"
GOOD = frozenset({"fine", "momentum_gained"})
HARD = frozenset({"needs restart", "back", "momentum_lost", "too_ambitious", "week2_dip"})
FIRST_DAYS = 3  # days on which something was given: until then nothing is playful
SILENT_DAYS = 7


def tone_of(user: User, today: date, labels: Collection[str], goal: str, tier: Tier | None) -> Tone:
    """Playful where the record of a habit is good, warm for who needs it, else plain.

    A tone that the person chose comes before that. Never playful after a silent week, on a delicate habit, or near
    grief; nor in the first letters, unless chosen.
    """
    if speaks_of_grief(user, today):
        return "plain"
    chosen = user.coaching_profile.tone
    if chosen is not None and (chosen != "playful" or (tier is None and not _is_silent(user, today))):
        return chosen
    if chosen == "playful":
        return "warm"
    is_good = bool(GOOD.intersection(labels)) and not HARD.intersection(labels)
    if is_good and tier is None and _knows_the_coach(user) and not _is_silent(user, today):
        return "playful"
    goals = [goal] if goal else user.coaching_profile.life_goals
    return "warm" if user.coaching_profile.biggest_obstacle in WARM_FOR or WARM_GOAL in goals else "plain"


def _knows_the_coach(user: User) -> bool:
    return len({str(one.get("day", ""))[:10] for one in user.coaching_insights.given}) >= FIRST_DAYS


def _is_silent(user: User, today: date) -> bool:
    last = max((day for rows in user.completions.values() for day in rows if day <= today), default=today)
    return today - last > timedelta(days=SILENT_DAYS)
