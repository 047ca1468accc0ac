"""The fields of a habit's form, and the plan, target and look that stand in them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import streamlit as st
from babel import Locale

from core import planning
from core.catalogue import N_, _, p_
from core.models import GOALS, Habit, Plan, Target, User
from core.planning import NAME_MOST
from core.recording import RecordingError
from screens import looks, wording
from screens.parts import alert, esc

ERROR = "habit_form_error"  # in the session: field and sentence
ROUND = "habit_form_round"  # in the session: a number for each opening, so that no old word comes back

OWN_RULE = "own"  # a rule that an import brought and this form cannot show: kept unless another is chosen
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
# kind: (its question, least, most, what it begins with)
HOW_MANY = {
    "every": (N_("How many days from one to the next?"), 2, 90, 2),
    "week": (N_("How many times a week?"), 1, 7, 3),
    "month": (N_("How many times a month?"), 1, 31, 4),
}
SUGGESTED_ICONS = ("🏃", "🚶", "🧘", "📚", "✍️", "🌙", "💧", "🍏", "🏋️", "🎸", "🧹", "💶", "☎️", "🌱")


def field_key(field: str) -> str:
    """The key of a field's widget in the form that is open."""
    return f"hf{st.session_state.get(ROUND, 0)}_{field}"


def field_value(field: str, absent: Any = None) -> Any:
    """What stands in a field now; `absent` while it is not drawn or empty."""
    value = st.session_state.get(field_key(field))
    return absent if value is None else value


def problem(field: str) -> None:
    """What is missing or wrong about a field, said beside it until something changes."""
    at, sentence = st.session_state.get(ERROR, ("", ""))
    if at == field:
        alert(sentence)


def forgive() -> None:
    """A field was changed: what was said about it may be true no more."""
    st.session_state.pop(ERROR, None)


# --- fields


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
    now = _plan_now(habit, today)
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
            default=(wording.chosen_weekdays(now) if now else []) or [0, 2, 4],
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


def ask_what_counts(habit: Habit | None, locale: Locale) -> None:
    """Done or not, or a number; a habit that has lived keeps its own."""
    if habit is not None:
        if habit.target is not None:
            said = _(
                "What counts: {target}. It stays, since another number would judge every earlier day anew. For a new "
                "number, archive this habit and begin another."
            )
            said = said.format(target=wording.target_words(habit.target, locale))
            st.html(f'<p class="in-small">{esc(said)}</p>')
        return
    kind = st.pills(
        _("What counts?"),
        list(COUNTS),
        format_func=lambda kind: _(COUNTS[kind]),
        default="done",
        required=True,
        key=field_key("count"),
    )
    if kind != "done":
        amount, unit = st.columns([1, 2])
        amount.number_input(
            _(COUNTS[kind]), 0.0, None, 1.0, step=1.0, format="%g", key=field_key("amount"), persist_state="session"
        )
        unit.text_input(
            _("of what?"),
            key=field_key("unit"),
            placeholder=_("pages, minutes, glasses"),
            max_chars=40,
            persist_state="session",
        )
    problem("target")


def ask_besides(habit: Habit | None, user: User) -> None:
    """What may wait: its cue and its goal, then behind one tap its look, its two-minute version, its group."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.text_input(
            p_("a field", "After I …"),
            value=habit.cue if habit else "",
            placeholder=_("pour the first coffee"),
            max_chars=120,
            key=field_key("cue"),
        )
    with right:
        goals = list(dict.fromkeys([*user.coaching_profile.life_goals, *GOALS, *_own_goal(habit)]))
        index = goals.index(habit.goal) if habit and habit.goal in goals else None
        st.selectbox(
            _("The goal it serves"),
            goals,
            format_func=wording.goal_words,
            index=index,
            placeholder=_("None in particular"),
            key=field_key("goal"),
        )
    with st.expander(_("Icon, colour, two-minute version, group"), key=field_key("besides")):
        left, right = st.columns(2, gap="medium")
        with left:
            chosen = habit.icon if habit and habit.icon in SUGGESTED_ICONS else None
            st.pills(_("Icon"), SUGGESTED_ICONS, default=chosen, key=field_key("icon"))
            own = habit.icon if habit and habit.icon not in SUGGESTED_ICONS else ""
            st.text_input(_("or an emoji of your own"), value=own, max_chars=8, key=field_key("own_icon"))
            color = habit.color if habit else looks.next_color(user.habits)
            hue_name = next((name for name, hue in looks.COLORS.items() if hue == color), None)
            st.pills(_("Colour"), list(looks.COLORS), format_func=_, default=hue_name, key=field_key("color"))
        with right:
            st.text_input(
                _("Its two-minute version, which counts"),
                value=habit.small if habit else "",
                placeholder=_("Shoes on, to the corner and back"),
                max_chars=120,
                key=field_key("small"),
            )
            _ask_group(habit, user)


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


# --- from fields to the document


def kind_of(plan: Plan) -> str:
    """Which of the form's kinds a plan is."""
    if plan.times is not None:
        return cast(str, plan.per)
    parts = dict(part.partition("=")[::2] for part in (plan.rrule or "").split(";") if not part.startswith("WKST"))
    if parts.keys() == {"FREQ", "BYDAY"} and parts["FREQ"] in ("WEEKLY", "DAILY") and wording.chosen_weekdays(plan):
        return "days"
    if parts.get("FREQ") == "DAILY" and parts.keys() <= {"FREQ", "INTERVAL"}:
        return "daily" if parts.get("INTERVAL", "1") == "1" else "every"
    return OWN_RULE


def number_of(plan: Plan) -> int:
    """The n of a plan of n times, or of every n days."""
    if plan.times is not None:
        return plan.times
    return int((plan.rrule or "").rpartition("INTERVAL=")[2].partition(";")[0])


def _gist(plan: Plan) -> tuple[str, list[int], int]:
    """What the form can tell two plans apart by: kind, weekdays and number."""
    kind = kind_of(plan)
    return kind, wording.chosen_weekdays(plan), number_of(plan) if kind in HOW_MANY else 0


def _plan_now(habit: Habit | None, today: date) -> Plan | None:
    """The plan that the form begins with: the newest one."""
    return habit.schedule[-1] if habit else None


def plan_in(habit: Habit | None, start: date) -> Plan | None:
    """The plan in the fields; None when it is the one that holds already. Raises RecordingError."""
    kind = field_value("kind", "daily")
    if kind == OWN_RULE:
        return None
    plan = _plan_of_kind(kind, start)
    now = _plan_now(habit, start)
    return None if now is not None and _gist(now) == _gist(plan) else plan


def _plan_of_kind(kind: str, start: date) -> Plan:
    if kind == "days":
        return planning.on_weekdays(start, field_value("days", [0, 2, 4]))
    if kind == "every":
        return planning.every_n_days(start, field_value("every", 2))
    if kind == "week":
        return planning.times_per(start, field_value("week", 3), "week")
    if kind == "month":
        return planning.times_per(start, field_value("month", 4), "month")
    return planning.every_day(start)


def start_in(today: date) -> date:
    """The day from which the new plan is to hold."""
    days_to_monday = 7 - today.weekday()
    later = {"today": 0, "tomorrow": 1, "monday": days_to_monday}[field_value("from", "tomorrow")]
    return today + timedelta(days=later)


def target_in() -> Target | None:
    """The number in the fields, None for done or not. Raises RecordingError."""
    kind = field_value("count", "done")
    if kind == "done":
        return None
    amount, unit = field_value("amount"), (field_value("unit", "") or "").strip()
    if amount is None or (kind == "least" and amount <= 0):
        raise RecordingError(_("The number is missing. Enter one above 0, or choose “Done or not”."))
    whole = int(amount) if float(amount).is_integer() else amount
    return Target(at_least=whole, unit=unit) if kind == "least" else Target(at_most=whole, unit=unit)


def look_in(habit: Habit | None = None) -> dict[str, str]:
    """Icon, colour, cue, two-minute version, goal and group in the fields; a colour they cannot show is kept."""
    own_color = habit.color if habit is not None and habit.color not in looks.COLORS.values() else ""
    return {
        "icon": (field_value("own_icon", "") or "").strip() or field_value("icon", ""),
        "color": looks.COLORS.get(field_value("color", ""), own_color),
        "cue": (field_value("cue", "") or "").strip(),
        "small": (field_value("small", "") or "").strip(),
        "goal": field_value("goal", ""),
        "group": (field_value("group", "") or "").strip(),
    }
