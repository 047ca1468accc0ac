"""Streamlit's page and its files: compressed once, and what Today needs is asked for at once.

As Streamlit serves them, a browser that comes for the first time learns of some files only when the script has run,
and waits for each while the server compresses it anew.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Mapping
from mimetypes import guess_type
from pathlib import Path
from typing import Any

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FOLDER = "static"  # where each file's name carries a hash of what is in it
FOR_GOOD = "public, immutable, max-age=31536000"  # as Streamlit has it
SMALL = 1000  # octets: not worth compressing
CODINGS: Mapping[str, Callable[[bytes], bytes]] = {  # what a browser takes, the smallest first
    "br": lambda octets: bytes(brotli.compress(octets, quality=9)),  # more takes ten times as long for a twentieth
    "gzip": lambda octets: gzip.compress(octets, mtime=0),
}
# What Today is made of, by the names of the sources in Streamlit's manifest, and the font of .streamlit/config.toml.
PARTS_OF_TODAY = ("BidiComponent", "Html", "PageLink", "Button")
FONT = "app/static/plus-jakarta-sans-latin.woff2"
QUESTIONS = ("_stcore/health", "_stcore/host-config")  # what the page asks before it opens its websocket


class StreamlitFilesMiddleware:
    """Answers for Streamlit's files, each compressed when it is first asked for and then kept.

    Whoever wants a piece of a file, or takes nothing compressed, is answered by Streamlit.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._files = {f"/{path.relative_to(folder).as_posix()}": path for path in (folder / FOLDER).rglob("*.*")}
        self._kept: dict[tuple[str, str], Response] = {}  # by path and coding

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" and scope["method"] == "GET" else ""
        if path in self._files and (coding := _coding_of(Headers(scope=scope))):
            if (path, coding) not in self._kept:
                await run_in_threadpool(self._keep, path, coding)
            await self._kept[path, coding](scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _keep(self, path: str, coding: str) -> None:
        self._kept[path, coding] = _answer(self._files[path].read_bytes(), path, coding)


def _coding_of(headers: Headers) -> str:
    """How whoever asks takes a whole file; empty where they want a piece, or nothing compressed."""
    taken = {name.partition(";")[0].strip() for name in headers.get("accept-encoding", "").split(",")}
    return "" if "range" in headers else next((coding for coding in CODINGS if coding in taken), "")


def _answer(octets: bytes, path: str, coding: str) -> Response:
    headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    small = CODINGS[coding](octets)
    if len(octets) > SMALL and len(small) < len(octets) * 0.9:  # a font is compressed as it is
        octets = small
        headers["Content-Encoding"] = coding
    return Response(octets, headers=headers, media_type=guess_type(path)[0] or "application/octet-stream")


def page_for_today(folder: Path) -> str:
    """Streamlit's page that asks for what Today needs at once, and not for a font that no screen uses."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    page = re.sub(r'<link\s+rel="preload"[^>]*\sas="font"[^>]*>', "", page)
    page = page.replace("<title>Streamlit</title>", "<title>XP Tracker</title>", 1)
    font = f'<link rel="preload" href="./{FONT}" as="font" type="font/woff2" crossorigin />'
    links = [f'<link rel="preload" href="./{question}" as="fetch" crossorigin />' for question in QUESTIONS]
    scripts = [f"./{file}" for file in scripts_of_today(folder)]
    links += [f'<link rel="modulepreload" crossorigin href="{script}">' for script in scripts if script not in page]
    page = page.replace("<script>", f"{font}\n<script>", 1)
    return page.replace("</head>", "\n".join([*links, "</head>"]), 1)


def scripts_of_today(folder: Path) -> list[str]:
    """The scripts of Today's parts and those that they import, by Streamlit's manifest; none where it has none."""
    try:
        manifest: Mapping[str, Mapping[str, Any]] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found: dict[str, None] = {}
    open_ones = [source for source, one in manifest.items() if one.get("name") in PARTS_OF_TODAY]
    while open_ones:
        source = open_ones.pop()
        if source in manifest and source not in found:
            found[source] = None
            open_ones += manifest[source].get("imports", [])
    return [str(manifest[source]["file"]) for source in found]
