"""A month of letters through a real mail server: Postfix with STARTTLS and sign-in, read back from its Maildirs."""

from __future__ import annotations

import email
import email.policy
import pwd
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from core.steps import STEPS
from mail.post_office import Post, open_post
from scheduler_service import replay, tick
from tests.dkim_keys import SELECTOR, is_genuine, key_file, pem
from tests.mail_servers import free_port
from tests.people import EXAMPLES, example_meditator, moment
from tests.wire_letters import settings

pytestmark = pytest.mark.system

USER, PASSWORD = "xp-tracker", "a long password"
OWNER = "nobody"  # the system's user that the mailboxes of all people belong to
FIRST, LAST = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 3, 2, tzinfo=UTC)  # all days 0 to 30
PATIENCE_SECONDS = 30
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/data/log
maillog_file_prefixes = {folder}
myhostname = localhost.example.net
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = texthash:{folder}/etc/people
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {folder}/etc/cert.pem
smtpd_tls_key_file = {folder}/etc/key.pem
smtpd_sasl_auth_enable = yes
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
"""
# name, kind, private, unprivileged, chroot, wake-up, how many at most, program
MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""
SASL = """
pwcheck_method: auxprop
auxprop_plugin: sasldb
mech_list: PLAIN LOGIN
sasldb_path: {folder}/data/sasldb2
"""
PEOPLE = [make().user_id for make in EXAMPLES]


@dataclass
class MailServer:
    """A server that runs, and the people's mailboxes below its folder."""

    folder: Path
    port: int

    @property
    def certificate(self) -> Path:
        return self.folder / "etc" / "cert.pem"

    def letters(self) -> list[tuple[str, bytes]]:
        """Whose mailbox, and the letter as it stands there (a Maildir has LF)."""
        files = sorted((self.folder / "mail").glob("*/new/*"))
        return [(file.parent.parent.name, file.read_bytes()) for file in files]

    def wait_for(self, count: int) -> list[tuple[str, bytes]]:
        """The letters, once there are so many: a server delivers after it has taken them."""
        for _ in range(PATIENCE_SECONDS * 10):
            if len(found := self.letters()) >= count:
                return found
            time.sleep(0.1)
        log = (self.folder / "data" / "log").read_text()
        raise AssertionError(f"{len(found)} of {count} letters were delivered; the log ends\n{log[-2000:]}")


def write_certificate(folder: Path) -> None:
    """A certificate of its own for localhost, as a small installation has it."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.add_extension(names, critical=False).sign(key, SHA256())
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(pem(key))
    (folder / "key.pem").chmod(0o600)


def write_configuration(folder: Path, port: int) -> None:
    uid = pwd.getpwnam(OWNER).pw_uid
    (folder / "etc" / "main.cf").write_text(MAIN.format(folder=folder, uid=uid))
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=port))
    (folder / "etc" / "people").write_text("".join(f"{name}@example.org {name}/\n" for name in PEOPLE))
    (folder / "etc" / "sasl" / "smtpd.conf").write_text(SASL.format(folder=folder))
    sign_in = ["saslpasswd2", "-c", "-p", "-f", str(folder / "data" / "sasldb2"), "-u", "localhost.example.net", USER]
    subprocess.run(sign_in, input=PASSWORD, text=True, check=True)
    for path, owner in (("mail", OWNER), ("data", "postfix"), ("data/sasldb2", "postfix")):
        shutil.chown(folder / path, owner)


@contextmanager
def postfix() -> Iterator[MailServer]:
    """Postfix on a free port of loopback, with a configuration and a queue of its own."""
    assert shutil.which("postfix"), "Postfix is missing; on Debian: apt install postfix libsasl2-modules sasl2-bin"
    with TemporaryDirectory(prefix="xp-mail-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        for part in ("etc/sasl", "mail", "data", "queue"):
            (folder / part).mkdir(parents=True)
        write_certificate(folder / "etc")
        write_configuration(folder, port)
        postfix = ["postfix", "-c", str(folder / "etc")]
        started = subprocess.run([*postfix, "start"], capture_output=True, text=True, check=False)
        try:
            assert not started.returncode, started.stderr
            yield MailServer(folder, port)
        finally:
            subprocess.run([*postfix, "stop"], capture_output=True, check=True)


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with postfix() as running:
        yield running


@contextmanager
def post_to(server: MailServer, folder: Path, **known: object) -> Iterator[Post]:
    """A post office that signs in at the server and signs its letters."""
    sign_in = {"smtp_host": "localhost", "smtp_port": server.port, "smtp_username": USER, "smtp_password": PASSWORD}
    signature = {"dkim_selector": SELECTOR, "dkim_key": key_file(folder)}
    with open_post(settings(folder, **{**sign_in, **signature, **known})) as post:
        yield post


def as_sent(kept: bytes) -> bytes:
    """A letter of a Maildir without what the server put before it, with the ends of line of the wire."""
    return b"DKIM-Signature:" + kept.replace(b"\n", b"\r\n").partition(b"DKIM-Signature:")[2]


def read(kept: bytes) -> EmailMessage:
    return email.message_from_bytes(as_sent(kept), policy=email.policy.default)


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_month_of_letters_arrives_once_and_whole(
    server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
    with post_to(server, tmp_path) as post:
        for make in EXAMPLES:
            post.store.create(make())
        done = replay(post, FIRST, LAST)
        said = {
            (user_id, entry["kind"], entry["day"]): entry["text"]
            for user_id in post.store.user_ids()
            for name in post.ledger.names(user_id)
            if (entry := post.ledger.entry(user_id, name)) and entry["state"] == "sent"
        }
    letters = server.wait_for(done["drip"] + done["digest"])
    received = {}
    for mailbox, kept in letters:
        message = read(kept)
        assert message["To"].addresses[0].username == mailbox
        assert is_genuine(as_sent(kept))
        received[mailbox, message["X-XP-Kind"], int(message["X-XP-Day"])] = text_of(message)
    assert received == said
    assert len(letters) == len(received)
    for make in EXAMPLES:
        user = make()
        mine = [(kind, day) for user_id, kind, day in received if user_id == user.user_id]
        assert sorted(day for kind, day in mine if kind == "drip") == list(STEPS)
        assert sorted(day for kind, day in mine if kind == "digest") == list(range(31))
    assert Counter(kind for _, kind, _ in received) == {"drip": 24, "digest": 93}


@pytest.mark.parametrize(
    ("known", "certificate"),
    [({"smtp_password": "another"}, True), ({"smtp_security": "none"}, True), ({}, False)],
    ids=["a wrong password", "no encryption", "a certificate that nobody vouches for"],
)
def test_a_server_that_does_not_want_us_gets_no_letter_and_it_is_tried_again(
    server: MailServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: dict[str, object], certificate: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate) if certificate else "/dev/null")
    user = example_meditator().model_copy(update={"user_id": "late", "email": "late@example.org"})
    before = len(server.letters())
    with post_to(server, tmp_path, **known) as post:
        post.store.create(user)
        assert tick(post, moment(user, 0, "12:40"), only="drip") == {"drip": 0}
        assert post.ledger.state("late", "drip-0") == "retry"
    assert len(server.letters()) == before
