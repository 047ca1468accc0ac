"""What the coach may ask when there is nothing to advise: the library's questions, the main habit's first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from core.coach.advising.filling import Facts, Words
from core.coach.advising.library import Library, Question
from core.coach.advising.situations import Situation, situations_of
from core.coach.safety import EXERCISE
from core.coach.statistics.evidence import evidence_of
from core.localtime import day_number
from core.patterns import Finding
from core.progress import Record

ASKED = "question:"  # before a question's id in coaching_insights.given
SAME_WORDS_DAYS = 60  # from a question about one habit to the same words about another


class Asked(NamedTuple):
    """A question ready to be asked: its id as kept in `given`, the words, the habit ("" for the whole), the facts."""

    id: str
    text: str
    habit: str
    slots: Facts


def questions_for(record: Record, findings: Sequence[Finding], library: Library) -> Iterator[Asked]:
    """What was never asked before and fits today, in the library's order, habit by habit.

    A habit is asked about once it has begun, and not at all where the coach keeps quiet.
    """
    whole, *habits = situations_of(record, findings, {}, evidence_of(record).away)
    day = day_number(record.user.created_at, record.today)
    turns: list[Situation | None] = [h for h in habits if record.of(h.habit_id).done and _may_be_asked_about(h)]
    for turn in turns or [None]:
        for question in library.questions:
            situation = whole if question.about == "person" else turn
            if situation is None or day < question.from_day or not _fits(question, situation):
                continue
            if not _was_asked(question, situation.habit_id, record):
                known = _slots(question, situation)
                slots = {name: known[name] for name in sorted(question.slots)}
                text = question.said.format_map(Words(slots, record.user.locale))
                yield Asked(f"{ASKED}{question.id}", text, situation.habit_id, slots)


def _may_be_asked_about(situation: Situation) -> bool:
    return situation.tier is None or situation.tier is EXERCISE


def _fits(question: Question, situation: Situation) -> bool:
    return (
        (not question.when or not set(question.when).isdisjoint(situation.labels))
        and question.polarity != ("do" if situation.is_limit else "limit")
        and question.slots <= _slots(question, situation).keys()
    )


def _slots(question: Question, situation: Situation) -> Facts:
    at = next((label for label in situation.labels if label in question.when), "")
    return {**situation.slots, **situation.slots_by_label.get(at, {})}


def _was_asked(question: Question, habit_id: str, record: Record) -> bool:
    """Whether it was asked before: of this habit ever, of another in the last weeks."""
    since = record.today - timedelta(days=SAME_WORDS_DAYS)
    return any(
        one.get("habit") == habit_id or date.fromisoformat(str(one["day"])[:10]) > since
        for one in record.user.coaching_insights.given
        if one.get("id") == f"{ASKED}{question.id}" and one.get("day")
    )
