"""Whom to look at when: laws of an index that must never be the reason why a letter does not come."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mail.agenda import Agenda
from storage import Store, open_store
from tests.cast import a_person

NOW = datetime(2024, 1, 1, 20, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path)
    for name in ("ana", "ben"):
        store.create(a_person(user_id=f"{name}-3f9a1c"))
    return store


def looked_at(agenda: Agenda, now: datetime) -> list[str]:
    """Whom a tick looks at, by first name."""
    people = agenda.due(now)
    for user_id in people:
        agenda.seen(user_id, now)
    return [user_id[:3] for user_id in people]


@pytest.fixture
def agenda(store: Store) -> Iterator[Agenda]:
    """One on which everybody has something every hour."""
    with closing(Agenda(store, lambda user, now: now + HOUR)) as agenda:
        assert looked_at(agenda, NOW) == ["ana", "ben"], "everybody at first"
        yield agenda


def test_nobody_is_looked_at_before_their_moment_and_everybody_at_it(agenda):
    assert looked_at(agenda, NOW + MINUTE) == []
    assert looked_at(agenda, NOW + HOUR) == ["ana", "ben"]
    assert looked_at(agenda, NOW + HOUR + MINUTE) == []


def test_whose_document_any_process_writes_is_looked_at_in_the_next_tick(store, agenda, tmp_path):
    elsewhere = open_store(tmp_path)
    with elsewhere.edit("ben-3f9a1c") as user:
        user.display_name = "Benno"
    elsewhere.create(a_person(user_id="cem-3f9a1c"))
    assert looked_at(agenda, NOW + MINUTE) == ["ben", "cem"]
    assert looked_at(agenda, NOW + 2 * MINUTE) == []


def test_a_file_put_there_by_hand_is_found_within_an_hour(agenda, tmp_path):
    copy = a_person(user_id="dan-3f9a1c")
    (tmp_path / "users" / "dan-3f9a1c.json").write_text(json.dumps(copy.to_json()))
    found = [name for n in range(1, 10) for name in looked_at(agenda, NOW + n * MINUTE)]
    assert found == ["dan"]


def test_the_list_of_changes_may_be_deleted_at_any_time(store, agenda, tmp_path):
    for n in range(1, 4):
        (tmp_path / "cache" / "changed.log").unlink(missing_ok=True)
        with store.edit("ana-3f9a1c") as user:
            user.display_name = f"Ana {n}"
        assert looked_at(agenda, NOW + n * MINUTE) == ["ana"]


def test_when_the_clock_jumps_everybody_is_looked_at_again(agenda):
    assert looked_at(agenda, NOW - 2 * HOUR) == ["ana", "ben"]
    assert looked_at(agenda, NOW + timedelta(days=400)) == ["ana", "ben"]
    assert looked_at(agenda, NOW) == ["ana", "ben"]


def test_a_document_that_cannot_be_read_comes_back_once_it_can(agenda, tmp_path):
    path = tmp_path / "users" / "ana-3f9a1c.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    assert looked_at(agenda, NOW + HOUR) == ["ana", "ben"]
    path.write_bytes(whole)
    later = [name for n in range(1, 10) for name in looked_at(agenda, NOW + HOUR + n * MINUTE)]
    assert "ana" in later
