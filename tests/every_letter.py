"""Everybody a letter may go to: each profile, with each sort of record; and what no letter may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from core.history import as_of
from core.letters.digest_day import DigestDay
from core.letters.digest_facts import comeback_facts, digest_facts
from core.letters.digest_words import DigestWords
from core.letters.offers import comeback_offers, digest_offers
from core.letters.prose import Prose, read_prose
from core.models import CoachingProfile, Completion, Habit, User
from core.progress import Record
from core.steps import hour_of
from daily_digest import sentences
from drip_campaigns import facts_of
from mail.letters import render_comeback, render_digest
from tests.drip_letters import WORDS
from tests.letter_samples import FRAME

BORN = datetime(2026, 11, 2, 12, 30, tzinfo=UTC)  # a Monday
LAST_DAY = 45
CHRONOTYPES = ("morning", "evening", "flexible")
MAIN_HABITS = {  # by goal
    "Health & Fitness": "Daily run",
    "Mental Wellness": "Meditation",
    "Career & Learning": "Study coding",
    "Relationships": "Call mum",
    "Creativity": "Draw",
    "Finances": "Look at the account",
    "Home & Order": "Tidy the kitchen",
    "Sleep & Energy": "Lights out at ten",
}
OTHERS = ("Stretch", "Read 20 pages", "Journal", "Walk", "Water the plants", "Piano", "Write a page", "Floss", "Cook",
          "Spanish", "Inbox to zero")  # fmt: skip
WHY_NOW, WHAT_HELPED = "My sister asked me how I am, and I did not know", "A note on the kettle"
DAILY: dict[str, Any] = {"rrule": "FREQ=DAILY"}
THRICE: dict[str, Any] = {"times": 3, "per": "week"}


def person(
    obstacle: str,
    chronotype: str,
    goal: str,
    *,
    habits: int = 2,
    plan: dict[str, Any] = DAILY,
    target: dict[str, Any] | None = None,
    own_words: bool = True,
    locale: str = "en",
) -> User:
    """Somebody on their Day 0, with so many habits under one plan; nothing is ticked yet."""
    names = [MAIN_HABITS[goal], *OTHERS][:habits]
    if target:
        names = ["Coffee", "Series", "News"][:habits]
    profile = CoachingProfile.model_validate({
        "life_goals": [goal],
        "main_habit": names[0],
        "biggest_obstacle": obstacle,
        "chronotype": chronotype,
        "why_now": WHY_NOW if own_words else "",
        "success_factor": WHAT_HELPED if own_words else "",
        "timezone": "UTC",
        "onboarding_complete": True,
    })  # fmt: skip
    made = [
        Habit.model_validate({
            "id": f"habit-{n}",
            "name": name,
            "created_on": BORN.date(),
            "schedule": [{"from": BORN.date(), **plan}],
            "target": target,
        })
        for n, name in enumerate(names)
    ]  # fmt: skip
    return User(
        user_id="mia-3f9a1c",
        email="mia@example.org",
        display_name="Mia",
        created_at=BORN,
        onboarded_at=BORN + timedelta(minutes=4),
        locale=locale,
        coaching_profile=profile,
        habits=made,
    )


def nth(n: int) -> date:
    return BORN.date() + timedelta(days=n)


def ticked(user: User, days: Iterable[int], *, hour: int = 19) -> User:
    """The same person with every habit done on these Days, those after the first ever more rarely."""
    for place, habit in enumerate(user.habits):
        for n in days:
            if place == 0 or n % (place + 2):
                at = datetime.combine(nth(n), time(hour, (7 * n + 3 * place) % 50), tzinfo=UTC)
                value = 1.0 if habit.target else None
                user.entries(habit.id)[nth(n)] = Completion(at=at, value=value)
    return user


ALL_DAYS = range(LAST_DAY + 1)
SOME_DAYS = [n for n in ALL_DAYS if n % 5 in (0, 2)]
TWO_OF_THREE = [n for n in ALL_DAYS if n % 3 != 2]
LIMIT = {"at_most": 2, "unit": "cups"}
# What the habits are, the Days on which the first is done, and from which hour on.
RECORDS: dict[str, tuple[dict[str, Any], Iterable[int], int]] = {
    "none yet": ({}, (), 19),
    "some": ({}, SOME_DAYS, 19),
    "two of three": ({}, TWO_OF_THREE, 19),
    "nearly all": ({}, [n for n in ALL_DAYS if n % 9 != 4], 6),
    "every day": ({}, ALL_DAYS, 19),
    "lapsed and back": ({}, [n for n in ALL_DAYS if n < 5 or n == 12 or n > 20], 13),
    "once": ({}, (1,), 19),
    "thrice a week": ({"plan": THRICE}, SOME_DAYS, 19),
    "thrice a week, every day": ({"plan": THRICE, "habits": 1}, ALL_DAYS, 19),
    "thrice a week, never": ({"plan": THRICE}, (), 19),
    "at most": ({"target": LIMIT}, TWO_OF_THREE, 19),
    "at most, never": ({"target": LIMIT, "habits": 1}, (), 19),
    "one habit": ({"habits": 1}, TWO_OF_THREE, 19),
    "one habit, never": ({"habits": 1}, (), 19),
    "twelve habits": ({"habits": 12}, TWO_OF_THREE, 19),
    "twelve habits, never": ({"habits": 12}, (), 19),
}


def someone(record: str, obstacle: str, chronotype: str, goal: str, **known: Any) -> User:
    """One of everybody: a profile, and one of the records."""
    habits, days, hour = RECORDS[record]
    return ticked(person(obstacle, chronotype, goal, **habits, **known), days, hour=hour)


def drip_facts(user: User, step: int, *, late: int = 0) -> dict[str, Any]:
    """What the prose of one step is filled from as it leaves at its hour."""
    now = datetime.combine(nth(step + late), hour_of(user), tzinfo=UTC)
    return facts_of(as_of(user, now), step, now)


def drip_prose(user: User, step: int, *, late: int = 0) -> tuple[str, Prose]:
    """The prose of one step, as text and read."""
    said = WORDS.get_template(f"drip/day{step:02d}.words").render(drip_facts(user, step, late=late))
    return said, read_prose(said)


def given_in(user: User, step: int) -> list[dict[str, Any]]:
    """What counts as told once the letter of a step went."""
    return list(drip_facts(user, step)["given"])


def digest_of(user: User, n: int, *, looks_back: bool) -> dict[str, object]:
    """The facts of the digest about Day n, as its letter finds them; with a tip, and no insight."""
    at = datetime.combine(nth(n + looks_back), time(7 if looks_back else 20), tzinfo=UTC)
    day = DigestDay(Record(as_of(user, at), nth(n)), looks_back)
    facts = digest_facts(day, sentences(), last_letter_at=at - timedelta(days=1))
    heading = DigestWords(day, sentences()).tip_heading()
    return facts | {"tip": {"title": heading, "text": "Two minutes count."}, "insight": None}


def some_link(action: str, detail: str, day: date | None) -> str:
    return f"https://xp.example.org/l/{action}"


def before_the_foot(text: str) -> str:
    return text.partition("-" * 50)[0]


def digest_text(user: User, n: int, *, looks_back: bool) -> str:
    day = DigestDay(Record(user, nth(n)), looks_back)
    facts = digest_offers(digest_of(user, n, looks_back=looks_back), day, some_link)
    rendered = render_digest(facts, FRAME)
    return f"{rendered.subject}\n{rendered.preheader}\n{before_the_foot(rendered.text)}"


def comeback_text(user: User, silent: int) -> str:
    """The letter of a silent day of somebody who ticked until then (or never did)."""
    last = max((day for done in user.completions.values() for day in done), default=nth(0))
    covers, is_last = last + timedelta(days=silent), silent == 21
    facts = comeback_facts(user, covers, silent, last=is_last)
    facts = comeback_offers(facts, Record(user, covers), last=is_last, looks_back=False, link=some_link)
    rendered = render_comeback(facts, FRAME)
    return f"{rendered.subject}\n{rendered.preheader}\n{before_the_foot(rendered.text)}"


NEVER = (  # each with what is wrong about it
    (r"\b(0|no|zero) (habits|days|times|ticks)\b|(?<!Day )\b(0|zero) of\b", "a count of nothing"),
    (r"\b1 (habits|days|times|ticks|weeks|letters|minutes)\b|\bone (days|habits) ", "a plural of one"),
    (r"(?i)\b(?!that\b)([a-z]+) \1\b", "a doubled word"),
    (r"\S {2,}\S", "a double space"),
    (r" [,.;:?!)]|\( ", "a space before a mark"),
    (r"(?<!\.)\.\.(?!\.)|[,;:]\.|\.,|\?\.|,,|\?\?|::", "two marks in a row"),
    (r"\bNone\b(?! of these)|\bTrue\b|\bFalse\b|[{}]|\[\]|\bnan\b", "a value that is no word"),
    (r"“”|\"\"|''|\(\)", "an empty quotation"),
    (r"\b(a) (?=[aeio])(?!one\b)", "a before a vowel"),
    (r"(?i)\b(should|only|failed|again|at least|just|still not|lazy|excuses?|amazing|don't break|we miss you)\b",
     "a word of the coach's never-list"),
    (r"(?i)nervous system|most people|90 ?% quit|quit before|you're normal|everybody else", "a claim about others"),
)  # fmt: skip
NEVER_BY_OBSTACLE = {
    "Time": r"(?i)make time|busy",
    "Motivation/discipline": r"(?i)stay motivated|push through|willpower",
    "Remembering": r"(?i)\bremember\b|forget",
    "Perfectionism": r"(?i)perfect|flawless",
}
SEEDS_OWN = (
    "🔥 Daily Digest: Perfect Day! 🔥",
    "One imperfect",
    "Ship before it's perfect.",
    "Perfectionism note",
    "Perfectionism is what you named",
    "-day streak!",
    "-week streak!",
    "Your Streaks",
    "focus on...",
)


def wrong_in(said: str, user: User) -> Iterator[str]:
    """What a letter holds that none may: their own words and the seed's marks are left out."""
    ours = said
    for theirs in (*SEEDS_OWN, user.coaching_profile.why_now, user.coaching_profile.success_factor):
        ours = ours.replace(theirs, "x") if theirs else ours
    for name in sorted((habit.name for habit in user.habits), key=len, reverse=True):
        ours = ours.replace(name, "Xx")
    for pattern, wrong in NEVER:
        if found := re.search(pattern, ours):
            yield f"{wrong}: {ours[max(found.start() - 40, 0) : found.end() + 40]!r}"
    if found := re.search(NEVER_BY_OBSTACLE[user.coaching_profile.biggest_obstacle], ours):
        yield f"a word that makes it worse: {ours[max(found.start() - 40, 0) : found.end() + 40]!r}"
    if ours.count("!") > 1:
        yield "more than one exclamation mark"


def wrong_in_prose(prose: Prose) -> Iterator[str]:
    """What is wrong with the form: a header line, or a heading with nothing under it."""
    if not 5 <= len(prose.subject) <= 45:
        yield f"a subject of {len(prose.subject)} characters: {prose.subject}"
    if prose.subject.lower() in prose.preheader.lower() or prose.preheader.lower() in prose.subject.lower():
        yield f"a preheader that repeats the subject: {prose.preheader}"
    kinds = [block.kind for card in prose.cards for block in card]
    for kind in ("question", "step", "quote"):
        if kinds.count(kind) > 1:
            yield f"{kinds.count(kind)} of {kind}"
    for card in prose.cards:
        for block, following in zip(card, (*card[1:], None), strict=True):
            if not all(text.strip() for text, _ in block.lines):
                yield f"an empty {block.kind}"
            announces = block.kind == "heading" or (block.kind == "paragraph" and block.text.endswith(":"))
            if announces and (following is None or following.kind == "heading"):
                yield f"nothing under {block.text!r}"


def pairs_covering(*options: Iterable[Any]) -> list[tuple[Any, ...]]:
    """Rows in which every two options of two different columns stand together at least once (greedy)."""
    columns = [list(column) for column in options]
    places = range(len(columns))
    missing = {(i, a, j, b) for i in places for j in places if i < j for a in columns[i] for b in columns[j]}
    rows = []
    while missing:
        i, a, j, b = min(missing, key=repr)
        row: dict[int, Any] = {i: a, j: b}
        for k in places:
            if k not in row:
                row[k] = max(columns[k], key=lambda one: _gain(row, k, one, missing))
        rows.append(tuple(row[k] for k in places))
        missing -= {(p, row[p], q, row[q]) for p in places for q in places if p < q}
    return rows


def _gain(row: dict[int, Any], k: int, one: Any, missing: set[tuple[int, Any, int, Any]]) -> int:
    return sum(((p, row[p], k, one) if p < k else (k, one, p, row[p])) in missing for p in row)
