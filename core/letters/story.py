"""What the letters of the first thirty days can say of a person: facts and named conditions, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from core.catalogue import N_, _, n_
from core.coach.evidence import evidence_of
from core.coach.safety import EXERCISE, SILENCE, Tier, lifted_for, may_quote, needs_a_person, tier_of, tier_of_name
from core.coach.situations import is_limit, is_limit_name, main_habit_of
from core.eligibility import silent_days
from core.letters.clocks import EVENING, NOON, at_times, is_one_clock, usual_minute
from core.letters.drawn import hours_drawn, weekdays_from, weeks_drawn
from core.letters.next_time import Part, is_over, next_day, part_and_minute, part_in_name, said
from core.letters.typed import clip
from core.localtime import ONE_DAY, day_number, days_between, zone
from core.models import User
from core.progress import HabitRecord, Record, today_of
from core.schedule import paused_days
from core.wording import (
    GOAL_CARES,
    GOAL_NOUNS,
    WEEKDAYS,
    Activity,
    activity_of,
    between_text,
    capitalized,
    clock_text,
    date_text,
    hour_text,
    label,
    listed,
    percent_text,
    stored_clock_text,
    times_text,
)

NEARLY_ALL = 0.85  # of what was due
REBUILD_BELOW = 0.5
THIN = 2 / 3  # a habit above needs no smaller plan
ENOUGH_TO_NAME = 0.5  # of the days: below, nobody is told who they are by their record
EARLY_BEFORE = 7 * 60
TIMES_FOR_EARLY = 2
PERSON_OF_SEVEN = 5
LONG_SILENCE = 5  # days
SUBJECT_HABIT = 22  # characters of a habit's name in a subject
FEWEST_FOR_WEAKEST = 5  # due times of a habit before it is called the one with most room
ROWS_MOST = 6  # habits side by side
ANY_START = N_("its first two minutes")
ANY_NOUN = N_("someone who keeps a promise to themselves")
ANY_CARE = N_("what you came for")
NOUN_ENDINGS = ("ing", "tion", "yoga", "pilates")


@dataclass(frozen=True)
class Story:
    """One person before one step's letter, on their day `today`."""

    user: User
    step: int
    now: datetime

    @cached_property
    def today(self) -> date:
        return today_of(self.user, self.now)

    @cached_property
    def record(self) -> Record:
        return Record(self.user, self.today)

    @cached_property
    def main(self) -> HabitRecord | None:
        """The main habit's record, None while it is not tracked."""
        return main_habit_of(self.record)

    @cached_property
    def name(self) -> str:
        """The main habit as its owner calls it."""
        named = self.user.coaching_profile.main_habit.strip()
        habits = [habit.name for habit in self.user.active_habits(self.today)]
        return label(self.main.habit.name if self.main else named or next(iter(habits), _("Your habit")))

    @cached_property
    def activity(self) -> Activity | None:
        return activity_of(self.name)

    @cached_property
    def tier(self) -> Tier | None:
        """The tier in which the letters keep still; of a sport they may speak."""
        tier = tier_of(self.main) if self.main else tier_of_name(self.name, lifted_for(self.user, self.name))
        return None if tier is EXERCISE else tier

    @cached_property
    def first(self) -> date:
        """Day 0."""
        return self.user.created_at.date()

    @cached_property
    def last(self) -> date:
        """The last day that the step looks at: the one before its own day, however late it comes."""
        return min(self.first + timedelta(days=max(self.step, 1) - 1), self.today - ONE_DAY)

    def rate(self, first: date, last: date) -> tuple[int, int]:
        """(done, of) of the main habit, or of all of them while it is not tracked."""
        return (self.main or self.record).rate(first, last)

    def day(self, n: int) -> date:
        """The date of Day n."""
        return self.first + timedelta(days=n)

    @cached_property
    def times(self) -> list[tuple[date, int]]:
        """The trustworthy times of the main habit within the step's days, as (day, minute).

        None for a habit that leaves something out: its ticks tell when the day was judged.
        """
        if self.main is None or is_limit(self.main.habit):
            return []
        seen = evidence_of(self.record).habits
        times = next((habit.times for habit in seen if habit.habit is self.main.habit), ())
        return [(day, minute) for day, minute in times if self.first <= day <= self.last]


def facts_of_person(story: Story) -> dict[str, object]:
    """What the profile says: names, goals, obstacle, chronotype, and their own words where they may be said back."""
    profile, activity = story.user.coaching_profile, story.activity
    goal = (story.main.habit.goal if story.main else "") or next(iter(profile.life_goals), "")
    word = story.name.lower()
    is_noun = word.isalpha() and word.endswith(NOUN_ENDINGS)
    return {
        "name": story.user.display_name.strip(),
        "habit": story.name,
        "habit_short": clip(story.name, SUBJECT_HABIT),
        "practice": word if is_noun else "",
        "small": (story.main.habit.small if story.main else "").strip(),
        "you_do": activity.verb if activity else "",
        "does": activity.third if activity else "",
        "doing": activity.doing if activity else "",
        "session": activity.session if activity else "",
        "sessions": activity.sessions if activity else "",
        "has_start": activity is not None or bool(story.main and story.main.habit.small.strip()),
        "start": activity.start if activity else _(ANY_START),
        "moving": activity is not None and activity.kind == "move",
        "studying": activity is not None and activity.kind == "study",
        "leaves_out": is_limit(story.main.habit) if story.main else is_limit_name(story.name),
        "quiet": bool(_quiet_line(story)),
        "quiet_line": _quiet_line(story),
        "goal": goal,
        "goals": [_(goal) for goal in profile.life_goals],
        "other_goals": listed([_(other) for other in profile.life_goals if other != goal]),
        "goal_noun": _(GOAL_NOUNS.get(goal, ANY_NOUN)),
        "goal_care": _(GOAL_CARES.get(goal, ANY_CARE)),
        "learning": goal == "Career & Learning",
        "obstacle": profile.biggest_obstacle,
        "by_time": profile.biggest_obstacle == "Time",
        "by_motivation": profile.biggest_obstacle == "Motivation/discipline",
        "by_remembering": profile.biggest_obstacle == "Remembering",
        "by_perfectionism": profile.biggest_obstacle == "Perfectionism",
        "morning": profile.chronotype == "morning",
        "evening": profile.chronotype == "evening",
        "flexible": profile.chronotype == "flexible",
        "why_now": profile.why_now if may_quote(profile.why_now) else "",
        "success_factor": profile.success_factor if may_quote(profile.success_factor) else "",
    }


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


def facts_of_record(story: Story) -> dict[str, object]:
    """What the step's days show: counts of the main habit and of all, and the column that the letter stands in."""
    done, of = story.rate(story.first, story.last)
    total_done, total_of = story.record.rate(story.first, story.last)
    locale = story.user.locale
    ticks = sum(len(habit.done) for habit in story.record.habits)
    days_done = len(_done_days(story))
    before_today = sum(day <= story.last for day in _done_days(story))
    share = done / of if of else 0.0
    return {
        "habits_count": len(story.record.active),
        "has_ticks": ticks > 0,
        "ticks": ticks,
        "main_begun": days_done > 0,
        "days_done": days_done,
        "counted_days": n_("{n} day", "{n} days", days_done).format(n=days_done),
        "only_today": days_done > 0 and not before_today,
        "with_today": days_done > before_today,
        "times_done": times_text(before_today),
        "how_often": times_text(days_done),
        "gaps": of - done,
        "by_day": story.main is not None and story.main.unit == "day",
        "three_days": days_done >= 3,
        "done": done,
        "of": of,
        "count": _("{done} of {of}").format(done=done, of=of) if of else _("{n} so far").format(n=days_done),
        "counted": _counted(story, done, of, days_done),
        "percent": percent_text(done, of, locale) if of else "",
        "may_grow": story.main is not None and tier_of(story.main) is None,
        "is_solid": of > 0 and share >= 0.6,
        "nearly_all": of > 0 and share >= NEARLY_ALL,
        "every_day": 0 < done == of,
        "rebuild": share < REBUILD_BELOW,
        "may_name": share >= ENOUGH_TO_NAME,
        "total_done": total_done,
        "total_of": total_of,
        "total_percent": percent_text(total_done, total_of, locale) if total_of else "",
        **_weeks(story),
        **_best(story),
    }


def facts_of_hours(story: Story) -> dict[str, object]:
    """The clock times of the step's days, and what may be said of them; a count each, no pattern."""
    minutes = [minute for _day, minute in story.times]
    low, high = (min(minutes), max(minutes)) if minutes else (0, 0)
    locale = story.user.locale
    return {
        "timed": len(minutes),
        "clock": clock_text(usual_minute(minutes), locale) if minutes else "",
        "between": (between_text(low, high, locale) if low < high else clock_text(low, locale)) if minutes else "",
        "at_times": at_times(low, high, locale) if minutes else "",
        "one_clock": is_one_clock(minutes),
        "early": len(minutes) >= TIMES_FOR_EARLY and high < EARLY_BEFORE,
        "early_hour": hour_text(low, locale) if minutes else "",
        "routine_short": clip(_routine(story, low, high) if minutes else story.name, SUBJECT_HABIT),
        "timed_of": sum(day <= story.last for day in _done_days(story)),
        "in_their_hours": bool(minutes) and _in_their_hours(story, low, high),
    }


def facts_of_drawings(story: Story) -> dict[str, object]:
    """The main habit's days in rows of seven, and its hours from five times on; nothing while it is not tracked.

    The first row's weekdays head them all.
    """
    weeks = weeks_drawn(story.main, story.first, story.last) if story.main else []
    return {
        "drawn_weekdays": weekdays_from(story.first, story.user.locale),
        "drawn_weeks": weeks,
        "drawn_hours": hours_drawn([minute for _day, minute in story.times], story.user.locale),
    }


def _in_their_hours(story: Story, low: int, high: int) -> bool:
    """Whether all times lie in the part of the day that the person named as theirs."""
    chronotype = story.user.coaching_profile.chronotype
    return (chronotype == "morning" and high < NOON) or (chronotype == "evening" and low >= EVENING)


def _routine(story: Story, low: int, high: int) -> str:
    """What is done, with its part of the day when all times lie in it: `Morning runs`."""
    if not story.activity:
        return story.name
    said = _("Morning {sessions}") if high < NOON else _("Evening {sessions}") if low >= EVENING else "{sessions}"
    return capitalized(said.format(sessions=story.activity.sessions))


def quiet_ids(story: Story) -> frozenset[str]:
    """The habits of which a letter draws no conclusion."""
    tiers = {record.habit.id: tier_of(record) for record in story.record.habits}
    return frozenset(habit for habit, tier in tiers.items() if tier not in (None, EXERCISE))


def _counted(story: Story, done: int, of: int, days_done: int) -> str:
    """The count of the main habit as it is said: `4 of 6 days`, under a plan of n times `4 of 6 times`."""
    if not of:
        return _("{n} so far").format(n=days_done)
    is_by_day = story.main is not None and story.main.unit == "day"
    days = n_("{done} of {of} day", "{done} of {of} days", of)
    return (days if is_by_day else n_("{done} of {of} time", "{done} of {of} times", of)).format(done=done, of=of)


def _quiet_line(story: Story) -> str:
    if needs_a_person(story.user):
        return _(SILENCE.line)
    return _(story.tier.line).format(habit=story.name) if story.tier else ""


def _weeks(story: Story) -> dict[str, object]:
    """Each of the four weeks as (done, of), and the last seven days."""
    weeks = [story.rate(story.day(7 * n), min(story.day(7 * n + 6), story.last)) for n in range(4)]
    last_seven = story.rate(story.last - timedelta(days=6), story.last)
    return {
        "weeks": [{"done": done, "of": of} for done, of in weeks],
        "week_one_percent": percent_text(*weeks[0], story.user.locale) if weeks[0][1] else "",
        "last_done": last_seven[0],
        "last_of": last_seven[1],
        "five_of_seven": last_seven[0] >= PERSON_OF_SEVEN,
    }


def _best(story: Story) -> dict[str, object]:
    """The habit and the weekday with most ticks, the habit with most room, the return after a gap; "" where unclear."""
    spoken_of = [habit for habit in story.record.active if habit.habit.id not in quiet_ids(story)]
    rates = [(*habit.rate(story.first, story.last), habit) for habit in spoken_of]
    counts = [(done, of, habit) for done, of, habit in rates if of]
    best = max(counts, key=lambda count: count[0] / count[1], default=None)
    weakest = min(
        (c for c in counts if c[1] >= FEWEST_FOR_WEAKEST), key=lambda count: count[0] / count[1], default=None
    )
    by_weekday = Counter(
        _(WEEKDAYS[day.weekday()])
        for habit in story.record.active
        for day in habit.done
        if story.first <= day <= story.last
    )
    top = by_weekday.most_common(2)
    is_one = bool(top) and top[0][1] > 1 and (len(top) == 1 or top[0][1] > top[1][1])
    back, gap = _return(story)
    done = _done_days(story)
    return {
        "rows": [{"name": label(habit.habit.name), "done": done, "of": of} for done, of, habit in counts[:ROWS_MOST]],
        "best_habit": label(best[2].habit.name) if best and best[0] else "",
        "best_done": best[0] if best else 0,
        "best_of": best[1] if best else 0,
        "weakest": label(weakest[2].habit.name) if weakest else "",
        "weakest_done": weakest[0] if weakest else 0,
        "weakest_of": weakest[1] if weakest else 0,
        "weakest_is_thin": weakest is not None and weakest[0] < THIN * weakest[1],
        "weakest_is_main": weakest is not None and weakest[2] is story.main,
        "best_day": top[0][0] if is_one else "",
        "best_day_ticks": top[0][1] if is_one else 0,
        "came_back_on": back,
        "gap": gap,
        "began_on": date_text(done[0]) if done else "",
    }


def _done_days(story: Story) -> list[date]:
    """The days, today included, on which the main habit was done; of all habits while it is not tracked."""
    records: Sequence[HabitRecord] = [story.main] if story.main else story.record.active
    return sorted({day for record in records for day in record.done if day >= story.first})


def _return(story: Story) -> tuple[str, int]:
    """The last day done after two or more open days, and how many those were."""
    if story.main is None:
        return "", 0
    begun, gap, found = False, 0, ("", 0)
    for day, done in story.main.counted(story.first, story.last):
        if begun and done and gap >= 2:
            found = (date_text(day), gap)
        begun, gap = begun or done, 0 if done else gap + 1
    return found


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
