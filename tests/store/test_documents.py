"""A document that was read before is read and written faster, and says the same."""

from __future__ import annotations

import copy
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core import documents
from core.documents import Documents
from core.models import Completion, User
from tests.cast import MONDAY, day
from tests.recording_cast import ana, days_ago, do, moves


def changed(known: Documents, body: documents.Body, history: list[tuple[str, str, object]]) -> documents.Body:
    user, before = known.opened("ana-3f9a1c", body)
    for move in history:
        do(user, move)  # type: ignore[arg-type]
    return known.written("ana-3f9a1c", user, body, before)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(moves, max_size=4), max_size=4))
def test_a_document_is_the_same_whoever_remembers_it(histories):
    known, body = Documents(), ana().to_json()
    alone = body
    for history in histories:
        body, alone = changed(known, body, history), changed(Documents(), alone, history)
        assert body == alone == User.model_validate(alone).to_json()
        assert known.checked("ana-3f9a1c", body) == User.model_validate(body)
        assert list(body["completions"]) == list(alone["completions"])


def test_what_a_reader_changes_no_other_reader_sees():
    known, body = Documents(), ana().to_json()
    body["completions"] = {"read": {day(0).isoformat(): {"note": "on the train"}}}
    body["coaching_insights"]["given"] = [{"id": "small", "day": "2026-11-02"}]
    whole = json.dumps(body)
    for _ in range(2):
        user = known.checked("ana-3f9a1c", body)
        assert user == User.model_validate(json.loads(whole))
        user.entries("read")[day(1)] = Completion()
        user.entries("run").clear()
        del user.entries("read")[MONDAY]
        user.habits.clear()
        user.coaching_profile.life_goals.append("Finances")
    assert json.dumps(body) == whole


def test_what_readers_share_none_of_them_can_change():
    known, body = Documents(), ana().to_json() | {"completions": {"read": {day(0).isoformat(): {}}}}
    user = known.checked("ana-3f9a1c", body)
    shared: Any = user.completions["read"]
    assert shared is known.checked("ana-3f9a1c", body).completions["read"]
    assert copy.deepcopy(user) == pickle.loads(pickle.dumps(user)) == user
    changes = [
        lambda: shared.update({day(1): Completion()}),
        lambda: shared.setdefault(day(1), Completion()),
        lambda: shared.pop(day(0)),
        lambda: shared.__delitem__(day(0)),
        lambda: shared.__ior__({}),
        shared.popitem,
        shared.clear,
    ]
    for change in changes:
        with pytest.raises(TypeError, match=r"User\.entries"):
            change()
    user.entries("read").clear()
    assert (list(shared), user.completions["read"]) == ([day(0)], {})


def test_what_did_not_change_is_the_very_same_for_whoever_reads_it_next():
    known, body = Documents(), ana().to_json()
    body["completions"] = {"read": {day(0).isoformat(): {}}, "run": {day(0).isoformat(): {}}}
    first = known.checked("ana-3f9a1c", body)
    body["completions"] = {"read": {day(0).isoformat(): {}}, "run": {day(1).isoformat(): {}}}
    second = known.checked("ana-3f9a1c", copy.deepcopy(body))
    assert second == User.model_validate(body)
    assert second.completions["read"] is first.completions["read"]


def test_readers_at_once_share_what_they_read():
    known, body = Documents(), ana().to_json() | {"completions": {"read": {day(n).isoformat(): {} for n in range(99)}}}
    with ThreadPoolExecutor(8) as readers:
        users = list(readers.map(lambda _: known.checked("ana-3f9a1c", copy.deepcopy(body)), range(8)))
    assert len({id(user.completions["read"]) for user in users}) == 1


@pytest.mark.parametrize("stored", [[], None, "read", {"read": []}, {"read": {"2026-11-02": 7}}])
def test_entries_that_are_none_are_refused_whatever_is_known(stored):
    known, body = Documents(), ana().to_json()
    before: list[dict[str, Any]] = [{}, {"read": {day(0).isoformat(): {}}}]
    for was in before:
        known.checked("ana-3f9a1c", body | {"completions": was})
        with pytest.raises(ValidationError, match="completions"):
            known.checked("ana-3f9a1c", body | {"completions": stored})


def test_an_entry_is_stored_as_it_stood_until_it_changes():
    as_stored = {"2026-11-02": {"at": "2026-11-02T06:15:00Z", "place": "sofa"}, "2026-11-03T00:00:00": {}}
    body = ana().to_json() | {"completions": {"read": as_stored}}
    assert changed(Documents(), body, [])["completions"] == {"read": as_stored}
    after = changed(Documents(), body, [("tick", "read", days_ago(1)), ("tick", "run", days_ago(0))])["completions"]
    assert after["read"].pop("2026-11-21")["source"] == "backfill"
    assert after["read"] == {"2026-11-02": as_stored["2026-11-02"], "2026-11-03": {}}
    assert list(after["run"]) == ["2026-11-22"]


def test_an_entry_that_would_not_validate_is_refused_though_all_others_are_known():
    known, body = Documents(), ana().to_json()
    user = known.checked("ana-3f9a1c", body)
    user.entries("read")[date(1800, 1, 1)] = Completion()
    with pytest.raises(ValidationError, match="1990-01-01"):
        known.written("ana-3f9a1c", user, body, {})
    with pytest.raises(ValidationError, match="source"):
        known.checked("ana-3f9a1c", body | {"completions": {"read": {"2026-11-02": {"source": "hearsay"}}}})


def test_only_so_many_are_remembered():
    known = Documents(known_most=2)
    for user_id in ("one", "two", "three"):
        known.checked(user_id, ana().to_json())
    assert set(known._known) == {"two", "three"}
