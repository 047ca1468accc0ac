"""Loop Habit Tracker's backup: an SQLite database, versions 9 to 25."""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from core.catalogue import N_, _, n_
from core.models import Target
from importing.dates import EARLIEST, LATEST
from importing.files import refuse_foreign
from importing.loop import DONE, THOUSANDTHS, UNKNOWN, Export, LoopHabit, days_of, target_of
from importing.refusal import ENTRIES, HABITS, ImportRefused, check_limit

# Loop writes no column that is worked out of others and no virtual table. What works a column out may be anything, and
# the check of a single row could take hours.
COMPUTES = """SELECT 1 FROM sqlite_master AS made WHERE made.type = 'table' AND (made.rootpage = 0
    OR EXISTS (SELECT 1 FROM pragma_table_xinfo(made.name) AS its WHERE its.hidden <> 0))"""
VERSIONS = range(9, 26)  # PRAGMA user_version
CELL_MOST = 10_000_000  # bytes of one value: a schema that anybody may have written can make large ones
CODE_MOST = 1_000_000_000 * THOUSANDTHS
NEEDED = {"habits": {"id", "name"}, "repetitions": {"habit", "timestamp"}}
# Columns that came with later versions, and what holds without them: every row is done.
HABIT_COLUMNS = {
    "id": "",
    "name": "",
    "freq_num": "1",
    "freq_den": "1",
    "type": "NULL",
    "target_type": "0",
    "target_value": "0",
    "unit": "''",
    "archived": "0",
}
DAY_COLUMNS = {"habit": "", "timestamp": "", "value": str(DONE), "notes": "''"}
FOREIGN_TABLES = (({"tracks", "ticks"}, N_("Tickmate's database")), ({"checkins"}, N_("Rewire's database")))

Value = str | int | float | bytes | None
Row = dict[str, Value]
Day = tuple[date, int, str]

TWICE = N_("open it in a newer Loop, which repairs that, and back up again")


def read_backup(path: Path) -> Export:
    """The habits of a backup, opened for reading only. Raises ImportRefused."""
    has_log = path.with_name(path.name + "-wal").exists()
    address = f"{path.resolve().as_uri()}?mode=ro{'' if has_log else '&immutable=1'}"
    try:
        with closing(sqlite3.connect(address, uri=True)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, CELL_MOST)
            database.execute("PRAGMA trusted_schema = OFF")
            if database.execute(COMPUTES).fetchone() or database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _damaged(path)
            return _read(database, path.name)
    except (sqlite3.Error, OverflowError, UnicodeDecodeError):  # a damaged schema can spoil the message itself
        raise _damaged(path) from None


def _read(database: sqlite3.Connection, name: str) -> Export:
    columns = _columns(database)
    if not all(needed <= columns.get(table, set()) for table, needed in NEEDED.items()):
        _refuse_tables(name, set(columns))
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in VERSIONS:
        raise ImportRefused(
            _(
                "{name} is a backup of version {version}, and {first} to {last} are read; "
                "export as CSV in Loop and give that"
            ).format(name=name, version=version, first=VERSIONS[0], last=VERSIONS[-1])
        )
    for table, most in (("habits", HABITS), ("repetitions", ENTRIES)):
        (count,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 - one of the two above
        check_limit(count, most, N_("rows"), name)
    days, orphans = _days(database, columns["repetitions"], name)
    order = "position, id" if "position" in columns["habits"] else "id"
    rows = _rows(database, "habits", HABIT_COLUMNS, columns["habits"], order)
    habits = [_habit(row, days.pop(row["id"], []), name) for row in rows]
    return Export(name, habits, _orphan_remarks(orphans + sum(map(len, days.values()))))


def _columns(database: sqlite3.Connection) -> dict[str, set[str]]:
    """The columns of each table, in small letters: old versions write Id."""
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = "SELECT name FROM pragma_table_info(?)"
    return {table.casefold(): {str(n).casefold() for (n,) in database.execute(found, [table])} for table in tables}


def _refuse_tables(name: str, tables: set[str]) -> None:
    words = next((words for known, words in FOREIGN_TABLES if known <= tables), None)
    shown = ", ".join(sorted(tables)[:5]) or _("no table")
    refuse_foreign(name, _(words) if words else _("a database of something else (with {tables})").format(tables=shown))


def _rows(database: sqlite3.Connection, table: str, wanted: dict[str, str], there: set[str], order: str) -> list[Row]:
    """Every row of a table, with what holds in place of columns that are not there."""
    shown = ", ".join(column if column in there else f"{without} AS {column}" for column, without in wanted.items())
    found = database.execute(f"SELECT {shown} FROM {table} ORDER BY {order}")  # noqa: S608 - all of it written above
    return [dict(zip(wanted, row, strict=True)) for row in found]


def _days(database: sqlite3.Connection, there: set[str], name: str) -> tuple[dict[Value, list[Day]], int]:
    """What was recorded by habit, and how many rows belong to no habit or day."""
    days: defaultdict[Value, list[Day]] = defaultdict(list)
    orphans = 0
    for row in _rows(database, "repetitions", DAY_COLUMNS, there, "rowid"):
        if row["habit"] is None or row["timestamp"] is None:
            orphans += 1
            continue
        day = _day(row["timestamp"], name)
        days[row["habit"]].append((day, _code(row["value"], day, name), str(row["notes"] or "")))
    return dict(days), orphans


def _code(value: Value, day: date, name: str) -> int:
    if not isinstance(value, int) or not UNKNOWN <= value <= CODE_MOST:
        raise ImportRefused(
            _(
                "{name} has the value {value!r} on {day}, which Loop does not write; "
                "correct that day in Loop and back up again"
            ).format(name=name, value=value, day=day.isoformat())
        )
    return value


def _day(stamp: Value, name: str) -> date:
    """The person's day of a timestamp: milliseconds of midnight UTC of that day, wherever the person was."""
    try:
        day = datetime.fromtimestamp(int(str(stamp)) / 1000, UTC).date()
    except (ValueError, OverflowError, OSError):
        day = date.min
    if not EARLIEST <= day < LATEST:
        raise ImportRefused(
            _("{name} has the timestamp {stamp!r}, which is no day of a habit; remove that day in Loop").format(
                name=name, stamp=stamp
            )
        )
    return day


def _habit(row: Row, days: list[Day], name: str) -> LoopHabit:
    is_numeric = None if row["type"] is None else row["type"] == 1
    title = str(row["name"] or "").strip() or "Habit"
    return LoopHabit(
        name=title,
        days=days_of(days, title, name, TWICE),
        numeric=is_numeric,
        frequency=(_whole(row["freq_num"]), _whole(row["freq_den"])),
        target=_target(row, _("{habit} in {name}").format(habit=title, name=name)) if is_numeric else None,
        archived=row["archived"] not in (0, None),
    )


def _whole(number: Value) -> int:
    return number if isinstance(number, int) else 0


def _target(row: Row, where: str) -> Target:
    amount = row["target_value"] or 0
    if not isinstance(amount, (int, float)) or not 0 <= amount < math.inf:
        raise ImportRefused(
            _("{where} has the target {amount!r}; correct it in Loop and back up again").format(
                where=where, amount=amount
            )
        )
    return target_of(float(amount), at_most=row["target_type"] == 1, unit=str(row["unit"] or ""))


def _orphan_remarks(number: int) -> tuple[str, ...]:
    said = n_("Left out: {n:,} day of deleted habits", "Left out: {n:,} days of deleted habits", number)
    return (said.format(n=number),) if number else ()


def _damaged(path: Path) -> ImportRefused:
    return ImportRefused(
        _("{name} is a damaged or incomplete database; copy it again, or make a new backup").format(name=path.name)
    )
