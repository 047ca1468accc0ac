"""What a person waits for, in a real Chromium: the grid, the whole page, a tap, Progress; few habits and many.

Everybody is measured in turn in one run, so what else the machine does falls on all alike. Chromium runs on the same
machine, and its share is in every figure.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.visitors import Visitor, serving, somebody
from storage import open_store

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PAST = {  # name: habits and days
    "6 habits": (6, 60),
    "20 habits": (20, 60),
    "50 habits": (50, 60),
    "20, a week": (20, 7),
    "20, ten years": (20, 3650),
}
BINARY = 2  # a websocket frame's opcode
SETTLE_MS = 600  # between two taps: the page is at rest
IS_AT_REST = 'body:not(:has(#first_paint)) [data-testid="stApp"][data-test-script-state="notRunning"]'
# From the finger on a cell to the cell that looks otherwise, and to the XP that the server counts.
WATCH = """cell => { window.__seen = new Promise((resolve) => {
  const xp = () => document.querySelector('.td-xp span').textContent;
  const was = [cell.getAttribute('aria-checked'), xp()];
  const seen = {};
  let begun = 0;
  addEventListener('pointerdown', () => { begun = performance.now(); }, { capture: true, once: true });
  const look = () => {
    if (!begun) return;
    if (cell.getAttribute('aria-checked') !== was[0]) seen.cell ??= performance.now() - begun;
    if (xp() !== was[1]) seen.numbers ??= performance.now() - begun;
    if (seen.cell && seen.numbers) resolve(seen);
  };
  const all = { attributes: true, characterData: true, childList: true, subtree: true };
  new MutationObserver(look).observe(cell, all);
  new MutationObserver(look).observe(document.querySelector('.td-hero'), all);
}); }"""


@dataclass
class Seen:
    """What one visitor waited for: milliseconds, and kilobytes of a first load."""

    loads: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    kilobytes: float = 0
    cell: list[float] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        least = (min(self.loads), min(self.whole), self.kilobytes)
        medians = [median(waited) for waited in (self.again, self.cell, self.numbers, self.progress)]
        return "".join(f"{column:10.0f}" for column in (*least, *medians))


HEAD = "".join(f"{word:>10s}" for word in ("load", "whole", "kB", "reload", "cell", "numbers", "Progress"))


@contextmanager
def sitting(browser: Browser, url: str, visitor: Visitor) -> Iterator[Page]:
    """A page of a browser that is signed in and has nothing of ours in its cache."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "xp", "value": visitor.token, "url": url}])
    try:
        yield context.new_page()
    finally:
        context.close()


def first_load(browser: Browser, url: str, visitor: Visitor, seen: Seen) -> None:
    """Today for a browser that has never been here, and once more with what it has kept of it."""
    with sitting(browser, url, visitor) as page:
        octets: list[float] = []
        network = page.context.new_cdp_session(page)
        network.on("Network.loadingFinished", lambda event: octets.append(event["encodedDataLength"]))
        network.on("Network.webSocketFrameReceived", lambda event: octets.append(_size(event["response"])))
        network.send("Network.enable")
        seen.loads.append(_milliseconds(lambda: _open(page, url, visitor)))
        rest = _milliseconds(lambda: page.wait_for_selector(IS_AT_REST))
        seen.whole.append(seen.loads[-1] + rest)
        page.wait_for_timeout(SETTLE_MS)
        seen.kilobytes = sum(octets) / 1000
        seen.again.append(_milliseconds(lambda: _open(page, url, visitor)))


def _size(frame: dict[str, Any]) -> float:
    """Octets of a frame; those of a binary one come as base64."""
    return len(frame["payloadData"]) * (0.75 if frame["opcode"] == BINARY else 1)


def _open(page: Page, url: str, visitor: Visitor) -> None:
    page.goto(url)
    page.locator(".cell.now").nth(visitor.habits - 1).wait_for()


def _milliseconds(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return 1000 * (perf_counter() - begun)


def tap(page: Page, seen: Seen) -> None:
    """A tap on the first habit's cell of today."""
    cell = page.locator(".cell.now").first
    cell.evaluate(WATCH)
    cell.click()
    times = page.evaluate("window.__seen")
    seen.cell.append(times["cell"])
    seen.numbers.append(times["numbers"])
    page.wait_for_timeout(SETTLE_MS)


def progress(page: Page, seen: Seen) -> None:
    """From Today to Progress, drawn to its foot, and back."""

    def go() -> None:
        page.get_by_role("link", name="Progress").click()
        page.wait_for_selector(".in-foot")
        page.wait_for_selector(IS_AT_REST)

    seen.progress.append(_milliseconds(go))
    page.get_by_role("link", name="Today").click()
    page.locator(".cell.now").first.wait_for()
    page.wait_for_selector(IS_AT_REST)
    page.wait_for_timeout(SETTLE_MS)


def measured(browser: Browser, url: str, visitors: dict[str, Visitor], rounds: int, taps: int) -> dict[str, Seen]:
    """Everybody in turn, so many rounds of loads and looks at Progress and so many taps."""
    out = {name: Seen() for name in visitors}
    for _ in range(rounds):
        for name, visitor in visitors.items():
            first_load(browser, url, visitor, out[name])
    with ExitStack() as open_pages:
        pages = {name: open_pages.enter_context(sitting(browser, url, one)) for name, one in visitors.items()}
        for name, page in pages.items():
            _open(page, url, visitors[name])
            page.wait_for_selector(IS_AT_REST)
        for _ in range(taps):
            for name, page in pages.items():
                tap(page, out[name])
        for _ in range(rounds):
            for name, page in pages.items():
                progress(page, out[name])
    return out


def main() -> None:
    """`python -m benchmarks.web [--rounds 5] [--taps 20]`; medians, of loads the least."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--taps", type=int, default=20)
    options = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = open_store(Path(folder))
        visitors = {
            name: somebody(store, f"Visitor{n}", habits, days, now)
            for n, (name, (habits, days)) in enumerate(PAST.items())
        }
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with serving(Path(folder)) as (port, _):
            seen = measured(browser, f"http://127.0.0.1:{port}/", visitors, options.rounds, options.taps)
        browser.close()
    print(f"{'milliseconds, but for kB':26s}{HEAD}")
    for name, one in seen.items():
        print(f"{name:26s}{one}")


if __name__ == "__main__":
    main()
