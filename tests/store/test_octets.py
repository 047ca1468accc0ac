"""What is stored equals the document's own JSON, whatever part of it was taken over from before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from storage import Store, open_store
from store.octets import Written, octets_of, parsed_json, written_after
from tests.recording_cast import ana, do, moves

names = st.text(max_size=3) | st.sampled_from(["a", "b", '"', "ü\n", "completions"])
values = st.none() | st.integers(-9, 9) | st.floats() | st.text(max_size=4) | st.lists(st.booleans(), max_size=2)
completions = st.dictionaries(names, st.dictionaries(names, values, max_size=3), max_size=4)
bodies = st.builds(
    lambda parts, entries, tail: parts | entries | tail,
    st.dictionaries(names, values, max_size=3),
    st.just({}) | st.builds(lambda one: {"completions": one}, completions | values),
    st.dictionaries(names, values, max_size=3),
)


@given(bodies, st.lists(st.tuples(bodies, st.sets(st.integers(0, 5))), max_size=4))
def test_octets_are_those_of_the_whole_document_whatever_was_taken_over(first, later):
    before = written_after(Written(octets_of(first), first), first)
    assert before.octets == octets_of(first)
    for body, places in later:
        old, new = before.body.get("completions"), body.get("completions")
        if isinstance(old, dict) and isinstance(new, dict):  # some stay, others are replaced, order and all
            body = body | {"completions": new | {k: v for n, (k, v) in enumerate(old.items()) if n in places}}
        before = written_after(before, body)
        assert before.octets == octets_of(body)


@settings(max_examples=20, deadline=None)
@given(histories=st.lists(st.lists(moves, max_size=4), max_size=5))
def test_a_store_that_keeps_what_it_wrote_stores_what_one_that_keeps_nothing_does(tmp_path_factory, histories):
    folders = [tmp_path_factory.mktemp("data") for _ in range(2)]
    kept, plain = open_store(folders[0], kept_most=2), open_store(folders[1], known_most=0)
    for store in (kept, plain):
        store.create(ana())
    for history in histories:
        for store in (kept, plain):
            with store.edit("ana-3f9a1c") as user:
                for move in history:
                    do(user, move)
        assert _stored(kept) == _stored(plain) == octets_of(parsed_json(_stored(kept)))
        assert parsed_json(_stored(kept)) == kept.read("ana-3f9a1c").to_json()


def test_a_file_that_somebody_else_wrote_is_what_is_read_and_written_from(tmp_path):
    kept, other = open_store(tmp_path, kept_most=2), open_store(tmp_path)
    kept.create(ana())
    for store, habit in ((kept, "read"), (other, "run"), (kept, "read")):
        with store.edit("ana-3f9a1c") as user:
            do(user, ("tick", habit, user.created_at.date()))
    assert parsed_json(_stored(kept)) == other.read("ana-3f9a1c").to_json() == kept.read("ana-3f9a1c").to_json()
    assert parsed_json(_stored(kept))["completions"].keys() == {"read", "run"}


def _stored(store: Store) -> bytes:
    return (store.folder / "users" / "ana-3f9a1c.json").read_bytes()
