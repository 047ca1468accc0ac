import json
import logging
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest

import coaching_engine
from coaching_engine import Insight, analysis_due, analyze, announce, insight_of
from core.localtime import wall_instant, zone
from core.models import Completion, User
from core.wording import date_text
from storage import Store
from tests.cast import a_habit, a_person, day, tick

FORBIDDEN = re.compile(r"\b(should|only|failed|again|at least|just|still not|lazy|excuse|amazing)\b|!", re.IGNORECASE)
READY = {
    "ready",
    "generated_at",
    "days_since_signup",
    "patterns",
    "recommendations",
    "strengths",
    "challenges",
    "findings",
    "watching",
}


def night(n: int, hour: int = 4) -> datetime:
    """An hour of Day n, in UTC."""
    return datetime.combine(day(n), time(hour), tzinfo=UTC)


def workdays(days: int) -> list[int]:
    return [n for n in range(days) if n % 7 < 5]


def a_runner(days: int = 40, **known: Any) -> User:
    """Meditates at 6:15 on weekdays, reads on four days of five at any hour, stretches now and then."""
    luck = random.Random(6)
    user = a_person(a_habit(), a_habit("Read"), a_habit("Stretch"), **known)
    tick(user, "meditation", workdays(days), time(6, 15))
    for n in range(days):
        if luck.random() < 0.8:
            tick(user, "read", [n], time(luck.randint(7, 22), luck.randint(0, 59)))
    return tick(user, "stretch", range(0, days, 4), time(20, 30))


def letters(user: User, days: Iterable[int], hour: int = 20) -> list[tuple[int, Insight]]:
    """The insight of each evening's letter after that night's analysis, kept as given once it went."""
    out = []
    for n in days:
        announce(user, night(n))
        insight = insight_of(user, night(n, hour))
        if insight is not None:
            user.coaching_insights.given.append(insight.given)
            out.append((n, insight))
    return out


# The analysis


def test_before_day_14_nothing_is_claimed() -> None:
    user = a_runner()
    for n in range(14):
        answer = analyze(user, night(n))
        assert answer.keys() == {"ready", "generated_at", "days_since_signup", "watching"}
        assert answer["ready"] is False
        assert answer["days_since_signup"] == n
        assert insight_of(user, night(n, 20)) is None
        assert announce(user, night(n)) == []
    assert user.coaching_insights.announced == []
    assert user.coaching_insights.timing_issues == {}


def test_from_day_14_the_answer_has_the_whole_structure_in_plain_json() -> None:
    answer = analyze(a_runner(), night(40))
    assert answer.keys() == READY
    assert answer["ready"] is True
    assert answer["generated_at"] == "2024-02-10T04:00:00+00:00"
    assert answer["patterns"].keys() == {"timing", "consistency", "streaks", "profile_alignment"}
    assert json.loads(json.dumps(answer)) == answer
    assert answer["findings"][0].keys() == {"kind", "habit", "confidence", "since", "evidence", "text"}


def test_an_analysis_looks_at_nothing_recorded_later() -> None:
    for seed in range(8):
        luck = random.Random(seed)
        whole, cut = a_person(), a_person()
        for n in luck.sample(range(50), 40):
            late = n + luck.choice([0, 0, 0, 1, 5])
            recorded = None if late == n else night(late, 12)
            tick(whole, "meditation", [n], time(luck.randint(6, 8), luck.randint(0, 59)), recorded=recorded)
            if late < 30:
                cut.entries("meditation")[day(n)] = whole.entries("meditation")[day(n)]
        assert analyze(whole, night(30)) == analyze(cut, night(30))


def test_timing_tells_the_part_of_the_day_once_it_is_sure() -> None:
    timing = analyze(a_runner(), night(40))["patterns"]["timing"]
    assert timing["meditation"] == {
        "part_of_day": "morning",
        "consistency_score": 0.0,
        "usual_minute": 375,
        "odd_days": 0,
        "n": 28,
    }
    assert timing["read"]["part_of_day"] is None
    assert timing["read"]["consistency_score"] > 0.5
    assert timing["stretch"]["part_of_day"] == "evening"


def test_consistency_counts_weekdays_and_weekends() -> None:
    meditation = analyze(a_runner(), night(40))["patterns"]["consistency"]["meditation"]
    assert (meditation["done"], meditation["of"]) == (30, 40)
    assert meditation["rate"] == pytest.approx(31 / 42, abs=1e-4)
    assert meditation["low"] < meditation["rate"] < meditation["high"]
    assert (meditation["weekdays"], meditation["weekends"]) == ({"done": 30, "of": 30}, {"done": 0, "of": 10})
    assert (meditation["current_streak"], meditation["best_streak"]) == (5, 5)


def test_a_streak_of_none_asks_to_rebuild() -> None:
    streaks = analyze(tick(a_runner(42), "meditation", [40, 41]), night(44))["patterns"]["streaks"]
    assert streaks["meditation"] == {"current": 0, "best": 7, "unit": "day", "status": "building", "badge": "rebuild"}
    running = analyze(tick(a_person(), "meditation", range(20)), night(20))["patterns"]["streaks"]["meditation"]
    assert running == {"current": 20, "best": 20, "unit": "day", "status": "hot", "badge": "🔥"}


def test_alignment_names_what_the_profile_asks_for_and_no_habit_does() -> None:
    user = a_runner(profile={"main_habit": "Sail", "life_goals": ["Mental Wellness", "Finances"]})
    alignment = analyze(user, night(20))["patterns"]["profile_alignment"]
    assert alignment["main_habit_tracked"] is False
    assert alignment["goals_without_habit"] == []  # no habit says what it is for
    for habit in user.habits:
        habit.goal = "Mental Wellness"
    assert analyze(user, night(20))["patterns"]["profile_alignment"]["goals_without_habit"] == ["Finances"]


def test_recommendations_are_at_most_five_sentences_and_always_the_same() -> None:
    user = a_runner()
    said = analyze(user, night(40))["recommendations"]
    assert 1 <= len(said) <= 5
    assert len(set(said)) == len(said)
    assert analyze(user, night(40))["recommendations"] == said
    assert user.coaching_insights.given == []


def test_a_recommendation_given_is_never_listed_again() -> None:
    user, seen = a_runner(), set[str]()
    for n in range(20, 44):
        answers = {text for _, insight in letters(user, [n]) if insight.kind == "advice" for text in [insight.text]}
        assert not answers & seen
        seen |= answers
        listed = {text.split(" ", 1)[1] for text in analyze(user, night(n, 21))["recommendations"]}
        assert not listed & seen
    assert seen


def test_strengths_and_challenges_are_counts_of_this_record() -> None:
    answer = analyze(a_runner(), night(40))
    assert "🎯 Ambitious: you're tracking 3 habits." in answer["strengths"]
    assert any(re.fullmatch(r"💪 Consistent: you ticked something on \d+ of 40 days\.", s) for s in answer["strengths"])
    assert (
        "⏰ Time is what you named. The thinnest count is Stretch: 10 of 40. Two minutes of it count."
        in (answer["challenges"])
    )
    assert any("30 of 30 weekdays, 0 of 10 weekend days" in line for line in answer["challenges"])


def test_nobody_is_asked_for_two_minutes_of_what_they_leave_out() -> None:
    person = tick(a_person(a_habit("No phone in bed", id="one")), "one", range(0, 40, 3))
    (said,) = (line for line in analyze(person, night(40))["challenges"] if "named" in line)
    assert said.endswith("The thinnest count is No phone in bed: 14 of 40. On which of those days was it easiest?")


def test_what_was_done_without_a_gap_is_no_challenge() -> None:
    assert analyze(tick(a_person(), "meditation", range(20)), night(20))["challenges"] == []


def test_a_lapse_is_named_by_its_dates() -> None:
    challenges = analyze(tick(a_runner(30), "read", range(30)), night(34))["challenges"]
    assert f"🌱 Read: last done on {date_text(day(29))}, 4 planned days since. A small one opens it." in challenges


def test_nothing_is_praised_or_questioned_about_a_medicine() -> None:
    user = tick(a_person(a_habit("Take insulin")), "take-insulin", range(0, 40, 3))
    answer = analyze(user, night(40))
    assert not [line for line in answer["strengths"] + answer["challenges"] if "insulin" in line]


def test_every_sentence_keeps_to_the_voice() -> None:
    user = a_runner()
    insights = [insight for _, insight in letters(user, range(14, 40))]
    answer = analyze(user, night(40))
    said = answer["strengths"] + answer["challenges"] + [found["text"] for found in answer["findings"]]
    said += [text for insight in insights for text in (insight.title, insight.text, insight.question)]
    assert not [text for text in said if FORBIDDEN.search(text)]


# Announcing


def test_each_finding_is_announced_once_on_the_persons_day() -> None:
    user = a_runner(60)
    for n in range(14, 61):
        announce(user, night(n))
        assert user.coaching_insights.last_insight_date == day(n)
    announced = user.coaching_insights.announced
    told = [(item["kind"], item["habit"]) for item in announced]
    assert len(told) == len(set(told))
    assert {"usual_time", "varied_time", "weekend_weak", "too_ambitious"} <= {kind for kind, _ in told}
    assert all(item.keys() == {"kind", "habit", "day", "evidence", "text"} for item in announced)
    assert min(item["day"] for item in announced) == day(14).isoformat()
    assert user.coaching_insights.timing_issues["meditation"] == {"score": 0.0, "minute": 375}


def test_findings_keep_the_day_they_were_announced_on() -> None:
    user = a_runner()
    first = {found.kind for found in announce(user, night(14))}
    since = {found["kind"]: found["since"] for found in analyze(user, night(20))["findings"]}
    assert first
    assert {since[kind] for kind in first} == {day(14).isoformat()}


def test_early_signs_are_not_announced() -> None:
    user = tick(a_person(a_habit(), a_habit("Read"), a_habit("Draw")), "meditation", [*workdays(16), 12])
    tick(tick(user, "read", range(16), time(8)), "draw", range(16), time(9))
    announce(user, night(16))
    assert "weekend_weak" not in {item["kind"] for item in user.coaching_insights.announced}
    assert [f["confidence"] for f in analyze(user, night(16))["findings"] if f["kind"] == "weekend_weak"] == ["early"]


@pytest.mark.parametrize(("ends", "hour"), [(0, 4), (3, 4), (6, 6)])
def test_the_analysis_is_due_from_four_or_the_days_end(ends: int, hour: int) -> None:
    user = a_person(timezone="America/New_York", profile={"day_ends_at": ends})
    user.coaching_insights.last_insight_date = day(19)
    due = wall_instant(day(20), time(hour), zone("America/New_York"))
    assert not analysis_due(user, due - timedelta(minutes=1))
    assert analysis_due(user, due)
    assert list(coaching_engine.due_moments(user, due - timedelta(days=1), due)) == [due]
    announce(user, due)
    assert not analysis_due(user, due + timedelta(hours=19))
    assert analysis_due(user, due + timedelta(days=1))


def test_everybody_whose_night_has_come_is_analysed_once(store: Store) -> None:
    store.create(a_runner(user_id="one-ready"))
    awake = a_runner(user_id="still-awake", timezone="America/Los_Angeles")
    awake.coaching_insights.last_insight_date = day(39)
    store.create(awake)
    store.create(a_person(user_id="too-young", created_at=night(38)))
    assert coaching_engine.process_pattern_analysis(store, now=night(40)) == 2
    assert coaching_engine.process_pattern_analysis(store, now=night(40, 5)) == 0
    assert store.read("one-ready").coaching_insights.announced
    assert store.read("too-young").coaching_insights.announced == []
    assert store.read("still-awake").coaching_insights.last_insight_date == day(39)
    assert coaching_engine.process_pattern_analysis(store, now=night(40, 13), user_ids=["still-awake"]) == 1


def test_who_changes_something_while_a_night_goes_on_is_analysed_as_they_are_then(store: Store) -> None:
    store.create(a_runner(60, user_id="one-ready"))
    store.create(a_runner(60, user_id="two-ready"))

    def people() -> Iterator[str]:
        yield "one-ready"
        with store.edit("one-ready") as user:  # read by now, not analysed yet
            user.entries("meditation").clear()
        yield "two-ready"

    assert coaching_engine.process_pattern_analysis(store, now=night(60), user_ids=people()) == 2
    one, two = (store.read(user_id) for user_id in ("one-ready", "two-ready"))
    assert "meditation" not in {told["habit"] for told in one.coaching_insights.announced}
    assert "meditation" in {told["habit"] for told in two.coaching_insights.announced}
    assert one.completions["meditation"] == {}


def test_one_unreadable_document_stops_nobody(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    store.create(a_runner(user_id="a-broken"))
    store.create(a_runner(user_id="b-whole"))
    path = store.folder / "users" / "a-broken.json"
    path.write_text("{", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert coaching_engine.process_pattern_analysis(store, now=night(40)) == 1
    assert "a-broken.json cannot be read" in caplog.text
    assert path.read_text(encoding="utf-8") == "{"


def test_the_named_entry_points_read_the_store(store: Store) -> None:
    store.create(a_runner())
    answer = coaching_engine.analyze_user_patterns("ana-3f9a1c", now=night(40), store=store)
    assert answer == analyze(store.read("ana-3f9a1c"), night(40))
    with store.edit("ana-3f9a1c") as user:
        announce(user, night(40))
    email = coaching_engine.get_coaching_email_for_user("ana-3f9a1c", now=night(40, 20), store=store)
    insight = insight_of(store.read("ana-3f9a1c"), night(40, 20))
    assert insight is not None
    assert email == asdict(insight)


# The day's one insight


def test_findings_come_first_the_patterns_before_the_hours_and_each_once() -> None:
    user = a_runner(60)
    for n in range(14, 40):
        announce(user, night(n))
    told = [insight for _, insight in letters(user, range(40, 50)) if insight.kind == "finding"]
    ids = [insight.given["id"] for insight in told]
    assert ids[0] == "finding:weekend_weak:meditation"
    assert len(ids) == len(set(ids)) == len(user.coaching_insights.announced)
    assert told[0].bars == (("Weekdays", 30, 30), ("Weekends", 0, 10))
    assert told[0].source == f"Counted from your own 40 days, {date_text(day(0))} to {date_text(day(39))}."


def test_a_finding_is_told_only_after_the_night_announced_it() -> None:
    insight = insight_of(a_runner(), night(40, 20))
    assert insight is None or insight.kind != "finding"


def test_an_early_sign_asks_once_and_claims_nothing() -> None:
    user = tick(a_person(a_habit(), a_habit("Read"), a_habit("Draw")), "meditation", [*workdays(16), 12], None)
    tick(tick(user, "read", range(16), None), "draw", range(16), None)
    said = [insight for _, insight in letters(user, [16, 17])]
    assert said[0].kind == "early"
    assert said[0].question == "Does that ring true?"
    assert said[0].text.startswith("Too early to call")
    assert said[1].kind != "early"


def test_letters_bring_at_most_two_pieces_of_advice_in_seven_days() -> None:
    given = [n for n, insight in letters(a_runner(60), range(14, 60)) if insight.kind == "advice"]
    assert len(given) > 3
    assert all(later - earlier >= 7 for earlier, later in zip(given, given[2:], strict=False))


def test_there_is_no_advice_while_a_plan_has_no_outcome() -> None:
    user = a_runner(60)
    given = [(n, insight) for n, insight in letters(user, range(14, 32)) if insight.kind == "advice"]
    last, taken = given[-1]
    next(one for one in user.coaching_insights.given if one == taken.given)["applied"] = True
    assert not [insight for _, insight in letters(user, range(32, last + 15)) if insight.kind == "advice"]
    assert any(insight.kind == "advice" for _, insight in letters(user, range(last + 15, last + 25)))


def test_no_question_is_asked_twice_nor_on_two_days_running() -> None:
    asked = [
        (n, insight.given["id"]) for n, insight in letters(a_person(), range(14, 60)) if insight.kind == "question"
    ]
    assert len(asked) > 5
    assert len({name for _, name in asked}) == len(asked)
    assert all(later - earlier >= 3 for (earlier, _), (later, _) in pairwise(asked))


def test_the_insight_is_the_same_for_the_same_person_day_and_record() -> None:
    user = a_runner()
    announce(user, night(40))
    assert insight_of(user, night(40, 20)) == insight_of(user, night(40, 20))


def test_whoever_is_away_or_speaks_of_harm_hears_nothing() -> None:
    user = tick(a_person(), "meditation", range(20), time(6))
    announce(user, night(20))
    assert insight_of(user, night(20, 20)) is not None
    assert insight_of(user, night(27, 20)) is None
    user.entries("meditation")[day(19)] = Completion(at=night(19, 6), note="I want to die")
    assert insight_of(user, night(20, 20)) is None


def test_what_is_given_says_when_and_to_which_habit() -> None:
    user = a_runner()
    (_, first), *_ = letters(user, [40])
    assert first.given.keys() == {"id", "technique", "action", "habit", "day", "channel"}
    assert first.given["day"] == day(40).isoformat()


def test_the_library_is_read_and_right() -> None:
    assert coaching_engine.library() is coaching_engine.library()
    assert coaching_engine.library().entries


def test_every_technique_of_the_library_has_a_mark_of_its_own_to_begin_with() -> None:
    assert coaching_engine.ICONS.keys() == coaching_engine.library().techniques.keys()
