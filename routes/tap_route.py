"""The route that a tap takes: recorded at once, and answered with what the page shows of it, no script run."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from core.catalogue import N_, _, speaking
from core.localtime import days_between, is_zone, zone
from routes.house import body_of
from screens.board import Board, board_of
from screens.kept import RECORDS
from screens.parts import store_words
from screens.taps import hear_taps, read_taps
from storage import Store, StoreError

log = logging.getLogger("xp.web")
BODY_MOST = 256 << 10  # octets: some thousand taps
WEEK = 7  # days that a page shows
NOT_SIGNED_IN = N_("Sign in once more; your taps are kept until then.")


class BadRequestError(ValueError):
    """What came is not what our page sends."""


def tap_route(store_of: Callable[[], Store], user_of: Callable[[Request], str | None]) -> Callable[..., Any]:
    """The handler of POST /taps: {"person", "page", "first", "today", "zone", "taps"}.

    Answered with {"board", "refused", "again"}; with 401 when that person is not signed in: the page keeps its taps.
    A tap that comes again is recorded once.
    """

    async def take_taps(request: Request) -> Response:
        user_id = await run_in_threadpool(user_of, request)
        if user_id is None:
            return PlainTextResponse(_(NOT_SIGNED_IN), 401)
        body = await body_of(request, BODY_MOST + 1)
        if len(body) > BODY_MOST:
            return PlainTextResponse(_("These are too many taps at once."), 413)
        return await run_in_threadpool(answer, user_id, body)

    def answer(user_id: str, body: bytes) -> Response:
        try:
            sent = _read(body)
            if not isinstance(sent, dict) or sent.get("person") != user_id:
                return PlainTextResponse(_(NOT_SIGNED_IN), 401)
            return JSONResponse(answer_taps(store_of(), user_id, sent, lambda: datetime.now(UTC)))
        except (StoreError, OSError) as error:  # the page keeps its taps, and says why
            log.error("taps of %s: %s", user_id, error)
            return PlainTextResponse(store_words(error if isinstance(error, StoreError) else StoreError()), 503)
        except BadRequestError:
            return PlainTextResponse(_("This is not what our page sends."), 400)

    return take_taps


def _read(body: bytes) -> Any:
    """What JSON says. Raises BadRequestError: also for a number, or a nesting, that is too long to be read."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequestError from None


def answer_taps(store: Store, user_id: str, sent: dict[str, Any], clock: Callable[[], datetime]) -> dict[str, Any]:
    """Record what a page sent; its board as it stands then, in the person's language.

    `again` asks the page to draw what a tap alone does not move. Raises BadRequestError, StoreError.
    """
    try:
        first = date.fromisoformat(str(sent.get("first")))
        days = days_between(first, first + timedelta(days=WEEK - 1))
    except (ValueError, OverflowError):
        raise BadRequestError from None
    taps, name, now = read_taps(sent.get("taps")), sent.get("zone"), clock()
    tz = zone(name) if isinstance(name, str) and is_zone(name) else None
    if taps:
        outcome = hear_taps(store, user_id, str(sent.get("page"))[:64], taps, now=now, tz=tz)
        assert outcome.user is not None
        # A page that is drawn meanwhile may have been read before these were recorded: it must not count as newer.
        user, refused, now = outcome.user, outcome.refused, clock()
    else:
        user, refused = store.read(user_id), []
    with speaking(user.locale):
        record = RECORDS.record(user, now)
        mended = any(tap.day < record.today for tap in taps)
        board: Board = board_of(record, days, now)
    return {"board": board, "refused": refused, "again": mended or sent.get("today") != board["today"]}
