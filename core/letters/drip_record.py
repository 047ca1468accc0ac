"""What the letters of the first thirty days say of the record: counts, times and pictures of the days of a step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

from core.catalogue import _, n_
from core.coach.advising.situations import is_limit
from core.coach.safety import tier_of
from core.letters.clocks import EVENING, NOON, at_times, is_one_clock, usual_minute
from core.letters.digest_day import shown
from core.letters.drawn import hours_drawn, weekdays_from, weeks_drawn
from core.letters.story import SUBJECT_HABIT, Story
from core.letters.typed import clip
from core.progress import HabitRecord
from core.wording import (
    WEEKDAYS,
    between_text,
    capitalized,
    clock_text,
    date_text,
    hour_text,
    percent_text,
    times_text,
)

NEARLY_ALL = 0.85  # of what was due
REBUILD_BELOW = 0.5
THIN = 2 / 3  # a habit above needs no smaller plan
ENOUGH_TO_NAME = 0.5  # of the days: below, nobody is told who they are by their record
EARLY_BEFORE = 7 * 60
TIMES_FOR_EARLY = 2
PERSON_OF_SEVEN = 5
FEWEST_FOR_WEAKEST = 5  # due times of a habit before it is called the one with most room
ROWS_MOST = 6  # habits side by side


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


def _counted(story: Story, done: int, of: int, days_done: int) -> str:
    """The count of the main habit as it is said: `4 of 6 days`, under a plan of n times `4 of 6 times`, `once`."""
    if not of:
        return _("{n} so far").format(n=days_done)
    if done == of == 1:
        return times_text(1)
    is_by_day = story.main is not None and story.main.unit == "day"
    days = n_("{done} of {of} day", "{done} of {of} days", of)
    return (days if is_by_day else n_("{done} of {of} time", "{done} of {of} times", of)).format(done=done, of=of)


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
    spoken_of = [habit for habit in story.record.active if habit.habit.id not in story.quiet_ids]
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
        "rows": [{"name": shown(habit), "done": done, "of": of} for done, of, habit in counts[:ROWS_MOST]],
        "best_habit": shown(best[2]) if best and best[0] else "",
        "best_done": best[0] if best else 0,
        "best_of": best[1] if best else 0,
        "weakest": shown(weakest[2]) if weakest else "",
        "weakest_done": weakest[0] if weakest else 0,
        "weakest_of": weakest[1] if weakest else 0,
        "weakest_is_thin": weakest is not None and weakest[0] < THIN * weakest[1],
        "weakest_is_limit": weakest is not None and is_limit(weakest[2].habit),
        "weakest_is_main": weakest is not None and weakest[2] is story.main and story.is_named,
        "best_day": top[0][0] if is_one else "",
        "best_day_ticks": top[0][1] if is_one else 0,
        "came_back_on": back,
        "gap": gap,
        "began_on": date_text(done[0]) if done else "",
    }


def _done_days(story: Story) -> list[date]:
    """The days, today included, on which the main habit was done; of all habits while there is none."""
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


def facts_of_hours(story: Story) -> dict[str, object]:
    """The clock times of the step's days, and what may be said of them; a count each, no pattern."""
    minutes = [minute for _day, minute in story.times]
    low, high = (min(minutes), max(minutes)) if minutes else (0, 0)
    locale = story.user.locale
    return {
        "timed": len(minutes),
        "timed_often": times_text(len(minutes)),
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


def facts_of_drawings(story: Story) -> dict[str, object]:
    """The main habit's days in rows of seven, and its hours from five times on; nothing while there is none.

    The first row's weekdays head them all.
    """
    weeks = weeks_drawn(story.main, story.first, story.last) if story.main else []
    return {
        "drawn_weekdays": weekdays_from(story.first, story.user.locale),
        "drawn_weeks": weeks,
        "drawn_hours": hours_drawn([minute for _day, minute in story.times], story.user.locale),
    }
