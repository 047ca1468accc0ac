"""The week's leaderboard: what was planned on its Monday, how much of that was done, and who shares which place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.coach.quiet import leaves_out
from core.history import as_of
from core.localtime import ONE_DAY, days_between, wall_instant, week_start, zone
from core.models import Habit, Plan, User
from core.progress import HabitRecord, Record, today_of
from core.schedule import paused_days, period_days, plan_on, planned_days

PLANNED_LEAST = 5  # ticks planned on Monday, to be on the board
WEEK = timedelta(days=7)
NAME_SHOWN = 40  # characters of a display name


@dataclass(frozen=True)
class Standing:
    """One person's week: `done` of `of` planned ticks of `habits` habits; others see nothing else of theirs."""

    name: str
    done: int
    of: int
    habits: int

    @property
    def share(self) -> float:
        """Share of the plan that was done, 0 to 1."""
        return self.done / self.of


@dataclass(frozen=True)
class Place:
    """A standing, its place (1 is the first; ties share it), and whether it is that of the person who looks."""

    number: int
    standing: Standing
    is_mine: bool


def planned_on_monday(user: User, monday: date) -> int:
    """How many ticks the plans in force on `monday` ask for in its week, pauses that had begun by then left out.

    A plan holds from its day on and no day before is judged anew: a later look finds what was planned that Monday,
    whatever was changed or archived since. Delicate habits are left out: nobody is compared in them.
    """
    begun = user.model_copy(update={"pauses": [pause for pause in user.pauses if pause.start <= monday]})
    sunday = monday + WEEK - ONE_DAY
    return sum(
        _asked(one.habit, monday, [day for day in _week(monday) if day not in paused_days(begun, one.habit.id, sunday)])
        for one in _compared(Record(user, monday))
    )


def standing(user: User, monday: date, now: datetime) -> Standing | None:
    """A person's standing in the week that begins on `monday`, as known at `now`; None for whoever is not on the board.

    On it is who chose it, has a name to be shown by, and had at least PLANNED_LEAST ticks planned. Skipped and paused
    days are left out, and so is what was recorded after the week had ended.
    """
    name = shown_name(user)
    if not user.coaching_profile.leaderboard or not name or monday > today_of(user, now):
        return None
    if planned_on_monday(user, monday) < PLANNED_LEAST:
        return None
    known = as_of(user, min(now, week_end(user, monday)))
    record = Record(known, min(today_of(user, now), monday + WEEK - ONE_DAY))
    counted = [count for one in _compared(record) if (count := _count(one, monday))[1]]
    done, of = sum(count[0] for count in counted), sum(count[1] for count in counted)
    return Standing(name, done, of, len(counted)) if of else None


def shown_name(user: User) -> str:
    """The display name as others see it; empty when there is none, or when it is an address."""
    name = " ".join(user.display_name.split())[:NAME_SHOWN]
    return "" if "@" in name else name


def week_end(user: User, monday: date) -> datetime:
    """The instant at which the person's week is over."""
    profile = user.coaching_profile
    return wall_instant(monday + WEEK, time(profile.day_ends_at), zone(profile.timezone))


def places(standings: Iterable[tuple[Standing, bool]]) -> list[Place]:
    """The board: the larger share first, the same share the same place, then by name. True marks one's own."""
    ranked = sorted(standings, key=lambda pair: (-pair[0].share, pair[0].name.casefold(), pair[0].habits))
    out: list[Place] = []
    for n, (one, is_mine) in enumerate(ranked, start=1):
        ties = bool(out) and out[-1].standing.share == one.share
        out.append(Place(out[-1].number if ties else n, one, is_mine))
    return out


def _compared(record: Record) -> list[HabitRecord]:
    return [one for one in record.habits if not leaves_out(one, "board")]


def _count(record: HabitRecord, monday: date) -> tuple[int, int]:
    """(done, planned) of one habit in the week, under the plan of its Monday."""
    habit = record.habit
    free = [day for day in _week(monday) if day not in record.paused and day not in record.skipped]
    asked = _asked(habit, monday, free)
    if not asked:
        return 0, 0
    plan = plan_on(habit, monday)
    assert plan is not None
    named = free if plan.times is not None else _named(habit, plan, monday)
    return min(asked, sum(day in record.done for day in named if day in free)), asked


def _asked(habit: Habit, monday: date, free: list[date]) -> int:
    """How many ticks the habit's plan of that Monday asks for on the days `free` of its week."""
    plan = plan_on(habit, monday)
    if plan is None:
        return 0
    if plan.times is None:
        return len(set(_named(habit, plan, monday)) & set(free))
    if plan.per == "week" and len(free) == 7:
        return plan.times
    return min(len(free), round(plan.times * len(free) / period_days(plan)))


def _named(habit: Habit, plan: Plan, monday: date) -> list[date]:
    """The days of the week that a plan names, had it held all week."""
    alone = habit.model_copy(update={"schedule": [plan], "archived_on": None})
    return planned_days(alone, monday + WEEK - ONE_DAY, since=monday)


def _week(monday: date) -> list[date]:
    assert monday == week_start(monday)
    return days_between(monday, monday + WEEK - ONE_DAY)
