"""The kinds of claim about the hour of the clock."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from core.catalogue import _
from core.coach.statistics.claims import Family, Kind, plain
from core.coach.statistics.evidence import HabitEvidence, Timed
from core.coach.statistics.hours import (
    CENTRE_SURE,
    DAY,
    FEWEST_SLOT_TIMES,
    FEWEST_TIMES,
    NEAR,
    Slots,
    distance,
    timing,
    two_slots,
    usual_time,
    varied_time,
)
from core.coach.statistics.moves import (
    Move,
    describe_move,
    hour_evidence,
    move_evidence,
    weekend_evidence,
    weekend_minutes,
    weekend_weight,
)
from core.coach.statistics.regression import FEWEST_MOVE_TIMES, FEWEST_WEEKEND, Fit, fit_moves
from core.localtime import WEEKEND, WORKDAYS, is_weekend
from core.schedule import planned_weekdays
from core.wording import date_text, minutes_text, rough_clock_text

VARIED_SCORE = 0.5  # the time varies by more than 30 minutes
CATCH_UP_FROM, CATCH_UP_TO = 20 * 60 + 30, 4 * 60  # a slot between them may be when the day is told, not lived
MONTH = timedelta(days=27)  # of a plan, to see which weekdays it names
BEFORE_TOLD = 14  # times before a move was told that say where the hour was then

TIME_SHIFT = Family(share=0.12, slack=0.5, early=25.0)
WEEKEND_TIME = Family(share=0.10, slack=1.2, early=10.0)
TWO_SLOTS = Family(share=0.02, slack=0.3, early=math.inf)


class UsualTime(Kind):
    """Done within half an hour of one minute of the clock."""

    odds = 24.0
    needs: Mapping[str, int] = {"times": FEWEST_TIMES}

    def foresee(self, habits: Sequence[HabitEvidence]) -> None:
        usual_time.foresee(habit.minutes for habit in habits)

    def support(self, habit: HabitEvidence) -> float:
        claim = usual_time(habit.minutes)
        return claim.log_odds if claim is not None and claim.known >= CENTRE_SURE else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        claim = usual_time(habit.minutes)
        return claim is None or claim.log_odds < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        claim = usual_time(habit.minutes)
        assert claim is not None
        return {"minute": claim.minute, "within30": [claim.within, claim.of], "times": plain(habit.times)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        near, of = evidence["within30"]
        clock = rough_clock_text(evidence["minute"], locale)
        said = _("{name}: usually around {clock}, {near} of {of} times within half an hour.")
        return said.format(name=name, clock=clock, near=near, of=of)


class VariedTime(Kind):
    """Not even the best hour of the clock holds most times; never of two hours that do.

    The odds are of the best hour found, so they understate the claim: of 4,000 simulated people without patterns, read
    daily to Day 60, 0.5 % heard a false one at odds of 6, and 1.1 % a false usual time at odds of 24. At odds of 16 it
    would be 0.1 %, but two findings by Day 30 would have 62 % of people of all sorts, not two in three.
    """

    odds = 6.0
    needs: Mapping[str, int] = {"times": FEWEST_TIMES}

    def support(self, habit: HabitEvidence) -> float:
        claim = varied_time(habit.minutes)
        if claim is None or claim.log_odds <= 0:
            return -math.inf if claim is None else claim.log_odds
        slots = slots_of(habit)
        is_varied = timing(habit.minutes).score > VARIED_SCORE and (slots is None or slots.log_e < 0)
        return claim.log_odds if is_varied else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        return self.support(habit) < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        claim = varied_time(habit.minutes)
        assert claim is not None
        score = timing(habit.minutes).score
        return {"score": score, "within30": [claim.within, claim.of], "times": plain(habit.times)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        near, of = evidence["within30"]
        said = _("{name} has no usual hour so far: the busiest hour of the clock holds {near} of {of} times.")
        return said.format(name=name, near=near, of=of)


class TwoSlots(Kind):
    """Two usual hours; never while one hour holds most times, nor of a late one that may be when the day is told."""

    family = TWO_SLOTS
    needs: Mapping[str, int] = {"times": FEWEST_SLOT_TIMES}

    def support(self, habit: HabitEvidence) -> float:
        slots = slots_of(habit)
        if slots is None or any(minute >= CATCH_UP_FROM or minute < CATCH_UP_TO for minute in slots.minutes):
            return -math.inf
        return slots.log_e

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        slots = slots_of(habit)
        return slots is None or slots.log_e < 0

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        slots = slots_of(habit)
        assert slots is not None
        return {"minutes": list(slots.minutes), "within30": [slots.within, slots.of], "times": plain(habit.times)}

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        first, second = (rough_clock_text(minute, locale) for minute in evidence["minutes"])
        near, of = evidence["within30"]
        said = _("{name} has two usual hours, {first} and {second}: {near} of {of} times within half an hour of one.")
        return said.format(name=name, first=first, second=second, near=near, of=of)


class MovedTime(Kind):
    """The hour has moved by a quarter of an hour or more, all at once or little by little, later or earlier."""

    family = TIME_SHIFT
    needs: Mapping[str, int] = {"times": FEWEST_MOVE_TIMES}

    def __init__(self, *, later: bool) -> None:
        self.later = later

    def foresee(self, habits: Sequence[HabitEvidence]) -> None:
        fit_moves.foresee(habit.all_times for habit in habits)
        hour_evidence.foresee(fit for habit in habits if (fit := _clean_fit(habit)) is not None)

    def support(self, habit: HabitEvidence) -> float:
        fit = _clean_fit(habit)
        return move_evidence(fit, later=self.later) if fit is not None else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        """Whether it does not show any more, or the hour has moved back since."""
        whole, since = fit_moves(habit.all_times), fit_moves(_since(habit.all_times, told, before=BEFORE_TOLD))
        gone = whole is None or move_evidence(whole, later=self.later) < 0
        return gone or (since is not None and move_evidence(since, later=not self.later) >= math.log(TIME_SHIFT.early))

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        fit = fit_moves(habit.all_times)
        assert fit is not None
        move = describe_move(habit.all_times, fit, later=self.later)
        recent = [minute for day, minute in habit.all_times if day >= move.recent_from]
        return {
            "minutes": round(move.minutes),
            "clocks": [move.before, move.now],
            "within30": _near(recent, move.now),
            "times": plain(habit.all_times),
            **_shape(move),
        }

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        before, now = (rough_clock_text(minute, locale) for minute in evidence["clocks"])
        said = _("{name} comes about {far} {way} than around {day}: around {now} now, {before} then.")
        far, day = evidence["minutes"], evidence["times"][0][0]
        if "per_week" in evidence:
            said, far = (
                _("{name} comes about {far} {way} every week: around {now} now, {before} around {day}."),
                evidence["per_week"],
            )
        elif "from_day" in evidence:
            said, day = (
                _("Since about {day}, {name} comes about {far} {way}: around {now} now, {before} before."),
                evidence["from_day"],
            )
        way = _way(later=self.later)
        return said.format(name=name, far=minutes_text(far), way=way, day=_day(day), now=now, before=before)


class WeekendTime(Kind):
    """At another hour on weekends, by twenty minutes or more; never when weekdays use that hour too."""

    family = WEEKEND_TIME
    needs: Mapping[str, int] = {"times": FEWEST_MOVE_TIMES, "weekend_times": FEWEST_WEEKEND}

    def fits(self, habit: HabitEvidence, today: date) -> bool:
        plan = habit.plan
        if plan.rrule is None:
            return True
        due = planned_weekdays(plan.rrule, plan.start, today, today + MONTH)
        return bool(due & WEEKEND) and bool(due & WORKDAYS)

    def support(self, habit: HabitEvidence) -> float:
        fit = _clean_fit(habit)
        return weekend_evidence(fit) if fit is not None and not fit.far_slot else -math.inf

    def is_over(self, habit: HabitEvidence, told: date) -> bool:
        """Whether it does not show any more, or the times since speak for one hour or for the other direction."""
        whole, since = fit_moves(habit.all_times), fit_moves(_since(habit.all_times, told))
        if whole is None or weekend_evidence(whole) < 0:
            return True
        if since is None or not since.has_weekends:
            return False
        weight, early = weekend_weight(since), math.log(WEEKEND_TIME.early)
        turned = weekend_minutes(since) * weekend_minutes(whole) < 0
        return weight <= -early or (turned and weight >= early)

    def evidence(self, habit: HabitEvidence) -> dict[str, Any]:
        fit = fit_moves(habit.all_times)
        assert fit is not None
        minutes = round(weekend_minutes(fit))
        weekdays = timing([minute for day, minute in habit.times if not is_weekend(day)]).minute
        weekends = (weekdays + minutes) % DAY
        recent = [minute for day, minute in habit.times if is_weekend(day)]
        return {
            "minutes": minutes,
            "clocks": [weekdays, weekends],
            "within30": _near(recent, weekends),
            "times": plain(habit.all_times),
        }

    def sentence(self, name: str, evidence: Mapping[str, Any], locale: str) -> str:
        weekdays, weekends = (rough_clock_text(minute, locale) for minute in evidence["clocks"])
        far, way = minutes_text(evidence["minutes"]), _way(later=evidence["minutes"] > 0)
        said = _("On weekends {name} comes about {far} {way}: around {weekends}, {weekdays} on weekdays.")
        return said.format(name=name, far=far, way=way, weekends=weekends, weekdays=weekdays)


def slots_of(habit: HabitEvidence) -> Slots | None:
    """The two usual hours, None while one hour holds most times."""
    return _slots_in(habit.times)


@lru_cache(maxsize=256)  # they stand in the way of every other claim about moves
def _slots_in(times: tuple[Timed, ...]) -> Slots | None:
    minutes = tuple([minute for _day, minute in times])
    usual = usual_time(minutes)
    if usual is None or usual.log_odds >= 0:
        return None
    return two_slots(minutes, [is_weekend(day) for day, _minute in times])


@lru_cache(maxsize=256)  # both directions and the weekend ask for it
def _clean_fit(habit: HabitEvidence) -> Fit | None:
    """The fit, unless there is too little or the times have another shape than an hour that may move."""
    fit = fit_moves(habit.all_times)
    return None if fit is None or fit.is_messy or slots_of(habit) is not None else fit


def _since(times: tuple[Timed, ...], told: date, *, before: int = 0) -> tuple[Timed, ...]:
    """The times since the day of telling, and so many before it."""
    first = sum(day < told for day, _minute in times)
    return times[max(first - before, 0) :]


def _near(minutes: Sequence[int], clock: int) -> list[int]:
    return [sum(distance(minute, clock) <= NEAR for minute in minutes), len(minutes)]


def _shape(move: Move) -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {
        "drift": {"per_week": round(move.per_week, 1)},
        "step": {"from_day": move.since.isoformat()},
    }
    return shapes.get(move.shape, {})


def _way(*, later: bool) -> str:
    return _("later") if later else _("earlier")


def _day(iso: str) -> str:
    return date_text(date.fromisoformat(iso))
