"""The certificates of Google's identity tokens, cached by each instance for as long as Google allows."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from threading import Lock

from shared import settings
from shared.records.problems import Unavailable
from shared.singleton import singleton

_GOOGLE = "https://www.googleapis.com/oauth2/v1/certs"
"""X.509 certificates by key id (developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken)."""
_TIMEOUT = 5
_DEFAULT_LIFETIME = 3600
_LONGEST_LIFETIME = 24 * 3600
_SHORTEST_LIFETIME = 60
"""Seconds. Also between two look-ups because of unknown key ids, so that forged tokens cause no traffic."""
_MAX_AGE = re.compile(r"max-age=(\d{1,9})")


def of_key(key_id: str) -> Mapping[str, str]:
    """The certificates in PEM, by key id; fetched if they have expired or lack this key. Raises Unavailable."""
    return _cache().of_key(key_id)


class _Certificates:
    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._known: Mapping[str, str] = {}
        self._expires = self._next_fetch = 0.0

    def of_key(self, key_id: str) -> Mapping[str, str]:
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
