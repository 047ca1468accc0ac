"""How long the things take that a person waits for, and what processor time one digest costs, part by part."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import coaching_engine
import demo
from benchmarks.cost import print_cost
from core.history import as_of
from core.letters.digest_day import DigestDay
from core.letters.digest_facts import digest_facts
from core.letters.offers import digest_offers
from core.letters.taps import Action
from core.localtime import ONE_DAY
from core.models import DigestSaid, User
from core.progress import Record, record_of
from core.recording import tick, untick
from daily_digest import Slot, looks_back, send_digest_to_user, sentences, slot_on
from mail.letter_message import to_message
from mail.letters import render_digest
from mail.post_office import Post, open_post
from settings import Settings

RUNS = 30


def measured(work: Callable[[int], object]) -> str:
    """Milliseconds of `work(n)` over RUNS runs."""
    times = []
    for n in range(RUNS):
        start = perf_counter()
        work(n)
        times.append(1000 * (perf_counter() - start))
    return f"{median(times):8.1f} ms median {max(times):8.1f} ms worst"


def processor_time(work: Callable[[], object]) -> str:
    """Milliseconds of processor time of `work()`, the least over RUNS runs of ten: what else runs only adds to it."""
    work()
    times = []
    for _ in range(RUNS):
        start = process_time()
        for _ in range(10):
            work()
        times.append(100 * (process_time() - start))
    return f"{min(times):8.2f} ms"


def parts_of_a_digest(post: Post, user_id: str, slot: Slot) -> dict[str, Callable[[], object]]:
    """What is done for one digest, in order, each apart: no analysis, no ledger, no hand-over."""
    user = post.store.read(user_id)
    known = as_of(user, slot.at)

    def link(action: Action, detail: str, day: date | None) -> str:
        return post.link(action, known.user_id, detail, day)

    def facts_of() -> dict[str, object]:
        day = DigestDay(Record(known, slot.covers), looks_back(known))
        return digest_offers(digest_facts(day, sentences(), last_letter_at=slot.at - ONE_DAY), day, link)

    bars = [{"label": label, "done": done, "of": 26} for label, done in (("Weekdays", 21), ("Weekends", 4))]
    insight = {"title": "Strong on weekdays", "text": "", "bars": bars, "step": "", "question": "", "source": ""}
    facts = facts_of() | {"insight": insight, "tip": None}
    frame = post.frame(known, "digest", slot.covers, next_letter="tomorrow")
    rendered = render_digest(facts, frame)
    letter = post.letter(known, rendered, kind="digest", stream="digest", name=slot.name, covers=slot.covers, told={})
    return {
        "read, once it was read": lambda: post.store.read(user_id),
        "as it was known": lambda: as_of(user, slot.at),
        "facts and what a tap can do": facts_of,
        "head and foot": lambda: post.frame(known, "digest", slot.covers, next_letter="tomorrow"),
        f"text and {len(rendered.html) // 1000} kB of HTML": lambda: render_digest(facts, frame),
        "wire form": lambda: to_message(
            letter, sender=post.sender, date=slot.at, message_id="<x@xp.example.org>", list_id="<x>", one_click=True
        ),
    }


def edit(post: Post, user_id: str, covers: date) -> None:
    """What a letter said is kept, as after each digest."""
    with post.store.edit(user_id) as user:
        if user.daily_digests.pop(covers, None) is None:
            user.daily_digests[covers] = DigestSaid()


def tap(post: Post, user: User, now: datetime) -> Callable[[int], None]:
    """One tick or untick of today, durably."""

    def one(n: int) -> None:
        with post.store.edit(user.user_id) as stored:
            (untick if n % 2 else tick)(stored, user.habits[0].id, now.date(), now=now)

    return one


def main() -> None:
    """Time each on the demo person, who has four habits and sixty days."""
    argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__).parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, open_post(Settings(data_dir=Path(folder)), to_server=False) as post:
        user = post.store.read(demo.live(post, now))
        slots = [slot_on(user, (now - timedelta(days=RUNS - n)).date()) for n in range(RUNS)]
        work: dict[str, Callable[[int], object]] = {
            "a tap, kept on disk": tap(post, user, now),
            "streaks, strength and XP of everything": lambda _: (record_of(user, now).xp, record_of(user, now).level),
            "the coach's analysis": lambda _: coaching_engine.analyze(user, now),
            "a digest, written and in the outbox": lambda n: send_digest_to_user(user.user_id, post, now=slots[n].at),
        }
        for name, one in work.items():
            print(f"{name:42s}{measured(one)}")
        print("processor time of one digest")
        slot = slots[-1]
        parts = parts_of_a_digest(post, user.user_id, slot) | {"kept": lambda: edit(post, user.user_id, slot.covers)}
        for name, part in parts.items():
            print(f"  {name:40s}{processor_time(part)}")
    print("processor time of the coach's analysis")
    print_cost()


if __name__ == "__main__":
    main()
