"""The letters' colours: one table of light and dark, what may be drawn on what, and the contrast between two."""

from __future__ import annotations

from typing import NamedTuple


class Shade(NamedTuple):
    """One colour in both themes, written #RRGGBB."""

    light: str
    dark: str


class Accent(NamedTuple):
    """A habit's colour: `fill` carries a white tick, `text` stands on `tint`."""

    fill: Shade
    tint: Shade
    text: Shade


ACCENTS = (
    Accent(Shade("#5B3DF5", "#7C66FF"), Shade("#ECEAFB", "#28214A"), Shade("#4A2BE0", "#C4B8FF")),  # violet
    Accent(Shade("#0E9674", "#159473"), Shade("#DFF4EE", "#14322C"), Shade("#0A6B52", "#6FE3BF")),  # green
    Accent(Shade("#D9660F", "#D06A1C"), Shade("#FDEBDD", "#3A2618"), Shade("#9A4A05", "#FFC290")),  # orange
    Accent(Shade("#D13A80", "#CC4A88"), Shade("#FCE6F0", "#3B1D30"), Shade("#A8225E", "#FFA6CC")),  # pink
    Accent(Shade("#2478D0", "#3580D6"), Shade("#E2EFFD", "#172B44"), Shade("#11569F", "#9CCBFF")),  # blue
    Accent(Shade("#8F7200", "#A5870F"), Shade("#FAF2D2", "#332B14"), Shade("#6B5500", "#F2D573")),  # gold
)

COLOURS: dict[str, Shade] = {
    "page": Shade("#F6F4FD", "#100E1A"),
    "card": Shade("#FFFFFF", "#1A1728"),
    "sunk": Shade("#F6F4FD", "#231F35"),
    "line": Shade("#E7E4F3", "#2F2A46"),
    "ink": Shade("#1D1A2F", "#EDEBF7"),
    "soft": Shade("#5F5A78", "#ADA7C6"),
    "link": Shade("#5B3DF5", "#B3A4FF"),
    "key": Shade("#5B3DF5", "#6D53F7"),  # the one button of a letter
    "quiet": Shade("#ECEAFB", "#2C2549"),  # its quieter brother, and pills
    "loud": Shade("#4A2BE0", "#CFC5FF"),  # what is written on quiet
    "hero": Shade("#5B3DF5", "#5B3DF5"),
    "rail": Shade("#8570F8", "#8570F8"),  # the part of the hero's bar that is open
    "gold": Shade("#FFC83D", "#FFC83D"),
    "white": Shade("#FFFFFF", "#FFFFFF"),
    "flame": Shade("#9A4A05", "#FFC290"),  # a streak's words
    "warm": Shade("#FDF3D3", "#332B14"),
    "amber": Shade("#755A00", "#F2D573"),
    "empty": Shade("#E9E6F2", "#2D2842"),  # a day without a tick, the rest of a bar
}
for _number, _accent in enumerate(ACCENTS):
    for _part, _shade in zip(Accent._fields, _accent, strict=True):
        COLOURS[f"a{_number}-{_part}"] = _shade

# White lies on every point of these, in both themes: the hero, and the hero of a perfect day.
HERO_GRADIENT = ("#5B3DF5", "#7A45EE", "#C2378A")
PERFECT_GRADIENT = ("#5B3DF5", "#9A3BD6", "#C93A7E", "#BC531D")

TEXT_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3
SHAPE_CONTRAST = 3.0  # WCAG 2.2, success criterion 1.4.11

# What is written on what. A letter uses no other pair, which its test checks.
WRITTEN_ON: dict[str, tuple[str, ...]] = {
    "ink": ("page", "card", "sunk"),
    "soft": ("page", "card", "sunk"),
    "link": ("page", "card"),
    "white": ("key", "hero"),
    "loud": ("quiet",),
    "flame": ("card",),
    "amber": ("warm",),
    **{f"a{n}-text": (f"a{n}-tint", "card") for n in range(len(ACCENTS))},
}
# Shapes that carry meaning: a tick on its square, a square or bar on its card, the hero's bar.
DRAWN_ON: dict[str, tuple[str, ...]] = {
    "gold": ("hero",),
    "key": ("card",),
    "white": tuple(f"a{n}-fill" for n in range(len(ACCENTS))),
    **{f"a{n}-fill": ("card",) for n in range(len(ACCENTS))},
}


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours #RRGGBB, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def colour_classes() -> dict[str, tuple[str, str]]:
    """Class → CSS property and colour: `in-ink` writes, `on-card` fills, `edge-line` draws a border."""
    backgrounds = {name for table in (WRITTEN_ON, DRAWN_ON) for others in table.values() for name in others}
    backgrounds |= DRAWN_ON.keys() | {"empty"}
    classes = {f"in-{name}": ("color", name) for name in WRITTEN_ON}
    classes |= {f"on-{name}": ("background-color", name) for name in COLOURS if name in backgrounds}
    edges = ("line", "key", *(f"a{number}-fill" for number in range(len(ACCENTS))))
    return classes | {f"edge-{name}": ("border-color", name) for name in edges}
