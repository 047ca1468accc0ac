"""The routes of an account: what its letters' links open, a question and one button; and the record to take along."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from accounts import passwords
from accounts.records import USED, AccountError, UsedLinkError
from core.catalogue import N_, _
from core.letters.link_pages import Page
from mail.links import BadLinkError, Purpose, read_account_link
from routes.house import body_of, open_house, open_session_of, said, same_origin, says_its_trouble
from routes.letter_pages import gone, page
from routes.middleware import SOCKETS
from screens.profile_rooms.account import exported
from storage import NotStored

FORM_MOST = 20_000  # octets: the longest password, in any script, percent-encoded
DEAD = N_("This link does not open")


@says_its_trouble
@same_origin
async def choose_password(request: Request) -> Response:
    """GET /auth/password/{token} asks for another password, POST takes it, once, and ends every session."""
    try:
        key, stamp = await _opened(request, "password")
    except BadLinkError as error:
        return said(_(DEAD), str(error), status=403)
    house = open_house()
    if request.method != "POST":
        return _password_page()
    form = parse_qs((await body_of(request, FORM_MOST)).decode("utf-8", "replace"))
    try:
        user_id = await run_in_threadpool(house.accounts.reset_password, key, stamp, "".join(form.get("password", [])))
    except UsedLinkError as error:
        return said(_(DEAD), str(error), status=403)
    except AccountError as error:
        return _password_page(str(error))
    SOCKETS.close(await run_in_threadpool(house.accounts.sessions.close_all, user_id))
    house.letters.tell_password_changed(user_id, now=datetime.now(UTC))
    answer = said(_("Your password is changed"), _("Every device is signed out. Sign in with the new one."))
    house.mark_device(answer, user_id)  # whoever reads the letters is the owner, however many others try just now
    return answer


def _password_page(alert: str = "") -> Response:
    hint = _("{least} characters or more; a short sentence works well. Every device is signed out.")
    hint = hint.format(least=passwords.LEAST)
    shown = Page(_("Choose a password"), (hint,), button=_("Change it"), password=_("Your new password"), alert=alert)
    return page(shown, 422 if alert else 200)


@says_its_trouble
@same_origin
async def move_address(request: Request) -> Response:
    """GET /auth/address/{token} asks, POST moves sign-in and letters to the new address, once."""
    try:
        key, stamp, address = await _opened(request, "address")
    except BadLinkError as error:
        return said(_(DEAD), str(error), status=403)
    house = open_house()
    if request.method != "POST":
        return said(
            _("Is this your address?"),
            _("{address} will be where you sign in and get letters.").format(address=address),
            button=_("Yes, use it"),
        )
    try:
        await run_in_threadpool(house.accounts.move_address, key, stamp, address)
    except AccountError as error:
        return said(_("Nothing was changed"), str(error), status=409)
    except NotStored:
        return gone()
    return said(
        _("Your address is changed"),
        _("From now on you sign in with {address}, and letters go there.").format(address=address),
    )


@says_its_trouble
async def export(request: Request) -> Response:
    """GET /export: the document of whoever is signed in, as a file; nobody else's can be asked for."""
    sid = await run_in_threadpool(open_session_of, request)
    house = open_house()
    user_id = house.accounts.sessions.user_of(sid, now=datetime.now(UTC)) if sid else None
    if user_id is None:
        return RedirectResponse("/", 303)
    user = await run_in_threadpool(house.store.read, user_id)
    headers = {"Content-Disposition": f'attachment; filename="{user_id}.json"', "Cache-Control": "no-store"}
    return Response(exported(user), 200, headers, "application/json")


async def _opened(request: Request, purpose: Purpose) -> list[str]:
    """What a link says; its account and stamp first. Raises BadLinkError for one that is not ours, over, or used."""
    house = open_house()
    what = read_account_link(house.store.secret(), purpose, request.path_params["token"])
    if not await run_in_threadpool(house.accounts.is_stamped, *what[:2]):
        raise BadLinkError(_(USED))
    return what
