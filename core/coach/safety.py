"""Habits on which a coach says little or nothing, known by their words in English, German and Spanish.

In doubt the quieter tier: a harmless habit loses some advice, a dangerous one is never pushed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import cast, get_args

from core.catalogue import N_
from core.habit_record import HabitRecord, notes_of
from core.localtime import days_between
from core.models import Habit, Liftable, User
from core.schedule import frequency, plan_on


@dataclass(frozen=True)
class Tier:
    """What a sort of habit may hear: the techniques that `stay`, or all but those that are `off`.

    `why` tells the person in one sentence why the coach is careful with the habit, `about` what it is about; they and
    the `line` are marked for the catalogue.
    """

    name: str
    words: str
    stay: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    unless: str = ""
    line: str = ""
    why: str = ""
    about: str = ""

    @property
    def may_be_lifted(self) -> bool:
        """Whether the person may say that this is fine for a habit; never where it speaks of harming themselves."""
        return self.name in get_args(Liftable)

    def allows(self, technique: str) -> bool:
        """Whether a piece of this technique may be said about such a habit."""
        return technique not in self.off if self.off else technique in self.stay


# What is said of a habit on which the coach has no more to say.
NEUTRAL = N_("I keep the record of {habit} and leave the advice to people who know you.")

# A word stands for itself, a word* for every ending, a *word for every beginning; phrases may be given as they are.
SILENCE = Tier(
    "silence",
    "self-harm, self harm, cut myself, cutting myself, hurt myself, suicid*, kill myself, want to die, make "
    "myself sick, vomit*, throw up, laxative*, starve myself, ritzen, selbstverletz*, suizid*, umbringen, "
    "erbrech*, abfuhrmittel, autolesi*, laxante*, quiero morir",
    line=N_(
        "I am software, and this deserves a person. In danger now: your local emergency number. Free lines by "
        "country: findahelpline.com."
    ),
)
MEDICAL = Tier(
    "medical",
    "medic, medicat*, medicin*, pill, pills, tablet, tablets, dose*, insulin, inhaler, antidepress*, lithium, "
    "contracepti*, statin*, blood pressure, prescri*, chemo*, dialysis, *medikament*, *tablette*, "
    "blutdruck*, spritze, dosis, pastilla*, medicament*",
    stay=frozenset({"stack", "odd-object", "in-sight", "prepare", "tick-now"}),
    line=N_("For {habit} I help with cues, nothing more. About a missed dose: the leaflet or your pharmacist."),
    why=N_("Its words sound like a medicine, so I help with cues alone and never suggest less, more or another hour."),
    about=N_("Medicine"),
)
FOOD = Tier(
    "food",
    "calori*, kcal, carb, carbs, keto, macro*, diet*, fast, fasting, intermittent, weigh*, weight, scale, bmi, "
    "body fat, slim*, skinny, thin, binge*, cheat day, detox, sugar, snack*, no dinner, skip meal*, eat less, "
    "abnehm*, diat*, fasten, gewicht*, wiegen, *kalorien*, *zucker*, adelgaz*, ayun*, perder peso, azucar",
    stay=frozenset({"stack", "prepare", "situation", "kind"}),
    line=N_(
        "For {habit} I keep the record and nothing else: no streak, no praise for less. If food or weight fills "
        "much of your day, a doctor or an eating-disorder service is a good first call."
    ),
    why=N_(
        "Its words touch food or weight, where praise for less can do harm, so I keep the record and say next to "
        "nothing."
    ),
    about=N_("Food and weight"),
)
DRINK = "alcohol*, drink*, beer, wine, vodka, sober, dry january, *alkohol*, bier, wein, trinken, beber, cerveza, vino"
SUBSTANCE = Tier(
    "substance",
    f"{DRINK}, smok*, cigar*, vap*, nicotin*, weed, cannabis, cocaine, opioid*, porn*, gambl*, bet, bets, betting, "
    "rauch*, kiffen, glucksspiel*, fumar, apuesta*",
    stay=frozenset({"situation", "with-friend", "kind", "proof"}),
    unless="water, tea, agua, te, wasser, tee",
    line=N_("I count what you count for {habit} and give no advice on it."),
    why=N_(
        "Its words touch drink, smoke or play, where rules from a coach can do harm, so I count and give next to no "
        "advice."
    ),
    about=N_("Drink, smoke and play"),
)
# Drink alone is dangerous to leave off at once: whoever smokes is told nothing of it.
ABOUT_DRINK = N_(
    "I count what you count for {habit} and give no advice on it. If you drink heavily every day, talk to a doctor "
    "before you stop: stopping at once can be dangerous."
)
EXERCISE = Tier(
    "exercise",
    "run*, jog*, gym, train*, workout*, hiit, lift*, steps, marathon, lauf*, training, joggen, correr, entren*",
    off=frozenset({"raise", "bundle", "give-advice"}),
    why=N_("It asks for training on six or more days a week, so I never suggest more of it."),
    about=N_("Much training"),
)
SLEEP = Tier(
    "sleep",
    "sleep*, schlaf*, dorm*",
    stay=frozenset({"prepare", "same-time", "kind"}),
    line=NEUTRAL,
    why=N_("It counts sleep as a number, which is no mark to chase, so I speak of the evening and not of the number."),
    about=N_("Sleep as a number"),
)

WORD_TIERS = (SILENCE, MEDICAL, FOOD, SUBSTANCE)
TIERS = (*WORD_TIERS, EXERCISE, SLEEP)
WHY_IN_PAIN = N_("It is training, and its words speak of pain, so I never suggest more of it.")
PAIN = "pain, injur*, knee, doctor, sick, schmerz*, verletz*, knie, arzt, dolor, lesion*, rodilla"
SLEEP_UNITS = "h, hour, hours, hrs, min, mins, minutes, score, stunden, horas"
GRIEF = (
    "funeral, died, death, dead, hospital, miscarriage, divorce*, depress*, panic, cancer, grief, grieving, "
    "beerdigung, gestorben, tod, krankenhaus, fehlgeburt, scheidung, krebs, murio, muerte, aborto, divorcio, "
    "cancer"
)
LOW_MOOD = "depress*, depri, deprim*, depresi*"
GRIEF_DAYS = 14  # after a word of grief: a pause is offered, and nothing is playful
APART = " | "  # between two texts that are looked through together: no phrase reaches across
NAME_MOST = 60  # characters: a longer text is no name
MOST_TRAINING_DAYS = 6  # a week: more than that is never pushed


def tier_of(record: HabitRecord) -> Tier | None:
    """The tier of a habit by its name, unit, cue and (for harm and pain) notes, None for an ordinary one.

    A tier that the person has lifted for it is passed over, and that one alone.
    """
    habit = record.habit
    if found := tier_of_habit(habit):
        return found
    if mentions(record.notes, SILENCE.words):
        return SILENCE
    unit = habit.target.unit if habit.target else ""
    if SLEEP.name not in habit.lifted and mentions(unit, SLEEP_UNITS) and mentions(habit.name, SLEEP.words):
        return SLEEP
    if EXERCISE.name in habit.lifted or not _is_exercise(habit.name):
        return None
    return EXERCISE if _is_near_daily(record) or mentions(f"{habit.cue} {record.notes}", PAIN) else None


def line_about(tier: Tier, words: str) -> str:
    """What is said of a habit with these words on which the coach has no more to say, marked for the catalogue."""
    return ABOUT_DRINK if tier is SUBSTANCE and mentions(words, DRINK) else tier.line


def why_of(record: HabitRecord, tier: Tier) -> str:
    """Why the coach is careful with a habit of this tier, marked for the catalogue."""
    return WHY_IN_PAIN if tier is EXERCISE and not _is_near_daily(record) else tier.why


def tier_of_habit(habit: Habit) -> Tier | None:
    """The tier that a habit's own words put it in, but for what the person has lifted for it."""
    return tier_of_name(words_of(habit), tuple(habit.lifted))


def words_of(habit: Habit) -> str:
    """What a habit says of itself: its name, unit and cue."""
    return " ".join((habit.name, habit.target.unit if habit.target else "", habit.cue))


@lru_cache(maxsize=4096)
def _is_exercise(name: str) -> bool:
    return mentions(name, EXERCISE.words)


@lru_cache(maxsize=4096)
def tier_of_name(text: str, lifted: tuple[str, ...] = ()) -> Tier | None:
    """The tier that some words alone put a habit in, without those that were `lifted` for it."""
    for tier in WORD_TIERS:
        if tier.may_be_lifted and tier.name in lifted:
            continue
        if mentions(text, tier.words) and not (tier.unless and mentions(text, tier.unless)):
            return tier
    return None


def lifted_for(user: User, name: str) -> tuple[str, ...]:
    """What was lifted for the habit of that very name, however its letters and spaces are written."""
    named = next((habit for habit in user.habits if _plain(habit.name) == _plain(name)), None)
    return tuple(named.lifted) if named else ()


def lift(user: User, habit_id: str, tier_name: str) -> None:
    """Take the person's word that a habit is fine, so that it hears what others hear. Raises ValueError for a
    tier that nobody lifts."""
    tier = next((tier for tier in TIERS if tier.name == tier_name), None)
    if tier is None or not tier.may_be_lifted:
        raise ValueError(f"{tier_name!r} is no tier that can be lifted")
    habit = user.habit(habit_id)
    if tier_name not in habit.lifted:
        habit.lifted = [*habit.lifted, cast(Liftable, tier_name)]


def be_careful_again(user: User, habit_id: str, tier_name: str) -> None:
    """Take `lift` back."""
    habit = user.habit(habit_id)
    habit.lifted = [name for name in habit.lifted if name != tier_name]


def needs_a_person(user: User, notes: Iterable[str] | None = None) -> bool:
    """Whether anything the person has typed speaks of harming themselves: then no advice at all.

    `notes` are all that they wrote beside their days (Record.noted), if those are there already.
    """
    return has_typed(user, SILENCE.words, notes)


def has_typed(user: User, words: str, notes: Iterable[str] | None = None) -> bool:
    """Whether one of the `words` stands in what the person typed: profile, names, answers, notes, reflections."""
    profile = user.coaching_profile
    lasting = [profile.main_habit, profile.why_now, profile.success_factor, *(habit.name for habit in user.habits)]
    if notes is None:
        notes = chain.from_iterable(map(notes_of, user.completions.values()))
    return mentions(APART.join((*lasting, *_said(user), *notes)), words)


def speaks_of_grief(user: User, today: date) -> bool:
    """Whether an answer, note or reflection of the last two weeks speaks of grief or illness."""
    days = days_between(today - timedelta(days=GRIEF_DAYS), today)
    said = [given[day] for given in user.coaching_insights.missed_habits.values() for day in days if day in given]
    noted = [entries[day].note for entries in user.completions.values() for day in days if day in entries]
    reflected = [user.daily_digests[day].reflection for day in days if day in user.daily_digests]
    return any(mentions(text, GRIEF) for text in filter(None, (*said, *noted, *reflected)))


def may_quote(text: str) -> bool:
    """Whether something typed may be said back: not when it touches a tier, grief or illness."""
    return bool(text.strip()) and tier_of_name(text) is None and not mentions(text, GRIEF)


def mentions(text: str, words: str) -> bool:
    """Whether a text holds one of the `words`, whatever its case and accents."""
    return bool(text) and (_name_holds if len(text) <= NAME_MOST else _holds)(text, words)


def _holds(text: str, words: str) -> bool:
    return _pattern(words).search(_plain(text)) is not None


_name_holds = lru_cache(maxsize=8192)(_holds)  # the same names are looked through every day


def _said(user: User) -> Iterator[str]:
    """Every answer and reflection."""
    for given in user.coaching_insights.missed_habits.values():
        yield from given.values()
    yield from (said.reflection for said in user.daily_digests.values() if said.reflection)


def _is_near_daily(record: HabitRecord) -> bool:
    plan = plan_on(record.habit, record.today)
    return plan is not None and 7 * frequency(plan) >= MOST_TRAINING_DAYS - 0.1


@lru_cache(maxsize=32)
def _pattern(words: str) -> re.Pattern[str]:
    forms = [re.escape(_plain(word.strip())).replace(r"\*", r"\w*") for word in words.split(",")]
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)")


def _plain(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())
