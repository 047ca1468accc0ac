"""A mail server as a way out for letters: spoken to step by step, over connections that are kept."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from smtplib import quoteaddr

from mail.mailers import End, Outcome
from settings import Settings
from store.lanes import waiting

COMMAND_SECONDS = 60
DOT_SECONDS = 600  # RFC 5321 4.5.3.2.6: a shorter wait after the final dot makes duplicates
LETTERS_A_CONNECTION = 100  # then a new one: servers limit how many they take over one
LANES = 4  # letters on their way at once: more wait less for a far server, and servers limit the connections
POLICY = re.compile(r"^\d{3}[ -]5\.7\.")  # RFC 3463: about who we are, not about who is written to

# What is said before a letter, and the answers that let it go on.
STEPS: tuple[tuple[str, tuple[int, ...]], ...] = (("mail", (250,)), ("rcpt", (250, 251)), ("data", (354,)))


class SmtpServer:
    """A mail server, spoken to step by step, so that only the moment of the final dot can stay unknown.

    Connections are kept from one letter to the next, one for each lane, until `rest`.
    """

    via = "smtp"
    lanes = LANES

    def __init__(self, settings: Settings, *, dot_seconds: float = DOT_SECONDS) -> None:
        self._settings = settings
        self._dot_seconds = dot_seconds
        self._sender = quoteaddr(settings.mail_from)
        self._kept: list[_Connection] = []

    def hand_over(self, raw: bytes, to: str, file_name: str, before_dot: Callable[[], None]) -> Outcome:
        outcome = None
        if kept := self._a_kept_one():
            outcome = self._over(kept, raw, to, before_dot)
        if outcome is None:  # none was kept, or the server had hung up on it meanwhile
            try:
                with waiting():
                    fresh = _Connection(self._settings, self._name, self._dot_seconds)
            except smtplib.SMTPAuthenticationError as error:
                return Outcome("server", f"sign-in: {_said(error.smtp_code, error.smtp_error)}", is_refusal=True)
            except (OSError, smtplib.SMTPException) as error:
                return Outcome("server", f"connect: {error}", is_refusal=_is_refusal(error))
            outcome = self._over(fresh, raw, to, before_dot)
        return outcome or Outcome("server", "connect: it hangs up at once")

    def went(self, file_name: str) -> bool | None:
        return None

    def rest(self) -> None:
        while kept := self._a_kept_one():
            kept.quit()

    @cached_property
    def _name(self) -> str:
        """How we greet the server; looked up once, for it may ask the network."""
        return socket.getfqdn()

    def _a_kept_one(self) -> _Connection | None:
        try:
            return self._kept.pop()
        except IndexError:
            return None

    def _over(self, connection: _Connection, raw: bytes, to: str, before_dot: Callable[[], None]) -> Outcome | None:
        """Hand over on one connection and keep it if it is sound; None when it was dead before anything was said."""
        try:
            outcome = connection.transfer(self._sender, raw, to, before_dot)
        except BaseException:
            connection.close()
            raise
        if connection.is_sound and connection.letters < LETTERS_A_CONNECTION:
            self._kept.append(connection)
        else:
            connection.close()
        return outcome


class _Connection:
    """One signed-in connection to the mail server."""

    def __init__(self, settings: Settings, name: str, dot_seconds: float) -> None:
        self._dot_seconds = dot_seconds
        context = ssl.create_default_context() if settings.smtp_security != "none" else None
        where = (settings.smtp_host, settings.smtp_port, name)
        if settings.smtp_security == "tls":
            self._smtp: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=COMMAND_SECONDS, context=context)
        else:
            self._smtp = smtplib.SMTP(*where, timeout=COMMAND_SECONDS)
        self.letters = 0
        self.is_sound = False
        try:
            if settings.smtp_security == "starttls":
                self._smtp.starttls(context=context)
            self._smtp.ehlo_or_helo_if_needed()
            if settings.smtp_username:
                self._smtp.login(settings.smtp_username, settings.smtp_password)
        except BaseException:
            self.close()
            raise
        # The last octets of a letter would wait for the server's acknowledgement otherwise: 40 ms a letter.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def _socket(self) -> socket.socket:
        assert self._smtp.sock is not None
        return self._smtp.sock

    def transfer(self, sender: str, raw: bytes, to: str, before_dot: Callable[[], None]) -> Outcome | None:
        """Hand over one message; None when a connection that was kept turns out to be dead.

        RFC 5321 4.5.3.2.6 and RFC 1047: between the final dot and its answer nobody can know.
        """
        self.is_sound = False
        step = "mail"
        answers = self._answers(f"MAIL FROM:{sender}", f"RCPT TO:<{to}>", "DATA")
        body = _with_doubled_dots(raw)
        try:
            with waiting():
                for n, (step, expected) in enumerate(STEPS):
                    code, reply = next(answers)
                    if code not in expected:
                        is_weary = code == 421 and step == "mail" and self.letters > 0  # kept too long for its liking
                        unread = len(STEPS) - 1 - n if self._takes_all_at_once else 0
                        return None if is_weary else self._refused(step, code, reply, unread)
                step = "body"
                self._smtp.send(body)
        except (OSError, smtplib.SMTPException) as error:
            is_stale = step == "mail" and self.letters > 0
            return None if is_stale else Outcome("retry", f"{step}: {error}")
        try:
            before_dot()
        except OSError as error:
            return Outcome("retry", f"the mark before the end could not be kept: {error.strerror}")
        return self._finish()

    @property
    def _takes_all_at_once(self) -> bool:
        """Whether the server reads commands that come before it has answered the ones before (RFC 2920)."""
        return self._smtp.has_extn("pipelining")

    def _answers(self, *commands: str) -> Iterator[tuple[int, bytes]]:
        """The answer to each command, which are said all at once where the server takes that."""
        lines = [f"{command}\r\n" for command in commands]
        if self._takes_all_at_once:
            self._smtp.send("".join(lines))
        for line in lines:
            if not self._takes_all_at_once:
                self._smtp.send(line)
            yield self._smtp.getreply()

    def _finish(self) -> Outcome:
        try:
            self._socket.settimeout(self._dot_seconds)
            with waiting():
                self._smtp.send(b".\r\n")
                code, reply = self._smtp.getreply()
            self._socket.settimeout(COMMAND_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("unknown", f"dot: {error}")
        if code // 100 in (4, 5):
            return self._refused("dot", code, reply)
        if code // 100 != 2:  # by the first digit (RFC 5321 4.2); what is no reply may be a yes all the same
            return Outcome("unknown", f"dot: {_said(code, reply)}")
        self.letters += 1
        self.is_sound = True
        return Outcome("sent", _said(code, reply))

    def _refused(self, step: str, code: int, reply: bytes, unread: int = 0) -> Outcome:
        """What a no means; `unread` answers to later commands are still to come.

        A server that asks for the letter all the same (RFC 2920 3.1) is left waiting: without a final dot none goes.
        """
        said = _said(code, reply)
        with suppress(OSError, smtplib.SMTPException), waiting():
            if code != 421 and step != "data" and all(self._smtp.getreply()[0] != 354 for _ in range(unread)):
                self.is_sound = self._smtp.rset()[0] == 250
        return Outcome(_end_of_refusal(step, code, said), f"{step}: {said}", is_refusal=code >= 500)

    def quit(self) -> None:
        """Say goodbye."""
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.quit()
        self.close()

    def close(self) -> None:
        self._smtp.close()


def _end_of_refusal(step: str, code: int, said: str) -> End:
    """What a reply means (RFC 5321 4.2, 4.5.3.1.10: 552 to a recipient is a full mailbox and passes)."""
    if code == 421 or (step == "mail" and code >= 500):
        return "server"
    if code < 500 or (step == "rcpt" and code == 552):
        return "retry"
    if step != "rcpt":
        return "letter"
    return "server" if POLICY.match(said) else "address"


def _is_refusal(error: Exception) -> bool:
    """Whether the server answered with a no for good, rather than not at all."""
    return (isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500) or isinstance(
        error, smtplib.SMTPNotSupportedError
    )


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(text.split())}"


def _with_doubled_dots(raw: bytes) -> bytes:
    doubled = raw.replace(b"\r\n.", b"\r\n..") if b"\r\n." in raw else raw  # to look is eight times as fast
    doubled = b"." + doubled if doubled.startswith(b".") else doubled
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"
