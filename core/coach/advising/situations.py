"""What is true of each habit of a person, and of the person, that a piece of advice can stand on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from core.coach.advising.filling import SLOTS, Facts, finding_slots, habit_slots, person_slots
from core.coach.advising.guards import FEWEST_COUNTED, FINE_RATE, GUARDS, NONE_HOLDS, Guards
from core.coach.advising.habit_look import FOUR_WEEKS, HabitLook
from core.coach.limits import is_limit, is_limit_name
from core.coach.safety import Tier, speaks_of_grief, tier_of_name
from core.coach.standing import goals_without_habit
from core.patterns import Finding
from core.progress import HabitRecord, Record
from core.wording import label

__all__ = ["GUARDS", "LABELS", "SLOTS", "Situation", "is_limit", "is_limit_name", "main_habit_of", "situations_of"]

# What a piece of advice can be about, the most pressing first: states come before findings.
LABELS = (
    "main habit not tracked",
    "heavy days",
    "many weak habits",
    "needs restart",
    "back",
    "too_ambitious",
    "momentum_lost",
    "week2_dip",
    "late_fail",
    "weekend_weak",
    "weak_day",
    "varied_time",
    "limit",
    "time_later",
    "two_slots",
    "weekend_time",
    "weekend_strong",
    "cooccur",
    "momentum_gained",
    "time_earlier",
    "usual_time",
    "fine",
    "building",
    "goal without a habit",
    "new",
)
OF_THE_PERSON = frozenset({"main habit not tracked", "heavy days", "many weak habits", "goal without a habit"})
AGAINST = frozenset({"too_ambitious", "momentum_lost", "week2_dip", "late_fail", "weekend_weak", "weak_day"})
MANY_HABITS = 5
FEWEST_COUNTED_TIMES = 4  # as FEWEST_COUNTED, for "n times a week", counted against the plan
SECOND_WEEK_DAYS = 21  # age of a habit until which its second week is still news
BACK_DAYS = 10  # after an absence


@dataclass(frozen=True)
class Situation:
    """One habit (or, with an empty id, the person): its labels, the guards that hold, what fills the slots."""

    habit_id: str
    goal: str
    labels: tuple[str, ...]
    guards: Guards = NONE_HOLDS
    slots: Mapping[str, Any] = field(default_factory=dict)
    slots_by_label: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_limit: bool = False
    tier: Tier | None = None
    beside: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether nothing asks for a change."""
        return "fine" in self.labels


def situations_of(
    record: Record, findings: Sequence[Finding], status: Mapping[str, str], away: frozenset[date]
) -> list[Situation]:
    """The person's situation and that of each habit that advice may be about, the main habit first.

    Archived and paused habits are left out. `away` are the days on which the person was away.
    """
    main = main_habit_of(record)
    looks = [
        HabitLook(record, habit, _found_of(habit, findings), status.get(habit.habit.id, ""), habit is main)
        for habit in sorted(record.active, key=lambda habit: habit is not main)
        if record.today not in habit.paused
    ]
    own = person_slots(record)
    return [_of_person(record, looks, own), *(_of_habit(look, away, own) for look in looks)]


def main_habit_of(record: Record) -> HabitRecord | None:
    """The active habit that the person named as their main one: the same words, or all of one name within the other."""
    return _named_main(record, record.active)


def _named_main(record: Record, habits: Sequence[HabitRecord]) -> HabitRecord | None:
    named = _words(record.user.coaching_profile.main_habit)
    if not named:
        return None
    same = [habit for habit in habits if _words(habit.habit.name) == named]
    close = [h for h in habits if _words(h.habit.name) <= named or named <= _words(h.habit.name)]
    return next(iter([*same, *close]), None)


def _of_habit(look: HabitLook, away: frozenset[date], own: Mapping[str, Any]) -> Situation:
    of = look.last(FOUR_WEEKS)[1]
    enough = of >= (FEWEST_COUNTED if look.record.unit == "day" else FEWEST_COUNTED_TIMES)
    labels = _labels(look, away) if enough else {"new"} & {look.status}
    return Situation(
        look.habit.id,
        look.habit.goal,
        tuple(name for name in LABELS if name in labels),
        Guards(look) if labels else NONE_HOLDS,
        {**own, **habit_slots(look)} if labels else {},
        {kind: finding_slots(finding, look.user) for kind, finding in look.findings.items()},
        look.is_limit,
        look.tier,
        look.other_id,
    )


def _labels(look: HabitLook, away: frozenset[date]) -> set[str]:
    labels = set(look.findings) - _old_news(look)
    if look.status == "needs restart" and not look.misses_its_weekend:
        labels.add("needs restart")
    elif not labels & AGAINST and (look.rate(FOUR_WEEKS) >= FINE_RATE or look.status == "hot"):
        labels.add("fine")
    else:
        labels.add("building")
    if look.is_limit and look.rate(FOUR_WEEKS) < FINE_RATE:
        labels.add("limit")
    if any(look.today - timedelta(days=BACK_DAYS) <= day for day in away):
        labels.add("back")
    return labels


def _old_news(look: HabitLook) -> set[str]:
    """Findings that are not advised on: a second week long past, and lost momentum that is the same second week."""
    if "week2_dip" not in look.findings:
        return set()
    return {"week2_dip"} if look.age > SECOND_WEEK_DAYS else {"momentum_lost"}


def _of_person(record: Record, looks: Sequence[HabitLook], own: Mapping[str, Any]) -> Situation:
    profile = record.user.coaching_profile
    weak = [look for look in looks if look.last(FOUR_WEEKS)[1] >= FEWEST_COUNTED and look.rate(FOUR_WEEKS) < 0.5]
    bare = next(iter(goals_without_habit(record.user, record.today)), "")
    labels = {
        "main habit not tracked": _is_named_and_not_tracked(record),
        "heavy days": speaks_of_grief(record.user, record.today),
        "many weak habits": len(looks) >= MANY_HABITS and 2 * len(weak) > len(looks),
        "goal without a habit": bool(bare) and len(looks) < MANY_HABITS,
    }
    slots: Facts = {"main_habit": label(profile.main_habit), "goal": bare, **own}
    slots |= {"habits": len(looks), "habits_weak": len(weak)}
    guards = Guards(next(iter(looks), None), known=("no_low_mood",))
    return Situation("", bare, tuple(name for name in LABELS if labels.get(name)), guards, slots)


def _is_named_and_not_tracked(record: Record) -> bool:
    """Whether the main habit waits to be added: one that was put away does not, and nothing delicate is urged."""
    named = record.user.coaching_profile.main_habit
    return bool(named.strip()) and _named_main(record, record.habits) is None and tier_of_name(named) is None


def _found_of(habit: HabitRecord, findings: Sequence[Finding]) -> dict[str, Finding]:
    """What is established about one habit, by kind."""
    sure = (finding for finding in findings if finding.confidence == "established")
    return {finding.kind: finding for finding in sure if finding.habit == habit.habit.id}


def _words(name: str) -> frozenset[str]:
    filler: Iterable[str] = ("daily", "every", "day", "my", "a", "the", "to", "do")
    words = frozenset(name.casefold().split())
    return words.difference(filler) or words
