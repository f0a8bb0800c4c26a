"""Firestore as a service of the stack: a backend, its events, and one proxy per function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.catalogue import EventFunction
from local.services.eventarc.event import Event
from local.services.eventarc.service import EventarcService
from local.services.firestore.backend import Backend
from local.services.kit.service import LocalService

if TYPE_CHECKING:
    from local.services.firestore.proxy import FirestoreProxy

EMBEDDED, GOOGLE = "embedded", "google"


class FirestoreService(LocalService):
    """Runs the backend that the options name."""

    name = "firestore"
    backend: Backend

    def start(self) -> None:
        """Start the backend without waiting for it, and meanwhile import Google's clients for the proxies."""
        self.backend = self._start_backend()
        self._resources.callback(self.backend.stop)

        from local.services.firestore.proxy import FirestoreProxy

        self._proxies: dict[str, FirestoreProxy] = {}
        for function in self.context.catalogue.functions:
            self._proxies[function] = FirestoreProxy(function, self.backend, self.context.recorder)
            self._resources.callback(self._proxies[function].stop)

    def connect(self) -> None:
        self.backend.wait_ready()
        self._resources.callback(self.backend.save)

    def variables(self, function: str = "") -> Mapping[str, str]:
        """A function's proxy records its calls; the operator's calls go to the backend itself."""
        address = self._proxies[function].address if function else self.backend.address
        return {"FIRESTORE_EMULATOR_HOST": address}

    def flush(self) -> None:
        self.backend.flush()

    def _start_backend(self) -> Backend:
        context, options = self.context, self.context.options
        listeners = [listener for listener in context.catalogue.of_kind(EventFunction) if listener.document]
        if options.firestore == EMBEDDED:
            from local.services.firestore.embedded.backend import EmbeddedFirestore

            return EmbeddedFirestore(self.state, listeners, self._receive)

        from local.services.firestore.google.backend import GoogleFirestore

        return GoogleFirestore(
            self.state,
            listeners,
            self._receive,
            running=None if options.firestore == GOOGLE else options.firestore,
            events_port=options.events_port,
            died=context.died,
        )

    def _receive(self, function: str, event: Event) -> None:
        self.context.service(EventarcService).triggers.enqueue(function, event)
