"""What a digest says of a day, as facts for its template: numbers from the record, words from the person's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import get_day_names

from core.catalogue import N_, _, n_
from core.letters.clocks import clock_said
from core.letters.comeback_words import closing_of, door_of, paragraphs_of
from core.letters.digest_day import DAYS_OF_WEEK, DigestDay, amount_text, period_text
from core.letters.digest_sentences import DigestSentences
from core.letters.digest_words import DigestWords, subject
from core.letters.drawn import mark_of
from core.letters.reflection import reflection_of
from core.letters.since_last import credited_late, since_last
from core.letters.typed import ended_once
from core.localtime import ONE_DAY, days_between
from core.models import User
from core.progress import HabitRecord, Record, streak_mark
from core.streaks import Counted
from core.wording import locale_of, percent_text, streak_text

STREAKS: dict[Counted, str] = {
    "day": N_("{n}-day streak!"),
    "time": N_("{n} times in a row!"),
    "week": N_("{n}-week streak!"),
    "month": N_("{n}-month streak!"),
}
FIRST_WEEK = 7  # the day whose digest has the week in numbers


def digest_facts(
    day: DigestDay, sentences: DigestSentences, *, last_letter_at: datetime, last_covered: date | None = None
) -> dict[str, object]:
    """The facts of the digest of a day.

    The letter before went at `last_letter_at` and covers `last_covered`, the day before if not given: what was done on
    that day after it is credited now, or told with the days between (core.letters.since_last).
    """
    user, covers = day.user, day.covers
    last_covered = last_covered or covers - ONE_DAY
    is_next = last_covered == covers - ONE_DAY
    since = [] if is_next else since_last(day, sentences.since, last_covered, last_letter_at)
    credited = credited_late(day.record, last_covered, last_letter_at) if is_next and not day.looks_back else []
    words = DigestWords(day, sentences, credited)
    reflection, goes_on = reflection_of(day)
    return {
        "when": day.when,
        "day": day.number,
        "eyebrow": _eyebrow(day),
        "subject": subject(day),
        "preheader": ended_once(words.preheader()),
        "title": ended_once(words.title()),
        "lead": ended_once(words.lead()),
        "done_count": len(day.wins),
        "due_count": day.of,
        "wins": [_win(day, habit, covers) for habit in day.wins],
        "missed": [_missed(day, habit) for habit in day.missed],
        "asks_why": day.asks_why,
        "credited": [_win(day, habit, covers - ONE_DAY) for habit in credited],
        "since": since,
        "streaks": [_streak_row(user, habit, covers) for habit in day.by_streak],
        "week_days": _week_days(user.locale, covers),
        "perfect": day.is_perfect,
        "stats_line": _week_in_numbers(day),
        "ahead": ended_once(words.ahead()),
        "reflection": ended_once(reflection),
        "goes_on": goes_on,
        "closing": _("Keep building. You're on Day {day} of your journey.").format(day=day.number),
    }


def _eyebrow(day: DigestDay) -> str:
    return _("Day {day} of your journey").format(day=day.number)


def _who(user: User, habit: HabitRecord) -> dict[str, object]:
    return {
        "id": habit.habit.id,
        "name": habit.habit.name,
        "icon": habit.habit.icon,
        "accent": _place(user, habit) % 6,
    }


def _missed(day: DigestDay, habit: HabitRecord) -> dict[str, object]:
    so_far = amount_text(habit, day.covers) if day.may_speak_of(habit) else ""
    note = so_far if day.looks_back else ", ".join(filter(None, (so_far, _("still open today"))))
    return {**_who(day.user, habit), "mark": "", "note": note}


def _place(user: User, habit: HabitRecord) -> int:
    return next(place for place, one in enumerate(user.habits) if one.id == habit.habit.id)


def _win(letter: DigestDay, habit: HabitRecord, day: date) -> dict[str, object]:
    is_shown = letter.may_show_streak(habit) and not letter.has_ended(habit)
    streak = habit.streaks.standing(day) if is_shown else 0
    told_in = habit.streaks.told_in(habit.unit, streak, day)
    mark = f"{streak_mark(streak)} {_streak_said(streak, told_in)}" if streak_mark(streak) else ""
    amount = amount_text(habit, day) if letter.may_speak_of(habit) else ""
    return {
        **_who(letter.user, habit),
        "mark": mark,
        "note": ", ".join(filter(None, (amount, period_text(habit, day)))),
    }


def _streak_said(streak: int, told_in: Counted) -> str:
    return _(STREAKS[told_in]).format(n=streak)


def _streak_row(user: User, habit: HabitRecord, covers: date) -> dict[str, object]:
    return {
        **_who(user, habit),
        "text": streak_text(habit.streak, habit.streak_told_in),
        "mark": streak_mark(habit.streak),
        "week": "".join(mark_of(habit, day, covers) for day in days_between(covers - timedelta(days=6), covers)),
    }


@lru_cache(maxsize=256)
def _week_days(locale: str, covers: date) -> tuple[str, ...]:
    names = get_day_names("abbreviated", locale=locale_of(locale))
    return tuple(names[day.weekday()] for day in days_between(covers - timedelta(days=6), covers))


def _week_in_numbers(day: DigestDay) -> str:
    """The seed's sentence with its counts: in the first week's letter with what the clock of the main habit shows, and
    in each of somebody who hears once a week."""
    is_first = day.number == FIRST_WEEK
    if not is_first and day.user.coaching_profile.letters.every != DAYS_OF_WEEK:
        return ""
    done, of = day.record.rate(day.covers - timedelta(days=6), day.covers)
    if not done:
        return ""
    form = n_(
        "You've completed {n} habit over 7 days at {rate} rate ({done} of {of}).",
        "You've completed {n} habits over 7 days at {rate} rate ({done} of {of}).",
        done,
    )
    said = form.format(n=done, rate=percent_text(done, of, day.user.locale), done=done, of=of)
    return " ".join(filter(None, (said, clock_said(day.user, day.covers) if is_first else "")))


def comeback_facts(user: User, covers: date, silent: int, *, last: bool) -> dict[str, object]:
    """The facts of the short letter that takes the digest's place after `silent` days; `last` asks whether to stop."""
    day = DigestDay(Record(user, covers), looks_back=False)
    door = door_of(day, silent, last=last)
    return {
        "subject": door.subject,
        "preheader": door.preheader,
        "title": door.title,
        "lead": door.lead,
        "paragraphs": paragraphs_of(day, silent, last=last),
        "step": door.step,
        "question": door.question,
        "habits": [_who(user, habit) for habit in day.record.active],
        "closing": closing_of(silent, last=last),
        "day": day.number,
        "eyebrow": _eyebrow(day),
    }
