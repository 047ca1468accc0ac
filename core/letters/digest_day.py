"""One person's day as a digest tells it: what was done and what is open, and of what a coach may speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from core.catalogue import N_, _, n_
from core.coach.advising.situations import is_limit, main_habit_of
from core.coach.quiet import LEFT_OUT
from core.coach.safety import EXERCISE, Tier, needs_a_person, tier_of
from core.letters.typed import clip, isolated
from core.localtime import ONE_DAY, day_number, parse_clock
from core.models import Completion, User
from core.progress import HabitRecord, Record
from core.schedule import target_on
from core.wording import WEEKDAYS, label, listed, number_text

SUBJECT_MOST = 45  # characters, so that a phone shows it whole
NAME_MOST = 40  # characters of a habit's name in a headline
NUMBERS = N_("zero one two three four five six seven eight nine ten eleven twelve")  # of habits
DAYS_OF_WEEK = 7
ROUND_STREAKS = frozenset({7, 14, 21, 30, 50, 75, 100, 150, 200, 250, 300, 365})
TIMES_LATER = 5  # in a row, before a habit that is open is said to have its hour ahead
HOUR_WIDE = 60  # minutes between the earliest and the latest of so many times: they are one hour


@dataclass(frozen=True)
class DigestDay:
    """One person's day as a digest tells it; `looks_back` when the letter comes the morning after."""

    record: Record
    looks_back: bool

    @property
    def user(self) -> User:
        return self.record.user

    @property
    def covers(self) -> date:
        return self.record.today

    @property
    def number(self) -> int:
        return day_number(self.user.created_at, self.covers)

    @property
    def when(self) -> str:
        """`Today` or `Yesterday`, in no language."""
        return "Yesterday" if self.looks_back else "Today"

    @property
    def next_day(self) -> str:
        return _("Today") if self.looks_back else _("Tomorrow")

    @property
    def weekday(self) -> str:
        return _(WEEKDAYS[self.covers.weekday()])

    @property
    def turn(self) -> int:
        """Counts the letters that the person gets: what is said by turns moves on by one each time.

        By one more after seven, so that the turns do not keep step with somebody's own rhythm.
        """
        count = self.covers.toordinal() // self.user.coaching_profile.letters.every
        return count + count // DAYS_OF_WEEK

    @cached_property
    def wins(self) -> list[HabitRecord]:
        return self.record.done_on(self.covers)

    @cached_property
    def missed(self) -> list[HabitRecord]:
        return [habit for habit in self.record.due_on(self.covers) if self.covers not in habit.done]

    @cached_property
    def still_to_come(self) -> list[HabitRecord]:
        """Of what is open, whatever was done later than this letter the last times: its hour lies ahead."""
        return [] if self.looks_back else [habit for habit in self.missed if self._comes_later(habit)]

    def _comes_later(self, habit: HabitRecord) -> bool:
        """Whether each of the last times was ticked when it happened, after the hour at which this letter comes.

        Of what is left out a tick says when the day was looked back on, and nothing else.
        """
        if is_limit(habit.habit):
            return False
        hour = parse_clock(self.user.coaching_profile.digest_time)
        last = _last_times(habit)
        return len(last) == TIMES_LATER and all(at > datetime.combine(day, hour) for day, at in last)

    @property
    def asks_why(self) -> bool:
        """Whether something may have got in the way: of what still has its hour ahead, nothing has."""
        return self.missed != self.still_to_come

    def has_its_hour(self, habit: HabitRecord) -> bool:
        """Whether its last times lie so close together that nobody need ask where it fits."""
        minutes = [60 * at.hour + at.minute for _day, at in _last_times(habit)]
        return len(minutes) == TIMES_LATER and max(minutes) - min(minutes) <= HOUR_WIDE

    @cached_property
    def by_streak(self) -> list[HabitRecord]:
        """Those with a streak, the longest first: what went by without it has ended it, what is open has not."""
        active = [habit for habit in self.record.active if self.may_show_streak(habit)]
        running = [habit for habit in active if habit.streak and not self.has_ended(habit)]
        return sorted(running, key=lambda habit: -habit.streak)

    def has_ended(self, habit: HabitRecord) -> bool:
        """Whether its streak ended with the day that a morning letter looks back on, or with that day's week or month.

        Then it is as the day after has it, on which these are over.
        """
        if not self.looks_back:
            return False
        if habit.unit == "day":
            return habit in self.missed
        after = self.covers + ONE_DAY
        is_over = after.weekday() == 0 if habit.unit == "week" else after.day == 1
        return is_over and replace(habit, today=after).streak < habit.streak

    @cached_property
    def is_perfect(self) -> bool:
        return self.record.is_perfect(self.covers)

    @property
    def of(self) -> int:
        return len(self.wins) + len(self.missed)

    @property
    def obstacle(self) -> str:
        return self.user.coaching_profile.biggest_obstacle

    @property
    def by_rate(self) -> bool:
        """Whether a streak would be pressure: then the days done out of days are told."""
        return self.obstacle == "Perfectionism"

    @cached_property
    def tiers(self) -> dict[str, Tier | None]:
        """Of which sort each habit is: of some a coach says little."""
        return {habit.habit.id: tier_of(habit) for habit in self.record.active}

    def may_show_streak(self, habit: HabitRecord) -> bool:
        """Whether its streak stands in the lists of a letter, as on the screens (core.coach.quiet)."""
        tier = self.tiers.get(habit.habit.id)
        return tier is None or "streak" not in LEFT_OUT[tier.name]

    def may_praise(self, habit: HabitRecord) -> bool:
        return self.tiers.get(habit.habit.id) is None

    def may_speak_of(self, habit: HabitRecord) -> bool:
        """Whether its count may be told as news: of no medicine, food or drink."""
        return self.tiers.get(habit.habit.id) in (None, EXERCISE)

    def may_ask_for(self, habit: HabitRecord) -> bool:
        """Whether a small step towards it may be offered: of those spoken of, to nothing that is left out."""
        return self.may_speak_of(habit) and not is_limit(habit.habit)

    @cached_property
    def best(self) -> HabitRecord | None:
        """The win with the longest streak, among those that may be praised; what stays within a number comes last."""
        ranked = sorted(self.wins, key=lambda habit: (has_ceiling(habit, self.covers), -habit.streak))
        return next((habit for habit in ranked if self.may_praise(habit)), None)

    @property
    def round_streak(self) -> HabitRecord | None:
        """The best win where the headline may be its streak."""
        one = self.best
        is_round = one is not None and one.streak in ROUND_STREAKS and one.unit == "day"
        return one if is_round and one and not (self.by_rate or has_ceiling(one, self.covers)) else None

    @cached_property
    def keeps_still(self) -> bool:
        """Whether what the person typed asks for somebody other than a coach."""
        return needs_a_person(self.user)

    def asked_for(self, habits: Sequence[HabitRecord]) -> HabitRecord | None:
        """The one habit that may be asked for: the main one if it is among them."""
        main = main_habit_of(self.record)
        ranked = sorted(habits, key=lambda habit: habit is not main)
        return None if self.keeps_still else next(filter(self.may_ask_for, ranked), None)

    def one_of(self, habits: Sequence[HabitRecord]) -> str:
        """The name of the one habit that may be asked for; empty when none may."""
        one = self.asked_for(habits)
        return "" if one is None else shown(one)

    @cached_property
    def told_of(self) -> list[HabitRecord]:
        """The wins that the letter tells of: the main habit, where it may be spoken of, the best, and one by turns."""
        main = main_habit_of(self.record)
        one = main if main is not None and main in self.wins and self.may_speak_of(main) else None
        others = [habit for habit in self.wins if self.may_praise(habit) and not has_ceiling(habit, self.covers)]
        by_turns = others[self.turn % len(others)] if others else None
        return [habit for habit in dict.fromkeys((one, self.best, by_turns)) if habit is not None]


def ticked_at(entry: Completion) -> datetime | None:
    """When something was ticked as it happened, by the person's clock; None where that is not known."""
    is_known = entry.at is not None and entry.source == "tap" and not entry.recorded
    return entry.at.replace(tzinfo=None) if is_known and entry.at is not None else None


def _last_times(habit: HabitRecord) -> list[tuple[date, datetime]]:
    """When it was done the last times; fewer of them where a tick does not tell."""
    last = sorted(habit.done, reverse=True)[:TIMES_LATER]
    return [(day, at) for day in last for at in [ticked_at(habit.entries[day])] if at is not None]


def shown(habit: HabitRecord) -> str:
    """A habit's name as it stands in a sentence."""
    return _in_a_sentence(habit.habit.name)


def _in_a_sentence(name: str) -> str:
    return isolated(clip(label(name), NAME_MOST))


def with_names_shown(text: str, user: User) -> str:
    """A text of the coach's, in which the habits' names stand as they are shown in a sentence."""
    for habit in user.habits:
        if (shown := _in_a_sentence(habit.name)) != (name := label(habit.name)):
            text = text.replace(name, shown)
    return text


def names_of(habits: Sequence[HabitRecord]) -> str:
    return listed([shown(habit) for habit in habits])


def number_word(number: int) -> str:
    words = _(NUMBERS).split()
    return words[number] if number < len(words) else str(number)


def out_of(done: int, of: int) -> str:
    """`three of four`, `both`, `all four`."""
    if done == of > 1:
        return _("both") if of == 2 else _("all {number}").format(number=number_word(of))
    return _("{done} of {of}").format(done=number_word(done), of=number_word(of))


def has_ceiling(habit: HabitRecord, day: date) -> bool:
    """Whether a day of it is kept by staying within a number."""
    target = target_on(habit.habit, day)
    return target is not None and target.at_most is not None


def amount_text(habit: HabitRecord, day: date) -> str:
    """How much was entered: `9 glasses`, `5 of 8 glasses`, `1 of at most 2 cups`; nothing of what is beyond."""
    target, entry = target_on(habit.habit, day), habit.entries.get(day)
    if target is None or entry is None or entry.value is None:
        return ""
    amount, of = number_text(entry.value), target.at_least if target.at_most is None else target.at_most
    if target.at_most is not None:
        said = _("{amount} of at most {of} {unit}") if entry.value <= target.at_most else ""
    elif day in habit.done:
        said = _("{amount} {unit}")
    else:
        said = _("{amount} of {of} {unit}")
    return said.format(amount=amount, of=number_text(of or 0), unit=target.unit).strip()


def period_text(habit: HabitRecord, day: date) -> str:
    """`2 of 3 this week` under a plan of n times a week (month); empty under any other."""
    count = habit.period_count(day)
    return so_far_this(*count) if count else ""


def so_far_this(done: int, of: int, period: str) -> str:
    """`2 of 3 this week`, or of the month; beyond the plan `5 this week, 3 planned`."""
    if done > of:
        form = _("{done} this week, {of} planned") if period == "week" else _("{done} this month, {of} planned")
    else:
        form = _("{done} of {of} this week") if period == "week" else _("{done} of {of} this month")
    return form.format(done=done, of=of)


def last_seven(habit: HabitRecord, day: date) -> str:
    """`5 of 7 days`; under a plan of n times a week its count."""
    done, of = habit.rate(day - timedelta(days=6), day)
    form = n_("{done} of {of} day", "{done} of {of} days", of)
    return period_text(habit, day) or form.format(done=done, of=of)
