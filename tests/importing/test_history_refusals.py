"""Refusing a history: whatever is wrong with a file, one sentence names it and the remedy."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importing import refusal
from importing.history_import import ImportRefused, read_history
from tests.loop_exports import (
    NEWEST,
    OLDEST,
    SPREADSHEET,
    ZIPPED,
    as_number,
    backup_of_the_cast,
    habits_csv,
    wide_csv,
    write_backup,
    write_export,
)

WIDE = wide_csv(as_number)


def zip_bytes(tables: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in tables.items():
            archive.writestr(name, text)
    return buffer.getvalue()


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "photo.png": (b"\x89PNG\r\n\x1a\n" + bytes(64), "a PNG picture; what is read is Loop"),
    "backup.json": (b'{"habits": []}', "a JSON file"),
    "habitbull.csv": (b"HabitName,HabitDescription,HabitCategory,CalendarDate,Value\n", "HabitBull's export"),
    "people.csv": (b"Name,Age\nBo,3\n", "a table or text that begins 'name,age'"),
    "own.csv": (b"Date,Value,Notes\n2026-01-20,NO,\n", "the table of one habit alone"),
    "headless.csv": (b"2026-01-20,2\n", "the table of one habit alone"),
    "noise.db": (b"\0\7" * 500, "something else; what is read is"),
    "cut.zip": (zip_bytes({"Checkmarks.csv": WIDE})[:-40], "damaged or incomplete"),
    "other.zip": (zip_bytes({"readme.txt": "hello"}), "neither Habits.csv nor Checkmarks.csv"),
    "book.xlsx": (zip_bytes({"[Content_Types].xml": "<x/>"}), "an office document"),
    "two.zip": (zip_bytes({"a/Habits.csv": "x", "b/Habits.csv": "x"}), "holds 2 exports"),
    "twice.zip": (zip_bytes({f"001 {n}/Checkmarks.csv": "2026-01-20,2" for n in "ab"}), "two folders with one number"),
    "latin.csv": ("Date,Café\n2026-01-20,2\n".encode("latin-1"), "is not UTF-8 text (byte 9)"),
    "nulls.csv": (b"Date,A\n2026-01-20,\x002\n", "null bytes"),
    "word.csv": (b"Date,A,\n2026-01-21,NO,\n2026-01-20,MAYBE,\n", "row 3 of word.csv has the value 'MAYBE'"),
    "gap.csv": (b"Date,A,\n\n\n2026-01-20,MAYBE,\n", "row 4 of gap.csv has the value 'MAYBE'"),
    "scores.csv": (b"Date,A,\n2026-01-20,0.2557,\n", "row 2 of scores.csv has the value '0.2557'"),
    "negative.csv": (b"Date,A,\n2026-01-20,-2150000000,\n", "has the value '-2150000000'"),
    "double.csv": (b"Date,A\n2026-01-20,2\n2026-01-20,0\n", "has 2026-01-20 twice for A"),
    "dates.csv": (b"Date,A\n2026-01-20,2\nsoon,0\n", "row 3 of dates.csv has 'soon' where a date is due"),
    "nodate.csv": (b"Date,A\n02-30-2026,2\n02-28-2026,2\n", "row 2 of nodate.csv has '02-30-2026'"),
    "old.csv": (b"Date,A\n0206-01-20,2\n", "row 2 of old.csv has '0206-01-20'"),
    "order.csv": (b"Date,A\n01-02-2026,2\n04-05-2026,2\n", "day and month cannot be told apart"),
    "comma.csv": (WIDE.encode(), "give it together with its Habits.csv"),
    "short.csv": (b"Date,A\n2026-01-20,2,2\n", "names 1 habit above 2 columns"),
    "bare.csv": (b"Date,A,\n", "holds no day yet"),
    "blank.csv": (b"Date,A,\n,,,,\n", "it is empty"),
    "Habits.csv": (habits_csv(OLDEST).encode(), "give it together with its Checkmarks.csv"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_its_name_and_the_remedy(tmp_path: Path, name: str) -> None:
    content, words = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ImportRefused) as refused:
        read_history([path])
    assert words in str(refused.value)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


HABIT = "INSERT INTO Habits VALUES (1, 0, 1, 1, 'Read', 0, 0, 0, 0, '')"
BAD_BACKUPS = {
    "INSERT INTO Repetitions VALUES (1, 1, 1769000000000, -7, '')": "the value -7 on 2026-01-21",
    "INSERT INTO Repetitions VALUES (1, 1, 1769000000000, 9000, '')": "9000 on 2026-01-21 for Read, a habit of yes",
    "INSERT INTO Repetitions VALUES (1, 1, 0, 2, '')": "the timestamp 0",
    "INSERT INTO Repetitions VALUES (1, 1, 1769000000000, 2, ''), (2, 1, 1769000000000, 0, '')": "2026-01-21 twice",
    "PRAGMA user_version = 31": "a backup of version 31, and 9 to 25 are read",
    "DROP TABLE Repetitions": "a database of something else (with habits)",
    "ALTER TABLE Repetitions RENAME TO CHECKINS": "Rewire's database",
    "ALTER TABLE Habits ADD COLUMN twice NOT NULL GENERATED ALWAYS AS (id * 2) VIRTUAL": "a damaged or incomplete",
    "CREATE VIRTUAL TABLE words USING fts5 (said)": "a damaged or incomplete",
}


@pytest.mark.parametrize("statement", BAD_BACKUPS)
def test_a_backup_that_makes_no_sense_is_refused(tmp_path: Path, statement: str) -> None:
    path = write_backup(tmp_path / "loop.db", 25, HABIT, statement)
    with pytest.raises(ImportRefused, match=r"loop\.db") as refused:
        read_history([path])
    assert BAD_BACKUPS[statement] in str(refused.value)


@pytest.mark.parametrize("keep", [100, 5000])
def test_a_truncated_backup_is_refused(tmp_path: Path, keep: int) -> None:
    path = backup_of_the_cast(tmp_path / "loop.db")
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ImportRefused, match=r"loop\.db is a damaged or incomplete database"):
        read_history([path])


@pytest.mark.parametrize("row", ["001,A,YES_NO,,,x,7,,,,,", "001,A,MOOD,,,1,7,,,,,", "001,A,NUMERICAL,,,1,1,,,,lots,"])
def test_a_habit_that_makes_no_sense_is_refused_with_its_row(tmp_path: Path, row: str) -> None:
    export = {"Habits.csv": f"{NEWEST}\n{row}\n", "Checkmarks.csv": "Date,A\n2026-01-20,2\n"}
    with pytest.raises(ImportRefused, match=r"row 2 of Habits\.csv in export"):
        read_history([write_export(tmp_path / "export", export)])


def test_a_path_that_is_not_there_and_a_folder_of_something_else_are_refused(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "nowhere", "there is no file or folder"), (tmp_path, "neither Habits.csv")):
        with pytest.raises(ImportRefused, match=words):
            read_history([path])
    with pytest.raises(ImportRefused, match="no file is named"):
        read_history([])


def test_one_bad_file_among_good_ones_refuses_all(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="nowhere"):
        read_history([SPREADSHEET, tmp_path / "nowhere"])


@pytest.mark.parametrize(
    "begun", ["Entry(timestamp=", "2026-01-01,Entry(timestamp=1, value=", "Entry(timestamp=1, value=2"]
)
def test_a_line_that_begins_a_thousand_things_and_ends_none_is_refused_at_once(tmp_path: Path, begun: str) -> None:
    path = tmp_path / "Checkmarks.csv"
    path.write_text("Date,Read\n" + begun * 4000 + "\n")
    with pytest.raises(ImportRefused):
        read_history([path])


def test_more_than_the_limits_is_refused(tmp_path: Path) -> None:
    wide, rows = f"Date,A{',' * 3990}\n2026-01-20,2{',' * 3990}\n", "2026-01-20,2\n"
    large: dict[str, tuple[bytes, str]] = {
        "rows.csv": (b"Date,A\n" + b"2026-01-20,2\n" * (refusal.ROWS + 1), "rows, more than the 200,000"),
        "cells.csv": ((wide + rows * 600).encode(), "cells, more than the 2,000,000"),
        "columns.csv": (b"Date" + b",A" * 4001 + b"\n", "columns, more than the 4,000"),
        "row.csv": (b"Date,A\n2026-01-20" + b",2" * 4001 + b"\n", "4,002 columns, more than the 4,000"),
        "habits.csv": (f"Date,{','.join(map(str, range(2001)))}\n2026-01-20{',2' * 2001}\n".encode(), "2,001 habits"),
        "folders.zip": (zip_bytes({f"{n:04d} A/Checkmarks.csv": "2026-01-20,2" for n in range(2003)}), "2,001 habits"),
        "bomb.zip": (zip_that_claims(refusal.UNPACKED_BYTES + 1), "has 500 MB, more than the 500"),
    }
    for name, (content, words) in large.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ImportRefused, match=f"{name} has") as refused:
            read_history([tmp_path / name])
        assert words in str(refused.value)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    path.write_bytes(WIDE.encode())
    os.truncate(path, refusal.DISK_BYTES + 1)
    with pytest.raises(ImportRefused, match=r"huge\.csv has 200 MB, more than the 200"):
        read_history([path])


def test_a_backup_of_too_many_rows_is_refused(tmp_path: Path) -> None:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= {refusal.ENTRIES})"
    path = write_backup(tmp_path / "loop.db", 9, f"INSERT INTO Repetitions {numbers} SELECT i, 1, i FROM n")
    with pytest.raises(ImportRefused, match=r"loop\.db has 500,001 rows, more than the 500,000"):
        read_history([path])


def zip_that_claims(size: int) -> bytes:
    """A small archive whose directory promises a table of `size` bytes."""
    content = bytearray(zip_bytes({"Checkmarks.csv": WIDE}))
    struct.pack_into("<I", content, content.rfind(b"PK\x01\x02") + 24, size)
    return bytes(content)


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lie.zip"
    path.write_bytes(zip_that_claims(10))
    with pytest.raises(ImportRefused, match=r"lie\.zip is damaged"):
        read_history([path])


GOOD_FILES = (ZIPPED.read_bytes(), SPREADSHEET.read_bytes()[:2000], zip_bytes({"Habits.csv": habits_csv(NEWEST)}))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(GOOD_FILES), st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=3)), max_size=4))
def test_whatever_happens_to_a_file_it_is_read_or_refused(content: bytes, blows: list[tuple[int, bytes]]) -> None:
    for at, put in blows:
        place = at % len(content)
        content = content[:place] + put + content[place + len(put) :]
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        with contextlib.suppress(ImportRefused):
            assert read_history([Path(file.name)]).habits
