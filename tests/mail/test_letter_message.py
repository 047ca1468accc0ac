"""Letters on the wire: what goes in comes back, programs find their headers, and nothing typed adds to a message."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mail import letter_message
from mail.letters import render_digest
from settings import Settings
from tests.letter_samples import FRAME, UNSUBSCRIBE, day_7, every_letter, habit, message

ONE_WIN = render_digest(day_7(wins=[habit("x", 0)], streaks=[]), FRAME)


def parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def recipient(raw: bytes) -> str:
    return shown_name(raw, "To")


def shown_name(raw: bytes, of: str) -> str:
    """The name in To or From, by the decoder that ignores the space between encoded words, as RFC 2047 has it."""
    header = email.message_from_bytes(raw, policy=email.policy.compat32)[of]
    return parseaddr(re.sub(r"\r\n", "", str(header)))[0] if "=?" not in header else _decoded(header)


def _decoded(header: str) -> str:
    return str(make_header(decode_header(header.rpartition("<")[0].strip())))


def part(raw: bytes, kind: str) -> str:
    body = parsed(raw).get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("name", every_letter())
def test_a_message_comes_back_as_it_went_in(name: str) -> None:
    rendered = every_letter()[name]
    raw = message(rendered)
    read = parsed(raw)
    assert read.get_content_type() == "multipart/alternative"
    assert not any(piece.defects for piece in read.walk())
    parts = [
        (p.get_content_type(), p.get_content_charset(), str(p["Content-Transfer-Encoding"])) for p in read.iter_parts()
    ]
    assert parts == [(f"text/{kind}", "utf-8", "quoted-printable") for kind in ("plain", "html")]
    assert part(raw, "plain") == rendered.text
    assert part(raw, "html") == rendered.html
    assert read["Subject"] == rendered.subject
    assert message(rendered) == raw


def test_the_headers_are_those_that_mail_programs_ask_for() -> None:
    raw = message(every_letter()["day 7"])
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    headers = dict(line.split(": ", 1) for line in re.sub(r"\r\n[ \t]", " ", head).split("\r\n"))
    assert len(headers) == head.count("\r\n") - len(re.findall(r"\r\n[ \t]", head)) + 1  # each once
    assert headers["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Id"] == "XP Tracker digest <digest.xp.example.org>"
    assert headers["From"] == "XP Tracker <coach@example.org>"
    assert headers["To"] == "Ana <ana@example.org>"
    assert headers["Date"] == "Sun, 08 Nov 2026 20:00:00 +0000"
    assert headers["Message-ID"] == "<3f9a1c@example.org>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["X-Auto-Response-Suppress"] == "All"
    assert headers["MIME-Version"] == "1.0"
    assert (headers["X-XP-Kind"], headers["X-XP-Day"], headers["X-XP-Covers"]) == ("digest", "7", "2026-11-08")
    assert "ana" not in headers["Feedback-ID"]
    assert 5 <= len(headers["Feedback-ID"].split(":")[-1]) <= 15


def test_long_words_of_another_script_fold_as_they_are_encoded() -> None:
    for typed in ("🔥" * 200, "قراءة " * 33, "x" * 200):
        raw = message(replace(every_letter()["day 7"], subject=typed), to_name=typed)
        head = raw.partition(b"\r\n\r\n")[0]
        assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ \r\n]*\?=", head))  # RFC 2047, section 2
        assert parsed(raw)["Subject"] == recipient(raw) == typed.strip()


def test_one_click_is_offered_on_https_alone() -> None:
    read = parsed(message(every_letter()["day 7"], base="http://localhost:8501"))
    assert "List-Unsubscribe-Post" not in read
    assert str(read["List-Unsubscribe"]).startswith("<http://localhost:8501/l/")


@settings(max_examples=75, deadline=None)
@given(
    st.text(max_size=200) | st.text(alphabet='aé🔥 ,;:"\\@<>()=?_\r\n\x00\x85\u2028\u202eش', max_size=200),
    st.text(max_size=200) | st.sampled_from(["a\r\nBcc: eve@example.org", "a\n\nbody", "\r\n.\r\n", "=?utf-8?q?a?="]),
)
@example("Ana\r\nBcc: eve@example.org", "a\r\nBcc: eve@example.org")
@example('"Ana" <eve@example.org>, \u202e', "=?utf-8?q?a?=")
def test_nothing_typed_can_add_to_a_message(name: str, other: str) -> None:
    facts = day_7(subject=f"Day 7 {other}", wins=[habit(name or "x", 0)], streaks=[])
    rendered = render_digest(facts, FRAME)
    raw = message(rendered, to_name=name)
    read = parsed(raw)
    assert read.keys() == parsed(message(ONE_WIN)).keys()
    assert [mailbox.addr_spec for mailbox in read["To"].addresses] == ["ana@example.org"]
    assert recipient(raw) == letter_message.header_text(name)
    assert read["Subject"] == letter_message.header_text(rendered.subject)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) < 998
    head = raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert part(raw, "plain") == rendered.text
    assert rendered.text.count("\n") == ONE_WIN.text.count("\n")


def test_an_address_or_link_that_fits_no_header_is_refused() -> None:
    rendered = every_letter()["day 7"]
    assert b"To: Ana <ana@xn--bcher-kva.example>\r\n" in message(rendered, to="ana@bücher.example")
    for address in ("", "ana", "ána@example.org", "ana@example.org\r\nBcc: eve@example.org", "ana@"):
        with pytest.raises(ValueError, match=r".+"):
            message(rendered, to=address)
    with pytest.raises(ValueError, match="no link"):
        message(rendered, base="https://xp.example.org/ \r\nBcc: eve@example.org")
    with pytest.raises(ValueError, match="line of List-Unsubscribe"):
        message(rendered, base=f"https://xp.example.org/{'x' * 998}")


PRINTABLE = st.characters(exclude_categories=("C", "Z"))


@settings(max_examples=75)
@given(st.text(PRINTABLE, max_size=100) | st.text(alphabet='aé🔥 ,;:"\\@<>()=?_', max_size=100))
@example('Coach, "XP"')
@example("=?utf-8?q?a?=")
@example("مدرب العادات")
@example("🧘\u200d♀️ Coach")
def test_the_sender_has_whatever_name_the_operator_gave(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    sender = Settings(mail_from=f'"{quoted}" <coach@example.org>').mail_from
    raw = message(every_letter()["day 7"], sender=sender)
    assert [mailbox.addr_spec for mailbox in parsed(raw)["From"].addresses] == ["coach@example.org"]
    assert shown_name(raw, "From") == letter_message.header_text(name)
    assert parsed(raw).keys() == parsed(message(every_letter()["day 7"])).keys()
