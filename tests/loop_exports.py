"""The same short history of three habits, as each version of Loop Habit Tracker writes it."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from core.models import Completion
from importing.history_import import History

FIXTURES = Path(__file__).parent / "fixtures" / "loop"
SPREADSHEET = FIXTURES / "spreadsheet" / "Checkmarks.csv"
ZIPPED = FIXTURES / "loop_habits_csv_v2.3.1.zip"

FIRST = date(2026, 1, 20)
NAMES = ("Meditate", "Learn, wide 🌍", "Water")
FREQUENCIES = ((1, 1), (3, 7), (1, 1))
CODES = {  # newest last: done, skipped, automatic, no, unknown; Water counts glasses in thousandths
    "Meditate": (2, 2, 0, 3, 2, -1, 2),
    "Learn, wide 🌍": (-1, 2, 1, 1, 0, 2, -1),
    "Water": (8000, 6500, 0, -1, 3, 10000, 250),
}
WORDS = {-1: "UNKNOWN", 0: "NO", 1: "YES_AUTO", 2: "YES_MANUAL", 3: "SKIP"}


def day(n: int) -> date:
    return FIRST + timedelta(days=n)


def as_number(code: int, on: date) -> str:
    return str(code)


def as_entry(code: int, on: date) -> str:
    return f"Entry(timestamp={on.isoformat()}, value={code})"


def as_word(code: int, on: date) -> str:
    return WORDS.get(code, str(code))


HEADERS: dict[str, Callable[[int, str, int, int], str]] = {
    "Name,Description,NumRepetitions,Interval,Color": lambda n, name, times, days: f"{name},,{times},{days},#1976D2",
    "Position,Name,Description,NumRepetitions,Interval,Color": lambda n, name, times, days: (
        f"{n:03d},{name},Did you?,{times},{days},#1976D2"
    ),
    "Position,Name,Question,Description,NumRepetitions,Interval,Color": lambda n, name, times, days: (
        f'{n:03d},{name},Did you?,"two\nlines",{times},{days},#1976D2'
    ),
    "Position,Name,Type,Question,Description,FrequencyNumerator,FrequencyDenominator,Color,Unit,Target Type,"
    "Target Value,Archived?": lambda n, name, times, days: (
        f"{n:03d},{name},{'NUMERICAL' if name == 'Water' else 'YES_NO'},,,{times},{days},#1976D2,"
        f"{',AT_LEAST,0.0' if name == 'Water' else ',,'},false"
    ),
}
OLDEST, *_, NEWEST = HEADERS
CODINGS = (as_number, as_entry, as_word)


def habits_csv(header: str) -> str:
    rows = [
        HEADERS[header](n, f'"{name}"' if "," in name else name, *frequency)
        for n, (name, frequency) in enumerate(zip(NAMES, FREQUENCIES, strict=True), start=1)
    ]
    return "\n".join([header, *rows]) + "\n"


def wide_csv(coding: Callable[[int, date], str], codes: Mapping[str, tuple[int, ...]] = CODES) -> str:
    lines = ["Date," + "".join(f"{name}," for name in codes)]
    length = len(next(iter(codes.values())))
    for n in reversed(range(length)):
        lines.append(f"{day(n).isoformat()}," + "".join(f"{coding(column[n], day(n))}," for column in codes.values()))
    return "\n".join(lines) + "\n"


def own_csv(name: str, coding: Callable[[int, date], str], *, header: bool) -> str:
    known = [(day(n), code) for n, code in reversed(list(enumerate(CODES[name]))) if code != -1]
    if header:
        return "Date,Value,Notes\n" + "".join(f"{on},{coding(code, on)},\n" for on, code in known)
    return "".join(f"{on},{code}\n" for on, code in known)


def write_export(folder: Path, tables: Mapping[str, str]) -> Path:
    for name, text in tables.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def write_zip(path: Path, tables: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in tables.items():
            archive.writestr(name, text)
    return path


def plain(history: History) -> dict[str, Any]:
    """The habits and entries, without the report."""
    return {
        habit.name: (
            habit.id,
            habit.created_on,
            [plan.model_dump(mode="json", exclude_unset=True) for plan in habit.schedule],
            habit.target and habit.target.at_least,
            {on: said(entry) for on, entry in history.completions.get(habit.id, {}).items()},
        )
        for habit in history.habits
    }


def said(entry: Completion) -> object:
    assert (entry.source, entry.at) == ("import", None)
    return "skip" if entry.skip else "done" if entry.value is None else entry.value


EXPECTED: dict[str, Any] = {
    "Meditate": (
        "meditate",
        day(0),
        [{"from": day(0).isoformat(), "rrule": "FREQ=DAILY"}],
        None,
        {day(0): "done", day(1): "done", day(3): "skip", day(4): "done", day(6): "done"},
    ),
    "Learn, wide 🌍": (
        "learn-wide",
        day(1),
        [{"from": day(1).isoformat(), "times": 3, "per": "week"}],
        None,
        {day(1): "done", day(5): "done"},
    ),
    "Water": (
        "water",
        day(0),
        [{"from": day(0).isoformat(), "rrule": "FREQ=DAILY"}],
        0,
        {day(0): 8, day(1): 6.5, day(4): "skip", day(5): 10, day(6): 0.25},
    ),
}


MODERN = "archived integer, freq_den integer, freq_num integer, name text, position integer"
NUMBERS = "type integer, target_type integer, target_value real, unit text"


def write_backup(path: Path, version: int = 25, habits: str = "", *statements: str) -> Path:
    """A small backup with the columns that its version has."""
    with closing(sqlite3.connect(path)) as database, database:
        more = f", {NUMBERS}" if version >= 16 else ""
        value = (", value integer" if version >= 16 else "") + (", notes text" if version >= 25 else "")
        database.execute(f"CREATE TABLE Habits (Id integer primary key, {MODERN}{more})")
        database.execute(f"CREATE TABLE Repetitions (Id integer primary key, habit integer, timestamp integer{value})")
        database.execute(f"PRAGMA user_version = {version}")
        for statement in [habits, *statements]:
            database.execute(statement)
    return path


def stamp(n: int) -> int:
    return int(datetime.combine(day(n), datetime.min.time(), UTC).timestamp() * 1000)


def backup_of_the_cast(path: Path) -> Path:
    habits = (
        f"INSERT INTO Habits VALUES (7, 0, 1, 1, 'Meditate', 0, 0, 0, 0, ''),"
        f"(8, 0, 7, 3, '{NAMES[1]}', 1, 0, 0, 0, ''), (9, 0, 1, 1, 'Water', 2, 1, 0, 0, '')"
    )
    rows = [
        f"({habit}, {stamp(n)}, {code}, '')"
        for habit, codes in zip((7, 8, 9), CODES.values(), strict=True)
        for n, code in enumerate(codes)
        if code != 1  # derived marks are not stored
    ]
    days = f"INSERT INTO Repetitions (habit, timestamp, value, notes) VALUES {', '.join(rows)}"
    return write_backup(path, 25, habits, days)
