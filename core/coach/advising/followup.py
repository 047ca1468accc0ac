"""The advice that a person was given, followed up: was it helpful, what came of it, what others can learn from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from core.catalogue import _
from core.coach.advising.asking import ASKED
from core.coach.advising.beliefs import Pool, Seen
from core.coach.advising.filling import UNFIT, Words
from core.coach.advising.library import Library
from core.coach.advising.outcomes import (
    NOT_KNOWN,
    PRESUMED,
    WINDOW,
    Outcome,
    Sums,
    Untreated,
    begun_on,
    kept_outcome,
    outcome_of,
    sentence,
    untreated_sums,
)
from core.models import User
from core.progress import Record
from core.recording import RecordingError

Feedback = Literal["yes", "no"]


@dataclass(frozen=True)
class Followed:
    """One piece that was given, with what came of it as of a day; `given` is the entry in the document."""

    given: dict[str, Any]
    since: date
    outcome: Outcome

    @property
    def is_tried(self) -> bool:
        """Whether the person took it up."""
        return bool(self.given.get("applied"))

    def said(self, record: Record) -> str:
        """What came of it, in a sentence for the person."""
        unit = record.of(self.given["habit"]).unit if self.given.get("habit") else "day"
        return sentence(self.outcome, self.since, record.today, tried=self.is_tried, unit=unit)


def advice_in(user: User, library: Library) -> list[dict[str, Any]]:
    """What coaching_insights.given holds of the library's advice, oldest first: no tips, findings or questions."""
    return [one for one in user.coaching_insights.given if one.get("id") in library.by_id and one.get("day")]


def said_of(given: Mapping[str, Any], library: Library, locale: str) -> tuple[str, str]:
    """The words of advice or of a question and the reason, in the language in force, with the numbers of a locale.

    What an earlier version gave is said as it was kept; of what kept no words, or came from elsewhere, both are empty.
    """
    name, slots = str(given.get("id")), given.get("slots")
    entry = library.by_id.get(name)
    question = next((one for one in library.questions if name == f"{ASKED}{one.id}"), None)
    if isinstance(slots, Mapping):
        try:
            if entry is not None:
                return entry.told(given.get("tone", "plain"), slots, locale)
            if question is not None:
                return question.said.format_map(Words(slots, locale)), ""
        except UNFIT:
            pass
    return _without_mark(str(given.get("text") or "")), str(given.get("because") or "")


def followed(
    record: Record, away: Iterable[date], library: Library, untreated: Untreated = PRESUMED
) -> Iterator[Followed]:
    """Each piece given up to the record's today, oldest first, its outcome as written down or as it stands now."""
    for one in advice_in(record.user, library):
        since = begun_on(one)
        if since is not None and since <= record.today:
            yield Followed(one, since, kept_outcome(one) or _outcome(record, one, since, away, untreated))


def settled_in(user: User, library: Library) -> list[Followed]:
    """The pieces whose outcome is written down, oldest first."""
    kept = ((one, begun_on(one), kept_outcome(one)) for one in advice_in(user, library))
    return [Followed(one, since, outcome) for one, since, outcome in kept if since and outcome]


def settle(record: Record, away: Iterable[date], library: Library, untreated: Untreated = PRESUMED) -> int:
    """Write down each outcome that has become final since; answers how many. `record` may hold a copy of the user."""
    new = [one for one in followed(record, away, library, untreated) if _is_news(one)]
    for one in new:
        one.given["outcome"] = one.outcome.kept(record.today)
    return len(new)


def answer(user: User, piece_id: str, habit_id: str, feedback: Feedback | None) -> Feedback | None:
    """Keep whether a piece was helpful (None: no answer); what was kept before. Raises RecordingError."""
    one = latest(user, piece_id, habit_id)
    before: Feedback | None = one.get("feedback")
    if feedback is None:
        one.pop("feedback", None)
    else:
        one["feedback"] = feedback
    return before


def latest(user: User, piece_id: str, habit_id: str) -> dict[str, Any]:
    """The newest entry of a piece for a habit ("" = the person). Raises RecordingError when there is none."""
    for one in reversed(user.coaching_insights.given):
        if (one.get("id"), one.get("habit") or "") == (piece_id, habit_id):
            return one
    raise RecordingError(
        _("This advice is not in your record, so there is nothing to answer. Open Coaching for today's.")
    )


def pool_of(record: Record, away: Iterable[date], library: Library) -> Pool:
    """What one person adds to what everybody's advice is chosen by: outcomes, thumbs, and days without advice."""
    advice = advice_in(record.user, library)
    sorts: dict[str, Seen] = {}
    for one in advice:
        sort = library.technique_of(library.by_id[one["id"]]).family
        seen, outcome = sorts.get(sort, Seen()), kept_outcome(one)
        if outcome is not None and outcome.state == "known":
            seen = seen.with_outcome(outcome, _sharing(one, advice))
        if one.get("feedback") in ("yes", "no"):
            seen = seen.with_thumb(up=one["feedback"] == "yes")
        if seen != Seen():
            sorts[sort] = seen
    sums = Sums()
    for habit in record.habits:
        days = [begun_on(one) for one in advice if one.get("habit") in (habit.habit.id, "")]
        sums += untreated_sums(habit, away, [day for day in days if day])
    return Pool(sorts, sums)


def _without_mark(text: str) -> str:
    """A piece without the mark that an earlier version kept before its words."""
    mark, _space, words = text.partition(" ")
    return text if mark.isascii() or not words else words


def _outcome(record: Record, given: dict[str, Any], since: date, away: Iterable[date], untreated: Untreated) -> Outcome:
    habit = next((one for one in record.habits if one.habit.id == given.get("habit")), None)
    if habit is not None:
        return outcome_of(habit, since, away, untreated)
    is_over = record.today - since > timedelta(days=WINDOW)  # there is nothing to count
    return NOT_KNOWN if is_over else Outcome((0, 0), (0, 0), 0.0, 0.0, "waiting")


def _is_news(one: Followed) -> bool:
    return one.outcome.is_final and not one.given.get("outcome")


def _sharing(given: dict[str, Any], advice: list[dict[str, Any]]) -> int:
    """How many pieces lay claim to the same days of a habit."""
    since = begun_on(given)
    return sum(
        other.get("habit") == given.get("habit")
        and since is not None
        and day is not None
        and abs((day - since).days) < WINDOW
        for other in advice
        for day in [begun_on(other)]
    )
