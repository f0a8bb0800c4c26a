"""Receives the events of the Firestore emulator.

The emulator delivers one event at a time and never again. So an event is acknowledged as soon as it is passed on.
"""

from __future__ import annotations

import base64
import logging
import threading
import uuid
from collections.abc import Iterable

from werkzeug.wrappers import Request, Response

from infra.catalogue import EventFunction
from local.services.eventarc.event import Event
from local.services.firestore.backend import DATABASE, EventReceiver
from local.services.firestore.google.emulator import Emulator
from local.services.kit.servers import HttpServer

_FENCE = "local_fence"
"""A collection of the stack's own. The event of a write to it arrives after those of all earlier writes."""

log = logging.getLogger(__name__)


class EmulatorEvents:
    """Passes each event to `enqueue`, with the name of the function that listens for it."""

    def __init__(self, listeners: Iterable[EventFunction], enqueue: EventReceiver, *, port: int = 0) -> None:
        """Receive events on `port` from now on; `register` makes the emulator send them."""
        self._listeners = {listener.name: listener for listener in listeners if listener.document}
        self._enqueue = enqueue
        self._changed = threading.Condition()
        self._fences: set[str] = set()
        self._emulator: Emulator | None = None
        self._stopped = False
        self._server = HttpServer(Request.application(self._receive), port)
        self.address = f"127.0.0.1:{self._server.port}"
        """The emulator's option --functions_emulator."""

    def register(self, emulator: Emulator) -> None:
        """Register a trigger for each listener."""
        for listener in self._listeners.values():
            emulator.listen(listener.name, listener.event, str(listener.document))
        emulator.listen(_FENCE, "google.cloud.firestore.document.v1.written", f"{_FENCE}/{{id}}")
        self._emulator = emulator

    def fence(self, timeout: float = 30.0) -> None:
        """Return when the events of all writes so far have been passed on.

        Raises TimeoutError when they have not after `timeout` seconds.
        """
        assert self._emulator, "register an emulator first"
        fence = uuid.uuid4().hex
        path = f"/v1/{DATABASE}/documents/{_FENCE}/{fence}"
        with self._changed:
            self._fences.add(fence)
        self._emulator.call("PATCH", path, {})
        with self._changed:
            if not self._changed.wait_for(lambda: fence not in self._fences, timeout):
                raise TimeoutError("the Firestore emulator delivers no events")
        self._emulator.call("DELETE", path)

    def drain(self) -> None:
        """Wait for the events of all writes so far; log the error if they do not come. No effect after `stop`."""
        if self._stopped:
            return
        try:
            self.fence()
        except OSError as error:
            log.error("events that are still with the emulator are lost: %s", error)

    def stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._server.stop()

    def _receive(self, request: Request) -> Response:
        """The emulator's `POST /functions/projects/P/triggers/KEY`; its body is base64 text."""
        name = request.path.rpartition("/")[2]
        body = base64.b64decode(request.get_data())
        headers = {key.lower(): value for key, value in request.headers.items() if key.lower().startswith("ce-")}
        if name == _FENCE:
            self._pass_fence(headers["ce-subject"].rpartition("/")[2])
        elif name in self._listeners:
            source = headers["ce-source"].replace("projects/projects/", "projects/")
            content_type = request.headers.get("content-type", "")
            self._enqueue(name, Event({**headers, "ce-source": source, "content-type": content_type}, body))
        else:
            return Response(status=404)
        return Response(status=200)

    def _pass_fence(self, fence: str) -> None:
        with self._changed:
            self._fences.discard(fence)
            self._changed.notify_all()
