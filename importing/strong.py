"""Strong's CSV export: one row a set; what is kept of a workout is its day, its start, its name and its note.

All workouts are one habit. Their names follow what is trained ("Push", "Leg day") and change with the training plan,
so that each alone would look like a habit that was given up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby
from statistics import median_low

import pandas as pd

from core.catalogue import N_, _, n_
from core.localtime import week_start
from core.models import Habit, Plan
from importing.dates import read_days
from importing.files import Table
from importing.history import HabitCounts, History, Moment, Report
from importing.refusal import ENTRIES, ImportRefused, check_limit
from importing.tables import by_row, cells, separator_of

HABIT = "Workout"
HABIT_ID = "workout"
# The columns that are read, by the names that the app's languages give them; notes came with later versions.
DAY, NAME, NOTES = ("date", "datum"), ("workout name", "workout-name"), ("workout notes", "workout-notizen")
CLOCK = re.compile(r"(\d{1,2})[:.](\d\d)(?:[:.](\d\d)(?:\.\d+)?)?(?: ?([ap])\.? ?m\.?)?", re.IGNORECASE | re.ASCII)
NAMES_SHOWN = 5
EVERY_DAY = 7  # workouts a week


@dataclass(frozen=True)
class Workouts:
    """One file's workouts, oldest first."""

    name: str
    moments: tuple[Moment, ...]


def read_workouts(table: Table) -> Workouts:
    """The workouts of one export: rows with one date and name are one. Raises ImportRefused."""
    frame = cells(table.text, separator_of(table.text), table.name)
    titles = [title.casefold() for title in frame.iloc[0]]
    day, name, notes = (_column(titles, names) for names in (DAY, NAME, NOTES))
    if day is None or name is None:
        raise ImportRefused(
            _("{name} has no columns Date and Workout Name; export it again with Strong in English").format(
                name=table.name
            )
        )
    rows = pd.DataFrame({"at": frame[day], "name": frame[name], "note": "" if notes is None else frame[notes]}).iloc[1:]
    if rows.empty:
        raise ImportRefused(_("{name} holds no workout yet; export again after the first").format(name=table.name))
    starts = rows.drop_duplicates(["at", "name"])
    noted = rows[rows["note"] != ""].groupby(["at", "name"], sort=False)["note"].first().to_dict()
    days, clocks = _days_and_clocks(by_row(starts["at"]), table.name)
    keys = zip(starts["at"], starts["name"], strict=True)
    moments = [
        Moment(day, clock, ": ".join(filter(None, (key[1], noted.get(key, "")))))
        for day, clock, key in zip(days, clocks, keys, strict=True)
    ]
    return Workouts(table.name, tuple(sorted(moments, key=_when)))


def history_of_workouts(files: Sequence[Workouts]) -> History:
    """The workouts of all files as one habit; one that is in several of them is one.

    Nobody planned it in the app: the assumed plan is as many times a week as in the middle week with any.
    """
    moments = sorted({moment for file in files for moment in file.moments}, key=_when)
    days = sorted({moment.day for moment in moments})
    check_limit(len(days), ENTRIES, N_("entries"), ", ".join(file.name for file in files))
    by_week = [len(list(week)) for _monday, week in groupby(days, key=week_start)]
    times = median_low(by_week)
    often = {"rrule": "FREQ=DAILY"} if times >= EVERY_DAY else {"times": times, "per": "week"}
    plan = Plan.model_validate({"from": days[0], **often, "assumed": True})
    habit = Habit(id=HABIT_ID, name=HABIT, created_on=days[0], schedule=[plan])
    return History((habit,), {}, Report((_counts(moments, days, times),)), {HABIT_ID: moments})


def _column(titles: list[str], names: tuple[str, ...]) -> int | None:
    return next((place for place, title in enumerate(titles) if title in names), None)


def _when(moment: Moment) -> tuple[date, time, str]:
    return moment.day, moment.clock or time.max, moment.note


def _days_and_clocks(texts: dict[int, str], name: str) -> tuple[list[date], list[time | None]]:
    """The starts, given by row; a file whose workouts all start at midnight tells no clock.

    Raises ImportRefused.
    """
    parts = {row: re.split(r"[T ,]+", " ".join(text.split()), maxsplit=1) for row, text in texts.items()}
    days = read_days({row: part[0] for row, part in parts.items()}, name)
    clocks = [_clock(part[1], row, name) if len(part) > 1 else None for row, part in parts.items()]
    return days, clocks if any(clock not in (None, time()) for clock in clocks) else [None] * len(days)


def _clock(text: str, row: int, name: str) -> time:
    found = CLOCK.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        hour, minute, second = (int(part or 0) for part in found.groups()[:3])
        if found[4] is not None:
            if not 1 <= hour <= 12:
                raise ValueError
            hour = hour % 12 + (12 if found[4] in "pP" else 0)
        return time(hour, minute, second)
    except ValueError:
        raise ImportRefused(
            _("row {row} of {name} has {text!r} where a time of day is due; write it like 18:05").format(
                row=row, name=name, text=text
            )
        ) from None


def _counts(moments: Sequence[Moment], days: Sequence[date], times: int) -> HabitCounts:
    names = Counter(moment.note.partition(": ")[0] for moment in moments if moment.note)
    most = [f"{name} {number}" for name, number in names.most_common(NAMES_SHOWN)]
    others = len(names) - NAMES_SHOWN
    most += [n_("{n:,} other name", "{n:,} other names", others).format(n=others)] if others > 0 else []
    often = (
        _("every day")
        if times >= EVERY_DAY
        else _("once a week")
        if times == 1
        else _("{n} times a week").format(n=times)
    )
    remarks = [
        n_("{n:,} workout", "{n:,} workouts", len(moments)).format(n=len(moments))
        + (f" ({', '.join(most)})" if most else ""),
        _("the plan is assumed: {often}, as it mostly was").format(often=often),
    ]
    if all(moment.clock is None for moment in moments):
        remarks.append(_("the file tells no time of day"))
    noted = len({moment.day for moment in moments if moment.note})
    return HabitCounts(HABIT, len(days), 0, 0, noted, 0, 0, 0, 0, tuple(remarks))
