"""The embedded database as a backend of the stack, in the stack's process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.catalogue import EventFunction
from local.services.eventarc.event import Event
from local.services.firestore.backend import DATABASE, EventReceiver
from local.services.firestore.embedded.database import Database
from local.services.firestore.embedded.events import Listener
from local.services.firestore.server import FirestoreServer

_FLUSH_SECONDS = 30.0


class EmbeddedFirestore:
    """A database in a folder, with a gRPC server for callers outside the process."""

    def __init__(
        self, state: Path, listeners: Iterable[EventFunction] = (), receive: EventReceiver | None = None, port: int = 0
    ) -> None:
        """Open it. Events of changes go to `receive` after `wait_ready`; 0 is any free port."""

        def receive_event(function: str, headers: Mapping[str, str], body: bytes) -> None:
            if receive is not None:
                receive(function, Event(headers, body))

        triggers = [Listener(each.name, each.event, each.document) for each in listeners if each.document is not None]
        self._database = Database(DATABASE, state, listeners=triggers, receiver=receive_event)
        self._server = FirestoreServer(self._database, port)
        self.address = self._server.address
        self.call = self._database.call

    def wait_ready(self) -> None:
        self._database.outbox.start()

    def flush(self) -> None:
        self._database.outbox.flush(_FLUSH_SECONDS)

    def clear(self) -> None:
        self._database.clear()

    def save(self) -> None:
        """Every commit is saved already."""

    def stop(self) -> None:
        self._server.stop()
        self._database.stop()
