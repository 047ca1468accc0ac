"""What the coach does with one habit, each with the way to stop it: its care, what runs, what was taken up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st
from babel import Locale

from core.catalogue import N_, _
from core.coach import safety
from core.coach.advising import applying, offers
from core.coach.advising.followup import latest
from core.coach.advising.offers import FOR_DAYS, Passing
from core.models import Habit, User
from core.progress import HabitRecord, today_of
from screens import ways, wording
from screens.parts import esc, say, tell
from storage import Store

RUNS: dict[Passing, tuple[str, str, str]] = {  # what stands there until a day, the way to stop it, the way to go on
    "note_until": (
        N_("Today asks for a note with its tick until {day}."),
        N_("Stop asking"),
        N_("Two weeks from today"),
    ),
    "rate_until": (
        N_("Its share stands in place of its streak until {day}."),
        N_("Show the streak"),
        N_("Four weeks from today"),
    ),
}
RUN_BY = {"ask_note", "show_rate_first"}  # actions that are stopped as what runs
FINE, CAREFUL = N_("This is fine for me"), N_("Be careful again")

Edit = Callable[[User], None]


def draw(store: Store, user: User, one: HabitRecord, locale: Locale) -> None:
    """The card; nothing where the coach does nothing out of the ordinary."""
    tier, running = safety.tier_of(one), _running(one)
    taken = [] if one.habit.archived_on is not None else _taken_up(user, one)
    say("habit_coach")  # before the card, which the last answer may take along
    if tier is None and not (one.habit.lifted or running or taken):
        return
    with st.container(border=True, key="habit_coach", gap="small"):
        st.html(f'<h2 class="in-h3">{esc(_("What I do with it"))}</h2>')
        _careful(store, user, one, tier)
        for what in running:
            _run(store, user, one, what, locale)
        for n, given in enumerate(taken):
            done = applying.done_said(given, user.locale)
            _line(done, [(_("Take it back"), f"habit_back_{n}", _on(store, user, _back(given)))], of=done)


def _careful(store: Store, user: User, one: HabitRecord, tier: safety.Tier | None) -> None:
    habit = one.habit
    if tier is not None and tier.may_be_lifted:
        fine = _on(store, user, lambda mine: safety.lift(mine, habit.id, tier.name))
        _line(_(safety.why_of(one, tier)), [(_(FINE), f"habit_lift_{tier.name}", fine)])
    elif tier is not None:
        _line(_(tier.line), [])
    for lifted in (one for one in safety.TIERS if one.name in habit.lifted):
        said = _("{about}: you said that this is fine, so I speak of it as of your other habits.")
        said = said.format(about=_(lifted.about))
        _line(said, [(_(CAREFUL), f"habit_careful_{lifted.name}", _on(store, user, _careful_again(habit, lifted)))])


def _careful_again(habit: Habit, tier: safety.Tier) -> Edit:
    return lambda mine: safety.be_careful_again(mine, habit.id, tier.name)


def _running(one: HabitRecord) -> list[Passing]:
    ends = {what: getattr(one.habit, what) for what in RUNS}
    return [what for what, end in ends.items() if end is not None and end >= one.today]


def _run(store: Store, user: User, one: HabitRecord, what: Passing, locale: Locale) -> None:
    said, stop, go_on = (_(words) for words in RUNS[what])
    end = getattr(one.habit, what)
    taps = [(stop, f"habit_stop_{what}", _on(store, user, lambda mine: offers.stop(mine.habit(one.habit.id), what)))]
    if end < one.today + timedelta(days=FOR_DAYS[what] - 1):
        longer = _on(store, user, lambda mine: offers.go_on(mine.habit(one.habit.id), what, _today(mine)))
        taps.append((go_on, f"habit_go_on_{what}", longer))
    _line(said.format(day=wording.short_day(end, locale)), taps)


def _taken_up(user: User, one: HabitRecord) -> list[dict[str, Any]]:
    """What was changed for the habit by a tap on advice and can be taken back, the newest first."""
    own = [given for given in user.coaching_insights.given[::-1] if given.get("habit") == one.habit.id]
    return [
        given
        for given in own
        if isinstance(given.get("applied"), dict)
        and given["applied"].get("was")
        and given.get("action") not in RUN_BY
        and applying.may_take_back(given, one.today)
    ]


def _back(given: dict[str, Any]) -> Edit:
    def do(mine: User) -> None:
        entry = latest(mine, str(given["id"]), str(given.get("habit") or ""))
        applying.take_back(mine, entry, today=_today(mine))

    return do


def _line(said: str, taps: list[tuple[str, str, Callable[[], None]]], of: str = "") -> None:
    st.html(f'<p class="in-small">{esc(said)}</p>')
    if taps:
        with st.container(horizontal=True, gap="small", key=f"of_{taps[0][1]}"):
            for label, key, do in taps:
                st.button(ways.named(label, of), key=key, on_click=_told(label, do))


def _told(label: str, do: Callable[[], None]) -> Callable[[], None]:
    def tell_too() -> None:
        do()
        tell("habit_coach", _("{button}: done.").format(button=label))

    return tell_too


def _on(store: Store, user: User, edit: Edit) -> Callable[[], None]:
    def do() -> None:
        with store.edit(user.user_id) as mine:
            edit(mine)

    return do


def _today(user: User) -> date:
    return today_of(user, datetime.now(UTC))
