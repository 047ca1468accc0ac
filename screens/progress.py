"""Progress: the month so far, months beside each other, days, hours, strength and XP, each number with its why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import streamlit as st
from babel import Locale

from core.catalogue import N_, _, n_, p_
from core.coach.quiet import leaves_out
from core.coach.statistics.evidence import HabitEvidence, evidence_of, is_ready
from core.localtime import month_start
from core.progress import HabitRecord, Record, Run, streak_mark
from core.schedule import plan_on
from core.wording import locale_of, percent_text, streak_text
from screens import looks, offers, ways, wording
from screens.grid import no_streak
from screens.kept import RECORDS
from screens.parts import esc, hold_focus, style
from screens.pictures import drawn, strength, tables, whys, xp_history
from screens.pictures import hours as clock
from screens.pictures.progress_days import your_days
from storage import Store

RATE_DAYS = 30
AT_FIRST = 6  # habits whose months, hours and strength are there at once; those of the others are a tap away
CARDS_ABREAST = 3
FOOT = N_("Counted from what you ticked. A mended day counts the same; its hour stays unknown.")
STAGES = {"building": N_("building"), "keeping": N_("keeping")}  # as offers.stage names them
NONE_DUE = N_("none due yet")


def draw(store: Store, user_id: str) -> None:
    """The screen."""
    style("inner.css")
    style("progress.css")
    hold_focus()
    show(store, user_id, datetime.now(UTC))


def show(store: Store, user_id: str, now: datetime) -> None:
    """The screen as it stands at an instant."""
    user = store.read(user_id)
    record, locale = RECORDS.record(user, now), locale_of(user.locale)
    with st.container(key="progress"):
        if not any(one.entries for one in record.habits):
            st.html(_empty())
            ways.link_to_today()
            return
        st.html(hero(record, locale))
        if offers.is_offered(record):
            offers.draw(record)
        months = tables.same_days(record.today)
        if any(one.first < months.this[0] for one in record.active):
            _months(record, months, locale)
        your_days(record, locale)
        _hours(record, locale)
        _strengths(record, locale)
        st.html(_section(_("XP, week by week"), _imported(record, locale)))
        with st.container(border=True, key="xp"):
            st.html(xp_history.picture(record, locale))
        _archived(record)
        with st.container(horizontal=True, key="pg_foot", gap="small"):
            ways.link_to_together(_("Your week beside others"))
        st.html(f'<p class="in-small in-foot">{esc(_(FOOT))}</p>')


def _section(title: str, said: str = "") -> str:
    return f'<div class="in-sec"><h2 class="in-h2">{esc(title)}</h2>{f"<p>{esc(said)}</p>" if said else ""}</div>'


def _empty() -> str:
    title = _("Your first square will stand here")
    said = _("One tick on Today colours it. Streaks, strength and the year grow from there.")
    return f'<section class="in-hero"><h1>{esc(title)}</h1><p>{esc(said)}</p></section>'


# --- the month so far


def hero(record: Record, locale: Locale) -> str:
    """The month so far, and what it adds up to; what is behind each number opens below it."""
    tiles = [*_streak_tile(record, locale), _perfect_tile(record, locale), _level_tile(record, locale)]
    shown = "".join(
        f"<div><b>{esc(number)}</b><span>{esc(words)}</span>{drawn.why(_(whys.WHY), behind, number, words)}</div>"
        for number, words, behind in tiles
    )
    done, of = record.rate(month_start(record.today), record.today)
    name = wording.month(record.today, locale)
    title = _("{month} is still open").format(month=name)
    if of:
        title = _("{percent} of {month} so far").format(percent=wording.percent(done / of, locale), month=name)
    return (
        f'<section class="in-hero"><h1>{esc(title)}</h1>{_month_said(record, title, done, of, locale)}'
        f'<div class="in-tiles">{shown}</div></section>'
    )


def _month_said(record: Record, title: str, done: int, of: int, locale: Locale) -> str:
    if not of:
        return ""
    months = tables.same_days(record.today)
    then, of_then = record.rate(*months.before)
    said = f"{drawn.done_of(done, of)}."
    if of_then:
        day, share = wording.short_day(months.before[1], locale), wording.percent(then / of_then, locale)
        before = _("By {day} it was {done} of {of}, {share}.")
        said += " " + before.format(day=day, done=then, of=of_then, share=share)
    first = month_start(record.today)
    rates = [(one.habit.name, one.rate(first, record.today)) for one in record.habits]
    shown = [(name, drawn.done_of(k, n)) for name, (k, n) in rates if n]
    behind = drawn.table((_("Habit"), _("Done of planned")), shown)
    rule = _("Skips, pauses and days that were not due are left out; today counts what is done.")
    return f"<p>{esc(said)}</p>{drawn.why(_(whys.WHY), f'<p>{esc(rule)}</p>' + behind, title)}"


Tile = tuple[str, str, str]  # its number, its words, what is behind it


def _streak_tile(record: Record, locale: Locale) -> list[Tile]:
    told = [one for one in record.active if one.unit == "day" and one.streak and not leaves_out(one, "streak")]
    longest = max(told, key=lambda one: one.streak, default=None)
    if longest is None:
        return []
    number = f"{streak_text(longest.streak, longest.streak_told_in)} {streak_mark(longest.streak)}".strip()
    behind = whys.streak_days(longest, whys.running(longest), locale)
    return [(number, _("{habit}, the longest running streak").format(habit=longest.habit.name), behind)]


def _perfect_tile(record: Record, locale: Locale) -> Tile:
    first = month_start(record.today)
    perfect = sorted(day for day in record.perfect_days if day >= first)
    chips = whys.chips([(day, "on", str(day.day), _("all that was due")) for day in perfect], locale)
    rule = f"<p>{esc(_('Days on which all that was due was done, skips left out.'))}</p>"
    days = n_("{n} day", "{n} days", len(perfect)).format(n=len(perfect))
    return days, _("on which all that was due was done, this month"), rule + chips


def _level_tile(record: Record, locale: Locale) -> Tile:
    level = record.level
    missing = wording.number(level.needed - level.into, locale)
    number = wording.number
    earned = xp_history.earned_in_all(record)
    rows = [
        (_("Completions, 10 each"), number(earned.completions, locale)),
        (_("Running streaks"), number(earned.streaks, locale)),
        (_("Days with all done, 20 each"), number(earned.perfect, locale)),
        (p_("a sum", "Together"), number(earned.total, locale)),
    ]
    n = level.number
    began = _("Level {n} began at {xp} XP.").format(n=n, xp=number(50 * n * (n - 1), locale))
    behind = f"<p>{esc(_(xp_history.RULE))} {esc(began)}</p>{drawn.table((p_('a source', 'From'), _('XP')), rows)}"
    words = _("{xp} XP, {missing} to level {next}; {imported}").format(
        xp=number(record.xp, locale), missing=missing, next=n + 1, imported=_imported(record, locale)
    )
    return _("Level {n}").format(n=n), words, behind


def _imported(record: Record, locale: Locale) -> str:
    if not record.imported_xp:
        return _("all of it earned here")
    return _("{xp} of it from your import").format(xp=wording.number(record.imported_xp, locale))


# --- months


def _months(record: Record, months: tables.Months, locale: Locale) -> None:
    table = tables.by_month(record.active, months)
    this, before = (esc(wording.month(span[0], locale)) for span in (months.this, months.before))
    days = _("The same days of both: 1 to {day}.").format(day=months.this[1].day)
    rows = [
        month_row(record.of(str(habit)), months, *(int(row[name]) for name in table.columns), locale=locale)
        for habit, row in table.iterrows()
        if row["of"] or row["of_before"]
    ]
    title = _("{this} beside {before}")
    names = {"this": wording.month(months.this[0], locale), "before": wording.month(months.before[0], locale)}
    st.html(_section(title.format(**names), days))
    key = f'<p class="pr-key"><span><i></i>{this}</span><span><i class="before"></i>{before}</span></p>'
    with st.container(border=True, key="months"):
        st.html(f'{key}<ul class="pr-months">{"".join(rows[:AT_FIRST])}</ul>')
        if others := rows[AT_FIRST:]:
            with st.expander(_more(len(others)), key="months_besides"):
                st.html(f'<ul class="pr-months">{"".join(others)}</ul>')


def month_row(
    one: HabitRecord, months: tables.Months, done: int, of: int, done_before: int, of_before: int, *, locale: Locale
) -> str:
    """One habit in both months, by how many points they differ, and the days of each."""

    def bar(k: int, n: int, kind: str) -> str:
        filled = f'<u style="width:{drawn.share(k / n)}"></u>' if n else ""
        said = _("<b>{done}</b> of {of}").format(done=k, of=n) if n else esc(_("no record"))
        return f'<div class="{kind}">{filled}</div><span>{said}</span>'

    delta = ""
    if of and of_before and not leaves_out(one, "rate"):
        points = round(100 * done / of) - round(100 * done_before / of_before)
        said = n_("{n} point", "{n} points", abs(points)) if points else _("the same")
        delta = f'<p class="in-small">{esc(said.format(n=f"{points:+d}".replace("-", "−")))}</p>'
    named = [wording.month(span[0], locale) for span in (months.this, months.before)]
    behind = "".join(
        f"<p><b>{esc(wording.month(span[0], locale))}: {esc(drawn.done_of(k, n))}</b></p>"
        f"{whys.rate_days(one, *span, locale)}"
        for span, k, n in ((months.this, done, of), (months.before, done_before, of_before))
    )
    return (
        f"<li {looks.shade(one.habit)}>{looks.icon(one.habit)}<div><b>{esc(one.habit.name)}</b>{delta}</div>"
        f'<div class="pr-two">{bar(done, of, "this")}{bar(done_before, of_before, "before")}</div>'
        f"{drawn.why(_(whys.WHY), behind, one.habit.name, *named)}</li>"
    )


# --- hours and strength


def _hours(record: Record, locale: Locale) -> None:
    seen = evidence_of(record)
    shown = [habit for habit in seen.habits if len(habit.times) >= clock.TIMES_LEAST]
    if not shown:
        return
    ready = is_ready(record.user, record.today)
    st.html(
        _section(_("When it happens"), _("Ticks on the day itself, the last four weeks; mended days have no hour."))
    )
    with st.container(border=True, key="hours"):
        _drawn_hours(shown[:AT_FIRST], ready, locale)
        if others := shown[AT_FIRST:]:
            with st.expander(_more(len(others)), key="hours_besides"):
                _drawn_hours(others, ready, locale)


def _drawn_hours(shown: Sequence[HabitEvidence], ready: bool, locale: Locale) -> None:
    st.html('<div class="pr-hours">' + "".join(clock.hours(habit, ready, locale) for habit in shown) + "</div>")


def _more(habits: int) -> str:
    return n_("{n} more habit", "{n} more habits", habits).format(n=habits)


def _strengths(record: Record, locale: Locale) -> None:
    said = _("How settled a habit is, 0 to 100; six months. Done: the last {n} days.").format(n=RATE_DAYS)
    st.html(_section(_("Strength"), said))
    _cards(record, record.active[:AT_FIRST], locale)
    if others := record.active[AT_FIRST:]:
        with st.expander(_more(len(others)), key="strengths_besides"):
            _cards(record, others, locale)


def _cards(record: Record, shown: Sequence[HabitRecord], locale: Locale) -> None:
    abreast = 2 if len(shown) in (2, 4) else CARDS_ABREAST  # none stands alone in its row
    for n in range(0, len(shown), abreast):
        for column, one in zip(st.columns(abreast, gap="small"), shown[n : n + abreast], strict=False):
            with column, st.container(border=True, key=f"pr_card_{one.habit.id}", height="stretch", gap="xsmall"):
                st.html(card(one, locale, offers.stage(record, one)))
                with st.container(key=f"to_habit_{one.habit.id}"):
                    ways.link_to_habit(one.habit, label=_("Its own page"), icon=":material/arrow_forward:")


def _archived(record: Record) -> None:
    away = [one.habit for one in record.habits if one.habit.archived_on is not None]
    if away:
        st.html(_section(_("Archived"), _("Their pages and days stay, and one tap there brings them back.")))
        with st.container(horizontal=True, key="pg_archived", gap="xsmall"):
            for habit in away:
                ways.link_to_habit(habit)


def card(one: HabitRecord, locale: Locale, stage: str = "") -> str:
    """One habit: streaks, counts, its strength through time and its stage, each number with what is behind it."""
    habit, today = one.habit, one.today
    plan = plan_on(habit, today) or habit.schedule[-1]
    first = today - timedelta(days=RATE_DAYS - 1)
    done, of = one.rate(first, today)
    facts = [*_streak_facts(one, locale), (_("Done"), drawn.done_of(done, of) if of else _(NONE_DUE))]
    cells = "".join(f"<div><dt>{esc(name)}</dt><dd>{esc(value)}</dd></div>" for name, value in facts)
    words = esc(wording.habit_words(habit, plan, locale))
    about = f'<h3 class="in-h3">{esc(habit.name)}</h3><p class="in-small">{words}</p>'
    tag = f'<i class="pg-stage {stage}">{esc(_(STAGES[stage]))}</i>' if stage else ""
    now = f"<span>{esc(_('Strength'))} {tag}</span>{drawn.count_cell(round(100 * one.strength), 100)}"
    told = [(title, whys.streak_days(one, run, locale)) for title, run in _runs(one)]
    told.append((_("The last {n} days").format(n=RATE_DAYS), whys.rate_days(one, first, today, locale)))
    behind = "".join(f"<p><b>{esc(title)}</b></p>{said}" for title, said in told)
    return (
        f'<article class="pr-card" {looks.shade(habit)}><header>{looks.icon(habit)}<div>{about}</div></header>'
        f'<dl>{cells}</dl>{drawn.why(_(whys.WHY), behind, habit.name)}<div class="pr-strength">{now}</div>'
        f"{strength.curve(one, locale, today - strength.HALF_YEAR)}"
        f"{drawn.why(_('how is this computed?'), strength.how_computed(one, locale), habit.name)}</article>"
    )


def _streak_facts(one: HabitRecord, locale: Locale) -> list[tuple[str, str]]:
    """Streak and best streak, or the share where that comes first; of a delicate habit neither."""
    facts = []
    if one.habit.shows_rate_on(one.today):
        if not leaves_out(one, "rate"):
            done, of = one.rate(one.today - timedelta(days=RATE_DAYS - 1), one.today)
            facts.append((p_("a rate", "Share"), percent_text(done, of, str(locale)) if of else _(NONE_DUE)))
    elif not leaves_out(one, "streak"):
        badge = f"{streak_mark(one.streak)} {streak_text(one.streak, one.streak_told_in)}".strip()
        facts.append((_("Streak"), badge if one.streak else no_streak()))
    if not leaves_out(one, "streak"):
        facts.append((_("Best"), streak_text(one.best_streak, one.best_told_in)))
    return facts


def _runs(one: HabitRecord) -> list[tuple[str, Run | None]]:
    """The streaks whose days can be looked at."""
    if leaves_out(one, "streak"):
        return []
    running, best = whys.running(one), one.best_run
    if running == best and running is not None:
        return [(_("The running streak, the best so far"), running)]
    return [(_("The running streak"), running), (_("The best one"), best)]
