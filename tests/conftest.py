"""Laws, not timings: a busy machine fails no test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from mail.post_office import Post, open_post
from settings import Settings
from storage import Store, open_store

settings.register_profile("laws", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("laws")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Streamlit's AppTest leaves its script as `__main__`, which a process started by a later test would run."""
    main = sys.modules["__main__"]
    try:
        return (yield)
    finally:
        sys.modules["__main__"] = main


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with nobody in it."""
    return open_store(tmp_path)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """The way of letters from a store with nobody in it to its outbox."""
    with open_post(Settings(data_dir=tmp_path, base_url="https://xp.example.org")) as opened:
        yield opened
