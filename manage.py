"""The operator's commands: people in and out, an analysis, a history from another tracker, links that let people in."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pydantic import ValidationError

import coaching_engine
import leaderboard
from accounts.access import Accounts
from accounts.leaving import leave
from accounts.records import AccountError
from command_line import OneLineParser, instant, trouble_with_files
from core.history import as_of
from core.models import User
from core.values import complaint
from importing import history_import
from mail.ledger import restored_at
from mail.links import account_link, sign_in_link
from settings import SettingsError, read_settings
from storage import Store, StoreError, open_store

DATA_ON_STDOUT = ("analyze", "account", "password", "invite")  # where the one line goes to standard error


class RefusedError(ValueError):
    """An input that cannot be used; the message names it and the remedy."""


def load(store: Store, source: str) -> str:
    """People's documents into the store, one a line; all of them or none. Raises RefusedError."""
    with _opened(source, "r") as lines:
        users = [_user_on(line, number, source) for number, line in enumerate(lines, start=1) if line.strip()]
    there, seen = set(store.user_ids()), set[str]()
    for user in users:
        if user.user_id in seen:
            raise RefusedError(f"{source} has {user.user_id!r} twice; take one of the two lines out")
        seen.add(user.user_id)
        if user.user_id in there and store.read(user.user_id).to_json() != user.to_json():
            raise RefusedError(
                f"there is another {user.user_id!r} in {store.folder} already; take that line out,"
                " or load into an empty folder named with XP_DATA_DIR"
            )
    new = [user for user in users if user.user_id not in there]
    made: list[User] = []
    try:
        for user in new:
            store.create(user)
            made.append(user)
            leaderboard.note(store, user)
    except (StoreError, OSError):
        for user in made:
            store.delete(user.user_id)
        raise
    already = len(users) - len(new)
    return f"loaded {_people(len(new))}" + (f"; {already} stood there already, the same" if already else "")


def dump(store: Store, target: str) -> str:
    """Everybody's document, one a line."""
    users = [store.read(user_id) for user_id in store.user_ids()]
    with _opened(target, "w") as out:
        for user in users:
            out.write(json.dumps(user.to_json(), ensure_ascii=False) + "\n")
    return f"dumped {_people(len(users))} to {target}"


def analyze(store: Store, user_ids: Sequence[str], now: datetime) -> str:
    """What the coach finds for each person, one JSON line a person on standard output."""
    for user_id in user_ids:
        found = coaching_engine.analyze(as_of(store.read(user_id), now), now, store=store)
        print(json.dumps({"user_id": user_id, **found}, ensure_ascii=False))
    return f"analysed {_people(len(user_ids))} as of {now.isoformat(timespec='minutes')}"


def import_history(store: Store, user_id: str, paths: Sequence[Path]) -> str:
    """A history from another tracker into a person's document, all of it or nothing."""
    store.read(user_id)
    history = history_import.read_history(paths)
    with store.edit(user_id) as user:
        merged = history_import.merge(user, history)
    for line in history_import.details(merged):
        print(f"  {line}")
    return history_import.summary(merged)


def account(store: Store, user_id: str) -> str:
    """A one-hour sign-in link for a person, on standard output."""
    store.read(user_id)
    print(sign_in_link(read_settings().base_url, store.secret(), user_id))
    return f"this link signs {user_id} in for one hour"


def password(store: Store, user_id: str) -> str:
    """A link by which a person who forgot their password chooses another, on standard output."""
    store.read(user_id)
    accounts = Accounts(store, read_settings())
    stamped = accounts.stamp_of(user_id)
    if stamped is None or not accounts.has_password(user_id):
        raise RefusedError(
            f"{user_id} has no password yet; by the link of `manage.py account {user_id}` they come in and choose one"
        )
    print(account_link(read_settings().base_url, store.secret(), "password", *stamped))
    return f"by this link {user_id} chooses another password, once, within one hour"


def delete(store: Store, user_id: str, *, is_sure: bool) -> str:
    """A person deleted with all that is kept of them, as if they had done it themselves."""
    user = store.read(user_id)
    if not is_sure:
        whose = f"{user.display_name or user_id} ({user.email or 'no address'})"
        raise RefusedError(f"{user_id} is {whose}; to delete record, sign-in and letters for good, add --for-good")
    settings = read_settings()
    leave(store, Accounts(store, settings), settings, user_id)
    return f"deleted {user_id}; copies in backups go when these run out"


def invite(store: Store, email: str) -> str:
    """A link that opens sign-up once, on standard output; with an address, for that address alone."""
    settings = read_settings()
    if settings.signup == "closed":
        raise RefusedError("XP_SIGNUP=closed takes in nobody; set it to invite, restart the app, and ask again")
    try:
        print(Accounts(store, settings).newcomers.invitation(email, secrets.token_hex(16)))
    except AccountError:
        raise RefusedError(f"{email} is no address; write it like ana@example.org, or leave it out") from None
    return f"this link makes one account, {f'for {email}, ' if email else ''}within two weeks"


def note_restored(store: Store) -> str:
    """After a snapshot of the whole disk was put back: what went meanwhile is nowhere written down."""
    restored_at(store.folder / "ledger", now=datetime.now(UTC), is_restored=True)
    return "no letter to a mail server whose time had come by now will be sent any more"


def _user_on(line: str, number: int, source: str) -> User:
    try:
        return User.model_validate_json(line)
    except ValidationError as error:
        where, said = complaint(error)
        raise RefusedError(f"line {number} of {source} is no user document: {where or 'it'}: {said}") from None


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


@contextmanager
def _opened(name: str, mode: str) -> Iterator[IO[str]]:
    """A text file, or the standard streams for `-`; a file is written whole or not at all."""
    if name == "-":
        yield sys.stdin if mode == "r" else sys.stdout
        return
    path = Path(name)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if mode == "w":
            part.touch(mode=0o600)  # people's records are for their owner's eyes
        with (path if mode == "r" else part).open(mode, encoding="utf-8") as file:
            yield file
        if mode == "w":
            part.replace(path)
    except OSError as error:
        verb = "read" if mode == "r" else "written"
        raise RefusedError(f"{name} cannot be {verb} ({error.strerror}); give another path") from None
    except UnicodeDecodeError:
        raise RefusedError(f"{name} is no text in UTF-8; give the file that `manage.py dump` wrote") from None
    finally:
        part.unlink(missing_ok=True)


def _parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="manage.py", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=OneLineParser)
    for name, way, stream in (("load", "in", "input"), ("dump", "out", "output")):
        moved = commands.add_parser(name, help=f"user documents {way}, one a line")
        moved.add_argument("file", metavar="FILE.jsonl", help=f"- for standard {stream}")
    asked = commands.add_parser("analyze", help="what the coach finds, one JSON line a person")
    who = asked.add_mutually_exclusive_group(required=True)
    who.add_argument("user_id", nargs="?", metavar="USER_ID")
    who.add_argument("--all", action="store_true", help="everybody")
    asked.add_argument("--at", type=instant, metavar="ISO", help="as the analysis of that night would find it")
    brought = commands.add_parser("import", help="a history from Loop Habit Tracker (CSV or backup) or Strong (CSV)")
    brought.add_argument("--user", required=True, metavar="USER_ID", help="whose record it joins")
    brought.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a folder, .zip, .db or .csv")
    commands.add_parser("restored", help="a snapshot of the disk was put back: send no letter whose time has come")
    invited = commands.add_parser("invite", help="a link that opens sign-up once, within two weeks")
    invited.add_argument("email", nargs="?", default="", metavar="EMAIL", help="for that address alone")
    for name, said in (
        ("account", "a one-hour sign-in link"),
        ("password", "a link to choose another password, once and within an hour"),
        ("delete", "a person and all that is kept of them"),
    ):
        commands.add_parser(name, help=said).add_argument("user_id", metavar="USER_ID")
    commands.choices["delete"].add_argument("--for-good", action="store_true", help="yes, delete this person")
    return parser


def _run(store: Store, chosen: argparse.Namespace) -> str:
    if chosen.command == "load":
        return load(store, chosen.file)
    if chosen.command == "dump":
        return dump(store, chosen.file)
    if chosen.command == "analyze":
        return analyze(store, store.user_ids() if chosen.all else [chosen.user_id], chosen.at or datetime.now(UTC))
    if chosen.command == "import":
        return import_history(store, chosen.user, chosen.paths)
    if chosen.command == "restored":
        return note_restored(store)
    if chosen.command == "invite":
        return invite(store, chosen.email)
    if chosen.command == "password":
        return password(store, chosen.user_id)
    if chosen.command == "delete":
        return delete(store, chosen.user_id, is_sure=chosen.for_good)
    return account(store, chosen.user_id)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Answers the exit code; what was done is said in one line."""
    chosen = _parser().parse_args(arguments)
    data_on_stdout = chosen.command in DATA_ON_STDOUT or getattr(chosen, "file", "") == "-"
    try:
        said = _run(open_store(read_settings().data_dir), chosen)
    except (RefusedError, history_import.ImportRefused, SettingsError, StoreError) as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(trouble_with_files(error), file=sys.stderr)
        return 2
    print(said, file=sys.stderr if data_on_stdout else sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
