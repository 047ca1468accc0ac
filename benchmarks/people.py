"""Simulated people with planted truths: what they do, and the rates and hours that lie behind it.

A habit is done on a day with a latent rate that depends on the weekday, the level of the time and a slow season. Days
differ: an energy common to all habits and one of each habit's own wander from day to day (both first-order
autoregressive, on the logit scale), so that good days hang together. The constant is solved such that the average over
all energies is the planted rate: what is planted is the true share of days. Hours scatter around a middle with the
heavy tails of a t-distribution. Around that lies real life: absences nobody declares, declared pauses, skips, journeys
with another offset, backfills, evenings on which everything is ticked at once, plans that change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from core.localtime import zone
from core.models import CoachingProfile, Completion, Habit, Pause, Plan, User
from core.schedule import planned_days

DAYS = 61  # Day 0 to Day 60
FREEDOM = 4  # degrees of freedom of the scatter of hours
WAKING = (6 * 60, 24 * 60)
LATEST = 28 * 60 - 1  # a tick until 4:00 of the next morning still is of the day
DIP = range(7, 14)  # the second week
ZONES = ("Europe/Lisbon", "America/Chicago", "Asia/Kolkata", "Australia/Adelaide", "America/Sao_Paulo")
AWAY_ZONES = ("Asia/Bangkok", "America/New_York", "Europe/Athens")
NAMES = ("Walk", "Spanish", "Sketch", "Water plants", "Guitar")
EVERY_DAY = "FREQ=DAILY"
# Nodes and weights to average over a standard normal energy.
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Life:
    """How one habit is lived. Rates are shares of days, hours are minutes of the clock, days are numbers of days."""

    rate: float = 0.75
    weekend: float = 0.0  # added to the rate on Saturdays and Sundays
    weak_weekday: tuple[int, float] | None = None  # (0 = Monday, added to the rate)
    change: tuple[int, float] | None = None  # (first day, rate from then on)
    dip: float = 0.0  # added to the rate in the second week
    after: tuple[int, float] | None = None  # (another habit, how much likelier on days with it than on days without)
    minute: float = 480.0
    spread: float = 20.0  # scale of the t-distribution
    second: tuple[float, float] | None = None  # (minute, share of the days) of another usual time
    weekend_minutes: float = 0.0  # later on weekends
    drift: float = 0.0  # later by so many minutes a week
    step: tuple[int, float] | None = None  # (first day, minutes later from then on)
    odd: float = 0.03  # share of times that may be any waking hour
    season: tuple[float, float] = (0.0, 0.0)  # size on the logit scale, phase
    plans: tuple[tuple[int, str], ...] = ((0, EVERY_DAY),)  # (first day, rule; or a number of times a week)


@dataclass(frozen=True)
class Circumstances:
    """What surrounds a person's habits; stretches are (first day, number of days)."""

    energy: float = 0.4  # standard deviation of the days on the logit scale
    common: float = 0.5  # share of its variance that all habits have in common
    stays: float = 0.3  # how much of it is still there the next day
    backfills: float = 0.05  # share of ticks entered days later
    skips: float = 0.01
    at_once: float = 0.0  # share of evenings on which everything is ticked within a minute
    absence: tuple[int, int] | None = None
    pause: tuple[int, int] | None = None
    journey: tuple[int, int] | None = None


@dataclass(frozen=True)
class Lived:
    """A person's whole document and the truth behind it, which no detector reads.

    `rates` is habits × days × 7: the latent rate of that day, were it that weekday. `minutes` is habits × days: the
    middle of the main hour on a weekday. `counted` is habits × days: planned (with n times a week: any day), and the
    person was there.
    """

    user: User
    lives: tuple[Life, ...]
    rates: Floats
    minutes: Floats
    counted: Bools

    @property
    def start(self) -> date:
        """Day 0."""
        return self.user.created_at.date()


def live(lives: Sequence[Life], around: Circumstances, luck: Generator) -> Lived:
    """Sixty-one days of a person with these habits."""
    tz = ZONES[luck.integers(len(ZONES))]
    start = date(2024, 1, 1) + timedelta(days=int(luck.integers(0, 700)))
    habits = [_habit(n, life, start) for n, life in enumerate(lives)]
    there = ~(_stretch(around.absence) | _stretch(around.pause))
    planned = np.array([_planned(habit, start) for habit in habits])
    rates = np.array([_rates(life) for life in lives])
    done = _done(lives, rates, planned & there, start, around, luck)
    user = User(
        user_id="simulated",
        created_at=datetime.combine(start, time(0, 5), tzinfo=zone(tz)),
        habits=habits,
        pauses=_pauses(around, start),
        coaching_profile=CoachingProfile(
            life_goals=["Health & Fitness"], main_habit=habits[0].name, timezone=tz, onboarding_complete=True
        ),
    )
    _record(user, lives, done, around, luck)
    return Lived(user, tuple(lives), rates, np.array([_minutes(life) for life in lives]), planned & there)


# --- what is behind it -----------------------------------------------------------------------------------------------


def _rates(life: Life) -> Floats:
    """Days × 7: the planted rate of each day, were it that weekday."""
    days = np.arange(DAYS)
    level = np.full(DAYS, life.rate)
    if life.change is not None:
        level[life.change[0] :] = life.change[1]
    size, phase = life.season
    level = _logistic(_logit(level) + size * np.sin(math.tau * (days / 120 + phase)))
    level[DIP.start : DIP.stop] += life.dip
    week = np.zeros(7)
    week[5:] += life.weekend
    if life.weak_weekday is not None:
        week[life.weak_weekday[0]] += life.weak_weekday[1]
    rates: Floats = np.clip(level[:, None] + week, 0.02, 0.98)
    return rates


def _minutes(life: Life) -> Floats:
    days = np.arange(DAYS)
    middle = life.minute + life.drift * days / 7
    if life.step is not None:
        middle = middle + life.step[1] * (days >= life.step[0])
    return middle


def _logit(rate: Floats) -> Floats:
    out: Floats = np.log(rate / (1 - rate))
    return out


def _logistic(x: Floats) -> Floats:
    out: Floats = 1 / (1 + np.exp(-x))
    return out


def _constant_for(rate: Floats, energy: float) -> Floats:
    """The constant at which the rate, averaged over all energies, is the planted one (Newton, to 1e-6 or better)."""
    constant = _logit(rate)
    for _ in range(8):
        given = _logistic(constant[..., None] + energy * _NODES)
        constant = constant - (given @ _WEIGHTS - rate) / ((given * (1 - given)) @ _WEIGHTS)
    return constant


def _wander(around: Circumstances, luck: Generator) -> Floats:
    """A standard normal a day, correlated with that of the day before."""
    fresh = luck.normal(size=DAYS)
    for day in range(1, DAYS):
        fresh[day] = around.stays * fresh[day - 1] + math.sqrt(1 - around.stays**2) * fresh[day]
    return fresh


def _done(
    lives: Sequence[Life], rates: Floats, open_days: Bools, start: date, around: Circumstances, luck: Generator
) -> Bools:
    """Habits × days: on which it is done."""
    weekdays = (np.arange(DAYS) + start.weekday()) % 7
    common = _wander(around, luck)
    chances = np.zeros((len(lives), DAYS))
    done = np.zeros((len(lives), DAYS), dtype=np.bool_)
    for n, life in enumerate(lives):
        energy = math.sqrt(around.common) * common + math.sqrt(1 - around.common) * _wander(around, luck)
        constant = _constant_for(rates[n, np.arange(DAYS), weekdays], around.energy)
        chances[n] = _logistic(constant + around.energy * energy)
        chance = chances[n]
        if life.after is not None:  # the other habit moves it, and leaves its rate over all days as it was
            other, lift = life.after
            chance = chance + lift * np.where(open_days[other], done[other] - chances[other], 0.0)
        done[n] = open_days[n] & (luck.random(DAYS) < chance)
    return done


# --- the document ----------------------------------------------------------------------------------------------------


def _habit(n: int, life: Life, start: date) -> Habit:
    plans = []
    for first, rule in life.plans:
        how = {"times": int(rule), "per": "week"} if rule.isdigit() else {"rrule": rule}
        plans.append(Plan.model_validate({"from": start + timedelta(days=first), **how}))
    return Habit(id=f"h{n}", name=NAMES[n], created_on=start, schedule=plans)


def _planned(habit: Habit, start: date) -> Bools:
    named = {(day - start).days for day in planned_days(habit, start + timedelta(days=DAYS - 1))}
    planned = np.array([day in named for day in range(DAYS)])
    for plan, until in zip(habit.schedule, [*habit.schedule[1:], None], strict=True):
        if plan.rrule is None:
            planned[(plan.start - start).days : (until.start - start).days if until else DAYS] = True
    return planned


def _stretch(of: tuple[int, int] | None) -> Bools:
    days = np.arange(DAYS)
    first, length = of or (0, 0)
    return (first <= days) & (days < first + length)


def _pauses(around: Circumstances, start: date) -> list[Pause]:
    if around.pause is None:
        return []
    first, length = around.pause
    to = start + timedelta(days=first + length - 1)
    return [Pause.model_validate({"from": start + timedelta(days=first), "to": to})]


def _record(user: User, lives: Sequence[Life], done: Bools, around: Circumstances, luck: Generator) -> None:
    """Write down what was done, as people do: in time, later, all at once, far from home."""
    start = user.created_at.date()
    at_once = luck.random(DAYS) < around.at_once
    evening = luck.normal(22 * 60, 30, DAYS)
    abroad = _stretch(around.journey)
    home, away = zone(user.coaching_profile.timezone), zone(AWAY_ZONES[luck.integers(len(AWAY_ZONES))])
    for n, life in enumerate(lives):
        entries = user.entries(f"h{n}")
        minutes = _hours(life, start, abroad, luck)
        minutes = np.where(at_once, evening + luck.random(DAYS), minutes)
        is_late, is_skip = luck.random(DAYS) < around.backfills, luck.random(DAYS) < around.skips
        for number in range(DAYS):
            day = start + timedelta(days=number)
            if done[n, number] and is_late[number]:
                later = datetime.combine(day + timedelta(days=int(luck.integers(1, 4))), time(12), tzinfo=UTC)
                entries[day] = Completion(source="backfill", recorded=later)
            elif done[n, number]:
                midnight = datetime.combine(day, time(), tzinfo=UTC) + timedelta(minutes=float(minutes[number]))
                tz = away if abroad[number] else home
                entries[day] = Completion(at=midnight.replace(tzinfo=tz))
            elif is_skip[number]:
                entries[day] = Completion(skip=True)


def _hours(life: Life, start: date, abroad: Bools, luck: Generator) -> Floats:
    """Minutes after each day's midnight at which it is done, if it is."""
    is_weekend = (np.arange(DAYS) + start.weekday()) % 7 >= 5
    middle = _minutes(life) + life.weekend_minutes * is_weekend
    if life.second is not None:
        middle = np.where(luck.random(DAYS) < life.second[1], life.second[0], middle)
    minutes = middle + life.spread * luck.standard_t(FREEDOM, DAYS) + abroad * luck.normal(0, 45, DAYS)
    minutes = np.where(luck.random(DAYS) < life.odd, luck.uniform(*WAKING, DAYS), minutes)
    return np.clip(minutes, 0, LATEST)
