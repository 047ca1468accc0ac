"""Whom the coach is measured on: people without any pattern, people with some, and people with one planted effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator

from benchmarks.people import DAYS, EVERY_DAY, Circumstances, Life, Lived, live

WEEKDAY_PLAN = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
PLANS = (EVERY_DAY, WEEKDAY_PLAN, "FREQ=WEEKLY;BYDAY=MO,WE,FR,SA", "FREQ=DAILY;INTERVAL=2", "4")
PLAN_SHARES = (0.7, 0.1, 0.08, 0.05, 0.07)
HABITS = 3  # of a person without patterns, or with one effect

Plant = Callable[[Generator, list[Life]], None]


@dataclass(frozen=True)
class Effect:
    """One planted effect of a kind; it changes the lives in place, the habit concerned is the first (a pair: two)."""

    kind: str
    name: str
    plant: Plant


def pattern_free(seed: Sequence[int]) -> Lived:
    """A person whose habits have no pattern at all; descriptions may be true of them."""
    luck = np.random.default_rng(seed)
    return live([plain(luck) for _ in range(HABITS)], _around(luck), luck)


def planted(effect: Effect, seed: Sequence[int]) -> Lived:
    """A person of three habits, one (or a pair) with the effect."""
    luck = np.random.default_rng(seed)
    lives = [plain(luck) for _ in range(HABITS)]
    for n in (0, 1) if effect.kind == "cooccur" else (0,):
        lives[n] = replace(lives[n], plans=((0, EVERY_DAY),), rate=max(lives[n].rate, 0.7))
    effect.plant(luck, lives)
    return live(lives, _around(luck), luck)


def mixed(seed: Sequence[int]) -> Lived:
    """A person of one to five habits, each with a pattern of days or of hours now and then, of all strengths."""
    luck = np.random.default_rng(seed)
    lives: list[Life] = []
    for n in range(int(luck.choice([1, 2, 3, 4, 5], p=[0.15, 0.25, 0.3, 0.2, 0.1]))):
        life = _with_pattern_of_hours(luck, _with_pattern_of_days(luck, plain(luck)))
        if n and luck.random() < 0.12:
            life = replace(life, rate=float(luck.uniform(0.45, 0.7)), after=(int(luck.integers(n)), _up(luck, 25, 55)))
        lives.append(life)
    return live(lives, _around(luck), luck)


def plain(luck: Generator) -> Life:
    """A habit without any pattern."""
    plan = str(luck.choice(PLANS, p=PLAN_SHARES))
    plans: tuple[tuple[int, str], ...] = ((0, plan),)
    if plan in (EVERY_DAY, WEEKDAY_PLAN) and luck.random() < 0.1:
        plans += ((int(luck.integers(12, 45)), WEEKDAY_PLAN if plan == EVERY_DAY else EVERY_DAY),)
    return Life(
        rate=float(luck.uniform(0.5, 0.95)),
        minute=float(luck.choice([420, 780, 1170]) + luck.normal(0, 60)),
        spread=float(luck.choice([7, 15, 35, 60])),
        season=(float(luck.uniform(0, 0.12)), float(luck.random())),  # never more than 6 points from high to low
        plans=plans,
    )


def _around(luck: Generator) -> Circumstances:
    def now_and_then(share: float, length: tuple[int, int]) -> tuple[int, int] | None:
        first, days = int(luck.integers(3, DAYS - 4)), int(luck.integers(*length))
        return (first, days) if luck.random() < share else None

    return Circumstances(
        energy=float(luck.uniform(0, 0.6)),
        common=float(luck.uniform(0.2, 0.8)),
        stays=float(luck.uniform(0, 0.5)),
        at_once=0.2 if luck.random() < 0.15 else 0.0,
        absence=now_and_then(0.2, (4, 10)),
        pause=now_and_then(0.1, (3, 11)),
        journey=now_and_then(0.15, (3, 10)),
    )


# --- patterns of all strengths ---------------------------------------------------------------------------------------


def _up(luck: Generator, low: int, high: int) -> float:
    """So many points, as a rate."""
    return float(luck.uniform(low, high)) / 100


def _with_pattern_of_days(luck: Generator, life: Life) -> Life:
    chance = luck.random()
    good = replace(life, plans=((0, EVERY_DAY),), rate=max(life.rate, 0.75))
    low = replace(life, plans=((0, EVERY_DAY),), rate=float(luck.uniform(0.2, 0.5)))
    day = int(luck.integers(10, 46))
    if chance < 0.11:
        return replace(good, weekend=-_up(luck, 20, 65))
    if chance < 0.15:
        return replace(low, weekend=_up(luck, 20, 45))
    if chance < 0.20:
        return replace(good, weak_weekday=(int(luck.integers(7)), -_up(luck, 30, 70)))
    if chance < 0.29:
        return replace(good, change=(day, _up(luck, 10, 45)))
    if chance < 0.33:
        return replace(low, change=(day, _up(luck, 75, 95)))
    if chance < 0.38:
        return replace(good, dip=-_up(luck, 30, 60))
    return replace(life, rate=_up(luck, 15, 45)) if chance < 0.46 else life


def _with_pattern_of_hours(luck: Generator, life: Life) -> Life:
    chance, sign = luck.random(), float(luck.choice([-1, 1]))
    if chance < 0.08:
        return replace(life, drift=sign * float(luck.uniform(8, 25)))
    if chance < 0.12:
        return replace(life, step=(int(luck.integers(12, 41)), sign * float(luck.uniform(30, 90))))
    if chance < 0.24:
        return replace(life, weekend_minutes=sign * float(luck.uniform(40, 180)))
    if chance < 0.28:
        return replace(life, second=(float((life.minute + luck.uniform(300, 700)) % 1380), 0.4))
    return life


# --- planted effects, for power --------------------------------------------------------------------------------------


def _first(**changes: object) -> Plant:
    def plant(luck: Generator, lives: list[Life]) -> None:
        lives[0] = replace(lives[0], **changes)  # type: ignore[arg-type]

    return plant


def _changed(before: float, after: float) -> Plant:
    def plant(luck: Generator, lives: list[Life]) -> None:
        lives[0] = replace(lives[0], rate=before, change=(int(luck.integers(12, 31)), after))

    return plant


def _weak_weekday(rate: float, weak: float) -> Plant:
    def plant(luck: Generator, lives: list[Life]) -> None:
        lives[0] = replace(lives[0], rate=rate, weak_weekday=(int(luck.integers(7)), weak - rate))

    return plant


def _linked(lift: float) -> Plant:
    def plant(luck: Generator, lives: list[Life]) -> None:
        lives[0] = replace(lives[0], rate=float(luck.uniform(0.45, 0.7)))
        lives[1] = replace(lives[1], rate=float(luck.uniform(0.5, 0.65)), after=(0, lift))

    return plant


_PLANTS: Mapping[str, Mapping[str, Plant]] = {
    "weekend_weak": {
        "90 to 25 %": _first(rate=0.9, weekend=-0.65),
        "85 to 40 %": _first(rate=0.85, weekend=-0.45),
        "80 to 55 %": _first(rate=0.8, weekend=-0.25),
    },
    "weekend_strong": {
        "30 to 90 %": _first(rate=0.3, weekend=0.6),
        "45 to 90 %": _first(rate=0.45, weekend=0.45),
    },
    "weak_day": {"90 to 15 %": _weak_weekday(0.9, 0.15), "85 to 35 %": _weak_weekday(0.85, 0.35)},
    "momentum_lost": {
        "90 to 25 %": _changed(0.9, 0.25),
        "85 to 45 %": _changed(0.85, 0.45),
        "80 to 55 %": _changed(0.8, 0.55),
    },
    "momentum_gained": {"25 to 90 %": _changed(0.25, 0.9), "45 to 85 %": _changed(0.45, 0.85)},
    "week2_dip": {"95 to 30 %": _first(rate=0.95, dip=-0.65), "90 to 45 %": _first(rate=0.9, dip=-0.45)},
    "cooccur": {"55 points": _linked(0.55), "40 points": _linked(0.4), "25 points": _linked(0.25)},
    "too_ambitious": {"25 %": _first(rate=0.25), "35 %": _first(rate=0.35)},
    "late_fail": {
        "60 %, about 18:30 ± 40": _first(rate=0.6, minute=1110.0, spread=28.0),
        "65 %, about 19:00 ± 60": _first(rate=0.65, minute=1140.0, spread=42.0),
    },
    "usual_time": {"± 8 min": _first(spread=6.0), "± 18 min": _first(spread=13.0)},
    "varied_time": {"± 90 min": _first(spread=64.0), "± 50 min": _first(spread=36.0)},
    "two_slots": {
        "7:00 and 20:00, ± 15 min": _first(minute=420.0, second=(1200.0, 0.45), spread=11.0),
        "12:00 and 16:30, ± 25 min": _first(minute=720.0, second=(990.0, 0.4), spread=18.0),
    },
    "weekend_time": {
        "150 min later, ± 20": _first(weekend_minutes=150.0, spread=14.0),
        "60 min earlier, ± 30": _first(weekend_minutes=-60.0, spread=21.0),
    },
    "time_later": {
        "20 min a week, ± 20": _first(drift=20.0, spread=14.0),
        "12 min a week, ± 30": _first(drift=12.0, spread=21.0),
    },
    "time_earlier": {
        "60 min since Day 21, ± 20": _first(step=(21, -60.0), spread=14.0),
        "12 min a week, ± 30": _first(drift=-12.0, spread=21.0),
    },
}

EFFECTS = tuple(Effect(kind, name, plant) for kind, plants in _PLANTS.items() for name, plant in plants.items())
