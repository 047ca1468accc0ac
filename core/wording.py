"""How names, numbers and clocks are said: in the person's locale, and in words that fit any habit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_percent

from core.coach.safety import mentions

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GOAL_NOUNS = {
    "Health & Fitness": "someone who looks after their body",
    "Mental Wellness": "someone who gives their mind room",
    "Career & Learning": "someone who keeps learning",
    "Relationships": "someone who shows up for people",
    "Creativity": "someone who makes things",
    "Finances": "someone who knows where the money goes",
    "Home & Order": "someone who keeps a place good to come back to",
    "Sleep & Energy": "someone who protects their rest",
}
GOAL_CARES = {  # what is looked after, as it stands after "about"
    "Health & Fitness": "your body",
    "Mental Wellness": "some room in your head",
    "Career & Learning": "what you want to know",
    "Relationships": "the people around you",
    "Creativity": "the things you make",
    "Finances": "your money",
    "Home & Order": "the place you come back to",
    "Sleep & Energy": "your rest",
}
NEGATIONS = "no, not, don't, don’t, dont, stop, quit, without, never, less, kein*, nicht, ohne, sin, nunca, dejar"


@dataclass(frozen=True)
class Activity:
    """What somebody does who keeps a habit with one of the `words` in its name."""

    words: str
    verb: str  # you …
    third: str  # someone who …
    doing: str
    session: str
    kind: str
    start: str  # its first two minutes

    @property
    def sessions(self) -> str:
        """More than one of them."""
        return f"{self.session}s"


# In this order the first says what is done, the last what it is about: "Study coding" is studied, and is coding.
ACTIVITIES = tuple(
    Activity(*row)
    for row in (
        ("study, studying, learn*, lernen, estudiar", "study", "studies", "studying", "study session", "study",
         "open it where you left off, one line"),
        ("code, coding, programming, programm*, programar", "code", "codes", "coding", "coding session", "study",
         "open the file, one line"),
        ("meditat*, mindfulness, meditier*", "meditate", "meditates", "meditating", "sitting", "quiet",
         "sit down, ten breaths"),
        ("run, runs, running, jog, jogging, laufen, joggen, correr", "run", "runs", "running", "run", "move",
         "shoes on, out of the door"),
        ("walk, walks, walking, spazier*, caminar", "walk", "walks", "walking", "walk", "move",
         "shoes on, out of the door"),
        ("swim, swimming, schwimmen, nadar", "swim", "swims", "swimming", "swim", "move",
         "the packed bag in your hand"),
        ("workout, exercise, gym, training", "train", "trains", "training", "workout", "move",
         "clothes on, one easy set"),
        ("yoga, stretch, stretching, pilates", "practise", "practises", "practising", "practice", "move",
         "mat out, one slow round"),
        ("read, reading, lesen", "read", "reads", "reading", "reading time", "read", "book open, one page"),
        ("write, writing, journal, journaling, schreiben", "write", "writes", "writing", "page", "make",
         "page open, one sentence"),
        ("draw, drawing, paint, painting, zeichnen", "draw", "draws", "drawing", "drawing", "make",
         "pencil out, one line"),
        ("piano, guitar, violin, klavier, gitarre", "practise", "practises", "practising", "practice", "make",
         "sit down with it, one bar"),
    )
)  # fmt: skip
STRENGTH_WORDS = "strength, weights, push-up*, pushup*, pull-up*, squat*, plank*, kraft*, liegestutz*, fuerza, pesas"


def activity_of(name: str) -> Activity | None:
    """What a habit's name says that a person does, None when no word of it is known or it says what to leave."""
    known = [activity for activity in ACTIVITIES if mentions(name, activity.words)]
    if not known or mentions(name, NEGATIONS):
        return None
    return replace(known[0], doing=known[-1].doing)


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
        return f"{', '.join(names[: NAMES_MOST - 1])} and {len(names) - NAMES_MOST + 1} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def times_text(count: int) -> str:
    """How often: `once`, `twice`, `3 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def minutes_text(minutes: float) -> str:
    """About how long, whatever the sign: `4 minutes`, `80 minutes`, `2 hours 30 minutes`."""
    about = abs(minutes)
    about = 5 * round(about / 5) if about >= 10 else max(round(about), 1)
    if about < 120:
        return f"{about} minutes" if about > 1 else "1 minute"
    hours, rest = divmod(about, 60)
    return f"{hours} hours{f' {rest} minutes' if rest else ''}"


def clock_text(minute: int, locale: str) -> str:
    """A minute of the day as a clock: 6:15 AM, 06:15."""
    clock = time(minute // 60 % 24, minute % 60)
    return format_time(clock, "short", locale=locale_of(locale)).replace("\u202f", " ")


def between_text(first: int, last: int, locale: str) -> str:
    """Two minutes of the day as `6:10 to 6:20 AM`."""
    return _joined(clock_text(first, locale), clock_text(last, locale), " to ")


def hours_text(first: int, last: int, locale: str) -> str:
    """The full hours around two minutes of the day: `7–9 PM`, `19:00–21:00`."""
    return _joined(hour_text(first // 60 * 60, locale), hour_text(-(-last // 60) * 60, locale), "–")


def hour_text(minute: int, locale: str) -> str:
    """The hour of a minute of the day: `6 AM`, `06:00`."""
    return clock_text(minute // 60 * 60, locale).replace(":00 ", " ")


def percent_text(done: int, of: int, locale: str) -> str:
    """`done` of `of` as a percentage without decimals."""
    return format_percent(done / of, locale=locale_of(locale)).replace("\u202f", " ")


def date_text(day: date) -> str:
    """A day as English letters say it: November 20."""
    return format_date(day, "MMMM d", locale="en")


def _joined(first: str, last: str, link: str) -> str:
    clock, _, half = first.partition(" ")
    return f"{clock if half and last.endswith(half) else first}{link}{last}"


def locale_of(name: str) -> Locale:
    """The locale of a name like `en-GB` or `pt_BR`; English when it is not one that Babel knows."""
    try:
        return Locale.parse(name, sep="-" if "-" in name else "_")
    except (ValueError, UnknownLocaleError):
        return Locale("en")


def after_i(cue: str) -> str:
    """A cue as it stands behind the words "after I", or "after you", however it was typed."""
    return re.sub(r"(?i)^(?:after\s+)?(?:i\s+)?", "", cue.strip())
