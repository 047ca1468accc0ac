"""The pages of the seven questions and the editor of the answers, driven without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from catalogues import find_catalogues
from core.models import GOALS, User
from core.questions import QUESTIONS, TOO_MANY_GOALS
from onboarding import KNOWN, SAID_IN, has_completed_onboarding, save_onboarding_profile
from screens.language import LOCALE
from settings import read_settings
from storage import Store, new_user, open_store
from tests.onboarding_cast import ANA, ANSWERS, NOW, TRACKER


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("XP_DATA_DIR", str(tmp_path))
    read_settings.cache_clear()
    store = open_store(tmp_path)
    store.create(new_user(user_id=ANA, display_name="Ana", email="ana@example.org", created_at=NOW))
    yield store
    read_settings.cache_clear()


@pytest.fixture
def at(store: Store) -> AppTest:
    app = AppTest.from_file(TRACKER, default_timeout=20)
    app.session_state["signed_in_as"] = ANA
    app.context = {"timezone": "Europe/Lisbon", "locale": "en-GB"}
    return app.run()


def shown(at: AppTest) -> str:
    return " ".join(element.value for element in at.html)


def answer(at: AppTest, field: str) -> None:
    key, value = f"ob_w_{field}", ANSWERS[field]
    words = str(value)
    if field == "life_goals":
        at.button_group(key=key).set_value(value).run()
    elif field == "timezone":
        at.selectbox(key=key).set_value(value).run()
    elif field == "why_now":
        at.text_area(key=key).set_value(words).run()
    elif field in ("main_habit", "success_factor"):
        at.text_input(key=key).set_value(words).run()
    else:
        at.radio(key=key).set_value(value).run()


def test_nobody_gets_past_an_unanswered_question(at: AppTest) -> None:
    at.button(key="ob_next").click().run()
    assert not at.exception
    assert QUESTIONS[0].missing in shown(at)
    assert QUESTIONS[0].asks in shown(at)


def test_a_fourth_goal_is_refused_on_the_server(at: AppTest, store: Store) -> None:
    three = ["Creativity", "Finances", "Relationships"]
    at.button_group(key="ob_w_life_goals").set_value(three).run()
    at.button_group(key="ob_w_life_goals").set_value([*three, "Mental Wellness"]).run()
    assert TOO_MANY_GOALS in shown(at)
    assert at.button_group(key="ob_w_life_goals").value == three
    assert store.read(ANA).onboarding_draft["life_goals"] == three


def test_the_seven_questions_lead_to_the_letter_and_the_letter_to_the_first_habit(at: AppTest, store: Store) -> None:
    for step, question in enumerate(QUESTIONS):
        assert question.asks in shown(at)
        answer(at, question.field)
        at.button(key="ob_next").click().run()
        assert store.read(ANA).onboarding_draft["step"] == step + 1
    assert "Here is what I understood" in shown(at)
    assert not store.read(ANA).habits  # nothing is saved before the person has said so
    at.button(key="ob_fix1").click().run()
    at.text_input(key="ob_w_main_habit").set_value("Swim <b>").run()
    at.button(key="ob_next").click().run()
    assert "Swim &lt;b&gt;" in shown(at)
    at.button(key="ob_save").click().run()
    assert [habit.name for habit in store.read(ANA).habits] == ["Swim <b>"]
    assert has_completed_onboarding(ANA, store=store)


def test_the_browsers_zone_is_there_before_it_is_asked_for(at: AppTest, store: Store) -> None:
    for question in QUESTIONS[:4]:
        answer(at, question.field)
        at.button(key="ob_next").click().run()
    assert at.selectbox(key="ob_w_timezone").value == "Europe/Lisbon"


EDITOR = """
import onboarding
onboarding.show_profile_editor("ana-3f9a1c")
"""


@pytest.fixture
def editor(store: Store) -> AppTest:
    save_onboarding_profile(ANA, ANSWERS, now=NOW, store=store)
    app = AppTest.from_string(EDITOR, default_timeout=20)
    app.context = {"timezone": "Asia/Tokyo"}
    return app.run()


def test_the_editor_saves_what_was_changed(editor: AppTest, store: Store) -> None:
    editor.radio(key="pe_w_chronotype_en").set_value("morning")
    editor.text_input(key="pe_w_main_habit").set_value("Swim")
    editor.toggle(key="pe_drip").set_value(False)
    editor.button(key="pe_save").click().run()
    profile = store.read(ANA).coaching_profile
    assert not editor.exception
    assert (profile.main_habit, profile.digest_time, profile.letters.drip) == ("Swim", "07:00", False)
    assert editor.time_input(key="pe_digest_time").value == time(7)
    assert "Saved." in shown(editor)


def test_the_editor_says_what_is_missing_and_saves_nothing(editor: AppTest, store: Store) -> None:
    before = store.read(ANA).to_json()
    editor.text_input(key="pe_w_main_habit").set_value(" ")
    editor.toggle(key="pe_drip").set_value(False)
    editor.button(key="pe_save").click().run()
    assert QUESTIONS[1].missing in shown(editor)
    assert "Nothing is saved yet" in shown(editor)
    assert store.read(ANA).to_json() == before


def test_the_editor_takes_a_document_that_was_loaded_with_other_words(editor: AppTest, store: Store) -> None:
    with store.edit(ANA) as user:
        user.coaching_profile.life_goals = ["Travel", "Creativity"]
        user.coaching_profile.biggest_obstacle = "Weather"
        user.coaching_profile.timezone = "UTC-8"
        user.coaching_profile.why_now = "long " * 150
        user.coaching_profile.letters.every = 3
    fresh = AppTest.from_string(EDITOR, default_timeout=20).run()
    assert not fresh.exception
    fresh.button(key="pe_save").click().run()
    assert QUESTIONS[2].missing in shown(fresh)
    fresh.radio(key="pe_w_biggest_obstacle_en").set_value("Time")
    fresh.button(key="pe_save").click().run()
    profile = store.read(ANA).coaching_profile
    assert (profile.life_goals, profile.timezone, profile.letters.every) == (["Creativity"], "UTC-8", 3)
    assert profile.why_now == ("long " * 150).strip()


def test_every_field_is_drawn_with_its_value_also_for_a_browser_that_missed_the_first_run(store: Store) -> None:
    save_onboarding_profile(ANA, {**ANSWERS, "chronotype": "flexible"}, now=NOW, store=store)
    with store.edit(ANA) as user:
        user.coaching_profile.letters.every, user.coaching_profile.day_ends_at = 7, 3
    editor = AppTest.from_string(EDITOR, default_timeout=20).run()
    for _ in range(2):  # in the second run nothing new is said of a field
        drawn = (
            editor.pills(key="pe_w_life_goals_en").proto.default,
            editor.radio(key="pe_w_chronotype_en").proto.default,
        )
        assert drawn == ([GOALS.index(goal) for goal in ANSWERS["life_goals"]], 2)
        assert editor.text_input(key="pe_w_main_habit").proto.default == ANSWERS["main_habit"].strip()
        assert editor.selectbox(key="pe_every_en").proto.default == 2
        assert editor.selectbox(key="pe_day_ends_at_en").proto.default == 3
        assert editor.toggle(key="pe_digest").proto.default is True
        assert editor.time_input(key="pe_digest_time").proto.default == "19:00"
        editor.run()


def in_german(editor: AppTest) -> AppTest:
    find_catalogues()
    editor.session_state[LOCALE] = "de"
    return editor.run()


def test_a_choice_that_is_not_saved_yet_stays_in_another_language(editor: AppTest, store: Store) -> None:
    before = store.read(ANA).to_json()
    editor.radio(key="pe_w_chronotype_en").set_value("morning")
    editor.pills(key="pe_w_life_goals_en").set_value(["Finances"])
    editor.text_input(key="pe_w_main_habit").set_value(" ")
    editor.button(key="pe_save").click().run()
    german = in_german(editor)
    assert german.radio(key="pe_w_chronotype_de").value == "morning"
    assert german.pills(key="pe_w_life_goals_de").value == ["Finances"]
    assert store.read(ANA).to_json() == before


def test_a_language_chosen_while_the_page_was_left_shows_what_is_kept(editor: AppTest, store: Store) -> None:
    with store.edit(ANA) as user:
        user.coaching_profile.chronotype = "morning"
    returned = AppTest.from_string(EDITOR, default_timeout=20)  # leaving takes its fields out of the session
    returned.session_state[KNOWN], returned.session_state[SAID_IN] = editor.session_state[KNOWN], "en"
    german = in_german(returned)
    assert not german.exception
    assert german.radio(key="pe_w_chronotype_de").value == "morning"
    assert german.pills(key="pe_w_life_goals_de").value == ANSWERS["life_goals"]


def stopped_by_a_link(store: Store) -> None:
    with store.edit(ANA) as user:
        user.coaching_profile.letters.digest = False
        user.coaching_profile.letters.every = 7


def test_the_editor_shows_what_a_letters_link_has_changed_since(editor: AppTest, store: Store) -> None:
    assert editor.toggle(key="pe_digest").value is True
    stopped_by_a_link(store)
    editor.run()
    assert (editor.toggle(key="pe_digest").value, editor.selectbox(key="pe_every_en").value) == (False, 7)


def test_a_page_older_than_a_letters_link_does_not_undo_it(editor: AppTest, store: Store) -> None:
    stopped_by_a_link(store)
    editor.text_input(key="pe_w_main_habit").set_value("Swim")
    editor.toggle(key="pe_drip").set_value(False)
    editor.button(key="pe_save").click().run()
    profile = store.read(ANA).coaching_profile
    assert (profile.main_habit, profile.letters.drip) == ("Swim", False)
    assert (profile.letters.digest, profile.letters.every) == (False, 7)
    assert editor.toggle(key="pe_digest").value is False


def test_a_browser_in_another_zone_is_asked_about(editor: AppTest, store: Store) -> None:
    assert "another clock" not in shown(editor)
    editor.context = {"timezone": "Europe/Lisbon"}
    editor.run()
    assert "another clock" in shown(editor)
    assert store.read(ANA).coaching_profile.timezone == "Asia/Tokyo"
    editor.button(key="pe_zone_keep").click().run()
    assert "another clock" not in shown(editor)
    editor.session_state["pe_zone_stays"] = ""
    editor.run()
    editor.button(key="pe_zone_move").click().run()
    assert store.read(ANA).coaching_profile.timezone == "Europe/Lisbon"
    assert editor.selectbox(key="pe_w_timezone").value == "Europe/Lisbon"


def test_a_person_is_needed_for_a_draft_only(store: Store) -> None:
    asked = AppTest.from_string("import onboarding\nonboarding.show_onboarding_modal()", default_timeout=20).run()
    assert QUESTIONS[0].asks in shown(asked)
    assert isinstance(store.read(ANA), User)
    assert asked.session_state["onboarding_responses"]["life_goals"] == []
