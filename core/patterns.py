"""What the coach may claim on a day: the new that the evidence carries, early signs, and what still holds."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from core.coach.claims import Family
from core.coach.evidence import Evidence, HabitEvidence, gather, is_ready
from core.coach.kinds import KINDS, amount
from core.models import User
from core.wording import label

ALPHA = 0.05  # probability that a person without any pattern ever hears of one
DESCRIPTIONS = frozenset({"usual_time", "varied_time", "late_fail", "too_ambitious"})
EARLY_QUESTION = "Does that ring true?"


@dataclass(frozen=True)
class Finding:
    """One claim about a habit, with the evidence that a person needs to check it."""

    kind: str
    habit: str
    confidence: Literal["established", "early"]
    since: date
    evidence: dict[str, Any] = field(default_factory=dict)
    text: str = ""


def find_patterns(user: User, today: date) -> list[Finding]:
    """What may be said on a day: findings told before that still hold, then the new ones, the surest first.

    `user` knows nothing later (core.history.as_of). Empty until core.coach.evidence.is_ready. An announced finding
    keeps its day as `since`; a new one has `today`. While an absence lasts, it is what the record carried before it.
    """
    return patterns_in(user, gather(user, today))


def patterns_in(user: User, seen: Evidence) -> list[Finding]:
    """`find_patterns` for evidence that is there already."""
    if not is_ready(user, seen.today):
        return []
    told = told_before(user)
    return [*_still_true(user, seen, told), *_new(user, seen, told.keys())]


def watching(user: User, today: date) -> list[dict[str, Any]]:
    """For each kind and active habit: what it `needs` and how much it has (`have`). When ready, what is short."""
    return watched_in(user, gather(user, today))


def watched_in(user: User, seen: Evidence) -> list[dict[str, Any]]:
    """`watching` for evidence that is there already."""
    ready = is_ready(user, seen.today)
    out = []
    for habit in seen.habits:
        for name, kind in KINDS.items():
            have = {unit: amount(habit, unit) for unit in kind.needs}
            if kind.fits(habit, seen.today) and not (ready and all(have[unit] >= kind.needs[unit] for unit in have)):
                out.append({"kind": name, "habit": habit.habit.id, "needs": dict(kind.needs), "have": have})
    return out


def log_threshold(family: Family, tests: int, told: int) -> float:
    """ln of the E at which a pattern is stated: slack · m / (w · α · (k + 1)) for m tests and k patterns told.

    Ville's inequality bounds the chance that E ever gets there by chance; the k + 1 is e-LOND's reward for discoveries
    (Xu and Ramdas, "Online multiple testing with e-values", 2024).
    """
    return math.log(family.slack * tests / (family.share * ALPHA * (told + 1)))


def told_before(user: User) -> dict[tuple[str, str], date]:
    """(kind, habit id) of everything announced, with the day on which it was."""
    return {
        (str(item.get("kind")), str(item.get("habit"))): date.fromisoformat(str(item.get("day"))[:10])
        for item in user.coaching_insights.announced
        if item.get("day")
    }


def _still_true(user: User, seen: Evidence, told: Mapping[tuple[str, str], date]) -> Iterator[Finding]:
    habits = {habit.habit.id: habit for habit in seen.habits}
    for (kind, habit_id), day in told.items():
        habit, known = habits.get(habit_id), KINDS.get(kind)
        if habit and known and known.fits(habit, seen.today) and not known.is_over(habit, day):
            yield _finding(user, kind, habit, day)


def _new(user: User, seen: Evidence, told: Collection[tuple[str, str]]) -> Iterator[Finding]:
    """The claims not told before that the evidence carries today, then the early signs."""
    patterns = sum(kind not in DESCRIPTIONS for kind, _ in told)
    early = []
    for support, kind, habit in _by_support(seen, told):
        family, tests = KINDS[kind].family, sum(KINDS[kind].fits(one, seen.today) for one in seen.habits)
        if support >= (math.log(KINDS[kind].odds) if family is None else log_threshold(family, tests, patterns)):
            patterns += family is not None
            yield _finding(user, kind, habit, seen.today)
        elif family is not None and support >= math.log(family.early) and not _denied(user, kind, habit):
            early.append(_finding(user, kind, habit, seen.today, early=True))
    yield from early


def _by_support(seen: Evidence, told: Collection[tuple[str, str]]) -> list[tuple[float, str, HabitEvidence]]:
    weighed = [
        (kind.support(habit), name, habit)
        for habit in seen.habits
        for name, kind in KINDS.items()
        if (name, habit.habit.id) not in told and kind.fits(habit, seen.today)
    ]
    return sorted(weighed, key=lambda claim: -claim[0])


def _denied(user: User, kind: str, habit: HabitEvidence) -> bool:
    """Whether the person has answered no to this early sign."""
    return any(
        (answer.get("kind"), answer.get("habit"), answer.get("answer")) == (kind, habit.habit.id, "no")
        for answer in user.coaching_insights.answers
    )


def _finding(user: User, kind: str, habit: HabitEvidence, since: date, *, early: bool = False) -> Finding:
    evidence = KINDS[kind].evidence(habit)
    text = KINDS[kind].sentence(label(habit.habit.name), evidence, user.locale)
    if early:
        text = f"Too early to call, but worth watching: {text} {EARLY_QUESTION}"
    return Finding(kind, habit.habit.id, "early" if early else "established", since, evidence, text)
