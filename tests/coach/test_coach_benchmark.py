"""The coach's benchmark: people are as they were planted, and what is true of them is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from benchmarks.coach import Claim, Heard, judgeable_effects, listen, row_of_power, rows_of_all_sorts
from benchmarks.histories import person, shuffled
from benchmarks.people import DAYS, Circumstances, Life, Lived, live
from benchmarks.populations import EFFECTS, Effect, mixed, pattern_free, planted
from benchmarks.shares import wilson
from benchmarks.truth import JUDGES, is_true
from core.coach.statistics.kinds import CLAIMS
from core.models import User
from core.patterns import DESCRIPTIONS, Finding

CALM = Circumstances(energy=0.0, backfills=0.0, skips=0.0)
LAST = DAYS - 1


def lived(*lives: Life, around: Circumstances = CALM, seed: int = 1) -> Lived:
    return live(lives, around, np.random.default_rng(seed))


def is_true_of(who: Lived, kind: str, habit: str = "h0", on: int = LAST, **evidence: Any) -> bool:
    finding = Finding(kind, habit, "established", who.start, evidence)
    return is_true(who, finding, who.start + timedelta(days=on))


def nth(who: Lived, *days: int) -> list[str]:
    return [(who.start + timedelta(days=day)).isoformat() for day in days]


# --- people ----------------------------------------------------------------------------------------------------------


def test_the_planted_rate_is_the_share_of_days_whatever_the_energies() -> None:
    around = Circumstances(energy=0.6, common=0.5, stays=0.5, backfills=0.0, skips=0.0)
    people = [lived(Life(rate=0.8, season=(0.0, 0.0)), around=around, seed=seed) for seed in range(80)]
    done = sum(len(who.user.completions["h0"]) for who in people)
    assert done / (80 * DAYS) == pytest.approx(0.8, abs=0.02)


def test_a_link_moves_a_habit_and_leaves_its_rate() -> None:
    people = [lived(Life(rate=0.6), Life(rate=0.5, after=(0, 0.5)), seed=seed) for seed in range(60)]
    with_it, without = [], []
    for who in people:
        first, second = who.user.completions["h0"], who.user.completions["h1"]
        days = [who.start + timedelta(days=n) for n in range(DAYS)]
        with_it += [day in second for day in days if day in first]
        without += [day in second for day in days if day not in first]
    assert np.mean(with_it) - np.mean(without) == pytest.approx(0.5, abs=0.06)
    assert np.mean(with_it + without) == pytest.approx(0.5, abs=0.03)


def test_nobody_ticks_while_away_or_paused() -> None:
    who = lived(Life(rate=0.95), around=replace(CALM, absence=(10, 6), pause=(30, 5)))
    numbers = {(day - who.start).days for day in who.user.completions["h0"]}
    assert not numbers & {*range(10, 16), *range(30, 35)}
    assert not who.counted[0, 10:16].any()
    assert len(numbers) > 40


@pytest.mark.parametrize("people", [pattern_free, mixed])
def test_a_simulated_person_is_a_document_that_can_be_stored(people: Any) -> None:
    for seed in range(12):
        user = people((5, seed)).user
        assert User.model_validate_json(user.model_dump_json()).to_json() == user.to_json()


@pytest.mark.parametrize("people", [pattern_free, mixed])
def test_one_seed_makes_one_person(people: Any) -> None:
    assert people((3, 4)).user == people((3, 4)).user
    assert people((3, 4)).user != people((3, 5)).user


# --- truth -----------------------------------------------------------------------------------------------------------


def test_every_kind_of_the_coachs_has_a_truth() -> None:
    assert CLAIMS.keys() <= JUDGES.keys()
    assert {effect.kind for effect in EFFECTS} == JUDGES.keys()


@pytest.mark.parametrize("number", range(len(EFFECTS)), ids=lambda n: f"{EFFECTS[n].kind} {EFFECTS[n].name}")
def test_a_planted_effect_is_true_and_of_a_plain_person_it_is_not(number: int) -> None:
    effect = EFFECTS[number]
    who = planted(effect, (1, number))
    life = who.lives[0]
    evidence: dict[str, Any] = {
        "weekday": life.weak_weekday[0] if life.weak_weekday else 0,
        "from_day": nth(who, life.change[0] if life.change else 20)[0],
        "habits": ["h0", "h1"],
        "minute": 21 * 60 if effect.kind == "late_fail" else life.minute,
        "minutes": [life.second[0], life.minute] if life.second else life.weekend_minutes or 60,
        "times": [[day, 0] for day in nth(who, *range(LAST))],
    }
    on = 16 if effect.kind == "week2_dip" else LAST
    assert is_true_of(who, effect.kind, on=on, **evidence)
    plain = lived(Life(minute=life.minute if effect.kind == "varied_time" else life.minute + 200, spread=8.0), Life())
    moved = evidence | {"times": [[day, 0] for day in nth(plain, *range(LAST))], "from_day": nth(plain, 20)[0]}
    assert not is_true_of(plain, effect.kind, on=on, **moved)


def test_a_level_that_fell_is_no_weekend_and_a_bad_sunday_neither() -> None:
    for life in (Life(rate=0.9, change=(20, 0.2)), Life(rate=0.9, weak_weekday=(6, -0.8))):
        assert not is_true_of(lived(life), "weekend_weak")


def test_a_weak_weekend_is_no_weak_day() -> None:
    who = lived(Life(rate=0.9, weekend=-0.6))
    assert not any(is_true_of(who, "weak_day", weekday=day) for day in range(7))
    assert is_true_of(who, "weekend_weak")
    assert not is_true_of(who, "weekend_strong")


def test_a_change_is_true_once_it_has_happened() -> None:
    who = lived(Life(rate=0.9, change=(30, 0.3)))
    (before, since) = nth(who, 20, 30)
    assert not is_true_of(who, "momentum_lost", on=29, from_day=before)
    assert is_true_of(who, "momentum_lost", on=40, from_day=since)
    assert not is_true_of(who, "momentum_gained", on=40, from_day=since)


def test_what_two_habits_have_in_common_is_no_link() -> None:
    who = lived(Life(weekend=-0.5), Life(weekend=-0.5), around=replace(CALM, energy=0.6, common=1.0))
    assert not is_true_of(who, "cooccur", habits=["h0", "h1"])


def test_shares_of_times_go_round_midnight() -> None:
    who = lived(Life(minute=1438.0, spread=8.0))
    assert is_true_of(who, "usual_time", minute=3)
    assert not is_true_of(who, "usual_time", minute=60)
    assert not is_true_of(who, "varied_time")


def test_a_moved_hour_is_judged_by_the_times_that_were_looked_at() -> None:
    who = lived(Life(step=(20, 60.0)))
    assert is_true_of(who, "time_later", times=[[day, 0] for day in nth(who, *range(5, 45))])
    assert not is_true_of(who, "time_later", times=[[day, 0] for day in nth(who, *range(25, 55))])
    assert not is_true_of(who, "time_earlier", times=[[day, 0] for day in nth(who, *range(5, 45))])


# --- measuring -------------------------------------------------------------------------------------------------------


def test_what_is_heard_is_announced_once_from_day_14_on_and_judged() -> None:
    effect = Effect(
        "weekend_weak", "none ever", lambda luck, lives: lives.__setitem__(0, Life(rate=0.98, weekend=-0.96))
    )
    heard = listen(planted(effect, (1, 1)))
    told = [(claim.kind, claim.habit) for claim in heard.announced]
    assert len(set(told)) == len(told)
    assert ("weekend_weak", "h0") in told
    assert all(14 <= claim.day <= LAST and claim.established for claim in heard.announced)
    assert {claim.day for claim in heard.standing} <= {24, 38, 52}
    assert row_of_power(effect, [heard])[3].startswith("100.0 %")


def test_a_precision_counts_claims_and_a_share_counts_people() -> None:
    def one(*claims: tuple[str, int, bool]) -> Heard:
        return Heard(tuple(Claim(kind, "h0", day, True, true) for kind, day, true in claims), ())

    heard = [one(("weekend_weak", 20, True), ("usual_time", 40, False)), one(("weekend_weak", 29, False))]
    rows = dict(rows_of_all_sorts(heard))
    assert rows["announced patterns that are true"].endswith("1 of 2")
    assert rows["announced descriptions that are true"].endswith("0 of 1")
    assert rows["people with 2 or more findings by Day 30"].endswith("0 of 2")
    assert [one.heard_false(pattern=True) for one in heard] == [False, True]


def test_only_effects_of_known_kinds_are_measured() -> None:
    assert {EFFECTS[number].kind for number in judgeable_effects()} <= CLAIMS.keys()
    assert JUDGES.keys() >= DESCRIPTIONS


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_is_wilsons(counts: tuple[int, int]) -> None:
    k, n = counts
    known = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(k, n) == pytest.approx((known.low, known.high), abs=1e-4)


# --- real histories --------------------------------------------------------------------------------------------------


def test_a_shuffled_copy_keeps_rates_and_clocks_and_loses_the_days() -> None:
    user = person(Path(__file__).parent.parent / "fixtures" / "strong" / "first_sets.csv")
    copy = shuffled(user, 1)

    def clocks(of: User) -> Sequence[object]:
        return sorted(entry.at.time() for entry in of.completions["workout"].values() if entry.at)

    assert clocks(copy) == clocks(user)
    assert all(entry.at and entry.at.date() == day for day, entry in copy.completions["workout"].items())
    assert copy.completions["workout"].keys() != user.completions["workout"].keys()
