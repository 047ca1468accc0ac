"""The person's document: everything that is stored about one person, checked when it is read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, TypeAdapter, model_validator

from core.frozen import Frozen
from core.values import FIRST_DAY, LAST_DAY, Address, Clock, Day, Instant, InstantOrDay, Name, Number, Rrule, Zone

GOALS = (
    "Health & Fitness",
    "Mental Wellness",
    "Career & Learning",
    "Relationships",
    "Creativity",
    "Finances",
    "Home & Order",
    "Sleep & Energy",
)
OBSTACLES = ("Time", "Motivation/discipline", "Remembering", "Perfectionism")
DIGEST_TIMES = {"morning": "07:00", "evening": "20:00", "flexible": "19:00"}

USER_ID = r"^[a-z0-9][a-z0-9-]{2,63}$"


class Stored(BaseModel):
    """A part of the document; keys that the program does not know are kept as they are."""

    model_config = ConfigDict(extra="allow", populate_by_name=True, serialize_by_alias=True, validate_assignment=True)


def _as_given(kind: Any) -> PlainSerializer:
    """Has a field written as short as it was given: what was never set in its parts is left out."""
    adapter = TypeAdapter(kind)
    return PlainSerializer(
        lambda value, info: adapter.dump_python(value, mode=info.mode, by_alias=True, exclude_unset=True)
    )


class Completion(Stored):
    """What happened with one habit on one day of the person; another takes its place, it is never changed itself."""

    model_config = ConfigDict(frozen=True)

    at: Instant | None = None
    source: Literal["tap", "backfill", "mail", "import"] = "tap"
    skip: bool = False
    value: Number | None = None
    note: str = ""
    recorded: InstantOrDay | None = None


class Plan(Stored):
    """How often, from a day on: a rule of days (`rrule`), or `times` a week or month."""

    start: Day = Field(alias="from")
    rrule: Rrule | None = None
    times: Annotated[int, Field(ge=1, le=31)] | None = None
    per: Literal["week", "month"] | None = None
    assumed: bool = False  # nobody said so: an imported history that came without its plans

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Plan:
        if (self.rrule is None) == (self.times is None) or (self.times is None) != (self.per is None):
            raise ValueError("a plan has either an rrule, or times and per")
        return self


class Target(Stored):
    """A number to reach (`at_least`) or to stay within (`at_most`), in `unit`."""

    at_least: Number | None = None
    at_most: Number | None = None
    unit: str = ""

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Target:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("a target has either at_least or at_most")
        return self


class EarlierTarget(Stored):
    """The number by which days up to `until` are judged, where it was another then."""

    until: Day
    target: Annotated[Target, _as_given(Target)]


class PlannedHour(Stored):
    """An hour meant for a habit: minute of the day, and weekdays (0 = Monday)."""

    minute: Annotated[int, Field(ge=0, lt=1440)]
    days: list[Annotated[int, Field(ge=0, le=6)]] = [0, 1, 2, 3, 4, 5, 6]


# What a coach is careful with until the person says that it is fine for a habit (core.coach.safety).
Liftable = Literal["medical", "food", "substance", "exercise", "sleep"]


class Habit(Stored):
    """One habit; its schedule is a list of plans, each in force from its day on.

    `target` is the number of now; `earlier_targets` (there only when it was changed) are those of before, oldest first.
    Three keys are there only when something was chosen: until the day `note_until` Today asks for a note with its tick,
    until `rate_until` it shows how often it was done in place of its running streak (both ends included), and `lifted`
    names what the person said is fine for this habit, so that the coach speaks of it as of others (core.coach.safety).
    """

    id: Annotated[str, Field(min_length=1, max_length=80)]
    name: Name
    created_on: Day
    archived_on: Day | None = None
    icon: str = ""
    color: str = ""
    target: Annotated[Target | None, _as_given(Target | None)] = None
    cue: str = ""
    planned: list[PlannedHour] = []
    small: str = ""
    goal: str = ""
    group: str = ""
    earlier_targets: list[EarlierTarget] = Field(default_factory=list, exclude_if=lambda earlier: not earlier)
    note_until: Day | None = Field(default=None, exclude_if=lambda day: day is None)
    rate_until: Day | None = Field(default=None, exclude_if=lambda day: day is None)
    lifted: list[Liftable] = Field(default_factory=list, exclude_if=lambda lifted: not lifted)
    schedule: Annotated[list[Plan], Field(min_length=1), _as_given(list[Plan])]

    @model_validator(mode="after")
    def _plans_in_order(self) -> Habit:
        self.schedule.sort(key=lambda plan: plan.start)
        return self

    def asks_note_on(self, day: date) -> bool:
        """Whether Today asks for a note with the tick of a day."""
        return self.note_until is not None and day <= self.note_until

    def shows_rate_on(self, day: date) -> bool:
        """Whether on a day the share done stands in place of the running streak."""
        return self.rate_until is not None and day <= self.rate_until


class Pause(Stored):
    """Days off, both ends included; `habit` None means every habit, and no letters."""

    start: Day = Field(alias="from")
    to: Day
    habit: str | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Pause:
        if self.to < self.start:
            raise ValueError(f"a pause from {self.start} cannot end on {self.to}")
        return self


class LetterChoice(Stored):
    """Which letters a person takes; `every` 1 = a digest daily, 2 = every second day, 7 = weekly.

    `kept_on` is the day on which the question "shall I stop?" was last answered with no: silence counts anew from it.
    """

    digest: bool = True
    drip: bool = True
    every: Annotated[int, Field(ge=1, le=31)] = 1
    kept_on: Day | None = Field(default=None, exclude_if=lambda day: day is None)


class CoachingProfile(Stored):
    """The seven answers, and how the person wants to be written to.

    `tone` is there only when one was chosen; without it the coach finds one itself (core.coach.advising.tone).
    """

    life_goals: list[str] = []
    main_habit: str = ""
    biggest_obstacle: str = ""
    why_now: str = ""
    timezone: Zone = "UTC"
    chronotype: Literal["morning", "evening", "flexible"] = "morning"
    success_factor: str = ""
    onboarding_complete: bool = False
    digest_time: Clock = ""
    notifications_enabled: bool = True
    day_ends_at: Annotated[int, Field(ge=0, le=6)] = 0
    letters: LetterChoice = Field(default_factory=LetterChoice)
    leaderboard: bool = False
    tone: Literal["plain", "warm", "playful"] | None = Field(default=None, exclude_if=lambda tone: tone is None)

    @model_validator(mode="before")
    @classmethod
    def _digest_time_by_chronotype(cls, data: Any) -> Any:
        if isinstance(data, dict) and not data.get("digest_time"):
            return {**data, "digest_time": DIGEST_TIMES.get(data.get("chronotype", "morning"), "20:00")}
        return data

    @model_validator(mode="after")
    def _health_is_read_as_health_and_fitness(self) -> CoachingProfile:
        if "Health" in self.life_goals:
            self.life_goals[self.life_goals.index("Health")] = GOALS[0]
        return self


class DigestSaid(Stored):
    """What a digest said about a day, and how the person finished its reflection."""

    completions: list[str] = []
    streaks: dict[str, int] = {}
    reflection: str = ""


def _sound(item: dict[str, Any]) -> dict[str, Any]:
    _check_day(item, "day")
    for name in ("id", "habit"):
        _check(name, item.get(name), isinstance(item.get(name), str | None), "a text")
    applied, outcome = item.get("applied"), item.get("outcome")
    if isinstance(applied, dict):
        _check_day(applied, "applied.day")
    if isinstance(outcome, dict):
        _check_day(outcome, "outcome.day")
        for name in ("before", "after"):
            pair = outcome.get(name, (0, 0))
            are_counts = isinstance(pair, list | tuple) and all(isinstance(count, int | float) for count in pair)
            _check(f"outcome.{name}", pair, are_counts and len(pair) == 2, "two counts, like [9, 14]")
        for name in ("expected", "sd"):
            _check(f"outcome.{name}", outcome.get(name), isinstance(outcome.get(name, 0), int | float), "a number")
    return item


def _check_day(part: dict[str, Any], name: str) -> None:
    try:
        is_day = "day" not in part or FIRST_DAY <= date.fromisoformat(str(part["day"])[:10]) <= LAST_DAY
    except ValueError:
        is_day = False
    _check(name, part.get("day"), is_day, "a day of our times, like 2026-11-22")


def _check(name: str, value: object, is_sound: bool, what: str) -> None:
    if not is_sound:
        raise ValueError(f"{name} {value!r} is not {what}")


# Something told or given, with the person's day on which it was, and those on which it was taken up and measured.
Told = Annotated[dict[str, Any], AfterValidator(_sound)]


class CoachingInsights(Stored):
    """What the coach has told and the person has answered.

    A piece in `given` may also hold `tone` and `slots`, the facts that fill its words by slot (in place of them
    earlier versions kept `text` and `because`, as said), `feedback` ("yes" or "no": was it helpful), `applied` ({"day",
    "done": what was changed, as the sources say it, "slots": the facts that fill it, "was": what takes it back}) and,
    once final, `outcome` ({"day", "state": "known" or "unknown", "before": [done, of], "after": [done, of], "expected",
    "sd"}), which is measured once and what beliefs are pooled from. In core.coach.advising these are made by filling,
    applying and outcomes.
    """

    missed_habits: dict[str, dict[date, str]] = {}
    timing_issues: dict[str, Any] = {}
    last_insight_date: date | None = None
    announced: list[Told] = []
    answers: list[Told] = []
    given: list[Told] = []


# Habit id → the person's day → what happened.
Entries = dict[str, dict[Day, Completion]]


class Refusal(Stored):
    """A mail server's word that there is no such mailbox; another address makes it void."""

    address: str
    at: Instant
    reason: str = ""


class User(Stored):
    """One person's document."""

    schema_version: Literal[1] = 1
    user_id: Annotated[str, Field(pattern=USER_ID)]
    email: Address = ""
    email_confirmed: bool = True
    email_refused: Refusal | None = Field(default=None, exclude_if=lambda refused: refused is None)
    display_name: str = ""
    created_at: Instant
    onboarded_at: Instant | None = None
    locale: str = "en"
    habits: list[Habit] = []
    completions: Annotated[Entries, _as_given(Entries)] = {}
    pauses: list[Pause] = []
    coaching_profile: CoachingProfile = Field(default_factory=CoachingProfile)
    daily_digests: dict[date, DigestSaid] = {}
    coaching_insights: CoachingInsights = Field(default_factory=CoachingInsights)
    onboarding_draft: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one_habit_an_id(self) -> User:
        ids = [habit.id for habit in self.habits]
        twice = {habit_id for habit_id in ids if ids.count(habit_id) > 1}
        if twice:
            raise ValueError(f"two habits have the id {sorted(twice)[0]!r}")
        return self

    def habit(self, habit_id: str) -> Habit:
        """The habit with that id. Raises KeyError."""
        for habit in self.habits:
            if habit.id == habit_id:
                return habit
        raise KeyError(habit_id)

    def active_habits(self, day: date) -> list[Habit]:
        """The habits that exist on `day`, in the person's order."""
        return [h for h in self.habits if h.created_on <= day and (h.archived_on is None or day < h.archived_on)]

    def entries(self, habit_id: str) -> dict[date, Completion]:
        """What was recorded for a habit, by day; writing into it records."""
        days = self.completions.setdefault(habit_id, {})
        if isinstance(days, Frozen):
            days = self.completions[habit_id] = dict(days)
        return days

    def onboarded_since(self) -> datetime | None:
        """The instant at which the seven questions were answered, None while they are not."""
        return (self.onboarded_at or self.created_at) if self.coaching_profile.onboarding_complete else None

    @property
    def is_refused(self) -> bool:
        """Whether a mail server has refused the present address for good."""
        return self.email_refused is not None and self.email_refused.address == self.email

    def to_json(self) -> dict[str, Any]:
        """The document as it is stored."""
        return self.model_dump(mode="json")
