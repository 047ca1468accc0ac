"""Profile, in three rooms: answers, pause, tone and language; the letters; the account and the way out."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import streamlit as st
from babel import Locale, localedata

from core import catalogue, planning
from core.catalogue import N_, _, language_of, p_
from core.localtime import ONE_DAY, day_number
from core.models import Pause, User
from core.progress import record_of, today_of
from core.recording import RecordingError
from core.wording import capitalized, locale_of
from onboarding import show_profile_editor
from screens import language, wording
from screens.parts import alert, done, esc, hold_focus, style
from screens.profile_rooms.account import draw_account
from screens.profile_rooms.letters import draw_letters, draw_refusal
from storage import Store

ROOM = "room"  # in the session and in the address: which of the rooms is open
SAID = "profile_said"  # in the session: ("done" or "alert", sentence) about the pause
TONES = {"plain": N_("Plain"), "warm": N_("Warm"), "playful": N_("Playful")}
PAUSE_DAYS = 7  # that the form begins with
REGION = re.compile(r"([-_])([A-Za-z]{2}|\d{3})$")


def draw(store: Store, user_id: str) -> None:
    """The screen."""
    style("inner.css")
    hold_focus()
    show(store, user_id, datetime.now(UTC))


def show(store: Store, user_id: str, now: datetime) -> None:
    """The screen as it stands at an instant."""
    user = store.read(user_id)
    today, locale = today_of(user, now), locale_of(user.locale)
    with st.container(key="profile"):
        st.html(head(user, now))
        draw_refusal(store, user, now)
        you, letters, account = st.tabs(_rooms(), key=ROOM, bind="query-params")
        with you:  # drawn in every run: what is typed in its form would go with it
            with st.container(border=True, key="profile_editor"):
                show_profile_editor(user_id, now=now, store=store)
            _pause(store, user, today, locale)
            _tone(store, user)
            if len(languages()) > 1:
                _language(store, user)
        with letters:
            if letters.open:
                draw_letters(store, user, now, change=_to_the_first_room)
        with account:
            if account.open:
                draw_account(store, user, now)


def _rooms() -> list[str]:
    return [p_("a room", "You"), _("Letters"), _("Account")]


def _to_the_first_room() -> None:
    st.session_state[ROOM] = _rooms()[0]


def head(user: User, now: datetime) -> str:
    """Who this is: name, Day N, level, address."""
    record = record_of(user, now)
    name = user.display_name.strip() or user.email or _("You")
    day = _("Day {n}").format(n=day_number(user.created_at, record.today))
    facts = [day, _("Level {n}").format(n=record.level.number), user.email]
    said = " · ".join(esc(fact) for fact in facts if fact)
    initial = f'<i aria-hidden="true">{esc(name[:1].upper())}</i>'
    return f'<div class="pf-head">{initial}<div><h1>{esc(name)}</h1><p>{said}</p></div></div>'


# --- the coach's tone


def _tone(store: Store, user: User) -> None:
    key = f"coach_tone_{catalogue.language()}"  # the browser knows it by its words

    def keep() -> None:
        with store.edit(user.user_id) as fresh:
            fresh.coaching_profile.tone = st.session_state.get(key)

    with st.container(border=True, key="tone_card", gap="small"):
        st.html(f'<h2 class="in-h2">{_("The coach’s tone")}</h2>')
        st.segmented_control(
            _("How advice is said"),
            list(TONES),
            default=user.coaching_profile.tone,
            format_func=lambda tone: _(TONES[tone]),
            key=key,
            on_change=keep,
        )
        none_chosen = _(
            "None chosen: the coach finds one by your answers and your record. Near grief it is plain, and on delicate "
            "habits never playful, whatever stands here."
        )
        st.html(f'<p class="in-small">{none_chosen}</p>')


# --- the language


def languages() -> list[str]:
    """Those that people are spoken to in."""
    return [code for code in catalogue.OFFERED if catalogue.is_offered(code)]


def in_language(locale: str, code: str) -> str:
    """A locale with another language, in the same region where there is such a one: `en-AT` for `de-AT`."""
    if language_of(locale) == code:
        return locale
    region = REGION.search(locale)
    known = region and localedata.exists(f"{code}_{region[2].upper()}")
    return f"{code}{region[1]}{region[2]}" if region and known else code


def _language(store: Store, user: User) -> None:
    def keep() -> None:
        with store.edit(user.user_id) as fresh:
            fresh.locale = in_language(fresh.locale, st.session_state["language"])
        language.speak(fresh.locale)

    codes = languages()
    with st.container(border=True, key="language_card", gap="small"):
        st.html(f'<h2 class="in-h2">{_("Language")}</h2>')
        st.selectbox(
            _("What I speak, here and in your letters"),
            codes,
            index=codes.index(language_of(user.locale)),
            format_func=_own_name,
            key="language",
            on_change=keep,
            width=320,
        )


def _own_name(code: str) -> str:
    """A language by the name that it calls itself."""
    return capitalized(Locale(code).get_display_name(code) or code)


# --- a pause


def _pause(store: Store, user: User, today: date, locale: Locale) -> None:
    with st.container(border=True, key="pause", gap="small"):
        what = _(
            "A holiday, an illness, a full month. Streaks wait, no letter leaves, no day of it is a miss. A break that "
            "is over can be declared as well."
        )
        st.html(f'<h2 class="in-h2">{_("A break from all of it")}</h2><p class="in-small">{what}</p>')
        coming = sorted((p for p in user.pauses if p.habit is None and p.to >= today), key=lambda p: p.start)
        if coming:
            st.html(f'<p class="in-note">{_pauses_said(coming, locale)}</p>')
            st.button(
                _("End it") if coming[0].start <= today else _("Take it out"),
                key="pause_end",
                on_click=_end,
                args=(store, user.user_id),
            )
        else:
            tomorrow = today + ONE_DAY
            usual = (tomorrow, tomorrow + timedelta(days=PAUSE_DAYS - 1))
            st.date_input(_("First and last day"), usual, key="pause_days", width=320, format=wording.date_pattern())
            st.button(_("Pause"), key="pause_go", icon=":material/pause:", on_click=_begin, args=(store, user.user_id))
        kind, sentence = st.session_state.pop(SAID, ("", ""))
        if kind:
            (done if kind == "done" else alert)(sentence)


def _pauses_said(pauses: list[Pause], locale: Locale) -> str:
    span = _("{first} to {last}")
    spans = (span.format(first=wording.long_day(p.start, locale), last=wording.long_day(p.to, locale)) for p in pauses)
    return _("<b>Paused:</b> {spans}.").format(spans=esc("; ".join(spans)))


def _begin(store: Store, user_id: str) -> None:
    days: tuple[date, ...] = st.session_state.get("pause_days") or ()
    try:
        if len(days) != 2:
            raise RecordingError(_("The last day of the pause is missing. Choose it as well."))
        with store.edit(user_id) as user:
            planning.pause(user, days[0], days[1])
            locale = locale_of(user.locale)
        back = wording.long_day(days[1] + ONE_DAY, locale)
        st.session_state[SAID] = ("done", _("Noted. The first day after it is {day}.").format(day=back))
    except RecordingError as error:
        st.session_state[SAID] = ("alert", str(error))


def _end(store: Store, user_id: str) -> None:
    with store.edit(user_id) as user:
        planning.end_pause(user, today=today_of(user, datetime.now(UTC)))
    st.session_state[SAID] = ("done", _("The break is over. Today counts."))
