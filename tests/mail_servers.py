"""Mail servers on loopback: a real one, and one that fails on purpose at a chosen step."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Mailbox:
    """What a server has taken: recipient and the bytes of each letter."""

    port: int
    letters: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        assert isinstance(envelope.original_content, bytes)
        self.letters.append((envelope.rcpt_tos[0], envelope.original_content))
        return "250 queued as 1"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A real SMTP server that takes everything."""
    mailbox = Mailbox(free_port())
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


# step at which it fails -> what it does there: a reply, "drop" the connection, or "hang" until it is closed
Script = dict[str, str]


class _Failing(socketserver.StreamRequestHandler):
    """Speaks enough SMTP to reach each step; the script of its server says where it fails."""

    server: FailingServer

    def handle(self) -> None:
        self.server.connections += 1
        if not self._say("banner", "220 ready"):
            return
        while line := self.rfile.readline():
            verb = line[:4].strip().upper().decode("ascii", "replace")
            if verb in ("EHLO", "HELO"):
                if not self._say("ehlo", "250 hello"):
                    return
            elif verb == "DATA":
                if not self._say("data", "354 go on"):
                    return
                if "data" not in self.server.script and not self._take_body():
                    return
            elif not self._say(verb.lower(), "250 ok"):
                return

    def _take_body(self) -> bool:
        body = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            body += line
        if line and not self.server.script.get("dot", "").startswith(("4", "5")):
            self.server.accepted.append(body)
        return bool(line) and self._say("dot", "250 queued")

    def _say(self, step: str, usual: str) -> bool:
        said = self.server.script.get(step, usual)
        if step in self.server.script and self.server.script_once:
            self.server.script.clear()
        if said == "hang":
            self.rfile.read()
        if said in ("drop", "hang"):
            return False
        self.wfile.write(said.encode() + b"\r\n")
        return True


class FailingServer(socketserver.ThreadingTCPServer):
    """A server that fails at the steps of its script; `accepted` holds what it has taken all the same."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        self.script = script
        self.script_once = False
        self.connections = 0
        self.accepted: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Failing)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


@contextmanager
def failing_server(**script: str) -> Iterator[FailingServer]:
    """A server that fails as its script says, for example `rcpt="550 no such person"` or `dot="drop"`."""
    with FailingServer(script) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
