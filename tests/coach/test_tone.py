"""Which tone advice is said in: the one that was chosen, and where even that steps back."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.coach.advising.tone import Tones
from storage import open_store
from tests.cast import a_person, day, tick
from tests.screens_cast import awake, look_at
from tests.screens_cast import lived as lived_in_app

TONES = ("plain", "warm", "playful")


@pytest.mark.parametrize("tone", TONES)
@pytest.mark.parametrize("labels", [{"fine"}, {"needs restart"}])
def test_the_chosen_tone_comes_before_the_one_found(tone, labels):
    user = tick(a_person(profile={"tone": tone}), "meditation", range(20))
    assert Tones(user, day(20)).of(labels, "", None) == tone


def test_after_a_silent_week_nobody_is_joked_with():
    user = tick(a_person(profile={"tone": "playful"}), "meditation", range(5))
    assert Tones(user, day(20)).of({"fine"}, "", None) == "warm"


def test_who_never_chose_has_no_such_key():
    assert "tone" not in a_person().to_json()["coaching_profile"]


def test_a_tone_is_chosen_and_given_back_in_profile(tmp_path: Path) -> None:
    now, zone = awake()
    store = open_store(tmp_path)
    user = lived_in_app(40, now, timezone=zone)
    at = look_at("profile", store, user, now)
    at.segmented_control(key="coach_tone_en").set_value("warm").run()
    assert store.read(user.user_id).coaching_profile.tone == "warm"
    at.segmented_control(key="coach_tone_en").set_value(None).run()
    assert store.read(user.user_id).coaching_profile.tone is None
    assert not at.exception
