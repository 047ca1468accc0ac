"""One person before one letter of the first thirty days: the main habit, the days that count, its times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from core.catalogue import _
from core.coach.advising.situations import is_limit, main_habit_of
from core.coach.safety import EXERCISE, Tier, lifted_for, tier_of, tier_of_name
from core.coach.statistics.evidence import evidence_of
from core.localtime import ONE_DAY
from core.models import User
from core.progress import HabitRecord, Record, today_of
from core.wording import Activity, activity_of, label

SUBJECT_HABIT = 22  # characters of a habit's name in a subject


@dataclass(frozen=True)
class Story:
    """One person before one step's letter, on their day `today`."""

    user: User
    step: int
    now: datetime

    @cached_property
    def today(self) -> date:
        return today_of(self.user, self.now)

    @cached_property
    def record(self) -> Record:
        return Record(self.user, self.today)

    @cached_property
    def main(self) -> HabitRecord | None:
        """The main habit's record; while it is not tracked the one done most, so that a count is of what it names.

        The welcome speaks of the answers alone, and where the main habit is delicate no other takes its place.
        """
        return main_habit_of(self.record) or (self._done_most if self.step else None)

    @cached_property
    def is_named(self) -> bool:
        """Whether the habit that the letter speaks of is the one that the person named."""
        return self.main is None or self.main is main_habit_of(self.record)

    @property
    def _done_most(self) -> HabitRecord | None:
        if tier_of_name(self.user.coaching_profile.main_habit) is not None:
            return None
        begun = [habit for habit in self.record.active if habit.done and habit.habit.id not in self.quiet_ids]
        return max(begun, key=lambda habit: len(habit.done), default=None)

    @cached_property
    def name(self) -> str:
        """The main habit as its owner calls it."""
        named = self.user.coaching_profile.main_habit.strip()
        habits = [habit.name for habit in self.user.active_habits(self.today)]
        return label(self.main.habit.name if self.main else named or next(iter(habits), _("Your habit")))

    @cached_property
    def activity(self) -> Activity | None:
        return activity_of(self.name)

    @cached_property
    def tier(self) -> Tier | None:
        """The tier in which the letters keep still; of a sport they may speak."""
        tier = tier_of(self.main) if self.main else tier_of_name(self.name, lifted_for(self.user, self.name))
        return None if tier is EXERCISE else tier

    @cached_property
    def quiet_ids(self) -> frozenset[str]:
        """The habits of which a letter draws no conclusion."""
        tiers = {record.habit.id: tier_of(record) for record in self.record.habits}
        return frozenset(habit for habit, tier in tiers.items() if tier not in (None, EXERCISE))

    @cached_property
    def first(self) -> date:
        """Day 0."""
        return self.user.created_at.date()

    @cached_property
    def last(self) -> date:
        """The last day that the step looks at: the one before its own day, however late it comes."""
        return min(self.first + timedelta(days=max(self.step, 1) - 1), self.today - ONE_DAY)

    def rate(self, first: date, last: date) -> tuple[int, int]:
        """(done, of) of the main habit, or of all of them while there is none."""
        return (self.main or self.record).rate(first, last)

    def day(self, n: int) -> date:
        """The date of Day n."""
        return self.first + timedelta(days=n)

    @cached_property
    def times(self) -> list[tuple[date, int]]:
        """The trustworthy times of the main habit within the step's days, as (day, minute).

        Empty for a habit that leaves something out: its ticks tell when the day was judged.
        """
        if self.main is None or is_limit(self.main.habit):
            return []
        seen = evidence_of(self.record).habits
        times = next((habit.times for habit in seen if habit.habit is self.main.habit), ())
        return [(day, minute) for day, minute in times if self.first <= day <= self.last]
