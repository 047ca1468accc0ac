"""The conditions that a piece of advice may name under `needs`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta

import numpy as np

from core.coach.advising.habit_look import EVER, FOUR_WEEKS, HabitLook
from core.coach.safety import EXERCISE, LOW_MOOD, PAIN, SLEEP, has_typed, mentions
from core.wording import STRENGTH_WORDS

FINE_RATE = 0.8  # over 28 days, with no finding against it
FEWEST_COUNTED = 10  # counted days: below, no advice
# Nothing to hear goes well with these.
NOT_BESIDE = "eat*, meal*, sleep*, bed, drive, driving, meditat*, call*, essen, fruhstuck*, schlaf*, bett, autofahr*"
MORNING = range(4 * 60, 11 * 60)
WEEKEND_GAP = 0.15  # the rates of weekdays and weekends differ by as much as the coach would call a difference
LATELY_DAYS = 14
COMPANY = (
    "friend*, buddy, buddies, partner*, wife, husband, girlfriend, boyfriend, sister, brother, mum, mom, dad, "
    "colleague*, group, team, class, club, coach, trainer, together, someone, somebody, accountab*, freund*, "
    "gruppe, zusammen, partnerin, schwester, bruder, mama, papa, kolleg*, verein, jemand*, amig*, grupo, juntos, pareja"
)

GUARDS: Mapping[str, Callable[[HabitLook], bool]] = {
    # how it is set up
    "no_cue": lambda look: not look.habit.cue,
    "no_small": lambda look: not look.habit.small,
    "has_small": lambda look: bool(look.habit.small),
    "has_target": lambda look: look.habit.target is not None,
    "no_target": lambda look: look.habit.target is None,
    "no_hour": lambda look: not look.habit.planned,
    "has_hour": lambda look: bool(look.habit.planned),
    "daily": lambda look: look.is_daily,
    "free_days": lambda look: not look.is_daily,
    "by_week": lambda look: look.record.unit == "week",
    "named_limit": lambda look: look.is_limit and look.habit.target is None,
    "counted_limit": lambda look: look.is_limit and look.habit.target is not None,
    # when it happens
    "morning_hour": lambda look: look.usual_minute in MORNING,
    "later_hour": lambda look: look.usual_minute is not None and look.usual_minute not in MORNING,
    # how much of it was done
    "below_80": lambda look: look.rate(FOUR_WEEKS) < FINE_RATE,
    "below_65": lambda look: look.rate(FOUR_WEEKS) < 0.65,
    "rate_50": lambda look: look.rate(FOUR_WEEKS) >= 0.5,
    "rate_60": lambda look: look.rate(FOUR_WEEKS) >= 0.6,
    "rate_60_to_85": lambda look: 0.6 <= look.rate(FOUR_WEEKS) <= 0.85,
    "rate_80": lambda look: look.rate(FOUR_WEEKS) >= FINE_RATE,
    "rate_85": lambda look: look.rate(FOUR_WEEKS) >= 0.85 and look.last(FOUR_WEEKS)[1] >= FEWEST_COUNTED,
    "reference_65": lambda look: look.reference_rate >= 0.65,
    "anchor_70": lambda look: look.anchor_rate >= 0.7,
    "weekends_6": lambda look: look.weekends_counted >= 6,
    "weekends_thinner": lambda look: look.weekend_rates[0] - look.weekend_rates[1] >= WEEKEND_GAP,
    "has_ticks": lambda look: look.record.last_done is not None,
    "five_of_seven": lambda look: look.record.unit == "day" and look.last(7)[0] >= 5,
    "thirteen_of_fourteen": lambda look: look.record.unit == "day" and look.last(14)[0] >= 13,
    "below_own_mean": lambda look: look.rate(14) < look.rate(EVER),
    "above_before": lambda look: (
        look.rate(FOUR_WEEKS) * look.last(FOUR_WEEKS, FOUR_WEEKS)[1] > look.last(FOUR_WEEKS, FOUR_WEEKS)[0]
    ),
    "one_miss": lambda look: look.misses == 1,
    "two_misses": lambda look: look.misses >= 2,
    "settling": lambda look: 0.7 <= look.record.strength < 0.85,
    "settled": lambda look: look.record.strength >= 0.85,
    "backfills": lambda look: _share_backfilled(look) >= 1 / 3,
    # what it is
    "no_tier": lambda look: look.tier is None,
    "sleeping": lambda look: look.tier is SLEEP,
    "not_sleep": lambda look: look.tier is not SLEEP,
    "ordinary": lambda look: look.tier in (None, EXERCISE),
    "knows_verb": lambda look: bool(look.kind) and look.record.unit == "day",
    "moving": lambda look: look.kind == "move",
    "learning": lambda look: look.kind == "study",
    "quiet": lambda look: look.kind == "quiet",
    "making": lambda look: look.kind in ("make", "study"),
    "can_listen": lambda look: not mentions(look.habit.name, NOT_BESIDE),
    # the person
    "no_strength_work": lambda look: not any(mentions(h.name, STRENGTH_WORDS) for h in look.user.habits),
    "no_pain": lambda look: not mentions(f"{look.habit.cue} {look.record.notes}", PAIN),
    "no_low_mood": lambda look: not has_typed(look.user, LOW_MOOD, look.whole.noted),
    "likes_company": lambda look: mentions(look.user.coaching_profile.success_factor, COMPANY),
    "pause_ahead": lambda look: any(
        look.today < pause.start <= look.today + timedelta(days=LATELY_DAYS) for pause in look.user.pauses
    ),
    "reminds_less": lambda look: _took_up(look, "fewer_reminders"),
}


class Guards:
    """Which conditions hold for one habit; each is looked at when it is asked for, and once."""

    def __init__(self, look: HabitLook | None, known: Collection[str] = GUARDS.keys()) -> None:
        """Without a `look` none holds, and never one that is not `known`."""
        self._look = look
        self._known = known if look is not None else ()
        self._held: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        if name not in self._held:
            self._held[name] = self._look is not None and name in self._known and GUARDS[name](self._look)
        return self._held[name]

    def all_hold(self, names: Iterable[str]) -> bool:
        """Whether each of these conditions holds."""
        return all(map(self.__contains__, names))


NONE_HOLDS = Guards(None)


def _share_backfilled(look: HabitLook) -> float:
    since = look.today - timedelta(days=FOUR_WEEKS)
    timeline = look.record.timeline
    at = timeline.within(since, look.today)
    days = [date.fromordinal(n) for n in (np.flatnonzero(timeline.done[at]) + at.start + timeline.first).tolist()]
    recent = [look.record.entries[day] for day in days]
    return sum(entry.source == "backfill" for entry in recent) / len(recent) if recent else 0.0


def _took_up(look: HabitLook, action: str) -> bool:
    """Whether the person has applied an offer of this action to the habit."""
    own = (one for one in look.user.coaching_insights.given if one.get("habit") == look.habit.id)
    return any(one.get("action") == action and one.get("applied") for one in own)
