"""The words of the pages behind a letter's links, by what they are about; translated where they are shown."""

from __future__ import annotations

from core.catalogue import N_
from core.letters.taps import Action

TAKE_BACK = N_("Take it back")
HELPFUL = {  # what is asked, the button
    "yes": (N_("Was it helpful?"), N_("Helpful")),
    "no": (N_("Was it not helpful?"), N_("Not helpful")),
    "keep": (N_("Keep the letters as they are?"), N_("As it is")),
}
KEPT = {  # that it is kept, and what comes of it
    "yes": (N_("Kept: helpful"), N_("Thank you. I lean on this sort of advice a little more.")),
    "no": (N_("Kept: not helpful"), N_("Thank you. I lean on this sort of advice a little less.")),
    "keep": (N_("Kept: as it is"), N_("The digest stays as it is, and I do not ask this again.")),
}
NEAR = {0: N_("Today, {day}"), 1: N_("Yesterday, {day}")}  # by how many days it is ago
STATES = {"done": N_("{habit}: done"), "skip": N_("{habit}: skipped")}
OPEN = N_("{habit}: open")
RECORDED = {
    "done": N_("It is recorded as done. Taken back, the day is open once more."),
    "skip": N_("It is recorded as skipped. Taken back, the day is open once more."),
    "some": N_("It is recorded as begun. Taken back, the day is open once more."),
}

# action: (what is asked, what it will do, its button, what it has done)
SIMPLE: dict[Action, tuple[str, str, str, str]] = {
    "confirm": (
        N_("Is this your address?"),
        N_("Confirm it, and your letters come here. Nothing else changes."),
        N_("Yes, it is mine"),
        N_("Your address is confirmed. Your letters come here from now on."),
    ),
    "unsubscribe-digest": (
        N_("Stop the daily digest?"),
        N_("Your habits and your record stay as they are. Profile switches it back on."),
        N_("Stop the digest"),
        N_("Done: no digest is sent to you any more. Profile switches it back on."),
    ),
    "unsubscribe-drip": (
        N_("Stop the letters of the first thirty days?"),
        N_("The daily digest goes on. Profile switches these back on."),
        N_("Stop these letters"),
        N_("Done: none of these letters is sent to you any more. Profile switches them back on."),
    ),
    "unsubscribe-all": (
        N_("Stop all letters?"),
        N_("Your habits and your record stay as they are. Profile switches them back on."),
        N_("Stop all letters"),
        N_("Done: no letter is sent to you any more. Profile switches them back on."),
    ),
    "go-on": (
        N_("Keep the letters coming?"),
        N_("Then the next digest comes at its usual time. Nothing has to be made up for."),
        N_("Keep going"),
        N_("The letters go on. The next one comes at its usual time."),
    ),
    "take-back": (
        N_("Take it back?"),
        N_("What the last tap changed will stand again as it was."),
        TAKE_BACK,
        "",
    ),
}
