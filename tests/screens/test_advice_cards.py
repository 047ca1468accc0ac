"""Advice on the Coaching screen: a tap applies it and takes it back, an answer is kept, what came of it is shown."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from catalogues import find_catalogues
from coaching_engine import library
from core.catalogue import speaking
from core.coach.advising.followup import said_of
from core.models import User
from screens import language
from screens.parts import esc
from storage import Store
from tests.screens_cast import awake, lived, look_at, read_out, words_on

ANA = "ana-3f9a1c"

find_catalogues()


def given(user: User, piece: str, habit: str, days_ago: int, channel: str = "screen", **more: Any) -> None:
    now, _ = awake()
    entry = library().by_id[piece]
    head = {"id": piece, "technique": entry.technique, "action": entry.action, "habit": habit}
    day = (now.date() - timedelta(days=days_ago)).isoformat()
    user.coaching_insights.given.append({**head, "day": day, "channel": channel, **more})


def test_a_tap_applies_and_takes_back_and_an_answer_is_kept(store: Store) -> None:
    now, zone = awake()
    user = lived(40, now, timezone=zone)
    given(user, "weekend-in-small", "read", 0, text="🪶 Two minutes count in full.")
    at = look_at("coaching", store, user, now)
    assert "Two minutes count in full." in words_on(at)
    at.button(key="thumb_yes_weekend-in-small_read").click().run()
    at.text_input(key="said_weekend-in-small_read").set_value("one page").run()
    at.button(key="apply_weekend-in-small_read").click().run()
    kept = store.read(ANA)
    assert kept.habit("read").small == "one page"
    assert kept.coaching_insights.given[0]["feedback"] == "yes"
    assert "Its two-minute version: one page" in words_on(at)
    at.button(key="back_weekend-in-small_read").click().run()
    assert store.read(ANA).habit("read").small == ""
    assert not at.exception


def test_one_step_stands_out_until_one_is_taken_up(store: Store) -> None:
    now, zone = awake()
    user = lived(40, now, timezone=zone)
    for piece, habit in (("weekend-in-small", "read"), ("weekend-in-small", "water")):
        given(user, piece, habit, 0, text="Two minutes count in full.")
    at = look_at("coaching", store, user, now)

    def standing_out() -> list[str]:
        shown = [one.proto.popover for one in at.get("popover")]
        return [one.label for one in shown if one.type == "primary"]

    assert standing_out() == ["Make it two minutes"]
    at.text_input(key="said_weekend-in-small_read").set_value("one page").run()
    at.button(key="apply_weekend-in-small_read").click().run()
    assert standing_out() == []


def test_what_a_tap_on_advice_did_is_read_out_once(store: Store) -> None:
    now, zone = awake()
    given(user := lived(40, now, timezone=zone), "weekend-in-small", "read", 0, text="Two minutes count in full.")
    at = look_at("coaching", store, user, now)
    assert read_out(at) == []
    for key, said in (
        ("thumb_yes_weekend-in-small_read", "Noted as helpful."),
        ("thumb_yes_weekend-in-small_read", "Your answer is taken back."),
        ("apply_weekend-in-small_read", "Its two-minute version: one page. I compare before and after in two weeks."),
        ("back_weekend-in-small_read", "Taken back: Its two-minute version: one page."),
    ):
        if key.startswith("apply"):
            at.text_input(key="said_weekend-in-small_read").set_value("one page").run()
        at.button(key=key).click().run()
        assert read_out(at) == [said]
        assert read_out(at.run()) == []


def test_whoever_does_not_see_colours_hears_which_answer_is_theirs(store: Store) -> None:
    now, zone = awake()
    given(user := lived(40, now, timezone=zone), "weekend-in-small", "read", 0, text="Two minutes count in full.")
    at = look_at("coaching", store, user, now)
    for answer, label in (("no", "Not helpful"), ("yes", "Helpful")):
        key = f"thumb_{answer}_weekend-in-small_read"
        assert at.button(key=key).label == f"{label} *(Two minutes count in full.)*"
        at.button(key=key).click().run()
        assert at.button(key=key).label == f"{label} *(your answer, Two minutes count in full.)*"


def test_what_came_of_advice_stands_in_counts_and_the_rest_in_a_list(store: Store) -> None:
    now, zone = awake()
    user = lived(60, now, timezone=zone)
    given(user, "spare-hour", "read", 30, "digest", text="Read has one seat in the day.")
    given(user, "hour-is-yours", "read", 35, "digest")
    said = words_on(look_at("coaching", store, user, now))
    assert "I suggested this 4 weeks ago: from" in said
    assert "Read has one seat in the day." in said
    assert "An idea for Read" in said


def test_advice_drawn_in_english_is_read_in_german_and_back(store: Store) -> None:
    now, zone = awake()
    user = lived(60, now, timezone=zone)
    english = words_on(look_at("coaching", store, user, now))
    drawn = [dict(one) for one in store.read(ANA).coaching_insights.given]
    assert drawn
    assert not any("text" in one for one in drawn)
    pieces = [library().by_id[one["id"]] for one in drawn]
    with store.edit(ANA) as user:
        user.locale = "de"
    at = look_at("coaching", store, user, now)
    at.session_state[language.LOCALE] = "de"
    german = words_on(at.run())
    with speaking("de"):
        words = [said_of(one, library(), "de") for one in drawn]
    assert all(esc(text) in german and esc(because) in german for text, because in words)
    assert all(esc(said_of(one, library(), "en")[0]) in english for one in drawn)
    assert not any(_stretch(text) in german for piece in pieces for text in piece.tones.values())
    with store.edit(ANA) as user:
        user.locale = "en"
    assert words_on(look_at("coaching", store, user, now)) == english


def _stretch(text: str) -> str:
    """The longest part of a piece's text that no fact fills."""
    return esc(max(re.split(r"\{\w+\}", text), key=len).strip())


def test_before_anything_came_of_it_the_place_says_what_will_be_there(store: Store) -> None:
    now, zone = awake()
    assert "side by side" in words_on(look_at("coaching", store, lived(20, now, timezone=zone), now))


def test_what_was_taken_up_weeks_ago_is_taken_back_where_its_outcome_stands(store: Store) -> None:
    now, zone = awake()
    user = lived(60, now, timezone=zone)
    user.habit("read").small = "one page"
    since = (now.date() - timedelta(days=16)).isoformat()
    applied = {"day": since, "done": "Its two-minute version: one page", "was": {"small": "", "now": "one page"}}
    outcome = {"day": since, "state": "known", "before": [4, 10], "after": [7, 10], "expected": 0.5, "sd": 0.1}
    given(user, "weekend-in-small", "read", 16, text="🪶 Two minutes count.", applied=applied, outcome=outcome)
    at = look_at("coaching", store, user, now)
    assert "You tried this 2 weeks ago: from 4 of 10 to 7 of 10 days." in words_on(at)
    at.button(key="trial_back_0").click().run()
    assert store.read(ANA).habit("read").small == ""
    assert not any(str(button.key).startswith(("trial_back", "row_back")) for button in at.button)


def test_who_has_heard_all_that_fits_is_asked_a_question_once_a_week(store: Store) -> None:
    now, zone = awake()
    user = lived(60, now, timezone=zone)
    for piece in library().by_id:
        for habit in ("", *(habit.id for habit in user.habits)):
            given(user, piece, habit, 40, "digest")
    heard = len(user.coaching_insights.given)
    said = words_on(look_at("coaching", store, user, now))
    (asked,) = store.read(ANA).coaching_insights.given[heard:]
    assert asked["id"].startswith("question:")
    assert "this week I ask" in said
    assert words_on(look_at("coaching", store, user, now)) == said
    with store.edit(ANA) as user:
        user.coaching_insights.given[heard]["day"] = (now.date() - timedelta(days=7)).isoformat()
    look_at("coaching", store, user, now)
    first, second = store.read(ANA).coaching_insights.given[heard:]
    assert all(said_of(one, library(), "en")[0] for one in (first, second))
    assert first["id"] != second["id"]
