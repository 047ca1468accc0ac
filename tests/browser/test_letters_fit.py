"""Every kind of letter fits a phone and a thumb, also with twelve habits that have the longest names."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.mail.test_wire import long_names
from tests.wire_letters import every_kind
from tests.wire_lint import Mail

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 640)
THUMB = 44  # pixels
TOO_SMALL = f"""() => [...document.querySelectorAll('a')].filter(e => e.getBoundingClientRect().height < {THUMB})
                .map(e => e.textContent)"""


@pytest.mark.parametrize("width", WIDTHS)
def test_every_letter_fits_a_phone_and_a_thumb(chromium: Browser, tmp_path: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 800})
    letters = [*every_kind().items(), ("twelve long names", long_names(tmp_path, "W"))]
    for name, (at, raw) in letters:
        page.set_content(Mail(raw, at).html)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(TOO_SMALL) == [], name
    page.close()
