"""What is true of each habit of a person, and of the person, that a piece of advice can stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from core.coach.safety import PAIN, Tier, may_quote, mentions, tier_of
from core.coach.standing import goals_without_habit
from core.localtime import ONE_DAY
from core.models import Habit, User
from core.patterns import Finding
from core.progress import HabitRecord, Record
from core.schedule import frequency, plan_on
from core.wording import (
    GOAL_NOUNS,
    NEGATIONS,
    STRENGTH_WORDS,
    WEEKDAYS,
    activity_of,
    clock_text,
    date_text,
    label,
    percent_text,
    times_text,
)

# What a piece of advice can be about, the most pressing first: states come before findings.
LABELS = (
    "needs restart",
    "back",
    "main habit not tracked",
    "many weak habits",
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
AGAINST = frozenset({"too_ambitious", "momentum_lost", "week2_dip", "late_fail", "weekend_weak", "weak_day"})
FINE_RATE = 0.8  # over 28 days, with no finding against it
MANY_HABITS = 5
FEWEST_COUNTED = 10  # counted days: below, no advice
FEWEST_COUNTED_TIMES = 4  # the same for "n times a week", counted against the plan
NOT_BESIDE = "eat*, meal*, sleep*, bed, drive, driving, meditat*, call*"  # nothing to hear goes well with these
MORNING = range(4 * 60, 11 * 60)

# What a text may leave open: {habit}, {done} of {of} {span} ("in four weeks", before that "so far"), and so on.
SLOTS = frozenset(
    name
    for line in (
        "habit count done of percent span week_done week_of fortnight_done fortnight_of",
        "clock within times clock_a clock_b late_clock weekday from_day",
        "ref_done ref_of this_done this_of first_habit second_habit",
        "fit fit_weeks weeks reason reason_days goal_noun routine",
        "main_habit goal habits habits_weak",
    )
    for name in line.split()
)


@dataclass(frozen=True)
class Situation:
    """One habit (or, with an empty id, the person): its labels, the guards that hold, and what fills the slots."""

    habit_id: str
    goal: str
    labels: tuple[str, ...]
    guards: frozenset[str] = frozenset()
    slots: Mapping[str, str] = field(default_factory=dict)
    slots_by_label: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_limit: bool = False
    tier: Tier | None = None

    @property
    def is_fine(self) -> bool:
        """Whether nothing asks for a change."""
        return "fine" in self.labels


@dataclass(frozen=True)
class _Look:
    """One habit looked at: its record, its findings and status, and the numbers that guards ask for."""

    whole: Record
    record: HabitRecord
    findings: Mapping[str, Finding]
    status: str

    @property
    def user(self) -> User:
        return self.whole.user

    @property
    def habit(self) -> Habit:
        return self.record.habit

    @cached_property
    def _rates(self) -> dict[int, tuple[int, int]]:
        return {}

    def last(self, days: int) -> tuple[int, int]:
        """(done, of) over the last `days` complete days; worked out once."""
        today = self.record.today
        if days not in self._rates:
            self._rates[days] = self.record.rate(today - timedelta(days=days), today - ONE_DAY)
        return self._rates[days]

    def rate(self, days: int) -> float:
        done, of = self.last(days)
        return done / of if of else 0.0

    @cached_property
    def is_daily(self) -> bool:
        plan = plan_on(self.habit, self.record.today)
        return plan is not None and plan.rrule is not None and frequency(plan) > 0.99

    @cached_property
    def usual_minute(self) -> int | None:
        finding = self.findings.get("usual_time")
        return int(finding.evidence["minute"]) % 1440 if finding and "minute" in finding.evidence else None

    @cached_property
    def reference_rate(self) -> float:
        """The rate on the days that a weak weekend or weekday is compared with."""
        found = (self.findings.get(kind) for kind in ("weekend_weak", "weak_day"))
        groups = next((finding.evidence["groups"] for finding in found if finding and _has_groups(finding)), None)
        return groups[0]["done"] / groups[0]["of"] if groups and groups[0]["of"] else 0.0

    @cached_property
    def anchor_rate(self) -> float:
        """The rate, over four weeks, of the habit that this one is found to follow."""
        finding = self.findings.get("cooccur")
        if finding is None or "habits" not in finding.evidence:
            return 0.0
        today = self.record.today
        done, of = self.whole.of(finding.evidence["habits"][0]).rate(today - timedelta(days=28), today - ONE_DAY)
        return done / of if of else 0.0


# Each condition that an entry of the library may name under `needs`.
GUARDS: Mapping[str, Callable[[_Look], bool]] = {
    "no_cue": lambda look: not look.habit.cue,
    "no_small": lambda look: not look.habit.small,
    "has_hour": lambda look: bool(look.habit.planned),
    "daily": lambda look: look.is_daily,
    "morning_hour": lambda look: look.usual_minute in MORNING,
    "later_hour": lambda look: look.usual_minute is not None and look.usual_minute not in MORNING,
    "below_80": lambda look: look.rate(28) < FINE_RATE,
    "rate_50": lambda look: look.rate(28) >= 0.5,
    "rate_60_to_85": lambda look: 0.6 <= look.rate(28) <= 0.85,
    "rate_85": lambda look: look.rate(28) >= 0.85 and look.last(28)[1] >= FEWEST_COUNTED,
    "reference_65": lambda look: look.reference_rate >= 0.65,
    "anchor_70": lambda look: look.anchor_rate >= 0.7,
    "weekends_6": lambda look: sum(d.weekday() >= 5 for d, _ in look.record.counted(date.min, look.record.today)) >= 6,
    "five_of_seven": lambda look: look.last(7)[0] >= 5,
    "thirteen_of_fourteen": lambda look: look.last(14)[0] >= 13,
    "below_own_mean": lambda look: look.rate(14) < look.rate(10_000),
    "settled": lambda look: look.record.strength >= 0.85,
    "backfills": lambda look: _share_backfilled(look.record) >= 1 / 3,
    "moving": lambda look: _kind(look.habit) == "move",
    "learning": lambda look: _kind(look.habit) == "study",
    "can_listen": lambda look: not mentions(look.habit.name, NOT_BESIDE),
    "no_strength_work": lambda look: not any(mentions(h.name, STRENGTH_WORDS) for h in look.user.habits),
    "no_pain": lambda look: (
        not mentions(" ".join([look.habit.cue, *(e.note for e in look.record.entries.values())]), PAIN)
    ),
}


def situations_of(
    record: Record, findings: Sequence[Finding], status: Mapping[str, str], away: frozenset[date]
) -> list[Situation]:
    """The person's situation and that of each habit that advice may be about, the main habit first.

    Archived and paused habits are left out. `away` are the days on which the person was away.
    """
    main = main_habit_of(record)
    looks = [
        _Look(record, habit, {f.kind: f for f in findings if _is_about(f, habit)}, status.get(habit.habit.id, ""))
        for habit in sorted(record.active, key=lambda habit: habit is not main)
        if record.today not in habit.paused
    ]
    return [_of_person(record, looks), *(_of_habit(record, look, away) for look in looks)]


def main_habit_of(record: Record) -> HabitRecord | None:
    """The active habit that the person named as their main one: the same words, or all of one name within the other."""
    named = _words(record.user.coaching_profile.main_habit)
    same = [habit for habit in record.active if _words(habit.habit.name) == named]
    close = [h for h in record.active if _words(h.habit.name) <= named or named <= _words(h.habit.name)]
    return next(iter([*same, *close]), None) if named else None


def is_limit(habit: Habit) -> bool:
    """Whether the habit is to leave something out: a target of `at most`, or a name like "No sugar"."""
    return bool(habit.target and habit.target.at_most is not None) or is_limit_name(habit.name)


def is_limit_name(name: str) -> bool:
    """Whether a name begins by saying what is not done."""
    return mentions(name.partition(" ")[0], NEGATIONS)


def _of_habit(record: Record, look: _Look, away: frozenset[date]) -> Situation:
    _, of = look.last(28)
    enough = of >= (FEWEST_COUNTED if look.record.unit == "day" else FEWEST_COUNTED_TIMES)
    labels = _labels(record, look, away, of) if enough else {"new"} & {look.status}
    return Situation(
        look.habit.id,
        look.habit.goal,
        tuple(name for name in LABELS if name in labels),
        frozenset(name for name, holds in GUARDS.items() if holds(look)),
        _slots(look),
        {kind: _finding_slots(finding, record) for kind, finding in look.findings.items()},
        is_limit(look.habit),
        tier_of(look.record),
    )


def _labels(record: Record, look: _Look, away: frozenset[date], of: int) -> set[str]:
    labels = set(look.findings)
    if look.status == "needs restart":
        labels.add("needs restart")
    elif not labels & AGAINST and (look.rate(28) >= FINE_RATE or look.status == "hot"):
        labels.add("fine")
    else:
        labels.add("building")
    if is_limit(look.habit) and look.rate(28) < FINE_RATE:
        labels.add("limit")
    if any(record.today - timedelta(days=10) <= day for day in away):
        labels.add("back")
    return labels if of else set()


def _of_person(record: Record, looks: Sequence[_Look]) -> Situation:
    profile = record.user.coaching_profile
    weak = [look for look in looks if look.last(28)[1] >= FEWEST_COUNTED and look.rate(28) < 0.5]
    bare = next(iter(goals_without_habit(record.user, record.today)), "")
    labels = {
        "main habit not tracked": bool(profile.main_habit.strip()) and main_habit_of(record) is None,
        "many weak habits": len(looks) >= MANY_HABITS and 2 * len(weak) > len(looks),
        "goal without a habit": bool(bare) and len(looks) < MANY_HABITS,
    }
    slots = {"main_habit": label(profile.main_habit), "goal": bare}
    slots |= {"habits": str(len(looks)), "habits_weak": str(len(weak))}
    return Situation("", bare, tuple(name for name in LABELS if labels.get(name)), slots=slots)


def _slots(look: _Look) -> dict[str, str]:
    locale, profile = look.user.locale, look.user.coaching_profile
    done, of = look.last(28)
    week, fortnight = look.last(7), look.last(14)
    slots = {"habit": label(look.habit.name)}
    slots["span"] = "in four weeks" if (look.record.today - look.record.first).days >= 28 else "so far"
    slots["count"] = f"it was done {done} of {of} times {slots['span']}" if done else "its first tick lies ahead"
    slots |= {"week_done": str(week[0]), "week_of": str(week[1])}
    slots |= {"fortnight_done": str(fortnight[0]), "fortnight_of": str(fortnight[1])}
    if done:  # nobody is told a nought
        slots |= {"done": str(done), "of": str(of), "percent": percent_text(done, of, locale)}
    goal = look.habit.goal or next(iter(profile.life_goals), "")
    if goal in GOAL_NOUNS:
        slots["goal_noun"] = GOAL_NOUNS[goal]
    activity = activity_of(look.habit.name)
    if activity is not None:
        part = "Morning " if look.usual_minute in MORNING else ""
        slots["routine"] = f"{part}{activity.sessions}".capitalize()
    return slots | _fit_slots(look) | _reason_slots(look)


def _fit_slots(look: _Look) -> dict[str, str]:
    """How often a week would have been met in three of four of the last two to four weeks."""
    today, done = look.record.today, look.record.done
    weeks = min(4, (today - look.record.first).days // 7)
    ages = Counter((today - day).days - 1 for day in done if day < today)
    counts = sorted((sum(ages[7 * week + n] for n in range(7)) for week in range(weeks)), reverse=True)
    fit = counts[-(-3 * weeks // 4) - 1] if weeks >= 2 else 0
    if not 1 <= fit < 7:
        return {}
    return {"fit": times_text(fit), "fit_weeks": str(sum(count >= fit for count in counts)), "weeks": str(weeks)}


def _reason_slots(look: _Look) -> dict[str, str]:
    """The answer that the person gave most often, if twice or more and fit to be said back."""
    given = look.user.coaching_insights.missed_habits.get(look.habit.id, {})
    counts = Counter(" ".join(text.split()) for text in given.values() if text.strip())
    reason, days = counts.most_common(1)[0] if counts else ("", 0)
    return {"reason": reason, "reason_days": str(days)} if days >= 2 and may_quote(reason) else {}


def _finding_slots(finding: Finding, record: Record) -> dict[str, str]:
    seen, locale = finding.evidence, record.user.locale
    slots: dict[str, str] = {}
    if finding.kind in ("usual_time", "late_fail") and "minute" in seen:
        name = "clock" if finding.kind == "usual_time" else "late_clock"
        slots[name] = clock_text(round(int(seen["minute"]) / 5) * 5 % 1440, locale)
    if "within30" in seen:
        slots |= {"within": str(seen["within30"][0]), "times": str(seen["within30"][1])}
    if finding.kind == "two_slots":
        first, second = (round(int(minute) / 5) * 5 % 1440 for minute in seen["minutes"])
        slots |= {"clock_a": clock_text(first, locale), "clock_b": clock_text(second, locale)}
    if "weekday" in seen:
        slots["weekday"] = WEEKDAYS[int(seen["weekday"])]
    if "from_day" in seen:
        slots["from_day"] = _day_said(seen["from_day"])
    if "habits" in seen:
        names = {habit.id: label(habit.name) for habit in record.user.habits}
        first_id, second_id = seen["habits"]
        slots |= {"first_habit": names.get(first_id, first_id), "second_habit": names.get(second_id, second_id)}
    if _has_groups(finding):
        reference, this = seen["groups"][:2]
        slots |= {"ref_done": str(reference["done"]), "ref_of": str(reference["of"])}
        slots |= {"this_done": str(this["done"]), "this_of": str(this["of"])}
    return slots


def _day_said(value: Any) -> str:
    return f"Day {value}" if isinstance(value, int) else date_text(date.fromisoformat(str(value)[:10]))


def _has_groups(finding: Finding) -> bool:
    return len(finding.evidence.get("groups", ())) >= 2


def _is_about(finding: Finding, habit: HabitRecord) -> bool:
    return finding.habit == habit.habit.id and finding.confidence == "established"


def _kind(habit: Habit) -> str:
    activity = activity_of(habit.name)
    return activity.kind if activity else ""


def _share_backfilled(record: HabitRecord) -> float:
    recent = [record.entries[day] for day in record.done if day >= record.today - timedelta(days=28)]
    return sum(entry.source == "backfill" for entry in recent) / len(recent) if recent else 0.0


def _words(name: str) -> frozenset[str]:
    filler: Iterable[str] = ("daily", "every", "day", "my", "a", "the", "to", "do")
    words = frozenset(name.casefold().split())
    return words.difference(filler) or words
