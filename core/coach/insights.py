"""The day's one insight of a person: a finding not yet told in a letter, advice, a question, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from core.advice import Library, Piece
from core.catalogue import N_, _
from core.coach.advising.asking import ASKED, questions_for
from core.coach.advising.followup import Followed, said_of
from core.coach.keeping import Step
from core.coach.safety import EXERCISE, needs_a_person, tier_of
from core.patterns import DESCRIPTIONS, EARLY_QUESTION, Finding, told_before
from core.progress import HabitRecord, Record
from core.wording import capitalized, date_text, label

LETTERS = ("digest", "drip")  # channels of `given` that are letters
ADVICE_MOST, ADVICE_DAYS = 2, 7  # pieces of advice in letters, in any so many days
ADVICE_GAP_DAYS = 3  # from one piece to the next, so that there is time to try it
SAME_WORDS_DAYS = 30  # before a piece is said of another habit
QUESTION_DAYS = 3  # between two questions: a letter may also ask nothing
HOUR_KINDS = frozenset({"usual_time", "varied_time", "two_slots", "weekend_time", "time_later", "time_earlier"})
MAY_HEAR = {"medical": HOUR_KINDS}  # what a letter may say of a habit in such a tier; of the others nothing

TITLES = {
    "usual_time": N_("An hour of its own"),
    "varied_time": N_("At any hour"),
    "two_slots": N_("Two hours of its own"),
    "weekend_time": N_("Another clock on weekends"),
    "time_later": N_("Later than it was"),
    "time_earlier": N_("Earlier than it was"),
    "too_ambitious": N_("A plan and its days"),
    "weekend_weak": N_("Weekdays and weekends"),
    "weekend_strong": N_("Weekends carry it"),
    "weak_day": N_("One day of the week"),
    "momentum_lost": N_("A change of pace"),
    "momentum_gained": N_("On the way up"),
    "week2_dip": N_("The second week"),
    "cooccur": N_("Two that go together"),
    "late_fail": N_("Open in the evening"),
}
EARLY_TITLE = N_("Worth watching")
QUESTIONS_TO_FINDINGS = {
    "usual_time": N_("What usually happens right before it?"),
    "varied_time": N_("Which hour suits it best, going by the last weeks?"),
    "two_slots": N_("What decides which of the two it is?"),
    "weekend_time": N_("Which of the two clocks suits it better?"),
    "time_later": N_("Which hour suits it better, the new one or the old one?"),
    "time_earlier": N_("What is different at the earlier hour?"),
    "too_ambitious": N_("Is it still the right size, too big, or too small?"),
    "weekend_weak": N_("Which weekend moment is already quiet?"),
    "weekend_strong": N_("What do you like about it there that a weekday could borrow?"),
    "weak_day": N_("What is different on that day?"),
    "momentum_lost": N_("What changed around then?"),
    "momentum_gained": N_("What changed around then that you want to keep?"),
    "week2_dip": N_("What did the first week have that the second did not?"),
    "cooccur": N_("Is there a moment that the two could share?"),
    "late_fail": N_("Which earlier quarter of an hour could be yours?"),
}
OUTCOME_DAYS = 7  # how long an outcome is news
INNER_QUOTES = str.maketrans("“”„", "‘’‚")  # of a text that is quoted itself, in English and in German

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Insight:
    """What a letter says besides its numbers; `given` is kept in coaching_insights.given once the letter went.

    `bars` are (label, done, of). What has nothing to say is empty.
    """

    kind: Literal["finding", "early", "outcome", "advice", "keeping", "question"]
    title: str
    text: str
    bars: tuple[tuple[str, int, int], ...] = ()
    step: str = ""
    question: str = ""
    source: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    every: int = 0  # an offer: a digest every so many days


def choose_insight(
    record: Record,
    findings: Sequence[Finding],
    pieces: Sequence[Piece],
    library: Library,
    came: Sequence[Followed] = (),
    step: Step | None = None,
) -> Insight | None:
    """The first of: a finding not told in a letter yet, an early sign not asked about, what came of advice, advice, an
    offer to write more or less often, a question.

    `pieces` is the advice that fits, ranked. The same answer for the same person, day and record.
    """
    if needs_a_person(record.user):
        return None
    return (
        _of_finding(record, findings)
        or _of_outcome(record, came, library)
        or _of_advice(record, pieces, library)
        or (_of_step(record, step) if step else None)
        or next_question(record, findings, library)
    )


def _of_finding(record: Record, findings: Sequence[Finding]) -> Insight | None:
    """The first finding that no letter has told: announced patterns, announced descriptions, then early signs."""
    told = {given.get("id") for given in record.user.coaching_insights.given}
    announced = told_before(record.user)
    for finding in sorted(findings, key=lambda found: (found.confidence == "early", found.kind in DESCRIPTIONS)):
        early = finding.confidence == "early"
        told_as = f"{'early' if early else 'finding'}:{finding.kind}:{finding.about}"
        is_news = told_as not in told and (early or (finding.kind, finding.about) in announced)
        if is_news and all(_may_hear(record.of(habit), finding.kind) for habit in finding.habits):
            return _said(record, finding, told_as)
    return None


def _said(record: Record, finding: Finding, told_as: str) -> Insight:
    early = finding.confidence == "early"
    return Insight(
        kind="early" if early else "finding",
        title=_(EARLY_TITLE if early else TITLES[finding.kind]),
        text=finding.text.removesuffix(_(EARLY_QUESTION)).rstrip(),
        bars=_bars(finding.evidence),
        question=_(EARLY_QUESTION if early else QUESTIONS_TO_FINDINGS[finding.kind]),
        source=_counted_from(finding.evidence),
        given=_given(record, told_as, finding.habit),
    )


def _of_advice(record: Record, pieces: Sequence[Piece], library: Library) -> Insight | None:
    """The best piece, unless letters brought enough of late or a plan that was taken up has no outcome yet."""
    given = record.user.coaching_insights.given
    advised = [one for one in given if one.get("id") in library.by_id and one.get("channel") in LETTERS]
    is_enough = len(_since(record, advised, ADVICE_DAYS)) >= ADVICE_MOST or _since(record, advised, ADVICE_GAP_DAYS)
    waiting = any(one.get("applied") and not one.get("outcome") for one in given)
    said = {one["id"] for one in _since(record, advised, SAME_WORDS_DAYS)}
    piece = next((piece for piece in pieces if piece.id not in said), None)
    if piece is None or is_enough or waiting:
        return None
    title = _("For your plan")
    if piece.habit:
        title = _("For {habit}").format(habit=label(record.user.habit(piece.habit).name))
    because = _("Because {reason}.").format(reason=piece.because)
    source = " ".join(filter(None, (because, library.source_of(piece.id))))
    kept = piece.given(record.today, "digest")
    return Insight(kind="advice", title=title, text=piece.text, source=source, given=kept)


def _of_outcome(record: Record, came: Sequence[Followed], library: Library) -> Insight | None:
    """What came of the newest advice that asked for a change, or was tried, and is known since a week at most."""
    told = {given.get("id") for given in record.user.coaching_insights.given}
    for one in reversed(came):
        given, habit = one.given, str(one.given.get("habit") or "")
        known_on, told_as = str((given.get("outcome") or {}).get("day", "")), f"outcome:{given['id']}:{habit}"
        is_news = known_on >= (record.today - timedelta(days=OUTCOME_DAYS)).isoformat() and told_as not in told
        advice = said_of(given, library, record.user.locale)[0]
        if one.outcome.state != "known" or not is_news or not advice:
            continue
        if not (one.is_tried or not library.technique_of(library.by_id[given["id"]]).insight):
            continue
        if not any(other.habit.id == habit and _may_hear(other) for other in record.active):
            continue
        said = _("“{advice}” {outcome}").format(advice=advice.translate(INNER_QUOTES), outcome=one.said(record))
        bars = ((_("Before"), *one.outcome.before), (_("Since"), *one.outcome.after))
        return Insight(
            kind="outcome", title=_("What came of it"), text=said, bars=bars, given=_given(record, told_as, habit)
        )
    return None


def _of_step(record: Record, step: Step) -> Insight:
    title, given = _("How often I write"), _given(record, step.id, "")
    return Insight(kind="keeping", title=title, text=step.text, given=given, every=step.every)


def next_question(record: Record, findings: Sequence[Finding], library: Library) -> Insight | None:
    """The next question never asked before, if the last one is some days ago."""
    given = record.user.coaching_insights.given
    if _since(record, [one for one in given if str(one.get("id")).startswith(ASKED)], QUESTION_DAYS):
        return None
    asked = next(questions_for(record, findings, library), None)
    if asked is None:
        return None
    kept = {**_given(record, asked.id, asked.habit), "slots": asked.slots}
    return Insight(kind="question", title=_("One question"), text="", question=asked.text, given=kept)


def _may_hear(record: HabitRecord, kind: str = "") -> bool:
    """Whether a letter may speak of a habit, of some in claims about the hour only, of others not at all."""
    tier = tier_of(record)
    return tier is None or tier is EXERCISE or kind in MAY_HEAR.get(tier.name, ())


def _since(record: Record, given: Sequence[Given], days: int) -> list[Given]:
    """What was given on the last `days` days, today included."""
    first = (record.today - timedelta(days=days - 1)).isoformat()
    return [one for one in given if str(one.get("day", ""))[:10] >= first]


def _given(record: Record, told_as: str, habit: str) -> dict[str, Any]:
    return {
        "id": told_as,
        "technique": "",
        "action": "",
        "habit": habit,
        "day": record.today.isoformat(),
        "channel": "digest",
    }


def _bars(evidence: Given) -> tuple[tuple[str, int, int], ...]:
    if "groups" in evidence:
        return tuple((capitalized(group["label"]), group["done"], group["of"]) for group in evidence["groups"])
    if "within30" in evidence:
        near, of = evidence["within30"]
        return ((_("In the busiest hour") if "score" in evidence else _("Within half an hour"), near, of),)
    return ((_("Days"), sum(done for _day, done in evidence["days"]), len(evidence["days"])),)


def _counted_from(evidence: Given) -> str:
    rows, said = evidence.get("days"), _("Counted from your own {n} days, {first} to {last}.")
    if rows is None:
        rows, said = evidence["times"], _("Counted from your own {n} times, {first} to {last}.")
    elif evidence.get("unit") == "week":
        said = _("Counted from your own {n} weeks, {first} to {last}.")
    first, last = (date_text(date.fromisoformat(row[0])) for row in (rows[0], rows[-1]))
    return said.format(n=len(rows), first=first, last=last)
