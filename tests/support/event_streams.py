"""A client of server-sent events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import urllib3

from tests.support.client import ApiClient

_http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(20), maxsize=16)


@dataclass
class Stream:
    """An open response."""

    status: int
    headers: Any
    lines: Iterator[bytes] = field(repr=False)
    last_id: str = ""
    retry: int = 0

    def next(self) -> Any:
        """The data of the next event; None at the end of the stream."""
        for line in self.lines:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                self.last_id = value
            if name == "retry":
                self.retry = int(value)
            if name == "data":
                return json.loads(value)
        return None

    def rest(self) -> list[Any]:
        """The data of all further events, until the server closes the stream."""
        return list(iter(self.next, None))


@contextmanager
def opened(client: ApiClient, path: str, last_id: str = "") -> Iterator[Stream]:
    """Open a stream; it is closed by the client at the end."""
    headers = {"Authorization": f"Bearer {client.token}", **({"Last-Event-ID": last_id} if last_id else {})}
    response = _http.request("GET", client.base + path, headers=headers, preload_content=False)
    try:
        yield Stream(response.status, response.headers, iter(response))
    finally:
        response.close()
