"""Cloud KMS as the vault calls it: four methods of its REST API (cloud.google.com/kms/docs/reference/rest)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from shared.rest.api import Api, Call, routing
from shared.rest.errors import DeadlineExceeded, Unavailable
from shared.rest.opening import open_api
from shared.rest.retries import retried

RETRIED = DeadlineExceeded, Unavailable
"""Errors after which Google's client calls again: the effects of all four methods may be repeated."""
LONGEST_PAUSE = 1.0
"""Seconds between two attempts."""
_HOST = "cloudkms.googleapis.com"
_SCOPES = "cloud-platform", "cloudkms"


def open_kms(endpoint: str | None) -> Api:
    """KMS, or the KMS at another address. Raises as `shared.rest.opening.open_api`."""
    return open_api(_HOST, _SCOPES, endpoint=endpoint)


class KmsApi:
    """Each method takes the resource name of a key or of its version, what is sent, the seconds of one attempt, and
    those of all attempts. Raises shared.rest.errors.ApiError."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def encrypt(self, name: str, content: Mapping[str, Any], attempt: float, seconds: float) -> Any:
        return self._call(name, ":encrypt", content, attempt, seconds)

    def decrypt(self, name: str, content: Mapping[str, Any], attempt: float, seconds: float) -> Any:
        return self._call(name, ":decrypt", content, attempt, seconds)

    def asymmetric_sign(self, name: str, content: Mapping[str, Any], attempt: float, seconds: float) -> Any:
        return self._call(name, ":asymmetricSign", content, attempt, seconds)

    def get_public_key(self, name: str, attempt: float, seconds: float) -> Any:
        return self._call(name, "/publicKey", None, attempt, seconds)

    def _call(self, name: str, method: str, content: Mapping[str, Any] | None, attempt: float, seconds: float) -> Any:
        again = retried(self._api.call, RETRIED, seconds, longest_pause=LONGEST_PAUSE)
        return again(Call(f"/v1/{quote(name)}{method}", routing("name", name), content), attempt)
