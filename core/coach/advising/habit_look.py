"""One habit looked at for advice: its record, its findings and state, and the numbers that conditions ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np

from core.coach.limits import is_limit
from core.coach.safety import Tier, tier_of
from core.coach.standing import planned_units
from core.localtime import ONE_DAY, WEEKEND, is_weekend
from core.models import Habit, User
from core.patterns import Finding
from core.progress import HabitRecord, Record
from core.schedule import frequency, plan_on
from core.timeline import on_weekends
from core.wording import Activity, activity_of

FOUR_WEEKS = 28
FEWEST_WEEKS, MOST_WEEKS = 2, 4  # that say how often a week is managed
EVER = 10_000  # days: further back than any record


@dataclass(frozen=True)
class HabitLook:
    """One active habit on the person's day; `findings` are the established ones about it, by kind."""

    whole: Record
    record: HabitRecord
    findings: Mapping[str, Finding]
    status: str
    is_main: bool = False

    @property
    def user(self) -> User:
        """The person's document."""
        return self.whole.user

    @property
    def habit(self) -> Habit:
        """The habit as it is set up."""
        return self.record.habit

    @property
    def today(self) -> date:
        """The person's day."""
        return self.record.today

    @cached_property
    def _rates(self) -> dict[tuple[int, int], tuple[int, int]]:
        return {}

    def last(self, days: int, before: int = 0) -> tuple[int, int]:
        """(done, of) over `days` complete days, the last of them `before` days ago or yesterday; worked out once."""
        if (days, before) not in self._rates:
            end = self.today - timedelta(days=before)
            self._rates[days, before] = self.record.rate(end - timedelta(days=days), end - ONE_DAY)
        return self._rates[days, before]

    def rate(self, days: int) -> float:
        """The share done over the last complete days, 0 without any."""
        return share(self.last(days))

    @cached_property
    def age(self) -> int:
        """Days since there is anything to say about it."""
        return (self.today - self.record.first).days

    @cached_property
    def is_limit(self) -> bool:
        """Whether it is to leave something out."""
        return is_limit(self.habit)

    @cached_property
    def is_daily(self) -> bool:
        """Whether the plan of today names every day."""
        plan = plan_on(self.habit, self.today)
        return plan is not None and plan.rrule is not None and frequency(plan) > 0.99

    @cached_property
    def tier(self) -> Tier | None:
        """The tier of delicate habits that it is in."""
        return tier_of(self.record)

    @cached_property
    def activity(self) -> Activity | None:
        """What the name says that the person does, None when no word of it is known."""
        return activity_of(self.habit.name)

    @property
    def kind(self) -> str:
        """What sort of doing the name speaks of (core.wording.ACTIVITIES), empty when no word of it is known."""
        return self.activity.kind if self.activity else ""

    @cached_property
    def usual_minute(self) -> int | None:
        """The minute of the day around which it is found to be done."""
        finding = self.findings.get("usual_time")
        return int(finding.evidence["minute"]) % 1440 if finding and "minute" in finding.evidence else None

    @cached_property
    def reference_rate(self) -> float:
        """The rate on the days that a weak weekend or weekday is compared with."""
        found = (self.findings.get(kind) for kind in ("weekend_weak", "weak_day"))
        groups = next((finding.evidence["groups"] for finding in found if finding and has_groups(finding)), None)
        return share((groups[0]["done"], groups[0]["of"])) if groups else 0.0

    @cached_property
    def weekend_rates(self) -> tuple[float, float]:
        """The rates on weekdays and on weekends over the last eight weeks."""
        days = self.record.counted(self.today - timedelta(days=2 * FOUR_WEEKS), self.today - ONE_DAY)
        parts = [[done for day, done in days if is_weekend(day) == weekend] for weekend in (False, True)]
        return share((sum(parts[0]), len(parts[0]))), share((sum(parts[1]), len(parts[1])))

    @cached_property
    def weekends_counted(self) -> int:
        """How many Saturdays and Sundays count so far."""
        days = np.flatnonzero(self.record.timeline.counts) + self.record.timeline.first
        return int(on_weekends(days).sum())

    @cached_property
    def other_id(self) -> str:
        """The habit on whose days this one is found to be done more, empty without such a finding."""
        finding = self.findings.get("cooccur")
        pair: list[Any] = list(finding.evidence.get("habits", ())) if finding else []
        return next((str(one) for one in pair if one != self.habit.id), "")

    @cached_property
    def anchor_rate(self) -> float:
        """The rate of that other habit over four weeks."""
        other = next((record for record in self.whole.active if record.habit.id == self.other_id), None)
        if other is None:
            return 0.0
        return share(other.rate(self.today - timedelta(days=FOUR_WEEKS), self.today - ONE_DAY))

    @cached_property
    def misses(self) -> int:
        """How many of the last planned days (weeks, months) in a row were missed."""
        return planned_units(self.record).misses

    @cached_property
    def misses_its_weekend(self) -> bool:
        """Whether what was missed last is the weekend that is found to be weak: nothing that stopped."""
        if "weekend_weak" not in self.findings or not self.misses:
            return False
        missed = planned_units(self.record).ends[-self.misses :]
        return self.misses <= len(WEEKEND) and bool(on_weekends(missed).all())


def has_groups(finding: Finding) -> bool:
    """Whether a finding compares two groups of days."""
    return len(finding.evidence.get("groups", ())) >= 2


def weeks_done(record: HabitRecord) -> list[int]:
    """How often it was done in each of the last two to four whole weeks, the most first; empty before that."""
    weeks = min(MOST_WEEKS, (record.today - record.first).days // 7)
    done = record.timeline.octets_done
    ends = (len(done) - 1 - 7 * n for n in range(weeks))  # weeks lie within its age
    return sorted((done.count(1, end - 7, end) for end in ends), reverse=True) if weeks >= FEWEST_WEEKS else []


def met_most_weeks(weeks: Sequence[int]) -> int:
    """How often a week would have been met in three of four of such weeks; 0 without any."""
    return weeks[-(-3 * len(weeks) // 4) - 1] if weeks else 0


def share(count: tuple[int, int]) -> float:
    """Done of how many as a share, 0 of none."""
    done, of = count
    return done / of if of else 0.0
