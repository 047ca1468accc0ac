"""What the letters of the first thirty days say of the person and the moment: facts and named conditions, as data."""

from __future__ import annotations

from datetime import timedelta

from core.catalogue import N_, _
from core.coach.advising.situations import is_limit, is_limit_name
from core.coach.safety import SILENCE, line_about, may_quote, needs_a_person, words_of
from core.eligibility import silent_days
from core.letters.digest_day import NAME_MOST
from core.letters.next_time import Part, is_over, next_day, part_and_minute, part_in_name, said
from core.letters.story import SUBJECT_HABIT, Story
from core.letters.typed import clip, isolated
from core.localtime import ONE_DAY, day_number, days_between, zone
from core.progress import Record
from core.schedule import paused_days
from core.wording import GOAL_CARES, GOAL_NOUNS, listed, stored_clock_text

LONG_SILENCE = 5  # days
ANY_START = N_("its first two minutes")
ANY_NOUN = N_("someone who keeps a promise to themselves")
ANY_CARE = N_("what you came for")
NOUN_ENDINGS = ("ing", "tion", "yoga", "pilates")


def facts_of_person(story: Story) -> dict[str, object]:
    """What the profile says: names, goals, obstacle, chronotype, and their own words where they may be said back."""
    profile = story.user.coaching_profile
    goals = profile.life_goals if story.is_named else ()  # what another habit is for nobody has said
    goal = (story.main.habit.goal if story.main else "") or next(iter(goals), "")
    word = story.name.lower()
    leaves_out = is_limit(story.main.habit) if story.main else is_limit_name(story.name)
    stands_in_the_way = "" if leaves_out else profile.biggest_obstacle  # of beginning; to leave out needs no beginning
    is_noun = word.isalpha() and word.endswith(NOUN_ENDINGS)
    return {
        **_facts_of_activity(story),
        "name": story.user.display_name.strip(),
        "habit": isolated(clip(story.name, NAME_MOST)),
        "habit_whole": isolated(story.name),
        "habit_short": clip(story.name, SUBJECT_HABIT),
        "practice": word if is_noun else "",
        "small": (story.main.habit.small if story.main else "").strip(),
        "leaves_out": leaves_out,
        "quiet": bool(_quiet_line(story)),
        "quiet_line": _quiet_line(story),
        "goal": goal,
        "goals": [_(goal) for goal in profile.life_goals],
        "other_goals": listed([_(other) for other in profile.life_goals if other != goal]),
        "goal_noun": _(GOAL_NOUNS.get(goal, ANY_NOUN)),
        "goal_care": _(GOAL_CARES.get(goal, ANY_CARE)),
        "learning": goal == "Career & Learning",
        "obstacle": profile.biggest_obstacle,
        "by_time": stands_in_the_way == "Time",
        "by_motivation": stands_in_the_way == "Motivation/discipline",
        "by_remembering": stands_in_the_way == "Remembering",
        "by_perfectionism": stands_in_the_way == "Perfectionism",
        "morning": profile.chronotype == "morning",
        "evening": profile.chronotype == "evening",
        "flexible": profile.chronotype == "flexible",
        "why_now": profile.why_now if may_quote(profile.why_now) else "",
        "success_factor": profile.success_factor if may_quote(profile.success_factor) else "",
    }


def _facts_of_activity(story: Story) -> dict[str, object]:
    """How doing the main habit is said, where its name tells what is done."""
    activity = story.activity
    return {
        "you_do": activity.verb if activity else "",
        "does": activity.third if activity else "",
        "doing": activity.doing if activity else "",
        "session": activity.session if activity else "",
        "sessions": activity.sessions if activity else "",
        "has_start": activity is not None or bool(story.main and story.main.habit.small.strip()),
        "start": activity.start if activity else _(ANY_START),
        "moving": activity is not None and activity.kind == "move",
        "studying": activity is not None and activity.kind == "study",
    }


def _quiet_line(story: Story) -> str:
    if needs_a_person(story.user):
        return _(SILENCE.line)
    words = words_of(story.main.habit) if story.main else story.name
    line = line_about(story.tier, words) if story.tier else ""
    return _(line).format(habit=isolated(clip(story.name, NAME_MOST))) if line else ""


def facts_of_moment(story: Story) -> dict[str, object]:
    """When the letter comes: its step, how late and why, and which time of day lies next before the person."""
    number = day_number(story.user.created_at, story.today)
    late = max(number - story.step, 0) if story.step else 0
    part, minute = _own_part(story)
    chronotype = story.user.coaching_profile.chronotype
    its_part: Part = part or ("" if chronotype == "flexible" else chronotype)
    return {
        "step": story.step,
        "day_number": number,
        "late_line": _late_line(story, late) if late else "",
        "next_time": _next_time(story, its_part, minute),
        "own_part": part,
        "at_morning": its_part == "morning",
        "at_evening": its_part in ("evening", "night"),
        "digest_clock": stored_clock_text(story.user.coaching_profile.digest_time, story.user.locale),
    }


def _own_part(story: Story) -> tuple[Part, int | None]:
    """The part of the day that is the main habit's own, whatever the person's; and its usual minute."""
    planned = [hour.minute for hour in story.main.habit.planned] if story.main else []
    return part_and_minute(story.name, [minute for _day, minute in story.times], planned)


def _next_time(story: Story, part: Part, minute: int | None) -> str:
    now = story.now.astimezone(zone(story.user.coaching_profile.timezone))
    done_today = story.main is not None and story.today in story.main.done
    first = story.today + ONE_DAY if done_today or is_over(part, minute, now) else story.today
    return said(next_day(story.main, first), story.today, part, part_in_name(story.name))


def _late_line(story: Story, late: int) -> str:
    a_day, days = _late_because(story, late)
    return _(a_day if late == 1 else days)


def _late_because(story: Story, late: int) -> tuple[str, str]:
    """Why a step comes after its day, as far as the document knows: said of a day, and of a few."""
    due = story.today - timedelta(days=late)
    waited = days_between(due, story.today)
    if paused_days(story.user, None, story.today).intersection(waited):
        return N_("A day late, because your pause came first."), N_("A few days late, because your pause came first.")
    silences = [silent_days(Record(story.user, day), day) for day in waited]
    if max(silences) >= LONG_SILENCE:
        return (
            N_("A day late, because it waited until you were back."),
            N_("A few days late, because it waited until you were back."),
        )
    return (
        N_("A day late, because it could not leave on its day."),
        N_("A few days late, because it could not leave on its day."),
    )
