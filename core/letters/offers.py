"""Which taps a letter offers: done and skip, yesterday to mend, what got in the way, fewer letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any, cast

from babel.dates import format_date

from core.catalogue import N_, _
from core.letters.digest_day import DigestDay
from core.letters.taps import REASONS, Action
from core.localtime import ONE_DAY
from core.models import User
from core.progress import HabitRecord, Record, Unit
from core.schedule import is_done, target_on
from core.slots import FASTER, SLOWER
from core.wording import capitalized, locale_of, number_text, rhythm_said, times_text

LinkTo = Callable[[Action, str, date | None], str]  # action, detail, day → address
ROWS_MOST = 6  # of a kind in one letter; more are a tap away in the app
SUNDAY = 6
OTHER_REASON = N_("something else")
OF_PERIOD = {"week": N_("{done} of {of} this week"), "month": N_("{done} of {of} this month")}

Facts = dict[str, object]


def digest_offers(facts: Facts, day: DigestDay, link: LinkTo) -> Facts:
    """The facts of the digest of a day with the taps that it offers beside each habit and below."""
    record, user, covers, looks_back = day.record, day.user, day.covers, day.looks_back
    missed = cast(list[dict[str, Any]], facts["missed"])
    here = covers + ONE_DAY if looks_back else covers
    mend = [] if looks_back else _to_mend(record, covers - ONE_DAY)
    return facts | {
        "wins": _changeable(facts["wins"], covers, link),
        "credited": _changeable(facts["credited"], covers - ONE_DAY, link),
        "missed": [habit | _taps(record.of(str(habit["id"])), covers, link) for habit in missed],
        "open_title": _("Today") if looks_back else _open_title(covers),
        "open": _rows(user, _open_on(record, here, looks_back=looks_back), here, link),
        "mend": _rows(user, mend, covers - ONE_DAY, link),
        "mend_note": _("{weekday} is open.").format(weekday=_weekday(user.locale, covers - ONE_DAY)) if mend else "",
        "reasons": reasons(covers, link) if facts["asks_why"] else [],
        "finish": link("reflection", str(facts["goes_on"]), covers),
        "insight": _answerable(facts.get("insight"), link),
    }


def comeback_offers(facts: Facts, record: Record, *, last: bool, looks_back: bool, link: LinkTo) -> Facts:
    """The facts of a come-back letter with its taps: a small start, a rest, an answer; on the `last` yes or no."""
    user, covers = record.user, record.today
    day = covers + ONE_DAY if looks_back else covers
    habits = [] if last else _open_on(record, day, looks_back=True)
    return facts | {
        "habits": _rows(user, habits, day, link),
        "reasons": [] if last else reasons(covers, link),
        "pause": "" if last else link("pause", "", None),
        "go_on": link("go-on", "", None) if last else "",
        "stop": link("unsubscribe-all", "", None) if last else "",
    }


def controls(user: User, link: LinkTo, profile_url: str) -> tuple[tuple[str, str], ...]:
    """What stands beside the line on the next letter: (label, address). The time is changed in the app."""
    every = user.coaching_profile.letters.every
    slower = [(_("Less often"), link("every", str(SLOWER[every]), None))] if every in SLOWER else []
    faster = [(_("More often"), link("every", str(FASTER[every]), None))] if every in FASTER else []
    return ((_("Pause 7 days"), link("pause", "", None)), *slower, *faster, (_("Change time"), profile_url))


def reasons(day: date, link: LinkTo) -> list[tuple[str, str]]:
    """What got in the way, an answer a tap: (label, address)."""
    said = [(capitalized(_(words)), link("reason", key, day)) for key, words in REASONS.items()]
    return [*said, (capitalized(_(OTHER_REASON)), link("reason", "", day))]


def thumbs(rated: str, link: LinkTo) -> list[tuple[str, str]]:
    """Whether a piece of advice (`its name:its habit`) was helpful, an answer a tap: (label, address)."""
    answers = ((_("Helpful"), "yes"), (_("Not helpful"), "no"))
    return [(label, link("helpful", f"{answer}:{rated}", None)) for label, answer in answers]


def _answerable(insight: object, link: LinkTo) -> object:
    """The insight with its two answers, when it is a piece of advice (its name and habit in `rated`) or an offer to
    write `every` so many days."""
    if isinstance(insight, dict) and insight.get("every"):
        every = insight["every"]
        no = (_("Keep it as it is"), link("helpful", f"no:keeping-{every}:", None))
        return insight | {"thumbs": [(capitalized(rhythm_said(every)), link("every", str(every), None)), no]}
    if not isinstance(insight, dict) or not insight.get("rated"):
        return insight
    return insight | {"thumbs": thumbs(str(insight["rated"]), link)}


def _changeable(habits: object, day: date, link: LinkTo) -> list[dict[str, Any]]:
    rows = cast(list[dict[str, Any]], habits)
    return [habit | {"change": link("open", str(habit["id"]), day)} for habit in rows]


def _to_mend(record: Record, day: date) -> list[HabitRecord]:
    """Due on an earlier day, neither done nor skipped, and still on the list."""
    return [habit for habit in record.due_on(day) if day not in habit.done and habit in record.active]


def _open_on(record: Record, day: date, *, looks_back: bool) -> list[HabitRecord]:
    """Habits that may be done on a day and are not: those without a fixed day, and, the day lying ahead, those due."""
    return [habit for habit in record.active if _is_open(record.user, habit, day, looks_back=looks_back)]


def _open_title(day: date) -> str:
    """Above what has no fixed day; a week that ends with the day leaves no other."""
    return _("Today, if you like") if day.weekday() == SUNDAY else _("Any day will do")


def _is_open(user: User, habit: HabitRecord, day: date, *, looks_back: bool) -> bool:
    entry = user.completions.get(habit.habit.id, {}).get(day)
    if day in habit.paused or is_done(habit.habit, entry, day) or (entry is not None and entry.skip):
        return False
    count = habit.period_count(day)
    return count[0] < count[1] if count is not None else looks_back and habit.is_due(day)


def _rows(user: User, habits: list[HabitRecord], day: date, link: LinkTo) -> list[Facts]:
    return [_row(user, habit, day, link) for habit in habits[:ROWS_MOST]]


def _row(user: User, habit: HabitRecord, day: date, link: LinkTo) -> Facts:
    count = habit.period_count(day)
    who = {"name": habit.habit.name, "icon": habit.habit.icon, "accent": user.habits.index(habit.habit) % 6}
    note = _of_period(*count) if count else ""
    taps = _taps(habit, day, link) | ({"skip": ""} if count else {})  # a day that was not asked for needs none
    return who | {"mark": "", "note": note} | taps


def _of_period(done: int, of: int, unit: Unit) -> str:
    """`2 of 3 this week`, of a week or month that is open as a whole `3 times this week`."""
    if not done:
        return (_("{times} this week") if unit == "week" else _("{times} this month")).format(times=times_text(of))
    return _(OF_PERIOD[unit]).format(done=done, of=of)


def _taps(habit: HabitRecord, day: date, link: LinkTo) -> Facts:
    target, habit_id = target_on(habit.habit, day), habit.habit.id
    label = _("Done")
    if target is not None and target.at_most is not None:
        label = _("Within {most}").format(most=number_text(target.at_most))
    return {"label": label, "done": link("done", habit_id, day), "skip": link("skip", habit_id, day)}


@lru_cache(maxsize=256)
def _weekday(locale: str, day: date) -> str:
    return format_date(day, "EEEE", locale=locale_of(locale))
