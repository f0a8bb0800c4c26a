"""Identity tokens of deliveries for handlers that run in the process of a test."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from google.auth import jwt
from google.auth.crypt import RSASigner

from local.services.iam.endpoint import IamEndpoint
from local.services.kit.identity import CERTIFICATES, trigger_account
from local.services.kit.recorder import Recorder
from local.services.kit.servers import HttpServer
from shared import settings
from shared.gateways import identity_tokens

ACCOUNT = trigger_account("task")
AUDIENCE = "https://look-123456789.asia-south1.run.app"
_encode: Any = jwt.encode


@cache
def issuer() -> IamEndpoint:
    """The issuer of the tokens that `expected` accepts."""
    return another_issuer()


def another_issuer() -> IamEndpoint:
    """An issuer with a key of its own."""
    with tempfile.TemporaryDirectory(prefix="iam-") as folder:
        return IamEndpoint(Path(folder), Recorder())


def authorization() -> str:
    """The header of a genuine delivery."""
    return f"Bearer {issuer().identity_token(ACCOUNT, AUDIENCE)}"


def token(
    changes: Mapping[str, object] | None = None, signer: RSASigner | None = None, key_id: str | None = None
) -> str:
    """A signed token with changed claims; a claim that is None is left out."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": "https://accounts.google.com",
        "aud": AUDIENCE,
        "email": ACCOUNT,
        "email_verified": True,
        "iat": now,
        "exp": now + 3600,
        **(changes or {}),
    }
    kept = {name: value for name, value in claims.items() if value is not None}
    signed: bytes = _encode(signer or issuer().signer, kept, key_id=key_id)
    return signed.decode()


@contextmanager
def expected() -> Iterator[None]:
    """The environment of a function that expects deliveries with `authorization`."""
    server = HttpServer(issuer().app)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INVOKER_ACCOUNT", ACCOUNT)
        patch.setenv("INVOKER_AUDIENCE", AUDIENCE)
        patch.setenv("CERTIFICATES_ENDPOINT", f"{server.url}{CERTIFICATES}")
        forget()
        try:
            yield
        finally:
            server.stop()
            forget()


def forget() -> None:
    """Discard the settings and the certificates of this process."""
    settings.load.cache_clear()
    identity_tokens._certificates.cache_clear()
