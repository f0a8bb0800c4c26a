"""Verifying a Firebase ID token that is signed as Google signs: ours and firebase-admin.

Both have fetched the certificates before. firebase-admin takes them from its HTTP cache and parses them each time.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import firebase_admin
from firebase_admin import auth, credentials
from google.auth.credentials import AnonymousCredentials

from bench.measure import Comparison, medians, timed
from local.services.auth.issuer import Key, usual
from local.services.kit.identity import PROJECT
from shared.gateways.certificates import Certificates
from shared.gateways.signed_tokens import parse

BOUND = 0.2
"""Of firebase-admin's. Measured: 0.07."""
MOST_SECONDS = 0.15e-3
"""What a request may spend on its token."""
TOKENS = 200
"""Tokens in one measurement."""


def compare(rounds: int) -> list[Comparison]:
    """Seconds for a token."""
    key, now = Key(), time.time()
    firebase = {"identities": {"email": ["doctor@clinic.example"]}, "sign_in_provider": "password"}
    unsigned = usual("aster-0123456789", clinic="aster", email_verified=True, firebase=firebase)
    token = unsigned.signed(key.sign(unsigned.text))
    with _served({unsigned.header["kid"]: key.certificate.decode()}) as url:
        certificates = Certificates(url)

        def ours() -> None:
            parsed = parse(token)
            parsed.require_current(now)
            parsed.require_signature(certificates)

        theirs = _firebase_admin(url, token)
        for fetch in (ours, theirs):
            fetch()
        seconds = medians(rounds, {"ours": timed(ours, TOKENS), "theirs": timed(theirs, TOKENS)})
    return [
        Comparison("an ID token, against firebase-admin", seconds["ours"], seconds["theirs"], BOUND),
        Comparison("an ID token, against what a request may spend", seconds["ours"], MOST_SECONDS, 1.0),
    ]


class _NoCredential(credentials.Base):
    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()


def _firebase_admin(url: str, token: str) -> Callable[[], None]:
    """firebase-admin's verification, with the certificates at this address."""
    app = firebase_admin.initialize_app(_NoCredential(), options={"projectId": PROJECT}, name="bench")
    client = auth.Client(app)
    client._token_verifier.id_token_verifier.cert_url = url
    return lambda: client.verify_id_token(token)


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
