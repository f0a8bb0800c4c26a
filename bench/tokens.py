"""Verifying a Firebase ID token that is signed as Google signs: ours and firebase-admin.

Both have fetched the certificates before. firebase-admin takes them from its HTTP cache and parses them each time.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import firebase_admin
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from firebase_admin import auth, credentials
from google.auth.credentials import AnonymousCredentials

from bench.measure import Comparison, medians
from shared.gateways.certificates import Certificates
from shared.gateways.signed_tokens import parse

BOUND = 0.2
"""Of firebase-admin's. Measured: 0.07."""
MOST_SECONDS = 0.15e-3
"""What a request may spend on its token."""
TOKENS = 200
"""Tokens in one measurement."""
_KEY_ID, _PROJECT = "key-1", "demo-synapse"


def compare(rounds: int) -> list[Comparison]:
    """Seconds for a token."""
    key = rsa.generate_private_key(65537, 2048)
    certificate = _certificate(key)
    token, now = _token(key), time.time()
    with _served({_KEY_ID: certificate.decode()}) as url:
        certificates = Certificates(url)

        def ours() -> None:
            parsed = parse(token)
            parsed.require_current(now)
            parsed.require_signature(certificates)

        seconds = medians(rounds, {"ours": _timed(ours), "theirs": _timed(_firebase_admin(url, token))})
    return [
        Comparison("an ID token, against firebase-admin", seconds["ours"], seconds["theirs"], BOUND),
        Comparison("an ID token, against what a request may spend", seconds["ours"], MOST_SECONDS, 1.0),
    ]


class _NoCredential(credentials.Base):
    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()


def _firebase_admin(url: str, token: str) -> Callable[[], None]:
    """firebase-admin's verification, with the certificates at this address."""
    app = firebase_admin.initialize_app(_NoCredential(), options={"projectId": _PROJECT}, name="bench")
    client = auth.Client(app)
    client._token_verifier.id_token_verifier.cert_url = url
    return lambda: client.verify_id_token(token)


def _timed(verify: Callable[[], None]) -> Callable[[], float]:
    def measure() -> float:
        start = time.process_time()
        for _ in range(TOKENS):
            verify()
        return (time.process_time() - start) / TOKENS

    verify()
    return measure


def _token(key: rsa.RSAPrivateKey) -> str:
    now = int(time.time())
    header = {"alg": "RS256", "kid": _KEY_ID, "typ": "JWT"}
    firebase = {"identities": {"email": ["doctor@clinic.example"]}, "sign_in_provider": "password"}
    times = {"iat": now, "auth_time": now, "exp": now + 3600}
    subject = {"sub": "aster-0123456789", "user_id": "aster-0123456789", "clinic": "aster", "email_verified": True}
    issuer = {"iss": f"https://securetoken.google.com/{_PROJECT}", "aud": _PROJECT}
    text = ".".join(map(_encoded, (header, {**issuer, **times, **subject, "firebase": firebase})))
    signature = key.sign(text.encode(), PKCS1v15(), hashes.SHA256())
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _encoded(part: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def _certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "securetoken.system.gserviceaccount.com")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


@contextmanager
def _served(certificates: dict[str, str]) -> Iterator[str]:
    """The address of a server that answers with these certificates."""
    content = json.dumps(certificates).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Cache-Control", "public, max-age=3600")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
