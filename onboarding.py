"""The seven questions of a new person: ask them, keep the answers, and edit them later in the Profile screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from core.catalogue import N_, _, language
from core.localtime import day_number, parse_clock, zone
from core.models import GOALS, OBSTACLES, User
from core.planning import add_habit, every_day
from core.progress import today_of
from core.questions import QUESTIONS, Answers, UnansweredError, checked_answers, missing_answers, put_answers
from screens import answers as fields
from screens.parts import alert, done, esc
from screens.questions import Draft, ask
from settings import read_settings
from storage import Store, open_store

__all__ = [
    "calculate_days_since_signup",
    "has_completed_onboarding",
    "missing_answers",
    "save_onboarding_profile",
    "save_profile",
    "show_onboarding_modal",
    "show_profile_editor",
]

LETTERS_EVERY = {1: N_("Every day"), 2: N_("Every second day"), 7: N_("Once a week")}
DIGEST_STEP_SECONDS = 900  # of the hours offered for the digest; any other can be typed
KNOWN = "pe_known"  # in the session: what the document had when the form was drawn
BEGINS_WITH = "pe_begins_with"  # in the session: the value with which each field was first drawn
PUT = "pe_put"  # in the session: the fields that a callback has given another value
SAID_IN = "pe_said_in"  # in the session: the language in which the form was drawn
CHOICES = ("pe_w_life_goals", "pe_w_biggest_obstacle", "pe_w_chronotype", "pe_every", "pe_day_ends_at")

ss = st.session_state


def save_onboarding_profile(
    user_id: str, responses: Mapping[str, Any], *, now: datetime | None = None, store: Store | None = None
) -> bool:
    """Save the seven answers; True once they are. The first time it also sets the digest's hour by chronotype,
    makes the main habit the first habit and clears the draft, so saving twice makes nothing twice.

    Raises UnansweredError (a ValueError, one sentence) when an answer is missing or unknown, and changes nothing.
    """
    answers = checked_answers(responses)
    with (store or _store()).edit(user_id) as user:
        put_answers(user.coaching_profile, answers)
        if not user.coaching_profile.onboarding_complete:
            _begin(user, now or datetime.now(UTC))
        user.onboarding_draft = {}
    return True


def save_profile(
    user_id: str, responses: Mapping[str, Any], wishes: Mapping[str, Any], *, store: Store | None = None
) -> None:
    """Save the answers and the `wishes` beside them: digest_time (HH:MM), notifications_enabled, day_ends_at (hour),
    and digest, drip, every of the letters. Raises UnansweredError and then changes nothing.
    """
    answers = checked_answers(responses)
    with (store or _store()).edit(user_id) as user:
        profile = user.coaching_profile
        has_moved = wishes["digest_time"] != profile.digest_time
        put_answers(profile, answers)
        if has_moved:  # an hour of one's own comes before the chronotype's
            profile.digest_time = wishes["digest_time"]
        profile.notifications_enabled = wishes["notifications_enabled"]
        profile.day_ends_at = wishes["day_ends_at"]
        for name in ("digest", "drip", "every"):
            setattr(profile.letters, name, wishes[name])


def has_completed_onboarding(user_id: str, *, store: Store | None = None) -> bool:
    """Whether the seven questions are answered. Raises NotStored, StoreError."""
    return (store or _store()).read(user_id).coaching_profile.onboarding_complete


def calculate_days_since_signup(user_id: str, *, now: datetime | None = None, store: Store | None = None) -> int:
    """N of that person's Day N. Raises NotStored, StoreError."""
    user = (store or _store()).read(user_id)
    return day_number(user.created_at, today_of(user, now or datetime.now(UTC)))


def _store() -> Store:
    return open_store(read_settings().data_dir)


def _begin(user: User, now: datetime) -> None:
    """The first day: the questions are answered, and the main habit is the first habit, daily from today."""
    profile = user.coaching_profile
    user.onboarded_at = now.astimezone(zone(profile.timezone)).replace(microsecond=0)
    profile.onboarding_complete = True
    if any(habit.name.casefold() == profile.main_habit.casefold() for habit in user.habits):
        return
    today = today_of(user, now)
    add_habit(user, profile.main_habit, every_day(today), today=today, goal=profile.life_goals[0])
    user.habits = [user.habits[-1], *user.habits[:-1]]


def show_onboarding_modal(
    user_id: str | None = None, *, now: datetime | None = None, store: Store | None = None
) -> bool:
    """Draw the question that is next, or the answers read back. True in the run in which the person says that they
    are right; they stand in st.session_state["onboarding_responses"]. With a user id the draft survives a reload.
    """
    store = store or (_store() if user_id else None)
    user = store.read(user_id) if store and user_id else None
    is_right = ask(Draft(store, user_id), user, now or datetime.now(UTC))
    ss.onboarding_responses = dict(ss.ob_answers)
    return is_right


def show_profile_editor(user_id: str, *, now: datetime | None = None, store: Store | None = None) -> None:
    """Draw the form with the seven answers, the letters and the end of the day. What is missing is said beside its
    field, and then nothing is saved; a browser in another zone is asked about."""
    store = store or _store()
    user = store.read(user_id)
    _ask_about_zone(store, user, now or datetime.now(UTC))
    begins_with = _follow(_as_edited(user))
    missing: dict[str, str] = ss.get("pe_missing", {})
    with st.form("pe_form", border=False, enter_to_submit=False):
        answers, letters = st.columns([1.6, 1], gap="large")
        with answers:
            _draw_answers(user, begins_with, missing)
        with letters:
            _draw_letters(user, begins_with)
        st.form_submit_button(_("Save"), key="pe_save", type="primary", on_click=_save_edited, args=(store, user_id))
        if missing:
            alert(_("Nothing is saved yet: an answer above is missing."))
        elif ss.pop("pe_saved", False):
            done(_("Saved."))


def _draw_answers(user: User, begins_with: Mapping[str, Any], missing: Mapping[str, str]) -> None:
    st.html(f'<h2 class="xp-h2">{_("Your seven answers")}</h2>')
    for question in QUESTIONS:
        key = _key(f"pe_w_{question.field}")
        begin = begins_with.get(key)
        fields.answer_field(question.field, _(question.asks), key, locale=user.locale, begins_with=begin)
        if question.field in missing:
            alert(missing[question.field])


def _draw_letters(user: User, begins_with: Mapping[str, Any]) -> None:
    profile = user.coaching_profile

    def toggle(label: str, key: str) -> None:
        st.toggle(label, begins_with.get(key, False), key=key)

    def choose(label: str, choices: Sequence[int], shown: Callable[[int], str], key: str) -> None:
        st.selectbox(label, choices, choices.index(begins_with.get(key, choices[0])), shown, key=key)

    st.html(f'<h2 class="xp-h2">{_("Your letters")}</h2>')
    toggle(_("Letters of any kind"), "pe_notifications_enabled")
    toggle(_("The daily digest"), "pe_digest")
    hour = begins_with.get("pe_digest_time", "now")
    st.time_input(_("The digest comes at"), hour, key="pe_digest_time", step=DIGEST_STEP_SECONDS)
    own = _("An hour of your own stays when your energy changes; the usual one moves along.")
    st.html(f'<p class="xp-small">{own}</p>')
    choose(_("How often"), sorted({*LETTERS_EVERY, profile.letters.every}), _rhythm, _key("pe_every"))
    toggle(_("The letters of the first thirty days"), "pe_drip")
    st.html(f'<h2 class="xp-h2">{_("Your days")}</h2>')
    choose(_("My day ends at"), range(7), lambda hour: _day_end(hour, user.locale), _key("pe_day_ends_at"))
    st.html(f'<p class="xp-small">{_("What you tick before this hour belongs to the evening before.")}</p>')


def _key(name: str) -> str:
    """A field's key in the session. The browser knows a choice by its words, so in another language it is another."""
    return f"{name}_{language()}" if name in CHOICES else name


def _follow(kept: dict[str, Any]) -> dict[str, Any]:
    """Show what the document has: at first all of it, then what was changed elsewhere, by a letter's link say; in
    another language what the page showed in the one of before. Answers what each field begins with.

    The browser may never hear what was put into the session by a run that another one interrupts: a field that is new
    there begins with its value as it is drawn. What was put there now cannot be drawn with such a value as well.
    """
    known, said_in, put = dict(ss.get(KNOWN, {})), ss.get(SAID_IN, language()), ss.pop(PUT, set())
    begins_with: dict[str, Any] = ss.setdefault(BEGINS_WITH, {})
    before = {_key(name): f"{name}_{said_in}" for name in CHOICES if said_in != language()}
    said_anew = {key: old for key, old in before.items() if old in ss}
    begins_with |= {key: ss[old] for key, old in said_anew.items()}
    known |= {key: known[old] for key, old in said_anew.items()}
    for key, value in kept.items():
        is_changed = key in known and known[key] != value
        if key in ss and is_changed:
            ss[key] = value
            put.add(key)
        if is_changed or (key not in ss and key not in said_anew):
            begins_with[key] = value
    ss[KNOWN], ss[SAID_IN] = kept, language()
    return {key: value for key, value in begins_with.items() if key not in put}


def _as_edited(user: User) -> dict[str, Any]:
    """What the form's fields show for a document, by their keys; an answer that is none of the choices is open."""
    profile = user.coaching_profile
    shown = {
        "pe_w_life_goals": [goal for goal in profile.life_goals if goal in GOALS],
        "pe_w_main_habit": profile.main_habit,
        "pe_w_biggest_obstacle": profile.biggest_obstacle if profile.biggest_obstacle in OBSTACLES else None,
        "pe_w_why_now": profile.why_now,
        "pe_w_timezone": profile.timezone,
        "pe_w_chronotype": profile.chronotype,
        "pe_w_success_factor": profile.success_factor,
        "pe_digest_time": parse_clock(profile.digest_time),
        "pe_notifications_enabled": profile.notifications_enabled,
        "pe_day_ends_at": profile.day_ends_at,
        "pe_digest": profile.letters.digest,
        "pe_drip": profile.letters.drip,
        "pe_every": profile.letters.every,
    }
    return {_key(name): value for name, value in shown.items()}


def _save_edited(store: Store, user_id: str) -> None:
    kept = _as_edited(store.read(user_id))
    known = ss.get(KNOWN, kept)
    # The page may be older than the document: what was not changed on it stays as it is kept.
    form = {key: ss[key] if ss[key] != known[key] else value for key, value in kept.items()}
    responses: Answers = {question.field: form[_key(f"pe_w_{question.field}")] for question in QUESTIONS}
    names = ("notifications_enabled", "day_ends_at", "digest", "drip", "every")
    wishes = {name: form[_key(f"pe_{name}")] for name in names} | {"digest_time": f"{form['pe_digest_time']:%H:%M}"}
    try:
        save_profile(user_id, responses, wishes, store=store)
    except UnansweredError as error:
        ss.pe_missing = error.missing
        return
    ss.pe_missing, ss.pe_saved = {}, True
    _put(_as_edited(store.read(user_id)))  # the hour may have moved along


def _put(values: Mapping[str, Any]) -> None:
    """Let the fields show other values in the run that follows."""
    changed = {key: value for key, value in values.items() if ss.get(key) != value}
    ss.update(changed)
    ss.setdefault(BEGINS_WITH, {}).update(values)
    ss[PUT] = ss.get(PUT, set()) | changed.keys()


def _ask_about_zone(store: Store, user: User, now: datetime) -> None:
    """A browser on another clock than the profile's is asked about, once a visit; nothing is saved unasked."""
    here, home = fields.browser_zone(), user.coaching_profile.timezone
    if here is None or ss.get("pe_zone_stays") == here or fields.is_same_clock(here, home, now):
        return

    def move() -> None:
        with store.edit(user.user_id) as changed:
            changed.coaching_profile.timezone = here
        _put({"pe_w_timezone": here})

    def stay() -> None:
        ss.pe_zone_stays = here

    with st.container(key="pe_zone", border=True, gap="small"):
        said = _(
            "It says {here}; your days and letters follow {home}. Days that you have lived keep their date either way."
        ).format(here=esc(fields.zone_name(here)), home=esc(fields.zone_name(home)))
        st.html(f'<h2 class="xp-h2">{_("Your browser is on another clock")}</h2><p class="xp-small">{said}</p>')
        with st.container(horizontal=True, gap="small"):
            st.button(_("Move my days here"), key="pe_zone_move", type="primary", on_click=move)
            st.button(_("Keep my clock"), key="pe_zone_keep", on_click=stay)


def _rhythm(every: int) -> str:
    return _(LETTERS_EVERY[every]) if every in LETTERS_EVERY else _("Every {n} days").format(n=every)


def _day_end(hour: int, locale: str) -> str:
    return fields.clock(f"{hour:02d}:00", locale) if hour else _("Midnight")
