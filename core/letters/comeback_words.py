"""What the short letters of a silence say: each opens another door, none counts what was not done."""

from __future__ import annotations

from dataclasses import dataclass

from core.coach.safety import may_quote
from core.coach.situations import main_habit_of
from core.letters.digest_day import SUBJECT_MOST, DigestDay, names_of, shown
from core.letters.typed import clip
from core.progress import HabitRecord
from core.wording import activity_of

WHY_ON, WHAT_HELPED_ON = 5, 17  # the silent days whose letter quotes their own words
ANY_START = "two minutes of it"


@dataclass(frozen=True)
class Door:
    """One way back: {habit} is the one that may be asked for, {small} its smallest version."""

    subject: str
    preheader: str
    title: str
    lead: str
    step: str
    question: str


DOORS = {  # by silent days
    5: Door(
        "{habit}: two minutes?",
        "No catching up. One small start.",
        "Whenever you are ready",
        "It has been quiet here for a few days. That says something about the plan, and nothing about you.",
        "{habit}: {small}, today or tomorrow. That counts.",
        "What got in the way?",
    ),
    8: Door(
        "{habit}, smaller than before?",
        "The plan can be cut to the size of the week.",
        "Smaller is a plan, too",
        "If the plan was too big for these days, it can be made smaller in a minute.",
        "{habit}, once this week: {small}. The rest may wait.",
        "What is the smallest version that you would call done?",
    ),
    11: Door(
        "{habit} at another hour?",
        "The same thing, elsewhere in the day.",
        "Another hour, perhaps",
        "Some hours are taken before one gets to them. Others are free.",
        "{habit}, at an hour where it never was before: {small}.",
        "Which part of the day is the calmest these weeks?",
    ),
    14: Door(
        "{habit}, and nothing else?",
        "One habit is enough to come back with.",
        "One of them is enough",
        "You need not come back to all of it. One habit, and the rest may be paused.",
        "{habit} alone: {small}. Pause the others, if you like.",
        "Which one would you keep if you could keep one?",
    ),
    17: Door(
        "What may I stop asking about?",
        "A short answer, and your letters change.",
        "Your letters, your way",
        "If something in these letters has been no help, it can go.",
        "{habit}: {small}, on whichever day you like.",
        "What would you like me to stop mentioning?",
    ),
    20: Door(
        "{habit}, some day?",
        "Everything you recorded is kept.",
        "It keeps",
        "What you recorded is kept, and a beginning is as good in a month as today.",
        "{habit}: {small}, on the first day that has room.",
        "Is there something in the plan that no longer fits?",
    ),
}
QUIET = Door(
    "Your record is here",
    "It is kept, with nothing attached.",
    "Whenever you like",
    "It has been quiet here, and that is fine. What you recorded is kept.",
    "",
    "What got in the way?",
)
LAST = Door(
    "Shall I stop?",
    "Say so with one tap, either way.",
    "Shall I stop?",
    "It has been quiet for three weeks, so this is the last letter unless you would like more.",
    "",
    "Is there something in the plan that no longer fits?",
)
TONE = {  # by obstacle, in turn
    "Time": (
        "Full weeks happen. The record waits without a clock.",
        "Nothing has to be made up for.",
    ),
    "Motivation/discipline": (
        "It takes no better mood than the one you have.",
        "You have begun before; the record has it.",
    ),
    "Remembering": (
        "Perhaps nothing called. One thing in your way can do that.",
        "A new signal is worth more than a good intention.",
    ),
    "Perfectionism": (
        "A gap is a gap. The days before it count in full.",
        "The first day back may be the roughest of all.",
    ),
}
TONE_BEFORE_A_TICK = {
    "Time": ("The first two minutes need no free evening.", "Nothing is late: it has not begun yet."),
    "Motivation/discipline": (
        "The first one takes no better mood than this one.",
        "Beginning may come before wanting to.",
    ),
    "Remembering": (
        "Nothing has called it yet. One thing in your way can do that.",
        "A note on the door is a beginning.",
    ),
    "Perfectionism": ("The first one may be the worst of all, and counts.", "It need not be a good week to begin in."),
}


def door_of(day: DigestDay, silent: int, *, last: bool) -> Door:
    """The letter of a silent day, filled with the person's habit."""
    one = day.one_of(day.record.active)
    door = LAST if last else DOORS[max(key for key in DOORS if key <= silent)] if one else QUIET
    small = _small(next((habit for habit in day.record.active if shown(habit) == one), None))
    room = SUBJECT_MOST - len(door.subject.format(habit=""))
    return Door(
        subject=door.subject.format(habit=clip(one, room)),
        preheader=door.preheader,
        title=door.title,
        lead=door.lead,
        step=door.step.format(habit=one, small=small),
        question=door.question,
    )


def _small(habit: HabitRecord | None) -> str:
    if habit is None:
        return ANY_START
    activity = activity_of(habit.habit.name)
    return habit.habit.small.strip() or (activity.start if activity else ANY_START)


def paragraphs_of(day: DigestDay, silent: int, *, last: bool) -> list[str]:
    """What stands, a word for their obstacle, and in two of the letters their own words."""
    if last:
        return ["Everything you recorded is kept. “Keep going” brings the letters back, and so does any tick."]
    ticked = any(habit.done for habit in day.record.habits)
    tone = (TONE if ticked else TONE_BEFORE_A_TICK).get(day.obstacle, ("",)) if not day.keeps_still else ("",)
    said = [_what_stands(day), tone[silent % len(tone)], _own_words(day, silent)]
    return [text for text in said if text]


def _what_stands(day: DigestDay) -> str:
    """How often the main habit (or the one done most) was done: proof, and it stays."""
    main = main_habit_of(day.record)
    record = main if main and main.done else max(day.record.active, key=lambda habit: len(habit.done), default=None)
    if record is None or not record.done:
        return ""
    count = len(record.done)
    days = "1 day in your record, and it stays" if count == 1 else f"{count} days in your record, and they stay"
    return f"{names_of([record])}: {days} there."


def _own_words(day: DigestDay, silent: int) -> str:
    profile = day.user.coaching_profile
    if silent == WHY_ON and may_quote(profile.why_now):
        return f"You wrote why you began: “{profile.why_now}”"
    if silent == WHAT_HELPED_ON and may_quote(profile.success_factor):
        return f"You wrote what helped before: “{profile.success_factor}”"
    return ""
