"""The seven answers as fields of a form, and read back as a letter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytz
import streamlit as st

from core.catalogue import N_, _, within
from core.localtime import is_zone, parse_clock, zone
from core.models import DIGEST_TIMES, GOALS, OBSTACLES
from core.wording import locale_of
from screens import wording
from screens.parts import esc

WORDS_MOST = {"main_habit": 80, "why_now": 280, "success_factor": 120}  # characters that a field takes
GOAL_ICONS = {
    N_("Health & Fitness"): "💪",
    N_("Mental Wellness"): "🧘",
    N_("Career & Learning"): "🎓",
    N_("Relationships"): "🤝",
    N_("Creativity"): "🎨",
    N_("Finances"): "🌱",
    N_("Home & Order"): "🏡",
    N_("Sleep & Energy"): "🌙",
}
OBSTACLE_NAMES = {
    "Time": N_("Time"),
    "Motivation/discipline": N_("Motivation or discipline"),
    "Remembering": N_("Remembering"),
    "Perfectionism": N_("Perfectionism"),
}
# obstacle: (icon, in a person's words, what the coach makes of it)
OBSTACLE_WORDS = {
    "Time": (
        "schedule",
        N_("The day is full before I get there"),
        N_("so a step takes two minutes and fits a gap you have"),
    ),
    "Motivation/discipline": (
        "bolt",
        N_("Beginning is the hard part"),
        N_("so first steps stay small, and nobody has to feel like it"),
    ),
    "Remembering": (
        "notifications",
        N_("It slips my mind until the evening"),
        N_("so we tie the habit to something that happens anyway"),
    ),
    "Perfectionism": (
        "all_inclusive",
        N_("If it is not done right, I stop"),
        N_("so a part counts here as a day"),
    ),
}
# chronotype: (icon, its name, what its letter does, how the letter says it back)
CHRONOTYPE_WORDS = {
    "morning": (
        "wb_sunny",
        N_("Morning"),
        N_("the digest looks back at yesterday and ahead at today"),
        N_("You have the most energy in the <mark>morning</mark>"),
    ),
    "evening": (
        "dark_mode",
        N_("Evening"),
        N_("the digest goes over the day you have had"),
        N_("You have the most energy in the <mark>evening</mark>"),
    ),
    "flexible": (
        "routine",
        N_("Flexible"),
        N_("the digest goes over the day while some of it is left"),
        N_("Your energy keeps <mark>no fixed hours</mark>"),
    ),
}

Change = Callable[..., None]


def answer_field(
    field: str,
    label: str,
    key: str,
    *,
    locale: str = "en",
    example: str = "",
    begins_with: Any = None,
    on_change: Change | None = None,
    args: tuple[Any, ...] = (),
    show_label: bool = True,
) -> None:
    """Draw the field of one answer; its value is st.session_state[key], put there before, or what it `begins_with`.
    Labels are Markdown: never a person's words."""
    shared: dict[str, Any] = {
        "key": key,
        "on_change": on_change,
        "args": args,
        "label_visibility": "visible" if show_label else "collapsed",
        "width": "stretch",
    }
    placeholder = _("For example: {example}").format(example=example) if example else None
    # Streamlit cuts longer words off unasked: what a loaded document brought stays whole
    words_most = max(WORDS_MOST.get(field, 0), len(st.session_state.get(key) or begins_with or ""))
    if field == "life_goals":
        st.pills(
            label,
            GOALS,
            default=begins_with,
            format_func=lambda goal: f"{GOAL_ICONS[goal]} {_(goal)}",
            selection_mode="multi",
            **shared,
        )
    elif field == "biggest_obstacle":
        captions = [_(words[1]) for words in OBSTACLE_WORDS.values()]
        at = _place(OBSTACLES, begins_with)
        st.radio(label, OBSTACLES, format_func=_obstacle_label, captions=captions, index=at, **shared)
    elif field == "chronotype":
        captions = [f"**{clock(DIGEST_TIMES[kind], locale)}** {_(CHRONOTYPE_WORDS[kind][2])}" for kind in DIGEST_TIMES]
        kinds = list(DIGEST_TIMES)
        at = _place(kinds, begins_with)
        st.radio(label, kinds, format_func=_chronotype_label, captions=captions, index=at, **shared)
    elif field == "timezone":
        zones = zone_choices(st.session_state.get(key) or begins_with)
        at = _place(zones, begins_with)
        st.selectbox(label, zones, format_func=zone_name, index=at, placeholder=_("Type a city"), **shared)
    elif field == "why_now":
        value = begins_with or ""
        st.text_area(label, value, max_chars=words_most, height=120, placeholder=placeholder, **shared)
    else:
        is_live = on_change is not None
        value = begins_with or ""
        st.text_input(label, value, max_chars=words_most, live=is_live, placeholder=placeholder, **shared)


def _place(choices: Sequence[str], choice: str | None) -> int | None:
    return choices.index(choice) if choice in choices else None


def zone_choices(current: str | None) -> list[str]:
    """The catalogue of zones, led by the current one where it goes by a name that the catalogue has not."""
    known: list[str] = list(pytz.common_timezones)
    return known if not current or current in known else [current, *known]


def zone_name(name: str) -> str:
    """`America/Los_Angeles` as a person reads it."""
    return name.replace("_", " ")


def is_same_clock(one: str, other: str, now: datetime) -> bool:
    """Whether two zones show the same time now and in half a year."""
    half_a_year_on = now.replace(month=(now.month + 5) % 12 + 1, day=1)
    one_zone, other_zone = zone(one), zone(other)
    return all(
        moment.astimezone(one_zone).utcoffset() == moment.astimezone(other_zone).utcoffset()
        for moment in (now, half_a_year_on)
    )


def browser_zone() -> str | None:
    """The zone that the browser names, when it is one."""
    name = st.context.timezone
    return name if name and is_zone(name) else None


def clock(text: str, locale: str) -> str:
    """`20:00` as the person's locale has it."""
    at = parse_clock(text)
    return wording.clock(at.hour * 60 + at.minute, locale_of(locale))


def in_words(field: str, value: Any, locale: str = "en") -> str:
    """An answer in one line, as it is shown beside its question."""
    if not value:
        return ""
    if field == "life_goals":
        return " · ".join(_(goal) for goal in value)
    if field == "chronotype":
        said = _("{energy}, digest at {clock}")
        return said.format(energy=_(CHRONOTYPE_WORDS[value][1]), clock=clock(DIGEST_TIMES[value], locale))
    if field == "biggest_obstacle":
        return _(OBSTACLE_NAMES.get(value, str(value)))
    return zone_name(value) if field == "timezone" else str(value)


def letter(answers: Mapping[str, Any], locale: str) -> str:
    """The answers read back, as HTML; every word that was typed is escaped."""
    goals = wording.listed([f"<mark>{esc(_(goal))}</mark>" for goal in answers["life_goals"]])
    obstacle = within(in_words("biggest_obstacle", answers["biggest_obstacle"]))
    _icon, _name, does, energy = CHRONOTYPE_WORDS[answers["chronotype"]]
    facts = {
        "goals": goals,
        "habit": esc(answers["main_habit"]),
        "obstacle": esc(obstacle),
        "promise": _(OBSTACLE_WORDS[answers["biggest_obstacle"]][2]),
        "energy": _(energy),
        "hour": esc(clock(DIGEST_TIMES[answers["chronotype"]], locale)),
        "zone": esc(zone_name(answers["timezone"])),
        "does": _(does),
        "helped": esc(answers["success_factor"]),
    }
    for_what = _("This is for {goals}. The habit that matters most to you is <mark>{habit}</mark>.")
    stops = _("What stops you most often is <mark>{obstacle}</mark>, {promise}.")
    hour = _("{energy}, so at <mark>{hour}</mark> by the clock of {zone} {does}.")
    helped = _("When a habit stalls, I begin with what has carried you before: <mark>{helped}</mark>.")
    return f"""<div class="xp-letter"><div class="xp-eyebrow">{_("Before you start")}</div>
      <h1 class="xp-q" tabindex="-1">{_("Here is what I understood")}</h1>
      <p>{for_what.format(**facts)}</p>
      <p>{stops.format(**facts)}
      {_("You are starting now because, in your words:")}</p>
      <blockquote>{esc(answers["why_now"])}</blockquote>
      <p>{hour.format(**facts)}
      {helped.format(**facts)}</p></div>"""


def _obstacle_label(obstacle: str) -> str:
    return f":material/{OBSTACLE_WORDS[obstacle][0]}: {_(OBSTACLE_NAMES[obstacle])}"


def _chronotype_label(chronotype: str) -> str:
    icon, name = CHRONOTYPE_WORDS[chronotype][:2]
    return f":material/{icon}: {_(name)}"
