"""The kinds of claim about two habits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.coach.claims import Claim, Family, group, of_text, plain
from core.coach.together import FEWEST_OF_EACH, Pair, link_is_over, with_and_without
from core.wording import label

TOGETHER = Family(share=0.18, slack=0.7, early=25.0)
WITH, WITHOUT = "days with ", "days without "  # the first habit


class Cooccur(Claim[Pair]):
    """A habit is done more on days with another one, by 15 points or more: a count that says nothing of causes."""

    family = TOGETHER
    needs: Mapping[str, int] = {"days_with": FEWEST_OF_EACH, "days_without": FEWEST_OF_EACH}

    def support(self, pair: Pair) -> float:
        return pair.log_evidence

    def is_over(self, pair: Pair, told: date) -> bool:
        first, second = pair.days()
        before, since = (
            with_and_without(
                [day for day in first if (day[0] < told) == is_before],
                [day for day in second if (day[0] < told) == is_before],
            )
            for is_before in (True, False)
        )
        return link_is_over(before, since) >= math.log(TOGETHER.early)

    def evidence(self, pair: Pair) -> dict[str, Any]:
        first, second = pair.days()
        without, together = with_and_without(first, second)
        name = label(pair.first.habit.name)
        groups = [
            group(f"{WITHOUT}{name}", int(without[0]), int(without[1])),
            group(f"{WITH}{name}", int(together[0]), int(together[1])),
        ]
        return {
            "days": plain(second),
            "days_of_first": plain(first),
            "groups": groups,
            "habits": [pair.first.habit.id, pair.second.habit.id],
        }

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        without, together = evidence["groups"]
        first = together["label"].removeprefix(WITH)
        return f"{name} goes with {first}: done on {of_text(together)} days with it, on {of_text(without)} without."
