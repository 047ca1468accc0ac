"""Together: the week's leaderboard among those who chose to be seen, and the choice itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import streamlit as st
from babel import Locale

import leaderboard
from core.catalogue import N_, _, n_
from core.localtime import week_start
from core.models import User
from core.progress import today_of
from core.together import NAME_SHOWN, PLANNED_LEAST, Place, planned_on_monday, shown_name
from core.wording import locale_of
from screens import ways, wording
from screens.parts import alert, esc, hold_focus, style
from screens.pictures import drawn
from storage import Store

BACK = "together_weeks_back"  # in the session: how many weeks before this one are shown
WEEKS_BACK_MOST = 8
SHOWN_MOST = 50
REFUSED = "together_refused"  # in the session: what is wrong about the name
NOT_COMPARED = N_("Habits about food, weight, harm or very much training are left out: nobody is compared in them.")
RULES = (
    N_("Your share is what you did of what you had planned that week: six of six counts as much as thirty of thirty."),
    N_("The plan is the one in force on Monday; the board takes in whoever had {least} ticks planned then."),
    N_(
        "Skipped and paused days are left out. More than planned is 100% all the same. The same share is the same "
        "place."
    ),
    NOT_COMPARED,
    N_("A day mended within its week counts; one mended later does not."),
    N_("Others see your display name, your share and the number of your habits: not which they are, and nothing else."),
)


def draw(store: Store, user_id: str) -> None:
    """The screen."""
    style("inner.css")
    style("progress.css")
    hold_focus()
    show(store, user_id, datetime.now(UTC))


def show(store: Store, user_id: str, now: datetime) -> None:
    """The screen as it stands at an instant."""
    user = store.read(user_id)
    leaderboard.note(store, user)
    today, locale = today_of(user, now), locale_of(user.locale)
    with st.container(key="together"):
        ways.link_to_progress()
        if not user.coaching_profile.leaderboard:
            _invite(store, user)
        else:
            _seen(store, user, today, now, locale)
        rules = "".join(f"<li>{_(rule).format(least=PLANNED_LEAST)}</li>" for rule in RULES)
        st.html(f'<h2 class="in-h2">{_("How it is counted")}</h2><ul class="tg-rules">{rules}</ul>')


# --- the choice


def _invite(store: Store, user: User) -> None:
    what = _(
        "By effort against one’s own plan, so that whoever began last week can stand first. You see the board once you "
        "are on it, and leave it in one tap."
    )
    st.html(f'<section class="in-hero"><h1>{_("Your week beside others")}</h1><p>{what}</p></section>')
    with st.container(border=True, key="together_join", gap="small"), st.form("together_join_form", border=False):
        st.text_input(
            _("The name that others see"), user.display_name, max_chars=NAME_SHOWN, key="together_name", width=480
        )
        with st.container():
            if refused := st.session_state.pop(REFUSED, ""):
                alert(refused)
        args = (store, user.user_id)
        st.form_submit_button(_("Join the board"), key="together_go", type="primary", on_click=_join, args=args)


def _join(store: Store, user_id: str) -> None:
    name = (st.session_state.get("together_name") or "").strip()
    if not name or "@" in name:
        st.session_state[REFUSED] = (
            _("An address is not shown to others. Write a name instead.")
            if name
            else _("A name is missing. A first name will do.")
        )
        return
    with store.edit(user_id) as user:
        user.display_name = name
        user.coaching_profile.leaderboard = True
        joined = user
    leaderboard.note(store, joined)


def _leave(store: Store, user_id: str) -> None:
    with store.edit(user_id) as user:
        user.coaching_profile.leaderboard = False
        left = user
    leaderboard.note(store, left)


# --- the board


def _seen(store: Store, user: User, today: date, now: datetime, locale: Locale) -> None:
    back = st.session_state.get(BACK, 0)
    monday = week_start(today) - timedelta(weeks=back)
    board = leaderboard.board(store, monday, now, viewer=user.user_id)
    st.html(_hero(board, monday, today, locale))
    if not any(place.is_mine for place in board):
        st.html(f'<p class="in-note" role="status">{esc(_why_not(user, monday))}</p>')
    with st.container(horizontal=True, key="together_weeks", vertical_alignment="center", gap="xsmall"):
        first = wording.short_day(monday, locale)
        last = wording.short_day(monday + timedelta(days=6), locale)
        st.html(f'<h2 class="in-h2">{esc(_("{first} to {last}").format(first=first, last=last))}</h2>', width="stretch")
        earlier, later = ":material/chevron_left:", ":material/chevron_right:"
        if back < WEEKS_BACK_MOST:
            st.button(_("Earlier"), key="together_earlier", icon=earlier, on_click=_turn, args=(1,))
        if back:
            st.button(_("Later"), key="together_later", icon=later, on_click=_turn, args=(-1,))
    with st.container(border=True, key="board"):
        st.html(rows(board, locale))
    st.button(_("Leave the board"), key="together_leave", on_click=_leave, args=(store, user.user_id))


def _turn(weeks: int) -> None:
    st.session_state[BACK] = max(0, st.session_state.get(BACK, 0) + weeks)


def _hero(board: list[Place], monday: date, today: date, locale: Locale) -> str:
    mine = next((place for place in board if place.is_mine), None)
    is_open = today < monday + timedelta(days=7)
    if mine is None:
        title, said = _("The week beside others"), _counted(len(board), is_open=is_open)
    else:
        one = mine.standing
        ties = sum(place.number == mine.number for place in board) > 1
        title = _("Shared place {n} of {all}") if ties else _("Place {n} of {all}")
        title = title.format(n=mine.number, all=len(board))
        if len(board) == 1:  # a place among nobody says nothing
            title = _("Nobody else is on the board yet") if is_open else _("Nobody else was on the board")
        if is_open:
            said = _("{done} of your {of} planned ticks, {share}. The week is still open.")
        else:
            said = _("{done} of your {of} planned ticks, {share}. The week is over.")
        said = said.format(done=one.done, of=one.of, share=wording.percent(one.share, locale))
    return f'<section class="in-hero"><h1>{esc(title)}</h1><p>{esc(said)}</p></section>'


def _counted(people: int, *, is_open: bool) -> str:
    if is_open:
        said = n_(
            "{n} person on the board; the week is still open.",
            "{n} people on the board; the week is still open.",
            people,
        )
    else:
        said = n_("{n} person on the board; the week is over.", "{n} people on the board; the week is over.", people)
    return said.format(n=people)


def _why_not(user: User, monday: date) -> str:
    if not shown_name(user):
        return _(
            "You are not on the board: it shows names, and yours is empty or an address. Leave it and join with a name."
        )
    planned = planned_on_monday(user, monday)
    if planned < PLANNED_LEAST:
        return _(
            "You are not on this week's board: it takes in whoever had {least} ticks planned on its Monday, in habits "
            "that are compared, and you had {n}. The next week begins with the plan of its own Monday."
        ).format(least=PLANNED_LEAST, n=planned)
    return _("You are not on this week's board: all that was planned is skipped or paused.")


def rows(board: list[Place], locale: Locale) -> str:
    """The first SHOWN_MOST places and one's own; a name, a share and a number of habits each."""
    if not board:
        return f'<p class="in-small">{_("Nobody is on the board of this week yet.")}</p>'
    shown = [place for n, place in enumerate(board) if n < SHOWN_MOST or place.is_mine]
    items = "".join(_row(place, locale) for place in shown)
    left_out = len(board) - len(shown)
    more = n_("{n} more person.", "{n} more people.", left_out).format(n=left_out)
    more = f'<p class="in-small">{more}</p>' if left_out else ""
    return f'<ol class="tg-board">{items}</ol>{more}'


def _row(place: Place, locale: Locale) -> str:
    one = place.standing
    habits = n_("{n} habit", "{n} habits", one.habits)
    if place.is_mine:
        habits = n_("{n} habit, you", "{n} habits, you", one.habits)
    habits = habits.format(n=one.habits)
    share = wording.percent(one.share, locale)
    return (
        f'<li class="{"me" if place.is_mine else ""}"><span class="place p{place.number}">{place.number}</span>'
        f'<div class="who"><b>{esc(one.name)}</b><span>{esc(habits)}</span></div>'
        f'<div class="bar" aria-hidden="true"><u style="width:{drawn.share(one.share)}"></u></div>'
        f'<span class="share">{esc(share)}</span></li>'
    )
