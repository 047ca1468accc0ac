"""Which of the three tones a piece of advice is said in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from core.coach.advising.library import Tone
from core.coach.safety import Tier, speaks_of_grief
from core.models import User

WARM_FOR = frozenset({"Motivation/discipline", "Perfectionism"})
WARM_GOAL = "Mental Wellness"
GOOD = frozenset({"fine", "momentum_gained"})
HARD = frozenset({"needs restart", "back", "momentum_lost", "too_ambitious", "week2_dip"})
FIRST_DAYS = 3  # days on which something was given: until then nothing is playful
SILENT_DAYS = 7


@dataclass(frozen=True)
class Tones:
    """The tones for one person on one day."""

    user: User
    today: date

    def of(self, labels: Collection[str], goal: str, tier: Tier | None) -> Tone:
        """Playful where the record of a habit is good, warm for who needs it, else plain.

        A tone that the person chose comes before that. Never playful after a silent week, on a delicate habit, or near
        grief; nor in the first letters, unless chosen.
        """
        if self._is_near_grief:
            return "plain"
        profile = self.user.coaching_profile
        if profile.tone is not None and (profile.tone != "playful" or (tier is None and not self._is_silent)):
            return profile.tone
        if profile.tone == "playful":
            return "warm"
        is_good = bool(GOOD.intersection(labels)) and not HARD.intersection(labels)
        if is_good and tier is None and self._knows_the_coach and not self._is_silent:
            return "playful"
        goals = [goal] if goal else profile.life_goals
        return "warm" if profile.biggest_obstacle in WARM_FOR or WARM_GOAL in goals else "plain"

    @cached_property
    def _is_near_grief(self) -> bool:
        return speaks_of_grief(self.user, self.today)

    @cached_property
    def _knows_the_coach(self) -> bool:
        return len({str(one.get("day", ""))[:10] for one in self.user.coaching_insights.given}) >= FIRST_DAYS

    @cached_property
    def _is_silent(self) -> bool:
        rows = self.user.completions.values()
        last = max((day for entries in rows for day in entries if day <= self.today), default=self.today)
        return self.today - last > timedelta(days=SILENT_DAYS)
