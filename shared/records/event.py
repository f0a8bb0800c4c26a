"""Events that clients follow: the versions of a state, or what is added to a series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Event(Generic[T]):
    """A version of a whole state, which a later one replaces, or an item of a series."""

    id: str
    """Names this event among all of the stream. ASCII, without line breaks."""
    data: T


@dataclass(frozen=True)
class Events(Generic[T]):
    """What a client that follows has not got yet, in order."""

    unseen: Sequence[Event[T]]
    final: bool
    """True if nothing is expected after them."""


def version_unless(seen: str, current: Event[T], *, final: bool) -> Events[T]:
    """The current version of a state, unless it is the one that the client has."""
    return Events(() if current.id == seen else (current,), final)
