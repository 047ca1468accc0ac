"""Advice taken up with one tap: what the app would change for it, doing that, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from core import planning
from core.catalogue import N_, _
from core.coach.advising.filling import UNFIT, Facts, Words
from core.coach.advising.habit_look import met_most_weeks, weeks_done
from core.coach.advising.numbers import number_again, number_anew
from core.coach.advising.offers import (
    FOR_DAYS,
    TRIED,
    TRY,
    Change,
    Given,
    Was,
    line_to_send,
    note_with_it,
    rest,
    rest_one,
    share_first,
    stop,
)
from core.coach.advising.outcomes import begun_on
from core.coach.advising.situations import main_habit_of
from core.coach.standing import goals_without_habit
from core.localtime import ONE_DAY, WEEKEND, WORKDAYS
from core.models import GOALS, Habit, Plan, PlannedHour, User
from core.patterns import Finding
from core.progress import HabitRecord, Record
from core.recording import RecordingError
from core.schedule import plan_on
from core.slots import SLOWER
from core.wording import WEEKDAYS, activity_of, after_i, capitalized, clock_text, label, rhythm_said

CUE_MOST = 200  # characters
SLOWED = {2: N_("The digest comes every second day"), 7: N_("The digest comes once a week")}
OF_THE_HABIT = frozenset({"cue", "small"})  # fields that a tap sets and takes back
LATE_FROM, NIGHT_ENDS = 20 * 60 + 30, 4 * 60  # minutes of the day; an hour between them is asked about
TAKE_BACK_DAYS = 28  # after it was taken up; later the app's own screens change it


def change_for(record: Record, given: Given, findings: Sequence[Finding] = ()) -> Change:
    """What the app can do for a piece of advice that was given; where it can do nothing, the person may still try."""
    action = str(given.get("action") or "")
    habit = next((one for one in record.active if one.habit.id == given.get("habit")), None)
    change: Change | None = None
    if action == "add_habit":
        change = _add_habit(record, habit)
    elif action == "fewer_reminders":
        change = _fewer_letters(record.user)
    elif action == "pause":
        change = rest(record, habit)
    elif action == "pause_one":
        change = rest_one(record)
    elif habit is not None and action in _OF_A_HABIT:
        about = {finding.kind: finding for finding in findings if finding.habit == habit.habit.id}
        change = _OF_A_HABIT[action](record, habit, given, about)
    return change or Change(_(TRY), TRIED, lambda user, said: {})


def apply(user: User, given: dict[str, Any], change: Change, said: str, *, today: date) -> None:
    """Take up a piece (`given`, an entry of the document) and do what it offers; twice is once. Raises RecordingError.

    What came of it is measured from now on.
    """
    if given.get("applied"):
        return
    said = " ".join(said.split())
    if change.ask and not said:
        raise RecordingError(_("“{field}” is empty. A few words will do.").format(field=change.ask))
    if len(said) > CUE_MOST:
        wrong = _("{n} characters are too many. Keep it within {most}.")
        raise RecordingError(wrong.format(n=len(said), most=CUE_MOST))
    was = change.does(user, said)
    given.pop("outcome", None)
    given["applied"] = {"day": today.isoformat(), "done": change.done, "slots": change.facts(said), "was": was}


def done_said(given: Given, locale: str) -> str:
    """What taking a piece up has changed, in the language in force, with the numbers of a locale."""
    applied = given.get("applied")
    done = str(applied.get("done") or "") if isinstance(applied, Mapping) else ""
    slots = applied.get("slots") if isinstance(applied, Mapping) else None
    if not done or not isinstance(slots, Mapping):  # earlier versions kept the words themselves
        return done or _(TRIED)
    try:
        return _(done).format_map(Words(slots, locale))
    except UNFIT:
        return done


def may_take_back(given: Given, today: date) -> bool:
    """Whether there is something to take back."""
    since = begun_on(given)
    return bool(given.get("applied")) and since is not None and (today - since).days <= TAKE_BACK_DAYS


def take_back(user: User, given: dict[str, Any], *, today: date) -> None:
    """Undo what the tap changed, unless it has been changed again since; no day that is over is judged anew."""
    applied = given.pop("applied", None)
    was: Was = dict(applied.get("was") or {}) if isinstance(applied, Mapping) else {}
    habit = next((habit for habit in user.habits if habit.id == was.get("habit", given.get("habit"))), None)
    if "every" in was and user.coaching_profile.letters.every == was.get("now"):
        user.coaching_profile.letters.every = was["every"]
    if "to" in was:
        _rest_no_more(user, was, today)
    if habit is None:
        return
    for field in OF_THE_HABIT & was.keys():
        if getattr(habit, field) == was.get("now"):
            setattr(habit, field, was[field])
    for what in FOR_DAYS:
        if what in was and str(getattr(habit, what)) == was.get("now"):
            stop(habit, what)
    if "planned" in was and [hour.model_dump() for hour in habit.planned] == was.get("now"):
        habit.planned = [PlannedHour.model_validate(hour) for hour in was["planned"]]
    if "pause" in was and "to" not in was:
        planning.end_pause(user, habit.id, today=today, begun=date.fromisoformat(was["pause"]))
    if "target" in was:
        number_again(habit, was, today in user.completions.get(habit.id, {}), today)
    if "plan" in was:
        _plan_again(user, habit, was, today)
    if was.get("added"):
        _leave_out(user, habit, today)


# --- one function an action


def _set_cue(record: Record, habit: HabitRecord, given: Given, about: Mapping[str, Finding]) -> Change:
    pair = [str(one) for one in about["cooccur"].evidence["habits"]] if "cooccur" in about else []
    names = [one.name for one in record.user.habits if one.id in pair and one.id != habit.habit.id]

    def do(user: User, said: str) -> Was:
        mine = user.habit(habit.habit.id)
        before, mine.cue = mine.cue, after_i(said)
        return {"cue": before, "now": mine.cue}

    proposal = _cue_of(names[0]) if names else ""
    return Change(_("Set a cue"), N_("Its cue: {said}"), do, _("After I …"), proposal=proposal)


def _cue_of(name: str) -> str:
    """A habit as the cue of another: `run`, or `finish Piano scales`."""
    activity = activity_of(name)
    return activity.cue if activity else _("finish {habit}").format(habit=label(name))


def _split(record: Record, habit: HabitRecord, given: Given, about: Mapping[str, Finding]) -> Change:
    activity = activity_of(habit.habit.name)

    def do(user: User, said: str) -> Was:
        mine = user.habit(habit.habit.id)
        before, mine.small = mine.small, said
        return {"small": before, "now": said}

    proposal = habit.habit.small or (activity.start if activity else "")
    done, ask = N_("Its two-minute version: {said}"), _("Two minutes of it")
    return Change(_("Make it two minutes"), done, do, ask, proposal=proposal)


def _set_hour(record: Record, habit: HabitRecord, given: Given, about: Mapping[str, Finding]) -> Change:
    usual = record.user.coaching_insights.timing_issues.get(habit.habit.id) or {}
    minute = usual.get("minute")
    on_weekends = given.get("technique") == "own-weekend"
    days = sorted(WEEKEND) if on_weekends else list(range(7))
    replaces = given.get("action") == "move_time"

    def do(user: User, said: str) -> Was:
        mine = user.habit(habit.habit.id)
        before = [hour.model_dump() for hour in mine.planned]
        added = PlannedHour(minute=_minute(said), days=days)
        mine.planned = [added] if replaces else [*mine.planned, added]
        return {"planned": before, "now": [hour.model_dump() for hour in mine.planned]}

    proposal = "" if minute is None else f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"
    is_late = minute is not None and not NIGHT_ENDS <= int(minute) < LATE_FROM
    clock = clock_text(int(minute or 0), record.user.locale)
    why = _("It mostly comes around {clock}. Is so late an hour one you want? If not, choose an earlier one.")
    why = why.format(clock=clock)
    return Change(
        _("Give it an hour on weekends") if on_weekends else _("Give it an hour"),
        N_("Its hour on weekends: {plan_clock}") if on_weekends else N_("Its hour: {plan_clock}"),
        do,
        _("Its hour"),
        "clock",
        proposal,
        why if is_late else "",
        facts=lambda said: {"plan_clock": _minute(said)},
    )


def _fewer_days(record: Record, habit: HabitRecord, given: Given, about: Mapping[str, Finding]) -> Change | None:
    plan, fit = plan_on(habit.habit, record.today), met_most_weeks(weeks_done(habit))
    asked = 7 if plan is None or plan.times is None else plan.times
    if plan is None or plan.per == "month" or not 1 <= fit < asked:
        return None
    return _times_a_week(habit, fit)


def _more_days(record: Record, habit: HabitRecord, given: Given, about: Mapping[str, Finding]) -> Change | None:
    plan = plan_on(habit.habit, record.today)
    if plan is None or plan.times is None or plan.per != "week" or plan.times >= 7:
        return None
    return _times_a_week(habit, plan.times + 1)


def _without_weekday(record: Record, habit: HabitRecord, given: Given, about: Mapping[str, Finding]) -> Change | None:
    """Without the weekday that was found to be weak, or without the weekend."""
    plan = plan_on(habit.habit, record.today)
    week = [record.today + timedelta(days=n) for n in range(1, 8)]
    named = {day.weekday() for day in week if habit.is_due(day)}
    if plan is None or plan.rrule is None or "INTERVAL" in plan.rrule:
        return None
    if "weak_day" in about:
        off = frozenset({int(about["weak_day"].evidence["weekday"])})
    elif "weekend_weak" in about:
        off = WEEKEND
    else:
        return None
    if not off & named or not named - off:
        return None
    plan = planning.on_weekdays(record.today, named - off)
    if named - off == WORKDAYS:
        return _replan(habit, plan, _("Monday to Friday"), N_("Planned Monday to Friday, from the next day on"), {})
    said = _("without {weekday}").format(weekday=_(WEEKDAYS[min(off)]))
    return _replan(habit, plan, said, N_("Planned without {weekday}, from the next day on"), {"weekday": min(off)})


def _times_a_week(habit: HabitRecord, times: int) -> Change:
    plan, said = planning.times_per(habit.today, times, "week"), _("{n} times a week").format(n=times)
    return _replan(habit, plan, said, N_("Planned {fit} a week, from the next day on"), {"fit": times})


def _replan(habit: HabitRecord, plan: Plan, said: str, done: str, facts: Facts) -> Change:
    def do(user: User, _said: str) -> Was:
        mine, first = user.habit(habit.habit.id), habit.today + ONE_DAY
        before = plan_on(mine, first) or mine.schedule[-1]
        later = [one for one in mine.schedule if one.start >= first]
        planning.change_schedule(user, mine.id, plan, from_day=first, today=habit.today)
        return {"plan": _dumped(before), "later": [_dumped(one) for one in later], "from": first.isoformat()}

    return Change(capitalized(_("Plan {plan}").format(plan=said)), done, do, facts=lambda _said: facts)


def _from_monday(record: Record, habit: HabitRecord, given: Given, about: Mapping[str, Finding]) -> Change | None:
    first = record.today + ONE_DAY if record.today in habit.entries else record.today
    last = first + timedelta(days=6 - first.weekday())
    if first.weekday() == 0 or first in habit.paused:
        return None

    def do(user: User, _said: str) -> Was:
        return {"pause": planning.pause(user, first, last, habit.habit.id).start.isoformat()}

    return Change(_("Begin on Monday"), N_("It begins on Monday; until then it rests"), do)


_OF_A_HABIT: dict[str, Callable[[Record, HabitRecord, Given, Mapping[str, Finding]], Change | None]] = {
    "set_cue": _set_cue,
    "split_two_minute": _split,
    "add_time": _set_hour,
    "move_time": _set_hour,
    "lower_frequency": _fewer_days,
    "add_day": _more_days,
    "drop_weekday": _without_weekday,
    "restart_on": _from_monday,
    "set_target": lambda record, habit, given, about: number_anew(habit, given),
    "ask_note": lambda record, habit, given, about: note_with_it(habit),
    "show_rate_first": lambda record, habit, given, about: share_first(habit),
    "invite_partner": lambda record, habit, given, about: line_to_send(habit),
}


def _fewer_letters(user: User) -> Change | None:
    every = user.coaching_profile.letters.every
    if every not in SLOWER:
        return None
    slower = SLOWER[every]

    def do(user: User, _said: str) -> Was:
        user.coaching_profile.letters.every = slower
        return {"every": every, "now": slower}

    return Change(_("A digest {rhythm}").format(rhythm=rhythm_said(slower)), SLOWED[slower], do)


def _add_habit(record: Record, beside: HabitRecord | None) -> Change:
    """A habit beside another is one for weekends; the main habit is proposed by name while it is not tracked."""
    named = record.user.coaching_profile.main_habit.strip()
    proposal = named if named and beside is None and main_habit_of(record) is None else ""
    goals = goals_without_habit(record.user, record.today) if beside is None else [beside.habit.goal]
    goal = next((goal for goal in goals if goal in GOALS), "")

    def do(user: User, said: str) -> Was:
        plan = planning.every_day(record.today) if beside is None else planning.on_weekdays(record.today, WEEKEND)
        added = planning.add_habit(user, said, plan, today=record.today, goal=goal)
        return {"habit": added.id, "added": True}

    return Change(_("Add a habit"), N_("Added: {said}"), do, _("Its name"), proposal=proposal)


def _minute(clock: str) -> int:
    try:
        hour, minute = (int(part) for part in clock.split(":")[:2])
        return PlannedHour(minute=60 * hour + minute).minute
    except ValueError:
        wrong = _("“{clock}” is not a time of day. Write it like {example}.")
        raise RecordingError(wrong.format(clock=clock, example=clock_text(375, "de"))) from None


def _plan_again(user: User, habit: Habit, was: Was, today: date) -> None:
    """The plan of before, from the day on which the other began or from today; not if there is a third by now."""
    first = date.fromisoformat(was["from"])
    if habit.schedule[-1].start != first:
        return
    if first > today:
        habit.schedule = [*habit.schedule[:-1], *(Plan.model_validate(plan) for plan in was.get("later", ()))]
    else:
        planning.change_schedule(user, habit.id, Plan.model_validate(was["plan"]), from_day=today, today=today)


def _rest_no_more(user: User, was: Was, today: date) -> None:
    """The pause that the tap made, and no other of that day: gone, or over since yesterday."""
    first, last = date.fromisoformat(was["pause"]), date.fromisoformat(was["to"])
    mine = [one for one in user.pauses if (one.start, one.to, one.habit or "") == (first, last, was["habit"])]
    for one in mine[-1:]:
        if first >= today:
            user.pauses.remove(one)
        else:
            one.to = min(one.to, today - ONE_DAY)


def _dumped(plan: Plan) -> dict[str, Any]:
    return plan.model_dump(mode="json", exclude_unset=True)


def _leave_out(user: User, habit: Habit, today: date) -> None:
    """A habit that has an entry by now is archived, one without is gone."""
    if user.completions.get(habit.id):
        planning.archive_habit(user, habit.id, today=today)
    else:
        user.habits.remove(habit)
        user.completions.pop(habit.id, None)
