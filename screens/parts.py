"""Small pieces that the screens share: safe words, headings, notices, and three bridges to the browser."""

from __future__ import annotations

import html
import logging
import secrets
from pathlib import Path

import streamlit as st

from core.catalogue import _
from settings import SettingsError
from storage import NotStored, StoreError

log = logging.getLogger("xp.web")
HERE = Path(__file__).resolve().parent
SESSION_KEY = "signed_in_as"  # who is signed in while there is no route that could set a cookie
SAID = "said"  # in the session: the place that speaks next, its sentence, and whether something went wrong
NOWHERE = ":not(*)"  # the selector of nothing
NO_ROUTES, NOBODY = None, "-"  # what st.user says of the session beside its id

# Posts to one of our routes and loads the page anew; says so in place when that does not work.
_SEND = """
export default function ({ data, parentElement }) {
  if (window.__xpSent === data.nonce) return;   // called again whenever the theme changes
  window.__xpSent = data.nonce;
  const say = (words) => { parentElement.querySelector('p').textContent = words; };
  fetch(data.path, { method: 'POST', body: data.body, credentials: 'same-origin', redirect: 'manual' })
    .then((answer) => {
      if (answer.ok || answer.type === 'opaqueredirect') location.replace(data.to);
      else answer.text().then(say);
    })
    .catch(() => say(data.silent));
}
"""

# Streamlit has no focus and no "Enter goes on" outside a form, and a text area keeps its words until it is left.
_KEYS = """
export default function ({ data }) {
  const find = (selector) => document.querySelector(selector);
  const before = window.__xpStep;
  window.__xpStep = data.step;
  if (before !== undefined && before !== data.step && !data.focus.length) {
    setTimeout(() => (window.__xpFrom?.isConnected ? window.__xpFrom : find(data.back))?.focus(), 30);
  } else if (before !== undefined && before !== data.step) {
    let from = document.activeElement;
    while (from?.shadowRoot?.activeElement) from = from.shadowRoot.activeElement;
    if (!data.stay) {
      window.__xpFrom = from === document.body ? null : from;
      find('[data-testid=stMain]')?.scrollTo(0, 0);
    }
    let tries = 0;
    const focus = () => {
      const field = data.focus.map(find).find(Boolean);
      if (!field) { if (tries++ < 40) setTimeout(focus, 25); return; }
      field.focus({ preventScroll: true });
      if (data.stay) field.scrollIntoView({ block: 'center' });
      if (field.type === 'text') field.setSelectionRange(field.value.length, field.value.length);
    };
    setTimeout(focus, 30);
  }
  const inside = (event) => event.target.closest?.(data.within);
  let pause;
  const typed = (event) => {
    const field = event.target;
    if (field.tagName !== 'TEXTAREA' || !inside(event)) return;
    clearTimeout(pause);
    const commit = { key: 'Enter', ctrlKey: true, bubbles: true };
    pause = setTimeout(() => field.dispatchEvent(new KeyboardEvent('keydown', commit)), 400);
  };
  const pressed = (event) => {
    if (!event.isTrusted || event.key !== 'Enter' || event.isComposing || event.shiftKey || !inside(event)) return;
    const field = event.target;
    const line = field.type === 'text' && field.getAttribute('role') !== 'combobox';
    const long = field.tagName === 'TEXTAREA' && (event.ctrlKey || event.metaKey);
    if (line || long || field.type === 'radio') setTimeout(() => find(data.next)?.click(), 20);
  };
  document.addEventListener('input', typed, true);
  document.addEventListener('keydown', pressed, true);
  return () => {
    clearTimeout(pause);
    document.removeEventListener('input', typed, true);
    document.removeEventListener('keydown', pressed, true);
  };
}
"""

# A button that is pressed by the keyboard and drawn anew would take the focus along: it goes to what stands there now,
# and from what a button had opened and the press has closed back to that button.
_HOLD = """
export default function () {
  const pressed = (event) => {
    const button = event.target.closest?.(':is([data-testid=stMain], [data-testid=stPopoverBody]) button');
    if (!button || event.detail) return;   // by a pointer
    const around = [];
    const goUp = (from) => {
      for (let one = from; one && !['MAIN', 'BODY'].includes(one.tagName); one = one.parentElement) around.push(one);
    };
    goUp(button.parentElement);
    if (button.closest('[data-testid=stPopoverBody]')) {
      goUp(document.querySelector('[data-testid=stPopover] [aria-expanded=true]')?.parentElement);
    }
    const key = around.map((one) => [...one.classList].find((name) => name.startsWith('st-key-'))).find(Boolean);
    const first = ['button:not(:disabled)', 'a[href], summary, [role=tab]'];
    const within = (one) => one && first.map((kind) => one.querySelector(kind)).find(Boolean);
    let tries = 0;
    const look = () => {
      if (button.isConnected || document.activeElement !== document.body) {
        if (tries++ < 200 && button.isConnected) setTimeout(look, 50);
        return;
      }
      const next = (key && within(document.querySelector('.' + CSS.escape(key))))
        || around.filter((one) => one.isConnected).map(within).find(Boolean);
      next?.focus({ preventScroll: true });
    };
    setTimeout(look, 50);
  };
  document.addEventListener('click', pressed, true);
  return () => document.removeEventListener('click', pressed, true);
}
"""


def esc(words: object) -> str:
    """Anybody's words as harmless HTML: all that a person has typed passes here before st.html."""
    return html.escape(str(words), quote=True)


def heard(*of: str) -> str:
    """What a line to open is about, for those who hear it among many that look the same; nothing for the eye."""
    said = ", ".join(word for word in of if word)
    return f'<span class="in-hid">: {esc(said)}</span>' if said else ""


def style(name: str) -> None:
    """Put one of the style sheets beside this file on the page."""
    st.html(HERE / name)


def header(title: str, said: str = "") -> None:
    """A screen's heading and the sentence below it."""
    below = f'<p class="xp-said">{esc(said)}</p>' if said else ""
    st.html(f'<div class="xp-head"><h1>{esc(title)}</h1>{below}</div>')


def alert(sentence: str) -> None:
    """What is missing or went wrong, beside its field and read out at once."""
    st.html(f'<div class="xp-miss" role="alert">{esc(sentence)}</div>')


def done(sentence: str) -> None:
    """What was done, read out when there is a pause."""
    st.html(f'<div class="xp-done" role="status">{esc(sentence)}</div>')


def tell(place: str, sentence: str, *, is_wrong: bool = False) -> None:
    """Have a place say in the next run what was done, or what went wrong; to be called in a callback."""
    st.session_state[SAID] = (place, sentence, is_wrong)


def say(place: str) -> None:
    """What a place has to say, once; in a container of its own, so that what stands below keeps its place and the
    focus."""
    with st.container():
        if st.session_state.get(SAID, ("",))[0] == place:
            sentence, is_wrong = st.session_state.pop(SAID)[1:]
            (alert if is_wrong else done)(sentence)


def trouble(happened: str, safe: str, remedy: str) -> None:
    """A page for what cannot be shown: what happened, what is safe, what to do."""
    sentences = "".join(f"<p>{esc(sentence)}</p>" for sentence in (safe, remedy) if sentence)
    st.html(f'<div class="xp-trouble" role="alert"><h1>{esc(happened)}</h1>{sentences}</div>')


def store_trouble(error: StoreError) -> None:
    """The page for a document or folder that cannot be used; why, and the remedy, is for the log."""
    log.error("a screen: %s", error)
    if isinstance(error, NotStored):
        trouble(_("This account is gone"), _("It was deleted, and nothing is sent to it any more."), "")
        return
    safe = _("Nothing was changed or lost by looking at it.")
    trouble(_("Something stored cannot be used"), store_words(error), safe)


def store_words(error: StoreError) -> str:
    """What somebody is told of a document or folder that cannot be used."""
    said = _(
        "{what} cannot be used as it stands, and it is left as it is. Tell whoever runs this XP Tracker: why, and what "
        "to do, is in the app's log."
    )
    return said.format(what=error.what or _("Something stored"))


def settings_trouble(error: SettingsError) -> None:
    """The page for a setting that cannot be used; its value is for the log, as anybody may see the page."""
    log.error("a screen: %s", error)
    said = _("{what} is not as it has to be. Why is in the app's log.").format(what=error.what)
    remedy = _("Correct it where it stands: in the environment, .env or .streamlit/secrets.toml. Then restart.")
    trouble(_("A setting cannot be used"), said, remedy)


def send(path: str, body: str = "", to: str = "/") -> None:
    """Let the browser POST to one of our routes, then load `to` (empty: the same page)."""
    component = st.components.v2.component("xp_send", html="<p role=alert></p>", js=_SEND)
    silent = _("The server did not answer. Load the page and try once more.")
    data = {"path": path, "body": body, "to": to, "nonce": secrets.token_hex(8), "silent": silent}
    component(key="xp_send", data=data)


def keys(
    step: str, focus: list[str], within: str = NOWHERE, go_on: str = NOWHERE, back: str = NOWHERE, *, stay: bool = False
) -> None:
    """Move the focus to the first of `focus` (CSS selectors) whenever `step` changes, from the top of the page unless
    it is to `stay`; where there is none, to what had it before, or to `back` if that is gone. Inside `within`, let
    Enter press `go_on`, and keep what is typed into a text area after a pause."""
    component = st.components.v2.component("xp_keys", html="<i></i>", css=":host{display:none}", js=_KEYS)
    data = {"step": step, "focus": focus, "within": within, "next": go_on, "back": back, "stay": stay}
    component(key="xp_keys", data=data)


def hold_focus() -> None:
    """Keep whoever walks by the keyboard where they pressed a button that is gone or drawn anew."""
    component = st.components.v2.component("xp_hold", html="<i></i>", css=":host{display:none}", js=_HOLD)
    with st.container(key="page_focus"):
        component(key="xp_hold")


def sign_out() -> None:
    """End the session here and in every tab that shares it."""
    if st.user.get("session") is NO_ROUTES:
        st.session_state.clear()
        st.rerun()
    send("/logout")
