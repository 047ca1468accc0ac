"""What is measured of a page as it stands: axe's rules, what is wider than the screen, cut off or written over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# axe looks at the page as it was when it began: of a link that is drawn anew meanwhile it no longer knows that it comes
# after the skip link, and calls that one lost. What is wrong is still there when it is looked at again.
RUN_AXE = """async (options) => {
  for (let left = 4; ; left -= 1) {
    const { violations } = await axe.run(options);
    if (!violations.length || !left) return violations;
    await new Promise((done) => { setTimeout(done, 500); });
  }
}"""
STILL = "*, *::before, *::after { transition: none !important; animation-duration: 0s !important }"  # a sheet of style

UNREADABLE = Path(__file__).with_name("unreadable.js").read_text(encoding="utf-8")


def unreadable(page: Page) -> list[str]:
    """What cannot be read as the page stands, a sentence each."""
    return [str(one) for one in page.evaluate(UNREADABLE)]


def violations(page: Page, *rules: str) -> list[str]:
    """axe's violations, one line for each part of the page; of these rules alone where some are named."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    if not page.evaluate("() => 'axe' in window"):  # half a megabyte: once for a page, not for each of its states
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN_AXE, options)
    return [f"{one['id']}: {node['html'][:160]} {_why(node)}" for one in found for node in one["nodes"]]


def _why(node: dict[str, Any]) -> str:
    return next((check["message"] for check in node["any"] + node["all"] + node["none"]), "")
