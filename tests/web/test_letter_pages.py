"""What a letter's links open: GET shows and changes nothing, POST does it, and says how it stands and the way back."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from core import planning, recording
from core.letters.taps import TAPS_FOR, Action, Link
from core.models import User
from mail.links import letter_link
from routes.letter_pages import letter_route
from storage import Store, open_store
from tests.recording_cast import NOW, TODAY, ana, days_ago

ANA, BEN = "ana-3f9a1c", "ben-77aa01"
FORM = "application/x-www-form-urlencoded"
PARTS = (
    '--xp\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xp--\r\n',
    "multipart/form-data; boundary=xp",
)
EVERY_LINK: tuple[tuple[Action, str, date | None, str], ...] = (
    ("done", "read", TODAY, "Read: done?"),
    ("done", "read", days_ago(1), "Read: done?"),
    ("skip", "read", TODAY, "Skip Read?"),
    ("open", "water", TODAY, "Take Water back?"),
    ("reason", "time", TODAY, "What got in the way: no time?"),
    ("reason", "", TODAY, "What got in the way?"),
    ("reflection", "Tomorrow", TODAY, "Tomorrow I want to focus on …"),
    ("reflection", "helped", TODAY, "What helped was …"),
    ("pause", "", None, "Pause for seven days?"),
    ("every", "2", None, "A digest every second day?"),
    ("go-on", "", None, "Keep the letters coming?"),
    ("unsubscribe-digest", "", None, "Stop the daily digest?"),
    ("unsubscribe-drip", "", None, "Stop the letters of the first thirty days?"),
    ("unsubscribe-all", "", None, "Stop all letters?"),
    ("confirm", "ana@example.org", None, "Is this your address?"),
    ("helpful", "yes:spare-hour:read", None, "Was it helpful?"),
    ("helpful", "no:spare-hour:read", None, "Was it not helpful?"),
)


@dataclass(frozen=True)
class Answer:
    """What the route answered."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def title(self) -> str:
        return html.unescape(re.findall(r"<h1[^>]*>(.*?)</h1>", self.text)[0])

    @property
    def buttons(self) -> dict[str, str]:
        """Label → where its form goes, "" for the page's own address; a row's label has its habit before it."""
        forms = re.findall(
            r'<form method="post"(?: action="([^"]+)")?.*?<button([^>]*)>(.*?)</button>', self.text, re.S
        )
        named = ((re.search(r'aria-label="([^"]+)"', attributes), label, href) for href, attributes, label in forms)
        return {html.unescape(name[1] if name else label): href for name, label, href in named}


@dataclass
class Visit:
    """Somebody with a letter, a browser and a clock; no cookie goes or comes."""

    store: Store
    now: datetime = field(default=NOW)

    def ask(self, method: str, path: str, body: str = "", kind: str = FORM, **headers: str) -> Answer:
        app = Starlette(
            routes=[Route("/l/{token}", letter_route(lambda: self.store, lambda: self.now), methods=["GET", "POST"])]
        )
        return asyncio.run(_through(app, method, path, body.encode(), {"content-type": kind, **headers}))

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, **said: Any) -> Answer:
        return self.ask("POST", path, urlencode(said, doseq=True))

    def path(self, action: Action, detail: str = "", day: date | None = None, user_id: str = ANA) -> str:
        return letter_link("", self.store.secret(), Link(action, user_id, detail, day))

    @property
    def ana(self) -> User:
        return self.store.read(ANA)


async def _through(app: Starlette, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    await app(scope | {"headers": raw, "root_path": "", "scheme": "https", "http_version": "1.1"}, receive, send)
    start, *chunks = sent
    text = b"".join(chunk.get("body", b"") for chunk in chunks).decode()
    return Answer(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, text)


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    store, user = open_store(tmp_path), ana()
    user.email, user.email_confirmed = "ana@example.org", False
    user.coaching_insights.given.append({"id": "spare-hour", "habit": "read", "day": days_ago(3).isoformat()})
    recording.tick(user, "water", TODAY, now=NOW - timedelta(hours=3))
    store.create(user)
    ben = ana()
    ben.user_id = BEN
    store.create(ben)
    return Visit(store)


@pytest.mark.parametrize(("action", "detail", "day", "title"), EVERY_LINK)
def test_a_storm_of_get_and_head_shows_a_button_and_changes_nothing(
    visit: Visit, action: Action, detail: str, day: date | None, title: str
) -> None:
    before, path = visit.ana.to_json(), visit.path(action, detail, day)
    for _ in range(3):
        page = visit.get(path)
        assert (page.status, page.title) == (200, title)
        assert list(page.buttons.values()).count("") == 1, "one button that does it"
        assert visit.ask("HEAD", path).status == 200
    assert visit.ana.to_json() == before


@pytest.mark.parametrize(("action", "detail", "day", "title"), EVERY_LINK)
def test_a_button_does_it_once_however_often_it_is_pressed(
    visit: Visit, action: Action, detail: str, day: date | None, title: str
) -> None:
    before, path = visit.ana.to_json(), visit.path(action, detail, day)
    first = visit.post(path, text="guests")
    after = visit.ana.to_json()
    assert first.status == 200
    assert after != before
    assert visit.post(path, text="guests").status == 200
    assert visit.ana.to_json() == after
    assert visit.store.read(BEN).to_json() == ana().to_json() | {"user_id": BEN}


@pytest.mark.parametrize(("action", "detail", "day", "title"), EVERY_LINK)
def test_no_cookie_no_redirect_and_nothing_that_is_kept(
    visit: Visit, action: Action, detail: str, day: date | None, title: str
) -> None:
    for method in ("GET", "POST"):
        answer = visit.ask(method, visit.path(action, detail, day), "text=guests", origin="https://mail.example")
        assert answer.status == 200
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert not answer.headers.keys() & {"set-cookie", "location"}


@pytest.mark.parametrize(("action", "detail", "day", "title"), EVERY_LINK)
def test_a_damaged_link_and_one_of_somebody_who_left_do_nothing(
    visit: Visit, action: Action, detail: str, day: date | None, title: str
) -> None:
    before, path = visit.ana.to_json(), visit.path(action, detail, day)
    for bad in (path[:-1], path + "a", path[:8] + path[9:], "/l/x"):
        for method in ("GET", "POST"):
            answer = visit.ask(method, bad)
            assert (answer.status, answer.title) == (403, "This link does not open")
            assert ANA not in answer.text
    assert visit.ana.to_json() == before
    visit.store.delete(ANA)
    for method in ("GET", "POST"):
        assert visit.ask(method, path, "text=guests").status == 410
    assert visit.store.user_ids() == [BEN]


@pytest.mark.parametrize("action", ["unsubscribe-digest", "unsubscribe-drip", "unsubscribe-all"])
@pytest.mark.parametrize(("body", "kind"), [("List-Unsubscribe=One-Click", FORM), PARTS], ids=["form", "multipart"])
def test_a_mail_program_unsubscribes_in_one_click_also_a_year_later(
    visit: Visit, action: Action, body: str, kind: str
) -> None:
    visit.now = NOW + timedelta(days=365)
    for _ in range(2):
        assert visit.ask("POST", visit.path(action), body, kind).status == 200
        letters = visit.ana.coaching_profile.letters
        assert (letters.digest, letters.drip) == (action == "unsubscribe-drip", action == "unsubscribe-digest")


@pytest.mark.parametrize("action", ["unsubscribe-digest", "unsubscribe-drip", "unsubscribe-all"])
def test_who_unsubscribed_can_take_it_back_with_one_more_press(visit: Visit, action: Action) -> None:
    before = visit.ana.to_json()
    page = visit.post(visit.path(action))
    assert (page.title, list(page.buttons)) == ("Switched off", ["Take it back"])
    switched_off = visit.ana.to_json()
    assert visit.get(page.buttons["Take it back"]).title == "Take it back?"
    assert visit.ana.to_json() == switched_off, "only a press does it"
    for _ in range(2):
        assert visit.post(page.buttons["Take it back"]).title == "Switched on again"
        assert visit.ana.to_json() == before


@pytest.mark.parametrize(
    ("action", "detail"),
    [("unsubscribe-digest", ""), ("unsubscribe-drip", ""), ("unsubscribe-all", ""), ("every", "2"), ("every", "7")],
)
def test_a_link_that_was_pressed_before_says_what_is_so_and_asks_nothing(
    visit: Visit, action: Action, detail: str
) -> None:
    path = visit.path(action, detail)
    done = visit.post(path)
    again = visit.get(path)
    assert again.title == done.title
    assert not set(again.buttons) - {"Once a week"}


def test_what_was_switched_off_before_stays_off_when_unsubscribing_is_taken_back(visit: Visit) -> None:
    visit.post(visit.path("unsubscribe-drip"))
    page = visit.post(visit.path("unsubscribe-all"))
    visit.post(page.buttons["Take it back"])
    letters = visit.ana.coaching_profile.letters
    assert (letters.digest, letters.drip) == (True, False)
    assert "Take it back" not in visit.post(visit.path("unsubscribe-drip")).buttons, "nothing changed"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("detail", "day", "said"),
    [
        ("read", TODAY - TAPS_FOR - timedelta(days=1), "14 days ago"),
        ("read", TODAY + timedelta(days=1), "has not come yet"),
        ("run", TODAY, "Run is archived"),
        ("dance", TODAY, "not in your record any more"),
    ],
)
@pytest.mark.parametrize("action", ["done", "skip", "open"])
def test_a_link_out_of_reach_says_so_kindly_and_changes_nothing(
    visit: Visit, action: Action, detail: str, day: date, said: str, method: str
) -> None:
    with visit.store.edit(ANA) as user:
        planning.archive_habit(user, "run", today=TODAY)
    before = visit.ana.to_json()
    answer = visit.ask(method, visit.path(action, detail, day))
    assert (answer.status, answer.title) == (409, "Nothing was changed")
    assert said in html.unescape(answer.text)
    assert visit.ana.to_json() == before


def test_done_says_streak_and_xp_offers_the_other_habits_and_the_way_back(visit: Visit) -> None:
    with visit.store.edit(ANA) as user:
        for n in (1, 2, 3):
            recording.tick(user, "read", days_ago(n), now=NOW)
    before = visit.ana.to_json()
    page = visit.post(visit.path("done", "read", TODAY))
    assert page.title == "Read: done"
    assert all(said in page.text for said in ("Today, Sunday, November 22", "<dd>4 days</dd>", "<dd>+14</dd>"))
    assert page.buttons.keys() == {"Take it back", "Coffee: done"}
    again = visit.get(visit.path("done", "read", TODAY))
    assert again.title == "Read: done"
    assert visit.get(page.buttons["Take it back"]).title == "Take it back?"
    back = visit.post(page.buttons["Take it back"])
    assert back.title == "Read: open"
    assert "<dd>-14</dd>" in back.text
    assert visit.ana.to_json() == before
    assert visit.post(page.buttons["Coffee: done"]).title == "Coffee: done"


def test_a_habit_that_is_done_can_be_taken_back_and_comes_back_with_its_hour(visit: Visit) -> None:
    before = visit.ana.to_json()
    path = visit.path("open", "water", TODAY)
    assert visit.get(path).buttons.keys() == {"Take it back", "Skip instead"}
    page = visit.post(path)
    assert page.title == "Water: open"
    assert visit.ana.entries("water") == {}
    visit.post(page.buttons["Take it back"])
    assert visit.ana.to_json() == before


def test_a_skip_says_what_it_takes_the_place_of(visit: Visit) -> None:
    path = visit.path("skip", "water", TODAY)
    assert "skipping takes the place of that" in visit.get(path).text
    assert visit.post(path).title == "Water: skipped"
    assert "The streak waits" in visit.get(path).text


def test_an_answer_is_for_the_habits_that_stay_chosen(visit: Visit) -> None:
    path = visit.path("reason", "forgot", TODAY)
    assert visit.get(path).text.count('type="checkbox"') == 2
    page = visit.post(path, picked="1", habit=["coffee"])
    assert page.title == "Noted: forgot"
    assert visit.ana.coaching_insights.missed_habits == {"coffee": {TODAY: "forgot"}}
    nobody = visit.post(path, picked="1")
    assert nobody.status == 422
    assert "There is no habit yet" in nobody.text
    visit.post(page.buttons["Take it back"])
    assert visit.ana.coaching_insights.missed_habits == {}


def test_words_of_ones_own_come_back_as_typed_and_what_is_too_long_is_not_lost(visit: Visit) -> None:
    path = visit.path("reflection", "Tomorrow", TODAY)
    typed = '<b>calling</b> Mum {{ 7*7 }} & "resting"'
    page = visit.post(path, text=typed)
    assert page.title == "Kept"
    assert html.escape(typed, quote=False).replace('"', "&#34;") in page.text
    assert visit.ana.daily_digests[TODAY].reflection == typed
    long = visit.post(path, text="é" * 2001)
    assert long.status == 422
    assert "within 2000" in long.text
    assert "é" * 2001 in long.text
    assert visit.post(path, text="x" * 50_000).status == 409
    assert visit.ana.daily_digests[TODAY].reflection == typed


def test_words_that_need_a_person_are_kept_and_answered_with_where_one_is(visit: Visit) -> None:
    for action in ("reason", "reflection"):
        assert "findahelpline.com" in visit.post(visit.path(action, "", TODAY), text="I want to die").text
    assert "findahelpline.com" not in visit.post(visit.path("reflection", "", TODAY), text="sleeping early").text


def test_a_letter_that_was_passed_on_shows_nobody_what_was_written(visit: Visit) -> None:
    path = visit.path("reflection", "Tomorrow", TODAY)
    visit.post(path, text="a private word")
    page = visit.get(path)
    assert "private" not in page.text
    assert "has an end already" in page.text


def test_a_pause_says_its_days_before_and_its_end_after(visit: Visit) -> None:
    path = visit.path("pause")
    assert "From Monday, November 23 to Sunday, November 29" in visit.get(path).text
    page = visit.post(path)
    assert page.title == "Paused until Sunday, November 29"
    assert visit.get(path).title == page.title
    visit.post(page.buttons["Take it back"])
    assert visit.ana.pauses == []


def test_less_often_goes_down_in_steps_and_back(visit: Visit) -> None:
    page = visit.post(visit.path("every", "2"))
    assert page.title == "The digest comes every second day"
    weekly = visit.post(page.buttons["Once a week"])
    assert weekly.title == "The digest comes once a week"
    assert visit.post(weekly.buttons["Take it back"]).title == "The digest comes every second day"
    assert visit.post(page.buttons["Take it back"]).title == "The digest comes every day"


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "قراءة عشر صفحات", "{{ 7*7 }}", "x" * 200])
def test_a_name_shows_as_typed(visit: Visit, name: str) -> None:
    with visit.store.edit(ANA) as user:
        planning.rename_habit(user, "read", name)
    for page in (visit.get(visit.path("done", "read", TODAY)), visit.post(visit.path("done", "read", TODAY))):
        assert page.title.startswith(name)
        assert "<script" not in page.text
