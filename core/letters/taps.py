"""What a tap in a letter does to the document, and what takes it back: each sets a state, so that twice is once."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from core import planning, recording
from core.catalogue import N_, _
from core.coach.advising import followup
from core.localtime import ONE_DAY
from core.models import Completion, DigestSaid, LetterChoice, User
from core.progress import Record, record_of, today_of
from core.recording import RecordingError

Action = Literal[
    "confirm",
    "unsubscribe-digest",
    "unsubscribe-drip",
    "unsubscribe-all",
    "done",
    "skip",
    "open",
    "reason",
    "reflection",
    "pause",
    "every",
    "go-on",
    "helpful",
    "take-back",
]

TAPS_FOR = timedelta(days=14)  # after its day a letter's link records for so long; later the app mends, after a sign-in
PAUSE_DAYS = 7
TEXT_MOST = 2000  # characters, as a note
REASON_MOST = 200
REASONS = {  # as the record keeps them; translated where they are shown
    "time": N_("no time"),
    "forgot": N_("forgot"),
    "tired": N_("tired"),
    "away": N_("away"),
    "big": N_("too big"),
}


@dataclass(frozen=True)
class Link:
    """What a link in a letter does and for whom; `day` is the day it speaks of.

    `detail` is a habit's id (done, skip, open), a key of REASONS or "" for words of one's own (reason), how many days
    lie between digests (every), the address (confirm), an answer with the piece of advice and its habit as in
    `yes:stack-right-before:run` (helpful), how the sentence goes on (reflection), what is to be restored (take-back).
    """

    action: Action
    user_id: str
    detail: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Said:
    """What came with a tap: words, and the habits that were chosen (None: all that are asked about)."""

    text: str = ""
    habits: Collection[str] | None = None


NOTHING_SAID = Said()


def follow(user: User, link: Link, *, now: datetime, said: Said = NOTHING_SAID) -> str:
    """Do what a link says. Answers the detail of the link that takes it back, "" when nothing is to be taken back.

    Raises RecordingError with a kind sentence when it cannot be done (any more), and then changes nothing.
    """
    check(user, link, now)
    return _DO[link.action](user, link, now, said)


def check(user: User, link: Link, now: datetime) -> None:
    """Raises RecordingError for an old or coming day, a habit that is gone or archived, an older address."""
    if link.action == "confirm" and user.email != link.detail:
        raise RecordingError(_("Your address has changed since this letter. The newest letter has the right link."))
    if link.day is not None:
        _check_day(user, link.day, today_of(user, now))
    if link.action in ("done", "skip", "open"):
        _check_habit(user, link.detail, _day(link))
    if link.action == "helpful":
        followup.latest(user, *link.detail.split(":", 2)[1:])


def _check_day(user: User, day: date, today: date) -> None:
    if day > today:
        where = user.coaching_profile.timezone
        said = _("That day has not come yet where you are ({where}). Tap this again once it has.")
        raise RecordingError(said.format(where=where))
    if today - day > TAPS_FOR:
        said = _(
            "This letter is about a day more than {n} days ago, and its buttons rest by now. In the app any day can be "
            "mended: Today, then Mend a day."
        )
        raise RecordingError(said.format(n=TAPS_FOR.days))


def _check_habit(user: User, habit_id: str, day: date) -> None:
    habit = next((habit for habit in user.habits if habit.id == habit_id), None)
    if habit is None:
        raise RecordingError(_("This habit is not in your record any more, so there is nothing to do here."))
    if habit.archived_on is not None and day >= habit.archived_on:
        said = _("{habit} is archived. Restore it in the app, under Today, and it can be ticked.")
        raise RecordingError(said.format(habit=habit.name))


def missed_on(user: User, day: date) -> list[str]:
    """The ids of the habits that were due on a day and are neither done nor skipped, in the person's order."""
    record = Record(user, day)
    return [habit.habit.id for habit in record.due_on(day) if day not in habit.done]


def pause_days(user: User, now: datetime) -> tuple[date, date]:
    """First and last day of a pause asked for now: from today on, or from tomorrow when today has its first entry."""
    today = today_of(user, now)
    first = today + ONE_DAY if record_of(user, now).had_sign_of_life(today) else today
    return first, first + timedelta(days=PAUSE_DAYS - 1)


def paused_until(user: User, now: datetime) -> date | None:
    """The last day of the pause of everything that runs today or begins tomorrow, None without one."""
    today = today_of(user, now)
    return max(
        (p.to for p in user.pauses if p.habit is None and p.start <= today + ONE_DAY and p.to >= today), default=None
    )


# --- one function an action: document, link, now, what was said → what takes it back


def _day(link: Link) -> date:
    assert link.day is not None  # every link about a habit, a reason or a reflection is made with its day
    return link.day


def _done(user: User, link: Link, now: datetime, said: Said) -> str:
    return _entry_changed(user, link, lambda: recording.tick(user, link.detail, _day(link), now=now, by_mail=True))


def _skip(user: User, link: Link, now: datetime, said: Said) -> str:
    return _entry_changed(user, link, lambda: recording.skip(user, link.detail, _day(link), now=now, by_mail=True))


def _open(user: User, link: Link, now: datetime, said: Said) -> str:
    def clear() -> None:
        recording.untick(user, link.detail, _day(link), now=now)
        recording.unskip(user, link.detail, _day(link), now=now)

    return _entry_changed(user, link, clear)


def _entry_changed(user: User, link: Link, change: Callable[[], None]) -> str:
    before = user.completions.get(link.detail, {}).get(_day(link))
    change()
    if user.completions.get(link.detail, {}).get(_day(link)) == before:
        return ""
    return _undo("entry", link.detail, None if before is None else before.model_dump(mode="json", exclude_unset=True))


def _reason(user: User, link: Link, now: datetime, said: Said) -> str:
    reason = REASONS.get(link.detail) or _checked(said.text, REASON_MOST)
    asked = missed_on(user, _day(link))
    if not asked:
        return ""
    chosen = [habit for habit in asked if said.habits is None or habit in said.habits]
    if not reason or not chosen:
        raise RecordingError(
            _("There is no answer yet. Choose one or write a word or two, then keep it.")
            if chosen
            else _("There is no habit yet. Choose one or write a word or two, then keep it.")
        )
    given = user.coaching_insights.missed_habits
    before = {habit: given.get(habit, {}).get(_day(link)) for habit in chosen}
    for habit in chosen:
        given.setdefault(habit, {})[_day(link)] = reason
    return _undo("reasons", before) if set(before.values()) != {reason} else ""


def _reflection(user: User, link: Link, now: datetime, said: Said) -> str:
    text = _checked(said.text, TEXT_MOST)
    if not text:
        raise RecordingError(_("The sentence has no end yet. A few words will do."))
    entry = user.daily_digests.setdefault(_day(link), DigestSaid())
    before, entry.reflection = entry.reflection, text
    return _undo("reflection", before) if before != text else ""


def _pause(user: User, link: Link, now: datetime, said: Said) -> str:
    if paused_until(user, now) is not None:
        return ""
    added = planning.pause(user, *pause_days(user, now))
    return _undo("pause", added.start.isoformat())


def _every(user: User, link: Link, now: datetime, said: Said) -> str:
    letters = user.coaching_profile.letters
    before, letters.every = letters.every, int(link.detail)
    return _undo("every", before) if before != letters.every else ""


def _go_on(user: User, link: Link, now: datetime, said: Said) -> str:
    user.coaching_profile.letters.kept_on = today_of(user, now)
    return ""


def _helpful(user: User, link: Link, now: datetime, said: Said) -> str:
    word, piece, habit = link.detail.split(":", 2)
    feedback: followup.Feedback = "yes" if word == "yes" else "no"
    before = followup.answer(user, piece, habit, feedback)
    return _undo("helpful", piece, habit, before) if before != feedback else ""


def _confirm(user: User, link: Link, now: datetime, said: Said) -> str:
    user.email_confirmed = True
    return ""


def _unsubscribe(user: User, link: Link, now: datetime, said: Said) -> str:
    letters = user.coaching_profile.letters
    before = _wanted(letters)
    letters.digest = letters.digest and link.action == "unsubscribe-drip"
    letters.drip = letters.drip and link.action == "unsubscribe-digest"
    switched_off = before - _wanted(letters)
    return _undo("letters", *sorted(switched_off)) if switched_off else ""


def _wanted(letters: LetterChoice) -> set[str]:
    return {name for name in ("digest", "drip") if getattr(letters, name)}


def _take_back(user: User, link: Link, now: datetime, said: Said) -> str:
    """What a tap changed stands again as it was; what was written in between about the same day gives way."""
    what, *was = json.loads(link.detail)
    if what == "entry":
        _check_habit(user, was[0], _day(link))
        recording.put_back(user, was[0], _day(link), None if was[1] is None else Completion.model_validate(was[1]))
    elif what == "reasons":
        _reasons_again(user, _day(link), was[0])
    elif what == "reflection":
        user.daily_digests.setdefault(_day(link), DigestSaid()).reflection = was[0]
    elif what == "pause":
        planning.end_pause(user, today=today_of(user, now), begun=date.fromisoformat(was[0]))
    elif what == "every":
        user.coaching_profile.letters.every = was[0]
    elif what == "helpful":
        followup.answer(user, *was)
    elif what == "letters":
        letters = user.coaching_profile.letters
        letters.digest, letters.drip = letters.digest or "digest" in was, letters.drip or "drip" in was
    return ""


def _reasons_again(user: User, day: date, before: dict[str, str | None]) -> None:
    given = user.coaching_insights.missed_habits
    for habit, reason in before.items():
        if reason is not None:
            given.setdefault(habit, {})[day] = reason
        elif habit in given:
            given[habit].pop(day, None)
            if not given[habit]:
                del given[habit]


def _undo(what: str, *was: Any) -> str:
    return json.dumps([what, *was], ensure_ascii=False, separators=(",", ":"))


def _checked(text: str, most: int) -> str:
    text = " ".join(text.split())
    if len(text) > most:
        raise RecordingError(
            _("{count} characters are too many. Keep it within {most}.").format(count=len(text), most=most)
        )
    return text


_DO: dict[Action, Callable[[User, Link, datetime, Said], str]] = {
    "confirm": _confirm,
    "unsubscribe-digest": _unsubscribe,
    "unsubscribe-drip": _unsubscribe,
    "unsubscribe-all": _unsubscribe,
    "done": _done,
    "skip": _skip,
    "open": _open,
    "reason": _reason,
    "reflection": _reflection,
    "pause": _pause,
    "every": _every,
    "go-on": _go_on,
    "helpful": _helpful,
    "take-back": _take_back,
}
