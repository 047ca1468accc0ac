"""One server for every test of the routes, and Ana, who lives on it for the length of a test."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import uvicorn

import web
from accounts import Accounts
from house import open_house
from settings import read_settings
from storage import Store, new_user
from tests.web.server import ANA, BASE, Browser, now


@pytest.fixture(scope="package")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One server for all: Streamlit runs once a process."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XP_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        environment.setenv("XP_BASE_URL", BASE)
        read_settings.cache_clear()
        open_house.cache_clear()
        server = uvicorn.Server(uvicorn.Config(web.app, host="127.0.0.1", port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started and thread.is_alive():
            thread.join(0.02)
        yield server.servers[0].sockets[0].getsockname()[1]
        server.should_exit = True
        thread.join()
    read_settings.cache_clear()
    open_house.cache_clear()


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
