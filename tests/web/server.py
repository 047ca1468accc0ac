"""A browser that keeps cookies and speaks real HTTP, and whom it signs in."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import SimpleCookie

from accounts.sessions import TICKETS
from mail.links import Action, Link, letter_link
from storage import Store

ANA, BASE = "ana-3f9a1c", "http://testserver"
OWN = {"Origin": BASE}


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Browser:
    """Just enough of one: it keeps cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("GET", path, "", headers)

    def post(self, path: str, body: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        return self.request("POST", path, body, headers)

    def request(self, method: str, path: str, body: str, headers: Mapping[str, str] | None) -> Answer:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body or None, {"Host": "testserver", "Cookie": jar, **(headers or {})})
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read().decode(errors="replace"))
        finally:
            connection.close()
        cookies = [SimpleCookie(line) for line in answer.headers.get_all("Set-Cookie", [])]
        for name, morsel in (item for cookie in cookies for item in cookie.items()):
            if morsel["max-age"] == "0" or "1970" in morsel["expires"]:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return answer


def now() -> datetime:
    return datetime.now(UTC)


def path_of(address: str) -> str:
    return address.removeprefix(BASE)


def letter_path(store: Store, action: Action, detail: str = "", user_id: str = ANA) -> str:
    return path_of(letter_link(BASE, store.secret(), Link(action, user_id, detail)))


def signed_in(server: Browser, user_id: str = ANA) -> str:
    """Sign Ana (or another) in as her screen does; her cookie."""
    answer = server.post("/auth/ticket", TICKETS.issue(user_id, now=now()), headers=OWN)
    assert answer.status == 200
    return server.cookies["xp"]
