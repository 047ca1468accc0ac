"""XP week by week: what completions, running streaks and perfect days brought, and the levels that were reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from babel import Locale

from core.catalogue import N_, _, n_
from core.localtime import days_between, week_start
from core.progress import XP_COMPLETION, XP_PERFECT_DAY, XP_STREAK_MOST, Record, level_of
from core.wording import count_text
from screens import wording
from screens.parts import esc
from screens.pictures import drawn

WEEKS = 26
KINDS = (
    ("c", N_("20 for a day with all done")),
    ("b", N_("running streaks, up to 10 each")),
    ("a", N_("10 a completion")),
)
RULE = N_(
    "10 for each completion, 1 more for each day of the running streak up to 10, 20 for a day on which all that was "
    "due is done. Nothing is stored: undoing a tick takes back exactly what it gave."
)


@dataclass(frozen=True)
class Earned:
    """XP of some days by where they came from."""

    completions: int = 0
    streaks: int = 0
    perfect: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.completions + self.streaks + self.perfect


NOTHING = Earned()


def earned_by_day(record: Record) -> dict[date, Earned]:
    """What each day brought; the totals are those of `Record.xp_by_day`."""
    first = min((one.timeline.first for one in record.habits), default=0)
    done, streaks = np.zeros((2, max(record.today.toordinal() - first + 1, 0)), dtype=int)
    for one in record.habits:
        days = slice(one.timeline.first - first, None)
        done[days] += one.timeline.done
        streaks[days] += np.where(one.timeline.done, np.minimum(one.streaks.stood, XP_STREAK_MOST), 0)
    perfect, places = record.perfect_days, np.flatnonzero(done)
    brought = zip((XP_COMPLETION * done[places]).tolist(), streaks[places].tolist(), strict=True)
    days_of = map(date.fromordinal, (places + first).tolist())
    return {
        day: Earned(ticks, runs, XP_PERFECT_DAY * (day in perfect))
        for day, (ticks, runs) in zip(days_of, brought, strict=True)
    }


def earned_in_all(record: Record) -> Earned:
    """What all days together brought (`earned_by_day` for the sum)."""
    completions = XP_COMPLETION * sum(int(one.timeline.done.sum()) for one in record.habits)
    perfect = XP_PERFECT_DAY * len(record.perfect_days)
    return Earned(completions, record.xp - completions - perfect, perfect)


def total(earned: dict[date, Earned], first: date, last: date) -> Earned:
    """What the days from `first` to `last` brought."""
    days = [one for day, one in earned.items() if first <= day <= last]
    return Earned(sum(d.completions for d in days), sum(d.streaks for d in days), sum(d.perfect for d in days))


def picture(record: Record, locale: Locale) -> str:
    """Up to half a year of weeks as stacked bars with the levels reached, and the numbers behind them."""
    earned = earned_by_day(record)
    monday = week_start(record.today)
    first = max(week_start(min(earned, default=record.today)), monday - timedelta(weeks=WEEKS - 1))
    weeks = [first + timedelta(weeks=n) for n in range((monday - first).days // 7 + 1)]
    sums = [total(earned, week, week + timedelta(days=6)) for week in weeks]
    levels = _levels(sums, before=total(earned, date.min, first - timedelta(days=1)).total)
    top = _round_up(max(one.total for one in sums))
    bars = "".join(_bar(week, one, level, top, locale) for week, one, level in zip(weeks, sums, levels, strict=True))
    scale = "".join(
        f'<em style="bottom:calc((100% - 18px) * {n / top:.3f})">{esc(wording.number(n, locale))}</em>'
        for n in (top / 2, top)
    )
    spoken = n_("XP in {n} week, {xp} of them this week", "XP in {n} weeks, {xp} of them this week", len(weeks))
    spoken = spoken.format(n=len(weeks), xp=count_text(sums[-1].total))
    key = "".join(f'<span><i class="{kind}"></i> {esc(_(words))}</span>' for kind, words in reversed(KINDS))
    behind = (
        drawn.why(_("This week, day by day"), week_table(earned, monday, record.today, locale))
        + drawn.why(_("The numbers"), _table(weeks, sums, locale), _("XP, week by week"))
        + drawn.why(_("How is XP counted?"), f"<p>{esc(_(RULE))}</p>")
    )
    below = drawn.week_ends("xp", weeks, locale) + f'<p class="pg-xp-key">{key}</p>'
    return drawn.figure("pg-xp", spoken, scale + bars) + below + behind


def week_table(earned: dict[date, Earned], first: date, last: date, locale: Locale) -> str:
    """Each day's XP and where it came from."""
    rows = [(wording.long_day(day, locale), earned.get(day, NOTHING)) for day in days_between(first, last)]
    return drawn.table([_(name) for name in HEAD], [(name, *_cells(one)) for name, one in reversed(rows)])


HEAD = (N_("Day"), N_("Completions"), N_("Streaks"), N_("All done"), N_("XP"))


def _cells(one: Earned) -> list[str]:
    return [count_text(n) for n in (one.completions, one.streaks, one.perfect, one.total)]


def _table(weeks: Sequence[date], sums: Sequence[Earned], locale: Locale) -> str:
    rows = [(wording.short_day(week, locale, year=True), *_cells(one)) for week, one in zip(weeks, sums, strict=True)]
    return drawn.table([_("Week of"), *(_(name) for name in HEAD[1:])], reversed(rows))


def _levels(sums: Sequence[Earned], *, before: int) -> list[int | None]:
    """The level that each week reached, None where it stayed."""
    out: list[int | None] = []
    for one in sums:
        reached = level_of(before + one.total).number
        out.append(reached if reached > level_of(before).number else None)
        before += one.total
    return out


def _bar(week: date, one: Earned, level: int | None, top: int, locale: Locale) -> str:
    parts = {"a": one.completions, "b": one.streaks, "c": one.perfect}
    said = _("Week of {day}: {xp} XP")
    said = said.format(day=wording.short_day(week, locale), xp=wording.number(one.total, locale))
    stacked = "".join(
        f'<u class="{kind}" style="height:calc((100% - 18px) * {parts[kind] / top:.4f})"></u>'
        for kind in (kind for kind, _words in KINDS)
        if parts[kind]
    )
    mark = f"<b>{esc(_('L{n}').format(n=level))}</b>" if level else ""
    return f'<div title="{esc(said)}">{mark}{stacked}</div>'


def _round_up(xp: int) -> int:
    """The end of the axis: a round number not below, one that halves."""
    step = next(s for s in (20, 100, 200, 500, 1000, 2000, 10_000) if xp <= 5 * s or s == 10_000)
    return max(step, -(-xp // step) * step)
