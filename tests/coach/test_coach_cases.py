"""Cases: a record, and what the coach says of it, or that it says nothing, looking every night from Day 14 on."""

import random
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from coaching_engine import analyze, announce, insight_of
from core.coach.advising.situations import LABELS
from core.coach.insights import QUESTIONS_TO_FINDINGS, TITLES, Insight
from core.coach.standing import look_at
from core.coach.statistics.kinds import CLAIMS
from core.models import User
from core.patterns import Finding
from tests.cast import MONDAY, WEEKDAYS, a_habit, a_person, day, thrice_a_week
from tests.coach_cast import done_on, is_weekend, kinds, lived, with_ordinary_habits

OF_DAYS = {
    "weekend_weak",
    "weekend_strong",
    "weak_day",
    "momentum_lost",
    "momentum_gained",
    "week2_dip",
    "cooccur",
    "late_fail",
}


def night(n: int) -> datetime:
    return datetime.combine(day(n), datetime.min.time(), tzinfo=UTC) + timedelta(hours=4)


def told_by(user: User, last: int, first: int = 14, every: int = 1) -> list[tuple[int, Finding]]:
    """What each night's analysis announced, or every so many nights': (Day, finding)."""
    return [(n, finding) for n in range(first, last + 1, every) for finding in announce(user, night(n))]


def told_of(user: User, last: int, every: int = 1) -> dict[str, tuple[int, Finding]]:
    """What was told of Meditation, by kind."""
    return {found.kind: (n, found) for n, found in told_by(user, last, every=every) if found.habit == "meditation"}


def date_of(finding: Finding) -> date:
    return date.fromisoformat(finding.evidence["from_day"])


def with_chance(seed: int, chances: Iterable[float]) -> list[int]:
    luck = random.Random(seed)
    return [n for n, chance in enumerate(chances) if luck.random() < chance]


def living(records: Mapping[str, Iterable[int]]) -> User:
    """A person with a habit for each name, done on its days at hours of its own."""
    user = a_person(*(a_habit(name) for name in records))
    for i, (name, days) in enumerate(records.items()):
        lived(user, name.lower(), dict.fromkeys(days, 420 + 30 * i))
    return user


def test_21_of_22_weekdays_against_1_of_8_weekend_days_is_about_weekends_and_nothing_else() -> None:
    days = {n for n in range(30) if not is_weekend(n) and n != 16} | {12}
    told = told_of(with_ordinary_habits(done_on(days), 2), 30)
    assert "weekend_weak" in told
    assert not {"weak_day", "momentum_lost"} & told.keys()


def test_sixty_days_without_a_sunday_make_sunday_the_weak_day() -> None:
    user = with_ordinary_habits(done_on(n for n in range(60) if n % 7 != 6 and n not in (10, 31, 45)), 2)
    told = told_of(user, 60)
    _, found = told["weak_day"]
    assert found.evidence["weekday"] == 6
    assert "weekend_weak" not in told
    named = kinds(user, 60)["weak_day"]
    assert named.text == "Sundays are the hard day of Meditation: not one of 8 Sundays, 49 of 52 other days."
    assert [(g["label"], g["done"], g["of"]) for g in named.evidence["groups"]] == [
        ("other days", 49, 52),
        ("Sundays", 0, 8),
    ]


def test_a_collapse_is_told_within_two_weeks_with_the_day_it_began() -> None:
    user = with_ordinary_habits(done_on(set(range(25)) - {11} | {28, 35, 41}), 2)
    told = told_of(user, 46)
    n, found = told["momentum_lost"]
    assert n <= 40
    assert day(24) <= date_of(found) <= day(28)
    assert "weekend_weak" not in told
    before, since = found.evidence["groups"]
    assert before["done"] / before["of"] > 0.9 > 0.3 > since["done"] / since["of"]
    assert f"{before['done']} of {before['of']} days before" in found.text
    assert look_at(done_on(set(range(25)) - {11}), day(28)).states["meditation"] == "needs restart"


def test_a_return_for_good_is_told_as_gained() -> None:
    days = {n for n in range(25) if n % 6 == 0} | set(range(25, 60)) - {33, 47}
    told = told_of(with_ordinary_habits(done_on(days), 2), 60)
    assert day(22) <= date_of(told["momentum_gained"][1]) <= day(26)
    assert " has picked up since " in told["momentum_gained"][1].text
    assert "momentum_lost" not in told


def test_a_week_away_is_no_collapse_no_dip_and_no_link() -> None:
    chances = [0 if 20 <= n < 27 else 0.85 for n in range(45)]
    user = living({name: with_chance(seed, chances) for seed, name in enumerate(("One", "Two", "Three"))})
    assert not {found.kind for _, found in told_by(user, 45)} & OF_DAYS


def test_two_habits_that_fall_on_the_same_day_are_no_link() -> None:
    chances = [0.9] * 25 + [0.25] * 25
    for seed in (11, 12):
        user = living({"One": with_chance(seed, chances), "Two": with_chance(seed + 50, chances)})
        told = {found.kind for _, found in told_by(user, 50, every=3)}
        assert "momentum_lost" in told
        assert "cooccur" not in told


def test_two_habits_both_weak_on_weekends_are_no_link() -> None:
    chances = [0.2 if is_weekend(n) else 0.9 for n in range(60)]
    for seed in (21, 22):
        user = living({"One": with_chance(seed, chances), "Two": with_chance(seed + 50, chances)})
        assert "cooccur" not in {found.kind for _, found in told_by(user, 60, every=3)}


def a_linked_person(days: int = 45) -> User:
    """Runs on nine of ten days on which they meditate, and on two of ten others; reads as it comes."""
    sits = with_chance(5, [0.55] * days)
    runs = with_chance(6, [0.9 if n in sits else 0.2 for n in range(days)])
    return living({"Meditation": sits, "Run": runs, "Read": with_chance(7, [0.8] * days)})


def test_a_link_is_told_with_both_counts() -> None:
    user = a_linked_person()
    links = [found for _, found in told_by(user, 45) if found.kind == "cooccur"]
    assert [(found.habit, found.evidence["habits"]) for found in links] == [("run", ["meditation", "run"])]
    named = kinds(user, 45, "run")["cooccur"]
    without, together = named.evidence["groups"]
    assert together["done"] / together["of"] > 0.7 > 0.45 > without["done"] / without["of"]
    assert named.text == (
        f"Run goes with Meditation: done on {together['done']} of {together['of']} days with it, "
        f"on {without['done']} of {without['of']} without."
    )


def test_a_thin_second_week_is_told_in_the_third_and_never_after() -> None:
    days = [*range(7), 10, *range(14, 60)]
    told = told_of(with_ordinary_habits(done_on(days), 2), 60)
    n, found = told["week2_dip"]
    assert 14 <= n <= 21
    assert found.text == "Meditation thinned out in its second week: 7 of 7 days in week one, 1 of 7 days in week two."
    assert "momentum_lost" not in told
    late = with_ordinary_habits(done_on(days), 2)
    assert "week2_dip" not in {found.kind for _, found in told_by(late, 60, first=22, every=3)}


def test_a_level_lost_in_week_two_is_told_once_as_a_dip_or_a_loss() -> None:
    user = with_ordinary_habits(done_on([*range(7), 11, 19, 30]), 2)
    for n in range(14, 46):
        announce(user, night(n))
        assert not {"week2_dip", "momentum_lost"} <= kinds(user, n).keys()
    assert "momentum_lost" in kinds(user, 45)


def test_what_is_open_at_nine_in_the_evening_is_told_to_stay_open() -> None:
    luck = random.Random(4)
    minutes = {n: luck.gauss(1130, 35) for n in range(50) if luck.random() < 0.6} | {5: 1290.0}
    found = told_of(lived(a_person(), "meditation", minutes), 50)["late_fail"][1]
    later = found.evidence["groups"][1]
    assert found.evidence["minute"] == 21 * 60
    assert later["done"] <= 1
    assert "is still open at 9:00 PM, it is rarely done later: " in found.text


def test_what_is_done_in_the_morning_is_never_told_to_stay_open_in_the_evening() -> None:
    assert "late_fail" not in told_of(done_on(range(0, 40, 3)), 40, every=5)


def test_nothing_of_days_is_said_of_a_medicine() -> None:
    for name in ("Take insulin", "No sugar"):
        user = with_ordinary_habits(lived(a_person(a_habit(name, id="x")), "x", dict.fromkeys(range(25), 1100)), 2)
        assert not {found.kind for _, found in told_by(user, 50, every=4) if "x" in found.habits} & OF_DAYS


def a_weekly_person(weeks: int, until: int) -> User:
    """Meditates three times a week until that week and once a week from then on; runs every day."""
    user = a_person(a_habit(schedule=thrice_a_week()), a_habit("Run"))
    sits = [7 * week + n for week in range(weeks) for n in ((0, 2, 4) if week < until else (3,))]
    lived(user, "meditation", dict.fromkeys(sits, 1100))
    return lived(user, "run", dict.fromkeys(range(7 * weeks), 500))


def test_a_plan_of_n_times_a_week_has_no_days_to_judge() -> None:
    for until in (8, 20):
        told = [found for _, found in told_by(a_weekly_person(20, until), 139, every=9)]
        assert {found.kind for found in told if "meditation" in found.habits} & OF_DAYS <= {"momentum_lost"}


def test_a_plan_of_n_times_a_week_is_judged_by_its_weeks() -> None:
    told = told_of(a_weekly_person(20, 10), 139, every=7)
    _, found = told["momentum_lost"]
    assert date_of(found) == day(70)
    assert found.evidence["unit"] == "week"
    assert "the week's plan met in 10 of 10 weeks before, in not one of " in found.text
    assert "momentum_lost" not in told_of(a_weekly_person(20, 20), 139, every=7)


def test_weeks_without_a_sign_of_life_are_no_weeks_that_fell_short() -> None:
    user = a_weekly_person(24, 24)
    for habit in user.completions:
        user.completions[habit] = {n: e for n, e in user.completions[habit].items() if not day(70) <= n < day(112)}
    assert "momentum_lost" not in told_of(user, 160, every=7)


def test_no_level_reaches_across_a_change_of_plan() -> None:
    plan = [{"from": MONDAY, "rrule": "FREQ=DAILY"}, {**WEEKDAYS[0], "from": day(28)}]
    for changed in (True, False):
        user = a_person(a_habit(schedule=plan)) if changed else a_person()
        lived(user, "meditation", dict.fromkeys([*range(28), *range(28, 63, 7)], 500))
        assert ("momentum_lost" in told_of(user, 63, every=3)) is not changed


def test_what_was_recorded_later_changes_no_earlier_night() -> None:
    user = a_linked_person(60)
    lived(user, "meditation", dict.fromkeys((30, 31, 32), 600), recorded=night(40))
    for t in (20, 33, 47):
        cut = user.model_copy(deep=True)
        for habit, entries in cut.completions.items():
            known = {n: e for n, e in entries.items() if n < day(t) and (e.recorded is None or t > 40)}
            cut.completions[habit] = known
        assert analyze(user, night(t))["findings"] == analyze(cut, night(t))["findings"]


def test_each_claim_is_told_once_and_two_links_of_one_habit_are_two_claims() -> None:
    sits, walks = with_chance(1, [0.5] * 90), with_chance(10, [0.5] * 90)
    runs = [n for n in range(90) if (n in sits) + (n in walks) + random.Random(n).random() > 1.3]
    user = living({"Meditation": sits, "Walk": walks, "Run": runs})
    told = [(found.kind, found.about) for _, found in told_by(user, 90, every=2)]
    assert len(told) == len(set(told))
    assert {("cooccur", "meditation+run"), ("cooccur", "run+walk")} <= set(told)


# In letters


def test_every_kind_has_its_words_in_letters_and_its_place_among_advice() -> None:
    assert CLAIMS.keys() <= TITLES.keys() & QUESTIONS_TO_FINDINGS.keys() & set(LABELS)


def test_a_letter_draws_a_link_under_the_names_as_they_are_written() -> None:
    user = a_linked_person(60)
    told_by(user, 59, every=5)
    told = [insight for n in range(59, 75) if (insight := kept_insight(user, n)) and "cooccur" in insight.given["id"]]
    (insight,) = told
    assert insight.given["id"] == "finding:cooccur:meditation+run"
    assert [label for label, _, _ in insight.bars] == ["Days without Meditation", "Days with Meditation"]


def test_a_letter_tells_no_link_with_a_habit_it_does_not_speak_of() -> None:
    user = a_linked_person(60)
    user.habits[0] = a_habit("Sleep", id="meditation", target={"at_least": 8, "unit": "hours"})
    assert "cooccur" in {found.kind for _, found in told_by(user, 59, every=5)}
    assert not [n for n in range(59, 75) if (insight := kept_insight(user, n)) and "cooccur" in str(insight.given)]


def kept_insight(user: User, n: int) -> Insight | None:
    """The insight of an evening's letter, kept as given."""
    insight = insight_of(user, night(n) + timedelta(hours=16))
    if insight is not None:
        user.coaching_insights.given.append(insight.given)
    return insight
