"""SpamAssassin, with Debian's rules and no network, finds nothing in any letter."""

from __future__ import annotations

import re
import shutil
import subprocess
from email.utils import format_datetime
from pathlib import Path

import pytest

from mail.dkim_signer import sign
from tests.dkim_keys import SELECTOR, signing_key
from tests.wire_letters import Sent, account_kinds, every_kind

pytestmark = pytest.mark.system

MOST = 0.5  # points of a rule; a letter is spam from 5
ADDRESS = "192.0.43.8"  # of a real network: those kept for examples have a rule of their own
OPTIONS = ("--local", "--mbox", "--cf=report_safe 0", "--cf=add_header all Rules _TESTSSCORES(,)_")
# What SpamAssassin puts before a letter about a rule of no worth, so that nobody takes an empty answer for a good one.
ALWAYS = "HTML_MESSAGE"


def arrived(sent: Sent) -> bytes:
    """A letter as its receiver's server keeps it: signed, and with what that server says about its way."""
    at, raw = sent
    trace = (
        "Return-Path: <coach@example.org>\n"
        f"Received: from mail.example.org (mail.example.org [{ADDRESS}])\n"
        f"\tby mx.example.net (Postfix) with ESMTPS id 4XyZ12AbCdE for <ana@example.net>; {format_datetime(at)}\n"
    )
    return trace.encode() + sign(raw, signing_key(), selector=SELECTOR, domain="example.org").replace(b"\r\n", b"\n")


def judged(letters: list[bytes], folder: Path) -> dict[str, dict[str, float]]:
    """The rules that fired and their points, by Message-ID."""
    mailbox = folder / "letters"
    mailbox.write_bytes(b"".join(b"From coach@example.org Sun Nov  8 20:00:00 2026\n" + raw + b"\n" for raw in letters))
    done = subprocess.run(
        ["spamassassin", *OPTIONS, str(mailbox)],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    heads = [one.partition("\n\n")[0] for one in re.split(r"(?m)^From coach@example\.org .*\n", done.stdout)[1:]]
    return {_header(head, "Message-ID"): _points(_header(head, "X-Spam-Rules")) for head in heads}


def _header(head: str, name: str) -> str:
    found = re.search(rf"(?m)^{name}: (.*(?:\n[ \t].*)*)", head)
    assert found, head
    return re.sub(r"\s+", "", found[1])


def _points(rules: str) -> dict[str, float]:
    return {name: float(points) for name, _, points in (rule.partition("=") for rule in rules.split(","))}


@pytest.mark.parametrize("locale", ["en", "de_DE"])
def test_no_rule_is_above_half_a_point_in_any_letter(locale: str, tmp_path: Path) -> None:
    assert shutil.which("spamassassin"), "SpamAssassin is missing; on Debian: apt install spamassassin"
    letters = [*every_kind(locale).values(), *account_kinds(locale).values()]
    found = judged([arrived(sent) for sent in letters], tmp_path)
    assert len(found) == len(letters)
    assert all(ALWAYS in rules for rules in found.values())
    assert not {name: points for rules in found.values() for name, points in rules.items() if points > MOST}


def test_what_spammers_do_is_found_so_the_judge_is_awake(tmp_path: Path) -> None:
    at, raw = every_kind()["digest-7 ana-runner"]
    hidden = raw.replace(b"</body>", b'<p style=3D"color:#ffffff;background-color:#ffffff">hidden words</p></body>')
    (rules,) = judged([arrived((at, hidden))], tmp_path).values()
    assert rules["HTML_FONT_LOW_CONTRAST"] > MOST
