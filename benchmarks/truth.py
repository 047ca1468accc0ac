"""Whether a claim about a simulated person is true, by the rates and hours that were planted.

A claim is judged as of the day on which it is made, over the days that it names (`days` of its evidence) or else those
before it, as far as they count: planned ones on which the person was there. The luck of the days (energies, what
happened to be ticked) is no truth; only what is behind it is.

- weekend_weak, weekend_strong: averaged over those days, the rate of each, were it a weekend day, lies 10 points or
  more from what it would be on a weekday (a level that changed is the same on both sides), and both Saturday and
  Sunday lie 5 points or more to that side: a single bad day is no weekend.
- weak_day: the weekday's rate lies 10 points or more below the mean of the other planned ones, and 5 points or more
  below each of them.
- momentum_lost, momentum_gained: the mean level since `from_day`, apart from the week's shape, lies 10 points or more
  below (above) the mean level before.
- week2_dip: the mean level of the second seven days lies 10 points or more below that of the first seven.
- cooccur: one of the two was made to depend on the other by 10 points or more, on days that are otherwise alike. What
  both have in common (the days' energy, weekends, a level that fell) is no link.
- too_ambitious: the mean rate of the last 28 of those days, which are the plan in force's, is below one half.
- usual_time: 65 % or more of the times lie within half an hour of the minute named (the line that the claim clears is
  68.3 %; 3 points are nothing a person would notice). varied_time: no minute has more than 71 %. Of the last 28 days.
- two_slots: there are two usual times two hours or more apart, and the minutes named are within 30 of them.
- weekend_time: the weekend's hour lies 15 minutes or more to the side named.
- time_later, time_earlier: the middle of the last seven days looked at lies 15 minutes or more to the side named of
  that of the first seven.
- late_fail: not done by the minute named, it is done later on at most a quarter of the days (the claim says a fifth).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
from scipy.special import stdtr

from benchmarks.people import DIP, FREEDOM, WAKING, Bools, Floats, Lived
from core.coach.statistics.hours import DAY, NEAR, SHARE_NEAR
from core.patterns import Finding

POINTS = 0.10  # of a rate: less is not worth a sentence
HALF_POINTS = POINTS / 2
MINUTES = 15
SHARE_SLACK = 0.03
LATE = 0.25
RECENT = 28
SLOTS_APART, SLOT_NEAR = 120, 30

Judge = Callable[[Lived, int, Finding, Bools], bool]


def is_true(lived: Lived, finding: Finding, today: date) -> bool:
    """Whether a claim made on a day is true of the person. Raises KeyError for a kind without a definition."""
    days = np.arange(lived.counted.shape[1]) < (today - lived.start).days
    if named := finding.evidence.get("days"):
        days &= np.isin(np.arange(len(days)), [_number(lived, day) for day, _ in named])
    return JUDGES[finding.kind](lived, int(finding.habit[1:]), finding, days)


def _number(lived: Lived, day: str) -> int:
    return (date.fromisoformat(day) - lived.start).days


def _weekdays(lived: Lived) -> Bools:
    """Days × 7: which weekday each day is."""
    out: Bools = (np.arange(lived.counted.shape[1]) + lived.start.weekday())[:, None] % 7 == np.arange(7)
    return out


def _week(lived: Lived, habit: int, days: Bools) -> tuple[Floats, Bools]:
    """The mean rate by weekday over the days that count, and which weekdays are among them."""
    counted = lived.counted[habit] & days
    return lived.rates[habit, counted].mean(axis=0), _weekdays(lived)[counted].any(axis=0)


def _weekend(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    rates, planned = _week(lived, habit, days)
    side = 1 if finding.kind == "weekend_weak" else -1
    lower = side * (rates[:5][planned[:5]].mean() - rates[5:][planned[5:]])
    return bool(lower.mean() >= POINTS and lower.min() >= HALF_POINTS)


def _weak_day(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    rates, planned = _week(lived, habit, days)
    weekday = int(finding.evidence["weekday"])
    others = rates[planned & (np.arange(7) != weekday)]
    return bool(others.mean() - rates[weekday] >= POINTS and others.min() - rates[weekday] >= HALF_POINTS)


def _levels(lived: Lived, habit: int, days: Bools) -> Floats:
    """The mean level of the counted days among `days`, as if every day were all weekdays at once; nan without any."""
    counted = lived.counted[habit] & days
    return lived.rates[habit, counted].mean() if counted.any() else np.array(np.nan)


def _momentum(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    since = _number(lived, finding.evidence["from_day"])
    number = np.arange(len(days))
    fell = _levels(lived, habit, days & (number < since)) - _levels(lived, habit, days & (number >= since))
    return bool((fell if finding.kind == "momentum_lost" else -fell) >= POINTS)


def _week2_dip(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    number = np.arange(len(days))
    first, second = number < DIP.start, (number >= DIP.start) & (number < DIP.stop)
    return bool(_levels(lived, habit, first) - _levels(lived, habit, second) >= POINTS)


def _cooccur(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    pair = {int(name[1:]) for name in finding.evidence["habits"]}
    links = [({n, life.after[0]}, life.after[1]) for n, life in enumerate(lived.lives) if life.after is not None]
    return any(pair == linked and lift >= POINTS for linked, lift in links)


def _too_ambitious(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    counted = np.flatnonzero(lived.counted[habit] & days)[-RECENT:]
    rates = lived.rates[habit][_weekdays(lived)][counted]
    return bool(rates.mean() < 1 / 2)


# --- hours -----------------------------------------------------------------------------------------------------------


def _share_between(lived: Lived, habit: int, days: Bools, first: Floats | float, last: Floats | float) -> Floats:
    """The share of the times of `days` that lies from `first` to `last`, minutes after midnight, going round it."""
    life = lived.lives[habit]
    weekend = _weekdays(lived)[:, 5:].any(axis=1)
    middles = (lived.minutes[habit] + life.weekend_minutes * weekend)[days]

    def near(middle: float) -> Floats:
        turns = [
            stdtr(FREEDOM, (last - middle + turn) / life.spread) - stdtr(FREEDOM, (first - middle + turn) / life.spread)
            for turn in (-DAY, 0, DAY)
        ]
        out: Floats = np.sum(turns, axis=0)
        return out

    share = np.mean([near(middle) for middle in middles], axis=0)
    if life.second is not None:
        share = (1 - life.second[1]) * share + life.second[1] * near(life.second[0])
    stray = np.clip(np.minimum(last, WAKING[1]) - np.maximum(first, WAKING[0]), 0, None) / (WAKING[1] - WAKING[0])
    out: Floats = (1 - life.odd) * share + life.odd * stray
    return out


def _recent(lived: Lived, habit: int, days: Bools) -> Bools:
    recent = np.zeros_like(days)
    recent[np.flatnonzero(lived.counted[habit] & days)[-RECENT:]] = True
    return recent


def _usual_time(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    minute = float(finding.evidence["minute"])
    share = _share_between(lived, habit, _recent(lived, habit, days), minute - NEAR, minute + NEAR)
    return bool(share >= SHARE_NEAR - SHARE_SLACK)


def _varied_time(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    clock = np.arange(0.0, DAY, 5)
    shares = _share_between(lived, habit, _recent(lived, habit, days), clock - NEAR, clock + NEAR)
    return bool(shares.max() <= SHARE_NEAR + SHARE_SLACK)


def _apart(a: float, b: float) -> float:
    return abs((a - b + DAY / 2) % DAY - DAY / 2)


def _two_slots(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    second = lived.lives[habit].second
    if second is None:
        return False
    slots = float(lived.minutes[habit, days][-RECENT:].mean()), second[0]
    named = finding.evidence["minutes"]
    fits = min(max(_apart(a, b) for a, b in zip(named, order, strict=True)) for order in (slots, slots[::-1]))
    return _apart(*slots) >= SLOTS_APART and fits <= SLOT_NEAR


def _weekend_time(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    side = 1 if finding.evidence["minutes"] > 0 else -1
    return side * lived.lives[habit].weekend_minutes >= MINUTES


def _moved(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    times = [_number(lived, day) for day, _ in finding.evidence["times"]]
    middles = lived.minutes[habit, times]
    later = middles[-7:].mean() - middles[:7].mean()
    return bool((later if finding.kind == "time_later" else -later) >= MINUTES)


def _late_fail(lived: Lived, habit: int, finding: Finding, days: Bools) -> bool:
    minute = float(finding.evidence["minute"])
    counted = lived.counted[habit] & days
    rate = lived.rates[habit][_weekdays(lived)][counted].mean()
    late = _share_between(lived, habit, _recent(lived, habit, days), minute, float(DAY + 4 * 60))
    return bool(rate * late / (1 - rate * (1 - late)) <= LATE)


JUDGES: dict[str, Judge] = {
    "weekend_weak": _weekend,
    "weekend_strong": _weekend,
    "weak_day": _weak_day,
    "momentum_lost": _momentum,
    "momentum_gained": _momentum,
    "week2_dip": _week2_dip,
    "cooccur": _cooccur,
    "too_ambitious": _too_ambitious,
    "usual_time": _usual_time,
    "varied_time": _varied_time,
    "two_slots": _two_slots,
    "weekend_time": _weekend_time,
    "time_later": _moved,
    "time_earlier": _moved,
    "late_fail": _late_fail,
}
