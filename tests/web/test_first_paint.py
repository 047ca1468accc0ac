"""The page at /: Streamlit's for everybody, with Today already in it for whoever is signed in and will see that."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import web
from core import planning
from core.models import Pause, Refusal, User
from core.progress import today_of
from routes.middleware import page_policy
from storage import Store
from tests.web.server import ANA, Browser, now, signed_in

NAME = "</script><b>Läsen & $x$ {{ 7 }}"
DATA = re.compile(r'<script type="application/json" id="first_data">(.*?)</script>', re.DOTALL)


@pytest.fixture
def ana(server: Browser, store: Store) -> Browser:
    """Ana's browser, signed in; she has a habit and has answered the seven questions."""
    with store.edit(ANA) as user:
        user.coaching_profile.onboarding_complete = True
        planning.add_habit(user, NAME, planning.every_day(today_of(user, now())), today=today_of(user, now()))
    signed_in(server)
    return server


def test_whoever_is_signed_in_finds_today_in_the_page_as_it_stands(ana: Browser, store: Store) -> None:
    page = ana.get("/")
    [sent] = DATA.findall(page.text)
    board: dict[str, Any] = json.loads(sent)
    user = store.read(ANA)
    assert board["person"] == ANA
    assert [row["name"] for row in board["rows"]] == [NAME]
    assert board["days"][-1]["iso"] == board["today"] == today_of(user, now()).isoformat()
    assert "0 of 1 done today" in page.text
    assert NAME not in page.text  # nowhere as HTML
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Content-Security-Policy"] == page_policy(web.PAGE + web.FIRST_PAINT)


def test_streamlits_parts_wait_in_the_page_all_of_them(ana: Browser) -> None:
    page = ana.get("/").text
    kept = page.partition('<template id="streamlit">')[2].partition("</template>")[0]
    theirs = re.compile(r'<script>.*?</script>|(?:src|href)="\./(?:static/js|static/css|_stcore/h)[^"]+"', re.DOTALL)
    assert theirs.findall(kept) == theirs.findall(web.PAGE) != []
    assert theirs.findall(page.replace(kept, "")) == []
    assert page.index('id="first_paint"') < page.index('<div id="root"')


def test_a_page_speaks_the_language_of_its_person(ana: Browser, store: Store) -> None:
    with store.edit(ANA) as user:
        user.locale = "de_DE"
    page = ana.get("/", {"Accept-Language": "en"}).text
    assert '<html lang="de">' in page
    assert "heute 0 von 1 erledigt" in page


def test_a_stranger_gets_the_page_of_everybody(server: Browser) -> None:
    server.cookies["xp"] = "somebody"
    page = server.get("/")
    assert page.text == web.PAGE
    assert page.headers["Cache-Control"] == "no-cache"


def unanswered(user: User) -> None:
    user.coaching_profile.onboarding_complete = False


def archived(user: User) -> None:
    planning.archive_habit(user, user.habits[0].id, today=today_of(user, now()))


def paused(user: User) -> None:
    today = today_of(user, now())
    user.pauses.append(Pause.model_validate({"habit": None, "from": today, "to": today}))


def refused(user: User) -> None:
    user.email_refused = Refusal(address=user.email, at=now(), reason="550 no such user")


@pytest.mark.parametrize("become", [unanswered, archived, paused, refused])
def test_where_today_begins_with_something_else_nothing_is_painted_ahead(
    ana: Browser, store: Store, become: Callable[[User], None]
) -> None:
    with store.edit(ANA) as user:
        become(user)
    assert ana.get("/").text == web.PAGE


def test_an_address_that_asks_for_more_and_somebody_from_a_provider_are_left_to_the_screens(ana: Browser) -> None:
    assert ana.get("/?invitation=x").text == web.PAGE
    ana.cookies["_streamlit_user"] = "x"
    assert ana.get("/").text == web.PAGE


def test_a_document_that_cannot_be_read_is_for_the_screens_to_tell(ana: Browser, store: Store) -> None:
    path = store.folder / "users" / f"{ANA}.json"
    kept = path.read_bytes()
    path.write_text("{")
    try:
        assert ana.get("/").text == web.PAGE
    finally:
        path.write_bytes(kept)
