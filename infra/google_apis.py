"""Google's REST APIs, read with the token of whoever is signed in to gcloud."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3

Json = Mapping[str, Any]
_MOST_PAGES = 50


class Unreadable(Exception):
    """An API did not say: the caller may not ask, the API is off, or it does not answer."""


class Missing(Exception):
    """What was asked for does not exist."""


class Refused(Exception):
    """The API rejects the request itself."""


class GoogleApis:
    """Requests on behalf of one project. They change nothing."""

    def __init__(self, project: str, token: str, origin: str = "https://") -> None:
        """`origin` precedes each host."""
        self.project = project
        self._origin = origin
        self._headers = {"Authorization": f"Bearer {token}", "x-goog-user-project": project}
        self._http = urllib3.PoolManager(retries=urllib3.Retry(2, redirect=0), timeout=urllib3.Timeout(60))

    def get(self, address: str, **parameters: str | int) -> Json:
        """The answer to GET of an address, host and path. Raises Unreadable, Missing or Refused."""
        return self._answer("GET", f"{address}?{urlencode(parameters)}" if parameters else address)

    def post(self, address: str, body: Json) -> Json:
        """The answer to POST, for the requests that only ask. Raises Unreadable, Missing or Refused."""
        return self._answer("POST", address, json=body)

    def all(self, address: str, field: str, **parameters: str | int) -> Iterator[Json]:
        """What is in `field` of all pages of a list."""
        page = self.get(address, **parameters)
        for _ in range(_MOST_PAGES):
            yield from page.get(field, [])
            if not (token := page.get("nextPageToken")):
                return
            page = self.get(address, **parameters, pageToken=token)
        raise Unreadable(f"{address} has more than {_MOST_PAGES} pages")

    def _answer(self, method: str, address: str, **options: Any) -> Json:
        try:
            response = self._http.request(method, f"{self._origin}{address}", headers=self._headers, **options)
        except urllib3.exceptions.HTTPError as error:
            raise Unreadable(f"{_host(address)} does not answer ({type(error).__name__})") from None
        content = _object(response.data)
        if response.status == 200:
            return content
        raise _error(response.status, content, _host(address))


def signed_in(project: str) -> GoogleApis:
    """The APIs, as whoever is signed in to gcloud. Raises Unreadable if nobody is."""
    try:
        done = subprocess.run(
            ["gcloud", "auth", "print-access-token"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise Unreadable("gcloud does not run: install it, then gcloud auth login") from None
    if done.returncode or not done.stdout.strip():
        raise Unreadable("nobody is signed in to gcloud: gcloud auth login")
    return GoogleApis(project, done.stdout.strip())


def _host(address: str) -> str:
    return address.partition("/")[0]


def _object(data: bytes) -> Json:
    try:
        content = json.loads(data or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _error(status: int, content: Json, host: str) -> Exception:
    """By google.rpc.Status (google.aip.dev/193)."""
    error = content.get("error") or {}
    if not isinstance(error, dict):  # Prometheus' own form
        error = {"message": error}
    message = str(error.get("message", ""))[:300] or f"status {status}"
    reasons = {detail.get("reason") for detail in error.get("details") or []}
    if "SERVICE_DISABLED" in reasons:
        return Unreadable(f"{host} is not enabled (gcloud services enable {host})")
    if status in (401, 403):
        return Unreadable(f"not permitted to read: {message}")
    if status == 404:
        return Missing(f"not found: {message}")
    if status == 429 or status >= 500:
        return Unreadable(f"{host} did not answer now: {message}")
    return Refused(message)
