"""The unfinished sentence of a digest: what the day was about in a line, and a beginning that the person ends.

How it goes on turns from one letter to the next, so that whoever does the same each day is asked something new. The
link that finishes it names the beginning by its key, so that the page behind it asks what the letter asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from babel import Locale

from core.catalogue import ENGLISH, N_, _, language
from core.letters.digest_day import DAYS_OF_WEEK, DigestDay, has_ceiling, shown
from core.progress import HabitRecord

NAMES_MOST = 8
FOCUS = {"Today": N_("Today I want to focus on"), "Tomorrow": N_("Tomorrow I want to focus on")}
BEGINNINGS = FOCUS | {
    "best-minute": N_("The best minute of it was"),
    "helped": N_("What helped was"),
    "keep-today": N_("What I want to keep for today is"),
    "keep-tomorrow": N_("What I want to keep for tomorrow is"),
    "gave": N_("What it gave me was"),
    "easiest": N_("It came easiest when"),
    "full-today": N_("If today is a full day, what I keep of it is"),
    "full-tomorrow": N_("If tomorrow is a full day, what I keep of it is"),
    "was": N_("It was about"),
    "two-today": N_("If today has two free minutes, they go to"),
    "two-tomorrow": N_("If tomorrow has two free minutes, they go to"),
    "easy": N_("What would make it easy is"),
    "enough": N_("Enough for tonight would be"),
}
# By turns, the first of them on Day 0 and on Day 7. A week moves on by eight: three or seven keep no step with it.
AFTER_DOING = {
    True: ("Today", "best-minute", "helped", "keep-today", "gave", "easiest", "full-today"),
    False: ("Tomorrow", "best-minute", "helped", "keep-tomorrow", "gave", "easiest", "full-tomorrow"),
}
OF_DELICATE = {True: ("Today", "helped", "keep-today"), False: ("Tomorrow", "helped", "keep-tomorrow")}
AFTER_NOTHING = {True: ("Today", "was", "two-today"), False: ("Tomorrow", "was", "two-tomorrow")}
STILL_TO_COME = ("easy", "enough", "Tomorrow")


def goes_on(key: str) -> str:
    """How a sentence begins that the person ends, by its key; an older letter's link may name none."""
    return _(BEGINNINGS.get(key, BEGINNINGS["Tomorrow"]))


def reflection_of(day: DigestDay) -> tuple[str, str]:
    """The reflection of a day, and the key of the beginning in it."""
    said, keys = _said_and_keys(day)
    key = keys[_turn(day) % len(keys)]
    return f"{said} {goes_on(key)}...", key


def _said_and_keys(day: DigestDay) -> tuple[str, Sequence[str]]:
    """The day in a line, and the beginnings that fit it."""
    back = day.looks_back
    chosen = [habit for habit in day.wins if not has_ceiling(habit, day.covers)]  # nobody prioritizes coffee
    if chosen:
        form = _("Yesterday I prioritized {habits}.") if back else _("Today I prioritized {habits}.")
        is_plain = not day.keeps_still and all(map(day.may_ask_for, chosen))
        return form.format(habits=_named(chosen)), (AFTER_DOING if is_plain else OF_DELICATE)[back]
    if day.wins:
        if back:
            return _("Yesterday I kept within what I had planned."), OF_DELICATE[back]
        return _("Today I kept within what I had planned."), OF_DELICATE[back]
    if day.missed and day.missed == day.still_to_come:
        return _("Today still holds {habits}.").format(habits=_named(day.missed)), STILL_TO_COME
    nothing = _("Yesterday I had something else on my mind.") if back else _("Today I had something else on my mind.")
    return nothing, AFTER_NOTHING[back]


def _turn(day: DigestDay) -> int:
    """Counts the letters by Days, and one more each week."""
    count = day.number // day.user.coaching_profile.letters.every
    return count + max(count - 1, 0) // DAYS_OF_WEEK


def _named(habits: Sequence[HabitRecord]) -> str:
    names = [_within_a_sentence(shown(habit)) for habit in habits]
    said, more = ", ".join(names[:NAMES_MOST]), len(names) - NAMES_MOST
    return _("{habits} and {n} more").format(habits=said, n=more) if more > 0 else said


def _within_a_sentence(name: str) -> str:
    """`Daily run` as `daily run`; `TV off`, `Spanish` and `ÜBEN` stay, and in another language every name."""
    if language() != ENGLISH or name[1:] != name[1:].lower() or name.split(" ")[0] in _languages():
        return name
    return name[:1].lower() + name[1:]


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    """`Spanish`, `Italian`, …: what people learn has a capital in English wherever it stands."""
    return frozenset(Locale(ENGLISH).languages.values())
