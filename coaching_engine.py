"""The coach: reads a person's record, says what it shows, and chooses what to say of it in a letter."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from core.advice import Piece
from core.catalogue import speaking
from core.coach.advising.asking import ASKED
from core.coach.advising.followup import settled_in
from core.coach.advising.situations import main_habit_of
from core.coach.insights import Insight, choose_insight, next_question
from core.coach.remarks import MOST_REMARKS, challenges, strengths
from core.coach.safety import needs_a_person
from core.coach.standing import Look, goals_without_habit
from core.coach.statistics.evidence import FIRST_DAY, is_ready
from core.coach.statistics.hours import SCORED_TIMES, part_of_day, timing
from core.coach.statistics.rates import count, interval, posterior_mean
from core.history import as_of
from core.localtime import day_number
from core.models import User
from core.patterns import watched_in
from core.progress import Record, streak_mark, today_of
from findings import Found, fitting_to, found_in, found_on, library, look_now
from night import analysis_due, announce, due_moments, next_visit, process_pattern_analysis
from settings import read_settings
from storage import Store, open_store

__all__ = [
    "FIRST_DAY",
    "Found",
    "Insight",
    "analysis_due",
    "analyze",
    "analyze_user_patterns",
    "announce",
    "draw_advice",
    "draw_question",
    "due_moments",
    "found_in",
    "found_on",
    "get_coaching_email_for_user",
    "icon_of",
    "insight_of",
    "insight_on",
    "is_ready",
    "library",
    "look_now",
    "next_visit",
    "process_pattern_analysis",
]

MOST_RECOMMENDED = 5
DRAWN_DAYS = 7  # how long the advice drawn on the Coaching screen stays there
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
    "if-then": "🧭",
    "coping": "🧭",
    "contrast": "🧭",
    "rehearse": "🎬",
    "odd-object": "📌",
    "in-sight": "📌",
    "fade": "🔕",
    "loosen": "🪢",
    "prepare": "🎒",
    "swap": "🔁",
    "bundle": "🎧",
    "enjoy": "😊",
    "self-reward": "🎁",
    "tick-now": "✅",
    "situation": "🔎",
    "who": "🪞",
    "why": "🪞",
}
OTHER_ICON = "💡"


def analyze_user_patterns(user_id: str, *, now: datetime | None = None, store: Store | None = None) -> dict[str, Any]:
    """`analyze` for a stored person; without `now` the clock is read. Raises NotStored, StoreError."""
    store = _store(store)
    return analyze(store.read(user_id), now or datetime.now(UTC), store=store)


def analyze(user: User, now: datetime, *, store: Store | None = None) -> dict[str, Any]:
    """What the record shows at an instant: patterns, recommendations, strengths, challenges, findings as data.

    Before Day 14 (or 14 days of imported history) nothing is claimed: what the coach is `watching`, and that is all.
    With a `store` the recommendations are ranked by what was learned there. All is said in the person's language.
    """
    with speaking(user.locale):
        return _analysis(look_now(user, now), now, store)


def _analysis(look: Look, now: datetime, store: Store | None) -> dict[str, Any]:
    head = {
        "ready": is_ready(look.user, look.today),
        "generated_at": now.isoformat(),
        "days_since_signup": day_number(look.user.created_at, look.today),
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
        "findings": [{**vars(finding), "since": finding.since.isoformat()} for finding in look.findings],
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
    with speaking(known.locale):
        return choose_insight(record, found.findings, fresh, library(), settled_in(known, library()), found.step)


def get_coaching_email_for_user(
    user_id: str, *, now: datetime | None = None, store: Store | None = None
) -> dict[str, Any] | None:
    """The day's insight of a stored person as a dict. Raises NotStored, StoreError."""
    insight = insight_of(_store(store).read(user_id), now or datetime.now(UTC))
    return None if insight is None else asdict(insight)


def _store(store: Store | None) -> Store:
    return store or open_store(read_settings().data_dir)


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
        (done_in_all, in_all), (done_off, off) = count(habit.days), habit.on_weekends
        out[habit.habit.id] = {
            "done": done,
            "of": of,
            "rate": posterior_mean(done, of),
            "low": low,
            "high": high,
            "current_streak": record.streak,
            "best_streak": record.best_streak,
            "weekdays": {"done": done_in_all - done_off, "of": in_all - off},
            "weekends": {"done": done_off, "of": off},
        }
    return out


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
    first = look.today - timedelta(days=DRAWN_DAYS - 1)
    drawn = [one for one in _drawn_since(user, first) if not _is_question(one)]
    if not drawn:
        with speaking(user.locale):
            pieces = fitting_to(look, store=store)[:MOST_RECOMMENDED]
        drawn = [piece.given(look.today, "screen") for piece in pieces]
        user.coaching_insights.given.extend(drawn)
    return drawn


def draw_question(user: User, look: Look) -> dict[str, Any] | None:
    """The question on the Coaching screen where there is nothing to advise, one a week; what is drawn counts as asked.

    Call it inside store.edit, as `draw_advice`. None before the coach is ready, or when silence is better.
    """
    if not is_ready(look.user, look.today) or look.seen.is_away or needs_a_person(look.user):
        return None
    first = look.today - timedelta(days=DRAWN_DAYS - 1)
    drawn = [one for one in _drawn_since(user, first) if _is_question(one)]
    with speaking(user.locale):
        asked = None if drawn else next_question(look.record, look.findings, library())
    if asked:
        drawn = [{**asked.given, "channel": "screen"}]
        user.coaching_insights.given.extend(drawn)
    return drawn[-1] if drawn else None


def _drawn_since(user: User, first: date) -> list[dict[str, Any]]:
    given = user.coaching_insights.given
    return [one for one in given if one.get("channel") == "screen" and one["day"] >= first.isoformat()]


def _is_question(given: dict[str, Any]) -> bool:
    return str(given.get("id")).startswith(ASKED)


def icon_of(technique: str) -> str:
    """The mark before a piece of advice."""
    return ICONS.get(technique, OTHER_ICON)


def _with_icon(piece: Piece) -> str:
    return f"{icon_of(piece.technique)} {piece.text}"


def _identify_strengths(look: Look) -> list[str]:
    """True sentences about what goes well, with their counts."""
    return strengths(look)[:MOST_REMARKS]


def _identify_challenges(look: Look) -> list[str]:
    """True sentences about where it rubs, with their counts."""
    return challenges(look)[:MOST_REMARKS]
