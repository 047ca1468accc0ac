"""The screens: what stands on them is what the record says, words come out as typed, a change lands in the store."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

import findings
import screens
from catalogues import find_catalogues
from coaching_engine import analyze
from core import planning, recording
from core.catalogue import speaking
from core.coach.advising.library import ACTIONS
from core.coach.statistics.evidence import gather
from core.localtime import week_start
from core.models import Completion, Target, User
from core.patterns import EARLY_QUESTION, about_of
from core.progress import Record
from screens import board, coaching, progress, today, ways, wording
from screens.parts import esc
from screens.pictures import drawn, evidence, hours, strength
from screens.profile_rooms import account
from storage import Store
from tests.people import example_runner
from tests.screens_cast import EN, NOW, ODD_NAMES, TODAY, a_person, awake, days_ago, lived, look_at, read_out, words_on

HERE = Path(screens.__file__).parent
find_catalogues()
SCREENS = sorted(
    path.stem for path in HERE.glob("*.py") if "\ndef show(store: Store, user_id" in path.read_text("utf-8")
)


def test_these_are_all_screens_that_have_an_address() -> None:
    assert len(SCREENS) == len(ways.ADDRESSES)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("days", [None, 3, 20])
def test_every_screen_draws_at_every_age(store: Store, screen: str, days: int | None) -> None:
    at = look_at(screen, store, a_person(0) if days is None else lived(days))
    assert words_on(at)


@pytest.mark.parametrize("names", [ODD_NAMES[:2], ODD_NAMES[2:]])
@pytest.mark.parametrize("screen", ["today", "progress", "coaching", "profile", "habit_page"])
def test_words_come_out_as_typed(store: Store, screen: str, names: list[str]) -> None:
    user = a_person(20, display_name="<b>Ana</b> $x$")
    began = days_ago(20)
    for name in names:
        habit = planning.add_habit(user, name, planning.every_day(began), today=began, small=name[:120])
        for n in range(1, 21):
            recording.tick(user, habit.id, days_ago(n), now=NOW)
        if screen == "today":
            planning.archive_habit(user, habit.id, today=TODAY)
    said = words_on(look_at(screen, store, user))
    for name in {"profile": ["<b>Ana</b> $x$"], "habit_page": names[:1]}.get(screen, names):
        assert esc(name) in said
        assert "<" not in name or name not in said


@pytest.mark.parametrize("screen", SCREENS)
def test_no_label_takes_a_persons_words_for_markdown(store: Store, screen: str) -> None:
    odd, began = "quince $x$ &amp; *y*", days_ago(40)
    user = a_person(40, display_name=odd)
    for n, name in enumerate((odd, f"{odd} 2", f"{odd} 3")):
        target = Target(at_least=2, unit=odd) if n else None
        habit = planning.add_habit(user, name, planning.every_day(began), today=began, target=target, group=odd)
        habit.cue = habit.small = odd
        for ago in range(20):
            recording.tick(user, habit.id, days_ago(ago), now=NOW, value=1 + ago % 3 if n else None)
        recording.write_note(user, habit.id, TODAY, odd, now=NOW)
    planning.archive_habit(user, user.habits[0].id, today=TODAY)
    head = {"id": "x", "technique": "small", "habit": user.habits[1].id, "day": TODAY.isoformat(), "channel": "screen"}
    user.coaching_insights.given += [{**head, "id": n, "action": n, "text": odd} for n in ACTIONS]
    at = look_at(screen, store, user)
    labels = [str(getattr(getattr(one, "proto", None), "label", "")) for one in at.main]
    assert [label for label in labels if "quince" in label and ways.safe(odd) not in label] == []
    assert any("quince" in label for label in labels) == (screen in ("today", "progress", "coaching", "habit_page"))


def test_an_empty_place_says_what_will_be_there(store: Store) -> None:
    at = look_at("today", store, a_person(0))
    assert "Your habits will stand here" in words_on(at)
    assert at.button(key="new_habit").label == "New habit"
    assert not [button for button in at.button if button.key == "earlier"]


# --- today


def test_a_perfect_day_is_said_in_the_line_that_is_there_already() -> None:
    user = a_person(0)
    planning.add_habit(user, "Read", planning.every_day(TODAY), today=TODAY)
    recording.tick(user, "read", TODAY, now=NOW)
    assert board.said_today(Record(user, TODAY)) == "A perfect day: 1 of 1"


def test_whoever_has_not_ticked_yet_is_told_how() -> None:
    user = a_person(0)
    planning.add_habit(user, "Read", planning.every_day(TODAY), today=TODAY)
    [(said, _)] = board.coach_word(Record(user, TODAY))
    assert said.startswith("Tap today’s square")


@pytest.mark.parametrize(("days", "weeks_ago"), [(0, 0), (10, 1), (60, 6)])
def test_seven_weeks_begin_with_the_first_habit_until_they_are_full(days: int, weeks_ago: int) -> None:
    user = a_person(days)
    planning.add_habit(user, "Read", planning.every_day(days_ago(days)), today=days_ago(days))
    assert board.heat_first(Record(user, TODAY)) == week_start(TODAY) - timedelta(weeks=weeks_ago)


def test_the_head_counts_what_was_due_and_done() -> None:
    record = Record(lived(20), TODAY)
    done = {one.habit.id for one in record.done_on(TODAY)}
    assert done == {"water"}
    assert board.said_today(record) == "1 of 2 done today"
    head = today.hero(record, NOW, EN)
    assert "Sunday, November 22<i> · </i><b>1 of 2 done today</b>" in head
    assert f"{record.xp:,} XP" in head
    assert f"</small>{record.level.number}</div>" in head


@pytest.mark.parametrize(
    ("hour", "said"), [(5, "Good morning"), (13, "Good afternoon"), (21, "Good evening"), (2, "Good evening")]
)
def test_the_greeting_follows_the_persons_own_clock(hour: int, said: str) -> None:
    user = a_person(0, timezone="UTC+3")
    assert today.greeting(user, NOW.replace(hour=(hour - 3) % 24)) == said


def test_the_coachs_line_is_counted() -> None:
    user = a_person(20)
    planning.add_habit(user, "Read", planning.every_day(days_ago(20)), today=days_ago(20))
    recording.tick(user, "read", days_ago(15), now=NOW)
    assert "One tap a day" in board.coach_word(Record(user, TODAY))[0][0]
    for n in range(1, 14):
        recording.tick(user, "read", days_ago(n), now=NOW)
    assert board.coach_word(Record(user, TODAY)) == [("Read", True), (": 13 of the last 13 days.", False)]


def test_today_says_one_thing_that_the_last_night_found_and_stands_behind(store: Store) -> None:
    user = example_runner()
    now = user.created_at + timedelta(days=40)
    store.create(user)
    assert "td-found" not in words_on(look_at("today", store, user, now))
    look = findings.look_now(user, now)
    findings.keep(store, user, look.today, findings.found_in(look))
    at = look_at("today", store, user, now)
    sure = [one for one in look.findings if one.confidence == "established"]
    [told] = [one for one in sure if drawn.counts_stand_out(one.text) in words_on(at)]
    assert words_on(at).count("td-found") == 1
    [way] = [link.proto for link in at.get("page_link") if link.proto.label == "See the days behind it"]
    asked = parse_qs(way.query_string)[ways.FOUND][0]
    [first, *_others], _rest = coaching.told_first(analyze(user, now)["findings"], asked)
    assert first["text"] == told.text


def test_what_the_night_found_stays_on_today_while_its_habits_are_what_they_were(store: Store) -> None:
    user = example_runner()
    now = user.created_at + timedelta(days=40)
    store.create(user)
    look = findings.look_now(user, now)
    findings.keep(store, user, look.today, findings.found_in(look))
    before = findings.standing(store, user, look.today)
    assert {one.habit for one in before} == {"daily-run", "stretch"}

    user.coaching_profile.why_now = "Something new"
    user.coaching_profile.biggest_obstacle = "Perfectionism"
    user.habits[0].icon = "🏃"
    assert findings.standing(store, user, look.today) == before
    plan = planning.on_weekdays(look.today, [0, 2, 4])
    planning.change_schedule(user, "stretch", plan, from_day=look.today, today=look.today)
    after = findings.standing(store, user, look.today)
    assert {one.habit for one in after} == {"daily-run"}
    user.coaching_profile.timezone = "Europe/Lisbon"
    assert findings.standing(store, user, look.today) == []
    assert findings.standing(store, user, look.today + timedelta(days=1)) == []


@pytest.mark.parametrize(("unit", "said"), [("", "any number"), ("hours", "any number, hours")])
def test_a_number_that_an_import_does_not_know_is_no_number_to_reach(unit: str, said: str) -> None:
    user = a_person(3)
    counts = Target(at_least=0, unit=unit)
    planning.add_habit(user, "Sleep", planning.every_day(days_ago(3)), today=days_ago(3), target=counts)
    assert board.board_of(Record(user, TODAY), [TODAY], NOW)["rows"][0]["target"]["words"] == said
    assert wording.target_words(counts, EN) == said


def test_an_earlier_week_shows_the_habits_that_were_on_the_list_then() -> None:
    record = Record(lived(20), TODAY)
    shown = [one.habit.id for one in board.shown_habits(record, [days_ago(n) for n in range(13, 6, -1)])]
    assert shown == ["read", "water", "write", "old-one"]
    assert "old-one" not in [
        one.habit.id for one in board.shown_habits(record, [days_ago(n) for n in range(6, -1, -1)])
    ]


# --- progress


def test_progress_counts_each_habit_as_the_record_does() -> None:
    record = Record(lived(60), TODAY)
    one = record.of("read")
    done, of = one.rate(days_ago(29), TODAY)
    shown = progress.card(one, EN)
    assert f"<dd>{done} of {of}</dd>" in shown
    assert f"<b>{round(100 * one.strength)}<small> of 100" in shown
    assert f"<dd>{one.best_streak} days</dd>" in shown


def test_the_steps_of_the_strength_are_those_of_the_record() -> None:
    record = Record(lived(60), TODAY).of("read")
    (_, before), (_, after) = record.strengths()[-3:-1]
    assert f"{100 * before:.1f} → {100 * after:.1f}" in strength.how_computed(record, EN)
    assert "keeps 94.8 % of the strength before" in strength.how_computed(record, EN)


def test_imported_xp_is_told_apart() -> None:
    user = lived(20)
    assert "all of it earned here" in progress.hero(Record(user, TODAY), EN)
    for n in range(100, 130):
        user.entries("read")[days_ago(n)] = Completion(source="import")
    record = Record(user, TODAY)
    assert f"{record.imported_xp} of it from your import" in progress.hero(record, EN)


@pytest.mark.parametrize("habits", [6, 7, 20])
def test_of_many_habits_six_are_there_at_once_and_every_other_is_a_tap_away(store: Store, habits: int) -> None:
    user = a_person(60)
    for n in range(habits):
        name = f"Habit {n:02d}"
        planning.add_habit(user, name, planning.every_day(days_ago(60)), today=days_ago(60))
        for day in range(1, 40):
            recording.tick(user, user.habits[n].id, days_ago(day), now=NOW - timedelta(days=day))
    at = look_at("progress", store, user)
    folded = [one for one in at.get("expander") if "more habit" in one.proto.label]
    assert len(folded) == (0 if habits == 6 else 3)  # months, hours, strength
    said = words_on(at)
    for n in range(habits):
        named = said.count(f"<b>Habit {n:02d}</b>"), said.count(f"Habit {n:02d}</h3>")
        assert named == (2, 1)


def test_no_hour_is_called_usual_before_day_14() -> None:
    user = example_runner()
    early, late = user.created_at + timedelta(days=9), user.created_at + timedelta(days=20)
    said = [gather(user, now.date()).habits[0] for now in (early, late)]
    assert "around" not in hours.hours(said[0], False, EN)
    assert "around 6:1" in hours.hours(said[1], True, EN)


# --- coaching


def test_before_day_14_no_claim_and_no_kind_is_named(store: Store) -> None:
    said = words_on(look_at("coaching", store, lived(9)))
    assert "Day 9. I am watching" in said
    assert "On Day 14" in said
    assert "I am software" in said
    assert not any(title in said for title in (*evidence.TITLES.values(), *evidence.STANDING.values()))
    assert "Established" not in said
    assert "usual" not in said


@pytest.mark.parametrize(
    ("spoken", "said", "marked"),
    [
        (
            "en",
            "Read <i>: 38 of 44 weekdays, not one of 30.",
            "Read &lt;i&gt;: <b>38 of 44</b> weekdays, not one of 30.",
        ),
        ("de", "Lesen: 1.038 von 1.044 Malen.", "Lesen: <b>1.038 von 1.044</b> Malen."),
    ],
)
def test_the_counts_of_a_claim_stand_out(spoken: str, said: str, marked: str) -> None:
    with speaking(spoken):
        assert drawn.counts_stand_out(said) == marked


def test_whoever_has_delicate_habits_alone_is_not_told_that_a_first_tick_is_missing(store: Store) -> None:
    user = a_person(3)
    waits = "The first tick is the first thing I will know"
    assert waits in words_on(look_at("coaching", store, user))
    with store.edit(user.user_id) as changed:
        planning.add_habit(changed, "No sugar", planning.every_day(days_ago(3)), today=days_ago(3))
    said = words_on(look_at("coaching", store, user))
    assert waits not in said
    assert "I say next to nothing" in said


def test_from_day_14_each_claim_stands_with_its_evidence_and_what_a_first_sign_asks_is_asked_once(store: Store) -> None:
    user = example_runner()
    now = user.created_at + timedelta(days=22)
    said = words_on(look_at("coaching", store, user, now))
    findings = analyze(user, now)["findings"]
    assert findings
    for finding in findings:
        assert drawn.counts_stand_out(finding["text"].removesuffix(EARLY_QUESTION).rstrip()) in said
    assert said.count(EARLY_QUESTION) == sum(finding["confidence"] == "early" for finding in findings) > 0
    assert said.count("The numbers") == len(findings)


def test_four_claims_of_each_confidence_stand_open_one_of_a_kind_before_the_next_of_it() -> None:
    def claims(confidence: str, *kinds: str) -> list[dict[str, Any]]:
        named = [{"kind": kind, "habit": f"{kind}-{n}", "evidence": {}} for n, kind in enumerate(kinds)]
        return [claim | {"confidence": confidence} for claim in named]

    sure = claims("established", "usual_time", "usual_time", "weak_day", "usual_time", "momentum_lost")
    early = claims("early", *["weekend_weak"] * 5)
    first, others = coaching.told_first([*sure, *early])
    assert first == [sure[0], sure[2], sure[4], sure[1], *early[:4]]
    assert others == [sure[3], early[4]]
    assert coaching.told_first(sure, ways.name_of_finding("usual_time", "usual_time-3"))[0][0] == sure[3]


def test_an_answer_about_a_first_sign_is_kept(store: Store) -> None:
    store.create(lived(20))
    coaching._answer(store, "ana-3f9a1c", "weekend_weak", "read", "no", TODAY)()
    user = store.read("ana-3f9a1c")
    assert coaching._answered(user, "weekend_weak", "read") == "no"
    assert user.coaching_insights.answers[0]["day"] == TODAY.isoformat()


def test_an_answer_about_a_first_sign_is_read_out(store: Store) -> None:
    user = example_runner()
    now = user.created_at + timedelta(days=22)
    [sign, *_others] = [one for one in analyze(user, now)["findings"] if one["confidence"] == "early"]
    of = f"{sign['kind']}_{about_of(sign['habit'], sign['evidence'])}"
    at = look_at("coaching", store, user, now)
    for answer, said in (("yes", "Noted: it rings true."), ("no", "Noted: not really.")):
        assert read_out(at.button(key=f"ring_{answer}_{of}").click().run()) == [said]


# --- profile


def test_the_export_is_the_document() -> None:
    user = lived(20)
    assert User.model_validate(json.loads(account.exported(user))) == user


def test_a_break_is_declared_said_and_ended(store: Store) -> None:
    now, zone = awake()
    user = lived(20, now, timezone=zone)
    first = (now + timedelta(hours=12 - now.hour)).date()
    at = look_at("profile", store, user, now)
    at.date_input(key="pause_days").set_value((first - timedelta(days=2), first + timedelta(days=5))).run()
    at.button(key="pause_go").click().run()
    assert [p.start for p in store.read("ana-3f9a1c").pauses if p.habit is None] == [first - timedelta(days=2)]
    assert "Paused:" in words_on(at)
    at.button(key="pause_end").click().run()
    assert [p.to for p in store.read("ana-3f9a1c").pauses if p.habit is None] == [first - timedelta(days=1)]


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"email": ""}, "no letter is sent"),
        ({"email": "a@b.org"}, "<b>a@b.org</b>."),
        ({"email": "a@b.org", "email_confirmed": False}, "not confirmed yet"),
    ],
)
def test_the_account_says_where_letters_go(known: dict[str, Any], said: str) -> None:
    assert said in account.address_said(a_person(0, **known))


def test_a_disk_without_room_is_said_on_the_screen_that_met_it() -> None:
    def script() -> None:
        import streamlit as st

        from web import say_trouble_in_place

        st.text(str(say_trouble_in_place(OSError(28, "No space left on device"))))

    page = AppTest.from_function(script).run()
    assert "Something stored cannot be used" in " ".join(element.value for element in page.html)
    assert page.text[0].value == "True"
