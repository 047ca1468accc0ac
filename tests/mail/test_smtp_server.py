"""A mail server step by step: what a reply means, and connections that are kept."""

import pytest

from mail.smtp_server import LETTERS_A_CONNECTION, SmtpServer
from settings import Settings
from tests.mail_servers import failing_server, free_port, mail_server

RAW = b"Subject: seven\r\n\r\n.a line that begins with a dot\r\nand one that does not\r\n"


def server_at(port: int, *, dot_seconds: float = 10) -> SmtpServer:
    settings = Settings.model_validate(
        {"mail_from": "coach@example.org", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    )
    return SmtpServer(settings, dot_seconds=dot_seconds)


def hand_over(mailer: SmtpServer) -> str:
    return mailer.hand_over(RAW, "ana@example.org", "a.eml", lambda: None).end


ALL_AT_ONCE = "250-hello\r\n250 PIPELINING"  # RFC 2920


@pytest.mark.parametrize("hello", ["250 hello", ALL_AT_ONCE], ids=["singly", "all at once"])
@pytest.mark.parametrize(
    ("step", "reply", "end", "is_refusal"),
    [
        ("banner", "drop", "server", False),
        ("banner", "421 too busy", "server", False),
        ("banner", "554 not you", "server", True),
        ("ehlo", "drop", "server", False),
        ("mail", "421 too busy", "server", False),
        ("mail", "451 later", "retry", False),
        ("mail", "550 not you", "server", True),
        ("mail", "drop", "retry", False),
        ("rcpt", "450 greylisted", "retry", False),
        ("rcpt", "550 5.1.1 no such person", "address", True),
        ("rcpt", "550 no such person", "address", True),
        ("rcpt", "550 5.7.1 relaying denied", "server", True),
        ("rcpt", "552 mailbox full", "retry", True),
        ("data", "451 not now", "retry", False),
        ("data", "554 no", "letter", True),
        ("data", "drop", "retry", False),
        ("dot", "452 no room", "retry", False),
        ("dot", "421 shutting down", "server", False),
        ("dot", "554 spam", "letter", True),
        ("dot", "251 it goes on from here", "sent", False),
        ("dot", "354 and now?", "unknown", False),
        ("dot", "queued", "unknown", False),
        ("dot", "drop", "unknown", False),
        ("dot", "hang", "unknown", False),
    ],
)
def test_what_a_failure_at_each_step_means(step, reply, end, is_refusal, hello):
    with failing_server(**{"ehlo": hello, step: reply}) as server:
        mailer = server_at(server.port, dot_seconds=0.2)
        outcome = mailer.hand_over(RAW, "ana@example.org", "a.eml", lambda: None)
        mailer.rest()
    assert (outcome.end, outcome.is_refusal) == (end, is_refusal), outcome.detail
    assert len(server.accepted) == (end in ("sent", "unknown"))


def test_a_server_that_is_not_there_is_the_servers_trouble():
    assert hand_over(server_at(free_port())) == "server"


@pytest.mark.parametrize("hello", ["250 hello", ALL_AT_ONCE])
def test_one_connection_carries_many_letters_and_not_too_many(hello):
    with failing_server(ehlo=hello) as server:
        mailer = server_at(server.port)
        assert {hand_over(mailer) for _ in range(LETTERS_A_CONNECTION + 1)} == {"sent"}
        mailer.rest()
    assert server.connections == 2
    assert server.accepted == [RAW.replace(b"\r\n.", b"\r\n..")] * (LETTERS_A_CONNECTION + 1)


@pytest.mark.parametrize("hello", ["250 hello", ALL_AT_ONCE])
@pytest.mark.parametrize("goodbye", ["drop", "421 you were idle for too long"])
def test_a_kept_connection_that_the_server_gave_up_is_replaced_before_anything_is_said(goodbye, hello):
    with failing_server(ehlo=hello) as server:
        mailer = server_at(server.port)
        assert hand_over(mailer) == "sent"
        server.script["mail"] = goodbye
        server.script_once = True
        assert hand_over(mailer) == "sent"
        mailer.rest()
    assert (server.connections, len(server.accepted)) == (2, 2)


@pytest.mark.parametrize(
    "script", [{}, {"ehlo": ALL_AT_ONCE, "data": "503 to whom?"}], ids=["one by one", "all at once"]
)
def test_after_a_refusal_of_one_address_the_connection_goes_on(script):
    with failing_server(rcpt="550 5.1.1 no such person", **script) as server:
        mailer = server_at(server.port)
        assert hand_over(mailer) == "address"
        server.script.clear()
        assert hand_over(mailer) == "sent"
        mailer.rest()
    assert server.connections == 1


def test_a_server_that_asks_for_a_letter_to_nobody_gets_none():
    with failing_server(ehlo=ALL_AT_ONCE, rcpt="550 5.1.1 no such person") as server:
        mailer = server_at(server.port)
        assert [hand_over(mailer), hand_over(mailer)] == ["address", "address"]
        mailer.rest()
    assert (server.connections, server.accepted) == (2, [])


def test_what_the_mark_before_the_end_raises_goes_on_and_nothing_is_delivered():
    def taken_over():
        raise LookupError

    with failing_server() as server, pytest.raises(LookupError):
        server_at(server.port).hand_over(RAW, "ana@example.org", "a.eml", taken_over)
    assert server.accepted == []


def test_a_letter_arrives_as_it_was_handed_over():
    with mail_server() as mailbox:
        mailer = server_at(mailbox.port)
        assert hand_over(mailer) == "sent"
        mailer.rest()
    assert mailbox.letters == [("ana@example.org", RAW)]
