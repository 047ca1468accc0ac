"""The cast: the three people of the user's own examples, each with 31 lived days, and ways to vary them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta

from core.localtime import wall_instant, zone
from core.models import CoachingProfile, Completion, Habit, User

DAYS = 31
MINUTES = (15, 12, 18, 10, 16, 20, 13)  # of the hour, so that a clock looks lived
EVENINGS = (time(19, 10), time(19, 35), time(20, 5), time(20, 40), time(19, 25))


def example_runner(timezone: str = "America/Los_Angeles", days: int = DAYS) -> User:
    """Health & Fitness, Time, morning: runs at 6:10 to 6:20 every day, stretches on six days of seven."""
    user = _person(
        "ana-runner",
        "Ana",
        datetime(2026, 11, 1, 5, 40, tzinfo=zone(timezone)),
        CoachingProfile(
            life_goals=["Health & Fitness"],
            main_habit="Daily run",
            biggest_obstacle="Time",
            why_now="I turn forty in spring",
            timezone=timezone,
            chronotype="morning",
            success_factor="Shoes beside the bed",
            onboarding_complete=True,
        ),
        ["Daily run", "Stretch"],
    )
    tick(user, "daily-run", range(days), lambda n: time(6, MINUTES[n % 7]))
    tick(user, "stretch", (n for n in range(days) if n % 7 != 4), lambda n: time(6, 40 + n % 5))
    return user


def example_student(timezone: str = "UTC-5", days: int = DAYS) -> User:
    """Career & Learning, Perfectionism, evening: studies between 7 and 9 PM on two of three days, two days skipped."""
    user = _person(
        "sam-student",
        "Sam",
        datetime(2026, 11, 2, 18, 20, tzinfo=zone(timezone)),
        CoachingProfile(
            life_goals=["Career & Learning"],
            main_habit="Study coding",
            biggest_obstacle="Perfectionism",
            why_now="I want to change jobs next year",
            timezone=timezone,
            chronotype="evening",
            success_factor="A clear desk",
            onboarding_complete=True,
        ),
        ["Study coding", "Read 20 pages"],
    )
    tick(user, "study-coding", (n for n in range(days) if n % 3 != 2), lambda n: EVENINGS[n % 5])
    for n in (6, 13):
        if n < days:
            user.entries("study-coding")[nth_day(user, n)] = Completion(skip=True)
    tick(user, "read-20-pages", (n for n in range(days) if n % 2), lambda n: time(22, 10 + n % 40))
    return user


def example_meditator(timezone: str = "Europe/Berlin", days: int = DAYS) -> User:
    """Mental Wellness and Health, Motivation/discipline: meditates on weekdays, hardly ever on weekends."""
    user = _person(
        "mia-meditator",
        "Mia",
        datetime(2026, 11, 2, 12, 30, tzinfo=zone(timezone)),
        CoachingProfile(
            life_goals=["Mental Wellness", "Health"],
            main_habit="Meditation",
            biggest_obstacle="Motivation/discipline",
            why_now="Feeling stressed at work",
            timezone=timezone,
            chronotype="flexible",
            success_factor="My friend Jo asks me on Fridays",
            onboarding_complete=True,
        ),
        ["Meditation", "Walk"],
    )
    weekdays = [n for n in range(days) if nth_day(user, n).weekday() < 5]
    tick(user, "meditation", [*weekdays, *range(20, min(days, 21))], lambda n: time(13, 5 + 3 * MINUTES[n % 7] // 2))
    tick(user, "walk", (n for n in range(days) if n % 4 != 1), lambda n: time(17 + n % 2, MINUTES[n % 7]))
    return user


EXAMPLES: tuple[Callable[[], User], ...] = (example_runner, example_student, example_meditator)


def nth_day(user: User, n: int) -> date:
    """The date of the person's Day n."""
    return user.created_at.date() + timedelta(days=n)


def moment(user: User, n: int, clock: str = "09:00") -> datetime:
    """The instant of a wall clock on the person's Day n."""
    return wall_instant(nth_day(user, n), time.fromisoformat(clock), zone(user.coaching_profile.timezone)).astimezone(
        UTC
    )


def tick(user: User, habit_id: str, numbers: Iterable[int], clock: Callable[[int], time]) -> None:
    """Record a habit as done on the Days `numbers`, at the wall clock of each."""
    tz = zone(user.coaching_profile.timezone)
    for n in numbers:
        user.entries(habit_id)[nth_day(user, n)] = Completion(at=datetime.combine(nth_day(user, n), clock(n), tz))


def without_ticks(user: User) -> User:
    """The same person, with nothing recorded."""
    return user.model_copy(update={"completions": {}})


def with_main_habit(user: User, name: str) -> User:
    """The same person and record, with another name on the main habit."""
    profile = user.coaching_profile.model_copy(update={"main_habit": name})
    first = user.habits[0].model_copy(update={"name": name})
    return user.model_copy(update={"coaching_profile": profile, "habits": [first, *user.habits[1:]]})


def with_profile(user: User, **answers: object) -> User:
    """The same person and record, with other answers in the profile."""
    return user.model_copy(update={"coaching_profile": user.coaching_profile.model_copy(update=answers)})


def _person(user_id: str, name: str, born: datetime, profile: CoachingProfile, habits: list[str]) -> User:
    return User(
        user_id=user_id,
        email=f"{user_id}@example.org",
        display_name=name,
        created_at=born,
        onboarded_at=born + timedelta(minutes=4),
        coaching_profile=profile,
        habits=[daily(name, born.date()) for name in habits],
    )


def daily(name: str, since: date) -> Habit:
    """A habit of every day."""
    plan = {"from": since, "rrule": "FREQ=DAILY"}
    return Habit.model_validate(
        {"id": name.lower().replace(" ", "-"), "name": name, "created_on": since, "schedule": [plan]}
    )
