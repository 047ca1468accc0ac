"""How a habit looks: its icon and its colour, its own or one that suits it."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable

from core.catalogue import N_
from core.models import Habit
from screens.parts import esc

# Chosen for habits without one: white reads on each.
COLORS = {
    N_("Violet"): "#5B3DF5",
    N_("Green"): "#0E7F63",
    N_("Orange"): "#C2560C",
    N_("Pink"): "#C22F74",
    N_("Blue"): "#1F6FC4",
    N_("Gold"): "#8F6B00",
    N_("Teal"): "#0E7490",
    N_("Plum"): "#8A3FB8",
}
# What a name says about its icon, first match first; a habit's own icon goes before.
ICONS = (
    ("run|jog|lauf", "🏃"),
    ("walk|step|spazier|schritt", "🚶"),
    ("medit|breath|mindful|atem|achtsam", "🧘"),
    ("read|book|page|lesen|buch", "📚"),
    ("stud|learn|cod|lesson|lern|vokabel", "💻"),
    ("writ|journal|diary|schreib|tagebuch", "✍️"),
    (r"sleep|bed|schlaf|bett\b", "🌙"),
    ("water|drink|wasser|trink", "💧"),
    ("coffee|kaffee", "☕"),
    (r"sugar|fruit|veg|eat|food|diet|zucker|obst\b|gemüse|essen\b", "🍏"),
    ("gym|lift|train|push|exercis|workout|strength|kraft|liegestütz", "🏋️"),
    ("guitar|piano|music|sing|gitarre|klavier|musik|geige", "🎸"),
    ("tidy|clean|dish|aufräum|putz|abwasch", "🧹"),
    (r"money|save|budget|spend|geld|sparen\b", "💶"),
    ("call|friend|family|mum|dad|anruf|freund|familie|mama|papa", "☎️"),
    (r"draw|paint|sketch|zeichn|malen\b", "🎨"),
    ("yoga|stretch|dehn", "🤸"),
    ("stop|no |quit|kein|aufhör", "🚫"),
)


def icon_of(habit: Habit) -> str:
    """The habit's icon, or one that its name suggests."""
    named = (icon for words, icon in ICONS if re.search(rf"\b(?:{words})", habit.name.lower()))
    return habit.icon or next(named, "🌱")


def color_of(habit: Habit) -> str:
    """The habit's colour as #RRGGBB; one of ours, always the same, when it has none."""
    if re.fullmatch(r"#[0-9A-Fa-f]{6}", habit.color):
        return habit.color
    return list(COLORS.values())[zlib.crc32(habit.id.encode()) % len(COLORS)]


def next_color(habits: Iterable[Habit]) -> str:
    """The colour for one more habit: the first of ours that the fewest of them have."""
    worn = Counter(color_of(habit) for habit in habits)
    return min(COLORS.values(), key=lambda color: worn[color])


def shade(habit: Habit | None) -> str:
    """The style attribute that gives a picture its habit's colour; the app's own for none."""
    return f'style="--c:{color_of(habit) if habit else COLORS["Violet"]}"'


def icon(habit: Habit) -> str:
    """The habit's icon on its colour."""
    return f'<i class="in-ico" {shade(habit)} aria-hidden="true">{esc(icon_of(habit))}</i>'
