"""How names, numbers and clocks are said: in the person's locale, and in words that fit any habit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_decimal, format_percent, get_decimal_symbol

from core.catalogue import N_, _, language, n_, speaking
from core.coach.safety import mentions
from core.localtime import parse_clock
from core.streaks import Counted

WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
GOAL_NOUNS = {
    "Health & Fitness": N_("someone who looks after their body"),
    "Mental Wellness": N_("someone who gives their mind room"),
    "Career & Learning": N_("someone who keeps learning"),
    "Relationships": N_("someone who shows up for people"),
    "Creativity": N_("someone who makes things"),
    "Finances": N_("someone who knows where the money goes"),
    "Home & Order": N_("someone who keeps a place good to come back to"),
    "Sleep & Energy": N_("someone who protects their rest"),
}
GOAL_CARES = {  # what is looked after, as it stands after "about"
    "Health & Fitness": N_("your body"),
    "Mental Wellness": N_("some room in your head"),
    "Career & Learning": N_("what you want to know"),
    "Relationships": N_("the people around you"),
    "Creativity": N_("the things you make"),
    "Finances": N_("your money"),
    "Home & Order": N_("the place you come back to"),
    "Sleep & Energy": N_("your rest"),
}
RHYTHMS = {1: N_("every day"), 2: N_("every second day"), 7: N_("once a week")}  # of a digest
ROUGH_MINUTES = 5
NEGATIONS = "no, not, don't, don’t, dont, stop, quit, without, never, less, kein*, nicht, ohne, sin, nunca, dejar"


@dataclass(frozen=True)
class Activity:
    """What somebody does who keeps a habit with one of the `words` in its name."""

    words: str
    kind: str
    verb: str  # you …
    third: str  # someone who …
    doing: str
    session: str
    sessions: str  # more than one of them
    start: str  # its first two minutes
    cue: str  # after I …


# In this order the first says what is done, the last what it is about: "Study coding" is studied, and is coding.
# A row has the words of names, the sort of doing, and as one text: you …, someone who …, the doing, one time of it and
# several (in a translation of one gender, and words that stand in any case), its first two minutes, and after I …
ACTIVITIES = (
    (
        "study, studying, learn*, lernen, estudiar",
        "study",
        N_(
            "study | studies | studying | study session | study sessions | open it where you left off, one line | study"
        ),
    ),
    (
        "code, coding, programming, programm*, programar",
        "study",
        N_("code | codes | coding | coding session | coding sessions | open the file, one line | code"),
    ),
    (
        "meditat*, mindfulness, meditier*",
        "quiet",
        N_("meditate | meditates | meditating | sitting | sittings | sit down, ten breaths | meditate"),
    ),
    (
        "run, runs, running, jog, jogging, laufen, joggen, correr",
        "move",
        N_("run | runs | running | run | runs | shoes on, out of the door | run"),
    ),
    (
        "walk, walks, walking, spazier*, caminar",
        "move",
        N_("walk | walks | walking | walk | walks | shoes on, out of the door | walk"),
    ),
    (
        "swim, swimming, schwimmen, nadar",
        "move",
        N_("swim | swims | swimming | swim | swims | the packed bag in your hand | swim"),
    ),
    (
        "workout, exercise, gym, training, sport",
        "move",
        N_("train | trains | training | workout | workouts | clothes on, one easy set | train"),
    ),
    (
        "yoga, stretch, stretching, pilates, dehnen",
        "move",
        N_("practise | practises | practising | practice | practices | mat out, one slow round | practise"),
    ),
    (
        "read, reading, lesen",
        "read",
        N_("read | reads | reading | reading time | reading times | book open, one page | read"),
    ),
    (
        "write, writing, journal, journaling, schreiben, tagebuch",
        "make",
        N_("write | writes | writing | page | pages | page open, one sentence | write"),
    ),
    (
        "draw, drawing, paint, painting, zeichnen, malen",
        "make",
        N_("draw | draws | drawing | drawing | drawings | pencil out, one line | draw"),
    ),
    (
        "piano, guitar, violin, klavier, gitarre, geige",
        "make",
        N_("practise | practises | practising | practice | practices | sit down with it, one bar | practise"),
    ),
)
STRENGTH_WORDS = "strength, weights, push-up*, pushup*, pull-up*, squat*, plank*, kraft*, liegestutz*, fuerza, pesas"


def activity_of(name: str) -> Activity | None:
    """What a habit's name says that a person does, None when no word of it is known or it says what to leave."""
    return _activity_of(name, language())


@lru_cache(maxsize=4096)
def _activity_of(name: str, language: str) -> Activity | None:
    known = [activity for activity in _activities(language) if mentions(name, activity.words)]
    if not known or mentions(name, NEGATIONS):
        return None
    return replace(known[0], doing=known[-1].doing)


@cache
def _activities(language: str) -> tuple[Activity, ...]:
    with speaking(language):
        return tuple(Activity(words, kind, *_(said).split(" | ")) for words, kind, said in ACTIVITIES)


def label(name: str) -> str:
    """A habit's name as it stands in a sentence: on one line."""
    return " ".join(name.split())


def capitalized(text: str) -> str:
    """A text with its first letter large, and the others as they are."""
    return text[:1].upper() + text[1:]


NAMES_MOST = 5  # in one sentence


def listed(names: Sequence[str]) -> str:
    """`A`, `A and B`, `A, B and C`; of more than a person reads at a glance the first, and how many more."""
    if len(names) > NAMES_MOST:
        shown = ", ".join(names[: NAMES_MOST - 1])
        return _("{names} and {n} more").format(names=shown, n=len(names) - NAMES_MOST + 1)
    return _(" and ").join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def rhythm_said(every: int) -> str:
    """How often a digest comes: `every second day`."""
    return _(RHYTHMS[every]) if every in RHYTHMS else _("every {n} days").format(n=every)


def times_text(count: int) -> str:
    """How often: `once`, `twice`, `3 times`."""
    if count == 1:
        return _("once")
    return _("twice") if count == 2 else _("{count} times").format(count=count)


def streak_text(length: int, counted: Counted) -> str:
    """How long a streak is: `1 day`, `9 times`, `3 weeks`, `2 months`."""
    match counted:
        case "day":
            form = n_("{n} day", "{n} days", length)
        case "time":
            form = n_("{n} time", "{n} times", length)
        case "week":
            form = n_("{n} week", "{n} weeks", length)
        case "month":
            form = n_("{n} month", "{n} months", length)
    return form.format(n=count_text(length))


def minutes_text(minutes: float) -> str:
    """About how long, whatever the sign: `4 minutes`, `80 minutes`, `2 hours 30 minutes`."""
    about = abs(minutes)
    about = ROUGH_MINUTES * round(about / ROUGH_MINUTES) if about >= 10 else max(round(about), 1)
    hours, rest = divmod(about, 60) if about >= 120 else (0, about)
    parts = [n_("{n} hour", "{n} hours", hours).format(n=hours)] if hours else []
    return " ".join([*parts, n_("{n} minute", "{n} minutes", rest).format(n=rest)] if rest else parts)


@lru_cache(maxsize=4096)
def clock_text(minute: int, locale: str) -> str:
    """A minute of the day as a clock: 6:15 AM, 06:15."""
    clock = time(minute // 60 % 24, minute % 60)
    return format_time(clock, "short", locale=locale_of(locale)).replace("\u202f", " ")


def rough_clock_text(minute: int, locale: str) -> str:
    """A minute of the day to five minutes, as a usual hour is told."""
    return clock_text(ROUGH_MINUTES * round(minute / ROUGH_MINUTES), locale)


def stored_clock_text(clock: str, locale: str) -> str:
    """A clock as a document keeps it, `20:00`, as the person reads it: 8:00 PM."""
    at = parse_clock(clock)
    return clock_text(60 * at.hour + at.minute, locale)


def between_text(first: int, last: int, locale: str) -> str:
    """Two minutes of the day as `6:10 to 6:20 AM`."""
    low, high = _of_one_half(clock_text(first, locale), clock_text(last, locale))
    return _("{low} to {high}").format(low=low, high=high)


def hours_text(first: int, last: int, locale: str) -> str:
    """The full hours around two minutes of the day: `7–9 PM`, `19:00–21:00`."""
    return "–".join(_of_one_half(hour_text(first // 60 * 60, locale), hour_text(-(-last // 60) * 60, locale)))


def hour_text(minute: int, locale: str) -> str:
    """The hour of a minute of the day: `6 AM`, `06:00`."""
    return clock_text(minute // 60 * 60, locale).replace(":00 ", " ")


def percent_text(done: int, of: int, locale: str) -> str:
    """`done` of `of` as a percentage without decimals."""
    return format_percent(done / of, locale=locale_of(locale)).replace("\u202f", " ")


def number_text(value: float) -> str:
    """A number as it was typed, with the decimal mark of the language in force: 8, 2.5."""
    return f"{value:g}".replace(".", _decimal_mark(language()))


@cache
def _decimal_mark(language: str) -> str:
    return str(get_decimal_symbol(language))


def count_text(count: int) -> str:
    """A large number, its thousands apart as the language in force has them: 1,000,000."""
    return _count_text(count, language())


@lru_cache(maxsize=4096)
def _count_text(count: int, language: str) -> str:
    return str(format_decimal(count, locale=language))


def whole_date_text(day: date) -> str:
    """A day of any year, in the language in force: November 20, 2026."""
    return str(format_date(day, "long", locale=language()))


def month_text(day: date) -> str:
    """The month of a day, in the language in force: November."""
    return str(format_date(day, "LLLL", locale=language()))


def date_text(day: date) -> str:
    """A day as letters say it in the language in force: November 20."""
    return _date_text(day, language())


@lru_cache(maxsize=1024)
def _date_text(day: date, language: str) -> str:
    return format_skeleton("MMMMd", day, locale=language)


def _of_one_half(first: str, last: str) -> tuple[str, str]:
    """Two clocks, the first without the half of the day that it shares with the last."""
    clock, _space, half = first.partition(" ")
    return clock if half and last.endswith(half) else first, last


@lru_cache(maxsize=1024)
def locale_of(name: str) -> Locale:
    """The locale of a name like `en-GB` or `pt_BR`; of one that Babel does not know the language, or else English."""
    language = name.replace("-", "_").partition("_")[0]
    for known in (name.replace("-", "_"), language):
        try:
            return Locale.parse(known)
        except (ValueError, UnknownLocaleError):
            continue
    return Locale("en")


def after_i(cue: str) -> str:
    """A cue as it stands behind the words "after I", or "after you", however it was typed."""
    return re.sub(r"(?i)^(?:after\s+)?(?:i\s+)?", "", cue.strip())
