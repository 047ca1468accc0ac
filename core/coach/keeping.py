"""After the first thirty days: letters that step back as habits settle, and a small way back after a lapse.

Offered and never imposed, one step at a time, each held for two weeks. No trial of letters that follow strength was
found; so what a step costs is looked at, and where it costs, no further one is offered.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any

from core.catalogue import _
from core.coach.safety import needs_a_person, tier_of
from core.localtime import ONE_DAY, day_number
from core.models import User
from core.progress import HabitRecord, Record
from core.slots import FASTER, SLOWER
from core.wording import WEEKDAYS, activity_of, after_i, clock_text, label, rhythm_said

FROM_DAY = 31
HELD_DAYS = 14  # from one step to the next
OFFER_DAYS = 90  # before the same step back is offered again
EVERY_BY_STRENGTH = ((0.7, 7), (0.5, 2))  # from this strength on, a digest every so many days
FALLEN_BY = 0.10  # of strength since a step: one step back
LOOK_DAYS, COSTS = 28, 0.05  # the share done in so many days before and after a step, and a loss that is too dear
STEP_ID = r"keeping-(\d+)"
SMALL_DAYS = 3  # due days for which the small version is the plan


@dataclass(frozen=True)
class Step:
    """An offer to write less or more often: `every` so many days a digest."""

    every: int
    text: str

    @property
    def id(self) -> str:
        """Its name among what was given."""
        return f"keeping-{self.every}"


def next_step(record: Record, states: Mapping[str, str]) -> Step | None:
    """The step to offer today, None for none. `states` maps a habit's id to hot, building, needs restart or new."""
    user, today, strength = record.user, record.today, _strength(record, record.today)
    every, steps = user.coaching_profile.letters.every, _steps(user)
    is_held = any((today - day).days < HELD_DAYS for _every, day in steps)
    if strength is None or is_held or day_number(user.created_at, today) < FROM_DAY or needs_a_person(user):
        return None
    lapsed = any(states.get(habit.habit.id) == "needs restart" for habit in record.active)
    if every in FASTER and (lapsed or _has_fallen(record, steps, strength) or _has_cost(record, steps)):
        said = _("{done} of {of} in two weeks. Shall I come nearer and write {rhythm} for a while?")
        return _step(record, FASTER[every], said, 14)
    wanted = next((days for least, days in EVERY_BY_STRENGTH if strength >= least), 1)
    slower = SLOWER.get(every)
    asked_lately = any(step == slower and (today - day).days < OFFER_DAYS for step, day in steps)
    if slower is None or slower > wanted or lapsed or asked_lately:
        return None
    if _has_cost(record, steps) or _declined(user, slower):
        return None
    return _step(record, slower, _("{done} of {of} in four weeks. Shall I step back and write {rhythm}?"), 28)


def way_back(record: Record, states: Mapping[str, str], away: Collection[date] = ()) -> dict[str, list[str]]:
    """For each habit that has lapsed after the first thirty days: a small plan for the next days, in sentences."""
    user = record.user
    if day_number(user.created_at, record.today) < FROM_DAY or needs_a_person(user) or record.today - ONE_DAY in away:
        return {}
    return {
        habit.habit.id: _plan(habit, user.locale)
        for habit in record.active
        if states.get(habit.habit.id) == "needs restart" and _may_be_small(habit) and record.today not in habit.paused
    }


def _plan(habit: HabitRecord, locale: str) -> list[str]:
    of_its_kind = activity_of(habit.habit.name)
    small = habit.habit.small or (of_its_kind.start if of_its_kind else "")
    small = small or _("two minutes of {habit}").format(habit=label(habit.habit.name))
    days = [day for n in range(31) if habit.is_due(day := habit.today + timedelta(days=n)) and day not in habit.done]
    when = _day_said(days[0], habit.today) if days else _("This week")
    hours = sorted(hour.minute for hour in habit.habit.planned if not days or days[0].weekday() in hour.days)
    if habit.habit.cue:
        where = _("After you {cue}.").format(cue=after_i(habit.habit.cue))
    elif hours:
        where = _("At {clock}, as planned.").format(clock=clock_text(hours[0], locale))
    else:
        where = _("Right after something that happens anyway.")
    kept = int((habit.timeline.done & habit.timeline.due).sum())
    return [
        f"{when}: {small}. {where}",
        _("For the next {n} times that is the whole plan, and it counts in full.").format(n=SMALL_DAYS),
        _("What stands: {n} times done since you began.").format(n=kept),
    ]


def _step(record: Record, every: int, said: str, days: int) -> Step:
    done, of = record.rate(record.today - timedelta(days=days), record.today - ONE_DAY)
    return Step(every, said.format(done=done, of=of, rhythm=rhythm_said(every)))


def _may_be_small(habit: HabitRecord) -> bool:
    tier = tier_of(habit)
    return tier is None or (tier.allows("two-min") and tier.allows("next-one"))


def _day_said(day: date, today: date) -> str:
    near = {0: _("Today"), 1: _("Tomorrow")}.get((day - today).days)
    return near or _("On {weekday}").format(weekday=_(WEEKDAYS[day.weekday()]))


def _steps(user: User) -> list[tuple[int, date]]:
    """(every, day) of each step offered so far, oldest first; 0 for a piece of the library that was not taken up."""
    return [
        (_every_of(one), date.fromisoformat(str(one["day"])[:10]))
        for one in user.coaching_insights.given
        if one.get("day") and (re.fullmatch(STEP_ID, str(one.get("id"))) or one.get("action") == "fewer_reminders")
    ]


def _every_of(given: Mapping[str, Any]) -> int:
    step, applied = re.fullmatch(STEP_ID, str(given.get("id"))), given.get("applied")
    if step:
        return int(step.group(1))
    return int(applied.get("was", {}).get("now", 0)) if isinstance(applied, Mapping) else 0


def _declined(user: User, every: int) -> bool:
    """Whether the person has answered no to this offer: it is not made again."""
    return any(
        one.get("id") == f"keeping-{every}" and one.get("feedback") == "no" for one in user.coaching_insights.given
    )


def _strength(record: Record, day: date) -> float | None:
    """The middle one of the active habits' strengths on a day."""
    found = [strength for habit in record.active if (strength := habit.strength_on(day)) is not None]
    return median(found) if found else None


def _taken(record: Record, steps: Collection[tuple[int, date]]) -> date | None:
    """The day on which the present rhythm was last offered; None when it came about otherwise."""
    every = record.user.coaching_profile.letters.every
    return max((day for step, day in steps if step == every), default=None)


def _has_fallen(record: Record, steps: Collection[tuple[int, date]], strength: float) -> bool:
    day = _taken(record, steps)
    then = _strength(record, day) if day else None
    return then is not None and then - strength >= FALLEN_BY


def _has_cost(record: Record, steps: Collection[tuple[int, date]]) -> bool:
    """Whether the share done in the 28 days after the last step is five points below the 28 before it."""
    day = _taken(record, steps)
    if day is None or record.today - day <= timedelta(days=LOOK_DAYS):
        return False
    before = record.rate(day - timedelta(days=LOOK_DAYS), day - ONE_DAY)
    after = record.rate(day + ONE_DAY, day + timedelta(days=LOOK_DAYS))
    return before[1] > 0 and after[1] > 0 and before[0] / before[1] - after[0] / after[1] >= COSTS
