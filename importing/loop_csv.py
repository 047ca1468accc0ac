"""Loop Habit Tracker's CSV export: every header and every coding of values that its versions have written."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import repeat

import pandas as pd

from core.catalogue import N_, _, n_
from core.models import Target
from importing.dates import read_days
from importing.files import Table, Tables
from importing.loop import AUTOMATIC, DONE, NO, SKIP, UNKNOWN, Days, Export, LoopHabit, days_of, target_of
from importing.refusal import COLUMNS, HABITS, ImportRefused, check_limit
from importing.tables import by_row, cells, rows_of, separator_of

WORDS = {"UNKNOWN": UNKNOWN, "NO": NO, "YES_AUTO": AUTOMATIC, "YES_MANUAL": DONE, "SKIP": SKIP, "": UNKNOWN}
WHOLE = re.compile(r"(-1|\d{1,12})(?:\.0+)?")
# Loop 2.0 wrote its own object into the combined table, with an unquoted comma inside. No part of the pattern can take
# what the next one begins with, and none is without end: a line of a thousand beginnings would be looked at for hours.
ENTRY = re.compile(r"Entry\(timestamp=[^,\n]{0,80}, {0,4}value=(-?\d{1,20})(?:[^)\d\n][^)\n]{0,80})?\)")
PIECES_MOST = 40  # of a name that was cut at its commas
UNSAFE = re.compile(r"[^ a-zA-Z0-9._-]+")  # what Loop leaves out of a folder's name
TYPES = {"YES_NO": False, "NUMERICAL": True, "": None}
COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
NO_PLANS = N_("There was no Habits.csv, so every habit is planned for every day")

TWICE = N_("remove the row that is wrong")


def read_export(tables: Tables) -> Export:
    """One export; a habit's own table is preferred, the combined one serves where that is missing or empty.

    Raises ImportRefused.
    """
    known = _read_habits(tables.habits) if tables.habits else {}
    waiting: defaultdict[str, list[Days]] = defaultdict(list)
    for name, days in _read_wide(tables.wide, [habit.name for habit in known.values()]) if tables.wide else []:
        waiting[name].append(days)
    habits = {position: _with_column(habit, waiting) for position, habit in known.items()}
    for (position, folder), table in sorted(tables.single.items()):
        habit = habits.get(position) or _with_column(LoopHabit(_name_of(folder, position, waiting)), waiting)
        own = _read_own(table, habit.name)
        habits[position] = habit if own.first is None else replace(habit, days=own)
    left = [LoopHabit(name, days) for name, columns in waiting.items() for days in columns]
    return Export(tables.name, [*(habits[n] for n in sorted(habits)), *left], () if tables.habits else (_(NO_PLANS),))


def _with_column(habit: LoopHabit, waiting: dict[str, list[Days]]) -> LoopHabit:
    """The habit with its column of the combined table, which is then taken."""
    return replace(habit, days=waiting[habit.name].pop(0)) if waiting.get(habit.name) else habit


def _name_of(folder: str, position: int, waiting: dict[str, list[Days]]) -> str:
    """The name of a habit that only its folder tells of: that of a column which Loop would write so."""
    named = (name for name, columns in waiting.items() if columns and UNSAFE.sub("", name)[:100].strip() == folder)
    return next(named, folder or f"Habit {position:03d}")


# --- codes -----------------------------------------------------------------------------------------------------------


def _codes(texts: pd.Series[str], name: str) -> pd.Series[int]:
    """Loop's codes of a column of values, by row. Raises ImportRefused, naming the row."""
    codes: dict[str, int] = {}
    for text in texts.unique():
        whole = WHOLE.fullmatch(text)
        if whole is None and text.upper() not in WORDS:
            row = texts.index[texts == text][0]
            raise ImportRefused(
                _(
                    "row {row} of {name} has the value {text!r}, which Loop does not write; "
                    "correct it to a whole number or one of {words}"
                ).format(row=row, name=name, text=text, words=", ".join(filter(None, WORDS)))
            )
        codes[text] = int(whole[1]) if whole else WORDS[text.upper()]
    return texts.map(codes)


# --- the combined table ----------------------------------------------------------------------------------------------


def _read_wide(table: Table, names: list[str]) -> list[tuple[str, Days]]:
    """(name, days) of each habit, in the order of the columns; `names` are those that Habits.csv knows."""
    separator = separator_of(table.text)
    line, _end, body = table.text.partition("\n")
    check_limit(line.count(separator), COLUMNS, N_("columns"), table.name)
    header = _header(line, separator, names, table.name)
    check_limit(len(header), HABITS, N_("habits"), table.name)
    if not body.strip():
        return [(name, Days()) for name in header if name]
    frame = cells(ENTRY.sub(r"\1", body), separator, table.name, first_row=2)
    columns = _named_columns(header, frame, names, table.name)
    dates = read_days(by_row(frame[0]), table.name)
    blank = repeat("")
    return [
        (name, days_of(zip(dates, _codes(frame[place], table.name), blank, strict=False), name, table.name, TWICE))
        for place, name in columns
    ]


def _named_columns(header: list[str], frame: pd.DataFrame, names: list[str], table: str) -> list[tuple[int, str]]:
    """(place, name) of each column with a name. Raises ImportRefused when names and columns do not go together."""
    used = [place for place in range(1, frame.shape[1]) if (frame[place] != "").any()]
    last = max(used, default=0)
    if len(header) < last or (len(header) > last and not set(header) <= set(names)):
        raise ImportRefused(
            _(
                "{name} names {habits} above {columns}, as happens with "
                "a comma in a name; give it together with its Habits.csv, or give the whole export"
            ).format(
                name=table,
                habits=n_("{n:,} habit", "{n:,} habits", len(header)).format(n=len(header)),
                columns=n_("{n:,} column", "{n:,} columns", last).format(n=last),
            )
        )
    places = [(place, name) for place, name in enumerate(header, start=1) if place < frame.shape[1]]
    return [(place, name or f"Habit {place:03d}") for place, name in places if name or place in used]


def _header(line: str, separator: str, names: list[str], table: str) -> list[str]:
    """The habits' names above the columns: Loop writes them unquoted, so a name with a comma is put together again."""
    raw = line.split(separator)[1:]
    quoted = next(rows_of(line, separator, table))[1:]
    readings = [_put_together(cells, separator, names) for cells in (quoted, raw)]
    best = max(readings, key=lambda reading: sum(name in names for name in reading))
    while best and not best[-1]:
        best.pop()
    return best


def _put_together(cells: list[str], separator: str, names: list[str]) -> list[str]:
    """The cells, neighbours joined where that makes the name of a habit; the longest name wins."""
    most = min(max((name.count(separator) for name in names), default=0) + 1, PIECES_MOST)
    wanted, out, at = set(names), [], 0
    while at < len(cells):
        spans = (span for span in range(most, 1, -1) if separator.join(cells[at : at + span]).strip() in wanted)
        span = next(spans, 1)
        out.append(separator.join(cells[at : at + span]).strip())
        at += span
    return out


# --- a habit's own table ---------------------------------------------------------------------------------------------


def _read_own(table: Table, habit: str) -> Days:
    """The days of the table in a habit's folder: with a header and notes since Loop 2.3.1, without before."""
    if not table.text.strip():
        return Days()
    frame = cells(table.text, separator_of(table.text), table.name).reindex(columns=range(3), fill_value="")
    if str(frame.iat[0, 0]).casefold() == "date":
        frame = frame.iloc[1:]
    dates = read_days(by_row(frame[0]), table.name) if len(frame) else []
    return days_of(zip(dates, _codes(frame[1], table.name), frame[2], strict=True), habit, table.name, TWICE)


# --- Habits.csv ------------------------------------------------------------------------------------------------------


def _read_habits(table: Table) -> dict[int, LoopHabit]:
    """What Habits.csv says of each habit, by its position. Raises ImportRefused."""
    frame = cells(table.text, separator_of(table.text), table.name)
    titles = [title.casefold() for title in frame.iloc[0]]
    check_limit(len(frame), HABITS, N_("habits"), table.name)
    if "name" not in titles:
        raise ImportRefused(_("{name} has no column Name; give Habits.csv as Loop wrote it").format(name=table.name))
    rows = {row: dict(zip(titles, cells, strict=True)) for row, *cells in frame.iloc[1:].itertuples()}
    told = [row.get("position", "") for row in rows.values()]
    is_told = (
        all(re.fullmatch(r"\d{1,6}", position) for position in told) and max(Counter(told).values(), default=0) < 2
    )
    places = map(int, told) if is_told else range(1, len(rows) + 1)
    return {
        place: _habit(cells, place, _("row {row} of {name}").format(row=n, name=table.name))
        for place, (n, cells) in zip(places, rows.items(), strict=True)
    }


def _habit(row: dict[str, str], place: int, where: str) -> LoopHabit:
    kind = row.get("type", "").upper()
    if kind not in TYPES:
        raise ImportRefused(
            _("{where} has the type {text!r}; Loop knows YES_NO and NUMERICAL").format(where=where, text=kind)
        )
    color = row.get("color", "")
    return LoopHabit(
        name=row["name"] or f"Habit {place:03d}",
        numeric=TYPES[kind],
        frequency=_frequency(row, where),
        target=_target(row, where) if TYPES[kind] else None,
        archived=row.get("archived?", "").casefold() == "true",
        color=color if COLOR.fullmatch(color) else "",
    )


def _frequency(row: dict[str, str], where: str) -> tuple[int, int] | None:
    times = row.get("frequencynumerator") or row.get("numrepetitions") or ""
    days = row.get("frequencydenominator") or row.get("interval") or ""
    if not times and not days:
        return None
    return _whole(times, where), _whole(days, where)


def _whole(text: str, where: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text):
        raise ImportRefused(
            _("{where} has the frequency {text!r}; correct it to a whole number").format(where=where, text=text)
        )
    return int(text)


def _target(row: dict[str, str], where: str) -> Target:
    text, unit = row.get("target value") or "0", row.get("unit", "")
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not 0 <= amount < math.inf:
        raise ImportRefused(_("{where} has the target {text!r}; correct it to a number").format(where=where, text=text))
    return target_of(amount, at_most=row.get("target type", "").upper() == "AT_MOST", unit=unit)
