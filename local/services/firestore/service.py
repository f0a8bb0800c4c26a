"""Firestore as a service of the stack: the emulator, its events, and one proxy per function."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from infra.catalogue import EventFunction
from local.services.eventarc.event import Event
from local.services.eventarc.service import EventarcService
from local.services.firestore.emulator import Emulator, OwnEmulator
from local.services.firestore.events import EmulatorEvents
from local.services.kit.service import LocalService, MissingPrerequisite

if TYPE_CHECKING:
    from local.services.firestore.proxy import FirestoreProxy

_CHECK_SECONDS = 10.0
"""The longest wait for the first event of an emulator that the stack did not start."""


class FirestoreService(LocalService):
    """Starts Google's emulator, or uses the one in the options."""

    name = "firestore"
    emulator: Emulator

    def start(self) -> None:
        """Start the emulator without waiting for it, and meanwhile import Google's clients for the proxies."""
        context, port = self.context, self.context.options.events_port
        self._events = EmulatorEvents(context.catalogue.of_kind(EventFunction), self._enqueue, port=port)
        self._resources.callback(self._events.stop)
        self.emulator = self._running_emulator() or self._own_emulator()

        from local.services.firestore.proxy import FirestoreProxy, channel

        upstream = self._resources.enter_context(channel(self.emulator.address))
        self._proxies: dict[str, FirestoreProxy] = {}
        for function in context.catalogue.functions:
            self._proxies[function] = FirestoreProxy(function, upstream, context.recorder)
            self._resources.callback(self._proxies[function].stop)

    def connect(self) -> None:
        self.emulator.wait_ready()
        self._events.register(self.emulator)
        if self.context.options.firestore:
            self._check_events()
        self._resources.callback(self._save)

    def variables(self, function: str = "") -> Mapping[str, str]:
        """A function's proxy records its calls; the operator's calls go to the emulator itself."""
        address = self._proxies[function].address if function else self.emulator.address
        return {"FIRESTORE_EMULATOR_HOST": address}

    def flush(self) -> None:
        self._events.fence()

    def _enqueue(self, function: str, event: Event) -> None:
        self.context.service(EventarcService).triggers.enqueue(function, event)

    def _running_emulator(self) -> Emulator | None:
        if not self.context.options.firestore:
            return None
        emulator = Emulator(self.context.options.firestore)
        emulator.wait_ready()
        return emulator

    def _own_emulator(self) -> OwnEmulator:
        emulator = OwnEmulator(self.state, self._events.address)
        self._resources.callback(emulator.stop)
        threading.Thread(target=self._watch, args=(emulator,), daemon=True).start()
        return emulator

    def _check_events(self) -> None:
        """Raises MissingPrerequisite when the emulator sends its events to another address."""
        try:
            self._events.fence(_CHECK_SECONDS)
        except TimeoutError:
            raise MissingPrerequisite(
                f"The emulator at {self.emulator.address} sends no events here: start it with"
                f" --functions_emulator {self._events.address}, and the stack with that --events-port"
            ) from None

    def _save(self) -> None:
        self._events.drain()
        self.emulator.save()

    def _watch(self, emulator: OwnEmulator) -> None:
        self.context.died("the Firestore emulator", emulator.process.wait())
