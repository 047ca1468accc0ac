"""Leaving: everything that is kept of a person goes at once, beside schedulers at work; a hash stays in the ledger."""

from __future__ import annotations

import re
import time
from pathlib import Path

from accounts.access import Accounts
from core.models import USER_ID
from mail.post_office import Post, open_post
from settings import Settings
from storage import Store

PATIENCE_SECONDS, LOOK_SECONDS = 5.0, 0.05  # for letters that a scheduler is just putting into the outbox


def leave(store: Store, accounts: Accounts, settings: Settings, user_id: str) -> list[str]:
    """Delete a person: sign-in, sessions, document, letters, what was kept to save work. The ids of their sessions.

    The order is what keeps them gone. First the ledger begins no letter any more, then the document goes, which every
    writer needs; a letter that a scheduler has in hand by then is waited for, and goes with the others.
    """
    with open_post(settings.model_copy(update={"data_dir": store.folder}), to_server=False) as post:
        post.ledger.close_for(user_id)
        store.delete(user_id)
        ended = accounts.forget(user_id)
        waited = 0.0
        while post.ledger.is_at_work(user_id) and waited < PATIENCE_SECONDS:
            time.sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
        _remove_rest(post, user_id)
    return ended


def finish_leaving(store: Store, settings: Settings) -> int:
    """Remove what a leaving that was cut off has left behind; of how many people."""
    with open_post(settings.model_copy(update={"data_dir": store.folder}), to_server=False) as post:
        there, accounts = set(store.user_ids()), Accounts(store, settings)
        found = _names_on_disk(store.folder) | accounts.people()
        left = [name for name in found - there if post.ledger.is_closed(name)]
        for user_id in left:
            accounts.forget(user_id)
            _remove_rest(post, user_id)
    return len(left)


def _remove_rest(post: Post, user_id: str) -> None:
    folder = post.store.folder
    post.ledger.strike_out(user_id)
    for letter in (folder / "outbox").glob(f"{user_id}.*.eml"):
        letter.unlink(missing_ok=True)
    for kept in (folder / "cache").glob(f"*/{user_id}.json"):
        kept.unlink(missing_ok=True)
    (folder / "cache" / "changed.log").unlink(missing_ok=True)  # it names whoever was written; it begins anew


def _names_on_disk(folder: Path) -> set[str]:
    """Whoever something is kept of beside their document."""
    found = {path.name for path in (folder / "ledger").glob("*/")}
    found |= {path.name.partition(".")[0] for path in (folder / "outbox").glob("*.eml")}
    found |= {path.stem for path in (folder / "cache").glob("*/*.json")}
    return {name for name in found if re.fullmatch(USER_ID, name)}
