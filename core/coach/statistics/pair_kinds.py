"""The kinds of claim about two habits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from core.catalogue import _
from core.coach.statistics.claims import Claim, Family, group, of_text, plain
from core.coach.statistics.rates import count
from core.coach.statistics.together import FEWEST_OF_EACH, Pair, link_is_over
from core.wording import label

TOGETHER = Family(share=0.18, slack=0.7, early=25.0)


class Cooccur(Claim[Pair]):
    """A habit is done more on days with another one, by 15 points or more: a count that says nothing of causes."""

    family = TOGETHER
    needs: Mapping[str, int] = {"days_with": FEWEST_OF_EACH, "days_without": FEWEST_OF_EACH}

    def support(self, pair: Pair) -> float:
        return pair.log_evidence

    def is_over(self, pair: Pair, told: date) -> bool:
        return link_is_over(pair, told) >= math.log(TOGETHER.early)

    def evidence(self, pair: Pair) -> dict[str, Any]:
        first, second = pair.days()
        name = label(pair.first.habit.name)
        groups = []
        for words, is_with in ((_("days without {name}"), False), (_("days with {name}"), True)):
            sort = [day for day, (_day, done) in zip(second, first, strict=True) if done == is_with]
            groups.append(group(words.format(name=name), *count(sort)))
        ids, days = [pair.first.habit.id, pair.second.habit.id], {"days": plain(second), "days_of_first": plain(first)}
        return {**days, "groups": groups, "habits": ids, "first": name}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        without, together = evidence["groups"]
        said = _("{name} goes with {first}: done on {together} days with it, on {without} without.")
        return said.format(name=name, first=evidence["first"], together=of_text(together), without=of_text(without))
