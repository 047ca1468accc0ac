"""Letters to test with: one person's facts for each kind, and every kind rendered once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

from jinja2 import Template

from mail import letter_forms
from mail.letter_message import to_message
from mail.letters import Frame, Letter, Rendered, draw_words, render_comeback, render_digest, say

NOW = datetime(2026, 11, 8, 20, 0, tzinfo=UTC)
BASE = "https://xp.example.org"
# Longer than the 77 characters from which the standard library would encode it.
UNSUBSCRIBE = f"{BASE}/l/{'WyJ1bnN1YnNjcmliZSIsImFuYS0zZjlhMWMi' * 3}.V1x8bPq3hYk2QmZ0s9dE7uT5r"
FRAME = Frame(
    date_label="Sunday, 8 November",
    next_letter="tomorrow 20:00 (Lisbon)",
    why="You get this because you asked for a digest at 20:00 (Lisbon).",
    postal="XP Tracker, 123 Example Street",
    app_url=BASE,
    unsubscribe=(("digest", UNSUBSCRIBE), ("everything", f"{UNSUBSCRIBE}x")),
    confirm_url="",
    locale="pt_BR",
    controls=(
        ("Pause 7 days", f"{BASE}/l/pause"),
        ("Less often", f"{BASE}/l/every"),
        ("Change time", f"{BASE}/profile"),
    ),
)
Facts = dict[str, object]
DONE, SKIP, CHANGE, REASON, FINISH, PAUSE, GO_ON, STOP = (
    f"{BASE}/l/{name}" for name in ("done", "skip", "change", "reason", "finish", "pause", "go-on", "stop")
)


def habit(name: str, accent: int, mark: str = "", note: str = "", icon: str = "") -> Facts:
    said = {"name": name, "accent": accent, "mark": mark, "note": note, "icon": icon}
    return said | {"label": "Done", "done": DONE, "skip": SKIP, "change": CHANGE}


def row(name: str, accent: int, text: str, mark: str, week: str) -> Facts:
    return {"name": name, "accent": accent, "text": text, "mark": mark, "week": week, "icon": ""}


def day_7(**changed: object) -> Facts:
    return {
        "when": "Today",
        "day": 7,
        "eyebrow": "Day 7 of your journey",
        "subject": "Daily Digest: 3/4, Meditation at 7 🔥 (Day 7)",
        "preheader": "Still open: Journal.",
        "title": "Three of four on Sunday",
        "lead": "Meditation is at 7 days.",
        "done_count": 3,
        "due_count": 4,
        "wins": [
            habit("Meditation", 1, "🔥 7-day streak!", icon="🧘"),
            habit("Exercise", 2, "⚡ 3-day streak!"),
            habit("Read", 0, "⚡ 3-day streak!"),
        ],
        "missed": [habit("Journal", 4)],
        "credited": [],
        "since": [],
        "streaks": [
            row("Meditation", 1, "7 days", "🔥", "ddddddd"),
            row("Exercise", 2, "3 days", "⚡", "mdsmddd"),
            row("Read", 0, "3 days", "⚡", "npnoddd"),
        ],
        "week_days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "perfect": False,
        "stats_line": "",
        "tip": None,
        "insight": None,
        "ahead": "",
        "reflection": "Today I prioritized meditation, exercise, read. Tomorrow I want to focus on...",
        "closing": "Keep building. You're on Day 7 of your journey.",
        "open_title": "Any day will do",
        "open": [],
        "mend": [],
        "mend_note": "",
        "reasons": [("No time", REASON)],
        "finish": FINISH,
    } | changed


def day_24() -> Facts:
    insight = {
        "title": "Strong on weekdays",
        "text": "On weekdays your day carries the habit.",
        "bars": [{"label": "Weekdays", "done": 21, "of": 24}, {"label": "Weekends", "done": 0, "of": 0}],
        "step": "On Saturday, sit down for two minutes.",
        "question": "Is the weekend meant to be different?",
        "source": "Counted from your own 34 days.",
        "thumbs": [("Helpful", REASON), ("Not helpful", REASON)],
    }
    return day_7(
        credited=[habit("Stretch", 5, note="2 of 3 this week")],
        since=["Tuesday: two of three, with Read and Walk."],
        missed=[habit("Journal", 4, note="still open today"), habit("Piano", 3, note="still open today")],
        stats_line="You've completed 18 of 27 over 7 days (67%).",
        tip={"title": "For full days", "text": "The two-minute version counts."},
        insight=insight,
        ahead="Tomorrow holds Run and Read.",
        open=[habit("Swim", 0, note="1 of 3 this week") | {"skip": ""}],
        mend=[habit("Exercise", 2)],
        mend_note="Saturday is open.",
    )


def perfect_day() -> Facts:
    return day_7(perfect=True, missed=[], done_count=4, subject="🔥 Daily Digest: Perfect Day! 🔥 (Day 7)")


def comeback() -> Facts:
    return {
        "subject": "Meditation: two minutes?",
        "preheader": "One small start.",
        "title": "Whenever you are ready",
        "lead": "5 days without a tick.",
        "paragraphs": ["Everything you recorded is kept.", "Nothing has to be made up for."],
        "step": "Meditation: three breaths.",
        "question": "What got in the way?",
        "habits": [habit("Meditation", 1, icon="🧘")],
        "reasons": [("Too big", REASON)],
        "pause": PAUSE,
        "go_on": "",
        "stop": "",
        "closing": "The door stays open.",
        "day": 17,
        "eyebrow": "Day 17 of your journey",
    }


def shall_i_stop() -> Facts:
    return comeback() | {"habits": [], "reasons": [], "pause": "", "go_on": GO_ON, "stop": STOP}


PROSE = """
Subject: Day 14: {{ habit }}
Preheader: 18 of 27, and what was hard.
Title: You come back
Lead: Two weeks of {{ habit }}.
Eyebrow: Day 14

> {{ why }}

{{ habit }} is what
you began with.

# Two weeks
= {{ done }} of 27 | times of {{ habit }}
= 3 days of {{ habit }} | the longest run
- {{ habit }} before eight
- with a goal
  in sight

{% if done %}
-> Open {{ habit }} for two minutes.
{% endif %}

? What would make it easy?

See you tonight.
"""
PROSE_FACTS: Facts = {"habit": "Study coding", "why": "I want to build things", "done": 18}


@cache
def template(prose: str) -> Template:
    return letter_forms.forms_in("en").words.from_string(prose)


def words(facts: Facts, frame: Frame = FRAME, prose: str = PROSE) -> Rendered:
    return draw_words(say(template(prose), facts), frame)


@cache
def every_letter() -> dict[str, Rendered]:
    confirming = replace(FRAME, confirm_url=f"{BASE}/l/confirm")
    return {
        "day 7": render_digest(day_7(), FRAME),
        "day 24": render_digest(day_24(), FRAME),
        "perfect day": render_digest(perfect_day(), confirming),
        "come back": render_comeback(comeback(), confirming),
        "shall I stop": render_comeback(shall_i_stop(), FRAME),
        "words": words(PROSE_FACTS, confirming),
    }


SENDER = "XP Tracker <coach@example.org>"


def message(
    rendered: Rendered,
    *,
    to_name: str = "Ana",
    base: str = BASE,
    to: str = "ana@example.org",
    sender: str = SENDER,
) -> bytes:
    letter = Letter(
        kind="digest",
        user_id="ana-3f9a1c",
        to=to,
        to_name=to_name,
        name="digest-2026-11-08",
        day=7,
        covers=date(2026, 11, 8),
        subject=rendered.subject,
        preheader=rendered.preheader,
        text=rendered.text,
        html=rendered.html,
        stream="digest",
        unsubscribe=UNSUBSCRIBE.replace(BASE, base),
        locale="en",
    )
    return to_message(
        letter,
        sender=sender,
        date=NOW,
        message_id="<3f9a1c@example.org>",
        list_id="XP Tracker digest <digest.xp.example.org>",
        one_click=base.startswith("https:"),
    )
