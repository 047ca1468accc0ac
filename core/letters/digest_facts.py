"""What a digest says of a day, as facts for its template: numbers from the record, words from the person's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_date, get_day_names

from core.coach.safety import may_quote
from core.localtime import ONE_DAY, day_number, days_between
from core.models import User
from core.progress import HabitRecord, Record, streak_mark
from core.wording import locale_of, percent_text

NUMBER_WORDS = ("Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
FIRST_LAPSE_LETTER = 5  # silent days
NAMES_MOST = 5  # in one sentence
SUBJECT_MOST = 45  # characters, so that a phone shows it whole


def digest_facts(user: User, covers: date, *, looks_back: bool, last_letter_at: datetime) -> dict[str, object]:
    """The facts of the digest that covers a day; `looks_back` when it comes the morning after.

    `last_letter_at` is the time of the letter before: what was done on its day after it is credited now.
    """
    record = Record(user, covers)
    day = day_number(user.created_at, covers)
    wins = record.done_on(covers)
    missed = [habit for habit in record.due_on(covers) if habit not in wins]
    perfect = record.is_perfect(covers)
    count = _Count(len(wins), len(wins) + len(missed))
    when, next_day = ("Yesterday", "Today") if looks_back else ("Today", "Tomorrow")
    credited = [] if looks_back else _credited(record, covers - ONE_DAY, last_letter_at)
    return {
        "when": when,
        "day": day,
        "eyebrow": f"Day {day} of your journey",
        "subject": _subject(count, perfect, wins, day),
        "preheader": _preheader(wins, missed, when),
        "title": _title(count, user, covers, when),
        "lead": _lead(wins, missed, when),
        "done_count": count.done,
        "due_count": count.of,
        "wins": [_win(user, habit, covers) for habit in wins],
        "missed": [
            {**_who(user, habit), "mark": "", "note": "" if looks_back else "still open today"} for habit in missed
        ],
        "credited": [_win(user, habit, covers - ONE_DAY) for habit in credited],
        "streaks": [_streak_row(user, habit, covers) for habit in _by_streak(record)],
        "week_days": _week_days(user, covers),
        "perfect": perfect,
        "stats_line": _week_in_numbers(record, user.locale) if day == 7 else "",
        "ahead": _ahead(record, next_day, covers + ONE_DAY),
        "reflection": _reflection(wins, when, next_day),
        "closing": f"Keep building. You're on Day {day} of your journey.",
    }


@dataclass(frozen=True)
class _Count:
    done: int
    of: int

    def __str__(self) -> str:
        return f"{self.done}/{self.of}"

    @property
    def words(self) -> str:
        def word(number: int) -> str:
            return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else str(number)

        return (
            f"All {word(self.of).lower()}"
            if self.done == self.of > 1
            else f"{word(self.done)} of {word(self.of).lower()}"
        )


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
    streak = habit.running_streaks.get(day, 0)
    mark = f"{streak_mark(streak)} {streak}-{habit.unit} streak!" if streak_mark(streak) else ""
    count = habit.period_count(day)
    note = f"{count[0]} of {count[1]} this {count[2]}" if count else ""
    return {**_who(user, habit), "mark": mark, "note": note}


def _streak_row(user: User, habit: HabitRecord, covers: date) -> dict[str, object]:
    return {
        **_who(user, habit),
        "text": f"{habit.streak} {habit.unit}{'' if habit.streak == 1 else 's'}",
        "mark": streak_mark(habit.streak),
        "week": "".join(_week_mark(habit, day, covers) for day in days_between(covers - timedelta(days=6), covers)),
    }


def _week_mark(habit: HabitRecord, day: date, covers: date) -> str:
    if day in habit.done:
        return "d"
    if day in habit.skipped:
        return "s"
    if day in habit.paused:
        return "p"
    if not habit.is_due(day):
        return "n"
    return "o" if day == covers else "m"


def _by_streak(record: Record) -> list[HabitRecord]:
    return sorted((habit for habit in record.active if habit.streak), key=lambda habit: -habit.streak)


def _week_days(user: User, covers: date) -> list[str]:
    names = get_day_names("abbreviated", locale=locale_of(user.locale))
    return [names[day.weekday()] for day in days_between(covers - timedelta(days=6), covers)]


def _credited(record: Record, day: date, its_letter_at: datetime) -> list[HabitRecord]:
    """What was done on a day, but only after its letter had gone."""
    return [
        habit
        for habit in record.done_on(day)
        for moment in [habit.entries[day].at or habit.entries[day].recorded]
        if isinstance(moment, datetime) and moment > its_letter_at
    ]


def _subject(count: _Count, perfect: bool, wins: list[HabitRecord], day: int) -> str:
    if perfect:
        return f"🔥 Daily Digest: Perfect Day! 🔥 (Day {day})"
    plain = f"Daily Digest: {count} (Day {day})"
    best = max(wins, key=lambda habit: habit.streak, default=None)
    if best is None or not streak_mark(best.streak):
        return plain
    praised = f"Daily Digest: {count}, {best.habit.name} at {best.streak} {streak_mark(best.streak)} (Day {day})"
    return praised if len(praised) <= SUBJECT_MOST else plain


def _preheader(wins: list[HabitRecord], missed: list[HabitRecord], when: str) -> str:
    if not missed:
        return f"Done: {listed([habit.habit.name for habit in wins])}."
    names = listed([habit.habit.name for habit in missed])
    return f"{names}: what got in the way?" if when == "Yesterday" else f"Still open: {names}."


def _title(count: _Count, user: User, covers: date, when: str) -> str:
    """The first line. It turns with the day, so that two letters in a row never open alike."""
    weekday = format_date(covers, "EEEE", locale=locale_of(user.locale))
    said = count.words if count.done else "Nothing ticked yet" if when == "Today" else "Nothing ticked"
    lower = said[:1].lower() + said[1:]
    forms = (f"{said} on {weekday}", f"{weekday}: {lower}", f"{said} done" if count.done else said)
    return forms[covers.toordinal() % len(forms)]


def _lead(wins: list[HabitRecord], missed: list[HabitRecord], when: str) -> str:
    said = []
    best = max(wins, key=lambda habit: habit.streak, default=None)
    if best is not None and best.streak >= 2:
        said.append(f"{best.habit.name} is at {best.streak} {best.unit}s.")
    elif wins:
        said.append(f"{listed([habit.habit.name for habit in wins])}: done.")
    if missed and when == "Today":
        verb = "is" if len(missed) == 1 else "are"
        said.append(f"{listed([habit.habit.name for habit in missed])} {verb} still open.")
    return " ".join(said) or "Nothing was ticked. A miss is information: what was the day like?"


def _ahead(record: Record, next_day: str, day: date) -> str:
    due = [habit.habit.name for habit in record.due_on(day)]
    return f"{next_day} holds {listed(due)}." if due else ""


def _reflection(wins: list[HabitRecord], when: str, next_day: str) -> str:
    names = ", ".join(_within_a_sentence(habit.habit.name) for habit in wins)
    did = f"{when} I prioritized {names}." if wins else f"{when} I had something else on my mind."
    return f"{did} {next_day} I want to focus on..."


def _within_a_sentence(name: str) -> str:
    """`Daily run` as `daily run`; `TV off` and `ÜBEN` stay as they are."""
    return name[:1].lower() + name[1:] if name[1:] == name[1:].lower() else name


def _week_in_numbers(record: Record, locale: str) -> str:
    done, of = record.rate(record.today - timedelta(days=6), record.today)
    if not of:
        return ""
    return f"You've completed {done} of {of} over 7 days ({percent_text(done, of, locale)})."


def comeback_facts(user: User, covers: date, silent: int, *, last: bool) -> dict[str, object]:
    """The facts of the short letter that takes the digest's place after `silent` days; `last` asks whether to stop."""
    day = day_number(user.created_at, covers)
    record = Record(user, covers)
    habit = record.active[0].habit if record.active else None
    small = (habit.small if habit else "") or "two minutes of it"
    name = habit.name if habit else user.coaching_profile.main_habit
    return {
        "subject": "Shall I stop?" if last else f"{name}: two minutes?"[:SUBJECT_MOST],
        "preheader": "One tap in the app and the letters go on." if last else "No catching up. One small start.",
        "title": "Shall I stop?" if last else "Whenever you are ready",
        "lead": (
            f"There was no tick for {silent} days, so this is the last letter unless you come back."
            if last
            else f"{silent} days without a tick. It says nothing about you; it says the plan met a full week."
        ),
        "paragraphs": (
            ["Everything you recorded is kept. The first tick in the app starts the letters once more."]
            if last
            else ["What you did before still counts: nothing you recorded goes away.", *_why_they_began(user, silent)]
        ),
        "step": "" if last else f"{name}: {small}, today or tomorrow. That counts.",
        "question": "Is there something in the plan that no longer fits?" if last else "What got in the way?",
        "habits": [_who(user, habit) for habit in record.active],
        "closing": "The door stays open.",
        "day": day,
        "eyebrow": f"Day {day} of your journey",
    }


def _why_they_began(user: User, silent: int) -> list[str]:
    """The person's own words, exactly as typed, in the first letter after a lapse."""
    why = user.coaching_profile.why_now
    return [f"You wrote why you began: “{why}”"] if silent == FIRST_LAPSE_LETTER and why and may_quote(why) else []


def listed(names: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`; more than a person reads at a glance as their number."""
    if len(names) > NAMES_MOST:
        return f"{len(names)} habits"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
