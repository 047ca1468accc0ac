"""For the tests of the first thirty days: one letter of one person, read, and the manners that all must have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import time
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.history import as_of
from core.letters.prose import Block, Prose, read_prose
from core.models import User
from core.steps import STEPS, hour_of
from drip_campaigns import facts_of, words_name
from tests.people import (
    EXAMPLES,
    moment,
    tick,
    without_ticks,
)

WORDS = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)
ODD_HABITS = (
    "Read 20 pages",
    "Klavier üben",
    "No phone in bed",
    "🧘",
    "Call mum, or dad, or my sister, every evening",
)
DELICATE_HABITS = ("No sugar", "Take my pills", "Kein Alkohol", "Stop self-harm")
FORBIDDEN = r"\b(should|only|failed|again|at least|just|still not|lazy|excuses?|amazing|must|don't break|we miss you)\b"
NEVER_SAID = r"nervous system|most people|90 ?%|quit before|you're normal|strangers|everybody else"
KIND_WORDS = r"weekend|weekday|usually|pattern|ambitious|irregular"
EMOJI = re.compile("[\U0001f300-\U0001faff✅✨⚡⏰]")


# Pieces for which a letter has a line of its own.
LINES = {
    "ship-it": "Ship before it's perfect. Build in public.",
    "study-group": "Join a study group for accountability.",
}


def letter(user: User, step: int, *, late: int = 0, **facts: object) -> str:
    """The prose of one step as it leaves at its hour; `facts` replace computed ones."""
    now = moment(user, step + late, hour_of(user).isoformat())
    known = facts_of(as_of(user, now), step, now) | facts
    return WORDS.get_template(f"drip/{words_name(step)}.words").render(known)


def blocks(prose: Prose) -> Iterator[Block]:
    for card in prose.cards:
        yield from card


def texts(prose: Prose, kind: str) -> list[str]:
    return [block.text for block in blocks(prose) if block.kind == kind]


def some_ticks(user: User) -> User:
    """The same person with the main habit on two days of five."""
    kept = {day: one for day, one in user.completions[user.habits[0].id].items() if day.toordinal() % 5 < 2}
    return user.model_copy(update={"completions": {user.habits[0].id: kept}})


def all_ticks(user: User) -> User:
    """The same person with the main habit on every day, at nine past eight in the evening."""
    full = user.model_copy(deep=True)
    tick(full, full.habits[0].id, range(31), lambda n: time(20, 9))
    return full


COLUMNS: dict[str, Callable[[User], User]] = {"none": without_ticks, "some": some_ticks, "all": all_ticks}


@cache
def of_example(person: int, column: str, step: int) -> str:
    return letter(COLUMNS[column](EXAMPLES[person]()), step)


ALL_LETTERS = [(person, column, step) for person in range(3) for column in COLUMNS for step in STEPS]


def check_manners(said: str, own_words: tuple[str, ...]) -> None:
    prose = read_prose(said)
    assert 5 <= len(prose.subject) <= 45
    assert prose.subject not in prose.preheader
    assert len(prose.preheader) <= 90
    ours = said
    for words in own_words:
        ours = ours.replace(words, "x") if words else ours
    assert not re.search(FORBIDDEN, ours, re.I)
    assert not re.search(NEVER_SAID, ours, re.I)
    assert ours.count("!") <= 1
    assert not re.search(r"\{|\}|None|True|False|  \S|\b1 (days|times|ticks)\b", ours)
    assert len(texts(prose, "question")) <= 1
    assert len(texts(prose, "step")) <= 1
    assert all(len(EMOJI.findall(line)) <= 1 for line in ours.splitlines())
