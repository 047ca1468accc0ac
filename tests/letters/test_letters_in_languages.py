"""The prose of letters in every language with a catalogue: a line a line, of the same kind, about the same facts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import meta

import translate
from catalogues import LOCALES, find_catalogues, read_catalogue
from core.catalogue import speaking
from core.letters.digest_day import SUBJECT_MOST
from core.letters.prose import MARKERS, translated, words_of
from core.models import GOALS, OBSTACLES, User
from core.steps import STEPS
from mail import letter_forms, letters
from tests.every_letter import (
    CHRONOTYPES,
    RECORDS,
    before_the_foot,
    digest_text,
    drip_facts,
    pairs_covering,
    someone,
    wrong_in_prose,
)
from tests.letter_samples import FRAME

LANGUAGES = find_catalogues()
PROSE = sorted(letter_forms.TEMPLATES.glob("drip/*.words"))


def lines() -> list[tuple[str, str, set[str]]]:
    """Every language's translated lines of prose: in English, in the language, and the templates they stand in."""
    catalogues = (read_catalogue(LOCALES / f"{language}.po") for language in LANGUAGES)
    return [
        (message.id, message.string, names)
        for texts in catalogues
        for message in texts
        if isinstance(message.id, str) and isinstance(message.string, str) and message.id and message.string
        if (names := {Path(file).name for file, _ in message.locations if file.endswith(".words")})
    ]


def names_in(source: str) -> set[str]:
    return meta.find_undeclared_variables(letter_forms.forms_in("en").words.parse(source))


def source_of(file: Path) -> str:
    """A template of prose as English letters load it."""
    loader = letter_forms.forms_in("en").words.loader
    assert loader is not None
    return loader.get_source(letter_forms.forms_in("en").words, f"drip/{file.name}")[0]


def test_the_words_of_a_line_stand_behind_its_mark_and_what_steers_has_none() -> None:
    assert words_of("Lead: {{ habit }} is in.") == ("Lead: ", "{{ habit }} is in.")
    assert words_of("-> {{ habit }}, {{ next_time }}: go.") == ("-> ", "{{ habit }}, {{ next_time }}: go.")
    assert words_of('{{ "It" if a else "They" }} came.') == ("", '{{ "It" if a else "They" }} came.')
    for line in ('{% if goal == "Creativity" %}', "", "> {{ why_now }}", "^ {{ column.count }} | {{ column.hour }}"):
        assert words_of(line) == (line, "")


@pytest.mark.parametrize("file", PROSE, ids=lambda file: file.stem)
def test_every_line_of_prose_is_a_text_of_the_catalogue_and_nothing_else_changes(file) -> None:
    source = file.read_text(encoding="utf-8")
    said: list[str] = []

    def heard(words: str) -> str:
        said.append(words)
        return words

    assert translated(source, heard) == source
    with file.open("rb") as opened:
        assert [words for _, _, words, _ in translate.words_texts(opened, (), ())] == said


def test_a_translated_line_is_one_line_without_a_mark_of_its_own() -> None:
    for english, said, _ in lines():
        assert "\n" not in said, english
        dividers = [re.sub(r"{{.*?}}", "x", words).count(" | ") for words in (english, said)]
        assert dividers[0] == dividers[1], english
        assert not said.startswith(tuple(MARKERS)), english


def test_a_translated_line_tells_nothing_that_its_letter_does_not_know() -> None:
    known = {file.name: names_in(source_of(file)) for file in PROSE}
    for english, said, templates in lines():
        for template in templates:
            assert not names_in(said) - known[template] - names_in(english), english


def test_a_letter_in_another_language_leaves_the_english_one_as_it_is() -> None:
    for file in PROSE:
        english = letter_forms.forms_in("en").words.get_template(f"drip/{file.name}")
        with speaking("de"):
            german = letter_forms.forms_in("de").words.get_template(f"drip/{file.name}")
        assert german is not english
        assert source_of(file) == completed(file)


def completed(file: Path) -> str:
    """A template with what it includes in its place."""
    return re.sub(
        r'(?m)^{% include "(.+)" %}\n',
        lambda found: (letter_forms.TEMPLATES / found[1]).read_text(encoding="utf-8").removesuffix("\n"),
        file.read_text(encoding="utf-8"),
    )


def test_what_a_template_marks_is_text_when_it_is_loaded() -> None:
    source = '{{ _("Today") }} & {{ _("Profile") if a else p_("nowhere", "<1>") }}'
    for language, said in (("en", "Today & Profile"), ("de", "Heute & Profil")):
        forms = letter_forms.forms_in.__wrapped__(language)
        assert forms.html.from_string(source).render(a=1) == forms.text.from_string(source).render(a=1) == said
        assert "'_'" not in re.sub(r"\s", "", str(forms.html.compile(source, raw=True)))
    assert letter_forms.forms_in("en").html.from_string(source).render(a=0).endswith("&lt;1&gt;")


WRONG_IN_GERMAN = (
    (
        r"(?i)\b(the|and|of|you|your|is|are|it|to|for|with|on|at|from|this|that|these|tonight|tomorrow|today|days?|times"
        r"|every|each|not|have|has|had)\b",
        "English",
    ),
    (r"\b1 (Tage|Tagen|Wochen|Minuten)\b|\b(\d\d|[02-9]) Tag\b", "a number that its noun does not go with"),
    (r"\b0 (Tage|Mal|von)\b", "a count of nothing"),
    (r"\b(\w+) \1\b", "a doubled word"),
    (
        r"\S {2,}\S| [,.;:?!)]|(?<!\.)\.\.(?!\.)|[,;:]\.|\.,|\?\.|,,|::|[?!]“?[.]",
        "marks or spaces that do not go together",
    ),
    (r"„“|\(\)|\bNone\b|\bTrue\b|\bFalse\b|[{}]|Uhr Uhr|um (um|von)", "a bad join"),
    (r"(?i)\b(sollst|solltest|gescheitert|versagt|schon wieder|immer noch nicht|faul|ausreden?|wenigstens)\b", "guilt"),
)
WORSE_IN_GERMAN = {
    "Time": r"(?i)nimm dir (die )?zeit|beschäftigt",
    "Motivation/discipline": r"(?i)willenskraft|durchbeiß|zusammenrei",
    "Remembering": r"(?i)erinnere dich|vergiss|vergess|denk daran",
    "Perfectionism": r"(?i)(?<!bevor es )\bperfekt(?!ionismus)",
}


def wrong_in_german(said: str, user: User) -> Iterator[str]:
    """What a German letter holds that none may; names and their own words are left out."""
    profile = user.coaching_profile
    names = sorted((habit.name for habit in user.habits), key=len, reverse=True)
    for theirs in (*filter(None, (profile.why_now, profile.success_factor)), *names):
        said = said.replace(theirs, "Xx")
    for pattern, wrong in (*WRONG_IN_GERMAN, (WORSE_IN_GERMAN[profile.biggest_obstacle], "a word that makes it worse")):
        if found := re.search(pattern, said):
            yield f"{wrong}: {said[max(found.start() - 40, 0) : found.end() + 40]!r}"


def test_each_letter_of_the_course_reads_in_german() -> None:
    for record, step, obstacle, chronotype, goal, late in pairs_covering(
        RECORDS, STEPS, OBSTACLES, CHRONOTYPES, GOALS, (0, 1, 3)
    ):
        user = someone(record, obstacle, chronotype, goal, locale="de")
        with speaking(user.locale):
            template = letter_forms.forms_in("de").words.get_template(f"drip/day{step:02d}.words")
            prose = letters.say(template, drip_facts(user, step, late=late))
            drawn = letters.draw_words(prose, FRAME)
        said = f"{drawn.subject}\n{drawn.preheader}\n{before_the_foot(drawn.text)}"
        wrong = [*wrong_in_german(said, user), *wrong_in_prose(prose)]
        assert wrong == [], (record, step, obstacle, chronotype, goal, late)


SEEDS_OWN_IN_GERMAN = ("🔥 Tagesbrief: Perfekter Tag! 🔥", "Two minutes count.", "wichtig...")


def test_each_digest_reads_in_german() -> None:
    rows = pairs_covering(RECORDS, (0, 1, 2, 5, 7, 8, 13, 19, 30), OBSTACLES, CHRONOTYPES, GOALS, (True, False))
    for record, n, obstacle, chronotype, goal, looks_back in rows:
        user = someone(record, obstacle, chronotype, goal, locale="de")
        with speaking(user.locale):
            said = digest_text(user, n, looks_back=looks_back)
        ours = said
        for words in SEEDS_OWN_IN_GERMAN:
            ours = ours.replace(words, "x")
        assert list(wrong_in_german(ours, user)) == [], (record, n, obstacle, chronotype, goal, looks_back)
        assert len(said.splitlines()[0]) <= SUBJECT_MOST


def test_a_reason_in_german_says_which_habit_it_is_about() -> None:
    told = set()
    for record in RECORDS:
        user = someone(record, "Time", "evening", "Creativity", locale="de")
        with speaking(user.locale):
            facts = drip_facts(user, STEPS[-1])
        named = {habit.id: habit.name for habit in user.habits}
        for given in (one for one in facts["given"] if "slots" in one):
            name, because = named.get(given["habit"], ""), facts["because"][given["id"]]
            assert facts["about"] == ("" if name in because else name)
            told.add(facts["about"])
    assert told - {""}
