"""Events: the successive states of something that clients follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Event(Generic[T]):
    """A whole state, as a client that follows it gets it. A later event replaces it."""

    id: str
    """Names this version of the state: another version has another id. ASCII, without line breaks."""
    data: T
    final: bool
    """True if no other version is expected."""
