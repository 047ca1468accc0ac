"""One server for every test of the routes, and Ana, who lives on it for the length of a test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from streamlit.runtime import Runtime

import web
from accounts.access import Accounts
from routes.house import open_house
from settings import read_settings
from storage import Store, new_user
from tests.web.server import ANA, BASE, Browser, now


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, Runtime]]:
    """The port of one server for all, the folder of its data and Streamlit's runtime, of which a process has one."""
    folder = tmp_path_factory.mktemp("data")
    server = uvicorn.Server(uvicorn.Config(web.app, host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    with settings_of(folder):
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.02)
    yield server.servers[0].sockets[0].getsockname()[1], folder, Runtime.instance()
    server.should_exit = True
    thread.join()


@pytest.fixture(autouse=True)
def the_server_has_its_runtime(request: pytest.FixtureRequest) -> None:
    """A screen that was run without a server (AppTest) has left the process without a runtime: give it the server's."""
    if "running" in request.fixturenames:
        Runtime._instance = request.getfixturevalue("running")[2]


@pytest.fixture(scope="package")
def port(running: tuple[int, Path, Runtime]) -> Iterator[int]:
    """The server's port, while its settings are those of this process."""
    with settings_of(running[1]):
        yield running[0]


@contextmanager
def settings_of(folder: Path) -> Iterator[None]:
    """The server's settings in the environment, read anew, and afterwards forgotten."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XP_DATA_DIR", str(folder))
        environment.setenv("XP_BASE_URL", BASE)
        for known in (read_settings, open_house):
            known.cache_clear()
        yield
    for known in (read_settings, open_house):
        known.cache_clear()


@pytest.fixture
def server(port: int) -> Browser:
    return Browser(port)


@pytest.fixture
def store(port: int) -> Iterator[Store]:
    store = open_house().store
    store.create(new_user(user_id=ANA, email="ana@example.org", email_confirmed=False, created_at=now()))
    yield store
    store.delete(ANA)


@pytest.fixture
def accounts(store: Store) -> Accounts:
    return open_house().accounts
