"""An OpenID provider on loopback: discovery, authorize, token with a signed ID token, keys; it says what it is told."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, CLIENT_SECRET = "xp-tracker", "what only the two of us know"
LASTS_SECONDS = 300


@dataclass
class Provider:
    """Who sits at the provider, and how it misbehaves."""

    url: str
    person: dict[str, Any] = field(default_factory=dict)  # claims: sub, email, email_verified, name
    refuses: str = ""  # an error of RFC 6749 4.1.2.1, instead of a code
    claims: dict[str, Any] = field(default_factory=dict)  # of the ID token, in the place of the true ones
    state: str = ""  # sent back in the place of the one that came
    is_down: bool = False
    signs_with: RSAKey | None = None  # in the place of the key that is published
    asked: list[dict[str, str]] = field(default_factory=list)  # what authorize was asked with
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next."""
        self.asked.append(asked)
        answer = {"state": self.state or asked["state"]}
        if self.refuses:
            answer |= {"error": self.refuses, "error_description": "a <b>description</b> of the provider's"}
        else:
            code = secrets.token_urlsafe(12)
            self.codes[code] = asked
            answer |= {"code": code}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        """What a code is worth, once."""
        asked, now = self.codes.pop(form["code"]), int(time.time())
        true = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + LASTS_SECONDS, "nonce": asked["nonce"]}
        claims = true | self.person | self.claims
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signs_with or self.key)
        return {"access_token": secrets.token_urlsafe(12), "token_type": "Bearer", "id_token": signed}

    def is_the_client(self, authorization: str) -> bool:
        return urlsafe_b64decode(authorization.removeprefix("Basic ")).decode() == f"{CLIENT}:{CLIENT_SECRET}"


@contextmanager
def open_provider() -> Iterator[Provider]:
    """A provider on a free port."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            where = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(where.query).items()}
            if provider.is_down:
                self.send_error(503)
            elif where.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.authorize(asked))
                self.end_headers()
            elif where.path == "/keys":
                self.say({"keys": [provider.key.as_dict(private=False)]})
            else:
                self.say(provider.discovery())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            if provider.is_the_client(self.headers.get("Authorization", "")) and form.get("code") in provider.codes:
                self.say(provider.token(form))
            else:
                self.say({"error": "invalid_grant"}, 400)

        def say(self, what: dict[str, Any], status: int = 200) -> None:
            octets = json.dumps(what).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider = Provider(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def secrets_toml(provider: Provider, app_url: str, name: str = "acme") -> str:
    """What an operator writes into secrets.toml for that provider."""
    return f"""
[auth]
redirect_uri = "{app_url}/oauth2callback"
cookie_secret = "{secrets.token_urlsafe(32)}"

[auth.{name}]
name = "{name.title()}"
client_id = "{CLIENT}"
client_secret = "{CLIENT_SECRET}"
server_metadata_url = "{provider.url}/.well-known/openid-configuration"
"""
