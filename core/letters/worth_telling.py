"""What the record shows on a day with a tick: counts, since when, the best so far, the hours, what is the next mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial

from core.coach.advising.situations import is_limit
from core.coach.safety import EXERCISE
from core.letters.clocks import times_of
from core.letters.digest_day import DAYS_OF_WEEK, DigestDay, has_ceiling, period_text, shown, ticked_at
from core.letters.digest_sentences import Shows
from core.localtime import ONE_DAY, month_start
from core.progress import HabitRecord, level_of
from core.schedule import target_on
from core.wording import (
    between_text,
    clock_text,
    count_text,
    date_text,
    month_text,
    number_text,
    percent_text,
    streak_text,
    times_text,
)

XP_EVERY = 4  # letters at most
CLOCK_EVERY = 3  # letters at most: which times can be trusted takes a look at the whole record
STREAK_SAID_FROM = 2
SINCE_SAID_FROM = 7  # a streak as long as this is told with its first day
LONGER_THAN = 3  # a streak that beats one as long as this is told as the longest
LONG_RECORD = 14  # days, from which the count of all of them is worth telling
FOUR_WEEKS = 28
STEP = 11  # from one letter to the next, through what may be told; prime, so that all of it has its turn
FEWEST_WEEKDAYS, WEEKDAYS_LOOKED_AT = 4, 12
FEWEST_TIMES, HOURS_APART_MOST = 5, 3
FEWEST_AMOUNTS = 5
MONTH_SAID_FROM, FEWEST_OF_MONTH = 5, 2  # its day, or days, and the times, from which it is told
STRENGTH_SAID_FROM, STRENGTH_GROWN_BY = 0.2, 0.03
NEAR = 10  # days before a round number in which it is told as the next one
ROUND = (10, 25, 50, 75, *range(100, 5000, 50))


@dataclass(frozen=True)
class Telling:
    """What may be told of one person's day, out of the sentences that are written down."""

    day: DigestDay
    said: Shows

    def __iter__(self) -> Iterator[str]:
        """What there is to tell: what this very day has brought first, then by turns; found as it is asked for."""
        habits = [habit for habit in self.day.told_of if not has_ceiling(habit, self.day.covers)]
        limits = [habit for habit in self.day.told_of if habit not in habits]
        sorts = [partial(sort, habit) for sort, habit in self._alternating(habits)]
        sorts += [partial(sort, habit) for habit in limits for sort in (self._within, self._within_of_weeks)]
        full = (self._full_month, self._full_row, self._full_weekdays, self._full_all) if self.day.of > 1 else ()
        turning: list[Callable[[], str]] = [*sorts, *full, self._xp]
        first = self.day.turn * STEP % len(turning)
        new: list[Callable[[], str]] = [partial(self._most, habit) for habit in habits]
        return filter(None, (tell() for tell in (*new, *turning[first:], *turning[:first])))

    def _alternating(self, habits: Sequence[HabitRecord]) -> Iterator[tuple[Callable[[HabitRecord], str], HabitRecord]]:
        """Each sort of sentence with each of the habits, so that neither comes twice in a row."""
        for first in range(len(habits)):
            for place, sort in enumerate(self._sorts, start=first):
                yield sort, habits[place % len(habits)]

    @property
    def _sorts(self) -> tuple[Callable[[HabitRecord], str], ...]:
        return (
            self.standing,
            self._sum,
            self._strength,
            self._clock,
            self._in_record,
            self._of_weeks,
            self._of_weekday,
            self._month,
        )

    @property
    def _may_tell_xp(self) -> bool:
        return not self.day.by_rate and all(tier in (None, EXERCISE) for tier in self.day.tiers.values())

    def _xp(self) -> str:
        """The XP so far, and what is next; in few letters, for to add it up costs as much as all else that is told."""
        if not self._may_tell_xp or self.day.number < DAYS_OF_WEEK or self.day.turn % XP_EVERY:
            return ""
        xp, level = self.day.record.xp, level_of(self.day.record.xp)
        words = {"xp": count_text(xp), "left": count_text(level.needed - level.into)}
        return self.said.xp.format(**words, level=level.number, next=level.number + 1)

    def _may_press(self, habit: HabitRecord) -> bool:
        """Whether its streak may be told."""
        return not self.day.by_rate and self.day.may_praise(habit)

    def standing(self, habit: HabitRecord) -> str:
        """Where it stands: a streak, the week's count, or the days out of days where a streak would press."""
        streak = habit.streak
        if count := period_text(habit, self.day.covers):
            return self._of_period(habit, count)
        if not self._may_press(habit):
            return self._of_last_days(habit)
        if streak < STREAK_SAID_FROM or habit is self.day.round_streak:
            return ""
        *earlier, run = habit.runs
        words = {"one": shown(habit), "streak": streak_text(streak, habit.unit), "times": times_text(streak)}
        is_row, since = habit.streak_told_in != "time", date_text(run.first)
        if max((one.length for one in earlier if one.unit == run.unit), default=0) in range(LONGER_THAN, streak):
            return (self.said.longest if is_row else self.said.times_longest).format(**words)
        if not is_row:
            return self.said.times.format(**words, day=since)
        return (self.said.since if streak >= SINCE_SAID_FROM else self.said.streak).format(**words, day=since)

    def _within(self, habit: HabitRecord) -> str:
        """Since when it has stayed within its number."""
        if habit.streak < STREAK_SAID_FROM or not self._may_press(habit):
            return ""
        told_in, since = habit.streak_told_in, date_text(habit.runs[-1].first)
        form = self.said.within_times if told_in == "time" else self.said.within
        streak = streak_text(habit.streak, told_in)
        return form.format(one=shown(habit), most=self._most_of(habit), streak=streak, day=since)

    def _within_of_weeks(self, habit: HabitRecord) -> str:
        last = self.day.covers
        done, of = habit.rate(last - timedelta(days=FOUR_WEEKS - 1), last)
        if habit.unit != "day" or of < LONG_RECORD:
            return ""
        return self.said.within_of_weeks.format(one=shown(habit), most=self._most_of(habit), done=done, of=of)

    def _most_of(self, habit: HabitRecord) -> str:
        """The number that it stays within: `2 cups`."""
        target = target_on(habit.habit, self.day.covers)
        assert target is not None
        return f"{number_text(target.at_most or 0)} {target.unit}".strip()

    def _of_period(self, habit: HabitRecord, count: str) -> str:
        """Its count of the week or month, and how many of these were met in a row once this one is."""
        done, planned, _unit = habit.period_count(self.day.covers) or (0, 0, "")
        met_now, words = done == planned and habit.streak > 1, {"one": shown(habit), "count": count}
        if met_now and self._may_press(habit):
            return self.said.weeks.format(**words, streak=streak_text(habit.streak, habit.unit))
        return self.said.period.format(**words)

    def _of_last_days(self, habit: HabitRecord) -> str:
        if self.day.number >= LONG_RECORD:
            return ""
        done, of = habit.rate(self.day.covers - timedelta(days=DAYS_OF_WEEK - 1), self.day.covers)
        form = self.said.rate_so_far if self.day.number < DAYS_OF_WEEK - 1 else self.said.rate_of_week
        return form.format(one=shown(habit), done=done, of=of) if of > 1 else ""

    def _in_record(self, habit: HabitRecord) -> str:
        """All its days; close to a round number, that one as well."""
        days = len(habit.done)
        following = next((one for one in ROUND if days < one <= days + NEAR), 0)
        if days < LONG_RECORD or (not following and days == habit.streak):
            return ""
        form = self.said.next_round if following else self.said.in_record
        return form.format(one=shown(habit), days=days, next=following, day=date_text(min(habit.done)))

    def _of_weekday(self, habit: HabitRecord) -> str:
        """How it goes on this day of the week, under a plan of days."""
        weekday, first = self.day.covers.weekday(), self.day.covers - timedelta(weeks=WEEKDAYS_LOOKED_AT - 1)
        hits = [done for day, done in habit.counted(first, self.day.covers) if day.weekday() == weekday]
        if len(hits) < FEWEST_WEEKDAYS or habit.unit != "day":
            return ""
        counts = {"done": sum(hits), "of": len(hits)}
        return self.said.of_weekday.format(one=shown(habit), weekday=self.day.weekday, **counts)

    def _of_weeks(self, habit: HabitRecord) -> str:
        """Its days out of those of four weeks; where these are full, out of all."""
        last = self.day.covers
        first = last - timedelta(days=FOUR_WEEKS - 1)
        if habit.unit != "day" or habit.began > last - timedelta(days=LONG_RECORD):
            return ""
        done, of = habit.rate(first, last)
        if done < of and habit.began <= first:
            return self.said.of_weeks.format(one=shown(habit), done=done, of=of)
        done, of = habit.rate(habit.began, last)
        if done == of and self._may_press(habit):  # then its streak says the same
            return ""
        return self.said.of_all.format(one=shown(habit), done=done, of=of, day=date_text(habit.began))

    def _month(self, habit: HabitRecord) -> str:
        """The month so far, and the one before by the same day."""
        day = self.day.covers
        start = month_start(day)
        before = month_start(start - ONE_DAY)
        if day.day < MONTH_SAID_FROM or habit.began > before:
            return ""
        done = sum(start <= one <= day for one in habit.done)
        then = sum(before <= one < start and one.day <= day.day for one in habit.done)
        months = {"month": month_text(start), "month_before": month_text(before)}
        if min(done, then) < FEWEST_OF_MONTH or done == then:
            return ""
        return self.said.month.format(one=shown(habit), done=done, then=then, **months)

    def _strength(self, habit: HabitRecord) -> str:
        """How its strength has grown in two weeks."""
        then = habit.strength_on(self.day.covers - timedelta(days=LONG_RECORD))
        if then is None or not self.day.may_praise(habit):
            return ""
        if then < STRENGTH_SAID_FROM or habit.strength - then < STRENGTH_GROWN_BY:
            return ""
        percent, before = (percent_text(round(100 * of), 100, self.day.user.locale) for of in (habit.strength, then))
        return self.said.strength.format(one=shown(habit), percent=percent, before=before)

    def _sum(self, habit: HabitRecord) -> str:
        """What seven days add up to, of what is counted up."""
        target = target_on(habit.habit, self.day.covers)
        if target is None or target.at_least is None or not self.day.may_praise(habit):
            return ""
        days = [self.day.covers - timedelta(days=n) for n in range(DAYS_OF_WEEK)]
        amounts = [entry.value for day in days if (entry := habit.entries.get(day)) and entry.value]
        words = {"one": shown(habit), "amount": number_text(round(sum(amounts), 1)), "unit": target.unit}
        return _without_a_gap(self.said.sum_of_week.format(**words)) if len(amounts) > 1 else ""

    def _most(self, habit: HabitRecord) -> str:
        """A number beyond all before it."""
        target, day = target_on(habit.habit, self.day.covers), self.day.covers
        if target is None or target.at_least is None or not self._may_press(habit):
            return ""
        before = [entry.value for one, entry in habit.entries.items() if one < day and entry.value]
        amount = habit.entries[day].value or 0
        if len(before) < FEWEST_AMOUNTS or amount <= max(before):
            return ""
        words = {"one": shown(habit), "amount": number_text(amount), "unit": target.unit}
        return _without_a_gap(self.said.most.format(**words))

    def _clock(self, habit: HabitRecord) -> str:
        """When it was done, and between which hours the times before it lay."""
        at = ticked_at(habit.entries[self.day.covers])
        is_told = not is_limit(habit.habit) and self.day.tiers.get(habit.habit.id) in (None, EXERCISE)
        if at is None or not is_told or self.day.turn % CLOCK_EVERY:
            return ""
        first = self.day.covers - timedelta(days=DAYS_OF_WEEK)
        minutes = times_of(self.day.record, habit, first, self.day.covers - ONE_DAY)
        if len(minutes) < FEWEST_TIMES or max(minutes) - min(minutes) > 60 * HOURS_APART_MOST:
            return ""
        locale = self.day.user.locale
        clocks = {"clock": clock_text(60 * at.hour + at.minute, locale), "times": len(minutes)}
        low, high = min(minutes), max(minutes)
        between = between_text(low, high, locale) if low < high else clock_text(low, locale)
        return self.said.clock.format(one=shown(habit), between=between, **clocks)

    @cached_property
    def _full(self) -> frozenset[date]:
        """The days on which all was done, where this one is one of them; of one habit its own counts say the same."""
        is_told = self.day.is_perfect and self.day.of > 1 and self._may_tell_xp
        return self.day.record.perfect_days if is_told else frozenset()

    def _full_month(self) -> str:
        last = self.day.covers
        days = sum(month_start(last) <= one <= last for one in self._full)
        return self.said.full_month.format(month=month_text(last), days=days) if days >= MONTH_SAID_FROM else ""

    def _row(self, step: timedelta) -> int:
        """How many full days lie one `step` before the other; beside a sport none are told."""
        if any(self.day.tiers.values()):
            return 0
        return next(n for n in range(len(self._full) + 1) if self.day.covers - n * step not in self._full)

    def _full_row(self) -> str:
        days = self._row(ONE_DAY)
        first = date_text(self.day.covers - timedelta(days=days - 1))
        return self.said.full_row.format(days=days, day=first) if days >= LONGER_THAN else ""

    def _full_weekdays(self) -> str:
        times = self._row(timedelta(weeks=1))
        said = self.said.full_weekdays
        return said.format(weekday=self.day.weekday, times=times) if times >= LONGER_THAN else ""

    def _full_all(self) -> str:
        return self.said.full_all.format(days=len(self._full)) if len(self._full) >= LONG_RECORD else ""


def _without_a_gap(said: str) -> str:
    """A sentence whose unit may be empty."""
    return said.replace(" ,", ",").replace("  ", " ")
