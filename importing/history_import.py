"""The door for a history from another tracker: reads its files, gives habits and completions, changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.catalogue import _
from importing.files import Kind, Tables, kind_of, read_folder, read_table, read_zip
from importing.history import HabitCounts, History, Merged, Moment, Report, details, merge, summary, together
from importing.loop import Export, history_of
from importing.loop_csv import read_export
from importing.loop_db import read_backup
from importing.refusal import READS, UNPACKED_BYTES, ImportRefused
from importing.strong import history_of_workouts, read_workouts

__all__ = [
    "HabitCounts",
    "History",
    "ImportRefused",
    "Merged",
    "Moment",
    "Report",
    "details",
    "merge",
    "read_history",
    "summary",
]


def read_history(paths: Sequence[Path], *, unpacked_most: int = UNPACKED_BYTES) -> History:
    """The history in the files and folders of Loop Habit Tracker and Strong, all of it or nothing.

    Each path is one export (a folder, a .zip, a backup, Strong's table) or one of the two tables Checkmarks.csv and
    Habits.csv; these two belong together when they lie in one folder or are the only ones given. A habit that is in
    several exports is one; for a day on which they differ the one given first is right. An archive is
    read up to `unpacked_most` bytes of tables. Raises ImportRefused with one sentence.
    """
    if not paths:
        raise ImportRefused(_("no file is named; {reads}").format(reads=_(READS)))
    kinds = [(path, kind_of(path)) for path in paths]
    plans = _plans_by_table(kinds)
    exports = [
        _read(path, kind, plans.get(path), unpacked_most) for path, kind in kinds if kind not in ("habits", "workouts")
    ]
    workouts = [read_workouts(read_table(path)) for path, kind in kinds if kind == "workouts"]
    of_loop = [history_of(exports)] if exports else []
    return together([*of_loop, *([history_of_workouts(workouts)] if workouts else [])])


def _read(path: Path, kind: Kind, habits: Path | None, unpacked_most: int) -> Export:
    if kind == "database":
        return read_backup(path)
    if kind == "folder":
        return read_export(read_folder(path))
    if kind == "zip":
        return read_export(read_zip(path, unpacked_most))
    return read_export(Tables(path.name, read_table(habits) if habits else None, read_table(path)))


def _plans_by_table(kinds: Sequence[tuple[Path, Kind]]) -> dict[Path, Path]:
    """Which Habits.csv belongs to which Checkmarks.csv. Raises ImportRefused for one that belongs to none."""
    tables = [path for path, kind in kinds if kind == "checkmarks"]
    plans = [path for path, kind in kinds if kind == "habits"]
    if len(tables) == len(plans) == 1:
        return {tables[0]: plans[0]}
    pairs = {table: plan for plan in plans for table in tables if table.parent == plan.parent}
    alone = next((plan for plan in plans if plan not in pairs.values()), None)
    if alone is not None:
        raise ImportRefused(
            _("{name} has no days in it; give it together with its Checkmarks.csv").format(name=alone.name)
        )
    return pairs
