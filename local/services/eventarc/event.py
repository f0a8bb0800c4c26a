"""CloudEvents and their deliveries."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Event:
    """A CloudEvent in binary mode; every delivery of an event has the same id."""

    headers: Mapping[str, str]
    """The `ce-*` headers and the content type."""
    body: bytes

    @property
    def id(self) -> str:
        return self.headers.get("ce-id", "")


class BucketEvent(Protocol):
    """An event of an object in a bucket."""

    @property
    def type(self) -> str: ...

    @property
    def bucket(self) -> str: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True)
class Delivery:
    """An event for one function, pending or completed."""

    function: str
    event: Event

    def to_json(self) -> dict[str, Any]:
        body = base64.b64encode(self.event.body).decode()
        return {"function": self.function, "headers": dict(self.event.headers), "body": body}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Delivery:
        return cls(entry["function"], Event(entry["headers"], base64.b64decode(entry["body"])))
