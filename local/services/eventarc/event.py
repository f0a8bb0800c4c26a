"""CloudEvents and their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


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
