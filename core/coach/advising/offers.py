"""What a tap on advice offers beside a plan: a rest, a question for a note, the share in front, a line to send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from urllib.parse import quote

from core import planning
from core.catalogue import N_, _
from core.coach.advising.filling import Facts
from core.coach.advising.habit_look import FOUR_WEEKS
from core.models import Habit, User
from core.progress import HabitRecord, Record
from core.recording import RecordingError
from core.wording import label

TRY, TRIED = N_("I will try this"), N_("You are trying this")
REST_DAYS = 7  # proposed for everything
REST_ONE_DAYS = 14  # for one habit of many
REST_MOST = 90  # days

# What a tap begins for a while: a trial is two weeks, as that of a plan; the share looks back on about four of them.
Passing = Literal["note_until", "rate_until"]
FOR_DAYS: Mapping[Passing, int] = {"note_until": 14, "rate_until": 28}

Given = Mapping[str, Any]
Was = dict[str, Any]


def as_typed(said: str) -> Facts:
    """What fills the words of a change that needs nothing but what was typed."""
    return {"said": said}


@dataclass(frozen=True)
class Change:
    """What a tap does: its button, what has to be said first (`ask`, of a sort, with a proposal), what it has done.

    `done` is kept as it stands in the sources, with the `facts` that fill it, and said when it is read. `does` changes
    the document and answers what restores it; it raises RecordingError. `why` says where the proposal comes from, or
    what the change brings with it; `choices` are those of the sort "choice"; `send` is a mailto address.
    """

    button: str
    done: str
    does: Callable[[User, str], Was]
    ask: str = ""
    sort: Literal["text", "clock", "number", "choice"] = "text"
    proposal: str = ""
    why: str = ""
    choices: tuple[str, ...] = ()
    send: str = ""
    facts: Callable[[str], Facts] = as_typed


def rest(record: Record, habit: HabitRecord | None) -> Change | None:
    """A declared pause of so many days from today, of one habit or of everything; None while there is one."""
    of = habit.habit.id if habit else None
    if any(one.habit in (None, of) and one.start <= record.today <= one.to for one in record.user.pauses):
        return None
    why = _("Its streak waits.") if habit else _("Streaks wait, and no letter leaves. You can be back any day.")
    return Change(
        _("Pause it") if habit else _("Pause everything"),
        N_("Paused from today, in days: {said}"),
        lambda user, said: _paused(user, record, _days(said), of),
        _("Days from today"),
        "number",
        str(REST_DAYS),
        why,
    )


def rest_one(record: Record) -> Change | None:
    """A pause of two weeks for a habit to be chosen; the one with the smallest share of the last four weeks first."""
    since = record.today - timedelta(days=FOUR_WEEKS - 1)
    shares: dict[str, tuple[float, str]] = {}
    for one in record.active:
        done, of = one.rate(since, record.today)
        if record.today not in one.paused:
            shares.setdefault(one.habit.name, (done / of if of else 1.0, one.habit.id))
    names = tuple(sorted(shares, key=lambda name: shares[name][0]))
    if not names:
        return None

    def do(user: User, said: str) -> Was:
        if said not in shares:
            raise RecordingError(_("“{said}” is none of your habits. Choose one of the list.").format(said=said))
        return _paused(user, record, REST_ONE_DAYS, shares[said][1])

    why = _("It rests for {days} days from today; its streak waits, and the others stay.").format(days=REST_ONE_DAYS)
    rested, ask = N_("It rests for two weeks: {said}"), _("Which one")
    return Change(_("Let one rest"), rested, do, ask, "choice", names[0], why, names)


def note_with_it(habit: HabitRecord) -> Change | None:
    """For two weeks Today asks for a note when the habit is ticked."""
    if habit.habit.asks_note_on(habit.today):
        return None
    done = N_("For two weeks Today asks for a note when you tick it")
    return Change(_("Ask me for a note"), done, lambda user, said: _for_a_while(user, habit, "note_until"))


def share_first(habit: HabitRecord) -> Change | None:
    """For four weeks Today and Progress show how often the habit was done in place of its running streak."""
    if habit.habit.shows_rate_on(habit.today):
        return None
    done = N_("For four weeks Today and Progress show its share in place of the streak")
    return Change(_("Show the share first"), done, lambda user, said: _for_a_while(user, habit, "rate_until"))


def go_on(habit: Habit, what: Passing, today: date) -> None:
    """Give something that runs for a while its whole time again, from a day on."""
    setattr(habit, what, today + timedelta(days=FOR_DAYS[what] - 1))


def stop(habit: Habit, what: Passing) -> None:
    """End something that runs for a while."""
    setattr(habit, what, None)


def line_to_send(habit: HabitRecord) -> Change:
    """A line for somebody, in the person's own mail program: the app itself writes to nobody but them."""
    name = label(habit.habit.name)
    body = _("Hello,\n\nI am working on this: {habit}. May I send you a line once a week on how it went?\n")
    send = f"mailto:?subject={quote(name, safe='')}&body={quote(body.format(habit=name), safe='')}"
    return Change(_(TRY), TRIED, lambda user, said: {}, send=send)


def _paused(user: User, record: Record, days: int, habit: str | None) -> Was:
    added = planning.pause(user, record.today, record.today + timedelta(days=days - 1), habit)
    return {"pause": added.start.isoformat(), "to": added.to.isoformat(), "habit": habit or ""}


def _days(said: str) -> int:
    days = int(said) if said.isascii() and said.isdigit() else 0
    if not 1 <= days <= REST_MOST:
        wrong = _("“{said}” cannot be a pause. Give a number of days from 1 to {most}.")
        raise RecordingError(wrong.format(said=said, most=REST_MOST))
    return days


def _for_a_while(user: User, habit: HabitRecord, what: Passing) -> Was:
    mine = user.habit(habit.habit.id)
    go_on(mine, what, habit.today)
    return {what: None, "now": str(getattr(mine, what))}
