"""True sentences about a record, with their counts: what goes well, and where it rubs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from core.catalogue import N_, _
from core.coach.advising.situations import is_limit
from core.coach.safety import EXERCISE, tier_of
from core.coach.standing import Look, goals_without_habit, planned_units
from core.coach.statistics.evidence import HabitEvidence
from core.localtime import ONE_DAY
from core.patterns import Finding
from core.progress import HabitRecord
from core.wording import date_text, label

MOST_REMARKS = 5  # of each sort: more would not be read
MANY_HABITS = 3
OVER_A_WEEK = 7  # days
LONG_STREAK = 7
STRONG_RATE, STRONG_COUNT = 0.8, 10
PERFECT_DAYS, PERFECT_OF = 3, 28
AGAINST = ("too_ambitious", "weekend_weak", "weak_day", "momentum_lost", "week2_dip", "late_fail")
FRICTION_BELOW = 0.9  # of the planned times: above, there is no friction to speak of
OBSTACLES = {  # what was named, and the way in that it leaves open
    "Time": (N_("⏰ Time is what you named"), N_("Two minutes of it count.")),
    "Motivation/discipline": (
        N_("🔥 Motivation is what you named"),
        N_("On how many of those days did you feel like it?"),
    ),
    "Remembering": (N_("🔔 Remembering is what you named"), N_("What comes right before it when it happens?")),
    "Perfectionism": (N_("🧩 Perfectionism is what you named"), N_("A part of it counts.")),
}
IN_A_ROW = {
    "day": N_("🔥 {habit}: {n} days in a row."),
    "time": N_("🔥 {habit}: {n} times in a row."),
    "week": N_("🔥 {habit}: {n} weeks in a row."),
    "month": N_("🔥 {habit}: {n} months in a row."),
}
LAST_DONE = {
    "day": N_("🌱 {habit}: last done on {day}, {n} planned days since. A small one opens it."),
    "week": N_("🌱 {habit}: last done on {day}, {n} planned weeks since. A small one opens it."),
    "month": N_("🌱 {habit}: last done on {day}, {n} planned months since. A small one opens it."),
}


def strengths(look: Look) -> list[str]:
    """What goes well."""
    return [*_strengths_of_all(look), *(line for habit in _open_habits(look) for line in _strengths_of(look, habit))]


def challenges(look: Look) -> list[str]:
    """Where it rubs, the obstacle that the person named first."""
    found = [f"📉 {finding.text}" for finding in _against(look.findings)]
    open_ids = {habit.habit.id for habit in _open_habits(look)}
    restarts = [
        _restart(record)
        for record in look.record.active
        if look.states[record.habit.id] == "needs restart" and record.habit.id in open_ids
    ]
    bare = goals_without_habit(look.user, look.today)
    goals = [_("🧭 {goal} is one of your goals; no habit belongs to it yet.").format(goal=_(goal)) for goal in bare]
    return [*_obstacle(look), *found, *restarts, *goals]


def _against(findings: Sequence[Finding]) -> list[Finding]:
    """What speaks against each habit: one finding of each is enough, the one that asks for most."""
    found = [f for f in findings if f.kind in AGAINST and f.confidence == "established" and _has_begun(f)]
    worst: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda finding: AGAINST.index(finding.kind)):
        worst.setdefault(finding.habit, finding)
    return [finding for finding in found if finding is worst[finding.habit]]


def _has_begun(finding: Finding) -> bool:
    """Whether anything was done at all: of a habit that was never done, its first time is what there is to say."""
    return any(done for _day, done in finding.evidence.get("days", [("", True)]))


def _open_habits(look: Look) -> list[HabitEvidence]:
    """Those whose numbers may be praised or questioned: no medicine, food, drink, and the like."""
    return [habit for habit in look.seen.habits if _tier_name(look, habit) in ("", EXERCISE.name)]


def _tier_name(look: Look, habit: HabitEvidence) -> str:
    tier = tier_of(look.record.of(habit.habit.id))
    return tier.name if tier else ""


def _strengths_of_all(look: Look) -> Iterator[str]:
    active, yesterday = look.record.active, look.today - ONE_DAY
    if len(active) >= MANY_HABITS:
        yield _("🎯 Ambitious: you're tracking {n} habits.").format(n=len(active))
    first = min([look.today, *(habit.first for habit in active)])
    days, alive = (look.today - first).days, look.record.days_alive(first, yesterday)
    if days > OVER_A_WEEK and 2 * alive > days:
        yield _("💪 Consistent: you ticked something on {alive} of {days} days.").format(alive=alive, days=days)
    of = min(days, PERFECT_OF)
    perfect = len(look.record.perfect_between(look.today - timedelta(days=of), yesterday))
    if perfect >= PERFECT_DAYS:
        yield _("✨ All that was due was done on {n} of the last {of} days.").format(n=perfect, of=of)


def _strengths_of(look: Look, habit: HabitEvidence) -> Iterator[str]:
    record, name = look.record.of(habit.habit.id), label(habit.habit.name)
    done, of = look.rate(habit)
    if record.streak >= LONG_STREAK and not _tier_name(look, habit):  # nobody is praised for training without rest
        yield _(IN_A_ROW[record.streak_told_in]).format(habit=name, n=record.streak)
    elif of >= STRONG_COUNT and done >= STRONG_RATE * of:
        yield _("📈 {habit}: done {done} of {of} times.").format(habit=name, done=done, of=of)


def _obstacle(look: Look) -> Iterator[str]:
    """The named obstacle beside the habit that has begun with the fewest of its planned times done."""
    named = OBSTACLES.get(look.user.coaching_profile.biggest_obstacle)
    rates = [(done / of, done, of, habit) for habit in _open_habits(look) for done, of in [look.rate(habit)] if done]
    if named is not None and rates:
        share, done, of, habit = min(rates, key=lambda rate: rate[0])
        if share < FRICTION_BELOW:
            said = _("{obstacle}. The thinnest count is {habit}: {done} of {of}. {way}")
            name, (obstacle, way) = label(habit.habit.name), map(_, named)
            way = _("On which of those days was it easiest?") if is_limit(habit.habit) else way
            yield said.format(obstacle=obstacle, habit=name, done=done, of=of, way=way)


def _restart(record: HabitRecord) -> str:
    name, last = label(record.habit.name), record.last_done
    if last is None:
        return _("🌱 {habit}: its first time is still ahead. A small one opens it.").format(habit=name)
    misses = planned_units(record).misses
    return _(LAST_DONE[record.unit]).format(habit=name, day=date_text(last), n=misses)
