"""What the page behind a letter's link says: what will happen, then what is recorded and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from core.coach.safety import SILENCE, mentions
from core.letters.days_said import long_day
from core.letters.taps import (
    REASON_MOST,
    REASONS,
    SLOWER,
    TEXT_MOST,
    Action,
    Link,
    Said,
    missed_on,
    pause_days,
    paused_until,
)
from core.localtime import ONE_DAY
from core.models import Habit, User
from core.progress import record_of, today_of
from core.schedule import is_done, target_on
from core.wording import listed

TAKE_BACK = "Take it back"
HELPFUL = {
    "yes": ("Was it helpful?", "Helpful"),
    "no": ("Was it not helpful?", "Not helpful"),
    "keep": ("Keep the letters as they are?", "As it is"),
}
KEPT = {
    "yes": "Thank you. I lean on this sort of advice a little more.",
    "no": "Thank you. I lean on this sort of advice a little less.",
    "keep": "The digest stays as it is, and I do not ask this again.",
}
RHYTHMS = {1: "every day", 2: "every second day", 7: "once a week"}


@dataclass(frozen=True)
class Page:
    """What a page shows: words, numbers as (number, label), a form with one button, further buttons, rows of them."""

    title: str
    sentences: tuple[str, ...] = ()
    when: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    button: str = ""
    picks: tuple[tuple[str, str], ...] = ()
    password: str = ""
    ask: str = ""
    most: int = 0
    text: str = ""
    alert: str = ""
    others: tuple[tuple[str, str], ...] = ()
    rows_title: str = ""
    rows: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class View:
    """The words about one link, for the person as they are now."""

    user: User
    link: Link
    now: datetime
    href: Callable[[Link], str]

    def question(self) -> Page:
        """What will happen, and the button; for what is so already, what is recorded."""
        action = self.link.action
        if action in ("done", "skip", "open"):
            return self._habit_question()
        if action == "reason":
            return self._reason_question()
        if action == "reflection":
            return self._reflection_question()
        if action == "pause":
            return self._pause_question()
        if action == "every":
            said = f"A digest {_rhythm(int(self.link.detail))}?"
            return Page(said, (f"Now it comes {self._rhythm_now}. Your record stays as it is.",), button="Yes, please")
        if action == "helpful":
            title, button = HELPFUL[self._answers]
            return Page(title, ("One tap keeps the answer. It also helps to choose what comes next.",), button=button)
        title, sentence, button, _ = SIMPLE[action]
        return Page(title, (sentence,), button=button)

    def answer(self, undo: str, gained: int, said: Said) -> Page:
        """What is recorded now, and the button that takes it back."""
        action = self.link.action
        back = ((TAKE_BACK, self._to("take-back", undo, self.link.day)),) if undo else ()
        if action in ("done", "skip", "open"):
            shown = self._habit_state(gained)
            return replace(shown, others=back) if back else shown
        if action == "take-back":
            return self._taken_back(gained)
        if action == "reason":
            return self._reason_answer(said, back)
        if action == "reflection":
            words = " ".join(said.text.split())
            return Page("Kept", (f"“… {words}”", *_for_a_person(words)), when=self._when, others=back)
        if action == "pause":
            return replace(self._pause_state(), others=back)
        if action == "every":
            return Page(self._rhythm_said, ("Your ticks and streaks go on as before.",), others=back + self._slower)
        if action == "helpful":
            return Page(f"Kept: {HELPFUL[self._answers][1].lower()}", (KEPT[self._answers],), others=back)
        title = "Thank you" if action in ("confirm", "go-on") else "Switched off"
        return Page(title, (SIMPLE[action][3],), others=back)

    def _to(self, action: Action, detail: str = "", day: date | None = None) -> str:
        return self.href(Link(action, self.user.user_id, detail, day))

    @property
    def _when(self) -> str:
        """`Today, Sunday, November 22`."""
        if self.link.day is None:
            return ""
        near = {0: "Today, ", 1: "Yesterday, "}.get((today_of(self.user, self.now) - self.link.day).days, "")
        return near + long_day(self.link.day, self.user.locale)

    @property
    def _answers(self) -> str:
        """`yes` or `no`: whether a piece of advice was helpful; `keep` for no to another rhythm of letters."""
        word, piece, _ = self.link.detail.split(":", 2)
        return "keep" if piece.startswith("keeping-") else word

    # --- a habit on a day

    @property
    def _habit(self) -> Habit:
        return self.user.habit(self.link.detail)

    @property
    def _state(self) -> str:
        """`done`, `skip`, `some` (a number that is no completion yet) or `open`."""
        assert self.link.day is not None
        entry = self.user.completions.get(self.link.detail, {}).get(self.link.day)
        if entry is None:
            return "open"
        return "skip" if entry.skip else "done" if is_done(self._habit, entry, self.link.day) else "some"

    def _habit_question(self) -> Page:
        name, state, action = self._habit.name, self._state, self.link.action
        if state == action:
            return self._habit_state(0)
        if action == "done":
            return Page(
                f"{name}: done?", (_what_a_tap_records(self._habit, self.link.day),), self._when, button="Yes, done"
            )
        if action == "skip":
            also = " It is recorded as done now; skipping takes the place of that." if state == "done" else ""
            said = f"The day is set aside: it neither breaks nor lengthens the streak.{also}"
            return Page(f"Skip {name}?", (said,), self._when, button="Skip this day")
        said = {"done": "done", "skip": "skipped", "some": "begun"}[state]
        skip = (("Skip instead", self._to("skip", self.link.detail, self.link.day)),) if state == "done" else ()
        sentence = f"It is recorded as {said}. Taken back, the day is open once more."
        return Page(f"Take {name} back?", (sentence,), self._when, button=TAKE_BACK, others=skip)

    def _habit_state(self, gained: int) -> Page:
        """How a habit stands on the day, what that did to the numbers, and what else is open on that day."""
        name, state = self._habit.name, self._state
        title = {"done": f"{name}: done", "skip": f"{name}: skipped"}.get(state, f"{name}: open")
        record = record_of(self.user, self.now).of(self.link.detail)
        length = f"{record.streak} {record.unit}{'' if record.streak == 1 else 's'}"
        streak = ((length, "streak"),) if record.streak else ()
        xp = ((f"{gained:+d}", "XP"),) if gained else ()
        back = ((TAKE_BACK, self._to("open", self.link.detail, self.link.day)),) if state in ("done", "skip") else ()
        said = ("The streak waits where it is.",) if state == "skip" else ()
        return Page(
            title,
            said,
            self._when,
            facts=(*streak, *xp),
            others=back,
            rows_title="Open on that day",
            rows=self._open_rows,
        )

    @property
    def _open_rows(self) -> tuple[tuple[str, str, str], ...]:
        day = self.link.day
        assert day is not None
        missed = [habit for habit in missed_on(self.user, day) if habit != self.link.detail]
        return tuple((self.user.habit(habit).name, "Done", self._to("done", habit, day)) for habit in missed)

    # --- what got in the way, and the sentence

    def _reason_question(self) -> Page:
        assert self.link.day is not None
        missed = [(habit, self.user.habit(habit).name) for habit in missed_on(self.user, self.link.day)]
        if not missed:
            return Page("Nothing is open on that day", ("All that was due is done or set aside by now.",), self._when)
        words = REASONS.get(self.link.detail, "")
        title = f"What got in the way: {words}?" if words else "What got in the way?"
        names = listed([name for _, name in missed])
        return Page(
            title,
            (f"The answer is kept for {names}." if len(missed) == 1 else "Kept for the habits that you leave chosen:",),
            self._when,
            button="Keep this answer",
            picks=tuple(missed),
            ask="" if words else "A word or two",
            most=REASON_MOST,
        )

    def _reason_answer(self, said: Said, back: tuple[tuple[str, str], ...]) -> Page:
        assert self.link.day is not None
        words = REASONS.get(self.link.detail) or " ".join(said.text.split())
        asked = missed_on(self.user, self.link.day)
        names = [self.user.habit(habit).name for habit in asked if said.habits is None or habit in said.habits]
        if not names:
            return self._reason_question()
        thanks = (f"Kept for {listed(names)}. Thank you.", *_for_a_person(words))
        return Page(f"Noted: {words}", thanks, self._when, others=back)

    def _reflection_question(self) -> Page:
        kept = self.user.daily_digests.get(self.link.day) if self.link.day else None
        # What was written is not shown: a letter may have been passed on.
        said = ("The sentence has an end already. A new one takes its place.",) if kept and kept.reflection else ()
        title = f"{self.link.detail} I want to focus on …"
        return Page(title, said, self._when, button="Keep it", ask="How does it go on?", most=TEXT_MOST)

    # --- fewer letters

    def _pause_question(self) -> Page:
        if paused_until(self.user, self.now) is not None:
            return self._pause_state()
        first, last = (long_day(day, self.user.locale) for day in pause_days(self.user, self.now))
        said = f"From {first} to {last}. Streaks wait, no letter leaves, and none of these days is a miss."
        return Page("Pause for seven days?", (said,), button="Pause 7 days")

    def _pause_state(self) -> Page:
        last = paused_until(self.user, self.now)
        assert last is not None
        back = long_day(last + ONE_DAY, self.user.locale)
        said = f"The first day after it is {back}. Streaks wait, and no letter leaves until then."
        return Page(f"Paused until {long_day(last, self.user.locale)}", (said,))

    @property
    def _rhythm_now(self) -> str:
        return _rhythm(self.user.coaching_profile.letters.every)

    @property
    def _rhythm_said(self) -> str:
        return f"The digest comes {self._rhythm_now}"

    @property
    def _slower(self) -> tuple[tuple[str, str], ...]:
        step = SLOWER.get(self.user.coaching_profile.letters.every)
        return ((_rhythm(step).capitalize(), self._to("every", str(step))),) if step else ()

    def _taken_back(self, gained: int) -> Page:
        what, *was = json.loads(self.link.detail)
        if what == "entry":
            habit = replace(self, link=replace(self.link, detail=was[0]))
            return replace(habit._habit_state(gained), others=())
        if what == "letters":
            return Page("Switched on again", ("These letters go on as before.",))
        title = self._rhythm_said if what == "every" else "Taken back"
        return Page(title, ("It is as it was before.",), when=self._when)


def _for_a_person(words: str) -> tuple[str, ...]:
    """What is said beside words that software is no answer to."""
    return (SILENCE.line,) if mentions(words, SILENCE.words) else ()


def _rhythm(every: int) -> str:
    return RHYTHMS.get(every, f"every {every} days")


def _what_a_tap_records(habit: Habit, day: date | None) -> str:
    target = habit.target if day is None else target_on(habit, day)
    if target is None:
        return "One tap records it, as in the app."
    if target.at_least is not None:
        return f"One tap records {target.at_least:g} {target.unit}".rstrip() + ", the number that you aim at."
    return f"One tap records that it stayed within {target.at_most:g} {target.unit}".rstrip() + "."


# action: (what is asked, what it will do, its button, what it has done)
SIMPLE: dict[Action, tuple[str, str, str, str]] = {
    "confirm": (
        "Is this your address?",
        "Confirm it, and your letters come here. Nothing else changes.",
        "Yes, it is mine",
        "Your address is confirmed. Your letters come here from now on.",
    ),
    "unsubscribe-digest": (
        "Stop the daily digest?",
        "Your habits and your record stay as they are. Profile switches it back on.",
        "Stop the digest",
        "Done: no digest is sent to you any more. Profile switches it back on.",
    ),
    "unsubscribe-drip": (
        "Stop the letters of the first thirty days?",
        "The daily digest goes on. Profile switches these back on.",
        "Stop these letters",
        "Done: none of these letters is sent to you any more. Profile switches them back on.",
    ),
    "unsubscribe-all": (
        "Stop all letters?",
        "Your habits and your record stay as they are. Profile switches them back on.",
        "Stop all letters",
        "Done: no letter is sent to you any more. Profile switches them back on.",
    ),
    "go-on": (
        "Keep the letters coming?",
        "Then the next digest comes at its usual time. Nothing has to be made up for.",
        "Keep going",
        "The letters go on. The next one comes at its usual time.",
    ),
    "take-back": (
        "Take it back?",
        "What the last tap changed will stand again as it was.",
        TAKE_BACK,
        "",
    ),
}
