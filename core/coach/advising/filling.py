"""What fills the {slots} of a piece of advice: counts, clocks and the person's own words, each where it is known.

A slot is known by the fact that it stands on, as JSON has it, and said only when a text is read: so that advice given
long ago is read in the language that the person has now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from core.catalogue import N_, _, n_
from core.coach.advising.guards import LATELY_DAYS, MORNING
from core.coach.advising.habit_look import FOUR_WEEKS, HabitLook, has_groups, met_most_weeks, weeks_done
from core.coach.safety import may_quote
from core.localtime import day_number
from core.models import User
from core.patterns import Finding
from core.progress import Record
from core.wording import (
    GOAL_NOUNS,
    ROUGH_MINUTES,
    WEEKDAYS,
    Activity,
    activity_of,
    after_i,
    capitalized,
    clock_text,
    date_text,
    label,
    minutes_text,
    number_text,
    percent_text,
    rough_clock_text,
    times_text,
)

SLOTS = frozenset(
    name
    for line in (
        # of the habit: {count} is a clause, {span} "in four weeks" (before that "so far")
        "habit count done of percent span week_done week_of fortnight_done fortnight_of before_done before_of",
        "fit fit_weeks weeks target half half_done most reason reason_days cue small plan_clock pause_from",
        "goal_noun routine verb doing third session day ticks why_now success",
        # of a finding
        "clock within times clock_a clock_b late_clock weekday from_day shift side",
        "ref_done ref_of this_done this_of other",
        # of the person
        "main_habit goal habits habits_weak",
    )
    for name in line.split()
)
UNFIT = (AttributeError, LookupError, TypeError, ValueError)  # what facts from elsewhere may raise when they are said
QUOTED_MOST = 80  # characters of the person's own words that fit into a sentence
SIDES = {"time_later": N_("later"), "time_earlier": N_("earlier")}

Facts = dict[str, Any]  # what is known, by the slot that it fills


@dataclass(frozen=True)
class Words:
    """Facts as they are said where they fill a slot: in the language in force, with the numbers of a locale."""

    facts: Mapping[str, Any]
    locale: str

    def __getitem__(self, slot: str) -> str:
        fact = self.facts[slot]
        return SAID[slot](fact, self.locale) if slot in SAID else str(fact)


def habit_slots(look: HabitLook) -> Facts:
    """What can be said of a habit, whatever was found."""
    done, of = look.last(FOUR_WEEKS)
    week, fortnight, before = look.last(7), look.last(14), look.last(FOUR_WEEKS, FOUR_WEEKS)
    is_whole = look.age >= FOUR_WEEKS
    slots: Facts = {"habit": label(look.habit.name), "span": is_whole, "count": [done, of, is_whole, look.is_limit]}
    slots |= _pair("week", week) | _pair("fortnight", fortnight)
    if done:  # nobody is told a nought
        slots |= {"done": done, "of": of, "percent": [done, of]}
    if before[0] and look.age >= 2 * FOUR_WEEKS:
        slots |= _pair("before", before)
    return slots | _name_slots(look) | _plan_slots(look) | _fit_slots(look) | _reason_slots(look)


def person_slots(record: Record) -> Facts:
    """What can be said of a person whatever the habit: how long they are here, and their own words."""
    slots: Facts = {"day": day_number(record.user.created_at, record.today)}
    if record.ticks:
        slots["ticks"] = record.ticks
    profile = record.user.coaching_profile
    for name, words in (("why_now", profile.why_now), ("success", profile.success_factor)):
        if _may_stand(words):
            slots[name] = label(words).rstrip(".")
    return slots


def finding_slots(finding: Finding, user: User) -> Facts:
    """What can be said of a finding, out of its evidence."""
    seen, slots = finding.evidence, Facts()
    if "minute" in seen:
        slots["late_clock" if finding.kind == "late_fail" else "clock"] = int(seen["minute"])
    if "within30" in seen:
        slots |= {"within": seen["within30"][0], "times": seen["within30"][1]}
    if finding.kind == "two_slots":
        slots |= {"clock_a": int(seen["minutes"][0]), "clock_b": int(seen["minutes"][1])}
    elif "minutes" in seen:
        moved = int(seen["minutes"])
        slots["shift"] = abs(moved)
        slots["side"] = SIDES.get(finding.kind, "later" if moved > 0 else "earlier")
    if "weekday" in seen:
        slots["weekday"] = int(seen["weekday"])
    if "from_day" in seen:
        slots["from_day"] = seen["from_day"]
    others = [one for one in seen.get("habits", ()) if one != finding.habit]
    names = {habit.id: label(habit.name) for habit in user.habits}
    if others and others[0] in names:
        slots["other"] = names[others[0]]
    if has_groups(finding):
        reference, this = seen["groups"][:2]
        slots |= {"ref_done": reference["done"], "ref_of": reference["of"]}
        if this["done"]:
            slots |= {"this_done": this["done"], "this_of": this["of"]}
    return slots


def duration_text(minutes: int) -> str:
    """A length of time as people say it: `40 minutes`, `an hour`, `an hour and a half`, `2 hours`."""
    rounded = max(ROUGH_MINUTES, round(minutes / ROUGH_MINUTES) * ROUGH_MINUTES)
    if rounded < 55:
        return minutes_text(rounded)
    halves = round(minutes / 30)
    if halves in (2, 3):
        return _("an hour") if halves == 2 else _("an hour and a half")
    hours = halves // 2
    form = n_("{n} hour", "{n} hours", hours) if halves % 2 == 0 else _("{n} and a half hours")
    return form.format(n=hours)


def _pair(name: str, count: tuple[int, int]) -> Facts:
    return {f"{name}_done": count[0], f"{name}_of": count[1]} if count[0] else {}


def _name_slots(look: HabitLook) -> Facts:
    """What the habit's goal and name let the coach call it."""
    slots: Facts = {}
    goals = look.user.coaching_profile.life_goals
    goal = look.habit.goal or (goals[0] if len(goals) == 1 or (goals and look.is_main) else "")
    if goal in GOAL_NOUNS:
        slots["goal_noun"] = goal
    if look.activity is not None:
        slots |= dict.fromkeys(("verb", "doing", "third", "session"), look.habit.name)
        slots["routine"] = [look.habit.name, look.usual_minute in MORNING]
    return slots


def _plan_slots(look: HabitLook) -> Facts:
    """The habit's own numbers, signal, hour and short version, as the person set them."""
    habit, slots = look.habit, Facts()
    if _may_stand(habit.cue):
        slots["cue"] = label(after_i(habit.cue)).rstrip(".")
    if _may_stand(habit.small):
        slots["small"] = label(habit.small).rstrip(".")
    if habit.planned:
        slots["plan_clock"] = habit.planned[0].minute
    ahead = [p.start for p in look.user.pauses if look.today < p.start <= look.today + timedelta(days=LATELY_DAYS)]
    if ahead:
        slots["pause_from"] = min(ahead).isoformat()
    return slots | _target_slots(look)


def _target_slots(look: HabitLook) -> Facts:
    """The number to stay within; or the one to reach, its half, and on how many days the half was reached."""
    target = look.habit.target
    if target is None:
        return {}
    unit = label(target.unit)
    if target.at_most is not None:
        return {"most": [target.at_most, unit]}
    bar = target.at_least or 0
    half = -(-bar // 2) if float(bar).is_integer() else bar / 2
    if not 0 < half < bar:
        return {}
    since = look.today - timedelta(days=FOUR_WEEKS)
    rows = [entry for day, entry in look.record.entries.items() if since <= day < look.today and not entry.skip]
    reached = sum((entry.value or 0) >= half for entry in rows)
    return {"target": [bar, unit], "half": [half, unit]} | ({"half_done": reached} if reached else {})


def _fit_slots(look: HabitLook) -> Facts:
    """How often a week would have been met in three of four of the last two to four weeks."""
    weeks = weeks_done(look.record)
    fit = met_most_weeks(weeks)
    if not 1 <= fit < 7:
        return {}
    return {"fit": fit, "fit_weeks": sum(count >= fit for count in weeks), "weeks": len(weeks)}


def _reason_slots(look: HabitLook) -> Facts:
    """The answer that the person gave most often, if twice or more and fit to be said back."""
    given: Mapping[date, str] = look.user.coaching_insights.missed_habits.get(look.habit.id, {})
    counts = Counter(" ".join(text.split()) for text in given.values() if text.strip())
    reason, days = counts.most_common(1)[0] if counts else ("", 0)
    return {"reason": reason, "reason_days": days} if days >= 2 and _may_stand(reason) else {}


def _may_stand(words: str) -> bool:
    """Whether something typed may be quoted in a sentence."""
    return len(words.strip()) <= QUOTED_MOST and may_quote(words) and not set(words) & set('“”{}"')


# --- how each fact is said; those that are not here are numbers, or words that the person typed


_percent = lru_cache(maxsize=4096)(percent_text)


def _span(is_whole: bool) -> str:
    return _("in four weeks") if is_whole else _("so far")


def _count(done: int, of: int, is_whole: bool, is_limit: bool) -> str:
    said = _("it was kept {done} of {of} times {span}") if is_limit else _("it was done {done} of {of} times {span}")
    return said.format(done=done, of=of, span=_span(is_whole)) if done else _("its first tick lies ahead")


def _of_activity(part: str) -> Callable[[Any, str], str]:
    return lambda name, _locale: str(getattr(_activity(name), part))


def _activity(name: str) -> Activity:
    """What somebody does whose habit has such a name; a name that says it nowhere is no fact of these slots."""
    known = activity_of(name)
    if known is None:
        raise KeyError(name)
    return known


def _routine(name: str, is_in_the_morning: bool) -> str:
    routine = _("Morning {sessions}") if is_in_the_morning else "{sessions}"
    return capitalized(routine.format(sessions=_activity(name).sessions))


def _amount(number: float, unit: str) -> str:
    return f"{number_text(number)} {unit}".strip()


def _day_said(value: int | str) -> str:
    return _("Day {n}").format(n=value) if isinstance(value, int) else date_text(date.fromisoformat(value[:10]))


SAID: Mapping[str, Callable[[Any, str], str]] = {
    "span": lambda fact, locale: _span(fact),
    "count": lambda fact, locale: _count(*fact),
    "percent": lambda fact, locale: _percent(*fact, locale),
    "goal_noun": lambda fact, locale: _(GOAL_NOUNS[fact]),
    "goal": lambda fact, locale: _(fact),
    "routine": lambda fact, locale: _routine(*fact),
    **{name: _of_activity(name) for name in ("verb", "doing", "third", "session")},
    **dict.fromkeys(("target", "half", "most"), lambda fact, locale: _amount(*fact)),
    **dict.fromkeys(("clock", "clock_a", "clock_b", "late_clock"), rough_clock_text),
    "plan_clock": clock_text,
    "fit": lambda fact, locale: times_text(fact),
    "reason": lambda fact, locale: _(fact),
    "shift": lambda fact, locale: duration_text(fact),
    "side": lambda fact, locale: _(fact),
    "weekday": lambda fact, locale: _(WEEKDAYS[fact]),
    "from_day": lambda fact, locale: _day_said(fact),
    "pause_from": lambda fact, locale: _day_said(fact),
}
