"""A client of the API like a mobile app: HTTP, JSON, ETags and idempotency keys."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import urllib3

from local.demo.seed import token

_PATIENCE = 60
"""Seconds."""
_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(60), maxsize=128)


@dataclass(frozen=True)
class Reply:
    """An HTTP response."""

    status: int
    headers: Any
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)

    @property
    def etag(self) -> str:
        return str(self.headers["ETag"])

    def ok(self, status: int = 200) -> Reply:
        """The reply itself. Raises AssertionError if it has another status."""
        assert self.status == status, f"{self.status}: {self.content[:500]!r}"
        return self

    def refused(self, status: int, name: str) -> Reply:
        """The reply itself. Raises AssertionError if it is not this problem in RFC 9457 form."""
        assert self.status == status, f"{self.status}: {self.content[:500]!r}"
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["type"] == f"urn:synapseai:problem:{name}"
        return self


class ApiClient:
    """A client of the API for one user of one clinic."""

    def __init__(self, url: str, user_id: str, clinic_id: str) -> None:
        self.base = f"{url}/api/v1"
        self.user_id = user_id
        self.clinic_id = clinic_id
        self.token = token(user_id, clinic_id)

    def sign_in(self, *, seconds_ago: int = 0, second_factor: str = "") -> None:
        """Sign in again: the token's `auth_time` is now, or so many seconds ago."""
        signed_in_at = int(time.time()) - seconds_ago
        self.token = token(self.user_id, self.clinic_id, signed_in_at=signed_in_at, second_factor=second_factor)

    def get(self, path: str, **headers: str) -> Reply:
        return self.send("GET", path, **headers)

    def pdf(self, path: str, **headers: str) -> Reply:
        """`get`, which waits as long as the signed PDF is being made, as an app does."""
        ends = time.monotonic() + _PATIENCE
        while (reply := self.get(path, **headers)).status == 409 and reply.body.get("code") == "pdf_pending":
            assert time.monotonic() < ends, "the signed PDF was not made"
            time.sleep(0.1)  # of the seconds of Retry-After, which are for functions that start
        return reply

    def post(self, path: str, body: Any = None, *, etag: str = "", key: str | None = None, **headers: str) -> Reply:
        """`key` is the Idempotency-Key: a fresh one by default, none when empty."""
        if key != "":
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        return self.send("POST", path, body, etag=etag, **headers)

    def put(self, path: str, body: Any, *, etag: str = "", **headers: str) -> Reply:
        return self.send("PUT", path, body, etag=etag, **headers)

    def delete(self, path: str, *, etag: str = "") -> Reply:
        return self.send("DELETE", path, etag=etag)

    def send(self, method: str, path: str, body: Any = None, *, etag: str = "", **headers: str) -> Reply:
        headers = {"Authorization": f"Bearer {self.token}", **headers}
        if etag:
            headers["If-Match"] = etag
        content = None
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            content = body if isinstance(body, bytes) else json.dumps(body)
        response = _http.request(method, self.base + path, body=content, headers=headers)
        return Reply(response.status, response.headers, response.data)


def upload(url: str, audio: bytes, content_type: str) -> int:
    """Send a recording to the upload session that a function opened; returns the status."""
    return _http.request("PUT", url, body=audio, headers={"Content-Type": content_type}).status
