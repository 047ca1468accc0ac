"""OpenID providers that the operator has set up for st.login, and the guard before Streamlit's sign-in routes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs, urlsplit

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from accounts.identities import COUNTS_FOR
from core.catalogue import _
from settings import SettingsError

LOGIN, CALLBACK = "/auth/login", "/oauth2callback"  # Streamlit's
FAILED = "sign_in"  # in the query of the page, when nobody came from the provider
INVITATION = "xp-invitation"  # a cookie: the way by the provider loses the query of the page
SECRETS = ".streamlit/secrets.toml"
SECRET_LEAST = 32  # characters of the key that seals what a provider said
NEEDED = ("client_id", "client_secret", "server_metadata_url")
PACKAGES = ("authlib", "httpx")


@dataclass(frozen=True)
class Provider:
    """A provider: its name for st.login, and what people call it."""

    key: str
    label: str


@cache
def read_providers(base_url: str) -> tuple[Provider, ...]:
    """The providers in the section `auth` of Streamlit's secrets; none without one. Raises SettingsError."""
    try:
        auth = st.secrets.get("auth")
    except OSError as error:
        if getattr(error, "error_id", "") == "no-secrets-found":
            return ()
        raise _wrong(" ".join(str(error).split())) from None
    return () if auth is None else providers_in(auth, base_url)


def providers_in(auth: Mapping[str, Any], base_url: str) -> tuple[Provider, ...]:
    """The providers of a section `auth`, one a section below it, or the one in itself. Raises SettingsError."""
    _check(auth, base_url)
    sections = {key: part for key, part in auth.items() if isinstance(part, Mapping) and key != "client_kwargs"}
    if "client_id" in auth or not sections:
        sections = {"default": auth, **sections}
    return tuple(_provider(key, section) for key, section in sections.items())


def _check(auth: Mapping[str, Any], base_url: str) -> None:
    if not isinstance(auth, Mapping):
        raise _wrong(f"[auth] in {SECRETS}: write it as a section")
    if auth.get("redirect_uri") != base_url + CALLBACK:
        raise _wrong(f"redirect_uri in {SECRETS}: write {base_url}{CALLBACK}, which begins with XP_BASE_URL")
    if len(str(auth.get("cookie_secret", ""))) < SECRET_LEAST:
        raise _wrong(f"cookie_secret in {SECRETS}: write {SECRET_LEAST} random characters or more")
    for package in PACKAGES:
        if find_spec(package) is None:
            raise _wrong(f"[auth] in {SECRETS}: {package} is missing; install what requirements.txt lists")


def _wrong(said: str) -> SettingsError:
    return SettingsError(said, said.partition(":")[0])


def _provider(key: str, section: Mapping[str, Any]) -> Provider:
    where = f"[auth.{key}]" if key != "default" else "[auth]"
    if "_" in key:  # Streamlit's: https://docs.streamlit.io/develop/api-reference/user/st.login
        raise _wrong(f"{where} in {SECRETS}: write the name without an underscore")
    for name in NEEDED:
        if not section.get(name):
            raise _wrong(f"{where} in {SECRETS}: {name} is missing")
    host = urlsplit(str(section["server_metadata_url"])).netloc
    return Provider(key, str(section.get("name") or (host if key == "default" else key)))


def load_sign_in() -> None:
    """Load what Streamlit would load while the first person waits for a provider."""
    with warnings.catch_warnings(action="ignore"):  # Authlib's: that httpx has a successor
        import_module("authlib.integrations.starlette_client")


def forget_arrival(request: Request, response: Response) -> None:
    """Take from the browser what Streamlit's sign-in has put there."""
    for name in request.cookies:
        if name.startswith(("_streamlit_user", "_streamlit_session")):
            response.delete_cookie(name)


class OpenIdMiddleware:
    """Lets Streamlit's sign-in run while a provider is set up, and keeps little of what it leaves in the browser.

    Streamlit's cookie stands for a person for 30 days and cannot be revoked; here it lasts until our own session is
    opened with it. The provider's tokens are for nothing here, and stay out of the browser. A sign-in that fails
    comes back to the page with a word of it.
    """

    def __init__(self, app: ASGIApp, providers: Callable[[], Sequence[Provider]], is_https: Callable[[], bool]) -> None:
        self._app, self._providers, self._is_https = app, providers, is_https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == "/" or path.startswith((LOGIN, CALLBACK))):
            await self._app(scope, receive, send)
        elif not self._providers():
            nothing = PlainTextResponse(_("There is nothing here."), 404)
            await (self._app if path == "/" else nothing)(scope, receive, send)
        else:
            await self._app(scope, receive, self._noting(scope, send) if path == "/" else self._mended(scope, send))

    def _noting(self, scope: Scope, send: Send) -> Send:
        """Note an invitation in the browser, for as long as the way to a provider and back may take."""
        [token] = parse_qs(scope["query_string"].decode("latin-1")).get("invitation", [""])[-1:]

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start" and re.fullmatch(r"[\w.-]+", token, re.ASCII):
                MutableHeaders(scope=message).append("Set-Cookie", self._invitation(token, COUNTS_FOR.seconds))
            await send(message)

        return send_noting

    def _invitation(self, token: str, seconds: int) -> str:
        return _secured(f"{INVITATION}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax", self._is_https())

    def _mended(self, scope: Scope, send: Send) -> Send:
        has_failed = False

        async def send_mended(message: Message) -> None:
            nonlocal has_failed
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                cookies = _kept(headers.getlist("set-cookie"), self._is_https())
                has_come = any(cookie.startswith("_streamlit_user=") and not _is_over(cookie) for cookie in cookies)
                has_failed = not has_come and not headers.get("location", "").startswith("http")
                token = HTTPConnection(scope).cookies.get(INVITATION, "")
                if has_failed:
                    message["status"] = 303
                    headers["Location"], headers["Content-Length"] = f"/?{FAILED}=failed", "0"
                elif has_come and re.fullmatch(r"[\w.-]+", token, re.ASCII):
                    headers["Location"] = f"/?invitation={token}"
                    cookies.append(self._invitation("", 0))
                headers["Cache-Control"] = "no-store"
                del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", cookie)
            elif has_failed:
                message = {**message, "body": b""}
            await send(message)

        return send_mended


def _kept(cookies: Sequence[str], is_https: bool) -> list[str]:
    """Streamlit's cookies as they may go to the browser: without the provider's tokens, and for ten minutes."""
    kept = [cookie for cookie in cookies if _is_over(cookie) or not cookie.startswith("_streamlit_user_tokens")]
    short = f"Max-Age={COUNTS_FOR.seconds}"
    return [_secured(c if _is_over(c) else re.sub(r"(?i)max-age=\d+", short, c), is_https) for c in kept]


def _is_over(cookie: str) -> bool:
    return re.search(r"(?i)max-age=0\b", cookie) is not None


def _secured(cookie: str, is_https: bool) -> str:
    return f"{cookie}; Secure" if is_https and "; secure" not in cookie.lower() else cookie
