"""When on the clock habits happen: each one's times as dots, its usual hour named only when it is time for that."""

from __future__ import annotations

from babel import Locale

from core.catalogue import _
from core.coach.statistics.evidence import HabitEvidence
from core.coach.statistics.hours import NEAR, distance, timing
from screens import looks, wording
from screens.parts import esc
from screens.pictures import drawn, whys

TIMES_LEAST = 5  # a picture of hours needs so many


def said(seen: HabitEvidence, ready: bool, locale: Locale) -> tuple[str, list[int]]:
    """The sentence about a habit's times, and the minutes that the picture marks."""
    minutes = seen.minutes
    middle = timing(minutes).minute
    near = sum(distance(minute, middle) <= NEAR for minute in minutes)
    if ready and near * 2 > len(minutes):
        usual = _("around {clock}, {near} of {all} within half an hour")
        return usual.format(clock=wording.clock(middle, locale), near=near, all=len(minutes)), [middle]
    turned = drawn.unwrapped(minutes, middle)
    first, last = wording.clock(min(turned), locale), wording.clock(max(turned), locale)
    if first == last:
        return _("{n} times, each at {clock}").format(n=len(minutes), clock=first), []
    spread = _("{n} times, {first} to {last}")
    return spread.format(n=len(minutes), first=first, last=last), []


def picture(seen: HabitEvidence, ready: bool, locale: Locale) -> str:
    """A habit's clock times as stacked dots, and every one of them behind it."""
    words, marks = said(seen, ready, locale)
    dots = drawn.dot_plot(seen.minutes, timing(seen.minutes).minute, marks, locale)
    times = drawn.why(_("every time"), whys.clock_times(seen.times, locale), seen.habit.name)
    return drawn.figure("", f"{seen.habit.name}: {words}", dots) + times


def hours(seen: HabitEvidence, ready: bool, locale: Locale) -> str:
    """One habit's clock times below its name."""
    words = f"<div><b>{esc(seen.habit.name)}</b><span>{esc(said(seen, ready, locale)[0])}</span></div>"
    return (
        f'<div {looks.shade(seen.habit)}><div class="in-line">{looks.icon(seen.habit)}{words}</div>'
        f"{picture(seen, ready, locale)}</div>"
    )
