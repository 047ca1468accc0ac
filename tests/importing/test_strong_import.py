"""Strong's workouts become one timed habit, whatever layout the app has written, or are refused in one sentence."""

from __future__ import annotations

import contextlib
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.history import as_of
from core.models import Completion, User
from core.patterns import find_patterns
from importing.history_import import History, ImportRefused, Moment, details, merge, read_history, summary
from storage import new_user
from tests.loop_exports import write_export

EXPORT = Path(__file__).parent.parent / "fixtures" / "strong" / "first_sets.csv"
VIENNA = ZoneInfo("Europe/Vienna")

# Two workouts of three sets: Monday evening, and Thursday at noon with a note.
CLASSIC = """\
Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE
2024-01-15 18:05:12,"Push",1h 5m,"Bench Press (Barbell)",W,40.0,10,0,0,"","",
2024-01-15 18:05:12,"Push",1h 5m,"Bench Press (Barbell)",1,80.0,8,0,0,,,
2024-01-18 12:30:00,"Pull",45m,"Chin Up",1,0.0,8,0,0,"grip, wide","felt
strong",
"""
BY_ANDROID = """\
Date;Workout Name;Exercise Name;Set Order;Weight;Weight Unit;Reps;RPE;Distance;Distance Unit;Seconds;Notes;\
Workout Notes;Workout Duration
2024-01-15 18:05:12;"Push";"Bench Press (Barbell)";1;82,5;kg;8;8,5;;;0;"";"";1h 5m
2024-01-15 18:05:12;"Push";"Bench Press (Barbell)";Rest Timer;;;;;;;90;;;1h 5m
2024-01-18 12:30:00;"Pull";"Chin Up";1;0;kg;8;;;;0;;"felt\nstrong";45m
"""
NUMBERED = """\
"Workout #";"Date";"Workout Name";"Duration (sec)";"Exercise Name";"Set Order";"Weight (kg)";"Reps";"Notes";\
"Workout Notes"
"1";"2024-01-15 18:05:12";"Push";"3900";"Bench Press (Barbell)";"1";"80";"8";"";""
"2";"2024-01-18 12:30:00";"Pull";"2700";"Chin Up";"1";"0";"8";"";"felt\nstrong"
"""
TWELVE_HOURS = """\
Date,Workout Name,Duration,Exercise Name,Set Order,Workout Notes
2024-01-15 6:05:12\u202fPM,Push,1h 5m,Bench Press,1,
2024-01-18 12:30:00\u202fPM,Pull,45m,Chin Up,1,"felt\nstrong"
"""
GERMAN = """\
Datum;Workout-Name;Name der Übung;Reihenfolge festlegen;Gewicht;Wiederh.;Notizen;Workout-Notizen;Workout-Dauer
2024-01-15 18:05:12;Push;Bankdrücken;1;80;8;;;1h 5m
2024-01-18 12:30:00;Pull;Klimmzug;1;0;8;;"felt\nstrong";45m
"""
REWRITTEN = (
    "\ufeffDate\tWorkout Name\tWorkout Notes\r\n"
    '18/01/2024 12:30\tPull\t"felt\nstrong"\r\n'
    "15/01/2024 18:05:12\tPush\t\r\n"
)
LAYOUTS = [CLASSIC, BY_ANDROID, NUMBERED, TWELVE_HOURS, GERMAN, REWRITTEN]
MOMENTS = [
    Moment(date(2024, 1, 15), time(18, 5, 12), "Push"),
    Moment(date(2024, 1, 18), time(12, 30), "Pull: felt\nstrong"),
]


def written(folder: Path, text: str, name: str = "strong.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def read(folder: Path, text: str) -> History:
    return read_history([written(folder, text)])


def ana(timezone: str = "Europe/Vienna", **profile: object) -> User:
    return new_user(
        user_id="ana-3f9a1c",
        created_at="2024-03-01T18:00:00+01:00",
        coaching_profile={"timezone": timezone, **profile},
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_tells_the_same_workouts(tmp_path: Path, layout: str) -> None:
    history = read(tmp_path, layout)
    assert [habit.name for habit in history.habits] == ["Workout"]
    assert history.moments["workout"] == MOMENTS


def test_a_workout_is_done_at_its_wall_clock_in_the_persons_zone(tmp_path: Path) -> None:
    user = ana()
    merged = merge(user, read(tmp_path, CLASSIC))
    assert user.completions["workout"] == {
        date(2024, 1, 15): Completion(at=datetime(2024, 1, 15, 18, 5, 12, tzinfo=VIENNA), source="import", note="Push"),
        date(2024, 1, 18): Completion(
            at=datetime(2024, 1, 18, 12, 30, tzinfo=VIENNA), source="import", note="Pull: felt\nstrong"
        ),
    }
    assert summary(merged) == "1 habit and 2 entries added, 0 habits and 0 entries stood already"
    assert User.model_validate_json(user.model_dump_json()).completions == user.completions


def test_a_second_import_changes_nothing(tmp_path: Path) -> None:
    user, history = ana(), read(tmp_path, CLASSIC)
    merge(user, history)
    once = user.to_json()
    merged = merge(user, history)
    assert (merged.habits_known, merged.entries_added, merged.entries_stood, merged.differing) == (1, 0, 2, 0)
    assert user.to_json() == once


def test_a_workout_after_midnight_belongs_to_the_day_that_the_person_ends_late(tmp_path: Path) -> None:
    history = read(tmp_path, "Date,Workout Name\n2024-01-16 00:40:00,Late\n2024-01-18 12:30:00,Pull\n")
    for ends_at, day in ((0, 16), (2, 15)):
        user = ana(day_ends_at=ends_at)
        merge(user, history)
        assert min(user.completions["workout"]) == user.habits[0].created_on.replace(day=day)
        assert user.habits[0].created_on <= date(2024, 1, day)


def test_two_workouts_on_a_day_are_one_entry_at_the_first(tmp_path: Path) -> None:
    user = ana()
    merge(user, read(tmp_path, "Date,Workout Name\n2024-01-15 18:00:00,Run\n2024-01-15 07:00:00,Push\n"))
    (entry,) = user.completions["workout"].values()
    assert (entry.at, entry.note) == (datetime(2024, 1, 15, 7, tzinfo=VIENNA), "Push; Run")


@pytest.mark.parametrize("clock", ["", " 00:00:00"])
def test_without_a_time_of_day_there_is_none(tmp_path: Path, clock: str) -> None:
    user, history = ana(), read(tmp_path, f"Date,Workout Name\n2024-01-15{clock},Push\n2024-01-18{clock},Pull\n")
    merge(user, history)
    assert [entry.at for entry in user.completions["workout"].values()] == [None, None]
    assert "the file tells no time of day" in details(history)[1]


@pytest.mark.parametrize(("weekly", "plan"), [(1, (1, "week")), (3, (3, "week")), (7, (None, None))])
def test_the_plan_is_assumed_from_the_middle_week(
    tmp_path: Path, weekly: int, plan: tuple[int | None, str | None]
) -> None:
    monday = date(2024, 1, 1)
    days = [monday + timedelta(days=7 * week + n) for week in range(5) for n in range(weekly if week != 2 else 1)]
    rows = "".join(f"{day} 18:00:00,Push\n" for day in days)
    (habit,) = read(tmp_path, f"Date,Workout Name\n{rows}").habits
    assert (habit.schedule[0].times, habit.schedule[0].per) == plan
    assert habit.schedule[0].assumed


def test_workouts_join_a_history_of_loops_in_one_import(tmp_path: Path) -> None:
    strong = written(tmp_path, CLASSIC)
    loop = write_export(tmp_path / "loop", {"Checkmarks.csv": "Date,WORKOUT,Read\n2024-01-15,3,2\n2024-01-14,2,0\n"})
    user = ana()
    merge(user, read_history([strong, loop]))
    assert [habit.name for habit in user.habits] == ["WORKOUT", "Read"]
    assert {day.day: (entry.skip, entry.note) for day, entry in user.completions["workout"].items()} == {
        14: (False, ""),
        15: (True, ""),
        18: (False, "Pull: felt\nstrong"),
    }


def test_a_workout_that_is_in_two_exports_is_one(tmp_path: Path) -> None:
    again = written(tmp_path, NUMBERED, "again.csv")
    assert read_history([written(tmp_path, CLASSIC), again]).moments["workout"] == MOMENTS


def test_the_coach_reads_a_real_history() -> None:
    user, history = ana(), read_history([EXPORT])
    merge(user, history)
    assert summary(history) == "1 habit, 129 done, 129 notes"
    assert user.habits[0].schedule[0].times == 3
    known = as_of(user, datetime(2021, 5, 17, 4, tzinfo=VIENNA))
    (found,) = find_patterns(known, date(2021, 5, 17))
    assert (found.kind, found.evidence["within30"]) == ("varied_time", [9, 28])


HEADER = "Date,Workout Name,Exercise Name\n"
BAD_FILES = {
    "header.csv": (HEADER, "holds no workout yet"),
    "when.csv": (HEADER + "2024-01-15 18:05:12,A,B\nyesterday,A,B\n", "row 3 of when.csv has 'yesterday'"),
    "clock.csv": (HEADER + "2024-01-15 25:05,A,B\n", "row 2 of clock.csv has '25:05' where a time of day is due"),
    "noon.csv": (HEADER + "2024-01-15 13:05 PM,A,B\n", "row 2 of noon.csv has '13:05 PM'"),
    "zone.csv": (HEADER + "2024-01-15 18:05:12+01:00,A,B\n", "row 2 of zone.csv has '18:05:12+01:00'"),
    "order.csv": (HEADER + "01/02/2024 18:05,A,B\n03/04/2024 18:05,A,B\n", "day and month cannot be told apart"),
    "column.csv": ("Date,Workout Nameless\n2024-01-15 18:05,A\n", "no columns Date and Workout Name"),
    "french.csv": ("Date;Nom de l'entraînement;Durée\n2024-01-15 18:05;A;1h\n", "french.csv has"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_its_name_and_the_remedy(tmp_path: Path, name: str) -> None:
    content, words = BAD_FILES[name]
    with pytest.raises(ImportRefused) as refused:
        read_history([written(tmp_path, content, name)])
    assert words in str(refused.value)
    assert name in str(refused.value)
    assert "\n" not in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LAYOUTS), st.lists(st.tuples(st.integers(0, 700), st.binary(max_size=3)), max_size=4))
def test_whatever_happens_to_a_file_it_is_read_or_refused(layout: str, blows: list[tuple[int, bytes]]) -> None:
    content = layout.encode()
    for at, put in blows:
        place = at % len(content)
        content = content[:place] + put + content[place + len(put) :]
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        with contextlib.suppress(ImportRefused):
            user = ana()
            merge(user, read_history([Path(file.name)]))
            assert user.completions


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.datetimes(datetime(2015, 1, 1), datetime(2031, 1, 1)), min_size=1, max_size=20),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S"]),
    st.sampled_from(["UTC", "America/St_Johns", "Australia/Lord_Howe", "UTC+13"]),
)
def test_every_start_is_kept_to_the_second(starts: list[datetime], pattern: str, timezone: str) -> None:
    starts = [start.replace(microsecond=0) for start in starts]
    rows = "".join(f"{start.strftime(pattern)};Push\n" for start in starts)
    with tempfile.TemporaryDirectory() as folder:
        user = ana(timezone)
        merge(user, read(Path(folder), f"Date;Workout Name\n{rows}"))
    kept = {day: entry.at.replace(tzinfo=None) for day, entry in user.completions["workout"].items() if entry.at}
    if any(start.time() != time() for start in starts):
        first = {start.date(): start for start in sorted(starts, reverse=True)}
        assert kept.keys() == first.keys()
        skipped = [day for day in kept if kept[day] != first[day]]
        assert all(timedelta(0) < kept[day] - first[day] <= timedelta(hours=1) for day in skipped)  # clocks went on
