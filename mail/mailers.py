"""The ways out for letters: what each promises, the outbox, and whose trouble it is when one does not go."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Literal, Protocol

from store.journal import sync_folder

REFUSALS_MOST = 3  # from so many in a row on, it is the server's trouble and nobody's address

# How a hand-over ended. `sent`; `unknown`: cut off after the final dot; `retry`: nothing was delivered; `letter`: this
# letter is refused for good; `address`: there is no such mailbox; `server`: it takes nothing from us now.
End = Literal["sent", "unknown", "retry", "letter", "address", "server"]


@dataclass(frozen=True)
class Outcome:
    """How a hand-over ended, with the server's own words; `is_refusal` when it answered with a no for good."""

    end: End
    detail: str = ""
    is_refusal: bool = False


class Mailer(Protocol):
    """A way out for letters."""

    via: str
    lanes: int

    def hand_over(self, raw: bytes, to: str, file_name: str, before_dot: Callable[[], None]) -> Outcome:
        """Deliver one message. `before_dot` must return before it can have been delivered; what it raises goes on."""

    def went(self, file_name: str) -> bool | None:
        """Whether a letter whose hand-over was cut off has gone; None when nobody can know."""

    def rest(self) -> None:
        """Nothing more to hand over for now."""


class Outbox:
    """Letters as files, byte for byte as on the wire; the file itself settles whether a letter went."""

    via = "outbox"
    lanes = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def hand_over(self, raw: bytes, to: str, file_name: str, before_dot: Callable[[], None]) -> Outcome:
        temporary = self._folder / f".{secrets.token_hex(8)}"
        try:
            with temporary.open("xb") as handle:
                handle.write(raw)
                handle.flush()
                os.fsync(handle.fileno())
            before_dot()
            os.link(temporary, self._folder / file_name)
            sync_folder(self._folder)
        except FileExistsError:
            return Outcome("sent", "it was there already")
        except OSError as error:
            return Outcome("retry", f"outbox: {error.strerror}")
        finally:
            temporary.unlink(missing_ok=True)
        return Outcome("sent", file_name)

    def went(self, file_name: str) -> bool | None:
        return (self._folder / file_name).exists()

    def rest(self) -> None:
        pass


ServerState = Literal["ok", "refused", "unreachable"]


class ServerWatch:
    """How the mail server has answered lately; ends a run when it takes nothing. Shared by the lanes of a process."""

    def __init__(self) -> None:
        self.state: ServerState = "ok"
        self.since: datetime | None = None
        self.is_stopped = self._is_over = False
        self._refused: list[str] = []
        self._blamed: list[str] = []
        self._lock = Lock()

    def begin(self) -> None:
        """A new run may try the server once more."""
        self.is_stopped = self._is_over

    def end(self) -> None:
        """No run begins any letter from now on."""
        self._is_over = self.is_stopped = True

    def note(self, user_id: str, outcome: Outcome, now: datetime) -> list[str]:
        """Take in how one letter ended; answers whose addresses were blamed for what is the server's trouble."""
        with self._lock:
            if outcome.end == "sent":
                self._to("ok", now)
                self._refused, self._blamed = [], []
                return []
            if outcome.is_refusal and user_id not in self._refused:
                self._refused.append(user_id)
                self._blamed += [user_id] if outcome.end == "address" else []
            if outcome.end == "server" or len(self._refused) >= REFUSALS_MOST:
                self._to("refused" if outcome.is_refusal else "unreachable", now)
                self.is_stopped = True
            if len(self._refused) < REFUSALS_MOST:
                return []
            blamed, self._blamed = self._blamed, []
            return blamed

    def _to(self, state: ServerState, now: datetime) -> None:
        if state != self.state:
            self.state, self.since = state, now
