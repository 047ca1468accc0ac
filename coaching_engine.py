"""The coach: reads a person's record, says what it shows, and chooses what to say of it in a letter."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

import leaderboard
from advice_pool import add_up, beliefs_for, contribute
from core.advice import Library, Piece, fitting, parse_library
from core.coach.evidence import FIRST_DAY, Evidence, HabitEvidence, is_ready
from core.coach.followup import pool_of, settle, settled_in
from core.coach.hours import part_of_day, timing
from core.coach.insights import Insight, choose_insight
from core.coach.keeping import Step, next_step
from core.coach.outcomes import PRESUMED
from core.coach.rates import Days, count, interval, is_weekend, posterior_mean
from core.coach.remarks import challenges, strengths
from core.coach.situations import main_habit_of
from core.coach.standing import Look, goals_without_habit, look_at
from core.history import as_of
from core.localtime import ONE_DAY, day_number, days_between, local_day, wall_instant, zone
from core.models import User
from core.patterns import Finding, told_before, watched_in
from core.progress import Record, streak_mark, today_of
from settings import read_settings
from storage import Store, StoreError, open_store

__all__ = [
    "FIRST_DAY",
    "Found",
    "Insight",
    "analysis_due",
    "analyze",
    "analyze_user_patterns",
    "announce",
    "draw_advice",
    "due_moments",
    "found_in",
    "found_on",
    "get_coaching_email_for_user",
    "insight_of",
    "insight_on",
    "is_ready",
    "library",
    "look_now",
    "next_visit",
    "process_pattern_analysis",
]

log = logging.getLogger(__name__)

ADVICE = Path(__file__).parent / "templates" / "advice"
ANALYSIS_HOUR = 4  # of the night, or when the person's day ends if that is later
MOST_RECOMMENDED = 5
MOST_KEPT = 12  # pieces of advice for the letters of a day: those said lately are passed over
MOST_REMARKS = 5  # strengths, and challenges: more would not be read
DRAWN_DAYS = 7  # how long the advice drawn on the Coaching screen stays there
SCORED_TIMES = 5  # below, a spread says nothing
REBUILD = "rebuild"

ICONS = {
    "stack": "⛓️",
    "same-time": "🕰️",
    "move-time": "🕰️",
    "second-slot": "🕰️",
    "own-weekend": "🗓️",
    "drop-day": "🗓️",
    "fewer-days": "🗓️",
    "reserve": "🗓️",
    "pause": "⏸️",
    "fresh-start": "🌱",
    "next-one": "🌱",
    "kind": "🌱",
    "two-min": "🪶",
    "part-counts": "🪶",
    "proof": "📊",
    "rate-first": "📊",
    "with-friend": "🤝",
    "give-advice": "🤝",
    "raise": "📈",
    "widen": "📈",
    "cover-goal": "🎯",
}
OTHER_ICON = "💡"


@cache
def library() -> Library:
    """The coach's advice. Raises ValueError for an entry that is wrong."""
    return parse_library({file.name: file.read_text(encoding="utf-8") for file in sorted(ADVICE.glob("*.toml"))})


def analyze_user_patterns(user_id: str, *, now: datetime | None = None, store: Store | None = None) -> dict[str, Any]:
    """`analyze` for a stored person; without `now` the clock is read. Raises NotStored, StoreError."""
    store = _store(store)
    return analyze(store.read(user_id), now or datetime.now(UTC), store=store)


def analyze(user: User, now: datetime, *, store: Store | None = None) -> dict[str, Any]:
    """What the record shows at an instant: patterns, recommendations, strengths, challenges, findings as data.

    Before Day 14 (or 14 days of imported history) nothing is claimed: what the coach is `watching`, and that is all.
    With a `store` the recommendations are ranked by what was learned there.
    """
    look = look_at(as_of(user, now), today_of(user, now))
    head = {
        "ready": is_ready(look.user, look.today),
        "generated_at": now.isoformat(),
        "days_since_signup": day_number(user.created_at, look.today),
    }
    if not head["ready"]:
        return {**head, "watching": watched_in(look.user, look.seen)}
    return {
        **head,
        "patterns": {
            "timing": _analyze_timing_patterns(look),
            "consistency": _analyze_consistency(look),
            "streaks": _analyze_streaks(look),
            "profile_alignment": _analyze_profile_alignment(look),
        },
        "recommendations": _generate_recommendations(look, store),
        "strengths": _identify_strengths(look),
        "challenges": _identify_challenges(look),
        "findings": [{**asdict(finding), "since": finding.since.isoformat()} for finding in look.findings],
        "watching": watched_in(look.user, look.seen),
    }


def insight_of(user: User, now: datetime, *, store: Store | None = None) -> Insight | None:
    """`insight_on` for a document that may know what came later."""
    return insight_on(as_of(user, now), today_of(user, now), store=store)


def insight_on(known: User, today: date, *, store: Store | None = None) -> Insight | None:
    """The day's one insight for a letter, None before the coach is ready, while the person is away, or in silence.

    With a `store` it stands on what the night's analysis kept there (`found_on`).
    """
    if not is_ready(known, today):
        return None
    found = found_on(known, today, store=store)
    if found.is_away:
        return None
    given = {(one.get("id"), one.get("habit")) for one in known.coaching_insights.given}
    fresh = [piece for piece in found.pieces if (piece.id, piece.habit) not in given]  # others are drawn by day
    record = Record(known, today)
    return choose_insight(record, found.findings, fresh, library(), settled_in(known, library()), found.step)


@dataclass(frozen=True)
class Found:
    """What an analysis found that a letter of the day may bring: findings, advice that fits, ranked, and remarks."""

    findings: list[Finding]
    pieces: list[Piece]
    strengths: list[str]
    challenges: list[str]
    is_away: bool
    step: Step | None


def found_on(known: User, today: date, *, store: Store | None = None) -> Found:
    """What the night's analysis kept in `store`, as long as plans and profile are what they were.

    What it did not keep is found now, and kept there.
    """
    found = _kept(store, known, today) if store else None
    if found is None:
        found = found_in(look_at(known, today), store=store)
        if store:
            _keep(store, known, today, found)
    return found


def fitting_to(look: Look, *, store: Store | None = None) -> list[Piece]:
    """All that may be said to a person, in the order of what helped others; without a store in the editor's."""
    worth = beliefs_for(store, look.today).worth_to(look.user.user_id, look.today) if store else None
    return fitting(library(), look.user, look.record, look.findings, look.states, worth, look.seen)


def found_in(look: Look, *, store: Store | None = None) -> Found:
    """What letters may bring of what there is to see."""
    pieces, step = fitting_to(look, store=store)[:MOST_KEPT], next_step(look.record, look.states)
    remarks = _identify_strengths(look), _identify_challenges(look)
    return Found(look.findings, pieces, *remarks, look.seen.is_away, step)


_FOUND = TypeAdapter(Found)


def _keep(store: Store, user: User, today: date, found: Found) -> None:
    """Keep what was found until the next night, so that no letter waits for an analysis."""
    body = {"day": today.isoformat(), "of": _of_whom(user), "found": _FOUND.dump_python(found, mode="json")}
    store.cache(f"found/{user.user_id}", body)


def _kept(store: Store, user: User, today: date) -> Found | None:
    """What the night's analysis found, None when there was none, or when plans or profile are others since."""
    body = store.cached(f"found/{user.user_id}")
    if body is None or (body.get("day"), body.get("of")) != (today.isoformat(), _of_whom(user)):
        return None
    try:
        return _FOUND.validate_python(body.get("found"))
    except ValidationError:  # kept by another version
        return None


def _of_whom(user: User) -> str:
    """A digest of all that findings and advice depend on besides the days themselves."""
    parts = user.model_dump_json(include={"habits", "pauses", "coaching_profile", "locale"})
    return hashlib.sha256(parts.encode()).hexdigest()


def get_coaching_email_for_user(
    user_id: str, *, now: datetime | None = None, store: Store | None = None
) -> dict[str, Any] | None:
    """The day's insight of a stored person as a dict. Raises NotStored, StoreError."""
    insight = insight_of(_store(store).read(user_id), now or datetime.now(UTC))
    return None if insight is None else asdict(insight)


def analysis_due(user: User, now: datetime) -> bool:
    """Whether the night's analysis of the person's day is to be done: from 04:00 or the day's end, once a day."""
    today = today_of(user, now)
    last = user.coaching_insights.last_insight_date
    return now >= _analysis_time(user, today) and (last is None or last < today)


def next_visit(user: User, now: datetime) -> datetime | None:
    """When to look at a person for the next time, if nothing changes before."""
    return next(due_moments(user, now, now + 3 * ONE_DAY), None)


def due_moments(user: User, first: datetime, last: datetime) -> Iterator[datetime]:
    """Every instant after `first` and up to `last` at which an analysis has its time."""
    tz = zone(user.coaching_profile.timezone)
    for day in days_between(local_day(first, tz) - ONE_DAY, local_day(last, tz) + ONE_DAY):
        if first < (at := _analysis_time(user, day)) <= last:
            yield at


def process_pattern_analysis(store: Store, *, now: datetime, user_ids: Collection[str] | None = None) -> int:
    """Analyse everybody (or those named) whose night has come. Answers how many people were analysed."""
    done = 0
    for user_id in store.user_ids() if user_ids is None else user_ids:
        try:
            done += _analyse_one(store, user_id, now)
        except StoreError as error:
            log.error("analysis: %s", error)
        except Exception:  # one person's record must not keep the coach from the others
            log.exception("analysis of %s", user_id)
    if done:
        add_up(store, now.astimezone(UTC).date())
    return done


def announce(user: User, now: datetime, *, store: Store | None = None) -> list[Finding]:
    """Write into the document what the night's analysis found, each finding once; nothing while the person is away.

    What came of earlier advice is written beside it as soon as that is settled. With a `store` it is measured by what
    was learned there, and adds to it. Answers the new findings.
    """
    return _announce(user, look_now(user, now), store)


def _announce(user: User, look: Look, store: Store | None) -> list[Finding]:
    today, seen, insights = look.today, look.seen, user.coaching_insights
    found, told = [] if seen.is_away else look.findings, told_before(user)
    new = [f for f in found if f.confidence == "established" and (f.kind, f.about) not in told]
    for finding in new:
        entry = {"kind": finding.kind, "habit": finding.habit, "day": today.isoformat()}
        insights.announced.append({**entry, "evidence": finding.evidence, "text": finding.text})
    if is_ready(look.user, today):
        hours = {habit.habit.id: timing(habit.minutes) for habit in _with_hours(seen)}
        insights.timing_issues = {key: {"score": hour.score, "minute": hour.minute} for key, hour in hours.items()}
    settle(look.record, seen.away, library(), beliefs_for(store, today).untreated if store else PRESUMED)
    if store:
        contribute(store, user.user_id, pool_of(look.record, seen.away, library()))
    insights.last_insight_date = today
    return new


def _analyse_one(store: Store, user_id: str, now: datetime) -> bool:
    user = store.read(user_id)
    if user.created_at > now or not analysis_due(user, now):
        return False
    with store.edit(user_id) as user:
        if not analysis_due(user, now):  # another scheduler was quicker
            return False
        look = look_now(user, now)
        _announce(user, look, store)
    leaderboard.note(store, user, now=now)
    if is_ready(look.user, look.today) and _kept(store, look.user, look.today) is None:
        _keep(store, look.user, look.today, found_in(look, store=store))
    return True


def _store(store: Store | None) -> Store:
    return store or open_store(read_settings().data_dir)


def _analysis_time(user: User, day: date) -> datetime:
    profile = user.coaching_profile
    return wall_instant(day, time(max(ANALYSIS_HOUR, profile.day_ends_at)), zone(profile.timezone))


def _with_hours(seen: Evidence) -> list[HabitEvidence]:
    return [habit for habit in seen.habits if len(habit.times) >= SCORED_TIMES]


def _analyze_timing_patterns(look: Look) -> dict[str, dict[str, Any]]:
    """Habit by habit: the part of the day (None while unsure), consistency score, usual minute and odd days.

    The score is s / (s + 30), s the circular standard deviation in minutes of the core of the times; from five times.
    """
    out = {}
    for habit in look.seen.habits:
        hour = timing(habit.minutes) if len(habit.times) >= SCORED_TIMES else None
        out[habit.habit.id] = {
            "part_of_day": part_of_day(habit.minutes),
            "consistency_score": hour.score if hour else None,
            "usual_minute": hour.minute if hour else None,
            "odd_days": hour.odd if hour else 0,
            "n": len(habit.times),
        }
    return out


def _analyze_consistency(look: Look) -> dict[str, dict[str, Any]]:
    """Habit by habit: done of how many, the rate with its 90 % interval, streaks, weekdays and weekends."""
    out = {}
    for habit in look.seen.habits:
        record = look.record.of(habit.habit.id)
        done, of = look.rate(habit)
        low, high = interval(done, of)
        out[habit.habit.id] = {
            "done": done,
            "of": of,
            "rate": posterior_mean(done, of),
            "low": low,
            "high": high,
            "current_streak": record.streak,
            "best_streak": record.best_streak,
            "weekdays": _counts([pair for pair in habit.days if not is_weekend(pair[0])]),
            "weekends": _counts([pair for pair in habit.days if is_weekend(pair[0])]),
        }
    return out


def _counts(days: Days) -> dict[str, int]:
    done, of = count(days)
    return {"done": done, "of": of}


def _analyze_streaks(look: Look) -> dict[str, dict[str, Any]]:
    """Habit by habit: the current and best streak with its unit, the state, and the badge beside it."""
    return {
        record.habit.id: {
            "current": record.streak,
            "best": record.best_streak,
            "unit": record.unit,
            "status": look.states[record.habit.id],
            "badge": streak_mark(record.streak) if record.streak else REBUILD,
        }
        for record in look.record.active
    }


def _analyze_profile_alignment(look: Look) -> dict[str, Any]:
    """Whether the main habit is tracked, which goals no habit belongs to, and the obstacle that was named."""
    profile = look.user.coaching_profile
    return {
        "main_habit": profile.main_habit,
        "main_habit_tracked": main_habit_of(look.record) is not None,
        "goals": list(profile.life_goals),
        "goals_without_habit": goals_without_habit(look.user, look.today),
        "obstacle": profile.biggest_obstacle,
    }


def _generate_recommendations(look: Look, store: Store | None = None) -> list[str]:
    """At most five pieces of advice that fit, the best first; nothing is used up."""
    return [_with_icon(piece) for piece in fitting_to(look, store=store)[:MOST_RECOMMENDED]]


def draw_advice(user: User, look: Look, *, store: Store | None = None) -> list[dict[str, Any]]:
    """The advice on the Coaching screen, at most five: the same for a week, then what was never given before.

    `look` is the person as known now. Answers the entries of coaching_insights.given: what is drawn counts as given
    from then on, so call it inside store.edit. Nothing before the coach is ready.
    """
    if not is_ready(look.user, look.today):
        return []
    first = (look.today - timedelta(days=DRAWN_DAYS - 1)).isoformat()
    drawn = [one for one in user.coaching_insights.given if one.get("channel") == "screen" and one["day"] >= first]
    if not drawn:
        pieces = fitting_to(look, store=store)[:MOST_RECOMMENDED]
        drawn = [
            {**piece.given(look.today, "screen"), "text": _with_icon(piece), "because": piece.because}
            for piece in pieces
        ]
        user.coaching_insights.given.extend(drawn)
    return drawn


def look_now(user: User, now: datetime) -> Look:
    """The person as known at an instant: record, evidence, findings and states."""
    return look_at(as_of(user, now), today_of(user, now))


def _with_icon(piece: Piece) -> str:
    return f"{ICONS.get(piece.technique, OTHER_ICON)} {piece.text}"


def _identify_strengths(look: Look) -> list[str]:
    """True sentences about what goes well, with their counts."""
    return strengths(look)[:MOST_REMARKS]


def _identify_challenges(look: Look) -> list[str]:
    """True sentences about where it rubs, with their counts."""
    return challenges(look)[:MOST_REMARKS]
