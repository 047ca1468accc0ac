"""The coach's advice in German: whole, in the coach's voice, and the same pieces as in English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import pytest

import translate
from catalogues import LOCALES, find_catalogues, read_catalogue
from core.advice import Piece, tip_for
from core.catalogue import speaking
from core.coach.advising.asking import questions_for
from core.coach.advising.filling import SLOTS, Facts, Words
from core.coach.advising.followup import said_of
from core.coach.advising.library import ADVICE
from core.coach.advising.situations import LABELS, OF_THE_PERSON, situations_of
from core.history import as_of
from core.models import OBSTACLES, Pause, PlannedHour, Target, User
from core.patterns import Finding
from core.progress import Record
from tests.advice_cast import EVIDENCE, LIBRARY, found, pieces_for
from tests.people import EXAMPLES, example_runner, moment, nth_day, with_profile

find_catalogues()
GERMAN = {
    str(message.id): str(message.string)
    for message in read_catalogue(LOCALES / "de.po")
    if message.id and message.context == ADVICE
}
SAID = {entry.id: (GERMAN[entry.plain], GERMAN[entry.because]) for entry in LIBRARY.entries}
ASKED = [*(tip.text for tip in LIBRARY.tips), *(question.text for question in LIBRARY.questions)]
SHORT = [GERMAN[text] for text in ASKED]
TEXTS = [*(text for text, _ in SAID.values()), *SHORT]
REASONS = [reason for _, reason in SAID.values()]

MOST_WORDS, MOST_CHARACTERS = 34, 230
NEVER = (
    r"(?i)\b(musst|müsstest|solltest|sollst|leider|faul\w*|versag\w*|gescheitert|scheitern|schuld\w*|schäm\w*|nur|bloß|"
    r"wenigstens|zumindest|endlich|schon wieder|ausreden?|disziplin\w*|willenskraft|reiß|streng dich|perfekt\w*|"
    r"serien?|vergiss\w*|vergessen|erinnere|fantastisch|großartig|super|klasse|gehirn|dopamin|streak|habits?)\b"
)
ENGLISH = r"(?i)\b(?:the|of|and|it|done|times?|days?|weeks?|months?|hours?|minutes|later|earlier|once|twice|\d [ap]m)\b"
CAUSE = r"(?i)\b(führt dazu|deswegen|dank|dadurch wird)\b"


def slots(text: str) -> list[str]:
    return re.findall(r"\{(\w*)\}", text)


def test_every_text_of_the_advice_files_is_in_the_catalogue_and_no_other() -> None:
    spoken = {text for entry in LIBRARY.entries for text in (entry.plain, entry.because)}
    from_python = {"next time", "today", "tomorrow"}
    assert GERMAN.keys() - from_python == spoken | set(ASKED)
    assert all(GERMAN.values())


def test_a_retired_piece_keeps_its_translation_for_those_who_were_given_it() -> None:
    piece = '[[advice]]\nplain = "{said}"\nbecause = "{said} so"\n'
    lines = BytesIO((piece.format(said="a") + piece.format(said="b") + "retired = true").encode())
    said = [text for _, _, (_, text), _ in translate.advice_texts(lines, (), ())]
    assert said == ["a", "a so", "b", "b so"]


def test_a_german_text_names_no_slot_that_the_english_one_does_not_name() -> None:
    assert [text for text, german in GERMAN.items() if not set(slots(german)) <= set(slots(text))] == []


def test_a_piece_names_its_habit_in_german_too() -> None:
    for entry in LIBRARY.entries:
        if OF_THE_PERSON.isdisjoint(entry.when):
            assert {"habit", "routine"}.intersection(slots(SAID[entry.id][0])), entry.id
        assert entry.source in SAID[entry.id][0]


@pytest.mark.parametrize("never", [NEVER, CAUSE, r"!", r"\?.*\?", r"  |^ | $", r"\d ?%", r" [,.?;:]|\.\.", r"[“”\"]\w"])
def test_german_speaks_in_the_coach_s_voice(never: str) -> None:
    plain = [re.sub(r"\{\w+\}", "x", text) for text in (*TEXTS, *REASONS)]
    assert [text for text in plain if re.search(never, text)] == []


def test_german_is_short_enough_to_be_read_in_a_breath() -> None:
    assert [text for text in TEXTS if len(text.split()) > MOST_WORDS or len(text) > MOST_CHARACTERS] == []
    assert [text for text in REASONS if len(text.split()) > 20] == []


def test_a_reason_goes_on_after_a_colon_and_leaves_the_full_stop_to_the_letter() -> None:
    assert [text for text in REASONS if text[-1] in ".?!," or text.split()[0] in ("weil", "denn", "da")] == []


def test_no_article_and_no_ending_hangs_on_a_name() -> None:
    names = r"\{(?:habit|other|main_habit|goal)\}"
    bent = rf"(?i)\b(?:der|die|das|dem|den|des|deine?[mnrs]?|eine?[mnrs]?) {names}|{names}(?:s\b|'s|’s|-)"
    assert [text for text in (*TEXTS, *REASONS) if re.search(bent, text)] == []


def test_a_number_in_german_comes_from_the_record_or_a_named_source() -> None:
    said = [re.sub(r"\{\w+\}", "x", text) for text in TEXTS]
    assert [text for text in said if re.search(r"\d", text) and not re.search(r"\(\w+ \d{4}\)", text)] == []


# What a person hears


def heard(user: User, n: int, findings: Sequence[Finding], language: str) -> list[Piece]:
    with speaking(language):
        return pieces_for(user.model_copy(update={"locale": language}), n, findings)


@pytest.mark.parametrize("obstacle", OBSTACLES)
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_same_pieces_are_given_in_both_languages(example: Any, obstacle: str) -> None:
    user = with_profile(example(), biggest_obstacle=obstacle)
    findings = [found(kind, user.habits[0].id) for kind in ("weekend_weak", "usual_time", "momentum_gained")]
    english, german = heard(user, 28, findings, "en"), heard(user, 28, findings, "de")
    assert [piece.given(nth_day(user, 28), "") for piece in german] == [p.given(nth_day(user, 28), "") for p in english]
    assert all(one.text != other.text for one, other in zip(english, german, strict=True))
    for one, other in zip(english, german, strict=True):
        kept = json.loads(json.dumps(one.given(nth_day(user, 28), "digest")))
        assert _read(kept, "de") == (other.text, other.because)
        assert _read(kept, "en") == (one.text, one.because)


@pytest.mark.parametrize("tone", ["plain", "warm", "playful"])
def test_german_has_one_tone_and_english_three(tone: Any) -> None:
    user = with_profile(example_runner(), tone=tone)
    findings = [found("usual_time", "daily-run")]
    pieces = {piece.id: piece for piece in heard(user, 28, findings, "de")}
    assert pieces.keys() == {piece.id for piece in heard(with_profile(user, tone="plain"), 28, findings, "de")}
    for piece in pieces.values():
        assert _fits(piece.text, SAID[piece.id][0])
    in_english = [(piece.text, LIBRARY.by_id[piece.id]) for piece in heard(user, 28, findings, "en")]
    assert all(any(_fits(text, one) for one in entry.tones.values()) for text, entry in in_english)
    assert any(_fits(text, entry.tones[tone]) for text, entry in in_english)


def test_every_piece_is_filled_in_german_under_each_label_it_names() -> None:
    filled = list(_filled())
    for entry in LIBRARY.entries:
        for label in entry.when:
            fitting = [slots for at, slots in filled if at == label and entry.slots <= slots.keys()]
            with speaking("de"):
                said = [text.format_map(Words(slots, "de")) for slots in fitting for text in SAID[entry.id]]
            assert said, (entry.id, label)
            assert not any(re.search(r"[{}]|  |\bNone\b", text) for text in said), said


@pytest.mark.parametrize("example", EXAMPLES)
def test_tips_and_questions_are_asked_in_german(example: Any) -> None:
    user = example()
    with speaking("de"):
        tips = [tip for day in range(14) if (tip := tip_for(LIBRARY, user, day)) is not None]
        record = Record(as_of(user, moment(user, 28)), nth_day(user, 28))
        questions = list(questions_for(record, [], LIBRARY))
    with speaking("en"):
        assert [tip.id for tip in tips] == [t.id for day in range(14) if (t := tip_for(LIBRARY, user, day)) is not None]
        assert [one.id for one in questions] == [one.id for one in questions_for(record, [], LIBRARY)]
    said = [*(tip.text for tip in tips), *(one.text for one in questions)]
    assert all(any(_fits(text, german) for german in SHORT) for text in said)
    assert not any(re.search(r"[{}]|  |\b(after|next time|today|tomorrow)\b", text) for text in said)


def _read(given: Mapping[str, Any], language: str) -> tuple[str, str]:
    """The words of something given to somebody who reads them in a language."""
    with speaking(language):
        return said_of(given, LIBRARY, language)


def test_everything_given_in_english_is_read_in_german_and_back_with_numbers_and_clocks_in_its_form() -> None:
    filled = [facts for _label, facts in _filled()]
    for entry in LIBRARY.entries:
        known = next(facts for facts in filled if entry.slots <= facts.keys())
        given = {"id": entry.id, "tone": "warm", "slots": {name: known[name] for name in entry.slots}}
        kept = json.loads(json.dumps(given))
        english, german = _read(kept, "en"), _read(kept, "de")
        assert (_fits(english[0], entry.warm), _fits(english[1], entry.because)) == (True, True), entry.id
        assert all(_fits(text, said) for text, said in zip(german, SAID[entry.id], strict=True)), entry.id
        typed = [re.escape(fact) for fact in known.values() if isinstance(fact, str)]
        assert not re.search(ENGLISH, re.sub("|".join(typed), "", " ".join(german))), (entry.id, german)
        assert _read(kept, "en") == english


def test_each_fact_is_said_in_the_language_of_who_reads_it() -> None:
    facts = {
        "count": [5, 20, True, False],
        "percent": [2, 3],
        "clock": 1262,
        "from_day": "2026-11-03",
        "weekday": 5,
        "target": [2.5, "km"],
        "fit": 2,
        "shift": 90,
        "side": "later",
        "routine": ["Meditation", True],
        "reason": "no time",
        "cue": "pour the coffee",
    }
    english, german = (_said_in(language, facts) for language in ("en", "de"))
    assert english["clock"] == "9:00 PM"
    assert (english["percent"], english["target"], english["weekday"]) == ("67%", "2.5 km", "Saturday")
    assert german == {
        "count": "in vier Wochen 5 von 20 Mal gemacht",
        "percent": "67\N{NO-BREAK SPACE}%",
        "clock": "21:00",
        "from_day": "3. November",
        "weekday": "Samstag",
        "target": "2,5 km",
        "fit": "zweimal",
        "shift": "anderthalb Stunden",
        "side": "später",
        "routine": "Meditationen am Morgen",
        "reason": "keine Zeit",
        "cue": "pour the coffee",
    }


def _said_in(language: str, facts: Mapping[str, Any]) -> dict[str, str]:
    with speaking(language):
        return {slot: Words(facts, language)[slot] for slot in facts}


def test_what_an_earlier_version_gave_is_read_as_it_was_kept() -> None:
    words = {"text": "🪶 Two minutes count.", "because": "it was done 3 of 9 times"}
    assert _read({"id": "weekend-in-small", **words}, "de") == ("Two minutes count.", words["because"])
    assert _read({"id": "weekend-in-small"}, "de") == ("", "")
    others: list[Any] = [{"habit": "Run"}, "Run", {name: [] for name in SLOTS}]
    for wrong in others:
        assert _read({"id": "weekend-in-small", "slots": wrong}, "de") is not None


def _fits(text: str, template: str) -> bool:
    """Whether a text is a template with its slots filled."""
    return re.fullmatch(".+".join(map(re.escape, re.split(r"\{\w+\}", template))), text) is not None


def _filled() -> Iterator[tuple[str, Facts]]:
    """Each label with the facts for its slots, of a runner with everything to say, once for each sort of target."""
    user = example_runner(days=61)
    user.coaching_insights.missed_habits["daily-run"] = {nth_day(user, n): "keine Zeit" for n in (3, 4)}
    user.pauses.append(Pause(start=nth_day(user, 65), to=nth_day(user, 70)))
    for n in (9, 16, 20, 44, 51, 58):
        del user.completions["daily-run"][nth_day(user, n)]
    run = user.habits[0].model_copy(update={"small": "Schuhe an", "planned": [PlannedHour(minute=420)]})
    for target in (None, Target(at_least=4, unit="km"), Target(at_most=2, unit="Kaffee")):
        user.habits[0] = run.model_copy(update={"target": target})
        entries = user.entries("daily-run")
        entries.update({day: entry.model_copy(update={"value": 2 + day.day % 3}) for day, entry in entries.items()})
        record = Record(user, nth_day(user, 61))
        whole, habit, *_ = situations_of(record, [found(kind, "daily-run") for kind in EVIDENCE], {}, frozenset())
        for name in LABELS:
            own = whole.slots if name in OF_THE_PERSON else {**habit.slots, **habit.slots_by_label.get(name, {})}
            yield name, {**own, "goal": "Sleep & Energy"}
