"""What a digest says of its day: subject, first lines and the thought that it leaves, chosen among its sentences.

The record gives the news, the obstacle the tone, the chronotype the frame. What turns with the day turns so that two
letters in a row never open alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from core.catalogue import _
from core.coach.advising.situations import is_limit
from core.letters.digest_day import (
    SUBJECT_MOST,
    DigestDay,
    has_ceiling,
    last_seven,
    names_of,
    number_word,
    out_of,
    shown,
    so_far_this,
)
from core.letters.digest_sentences import ByObstacle, DigestSentences
from core.letters.worth_telling import ROUND, Telling
from core.localtime import ONE_DAY, days_between, month_start, week_start
from core.progress import HabitRecord, streak_mark
from core.wording import month_text, times_text

BACK_AFTER_DAYS = 2  # days with something due and nothing done
TO_COME_EVERY = 3  # letters
WORD_EVERY = 3  # letters of full days: what the record shows has the others
PERIODS_SAID_MOST = 2  # habits of n times a week whose count is told beforehand


def subject(day: DigestDay) -> str:
    """The seed's form; what is special about the day where it fits."""
    if day.is_perfect:
        return _("🔥 Daily Digest: Perfect Day! 🔥 (Day {day})").format(day=day.number)
    facts = {"done": len(day.wins), "of": day.of, "day": day.number}
    form = _("Daily Digest: {done}/{of}, {special} (Day {day})")
    said = (form.format(**facts, special=special) for special in _beside_the_count(day))
    of_its_day = _("Daily Digest: {done}/{of} on {weekday} (Day {day})").format(**facts, weekday=day.weekday)
    return next((subject for subject in said if len(subject) <= SUBJECT_MOST), of_its_day)


def _beside_the_count(day: DigestDay) -> Iterator[str]:
    """What is special about the day, to stand behind its count; the longer form first."""
    best = day.best
    if not day.wins:
        form = _("a quiet {weekday}") if day.looks_back else _("{weekday} is open")
        yield form.format(weekday=day.weekday)
    elif best is None or has_ceiling(best, day.covers):
        return
    elif period := best.period_count(day.covers):
        yield f"{shown(best)} {so_far_this(*period)}"
        if period[0] <= period[1]:
            yield _("{habit} {done} of {of}").format(habit=shown(best), done=period[0], of=period[1])
    elif not day.by_rate and (mark := streak_mark(best.streak)):
        yield _("{habit} at {streak} {mark}").format(habit=shown(best), streak=best.streak, mark=mark)
    elif day.by_rate and best.streak > 1:
        yield f"{shown(best)} {last_seven(best, day.covers)}"
    elif not is_limit(best.habit):
        yield _("{habit} done").format(habit=shown(best))


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
            # Beside its count the subject has where the best one stands.
            said_before = "" if day.is_perfect or day.best is None else self._telling.standing(day.best)
            others = (one for one in self._told[1:] if one != said_before)
            return next(others, self._done())
        forms = said.left if day.looks_back else said.open if day.wins else said.nothing_yet
        return self._one_of(forms).format(names=names_of(day.missed), weekday=day.weekday)

    @cached_property
    def _telling(self) -> Telling:
        return Telling(self.day, self.sentences.shows)

    @cached_property
    def _told(self) -> list[str]:
        """What the record shows of the day: one thing behind the news, and others for the line below the subject.

        No more than is needed: some of it takes a look at the whole record.
        """
        return list(islice(self._telling, 1 if self.day.missed else 2 if self.day.is_perfect else 3))

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
        told = (self._behind_the_news(), self._word_on_all() if day.is_perfect else self._open())
        return " ".join(filter(None, told)) or said.lead.nothing_to_tell

    def ahead(self) -> str:
        """What the next day holds: looked at in a morning letter, slept on in the evening, or asked where it fits."""
        following = self.day.covers + ONE_DAY
        due = self.day.record.due_on(following)
        one = self.day.asked_for(due)
        told = (self._holds(due), self._thought(one) if one else "", _counts_so_far(self.day, following))
        return " ".join(filter(None, told))

    def _holds(self, due: Sequence[HabitRecord]) -> str:
        """What is due on the next day: by name where it differs from the day before, else in the morning as a count."""
        day, said = self.day, self.sentences.ahead
        is_as_before = due == day.record.due_on(day.covers)
        if not due or (is_as_before and (not day.looks_back or (len(due) == 1 and day.number > 0))):
            return ""
        if is_as_before and len(due) > 1:
            return self._one_of(said.holds_as_many).format(next_day=day.next_day, count=number_word(len(due)))
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
        if day.is_perfect and (full := self._full_news()):
            return full
        if one := day.round_streak:
            forms = said.round_times if one.streak_told_in == "time" else said.round_streak
            return self._one_of(forms).format(one=shown(one), count=number_word(one.streak))
        return ""

    def _full_news(self) -> str:
        """A first full day, a whole week or month, a round number of full days; nothing to who wants it right."""
        day, said, full = self.day, self.sentences.title, self.day.record.perfect_days
        if day.by_rate or any(day.tiers.values()) or day.of == 1:
            return ""
        if len(full) == 1:
            return self._one_of(said.first_full)
        if (day.covers + ONE_DAY).day == 1 and full.issuperset(days_between(month_start(day.covers), day.covers)):
            return self._one_of(said.whole_month).format(month=month_text(day.covers))
        if len(full) in ROUND:
            return self._one_of(said.round_full).format(days=len(full))
        is_whole = day.covers.weekday() == 6 and full.issuperset(days_between(week_start(day.covers), day.covers))
        return self._one_of(said.whole_week) if is_whole else ""

    def _news(self) -> str:
        """What happened, in words that differ from one day to the next."""
        day, said = self.day, self.sentences.title
        if not day.wins:
            form = self._one_of(said.nothing_yesterday if day.looks_back else said.nothing_yet)
            return form.format(weekday=day.weekday)
        best, count = day.best or day.wins[0], out_of(len(day.wins), day.of)
        first = shown(best)
        if day.of == 1:
            only = said.only_one_kept if is_limit(best.habit) else said.only_one
            return self._one_of(only).format(one=first, weekday=day.weekday)
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
        """What the record shows; while that is nothing, what was done, unless the line below the subject has it."""
        return self._told[0] if self._told else self._done() if self.day.missed else ""

    def _done(self) -> str:
        """What was done by name; of what is left out, that it was kept."""
        said, are_limits = self.sentences.lead, {is_limit(habit.habit) for habit in self.day.wins}
        form = said.ticked if len(are_limits) > 1 else said.kept if True in are_limits else said.done
        return form.format(names=names_of(self.day.wins))

    def _word_on_all(self) -> str:
        """A word on a full day by obstacle, in some of the letters; none of what is left out."""
        day = self.day
        if (self._told and day.turn % WORD_EVERY) or any(is_limit(habit.habit) for habit in day.wins):
            return ""
        if day.by_rate:
            form = self._one_of(self.sentences.lead.owes_nothing)
            return form.format(next=_("today") if day.looks_back else _("tomorrow"))
        return self._by_turns(self.sentences.all_done).format(all_of_it="all of it" if day.of > 1 else "it")

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
        plain = said.lead.nothing_to_ask if day.looks_back else said.lead.day_is_open
        return form.format(one=one) or self._one_of(plain).format(weekday=day.weekday)

    # --- what comes next

    def _thought(self, habit: HabitRecord) -> str:
        chronotype, said, one = self.day.user.coaching_profile.chronotype, self.sentences, shown(habit)
        if chronotype == "flexible" and not self.day.has_its_hour(habit):
            return self._one_of(said.ahead.where_it_fits).format(one=one)
        if chronotype == "morning" and self.day.looks_back:
            return self._by_turns(said.look_ahead).format(one=one)
        thought = self._by_turns(said.thoughts).format(one=one)
        form = said.ahead.thought_for_the_day if self.day.looks_back else said.ahead.thought_to_sleep_on
        return form.format(thought=thought) if thought else ""


def _is_back(day: DigestDay, last: date) -> bool:
    """Whether the days since the last tick asked for something, and got neither a tick nor a skip."""
    between = days_between(last + ONE_DAY, day.covers - ONE_DAY)
    open_days = [one for one in between if day.record.due_on(one)]
    return len(open_days) >= BACK_AFTER_DAYS and not any(day.record.had_sign_of_life(one) for one in between)


def _counts_so_far(day: DigestDay, following: date) -> str:
    """Where the habits of n times a week stand that can still get a tick; in the morning also of a week that begins."""
    open_rows = [
        f"{shown(habit)}: {_so_far(done if goes_on else 0, planned, unit)}."
        for habit in day.record.active
        if (count := habit.period_count(day.covers))
        for done, planned, unit in [count]
        for goes_on in [_same_period(day.covers, following, unit)]
        if (done < planned and habit not in day.wins if goes_on else day.looks_back and following not in habit.entries)
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
