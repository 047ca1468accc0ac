"""Importing a history: every version and coding says the same, nothing is invented, and a bad file changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models import Target
from importing import loop_csv
from importing.files import Table, Tables
from importing.history_import import details, read_history, summary
from importing.loop import history_of, plan_of, target_of
from tests.loop_exports import (
    CODINGS,
    EXPECTED,
    FIRST,
    HEADERS,
    NAMES,
    NEWEST,
    OLDEST,
    SPREADSHEET,
    ZIPPED,
    as_number,
    as_word,
    backup_of_the_cast,
    day,
    habits_csv,
    own_csv,
    plain,
    said,
    stamp,
    wide_csv,
    write_backup,
    write_export,
    write_zip,
)

# --- the same history, as each version of Loop writes it -------------------------------------------------------------


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("header", HEADERS)
def test_every_header_and_coding_gives_the_same_history(
    tmp_path: Path, header: str, coding: Callable[[int, date], str]
) -> None:
    export = {"Habits.csv": habits_csv(header), "Checkmarks.csv": wide_csv(coding)}
    folder = write_export(tmp_path / "export", export)
    zipped = write_zip(tmp_path / "export.zip", {f"Loop Habits CSV 2026-01-26/{name}": export[name] for name in export})
    pair = [folder / "Checkmarks.csv", folder / "Habits.csv"]
    for paths in ([folder], [zipped], pair, [folder, zipped]):
        assert plain(read_history(paths)) == EXPECTED


@pytest.mark.parametrize(("coding", "header"), [(as_number, False), (as_number, True), (as_word, True)])
def test_the_tables_of_single_habits_are_preferred_to_the_combined_one(
    tmp_path: Path, coding: Callable[[int, date], str], header: bool
) -> None:
    own = {
        f"{n:03d} {folder}/Checkmarks.csv": own_csv(name, coding, header=header)
        for n, (folder, name) in enumerate(zip(("Meditate", "anything", ""), NAMES, strict=True), start=1)
    }
    own = {name.replace(" /", "/"): text for name, text in own.items()}
    holes = wide_csv(as_number, dict.fromkeys(NAMES, (-1,) * 7))
    export = {"Habits.csv": habits_csv(NEWEST), "Checkmarks.csv": holes, **own}
    assert plain(read_history([write_export(tmp_path, export)])) == EXPECTED


def test_an_empty_table_of_a_habit_falls_back_to_the_combined_one(tmp_path: Path) -> None:
    own = {"001 Meditate/Checkmarks.csv": "Date,Value,Notes\n", "002 Learn wide/Checkmarks.csv": ""}
    export = {"Habits.csv": habits_csv(NEWEST), "Checkmarks.csv": wide_csv(as_number), **own}
    assert plain(read_history([write_export(tmp_path, export)])) == EXPECTED


def test_folders_alone_give_their_habits_under_the_names_of_the_columns(tmp_path: Path) -> None:
    export = {
        "Checkmarks.csv": "Date,Read: 20 pages,\n2026-01-20,2,\n",
        "001 Read 20 pages/Checkmarks.csv": "2026-01-20,2\n2026-01-19,2\n",
        "002/Checkmarks.csv": "2026-01-20,2\n",
    }
    history = read_history([write_export(tmp_path, export)])
    assert [(habit.name, len(history.completions[habit.id])) for habit in history.habits] == [
        ("Read: 20 pages", 2),
        ("Habit 002", 1),
    ]
    assert history.report.remarks == (loop_csv.NO_PLANS,)


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffDate,A,B\r\n2026-01-21,2,-1\r\n2026-01-20,0,3\r\n",
        "Date;A;B\n21.01.2026;2;-1\n20.01.2026;0;3\n",
        '"Date"\t"A"\t"B"\n"01/21/26"\t"2"\t""\n"01/20/26"\t"0"\t"3"\n',
        "Date,A,B,,\n2026-01-21 00:00:00,2.0,-1.0,,\n\n2026-01-20 00:00:00,0.0,3.0,,\n",
        "Date,A,B,\n2026-01-21,yes_manual,unknown,\n2026-01-20,No,Skip,\n2026-01-20,No,Skip,\n",
    ],
)
def test_what_spreadsheets_do_to_a_table_changes_nothing(tmp_path: Path, table: str) -> None:
    path = tmp_path / "Checkmarks.csv"
    path.write_bytes(table.encode())
    history = read_history([path])
    entries = {name: {on: said(entry) for on, entry in found.items()} for name, found in history.completions.items()}
    assert entries == {"a": {day(1): "done"}, "b": {day(0): "skip"}}


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Date,Learn, wide,Run,", ["Learn, wide", "Run"]),
        ('Date,"Learn, wide",Run', ["Learn, wide", "Run"]),
        ('Date,"Deep" work,Run,', ['"Deep" work', "Run"]),
        ("Date,Run,Run,", ["Run", "Run"]),
    ],
)
def test_names_above_the_columns_are_put_together_from_habits_csv(header: str, names: list[str]) -> None:
    quoted = ('"' + name.replace('"', '""') + '"' for name in names)
    habits = OLDEST + "\n" + "".join(f"{name},,1,1,\n" for name in quoted)
    tables = Tables("x", Table("Habits.csv", habits), Table("Checkmarks.csv", f"{header}\n2026-01-20,2,3,\n"))
    export = loop_csv.read_export(tables)
    assert [(habit.name, *habit.days.codes.values()) for habit in export.habits] == [(names[0], 2), (names[1], 3)]


def test_a_habit_in_two_exports_is_one_and_the_first_is_right(tmp_path: Path) -> None:
    old = write_zip(tmp_path / "old.zip", {"Checkmarks.csv": "Date,A,B\n2026-01-21,0,2\n2026-01-20,3,2\n"})
    new = write_zip(tmp_path / "new.zip", {"Checkmarks.csv": "Date,a,C\n2026-01-21,2,2\n2026-01-20,2,2\n"})
    found = {
        habit.name: [said(e) for e in read_history([old, new]).completions[habit.id].values()]
        for habit in read_history([old, new]).habits
    }
    assert found == {"A": ["skip", "done"], "B": ["done", "done"], "C": ["done", "done"]}


def test_what_is_left_out_is_told_with_its_reason(tmp_path: Path) -> None:
    export = {
        "Habits.csv": f"{NEWEST}\n001,Run,YES_NO,,,3,7,,,,,true\n002,Read,YES_NO,,,1,1,,,,,false\n",
        "001 Run/Checkmarks.csv": 'Date,Value,Notes\n2026-01-22,YES_MANUAL,\n2026-01-21,YES_AUTO,"rain, ""hail"""\n'
        '2026-01-20,NO,Sick\n2026-01-19,SKIP,"two\nlines"\n',
    }
    history = read_history([write_export(tmp_path, export)])
    assert history.completions["run"][date(2026, 1, 19)].note == "two\nlines"
    assert details(history) == [
        "2 habits, 1 done, 1 skipped, 1 note",
        "Run: 1 done, 1 skipped, 1 note; left out: 1 filled in by the tracker, 1 not done, 2 with a note; "
        "it is archived",
        "Read: 0 done; nothing was ever done or skipped",
    ]


def test_two_tables_in_different_folders_belong_together_when_they_are_alone(tmp_path: Path) -> None:
    habits = write_export(tmp_path / "a", {"Habits.csv": habits_csv(NEWEST)}) / "Habits.csv"
    wide = write_export(tmp_path / "b", {"Checkmarks (1).csv": wide_csv(as_number)}) / "Checkmarks (1).csv"
    assert plain(read_history([habits, wide])) == EXPECTED


def test_what_a_mac_adds_to_an_archive_is_passed_over(tmp_path: Path) -> None:
    export = {"Habits.csv": habits_csv(NEWEST), "Checkmarks.csv": wide_csv(as_number), "__MACOSX/Habits.csv": "\x05"}
    assert plain(read_history([write_zip(tmp_path / "mac.zip", export)])) == EXPECTED


def test_a_name_that_does_not_fit_is_shortened_and_one_of_signs_gets_a_plain_id(tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text(f"Date,{'long ' * 60},🌍🌍,\n2026-01-20,2,2,\n", encoding="utf-8")
    habits = read_history([path]).habits
    assert [habit.id for habit in habits] == ["long-" * 7 + "long", "habit"]
    assert habits[0].name == ("long " * 60)[: len(habits[0].name)]
    assert 190 < len(habits[0].name) <= 200


CODE = st.integers(-1, 3)
COLUMNS = st.lists(st.tuples(CODE, CODE), min_size=1, max_size=30)


@settings(max_examples=20, deadline=None)
@given(COLUMNS, st.sampled_from(CODINGS))
def test_only_done_and_skipped_days_become_entries(
    rows: list[tuple[int, int]], coding: Callable[[int, date], str]
) -> None:
    codes = {"A": tuple(a for a, _ in rows), "B": tuple(b for _, b in rows)}
    history = history_of([loop_csv.read_export(Tables("x", wide=Table("Checkmarks.csv", wide_csv(coding, codes))))])
    for habit, counts, column in zip(history.habits, history.report.habits, codes.values(), strict=True):
        entries = {on: said(entry) for on, entry in history.completions.get(habit.id, {}).items()}
        assert entries == {day(n): {2: "done", 3: "skip"}[c] for n, c in enumerate(column) if c in (2, 3)}
        assert (counts.done, counts.skipped, counts.automatic, counts.no, counts.unknown) == tuple(
            column.count(code) for code in (2, 3, 1, 0, -1)
        )


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(-1, 10**12 - 1), min_size=1, max_size=20), st.sampled_from(CODINGS))
def test_numbers_are_thousandths(values: list[int], coding: Callable[[int, date], str]) -> None:
    codes = {"Water": (4, *values)}  # 4 is no code of a yes or no
    history = history_of([loop_csv.read_export(Tables("x", wide=Table("Checkmarks.csv", wide_csv(coding, codes))))])
    entries = {on: said(entry) for on, entry in history.completions["water"].items()}
    expected = {day(n): "skip" if c == 3 else c / 1000 for n, c in enumerate(codes["Water"]) if c > 0}
    assert entries == expected


def test_a_unit_comes_along_as_short_as_one_that_is_typed() -> None:
    for unit, kept in (("glasses\n of  water", "glasses of water"), ("x" * 400, "x" * 40), ("y" * 39 + " z", "y" * 39)):
        assert target_of(8.0, at_most=False, unit=unit) == Target(at_least=8, unit=kept)


# --- real files ------------------------------------------------------------------------------------------------------


def test_a_table_that_a_spreadsheet_rewrote_is_read_right() -> None:
    history = read_history([SPREADSHEET])
    assert summary(history) == "22 habits, 889 done"
    sport, sleep = history.completions["activite-marche"], history.completions["duree-sommeil"]
    assert min(sport) == date(2023, 12, 31)
    assert date(2024, 1, 2) in sport  # written 01-02-24
    assert date(2024, 2, 1) not in sport
    assert [habit.name for habit in history.habits if habit.target is not None] == ["Durée sommeil"]
    assert {entry.value for entry in sleep.values()} >= {6.5, 7, 6.38}
    assert len(sleep) == 107


def test_the_newest_export_brings_targets_notes_and_archived_habits() -> None:
    history = read_history([ZIPPED])
    someone, value, yes_no = history.habits
    assert (someone.created_on, someone.archived_on, someone.color) == (date(2026, 7, 1), date(2026, 7, 1), "#1976D2")
    assert value.target is not None
    assert (value.target.at_most, value.target.unit) == (12, "unit")
    assert [(plan.times, plan.per) for h in history.habits for plan in h.schedule] == [
        (3, "week"),
        (1, "month"),
        (6, "month"),
    ]
    assert {on.day: entry.value for on, entry in history.completions[value.id].items()} == {4: 12, 3: 3, 2: 30}
    assert {on.day: entry.note for on, entry in history.completions[yes_no.id].items()} == {4: "", 2: "yes"}
    assert summary(history) == "3 habits, 4 done, 1 outside the target, 2 notes"
    assert "became 6 a month" in details(history)[3]


# --- backups ---------------------------------------------------------------------------------------------------------


def test_a_backup_gives_the_same_history_as_the_tables(tmp_path: Path) -> None:
    assert plain(read_history([backup_of_the_cast(tmp_path / "loop.db")])) == EXPECTED


def test_in_a_backup_before_version_16_every_row_is_done(tmp_path: Path) -> None:
    path = write_backup(
        tmp_path / "old.db",
        9,
        "INSERT INTO Habits VALUES (0, 1, 3, 1, 'Vegan', 0), (1, NULL, 1, 1, 'VEGAN', 1)",
        f"INSERT INTO Repetitions VALUES (1, 0, {stamp(0)}), (2, 0, {stamp(4)}), (3, 55, {stamp(5)})",
    )
    history = read_history([path])
    old, second = history.habits
    assert (old.name, old.archived_on, old.schedule[0].rrule) == ("Vegan", day(5), "FREQ=DAILY;INTERVAL=3")
    assert (second.name, second.id, second.created_on) == ("VEGAN (2)", "vegan-2", day(0))
    assert list(history.completions) == ["vegan"]
    assert history.report.remarks == ("Left out: 1 day of deleted habits",)


def test_a_recorded_zero_counts_where_the_target_is_to_stay_below(tmp_path: Path) -> None:
    path = write_backup(
        tmp_path / "coffee.db",
        25,
        "INSERT INTO Habits VALUES (1, 0, 1, 1, 'Coffee', 0, 1, 1, 2.0, 'cups')",
        f"INSERT INTO Repetitions VALUES (1, 1, {stamp(0)}, 0, 'none'), (2, 1, {stamp(1)}, 3000, NULL)",
    )
    history = read_history([path])
    assert {on: (e.value, e.note) for on, e in history.completions["coffee"].items()} == {
        day(0): (0, "none"),
        day(1): (3, ""),
    }
    assert (history.report.habits[0].done, history.report.habits[0].short) == (1, 1)


def test_reading_a_backup_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = backup_of_the_cast(tmp_path / "loop.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
    before = path.read_bytes()
    read_history([path])
    assert [p.name for p in tmp_path.iterdir()] == ["loop.db"]
    assert path.read_bytes() == before


# --- dates and plans -------------------------------------------------------------------------------------------------


def wide_with(dates: list[str]) -> Tables:
    return Tables("x", wide=Table("Checkmarks.csv", "Date,A\n" + "".join(f"{text},2\n" for text in dates)))


@pytest.mark.parametrize(
    "pattern", ["%Y-%m-%d", "%Y/%m/%d", "%m-%d-%y", "%m/%d/%Y", "%d.%m.%Y", "%d/%m/%y", "%y-%m-%d"]
)
@settings(max_examples=12, deadline=None)
@given(st.dates(date(2014, 1, 1), date(2031, 1, 1)), st.integers(3, 60), st.booleans())
def test_consecutive_days_are_read_in_whatever_order_they_are_written(
    pattern: str, first: date, length: int, newest_first: bool
) -> None:
    days = [first + timedelta(days=n) for n in range(length)]
    written = [on.strftime(pattern) for on in (reversed(days) if newest_first else days)]
    assert list(history_of([loop_csv.read_export(wide_with(written))]).completions["a"]) == days


def test_a_field_above_twelve_decides_for_the_whole_column() -> None:
    read = [loop_csv.read_export(wide_with(dates)) for dates in (["03-02-26", "01-25-26"], ["03-02-26", "25-01-26"])]
    assert [max(history_of([export]).completions["a"]) for export in read] == [date(2026, 3, 2), date(2026, 2, 3)]


@pytest.mark.parametrize(
    ("frequency", "plan"),
    [
        (None, "FREQ=DAILY"),
        ((1, 1), "FREQ=DAILY"),
        ((7, 7), "FREQ=DAILY"),
        ((9, 7), "FREQ=DAILY"),
        ((0, 0), "FREQ=DAILY"),
        ((1, 7), (1, "week")),
        ((6, 7), (6, "week")),
        ((1, 30), (1, "month")),
        ((20, 31), (20, "month")),
        ((1, 2), "FREQ=DAILY;INTERVAL=2"),
        ((1, 14), "FREQ=DAILY;INTERVAL=14"),
        ((2, 14), (1, "week")),
        ((2, 3), (5, "week")),
        ((3, 14), (6, "month")),
        ((2, 365), "FREQ=DAILY;INTERVAL=182"),
    ],
)
def test_a_frequency_becomes_its_plan_or_the_nearest(frequency: tuple[int, int] | None, plan: object) -> None:
    made, remarks = plan_of(frequency, FIRST)
    assert (made.rrule or (made.times, made.per)) == plan
    assert bool(remarks) == (frequency in {(2, 14), (2, 3), (3, 14), (2, 365), (0, 0)})
    assert made.assumed == (frequency is None)
