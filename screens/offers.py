"""What opens on Day 30: the leaderboard, the long pictures, and keeping in place of building."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from core.catalogue import N_, _
from core.coach.quiet import may_be_told
from core.localtime import day_number
from core.progress import HabitRecord, Record
from screens import ways, wording
from screens.parts import esc

FROM_DAY = 30
UNTIL_DAY = 60  # by then whoever wanted has looked
KEPT_FROM = 0.7  # of strength: the line from which letters offer to step back to one a week
KEPT_SHARE, KEPT_DAYS = 0.7, 30  # done of what the last days asked: parts of a number make strength, but keep no plan

OFFERS = (
    (
        N_("Your week beside others"),
        N_("By effort against one’s own plan, by display name only, and only if you choose it."),
    ),
    (
        N_("Every habit’s own page"),
        N_("Its year, its strength through every plan, its hours, and what you wrote on the way."),
    ),
    (
        N_("Fewer letters"),
        N_("As habits settle I offer to write every second day, then weekly. Profile changes it at any time."),
    ),
)


def is_offered(record: Record) -> bool:
    """Whether it is the time for these offers."""
    return FROM_DAY <= day_number(record.user.created_at, record.today) <= UNTIL_DAY


def is_kept(record: HabitRecord) -> bool:
    """Whether a habit has settled, in strength and in what was done of late: from then on it is kept, not built."""
    done, of = record.rate(record.today - timedelta(days=KEPT_DAYS - 1), record.today)
    return record.strength >= KEPT_FROM and done >= KEPT_SHARE * of


def stage(record: Record, one: HabitRecord) -> str:
    """`keeping` or `building` from Day 30 on; empty before, and for a delicate habit."""
    if day_number(record.user.created_at, record.today) < FROM_DAY or not may_be_told(one):
        return ""
    return "keeping" if is_kept(one) else "building"


def draw(record: Record) -> None:
    """The offers."""
    with st.container(border=True, key="offers", gap="small"):
        st.html(words(record))
        with st.container(horizontal=True, gap="small"):
            ways.link_to_together(_("See the board"))
            kept = next((one for one in record.active if is_kept(one)), next(iter(record.active), None))
            if kept is not None:
                ways.link_to_habit(kept.habit, label=_("One habit’s page"), icon=":material/monitoring:")


def words(record: Record) -> str:
    """From building to keeping, said with the person's own habits."""
    day = day_number(record.user.created_at, record.today)
    told = [one for one in record.active if may_be_told(one)]
    kept = [one.habit.name for one in told if is_kept(one)]
    built = [one.habit.name for one in told if not is_kept(one)]
    quiet = [one.habit.name for one in record.active if not may_be_told(one)]
    said = []
    if kept:
        settled = _("<b>{habits}</b>: settled, so from here it is about keeping.")
        said.append(settled.format(habits=esc(wording.listed(kept))))
    if built:
        still = _("<b>{habits}</b>: being built, and may be smaller for that.")
        said.append(still.format(habits=esc(wording.listed(built))))
    if quiet:
        noted = _("<b>{habits}</b>: I keep the record.")
        said.append(noted.format(habits=esc(wording.listed(quiet))))
    items = "".join(f"<li><b>{esc(_(title))}</b>{esc(_(text))}</li>" for title, text in OFFERS)
    return (
        f'<p class="in-tag">{_("Day {n}").format(n=day)}</p><h2 class="in-h2">{_("From building to keeping")}</h2>'
        f'<p class="pg-offer-keep">{" ".join(said)}</p><ul class="pg-offer">{items}</ul>'
    )
