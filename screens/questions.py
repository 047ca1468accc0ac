"""The pages of the seven questions: one at a time, and in the end the answers read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from core.localtime import zone
from core.models import DIGEST_TIMES, User
from core.questions import GOALS_MOST, QUESTIONS, TOO_MANY_GOALS, Answers, Question, missing_answers, read_draft
from core.wording import locale_of
from screens import answers as fields
from screens import wording
from screens.parts import alert, esc, keys
from storage import Store

ADVICE_BEGINS = timedelta(days=14)
READ_BACK = len(QUESTIONS)  # the step after the last question

ss = st.session_state


@dataclass(frozen=True)
class Draft:
    """Where the answers so far are kept: in the session for the next run, in the document for the next visit."""

    store: Store | None
    user_id: str | None

    def keep(self) -> None:
        if self.store is None or self.user_id is None:
            return
        with self.store.edit(self.user_id) as user:
            if not user.coaching_profile.onboarding_complete:
                user.onboarding_draft = {**ss.ob_answers, "step": ss.ob_step}

    def take(self, field: str) -> None:
        """Take what the field shows. Called on every change; a late one may come when its field is gone."""
        key = f"ob_w_{field}"
        if key not in ss:
            return
        value = ss[key].strip() if isinstance(ss[key], str) else ss[key]
        if field == "life_goals" and len(value) > GOALS_MOST:
            ss[key], ss.ob_said = ss.ob_answers[field], TOO_MANY_GOALS
        elif value != ss.ob_answers[field]:
            ss.ob_answers[field], ss.ob_said = value, ""
            self.keep()

    def move(self, to: int) -> None:
        """Go to a step; onward when the question is answered."""
        question = QUESTIONS[ss.ob_step]
        self.take(question.field)
        missing = missing_answers(ss.ob_answers).get(question.field)
        if missing and to > ss.ob_step:
            ss.ob_said = missing
            return
        ss.ob_step, ss.ob_said = (READ_BACK if ss.ob_changing else to), ""
        ss.ob_changing = False
        self.keep()

    def change(self, step: int) -> None:
        """Go back to one question, and from there straight to the letter."""
        ss.ob_step, ss.ob_changing = step, True


def ask(draft: Draft, user: User | None, now: datetime) -> bool:
    """Draw the question that is next, or the answers read back; True in the run in which the person says that they
    are right. The answers stand in st.session_state.ob_answers."""
    if "ob_answers" not in ss:
        nobody = User(user_id="nobody", created_at=now)
        ss.ob_answers, ss.ob_step = read_draft(user or nobody, fields.browser_zone())
        ss.ob_said, ss.ob_changing = "", False
    is_right = False
    with st.container(key="ob"):
        if ss.ob_step < READ_BACK:
            draft.take(QUESTIONS[ss.ob_step].field)
            side, asked = st.columns([1, 1.6], gap="medium")
            with side:
                _draw_side(user)
            with asked:
                _draw_question(QUESTIONS[ss.ob_step], draft, user, now)
        else:
            is_right = _draw_letter(draft, user, now)
    _move_focus()
    return is_right


def _draw_side(user: User | None) -> None:
    """Beside the question what is understood so far; on a phone a bar of seven parts."""
    steps = "".join(_side_step(n, question, _locale(user)) for n, question in enumerate(QUESTIONS))
    parts = "".join(f'<u class="{_state(n)}"></u>' for n in range(READ_BACK))
    name = f", {esc(user.display_name)}" if user and user.display_name else ""
    st.html(f"""<div class="xp-side"><div class="xp-brand"><i aria-hidden="true">✓</i>XP Tracker
      <em>{ss.ob_step + 1} of {READ_BACK}</em></div>
      <div class="xp-parts" role="progressbar" aria-label="Questions answered" aria-valuemin="0"
        aria-valuemax="{READ_BACK}" aria-valuenow="{ss.ob_step}">{parts}</div>
      <div class="xp-big">Good to have you here{name}</div>
      <p>Seven short questions, two minutes. What I write to you will begin with what you say.</p>
      <ol>{steps}</ol>
      <div class="xp-foot">Your answers stay between us.
      I am software: I count and I suggest, you decide.</div></div>""")


def _state(step: int) -> str:
    return "now" if step == ss.ob_step else "done" if step < ss.ob_step or ss.ob_changing else "todo"


def _side_step(n: int, question: Question, locale: str) -> str:
    state = _state(n)
    current = ' aria-current="step"' if state == "now" else ""
    said = esc(fields.in_words(question.field, ss.ob_answers[question.field], locale)) if state == "done" else ""
    mark = "✓" if state == "done" else n + 1
    return (
        f'<li class="{state}"{current}><i aria-hidden="true">{mark}</i><span>{question.short}<b>{said}</b></span></li>'
    )


def _draw_question(question: Question, draft: Draft, user: User | None, now: datetime) -> None:
    step, field, locale = ss.ob_step, question.field, _locale(user)
    key = f"ob_w_{field}"
    if key not in ss:
        ss[key] = ss.ob_answers[field]
    with st.container(key=f"ob_step{step}", gap="medium"):
        st.html(f"""<div class="xp-eyebrow">Question {step + 1} of {READ_BACK}</div>
          <h1 class="xp-q">{question.asks}</h1>
          <p class="xp-hint">{question.hint}{_chosen(field)}</p>""")
        with st.container(key="ob_body", gap="small"):
            fields.answer_field(
                field,
                question.asks,
                key,
                locale=locale,
                example=question.example,
                on_change=draft.take,
                args=(field,),
                show_label=False,
            )
            if ss.ob_said:
                alert(ss.ob_said)
            if field == "timezone" and ss.ob_answers[field]:
                _draw_clock(ss.ob_answers[field], now, locale)
        st.html(f'<p class="xp-why"><i aria-hidden="true">✦</i><span><b>Why I ask.</b> {question.why}</span></p>')
    _draw_way(draft, step)


def _chosen(field: str) -> str:
    count = len(ss.ob_answers[field] or []) if field == "life_goals" else 0
    return f"<em>{count} of {GOALS_MOST} chosen</em>" if count else ""


def _draw_clock(timezone: str, now: datetime, locale: str) -> None:
    there = now.astimezone(zone(timezone))
    day = wording.weekday(there.weekday(), locale_of(locale))
    st.html(f"""<div class="xp-clock"><b>{esc(fields.clock(f"{there:%H:%M}", locale))}</b>
      <span>{esc(day)}, by that clock. Is it what your watch shows?</span></div>""")


def _draw_way(draft: Draft, step: int) -> None:
    onward = "Keep this" if ss.ob_changing else "Read it back to me" if step == READ_BACK - 1 else "Continue"
    with st.container(horizontal=True, key="ob_way", vertical_alignment="center", gap="small"):
        if step and not ss.ob_changing:
            icon = ":material/arrow_back:"
            st.button("Back", key="ob_back", type="tertiary", icon=icon, on_click=draft.move, args=(step - 1,))
        st.space("stretch")
        st.button(onward, key="ob_next", type="primary", on_click=draft.move, args=(step + 1,))


def _draw_letter(draft: Draft, user: User | None, now: datetime) -> bool:
    """The answers read back; whether the person has said that they are right."""
    answers, locale = ss.ob_answers, _locale(user)
    with st.container(key="ob_sum", gap="medium"):
        st.html(fields.letter(answers, locale))
        with st.container(horizontal=True, key="ob_way", vertical_alignment="center", gap="small"):
            st.html('<p class="xp-small">Something off? Change it below.</p>', width="stretch")
            # a key of its own: a button is its key, and the press that led here would count for it
            is_right = st.button("That is right, start", key="ob_save", type="primary", icon=":material/check:")
        st.html(_what_comes(user, answers, now))
        with st.container(key="ob_fix", gap=None):
            st.html('<h2 class="xp-h2">Change an answer</h2>')
            for n, question in enumerate(QUESTIONS):
                said = esc(fields.in_words(question.field, answers[question.field], locale))
                with st.container(horizontal=True, key=f"ob_row{n}", vertical_alignment="center", wrap=False):
                    st.html(f'<div class="xp-row"><span>{question.short}</span><b>{said}</b></div>', width="stretch")
                    label = f"Change *{question.short.lower()}*"  # the ear hears which one, the eye sees its row
                    st.button(label, key=f"ob_fix{n}", type="tertiary", on_click=draft.change, args=(n,))
    return is_right


def _what_comes(user: User | None, answers: Answers, now: datetime) -> str:
    locale = _locale(user)
    began = (user.created_at if user else now.astimezone(zone(answers["timezone"]))).date()
    first_advice = esc(wording.long_day(began + ADVICE_BEGINS, locale_of(locale)))
    hour = esc(fields.clock(DIGEST_TIMES[answers["chronotype"]], locale))
    letters = "and your first letter leaves." if user and user.email else "ready to tick."
    return f"""<div class="xp-next"><h2 class="xp-h2">What comes next</h2><ol>
      <li><b>Now</b><span>“{esc(answers["main_habit"])}” becomes your first habit, {letters}</span></li>
      <li><b>Every day, {hour}</b><span>One digest. Ticking a habit sends nothing.</span></li>
      <li><b>{first_advice}</b><span>Day 14: I say for the first time what your days have in common.
      Before that, chance looks too much like a pattern.</span></li></ol></div>"""


def _move_focus() -> None:
    step = f".st-key-ob_step{ss.ob_step} .st-key-ob_body"
    first = [f"{step} input[type=radio]:checked", f"{step} :is(input,textarea)", f"{step} [role=toolbar] button"]
    is_missing = bool(ss.ob_said) and ss.ob_said != TOO_MANY_GOALS
    keys(
        step=f"{ss.ob_step} {is_missing}",
        focus=[".st-key-ob_sum h1"] if ss.ob_step == READ_BACK else first,
        within=".st-key-ob_body",
        go_on=".st-key-ob_next button",
    )


def _locale(user: User | None) -> str:
    return user.locale if user else "en"
