"""What may not stand beside what: in one list of advice, and over time for one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from core.coach.advising.library import Entry, Library, Technique
from core.coach.advising.situations import Situation
from core.models import User

# Days between two pieces, so that nothing is said twice in other words.
SAME_TECHNIQUE_DAYS = 30  # for one habit, and longer for some:
SAME_FOR_LONGER_DAYS = {"drop-day": 60}
SAME_WORDS_DAYS = 30  # for two habits; for one habit the same words never come twice
OPPOSITE_DAYS = 30  # "more" and "less" of one habit, or of two that serve one goal
OPEN_PLAN_DAYS = 14  # a plan taken up and without an outcome yet: no second one beside it
REPLAN_DAYS = 14  # of one habit: the outcome of a changed plan needs that window
SELDOM_DAYS = {"kind": 90, "who": 30, "why": 30}  # of one technique, whatever the habit
OFFER_DAYS = 90  # for a habit that is fine
SOURCE_DAYS = 14  # sentences about people in general

PLAN_FAMILIES = frozenset({"plan", "cue"})
ONE_A_LIST = PLAN_FAMILIES | {"replan"}  # of these families a list has one piece a habit
DECLINED_FOR_GOOD = frozenset({"fade", "raise", "widen"})  # offers: after a no they never come again


@dataclass(frozen=True)
class Claims:
    """What a piece of advice takes up beside others: whom it is for, what sort it is, which way it pulls."""

    technique: str
    family: str
    stance: str
    habit: str
    goal: str
    source: str = ""
    beside: str = ""  # the habit that it speaks of as well

    def collides_with(self, other: Claims) -> bool:
        """Whether the two cannot stand in one list."""
        return (
            self.technique == other.technique
            or bool(self.source and other.source)
            or (self.beside != "" and self.beside == other.habit)
            or (other.beside != "" and other.beside == self.habit)
            or (self.habit == other.habit and self.family == other.family and self.family in ONE_A_LIST)
            or (_opposed(self.stance, other.stance) and self.is_of_one_cause_with(other.habit, other.goal))
        )

    def is_of_one_cause_with(self, habit: str, goal: str) -> bool:
        """Whether it is for that habit, or for another that serves the same goal."""
        return self.habit == habit or (bool(goal) and self.goal == goal)


@dataclass(frozen=True)
class Told:
    """One earlier piece, out of what was given."""

    id: str
    technique: str
    habit: str
    day: date
    is_open_plan: bool
    declined: bool


@dataclass(frozen=True)
class Past:
    """All that one person was given so far, read with the library's entries beside it."""

    library: Library
    user: User
    today: date

    @cached_property
    def told(self) -> list[Told]:
        """What was given, oldest first."""
        return [self._told(one) for one in self.user.coaching_insights.given]

    @cached_property
    def shown_by_rate(self) -> frozenset[str]:
        """The habits whose share stands in place of the streak already."""
        return frozenset(habit.id for habit in self.user.habits if habit.shows_rate_on(self.today))

    def allows(self, entry: Entry, situation: Situation) -> bool:
        """Whether neither this, nor something too like it or against it, was said too lately, or holds by now."""
        if entry.action == "show_rate_first" and situation.habit_id in self.shown_by_rate:
            return False
        return not any(self._rules_out(told, entry, situation) for told in self.told)

    def _told(self, item: Mapping[str, Any]) -> Told:
        piece = str(item.get("id", ""))
        entry = self.library.by_id.get(piece)
        technique = str(item.get("technique") or (entry.technique if entry else ""))
        day = date.fromisoformat(str(item["day"])[:10]) if item.get("day") else date.min
        is_open = bool(item.get("applied")) and not item.get("outcome")
        declined = item.get("feedback") == "no"
        return Told(piece, technique, str(item.get("habit") or ""), day, is_open, declined)

    def _rules_out(self, told: Told, entry: Entry, situation: Situation) -> bool:
        if told.habit == situation.habit_id and self._rules_out_for_its_habit(told, entry, situation):
            return True
        days = (self.today - told.day).days
        sort, told_sort = self.library.technique_of(entry), self.library.techniques.get(told.technique)
        told_entry = self.library.by_id.get(told.id)
        return (
            (told.id == entry.id and days < SAME_WORDS_DAYS)
            or (told.technique == entry.technique and days < SELDOM_DAYS.get(entry.technique, 0))
            or bool(entry.source and told_entry and told_entry.source and days < SOURCE_DAYS)
            or (told_sort is not None and self._pulls_against(told, told_sort, sort, situation))
        )

    def _rules_out_for_its_habit(self, told: Told, entry: Entry, situation: Situation) -> bool:
        days = (self.today - told.day).days
        sort, told_sort = self.library.technique_of(entry), self.library.techniques.get(told.technique)
        offers = told_sort is not None and not sort.insight and not told_sort.insight
        replans = told_sort is not None and sort.family == told_sort.family == "replan"
        same = told.technique == entry.technique
        return (
            told.id == entry.id
            or (same and days < SAME_FOR_LONGER_DAYS.get(entry.technique, SAME_TECHNIQUE_DAYS))
            or (same and told.declined and entry.technique in DECLINED_FOR_GOOD)
            or (replans and days < REPLAN_DAYS)
            or (situation.is_fine and offers and days < OFFER_DAYS)
        )

    def _pulls_against(self, told: Told, told_sort: Technique, sort: Technique, situation: Situation) -> bool:
        """A second plan beside an open one; or more of what was to become less, or the other way round."""
        days = (self.today - told.day).days
        if told.is_open_plan and {sort.family, told_sort.family} <= PLAN_FAMILIES and days < OPEN_PLAN_DAYS:
            return True
        if not _opposed(sort.stance, told_sort.stance) or days >= OPPOSITE_DAYS:
            return False
        goal = next((habit.goal for habit in self.user.habits if habit.id == told.habit), "")
        return situation.habit_id == told.habit or (bool(goal) and goal == situation.goal)


def _opposed(stance: str, other: str) -> bool:
    return {stance, other} == {"more", "less"}
