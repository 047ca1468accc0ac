"""The sentences of a digest as they are written down (templates/digest.toml), read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.catalogue import N_
from core.models import OBSTACLES
from core.values import complaint


def _an_obstacle(name: str) -> str:
    if name not in OBSTACLES:
        raise ValueError(f"{name!r} is not one of {', '.join(OBSTACLES)}")
    return name


Forms = Annotated[tuple[str, ...], Field(min_length=1)]  # said by turns
ByObstacle = dict[Annotated[str, AfterValidator(_an_obstacle)], Forms]


def may_name(*slots: str) -> Any:
    """A place whose sentences may name these and nothing else."""
    return Field(json_schema_extra={"slots": list(slots)})


class _Written(BaseModel):
    """A part of the file; a key or a slot that its place does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="after")
    def _names_what_is_known(self) -> _Written:
        for place, field in type(self).model_fields.items():
            if not isinstance(field.json_schema_extra, dict):
                continue
            for said in _sentences(getattr(self, place)):
                unknown = sorted(_slots_in(said) - set(field.json_schema_extra["slots"]))  # type: ignore[arg-type]
                if unknown:
                    raise ValueError(f"{place} does not know {{{unknown[0]}}} of {said!r}")
        return self


def _sentences(said: str | tuple[str, ...] | dict[str, tuple[str, ...]]) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    else:
        for forms in said.values() if isinstance(said, dict) else [said]:
            yield from forms


def _slots_in(said: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(said) if name is not None}


class Titles(_Written):
    """The news of the day."""

    first_tick: Forms = may_name("names")
    back: Forms = may_name("names", "weekday")
    round_streak: Forms = may_name("one", "count")
    round_times: Forms = may_name("one", "count")
    nothing_yesterday: Forms = may_name("weekday")
    nothing_yet: Forms = may_name("weekday")
    only_one_kept: Forms = may_name("one", "weekday")
    only_one: Forms = may_name("one", "weekday")
    whole_week: Forms = may_name()
    whole_month: Forms = may_name("month")
    round_full: Forms = may_name("days")
    first_full: Forms = may_name()
    all_done: Forms = may_name("count", "names", "weekday")
    some_done: Forms = may_name("count", "names", "weekday")


class Preheaders(_Written):
    """What goes on where the subject stops."""

    left: Forms = may_name("names", "weekday")
    open: Forms = may_name("names")
    nothing_yet: Forms = may_name("names")


class Leads(_Written):
    """What stands behind the news, in whole."""

    done: str = may_name("names")
    kept: str = may_name("names")
    ticked: str = may_name("names")
    owes_nothing: Forms = may_name("next")
    after_letter: str = may_name("names")
    comes_later: Forms = may_name("names")
    still_open: str = may_name("open", "is_are")
    day_is_open: Forms = may_name("weekday")
    nothing_to_ask: Forms = may_name("weekday")
    nothing_to_tell: str = may_name()


class Shows(_Written):
    """What the record shows of a habit that was done, and of days on which all was."""

    streak: str = may_name("one", "streak")
    within: str = may_name("one", "most", "streak", "day")
    within_times: str = may_name("one", "most", "streak", "day")
    within_of_weeks: str = may_name("one", "most", "done", "of")
    since: str = may_name("one", "streak", "day")
    longest: str = may_name("one", "streak")
    times: str = may_name("one", "times", "day")
    times_longest: str = may_name("one", "times")
    period: str = may_name("one", "count")
    weeks: str = may_name("one", "count", "streak")
    rate_so_far: str = may_name("one", "done", "of")
    rate_of_week: str = may_name("one", "done", "of")
    in_record: str = may_name("one", "days", "day")
    next_round: str = may_name("one", "days", "next")
    of_weekday: str = may_name("one", "weekday", "done", "of")
    of_weeks: str = may_name("one", "done", "of")
    of_all: str = may_name("one", "done", "of", "day")
    month: str = may_name("one", "month", "month_before", "done", "then")
    clock: str = may_name("one", "clock", "between", "times")
    sum_of_week: str = may_name("one", "amount", "unit")
    most: str = may_name("one", "amount", "unit")
    strength: str = may_name("one", "percent", "before")
    xp: str = may_name("xp", "level", "left", "next")
    full_row: str = may_name("days", "day")
    full_weekdays: str = may_name("weekday", "times")
    full_month: str = may_name("month", "days")
    full_all: str = may_name("days")


class Sinces(_Written):
    """The days since the letter before, where that was not the day before's."""

    late: str = may_name("day", "clock", "names")
    all: str = may_name("day", "count")
    some: str = may_name("day", "count", "names")
    one: str = may_name("day", "names")
    none: str = may_name("day")


class Aheads(_Written):
    """What the next day holds, and the thought that is left."""

    holds: str = may_name("next_day", "names")
    holds_as_many: Forms = may_name("next_day", "count")
    thought_for_the_day: str = may_name("thought")
    thought_to_sleep_on: str = may_name("thought")
    where_it_fits: Forms = may_name("one")


class TipHeadings(_Written):
    """What stands above a tip that is for today, or for tomorrow."""

    today: Forms = may_name()
    tomorrow: Forms = may_name()


class DigestSentences(_Written):
    """All of them; what depends on the obstacle stands at the top."""

    title: Titles
    preheader: Preheaders
    lead: Leads
    shows: Shows
    since: Sinces
    ahead: Aheads
    tip: TipHeadings
    open: ByObstacle = may_name("open", "is_are", "it")
    left: ByObstacle = may_name("open")
    nothing_yet: ByObstacle = may_name("one")
    nothing_done: ByObstacle = may_name("one")
    all_done: ByObstacle = may_name("all_of_it")
    thoughts: ByObstacle = may_name("one")
    look_ahead: ByObstacle = may_name("one")


def parse_sentences(text: str, translate: Callable[[str], str] = N_) -> DigestSentences:
    """The sentences from their TOML text, each translated: a translation, too, names what its place knows.

    Raises ValueError that names the place and what is wrong with it.
    """
    try:
        return DigestSentences.model_validate(_translated(tomllib.loads(text), translate))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the sentences of the digest cannot be read: {error}") from None
    except ValidationError as error:
        where, said = complaint(error)
        raise ValueError(f"{where + ': ' if where else ''}{said}") from None


def sentences_in(written: object) -> Iterator[str]:
    """Every sentence of the file as it was read, in its order."""
    if isinstance(written, str):
        yield written
    elif isinstance(written, dict | list):
        for part in written.values() if isinstance(written, dict) else written:
            yield from sentences_in(part)


def _translated(written: Any, translate: Callable[[str], str]) -> Any:
    if isinstance(written, dict):
        return {key: _translated(part, translate) for key, part in written.items()}
    if isinstance(written, list):
        return [_translated(part, translate) for part in written]
    return translate(written) if isinstance(written, str) else written
