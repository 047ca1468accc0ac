"""The sentences of a digest: its subject, its first lines, and the thought that it leaves.

The record gives the news, the obstacle the tone, the chronotype the frame. What turns with the day turns so that two
letters in a row never open alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from core.coach.safety import EXERCISE, Tier, needs_a_person, tier_of
from core.coach.situations import is_limit, main_habit_of
from core.letters.typed import clip
from core.localtime import ONE_DAY, day_number, days_between
from core.models import User
from core.progress import HabitRecord, Record, streak_mark
from core.wording import WEEKDAYS, label, listed, times_text

SUBJECT_MOST = 45  # characters, so that a phone shows it whole
NAME_MOST = 40  # characters of a habit's name in a headline
NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
ROUND_STREAKS = frozenset({7, 14, 21, 30, 50, 75, 100, 150, 200, 250, 300, 365})
DAYS_OF_WEEK = 7
LONG_RECORD = 14  # days, from which the count of all of them is worth telling
BACK_AFTER_DAYS = 2  # days with something due and nothing done
PERIODS_SAID_MOST = 2  # habits of n times a week whose count is told beforehand

# By obstacle, said by turns. {open} are the names of what is open, {it} stands for them, {is_are} is their verb.
Turns = Mapping[str, Sequence[str]]
OPEN_SAID: Turns = {
    "Time": (
        "{open} {is_are} still open; two minutes would count.",
        "{open} {is_are} open, and the evening has gaps as well.",
    ),
    "Motivation/discipline": (
        "{open} {is_are} still open and can be begun in any mood.",
        "{open} {is_are} open. A start would do.",
    ),
    "Remembering": (
        "{open} {is_are} still open, and this letter may be the call.",
        "{open} {is_are} open, and now something has called {it}.",
    ),
    "Perfectionism": (
        "{open} {is_are} still open, and may stay so.",
        "{open} {is_are} open; a rough one counts in full.",
    ),
}
LEFT_SAID: Turns = {
    "Time": (
        "{open} found no gap. That says something about the day, and nothing about you.",
        "The day had other plans for {open}.",
    ),
    "Motivation/discipline": (
        "{open} did not get a start. The next one needs no better mood.",
        "{open} can be begun today, in whatever mood it is.",
    ),
    "Remembering": (
        "Nothing called {open}. One thing left in the way can do that today.",
        "The day ran past {open}. A sign at the door may slow it down.",
    ),
    "Perfectionism": (
        "{open} stayed out, and the rest counts in full.",
        "A day without {open} takes nothing from the others.",
    ),
}
NOTHING_YET: Turns = {
    "Time": (
        "The day may have been full. Two minutes of {one} count in full.",
        "A gap before bed would do for {one}.",
        "{one} needs no free evening, a corner of one is enough.",
        "The day had its own plans. {one} may have five of its last minutes.",
        "Full days happen. {one} keeps until tomorrow, too.",
    ),
    "Motivation/discipline": (
        "Nothing has to be felt first: the first minute of {one} is the whole task.",
        "{one} can be begun badly, and be done.",
        "Two minutes of {one}, then look how you feel.",
        "{one} takes a beginning, and the evening has one left.",
        "No wish to? {one} does not mind.",
    ),
    "Remembering": (
        "Perhaps nothing called. A sign of {one} can lie where you will meet it.",
        "One thing in your way, for {one}, is a plan.",
        "Let this letter be the call for {one}.",
        "Where are you sitting? Something there may stand for {one}.",
        "The day went by without a word of {one}. Now there is one.",
    ),
    "Perfectionism": (
        "{one}, done roughly, counts in full, and a day off is a day off.",
        "One day without is one day. The others stand.",
        "{one} may be short, late and poor tonight.",
        "An empty row is a row. It takes nothing from the full ones.",
        "{one} can be left out, or done badly. Both are allowed.",
    ),
}
NOTHING_DONE: Turns = {
    "Time": (
        "The day was full, perhaps. Today has gaps of its own for {one}.",
        "What filled it? The answer belongs into the plan.",
        "Two minutes of {one} may be all that today has, and that is enough.",
    ),
    "Motivation/discipline": (
        "A flat day, perhaps. {one} can begin on one of those, too.",
        "Today takes a start of {one} in any mood.",
        "Nobody has to want it first: {one} begins with its first minute.",
    ),
    "Remembering": (
        "Perhaps nothing called. Put one sign of {one} in your way today.",
        "Today can call {one} better than yesterday did.",
        "Beside what could a sign of {one} lie, so that you meet it?",
    ),
    "Perfectionism": (
        "One day without is one day. The count goes on from where it was.",
        "It takes nothing from the days that are in.",
        "{one} may be rough today, and small.",
    ),
}
ALL_DONE: Turns = {
    "Time": (
        "There was room for {all}.",
        "The day had a gap for {all}.",
        "It fitted in.",
        "It had its place.",
        "The day was wide enough.",
    ),
    "Motivation/discipline": (
        "Begun and done, whatever the mood was.",
        "You began what you had planned.",
        "Nobody asked how you felt, and it is done.",
        "One more time that starting was enough.",
        "That was you, and no mood.",
    ),
    "Remembering": (
        "What called was answered.",
        "Something called, and you came.",
        "Nothing ran past you.",
        "The signals did their work.",
        "Nothing slipped by.",
    ),
}
THOUGHTS: Turns = {
    "Time": (
        "which gap of the day belongs to {one} already?",
        "what could be two minutes shorter, for {one}?",
        "when is the house quiet enough for {one}?",
        "what would {one} look like on the fullest of days?",
    ),
    "Motivation/discipline": (
        "what would the first minute of {one} look like?",
        "what do you like about {one} once it runs?",
        "on which day was {one} easier than you had thought?",
        "who would be glad to hear about {one}?",
    ),
    "Remembering": (
        "what will you walk into that calls {one}?",
        "what happens right before {one} on a good day?",
        "what could stand in the doorway, for {one}?",
        "which sound could belong to {one}?",
    ),
    "Perfectionism": (
        "how rough may {one} be and still count?",
        "when would {one} be good enough to stop?",
        "which part of {one} could be left out?",
        "what would you say to a friend who did half of {one}?",
    ),
}
LOOK_AHEAD: Turns = {
    "Time": (
        "The first gap may go to {one}.",
        "{one} fits in before the day fills up.",
        "Two minutes of {one} count, in case it gets full.",
        "{one} early, and the rest of the day is free of it.",
    ),
    "Motivation/discipline": (
        "{one} first, the mood after.",
        "The first minute of {one} is the whole task.",
        "{one} can be begun before there is an opinion about it.",
        "Start {one} small, and see.",
    ),
    "Remembering": (
        "Put what {one} needs in your way before you leave.",
        "Let one thing on your way out call {one}.",
        "Where will you be when it is time for {one}?",
        "Let the first thing that you touch call {one}.",
    ),
    "Perfectionism": (
        "A rough version of {one} will do.",
        "{one} may be short and unpolished.",
        "Half of {one} is on the list, too.",
        "{one} needs no good day to begin in.",
    ),
}
WHERE_IT_FITS = (
    "Where does {one} fit?",
    "Before what, or after what, could {one} come?",
    "Which part of the day has room for {one}?",
    "At what hour would {one} be easy?",
)
OWES_NOTHING = "Nice, and {next} owes you nothing."


@dataclass(frozen=True)
class DigestDay:
    """One person's day as a digest tells it; `looks_back` when the letter comes the morning after."""

    user: User
    covers: date
    looks_back: bool

    @cached_property
    def record(self) -> Record:
        return Record(self.user, self.covers)

    @property
    def number(self) -> int:
        return day_number(self.user.created_at, self.covers)

    @property
    def when(self) -> str:
        return "Yesterday" if self.looks_back else "Today"

    @property
    def next_day(self) -> str:
        return "Today" if self.looks_back else "Tomorrow"

    @property
    def weekday(self) -> str:
        return WEEKDAYS[self.covers.weekday()]

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
        """The win with the longest streak, among those that may be praised."""
        ranked = sorted(self.wins, key=lambda habit: -habit.streak)
        return next((habit for habit in ranked if self.may_praise(habit)), None)

    @cached_property
    def keeps_still(self) -> bool:
        """Whether what the person typed asks for somebody other than a coach."""
        return needs_a_person(self.user)

    def one_of(self, habits: Sequence[HabitRecord]) -> str:
        """The name of the one habit that may be asked for: the main one if it is among them; empty when none may."""
        main = main_habit_of(self.record)
        ranked = sorted(habits, key=lambda habit: habit is not main)
        one = next((habit for habit in ranked if self.may_ask_for(habit)), None)
        return "" if one is None or self.keeps_still else shown(one)

    @cached_property
    def spoken_of(self) -> HabitRecord | None:
        """The win that the letter tells of: by turns the main habit, where it may be spoken of, and the best one."""
        main = main_habit_of(self.record)
        is_told = main is not None and main in self.wins and self.may_speak_of(main)
        return main if is_told and (self.turn % 2 or self.best is None) else self.best

    def by_turns(self, said: Turns) -> str:
        """One of the sentences for the person's obstacle, empty when they named none."""
        forms = said.get(self.obstacle, ("",))
        return forms[self.turn % len(forms)]


def shown(habit: HabitRecord) -> str:
    """A habit's name as it stands in a sentence."""
    return clip(label(habit.habit.name), NAME_MOST)


def names_of(habits: Sequence[HabitRecord]) -> str:
    return listed([shown(habit) for habit in habits])


def number_word(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def out_of(done: int, of: int) -> str:
    """`three of four`, `both`, `all four`."""
    if done == of > 1:
        return "both" if of == 2 else f"all {number_word(of)}"
    return f"{number_word(done)} of {number_word(of)}"


def period_text(habit: HabitRecord, day: date) -> str:
    """`2 of 3 this week` under a plan of n times a week (month); empty under any other."""
    count = habit.period_count(day)
    return f"{count[0]} of {count[1]} this {count[2]}" if count else ""


def last_seven(habit: HabitRecord, day: date) -> str:
    """`5 of 7 days`; under a plan of n times a week its count."""
    done, of = habit.rate(day - timedelta(days=6), day)
    return period_text(habit, day) or f"{done} of {of} day{'' if of == 1 else 's'}"


# The subject and what stands beside it in the inbox.


def subject(day: DigestDay) -> str:
    """The seed's form; what is special about the day where it fits."""
    if day.is_perfect:
        return f"🔥 Daily Digest: Perfect Day! 🔥 (Day {day.number})"
    end = f" (Day {day.number})"
    count = f"Daily Digest: {len(day.wins)}/{day.of}"
    special = f"{count}{_beside_the_count(day)}{end}"
    return special if len(special) <= SUBJECT_MOST else f"{count}{end}"


def _beside_the_count(day: DigestDay) -> str:
    """What is special about the day, to stand behind its count."""
    if not day.wins:
        return f", a quiet {day.weekday}" if day.looks_back else f", {day.weekday} is open"
    best = day.best
    if best is None:
        return ""
    if period := period_text(best, day.covers):
        return f", {shown(best)} {period}"
    if day.by_rate:
        return f", {shown(best)} {last_seven(best, day.covers)}" if best.streak > 1 else ""
    mark = streak_mark(best.streak)
    return f", {shown(best)} at {best.streak} {mark}" if mark else ""


def preheader(day: DigestDay) -> str:
    """Goes on where the subject stops: the subject has the count, this the names."""
    if not day.missed:
        return f"{names_of(day.wins)}: done."
    names = names_of(day.missed)
    if day.looks_back:
        return f"{names}: what got in the way?"
    return f"Still open: {names}." if day.wins else f"{names}: there is some of the day left."


# The first lines.


def title(day: DigestDay) -> str:
    """The news of the day."""
    forms = _special_news(day) or _news(day)
    said = forms[day.turn % len(forms)]
    return said[:1].upper() + said[1:]


def _special_news(day: DigestDay) -> list[str]:
    """A first tick, a return, a round streak: each once, so that it needs no turns."""
    if not day.wins:
        return []
    before = [done for habit in day.record.habits for done in habit.done if done < day.covers]
    if not before:
        return [f"The first tick is in: {names_of(day.wins)}"]
    if _is_back(day, max(before)):
        return [f"You're back, with {names_of(day.wins)} on {day.weekday}"]
    if day.best is not None and _is_round(day, day.best):
        return [f"{shown(day.best)}: {number_word(day.best.streak)} days in a row"]
    return []


def _is_round(day: DigestDay, win: HabitRecord) -> bool:
    """Whether the headline may be its streak."""
    return win.streak in ROUND_STREAKS and win.unit == "day" and not day.by_rate


def _is_back(day: DigestDay, last: date) -> bool:
    """Whether the days since the last tick asked for something, and got neither a tick nor a skip."""
    between = days_between(last + ONE_DAY, day.covers - ONE_DAY)
    open_days = [one for one in between if day.record.due_on(one)]
    return len(open_days) >= BACK_AFTER_DAYS and not any(day.record.had_sign_of_life(one) for one in between)


def _news(day: DigestDay) -> list[str]:
    """What happened, in words that differ from one day to the next: each form has the weekday in it.

    Three or five forms: a week is eight turns, and with two or four a weekday would always have the same.
    """
    count, weekday = out_of(len(day.wins), day.of), day.weekday
    if not day.wins:
        if day.looks_back:
            return [f"a {weekday} without a tick", f"{weekday} went another way", f"nothing ticked on {weekday}"]
        return [f"{weekday}, and nothing ticked yet", f"some of {weekday} is left", f"no tick so far this {weekday}"]
    first = shown(day.best or day.wins[0])
    if day.of == 1:
        return [f"{first}: done on {weekday}", f"{weekday}: {first} is done", f"{first} had its {weekday}"]
    if not day.missed:
        return [
            f"{count} on {weekday}",
            f"{weekday}: {count} done",
            f"nothing left open on {weekday}",
            f"a full {weekday}: {names_of(day.wins)}",
            f"{weekday} is all ticked",
        ]
    others = len(day.wins) - 1
    more = f"{first} and {number_word(others)} more on {weekday}" if others else f"{first} on {weekday}"
    return [f"{count} on {weekday}", more, f"{weekday}: {count}"]


def lead(day: DigestDay) -> str:
    """What stands behind the news, and a word on what is open."""
    if not day.wins:
        one = day.one_of(day.missed)
        said = day.by_turns(NOTHING_DONE if day.looks_back else NOTHING_YET) if one else ""
        return said.format(one=one) or "A miss is information: what was the day like?"
    said = " ".join(filter(None, (_behind_the_news(day), _all_done(day) if day.is_perfect else _open(day))))
    return said or "One more for the record."


def _behind_the_news(day: DigestDay) -> str:
    """One win with its count: a streak, or the days out of days where a streak would press."""
    win = day.spoken_of
    names = f"{names_of(day.wins)}: done." if day.of > 1 else ""
    if win is None or (win is day.best and _is_round(day, win)):
        return names
    if period := period_text(win, day.covers):
        return f"{shown(win)}: {period}."
    if day.by_rate or not day.may_praise(win):
        if day.number >= LONG_RECORD and not day.turn % 3:
            return f"{shown(win)}: {len(win.done)} days in your record by now."
        done, of = win.rate(day.covers - timedelta(days=6), day.covers)
        window = "so far" if day.number < DAYS_OF_WEEK - 1 else "in the last seven days"
        return f"{shown(win)}: {done} of {of} {window}." if of > 1 else names
    return f"{shown(win)} is at {win.streak} {win.unit}s." if win.streak >= 2 else names


def _all_done(day: DigestDay) -> str:
    if day.by_rate:
        return OWES_NOTHING.format(next=day.next_day.lower())
    return day.by_turns(ALL_DONE).format(all="all of it" if day.of > 1 else "it")


def _open(day: DigestDay) -> str:
    """A word on what was not done: by obstacle where it may be asked for, as the bare fact where not."""
    if not day.missed:
        return ""
    is_plain = day.keeps_still or not all(day.may_ask_for(habit) for habit in day.missed)
    said = "" if is_plain else day.by_turns(LEFT_SAID if day.looks_back else OPEN_SAID)
    if not said and day.looks_back:
        return ""
    one = len(day.missed) == 1
    words = {"open": names_of(day.missed), "is_are": "is" if one else "are", "it": "it" if one else "one of them"}
    return (said or "{open} {is_are} still open.").format(**words)


# What comes next.


def ahead(day: DigestDay) -> str:
    """What the next day holds: looked at in the morning, slept on in the evening, or asked where it fits."""
    following = day.covers + ONE_DAY
    due = day.record.due_on(following)
    holds = f"{day.next_day} holds {names_of(due)}." if due else ""
    one = day.one_of(due)
    return " ".join(filter(None, (holds, _thought(day, one) if one else "", _counts_so_far(day, following))))


def _thought(day: DigestDay, one: str) -> str:
    chronotype = day.user.coaching_profile.chronotype
    if chronotype == "flexible":
        return WHERE_IT_FITS[day.turn % len(WHERE_IT_FITS)].format(one=one)
    if chronotype == "morning":
        return day.by_turns(LOOK_AHEAD).format(one=one)
    said = day.by_turns(THOUGHTS).format(one=one)
    return f"One thought {'for the day' if day.looks_back else 'to sleep on'}: {said}" if said else ""


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
    return f"{done} of {planned} this {unit}" if done else f"{times_text(planned)} this {unit}, on days of your choice"


def _same_period(day: date, following: date, unit: str) -> bool:
    return following.weekday() != 0 if unit == "week" else following.month == day.month
