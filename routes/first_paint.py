"""Today as it stands, painted and ready for taps while Streamlit is still on its way to the same person's browser."""

from __future__ import annotations

import json
import logging
import re
import secrets
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core.catalogue import _, language, speaking
from core.localtime import days_between
from core.models import User
from core.wording import locale_of
from screens import grid, today
from screens.board import board_of
from screens.kept import RECORDS
from screens.parts import esc
from settings import SettingsError
from storage import Store, StoreError

log = logging.getLogger("xp.web")
HERE = Path(__file__).resolve().parent.parent
SHEETS = ("style.css", "inner.css", "first_paint.css")  # of screens/
ARRIVAL = "_streamlit_user"  # the cookie of somebody who comes from an OpenID provider, and is asked something first
ASK_AGAIN = "no-cache"  # everybody's page, as Streamlit has it
NOT_KEPT = "no-store"  # it is one person's, and as it stood at that moment


def script_and_style() -> str:
    """What draws the first paint, inline in the page: files of its own would have to queue behind Streamlit's."""
    theme = tomllib.loads((HERE / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    sheet = "\n".join([_look(theme), *(_read(name) for name in SHEETS)])
    frame = f"const GRID = {json.dumps({'html': grid.HTML, 'css': grid.CSS})};"
    script = "\n".join([grid.JS, frame, _read("first_paint.js")])
    return f'<style id="first_sheet">{sheet}</style>\n<script type="module">{script}</script>'


def _read(name: str) -> str:
    return (HERE / "screens" / name).read_text(encoding="utf-8")


def _look(theme: dict[str, Any]) -> str:
    """The fonts and colours of .streamlit/config.toml, under the names that Streamlit gives to its components."""
    faces = [_face(face) for face in theme["fontFaces"]]
    light, dark = theme["light"], theme["dark"]
    names = {key: "--st-" + re.sub("[A-Z]", lambda big: f"-{big[0].lower()}", key) for key in light}
    said = [f"{names[key]}: light-dark({light[key]}, {dark[key]})" for key in light if isinstance(light[key], str)]
    return "\n".join([*faces, f"#first_paint {{ --st-font: {theme['font']}; {'; '.join(said)} }}"])


def _face(face: dict[str, str]) -> str:
    only = f"; unicode-range: {face['unicodeRange']}" if "unicodeRange" in face else ""
    said = f"font-family: {face['family']}; font-weight: {face['weight']}; src: url(/{face['url']}){only}"
    return f"@font-face {{ {said}; font-display: swap }}"


def page_route(
    page: str, drawing: str, store_of: Callable[[], Store], who_asks: Callable[[Request], str | None]
) -> Callable[[Request], Awaitable[Response]]:
    """The handler of GET /: Streamlit's page, with Today in it for whoever is signed in and would see that.

    `drawing` is `script_and_style()`. Whatever stands in the way of it is for the screens to say.
    """
    page_behind = _waiting(page).replace("<template", f"{drawing}<template", 1)

    def answer(request: Request) -> Response:
        painted = _painted(request, store_of, who_asks)
        if not painted:
            return HTMLResponse(page, headers={"Cache-Control": ASK_AGAIN})
        return HTMLResponse(_with(page_behind, *painted), headers={"Cache-Control": NOT_KEPT})

    async def take_page(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return take_page


def _painted(
    request: Request, store_of: Callable[[], Store], who_asks: Callable[[Request], str | None]
) -> tuple[str, str] | None:
    """The first paint and its language, for a request that will find Today."""
    if request.url.query or any(name.startswith(ARRIVAL) for name in request.cookies):
        return None
    try:
        user_id = who_asks(request)
        if user_id is None:
            return None
        user = store_of().read(user_id)
    except (StoreError, SettingsError) as error:
        log.warning("no first paint: %s", error)
        return None
    with speaking(user.locale):
        painted = first_paint(user, datetime.now(UTC))
        return (painted, language()) if painted else None


def first_paint(user: User, now: datetime) -> str:
    """The head and the grid of Today as HTML that its script shows; empty where Today begins with something else."""
    record = RECORDS.record(user, now)
    if not user.coaching_profile.onboarding_complete or not record.active or today.has_notices(record):
        return ""
    days = days_between(record.today - timedelta(days=6), record.today)
    data = grid.data_of(board_of(record, days, now), user.user_id, secrets.token_hex(8), today.ROUTE, 0)
    return (
        '<main id="first_paint" class="stApp" hidden><div class="st-key-today">'
        f"{today.hero(record, now, locale_of(user.locale))}"
        f'<h2 class="in-h2">{esc(_("Today"))}</h2><div id="first_grid"></div></div></main>'
        f'<script type="application/json" id="first_data">{_in_page(data)}</script>'
    )


def _in_page(data: dict[str, Any]) -> str:
    """JSON that ends no element of the page, whatever people have typed."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _waiting(page: str) -> str:
    """Streamlit's page with its styles and scripts put aside, until the script of the first paint puts them back."""
    before, _script, rest = page.partition("<script>")
    theirs, _end, after = rest.partition("</head>")
    return f'{before}<template id="streamlit"><script>{theirs}</template></head>{after}'


def _with(page: str, painted: str, said_in: str) -> str:
    page = page.replace('<html lang="en">', f'<html lang="{said_in}">', 1)
    return page.replace('<div id="root"', f'{painted}<div id="root"', 1)
