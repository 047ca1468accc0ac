"""What Today shows of a record, as plain data: drawn by the screen, and answered to each tap by the route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from babel import Locale

from core.catalogue import _, language
from core.coach.quiet import may_be_told
from core.localtime import ONE_DAY, wall_instant, week_start, zone
from core.models import User
from core.planning import in_groups
from core.progress import HabitRecord, Record
from core.wording import locale_of
from screens import wording
from screens.grid import Row, grid_row, head_of
from screens.pictures import drawn, heat

HEAT_WEEKS = 7
WORD_DAYS = 14  # the coach's line looks back this far
WORD_LEAST = 5  # counted days below which a share says nothing
Board = dict[str, Any]
_ROWS: WeakKeyDictionary[HabitRecord, tuple[object, Row]] = WeakKeyDictionary()
Part = tuple[str, bool]  # words, and whether they are a name that stands out


def board_of(record: Record, days: Sequence[date], now: datetime) -> Board:
    """Everything on the page that a tap can move; `stamp` orders two boards of one person by when they were read."""
    locale = locale_of(record.user.locale)
    said_in = language()
    shown = shown_habits(record, days)
    order = [habit.id for habit in in_groups(one.habit for one in shown)]
    return {
        "rows": [_row(one, days, locale, said_in) for one in sorted(shown, key=lambda one: order.index(one.habit.id))],
        "besides": _(wording.NO_GROUP) if any(one.habit.group for one in shown) else "",
        "days": [head_of(day, locale) for day in days],
        "now": days.index(record.today) if record.today in days else -1,
        "today": record.today.isoformat(),
        "ends": max(0, round((day_end(record.user, record.today) - now).total_seconds())),
        "stamp": now.timestamp(),
        "head": head(record, locale),
        "word": coach_word(record),
        "heat": heat_cells(record, days, locale),
    }


def _row(record: HabitRecord, days: Sequence[date], locale: Locale, said_in: str) -> Row:
    """A habit's row; worked out once for as long as its record is the same (screens/kept.py)."""
    key, (known, row) = (days[0], days[-1], str(locale), said_in), _ROWS.get(record, (None, {}))
    if known != key:
        row = grid_row(record, days, locale)
        _ROWS[record] = key, row
    return row


def shown_habits(record: Record, days: Sequence[date]) -> list[HabitRecord]:
    """Those on the list today; for an earlier week those that were on it then."""
    if record.today in days:
        return record.active
    return [
        one
        for one in record.habits
        if one.first <= days[-1] and (one.habit.archived_on is None or one.habit.archived_on > days[0])
    ]


def head(record: Record, locale: Locale) -> dict[str, Any]:
    """What is done of what is due, XP and level."""
    xp = record.xp
    level = record.level
    return {
        "said": said_today(record),
        "level": level.number,
        "total": xp,
        "xp": _("{xp} XP").format(xp=wording.number(xp, locale)),
        "missing": _("{xp} XP to level {n}").format(
            xp=wording.number(level.needed - level.into, locale), n=level.number + 1
        ),
        "filled": drawn.share(level.into / level.needed),
        "perfect": record.today in record.perfect_days,
    }


def said_today(record: Record) -> str:
    """`2 of 6 done today`: what is due and what was done besides; a perfect day says so in the same line."""
    done = {one.habit.id for one in record.done_on(record.today)}
    asked = {one.habit.id for one in record.due_on(record.today)} | done
    if not asked:
        return _("Nothing is due today")
    # A line of its own would push the list down below the finger that has just tapped.
    said = _("A perfect day: {done} of {of}") if record.today in record.perfect_days else _("{done} of {of} done today")
    return said.format(done=len(done), of=len(asked))


def coach_word(record: Record) -> list[Part]:
    """One true line from the record: the most settled habit of the last two weeks, by its counts."""
    if not record.active:
        return [(_("Begin with one habit. Its first two minutes are enough."), False)]
    if record.due_on(record.today) and not any(record.user.completions.values()):
        return [
            (_("Tap today’s square when the habit is done; one more tap takes it back. That is all I need."), False)
        ]
    first = record.today - timedelta(days=WORD_DAYS - 1)
    rates = [(one, *one.rate(first, record.today)) for one in record.active]
    told = [(done / of, one, done, of) for one, done, of in rates if of >= WORD_LEAST and done * 2 >= of]
    told = sorted(told, key=lambda row: (row[0], row[3]), reverse=True)
    best = next((row for row in told if may_be_told(row[1])), None)
    if best is not None:
        _share, one, done, of = best
        days = _("{habit}: {done} of the last {of} days.")
        times = _("{habit}: {done} of the last {of} times planned.")
        return _parts(days if one.unit == "day" else times, one.habit.name, done=done, of=of)
    done_today = [one.habit.name for one in record.done_on(record.today) if may_be_told(one)]
    if done_today:
        return _parts(_("Today: {habit}. That is on the record."), wording.listed(done_today))
    small = next((one.habit for one in record.due_on(record.today) if one.habit.small and may_be_told(one)), None)
    if small is not None:
        return _parts(_("A small start for {habit}: {small}. It counts."), small.name, small=small.small)
    return [(_("One tap a day is all I need to learn what your days are like."), False)]


def _parts(sentence: str, name: str, **slots: object) -> list[Part]:
    """A sentence around the name that stands at `{habit}`."""
    before, _mark, after = sentence.partition("{habit}")
    parts = [(before.format(**slots), False), (name, True), (after.format(**slots), False)]
    return [(words, is_name) for words, is_name in parts if words]


def heat_cells(record: Record, days: Sequence[date], locale: Locale) -> list[tuple[int, str, str]]:
    """(place, class, title) of the shown days in the picture of seven weeks."""
    first, begun = heat_first(record), _begun(record)
    return [
        ((day - first).days, *heat.heat_day(record, day, *_counts_on(record, day), locale))
        for day in days
        if max(first, begun) <= day <= record.today
    ]


def heat_first(record: Record) -> date:
    """The Monday of the first of the seven weeks: the last ones, or, while it is younger, those from its beginning."""
    return max(week_start(record.today) - timedelta(weeks=HEAT_WEEKS - 1), week_start(_begun(record)))


def _begun(record: Record) -> date:
    return min([one.first for one in record.habits], default=record.today)


def _counts_on(record: Record, day: date) -> tuple[int, int]:
    done = [one.was_done(day) for one in record.habits]
    return sum(done), sum(is_done or one.was_asked(day) for is_done, one in zip(done, record.habits, strict=True))


def day_end(user: User, day: date) -> datetime:
    """The instant at which a person's day is over, in UTC."""
    profile = user.coaching_profile
    return wall_instant(day + ONE_DAY, time(profile.day_ends_at), zone(profile.timezone))
