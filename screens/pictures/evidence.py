"""What a finding of the coach rests on, drawn: rates with their ranges, clock times, the days themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel import Locale

from core.catalogue import N_, _
from core.coach.statistics.hours import NEAR, between, timing
from screens import wording
from screens.parts import esc
from screens.pictures import drawn

Evidence = Mapping[str, Any]

TITLES = {
    "usual_time": N_("Its hour"),
    "varied_time": N_("No hour of its own"),
    "two_slots": N_("Two hours of the day"),
    "weekend_time": N_("Another hour on weekends"),
    "time_later": N_("Its hour moves later"),
    "time_earlier": N_("Its hour moves earlier"),
    "weekend_weak": N_("Weekdays and weekends"),
    "weekend_strong": N_("Weekends and weekdays"),
    "weak_day": N_("One weekday"),
    "too_ambitious": N_("Plan and days"),
    "momentum_lost": N_("Before and since"),
    "momentum_gained": N_("Before and since"),
    "week2_dip": N_("The second week"),
    "cooccur": N_("With another habit"),
    "late_fail": N_("Still open late in the day"),
}
# Of what is established, said outright; a first sign keeps to the subject.
STANDING = {
    "usual_time": N_("A settled hour"),
    "two_slots": N_("Two settled hours"),
    "weekend_weak": N_("Strong weekdays, quiet weekends"),
    "weekend_strong": N_("Strong weekends, quiet weekdays"),
    "weak_day": N_("One weekday is harder"),
    "too_ambitious": N_("The plan is ahead of the days"),
    "momentum_lost": N_("Less often than before"),
    "momentum_gained": N_("More often than before"),
    "week2_dip": N_("A thinner second week"),
    "cooccur": N_("It goes with another habit"),
    "late_fail": N_("Rarely done late in the day"),
}
BY_WEEKDAY = ("weekend_weak", "weekend_strong", "weak_day")
DAYS_SHOWN = 42  # of a strip or calendar; the table counts all


def title(kind: str, *, early: bool) -> str:
    """What a finding is about, and what it says where it is established."""
    return _(TITLES.get(kind, "") if early else STANDING.get(kind, TITLES.get(kind, "")))


def picture(kind: str, evidence: Evidence, locale: Locale) -> str:
    """The evidence of a finding as a figure."""
    parts, days = [], _days(evidence)[-DAYS_SHOWN:]
    if evidence.get("groups"):
        parts.append(f"<div>{_rates(evidence['groups'])}</div>")
    if evidence.get("clocks"):
        parts.append(_moved(kind, evidence, locale))
    elif evidence.get("times"):
        parts.append(_times(evidence, locale))
    if days and kind in BY_WEEKDAY:
        parts.append(drawn.week_calendar(days, locale))
    elif days:
        parts.append(drawn.day_strip(days, locale, _from_day(evidence)))
    return drawn.figure("in-pair" if kind in BY_WEEKDAY else "", spoken(evidence, locale), "".join(parts))


def spoken(evidence: Evidence, locale: Locale) -> str:
    """The picture in a sentence."""
    said = [f"{group['label']} {drawn.done_of(group['done'], group['of'])}" for group in evidence.get("groups", [])]
    if evidence.get("within30"):
        near, of = evidence["within30"]
        said.append(_("{near} of {of} times within half an hour").format(near=near, of=of))
    if evidence.get("clocks"):
        before, now = (wording.clock(minute, locale) for minute in evidence["clocks"])
        said.insert(0, _("from around {before} to around {now}").format(before=before, now=now))
    if not said and evidence.get("days"):
        days = _days(evidence)
        said.append(_hits(evidence).format(done=sum(done for _day, done in days), of=len(days)))
    return ", ".join(said) or _("The days behind this")


def numbers(evidence: Evidence, locale: Locale) -> str:
    """The evidence as tables and lists."""
    parts = []
    if evidence.get("groups"):
        rows = [(_label(g), drawn.done_of(g["done"], g["of"]), _range(g, locale)) for g in evidence["groups"]]
        parts.append(drawn.table((_("Days"), _("Done"), _("Likely range")), rows))
    days = _days(evidence)
    if days:
        missed = [wording.short_day(day, locale) for day, done in days if not done]
        hits = _hits(evidence).format(done=len(days) - len(missed), of=len(days))
        since = _("{hits} from {day} on.").format(hits=hits, day=_first(days, locale))
        parts.append(f"<p>{esc(since)}</p>")
        if missed:
            without = (
                _("Days without it: {days}.")
                if _unit(evidence) == "day"
                else _("Weeks that fell short began on: {days}.")
            )
            parts.append(f"<p>{esc(without.format(days=', '.join(missed)))}</p>")
    if evidence.get("times"):
        told = [f"{wording.short_day(day, locale)}, {wording.clock(at, locale)}" for day, at in _timed(evidence)]
        times = " · ".join(one.replace(" ", "\N{NO-BREAK SPACE}") for one in told)
        parts.append(f"<p>{esc(_('Every time: {times}.').format(times=times))}</p>")
    return "".join(parts)


def _rates(groups: Sequence[Mapping[str, Any]]) -> str:
    bars = "".join(
        drawn.interval_bar(_label(g), g["done"], g["of"], g["low"], g["high"], hollow=n > 0)
        for n, g in enumerate(groups)
    )
    return bars + drawn.rate_axis()


def _times(evidence: Evidence, locale: Locale) -> str:
    minutes = [minute for _day, minute in _timed(evidence)]
    marks = [evidence["minute"]] if "minute" in evidence and "within30" in evidence else evidence.get("minutes", [])
    middle = between(marks[0], marks[-1]) if marks else timing(minutes).minute
    band = _("the band: {n} minutes to each side").format(n=NEAR)
    key = f'<p class="in-key">{esc(band)}</p>' if marks else ""
    return drawn.dot_plot(minutes, middle, marks, locale) + key


def _moved(kind: str, evidence: Evidence, locale: Locale) -> str:
    is_weekend = kind == "weekend_time"
    key = f'<p class="in-key">{esc(_("hollow: Saturday and Sunday"))}</p>' if is_weekend else ""
    return drawn.clock_line(_timed(evidence), locale, _from_day(evidence), weekends=is_weekend) + key


def _label(group: Mapping[str, Any]) -> str:
    label = str(group["label"])
    return label[:1].upper() + label[1:]


def _range(group: Mapping[str, Any], locale: Locale) -> str:
    low, high = wording.percent(group["low"], locale), wording.percent(group["high"], locale)
    return _("{low} to {high}").format(low=low, high=high)


def _days(evidence: Evidence) -> list[tuple[date, bool]]:
    return [(date.fromisoformat(str(day)), bool(done)) for day, done in evidence.get("days") or []]


def _timed(evidence: Evidence) -> list[tuple[date, int]]:
    return [(date.fromisoformat(str(day)), int(minute)) for day, minute in evidence.get("times") or []]


def _unit(evidence: Evidence) -> str:
    return str(evidence.get("unit", "day"))


def _hits(evidence: Evidence) -> str:
    """How many of its days or weeks it was done, with places for both numbers."""
    return _("{done} of {of} days") if _unit(evidence) == "day" else _("{done} of {of} weeks")


def _from_day(evidence: Evidence) -> date | None:
    return date.fromisoformat(str(evidence["from_day"])) if evidence.get("from_day") else None


def _first(days: Sequence[tuple[date, bool]], locale: Locale) -> str:
    return wording.short_day(days[0][0], locale, year=True)
