"""The kinds of claim about the hour of the clock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.coach.claims import Kind, plain
from core.coach.evidence import HabitEvidence
from core.coach.hours import CENTRE_SURE, FEWEST_TIMES, timing, usual_time, varied_time
from core.wording import clock_text

VARIED_SCORE = 0.5  # the time varies by more than 30 minutes
CLOCK_STEP = 5  # minutes to which "around" is rounded


class UsualTime(Kind):
    """Done within half an hour of one minute of the clock."""

    odds = 24.0
    needs: Mapping[str, int] = {"times": FEWEST_TIMES}

    def support(self, habit: HabitEvidence) -> float:
        claim = usual_time(habit.minutes)
        return claim.log_odds if claim is not None and claim.known >= CENTRE_SURE else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        claim = usual_time(habit.minutes)
        return claim is None or claim.log_odds < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        claim = usual_time(habit.minutes)
        assert claim is not None
        return {"minute": claim.minute, "within30": [claim.within, claim.of], "times": plain(habit.times)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        near, of = evidence["within30"]
        clock = clock_text(CLOCK_STEP * round(evidence["minute"] / CLOCK_STEP), locale)
        return f"You usually do {name} around {clock}: {near} of {of} times within half an hour."


class VariedTime(Kind):
    """Not even the best hour of the clock holds most times."""

    odds = 24.0
    needs: Mapping[str, int] = {"times": FEWEST_TIMES}

    def support(self, habit: HabitEvidence) -> float:
        claim = varied_time(habit.minutes)
        return claim.log_odds if claim is not None and timing(habit.minutes).score > VARIED_SCORE else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        return self.support(habit) < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        claim = varied_time(habit.minutes)
        assert claim is not None
        score = timing(habit.minutes).score
        return {"score": score, "within30": [claim.within, claim.of], "times": plain(habit.times)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        near, of = evidence["within30"]
        return f"{name} has no usual hour so far: the busiest hour of the clock holds {near} of {of} times."
