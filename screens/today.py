"""Today: what is done and what is open, ticked in one tap; the week before it, and any earlier one, mended in place."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

import streamlit as st
from babel import Locale

import findings
from core import planning, recording
from core.catalogue import _, n_
from core.coach.quiet import leaves_out
from core.localtime import ONE_DAY, days_between, week_start, zone
from core.models import Pause, User
from core.patterns import Finding, about_of
from core.progress import Record, today_of
from core.wording import count_text, locale_of
from screens import board, looks, ways, wording
from screens.answers import browser_zone
from screens.grid import PERFECT, show_grid
from screens.habits import habit_form, habit_order
from screens.kept import RECORDS
from screens.parts import NO_ROUTES, alert, esc, hold_focus, style
from screens.pictures import drawn, heat
from screens.taps import SITTINGS, Before, Tap, hear_taps
from storage import Store

BACK = "weeks_back"  # in the session: how many weeks before this one are shown
PAGE = "page"  # in the session: the name of this open page, under which its taps are heard
REFUSED = "refused"  # in the session: sentences about taps that could not be recorded
ROUTE = "/taps"  # of web.py


def draw(store: Store, user_id: str) -> None:
    """The screen; what is below runs anew with each tap, without the rest of the page."""
    style("inner.css")
    hold_focus()
    _today(store, user_id)


@st.fragment
def _today(store: Store, user_id: str) -> None:
    show(store, user_id, datetime.now(UTC))


def show(store: Store, user_id: str, now: datetime) -> None:
    """The screen as it stands at an instant."""
    ways.go_to_habit()
    user = store.read(user_id)
    record, locale = RECORDS.record(user, now), locale_of(user.locale)
    with st.container(key="today"):
        st.html(hero(record, now, locale))
        _notices(store, user_id, record, locale)
        with st.container(key="habit_slot"):  # always there: without it everything below would be mounted anew
            habit_form.draw(store, user_id, record, locale)
        left, right = st.columns([2.05, 1], gap="medium")
        with left:
            _week(store, user_id, record, now, locale)
        with right:
            _mending(store, user_id, record, locale)
            _coach(store, record)
            _heat(record, locale)


# --- recording


def _hear(store: Store, user_id: str) -> Callable[[list[Tap]], None]:
    def hear(taps: list[Tap]) -> None:
        outcome = hear_taps(store, user_id, open_page(), taps, now=datetime.now(UTC), tz=zone_of_tap())
        st.session_state[REFUSED] = outcome.refused
        if outcome.edit is not None:
            habit_form.open_form(outcome.edit)
        ways.ask_for_habit(outcome.page)

    return hear


def open_page() -> str:
    """The name of this open page."""
    return str(st.session_state.setdefault(PAGE, secrets.token_hex(8)))


def zone_of_tap() -> tzinfo | None:
    """The zone of the browser that taps, None when it does not say."""
    name = browser_zone()
    return zone(name) if name else None


def _take_back(store: Store, user_id: str) -> None:
    mended = SITTINGS.of((user_id, open_page())).mended
    with store.edit(user_id) as user:
        for (habit, day), entry in mended.items():
            recording.put_back(user, habit, day, entry)
    mended.clear()


def _end_pause(store: Store, user_id: str, habit: str | None) -> None:
    with store.edit(user_id) as user:
        planning.end_pause(user, habit, today=today_of(user, datetime.now(UTC)))


# --- the head


def hero(record: Record, now: datetime, locale: Locale) -> str:
    """Greeting, date, what is done of what is due, XP and level; grid.js writes what a tap moves into it."""
    name, said = record.user.display_name.strip(), board.head(record, locale)
    greeted = greeting(record.user, now) + (f", {esc(name)}" if name else "")
    perfect = esc(_(PERFECT)) if said["perfect"] else ""
    return (
        f'<section class="td-hero{" perfect" if perfect else ""}" aria-label="{esc(_("Today"))}"><h1>{greeted}</h1>'
        f"<p>{esc(wording.long_day(record.today, locale))}<i> · </i><b>{said['said']}</b></p>"
        f'<div class="td-level"><small>{esc(_("LEVEL"))}</small>{said["level"]}</div>'
        f'<div class="td-xp"><div><span>{said["xp"]}</span><span>{said["missing"]}</span></div>'
        f'<div class="td-bar" aria-hidden="true"><i style="width:{said["filled"]}"></i></div></div>'
        f'<p class="td-perfect" role="status">{perfect}</p></section>'
    )


def greeting(user: User, now: datetime) -> str:
    """By the hour of the person's wall clock."""
    hour = now.astimezone(zone(user.coaching_profile.timezone)).hour
    return _("Good morning") if 4 <= hour < 12 else _("Good afternoon") if 12 <= hour < 18 else _("Good evening")


def _notices(store: Store, user_id: str, record: Record, locale: Locale) -> None:
    for sentence in st.session_state.pop(REFUSED, []):
        alert(sentence)
    if record.user.is_refused:
        with st.container(horizontal=True, key="refused_line", vertical_alignment="center"):
            said = _("No letter reaches you: the mail server refused your address.")
            st.html(f'<p class="in-small">{esc(said)}</p>', width="content")
            st.page_link(st.Page(_elsewhere, title=_("Profile"), url_path="profile"), label=_("What to do"))
    paused = _pauses(record)
    if paused:
        until = wording.long_day(max(p.to for p in paused), locale)
        with st.container(horizontal=True, key="paused", vertical_alignment="center"):
            said = _("<b>Paused until {day}.</b> Streaks wait, and no letter leaves.").format(day=esc(until))
            st.html(f"<p>{said}</p>", width="stretch")
            st.button(_("I am back"), key="end_pause", on_click=_end_pause, args=(store, user_id, None))


def _pauses(record: Record) -> list[Pause]:
    """Those of all habits that hold today."""
    return [p for p in record.user.pauses if p.habit is None and p.start <= record.today <= p.to]


def has_notices(record: Record) -> bool:
    """Whether something is said between the head and the week."""
    return record.user.is_refused or bool(_pauses(record))


# --- the week


def _week(store: Store, user_id: str, record: Record, now: datetime, locale: Locale) -> None:
    back = st.session_state.get(BACK, 0)
    last = record.today - timedelta(days=7 * back)
    days = days_between(last - timedelta(days=6), last)
    _week_head(record, days, locale)
    shown = board.board_of(record, days, now)
    if shown["rows"]:
        route = "" if st.user.get("session") is NO_ROUTES else ROUTE
        show_grid(shown, user_id, open_page(), route, _hear(store, user_id))
    elif not record.user.habits:
        _empty(_("Your habits will stand here, one row each, ticked in one tap."))
    else:
        _empty(_("No habit was on the list in this week."))
    with st.container(horizontal=True, key="list_tools", gap="small"):
        st.button(
            _("New habit"),
            key="new_habit",
            type="secondary" if record.habits else "primary",
            icon=":material/add:",
            on_click=habit_form.open_form,
            args=(habit_form.NEW,),
        )
        habit_order.draw(store, user_id, record)
    _archived(store, user_id, record, locale)


def _empty(said: str) -> None:
    st.html(f'<p class="in-empty">{esc(said)}</p>')


def _week_head(record: Record, days: list[date], locale: Locale) -> None:
    back = st.session_state.get(BACK, 0)
    first = min([one.first for one in record.habits], default=record.today)
    with st.container(horizontal=True, key="week_head", vertical_alignment="center", gap="xsmall"):
        ends = {"first": wording.short_day(days[0], locale), "last": wording.short_day(days[-1], locale)}
        title = _("{first} to {last}").format(**ends) if back else _("Today")
        st.html(f'<h2 class="in-h2">{esc(title)}</h2>', width="stretch")
        if not record.habits:
            return
        st.button(
            _("Earlier"),
            key="earlier",
            icon=":material/chevron_left:",
            on_click=_move,
            args=(1,),
            disabled=days[0] <= first,
        )
        if back:
            st.button(_("Later"), key="later", icon=":material/chevron_right:", on_click=_move, args=(-1,))
        with st.popover(_("Mend a day"), icon=":material/healing:"):
            st.date_input(
                _("Which day?"),
                value=None,
                min_value=first,
                max_value=record.today,
                format=wording.date_pattern(),
                key="mend_day",
                on_change=_go_to,
                args=(record.today,),
            )
            said = _("Its week opens here. It counts the same, whenever you enter it.")
            st.html(f'<p class="in-small">{esc(said)}</p>')


def _move(weeks: int) -> None:
    st.session_state[BACK] = max(0, st.session_state.get(BACK, 0) + weeks)


def _go_to(today: date) -> None:
    day = st.session_state.get("mend_day")
    if isinstance(day, date):
        st.session_state[BACK] = (today - day).days // 7


def _archived(store: Store, user_id: str, record: Record, locale: Locale) -> None:
    away = [one for one in record.habits if one.habit.archived_on is not None]
    if not away:
        return
    with st.expander(_("Archived ({n})").format(n=len(away)), key="archived"):
        for one in away:
            with st.container(horizontal=True, vertical_alignment="center", key=f"archived_{one.habit.id}"):
                since = wording.short_day(one.habit.archived_on or record.today, locale, year=True)
                said = n_("since {day}, {n} day done", "since {day}, {n} days done", len(one.done))
                said = said.format(day=since, n=count_text(len(one.done)))
                words = f"<div><b>{esc(one.habit.name)}</b><span>{esc(said)}</span></div>"
                st.html(f'<div class="in-line">{looks.icon(one.habit)}{words}</div>', width="stretch")
                args = (store, user_id, one.habit.id)
                label = ways.named(_("Restore"), one.habit.name)
                st.button(label, key=f"restore_{one.habit.id}", on_click=_restore, args=args)


def _restore(store: Store, user_id: str, habit_id: str) -> None:
    with store.edit(user_id) as user:
        planning.restore_habit(user, habit_id, today=today_of(user, datetime.now(UTC)))


# --- beside it


def _mending(store: Store, user_id: str, record: Record, locale: Locale) -> None:
    before = dict(SITTINGS.of((user_id, open_page())).mended)
    changed = [key for key, entry in before.items() if record.user.completions.get(key[0], {}).get(key[1]) != entry]
    if not changed:
        return
    with st.container(border=True, key="mended", gap="small"):
        title = _mended_words(record, before, changed, locale)
        said = n_(
            "Its hour stays unknown. Letters already sent stay as they were.",
            "Their hours stay unknown. Letters already sent stay as they were.",
            len(changed),
        )
        st.html(f'<div role="status"><h2 class="in-h2">{esc(title)}</h2></div><p class="in-small">{esc(said)}</p>')
        args = (store, user_id)
        st.button(_("Take it all back"), key="take_back", icon=":material/undo:", on_click=_take_back, args=args)


def _mended_words(record: Record, before: Before, changed: list[tuple[str, date]], locale: Locale) -> str:
    """How many days, and by how much the XP moved, where that may be said of each of them."""
    if any(leaves_out(record.of(habit), "xp") for habit in {habit for habit, _day in changed}):
        return n_("{n} day mended", "{n} days mended", len(changed)).format(n=len(changed))
    title = n_("{n} day mended, {xp} XP", "{n} days mended, {xp} XP", len(changed))
    return title.format(n=len(changed), xp=wording.signed(xp_gained(record, before), locale))


def xp_gained(record: Record, before: Before) -> int:
    """By how much the XP moved since those days were as in `before`."""
    then = record.user.model_copy(deep=True)
    for (habit, day), entry in before.items():
        recording.put_back(then, habit, day, entry)
    return record.xp - Record(then, record.today).xp


def _coach(store: Store, record: Record) -> None:
    said = "".join(f"<b>{esc(words)}</b>" if is_name else esc(words) for words, is_name in board.coach_word(record))
    found = _found(store, record)
    claim = f'<p class="td-found">{drawn.counts_stand_out(found.text)}</p>' if found else ""
    with st.container(border=True, key="coach", gap="small"):
        st.html(f'<p class="in-tag">{esc(_("Coach"))}</p><p class="td-word">{said}</p>{claim}')
        ways.link_to_coaching(ways.name_of_finding(found.kind, about_of(found.habit, found.evidence)) if found else "")


def _found(store: Store, record: Record) -> Finding | None:
    """One of the findings that the last night stands behind, another each day."""
    found = findings.standing(store, record.user, record.today)
    sure = [one for one in found if one.confidence == "established"]
    return sure[record.today.toordinal() % len(sure)] if sure else None


def _elsewhere() -> None:
    """Stands for the page of that address; tracker.py says what it draws."""


def _heat(record: Record, locale: Locale) -> None:
    first = board.heat_first(record)
    last = first + timedelta(weeks=board.HEAT_WEEKS) - ONE_DAY
    title = _("Seven weeks") if week_start(last) == week_start(record.today) else _("Your first seven weeks")
    with st.container(border=True, key="heat", gap="small"):
        st.html(f'<h2 class="in-h2">{esc(title)}</h2>{heat.heat_map(record, first, locale, "seven", last)}')
