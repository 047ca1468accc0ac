"""The library of advice as written down: its voice, its sources, its tips, and mistakes that are named."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from core.advice import parse_library, tip_for
from core.coach.situations import situations_of
from core.models import OBSTACLES
from core.progress import Record
from tests.advice_cast import EVIDENCE, LIBRARY, TOML, found
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    nth_day,
    with_profile,
)

FORBIDDEN = r"\b(should|only|failed|again|at least|just|still not|lazy|excuses?|amazing|must|don't break|we miss you)\b"
PEOPLE_IN_GENERAL = re.compile(r"\b(one study|studies|volunteers|people kept|students|tests|experiments)\b", re.I)
SEED_QUOTE = "Ship before it's perfect."


ALL_TEXTS = {
    **{entry.id: f"{entry.text} {entry.because}" for entry in LIBRARY.entries},
    **{tip.id: tip.text for tip in LIBRARY.tips},
}


@pytest.mark.parametrize("never", [FORBIDDEN, r"!", r"\?.*\?", r"\b[A-Z]{3,}\b", r"  |^ | $", r"\d+ ?%"])
def test_every_text_speaks_in_the_coach_s_voice(never: str) -> None:
    said = {name: re.sub(r"\{\w+\}", "x", text) for name, text in ALL_TEXTS.items()}
    assert [name for name, text in said.items() if re.search(never, text, re.I if never is FORBIDDEN else 0)] == []


def test_a_piece_is_short_enough_to_be_read_in_a_breath() -> None:
    assert [entry.id for entry in LIBRARY.entries if len(entry.text.split()) > 34 or entry.text[-1] not in ".?"] == []
    assert [entry.id for entry in LIBRARY.entries if entry.because[-1] in ".?,"] == []


def test_who_speaks_of_people_in_general_names_the_source() -> None:
    for entry in LIBRARY.entries:
        assert bool(PEOPLE_IN_GENERAL.search(entry.text)) == bool(entry.source), entry.id
        assert entry.source in entry.text
        assert bool(LIBRARY.source_of(entry.id)) == bool(entry.source)


@pytest.mark.parametrize(
    ("obstacle", "never"),
    [
        ("Perfectionism", "perfect|flawless|streak"),
        ("Remembering", "remember|forget"),
        ("Time", "make time|busy"),
        ("Motivation/discipline", "willpower|push through|stay motivated|important"),
    ],
)
def test_no_obstacle_hears_the_words_that_make_it_worse(obstacle: str, never: str) -> None:
    heard = [e.text for e in LIBRARY.entries if not e.source and (not e.obstacles or obstacle in e.obstacles)]
    heard += [tip.text for tip in LIBRARY.tips if tip.obstacle == obstacle]
    assert [text for text in heard if re.search(never, text.replace(SEED_QUOTE, ""), re.I)] == []


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_every_obstacle_has_fourteen_different_tips(obstacle: str) -> None:
    tips = [tip for tip in LIBRARY.tips if tip.obstacle == obstacle]
    assert [tip.day for tip in tips] == list(range(14))
    assert len({tip.text for tip in tips}) == 14
    assert all(len(tip.text.split()) <= 24 for tip in tips)


def test_no_tip_needs_data_or_names_a_kind_of_finding() -> None:
    kinds = r"weekend|weekday|usual|\d|pattern|momentum|most people|your record shows"
    assert [tip.id for tip in LIBRARY.tips if re.search(kinds, tip.text, re.I)] == []


def test_no_two_texts_of_the_library_say_the_same_in_other_words() -> None:
    def grams(text: str) -> Counter[str]:
        plain = re.sub(r"\{\w+\}", "x", text).lower()
        return Counter(plain[i : i + 4] for i in range(len(plain) - 3))

    def likeness(a: Counter[str], b: Counter[str]) -> float:
        norm = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
        return sum(a[gram] * b[gram] for gram in a) / norm

    texts = [(entry.id, grams(entry.text)) for entry in LIBRARY.entries]
    texts += [(tip.id, grams(tip.text)) for tip in LIBRARY.tips]
    alike = [(a[0], b[0]) for a, b in combinations(texts, 2) if likeness(a[1], b[1]) > 0.6]
    assert alike == [("add-the-main-habit", "add-the-main-habit-small")]  # never both: they divide the obstacles


def test_every_piece_can_be_filled_under_each_label_it_names() -> None:
    user = example_runner()
    reasons = {nth_day(user, 3): "no time", nth_day(user, 4): "no time"}
    user.coaching_insights.missed_habits["daily-run"] = reasons
    for n in (9, 16, 20):
        del user.completions["daily-run"][nth_day(user, n)]
    record = Record(user, nth_day(user, 28))
    whole, habit, *_ = situations_of(record, [found(kind, "daily-run") for kind in EVIDENCE], {}, frozenset())
    person = {*whole.slots, "habit"}
    for entry in LIBRARY.entries:
        for name in entry.when:
            is_personal = name in ("main habit not tracked", "goal without a habit", "many weak habits")
            filled = person if is_personal else {*habit.slots, *habit.slots_by_label.get(name, {})}
            assert entry.slots <= filled, (entry.id, name)


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("{clock}. Try stacking", "{clokc}. Try stacking", "stack-with-coffee: slot 'clokc'"),
        ('technique = "stack"\nwhen', 'technique = "stcak"\nwhen', "stack-with-coffee: there is no technique 'stcak'"),
        ('when = ["usual_time"]', 'when = ["usualtime"]', "stack-with-coffee: when 'usualtime'"),
        ('needs = ["no_cue", "morning_hour"]', 'needs = ["no_queue"]', "stack-with-coffee: needs 'no_queue'"),
        ('action = "set_cue"', 'action = "set_queue"', "stack-with-coffee: action 'set_queue'"),
        ('obstacles = ["Time", "Remembering"]', 'obstacles = ["Tme"]', "stack-with-coffee: obstacles.0"),
        ('source = "Lally 2010"', 'source = "Lally 2011"', "one-miss-in-a-study: there is no source 'Lally 2011'"),
        ('id = "time-01"', 'id = "time-00"', "time-00: two entries have this id"),
        ('[order."needs restart"]', "[order.restart]", "order.restart: nothing is called 'restart'"),
        ("for something {soon}", "for something {sun}", "time-09: slot 'sun'"),
        ('[sources]\n"', '[sources\n"', "the library cannot be read"),
    ],
)
def test_a_mistake_in_the_library_is_named_with_its_entry(before: str, after: str, names: str) -> None:
    assert before in TOML
    with pytest.raises(ValueError, match=re.escape(names)):
        parse_library(TOML.replace(before, after, 1))


# Tips of the first days


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_of_the_first_fourteen_days_has_a_tip_of_its_own(example: Any) -> None:
    user = example()
    tips = [tip_for(LIBRARY, user, day) for day in range(14)]
    texts = {tip.text for tip in tips if tip is not None}
    assert len(texts) == 14
    assert any(user.coaching_profile.main_habit in text for text in texts)
    assert not any("{" in text for text in texts)
    assert tip_for(LIBRARY, user, 14) is None


def test_a_tip_follows_the_chronotype() -> None:
    user = example_meditator()
    said = {c: tip_for(LIBRARY, with_profile(user, chronotype=c), 1) for c in ("morning", "evening", "flexible")}
    assert len({tip.text for tip in said.values() if tip is not None}) == 3


@pytest.mark.parametrize("name", ["No phone in bed", "Kein Handy im Bett", "Sin pantallas", "Don’t bite nails"])
def test_nobody_is_asked_for_two_minutes_of_what_they_leave_out(name: str) -> None:
    for obstacle in OBSTACLES:
        user = with_profile(example_meditator(), main_habit=name, biggest_obstacle=obstacle)
        tips = [tip for day in range(14) if (tip := tip_for(LIBRARY, user, day)) is not None]
        assert len(tips) >= 7
        assert {tip.technique for tip in tips}.isdisjoint({"two-min", "part-counts", "second-slot"})


@pytest.mark.parametrize(
    ("name", "techniques"),
    [
        ("Take my insulin", {"stack", "odd-object", "in-sight", "prepare", "tick-now"}),
        ("Tabletten nehmen", {"stack", "odd-object", "in-sight", "prepare", "tick-now"}),
        ("No sugar", {"stack", "prepare", "situation", "kind"}),
        ("Perder peso", {"stack", "prepare", "situation", "kind"}),
        ("Kein Alkohol", {"situation", "with-friend", "kind", "proof"}),
        ("Stop self-harm", set()),
    ],
)
def test_tips_on_delicate_habits_stay_within_their_tier(name: str, techniques: set[str]) -> None:
    for obstacle in OBSTACLES:
        user = with_profile(example_runner(), main_habit=name, biggest_obstacle=obstacle)
        tips = [tip_for(LIBRARY, user, day) for day in range(14)]
        assert {tip.technique for tip in tips if tip is not None} <= techniques
