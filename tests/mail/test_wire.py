"""Every kind of letter keeps every rule of the wire, and every rule finds the letter that breaks it."""

from __future__ import annotations

import binascii
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.models import Habit
from core.steps import moment_of
from daily_digest import slot_on
from tests.people import daily, example_runner, example_student, nth_day, tick
from tests.wire_letters import Sent, every_kind, outbox_of, send
from tests.wire_lint import RULES, Mail, faults

AT, LETTER = every_kind()["digest-7 ana-runner"]
TOKEN = re.search(rb"List-Unsubscribe: <(\S+)>", LETTER)
assert TOKEN


@pytest.mark.parametrize("name", every_kind())
def test_every_letter_keeps_every_rule(name: str) -> None:
    at, raw = every_kind()[name]
    assert faults(raw, at) == []


def test_the_letters_are_of_every_kind_and_no_two_have_one_name() -> None:
    mails = [Mail(raw, at) for at, raw in every_kind().values()]
    assert Counter(mail.get("X-XP-Kind") for mail in mails) == {"digest": 9, "drip": 25, "comeback": 7}
    assert any("Yes, this is my address" in mail.text for mail in mails)
    assert any("Perfect Day" in mail.get("Subject") for mail in mails)
    assert {"Yesterday's Wins" in mail.text for mail in mails} == {True, False}
    assert len({mail.get("Message-ID") for mail in mails}) == len(mails)


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    """The letter with other bytes, which are there to be replaced."""

    def mutate(raw: bytes) -> bytes:
        changed = raw.replace(old.encode(), new.encode(), 1)
        assert changed != raw, old
        return changed

    return mutate


def rewritten(part: int, pattern: str, new: str, most: int = 1) -> Callable[[bytes], bytes]:
    """The letter with other words in its text (part 1) or its HTML (part 2)."""

    def mutate(raw: bytes) -> bytes:
        boundary = re.search(rb'boundary="(\S+)"', raw)
        assert boundary
        pieces = raw.split(b"--" + boundary[1])
        head, _, body = pieces[part].partition(b"\r\n\r\n")
        said = binascii.a2b_qp(body).decode()
        changed = re.sub(pattern, new, said, count=most)
        assert changed != said, pattern
        encoded = re.sub(rb"\r?\n", b"\r\n", binascii.b2a_qp(changed.encode(), istext=True))
        pieces[part] = head + b"\r\n\r\n" + encoded + b"\r\n"
        return (b"--" + boundary[1]).join(pieces)

    return mutate


def in_text(pattern: str, new: str, most: int = 1) -> Callable[[bytes], bytes]:
    return rewritten(1, pattern, new, most)


def in_html(pattern: str, new: str, most: int = 1) -> Callable[[bytes], bytes]:
    return rewritten(2, pattern, new, most)


LINK = TOKEN[1].decode()
BROKEN: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("lines end with CRLF", replaced("\r\nTo:", "\nTo:")),
    ("lines are below 998 octets", replaced("\r\nTo:", f"\r\n {'x' * 998}\r\nTo:")),
    ("headers are ASCII", replaced("To: Ana", "To: Aña")),
    ("the body is ASCII too", replaced("=E2=9C=85", "✅")),
    ("each header once", replaced("\r\nTo:", "\r\nTo: eve@example.org\r\nTo:")),
    ("each header once", replaced("Feedback-ID", "X-Feedback-ID")),
    ("no header but the known", replaced("\r\nTo:", "\r\nBcc: eve@example.org\r\nTo:")),
    ("encoded words fit", replaced("Subject: =?utf-8?b?", f"Subject: =?utf-8?b?{'x' * 70}")),
    ("one sender", replaced("<coach@example.org>", "<coach@example.org>, <b@example.org>")),
    ("one recipient", replaced("<ana-runner@example.org>", "<ana-runner@example.org>, <b@example.org>")),
    ("dated now", replaced(" Nov 2026", " Nov 2025")),
    ("a Message-ID of the sender's domain", replaced("@example.org>\r\nList-Id", "@localhost>\r\nList-Id")),
    ("MIME 1.0", replaced("MIME-Version: 1.0", "MIME-Version: 1.1")),
    ("text first, then HTML, as alternatives", replaced("multipart/alternative", "multipart/mixed")),
    ("text first, then HTML, as alternatives", replaced("text/html", "text/plain")),
    ("UTF-8 in quoted-printable", replaced('charset="utf-8"', 'charset="latin-1"')),
    ("List-Unsubscribe on one line and not encoded", replaced(f"<{LINK}", f"<{LINK[:30]}\r\n {LINK[30:]}")),
    ("List-Unsubscribe on one line and not encoded", replaced(f"<{LINK}>", f"=?utf-8?q?{LINK}?=")),
    ("List-Unsubscribe is one https link", replaced(f"<{LINK}>", f"<{LINK}>, <{LINK}>")),
    ("List-Unsubscribe is one https link", replaced("<https://", "<http://")),
    ("one click unsubscribes", replaced("=One-Click", "=Two-Click")),
    ("its token cannot be guessed", replaced(f"<{LINK}", "<https://xp.example.org/l/ana")),
    ("the address stands in no link", replaced(f"<{LINK}", f"<{LINK}?ana-runner%40example.org")),
    ("a List-Id", replaced("<digest.xp", "<digest@xp")),
    ("sent by a program", replaced("auto-generated", "no")),
    ("a Feedback-ID", replaced(":xptracker", ":xp")),
    ("a subject of one line", lambda raw: re.sub(rb"Subject: .*\r\n( .*\r\n)*", b"Subject: Hi\r\n", raw)),
    ("no pretended reply", lambda raw: re.sub(rb"Subject: .*\r\n( .*\r\n)*", b"Subject: Re: Daily Digest\r\n", raw)),
    ("a text to read", in_text("(?s).*", "Daily run.\n")),
    ("a text to read", in_text("Daily run", "<b>Daily run</b>")),
    ("no debris", in_text("Daily run", "{{ habit }}")),
    ("no debris", in_html(">Daily run<", ">None<")),
    ("nothing that acts or comes from elsewhere", in_html("</body>", '<img src="https://example.org/1.gif"></body>')),
    ("nothing that acts or comes from elsewhere", in_html("<body", '<body onload="x()"')),
    ("nothing that acts or comes from elsewhere", in_html("</style>", "p{background:url(//example.org)}</style>")),
    ("links are https", in_html('href="https:', 'href="http:')),
    ("links are https", in_text("https:", "http:")),
    ("a language", in_html("<html lang=", "<html x=")),
    ("a title", in_html("<title>", "<title>x")),
    ("a preheader of its own", in_html('(?s)(line-height:1px">).*?</div>', r"\1Hi</div>")),
    ("dark mode", in_html("prefers-color-scheme:dark", "print")),
    ("made for a phone", in_html('width="30"', 'width="600"')),
    ("made for a phone", in_html("max-width:600px", "width:600px")),
    ("styles stand in the tags", in_html(" style=", " x=", most=0)),
    ("unsubscribe in sight, in both parts", in_text("Unsubscribe", "Leave")),
    ("unsubscribe in sight, in both parts", in_html(re.escape(LINK), "https://xp.example.org/")),
    ("an address to write to, in both parts", in_html("123 Example Street, 1000-001", "")),
    ("HTML under 80 KB", in_html("</body>", f"{'x' * 80_000}</body>")),
]


@pytest.mark.parametrize(("rule", "mutate"), BROKEN, ids=[f"{n} {rule}" for n, (rule, _) in enumerate(BROKEN)])
def test_every_rule_finds_the_letter_that_breaks_it(rule: str, mutate: Callable[[bytes], bytes]) -> None:
    assert rule in faults(mutate(LETTER), AT)


def test_no_rule_goes_untried() -> None:
    assert {rule for rule, _ in BROKEN} == RULES.keys()
    assert "dated now" in faults(LETTER, AT + timedelta(seconds=1))


def test_the_same_letter_has_the_same_bytes_whoever_writes_it(tmp_path: Path) -> None:
    user = example_runner()
    wrote = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret.key").write_text("0" * 64)
        with outbox_of(tmp_path / name, user) as post:
            wrote.append(send(post, "drip", user, moment_of(user, 0)))
    assert wrote[0] == wrote[1] != []


def test_one_click_is_offered_on_https_alone(tmp_path: Path) -> None:
    user = example_runner()
    with outbox_of(tmp_path, user, base_url="http://localhost:8501") as post:
        ((at, raw),) = send(post, "drip", user, moment_of(user, 0))
    assert set(faults(raw, at)) == {
        *("each header once", "one click unsubscribes", "List-Unsubscribe is one https link", "links are https")
    }
    assert b"List-Unsubscribe-Post" not in raw


def with_habits(*names: str) -> list[Habit]:
    born = example_student().created_at.date()
    return [daily(f"habit {n}", born).model_copy(update={"name": name}) for n, name in enumerate(names)]


def long_names(folder: Path, sign: str) -> Sent:
    """A digest about twelve habits with names of 200 characters, half of them done every day."""
    user = example_student()
    user.completions.clear()
    user.habits = with_habits(*(f"{n} {sign * 200}"[:200] for n in range(12)))
    for n in range(0, 12, 2):
        tick(user, f"habit-{n}", range(25), lambda day: user.created_at.time())
    with outbox_of(folder, user) as post:
        ((at, raw),) = send(post, "digest", user, slot_on(user, nth_day(user, 24)).at)
    assert all(habit.name in Mail(raw, at).text for habit in user.habits)
    return at, raw


@pytest.mark.parametrize("sign", ["&", "🧗🏽‍♀️", "ي", "W"])
def test_twelve_habits_with_the_longest_names_keep_every_rule(tmp_path: Path, sign: str) -> None:
    at, raw = long_names(tmp_path, sign)
    assert faults(raw, at) == []


def test_a_share_is_drawn_as_long_as_it_is() -> None:
    at, raw = every_kind()["drip-30 mia-meditator"]
    bar = r'>([^<]+)</td>\s*<td[^>]*>(\d+) of (\d+)</td>.*?width="(\d+)%" style="border-collapse'
    drawn = re.findall(bar, Mail(raw, at).html, re.S)
    assert [label for label, *_ in drawn] == ["Meditation", "Walk"]
    assert all(round(100 * int(done) / int(of)) == int(width) for _, done, of, width in drawn)
