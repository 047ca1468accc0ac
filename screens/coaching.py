"""Coaching: what the coach found, each claim with its days drawn, and what to try; until Day 14, what it watches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import streamlit as st
from babel import Locale

import coaching_engine
from core import recording
from core.catalogue import N_, _, n_
from core.coach.standing import Look
from core.models import Habit, User
from core.patterns import EARLY_QUESTION, about_of
from core.progress import today_of
from core.wording import count_text, locale_of
from screens import advice_cards, looks, ways, wording
from screens.parts import esc, heard, hold_focus, say, style, tell
from screens.pictures import drawn, evidence
from storage import Store

SOFTWARE = N_("I am software. I read what you tick, nothing else, and I can be wrong.")
UNITS = ("days", "weeks", "times", "weekend_times", "weekdays", "weekend_days")  # of what is watched
CONFIDENCE = {"established": (N_("Established"), ""), "early": (N_("First sign"), " early")}
FOUND_MOST = 4  # of each confidence, shown at once; the others behind one tap
NOTED = {"yes": N_("Noted: it rings true."), "no": N_("Noted: not really.")}

Finding = dict[str, Any]


def draw(store: Store, user_id: str) -> None:
    """The screen."""
    style("inner.css")
    hold_focus()
    show(store, user_id, datetime.now(UTC))


def show(store: Store, user_id: str, now: datetime) -> None:
    """The screen as it stands at an instant."""
    user = store.read(user_id)
    seen, locale = coaching_engine.analyze(user, now, store=store), locale_of(user.locale)
    with st.container(key="coaching"):
        if seen["ready"]:
            _ready(store, user, seen, now, locale)
        else:
            _watching(user, seen, locale)
        st.html(f'<p class="in-small in-foot">{esc(_(SOFTWARE))}</p>')


# --- from Day 14


def _ready(store: Store, user: User, seen: dict[str, Any], now: datetime, locale: Locale) -> None:
    findings = [finding for finding in seen["findings"] if any(h.id == finding["habit"] for h in user.habits)]
    st.html(_hero(user, findings, seen["days_since_signup"]))
    _findings(store, user, findings, today_of(user, now), locale)
    left, right = st.columns([1.62, 1], gap="medium")
    given, question, look = _advice(store, user.user_id, now)
    with left:
        with st.container(key="ways_back", gap="small"):
            heading = st.empty()
            if advice_cards.small_plans(look):
                heading.html(_section(_("A small way back"), _("Returning is the whole of it.")))
        st.html(_section(_("What you could try"), _("Never more than five, and none that you have been given before.")))
        advice_cards.to_try(store, look, given, question)
    with right:
        st.html(_section(_("What came of it")))
        advice_cards.what_came(store, look, given)
    _also(seen["strengths"], seen["challenges"])


def _advice(store: Store, user_id: str, now: datetime) -> tuple[list[dict[str, Any]], dict[str, Any] | None, Look]:
    """(advice, the question in its place, the person). What is drawn here counts as given: no letter repeats it."""
    with store.edit(user_id) as user:
        look = coaching_engine.look_now(user, now)
        given = coaching_engine.draw_advice(user, look, store=store)
        return given, None if given else coaching_engine.draw_question(user, look), look


def _hero(user: User, findings: Sequence[Finding], day: int) -> str:
    title = _("What your days say")
    if user.display_name:
        title = _("What your days say, {name}").format(name=user.display_name)
    entries = sum(len(days) for days in user.completions.values())
    sure = sum(finding["confidence"] == "established" for finding in findings)
    early = len(findings) - sure
    tiles = [
        (day, n_("day since you joined", "days since you joined", day)),
        (entries, n_("entry read", "entries read", entries)),
        (sure, _("established")),
        (early, n_("first sign", "first signs", early)),
    ]
    shown = "".join(f"<div><b>{count_text(n)}</b><span>{esc(words)}</span></div>" for n, words in tiles)
    said = _("Each claim stands with its days. What is not here, I do not know yet.")
    return (
        f'<section class="in-hero"><h1>{esc(title)}</h1><p>{esc(said)}</p><div class="in-tiles">{shown}</div></section>'
    )


def _section(title: str, said: str = "") -> str:
    return f'<div class="in-sec"><h2 class="in-h2">{esc(title)}</h2>{f"<p>{said}</p>" if said else ""}</div>'


def _findings(store: Store, user: User, findings: Sequence[Finding], today: date, locale: Locale) -> None:
    key = _(
        '<span><b class="co-sure">Established</b> strong enough that I stand behind it</span> '
        '<span><b class="co-sure early">First sign</b> may still be chance</span>'
    )
    st.html(_section(_("What I found"), key if findings else ""))
    if not findings:
        said = _(
            "Nothing yet that I would stand behind. I look again every night, and say so here when the days are clear."
        )
        st.html(f'<p class="in-empty">{esc(said)}</p>')
    first, others = told_first(findings, st.query_params.get(ways.FOUND, ""))
    _cards(store, user, first, today, locale)
    if others:
        more = n_("{n} more that I found", "{n} more that I found", len(others)).format(n=len(others))
        with st.expander(more, key="found_besides"):
            _cards(store, user, others, today, locale)
    say("signs")  # below all of them: a "no" takes its own card along


def told_first(findings: Sequence[Finding], asked: str = "") -> tuple[list[Finding], list[Finding]]:
    """What is shown at once, and the others: the one `asked` for before all, one of each kind before the next of it."""
    told: Counter[str] = Counter()

    def turn(finding: Finding) -> tuple[bool, int]:
        kind = finding["kind"]
        told[kind] += 1
        return ways.name_of_finding(kind, about_of(finding["habit"], finding["evidence"])) != asked, told[kind]

    ordered = sorted(findings, key=turn)
    sure, early = ([one for one in ordered if one["confidence"] == confidence] for confidence in CONFIDENCE)
    return [*sure[:FOUND_MOST], *early[:FOUND_MOST]], [*sure[FOUND_MOST:], *early[FOUND_MOST:]]


def _cards(store: Store, user: User, findings: Sequence[Finding], today: date, locale: Locale) -> None:
    for n in range(0, len(findings), 2):
        for column, finding in zip(st.columns(2, gap="medium"), findings[n : n + 2], strict=False):
            with column:
                _finding(store, user, finding, today, locale)


def _finding(store: Store, user: User, finding: Finding, today: date, locale: Locale) -> None:
    habit, kind = user.habit(finding["habit"]), finding["kind"]
    about, title = about_of(finding["habit"], finding["evidence"]), _(evidence.TITLES.get(kind, ""))
    with st.container(border=True, key=f"finding_{kind}_{about}", height="stretch", gap="small"):
        st.html(finding_card(habit, finding, locale))
        if finding["confidence"] == "early":
            with st.container(horizontal=True, key=f"ring_{kind}_{about}", gap="small", vertical_alignment="center"):
                st.html(f'<b class="co-ask">{esc(_(EARLY_QUESTION))}</b>')
                for label, answer in ((_("Yes"), "yes"), (_("Not really"), "no")):
                    on_click = _answer(store, user.user_id, kind, about, answer, today)
                    kept = _answered(user, kind, about) == answer
                    st.button(
                        ways.named(label, _("your answer") if kept else "", habit.name, title),
                        key=f"ring_{answer}_{kind}_{about}",
                        on_click=on_click,
                        type="primary" if kept else "secondary",
                    )


def finding_card(habit: Habit, finding: Finding, locale: Locale) -> str:
    """One claim with its evidence drawn, and the numbers behind it."""
    words, kind = CONFIDENCE[finding["confidence"]]
    since = wording.long_day(date.fromisoformat(finding["since"]), locale)
    title = evidence.title(finding["kind"], early=finding["confidence"] == "early")
    listed = _("First listed on {day}.").format(day=since)
    claim = finding["text"].removesuffix(_(EARLY_QUESTION)).rstrip()  # asked once, beside its two answers
    picture = evidence.picture(finding["kind"], finding["evidence"], locale)
    return (
        f'<article {looks.shade(habit)}><header class="co-head">{looks.icon(habit)}<div><span>{esc(habit.name)}</span>'
        f'<h3 class="in-h3">{esc(title)}</h3></div><em class="co-sure{kind}">{esc(_(words))}</em></header>'
        f'<p class="co-text">{drawn.counts_stand_out(claim)}</p>{picture}'
        f'<details class="in-num"><summary>{esc(_("The numbers"))}{heard(habit.name, title)}</summary><div>'
        f"{evidence.numbers(finding['evidence'], locale)}<p>{esc(listed)}</p></div></details></article>"
    )


def _answer(store: Store, user_id: str, kind: str, about: str, answer: str, today: date) -> Callable[[], None]:
    def keep() -> None:
        tell("signs", _(NOTED[answer]))
        with store.edit(user_id) as user:
            recording.answer_sign(user, kind, about, answer="yes" if answer == "yes" else "no", day=today)

    return keep


def _answered(user: User, kind: str, about: str) -> str | None:
    said = [a.get("answer") for a in user.coaching_insights.answers if (a.get("kind"), a.get("habit")) == (kind, about)]
    return said[-1] if said else None


def _also(strengths: Sequence[str], challenges: Sequence[str]) -> None:
    if not strengths and not challenges:
        return
    st.html(_section(_("What I also see")))
    left, right = st.columns(2, gap="medium") if strengths and challenges else [st.container()] * 2
    with left:
        _list(_("Your strengths"), strengths, "strengths")
    with right:
        _list(_("What is hard right now"), challenges, "challenges")


def _list(title: str, sentences: Sequence[str], key: str) -> None:
    if sentences:
        with st.container(border=True, key=key, height="stretch"):
            st.html(f'<h3 class="in-h3">{esc(title)}</h3><ul class="co-list">{"".join(map(_item, sentences))}</ul>')


def _item(sentence: str) -> str:
    """A sentence that begins with its mark."""
    mark, words = [*sentence.split(" ", 1), ""][:2]
    if mark.isascii():
        mark, words = "", sentence
    return f'<li><i aria-hidden="true">{esc(mark)}</i><span>{drawn.counts_stand_out(words)}</span></li>'


# --- before Day 14


def _watching(user: User, seen: dict[str, Any], locale: Locale) -> None:
    day, first = seen["days_since_signup"], coaching_engine.FIRST_DAY
    names = [user.habit(habit).name for habit in dict.fromkeys(item["habit"] for item in seen["watching"])]
    when = wording.long_day(user.created_at.date() + timedelta(days=first), locale)
    cells = "".join(_cell(n, day, first) for n in range(first + 1))
    title = _("Day {n}. I am watching your first days")
    if names:
        title = _("Day {n}. I am watching when your habits happen and how weekends go")
    said = _("On Day {n}, {day}, I look for the first time. Until then I say nothing about your days but their counts.")
    spoken = _("Day {n} of {all}").format(n=day, all=first)
    st.html(
        f'<section class="in-hero"><h1>{esc(title.format(n=day))}</h1><p>{esc(said.format(n=first, day=when))}</p>'
        f'<div class="co-days" role="img" aria-label="{esc(spoken)}">{cells}</div></section>'
    )
    left, right = st.columns([1.62, 1], gap="medium")
    with left:
        st.html(_section(_("What I have so far")))
        with st.container(border=True, key="watching"):
            st.html(_so_far(user, seen["watching"]))
            if not any(user.completions.values()):
                ways.link_to_today()
    with right:
        st.html(_section(_("Why wait?")))
        with st.container(border=True, key="why_wait"):
            chance = _(
                "A few days can look like a pattern by pure chance, as a coin may fall on the same side three times. "
                "I would rather be quiet than wrong."
            )
            quiet = _(
                "Day {n} may still be a quiet day. A history of two weeks from another tracker, imported, makes me "
                "ready at once."
            )
            st.html(f'<p class="co-text">{esc(chance)}</p><p class="in-small">{esc(quiet.format(n=first))}</p>')
            ways.link_to_import()


def _cell(n: int, day: int, first: int) -> str:
    kind = "on" if n < day else "now" if n == day else "goal" if n == first else ""
    return f'<i class="{kind}">{n if n in (0, day, first) else ""}</i>'


def _counted(counts: dict[str, int]) -> list[str]:
    """What is there of each unit that is watched, a line each: the days, the weeks, the hours."""
    have = {unit: counts.get(unit, 0) for unit in UNITS}
    forms = {
        "days": n_("{n} day", "{n} days", have["days"]),
        "weekdays": n_("{n} weekday", "{n} weekdays", have["weekdays"]),
        "weekend_days": n_("{n} weekend day", "{n} weekend days", have["weekend_days"]),
        "weeks": n_("{n} week", "{n} weeks", have["weeks"]),
        "times": n_("{n} clock time", "{n} clock times", have["times"]),
        "weekend_times": _("{n} of them on weekends"),
    }
    said = {unit: forms[unit].format(n=n) for unit, n in have.items() if n}
    split = [said[unit] for unit in ("weekdays", "weekend_days") if unit in said] or [said.get("days", "")]
    hours = ", ".join(said[unit] for unit in ("times", "weekend_times") if unit in said)
    return [line for line in (wording.listed(split), said.get("weeks", ""), hours) if line]


def _so_far(user: User, watching: Sequence[dict[str, Any]]) -> str:
    """What has been counted of each habit; no claim, and nothing about what is to come."""
    have: dict[str, dict[str, int]] = {}
    for item in watching:
        have.setdefault(item["habit"], {}).update(item["have"])
    if not have:
        said = _("Nothing yet. The first tick is the first thing I will know.")
        if user.habits:  # food, weight, harm: core.coach.quiet
            said = _("About the habits you have now I say next to nothing. The page of each tells why.")
        return f'<p class="in-small">{esc(said)}</p>'
    rows = ""
    for habit_id, counts in have.items():
        habit = user.habit(habit_id)
        words = "".join(f"<span>{esc(line)}</span>" for line in _counted(counts) or [_("nothing yet")])
        rows += f'<li class="in-line">{looks.icon(habit)}<div><b>{esc(habit.name)}</b>{words}</div></li>'
    return f'<ul class="co-watch">{rows}</ul>'
