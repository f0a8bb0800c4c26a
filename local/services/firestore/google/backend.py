"""Google's Firestore emulator as a backend of the stack: started by it, or one that runs already."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from infra.catalogue import EventFunction
from local.services.firestore.backend import DATABASE, EventReceiver
from local.services.firestore.google.emulator import Emulator, OwnEmulator
from local.services.firestore.google.events import EmulatorEvents
from local.services.kit.service import MissingPrerequisite

if TYPE_CHECKING:
    from local.services.firestore.google.channel import EmulatorChannel

_CHECK_SECONDS = 10.0
"""The longest wait for the first event of an emulator that the stack did not start."""


class GoogleFirestore:
    """An emulator with its events and a channel to it."""

    def __init__(
        self,
        state: Path,
        listeners: Iterable[EventFunction],
        receive: EventReceiver,
        *,
        running: str | None = None,
        events_port: int = 0,
        died: Callable[[str, int], None],
    ) -> None:
        """Start an emulator without waiting for it, or use the one at `running`. Raises MissingPrerequisite."""
        self._running = running
        self._died = died
        self._connecting = threading.Lock()
        with ExitStack() as resources:
            self._events = EmulatorEvents(listeners, receive, port=events_port)
            resources.callback(self._events.stop)
            self.emulator = self._find(running) if running else self._start(state)
            resources.callback(self.emulator.stop)
            self.address = self.emulator.address
            self._channel: EmulatorChannel | None = None
            self._resources = resources.pop_all()

    def _find(self, address: str) -> Emulator:
        emulator = Emulator(address)
        emulator.wait_ready()
        return emulator

    def _start(self, state: Path) -> OwnEmulator:
        emulator = OwnEmulator(state, self._events.address)
        threading.Thread(target=self._watch, args=(emulator,), daemon=True).start()
        return emulator

    def _watch(self, emulator: OwnEmulator) -> None:
        self._died("the Firestore emulator", emulator.process.wait())

    def wait_ready(self) -> None:
        self.emulator.wait_ready()
        self._events.register(self.emulator)
        if self._running:
            self._check_events()

    def call(self, method: str, request: bytes, authorization: str, timeout: float | None = None) -> list[bytes]:
        return self._connected().call(method, request, authorization, timeout)

    def flush(self) -> None:
        self._events.fence()

    def clear(self) -> None:
        self.emulator.call("DELETE", f"/emulator/v1/{DATABASE}/documents")

    def save(self) -> None:
        self._events.drain()
        self.emulator.save()

    def stop(self) -> None:
        self._resources.close()

    def _connected(self) -> EmulatorChannel:
        """The channel to the emulator. Its module is imported at the first call, while Java starts."""
        with self._connecting:
            if self._channel is None:
                from local.services.firestore.google.channel import EmulatorChannel

                self._channel = EmulatorChannel(self.address)
                self._resources.callback(self._channel.close)
            return self._channel

    def _check_events(self) -> None:
        """Raises MissingPrerequisite when the emulator sends its events to another address."""
        try:
            self._events.fence(_CHECK_SECONDS)
        except TimeoutError:
            raise MissingPrerequisite(
                f"The emulator at {self.address} sends no events here: start it with"
                f" --functions_emulator {self._events.address}, and the stack with that --events-port"
            ) from None
