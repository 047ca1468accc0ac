"""What every route stands on: settings, store and sign-ins opened once, and the guards at its door."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, wraps
from urllib.parse import urlparse

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from accounts.access import Accounts
from accounts.attempts import ATTEMPTS
from accounts.letters import AccountLetters
from accounts.sessions import session_id
from core.catalogue import _
from core.documents import KNOWN_MOST
from core.letters.link_pages import Page
from mail.links import device_mark
from routes.letter_pages import page
from routes.openid import Provider, read_providers
from settings import Settings, SettingsError, read_settings
from storage import Store, StoreError, open_store

log = logging.getLogger("xp.web")
DEVICE_LASTS = timedelta(days=400)  # RFC 6265bis 5.5: no cookie lasts longer

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class House:
    """What every route needs: settings, store and sign-ins, opened once."""

    settings: Settings
    store: Store
    accounts: Accounts
    providers: tuple[Provider, ...]  # by which people may sign in besides

    @property
    def is_https(self) -> bool:
        """Whether people reach the app over TLS."""
        return self.settings.is_https

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers take __Host- over TLS only, from this very host and for every path."""
        return "__Host-xp" if self.is_https else "xp"

    @property
    def device_cookie(self) -> str:
        """The name of the cookie by which a device is known."""
        return device_cookie(self.settings)

    def set_cookie(self, response: Response, name: str, value: str, lasts: timedelta) -> None:
        """Let the browser keep a cookie that no script reads and no other site sends along."""
        seconds = int(lasts.total_seconds())
        response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=self.is_https)

    def mark_device(self, response: Response, user_id: str) -> None:
        """Let the browser be known as a device of that person's: strangers that try the password elsewhere do not keep
        them waiting there. The cookie outlives a session, and opens nothing."""
        mark = device_mark(self.store.secret(), user_id, secrets.token_urlsafe(12))
        self.set_cookie(response, self.device_cookie, mark, DEVICE_LASTS)

    @property
    def letters(self) -> AccountLetters:
        """The letters about accounts."""
        return AccountLetters(self.store, self.accounts, self.settings)


def device_cookie(settings: Settings) -> str:
    """The name of the cookie by which a device is known."""
    return "__Host-xp-device" if settings.is_https else "xp-device"


@cache
def open_house() -> House:
    """Open everything once. Raises SettingsError or StoreError with one sentence, and tries again the next time."""
    settings = read_settings()
    providers = read_providers(settings.base_url)
    store = open_store(settings.data_dir, kept_most=KNOWN_MOST)
    return House(settings, store, Accounts(store, settings, ATTEMPTS), providers)


def open_session_of(connection: HTTPConnection) -> str | None:
    """The id of the open session whose cookie a request brings, if any."""
    try:
        house = open_house()
        sid, now = session_id(connection.cookies.get(house.cookie, "")), datetime.now(UTC)
        if house.accounts.sessions.user_of(sid, now=now):
            house.accounts.sessions.note_seen(sid, now=now)
            return sid
    except (SettingsError, StoreError) as error:
        log.warning("nobody is signed in: %s", error)
    return None


def is_https() -> bool:
    """Whether people reach the app over TLS; not, where the settings cannot be read."""
    try:
        return read_settings().is_https
    except SettingsError:
        return False


def providers() -> tuple[Provider, ...]:
    """The OpenID providers by which people may sign in; none, where the settings or the store cannot be used."""
    try:
        return open_house().providers
    except (SettingsError, StoreError):
        return ()


def says_its_trouble(handler: Handler) -> Handler:
    """A route that answers settings, files or a disk that cannot be used with a page of one sentence, and 503."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (SettingsError, StoreError, OSError) as error:
            log.error("%s: %s", handler.__name__, error)
            return said(_("This cannot be done now"), _("Nothing was changed. Try again in a few minutes."), status=503)

    return answer


def same_origin(handler: Handler) -> Handler:
    """A route whose POST is taken from our own pages only (Streamlit's XSRF token does not cover routes)."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        if request.method == "POST" and not is_from_here(request):
            return PlainTextResponse(_("This came from another site, so nothing was done."), 403)
        return await handler(request)

    return answer


def is_from_here(connection: HTTPConnection) -> bool:
    """Whether one of our own pages sent a request, as the browser says."""
    origin = connection.headers.get("origin")
    if origin is None:  # every browser of today sends it with a POST; SameSite=Lax holds for the others
        return connection.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return urlparse(origin).netloc in (connection.headers.get("host"), _own_host())


def _own_host() -> str | None:
    try:
        return urlparse(read_settings().base_url).netloc
    except SettingsError:
        return None


def said(title: str, *sentences: str, button: str = "", status: int = 200) -> HTMLResponse:
    """A page of a few sentences, perhaps with one button."""
    return page(Page(title, sentences, button=button), status)


async def body_of(request: Request, most: int) -> bytes:
    """What a request brings, up to so many octets; the rest is not even read."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return body[:most]
    return body
