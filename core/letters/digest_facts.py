"""What a digest says of a day, as facts for its template: numbers from the record, words from the person's own."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from babel.dates import get_day_names

from core.letters.clocks import clock_said
from core.letters.comeback_words import door_of, paragraphs_of
from core.letters.digest_day import DigestDay, period_text
from core.letters.digest_sentences import DigestSentences
from core.letters.digest_words import DigestWords, subject
from core.letters.drawn import mark_of
from core.localtime import ONE_DAY, days_between
from core.models import User
from core.progress import HabitRecord, Record, streak_mark
from core.wording import locale_of, percent_text

NAMES_MOST = 8  # in the reflection
FIRST_WEEK = 7  # the day whose digest has the week in numbers


def digest_facts(
    record: Record, sentences: DigestSentences, *, looks_back: bool, last_letter_at: datetime
) -> dict[str, object]:
    """The facts of the digest that covers the record's day; `looks_back` when it comes the morning after.

    `last_letter_at` is the time of the letter before: what was done on its day after it is credited now.
    """
    user, covers, day = record.user, record.today, DigestDay(record, looks_back)
    words = DigestWords(day, sentences)
    credited = [] if looks_back else _credited(day.record, covers - ONE_DAY, last_letter_at)
    return {
        "when": day.when,
        "day": day.number,
        "eyebrow": f"Day {day.number} of your journey",
        "subject": subject(day),
        "preheader": words.preheader(),
        "title": words.title(),
        "lead": words.lead(),
        "done_count": len(day.wins),
        "due_count": day.of,
        "wins": [_win(user, habit, covers) for habit in day.wins],
        "missed": [
            {**_who(user, habit), "mark": "", "note": "" if looks_back else "still open today"} for habit in day.missed
        ],
        "credited": [_win(user, habit, covers - ONE_DAY) for habit in credited],
        "streaks": [_streak_row(user, habit, covers) for habit in _by_streak(day.record)],
        "week_days": _week_days(user.locale, covers),
        "perfect": day.is_perfect,
        "stats_line": _week_in_numbers(day) if day.number == FIRST_WEEK else "",
        "ahead": words.ahead(),
        "reflection": _reflection(day),
        "closing": f"Keep building. You're on Day {day.number} of your journey.",
    }


def _who(user: User, habit: HabitRecord) -> dict[str, object]:
    return {
        "id": habit.habit.id,
        "name": habit.habit.name,
        "icon": habit.habit.icon,
        "accent": _place(user, habit) % 6,
    }


def _place(user: User, habit: HabitRecord) -> int:
    return next(place for place, one in enumerate(user.habits) if one.id == habit.habit.id)


def _win(user: User, habit: HabitRecord, day: date) -> dict[str, object]:
    streak = habit.streaks.standing(day)
    mark = f"{streak_mark(streak)} {streak}-{habit.unit} streak!" if streak_mark(streak) else ""
    return {**_who(user, habit), "mark": mark, "note": period_text(habit, day)}


def _streak_row(user: User, habit: HabitRecord, covers: date) -> dict[str, object]:
    return {
        **_who(user, habit),
        "text": f"{habit.streak} {habit.unit}{'' if habit.streak == 1 else 's'}",
        "mark": streak_mark(habit.streak),
        "week": "".join(mark_of(habit, day, covers) for day in days_between(covers - timedelta(days=6), covers)),
    }


def _by_streak(record: Record) -> list[HabitRecord]:
    return sorted((habit for habit in record.active if habit.streak), key=lambda habit: -habit.streak)


@lru_cache(maxsize=256)
def _week_days(locale: str, covers: date) -> tuple[str, ...]:
    names = get_day_names("abbreviated", locale=locale_of(locale))
    return tuple(names[day.weekday()] for day in days_between(covers - timedelta(days=6), covers))


def _credited(record: Record, day: date, its_letter_at: datetime) -> list[HabitRecord]:
    """What was done on a day, but only after its letter had gone."""
    return [
        habit
        for habit in record.done_on(day)
        for moment in [habit.entries[day].at or habit.entries[day].recorded]
        if isinstance(moment, datetime) and moment > its_letter_at
    ]


def _reflection(day: DigestDay) -> str:
    """The seed's unfinished sentence, with what was done."""
    names = [_within_a_sentence(habit.habit.name) for habit in day.wins]
    more = f" and {len(names) - NAMES_MOST} more" if len(names) > NAMES_MOST else ""
    did = f"prioritized {', '.join(names[:NAMES_MOST])}{more}" if names else "had something else on my mind"
    return f"{day.when} I {did}. {day.next_day} I want to focus on..."


def _within_a_sentence(name: str) -> str:
    """`Daily run` as `daily run`; `TV off` and `ÜBEN` stay as they are."""
    return name[:1].lower() + name[1:] if name[1:] == name[1:].lower() else name


def _week_in_numbers(day: DigestDay) -> str:
    """The seed's sentence with its counts, and what the clock of the main habit shows."""
    done, of = day.record.rate(day.covers - timedelta(days=6), day.covers)
    if not done:
        return ""
    habits = f"{done} habit{'' if done == 1 else 's'}"
    rate = percent_text(done, of, day.user.locale)
    said = f"You've completed {habits} over 7 days at {rate} rate ({done} of {of})."
    return " ".join(filter(None, (said, clock_said(day.user, day.covers))))


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
        "closing": "The door stays open.",
        "day": day.number,
        "eyebrow": f"Day {day.number} of your journey",
    }
