"""What fills the {slots} of a piece of advice: counts, clocks and the person's own words, each where it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from core.catalogue import N_, _, n_
from core.coach.guards import LATELY_DAYS, MORNING
from core.coach.habit_look import FOUR_WEEKS, HabitLook, has_groups
from core.coach.safety import may_quote
from core.localtime import day_number
from core.models import User
from core.patterns import Finding
from core.progress import Record
from core.wording import (
    GOAL_NOUNS,
    WEEKDAYS,
    after_i,
    capitalized,
    clock_text,
    date_text,
    label,
    minutes_text,
    number_text,
    percent_text,
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
QUOTED_MOST = 80  # characters of the person's own words that fit into a sentence
SIDES = {"time_later": N_("later"), "time_earlier": N_("earlier")}
CLOCK_STEP = 5  # minutes to which a clock is rounded


def habit_slots(look: HabitLook) -> dict[str, str]:
    """What can be said of a habit, whatever was found."""
    done, of = look.last(FOUR_WEEKS)
    week, fortnight, before = look.last(7), look.last(14), look.last(FOUR_WEEKS, FOUR_WEEKS)
    span = _("in four weeks") if look.age >= FOUR_WEEKS else _("so far")
    said = (
        _("it was kept {done} of {of} times {span}") if look.is_limit else _("it was done {done} of {of} times {span}")
    )
    slots = {"habit": label(look.habit.name), "span": span}
    slots["count"] = said.format(done=done, of=of, span=span) if done else _("its first tick lies ahead")
    slots |= _pair("week", week) | _pair("fortnight", fortnight)
    if done:  # nobody is told a nought
        slots |= {"done": str(done), "of": str(of), "percent": _percent(done, of, look.user.locale)}
    if before[0] and look.age >= 2 * FOUR_WEEKS:
        slots |= _pair("before", before)
    return slots | _name_slots(look) | _plan_slots(look) | _fit_slots(look) | _reason_slots(look)


def person_slots(record: Record) -> dict[str, str]:
    """What can be said of a person whatever the habit: how long they are here, and their own words."""
    slots = {"day": str(day_number(record.user.created_at, record.today))}
    if record.ticks:
        slots["ticks"] = str(record.ticks)
    profile = record.user.coaching_profile
    for name, words in (("why_now", profile.why_now), ("success", profile.success_factor)):
        if _may_stand(words):
            slots[name] = label(words).rstrip(".")
    return slots


def finding_slots(finding: Finding, user: User) -> dict[str, str]:
    """What can be said of a finding, out of its evidence."""
    seen, locale = finding.evidence, user.locale
    slots: dict[str, str] = {}
    if "minute" in seen:
        slots["late_clock" if finding.kind == "late_fail" else "clock"] = _clock(seen["minute"], locale)
    if "within30" in seen:
        slots |= {"within": str(seen["within30"][0]), "times": str(seen["within30"][1])}
    if finding.kind == "two_slots":
        slots |= {"clock_a": _clock(seen["minutes"][0], locale), "clock_b": _clock(seen["minutes"][1], locale)}
    elif "minutes" in seen:
        moved = int(seen["minutes"])
        slots["shift"] = duration_text(abs(moved))
        slots["side"] = _(SIDES.get(finding.kind, "later" if moved > 0 else "earlier"))
    if "weekday" in seen:
        slots["weekday"] = _(WEEKDAYS[int(seen["weekday"])])
    if "from_day" in seen:
        slots["from_day"] = _day_said(seen["from_day"])
    others = [one for one in seen.get("habits", ()) if one != finding.habit]
    names = {habit.id: label(habit.name) for habit in user.habits}
    if others and others[0] in names:
        slots["other"] = names[others[0]]
    if has_groups(finding):
        reference, this = seen["groups"][:2]
        slots |= {"ref_done": str(reference["done"]), "ref_of": str(reference["of"])}
        if this["done"]:
            slots |= {"this_done": str(this["done"]), "this_of": str(this["of"])}
    return slots


def duration_text(minutes: int) -> str:
    """A length of time as people say it: `40 minutes`, `an hour`, `an hour and a half`, `2 hours`."""
    rounded = max(CLOCK_STEP, round(minutes / CLOCK_STEP) * CLOCK_STEP)
    if rounded < 55:
        return minutes_text(rounded)
    halves = round(minutes / 30)
    if halves in (2, 3):
        return _("an hour") if halves == 2 else _("an hour and a half")
    hours = halves // 2
    form = n_("{n} hour", "{n} hours", hours) if halves % 2 == 0 else _("{n} and a half hours")
    return form.format(n=hours)


_percent = lru_cache(maxsize=4096)(percent_text)


def _pair(name: str, count: tuple[int, int]) -> dict[str, str]:
    return {f"{name}_done": str(count[0]), f"{name}_of": str(count[1])} if count[0] else {}


def _name_slots(look: HabitLook) -> dict[str, str]:
    """What the habit's goal and name let the coach call it."""
    slots = {}
    goals = look.user.coaching_profile.life_goals
    goal = look.habit.goal or (goals[0] if len(goals) == 1 or (goals and look.is_main) else "")
    if goal in GOAL_NOUNS:
        slots["goal_noun"] = _(GOAL_NOUNS[goal])
    if (activity := look.activity) is not None:
        routine = _("Morning {sessions}") if look.usual_minute in MORNING else "{sessions}"
        slots |= {"verb": activity.verb, "doing": activity.doing, "third": activity.third}
        slots["session"] = activity.session
        slots["routine"] = capitalized(routine.format(sessions=activity.sessions))
    return slots


def _plan_slots(look: HabitLook) -> dict[str, str]:
    """The habit's own numbers, signal, hour and short version, as the person set them."""
    habit, slots = look.habit, {}
    if _may_stand(habit.cue):
        slots["cue"] = label(after_i(habit.cue)).rstrip(".")
    if _may_stand(habit.small):
        slots["small"] = label(habit.small).rstrip(".")
    if habit.planned:
        slots["plan_clock"] = clock_text(habit.planned[0].minute, look.user.locale)
    ahead = [p.start for p in look.user.pauses if look.today < p.start <= look.today + timedelta(days=LATELY_DAYS)]
    if ahead:
        slots["pause_from"] = date_text(min(ahead))
    return slots | _target_slots(look)


def _target_slots(look: HabitLook) -> dict[str, str]:
    """The number to stay within; or the one to reach, its half, and on how many days the half was reached."""
    target = look.habit.target
    if target is None:
        return {}
    unit = label(target.unit)
    if target.at_most is not None:
        return {"most": f"{number_text(target.at_most)} {unit}".strip()}
    bar = target.at_least or 0
    half = -(-bar // 2) if float(bar).is_integer() else bar / 2
    if not 0 < half < bar:
        return {}
    since = look.today - timedelta(days=FOUR_WEEKS)
    rows = [entry for day, entry in look.record.entries.items() if since <= day < look.today and not entry.skip]
    reached = sum((entry.value or 0) >= half for entry in rows)
    slots = {"target": f"{number_text(bar)} {unit}".strip(), "half": f"{number_text(half)} {unit}".strip()}
    return slots | ({"half_done": str(reached)} if reached else {})


def _fit_slots(look: HabitLook) -> dict[str, str]:
    """How often a week would have been met in three of four of the last two to four weeks."""
    weeks = min(4, look.age // 7)
    done = look.record.timeline.octets_done
    ends = (len(done) - 1 - 7 * n for n in range(weeks))  # weeks lie within its age
    counts = sorted((done.count(1, end - 7, end) for end in ends), reverse=True)
    fit = counts[-(-3 * weeks // 4) - 1] if weeks >= 2 else 0
    if not 1 <= fit < 7:
        return {}
    return {"fit": times_text(fit), "fit_weeks": str(sum(count >= fit for count in counts)), "weeks": str(weeks)}


def _reason_slots(look: HabitLook) -> dict[str, str]:
    """The answer that the person gave most often, if twice or more and fit to be said back."""
    given: Mapping[date, str] = look.user.coaching_insights.missed_habits.get(look.habit.id, {})
    counts = Counter(" ".join(text.split()) for text in given.values() if text.strip())
    reason, days = counts.most_common(1)[0] if counts else ("", 0)
    return {"reason": _(reason), "reason_days": str(days)} if days >= 2 and _may_stand(reason) else {}


def _may_stand(words: str) -> bool:
    """Whether something typed may be quoted in a sentence."""
    return len(words.strip()) <= QUOTED_MOST and may_quote(words) and not set(words) & set('“”{}"')


def _clock(minute: Any, locale: str) -> str:
    return clock_text(round(int(minute) / CLOCK_STEP) * CLOCK_STEP % 1440, locale)


def _day_said(value: Any) -> str:
    return _("Day {n}").format(n=value) if isinstance(value, int) else date_text(date.fromisoformat(str(value)[:10]))
