"""The library of advice as it is read: every slot can be filled, mistakes are named, tips fit the first days."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.advice import parse_library, tip_for
from core.coach.advising.situations import LABELS, OF_THE_PERSON, situations_of
from core.models import OBSTACLES, Pause, PlannedHour, Target
from core.progress import Record
from tests.advice_cast import EVIDENCE, FILES, LIBRARY, found
from tests.people import (
    EXAMPLES,
    example_meditator,
    example_runner,
    nth_day,
    with_profile,
)


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_every_obstacle_has_fourteen_different_tips(obstacle: str) -> None:
    tips = [tip for tip in LIBRARY.tips if tip.obstacle == obstacle and tip.polarity != "limit"]
    assert [tip.day for tip in tips] == list(range(14))
    assert len({tip.text for tip in tips}) == 14
    assert all(len(tip.text.split()) <= 24 for tip in tips)


def test_no_tip_needs_data_or_names_a_kind_of_finding() -> None:
    kinds = r"weekend|weekday|usual|\d|pattern|momentum|most people|your record shows"
    assert [tip.id for tip in LIBRARY.tips if re.search(kinds, tip.text, re.I)] == []


def test_every_piece_can_be_filled_under_each_label_it_names() -> None:
    user = example_runner(days=61)
    user.coaching_insights.missed_habits["daily-run"] = {nth_day(user, n): "no time" for n in (3, 4)}
    user.pauses.append(Pause(start=nth_day(user, 65), to=nth_day(user, 70)))
    for n in (9, 16, 20, 44, 51, 58):
        del user.completions["daily-run"][nth_day(user, n)]
    run = user.habits[0].model_copy(update={"small": "shoes on", "planned": [PlannedHour(minute=420)]})
    filled: dict[str, set[str]] = {}
    for target in (None, Target(at_least=4, unit="km"), Target(at_most=2, unit="coffees")):
        user.habits[0] = run.model_copy(update={"target": target})
        entries = user.entries("daily-run")
        entries.update({day: entry.model_copy(update={"value": 2 + day.day % 3}) for day, entry in entries.items()})
        record = Record(user, nth_day(user, 61))
        whole, habit, *_ = situations_of(record, [found(kind, "daily-run") for kind in EVIDENCE], {}, frozenset())
        for name in LABELS:
            own = whole.slots if name in OF_THE_PERSON else {**habit.slots, **habit.slots_by_label.get(name, {})}
            filled.setdefault(name, set()).update(own)
    pieces = [(piece.id, piece.when, piece.slots) for piece in LIBRARY.entries]
    for name, when, slots in [*pieces, *((asked.id, asked.when, asked.slots) for asked in LIBRARY.questions)]:
        for label in when:
            assert slots <= filled[label] | {"goal"}, (name, label)


# The lines of the user's own examples and the piece that holds each, in every tone; what may be said of
# people in general is worded anew.
EXAMPLE_LINES = {
    "stack-with-coffee": "ry stacking with coffee",
    "stack-with-coffee-every-day": "Try stacking",
    "locked-in": "{routine} are locked in ✅. Let's add strength work on weekends",
    "ship-it": "Ship before it's perfect. Build in public",
    "study-group": "Join a study group for accountability.",
    "solid-share": "You {verb} {percent} of days",
    "imperfect-session": "One imperfect {session} doesn't break momentum",
    "weekend-routine": "Strong weekdays, weak weekends. Weekend routine?",
    "weekend-company": "Add accountability",
    "tell-one-person": "Add accountability",
    "not-trying-any-more": "ou are someone who {third}",
    "add-the-main-habit": "Your main habit isn't tracked: {main_habit}. Add it",
    "smaller-not-rarer": "his might be too ambitious",
    "reschedule-or-reduce": "eschedule or reduce scope",
    "peak-hour": "et's find your peak hour",
}


@pytest.mark.parametrize(("name", "line"), EXAMPLE_LINES.items())
def test_the_lines_of_the_examples_are_in_every_tone_of_their_piece(name: str, line: str) -> None:
    texts = LIBRARY.by_id[name].tones.values()
    assert all(line in text for text in texts)


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("{clock}. Try stacking", "{clokc}. Try stacking", "stack-with-coffee: slot 'clokc'"),
        ('technique = "stack"\nwhen', 'technique = "stcak"\nwhen', "stack-with-coffee: there is no technique 'stcak'"),
        ('when = ["usual_time"]', 'when = ["usualtime"]', "stack-with-coffee: when 'usualtime'"),
        (
            'needs = ["ordinary", "no_cue", "morning_hour"]',
            'needs = ["no_queue"]',
            "stack-with-coffee: needs 'no_queue'",
        ),
        ('action = "set_cue"', 'action = "set_queue"', "stack-with-coffee: action 'set_queue'"),
        ('obstacles = ["Time", "Remembering"]', 'obstacles = ["Tme"]', "stack-with-coffee: obstacles.0"),
        ('source = "Lally 2010"', 'source = "Lally 2011"', "one-miss-in-a-study: there is no source 'Lally 2011'"),
        ('id = "time-01"', 'id = "time-00"', "time-00: two entries have this id"),
        ('[order."needs restart"]', "[order.restart]", "order.restart: nothing is called 'restart'"),
        ("for something {soon}", "for something {sun}", "time-09: slot 'sun'"),
        ('[sources]\n"', '[sources\n"', "order.toml cannot be read"),
        ('id = "best-minute"', 'id = "time-00"', "time-00: two entries have this id"),
        ('when = ["time_later", "time_earlier"]\ntext', 'when = ["new moon"]\ntext', "new-hour-suits: when 'new moon'"),
        ('needs = ["settled"]', 'needs = ["unsettled"]', "fade: needs 'unsettled'"),
    ],
)
def test_a_mistake_in_the_library_is_named_with_its_entry(before: str, after: str, names: str) -> None:
    name = next(name for name, text in FILES.items() if before in text)
    with pytest.raises(ValueError, match=re.escape(names)):
        parse_library({**FILES, name: FILES[name].replace(before, after, 1)})


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
        assert len(tips) == len({tip.text for tip in tips}) == 14
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
