"""A client app of the clinic: calls the API, and Storage for uploads."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import urllib3

from local.demo.pieces import digest_of

CHUNK = 512 * 1024
"""Bytes per chunk of an upload; Cloud Storage requires multiples of 256 KiB."""
_TIMEOUT = 60.0
"""Seconds."""
_RECONNECT_AFTER = 1.0
"""Seconds; a stream closes itself before the function's timeout."""
_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(_TIMEOUT))


class DemoError(Exception):
    """A step of the demo failed; the message says which and why."""


@dataclass(frozen=True)
class Reply:
    """A response of the API."""

    content: bytes
    etag: str

    @property
    def body(self) -> Any:
        return json.loads(self.content)


class App:
    """The app of one signed-in person."""

    def __init__(self, url: str, token: str) -> None:
        """`url` is the API's address, `token` the person's ID token."""
        self._url = f"{url}/api/v1"
        self._accounts = f"{url}/identitytoolkit.googleapis.com/v1/accounts"
        self._authorization = {"Authorization": f"Bearer {token}"}

    def sign_in(self, email: str, password: str) -> None:
        """Sign in again: signing a report needs a fresh sign-in."""
        body = {"email": email, "password": password, "returnSecureToken": True}
        answer = _http.request("POST", f"{self._accounts}:signInWithPassword?key=any", json=body)
        if answer.status != 200:
            raise DemoError(f"the sign-in was answered {answer.status}")
        self._authorization = {"Authorization": f"Bearer {answer.json()['idToken']}"}

    def get(self, path: str) -> Reply:
        return self._send("GET", path)

    def post(self, path: str, body: object = None, *, etag: str = "") -> Reply:
        return self._send("POST", path, body, {"Idempotency-Key": uuid.uuid4().hex, **_if_match(etag)})

    def put(self, path: str, body: object, *, etag: str = "") -> Reply:
        return self._send("PUT", path, body, _if_match(etag))

    def delete(self, path: str, *, etag: str) -> Reply:
        return self._send("DELETE", path, headers=_if_match(etag))

    def refusal(self, path: str, body: object = None, *, etag: str = "") -> Mapping[str, Any]:
        """The problem that a GET, or a POST with a body, is refused with. Raises DemoError if it is answered."""
        method = "GET" if body is None else "POST"
        headers = {**self._authorization, "Idempotency-Key": uuid.uuid4().hex, **_if_match(etag)}
        answer = _http.request(method, self._url + path, json=body, headers=headers)
        if answer.status < 400:
            raise DemoError(f"{method} {path} was answered {answer.status}; it must be refused")
        problem: Mapping[str, Any] = answer.json()
        return problem

    def upload(self, url: str, audio: bytes) -> int:
        """Send a recording to an upload session; returns the number of chunks."""
        starts = range(0, len(audio), CHUNK)
        for start in starts:
            chunk = audio[start : start + CHUNK]
            end = start + len(chunk)
            headers = {"Content-Range": f"bytes {start}-{end - 1}/{len(audio)}"}
            answer = _http.request("PUT", url, body=chunk, headers=headers)
            if answer.status != (200 if end == len(audio) else 308):
                raise DemoError(f"Storage answered {answer.status} to a chunk of the upload")
        return len(starts)

    def fetch(self, url: str) -> bytes:
        """Read a recording or a file by its signed URL, as a player or a browser does."""
        answer = _http.request("GET", url.partition("#")[0])
        if answer.status != 200:
            raise DemoError(f"Storage answered {answer.status} to a signed URL")
        return answer.data

    def send_audio(self, path: str, audio: bytes, content_type: str) -> Reply:
        """Send a piece of a live recording, with its digest."""
        headers = {"Content-Type": content_type, "Content-Digest": digest_of(audio)}
        return self._send("POST", path, headers=headers, content=audio)

    def follow(self, session: str) -> Iterator[dict[str, Any]]:
        """The progress of a session: the current state after each line of its stream, until the state is final."""
        state = dict[str, Any]()
        for now in self._stream(f"/sessions/{session}/progress"):
            state = now or state
            yield state

    def heard(self, session: str) -> Iterator[dict[str, Any]]:
        """What is heard in a session that is recorded live, piece by piece, until it is over."""
        return filter(None, self._stream(f"/sessions/{session}/transcript/live"))

    def _stream(self, path: str) -> Iterator[dict[str, Any] | None]:
        """The lines of a stream that is opened again and again until it is at its end: the data, None for others."""
        headers = {**self._authorization}
        while True:
            with closing(_http.request("GET", self._url + path, headers=headers, preload_content=False)) as stream:
                if stream.status == 204:
                    return
                if stream.status != 200:
                    raise DemoError(f"GET {path} was answered {stream.status}: {_reason(stream.data)}")
                for line in stream:
                    name, _, value = line.decode().strip().partition(": ")
                    if name == "id":
                        headers["Last-Event-ID"] = value
                    yield json.loads(value) if name == "data" else None
            time.sleep(_RECONNECT_AFTER)

    def _send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        fields = {**self._authorization, **(headers or {})}
        answer = _http.request(method, self._url + path, json=body, body=content, headers=fields)
        if answer.status >= 300:
            raise DemoError(f"{method} {path} was answered {answer.status}: {_reason(answer.data)}")
        return Reply(answer.data, answer.headers.get("ETag", ""))


def _if_match(etag: str) -> dict[str, str]:
    return {"If-Match": etag} if etag else {}


def _reason(content: bytes) -> str:
    """The reason in a problem response (RFC 9457), or the start of the response itself."""
    try:
        problem = json.loads(content)
        return ". ".join(str(problem[name]) for name in ("title", "detail", "errors") if problem.get(name))
    except ValueError:
        return content.decode(errors="replace")[:300]
