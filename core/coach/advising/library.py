"""The library of advice as it is written down (templates/advice/), read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Formatter
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.catalogue import ENGLISH, language, p_
from core.coach.advising.filling import SLOTS, Words
from core.coach.advising.guards import GUARDS
from core.coach.advising.situations import LABELS, OF_THE_PERSON
from core.models import GOALS
from core.values import complaint

# What the app can offer to do with one tap; empty: nothing.
ACTIONS = (
    "set_cue",
    "add_time",
    "move_time",
    "lower_frequency",
    "drop_weekday",
    "set_target",
    "split_two_minute",
    "add_day",
    "pause",
    "pause_one",
    "restart_on",
    "show_rate_first",
    "invite_partner",
    "fewer_reminders",
    "add_habit",
    "ask_note",
    "",
)
ADVICE = "advice"  # the context of all these texts in the catalogue
TIP_DAYS = 14
TIP_SLOTS = ("habit", "soon", "anchor")

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Said = Annotated[str, Field(min_length=1)]
Obstacle = Literal["Time", "Motivation/discipline", "Remembering", "Perfectionism"]
Chronotype = Literal["morning", "evening", "flexible"]
Polarity = Literal["do", "limit", "any"]
Tone = Literal["plain", "warm", "playful"]


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Technique(_Checked):
    """A way of helping: `insight` asks for no change, `stance` asks for more or for less of the habit.

    `needs` and `from_day` hold for each of its pieces.
    """

    family: Said
    code: Said
    stance: Literal["more", "less", ""] = ""
    insight: bool = False
    needs: tuple[str, ...] = ()
    from_day: int = 0

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Technique:
        _is_known("needs", self.needs, GUARDS)
        return self


class Entry(_Checked):
    """One piece of advice in three tones, with the conditions under which it may be given."""

    id: Slug
    technique: str
    when: Annotated[tuple[str, ...], Field(min_length=1)]
    obstacles: tuple[Obstacle, ...] = ()
    goals: tuple[str, ...] = ()
    chronotypes: tuple[Chronotype, ...] = ()
    polarity: Polarity = "do"
    from_day: int = 14
    until_day: int = 100_000
    needs: tuple[str, ...] = ()
    plain: Said
    warm: Said
    playful: Said
    because: Said
    action: str = ""
    source: str = ""
    retired: bool = False

    @cached_property
    def tones(self) -> Mapping[Tone, str]:
        """The text by tone."""
        return {"plain": self.plain, "warm": self.warm, "playful": self.playful}

    @cached_property
    def slots(self) -> frozenset[str]:
        """The slots that the texts and the reason leave open."""
        return frozenset().union(*map(_slots_in, (*self.tones.values(), self.because)))

    def said(self, tone: Tone) -> str:
        """The text in the language in force; the other languages have one tone, the plain one."""
        return self.tones[tone] if language() == ENGLISH else p_(ADVICE, self.plain)

    @property
    def reason(self) -> str:
        """The reason in the language in force."""
        return p_(ADVICE, self.because)

    def told(self, tone: Tone, facts: Mapping[str, Any], locale: str) -> tuple[str, str]:
        """The text and the reason, filled with what is known. Raises KeyError for a slot of which nothing is."""
        words = Words(facts, locale)
        return self.said(tone).format_map(words), self.reason.format_map(words)

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Entry:
        _is_known("when", self.when, LABELS)
        _is_known("goals", self.goals, GOALS)
        _is_known("needs", self.needs, GUARDS)
        _is_known("action", [self.action], ACTIONS)
        _is_known("slot", self.slots, SLOTS)
        return self


class Question(_Checked):
    """Something to ask when there is nothing to advise; `when` names what must be true of the habit, one of them."""

    id: Slug
    about: Literal["habit", "person"] = "habit"
    when: tuple[str, ...] = ()
    polarity: Polarity = "any"
    from_day: int = 14
    text: Said

    @cached_property
    def slots(self) -> frozenset[str]:
        """The slots that the text leaves open."""
        return _slots_in(self.text)

    @property
    def said(self) -> str:
        """The text in the language in force."""
        return p_(ADVICE, self.text)

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Question:
        _is_known("when", self.when, set(LABELS) - OF_THE_PERSON)
        _is_known("slot", self.slots, SLOTS)
        return self


class Tip(_Checked):
    """A light word for one of the first days, which needs no data."""

    id: Slug
    obstacle: Obstacle
    day: Annotated[int, Field(ge=0, lt=TIP_DAYS)]
    technique: str
    polarity: Polarity = "any"
    text: Said

    @property
    def said(self) -> str:
        """The text in the language in force."""
        return p_(ADVICE, self.text)

    @model_validator(mode="after")
    def _names_what_there_is(self) -> Tip:
        _is_known("slot", _slots_in(self.text), TIP_SLOTS)
        return self


class Order(_Checked):
    """Beside one label: the techniques that come first, by obstacle, and those that are never said."""

    never: tuple[str, ...] = ()
    first: Mapping[Obstacle, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Library:
    """The advice as it was read; nothing changes it."""

    entries: tuple[Entry, ...]
    tips: tuple[Tip, ...]
    questions: tuple[Question, ...]
    techniques: Mapping[str, Technique]
    order: Mapping[str, Order]
    sources: Mapping[str, str]

    @cached_property
    def by_id(self) -> Mapping[str, Entry]:
        """The entries by id, retired ones included."""
        return {entry.id: entry for entry in self.entries}

    @cached_property
    def by_label(self) -> Mapping[str, Sequence[int]]:
        """The places of the entries that are in use, by what must be true for them."""
        used = [(number, entry.when) for number, entry in enumerate(self.entries) if not entry.retired]
        return {label: [number for number, when in used if label in when] for label in LABELS}

    def meant_for(self, obstacle: str, chronotype: str, tenure: int) -> frozenset[int]:
        """The places of the entries for such a person after so many days, whatever the habit; retired ones included."""
        spans = self._spans.get((obstacle, chronotype)) or self._spans["", chronotype]
        return frozenset([place for place, first, last in spans if first <= tenure <= last])

    @cached_property
    def _spans(self) -> Mapping[tuple[str, str], Sequence[tuple[int, int, int]]]:
        """By obstacle ("": none that is known) and chronotype: (place, first day, last day) of the entries."""
        spans = [
            (entry, (place, max(entry.from_day, self.technique_of(entry).from_day), entry.until_day))
            for place, entry in enumerate(self.entries)
        ]
        return {
            (obstacle, chronotype): [
                span
                for entry, span in spans
                if (not entry.obstacles or obstacle in entry.obstacles)
                and (not entry.chronotypes or chronotype in entry.chronotypes)
            ]
            for obstacle in ("", *get_args(Obstacle))
            for chronotype in get_args(Chronotype)
        }

    def technique_of(self, entry: Entry) -> Technique:
        """What sort of help an entry is."""
        return self.techniques[entry.technique]

    def source_of(self, piece_id: str) -> str:
        """The full reference behind a piece; empty when it says nothing about people in general."""
        entry = self.by_id.get(piece_id)
        return self.sources[entry.source] if entry and entry.source else ""

    def first_for(self, label: str, obstacle: str) -> tuple[str, ...]:
        """The techniques that come first for a label and an obstacle."""
        order = self.order.get(label)
        return next((techniques for name, techniques in order.first.items() if name == obstacle), ()) if order else ()


def parse_library(files: Mapping[str, str]) -> Library:
    """The library from its TOML texts, by file name. Raises ValueError that names the entry and what is wrong."""
    body = _joined(files)
    library = Library(
        entries=tuple(_read(Entry, str(row.get("id", "?")), row) for row in body.get("advice", [])),
        tips=tuple(_read(Tip, str(row.get("id", "?")), row) for row in body.get("tip", [])),
        questions=tuple(_read(Question, str(row.get("id", "?")), row) for row in body.get("question", [])),
        techniques={name: _read(Technique, name, row) for name, row in body.get("techniques", {}).items()},
        order={name: _read(Order, f"order.{name}", _as_order(row)) for name, row in body.get("order", {}).items()},
        sources=dict(body.get("sources", {})),
    )
    _check(library)
    return library


def _joined(files: Mapping[str, str]) -> dict[str, Any]:
    """What stands in all files together: lists one after the other, tables side by side."""
    body: dict[str, Any] = {}
    for name, text in files.items():
        try:
            parts = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{name} cannot be read: {error}") from None
        for key, part in parts.items():
            body[key] = [*body.get(key, []), *part] if isinstance(part, list) else {**body.get(key, {}), **part}
    return body


def _as_order(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"never": row.get("never", ()), "first": {key: value for key, value in row.items() if key != "never"}}


Part = TypeVar("Part", bound=_Checked)


def _read(kind: type[Part], name: str, row: object) -> Part:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        where, said = complaint(error)
        raise ValueError(f"{name}: {where + ': ' if where else ''}{said}") from None


def _check(library: Library) -> None:
    """What no entry can know of itself: names used twice, techniques and sources that are not there."""
    seen: set[str] = set()
    parts: tuple[Entry | Tip | Question, ...] = (*library.entries, *library.tips, *library.questions)
    for part in parts:
        if part.id in seen:
            raise ValueError(f"{part.id}: two entries have this id")
        seen.add(part.id)
        if not isinstance(part, Question) and part.technique not in library.techniques:
            raise ValueError(f"{part.id}: there is no technique {part.technique!r}")
    for entry in library.entries:
        if entry.source and entry.source not in library.sources:
            raise ValueError(f"{entry.id}: there is no source {entry.source!r}")
    for name, order in library.order.items():
        _in_order(name, order, library)


def _in_order(name: str, order: Order, library: Library) -> None:
    if name not in LABELS:
        raise ValueError(f"order.{name}: nothing is called {name!r}")
    for technique in {*order.never, *(one for row in order.first.values() for one in row)}:
        if technique not in library.techniques:
            raise ValueError(f"order.{name}: there is no technique {technique!r}")


def _is_known(field: str, names: Iterable[str], known: Collection[str]) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ValueError(f"{field} {unknown[0]!r} is not one of {', '.join(filter(None, known))}")


def _slots_in(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
