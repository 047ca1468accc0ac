"""The routes behind a letter's links: GET says what will happen, POST does it, without a sign-in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from urllib.parse import parse_qs

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from core.catalogue import _, language, speaking
from core.letters.link_pages import Page, View
from core.letters.taps import Link, Said, check, follow
from core.models import User
from core.progress import record_of
from core.recording import RecordingError
from mail.links import BadLinkError, letter_link, read_letter_link
from storage import NotStored, Store

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
BODY_MOST = 40_000  # octets: the longest text that is taken, in any script
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
Clock = Callable[[], datetime]
Handler = Callable[[Request], Awaitable[Response]]


def page(shown: Page, status: int = 200) -> HTMLResponse:
    """A page of its own, without a script and without anything from elsewhere."""
    text = _template_environment().get_template("page.html").render(vars(shown))
    return HTMLResponse(text, status, {"Cache-Control": "no-store", "Content-Security-Policy": PAGE_POLICY})


def gone() -> HTMLResponse:
    """The answer to a link of somebody who has left."""
    return page(Page(_("This account is gone"), (_("It was deleted, and nothing is sent to it any more."),)), 410)


def nothing_there() -> HTMLResponse:
    """The answer to an address at which nothing is."""
    return page(Page(_("There is nothing here"), (_("The address may have lost a piece on its way."),)), 404)


@cache
def _template_environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
    environment.globals |= {"_": _, "language": language}
    return environment


def letter_route(store_of: Callable[[], Store], clock: Clock = lambda: datetime.now(UTC)) -> Handler:
    """The handler of /l/{token}; what is sent twice is done once."""

    async def follow_letter_link(request: Request) -> Response:
        store = store_of()
        try:
            link = read_letter_link(store.secret(), request.path_params["token"])
        except BadLinkError as error:
            return page(Page(_("This link does not open"), (str(error),)), 403)
        try:
            said = await _said(request) if request.method == "POST" else None
            return await run_in_threadpool(_Desk(store, link, clock()).answer, said)
        except RecordingError as error:
            return _nothing_changed(error)
        except NotStored:
            return gone()

    return follow_letter_link


def _nothing_changed(error: RecordingError) -> HTMLResponse:
    return page(Page(_("Nothing was changed"), (str(error),)), 409)


async def _said(request: Request) -> Said:
    """What a form sent; the one click of a mail program says nothing that is needed."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            said = _("This is more than {most} characters. Keep it shorter.")
            raise RecordingError(said.format(most=BODY_MOST))
    form = parse_qs(body.decode("utf-8", "replace"))
    habits = form.get("habit", []) if "picked" in form else None
    return Said(" ".join(form.get("text", [])), habits)


@dataclass(frozen=True)
class _Desk:
    """One visit: the store, the link that was followed, the instant."""

    store: Store
    link: Link
    now: datetime

    def answer(self, said: Said | None) -> Response:
        """What the link asks, or with what was said, what it has done; in the person's language."""
        user = self.store.read(self.link.user_id)
        with speaking(user.locale):
            try:
                check(user, self.link, self.now)
                return page(self._view(user).question()) if said is None else self._act(said)
            except RecordingError as error:
                return _nothing_changed(error)

    def _act(self, said: Said) -> Response:
        try:
            with self.store.edit(self.link.user_id) as user:
                before = record_of(user, self.now).xp
                undo = follow(user, self.link, now=self.now, said=said)
        except RecordingError as error:
            if self.link.action not in ("reason", "reflection"):
                raise
            view = self._view(self.store.read(self.link.user_id))
            return page(replace(view.question(), alert=str(error), text=said.text), 422)
        gained = record_of(user, self.now).xp - before
        return page(self._view(user).answer(undo, gained, said))

    def _view(self, user: User) -> View:
        return View(user, self.link, self.now, partial(letter_link, "", self.store.secret()))
