"""A server on a free port, one Chromium, and people who sit at their own browsers."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import urllib.request
import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, StorageState, expect, sync_playwright

from core.localtime import zone

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Two pages in each window for what its address bar suggests, where nobody types, are a third of the cost of a load;
    # of several such lists the last counts, so what Playwright needs for its own work stands in it again.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsUpgrades,PaintHolding",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # nobody else is reached
]
START_SECONDS, STOP_SECONDS = 60, 30
PATIENCE_MS = 20_000  # for a busy machine; whatever is there is seen at once
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# Where people and their browsers are: no day ends there within two hours, and so none while the tests run.
HOME = "Europe/Lisbon" if 2 <= datetime.now(zone("Europe/Lisbon")).hour < 22 else "Asia/Tokyo"
# Marks a page from the moment at which it asks Streamlit for a run until that run is over and drawn (steps.settled).
WATCH_RUNS = (Path(__file__).parent / "watch_runs.js").read_text(encoding="utf-8")

Sit = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    """A running app and the folder of its data."""

    url: str
    folder: Path
    log: Path

    @property
    def zones(self) -> Path:
        """Where the app looks for zones as well (midnight.py)."""
        return self.log.parent / "zones"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The app, started as the Procfile starts it, on data of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder, log = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("log") / "server.log"
    site = Site(f"http://127.0.0.1:{port}", folder, log)
    SERVERS[site.url] = _serve(site)
    try:
        yield site
    finally:
        _end(SERVERS.pop(site.url))


SERVERS: dict[str, subprocess.Popen[bytes]] = {}  # the one that runs now, by its address


@contextmanager
def restarted(site: Site) -> Iterator[None]:
    """The app is down while the block runs, and up again after it."""
    _end(SERVERS[site.url])
    try:
        yield
    finally:
        SERVERS[site.url] = _serve(site)


def _serve(site: Site) -> subprocess.Popen[bytes]:
    port = site.url.rpartition(":")[2]
    command = [sys.executable, "-m", "uvicorn", "web:app", "--host", "127.0.0.1", "--port", port, "--no-access-log"]
    zones = os.pathsep.join([str(site.zones), *zoneinfo.TZPATH])
    environment = {**os.environ, "XP_DATA_DIR": str(site.folder), "XP_BASE_URL": site.url, "PYTHONTZPATH": zones}
    with site.log.open("a") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    _wait_for(server, int(port), site.log)
    return server


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(STOP_SECONDS)


def _wait_for(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until the server answers: it connects as soon as uvicorn listens, and answers when the app has started."""
    for _ in range(START_SECONDS * 10):
        try:
            server.wait(0.1)
            raise RuntimeError(f"the server ended: {log.read_text()}")
        except subprocess.TimeoutExpired:
            pass
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except OSError:
            continue
    raise RuntimeError(f"the server does not answer: {log.read_text()}")


@pytest.fixture(scope="package")  # closed before other tests, which could run no event loop beside Playwright's
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MS)
        playwright.selectors.set_test_id_attribute("data-testid")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def sit(chromium: Browser, site: Site) -> Iterator[Sit]:
    """Sit down at a browser of one's own: sit(size, timezone, storage_state, locale, path). Whatever asks the outside
    for anything, throws an error, opens an alert or does what the page's policy forbids fails the test."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def stay_inside(request: Request) -> None:
        if not re.match(r"https?://(127\.0\.0\.1|localhost)[:/]|data:|blob:", request.url):
            wrong.append(f"asked the outside: {request.url}")

    def sit_down(
        size: dict[str, int] = WIDE,
        timezone: str = HOME,
        storage_state: StorageState | None = None,
        locale: str = "en-GB",
        path: str = "/",
    ) -> Page:
        options: dict[str, Any] = {"viewport": size, "timezone_id": timezone, "locale": locale}
        context = chromium.new_context(base_url=site.url, storage_state=storage_state, **options)
        context.add_init_script(WATCH_RUNS)
        context.on("request", stay_inside)  # a route would keep the browser from its cache
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"error on the page: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("dialog", lambda dialog: wrong.append(f"an alert: {dialog.message}"))
        page.goto(path)
        return page

    yield sit_down
    for context in contexts:
        context.close()
    assert wrong == []
