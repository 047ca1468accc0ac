"""How the app, its store, the scheduler and the mail server are, by one address."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

import web
from routes.middleware import SECURITY_HEADERS
from storage import Store
from tests.web.server import OWN, Answer, Browser, now


def test_health_says_whether_the_store_can_be_written(server: Browser, store: Store) -> None:
    answer = server.get("/healthz")
    assert answer.status == 200
    assert json.loads(answer.text) == {"app": "ok", "store": "ok", "scheduler": "never seen", "mail": "never seen"}
    temporary = store.folder / "tmp"
    temporary.rename(store.folder / "away")
    try:
        assert server.get("/healthz").status == 503
    finally:
        (store.folder / "away").rename(temporary)


@pytest.mark.parametrize(
    ("minutes", "mail", "status", "scheduler"),
    [
        (0, "ok", 200, "ok"),
        (2.9, "ok", 200, "ok"),
        (3.1, "ok", 503, "late"),
        (-60, "ok", 503, "late"),
        (1, "refused", 503, "ok"),
        (1, "unreachable", 503, "ok"),
    ],
)
def test_health_speaks_for_the_scheduler_and_the_mail_server_too(
    server: Browser, store: Store, minutes: float, mail: str, status: int, scheduler: str
) -> None:
    note = {"at": (now() - timedelta(minutes=minutes)).isoformat(), "mail": mail, "detail": "550 ana@example.org"}
    answer = health_with(server, store, json.dumps(note))
    assert answer.status == status
    assert json.loads(answer.text) == {"app": "ok", "store": "ok", "scheduler": scheduler, "mail": mail}


@pytest.mark.parametrize("note", ["", "{half", "[]", '{"at": 5}', '{"at": "2026-11-24T10:00:00", "mail": "ok"}'])
def test_a_note_of_the_scheduler_that_cannot_be_read_is_one_that_is_late(
    server: Browser, store: Store, note: str
) -> None:
    answer = health_with(server, store, note)
    assert (answer.status, json.loads(answer.text)["scheduler"]) == (503, "late")


def test_the_container_of_the_app_is_well_though_the_scheduler_is_late(server: Browser, store: Store) -> None:
    asked = re.search(r"HEALTHCHECK .*http://127.0.0.1:8501(/\S+?)'", (web.HERE / "Containerfile").read_text("utf-8"))
    assert asked
    assert health_with(server, store, "").status == 503
    assert health_with(server, store, "", path=asked[1]).status == 200


def health_with(server: Browser, store: Store, note: str, path: str = "/healthz") -> Answer:
    """What /healthz (or another path) says when the scheduler has left that note."""
    heartbeat = store.folder / web.HEARTBEAT
    heartbeat.parent.mkdir(exist_ok=True)
    heartbeat.write_text(note, encoding="utf-8")
    try:
        return server.get(path)
    finally:
        heartbeat.unlink()


PATHS = [route.path.replace("{token}", "x") for route in web.ROUTES]
PATHS += [
    "/profile",
    "/nothing",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/upload_file/a/b",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_response_carries_the_security_headers(server: Browser, path: str, method: str) -> None:
    headers = server.request(method, path, "", OWN).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"


def test_large_answers_are_compressed(server: Browser) -> None:
    assert server.get("/", headers={"accept-encoding": "gzip"}).headers["content-encoding"] == "gzip"
