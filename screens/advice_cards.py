"""Advice on the Coaching screen: each piece with what a tap does, and what came of those given before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any, Literal

import streamlit as st

import coaching_engine
from advice_pool import beliefs_for
from core.catalogue import N_, _
from core.coach.advising import applying
from core.coach.advising.applying import change_for
from core.coach.advising.followup import Feedback, Followed, answer, followed, latest, said_of
from core.coach.advising.offers import TRY, Change
from core.coach.advising.outcomes import Count
from core.coach.keeping import way_back
from core.coach.standing import Look
from core.models import Habit
from core.recording import RecordingError
from core.wording import locale_of
from screens import looks, ways, wording
from screens.parts import alert, esc, say, tell
from screens.pictures import drawn
from storage import Store

CAME_MOST = 4  # outcomes drawn; the others stand in the list
LISTED_MOST = 30
TAKE_BACK = N_("Take it back")
CHANNELS = {"screen": N_("here"), "digest": N_("in a digest"), "drip": N_("in a letter")}
ANSWERS: tuple[tuple[str, str, Feedback], ...] = (
    (N_("Helpful"), ":material/thumb_up:", "yes"),
    (N_("Not helpful"), ":material/thumb_down:", "no"),
)
NOTED: dict[Feedback | None, str] = {
    "yes": N_("Noted as helpful."),
    "no": N_("Noted as not helpful."),
    None: N_("Your answer is taken back."),
}

Given = dict[str, Any]


def small_plans(look: Look) -> bool:
    """For each habit that has lapsed a small way back; answers whether there is any."""
    plans = way_back(look.record, look.states, look.seen.away)
    for habit_id, steps in plans.items():
        habit = look.user.habit(habit_id)
        rows = "".join(f"<li><i>{n}</i><span>{esc(step)}</span></li>" for n, step in enumerate(steps, start=1))
        with st.container(border=True, key=f"way_back_{habit_id}"):
            st.html(
                f'<article><header class="in-line">{looks.icon(habit)}<h3 class="in-h3">{esc(habit.name)}</h3></header>'
                f'<ol class="co-list">{rows}</ol></article>'
            )
    return bool(plans)


def to_try(store: Store, look: Look, given: Sequence[Given], question: Given | None) -> None:
    """The advice of the week, a card each; no praise of a habit that has lapsed since. Without any, the question.

    The first that offers a step stands out, as long as none is taken up: one step is enough.
    """
    given = [one for one in given if _asks_for_a_change(one) or look.states.get(one["habit"]) != "needs restart"]
    if not given and question is not None:
        _question(look, question)
    elif not given:
        st.html(f'<p class="in-empty">{esc(_("Nothing new to suggest today. I look every night."))}</p>')
    first = None if any(one.get("applied") for one in given) else next(filter(partial(_is_offered, look), given), None)
    for one in given:
        _card(store, look, one, is_first=one is first)


def what_came(store: Store, look: Look, given: Sequence[Given]) -> None:
    """Before and after of what was given, the newest first; then everything there was."""
    untreated = beliefs_for(store, look.today).untreated
    library = coaching_engine.library()
    told = list(followed(look.record, look.seen.away, library, untreated))[::-1]
    measured = [
        one
        for one in told
        if one.outcome.state in ("known", "provisional") and (one.is_tried or _asks_for_a_change(one.given))
    ]
    shown = sorted(measured, key=lambda one: not one.is_tried)[:CAME_MOST]
    with st.container(border=True, key="came"):
        say("came")
        if not shown:
            said = _(
                "Nothing yet. When seven days have passed since a piece of advice, the days before and after stand "
                "here side by side."
            )
            st.html(f'<p class="in-small">{esc(said)}</p>')
        for n, one in enumerate(shown):
            st.html(_came(look, one))
            if one.is_tried and one.outcome.is_final and applying.may_take_back(one.given, look.today):
                _keep_or_not(store, look, one.given, n)
        earlier = [one for one in told if not any(_is_same(one.given, drawn_now) for drawn_now in given)]
        if earlier:
            with st.expander(_("All that I have suggested before ({n})").format(n=len(earlier))):
                for n, one in enumerate(earlier[:LISTED_MOST]):
                    _row(store, look, one, n)


def _question(look: Look, asked: Given) -> None:
    habit = _habit(look, asked)
    face = looks.icon(habit) if habit else f'<i class="in-ico" {looks.shade(None)} aria-hidden="true">?</i>'
    said = _("All that fits your days by now has been said, so this week I ask. An answer for yourself is enough.")
    with st.container(border=True, key="question"):
        st.html(
            f'<article class="co-advice">{face}<div><span>{esc(habit.name if habit else _("For you"))}</span>'
            f'<h3 class="in-h3">{esc(_said(look, asked)[0])}</h3><p>{esc(said)}</p></div></article>'
        )


# --- one piece to try


def _card(store: Store, look: Look, given: Given, *, is_first: bool) -> None:
    key = _key(given)
    habit = _habit(look, given)
    mark, (text, because) = coaching_engine.icon_of(str(given.get("technique"))), _said(look, given)
    face = looks.icon(habit) if habit else f'<i class="in-ico" {looks.shade(None)} aria-hidden="true">{esc(mark)}</i>'
    why = f"<p>{esc(_('Because {reason}.').format(reason=because))}</p>" if because else ""
    with st.container(border=True, key=f"advice_{key}", gap="small"):
        st.html(
            f'<article class="co-advice">{face}<div><span>{esc(habit.name if habit else _("For your plan"))}</span>'
            f'<h3 class="in-h3">{esc(text)}</h3>{why}</div></article>'
        )
        applied = given.get("applied")
        with st.container():  # always there: without it the buttons below would be mounted anew
            if applied:
                said = _("{done}. I compare before and after in two weeks.")
                _applied(said.format(done=applying.done_said(given, look.user.locale)), key)
            if trouble := st.session_state.pop(f"trouble_{key}", ""):
                alert(trouble)
        with st.container(
            horizontal=True,
            key=f"taps_{key}",
            gap="small",
            horizontal_alignment="distribute",
            vertical_alignment="center",
        ):
            change = change_for(look.record, given, look.findings)
            if applied and applying.may_take_back(given, look.today):
                _back_button(store, look, given, f"back_{key}", key, text)
            elif not applied and _is_offered(look, given):
                with st.container(horizontal=True, key=f"offers_{key}", gap="small", width="content"):
                    _offer(store, look, given, change, key, "primary" if is_first else "secondary")
            with st.container(horizontal=True, key=f"thumbs_{key}", gap="small", width="content"):
                _thumbs(store, look, given, key, text)
        say(key)


def _applied(said: str, key: str) -> None:
    """What was taken up, read out once: when it has just been."""
    role = ' role="status"' if st.session_state.pop(f"taken_{key}", False) else ""
    st.html(f'<p class="co-done"{role}>✓ {esc(said)}</p>')


def _is_offered(look: Look, given: Given) -> bool:
    """Whether a piece that is not taken up has a step to take up."""
    return change_for(look.record, given, look.findings).button != _(TRY) or _asks_for_a_change(given)


def _offer(
    store: Store, look: Look, given: Given, change: Change, key: str, kind: Literal["primary", "secondary"]
) -> None:
    icon = ":material/check:" if change.button == _(TRY) else ":material/bolt:"
    if change.send:
        st.link_button(_("Write to somebody"), change.send, icon=":material/mail:")
    if not change.ask:
        st.button(change.button, key=f"apply_{key}", icon=icon, type=kind, on_click=_take_up(store, look, given, ""))
        return
    with st.popover(change.button, icon=icon, type=kind):
        field, asks = f"said_{key}", ways.safe(change.ask)
        if change.why:
            st.html(f'<p class="in-small">{esc(change.why)}</p>')
        if change.sort == "choice":
            st.selectbox(asks, change.choices, change.choices.index(change.proposal), key=field)
        elif change.sort == "number":
            st.number_input(asks, 0.0, value=float(change.proposal), step=1.0, format="%g", key=field)
        elif change.sort == "clock":
            hour, minute = (int(part) for part in (change.proposal or "08:00").split(":"))
            st.time_input(asks, time(hour, minute), key=field, step=300)
        else:
            st.text_input(asks, change.proposal, key=field, max_chars=applying.CUE_MOST)
        st.button(_("Apply"), key=f"apply_{key}", type="primary", on_click=_take_up(store, look, given, field))


def _thumbs(store: Store, look: Look, given: Given, key: str, *of: str) -> None:
    for label, icon, word in ANSWERS:
        kept = given.get("feedback") == word
        st.button(
            ways.named(_(label), _("your answer") if kept else "", *of),
            key=f"thumb_{word}_{key}",
            icon=icon,
            type="primary" if kept else "tertiary",
            on_click=_answer(store, look, given, None if kept else word, key),
        )


def _take_up(store: Store, look: Look, given: Given, field: str) -> Callable[[], None]:
    def do() -> None:
        said = st.session_state.get(field, "") if field else ""
        words = _written(said)
        try:
            with store.edit(look.user.user_id) as user:
                now = coaching_engine.look_now(user, datetime.now(UTC))
                mine = latest(user, str(given["id"]), str(given.get("habit") or ""))
                applying.apply(user, mine, change_for(now.record, mine, now.findings), words, today=now.today)
            st.session_state[f"taken_{_key(given)}"] = True
        except RecordingError as error:
            st.session_state[f"trouble_{_key(given)}"] = str(error)

    return do


def _written(said: object) -> str:
    """What stands in a field, as words."""
    if isinstance(said, time):
        return f"{said:%H:%M}"
    return f"{said:.10g}" if isinstance(said, float) else str(said or "")


def _back_button(store: Store, look: Look, given: Given, key: str, place: str, *of: str) -> None:
    on_click = _back(store, look, given, place)
    st.button(ways.named(_(TAKE_BACK), *of), key=key, icon=":material/undo:", on_click=on_click)


def _back(store: Store, look: Look, given: Given, place: str) -> Callable[[], None]:
    def do() -> None:
        done = applying.done_said(given, look.user.locale)
        tell(place, _("Taken back: {done}.").format(done=done))
        with store.edit(look.user.user_id) as user:
            mine = latest(user, str(given["id"]), str(given.get("habit") or ""))
            applying.take_back(user, mine, today=look.today)

    return do


def _answer(store: Store, look: Look, given: Given, word: Feedback | None, place: str) -> Callable[[], None]:
    def do() -> None:
        tell(place, _(NOTED[word]))
        with store.edit(look.user.user_id) as user:
            answer(user, str(given["id"]), str(given.get("habit") or ""), word)

    return do


# --- what came of it


def _came(look: Look, one: Followed) -> str:
    habit = _habit(look, one.given)
    sides = ((_("before"), one.outcome.before), (_("since"), one.outcome.after))
    rows = "".join(_cells(label, count) for label, count in sides)
    spoken = ", ".join(f"{drawn.done_of(*count)} {label}" for label, count in sides)
    name = f"<span>{esc(habit.name)}</span>" if habit else ""
    return (
        f'<article class="co-came" {looks.shade(habit)}>{name}<h3 class="in-h3">{esc(_text(look, one.given))}</h3>'
        f'{drawn.figure("", spoken, rows)}<p class="in-small">{esc(one.said(look.record))}</p></article>'
    )


def _keep_or_not(store: Store, look: Look, given: Given, n: int) -> None:
    """A trial that is over is kept unless the person says otherwise."""
    with st.container(horizontal=True, key=f"trial_{n}", gap="small", vertical_alignment="center"):
        st.html(f'<p class="in-small">{esc(_("It stays as it is, unless you take it back."))}</p>')
        _back_button(store, look, given, f"trial_back_{n}", "came", _text(look, given))


def _cells(label: str, count: Count) -> str:
    done, of = count
    cells = "".join(f'<i class="{"on" if n < done else "off"}"></i>' for n in range(of))
    return f'<div class="co-cells"><span>{esc(label)}</span><div>{cells}</div>{drawn.count_cell(done, of)}</div>'


def _row(store: Store, look: Look, one: Followed, n: int) -> None:
    locale = locale_of(look.user.locale)
    day = wording.short_day(date.fromisoformat(str(one.given["day"])[:10]), locale)
    where = _(CHANNELS.get(str(one.given.get("channel")), ""))
    key = f"row_{n}_{_key(one.given)}"
    came = f" {esc(one.said(look.record))}" if one.outcome.is_final or one.is_tried else ""
    st.html(f'<p class="co-row"><b>{esc(_text(look, one.given))}</b><span>{esc(day)}, {where}.{came}</span></p>')
    with st.container(horizontal=True, key=f"row_{n}", gap="small"):
        if applying.may_take_back(one.given, look.today):
            _back_button(store, look, one.given, f"row_back_{n}", key, _text(look, one.given), day)
        _thumbs(store, look, one.given, key, _text(look, one.given), day)
    say(key)


def _text(look: Look, given: Given) -> str:
    """Its words; some older entries kept none."""
    text, habit = _said(look, given)[0], _habit(look, given)
    if not text:
        return _("An idea for {habit}").format(habit=habit.name) if habit else _("An idea for your plan")
    return text


def _said(look: Look, given: Given) -> tuple[str, str]:
    """Its words and its reason, as the person reads them now."""
    return said_of(given, coaching_engine.library(), look.user.locale)


def _habit(look: Look, given: Given) -> Habit | None:
    return next((habit for habit in look.user.habits if habit.id == given.get("habit")), None)


def _asks_for_a_change(given: Given) -> bool:
    library = coaching_engine.library()
    technique = library.techniques.get(str(given.get("technique")))
    return technique is not None and not technique.insight


def _is_same(one: Given, other: Given) -> bool:
    return (one["id"], one.get("habit"), one["day"]) == (other["id"], other.get("habit"), other["day"])


def _key(given: Given) -> str:
    return f"{given['id']}_{given.get('habit') or 'me'}"
