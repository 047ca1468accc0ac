"""A habit's plans and pauses through time, each plan with what was done under it."""

from __future__ import annotations

from datetime import date

from babel import Locale

from core.catalogue import _
from core.coach.quiet import leaves_out
from core.models import User
from core.progress import HabitRecord
from core.schedule import stretches
from core.wording import count_text
from screens import wording
from screens.parts import esc
from screens.pictures import drawn

SHOWN_MOST = 12


def plans_through_time(record: HabitRecord, user: User, locale: Locale) -> str:
    """The newest first: from when until when, and done of due under each."""
    items = sorted([*_plans(record, locale), *_pauses(record, user, locale)], reverse=True)
    shown = "".join(
        f'<li class="{kind}"><b>{esc(title)}</b>{said}</li>' for _day, kind, title, said in items[:SHOWN_MOST]
    )
    title, rule = _("Its plan through time"), _("A new plan never re-judges an old day.")
    return f'<h2 class="in-h3">{esc(title)}</h2><p class="in-small">{esc(rule)}</p><ol class="hp-plans">{shown}</ol>'


def _plans(record: HabitRecord, locale: Locale) -> list[tuple[date, str, str, str]]:
    out = []
    for first, last, plan in stretches(record.habit, record.today):
        done, of = record.rate(first, last)
        words = wording.plan_words(plan, locale)
        runs = last == record.today
        span = _("{first} until now") if runs else _("{first} to {last}")
        span = span.format(
            first=wording.short_day(first, locale, year=True), last=wording.short_day(last, locale, year=True)
        )
        counted = _("none due yet")
        if of:
            counted = drawn.done_of(done, of)
            if not leaves_out(record, "rate"):
                share = wording.percent(done / of, locale)
                counted = _("{done} of {of}, {share}").format(done=count_text(done), of=count_text(of), share=share)
        said = f"<span>{esc(span)}</span><span>{esc(counted)}</span>"
        out.append((first, "now" if runs else "plan", words[0].upper() + words[1:], said))
    for plan in record.habit.schedule:
        if plan.start > record.today:
            words = wording.plan_words(plan, locale)
            begins = _("from {day}").format(day=wording.short_day(plan.start, locale, year=True))
            said = f"<span>{esc(begins)}</span>"
            out.append((plan.start, "pause", words[0].upper() + words[1:], said))
    return out


def _pauses(record: HabitRecord, user: User, locale: Locale) -> list[tuple[date, str, str, str]]:
    spans = {(p.start, p.to) for p in user.pauses if p.habit in (None, record.habit.id) and p.to >= record.first}
    out = []
    for first, last in spans:
        ends = wording.short_day(first, locale, year=True), wording.short_day(last, locale, year=True)
        said = _("{first} to {last}").format(first=ends[0], last=ends[1])
        out.append((first, "pause", _("Paused"), f"<span>{esc(said)}</span>"))
    return out
