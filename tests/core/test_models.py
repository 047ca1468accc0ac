"""The document: read as it is, written as it was, refused when it says nothing sound."""

import pytest
from pydantic import ValidationError

from core.models import CoachingProfile, Completion, Refusal, User
from core.values import complaint
from storage import DEFAULT_DATA

SMALL = {"user_id": "ana-3f9a1c", "created_at": "2026-11-01T18:02:11-07:00"}
HABIT = {
    "id": "meditation",
    "name": "Meditation",
    "created_on": "2026-11-01",
    "schedule": [{"from": "2026-11-01", "rrule": "FREQ=DAILY"}],
}


def test_a_document_is_written_as_it_was_read():
    entries = {
        "2026-11-02": {"at": "2026-11-02T06:15:00-07:00"},
        "2026-11-03": {
            "at": None,
            "source": "backfill",
            "note": "on the train",
            "recorded": "2026-11-04T09:00:00+00:00",
        },
        "2026-11-04": {"skip": True},
        "2026-11-05": {"value": 8, "recorded": "2026-11-06"},
    }
    body = {**SMALL, "habits": [HABIT], "completions": {"meditation": entries}, "pauses": []}
    written = User.model_validate(body).to_json()
    assert written["completions"] == {"meditation": entries}
    assert written["created_at"] == SMALL["created_at"]
    assert written["habits"][0]["schedule"] == HABIT["schedule"]
    assert User.model_validate(written).to_json() == written


def test_keys_that_the_program_does_not_know_are_kept():
    body = {**SMALL, "mood": {"2026-11-02": 4}, "habits": [{**HABIT, "stars": 3}]}
    body["completions"] = {"meditation": {"2026-11-02": {"at": None, "place": "sofa"}}}
    written = User.model_validate(body).to_json()
    assert written["mood"] == {"2026-11-02": 4}
    assert written["habits"][0]["stars"] == 3
    assert written["completions"]["meditation"]["2026-11-02"] == {"at": None, "place": "sofa"}


def test_what_was_never_set_is_written_only_where_its_part_says_everything():
    target = {"at_least": 8, "unit": "glasses"}
    body = {**SMALL, "habits": [{**HABIT, "target": target}], "completions": {"meditation": {"2026-11-02": {}}}}
    written = User.model_validate(body).to_json()
    assert written["completions"]["meditation"] == {"2026-11-02": {}}
    assert written["habits"][0]["target"] == target
    assert written["habits"][0]["cue"] == ""


def test_a_completion_is_never_changed_in_place():
    with pytest.raises(ValidationError, match="frozen"):
        Completion().note = "on the train"  # type: ignore[misc]


def test_absent_keys_take_the_defaults():
    user = User.model_validate(SMALL)
    assert user.email_confirmed
    assert user.coaching_profile.letters.every == 1
    assert user.coaching_insights.last_insight_date is None
    assert DEFAULT_DATA["coaching_profile"]["digest_time"] == "20:00"
    assert DEFAULT_DATA["coaching_profile"]["timezone"] == "UTC"


@pytest.mark.parametrize(("chronotype", "clock"), [("morning", "07:00"), ("evening", "20:00"), ("flexible", "19:00")])
def test_an_absent_digest_time_is_the_chronotypes(chronotype, clock):
    assert CoachingProfile(chronotype=chronotype).digest_time == clock


def test_health_is_read_as_health_and_fitness():
    assert CoachingProfile(life_goals=["Mental Wellness", "Health"]).life_goals == [
        "Mental Wellness",
        "Health & Fitness",
    ]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("created_at", "2026-11-01T18:02:11", "offset"),
        ("user_id", "A!", "pattern"),
        ("schema_version", 2, "1"),
        ("coaching_profile", {"timezone": "Mars/Olympus"}, "unknown time zone 'Mars/Olympus'"),
        ("coaching_profile", {"digest_time": "25:00"}, "not a time of day"),
        ("habits", [HABIT, HABIT], "two habits have the id 'meditation'"),
        ("habits", [{**HABIT, "schedule": []}], "at least 1"),
        ("habits", [{**HABIT, "schedule": [{"from": "2026-11-01"}]}], "either an rrule"),
        ("habits", [{**HABIT, "schedule": [{"from": "2026-11-01", "rrule": "FREQ=SECONDLY"}]}], "not a rule of days"),
        ("habits", [{**HABIT, "schedule": [{"from": "2026-11-01", "rrule": "FREQ=DAILY;INTERVAL=0"}]}], "rule of days"),
        ("habits", [{**HABIT, "schedule": [{"from": "2026-11-01", "rrule": "FREQ=WEEKLY;BYDAY=XX"}]}], "rule of days"),
        ("habits", [{**HABIT, "target": {"at_least": 1, "at_most": 2}}], "either at_least or at_most"),
        (
            "habits",
            [{**HABIT, "schedule": [{"from": "2026-11-01", "rrule": "FREQ=DAILY;INTERVAL=-1"}]}],
            "rule of days",
        ),
        ("habits", [{**HABIT, "created_on": "0001-01-01"}], "outside the years 1990 to 2199"),
        ("habits", [{**HABIT, "name": "   "}], "cannot be empty"),
        ("pauses", [{"from": "0001-01-01", "to": "9999-12-31"}], "outside the years"),
        ("pauses", [{"from": "2026-11-02", "to": "2026-11-01"}], "cannot end on"),
        ("created_at", "9999-12-31T23:00:00-14:00", "outside the years"),
        ("coaching_profile", {"digest_time": "07:00:30"}, "not a time of day"),
        ("email", "a@b.org\nBcc: x@y.org", "not an e-mail address"),
        ("email", "a@b.org, c@d.org", "not an e-mail address"),
        ("completions", {"meditation": {"2026-11-02": {"value": float("nan")}}}, "finite"),
        ("coaching_insights", {"announced": [{"kind": "usual_time", "day": "soon"}]}, "day 'soon' is not a day"),
        ("coaching_insights", {"given": [{"id": "two-min", "applied": {"day": "soon"}}]}, "applied.day 'soon' is not"),
        ("coaching_insights", {"given": [{"id": ["two-min"]}]}, "id ['two-min'] is not a text"),
        (
            "coaching_insights",
            {"given": [{"id": "two-min", "outcome": {"before": [9]}}]},
            "outcome.before [9] is not two",
        ),
        (
            "coaching_insights",
            {"given": [{"id": "two-min", "outcome": {"sd": "low"}}]},
            "outcome.sd 'low' is not a num",
        ),
        ("coaching_insights", {"given": [{"id": "two-min", "outcome": {"day": None}}]}, "outcome.day None is not a"),
        ("coaching_insights", {"given": [{"id": "two-min", "day": "9999-12-31"}]}, "not a day of our times"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(key, value, said):
    with pytest.raises(ValidationError) as refused:
        User.model_validate({**SMALL, key: value})
    assert said in complaint(refused.value)[1]


@pytest.mark.parametrize("day", ["1990-01-01", "2199-12-31"])
def test_the_first_and_the_last_day_of_our_times_can_be_stored(day):
    said = SMALL | {"pauses": [{"from": day, "to": day}], "created_at": f"{day}T12:00:00+00:00"}
    assert User.model_validate(said).to_json()["pauses"] == [{"from": day, "to": day, "habit": None}]


def test_a_refused_address_counts_until_there_is_another():
    user = User.model_validate(SMALL | {"email": "ana@example.org"})
    assert not user.is_refused
    assert "email_refused" not in user.to_json()
    user.email_refused = Refusal.model_validate({"address": user.email, "at": SMALL["created_at"], "reason": "550"})
    assert user.is_refused
    assert User.model_validate(user.to_json()) == user
    user.email = "ana@example.com"
    assert not user.is_refused
