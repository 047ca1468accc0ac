"""Bringing a history along in Profile: a look changes nothing, a tap brings all of it in, a second time nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from catalogues import find_catalogues
from core.models import User
from importing.history_import import ImportRefused, read_history
from screens.profile_rooms import bring_along
from screens.profile_rooms.bring_along import plain_name
from storage import Store
from tests.importing.test_history_refusals import BAD_FILES
from tests.loop_exports import ZIPPED
from tests.screens_cast import lived, look_at, words_on

ANA, BEN = "ana-3f9a1c", "ben-5b2c1d"
NOW = datetime.now(UTC)
STRONG = Path(__file__).parent.parent / "fixtures" / "strong" / "first_sets.csv"
ODD = b"Date,<b>Run</b> $x$,Read,\n2026-01-21,2,2,\n2026-01-20,2,-1,\n"

find_catalogues()


def room_of(store: Store, user_id: str = ANA) -> AppTest:
    """Somebody's Account room."""
    at = look_at("profile", store, lived(3, NOW, user_id=user_id), NOW)
    at.session_state["room"] = "Account"
    return at.run()


def give(at: AppTest, *files: tuple[str, bytes]) -> str:
    """Put files into the field; what the room says then."""
    at.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files]).run()
    assert not at.exception
    return words_on(at)


def bring_in(at: AppTest) -> str:
    at.button(key="bring_go").click().run()
    assert not at.exception
    return words_on(at)


def has_button(at: AppTest) -> bool:
    return any(button.key == "bring_go" for button in at.button)


def document(store: Store, user_id: str = ANA) -> bytes:
    return (store.folder / "users" / f"{user_id}.json").read_bytes()


def imported(user: User) -> int:
    return sum(entry.source == "import" for entries in user.completions.values() for entry in entries.values())


def test_a_look_says_what_is_in_the_file_and_changes_nothing(store: Store) -> None:
    at = room_of(store)
    before = document(store)
    said = give(at, (ZIPPED.name, ZIPPED.read_bytes()))
    assert "In it: <b>3 habits, 5 entries</b> from Jul 2, 2026 to Jul 4, 2026." in said
    assert "New to your record: 3 habits, 5 entries." in said
    assert "<b>bool habit</b>" in said
    assert "left out: 2 not done, 1 note on such a day" in said
    assert document(store) == before


def test_a_tap_brings_all_of_it_in_and_the_field_is_empty_again(store: Store) -> None:
    at = room_of(store)
    give(at, (STRONG.name, STRONG.read_bytes()))
    said = bring_in(at)
    user = store.read(ANA)
    assert "Brought in: 1 new habit and 129 new entries." in said
    assert imported(user) == len(user.entries("workout")) == 129
    assert {"Read", "Water", "Write"} <= {habit.name for habit in user.habits}
    assert "In it:" not in said
    assert not has_button(at)
    assert "Brought in" not in words_on(at.run())


def test_the_same_file_twice_adds_nothing_twice(store: Store) -> None:
    at = room_of(store)
    give(at, (STRONG.name, STRONG.read_bytes()))
    bring_in(at)
    once = document(store)
    assert "All of it stands in your record already." in give(at, (STRONG.name, STRONG.read_bytes()))
    assert not has_button(at)
    assert document(store) == once


def test_what_stands_is_kept_and_the_sentence_says_so(store: Store) -> None:
    at = room_of(store)
    user = store.read(ANA)
    [first, *_rest] = sorted(user.entries("read"))
    mine = user.entries("read")[first]
    table = f"Date,Read,\n{first},3,\n2020-01-20,2,\n".encode()
    said = give(at, ("Checkmarks.csv", table))
    assert "1 day stood here already and stays as it is." in said
    assert "On 1 day the file says something else; yours holds." in said
    assert "1 new entry." in bring_in(at)
    assert store.read(ANA).entries("read")[first] == mine


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_cannot_be_read_is_named_with_the_remedy_and_changes_nothing(store: Store, name: str) -> None:
    at = room_of(store)
    before = document(store)
    said = give(at, (name, BAD_FILES[name][0]))
    assert 'role="alert"' in said
    assert name in said
    assert "Nothing was changed." in said
    assert "/tmp" not in said
    assert not has_button(at)
    assert document(store) == before


def test_one_bad_file_beside_a_good_one_brings_in_nothing(store: Store) -> None:
    at = room_of(store)
    assert "empty.csv is empty" in give(at, (STRONG.name, STRONG.read_bytes()), ("empty.csv", b""))
    assert not has_button(at)


def test_two_tables_that_belong_together_are_read_together(store: Store) -> None:
    plans = b"Position,Name,Question,Description,NumRepetitions,Interval,Color\n001,Sing,,,3,7,#FF0000\n"
    at = room_of(store)
    assert "1 habit, 1 entry" in give(at, ("Habits.csv", plans), ("Checkmarks.csv", b"Date,Sing,\n2026-01-20,2,\n"))
    bring_in(at)
    assert store.read(ANA).habit("sing").schedule[0].times == 3


def test_too_many_files_and_too_much_at_once_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [(f"{n}.csv", ODD) for n in range(11)]
    assert "11 files are more than the 10 that are read" in give(room_of(store), *many)
    monkeypatch.setattr(bring_along, "MEGABYTES", 1)
    halves = [(name, b" " * 600_000) for name in ("one.csv", "two.csv")]
    assert "one.csv, two.csv are larger than 1 MB together" in give(room_of(store), *halves)


def test_an_archive_that_would_fill_the_memory_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bring_along, "UNPACKED_BYTES", 10)
    assert "more than the 0 that are read" in give(room_of(store), (ZIPPED.name, ZIPPED.read_bytes()))


def test_another_person_gets_nothing_of_it_in_screen_or_record(store: Store) -> None:
    ana, ben = room_of(store), room_of(store, BEN)
    before = document(store, BEN)
    give(ana, (STRONG.name, STRONG.read_bytes()))
    assert "Workout" not in words_on(ben.run())
    assert not has_button(ben)
    bring_in(ana)
    assert "Workout" not in words_on(ben.run())
    assert document(store, BEN) == before


def test_a_look_of_somebody_else_in_the_same_tab_is_not_shown(store: Store) -> None:
    at = room_of(store)
    give(at, (STRONG.name, STRONG.read_bytes()))
    looked, look = at.session_state[bring_along.LOOK]
    assert looked[0] == ANA
    at.session_state[bring_along.LOOK] = ((BEN, *looked[1:]), "of somebody else")
    assert "of somebody else" not in words_on(at.run())
    assert at.session_state[bring_along.LOOK] == (looked, look)


def test_names_in_a_file_stay_words(store: Store) -> None:
    at = room_of(store)
    said = give(at, ("<i>odd</i>.csv", ODD))
    assert "&lt;b&gt;Run&lt;/b&gt; $x$" in said
    assert "<b>Run" not in said
    assert "&lt;i&gt;odd" in give(at, ("<i>odd<i>.csv", b""))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../users/ana.json", "ana.json"),
        ("C:\\Users\\me\\loop.db", "loop.db"),
        ("..", "the file"),
        ("", "the file"),
        ("a\x00b\nc.csv", "abc.csv"),
        ("ä" * 300 + ".zip", "ä" * 38 + ".zip"),
    ],
)
def test_a_files_name_leads_nowhere(sent: str, kept: str) -> None:
    assert plain_name(sent) == kept


def test_the_steps_are_told_as_they_end_and_a_break_between_them_changes_nothing(store: Store) -> None:
    store.create(lived(3, NOW))
    history, before = read_history([STRONG]), document(store)
    steps: list[int] = []

    def stop_at_two(step: int) -> None:
        steps.append(step)
        if step == 2:
            raise ImportRefused("the browser went away")

    with pytest.raises(ImportRefused):
        bring_along.join(store, ANA, history, stop_at_two)
    assert steps == [1, 2]
    assert document(store) == before


def _card(folder: str, user_id: str) -> None:
    import pathlib  # Streamlit runs the source of this function alone

    from screens import language as tab
    from screens.profile_rooms.bring_along import draw_bring_along
    from storage import open_store as opened

    store = opened(pathlib.Path(folder))
    user = store.read(user_id)
    tab.speak(user.locale)
    draw_bring_along(store, user)


def test_it_is_german_for_whoever_speaks_german(store: Store) -> None:
    store.create(lived(3, NOW, locale="de-DE"))
    kwargs = {"folder": str(store.folder), "user_id": ANA}
    at = AppTest.from_function(_card, kwargs=kwargs, default_timeout=20).run()
    said = give(at, (STRONG.name, STRONG.read_bytes()))
    assert "Darin: <b>1 Gewohnheit, 129 Einträge</b> vom 10. Feb. 2021 bis zum 22. Dez. 2021." in said
    assert "der Plan ist eine Annahme: 3-mal in der Woche" in said
    assert at.button(key="bring_go").label == "Übernehmen"
    assert "Übernommen: 1 neue Gewohnheit und 129 neue Einträge." in bring_in(at)
    assert "photo.png ist ein PNG-Bild; gelesen werden" in give(at, ("photo.png", BAD_FILES["photo.png"][0]))
