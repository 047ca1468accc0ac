"""The pages of the seven questions: one at a time, and in the end the answers read back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import streamlit as st

from core.catalogue import _, within
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
            ss[key], ss.ob_said = ss.ob_answers[field], _(TOO_MANY_GOALS)
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
    name = esc(user.display_name) if user else ""
    welcome = _("Good to have you here, {name}").format(name=name) if name else _("Good to have you here")
    number = _("{number} of {all}").format(number=ss.ob_step + 1, all=READ_BACK)
    st.html(f"""<div class="xp-side"><div class="xp-brand"><i aria-hidden="true">✓</i>XP Tracker
      <em>{number}</em></div>
      <div class="xp-parts" role="progressbar" aria-label="{_("Questions answered")}" aria-valuemin="0"
        aria-valuemax="{READ_BACK}" aria-valuenow="{ss.ob_step}">{parts}</div>
      <div class="xp-big">{welcome}</div>
      <p>{_("Seven short questions, two minutes. What I write to you will begin with what you say.")}</p>
      <ol>{steps}</ol>
      <div class="xp-foot">{_("Your answers stay between us.")}
      {_("I am software: I count and I suggest, you decide.")}</div></div>""")


def _state(step: int) -> str:
    return "now" if step == ss.ob_step else "done" if step < ss.ob_step or ss.ob_changing else "todo"


def _side_step(n: int, question: Question, locale: str) -> str:
    state = _state(n)
    current = ' aria-current="step"' if state == "now" else ""
    said = esc(fields.in_words(question.field, ss.ob_answers[question.field], locale)) if state == "done" else ""
    mark = "✓" if state == "done" else n + 1
    words = f"<span>{_(question.short)}<b>{said}</b></span>"
    return f'<li class="{state}"{current}><i aria-hidden="true">{mark}</i>{words}</li>'


def _draw_question(question: Question, draft: Draft, user: User | None, now: datetime) -> None:
    step, field, locale = ss.ob_step, question.field, _locale(user)
    key = f"ob_w_{field}"
    if key not in ss:
        ss[key] = ss.ob_answers[field]
    with st.container(key=f"ob_step{step}", gap="medium"):
        number = _("Question {number} of {all}").format(number=step + 1, all=READ_BACK)
        st.html(f"""<div class="xp-eyebrow">{number}</div>
          <h1 class="xp-q">{_(question.asks)}</h1>
          <p class="xp-hint">{_(question.hint)}{_chosen(field)}</p>""")
        with st.container(key="ob_body", gap="small"):
            fields.answer_field(
                field,
                _(question.asks),
                key,
                locale=locale,
                example=question.example and _(question.example),
                on_change=draft.take,
                args=(field,),
                show_label=False,
            )
            if ss.ob_said:
                alert(ss.ob_said)
            if field == "timezone" and ss.ob_answers[field]:
                _draw_clock(ss.ob_answers[field], now, locale)
        why = f"<b>{_('Why I ask.')}</b> {_(question.why)}"
        st.html(f'<p class="xp-why"><i aria-hidden="true">✦</i><span>{why}</span></p>')
    _draw_way(draft, step)


def _chosen(field: str) -> str:
    count = len(ss.ob_answers[field] or []) if field == "life_goals" else 0
    said = _("{count} of {most} chosen").format(count=count, most=GOALS_MOST)
    return f"<em>{said}</em>" if count else ""


def _draw_clock(timezone: str, now: datetime, locale: str) -> None:
    there = now.astimezone(zone(timezone))
    day = wording.weekday(there.weekday(), locale_of(locale))
    asked = _("{weekday}, by that clock. Is it what your watch shows?").format(weekday=esc(day))
    st.html(f"""<div class="xp-clock"><b>{esc(fields.clock(f"{there:%H:%M}", locale))}</b>
      <span>{asked}</span></div>""")


def _draw_way(draft: Draft, step: int) -> None:
    last = _("Read it back to me") if step == READ_BACK - 1 else _("Continue")
    onward = _("Keep this") if ss.ob_changing else last
    with st.container(horizontal=True, key="ob_way", vertical_alignment="center", gap="small"):
        if step and not ss.ob_changing:
            icon = ":material/arrow_back:"
            st.button(_("Back"), key="ob_back", type="tertiary", icon=icon, on_click=draft.move, args=(step - 1,))
        st.space("stretch")
        st.button(onward, key="ob_next", type="primary", on_click=draft.move, args=(step + 1,))


def _draw_letter(draft: Draft, user: User | None, now: datetime) -> bool:
    """The answers read back; whether the person has said that they are right."""
    answers, locale = ss.ob_answers, _locale(user)
    with st.container(key="ob_sum", gap="medium"):
        st.html(fields.letter(answers, locale))
        with st.container(horizontal=True, key="ob_way", vertical_alignment="center", gap="small"):
            st.html(f'<p class="xp-small">{_("Something off? Change it below.")}</p>', width="stretch")
            # a key of its own: a button is its key, and the press that led here would count for it
            is_right = st.button(_("That is right, start"), key="ob_save", type="primary", icon=":material/check:")
        st.html(_what_comes(user, answers, now))
        with st.container(key="ob_fix", gap=None):
            st.html(f'<h2 class="xp-h2">{_("Change an answer")}</h2>')
            for n, question in enumerate(QUESTIONS):
                said = esc(fields.in_words(question.field, answers[question.field], locale))
                with st.container(horizontal=True, key=f"ob_row{n}", vertical_alignment="center", wrap=False):
                    row = f"<span>{_(question.short)}</span><b>{said}</b>"
                    st.html(f'<div class="xp-row">{row}</div>', width="stretch")
                    label = _("Change *{answer}*").format(
                        answer=within(_(question.short))
                    )  # the ear hears which one, the eye sees its row
                    st.button(label, key=f"ob_fix{n}", type="tertiary", on_click=draft.change, args=(n,))
    return is_right


def _what_comes(user: User | None, answers: Answers, now: datetime) -> str:
    locale = _locale(user)
    began = (user.created_at if user else now.astimezone(zone(answers["timezone"]))).date()
    first_advice = esc(wording.long_day(began + ADVICE_BEGINS, locale_of(locale)))
    hour = esc(fields.clock(DIGEST_TIMES[answers["chronotype"]], locale))
    with_letter = _("“{habit}” becomes your first habit, and your first letter leaves.")
    without = _("“{habit}” becomes your first habit, ready to tick.")
    now_said = (with_letter if user and user.email else without).format(habit=esc(answers["main_habit"]))
    return f"""<div class="xp-next"><h2 class="xp-h2">{_("What comes next")}</h2><ol>
      <li><b>{_("Now")}</b><span>{now_said}</span></li>
      <li><b>{_("Every day, {hour}").format(hour=hour)}</b>
      <span>{_("One digest. Ticking a habit sends nothing.")}</span></li>
      <li><b>{first_advice}</b><span>{_("Day 14: I say for the first time what your days have in common.")}
      {_("Before that, chance looks too much like a pattern.")}</span></li></ol></div>"""


def _move_focus() -> None:
    step = f".st-key-ob_step{ss.ob_step} .st-key-ob_body"
    first = [f"{step} input[type=radio]:checked", f"{step} :is(input,textarea)", f"{step} [role=toolbar] button"]
    is_missing = bool(ss.ob_said) and ss.ob_said != _(TOO_MANY_GOALS)
    keys(
        step=f"{ss.ob_step} {is_missing}",
        focus=[".st-key-ob_sum h1"] if ss.ob_step == READ_BACK else first,
        within=".st-key-ob_body",
        go_on=".st-key-ob_next button",
    )


def _locale(user: User | None) -> str:
    return user.locale if user else "en"
