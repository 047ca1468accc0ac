"""Streamlit's page and files as they are served: compressed once, and what Today needs asked for at once."""

from __future__ import annotations

import gzip
import http.client
import re
from pathlib import Path

import brotli
import pytest

import web
from routes.middleware import page_policy
from routes.streamlit_files import page_for_today, scripts_of_today
from tests.web.server import Browser

STREAMLITS_PAGE = (web.STREAMLITS / "index.html").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r'(?:href|src)="\./([^"]+)"', web.PAGE)))
AHEAD = [name for name in NAMED if name not in STREAMLITS_PAGE]


def asked(port: int, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip, br", **headers})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def test_the_page_asks_at_once_for_what_today_is_made_of() -> None:
    assert {Path(name).name.split(".")[0] for name in AHEAD} >= {"BidiComponent", "Html", "PageLink", "Button"}
    assert "app/static/plus-jakarta-sans-latin.woff2" in AHEAD


@pytest.mark.parametrize("name", NAMED)
def test_every_address_that_the_page_names_is_there(port: int, name: str) -> None:
    response, octets = asked(port, f"/{name}")
    assert response.status == (404 if name.startswith("_stcore/agent") else 200)  # which middleware.py closes
    assert octets
    assert "text/html" not in response.headers["Content-Type"] or response.status == 404  # not Streamlit's page instead


@pytest.mark.parametrize("name", [name for name in NAMED if name.startswith("static/")])
@pytest.mark.parametrize(("taken", "coding"), [("gzip, deflate, br, zstd", "br"), ("gzip;q=1.0, deflate", "gzip")])
def test_a_file_comes_compressed_whole_and_for_good(port: int, name: str, taken: str, coding: str) -> None:
    response, octets = asked(port, f"/{name}", **{"Accept-Encoding": taken})
    plain = (web.STREAMLITS / name).read_bytes()
    is_compressed = response.headers["Content-Encoding"] == coding
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress}[coding]
    assert (unpacked(octets) if is_compressed else octets) == plain
    assert is_compressed or name.endswith(".woff2") or len(plain) <= 1000
    assert {"immutable", "public"} < set(response.headers["Cache-Control"].split(", "))
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Content-Security-Policy"] == page_policy(web.PAGE + web.FIRST_PAINT)


def test_the_page_is_the_same_for_everybody_and_asked_for_anew(port: int) -> None:
    pages = [asked(port, "/", Cookie=cookie) for cookie in ("", "xp=somebody")]
    assert [gzip.decompress(octets).decode() for _response, octets in pages] == [web.PAGE, web.PAGE]
    assert {response.headers["Cache-Control"] for response, _octets in pages} == {"no-cache"}
    assert {response.headers["Set-Cookie"] for response, _octets in pages} == {None}


def test_whoever_takes_nothing_compressed_or_wants_a_piece_is_answered_by_streamlit(server: Browser) -> None:
    script = f"/{scripts_of_today(web.STREAMLITS)[0]}"
    plain = (web.STREAMLITS / script[1:]).read_text(encoding="utf-8")
    assert server.get(script).text == plain
    piece = server.get(script, {"Accept-Encoding": "gzip", "Range": "bytes=0-9"})
    assert (piece.status, piece.text) == (206, plain[:10])


def test_a_page_without_a_list_of_its_files_stays_as_it_is_but_for_the_font(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(STREAMLITS_PAGE, encoding="utf-8")
    page = page_for_today(tmp_path)
    assert page_policy(page) == page_policy(STREAMLITS_PAGE)
    assert re.findall(r"<script.*?</script>", page) == re.findall(r"<script.*?</script>", STREAMLITS_PAGE)
    assert page.count("modulepreload") == STREAMLITS_PAGE.count("modulepreload")
