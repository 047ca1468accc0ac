"""What a letter must be on the wire, one rule a line: standards first, then what mail programs and people ask for."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property
from html.parser import HTMLParser
from urllib.parse import urlparse

ONCE = (
    *("Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type", "List-Id", "Feedback-ID"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("X-XP-Kind", "X-XP-Day", "X-XP-Covers"),
)
DEBRIS = r"\{\{|\}\}|\{%|%\}|\{#|\bNone\b|\bundefined\b|lorem ipsum|<function|Markup\("
ACTIVE = {"script", "form", "iframe", "object", "embed", "link", "img", "svg", "base", "audio", "video", "input"}
HTML_MOST = 80_000  # octets; Gmail cuts a letter near 102,000
PREHEADER_LEAST = 20  # characters, with the padding after it


class Page(HTMLParser):
    """The tags, links, hidden first line and visible words of a letter's HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.preheader = ""
        self.title = ""
        self.words = ""
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.tags.append((tag, known))
        if tag not in ("meta", "br", "hr", "img"):
            self._open.append("hidden" if "display:none" in known.get("style", "").replace(" ", "") else tag)

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if "hidden" in self._open:
            self.preheader += data
        elif self._open[-1:] == ["title"]:
            self.title += data
        elif "style" not in self._open:
            self.words += data

    def all(self, name: str) -> list[str]:
        return [known[name] for _, known in self.tags if name in known]


class Mail:
    """A message, read once for all the rules."""

    def __init__(self, raw: bytes, now: datetime) -> None:
        self.raw = raw
        self.now = now
        self.head = raw.partition(b"\r\n\r\n")[0]
        self.message = email.message_from_bytes(raw, policy=email.policy.default)
        self.text, self.html = (self._part(kind) for kind in ("plain", "html"))

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,)) if isinstance(self.message, EmailMessage) else None
        return str(body.get_content()) if body is not None else ""

    def get(self, name: str) -> str:
        return str(self.message.get(name, ""))

    @cached_property
    def page(self) -> Page:
        return Page(self.html)

    @property
    def parts(self) -> list[tuple[str, str | None, str]]:
        return [(p.get_content_type(), p.get_content_charset(), str(p["Content-Transfer-Encoding"])) for p in self.walk]

    @property
    def walk(self) -> list[EmailMessage]:
        return [part for part in self.message.walk() if not part.is_multipart()]

    def mailboxes(self, name: str) -> list[tuple[str, str]]:
        return getaddresses([self.get(name)])

    @property
    def domain(self) -> str:
        return self.mailboxes("From")[0][1].rpartition("@")[2]

    @property
    def raw_unsubscribe(self) -> bytes:
        """The value of the header as it stands on the wire, folds and all."""
        found = re.search(rb"(?im)^List-Unsubscribe: (.*\r\n(?:[ \t].*\r\n)*)", self.head + b"\r\n")
        return found[1].removesuffix(b"\r\n") if found else b""


def _has_a_date_of(mail: Mail) -> bool:
    try:
        date = parsedate_to_datetime(mail.get("Date"))
    except ValueError:
        return False
    return date.tzinfo is not None and date == mail.now.replace(microsecond=0)


def _is_a_long_token(url: str) -> bool:
    return len(re.sub(r"[^\w-]", "", urlparse(url).path, flags=re.ASCII)) >= 20


def _encoded_words_fit(mail: Mail) -> bool:
    return all(len(word) <= 75 for word in re.findall(rb"=\?[^ \r\n]*\?=", mail.head))


def _links_to(mail: Mail, pattern: str) -> bool:
    return all(re.match(pattern, link) for link in (*mail.page.all("href"), *_urls(mail.text)))


def _urls(text: str) -> list[str]:
    return re.findall(r"\bhttps?://\S+", text)


# A rule's sentence, and whether a letter keeps it.
RULES: dict[str, Callable[[Mail], bool]] = {
    # RFC 5322 and 2045
    "lines end with CRLF": lambda m: not re.search(rb"(?<!\r)\n|\r(?!\n)", m.raw),
    "lines are below 998 octets": lambda m: max(map(len, m.raw.split(b"\r\n"))) < 998,
    "headers are ASCII": lambda m: m.head.isascii() and b"\0" not in m.head,
    "the body is ASCII too": lambda m: m.raw.isascii(),
    "each header once": lambda m: all(len(m.message.get_all(name, [])) == 1 for name in ONCE),
    "no header but the known": lambda m: {*m.message.keys()} <= {*ONCE, "DKIM-Signature"},
    "encoded words fit": _encoded_words_fit,
    "one sender": lambda m: len(m.mailboxes("From")) == 1 and "." in m.domain,
    "one recipient": lambda m: len(m.mailboxes("To")) == 1 and "@" in m.mailboxes("To")[0][1],
    "dated now": _has_a_date_of,
    "a Message-ID of the sender's domain": lambda m: bool(
        re.fullmatch(rf"<[0-9a-f]{{32}}@{re.escape(m.domain)}>", m.get("Message-ID"))
    ),
    "MIME 1.0": lambda m: m.get("MIME-Version") == "1.0",
    "text first, then HTML, as alternatives": lambda m: (
        m.message.get_content_type() == "multipart/alternative"
        and [p[0] for p in m.parts] == ["text/plain", "text/html"]
    ),
    "UTF-8 in quoted-printable": lambda m: {p[1:] for p in m.parts} == {("utf-8", "quoted-printable")},
    # RFC 2369, 8058, 2919, 3834, and Google's Feedback-ID
    "List-Unsubscribe on one line and not encoded": lambda m: (
        b"\r" not in m.raw_unsubscribe and b"=?" not in m.raw_unsubscribe
    ),
    "List-Unsubscribe is one https link": lambda m: bool(
        re.fullmatch(r"<https://[!-;=?-~]+>", m.raw_unsubscribe.decode("latin-1"))
    ),
    "one click unsubscribes": lambda m: m.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click",
    "its token cannot be guessed": lambda m: _is_a_long_token(m.get("List-Unsubscribe").strip("<>")),
    "the address stands in no link": lambda m: (
        not re.search(re.escape(m.mailboxes("To")[0][1]).replace("@", "(@|%40)"), m.get("List-Unsubscribe"))
    ),
    "a List-Id": lambda m: bool(re.fullmatch(r"[\w ]+ <[\w-]+(\.[\w-]+)+>", m.get("List-Id"))),
    "sent by a program": lambda m: (
        (m.get("Auto-Submitted"), m.get("X-Auto-Response-Suppress")) == ("auto-generated", "All")
    ),
    "a Feedback-ID": lambda m: bool(re.fullmatch(r"[a-z]+:[a-z]+(:[a-z]+)?:[a-z]{5,15}", m.get("Feedback-ID"))),
    # What a person sees
    "a subject of one line": lambda m: 5 <= len(m.get("Subject")) <= 200 and not re.search(r"[\r\n]", m.get("Subject")),
    "no pretended reply": lambda m: not re.match(r"(re|fwd?|aw|wg):", m.get("Subject"), re.I),
    "a text to read": lambda m: len(m.text.split()) >= 60 and not re.search(r"</?[a-z]\w*[ >]|&[a-z]+;", m.text),
    "no debris": lambda m: not re.search(DEBRIS, m.get("Subject") + m.text + m.page.words, re.IGNORECASE),
    "nothing that acts or comes from elsewhere": lambda m: (
        not (
            {tag for tag, _ in m.page.tags} & ACTIVE
            or re.search(r"javascript:|@import|url\(|http-equiv", m.html, re.I)
            or any(re.match(r"on[a-z]+$|src$|background$|srcset$", name) for _, known in m.page.tags for name in known)
        )
    ),
    "links are https": lambda m: bool(m.page.all("href")) and _links_to(m, r"https://[\w.-]+/?|mailto:"),
    "a language": lambda m: any(tag == "html" and known.get("lang") for tag, known in m.page.tags),
    "a title": lambda m: " ".join(m.page.title.split()) == m.get("Subject"),
    "a preheader of its own": lambda m: (
        len(m.page.preheader) >= PREHEADER_LEAST
        and len(_shown(m.page.preheader).split()) >= 2
        and m.get("Subject") not in m.page.preheader
    ),
    "dark mode": lambda m: "prefers-color-scheme:dark" in m.html and 'name="color-scheme"' in m.html,
    "made for a phone": lambda m: (
        'name="viewport"' in m.html
        and not re.search(r'(?<!max-)\bwidth(:|=")(3[4-9]\d|[4-9]\d\d)', _without_mso(m.html))
    ),
    "styles stand in the tags": lambda m: len(m.page.all("style")) >= 20,
    "unsubscribe in sight, in both parts": lambda m: all(
        re.search("unsubscribe", said, re.I) and m.get("List-Unsubscribe").strip("<>") in links
        for said, links in ((m.text, _urls(m.text)), (m.page.words, m.page.all("href")))
    ),
    "an address to write to, in both parts": lambda m: all(
        re.search(r"\d{3,}", said) for said in (m.text, m.page.words)
    ),
    "HTML under 80 KB": lambda m: len(m.html.encode()) < HTML_MOST,
}


def _shown(preheader: str) -> str:
    return preheader.replace("\u034f", "").replace("\xa0", " ").strip()


def _without_mso(html: str) -> str:
    """Without what only Outlook for Windows reads, and without the styles of wide screens."""
    return re.sub(r"<!--\[if mso\]>.*?<!\[endif\]-->|<style>.*?</style>", "", html, flags=re.S)


def faults(raw: bytes, now: datetime) -> list[str]:
    """The rules that a letter sent at `now` from an https installation breaks."""
    mail = Mail(raw, now)
    return list(_broken(mail))


def _broken(mail: Mail) -> Iterator[str]:
    for sentence, is_kept in RULES.items():
        try:
            if not is_kept(mail):
                yield sentence
        except (IndexError, KeyError, ValueError):
            yield sentence
