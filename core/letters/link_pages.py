"""What the page behind a letter's link says: what will happen, then what is recorded and the way back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from babel.numbers import format_decimal

from core.catalogue import _
from core.coach.safety import SILENCE, mentions
from core.letters.days_said import long_day
from core.letters.link_words import HELPFUL, KEPT, NEAR, OPEN, RECORDED, SIMPLE, STATES, TAKE_BACK
from core.letters.reflection import goes_on
from core.letters.taps import (
    REASON_MOST,
    REASONS,
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
from core.slots import SLOWER
from core.wording import capitalized, listed, locale_of, rhythm_said, streak_text


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
            if self.user.coaching_profile.letters.every == int(self.link.detail):
                return self._rhythm_state(())
            asked = _("A digest {rhythm}?").format(rhythm=rhythm_said(int(self.link.detail)))
            now = _("Now it comes {rhythm}. Your record stays as it is.").format(rhythm=self._rhythm_now)
            return Page(asked, (now,), button=_("Yes, please"))
        if action == "helpful":
            title, button = HELPFUL[self._answers]
            sentence = _("One tap keeps the answer. It also helps to choose what comes next.")
            return Page(_(title), (sentence,), button=_(button))
        if self._is_so:
            return self._simple_state()
        title, sentence, button = SIMPLE[action][:3]
        return Page(_(title), (_(sentence),), button=_(button))

    def answer(self, undo: str, gained: int, said: Said) -> Page:
        """What is recorded now, and the button that takes it back."""
        action = self.link.action
        back = ((_(TAKE_BACK), self._to("take-back", undo, self.link.day)),) if undo else ()
        if action in ("done", "skip", "open"):
            shown = self._habit_state(gained)
            return replace(shown, others=back) if back else shown
        if action == "take-back":
            return self._taken_back(gained)
        if action == "reason":
            return self._reason_answer(said, back)
        if action == "reflection":
            words = " ".join(said.text.split())
            quoted = _("“… {words}”").format(words=words)
            return Page(_("Kept"), (quoted, *_for_a_person(words)), when=self._when, others=back)
        if action == "pause":
            return replace(self._pause_state(), others=back)
        if action == "every":
            return self._rhythm_state(back)
        if action == "helpful":
            title, sentence = KEPT[self._answers]
            return Page(_(title), (_(sentence),), others=back)
        return replace(self._simple_state(), others=back)

    def _to(self, action: Action, detail: str = "", day: date | None = None) -> str:
        return self.href(Link(action, self.user.user_id, detail, day))

    @property
    def _when(self) -> str:
        """`Today, Sunday, November 22`."""
        if self.link.day is None:
            return ""
        near = NEAR.get((today_of(self.user, self.now) - self.link.day).days)
        day = long_day(self.link.day, self.user.locale)
        return _(near).format(day=day) if near else day

    @property
    def _answers(self) -> str:
        """`yes` or `no`: whether a piece of advice was helpful; `keep` for no to another rhythm of letters."""
        word, piece = self.link.detail.split(":", 2)[:2]
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
            records = _what_a_tap_records(self._habit, self.link.day, self.user.locale)
            return Page(_("{habit}: done?").format(habit=name), (records,), self._when, button=_("Yes, done"))
        if action == "skip":
            said = _("The day is set aside: it neither breaks nor lengthens the streak.")
            if state == "done":
                said += " " + _("It is recorded as done now; skipping takes the place of that.")
            return Page(_("Skip {habit}?").format(habit=name), (said,), self._when, button=_("Skip this day"))
        skip = ((_("Skip instead"), self._to("skip", self.link.detail, self.link.day)),) if state == "done" else ()
        title = _("Take {habit} back?").format(habit=name)
        return Page(title, (_(RECORDED[state]),), self._when, button=_(TAKE_BACK), others=skip)

    def _habit_state(self, gained: int) -> Page:
        """How a habit stands on the day, what that did to the numbers, and what else is open on that day."""
        name, state = self._habit.name, self._state
        title = _(STATES.get(state, OPEN)).format(habit=name)
        record = record_of(self.user, self.now).of(self.link.detail)
        streak = ((streak_text(record.streak, record.streak_told_in), _("streak")),) if record.streak else ()
        xp = ((f"{gained:+d}", "XP"),) if gained else ()
        back = ((_(TAKE_BACK), self._to("open", self.link.detail, self.link.day)),) if state in ("done", "skip") else ()
        said = (_("The streak waits where it is."),) if state == "skip" else ()
        return Page(
            title,
            said,
            self._when,
            facts=(*streak, *xp),
            others=back,
            rows_title=_("Open on that day"),
            rows=self._open_rows,
        )

    @property
    def _open_rows(self) -> tuple[tuple[str, str, str], ...]:
        day = self.link.day
        assert day is not None
        missed = [habit for habit in missed_on(self.user, day) if habit != self.link.detail]
        return tuple((self.user.habit(habit).name, _("Done"), self._to("done", habit, day)) for habit in missed)

    # --- what got in the way, and the sentence

    def _reason_question(self) -> Page:
        assert self.link.day is not None
        missed = [(habit, self.user.habit(habit).name) for habit in missed_on(self.user, self.link.day)]
        if not missed:
            said = _("All that was due is done or set aside by now.")
            return Page(_("Nothing is open on that day"), (said,), self._when)
        reason = _(REASONS.get(self.link.detail, ""))
        asked = _("What got in the way: {reason}?").format(reason=reason) if reason else _("What got in the way?")
        if len(missed) == 1:
            kept = _("The answer is kept for {habit}.").format(habit=missed[0][1])
        else:
            kept = _("Kept for the habits that you leave chosen:")
        return Page(
            asked,
            (kept,),
            self._when,
            button=_("Keep this answer"),
            picks=tuple(missed),
            ask="" if reason else _("A word or two"),
            most=REASON_MOST,
        )

    def _reason_answer(self, said: Said, back: tuple[tuple[str, str], ...]) -> Page:
        assert self.link.day is not None
        words = _(REASONS.get(self.link.detail, "")) or " ".join(said.text.split())
        asked = missed_on(self.user, self.link.day)
        names = [self.user.habit(habit).name for habit in asked if said.habits is None or habit in said.habits]
        if not names:
            return self._reason_question()
        thanks = _("Kept for {habits}. Thank you.").format(habits=listed(names))
        noted = _("Noted: {reason}").format(reason=words)
        return Page(noted, (thanks, *_for_a_person(words)), self._when, others=back)

    def _reflection_question(self) -> Page:
        kept = self.user.daily_digests.get(self.link.day) if self.link.day else None
        # What was written is not shown: a letter may have been passed on.
        said = (_("The sentence has an end already. A new one takes its place."),) if kept and kept.reflection else ()
        title = f"{goes_on(self.link.detail)} …"
        return Page(title, said, self._when, button=_("Keep it"), ask=_("How does it go on?"), most=TEXT_MOST)

    # --- fewer letters

    @property
    def _is_so(self) -> bool:
        """Whether what a link of one tap does was done before."""
        letters = self.user.coaching_profile.letters
        match self.link.action:
            case "confirm":
                return self.user.email_confirmed
            case "unsubscribe-digest":
                return not letters.digest
            case "unsubscribe-drip":
                return not letters.drip
            case "unsubscribe-all":
                return not (letters.digest or letters.drip)
        return False

    def _simple_state(self) -> Page:
        title = _("Thank you") if self.link.action in ("confirm", "go-on") else _("Switched off")
        return Page(title, (_(SIMPLE[self.link.action][3]),))

    def _pause_question(self) -> Page:
        if paused_until(self.user, self.now) is not None:
            return self._pause_state()
        first, last = (long_day(day, self.user.locale) for day in pause_days(self.user, self.now))
        said = _("From {first} to {last}. Streaks wait, no letter leaves, and none of these days is a miss.")
        return Page(_("Pause for seven days?"), (said.format(first=first, last=last),), button=_("Pause 7 days"))

    def _pause_state(self) -> Page:
        last = paused_until(self.user, self.now)
        assert last is not None
        back = long_day(last + ONE_DAY, self.user.locale)
        said = _("The first day after it is {day}. Streaks wait, and no letter leaves until then.").format(day=back)
        return Page(_("Paused until {day}").format(day=long_day(last, self.user.locale)), (said,))

    @property
    def _rhythm_now(self) -> str:
        return rhythm_said(self.user.coaching_profile.letters.every)

    @property
    def _rhythm_said(self) -> str:
        return _("The digest comes {rhythm}").format(rhythm=self._rhythm_now)

    def _rhythm_state(self, back: tuple[tuple[str, str], ...]) -> Page:
        return Page(self._rhythm_said, (_("Your ticks and streaks go on as before."),), others=back + self._slower)

    @property
    def _slower(self) -> tuple[tuple[str, str], ...]:
        step = SLOWER.get(self.user.coaching_profile.letters.every)
        return ((capitalized(rhythm_said(step)), self._to("every", str(step))),) if step else ()

    def _taken_back(self, gained: int) -> Page:
        what, *was = json.loads(self.link.detail)
        if what == "entry":
            habit = replace(self, link=replace(self.link, detail=was[0]))
            return replace(habit._habit_state(gained), others=())
        if what == "letters":
            return Page(_("Switched on again"), (_("These letters go on as before."),))
        title = self._rhythm_said if what == "every" else _("Taken back")
        return Page(title, (_("It is as it was before."),), when=self._when)


def _for_a_person(words: str) -> tuple[str, ...]:
    """What is said beside words that software is no answer to."""
    return (_(SILENCE.line),) if mentions(words, SILENCE.words) else ()


def _what_a_tap_records(habit: Habit, day: date | None, locale: str) -> str:
    target = habit.target if day is None else target_on(habit, day)
    if target is None:
        return _("One tap records it, as in the app.")
    number = (target.at_least if target.at_least is not None else target.at_most) or 0
    amount = f"{format_decimal(number, '0.######', locale=locale_of(locale))} {target.unit}".rstrip()
    if target.at_least is not None:
        return _("One tap records {amount}, the number that you aim at.").format(amount=amount)
    return _("One tap records that it stayed within {amount}.").format(amount=amount)
