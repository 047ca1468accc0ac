"""The choice of advice: what fits this person now, was never said to them, and contradicts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from core.catalogue import N_, _, p_
from core.coach.advising.beliefs import Worth
from core.coach.advising.filling import Facts
from core.coach.advising.library import Entry, Library, Tone, parse_library
from core.coach.advising.rules import Claims, Past
from core.coach.advising.situations import LABELS, OF_THE_PERSON, Situation, is_limit, is_limit_name, situations_of
from core.coach.advising.tone import Tones
from core.coach.safety import lifted_for, needs_a_person, tier_of_habit, tier_of_name
from core.coach.statistics.evidence import Evidence, evidence_of
from core.localtime import day_number as day_number_of
from core.models import User
from core.patterns import Finding
from core.progress import Record
from core.slots import looks_back
from core.wording import label

__all__ = ["Library", "Offer", "Piece", "fitting", "parse_library", "ranked", "tip_for"]

ANCHORS = {"morning": N_("getting dressed"), "evening": N_("brushing your teeth"), "flexible": N_("coming home")}
OBSTACLE_SAID = {
    "Time": N_("you named time as what gets in the way"),
    "Motivation/discipline": N_("you named motivation as what gets in the way"),
    "Remembering": N_("you named remembering as what gets in the way"),
    "Perfectionism": N_("you named perfectionism as what gets in the way"),
}
QUIET_DAYS_AFTER_ABSENCE = 3
OFFERS_WHEN_FINE = frozenset({"stack", "fade", "raise", "widen", "with-friend", "reserve"})
ALONE = "main habit not tracked"  # beside its piece nothing else is advised


@dataclass(frozen=True)
class Piece:
    """One finished word of advice: for which habit ("" = the person), why, and what the app could do about it."""

    id: str
    technique: str
    habit: str
    text: str
    because: str
    action: str
    tone: Tone
    slots: Facts | None  # None where nobody reads it again

    def given(self, day: date, channel: str) -> dict[str, Any]:
        """What coaching_insights.given keeps once it was said: the person's day, and digest, drip or screen.

        Its words are not kept, but the facts that fill them (core.coach.advising.followup.said_of).
        """
        kept = {"id": self.id, "technique": self.technique, "action": self.action, "habit": self.habit}
        said = {} if self.slots is None else {"tone": self.tone, "slots": self.slots}
        return {**kept, "day": day.isoformat(), "channel": channel, **said}


@dataclass(frozen=True)
class Offer:
    """An entry that fits, the label it stands under, its place in the editor's order, and what it may collide with.

    `place` is the position of its technique for this label and obstacle, `specific` whether it is for one obstacle;
    `facts`, `tone` and `locale` are what it is said with, once it is chosen: most that fit are not.
    """

    entry: Entry
    facts: Facts
    tone: Tone
    locale: str
    label: str
    place: int
    specific: bool
    number: int
    claims: Claims

    @property
    def piece(self) -> Piece:
        """The finished piece."""
        entry, facts = self.entry, {name: self.facts[name] for name in sorted(self.entry.slots)}
        said = entry.told(self.tone, facts, self.locale)
        return Piece(entry.id, entry.technique, self.claims.habit, *said, entry.action, self.tone, facts)

    @property
    def family(self) -> str:
        """What belongs together when outcomes are compared."""
        return self.claims.family

    @property
    def rank(self) -> tuple[int, int, bool, int]:
        """(label, place, whether it is for any obstacle, number in the library): the smaller the sooner."""
        return LABELS.index(self.label), self.place, not self.specific, self.number

    def collides_with(self, other: Offer) -> bool:
        """Whether the two cannot stand in one list."""
        return self.claims.collides_with(other.claims)


def tip_for(library: Library, user: User, day_number: int) -> Piece | None:
    """The light tip of one of the Days 0 to 13 for the stated obstacle; None where silence is better."""
    profile = user.coaching_profile
    name = _name_for_a_tip(user)
    tier = tier_of_name(name, lifted_for(user, name))
    unfit = "do" if is_limit_name(name) or name in _ceilings(user) else "limit"
    of_the_day = [tip for tip in library.tips if (tip.obstacle, tip.day) == (profile.biggest_obstacle, day_number)]
    fit = [tip for tip in of_the_day if tip.polarity != unfit and (tier is None or tier.allows(tip.technique))]
    tip = max(fit, key=lambda tip: tip.polarity == "limit", default=None)  # one for such a habit goes first
    if tip is None or not name or needs_a_person(user):
        return None
    text = tip.said.format(habit=label(name), soon=_soon(user), anchor=_(ANCHORS[profile.chronotype]))
    return Piece(tip.id, tip.technique, "", text, _(OBSTACLE_SAID[tip.obstacle]), "", "plain", None)


def _ceilings(user: User) -> set[str]:
    """The names of the habits that are kept by staying within a number."""
    return {habit.name for habit in user.habits if habit.target and habit.target.at_most is not None}


def _name_for_a_tip(user: User) -> str:
    """The main habit; where that is one to stay within, or was put away, the first that is done: a tip is about
    beginning."""
    named = user.coaching_profile.main_habit.strip() or next((habit.name for habit in user.habits), "")
    here, away = ({one.name for one in user.habits if bool(one.archived_on) is gone} for gone in (False, True))
    is_put_away = named in away - here
    if not is_put_away and (named not in _ceilings(user) or tier_of_name(named, lifted_for(user, named)) is not None):
        return named
    begun = [one.name for one in user.habits if not (one.archived_on or is_limit(one)) and tier_of_habit(one) is None]
    return next(iter(begun), "" if is_put_away else named)


def _soon(user: User) -> str:
    """The day of a tip: a morning letter looks ahead at its own, one from noon on leaves a thought for the next."""
    if user.coaching_profile.chronotype == "flexible":
        return p_("advice", "next time")
    return p_("advice", "today") if looks_back(user) else p_("advice", "tomorrow")


def fitting(
    library: Library,
    user: User,
    record: Record,
    findings: Sequence[Finding],
    status: Mapping[str, str],
    worth: Worth | None = None,
    seen: Evidence | None = None,
) -> list[Piece]:
    """Everything that may be said now, best first: one piece a habit, then the others. It uses nothing up.

    `status` maps a habit's id to hot, building, needs restart or new; `worth` is what was learned of each sort of
    advice (core.coach.advising.beliefs); `seen` is the record's evidence, if it is there already. Nothing while the
    person is away, nor in the three days after.
    """
    evidence = seen or evidence_of(record)
    just_back = any((record.today - day).days <= QUIET_DAYS_AFTER_ABSENCE for day in evidence.away)
    if evidence.is_away or just_back or needs_a_person(user, record.noted):
        return []
    choice = _Choice(library, record, situations_of(record, findings, status, evidence.away))
    chosen = _without_contradiction(ranked(list(choice.offers()), worth))
    alone = [offer for offer in chosen if offer.label == ALONE]
    return [offer.piece for offer in alone or chosen]


def ranked(offers: Sequence[Offer], worth: Worth | None = None) -> list[Offer]:
    """The offers in the order in which they are to be said: states before findings, then what helps most.

    Without a `worth` the editor's order stands.
    """

    def key(offer: Offer) -> tuple[int, float, bool, int]:
        label, place, is_general, number = offer.rank
        return label, place if worth is None else -worth(offer.claims.family, place), is_general, number

    return sorted(offers, key=key)


@dataclass(frozen=True)
class _Choice:
    """What the library has for one person on one day."""

    library: Library
    record: Record
    situations: Sequence[Situation]

    @property
    def user(self) -> User:
        """The person's document."""
        return self.record.user

    @property
    def today(self) -> date:
        """The person's day."""
        return self.record.today

    @cached_property
    def past(self) -> Past:
        """What was given before."""
        return Past(self.library, self.user, self.today)

    @cached_property
    def tenure(self) -> int:
        """Days since sign-up, or since the first entry of an imported history."""
        first = self.record.first_entry or self.today
        return max(day_number_of(self.user.created_at, self.today), (self.today - first).days)

    @cached_property
    def tones(self) -> Tones:
        """In which tone each piece is said."""
        return Tones(self.user, self.today)

    @cached_property
    def own(self) -> frozenset[int]:
        """The numbers of the entries that are meant for this person, whatever the habit."""
        profile = self.user.coaching_profile
        return self.library.meant_for(profile.biggest_obstacle, profile.chronotype, self.tenure)

    @cached_property
    def never_today(self) -> frozenset[str]:
        """The techniques that something true of the person rules out for every habit."""
        return self._never([name for at in self.situations for name in at.labels if name in OF_THE_PERSON])

    def offers(self) -> Iterator[Offer]:
        """What fits, situation by situation."""
        for situation in self.situations:
            yield from self._offers(situation)

    def _offers(self, situation: Situation) -> Iterator[Offer]:
        if not situation.labels:
            return
        never = self._never(situation.labels) | self.never_today
        tone = self.tones.of(situation.labels, situation.goal, situation.tier)
        meant = {number for name in situation.labels for number in self.library.by_label[name]}
        slots = {at: {**situation.slots, **situation.slots_by_label.get(at, {})} for at in situation.labels}
        for number in sorted(meant & self.own):
            entry = self.library.entries[number]
            if entry.technique in never or not self._is_for(entry, situation):
                continue
            at = _label_of(entry, situation, slots)
            if at is None or not self.past.allows(entry, situation):
                continue
            first = self.library.first_for(at, self.user.coaching_profile.biggest_obstacle)
            place = first.index(entry.technique) if entry.technique in first else len(first)
            sort = self.library.technique_of(entry)
            beside = situation.beside if at == "cooccur" else ""
            claims = Claims(
                entry.technique, sort.family, sort.stance, situation.habit_id, situation.goal, entry.source, beside
            )
            locale, is_specific = self.user.locale, bool(entry.obstacles)
            yield Offer(entry, slots[at], tone, locale, at, place, is_specific, number, claims)

    def _never(self, labels: Sequence[str]) -> frozenset[str]:
        return frozenset(one for name in labels if (order := self.library.order.get(name)) for one in order.never)

    def _is_for(self, entry: Entry, situation: Situation) -> bool:
        """Whether an entry is meant for this habit."""
        goals = {situation.goal} if situation.goal else set(self.user.coaching_profile.life_goals)
        sort = self.library.technique_of(entry)
        return (
            (not entry.goals or bool(goals.intersection(entry.goals)))
            and entry.polarity != ("do" if situation.is_limit else "limit")
            and (situation.tier is None or situation.tier.allows(entry.technique))
            and (not situation.is_fine or sort.insight or entry.technique in OFFERS_WHEN_FINE)
            and situation.guards.all_hold(entry.needs)
            and situation.guards.all_hold(sort.needs)
        )


def _label_of(entry: Entry, situation: Situation, slots: Mapping[str, Facts]) -> str | None:
    """The label that an entry stands under; None while a slot would stay open."""
    return next((at for at in situation.labels if at in entry.when and entry.slots <= slots[at].keys()), None)


def _without_contradiction(offers: Sequence[Offer]) -> list[Offer]:
    """One piece a habit first, then the others, each only if it goes with those before it."""
    chosen: list[Offer] = []
    habits, techniques = set[str](), set[str]()  # most that collide do so by these: a look at them spares the others
    for once in (True, False):
        for offer in offers:
            if offer.claims.technique in techniques or (once and offer.claims.habit in habits):
                continue
            if not any(offer.collides_with(other) for other in chosen):
                chosen.append(offer)
                habits.add(offer.claims.habit)
                techniques.add(offer.claims.technique)
    return chosen
