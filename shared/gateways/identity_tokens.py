"""Google's identity tokens: claims and signatures. Each instance caches the certificates as long as Google allows.

Cloud Run verifies a token before the function runs, and replaces its signature by a marker, so that nobody can use the
token again (cloud.google.com/run/docs/troubleshooting#signature-removed).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any

from shared import settings
from shared.records.problems import Unavailable
from shared.singleton import singleton

_GOOGLE = "https://www.googleapis.com/oauth2/v1/certs"
"""X.509 certificates by key id (developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken)."""
_MARKER = "SIGNATURE_REMOVED_BY_GOOGLE"
_CLOCK_SKEW = 10
"""Seconds."""
_LONGEST = 8192
"""Characters of a token; Google's have about a thousand."""
_TIMEOUT = 5
_DEFAULT_LIFETIME = 3600
_LONGEST_LIFETIME = 24 * 3600
_SHORTEST_LIFETIME = 60
"""Seconds. Also between two look-ups because of unknown key ids, so that forged tokens cause no traffic."""
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")


class InvalidToken(Exception):
    """The token is not a valid identity token; the argument is the reason, a code for the log."""


def verified_claims(token: str, now: float) -> Mapping[str, Any]:
    """The claims of a token that is valid at `now` (seconds since the epoch) and signed by Google.

    On Cloud Run a token with the marker counts as signed: Cloud Run has verified it. Raises InvalidToken, or
    Unavailable when the certificates cannot be fetched.
    """
    from google.auth import jwt

    if len(token) > _LONGEST:
        raise InvalidToken("malformed")
    content, _, signature = token.rpartition(".")
    checked = signature == _MARKER and settings.on_cloud_run()
    readable = f"{content}." if checked else token
    try:
        claims: Mapping[str, Any] = jwt.decode(readable, verify=False)
        key_id = jwt.decode_header(readable).get("kid")
    except (ValueError, RecursionError):
        raise InvalidToken("malformed") from None
    _require_current(claims, now)
    if not checked:
        _verify_signature(token, key_id)
    return claims


def _require_current(claims: Mapping[str, Any], now: float) -> None:
    issued, expires = claims.get("iat"), claims.get("exp")
    if not isinstance(issued, int | float) or not isinstance(expires, int | float):
        raise InvalidToken("malformed")
    if not issued - _CLOCK_SKEW <= now <= expires + _CLOCK_SKEW:
        raise InvalidToken("expired")


def _verify_signature(token: str, key_id: object) -> None:
    from google.auth import jwt

    known = _cache().of_key(key_id) if isinstance(key_id, str) else {}
    if key_id not in known:
        raise InvalidToken("unknown_key")
    try:
        jwt.decode(token, certs=known, clock_skew_in_seconds=_CLOCK_SKEW)
    except ValueError:
        raise InvalidToken("signature") from None


class _Certificates:
    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._known: Mapping[str, str] = {}
        self._expires = self._next_fetch = 0.0

    def of_key(self, key_id: str) -> Mapping[str, str]:
        """The certificates in PEM, by key id; fetched if they have expired or lack this key. Raises Unavailable."""
        with self._lock:
            now = time.monotonic()
            if now >= self._expires or (key_id not in self._known and now >= self._next_fetch):
                self._known, lifetime = _fetch(self._url)
                self._expires, self._next_fetch = now + lifetime, now + _SHORTEST_LIFETIME
            return self._known


def _fetch(url: str) -> tuple[Mapping[str, str], int]:
    """The certificates, and the seconds for which they may be cached."""
    from google.auth.exceptions import TransportError
    from google.auth.transport.requests import Request

    try:
        response = Request()(url, timeout=_TIMEOUT)
        if response.status != 200:
            raise Unavailable
        certificates = json.loads(response.data)
    except (TransportError, ValueError):
        raise Unavailable from None
    if not isinstance(certificates, dict):
        raise Unavailable
    max_age = _MAX_AGE.search(response.headers.get("cache-control", ""))
    lifetime = int(max_age[1]) if max_age else _DEFAULT_LIFETIME
    return certificates, min(max(lifetime, _SHORTEST_LIFETIME), _LONGEST_LIFETIME)


@singleton
def _cache() -> _Certificates:
    return _Certificates(settings.load(settings.Invoker).certificates_endpoint or _GOOGLE)
