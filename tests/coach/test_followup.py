"""Advice followed up: outcomes are written down once, answers are kept, and everybody's add up."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest

import advice_pool
import coaching_engine
from coaching_engine import library
from core.advice import fitting
from core.coach.advising.beliefs import NOTHING_LEARNED, Pool, Seen, Worth
from core.coach.advising.followup import answer, followed, pool_of, settle
from core.coach.statistics.evidence import evidence_of
from core.history import as_of
from core.models import User
from core.progress import Record
from core.recording import RecordingError
from tests.cast import a_habit, a_person, day, tick

PIECE = "stack-right-before"
SORT = "cue"


def given(n: int, habit: str = "meditation", piece: str = PIECE, **more: Any) -> dict[str, Any]:
    technique = library().by_id[piece].technique
    head = {"id": piece, "technique": technique, "action": "set_cue", "habit": habit}
    return {**head, "day": day(n).isoformat(), "channel": "digest", **more}


def advised(*items: dict[str, Any], **known: Any) -> User:
    """Done on half of the days until Day 30, on all since."""
    user = tick(a_person(**known), "meditation", [*range(0, 30, 2), *range(30, 70)])
    user.coaching_insights.given.extend(items)
    return user


def settled(user: User, n: int) -> int:
    record = Record(user, day(n))
    return settle(record, evidence_of(record).away, library())


def added(user: User, n: int = 60) -> Pool:
    return pool_of(Record(user, day(n)), (), library())


def test_an_outcome_is_written_down_once_it_is_final_and_stays():
    user = advised(given(30))
    assert [settled(user, n) for n in (31, 40, 44)] == [0, 0, 0]
    assert settled(user, 45) == 1
    outcome = user.coaching_insights.given[0]["outcome"]
    assert (outcome["before"], outcome["after"], outcome["day"]) == ([7, 14], [14, 14], day(45).isoformat())
    for n in range(31, 45):
        del user.entries("meditation")[day(n)]
    assert settled(user, 60) == 0
    assert user.coaching_insights.given[0]["outcome"] == outcome


def test_what_was_taken_up_is_measured_from_that_day():
    user = advised(given(20, applied={"day": day(30).isoformat(), "done": "", "was": {}}))
    assert settled(user, 44) == 0
    assert settled(user, 45) == 1
    assert user.coaching_insights.given[0]["outcome"]["after"] == [14, 14]


def test_advice_about_the_person_or_a_habit_that_is_gone_is_settled_as_not_known():
    user = advised(given(30, habit=""), given(30, habit="gone"))
    assert settled(user, 44) == 0
    assert settled(user, 45) == 2
    assert {one["outcome"]["state"] for one in user.coaching_insights.given} == {"unknown"}


def test_tips_findings_and_questions_are_no_advice():
    user = advised({"id": "finding:usual_time:meditation", "habit": "meditation", "day": day(20).isoformat()})
    user.coaching_insights.given.append(
        {"id": "time-00", "technique": "two-min", "habit": "", "day": day(0).isoformat()}
    )
    assert list(followed(Record(user, day(60)), (), library())) == []
    assert settled(user, 60) == 0


def test_an_answer_is_kept_changed_and_taken_back():
    user = advised(given(30))
    assert answer(user, PIECE, "meditation", "yes") is None
    assert answer(user, PIECE, "meditation", "no") == "yes"
    assert user.coaching_insights.given[0]["feedback"] == "no"
    assert answer(user, PIECE, "meditation", None) == "no"
    assert "feedback" not in user.coaching_insights.given[0]
    with pytest.raises(RecordingError, match="not in your record"):
        answer(user, PIECE, "read", "yes")


def test_outcomes_and_answers_are_pooled_by_sort():
    user = advised(given(30, feedback="yes"), given(58, piece="two-hours-will-do", feedback="no"))
    settled(user, 60)
    seen = added(user).sorts[SORT]
    assert (seen.outcomes, seen.up, seen.thumbs) == (1, 1, 2)
    assert seen.weighted > 0
    assert added(advised()).sorts == {}


def test_outcomes_that_are_not_known_teach_nothing():
    user = advised(
        given(30, outcome={"day": day(50).isoformat(), "state": "unknown", "before": [1, 2], "after": [0, 0]})
    )
    assert added(user).sorts == {}


def test_a_letter_that_is_noted_again_gives_nothing_twice_though_it_was_answered(store):
    store.create(advised())
    for _ in range(2):
        store.note_said("ana-3f9a1c", day(30), None, [given(30)])
        with store.edit("ana-3f9a1c") as user:
            answer(user, PIECE, "meditation", "yes")
    assert [one["feedback"] for one in store.read("ana-3f9a1c").coaching_insights.given] == ["yes"]


# --- what everybody adds up to


def night(n: int) -> datetime:
    return datetime.combine(day(n), time(4), tzinfo=UTC)


def test_the_night_writes_outcomes_and_adds_up_what_everybody_learned(store):
    for name in ("ana-3f9a1c", "ben-3f9a1c"):
        store.create(advised(given(30, feedback="yes"), user_id=name))
    store.create(advised(user_id="cleo-3f9a1c"))
    assert coaching_engine.process_pattern_analysis(store, now=night(50)) == 3
    assert store.read("ben-3f9a1c").coaching_insights.given[0]["outcome"]["state"] == "known"
    for n in (50, 51):
        assert advice_pool.beliefs_for(store, day(n)) == NOTHING_LEARNED
    learned = advice_pool.beliefs_for(store, day(52))
    assert (learned.pool.sorts[SORT].outcomes, learned.pool.sorts[SORT].up) == (2, 2)
    assert learned.pool.untreated.windows == 1


def test_a_day_stands_on_the_same_pool_whatever_is_learned_on_it(store):
    advice_pool.contribute(store, "ana-3f9a1c", Pool({SORT: Seen(up=1, thumbs=1)}))
    store.create(advised())
    advice_pool.add_up(store, day(50))
    before = advice_pool.beliefs_for(store, day(52))
    advice_pool.contribute(store, "ana-3f9a1c", Pool({SORT: Seen(up=5, thumbs=9)}))
    for n in (50, 51, 52):
        advice_pool.add_up(store, day(n))
    assert advice_pool.beliefs_for(store, day(52)) == before
    assert advice_pool.beliefs_for(store, day(54)).pool.sorts[SORT].thumbs == 9


def test_a_cache_that_cannot_be_read_is_nothing_learned(store):
    store.cache(advice_pool.POOLS, {day(40).isoformat(): {"sorts": 3}})
    assert advice_pool.beliefs_for(store, day(50)) == NOTHING_LEARNED
    store.create(advised())
    store.cache("advice-pool/ana-3f9a1c", {"untreated": "?"})
    advice_pool.add_up(store, day(50))
    assert advice_pool.beliefs_for(store, day(52)) == NOTHING_LEARNED


def test_whoever_has_left_adds_nothing(store):
    advice_pool.contribute(store, "gone-3f9a1c", Pool({SORT: Seen(up=1, thumbs=1)}))
    advice_pool.add_up(store, day(50))
    assert advice_pool.beliefs_for(store, day(52)).is_blank


def lifting(family: str) -> Worth:
    return lambda sort, place: 30.0 if sort == family else -float(place)


def test_what_helped_others_comes_first(store):
    user = tick(a_person(a_habit(), a_habit("Read")), "meditation", range(0, 40, 2), clock=None)
    store.create(tick(user, "read", range(0, 40, 2), clock=None))
    look, sorts = coaching_engine.look_now(user, night(40)), library().techniques

    def families(worth: Worth | None = None) -> list[str]:
        fits = fitting(library(), look.user, look.record, look.findings, look.states, worth)
        return [sorts[piece.technique].family for piece in fits]

    editor, moved = families(), 0
    for family in set(editor):
        learned = families(lifting(family))
        assert learned.index(family) <= editor.index(family)
        moved += learned.index(family) < editor.index(family)
    assert moved


def test_without_anything_learned_a_store_changes_no_order_and_with_it_the_answer_is_always_the_same(store):
    user = tick(a_person(a_habit(), a_habit("Read")), "meditation", range(0, 40, 2), clock=None)
    store.create(user)
    answer = coaching_engine.analyze(user, night(40), store=store)
    assert answer == coaching_engine.analyze(user, night(40))
    advice_pool.contribute(store, "ana-3f9a1c", Pool({"shrink": Seen(outcomes=900, precision=9.0, weighted=270.0)}))
    advice_pool.add_up(store, day(30))
    learned = [coaching_engine.analyze(user, night(40), store=store) for _ in range(2)]
    assert learned[0] == learned[1]


def test_a_letter_tells_what_came_of_advice_once():
    user = advised(given(30, text="Which hour could it take?"))
    settled(user, 45)
    told = []
    for n in range(45, 60):
        insight = coaching_engine.insight_of(user, night(n))
        if insight is not None:
            user.coaching_insights.given.append(insight.given)
            told.append(insight)
    outcomes = [insight for insight in told if insight.kind == "outcome"]
    assert [insight.text.split("”")[0] for insight in outcomes] == ["“Which hour could it take?"]
    assert outcomes[0].bars == (("Before", 7, 14), ("Since", 14, 14))
    assert "from 7 of 14 to 14 of 14 days" in outcomes[0].text


def test_what_came_later_is_not_known_yet():
    user = advised(given(30, applied={"day": day(33).isoformat()}))
    settled(user, 60)
    before, after = (as_of(user, night(n)).coaching_insights.given[0] for n in (32, 60))
    assert not {"applied", "outcome"} & before.keys()
    assert {"applied", "outcome"} <= after.keys()
