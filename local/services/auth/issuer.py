"""Firebase's part in the verification of ID tokens: signs them, and serves the certificates that verify them.

Google's certificates are at a fixed address. Functions reach this server instead, as their HTTPS proxy, so they verify
tokens as when deployed.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from local.services.kit.identity import PROJECT

GOOGLE = "www.googleapis.com"
TOOLKIT = "identitytoolkit.googleapis.com"
CERTIFICATES = "/robot/v1/metadata/x509/securetoken@system.gserviceaccount.com"
"""The path of the certificates of Firebase's ID tokens."""
A_LONG_TIME = 20_000
"""Seconds for which certificates may be cached, about as long as Google allows."""


class Key:
    """An RSA key with its certificate."""

    def __init__(self, *names: str) -> None:
        """`names` are the DNS names of the certificate."""
        self._key = rsa.generate_private_key(65537, 2048)
        self._names = names

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, PKCS1v15(), hashes.SHA256())

    @cached_property
    def certificate(self) -> bytes:
        """Self-signed, in PEM."""
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=16))
            .add_extension(x509.SubjectAlternativeName(list(map(x509.DNSName, self._names))), critical=False)
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    @property
    def public(self) -> bytes:
        """The public key, in PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def private(self) -> bytes:
        """The private key, in PEM."""
        return self._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True)
class Unsigned:
    """A token before it is signed."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def text(self) -> bytes:
        return f"{_part(self.header)}.{_part(self.claims)}".encode()

    def signed(self, signature: bytes) -> str:
        return f"{self.text.decode()}.{encoded(signature)}"


def usual(user_id: str, **changed: object) -> Unsigned:
    """The token that Firebase signs with the key `first`; `changed` are other claims, and None removes one."""
    now = int(time.time())
    claims = {
        "iss": f"https://securetoken.google.com/{PROJECT}",
        "aud": PROJECT,
        "sub": user_id,
        "user_id": user_id,
        "auth_time": now,
        "iat": now,
        "exp": now + 3600,
        **changed,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return Unsigned({"alg": "RS256", "kid": "first", "typ": "JWT"}, present)


class Firebase:
    """Signs tokens with the key `first`, and serves certificates and accounts to the clients that use it as proxy."""

    def __init__(self, folder: Path, accounts: str, trusted: Path) -> None:
        """Write the server's certificate to `folder`, behind those that are `trusted` already; `accounts` is the URL of
        the local Identity Toolkit."""
        self.key = Key()
        self.keys = {"first": self.key}
        """The keys whose certificates are served, by key id."""
        self.max_age = A_LONG_TIME
        """Seconds for which a client may cache the certificates."""
        self.status = 200
        """The status of responses with certificates."""
        self.delay = 0.0
        """Seconds before a response with certificates."""
        self.reachable = True
        self.fetches = 0
        """The number of requests for certificates."""
        self._accounts = accounts
        own = Key(GOOGLE, TOOLKIT)
        self._roots = folder / "google.crt"
        self._roots.write_bytes(trusted.read_bytes() + own.certificate)
        chain = folder / "google.pem"
        chain.write_bytes(own.private + own.certificate)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(chain)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def variables(self) -> dict[str, str | None]:
        """Environment variables with which functions verify tokens as when deployed, through this proxy."""
        return {
            "FIREBASE_AUTH_EMULATOR_HOST": None,
            "HTTPS_PROXY": f"http://127.0.0.1:{self._server.server_port}",
            "NO_PROXY": "localhost,127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(self._roots),
            "SSL_CERT_FILE": str(self._roots),
        }

    def token(self, user_id: str, **changed: object) -> str:
        """An ID token as Firebase issues it."""
        unsigned = usual(user_id, **changed)
        return unsigned.signed(self.key.sign(unsigned.text))

    def certificates(self) -> bytes:
        self.fetches += 1
        time.sleep(self.delay)
        return json.dumps({name: key.certificate.decode() for name, key in self.keys.items()}).encode()

    def pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of the response of the local Identity Toolkit."""
        response = urllib3.request(method, f"{self._accounts}/{TOOLKIT}{path}", headers=dict(headers), body=body)
        return response.status, response.data


def _handler(firebase: Firebase) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """A proxy that terminates the tunnel and answers the requests itself."""

        protocol_version = "HTTP/1.1"

        def do_CONNECT(self) -> None:
            if not firebase.reachable or self.path not in (f"{GOOGLE}:443", f"{TOOLKIT}:443"):
                self._reply(502, b"")
                return
            self.send_response(200)
            self.end_headers()
            self.close_connection = False
            self.connection = firebase.tls.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)

        def do_GET(self) -> None:
            if self.path == CERTIFICATES:
                content = firebase.certificates()
                self._reply(firebase.status, content, f"public, max-age={firebase.max_age}, must-revalidate")
            else:
                self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            passed_on = {name: self.headers[name] for name in ("Authorization", "Content-Type") if self.headers[name]}
            self._reply(*firebase.pass_on(self.command, self.path, passed_on, body))

        def _reply(self, status: int, content: bytes, caching: str = "no-store") -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", caching)
            self.end_headers()
            with suppress(OSError):  # a client that no longer waits has hung up
                self.wfile.write(content)

    return Handler


def _part(value: Mapping[str, Any]) -> str:
    return encoded(json.dumps(value).encode())


def encoded(content: bytes) -> str:
    """URL-safe base64 without padding, as in JWTs."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
