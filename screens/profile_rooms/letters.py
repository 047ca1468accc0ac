"""Your letters: the next one as it would read, what may come, and every one that was sent or left out, and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import chain

import streamlit as st

import daily_digest
import drip_campaigns
from core.catalogue import N_, _, p_
from core.eligibility import why_no_letters
from core.localtime import ONE_DAY, local_day, zone
from core.models import User
from core.wording import locale_of, rhythm_said
from mail.ledger import letters_of
from mail.letters import Letter
from mail.post_office import open_post, place_of
from screens import wording
from screens.parts import done, esc
from screens.profile_rooms.letter_rows import Row, listed, opened, together
from screens.profile_rooms.letter_words import is_put_aside, left_out, quoted
from settings import read_settings
from storage import Store

PAGE = 30  # rows listed at first, and more with each press
SHOWN = "letters_shown"  # in the session: how many rows are listed
TRIED = "address_tried"  # in the session: the address that is to be tried once more
NONE_COMES = {  # why none is in sight: (what is said, what to do)
    "there is no address": (
        N_("There is no address to write to."),
        N_("Whoever runs this installation can put one into your document."),
    ),
    "the mail server refuses the address": (
        N_("The mail server refused your address."),
        N_("What it said, and how to try it once more, stands at the top of this page."),
    ),
    "the address is not confirmed yet": (
        N_("Your address is not confirmed yet."),
        N_("Open the link in the welcome letter; letters come from then on."),
    ),
    "letters are switched off": (
        N_("Letters of any kind are switched off."),
        N_("Change brings you to the switch."),
    ),
    "everything is paused": (
        N_("Everything is paused for more than a month."),
        N_("The letters come back by themselves after it, or as soon as you end the break."),
    ),
    "the digest was unsubscribed from": (
        N_("The daily digest is switched off."),
        N_("Change brings you to the switch."),
    ),
    "nothing was due and nothing was done": (
        N_("No habit has a day in the coming month, and a day without any has no digest."),
        N_("Put a habit on the list on Today, and its first day brings the next one."),
    ),
    "there was no sign of life for three weeks": (
        N_("After three weeks without a tick the letters wait for you."),
        N_("One tick on Today brings them back."),
    ),
}


@dataclass(frozen=True)
class Coming:
    """The letters that come next, soonest first, each with its instant; if there are none, why; and whether the
    letters of the first thirty days have all had their day; and whether a mail server is set to take them."""

    letters: list[tuple[datetime, Letter]]
    why_none: str
    course_is_over: bool
    has_mail_server: bool = True


def draw_letters(store: Store, user: User, now: datetime, change: Callable[[], None]) -> None:
    """The room: on the left what comes, on the right what was; `change` leads to the switches."""
    coming = look_ahead(store, user, now)
    ahead, behind = st.columns([1, 1.55], gap="medium")
    with ahead:
        with st.container(key="next_letter", border=True, gap="small"):
            st.html(next_letter(user, coming, now))
        with st.container(key="may_come", border=True, gap="small"):
            st.html(may_come(user, coming))
            st.button(_("Change"), key="letters_change", icon=":material/tune:", on_click=change)
    with behind:
        _history(store, user.user_id, now)


# --- what comes


def look_ahead(store: Store, user: User, now: datetime) -> Coming:
    """What would be sent next if nothing changed."""
    settings = read_settings().model_copy(update={"data_dir": store.folder})
    with open_post(settings, to_server=False) as post:
        digest, course = daily_digest.preview(user, post, now), drip_campaigns.preview(user, post, now)
        why_none = why_no_letters(user, now, needs_confirmation=post.needs_confirmation)
    letters = sorted((one for one in (digest, course) if not isinstance(one, str)), key=lambda one: one[0])
    if isinstance(digest, str) and not letters:
        return Coming([], why_none or digest, course == drip_campaigns.OVER)
    return Coming(letters, "", course == drip_campaigns.OVER, bool(settings.smtp_host))


def next_letter(user: User, coming: Coming, now: datetime) -> str:
    """When the next letter comes and how it would read now, as HTML; or why none does and what to do."""
    head = f'<p class="in-tag">{_("Next letter")}</p>'
    if not coming.letters:
        said = " ".join(_(sentence) for sentence in NONE_COMES.get(coming.why_none, ())) or _none_in_sight(coming)
        return f'{head}<h2 class="lt-when">{_("None is coming")}</h2><p class="lt-text">{esc(said)}</p>'
    (at, letter), *later = coming.letters
    unless = _("{letter}, if nothing changes.").format(letter=about(user, letter))
    no_server = _("No mail server is set: it will be put into the outbox and sent to nobody.")
    aside = "" if coming.has_mail_server else f'<p class="in-small">{esc(no_server)}</p>'
    return (
        f'{head}<h2 class="lt-when">{esc(when_words(user, at, now))}</h2>'
        f'<p class="in-small">{esc(unless)}</p>{aside}'
        f'<p class="lt-subject">{esc(letter.subject)}</p>{opened(_("Read it as it stands now"), letter.text)}'
        f'<p class="in-small">{_until_then(letter)}{_and_then(user, later, now)}</p>'
    )


def _none_in_sight(coming: Coming) -> str:
    return _("None is in sight: {reason}.").format(reason=left_out(coming.why_none))


def when_words(user: User, at: datetime, now: datetime) -> str:
    """`Today at 20:00 (Lisbon)`, `Tomorrow at …`, `Sunday, November 29 at …`."""
    name = user.coaching_profile.timezone
    tz, locale = zone(name), locale_of(user.locale)
    if at <= now:
        return _("Within the next minutes")
    day, today, clock = local_day(at, tz), local_day(now, tz), wording.wall_clock(at, tz, locale)
    if day == today:
        said = _("Today at {clock} ({place})")
    elif day == today + ONE_DAY:
        said = _("Tomorrow at {clock} ({place})")
    else:
        said = _("{day} at {clock} ({place})")
    return said.format(day=wording.long_day(day, locale), clock=clock, place=place_of(name))


def about(user: User, letter: Letter) -> str:
    """Which letter it is: `Your daily digest about Sunday, November 22`."""
    if letter.kind == "drip":
        return _("Your welcome") if letter.day == 0 else _("The letter of Day {n}").format(n=letter.day)
    if letter.kind == "comeback":
        said = _("A short letter after quiet days about {day}")
    else:
        said = _("Your daily digest about {day}")
    return said.format(day=wording.long_day(letter.covers, locale_of(user.locale)))


def _until_then(letter: Letter) -> str:
    return _("What you tick until then takes its place in it.") if letter.kind != "drip" or letter.day else ""


def _and_then(user: User, later: list[tuple[datetime, Letter]], now: datetime) -> str:
    after = _("After it: {letter}. {when}.")
    said = (after.format(letter=about(user, letter), when=when_words(user, at, now)) for at, letter in later[:1])
    return "".join(f"<br>{esc(sentence)}" for sentence in said)


# --- what may come


def may_come(user: User, coming: Coming) -> str:
    """Each kind of letter, on or off, as the document has it: a link in a letter changes the same."""
    profile = user.coaching_profile
    clock = wording.clock(60 * int(profile.digest_time[:2]) + int(profile.digest_time[3:]), locale_of(user.locale))
    on, off = p_("letters", "on"), p_("letters", "off")
    every = _("{rhythm} at {clock}").format(rhythm=rhythm_said(profile.letters.every), clock=clock)
    course = p_("letters", "over") if coming.course_is_over else on if profile.letters.drip else off
    rows = [
        (_("The daily digest"), every if profile.letters.digest else off),
        (_("The letters of the first thirty days"), course),
    ]
    if not profile.notifications_enabled:
        rows = [(_("Letters of any kind"), off)]
    said_rows = "".join(f"<li><span>{esc(name)}</span><b>{esc(state)}</b></li>" for name, state in rows)
    title, small = _("What may come"), _("The links at the foot of each letter move the same switches.")
    return f'<h2 class="in-h2">{title}</h2><ul class="lt-kinds">{said_rows}</ul><p class="in-small">{small}</p>'


# --- what was


@st.fragment
def _history(store: Store, user_id: str, now: datetime) -> None:
    user, most = store.read(user_id), st.session_state.get(SHOWN, PAGE)
    tz, locale = zone(user.coaching_profile.timezone), locale_of(user.locale)
    rows = _rows(store, user_id, most, tz)
    st.html(f'<h2 class="in-h2">{_("Your letters")}</h2>')
    if not rows:
        empty = _("Each letter will be listed here: sent, or left out and why, with its text.")
        st.html(f'<p class="in-empty">{empty}</p>')
        return
    if any(map(is_put_aside, chain.from_iterable(rows[:most]))):
        aside = _("What is marked “In the outbox” has been sent to nobody: no mail server was set.")
        st.html(f'<p class="in-small">{esc(aside)}</p>')
    st.html(listed(rows[:most], now, tz, locale))
    if len(rows) > most:
        st.button(_("Show earlier"), key="letters_earlier", icon=":material/expand_more:", on_click=_show_more)
    else:
        st.html(f'<p class="in-small">{_("That is every letter since you began.")}</p>')


def _show_more() -> None:
    st.session_state[SHOWN] = st.session_state.get(SHOWN, PAGE) + PAGE


def _rows(store: Store, user_id: str, most: int, tz: tzinfo) -> list[Row]:
    """The rows of the list, and one more than so many if there are: as many letters are read as they take."""
    newest = most
    while True:
        entries = letters_of(store.records, user_id, newest=newest + 1)
        rows = together(entries, tz)
        if len(rows) > most or len(entries) <= newest:
            return rows
        newest *= 2


# --- an address that was refused


def draw_refusal(store: Store, user: User, now: datetime) -> None:
    """That the mail server refused the address, what it said, and a way to try once more; or nothing."""
    if user.is_refused:
        with st.container(key="refused", border=True, gap="small"):
            st.html(refusal(user, now))
            args = (store, user.user_id, user.email)
            st.button(_("Try this address again"), key="try_again", on_click=try_again, args=args)
    elif address := st.session_state.pop(TRIED, ""):
        done(_("The next letter goes to {address} once more.").format(address=address))


def refusal(user: User, now: datetime) -> str:
    """When and how the address was refused, and what to do, as HTML."""
    refused = user.email_refused
    assert refused is not None
    when = wording.moment(refused.at, now, zone(user.coaching_profile.timezone), locale_of(user.locale))
    if refused.reason:
        said = _("On {when} the mail server refused this address: {words}. Nothing has been sent to it since.")
    else:
        said = _("On {when} the mail server refused this address. Nothing has been sent to it since.")
    title = _("No letter reaches {address}").format(address=refused.address)
    remedy = _(
        "If the mailbox works by now, try it once more. If the address has a slip in it, give me another one under "
        "Account."
    )
    return (
        f'<div role="alert"><h2 class="in-h2">{esc(title)}</h2><p class="lt-text">'
        f"{esc(said.format(when=when, words=quoted(refused.reason)))}</p></div>"
        f'<p class="lt-text">{esc(remedy)}</p>'
    )


def try_again(store: Store, user_id: str, address: str) -> None:
    """Take the refusal of an address back, so that the next letter goes there; another address is left alone."""
    with store.edit(user_id) as user:
        if user.email_refused is not None and user.email_refused.address == address:
            user.email_refused = None
            st.session_state[TRIED] = address
