"""Settings: the environment and `.env`, read once into one frozen, checked object."""

from __future__ import annotations

import re
from email.utils import getaddresses
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlparse

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.letters.typed import one_line
from mail.dkim_signer import read_signing_key


def _address_as_the_dns_has_it(address: str, example: str) -> str:
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"write it like {example} ({error})") from None
    assert checked.ascii_email
    return checked.ascii_email


class Settings(BaseSettings):
    """Every setting with its default; the name in the environment is `XP_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="XP_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Path("data")
    base_url: str = "http://localhost:8501"
    mail_from: str = ""
    smtp_host: str = ""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_username: str = ""
    smtp_password: str = Field(default="", repr=False)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    dkim_selector: str = ""
    dkim_key: Path | None = None
    database_url: str = ""
    postal_address: str = ""
    signup: Literal["open", "invite", "closed"] = "open"
    confirm_email: bool = True
    admin_emails: str = ""

    @property
    def sends_letters(self) -> bool:
        """Whether a letter reaches a mailbox; without a mail server it becomes a file."""
        return bool(self.smtp_host)

    @property
    def is_https(self) -> bool:
        """Whether people reach the app over TLS."""
        return self.base_url.startswith("https://")

    @property
    def needs_confirmation(self) -> bool:
        """Whether an address has to say yes before it gets letters."""
        return self.sends_letters and self.confirm_email

    @property
    def operators(self) -> str:
        """Whom to ask, in brackets for a sentence to take in: ` (ops@example.org)`; empty where nobody is named."""
        addresses = [address.strip() for address in self.admin_emails.split(",") if address.strip()]
        return f" ({', '.join(addresses)})" if addresses else ""

    @model_validator(mode="before")
    @classmethod
    def _what_is_empty_is_not_set(cls, given: dict[str, object]) -> dict[str, object]:
        # Here and not by pydantic's `env_ignore_empty`, which lets the file decide where the environment is empty.
        return {name: value for name, value in given.items() if value != ""}

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlparse(value)
        try:
            written = parts._replace(netloc=parts.netloc.encode("idna").decode()).geturl().rstrip("/")
        except UnicodeError:
            written = ""
        # The links of every letter begin with it, one of them in a header.
        if not parts.netloc or not re.fullmatch(r"https?://[\x21-\x3b\x3d\x3f-\x7e]+", written):
            raise ValueError("write it like https://xp.example.org")
        return written

    @field_validator("mail_from")
    @classmethod
    def _is_a_sender(cls, value: str) -> str:
        if not value:
            return value
        mailboxes = getaddresses([value])
        if len(mailboxes) != 1 or one_line(value) != value:
            raise ValueError(
                "write one sender, like XP Tracker <coach@example.org>; put quotes about a name with a comma"
            )
        address = mailboxes[0][1]
        return value.replace(address, _address_as_the_dns_has_it(address, "XP Tracker <coach@example.org>"))

    @field_validator("admin_emails")
    @classmethod
    def _are_addresses(cls, value: str) -> str:
        for address in filter(None, (part.strip() for part in value.split(","))):
            _address_as_the_dns_has_it(address, "ops@example.org, eve@example.org")
        return value

    @field_validator("dkim_selector")
    @classmethod
    def _is_a_name_in_the_dns(cls, value: str) -> str:
        if value and not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", value):
            raise ValueError("write the name before ._domainkey in the DNS, like xp2026")
        return value

    @field_validator("dkim_key")
    @classmethod
    def _is_a_signing_key(cls, value: Path | None) -> Path | None:
        if value is not None:
            read_signing_key(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _is_files_for_now(cls, value: str) -> str:
        if value:
            raise ValueError("only the JSON files are supported; leave it empty")
        return value

    @model_validator(mode="after")
    def _a_server_needs_a_sender(self) -> Settings:
        if self.smtp_host and not self.mail_from:
            raise ValueError("XP_MAIL_FROM is missing; it is required with XP_SMTP_HOST, like coach@example.org")
        return self

    @model_validator(mode="after")
    def _a_signature_needs_both_and_a_sender(self) -> Settings:
        if bool(self.dkim_selector) != bool(self.dkim_key):
            missing, there = "XP_DKIM_SELECTOR", "XP_DKIM_KEY"
            if self.dkim_selector:
                missing, there = there, missing
            raise ValueError(f"{missing} is missing; letters are signed with it and {there}, or with neither")
        if self.dkim_key and not self.mail_from:
            raise ValueError("XP_MAIL_FROM is missing; its domain is the one that signs, like coach@example.org")
        return self


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and the remedy, to whoever runs this.

    `what` is the name of the setting, for those who meet it on a screen, in whatever language.
    """

    def __init__(self, message: str, what: str) -> None:
        super().__init__(message)
        self.what = what


@cache
def read_settings() -> Settings:
    """The settings of this process. Raises SettingsError with one sentence."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "".join(f"XP_{str(part).upper()}" for part in first["loc"][:1])
        said = first["msg"].removeprefix("Value error, ")
        shown = f"{name}={first['input']!s}: " if name and "password" not in name.lower() else ""
        raise SettingsError(" ".join(f"{shown}{said}".split()), name or said.partition(" ")[0]) from None
