"""Certificates with which Google signs tokens. Each instance keeps them, parsed, as long as Google allows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from shared.records.problems import Unavailable

if TYPE_CHECKING:
    from google.auth.crypt import RSAVerifier

_TIMEOUT = 5
"""Seconds for one request."""
_DEFAULT_LIFETIME = 3600
_LONGEST_LIFETIME = 24 * 3600
"""Seconds for which certificates are kept, without and with a word of Google's."""
_BETWEEN_FETCHES = 60
"""Seconds between two fetches because of unknown keys, so that forged tokens cause no traffic."""
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")


class Certificates:
    """The certificates at one address: X.509 in PEM, by key id. Thread-safe."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._verifiers: dict[str, RSAVerifier] = {}
        self._expires = self._next_fetch = 0.0

    def verifier(self, key_id: object) -> RSAVerifier | None:
        """Verifies signatures of this key; None if Google has no such key. The certificates are fetched if they have
        expired or lack the key. Raises Unavailable."""
        if not isinstance(key_id, str):
            return None
        with self._lock:
            now = time.monotonic()
            if now >= self._expires or (key_id not in self._verifiers and now >= self._next_fetch):
                found, lifetime = _fetch(self._url)
                self._verifiers = _parsed(found)
                self._expires, self._next_fetch = now + lifetime, now + _BETWEEN_FETCHES
            return self._verifiers.get(key_id)


def _parsed(certificates: Mapping[str, Any]) -> dict[str, RSAVerifier]:
    from google.auth.crypt import RSAVerifier

    try:
        return {key_id: RSAVerifier.from_string(pem) for key_id, pem in certificates.items()}
    except (TypeError, ValueError):
        raise Unavailable from None


def _fetch(url: str) -> tuple[Mapping[str, Any], int]:
    """The certificates, and the seconds for which they may be cached."""
    from google.auth.exceptions import TransportError

    from shared.rest.transport import Transport

    try:
        response = Transport()(url, timeout=_TIMEOUT)
        if response.status != 200:
            raise Unavailable
        certificates = json.loads(response.data)
    except (TransportError, ValueError):
        raise Unavailable from None
    if not isinstance(certificates, dict):
        raise Unavailable
    max_age = _MAX_AGE.search(response.headers.get("cache-control", ""))
    lifetime = int(max_age[1]) if max_age else _DEFAULT_LIFETIME
    return certificates, min(lifetime, _LONGEST_LIFETIME)
