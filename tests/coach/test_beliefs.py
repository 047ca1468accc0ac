"""Learning which advice helps: beliefs from outcomes and thumbs, pooled over people, and a draw that is no chance."""

from __future__ import annotations

import json
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.coach.advising.beliefs import BOLD_FROM, BOLDNESS, NOTHING_LEARNED, PRIOR_MEAN, PRIOR_SD, Beliefs, Pool, Seen
from core.coach.advising.outcomes import Outcome, Sums
from tests.cast import day

SORTS = ("plan", "cue", "shrink")


def outcome(change: float, sd: float = 0.16) -> Outcome:
    return Outcome((7, 14), (7, 14), 0.5 - change, sd, "known")


def seen(*changes: float) -> Seen:
    known = Seen()
    for change in changes:
        known = known.with_outcome(outcome(change))
    return known


def believed(**sorts: Seen) -> Beliefs:
    return Beliefs(Pool(sorts))


def test_without_anything_seen_the_editors_order_stands():
    assert NOTHING_LEARNED.worth_to("ana", day(20)) is None
    means = [NOTHING_LEARNED.of("cue", place).mean for place in range(5)]
    assert means == pytest.approx([4.2, 3.6, 3.0, 2.4, 2.4])
    assert NOTHING_LEARNED.of("cue").stdev == pytest.approx(PRIOR_SD)


def test_one_outcome_moves_a_belief_little_and_many_move_it_all_the_way():
    one, many = believed(cue=seen(0.2)).of("cue", 2), believed(cue=seen(*[0.2] * 500)).of("cue", 2)
    assert PRIOR_MEAN < one.mean < PRIOR_MEAN + 2
    assert many.mean == pytest.approx(20, abs=1)
    assert many.stdev < 1 < one.stdev < PRIOR_SD


def test_the_editors_rank_fades_as_outcomes_come():
    def gap(beliefs: Beliefs) -> float:
        return beliefs.of("cue", 0).mean - beliefs.of("cue", 3).mean

    gaps = [gap(believed(cue=seen(*[0.0] * n))) for n in (0, 10, 100)]
    assert gaps[0] == pytest.approx(1.8)
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[2] < 0.3


def test_pieces_that_share_their_days_count_as_one():
    alone = Seen().with_outcome(outcome(0.1))
    shared = Seen().with_outcome(outcome(0.1), shared_by=2).with_outcome(outcome(0.1), shared_by=2)
    assert (shared.precision, shared.weighted) == pytest.approx((alone.precision, alone.weighted))


def test_thumbs_lift_a_sort_above_one_that_is_not_liked():
    liked, disliked = Seen(up=18, thumbs=20), Seen(up=2, thumbs=20)
    beliefs = believed(cue=liked, plan=disliked)
    assert beliefs.of("cue").mean > beliefs.of("shrink").mean > beliefs.of("plan").mean
    assert not beliefs.is_blank


@given(st.permutations(range(6)))
def test_it_does_not_matter_in_which_order_people_add_up(order):
    people = [Pool({"cue": seen(0.01 * n), "plan": Seen(up=n % 2, thumbs=1)}, Sums()) for n in range(6)]
    whole = Pool()
    for n in order:
        whole += people[n]
    assert whole.sorts["cue"].outcomes == 6
    assert Beliefs(whole).of("cue").mean == pytest.approx(Beliefs(sum(people, Pool())).of("cue").mean)


def test_a_pool_reads_back_from_its_cache():
    pool = Pool({"cue": seen(0.1).with_thumb(up=True)}, Sums().with_window(0.1, 0.2, 0.3))
    assert Pool.from_json(json.loads(json.dumps(pool.as_json()))) == pool


def test_the_same_person_and_day_draw_the_same_and_others_draw_otherwise():
    worth, again, other, later = (
        believed(cue=seen(*[0.1] * 60)).worth_to(who, day(n))
        for who, n in (("ana", 1), ("ana", 1), ("ben", 1), ("ana", 2))
    )
    assert worth is not None
    assert again is not None
    assert [worth(sort, 0) for sort in SORTS] == [again(sort, 0) for sort in SORTS]
    assert len({draw("cue", 0) for draw in (worth, other, later) if draw}) == 3


def test_draws_spread_as_the_belief_does():
    beliefs = believed(cue=seen(*[0.1] * BOLD_FROM))
    drawn = [draw("cue", 2) for n in range(2000) if (draw := beliefs.worth_to(f"person-{n}", day(0)))]
    effect = beliefs.of("cue", 2)
    assert fmean(drawn) == pytest.approx(effect.mean, abs=0.25)
    assert stdev(drawn) == pytest.approx(BOLDNESS * effect.stdev, rel=0.1)


def test_among_few_outcomes_nobody_is_experimented_on():
    beliefs = believed(cue=seen(*[0.1] * (BOLD_FROM - 1)))
    worth = beliefs.worth_to("ana", day(0))
    assert worth is not None
    assert worth("cue", 1) == beliefs.of("cue", 1).mean
