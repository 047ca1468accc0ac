"""What lies at a path: told by its content, opened within limits, or refused with what was found there."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal, NoReturn

from core.catalogue import N_, _
from importing.refusal import DISK_BYTES, HABITS, READS, UNPACKED_BYTES, ImportRefused, check_limit

Kind = Literal["folder", "zip", "database", "habits", "checkmarks", "workouts"]

SQLITE = b"SQLite format 3\0"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
FOREIGN_BYTES = (
    (b"\x89PNG", N_("a PNG picture")),
    (b"\xff\xd8\xff", N_("a JPEG picture")),
    (b"%PDF", N_("a PDF document")),
    (b"\x1f\x8b", N_("a gzip archive")),
    (b"{", N_("a JSON file")),
    (b"[", N_("a JSON file")),
    (b"<", N_("a web page")),
)
FOREIGN_HEADERS = (
    ("habitname,habitdescription,", N_("HabitBull's export")),
    ("task name,task id,", N_("Habitica's export")),
    ("full_date,date,weekday,", N_("Daylio's export")),
)
# Strong's columns, old and new, and in German; an app in another language is asked to export in English.
STRONG_HEADERS = (
    "date,workout name",
    "workout #,date,workout name",
    "datum,workout-name",
    "workout #,datum,workout-name",
)
FIRST_CELL = re.compile(r'"?(date|position|name)"?([,;\t])', re.IGNORECASE)
ONE_HABIT = re.compile(
    r'"?date"?[,;\t]"?(?:value|score)"?([,;\t]"?notes"?)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}[,;\t].*', re.IGNORECASE
)
HABITS_TABLE = {"numrepetitions", "frequencynumerator"}
HABIT_FOLDER = re.compile(r"(\d{3,})(?: (.*))?")


@dataclass(frozen=True)
class Table:
    """One table's text, with the name it goes by in messages."""

    name: str
    text: str


@dataclass(frozen=True)
class Tables:
    """The tables of one CSV export; `single` holds each habit's own by (position, folder name)."""

    name: str
    habits: Table | None = None
    wide: Table | None = None
    single: dict[tuple[int, str], Table] = field(default_factory=dict)


def kind_of(path: Path) -> Kind:
    """What lies at a path, by its first bytes. Raises ImportRefused for anything that is not read."""
    try:
        if path.is_dir():
            return "folder"
        if not path.is_file():
            raise ImportRefused(_("there is no file or folder {path}; check how it is written").format(path=path))
        size = path.stat().st_size
        with path.open("rb") as handle:
            head = handle.read(4096)
    except OSError as error:
        raise _unreadable(path, error) from None
    if size == 0:
        raise ImportRefused(_("{name} is empty; export again").format(name=path.name))
    if size > DISK_BYTES:
        raise _too_large(path.name, size, DISK_BYTES)
    if head.startswith(SQLITE):
        return "database"
    return "zip" if head.startswith(ZIP) else _kind_of_text(path.name, head)


def _kind_of_text(name: str, head: bytes) -> Literal["habits", "checkmarks", "workouts"]:
    found = next((words for magic, words in FOREIGN_BYTES if head.startswith(magic)), None)
    if found is not None:
        refuse_foreign(name, _(found))
    header = head.decode("utf-8-sig", errors="ignore").partition("\n")[0].strip().casefold()
    plain = re.sub("[\"']", "", header).replace(";", ",").replace("\t", ",")
    found = next((words for start, words in FOREIGN_HEADERS if plain.startswith(start)), None)
    if found is not None:
        refuse_foreign(name, _(found))
    if re.sub(", +", ",", plain).startswith(STRONG_HEADERS):
        return "workouts"
    if ONE_HABIT.fullmatch(header):
        raise ImportRefused(
            _("{name} is the table of one habit alone; give the whole export, its folder or .zip").format(name=name)
        )
    first = FIRST_CELL.match(header)
    if first is None or (first[1] != "date" and not HABITS_TABLE & set(plain.split(","))):
        begins = _("a table or text that begins {text!r}").format(text=header[:40])
        refuse_foreign(name, _("something else") if b"\0" in head else begins)
    return "checkmarks" if first[1] == "date" else "habits"


def refuse_foreign(name: str, found: str) -> NoReturn:
    """Raises ImportRefused: what was found, and what is read."""
    raise ImportRefused(_("{name} is {found}; {reads}").format(name=name, found=found, reads=_(READS)))


def read_table(path: Path) -> Table:
    """A CSV file's text. Raises ImportRefused when it is not UTF-8."""
    try:
        return Table(path.name, _decoded(path.name, path.read_bytes()))
    except OSError as error:
        raise _unreadable(path, error) from None


def read_folder(folder: Path) -> Tables:
    """The tables of an export that was unpacked into a folder, or into one inside it. Raises ImportRefused."""
    try:
        paths = [path for depth in ("*", "*/*", "*/*/*") for path in folder.glob(depth) if path.is_file()]
        wanted = _wanted(folder.name, (PurePosixPath(path.relative_to(folder).as_posix()) for path in paths))
        size = sum((folder / name).stat().st_size for name in wanted)
        if size > DISK_BYTES:
            raise _too_large(folder.name, size, DISK_BYTES)
        return _tables(folder.name, {name: (folder / name).read_bytes() for name in wanted})
    except OSError as error:
        raise _unreadable(folder, error) from None


def read_zip(path: Path, most: int = UNPACKED_BYTES) -> Tables:
    """The tables of a zipped export; nothing is unpacked to disk. Raises ImportRefused."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = {PurePosixPath(info.filename): info for info in archive.infolist() if not info.is_dir()}
            if PurePosixPath("[Content_Types].xml") in members:
                refuse_foreign(path.name, _("an office document"))
            wanted = _wanted(path.name, members)
            size = sum(members[name].file_size for name in wanted)
            if size > most:
                raise _too_large(path.name, size, most)
            if any(members[name].flag_bits & 1 or members[name].compress_type not in (0, 8) for name in wanted):
                raise ImportRefused(
                    _("{name} is encrypted or packed unusually; give the .zip as Loop wrote it").format(name=path.name)
                )
            return _tables(path.name, {name: archive.read(members[name]) for name in wanted})
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        if isinstance(error, ImportRefused):
            raise
        raise ImportRefused(
            _("{name} is damaged or incomplete; copy or export it again").format(name=path.name)
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _wanted(name: str, files: Iterable[PurePosixPath]) -> list[PurePosixPath]:
    """The files of the one export among others: Habits.csv, Checkmarks.csv, and Checkmarks.csv in numbered folders."""
    tables = [p for p in files if p.name.casefold() in ("habits.csv", "checkmarks.csv") and "__MACOSX" not in p.parts]
    roots = {p.parent.parent if _is_single(p) else p.parent for p in tables}
    if not roots:
        refuse_foreign(name, _("no export of Loop's: it has neither Habits.csv nor Checkmarks.csv"))
    if len(roots) > 1:
        raise ImportRefused(_("{name} holds {n} exports; give the one to import").format(name=name, n=len(roots)))
    check_limit(len(tables) - 2, HABITS, N_("habits"), name)  # one table each, and two of all
    return sorted(tables)


def _is_single(path: PurePosixPath) -> bool:
    return path.name.casefold() == "checkmarks.csv" and HABIT_FOLDER.fullmatch(path.parent.name) is not None


def _tables(name: str, contents: dict[PurePosixPath, bytes]) -> Tables:
    habits = wide = None
    single = {}
    for path, data in contents.items():
        table = Table(f"{path} in {name}", _decoded(f"{path} in {name}", data))
        folder = HABIT_FOLDER.fullmatch(path.parent.name) if _is_single(path) else None
        if folder is not None:
            single[int(folder[1]), (folder[2] or "").strip()] = table
        elif path.name.casefold() == "habits.csv":
            habits = table
        else:
            wide = table
    if len({position for position, _folder in single}) < len(single):
        raise ImportRefused(
            _("{name} has two folders with one number; give the export as Loop wrote it").format(name=name)
        )
    return Tables(name, habits, wide, single)


def _decoded(name: str, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ImportRefused(
            _("{name} is not UTF-8 text (byte {n:,}); export it again, or save it as “CSV UTF-8”").format(
                name=name, n=error.start + 1
            )
        ) from None
    if "\0" in text:
        raise ImportRefused(_("{name} is damaged: it has null bytes in it; copy or export it again").format(name=name))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _too_large(name: str, size: int, most: int) -> ImportRefused:
    return ImportRefused(
        _("{name} has {n:,} MB, more than the {most} that are read; give a smaller export").format(
            name=name, n=size // 1_000_000, most=most // 1_000_000
        )
    )


def _unreadable(path: Path, error: OSError) -> ImportRefused:
    return ImportRefused(
        _("{path} cannot be read ({error}); check that the file is yours to read").format(
            path=path, error=error.strerror or error
        )
    )
