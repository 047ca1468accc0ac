"""What a digest says of its day: subject, first lines and the thought that it leaves, chosen among its sentences.

The record gives the news, the obstacle the tone, the chronotype the frame. What turns with the day turns so that two
letters in a row never open alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.catalogue import _
from core.letters.digest_day import (
    DAYS_OF_WEEK,
    SUBJECT_MOST,
    DigestDay,
    has_ceiling,
    last_seven,
    names_of,
    number_word,
    out_of,
    period_text,
    shown,
    so_far_this,
    streak_text,
)
from core.letters.digest_sentences import ByObstacle, DigestSentences
from core.localtime import ONE_DAY, days_between
from core.progress import HabitRecord, streak_mark
from core.wording import times_text

ROUND_STREAKS = frozenset({7, 14, 21, 30, 50, 75, 100, 150, 200, 250, 300, 365})
STREAK_SAID_FROM = 2
LONG_RECORD = 14  # days, from which the count of all of them is worth telling
BACK_AFTER_DAYS = 2  # days with something due and nothing done
TO_COME_EVERY = 3  # letters
PERIODS_SAID_MOST = 2  # habits of n times a week whose count is told beforehand


def subject(day: DigestDay) -> str:
    """The seed's form; what is special about the day where it fits."""
    if day.is_perfect:
        return _("🔥 Daily Digest: Perfect Day! 🔥 (Day {day})").format(day=day.number)
    facts = {"done": len(day.wins), "of": day.of, "day": day.number}
    beside = _beside_the_count(day)
    special = _("Daily Digest: {done}/{of}, {special} (Day {day})").format(**facts, special=beside) if beside else ""
    if 0 < len(special) <= SUBJECT_MOST:
        return special
    return _("Daily Digest: {done}/{of} (Day {day})").format(**facts)


def _beside_the_count(day: DigestDay) -> str:
    """What is special about the day, to stand behind its count."""
    if not day.wins:
        form = _("a quiet {weekday}") if day.looks_back else _("{weekday} is open")
        return form.format(weekday=day.weekday)
    best = day.best
    if best is None:
        return ""
    if period := period_text(best, day.covers):
        return f"{shown(best)} {period}"
    if day.by_rate:
        return f"{shown(best)} {last_seven(best, day.covers)}" if best.streak > 1 else ""
    mark = streak_mark(best.streak)
    return _("{habit} at {streak} {mark}").format(habit=shown(best), streak=best.streak, mark=mark) if mark else ""


@dataclass(frozen=True)
class DigestWords:
    """The words about one day, out of the sentences that are written down."""

    day: DigestDay
    sentences: DigestSentences
    credited: Sequence[HabitRecord] = ()  # done on the day before, after its letter had gone

    def preheader(self) -> str:
        """Goes on where the subject stops: the subject has the count, this the names."""
        day, said = self.day, self.sentences.preheader
        if not day.missed:
            return said.all_done.format(names=names_of(day.wins))
        form = said.left if day.looks_back else said.open if day.wins else said.nothing_yet
        return form.format(names=names_of(day.missed))

    def title(self) -> str:
        """The news of the day."""
        said = self._special_news() or self._news()
        return said[:1].upper() + said[1:]

    def lead(self) -> str:
        """What stands behind the news, and a word on what is open."""
        day, said = self.day, self.sentences
        if not day.wins:
            late = said.lead.after_letter.format(names=names_of(self.credited)) if self.credited else ""
            return " ".join(filter(None, (late, self._nothing())))
        told = (self._behind_the_news(), self._all_done() if day.is_perfect else self._open())
        return " ".join(filter(None, told)) or said.lead.nothing_to_tell

    def ahead(self) -> str:
        """What the next day holds: looked at in the morning, slept on in the evening, or asked where it fits."""
        following = self.day.covers + ONE_DAY
        due = self.day.record.due_on(following)
        one = self.day.one_of(due)
        told = (self._holds(due), self._thought(one) if one else "", _counts_so_far(self.day, following))
        return " ".join(filter(None, told))

    def _holds(self, due: Sequence[HabitRecord]) -> str:
        """What is due on the next day: by name where it differs from the day before, else in the morning as a count."""
        day, said = self.day, self.sentences.ahead
        is_as_before = due == day.record.due_on(day.covers)
        if not due or (is_as_before and not day.looks_back):
            return ""
        if is_as_before and len(due) > 1:
            return said.holds_as_many.format(next_day=day.next_day, count=number_word(len(due)))
        return said.holds.format(next_day=day.next_day, names=names_of(due))

    def tip_heading(self) -> str:
        """What stands above the light tip of the first days: the day that it is for."""
        said = self.sentences.tip
        return self._one_of(said.today if self.day.looks_back else said.tomorrow)

    # --- by turns

    def _one_of(self, forms: Sequence[str]) -> str:
        return forms[self.day.turn % len(forms)]

    def _by_turns(self, said: ByObstacle) -> str:
        """One of the sentences for the person's obstacle, empty when they named none."""
        return self._one_of(said.get(self.day.obstacle, ("",)))

    # --- the news

    def _special_news(self) -> str:
        """A first tick, a return, a round streak; empty on any other day."""
        day, said = self.day, self.sentences.title
        if not day.wins:
            return ""
        last = max((habit.timeline.last_done_before(day.covers) for habit in day.record.habits), default=0)
        if not last:
            return self._one_of(said.first_tick).format(names=names_of(day.wins))
        if _is_back(day, date.fromordinal(last)):
            return self._one_of(said.back).format(names=names_of(day.wins), weekday=day.weekday)
        if day.best is not None and _is_round(day, day.best):
            count = number_word(day.best.streak)
            return self._one_of(said.round_streak).format(one=shown(day.best), count=count)
        return ""

    def _news(self) -> str:
        """What happened, in words that differ from one day to the next."""
        day, said = self.day, self.sentences.title
        if not day.wins:
            form = self._one_of(said.nothing_yesterday if day.looks_back else said.nothing_yet)
            return form.format(weekday=day.weekday)
        best, count = day.best or day.wins[0], out_of(len(day.wins), day.of)
        first = shown(best)
        if day.of == 1:
            return self._one_of(said.only_one).format(one=first, weekday=day.weekday)
        if not day.missed:
            return self._one_of(said.all_done).format(count=count, weekday=day.weekday, names=names_of(day.wins))
        others = len(day.wins) - 1
        more = _("{habit} and {number} more").format(habit=first, number=number_word(others))
        names = more if others else first
        forms = (
            said.some_done if not has_ceiling(best, day.covers) else [f for f in said.some_done if "{names}" not in f]
        )
        return self._one_of(forms).format(count=count, weekday=day.weekday, names=names)

    # --- what stands behind it

    def _behind_the_news(self) -> str:
        """One win with its count: a streak, or the days out of days where a streak would press."""
        day, said = self.day, self.sentences.lead
        win = day.spoken_of
        names = said.done.format(names=names_of(day.wins)) if day.of > 1 else ""
        if win is None or (win is day.best and _is_round(day, win)):
            return names
        if period := period_text(win, day.covers):
            return said.period.format(one=shown(win), count=period)
        if day.by_rate or not day.may_praise(win):
            return self._rate_of(win) or names
        if win.streak < STREAK_SAID_FROM:
            return names
        return said.streak.format(one=shown(win), streak=streak_text(win.streak, win.unit))

    def _rate_of(self, win: HabitRecord) -> str:
        """Its days in the record by turns, or the days done out of days; empty when they are one."""
        day, said = self.day, self.sentences.lead
        if day.number >= LONG_RECORD and not day.turn % 3:
            return said.in_record.format(one=shown(win), days=len(win.done))
        done, of = win.rate(day.covers - timedelta(days=6), day.covers)
        form = said.rate_so_far if day.number < DAYS_OF_WEEK - 1 else said.rate_of_week
        return form.format(one=shown(win), done=done, of=of) if of > 1 else ""

    def _all_done(self) -> str:
        if self.day.by_rate:
            form = self._one_of(self.sentences.lead.owes_nothing)
            return form.format(next=_("today") if self.day.looks_back else _("tomorrow"))
        return self._by_turns(self.sentences.all_done).format(all_of_it="all of it" if self.day.of > 1 else "it")

    def _open(self) -> str:
        """A word on what was not done: by obstacle where it may be asked for, as the bare fact where not."""
        day, said = self.day, self.sentences
        later = self._to_come() if not day.turn % TO_COME_EVERY else ""  # said each time it would be a refrain
        missed = self._to_be_asked_for()
        if not missed:
            return later
        is_plain = day.keeps_still or not all(day.may_ask_for(habit) for habit in missed)
        form = "" if is_plain else self._by_turns(said.left if day.looks_back else said.open)
        if not form and day.looks_back:
            return ""
        one = len(missed) == 1
        words = {"open": names_of(missed), "is_are": "is" if one else "are", "it": "it" if one else "one of them"}
        return " ".join(filter(None, ((form or said.lead.still_open).format(**words), later)))

    def _to_be_asked_for(self) -> list[HabitRecord]:
        """What was not done, but for those whose hour is still to come."""
        return [habit for habit in self.day.missed if habit not in self.day.still_to_come]

    def _to_come(self) -> str:
        """That the hour of what is open lies ahead, as far as its last times tell."""
        later = self.day.still_to_come
        return self._one_of(self.sentences.lead.comes_later).format(names=names_of(later)) if later else ""

    def _nothing(self) -> str:
        """A word on a day without a tick: by obstacle, where one habit may be asked for."""
        day, said = self.day, self.sentences
        if day.missed and not self._to_be_asked_for():
            return self._to_come()
        one = day.one_of(self._to_be_asked_for())
        form = self._by_turns(said.nothing_done if day.looks_back else said.nothing_yet) if one else ""
        return form.format(one=one) or said.lead.nothing_to_ask

    # --- what comes next

    def _thought(self, one: str) -> str:
        chronotype, said = self.day.user.coaching_profile.chronotype, self.sentences
        if chronotype == "flexible":
            return self._one_of(said.ahead.where_it_fits).format(one=one)
        if chronotype == "morning":
            return self._by_turns(said.look_ahead).format(one=one)
        thought = self._by_turns(said.thoughts).format(one=one)
        form = said.ahead.thought_for_the_day if self.day.looks_back else said.ahead.thought_to_sleep_on
        return form.format(thought=thought) if thought else ""


def _is_round(day: DigestDay, win: HabitRecord) -> bool:
    """Whether the headline may be its streak."""
    return win.streak in ROUND_STREAKS and win.unit == "day" and not day.by_rate


def _is_back(day: DigestDay, last: date) -> bool:
    """Whether the days since the last tick asked for something, and got neither a tick nor a skip."""
    between = days_between(last + ONE_DAY, day.covers - ONE_DAY)
    open_days = [one for one in between if day.record.due_on(one)]
    return len(open_days) >= BACK_AFTER_DAYS and not any(day.record.had_sign_of_life(one) for one in between)


def _counts_so_far(day: DigestDay, following: date) -> str:
    """Where the habits of n times a week stand that can still get a tick in the same week."""
    rows = [(habit, habit.period_count(day.covers)) for habit in day.record.active if habit not in day.wins]
    open_rows = [
        f"{shown(habit)}: {_so_far(*count)}."
        for habit, count in rows
        if count and count[0] < count[1] and _same_period(day.covers, following, count[2])
    ]
    return " ".join(open_rows[:PERIODS_SAID_MOST])


def _so_far(done: int, planned: int, unit: str) -> str:
    if done:
        return so_far_this(done, planned, unit)
    if unit == "week":
        form = _("{times} this week, on days of your choice")
    else:
        form = _("{times} this month, on days of your choice")
    return form.format(times=times_text(planned))


def _same_period(day: date, following: date, unit: str) -> bool:
    return following.weekday() != 0 if unit == "week" else following.month == day.month
