"""Nothing is ever lost: laws of the store, with real files and real processes."""

import json
import os
import stat
import time
from pathlib import Path

import pytest

from core.models import Completion
from storage import AlreadyStored, JsonFiles, NotStored, Store, StoreError, new_user, open_store
from tests.cast import MONDAY, a_habit, a_person
from tests.full_disk import full_disk
from tests.workers import TICKS, heard, worker


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "data")
    opened.create(a_person(a_habit("Read"), a_habit("Walk")))
    return opened


def test_what_was_stored_is_read_back(store):
    assert store.read("ana-3f9a1c").to_json() == a_person(a_habit("Read"), a_habit("Walk")).to_json()
    assert store.user_ids() == ["ana-3f9a1c"]


def test_an_edit_is_kept_when_its_block_ends_well(store):
    with store.edit("ana-3f9a1c") as user:
        user.entries("read")[MONDAY] = Completion(at=None)
    assert MONDAY in store.read("ana-3f9a1c").entries("read")


def test_an_edit_of_somebody_who_is_gone_leaves_nothing_of_theirs(store, tmp_path):
    with pytest.raises(NotStored), store.edit("gone-123456"):
        pass
    assert list(tmp_path.rglob("*gone*")) == []


def test_an_edit_that_fails_changes_nothing(store):
    before = (store.folder / "users" / "ana-3f9a1c.json").read_bytes()
    with pytest.raises(RuntimeError, match="midway"), store.edit("ana-3f9a1c") as user:
        user.display_name = "Somebody else"
        raise RuntimeError("midway")
    assert (store.folder / "users" / "ana-3f9a1c.json").read_bytes() == before


def test_a_document_that_would_not_validate_is_never_written(store):
    with pytest.raises(StoreError, match=r"the change to users/ana-3f9a1c\.json is not valid"):
        with store.edit("ana-3f9a1c") as user:
            user.habits.append(user.habits[0])
    assert len(store.read("ana-3f9a1c").habits) == 2


def test_two_processes_on_the_same_document_lose_no_update(store):
    with worker("tick", store.folder, "read") as one, worker("tick", store.folder, "walk") as other:
        assert (one.wait(), other.wait()) == (0, 0)
    user = store.read("ana-3f9a1c")
    assert [len(user.entries(habit)) for habit in ("read", "walk")] == [TICKS, TICKS]


def test_a_process_killed_while_writing_leaves_a_whole_document(store):
    for _ in range(3):
        with worker("edit", store.folder) as process:
            assert heard(process) == "writing"
        assert store.read("ana-3f9a1c").display_name.startswith("Ana ")
    for left in (store.folder / "tmp").iterdir():
        os.utime(left, (0, 0))
    assert list((open_store(store.folder).folder / "tmp").iterdir()) == [], "what was half written is swept"


def test_what_another_process_is_writing_is_not_swept_even_where_that_process_cannot_be_seen(store):
    theirs = store.folder / "tmp" / "4194305.0123456789abcdef"  # no process of this machine: it may be in a container
    theirs.write_bytes(b"half a docu")
    open_store(store.folder)
    assert theirs.exists()
    an_hour_ago = time.time() - 3601
    os.utime(theirs, (an_hour_ago, an_hour_ago))
    open_store(store.folder)
    assert not theirs.exists()


def test_a_change_that_cannot_be_listed_is_a_change_all_the_same(store):
    log = store.folder / "cache" / "changed.log"
    log.unlink()
    log.mkdir()
    with store.edit("ana-3f9a1c") as user:
        user.display_name = "Ana Sol"
    assert store.read("ana-3f9a1c").display_name == "Ana Sol"
    store.create(a_person(user_id="ben-2b11aa"))
    store.delete("ana-3f9a1c")
    assert store.user_ids() == ["ben-2b11aa"]


def test_a_folder_that_cannot_be_removed_is_named_and_not_tried_for_ever(store, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (store.folder / "ledger").mkdir()
    (store.folder / "ledger" / "ana").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="ledger/ana cannot be removed"):
        store.records.delete_all("ledger", "ana")
    assert (tmp_path / "elsewhere").is_dir()


def test_a_full_disk_changes_nothing(store):
    before = (store.folder / "users" / "ana-3f9a1c.json").read_bytes()
    with full_disk(), pytest.raises(OSError, match="File too large"), store.edit("ana-3f9a1c") as user:
        user.display_name = "A name that finds no room"
    assert (store.folder / "users" / "ana-3f9a1c.json").read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"user_id": "ana-3f9a1c"}'])
def test_a_document_that_cannot_be_read_is_named_and_left_alone(store, damage):
    path = store.folder / "users" / "ana-3f9a1c.json"
    path.write_bytes(damage)
    with pytest.raises(StoreError, match=r"users/ana-3f9a1c\.json .* left as it is"):
        store.read("ana-3f9a1c")
    with pytest.raises(StoreError, match=r"users/ana-3f9a1c\.json"), store.edit("ana-3f9a1c"):
        pass
    assert path.read_bytes() == damage


def test_a_document_cut_in_half_is_named_and_left_alone(store):
    path = store.folder / "users" / "ana-3f9a1c.json"
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(half)
    with pytest.raises(StoreError, match="cannot be read"):
        store.read("ana-3f9a1c")
    assert path.read_bytes() == half


def test_a_copy_under_another_name_is_no_second_person(store):
    users = store.folder / "users"
    (users / "eve-000001.json").write_bytes((users / "ana-3f9a1c.json").read_bytes())
    for attempt in (store.read, lambda user_id: store.edit(user_id).__enter__()):
        with pytest.raises(StoreError, match=r"users/eve-000001\.json holds the document of 'ana-3f9a1c'"):
            attempt("eve-000001")


def test_a_copy_whose_name_is_no_id_is_named_with_the_remedy(store):
    users = store.folder / "users"
    (users / "ana copy.json").write_bytes((users / "ana-3f9a1c.json").read_bytes())
    [stray] = set(store.user_ids()) - {"ana-3f9a1c"}
    with pytest.raises(NotStored, match=r"'ana copy'.* move a file of that name out of users/"):
        store.read(stray)


@pytest.mark.parametrize("user_id", ["./ana-3f9a1c", "../ana", "", "Ana", "ana-3f9a1c.json"])
def test_what_is_no_user_id_is_an_unknown_person(store, user_id):
    with pytest.raises(NotStored, match="there is no person"):
        store.read(user_id)
    with pytest.raises(NotStored, match="there is no person"), store.edit(user_id):
        pass


def test_a_person_is_created_once(store):
    with pytest.raises(AlreadyStored, match="ana-3f9a1c"):
        store.create(a_person())


def test_an_unknown_person_is_named(store):
    with pytest.raises(NotStored, match="no person 'nobody'"):
        store.read("nobody")
    with pytest.raises(NotStored, match="no person 'nobody'"), store.edit("nobody"):
        pass


def test_a_deleted_person_leaves_no_file_behind(store):
    store.delete("ana-3f9a1c")
    assert list((store.folder / "users").iterdir()) == []
    store.create(a_person())
    with store.edit("ana-3f9a1c") as user:
        user.display_name = "Ana once more"
    assert store.read("ana-3f9a1c").display_name == "Ana once more"


def test_the_folder_and_what_is_in_it_are_for_the_owner_only(store):
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    store.secret()
    for path in (store.folder / "users" / "ana-3f9a1c.json", store.folder / "secret.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_secret_is_made_once(store):
    assert store.secret() == open_store(store.folder).secret()
    assert len(store.secret()) == 64


@pytest.mark.parametrize("octets", [b"", b"\n"])
def test_a_secret_that_anybody_knows_signs_nothing(store, octets):
    (store.folder / "secret.key").write_bytes(octets)
    with pytest.raises(StoreError, match=r"secret\.key is empty; put a copy in its place, or delete it"):
        store.secret()


def test_a_folder_that_cannot_be_written_is_named_with_its_setting(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match=r"data folder .*file/data cannot be written .* XP_DATA_DIR"):
        open_store(tmp_path / "file" / "data")


def test_a_key_cannot_leave_the_folder(store):
    with pytest.raises(StoreError, match="is not a key"):
        store.records.read("sessions", "../../etc/passwd")


def test_a_new_person_begins_with_the_default_data(store):
    user = new_user(user_id="ben-000001", created_at="2026-11-01T18:02:11-07:00")
    assert user.coaching_profile.digest_time == "20:00"
    assert not user.coaching_profile.onboarding_complete
    assert user.daily_digests == {}


def test_records_of_any_kind_are_created_once_edited_and_removed(tmp_path):
    files = JsonFiles(tmp_path)
    assert files.create("ledger", "ana/drip-7", {"state": "claimed"})
    assert not files.create("ledger", "ana/drip-7", {"state": "other"})
    with files.edit("ledger", "ana/drip-7") as body:
        body["state"] = "sent"
    assert files.read("ledger", "ana/drip-7") == {"state": "sent"}
    assert files.keys("ledger", "ana") == ["ana/drip-7"]
    lines = (tmp_path / "ledger/ana/drip-7.jsonl").read_text().split()
    assert [json.loads(line) for line in lines] == [{"state": "claimed"}, {"state": "sent"}]
    files.delete("ledger", "ana/drip-7")
    assert files.read("ledger", "ana/drip-7") is None


def test_nothing_is_kept_of_a_person_who_is_removed(store):
    for user_id in ("ana-3f9a1c", "ben-2b11aa"):
        store.cache(f"found/{user_id}", {"said": "something"})
    store.delete("ana-3f9a1c")
    assert store.cached("found/ana-3f9a1c") is None
    assert store.cached("found/ben-2b11aa") == {"said": "something"}
