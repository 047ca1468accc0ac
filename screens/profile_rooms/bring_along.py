"""A history from another tracker, brought in by the person: a look at the file first, then one button."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st
from babel import Locale
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.catalogue import _, n_
from core.models import User
from core.wording import locale_of
from importing import history_import
from importing.history_import import HabitCounts, History, ImportRefused, Merged
from screens import wording
from screens.parts import alert, done, esc
from storage import Store

MEGABYTES = 20  # of the files together; ten years of fifty habits are less
UNPACKED_BYTES = 100_000_000  # of an archive, which anybody may send here
FILES = 10
SHOWN = 6  # habits before the rest is folded away
NAME_MOST = 80  # characters of a file's name
SAID = "bring_said"  # in the session: what came of the last import
LOOK = "bring_look"  # in the session: the files that were looked at, and what was found in them
ROUND = "bring_round"  # in the session: which uploader stands here; another one is empty

# Streamlit's field has a name and no role that could bear it: a group can. Its button speaks English to everybody, and
# so does its bubble at a file that it refuses: the sentence below the field is ours. A file that did not arrive can be
# sent again by a press (it is a button then), one that is too large cannot.
_FIELD = """export default ({ data, parentElement }) => {
  const place = parentElement.querySelector('[role=alert]');
  const field = '[data-testid="stFileUploaderDropzone"]';
  const bare = `${field}[role="presentation"]`;
  const say = (one) => { if (one.textContent !== data.choose) one.textContent = data.choose; };
  const named = (words, file) => words.replace('{file}', () => file);
  const refused = (chip) => {
    const file = chip.querySelector('[data-testid=stFileChipName]')?.title ?? '';
    const words = named(chip.getAttribute('role') === 'button' ? data.lost : data.large, file);
    const hidden = document.getElementById(chip.getAttribute('aria-describedby'));
    hidden?.removeAttribute('role');
    if (hidden && hidden.textContent !== words) hidden.textContent = words;
    if (chip.title) chip.title = data.again;
    return words;
  };
  const tell = () => {
    const said = [...document.querySelectorAll('[data-testid=stFileChip][aria-invalid=true]')].map(refused);
    if (said.join() === [...place.children].map((one) => one.textContent).join()) return;
    place.replaceChildren(...said.map((words) => {
      const one = document.createElement('div');
      one.className = 'xp-miss';
      one.textContent = words;
      return one;
    }));
  };
  const mend = () => {
    tell();
    document.querySelectorAll(bare).forEach((one) => one.setAttribute('role', 'group'));
    document.querySelectorAll(`${field} button p`).forEach(say);
    document.querySelectorAll(`${field} :is(input, button[aria-label])`).forEach((one) => {
      const file = one.closest('[data-testid=stFileChip]')?.querySelector('[data-testid=stFileChipName]')?.title;
      one.setAttribute('aria-label', file ? named(data.away, file) : data.choose);
    });
  };
  const watch = new MutationObserver(mend);
  mend();
  watch.observe(document.body, { childList: true, subtree: true });
  return () => watch.disconnect();
}"""

ss = st.session_state
_reading = threading.Lock()  # large tables fill the memory: one at a time


@dataclass(frozen=True)
class Found:
    """One habit of the files: its name, its days, and what is to be said about them."""

    name: str
    days: int
    first: date | None
    last: date | None
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """What the files hold, and what of it would be new to the record."""

    found: tuple[Found, ...]
    remarks: tuple[str, ...]
    merged: tuple[int, int, int, int, int]  # habits new and known, entries new, standing, and differing of these

    @property
    def is_new(self) -> bool:
        """Whether there is anything to bring in."""
        return self.merged[0] + self.merged[2] > 0


def draw_bring_along(store: Store, user: User) -> None:
    """The card: a field for the files, what is in them, and the button that brings it in."""
    with st.container(border=True, key="bring_along", gap="small"):
        what = _(
            "Loop Habit Tracker’s export (its .zip, or its backup .db) or Strong’s CSV export. First you see what is "
            "in the file. Nothing is brought in before you say so, and nothing that stands here is overwritten."
        )
        st.html(f'<h2 class="in-h2">{_("Bring a history along")}</h2><p class="in-small">{what}</p>')
        if said := ss.pop(SAID, ""):
            done(said)
        files = st.file_uploader(
            _("The file, at most {n} MB").format(n=MEGABYTES),
            accept_multiple_files=True,
            key=f"bring_files_{ss.get(ROUND, 0)}",
            max_upload_size=MEGABYTES,
        )
        with st.container(key="bring_group"):
            large = _("“{file}” is larger than {n} MB, so it was not taken. Choose a smaller one.")
            words = {
                "choose": _("Choose a file"),
                "away": _("Leave {file} out"),
                "large": large.replace("{n}", str(MEGABYTES)),
                "lost": _("“{file}” did not arrive. Send it again, or give fewer files at once."),
                "again": _("Send it again"),
            }
            mend = st.components.v2.component(
                "xp_file_field", html='<div role="alert"></div>', js=_FIELD, isolate_styles=False
            )
            mend(key="xp_file_field", data=words)
        if files:
            _draw_look(store, user, files)
        else:
            ss.pop(LOOK, None)


def _draw_look(store: Store, user: User, files: list[UploadedFile]) -> None:
    looked = (user.user_id, *(file.file_id for file in files))
    if ss.get(LOOK, (None,))[0] != looked:
        with st.spinner(_("Looking into it …")):
            ss[LOOK] = (looked, _looked_into(user, files))
    look = ss[LOOK][1]
    if isinstance(look, str):
        alert(look)
        return
    st.html(said_of(look, locale_of(user.locale)))
    if look.is_new and st.button(_("Bring it in"), key="bring_go", type="primary", icon=":material/upload:"):
        _bring_in(store, user.user_id, files)


def _looked_into(user: User, files: Sequence[UploadedFile]) -> Look | str:
    """What is in the files, or the sentence that says why that cannot be read."""
    try:
        return look_at(user, _read(files))
    except ImportRefused as error:
        return refused(error)


def look_at(user: User, history: History) -> Look:
    """What a history holds for somebody; changes nothing."""
    merged = history_import.merge(user.model_copy(deep=True), history)
    counts: dict[str, list[HabitCounts]] = {}
    for count in history.report.habits:
        counts.setdefault(count.name.casefold(), []).append(count)
    found = []
    for habit in history.habits:
        days = {*history.completions.get(habit.id, ()), *(moment.day for moment in history.moments.get(habit.id, ()))}
        remarks = [remark for count in counts.get(habit.name.casefold(), ()) for remark in _remarks(count)]
        first, last = (min(days), max(days)) if days else (None, None)
        found.append(Found(habit.name, len(days), first, last, tuple(remarks)))
    numbers = (
        merged.habits_added,
        merged.habits_known,
        merged.entries_added,
        merged.entries_stood,
        merged.differing,
    )
    return Look(tuple(found), history.report.remarks, numbers)


def refused(error: ImportRefused) -> str:
    """A refusal as a sentence of a screen."""
    return _("{refusal}. Nothing was changed.").format(refusal=str(error).rstrip("."))


def _read(files: Sequence[UploadedFile]) -> History:
    """The history in files that somebody sent. Raises ImportRefused."""
    if len(files) > FILES:
        raise ImportRefused(
            _("{n} files are more than the {most} that are read; give fewer").format(n=len(files), most=FILES)
        )
    if sum(file.size for file in files) > MEGABYTES * 1024 * 1024:
        names = ", ".join(plain_name(file.name) for file in files)
        raise ImportRefused(_("{files} are larger than {n} MB together; give fewer").format(files=names, n=MEGABYTES))
    with _reading, tempfile.TemporaryDirectory(prefix="xp-import-") as folder:
        paths = []
        for n, file in enumerate(files):  # a folder each: two may have one name
            path = Path(folder, str(n), plain_name(file.name))
            path.parent.mkdir()
            path.write_bytes(file.getbuffer())
            paths.append(path)
        return history_import.read_history(paths, unpacked_most=UNPACKED_BYTES)


def plain_name(name: str) -> str:
    """A file's name as it was sent, without what could lead elsewhere or break a sentence."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(sign for sign in last if sign.isprintable()).strip(". ")
    return shown.encode("utf-8", "ignore")[-NAME_MOST:].decode("utf-8", "ignore") or _("the file")


def _bring_in(store: Store, user_id: str, files: Sequence[UploadedFile]) -> None:
    """All that is new into the record, step by step, or a sentence and nothing."""
    bar = st.progress(0.0, _("Step 1 of 3: the file is read …"))
    try:
        history = _read(files)
    except ImportRefused as error:
        bar.empty()
        alert(refused(error))
        return
    merged = join(
        store,
        user_id,
        history,
        on_step=lambda step: bar.progress(
            step / 3,
            _("Step 2 of 3: its days are put into your record …")
            if step == 1
            else _("Step 3 of 3: your record is written …"),
        ),
    )
    ss[SAID] = said_after(merged)
    ss[ROUND] = ss.get(ROUND, 0) + 1
    st.rerun()


def join(store: Store, user_id: str, history: History, on_step: Callable[[int], object]) -> Merged:
    """Put a history into somebody's record; `on_step` hears how many of the three steps are over."""
    on_step(1)
    with store.edit(user_id) as user:
        merged = history_import.merge(user, history)
        on_step(2)
    return merged


# --- in words


def said_of(look: Look, locale: Locale) -> str:
    """What was found, as HTML."""
    firsts = [one.first for one in look.found if one.first is not None]
    lasts = [one.last for one in look.found if one.last is not None]
    entries = sum(one.days for one in look.found)
    head = _("{habits}, {entries}").format(habits=_habits(len(look.found)), entries=_entries(entries))
    span = f" {_span(min(firsts), max(lasts), locale)}" if firsts else ""
    lines = [f"<li>{_line(one, locale)}</li>" for one in look.found]
    listed = f'<ul class="bg-list">{"".join(lines[:SHOWN])}</ul>'
    if rest := lines[SHOWN:]:
        more = n_("{n} more habit", "{n} more habits", len(rest)).format(n=len(rest))
        listed += (
            f'<details class="xp-more"><summary>{more}</summary><ul class="bg-list">{"".join(rest)}</ul></details>'
        )
    remarks = "".join(f'<p class="in-small">{esc(remark)}.</p>' for remark in look.remarks)
    found = _("In it: <b>{what}</b>{span}.").format(what=esc(head), span=esc(span))
    return f'<div role="status"><p class="in-note">{found} {esc(_said_of_new(look))}</p>{listed}{remarks}</div>'


def _line(one: Found, locale: Locale) -> str:
    said = _days(one.days)
    if one.first is not None and one.last is not None:
        said += f" {_span(one.first, one.last, locale)}"
    return f"<b>{esc(one.name)}</b><span>{esc('; '.join((said, *one.remarks)))}</span>"


def _span(first: date, last: date, locale: Locale) -> str:
    if first == last:
        return _("on {day}").format(day=wording.short_day(first, locale, year=True))
    begin, end = (wording.short_day(day, locale, year=True) for day in (first, last))
    return _("from {first} to {last}").format(first=begin, last=end)


def _said_of_new(look: Look) -> str:
    habits, _known, entries, stood, differing = look.merged
    if not look.is_new:
        return _("All of it stands in your record already.") + _said_of_standing(0, differing)
    return _("New to your record: {habits}, {entries}.").format(
        habits=_habits(habits), entries=_entries(entries)
    ) + _said_of_standing(stood, differing)


def said_after(merged: Merged) -> str:
    """What an import did, in one sentence, and one more about what was there."""
    added = _("Brought in: {habits} and {entries}.").format(
        habits=n_("{n} new habit", "{n} new habits", merged.habits_added).format(n=merged.habits_added),
        entries=n_("{n} new entry", "{n} new entries", merged.entries_added).format(n=merged.entries_added),
    )
    return added + _said_of_standing(merged.entries_stood, merged.differing)


def _said_of_standing(stood: int, differing: int) -> str:
    said = ""
    if stood:
        said += " " + n_(
            "{n} day stood here already and stays as it is.", "{n} days stood here already and stay as they are.", stood
        ).format(n=stood)
    if differing:
        said += " " + n_(
            "On {n} day the file says something else; yours holds.",
            "On {n} days the file says something else; yours hold.",
            differing,
        ).format(n=differing)
    return said


def _remarks(count: HabitCounts) -> list[str]:
    """What is left out of one habit and why, and what else was noted about it."""
    out = [
        said.format(n=number)
        for number, said in (
            (count.automatic, n_("{n} filled in by the tracker", "{n} filled in by the tracker", count.automatic)),
            (count.unknown, n_("{n} unknown", "{n} unknown", count.unknown)),
            (count.no, n_("{n} not done", "{n} not done", count.no)),
            (count.notes_left_out, n_("{n} note on such a day", "{n} notes on such days", count.notes_left_out)),
        )
        if number
    ]
    return ([_("left out: {what}").format(what=", ".join(out))] if out else []) + list(count.remarks)


def _habits(n: int) -> str:
    return n_("{n} habit", "{n} habits", n).format(n=n)


def _days(n: int) -> str:
    return n_("{n} day", "{n} days", n).format(n=n)


def _entries(n: int) -> str:
    return n_("{n} entry", "{n} entries", n).format(n=n)
