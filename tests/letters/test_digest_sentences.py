"""The sentences of the digest, as they are written down: whole, in their turns, and refused when they are wrong."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from catalogues import find_catalogues
from core import catalogue
from core.catalogue import speaking
from core.letters.digest_day import DAYS_OF_WEEK, NUMBERS, DigestDay, number_word
from core.letters.digest_sentences import parse_sentences, sentences_in
from core.letters.digest_words import DigestWords
from core.models import OBSTACLES
from core.progress import Record
from daily_digest import SENTENCES, sentences
from tests.cast import a_person, day

LANGUAGES = find_catalogues()
WRITTEN = SENTENCES.read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["open", "left", "nothing_yet", "nothing_done", "thoughts", "look_ahead"])
def test_there_is_a_sentence_for_every_obstacle(place: str) -> None:
    assert getattr(sentences(), place).keys() == set(OBSTACLES)


def test_a_title_by_turns_has_the_weekday_and_does_not_keep_step_with_the_week() -> None:
    for place, forms in sentences().title:
        assert len(forms) == 1 or (DAYS_OF_WEEK + 1) % len(forms), place
        assert len(forms) == 1 or all("{weekday}" in form for form in forms), place


@pytest.mark.parametrize(
    ("written", "wrong", "said"),
    [
        ("{weekday} is all ticked", "{day} is all ticked", "title: all_done does not know {day}"),
        ("[look_ahead]\nTime", "[look_ahead]\nMoney", "look_ahead.Money.*'Money' is not one of Time"),
        ("first_tick = ", "first_tock = ", "title.first_t.ck"),
        ('["The first tick is in: {names}"]', "[]", "title.first_tick: .*at least 1 item"),
        ("[title]", "[title", "cannot be read"),
    ],
)
def test_what_is_written_wrong_is_named(written: str, wrong: str, said: str) -> None:
    assert written in WRITTEN
    with pytest.raises(ValueError, match=said):
        parse_sentences(WRITTEN.replace(written, wrong))


@pytest.mark.parametrize(("looks_back", "its_day"), [(True, "today"), (False, "tomorrow")])
def test_the_heading_of_a_tip_speaks_of_a_day_that_is_still_to_come_and_turns(looks_back: bool, its_day: str) -> None:
    days = [DigestDay(Record(a_person(), day(n)), looks_back) for n in range(14)]
    said = [DigestWords(day, sentences()).tip_heading() for day in days]
    assert [re.findall("today|tomorrow", heading) for heading in said] == [[its_day]] * 14
    assert all(one != following for one, following in pairwise(said))


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each language with a catalogue, as if it were offered."""
    monkeypatch.setattr(catalogue, "OFFERED", (catalogue.ENGLISH, *LANGUAGES))
    return str(request.param)


def test_every_sentence_is_said_in_the_language_in_force_and_names_what_its_place_knows(language: str) -> None:
    english = list(sentences_in(sentences().model_dump(mode="json")))
    with speaking(language):
        said = list(sentences_in(sentences().model_dump(mode="json")))
    assert len(said) == len(english)
    alike = [one for one, other in zip(english, said, strict=True) if one == other]
    assert all(set(re.sub(r"{\w+}", "", one)) <= set(" :.") for one in alike)
    assert list(sentences_in(sentences().model_dump(mode="json"))) == english


def test_a_translation_that_names_what_its_place_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match=r"title: back does not know \{one\}"):
        parse_sentences(WRITTEN, lambda said: said.replace("with {names} on", "with {one} on"))


def test_a_language_has_as_many_number_words_as_english(language: str) -> None:
    with speaking(language):
        words = [number_word(n) for n in range(len(NUMBERS.split()) + 1)]
    assert [word.isdigit() for word in words] == [False] * (len(words) - 1) + [True]


def test_what_differs_by_turns_differs_in_every_language(language: str) -> None:
    with speaking(language):
        said = sentences()
        for forms in (*dict(said.title).values(), said.ahead.where_it_fits, *said.nothing_yet.values()):
            assert len(set(forms)) == len(forms)
