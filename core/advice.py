"""The choice of advice: what fits this person now, was never said to them, and contradicts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from core.coach.beliefs import Worth
from core.coach.evidence import evidence_of
from core.coach.library import Entry, Library, parse_library
from core.coach.safety import needs_a_person, tier_of_name
from core.coach.situations import LABELS, Situation, is_limit_name, situations_of
from core.localtime import day_number as day_number_of
from core.models import User
from core.patterns import Finding
from core.progress import Record
from core.slots import looks_back
from core.wording import label

__all__ = ["Library", "Piece", "fitting", "parse_library", "tip_for"]

ANCHORS = {"morning": "getting dressed", "evening": "brushing your teeth", "flexible": "coming home"}
OBSTACLE_SAID = {
    "Time": "you named time as what gets in the way",
    "Motivation/discipline": "you named motivation as what gets in the way",
    "Remembering": "you named remembering as what gets in the way",
    "Perfectionism": "you named perfectionism as what gets in the way",
}

# Days between two pieces, so that nothing is said twice in other words.
SAME_TECHNIQUE_DAYS = 30  # for one habit
SAME_WORDS_DAYS = 30  # for two habits; for one habit the same words never come twice
OPPOSITE_DAYS = 30  # "more" and "less" of one habit, or of two that serve one goal
OPEN_PLAN_DAYS = 14  # a plan taken up and without an outcome yet: no second one beside it
REPLAN_DAYS = 14  # of one habit: the outcome of a changed plan needs that window
SELDOM_DAYS = {"kind": 90, "who": 30}  # of one technique, whatever the habit
OFFER_DAYS = 90  # for a habit that is fine
SOURCE_DAYS = 14  # sentences about people in general
QUIET_DAYS_AFTER_ABSENCE = 3

OFFERS_WHEN_FINE = frozenset({"stack", "fade", "raise", "widen", "with-friend"})
PLAN_FAMILIES = frozenset({"plan", "cue"})


@dataclass(frozen=True)
class Piece:
    """One finished word of advice: for which habit ("" = the person), why, and what the app could do about it."""

    id: str
    technique: str
    habit: str
    text: str
    because: str
    action: str

    def given(self, day: date, channel: str) -> dict[str, str]:
        """What coaching_insights.given keeps once it was said: the person's day, and digest, drip or screen."""
        kept = {"id": self.id, "technique": self.technique, "action": self.action, "habit": self.habit}
        return {**kept, "day": day.isoformat(), "channel": channel}


def tip_for(library: Library, user: User, day_number: int) -> Piece | None:
    """The light tip of one of the Days 0 to 13 for the stated obstacle; None where silence is better."""
    profile = user.coaching_profile
    name = profile.main_habit.strip() or next((habit.name for habit in user.habits), "")
    wanted = (profile.biggest_obstacle, day_number)
    tip = next((tip for tip in library.tips if (tip.obstacle, tip.day) == wanted), None)
    if tip is None or not name or needs_a_person(user):
        return None
    tier = tier_of_name(name)
    if tier is not None and not tier.allows(tip.technique):
        return None
    if tip.polarity == ("do" if is_limit_name(name) else "limit"):
        return None
    # A morning letter looks ahead at its own day, one from noon on leaves a thought for the next.
    soon = "next time" if profile.chronotype == "flexible" else "today" if looks_back(user) else "tomorrow"
    text = tip.text.format(habit=label(name), soon=soon, anchor=ANCHORS[profile.chronotype])
    return Piece(tip.id, tip.technique, "", text, OBSTACLE_SAID[tip.obstacle], "")


def fitting(
    library: Library,
    user: User,
    record: Record,
    findings: Sequence[Finding],
    status: Mapping[str, str],
    worth: Worth | None = None,
) -> list[Piece]:
    """Everything that may be said now, best first: one piece a habit, then the others. It uses nothing up.

    `status` maps a habit's id to hot, building, needs restart or new; `worth` is what was learned of each sort of
    advice (core.coach.beliefs). Nothing while the person is away, nor in the three days after.
    """
    evidence = evidence_of(record)
    just_back = any((record.today - day).days <= QUIET_DAYS_AFTER_ABSENCE for day in evidence.away)
    if evidence.is_away or just_back or needs_a_person(user):
        return []
    choice = _Choice(library, user, record.today)
    offers = [
        offer
        for situation in situations_of(record, findings, status, evidence.away)
        for offer in choice.offers(situation)
    ]
    return [offer.piece for offer in _without_contradiction(ranked(offers, worth))]


def ranked(offers: Sequence[_Offer], worth: Worth | None = None) -> list[_Offer]:
    """The offers in the order in which they are to be said: states before findings, then what helps most.

    Without a `worth` the editor's order stands.
    """

    def key(offer: _Offer) -> tuple[int, float, bool, int]:
        label, place, is_general, number = offer.rank
        return label, place if worth is None else -worth(offer.family, place), is_general, number

    return sorted(offers, key=key)


@dataclass(frozen=True)
class _Offer:
    """A piece that fits, where it ranks, and what it may collide with."""

    piece: Piece
    family: str
    stance: str
    goal: str
    source: str
    rank: tuple[int, int, bool, int]

    def collides_with(self, other: _Offer) -> bool:
        """Whether the two cannot stand in one list."""
        if self.piece.technique == other.piece.technique or (self.source and other.source):
            return True
        if _opposed(self.stance, other.stance) and _same(self.piece.habit, self.goal, other.piece.habit, other.goal):
            return True
        alike = {"replan"} | PLAN_FAMILIES
        return self.piece.habit == other.piece.habit and self.family == other.family and self.family in alike


@dataclass(frozen=True)
class _Told:
    """One earlier piece, out of what was given."""

    id: str
    technique: str
    habit: str
    day: date
    is_open_plan: bool


@dataclass(frozen=True)
class _Choice:
    """The library before one person on one day."""

    library: Library
    user: User
    today: date

    @cached_property
    def told(self) -> list[_Told]:
        """What was given, oldest first."""
        out = []
        for item in self.user.coaching_insights.given:
            entry = self.library.by_id.get(str(item.get("id", "")))
            technique = str(item.get("technique") or (entry.technique if entry else ""))
            day = date.fromisoformat(str(item["day"])[:10]) if item.get("day") else date.min
            is_open = bool(item.get("applied")) and not item.get("outcome")
            out.append(_Told(str(item.get("id", "")), technique, str(item.get("habit") or ""), day, is_open))
        return out

    @cached_property
    def tenure(self) -> int:
        """Days since sign-up, or since the first entry of an imported history."""
        days = [day for entries in self.user.completions.values() for day in entries]
        return max(day_number_of(self.user.created_at, self.today), (self.today - min(days, default=self.today)).days)

    def offers(self, situation: Situation) -> Iterator[_Offer]:
        """What fits one situation."""
        never = {one for name in situation.labels if (order := self.library.order.get(name)) for one in order.never}
        for place, entry in enumerate(self.library.entries):
            if entry.technique in never or not self._is_for(entry, situation):
                continue
            if self._was_said(entry, situation) or (filled := _filled(entry, situation)) is None:
                continue
            at, piece = filled
            first = self.library.first_for(at, self.user.coaching_profile.biggest_obstacle)
            position = first.index(entry.technique) if entry.technique in first else len(first)
            sort = self.library.technique_of(entry)
            rank = (LABELS.index(at), position, not entry.obstacles, place)
            yield _Offer(piece, sort.family, sort.stance, situation.goal, entry.source, rank)

    def _is_for(self, entry: Entry, situation: Situation) -> bool:
        """Whether an entry is meant for this person and this habit."""
        profile = self.user.coaching_profile
        goals = {situation.goal} if situation.goal else set(profile.life_goals)
        sort = self.library.technique_of(entry)
        return (
            not entry.retired
            and entry.from_day <= self.tenure
            and (not entry.obstacles or profile.biggest_obstacle in entry.obstacles)
            and (not entry.chronotypes or profile.chronotype in entry.chronotypes)
            and (not entry.goals or bool(goals.intersection(entry.goals)))
            and entry.polarity != ("do" if situation.is_limit else "limit")
            and situation.guards.issuperset(entry.needs)
            and (situation.tier is None or situation.tier.allows(entry.technique))
            and (not situation.is_fine or sort.insight or entry.technique in OFFERS_WHEN_FINE)
        )

    def _was_said(self, entry: Entry, situation: Situation) -> bool:
        """Whether this, or something too like it or against it, was said too lately."""
        return any(self._rules_out(told, entry, situation) for told in self.told)

    def _rules_out(self, told: _Told, entry: Entry, situation: Situation) -> bool:
        days = (self.today - told.day).days
        sort, told_sort = self.library.technique_of(entry), self.library.techniques.get(told.technique)
        told_entry = self.library.by_id.get(told.id)
        if told.technique == entry.technique and days < SELDOM_DAYS.get(entry.technique, 0):
            return True
        if entry.source and told_entry and told_entry.source and days < SOURCE_DAYS:
            return True
        if told_sort is None:
            return told.id == entry.id and told.habit == situation.habit_id
        if told.is_open_plan and {sort.family, told_sort.family} <= PLAN_FAMILIES and days < OPEN_PLAN_DAYS:
            return True
        goal = self._goal_of(told.habit)
        if _opposed(sort.stance, told_sort.stance) and days < OPPOSITE_DAYS:
            return _same(situation.habit_id, situation.goal, told.habit, goal)
        if told.habit != situation.habit_id:
            return told.id == entry.id and days < SAME_WORDS_DAYS
        return (
            told.id == entry.id
            or (told.technique == entry.technique and days < SAME_TECHNIQUE_DAYS)
            or (sort.family == told_sort.family == "replan" and days < REPLAN_DAYS)
            or (situation.is_fine and not sort.insight and not told_sort.insight and days < OFFER_DAYS)
        )

    def _goal_of(self, habit_id: str) -> str:
        return next((habit.goal for habit in self.user.habits if habit.id == habit_id), "")


def _filled(entry: Entry, situation: Situation) -> tuple[str, Piece] | None:
    """The label that an entry stands under and the finished piece; None while a slot would stay open."""
    for at in situation.labels:
        slots = {**situation.slots, **situation.slots_by_label.get(at, {})}
        if at in entry.when and entry.slots <= slots.keys():
            text, because = entry.text.format_map(slots), entry.because.format_map(slots)
            return at, Piece(entry.id, entry.technique, situation.habit_id, text, because, entry.action)
    return None


def _without_contradiction(offers: Sequence[_Offer]) -> list[_Offer]:
    """One piece a habit first, then the others, each only if it goes with those before it."""
    chosen: list[_Offer] = []
    for once in (True, False):
        for offer in offers:
            taken = once and any(offer.piece.habit == other.piece.habit for other in chosen)
            if not taken and not any(offer.collides_with(other) for other in chosen):
                chosen.append(offer)
    return chosen


def _opposed(stance: str, other: str) -> bool:
    return {stance, other} == {"more", "less"}


def _same(habit: str, goal: str, other_habit: str, other_goal: str) -> bool:
    return habit == other_habit or (bool(goal) and goal == other_goal)
