"""A client app of the clinic: calls the API, Storage for uploads, and Firestore for progress."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3

from local.services.firestore.backend import DATABASE

CHUNK = 512 * 1024
"""Bytes per chunk of an upload; Cloud Storage requires multiples of 256 KiB."""
_TIMEOUT = 60.0
"""Seconds."""
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

    def progress(self, firestore: str, clinic: str, session: str) -> dict[str, str]:
        """A session's progress: the only document that apps may read directly (deployed apps listen to it)."""
        import grpc
        from google.api_core.exceptions import GoogleAPICallError
        from google.cloud.firestore_v1.services.firestore import FirestoreClient
        from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

        name = f"{DATABASE}/documents/clinics/{clinic}/progress/{session}"
        metadata = [("authorization", self._authorization["Authorization"])]
        with grpc.insecure_channel(firestore) as channel:
            client = FirestoreClient(transport=FirestoreGrpcTransport(channel=channel))
            try:
                document = client.get_document({"name": name}, metadata=metadata, retry=None, timeout=_TIMEOUT)
            except GoogleAPICallError as error:
                raise DemoError(f"Firestore refused the request for progress: {error.message}") from None
        return {key: value.string_value for key, value in document.fields.items() if "string_value" in value}

    def _send(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        fields = {**self._authorization, **(headers or {})}
        answer = _http.request(method, self._url + path, json=body, headers=fields)
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
