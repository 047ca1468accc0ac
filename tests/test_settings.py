"""Settings are read once, checked, and refused by name."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from settings import SettingsError, read_settings
from tests.dkim_keys import key_file, pem


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    read_settings.cache_clear()
    yield
    read_settings.cache_clear()


def test_every_setting_has_a_default():
    settings = read_settings()
    assert str(settings.data_dir) == "data"
    assert settings.base_url == "http://localhost:8501"
    assert (settings.smtp_port, settings.smtp_security, settings.signup) == (587, "starttls", "open")


def test_the_environment_goes_before_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("XP_SIGNUP=closed\nXP_POSTAL_ADDRESS=P.O. Box 1\n")
    monkeypatch.setenv("XP_SIGNUP", "invite")
    assert (read_settings().signup, read_settings().postal_address) == ("invite", "P.O. Box 1")


def test_an_empty_setting_is_no_setting(monkeypatch):
    monkeypatch.setenv("XP_DATA_DIR", "")
    assert str(read_settings().data_dir) == "data"


def test_an_empty_setting_of_the_environment_goes_before_the_file(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("XP_SMTP_HOST=mail.example.org\nXP_MAIL_FROM=coach@example.org\nXP_SIGNUP=\n")
    monkeypatch.setenv("XP_SMTP_HOST", "")
    assert (read_settings().smtp_host, read_settings().mail_from) == ("", "coach@example.org")
    assert read_settings().signup == "open"


def test_a_mail_server_needs_a_sender(monkeypatch):
    monkeypatch.setenv("XP_SMTP_HOST", "mail.example.org")
    with pytest.raises(SettingsError, match="XP_MAIL_FROM is missing"):
        read_settings()
    monkeypatch.setenv("XP_MAIL_FROM", "XP Tracker <coach@example.org>")
    read_settings.cache_clear()
    assert read_settings().smtp_host == "mail.example.org"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XP_SMTP_PORT", "99999"),
        ("XP_SMTP_PORT", "many"),
        ("XP_SMTP_SECURITY", "ssl3"),
        ("XP_SIGNUP", "maybe"),
        ("XP_BASE_URL", "example.org"),
        ("XP_BASE_URL", "https://"),
        ("XP_BASE_URL", "https://xp.example.org/a b"),
        ("XP_MAIL_FROM", "nobody"),
        ("XP_MAIL_FROM", "Coach, XP <coach@example.org>"),
        ("XP_MAIL_FROM", "cöach@example.org"),
        ("XP_MAIL_FROM", "a@example.org, b@example.org"),
        ("XP_DKIM_SELECTOR", "no spaces"),
        ("XP_CONFIRM_EMAIL", "perhaps"),
        ("XP_ADMIN_EMAILS", "ops@example.org, nope"),
        ("XP_DATABASE_URL", "postgres://localhost/xp"),
    ],
)
def test_a_malformed_setting_is_named_with_its_value(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as caught:
        read_settings()
    assert value in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_password_is_never_shown(monkeypatch):
    monkeypatch.setenv("XP_SMTP_PASSWORD", "s3cret")
    assert "s3cret" not in repr(read_settings())


def test_names_in_other_scripts_are_written_as_the_dns_has_them(monkeypatch):
    monkeypatch.setenv("XP_MAIL_FROM", "Bücher <coach@bücher.example>")
    monkeypatch.setenv("XP_BASE_URL", "https://bücher.example:8501/")
    assert read_settings().mail_from == "Bücher <coach@xn--bcher-kva.example>"
    assert read_settings().base_url == "https://xn--bcher-kva.example:8501"


def test_a_sender_stands_on_one_line(monkeypatch):
    monkeypatch.setenv("XP_MAIL_FROM", "Coach\r\nBcc: eve@example.org <coach@example.org>")
    with pytest.raises(SettingsError, match="write one sender"):
        read_settings()


def test_letters_are_signed_with_a_key_and_its_name_or_not_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("XP_DKIM_KEY", str(key_file(tmp_path)))
    with pytest.raises(SettingsError, match="XP_DKIM_SELECTOR is missing"):
        read_settings()
    monkeypatch.setenv("XP_DKIM_SELECTOR", "xp2026")
    with pytest.raises(SettingsError, match="XP_MAIL_FROM is missing"):
        read_settings()
    monkeypatch.setenv("XP_MAIL_FROM", "coach@example.org")
    assert read_settings().dkim_selector == "xp2026"
    monkeypatch.delenv("XP_DKIM_KEY")
    read_settings.cache_clear()
    with pytest.raises(SettingsError, match="XP_DKIM_KEY is missing"):
        read_settings()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no private key without a password"),
        (None, "cannot be read (No such file or directory)"),
        (b"no key", "no private key without a password"),
        (pem(ed25519.Ed25519PrivateKey.generate()), "not an RSA key"),
        (pem(rsa.generate_private_key(65537, 1024), password=b"secret"), "no private key without a password"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_with_the_remedy(monkeypatch, tmp_path, content, said):
    path = tmp_path / "dkim.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("XP_DKIM_KEY", str(path))
    with pytest.raises(SettingsError) as caught:
        read_settings()
    assert f"XP_DKIM_KEY={path}: " in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
