"""What the short letters of a silence say: each opens another door, none counts what was not done."""

from __future__ import annotations

from dataclasses import dataclass

from core.catalogue import N_, _, n_
from core.coach.advising.situations import main_habit_of
from core.coach.safety import may_quote
from core.letters.digest_day import SUBJECT_MOST, DigestDay, names_of, shown
from core.letters.typed import clip
from core.progress import HabitRecord
from core.wording import activity_of

WHY_ON, WHAT_HELPED_ON = 5, 17  # the silent days whose letter quotes their own words
ANY_START = N_("two minutes of it")


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
        N_("{habit}: two minutes?"),
        N_("No catching up. One small start."),
        N_("Whenever you are ready"),
        N_("It has been quiet here for a few days. Nothing needs explaining."),
        N_("{habit}: {small}, today or tomorrow. That counts."),
        N_("What got in the way?"),
    ),
    8: Door(
        N_("{habit}, smaller than before?"),
        N_("The plan can be cut to the size of the week."),
        N_("Smaller is a plan, too"),
        N_("If the plan was too big for these days, it can be made smaller in a minute."),
        N_("{habit}, once this week: {small}. The rest may wait."),
        N_("What is the smallest version that you would call done?"),
    ),
    11: Door(
        N_("{habit} at another hour?"),
        N_("The same thing, elsewhere in the day."),
        N_("Another hour, perhaps"),
        N_("Some hours are taken before one gets to them. Others are free."),
        N_("{habit}, at an hour that is new to it: {small}."),
        N_("Which part of the day is the calmest these weeks?"),
    ),
    14: Door(
        N_("{habit}, and nothing else?"),
        N_("One habit is enough to come back with."),
        N_("One of them is enough"),
        N_("You need not come back to all of it. One habit, and the rest may be paused."),
        N_("{habit} alone: {small}. Pause the others, if you like."),
        N_("Which one would you keep if you could keep one?"),
    ),
    17: Door(
        N_("What may I stop asking about?"),
        N_("A short answer, and your letters change."),
        N_("Your letters, your way"),
        N_("If something in these letters has been no help, it can go."),
        N_("{habit}: {small}, on whichever day you like."),
        N_("What would you like me to stop mentioning?"),
    ),
    20: Door(
        N_("{habit}, some day?"),
        N_("Everything you recorded is kept."),
        N_("It keeps"),
        N_("What you recorded is kept, and a beginning is as good in a month as today."),
        N_("{habit}: {small}, on the first day that has room."),
        N_("Is there something in the plan that no longer fits?"),
    ),
}
TONED = (5, 8, 11, 17)  # the silent days whose letter has a word for their obstacle, each its own
PROVEN = (5, 14)  # those that say what stands: said in each it would be a refrain
ALONE = 14  # the silent days whose letter speaks of one habit among several
ONLY_ONE = Door(  # in its place where there is one
    N_("{habit}, one single time?"),
    N_("Once is enough to come back with."),
    N_("Once is enough"),
    N_("It need not be the whole plan. One single time is a beginning."),
    N_("{habit}, one single time: {small}."),
    N_("Which day of this week is the easiest?"),
)
QUIET = Door(
    N_("Your record is here"),
    N_("It is kept, with nothing attached."),
    N_("Whenever you like"),
    N_("It has been quiet here, and that is fine. What you recorded is kept."),
    "",
    N_("What got in the way?"),
)
LAST = Door(
    N_("Shall I stop?"),
    N_("Say so with one tap, either way."),
    N_("Shall I stop?"),
    N_("It has been quiet for three weeks, so this is the last letter unless you would like more."),
    "",
    "",
)
TONE = {  # by obstacle, in the order of TONED
    "Time": (
        N_("Nothing has to be made up for."),
        N_("Full weeks happen. The record waits without a clock."),
        N_("Two minutes are a visit, too."),
        N_("You go on from where you are, in the time that there is."),
    ),
    "Motivation/discipline": (
        N_("You have begun before; the record has it."),
        N_("It takes no better mood than the one you have."),
        N_("After the first minute it is half done."),
        N_("Wanting may come later, or stay away. Both are fine."),
    ),
    "Remembering": (
        N_("Perhaps nothing brought it up. One thing in your way can do that."),
        N_("A new signal is worth more than a good intention."),
        N_("Tie it to something that happens anyway, a door or a kettle."),
        N_("Leave this letter open where you will pass."),
    ),
    "Perfectionism": (
        N_("The first day back may be the roughest of all."),
        N_("A gap is a gap. The days before it count in full."),
        N_("Coming back badly is coming back."),
        N_("Nobody looks for a tidy row here."),
    ),
}
TONE_BEFORE_A_TICK = {
    "Time": (
        N_("Nothing is late: it has not begun yet."),
        N_("The first two minutes need no free evening."),
        N_("A gap on any day is a place to begin."),
        N_("It can begin in the fullest of weeks, if it is small."),
    ),
    "Motivation/discipline": (
        N_("Beginning may come before wanting to."),
        N_("The first one takes no better mood than this one."),
        N_("One minute, and it has begun."),
        N_("You need not like it yet."),
    ),
    "Remembering": (
        N_("Perhaps nothing has brought it up yet. One thing in your way can do that."),
        N_("A note on the door is a beginning."),
        N_("Choose its place, and the place will ask for it."),
        N_("This letter can be the first cue."),
    ),
    "Perfectionism": (
        N_("It need not be a good week to begin in."),
        N_("The first one may be the worst of all, and counts."),
        N_("A poor beginning gets the same tick as a good one."),
        N_("Nothing is spoilt, as nothing has begun."),
    ),
}


def door_of(day: DigestDay, silent: int, *, last: bool) -> Door:
    """The letter of a silent day, filled with the person's habit."""
    one = day.one_of(day.record.active)
    door = LAST if last else _door_at(silent, len(day.record.active)) if one else QUIET
    small = _small(next((habit for habit in day.record.active if shown(habit) == one), None))
    subject = _(door.subject)
    room = SUBJECT_MOST - len(subject.format(habit=""))
    return Door(
        subject=subject.format(habit=clip(one, room)),
        preheader=_(door.preheader),
        title=_(door.title),
        lead=_(door.lead),
        step=_(door.step).format(habit=one, small=small),
        question=_(door.question),
    )


def _door_at(silent: int, habits: int) -> Door:
    key = max(key for key in DOORS if key <= silent)
    return ONLY_ONE if key == ALONE and habits == 1 else DOORS[key]


def _small(habit: HabitRecord | None) -> str:
    if habit is None:
        return _(ANY_START)
    activity = activity_of(habit.habit.name)
    return habit.habit.small.strip() or (activity.start if activity else _(ANY_START))


def paragraphs_of(day: DigestDay, silent: int, *, last: bool) -> list[str]:
    """What stands, or a word for their obstacle, and in two of the letters their own words."""
    if last:
        return [_("Everything you recorded is kept. “Keep going” brings the letters back, and so does any tick.")]
    said = [_what_stands(day) if silent in PROVEN else "", _tone(day, silent), _own_words(day, silent)]
    return [text for text in said if text]


def _tone(day: DigestDay, silent: int) -> str:
    """A word for their obstacle, of which none comes twice in a silence."""
    ticked = any(habit.done for habit in day.record.habits)
    said = (TONE if ticked else TONE_BEFORE_A_TICK).get(day.obstacle)
    return _(said[TONED.index(silent)]) if said and silent in TONED and not day.keeps_still else ""


def closing_of(silent: int, *, last: bool) -> str:
    """What stands below: on the first and the last letter of a silence."""
    if last:
        return _("Either answer is a good one.")
    return _("The door stays open.") if silent == min(DOORS) else ""


def _what_stands(day: DigestDay) -> str:
    """How often the main habit (or the one done most) was done: proof, and it stays."""
    main = main_habit_of(day.record)
    record = main if main and main.done else max(day.record.active, key=lambda habit: len(habit.done), default=None)
    if record is None or not record.done:
        return ""
    said = n_(
        "{habit}: {n} day in your record, and it stays there.",
        "{habit}: {n} days in your record, and they stay there.",
        len(record.done),
    )
    return said.format(habit=names_of([record]), n=len(record.done))


def _own_words(day: DigestDay, silent: int) -> str:
    profile = day.user.coaching_profile
    if silent == WHY_ON and may_quote(profile.why_now):
        return _("You wrote why you began: “{words}”").format(words=profile.why_now)
    if silent == WHAT_HELPED_ON and may_quote(profile.success_factor):
        return _("You wrote what helped before: “{words}”").format(words=profile.success_factor)
    return ""
