"""The fields of a habit's form, drawn with what the habit has, and what is wrong about one beside it."""

from __future__ import annotations

from datetime import date

import streamlit as st
from babel import Locale

from core.catalogue import N_, _, p_
from core.models import GOALS, Habit, User
from core.planning import NAME_MOST, WORDS_MOST, is_another_number, number_from
from core.recording import VALUE_MOST, RecordingError
from screens import looks, wording
from screens.habits.habit_entered import (
    HOW_MANY,
    OWN_RULE,
    USUAL_DAYS,
    field_key,
    kind_of,
    newest_plan,
    number_of,
    plan_in,
    start_in,
    target_in,
)
from screens.parts import alert, esc

ERROR = "habit_form_error"  # in the session: field and sentence
REFUSED = "habit_form_refused"  # in the session: how often something was wrong

KINDS = {
    "daily": N_("Every day"),
    "days": N_("Chosen weekdays"),
    "every": N_("Every few days"),
    "week": N_("Times a week"),
    "month": N_("Times a month"),
    OWN_RULE: N_("A rule of its own"),
}
COUNTS = {"done": N_("Done or not"), "least": N_("At least"), "most": N_("At most")}
STARTS = {"today": N_("Today"), "tomorrow": N_("Tomorrow"), "monday": N_("Next Monday")}
SUGGESTED_ICONS = ("🏃", "🚶", "🧘", "📚", "✍️", "🌙", "💧", "🍏", "🏋️", "🎸", "🧹", "💶", "☎️", "🌱")


def problem(field: str) -> None:
    """What is missing or wrong about a field, said beside it until something changes; what is below keeps its place."""
    at, sentence = st.session_state.get(ERROR, ("", ""))
    with st.container():
        if at == field:
            alert(sentence)


def refuse(field: str, sentence: str) -> None:
    """Something about a field is wrong; to be called in a callback."""
    st.session_state[ERROR] = (field, sentence)
    st.session_state[REFUSED] = times_refused() + 1


def wrong_field() -> str:
    """The field about which something is wrong, if there is one."""
    return str(st.session_state.get(ERROR, ("", ""))[0])


def times_refused() -> int:
    """How often something was wrong: each time the field gets the focus."""
    return int(st.session_state.get(REFUSED, 0))


def forgive() -> None:
    """A field was changed: what was said about it may be true no more."""
    st.session_state.pop(ERROR, None)


def ask_what(habit: Habit | None) -> None:
    """The name."""
    st.text_input(
        _("What will you do?"),
        value=habit.name if habit else "",
        key=field_key("name"),
        placeholder=_("For example: Walk 10 minutes"),
        max_chars=NAME_MOST,
        live=True,
        on_change=forgive,
    )
    problem("name")


def ask_how_often(habit: Habit | None, today: date, locale: Locale) -> None:
    """The plan, and for a habit there is the day from which another holds."""
    now = newest_plan(habit)
    has_own_rule = now is not None and kind_of(now) == OWN_RULE
    kind = st.pills(
        _("How often?"),
        [kind for kind in KINDS if kind != OWN_RULE or has_own_rule],
        format_func=lambda kind: _(KINDS[kind]),
        default=kind_of(now) if now else "daily",
        required=True,
        key=field_key("kind"),
        on_change=forgive,
    )
    if kind == "days":
        st.pills(
            _("Which weekdays?"),
            list(range(7)),
            format_func=lambda n: wording.weekday(n, locale, short=True),
            selection_mode="multi",
            default=(wording.chosen_weekdays(now) if now else []) or list(USUAL_DAYS),
            key=field_key("days"),
            on_change=forgive,
            persist_state="session",
        )
    elif kind in HOW_MANY:
        asked, least, most, usual = HOW_MANY[kind]
        start = number_of(now) if now and kind_of(now) == kind else usual
        st.number_input(_(asked), least, most, start, key=field_key(kind), width=280, persist_state="session")
    problem("plan")
    if habit is not None:
        _ask_from_when(habit, today, locale)


def _ask_from_when(habit: Habit, today: date, locale: Locale) -> None:
    try:
        plan = plan_in(habit, today)
    except RecordingError:
        return
    if plan is None:
        return
    st.pills(
        _("From when?"),
        list(STARTS),
        format_func=lambda start: _(STARTS[start]),
        default="tomorrow",
        required=True,
        key=field_key("from"),
    )
    said = _("<b>From {day}: {plan}.</b> Every day before stays judged by the plan it had.")
    day, words = wording.long_day(start_in(today), locale), wording.plan_words(plan, locale)
    st.html(f'<p class="in-note" role="status">{said.format(day=esc(day), plan=esc(words))}</p>')


def ask_what_counts(habit: Habit | None, user: User, today: date, locale: Locale) -> None:
    """Done or not, or a number; a habit that has lived keeps which of them, and may get another number."""
    if habit is not None and habit.target is None:
        return
    if habit is None:
        kind = st.pills(
            _("What counts?"),
            list(COUNTS),
            format_func=lambda kind: _(COUNTS[kind]),
            default="done",
            required=True,
            key=field_key("count"),
        )
        if kind != "done":
            _ask_number(_(COUNTS[kind]), 1, "")
    elif habit.target is not None:
        is_least = habit.target.at_least is not None
        amount = habit.target.at_least if is_least else habit.target.at_most
        _ask_number(_(COUNTS["least" if is_least else "most"]), amount or 0, habit.target.unit)
        _say_from_when(habit, user, today, locale)
    problem("target")


def _ask_number(label: str, amount: float, unit: str) -> None:
    number, of_what = st.columns([1, 2])
    number.number_input(
        label,
        0.0,
        float(max(VALUE_MOST, amount)),
        float(amount),
        step=1.0,
        format="%g",
        key=field_key("amount"),
        persist_state="session",
    )
    of_what.text_input(
        _("of what?"),
        value=unit,
        key=field_key("unit"),
        placeholder=_("pages, minutes, glasses"),
        max_chars=max(WORDS_MOST["unit"][0], len(unit)),
        persist_state="session",
    )


def _say_from_when(habit: Habit, user: User, today: date, locale: Locale) -> None:
    """From which day another number than the one of now holds."""
    try:
        target = target_in(habit)
    except RecordingError:
        return
    if target is None or habit.target is None or not is_another_number(target, habit.target):
        return
    said = _("<b>From {day}: {target}.</b> Every day before stays judged by the number it had.")
    day = wording.long_day(number_from(user, habit.id, today=today), locale)
    said = said.format(day=esc(day), target=esc(wording.target_words(target, locale)))
    st.html(f'<p class="in-note" role="status">{said}</p>')


def ask_besides(habit: Habit | None, user: User) -> None:
    """What may wait: its cue and its goal, then behind one tap its look, its two-minute version, its group."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.text_input(
            p_("a field", "After I …"),
            value=habit.cue if habit else "",
            placeholder=_("pour the first coffee"),
            max_chars=WORDS_MOST["cue"][0],
            key=field_key("cue"),
        )
    with right:
        _ask_goal(habit, user)
    with st.expander(_("Icon, colour, two-minute version, group"), key=field_key("besides")):
        left, right = st.columns(2, gap="medium")
        with left:
            _ask_look(habit, user)
        with right:
            st.text_input(
                _("Its two-minute version, which counts"),
                value=habit.small if habit else "",
                placeholder=_("Shoes on, to the corner and back"),
                max_chars=WORDS_MOST["small"][0],
                key=field_key("small"),
            )
            _ask_group(habit, user)
    problem("besides")


def _ask_goal(habit: Habit | None, user: User) -> None:
    """One of the person's goals, of those there are, or the habit's own."""
    goals = list(dict.fromkeys([*user.coaching_profile.life_goals, *GOALS, *_own_goal(habit)]))
    st.selectbox(
        _("The goal it serves"),
        goals,
        format_func=wording.goal_words,
        index=goals.index(habit.goal) if habit and habit.goal in goals else None,
        placeholder=_("None in particular"),
        key=field_key("goal"),
    )


def _ask_look(habit: Habit | None, user: User) -> None:
    """Its icon, suggested or typed, and its colour."""
    chosen = habit.icon if habit and habit.icon in SUGGESTED_ICONS else None
    st.pills(_("Icon"), SUGGESTED_ICONS, default=chosen, key=field_key("icon"))
    own = habit.icon if habit and habit.icon not in SUGGESTED_ICONS else ""
    st.text_input(_("or an emoji of your own"), value=own, max_chars=WORDS_MOST["icon"][0], key=field_key("own_icon"))
    color = habit.color if habit else looks.next_color(user.habits)
    hue_name = next((name for name, hue in looks.COLORS.items() if hue == color), None)
    st.pills(_("Colour"), list(looks.COLORS), format_func=_, default=hue_name, key=field_key("color"))


def _ask_group(habit: Habit | None, user: User) -> None:
    """One of the groups there are, or a new one, typed."""
    groups = list(dict.fromkeys(one.group for one in user.habits if one.group))
    st.selectbox(
        _("Its group on Today"),
        groups,
        index=groups.index(habit.group) if habit and habit.group else None,
        placeholder=_("None; type a name for a new one"),
        accept_new_options=True,
        key=field_key("group"),
    )


def _own_goal(habit: Habit | None) -> list[str]:
    return [habit.goal] if habit is not None and habit.goal else []
