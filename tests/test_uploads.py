"""What one sign-in sends stays bounded in memory, and nobody loses a file to another."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import given
from hypothesis import strategies as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from middleware import UPLOADS
from uploads import COMING_MOST, FILES_MOST, OCTETS_MOST, Coming, Kept, file_most

PIECE = bytes(OCTETS_MOST // 8)


def held(manager: MemoryUploadedFileManager, tabs: set[str]) -> list[UploadedFileRec]:
    return [file for tab in tabs for file in manager.file_storage.get(tab, {}).values()]


def put(kept: Kept, manager: MemoryUploadedFileManager, sid: str, tab: str, name: str, size: int) -> None:
    manager.add_file(tab, UploadedFileRec(file_id=name, name=name, type="text/csv", data=PIECE[:size]))
    kept.note(sid, (tab, name), manager)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, len(PIECE))), max_size=60))
def test_a_sign_in_holds_so_many_files_and_octets_at_most_and_its_newest_always(sent: list[tuple[str, int]]) -> None:
    kept, manager = Kept(), MemoryUploadedFileManager(UPLOADS)
    for n, (tab, size) in enumerate(sent):
        put(kept, manager, "ana", tab, str(n), size)
        files = held(manager, {"a", "b"})
        assert len(files) <= FILES_MOST
        assert sum(len(file.data) for file in files) <= OCTETS_MOST
        assert str(n) in {file.file_id for file in files}


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(1, file_most() + 1)), max_size=40))
def test_what_is_on_its_way_has_a_bound_for_a_file_for_a_sign_in_and_for_all(sent: list[tuple[str, int]]) -> None:
    coming, let_in = Coming(), list[tuple[str, int]]()
    with ExitStack() as stack:
        for sid, octets in sent:
            fits = octets <= file_most() and octets + _sum(let_in, sid) <= OCTETS_MOST
            fits = fits and octets + _sum(let_in) <= COMING_MOST
            assert stack.enter_context(coming.room(sid, octets)) == fits
            let_in += [(sid, octets)] if fits else []
    with ExitStack() as stack:  # whoever has arrived leaves the room to others
        assert all(stack.enter_context(coming.room("a", file_most())) for _ in range(OCTETS_MOST // file_most()))


def _sum(let_in: list[tuple[str, int]], sid: str = "") -> int:
    return sum(octets for one, octets in let_in if sid in ("", one))


def test_the_files_of_somebody_else_stay() -> None:
    kept, manager = Kept(), MemoryUploadedFileManager(UPLOADS)
    put(kept, manager, "ben", "of ben", "his", 10)
    for n in range(3 * FILES_MOST):
        put(kept, manager, "ana", "of ana", str(n), 10)
    assert [file.file_id for file in held(manager, {"of ben"})] == ["his"]


def test_files_that_are_gone_count_no_more() -> None:
    kept, manager = Kept(), MemoryUploadedFileManager(UPLOADS)
    for n in range(FILES_MOST):
        put(kept, manager, "ana", "left", str(n), 10)
    manager.remove_session_files("left")
    for n in range(FILES_MOST):
        put(kept, manager, "ana", "open", str(n), 10)
    assert len(held(manager, {"open"})) == FILES_MOST
