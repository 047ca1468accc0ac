"""What came of a piece of advice: the days after it beside the days before, and beside what was to be expected."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np

from core.catalogue import _, n_
from core.localtime import ONE_DAY
from core.models import Plan
from core.progress import HabitRecord
from core.schedule import plan_on, stretches

WINDOW = 14  # counted days before and after that are compared
PROVISIONAL_FROM = 7  # counted days after: fewer say nothing
WITHIN = 28  # days in which these have to come
LONG_RUN_DAYS = 120  # counted days before both
WINDOWS_FEWEST = 200  # untreated windows of this installation: below, its own regression is not trusted
SAME = 0.05  # a raw change below this is none to speak of
EIGHTY_PERCENT = 1.2816  # standard deviations to each side

State = Literal["waiting", "provisional", "known", "unknown"]
Count = tuple[int, int]  # done, of


@dataclass(frozen=True)
class Untreated:
    """How the next 14 counted days go without advice: a line in the 14 before and the long run, and its residual SD.

    Whoever is advised after a bad fortnight would have had a better one anyway (regression to the mean); the raw
    change takes that for an effect.
    """

    intercept: float
    before: float
    long_run: float
    sd: float

    def expected(self, before: float, long_run: float) -> float:
        """The share done to be expected after a share of `before` with a `long_run` share, 0 to 1."""
        return min(max(self.intercept + self.before * before + self.long_run * long_run, 0.0), 1.0)


# Of simulated people whose level wanders by a week's step (benchmarks/advice.py fits it anew).
PRESUMED = Untreated(0.11, 0.38, 0.44, 0.16)


@dataclass(frozen=True)
class Outcome:
    """Counts before and after, the share that was to be expected after, and the SD of what chance adds to it."""

    before: Count
    after: Count
    expected: float
    sd: float
    state: State

    @property
    def change(self) -> float:
        """The share done after, less what was to be expected without advice: -1 to 1."""
        return _share(self.after) - self.expected

    @property
    def interval(self) -> tuple[float, float]:
        """The 80 % interval of the change."""
        return self.change - EIGHTY_PERCENT * self.sd, self.change + EIGHTY_PERCENT * self.sd

    @property
    def could_be_chance(self) -> bool:
        """Whether no change lies in the interval."""
        low, high = self.interval
        return low <= 0 <= high

    @property
    def is_final(self) -> bool:
        """Whether no later day can alter it."""
        return self.state in ("known", "unknown")

    def kept(self, day: date) -> dict[str, Any]:
        """What coaching_insights.given keeps under `outcome` once it is final; `day` is the person's day."""
        counts = {"before": list(self.before), "after": list(self.after)}
        return {"day": day.isoformat(), "state": self.state, **counts, "expected": round(self.expected, 4)} | (
            {"sd": round(self.sd, 4)} if self.state == "known" else {}
        )


NOT_KNOWN = Outcome((0, 0), (0, 0), 0.0, 0.0, "unknown")


def begun_on(given: Mapping[str, Any]) -> date | None:
    """The day from which a piece is measured: when it was taken up, else when it was given."""
    applied = given.get("applied")
    day = applied.get("day") if isinstance(applied, Mapping) else None
    day = day or given.get("day")
    return date.fromisoformat(str(day)[:10]) if day else None


def outcome_of(record: HabitRecord, since: date, away: Iterable[date] = (), untreated: Untreated = PRESUMED) -> Outcome:
    """What came of advice on a habit taken up on the day `since`, as of the record's today.

    The day itself is on neither side. Both sides are judged by the plan that holds after it, so that a smaller plan
    is no success by itself; at the next change of plan the days after end. Skips, pauses and absences do not count.
    A plan of n times is counted against itself over 28 days.
    """
    plan = plan_on(record.habit, since + ONE_DAY)
    if plan is None:
        return NOT_KNOWN
    judged = _judged_by(plan, record, away)
    last = min(since + timedelta(days=WITHIN), _end_of(plan, record), record.today - ONE_DAY)
    before, long_run = _past(judged, since)
    after = _counts(judged, since + ONE_DAY, last, newest=False)
    is_over = after[1] >= WINDOW or last < record.today - ONE_DAY or record.today - since > timedelta(days=WITHIN)
    expected = untreated.expected(_share(before), _share(long_run))
    sd = _sd(untreated, expected, after[1])
    return Outcome(before, after, expected, sd, _state(before, after, is_over=is_over))


def kept_outcome(given: Mapping[str, Any]) -> Outcome | None:
    """The outcome that was written down, None while there is none."""
    kept = given.get("outcome")
    if not isinstance(kept, Mapping):
        return None
    before, after = ((int(done), int(of)) for done, of in (kept.get("before", (0, 0)), kept.get("after", (0, 0))))
    expected, sd = float(kept.get("expected", _share(before))), float(kept.get("sd", PRESUMED.sd))
    is_known = kept.get("state", "known") == "known" and min(before[1], after[1]) > 0
    return Outcome(before, after, expected, sd, "known" if is_known else "unknown")


def sentence(outcome: Outcome, since: date, today: date, *, tried: bool, unit: str = "day") -> str:
    """What came of it, in counts; `tried` when the person took it up. `unit` is that of the habit's streak."""
    ago = _ago((today - since).days)
    head = (_("You tried this {ago}") if tried else _("I suggested this {ago}")).format(ago=ago)
    if outcome.state == "unknown":
        return f"{head}. " + _("What came of it is not known: too few days counted since.")
    if outcome.state == "waiting":
        first_look = _("From {n} on there is a first look.").format(n=PROVISIONAL_FROM)
        return f"{head}. {_counted(outcome.after[1])} {first_look}"
    counts = _("from {done} of {of} to {now} of {of_now} times")
    if unit == "day":
        counts = _("from {done} of {of} to {now} of {of_now} days")
    (done, of), (now, of_now) = outcome.before, outcome.after
    counts = counts.format(done=done, of=of, now=now, of_now=of_now)
    if outcome.state == "provisional":
        return f"{head}. " + _("So far {counts}. Too early to tell.").format(counts=counts)
    return f"{head}: {counts}. {_verdict(outcome)}"


def _verdict(outcome: Outcome) -> str:
    if outcome.could_be_chance and abs(_share(outcome.after) - _share(outcome.before)) < SAME:
        return _("About as before.")
    if outcome.could_be_chance:
        return _("It could also be chance.")
    return (
        _("That is more than the usual ups and downs.") if outcome.change > 0 else _("It may not be the one for you.")
    )


def _ago(days: int) -> str:
    if days >= 14:
        return _("{n} weeks ago").format(n=days // 7)
    return {0: _("today"), 1: _("yesterday")}.get(days) or _("{n} days ago").format(n=days)


def _counted(days: int) -> str:
    if not days:
        return _("No day has been counted since.")
    return n_("{n} day has been counted since.", "{n} days have been counted since.", days).format(n=days)


def _state(before: Count, after: Count, *, is_over: bool) -> State:
    enough = before[1] >= PROVISIONAL_FROM and after[1] >= PROVISIONAL_FROM
    if is_over:
        return "known" if enough else "unknown"
    return "provisional" if enough else "waiting"


def _sd(untreated: Untreated, expected: float, of: int) -> float:
    """The residual's SD holds for 14 days; fewer add the binomial noise of those that are not there yet."""
    rate = min(max(expected, 0.05), 0.95)
    missing = max(1 / max(of, 1) - 1 / WINDOW, 0.0)
    return math.sqrt(untreated.sd**2 + rate * (1 - rate) * missing)


def _judged_by(plan: Plan, record: HabitRecord, away: Iterable[date]) -> HabitRecord:
    """The record as if `plan` had held all along, with absences taken for pauses."""
    habit, first = record.habit, record.first
    if len(habit.schedule) > 1:
        step = 7 * _interval(plan)  # so that weekdays and every n-th day stay where they are
        start = plan.start - timedelta(days=-(-max((plan.start - first).days, 0) // step) * step)
        whole = Plan.model_validate({**plan.model_dump(exclude_unset=True), "from": start})
        habit = habit.model_copy(update={"schedule": [whole]})
    return replace(record, habit=habit, paused=record.paused.union(away))


def _interval(plan: Plan) -> int:
    found = re.search(r"INTERVAL=(\d+)", plan.rrule or "")
    return int(found.group(1)) if found else 1


def _end_of(plan: Plan, record: HabitRecord) -> date:
    """The last day before another plan takes over."""
    later = [other.start for other in record.habit.schedule if other.start > plan.start]
    return min(later) - ONE_DAY if later else date.max


def _past(record: HabitRecord, since: date) -> tuple[Count, Count]:
    """(the days before, the long run before them); while there is next to nothing earlier, the long run is all."""
    before = _counts(record, since - timedelta(days=WITHIN), since - ONE_DAY, newest=True)
    earlier = _earlier(record, since)
    return before, earlier if earlier[1] >= WINDOW else (before[0] + earlier[0], before[1] + earlier[1])


def _earlier(record: HabitRecord, since: date) -> Count:
    if record.unit != "day":
        return record.rate(record.first, since - timedelta(days=WITHIN + 1))
    days = record.counted(record.first, since - ONE_DAY)
    recent = [day for day, _done in days if day >= since - timedelta(days=WITHIN)][-WINDOW:]
    return _count(days[: len(days) - len(recent)][-LONG_RUN_DAYS:])


def _counts(record: HabitRecord, first: date, last: date, *, newest: bool) -> Count:
    """(done, of) of at most 14 counted days between two days, the newest or the oldest; n times by its plan."""
    first = max(first, record.first)
    if last < first:
        return 0, 0
    if record.unit != "day":
        return record.rate(first, last)
    days = record.counted(first, last)
    return _count(days[-WINDOW:] if newest else days[:WINDOW])


def _count(days: Sequence[tuple[date, bool]]) -> Count:
    return sum(done for _day, done in days), len(days)


def _share(count: Count) -> float:
    done, of = count
    return done / of if of else 0.0


# --- what would have come without


@dataclass(frozen=True)
class Sums:
    """Sums over untreated windows from which the line is fitted: of x·x', row by row above the diagonal, for
    x = (1, before, long run, after). They add up over people."""

    values: tuple[float, ...] = (0.0,) * 10

    @property
    def windows(self) -> int:
        """How many windows they stand on."""
        return round(self.values[0])

    def __add__(self, other: Sums) -> Sums:
        return Sums(tuple(a + b for a, b in zip(self.values, other.values, strict=True)))

    def with_window(self, before: float, long_run: float, after: float) -> Sums:
        """One window more; shares from 0 to 1."""
        x = (1.0, before, long_run, after)
        return self + Sums(tuple(x[i] * x[j] for i in range(4) for j in range(i, 4)))

    def fitted(self) -> Untreated:
        """The least-squares line; what is presumed while there are fewer than 200 windows, or all are alike."""
        if self.windows < WINDOWS_FEWEST:
            return PRESUMED
        products = np.zeros((4, 4))
        products[np.triu_indices(4)] = self.values
        products = products + np.triu(products, 1).T
        a, b = products[:3, :3], products[:3, 3]
        if np.linalg.cond(a) > 1e8:
            return PRESUMED
        line = np.linalg.solve(a, b)
        residual = max(float(products[3, 3] - line @ b), 0.0) / (self.windows - 3)
        intercept, per_before, per_long_run = (float(part) for part in line)
        return Untreated(intercept, per_before, per_long_run, math.sqrt(residual))


def untreated_sums(record: HabitRecord, away: Iterable[date], advised: Sequence[date]) -> Sums:
    """The windows of one habit in which nothing was advised for it: 14 counted days, the 14 before, all earlier.

    No window reaches across a change of plan, and none shares its days after with another.
    """
    sums, calm = Sums(), replace(record, paused=record.paused.union(away))
    for first, last, plan in stretches(record.habit, record.today - ONE_DAY):
        days = calm.counted(max(first, record.first), last) if plan.rrule is not None else []
        for earlier, before, after in _windows(days):
            if not any(before[0][0] <= day <= after[-1][0] for day in advised):
                shares = (_share(_count(part)) for part in (before, earlier, after))
                sums = sums.with_window(*shares)
    return sums


Days = Sequence[tuple[date, bool]]


def _windows(days: Days) -> Iterator[tuple[Days, Days, Days]]:
    for middle in range(2 * WINDOW, len(days) - WINDOW + 1, WINDOW):
        start = middle - WINDOW
        yield days[max(start - LONG_RUN_DAYS, 0) : start], days[start:middle], days[middle : middle + WINDOW]
