"""The clock: three jobs, each a tick a minute; what is due is decided by the person's zone and the ledger."""

from __future__ import annotations

import argparse
import gc
import logging
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby

from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

import coaching_engine
import daily_digest
import drip_campaigns
from catalogues import find_catalogues
from command_line import OneLineParser, instant, trouble_with_files
from core import steps
from core.models import User
from mail.agenda import Agenda
from mail.post_office import Post, open_post
from settings import SettingsError, read_settings
from storage import StoreError

log = logging.getLogger("scheduler")

TICK_SECONDS = 60
PULSE_SECONDS = 30
# New objects after which the collector looks through them: after 700, as by default, it takes an eighth of a letter's
# time, and all it finds is one letter's, which is gone with it.
YOUNG_OBJECTS = 20_000


def job_pattern_analysis(post: Post, *, now: datetime | None = None, user_ids: Collection[str] | None = None) -> int:
    """Read the record of everybody whose night has come. Answers how many people were analysed."""
    return coaching_engine.process_pattern_analysis(post.store, now=now or datetime.now(UTC), user_ids=user_ids)


def job_drip_campaign(post: Post, *, now: datetime | None = None, user_ids: Collection[str] | None = None) -> int:
    """Send every due letter of the first thirty days. Answers how many went."""
    return drip_campaigns.process_drip_campaigns(post, now=now or datetime.now(UTC), user_ids=user_ids)


def job_daily_digest(post: Post, *, now: datetime | None = None, user_ids: Collection[str] | None = None) -> int:
    """Send every due digest. Answers how many went."""
    return daily_digest.process_daily_digests(post, now=now or datetime.now(UTC), user_ids=user_ids)


@dataclass(frozen=True)
class Job:
    """One of the three: what a pass does, when a person has something due, when to look at them again, its words."""

    run: Callable[..., int]
    due_moments: Callable[[User, datetime, datetime], Iterator[datetime]]
    next_visit: Callable[[Post, User, datetime], datetime | None]
    counted: tuple[str, str]


# In this order within a tick: a letter speaks of what the night's analysis found.
JOBS = {
    "analysis": Job(
        job_pattern_analysis,
        coaching_engine.due_moments,
        lambda _, user, now: coaching_engine.next_visit(user, now),
        ("analysis", "analyses"),
    ),
    "drip": Job(job_drip_campaign, steps.due_moments, drip_campaigns.next_visit, ("drip letter", "drip letters")),
    "digest": Job(job_daily_digest, daily_digest.due_moments, daily_digest.next_visit, ("digest", "digests")),
}


def tick(
    post: Post, now: datetime, *, only: str | None = None, user_ids: Collection[str] | None = None
) -> dict[str, int]:
    """One pass of every job (or of one) at an instant. Answers how much each did."""
    return {name: job.run(post, now=now, user_ids=user_ids) for name, job in JOBS.items() if only in (None, name)}


def tick_for_those_due(post: Post, agenda: Agenda, job: Job, now: datetime) -> int:
    """One pass of a job for those on its agenda. Answers how much it did."""
    people = agenda.due(now)
    try:
        return job.run(post, now=now, user_ids=people) if people else 0
    finally:  # a pass that breaks off must not be the last one for anybody
        for user_id in people:
            agenda.seen(user_id, now)


def replay(post: Post, first: datetime, last: datetime, *, only: str | None = None) -> dict[str, int]:
    """Every due moment after `first` and up to `last`, in order, under a virtual clock."""
    done = dict.fromkeys([name for name in JOBS if only in (None, name)], 0)
    moments: list[tuple[datetime, str]] = []
    for user_id in post.store.user_ids():
        try:
            user = post.store.read(user_id)
        except StoreError as error:
            log.error("%s", error)
            continue
        moments += {(moment, user_id) for name in done for moment in JOBS[name].due_moments(user, first, last)}
    for moment, people in groupby(sorted(moments), key=lambda due: due[0]):
        for name, count in tick(post, moment, only=only, user_ids=[user_id for _, user_id in people]).items():
            done[name] += count
    return done


def spare_the_collector() -> None:
    """What is loaded stays, and is not looked through again; what a letter needs is looked through seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])


def serve(post: Post) -> None:
    """Run until SIGTERM or SIGINT; letters that are on their way then are finished first."""
    spare_the_collector()
    stop = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stop.set())
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )
    scheduler.add_listener(_log_failure, EVENT_JOB_ERROR)
    with ExitStack() as agendas:
        for name, job in JOBS.items():
            agenda = agendas.enter_context(closing(Agenda(post.store, partial(job.next_visit, post))))
            one = partial(_serve_one, post, agenda, job)
            scheduler.add_job(one, "interval", seconds=TICK_SECONDS, id=name, next_run_time=datetime.now(UTC))
        scheduler.start()
        log.info("the scheduler runs: letters go to %s", _where(post))
        _keep_time(post, scheduler, stop)
        post.watch.end()
        scheduler.shutdown(wait=True)
    log.info("the scheduler has ended")


def _serve_one(post: Post, agenda: Agenda, job: Job) -> None:
    tick_for_those_due(post, agenda, job, datetime.now(UTC))


def _keep_time(post: Post, scheduler: BackgroundScheduler, stop: threading.Event) -> None:
    """Until `stop`: say that this process is alive, and wake the jobs when the clock was set back."""
    last = datetime.now(UTC)
    while True:
        now = datetime.now(UTC)
        if now < last - timedelta(seconds=TICK_SECONDS):
            log.warning("the clock went back from %s to %s", last.isoformat(), now.isoformat())
            for name in JOBS:
                scheduler.modify_job(name, next_run_time=now)
        last = now
        try:
            say_alive(post, now)
        except OSError as error:  # on a full disk, say: letters may go all the same
            log.error("the scheduler cannot write down that it runs: %s", error)
        if stop.wait(PULSE_SECONDS):
            return


def say_alive(post: Post, now: datetime) -> None:
    """Keep, for /healthz of the app, that a scheduler was alive at an instant, and how the mail server answers."""
    since = post.watch.since.isoformat() if post.watch.since else None
    post.store.cache("scheduler", {"at": now.isoformat(), "mail": post.watch.state, "since": since})


def _log_failure(event: JobExecutionEvent) -> None:
    log.error("the job %s failed: %s", event.job_id, event.exception)


def _where(post: Post) -> str:
    if post.mailer.via == "smtp":
        return f"{post.settings.smtp_host}:{post.settings.smtp_port}"
    return str(post.settings.data_dir / "outbox")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    what = f"{__doc__} Without an option it runs until SIGTERM."
    parser = OneLineParser(prog="scheduler_service.py", description=what)
    parser.add_argument("--once", action="store_true", help="one pass of every job, and no more")
    parser.add_argument("--at", type=instant, metavar="ISO", help="with --once: as of that instant, into the outbox")
    parser.add_argument("--replay", type=instant, nargs=2, metavar="ISO", help="every due moment between two instants")
    parser.add_argument("--only", choices=["digest", "drip", "analysis"], help="with --replay: one job alone")
    chosen = parser.parse_args(arguments)
    if chosen.at and not chosen.once:
        parser.error("--at needs --once")
    if chosen.only and not chosen.replay:
        parser.error("--only needs --replay")
    if chosen.replay and (chosen.once or chosen.replay[0] > chosen.replay[1]):
        parser.error("--replay takes two instants, the earlier first, and no --once")
    return chosen


def _refuse_where_a_server_took_letters(post: Post) -> None:
    for name in post.ledger.taken_by_a_server():
        raise StoreError(
            f"{post.settings.data_dir} holds letters that a mail server took ({name}), and a virtual clock could send"
            " them twice; load its people into another folder and name that with XP_DATA_DIR"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the service, one pass, or a replay. Answers the exit code."""
    chosen = _parse(arguments)
    logging.basicConfig(level=logging.INFO if not chosen.replay else logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    find_catalogues()
    virtual = bool(chosen.at or chosen.replay)
    try:
        with open_post(read_settings(), to_server=not virtual) as post:
            if virtual:
                _refuse_where_a_server_took_letters(post)
            if chosen.replay:
                done = replay(post, *chosen.replay, only=chosen.only)
            elif chosen.once:
                done = tick(post, chosen.at or datetime.now(UTC))
            else:
                serve(post)
                return 0
            counts = ", ".join(f"{count} {JOBS[name].counted[count != 1]}" for name, count in done.items())
            print(f"{counts}; letters go to {_where(post)}")
    except (SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(trouble_with_files(error), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
