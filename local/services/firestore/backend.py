"""The two databases that a stack can use: the embedded one and Google's emulator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from local.services.eventarc.event import Event
from local.services.kit.identity import PROJECT

DATABASE = f"projects/{PROJECT}/databases/(default)"
"""The name of the stack's database."""
OWNER = "Bearer owner"
"""The authorization of a caller to whom firestore.rules do not apply."""

EventReceiver = Callable[[str, Event], None]
"""Takes the function that listens and the event."""


class Backend(Protocol):
    """A running Firestore."""

    @property
    def address(self) -> str:
        """host:port of its gRPC server; calls to it are not recorded."""

    def wait_ready(self) -> None:
        """Return when it answers and sends events. Raises MissingPrerequisite."""

    def call(self, method: str, request: bytes, authorization: str, timeout: float | None = None) -> list[bytes]:
        """The serialized responses to a call of a method without the service's name; one if the method is unary.

        Raises StatusError with the code and the message of a failed call.
        """

    def flush(self) -> None:
        """Return when the events of all commits so far have been passed on. Raises TimeoutError."""

    def clear(self) -> None:
        """Delete all documents."""

    def save(self) -> None:
        """Save the data for the next start, if that is not done already."""

    def stop(self) -> None:
        """Stop it, also when it is not ready yet."""
