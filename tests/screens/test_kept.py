"""What is kept between two looks at a record says what a fresh look says."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from core import recording
from core.progress import Record
from screens.board import board_of
from screens.kept import KeptRecords
from tests.recording_cast import NOW, ana, days_ago, do, moves


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(moves, max_size=3), max_size=5), st.booleans())
def test_a_kept_record_says_what_a_fresh_one_says(histories, a_day_passes):
    kept, user, now = KeptRecords(), ana(), NOW
    for n, history in enumerate(histories):
        user = user.model_copy(deep=True)
        for move in history:
            do(user, move)
        if a_day_passes and n == 2:
            now += timedelta(days=1)
        record = kept.record(user, now)
        fresh = Record(user, record.today)
        assert (record.xp, record.perfect_days) == (fresh.xp, fresh.perfect_days)
        days = [record.today - timedelta(days=k) for k in range(6, -1, -1)]
        assert board_of(record, days, now) == board_of(fresh, days, now)


def test_a_habit_that_is_as_it_was_is_not_worked_out_again():
    kept, user = KeptRecords(), ana()
    first = kept.record(user, NOW)
    again = user.model_copy(deep=True)
    recording.tick(again, again.habits[0].id, days_ago(0), now=NOW)
    second = kept.record(again, NOW)
    assert [a is b for a, b in zip(first.habits, second.habits, strict=True)] == [
        False,
        *[True] * (len(again.habits) - 1),
    ]
