"""What the coach may claim on a day: the new that the evidence carries, early signs, and what still holds."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from core.catalogue import N_, _
from core.coach.statistics.claims import Family, Subject
from core.coach.statistics.evidence import Evidence, HabitEvidence, gather, is_ready
from core.coach.statistics.kinds import CLAIMS, amount, possible_claims
from core.coach.statistics.together import Pair, about_pair, pairs_of
from core.localtime import day_number
from core.models import User
from core.wording import label

ALPHA = 0.05  # probability that a person without any pattern ever hears of one
WINDOW = 60  # the slack of a family was measured on so many days with the coach; as many weeks of a plan by the week
DESCRIPTIONS = frozenset({"usual_time", "varied_time", "late_fail", "too_ambitious"})
EARLY_QUESTION = N_("Does that ring true?")

Possible = Mapping[tuple[str, str], HabitEvidence | Pair]  # by kind and what the claim would be about


@dataclass(frozen=True)
class Finding:
    """One claim about a habit, with the evidence that a person needs to check it."""

    kind: str
    habit: str
    confidence: Literal["established", "early"]
    since: date
    evidence: dict[str, Any] = field(default_factory=dict)
    text: str = ""

    @property
    def habits(self) -> tuple[str, ...]:
        """The ids of all that it speaks of."""
        return tuple(self.evidence.get("habits", (self.habit,)))

    @property
    def about(self) -> str:
        """What the claim is kept under, together with its kind."""
        return about_of(self.habit, self.evidence)


def find_patterns(user: User, today: date) -> list[Finding]:
    """What may be said on a day: findings told before that still hold, then the new ones, the surest first.

    `user` knows nothing later (core.history.as_of). Empty until the person is_ready (core.coach.statistics.evidence).
    An announced finding keeps its day as `since`; a new one has `today`. While an absence lasts, it is what the record
    carried before it.
    """
    return patterns_in(user, gather(user, today))


def patterns_in(user: User, seen: Evidence) -> list[Finding]:
    """`find_patterns` for evidence that is there already."""
    if not is_ready(user, seen.today):
        return []
    told = told_before(user)
    possible = {(kind, subject.about): subject for kind, subject in possible_claims(seen)}
    foresee([seen])
    standing = list(_still_true(user, possible, told))
    listed = {(finding.kind, finding.about) for finding in standing}
    return [*standing, *_new(user, seen.today, possible, told.keys(), listed)]


def foresee(people: Sequence[Evidence]) -> None:
    """Work out in one call what `patterns_in` will ask of each: the price is by the call more than by the person."""
    by_kind = defaultdict[str, list[HabitEvidence | Pair]](list)
    pairs_of.foresee(people)
    for seen in people:
        for kind, subject in possible_claims(seen):
            by_kind[kind].append(subject)
    for kind, subjects in by_kind.items():
        CLAIMS[kind].foresee(subjects)


def watched_in(user: User, seen: Evidence) -> list[dict[str, Any]]:
    """For each kind and active habit: what it `needs` and how much it has (`have`). When ready, what is short."""
    ready = is_ready(user, seen.today)
    out = []
    for name, subject in possible_claims(seen):
        needs = CLAIMS[name].needs_of(subject)
        have = {unit: amount(subject, unit) for unit in needs}
        if not (ready and all(have[unit] >= needs[unit] for unit in have)):
            out.append({"kind": name, "habit": subject.habit.id, "needs": dict(needs), "have": have})
    return out


def log_threshold(family: Family, tests: int, told: int, window: int = 1) -> float:
    """ln of the E at which a pattern is stated: slack · m · v² / (w · α · (k + 1)).

    For m tests, k patterns told, and the v-th window of days (`window_of`).

    Ville's inequality bounds the chance that E ever gets there by chance; the k + 1 is e-LOND's reward for discoveries
    (Xu and Ramdas, "Online multiple testing with e-values", 2024). Only the last days are looked at, so each window is
    a new chance to err: the v-th may spend 1/v² of what the first did, over a whole life π²/6 of it (the spending of
    error over looks: Lan and DeMets, Biometrika 1983).
    """
    return math.log(family.slack * tests * window**2 / (family.share * ALPHA * (told + 1)))


def window_of(user: User, today: date, *, by_week: bool = False) -> int:
    """Which window of 60 days (weeks) with the coach a day lies in: 1 up to Day 60, whatever was brought along."""
    return max(1, math.ceil(day_number(user.created_at, today) / (WINDOW * 7 if by_week else WINDOW)))


def _is_by_week(subject: Subject) -> bool:
    return isinstance(subject, HabitEvidence) and not subject.has_due_days


def told_before(user: User) -> dict[tuple[str, str], date]:
    """(kind, habit id or name of a pair) of everything announced, with the day on which it was."""
    return {
        (str(item.get("kind")), about_of(str(item.get("habit")), item.get("evidence"))): _day_of(item)
        for item in user.coaching_insights.announced
        if item.get("day")
    }


def _day_of(item: Mapping[str, Any]) -> date:
    return date.fromisoformat(str(item["day"])[:10])


def about_of(habit: str, evidence: Any) -> str:
    """What a claim is kept under: the habit's id, or the pair's name. What was announced may have any evidence."""
    habits = evidence.get("habits") if isinstance(evidence, Mapping) else None
    return about_pair(*map(str, habits)) if isinstance(habits, list) else habit


def _still_true(user: User, possible: Possible, told: Mapping[tuple[str, str], date]) -> Iterator[Finding]:
    for (kind, about), day in told.items():
        subject = possible.get((kind, about))
        if subject is not None and not CLAIMS[kind].is_over(subject, day):
            yield _finding(user, kind, subject, day)


def _new(
    user: User,
    today: date,
    possible: Possible,
    told: Collection[tuple[str, str]],
    listed: Collection[tuple[str, str]],
) -> Iterator[Finding]:
    """The claims not told before that the evidence carries today, then the early signs."""
    patterns = sum(kind not in DESCRIPTIONS for kind, _about in told)
    tests = count_tests(possible)
    window, weekly_window = (window_of(user, today, by_week=by_week) for by_week in (False, True))
    listed, early = set(listed), []
    for support, kind, subject in _by_support(possible, told):
        family, at = CLAIMS[kind].family, weekly_window if _is_by_week(subject) else window
        is_sure = support >= (
            math.log(CLAIMS[kind].odds) if family is None else log_threshold(family, tests[family], patterns, at)
        )
        is_sign = family is not None and support >= math.log(family.early) and not _denied(user, kind, subject)
        if not (is_sure or is_sign) or (CLAIMS[kind].not_beside(subject), subject.about) in listed:
            continue
        listed.add((kind, subject.about))
        if is_sure:
            patterns += family is not None
            yield _finding(user, kind, subject, today)
        else:
            early.append(_finding(user, kind, subject, today, early=True))
    yield from early


def count_tests(possible: Possible) -> Mapping[Family, int]:
    """m of each family: how many habits, or pairs of them, its kinds look at."""
    tested = {(family, about) for kind, about in possible if (family := CLAIMS[kind].family) is not None}
    return Counter(family for family, _about in tested)


def _by_support(possible: Possible, told: Collection[tuple[str, str]]) -> list[tuple[float, str, Subject]]:
    """What the evidence speaks for at all, the surest first."""
    weighed = [
        (support, kind, subject)
        for (kind, about), subject in possible.items()
        if (kind, about) not in told and (support := CLAIMS[kind].support(subject)) > 0
    ]
    return sorted(weighed, key=lambda claim: -claim[0])


def _denied(user: User, kind: str, subject: Subject) -> bool:
    """Whether the person has answered no to this early sign."""
    return any(
        (answer.get("kind"), answer.get("habit"), answer.get("answer")) == (kind, subject.about, "no")
        for answer in user.coaching_insights.answers
    )


def _finding(user: User, kind: str, subject: Subject, since: date, *, early: bool = False) -> Finding:
    evidence = CLAIMS[kind].evidence(subject)
    text = CLAIMS[kind].sentence(label(subject.habit.name), evidence, user.locale)
    if early:
        said = _("Too early to call, but worth watching: {claim} {question}")
        text = said.format(claim=text, question=_(EARLY_QUESTION))
    return Finding(kind, subject.habit.id, "early" if early else "established", since, evidence, text)
