"""The seven questions: what is asked and why, and what counts as an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.catalogue import N_, _
from core.localtime import is_zone
from core.models import DIGEST_TIMES, GOALS, OBSTACLES, CoachingProfile, User

GOALS_MOST = 3
HABIT_NAME_MOST = 200  # characters, as the document has it
WORDS_MOST = 1000  # characters of any answer
TOO_MANY_GOALS = N_("Three is the most: choosing is what helps. Take one away first.")

Answers = dict[str, Any]


@dataclass(frozen=True)
class Question:
    """One question: the field it fills, how it is asked, why, and what is said while its answer is missing."""

    field: str
    short: str
    asks: str
    hint: str
    why: str
    missing: str
    example: str = ""


QUESTIONS = (
    Question(
        "life_goals",
        N_("Goals"),
        N_("Which parts of your life is this for?"),
        N_("Choose up to three."),
        N_("Each habit belongs to one of them, so I know what it is for."),
        N_("Choose one to begin with. You can change it at any time."),
    ),
    Question(
        "main_habit",
        N_("Main habit"),
        N_("Which habit matters most to you?"),
        N_("The one you would make room for on a full day."),
        N_("It will be waiting on your first screen, ready to tick."),
        N_("Give the habit a name. Your own words are best."),
        N_("Run around the park"),
    ),
    Question(
        "biggest_obstacle",
        N_("Obstacle"),
        N_("What stops you most often?"),
        N_("The closest one will do."),
        N_("Until Day 14 my tips are about this."),
        N_("Choose the one that comes closest. You can change it later."),
    ),
    Question(
        "why_now",
        N_("Why now"),
        N_("Why are you starting now?"),
        N_("One sentence is plenty."),
        N_("After a gap I quote it to you, exactly as you typed it."),
        N_("Write a few words: what brought you here today?"),
        N_("My back hurts after every day at the desk"),
    ),
    Question(
        "timezone",
        N_("Time zone"),
        N_("Which clock do you live by?"),
        N_("I took it from your browser."),
        N_("A day here ends when yours does, and letters come by this clock."),
        N_("Choose a time zone, so that a day here ends when yours does."),
    ),
    Question(
        "chronotype",
        N_("Energy"),
        N_("When do you have the most energy?"),
        N_("It decides when your daily digest comes."),
        N_("There is one digest a day. You can move its hour or switch it off."),
        N_("Choose one of the three. Flexible is an answer too."),
    ),
    Question(
        "success_factor",
        N_("What helps"),
        N_("What has carried you through before?"),
        N_("Think of something you once kept up."),
        N_("When a habit stalls, this is where I begin."),
        N_("Name one thing that helped: a person, a place, a trick."),
        N_("My sister came along"),
    ),
)


class UnansweredError(ValueError):
    """Answers that cannot be saved; `missing` says by field what is wrong, the message is the first of it."""

    def __init__(self, missing: dict[str, str]) -> None:
        super().__init__(next(iter(missing.values())))
        self.missing = missing


def missing_answers(responses: Mapping[str, Any]) -> dict[str, str]:
    """What is missing or not an answer: a sentence for each field, in the order of the questions."""
    return {
        question.field: sentence
        for question in QUESTIONS
        if (sentence := _problem(question, responses.get(question.field)))
    }


def checked_answers(responses: Mapping[str, Any]) -> Answers:
    """The seven answers, trimmed. Raises UnansweredError."""
    missing = missing_answers(responses)
    if missing:
        raise UnansweredError(missing)
    answers = {q.field: responses[q.field] for q in QUESTIONS}
    goals = ["Health & Fitness" if goal == "Health" else goal for goal in answers.pop("life_goals")]
    return {"life_goals": list(dict.fromkeys(goals)), **{field: text.strip() for field, text in answers.items()}}


def put_answers(profile: CoachingProfile, answers: Answers) -> None:
    """Put the answers in. A digest at the old chronotype's hour moves along; an hour of one's own stays."""
    follows = profile.digest_time == DIGEST_TIMES[profile.chronotype]
    for field, answer in answers.items():
        setattr(profile, field, answer)
    if follows or not profile.onboarding_complete:
        profile.digest_time = DIGEST_TIMES[profile.chronotype]


def read_draft(user: User, browser_zone: str | None) -> tuple[Answers, int]:
    """The answers so far and the step to go on with; of what is stored, what is no answer is left out."""
    draft = user.onboarding_draft
    answers: Answers = {q.field: draft[q.field] for q in QUESTIONS if is_answer(q, draft.get(q.field))}
    answers.setdefault("timezone", browser_zone or user.coaching_profile.timezone)
    for question in QUESTIONS:
        answers.setdefault(question.field, no_answer(question.field))
    step, open_step = draft.get("step"), open_question(answers)
    return answers, step if isinstance(step, int) and 0 <= step <= open_step else open_step


def open_question(answers: Mapping[str, Any]) -> int:
    """The number of the first question without an answer, from 0; 7 when all have one."""
    missing = missing_answers(answers)
    return next((n for n, question in enumerate(QUESTIONS) if question.field in missing), len(QUESTIONS))


def no_answer(field: str) -> Any:
    """What stands in a field before it is answered."""
    if field == "life_goals":
        return []
    return None if field in ("biggest_obstacle", "chronotype", "timezone") else ""


def is_answer(question: Question, value: Any) -> bool:
    """Whether a value answers a question."""
    return not _problem(question, value)


def _problem(question: Question, value: Any) -> str:
    """What is wrong with an answer, or nothing."""
    field = question.field
    if field == "life_goals":
        known = isinstance(value, list | tuple) and all(goal in (*GOALS, "Health") for goal in value)
        if known and len(set(value)) > GOALS_MOST:
            return _(TOO_MANY_GOALS)
        return "" if known and value else _(question.missing)
    if not isinstance(value, str) or not value.strip():
        return _(question.missing)
    most = HABIT_NAME_MOST if field == "main_habit" else WORDS_MOST
    if len(value.strip()) > most:
        said = _("Say it in fewer words: {most} characters at most, and these are {count}.")
        return said.format(most=most, count=len(value.strip()))
    allowed = {
        "biggest_obstacle": value in OBSTACLES,
        "chronotype": value in DIGEST_TIMES,
        "timezone": is_zone(value),
    }
    return "" if allowed.get(field, True) else _(question.missing)
