"""The demo person has lived sixty days, and nothing of it was written by hand."""

import subprocess
from datetime import UTC, datetime, timedelta

import demo
from core.progress import record_of
from mail.post_office import open_post
from scheduler_service import replay
from settings import Settings
from tests.programs import environment

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_the_demo_person_has_lived_sixty_days_up_to_today(tmp_path):
    with open_post(Settings(data_dir=tmp_path)) as post:
        user_id = demo.live(post, NOW)
        done = replay(post, NOW - timedelta(days=demo.DAYS + 1), NOW)
        user = post.store.read(user_id)
    record = record_of(user, NOW)
    assert (record.today - user.created_at.date()).days == demo.DAYS
    assert [habit.habit.name for habit in record.active] == [life.habit for life in demo.LIVES]
    assert max(max(habit.done) for habit in record.habits) >= record.today - timedelta(days=1)
    assert all(entry.at <= NOW for entries in user.completions.values() for entry in entries.values() if entry.at)
    assert (done["digest"], done["drip"]) == (demo.DAYS, 8)
    assert {told["kind"] for told in user.coaching_insights.announced} >= {"usual_time", "weekend_weak"}


def test_a_demo_lives_the_same_days_each_time(tmp_path):
    lived = []
    for name in ("one", "two"):
        with open_post(Settings(data_dir=tmp_path / name)) as post:
            lived.append(post.store.read(demo.live(post, NOW)).completions)
    assert lived[0] == lived[1]


def test_both_programs_run_in_the_environment_they_are_given_whatever_stands_in_the_file_beside_them(tmp_path):
    (tmp_path / ".env").write_text("XP_DATA_DIR=/elsewhere\nXP_SMTP_HOST=mail.example.org\n")
    (tmp_path / "Procfile").write_text('one: echo "<$XP_DATA_DIR> <$XP_SMTP_HOST>"\n')
    given = environment(tmp_path / "demo", XP_SMTP_HOST="")
    done = subprocess.run(demo.both_programs("1"), cwd=tmp_path, env=given, capture_output=True, text=True, check=False)
    assert f"<{tmp_path / 'demo'}> <>" in done.stdout


def test_a_cue_is_kept_as_it_stands_after_the_words_after_i() -> None:
    assert not [life.cue for life in demo.LIVES if life.cue.lower().startswith(("i ", "after "))]
