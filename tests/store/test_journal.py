"""A record that only grows: laws of what a crash or a full disk may leave."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.journal import ROOM, begin, content, edited, is_blank, parsed

BODIES = st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=40), max_size=4)


def add(path, body):
    with edited(path) as record:
        record.update(body)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("journal") / "drip-7.jsonl"


@given(st.lists(BODIES, min_size=1, max_size=6))
def test_a_record_is_what_its_lines_make_it_a_later_over_an_earlier(path, bodies):
    path.unlink(missing_ok=True)
    assert begin(path, bodies[0])
    whole = dict(bodies[0])
    for body in bodies[1:]:
        add(path, body)
        whole |= body
        assert parsed(content(path)) == whole


@given(BODIES, BODIES, st.integers(0, 400))
def test_a_line_that_a_crash_cut_off_was_never_written_and_the_next_takes_its_place(path, first, second, kept):
    path.unlink(missing_ok=True)
    begin(path, first)
    line = json.dumps(second | {"state": "dot"}, ensure_ascii=False).encode()[:-1]
    whole = path.read_bytes().rstrip(b"\n") + b"\n"
    path.write_bytes(whole + line[:kept] + b"\n" * ROOM)
    assert parsed(content(path)) == first
    add(path, second)
    assert parsed(content(path)) == first | second


@pytest.mark.parametrize("octets", [b"", b"\n" * ROOM, b"\0" * ROOM])
def test_a_record_without_any_line_has_not_begun(path, octets):
    path.write_bytes(octets)
    assert is_blank(octets)
    with pytest.raises(FileNotFoundError):
        add(path, {"state": "dot"})
    assert begin(path, {"state": "claimed"})
    assert not begin(path, {"state": "skipped"})
    assert parsed(content(path)) == {"state": "claimed"}


def test_a_record_that_cannot_be_read_is_not_begun_anew(path):
    path.write_bytes(b'{"state": "cla')
    assert not begin(path, {"state": "skipped"})
    assert path.read_bytes() == b'{"state": "cla'


@pytest.mark.parametrize("octets", [b"", b"\n" * ROOM, b'{"state": "cla', b"[1]\n", b'{"a":1}\n{"b":\n{"c":1}\n'])
def test_what_is_no_record_is_refused(octets):
    with pytest.raises(ValueError, match=r"."):
        parsed(octets)


def test_a_disk_that_is_full_leaves_no_beginning(path, monkeypatch):
    pwrite = os.pwrite

    def on_a_full_disk(descriptor, content, offset):
        if offset:
            raise OSError(28, "No space left on device")
        return pwrite(descriptor, content[:40], offset)

    path.unlink(missing_ok=True)
    with monkeypatch.context() as full:
        full.setattr(os, "pwrite", on_a_full_disk)
        with pytest.raises(OSError, match="No space left"):
            begin(path, {"state": "claimed"})
    assert is_blank(content(path))
    assert begin(path, {"state": "claimed"})


def test_how_it_ended_fits_into_the_room_that_is_there(path, monkeypatch):
    """Where the disk takes no octet beyond the file, a short line is written and a long one is not."""
    path.unlink(missing_ok=True)
    begin(path, {"state": "claimed"})
    size, pwrite = path.stat().st_size, os.pwrite

    def on_a_full_disk(descriptor, content, offset):
        if offset >= size:
            raise OSError(28, "No space left on device")
        return pwrite(descriptor, content[: size - offset], offset)

    monkeypatch.setattr(os, "pwrite", on_a_full_disk)
    with pytest.raises(OSError, match="No space left"):
        add(path, {"state": "dot", "text": "x" * ROOM})
    assert parsed(content(path)) == {"state": "claimed"}
    add(path, {"state": "retry", "reason": "the disk is full"})
    assert parsed(content(path))["state"] == "retry"
    assert path.stat().st_size == size
