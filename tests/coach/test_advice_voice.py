"""The words of the library: how long, in which voice, in three tones that differ, and no two pieces alike."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest

from core.coach.advising.library import Entry
from core.coach.advising.situations import LABELS, OF_THE_PERSON
from core.models import OBSTACLES
from tests.advice_cast import LIBRARY

MOST_WORDS = 34
NEVER = (
    r"\b(should|only|failed|failing|again|at least|just|still not|lazy|excuses?|must|don't break|we miss you|amazing|"
    r"awesome|great job|well done|incredible|last chance|hurry|shame|guilty|willpower|discipline|push through|"
    r"stay motivated|make time|no excuse|flawless|streaks?|remember|forget|forgot|brain|dopamine|21 days)\b"
)
CAUSE = r"\b(makes? it easier|makes? you|leads to|because of|will make|thanks to)\b"
PEOPLE_IN_GENERAL = re.compile(
    r"\b(one study|studies|volunteers|people kept|people who|more people|most people|everybody|students|tests|"
    r"experiments|programmes|hospitals|gyms|resolutions?)\b",
    re.I,
)
SEED_QUOTE = "Ship before it's perfect."
WORSE = {
    "Perfectionism": r"\bperfect|flawless|streak",
    "Remembering": "remember|forget",
    "Time": "make time|busy",
    "Motivation/discipline": "willpower|push through|stay motivated|why it matters",
}
TONES_ALIKE, PIECES_ALIKE = 0.8, 0.6  # cosine of the counts of four characters
WORDS_NEAR, WORDS_ALIKE = 0.3, 0.5  # shared words: of the shorter text before more is asked, of both texts
ONE_OF_TWO = {"add-the-main-habit", "add-the-main-habit-small"}  # they divide the obstacles: nobody hears both

TEXTS = [(f"{entry.id} ({tone})", text) for entry in LIBRARY.entries for tone, text in entry.tones.items()]
OTHERS = [
    *((entry.id, entry.because) for entry in LIBRARY.entries),
    *((tip.id, tip.text) for tip in LIBRARY.tips),
    *((question.id, question.text) for question in LIBRARY.questions),
]


def plain(text: str) -> str:
    return re.sub(r"\{\w+\}", "x", text)


@pytest.mark.parametrize("never", [NEVER, CAUSE, r"!", r"\?.*\?", r"\b[A-Z]{3,}\b", r"  |^ | $", r"\d+ ?%", r" ,|\.\."])
def test_every_text_speaks_in_the_coach_s_voice(never: str) -> None:
    flags = re.I if never in (NEVER, CAUSE) else 0
    assert [name for name, text in [*TEXTS, *OTHERS] if re.search(never, plain(text), flags)] == []


def test_a_piece_is_short_enough_to_be_read_in_a_breath() -> None:
    assert [name for name, text in TEXTS if not 6 <= len(text.split()) <= MOST_WORDS] == []
    assert [name for name, text in TEXTS if text[-1] not in ".?”" or len(re.findall(r"[.?](?= |$)", text)) > 4] == []
    assert [
        entry.id for entry in LIBRARY.entries if entry.because[-1] in ".?," or len(entry.because.split()) > 20
    ] == []
    assert all(question.text.endswith("?") and len(question.text.split()) <= 16 for question in LIBRARY.questions)


def test_a_text_has_one_emoji_at_most() -> None:
    assert [name for name, text in TEXTS if len(re.findall("[\U0001f300-\U0001faff✅⚡✨]", text)) > 1] == []


def test_a_piece_names_its_habit_and_bends_no_grammar_around_it() -> None:
    for entry in LIBRARY.entries:
        for text in entry.tones.values():
            if OF_THE_PERSON.isdisjoint(entry.when):
                assert "{habit}" in text or "{routine}" in text, entry.id
            assert not re.search(r"\b(your|a|an|the|more|any|this) \{habit\}|\{habit\}(s\b|'s|-)", text, re.I), entry.id


def test_who_speaks_of_people_in_general_names_the_source() -> None:
    for entry in LIBRARY.entries:
        for text in entry.tones.values():
            assert bool(PEOPLE_IN_GENERAL.search(text)) == bool(entry.source), (entry.id, text)
            assert entry.source in text
        assert bool(LIBRARY.source_of(entry.id)) == bool(entry.source)
    assert not any(PEOPLE_IN_GENERAL.search(text) for _, text in OTHERS)
    assert {entry.source for entry in LIBRARY.entries if entry.source} <= LIBRARY.sources.keys()


def test_no_study_is_quoted_beside_bad_news_but_for_the_one_on_coming_back() -> None:
    hard = {"needs restart", "momentum_lost", "too_ambitious", "back", "limit", "heavy days", "many weak habits"}
    quoted = {entry.source for entry in LIBRARY.entries if entry.source and hard.intersection(entry.when)}
    assert quoted <= {"Milkman 2021", "Dai 2014", "Oscarsson 2020"}


def test_a_number_in_an_unsourced_text_comes_from_the_record() -> None:
    assert [
        name for name, text in TEXTS if re.search(r"\d", plain(text)) and not re.search(r"\(\w+ \d{4}\)", text)
    ] == []


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_no_obstacle_hears_the_words_that_make_it_worse(obstacle: str) -> None:
    heard = [e for e in LIBRARY.entries if not e.source and (not e.obstacles or obstacle in e.obstacles)]
    texts = [text for entry in heard for text in entry.tones.values()]
    texts += [tip.text for tip in LIBRARY.tips if tip.obstacle == obstacle]
    assert [text for text in texts if re.search(WORSE[obstacle], text.replace(SEED_QUOTE, ""), re.I)] == []


# Tones


def test_the_three_tones_differ_in_words() -> None:
    for entry in LIBRARY.entries:
        for one, other in combinations(entry.tones.values(), 2):
            assert likeness(grams(one), grams(other)) < TONES_ALIKE, entry.id


def test_the_three_tones_speak_of_the_same_day_hour_and_words() -> None:
    for entry in LIBRARY.entries:
        said = [
            set(re.findall(r"\{(weekday|other|reason|why_now|small|clock_a|fit|goal|success)\}", text))
            for text in entry.tones.values()
        ]
        assert said[0] == said[1] == said[2], entry.id


# No two alike


def test_no_two_pieces_say_the_same_in_other_words() -> None:
    texts = [(e.id, words(t), t) for e in LIBRARY.entries for t in e.tones.values()]
    texts += [(part.id, words(part.text), part.text) for part in LIBRARY.tips]
    alike = set()
    for (one, its, text), (other, others, other_text) in combinations(texts, 2):
        shared = len(its & others)
        if one != other and shared > WORDS_NEAR * min(len(its), len(others)):
            near = likeness(grams(text), grams(other_text)) > PIECES_ALIKE
            if near or shared > WORDS_ALIKE * len(its | others):
                alike.add(frozenset((one, other)))
    assert alike <= {frozenset(ONE_OF_TWO)}


def test_the_library_holds_enough_pieces_that_differ_in_what_is_advised() -> None:
    assert len({(e.technique, e.when, e.obstacles, e.action, e.needs, e.id) for e in LIBRARY.entries}) >= 150
    assert sum(entry.polarity == "limit" for entry in LIBRARY.entries) >= 25
    assert len({entry.technique for entry in LIBRARY.entries}) >= 33
    assert sum(bool(entry.action) for entry in LIBRARY.entries) >= 130


@pytest.mark.parametrize("kind", LABELS[: LABELS.index("usual_time") + 1])
def test_each_obstacle_has_something_to_hear_under_each_label(kind: str) -> None:
    fewest = 1 if kind in OF_THE_PERSON else 2 if kind == "time_earlier" else 3
    for obstacle in OBSTACLES:
        heard = [entry for entry in under(kind) if not entry.obstacles or obstacle in entry.obstacles]
        own = [entry for entry in heard if (entry.polarity == "limit") == (kind == "limit")]
        assert len({entry.technique for entry in own}) >= fewest, obstacle


def test_what_the_table_puts_first_is_written_and_what_it_rules_out_is_not() -> None:
    for kind, order in LIBRARY.order.items():
        assert {entry.technique for entry in under(kind)}.isdisjoint(order.never), kind
        for obstacle, first in order.first.items():
            written = {e.technique for e in under(kind) if not e.obstacles or obstacle in e.obstacles}
            assert len(written.intersection(first)) >= min(2, len(first)), (kind, obstacle, set(first) - written)


def under(kind: str) -> Iterator[Entry]:
    return (entry for entry in LIBRARY.entries if kind in entry.when)


def grams(text: str) -> Counter[str]:
    said = plain(text).lower()
    return Counter(said[i : i + 4] for i in range(len(said) - 3))


def words(text: str) -> frozenset[str]:
    return frozenset(word[:6] for word in re.findall(r"[a-z’']{4,}", plain(text).lower()))


def likeness(a: Counter[str], b: Counter[str]) -> float:
    norm = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return sum(a[gram] * b[gram] for gram in a) / norm
