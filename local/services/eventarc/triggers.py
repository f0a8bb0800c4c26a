"""Carries events from the Firestore emulator and from the buckets to the functions that listen for them.

The emulator delivers one event at a time and never again, so an event is acknowledged as soon as it is queued here.
From here on it is delivered as Eventarc does: at least once, again after a failure, in no promised order.
"""

from __future__ import annotations

import base64
import heapq
import itertools
import json
import logging
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from infra.catalogue import Catalogue, EventFunction
from local.services.firestore.emulator import DATABASE, Emulator
from local.services.functions.processes import FunctionDown, Functions
from local.services.kit.servers import HttpServer

if TYPE_CHECKING:
    from local.services.storage import StorageEvent

_FENCE = "local_fence"
"""A collection of which every write tells that all events of earlier writes have arrived."""
_FIRST_BACKOFF = 0.1
_MAX_BACKOFF = 2.0
"""Seconds between two tries."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """A CloudEvent in binary mode; the same event keeps its id however often it is delivered."""

    headers: Mapping[str, str]
    """The `ce-*` headers and the content type."""
    body: bytes

    @property
    def id(self) -> str:
        return self.headers.get("ce-id", "")


@dataclass(frozen=True)
class Delivery:
    """An event on its way to one function, or arrived there."""

    function: str
    event: Event


@dataclass(order=True)
class _Pending:
    due: float
    """Seconds since the epoch."""
    number: int
    delivery: Delivery = field(compare=False)
    received: float = field(compare=False)
    """Seconds since the epoch."""
    backoff: float = field(compare=False, default=_FIRST_BACKOFF)


class Triggers:
    """The queues of events, one a function; each function gets one event at a time."""

    def __init__(
        self,
        catalogue: Catalogue,
        functions: Functions,
        settings: Mapping[str, str],
        state: Path,
        *,
        port: int = 0,
        max_age: float = 120.0,
    ) -> None:
        """Receive events from now on; `start` begins to deliver them.

        `settings` name the buckets. An event is dropped when it has failed for `max_age` seconds.
        """
        self.history: list[Delivery] = []
        """Every event that a function took, in order; a test delivers them again."""
        self.dropped: list[Delivery] = []
        self.listeners = catalogue.of_kind(EventFunction)
        """The functions that take events, each with the type and the source of its events."""
        self._functions = functions
        self._settings = settings
        self._file = state / "events.json"
        self._max_age = max_age
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._queues: dict[str, list[_Pending]] = {listener.name: [] for listener in self.listeners}
        self._delivering: dict[str, _Pending] = {}
        self._fences: set[str] = set()
        self._stopped = False
        self._server = HttpServer(Request.application(self._receive), port)
        self.address = f"127.0.0.1:{self._server.port}"
        """What the emulator is told as its functions host."""

    def start(self, emulator: Emulator) -> None:
        """Register the catalogue's triggers, queue what the last run left, and begin to deliver."""
        self.emulator = emulator
        for listener in self.listeners:
            if listener.document:
                emulator.listen(listener.name, listener.event, listener.document)
        emulator.listen(_FENCE, "google.cloud.firestore.document.v1.written", f"{_FENCE}/{{id}}")
        for delivery in self._load():
            self.enqueue(delivery.function, delivery.event)
        for name in self._queues:
            threading.Thread(target=self._work, args=(name,), daemon=True).start()

    def finalized(self, event: StorageEvent) -> None:
        """Queue a bucket's event for every function that listens to that bucket."""
        for listener in self.listeners:
            if listener.bucket and listener.event == event.type and self._settings[listener.bucket] == event.bucket:
                self.enqueue(listener.name, Event(event.headers, event.body))

    def enqueue(self, function: str, event: Event) -> None:
        """Deliver the event as soon as possible, with retries."""
        now = time.time()
        with self._changed:
            heapq.heappush(self._queues[function], _Pending(now, next(self._numbers), Delivery(function, event), now))
            self._changed.notify_all()

    def deliver(self, function: str, event: Event) -> int:
        """Deliver once, now, and return the status answered. Raises FunctionDown."""
        headers = list(event.headers.items())
        return self._functions.request(function, "POST", "/", headers, event.body).status

    def idle(self) -> bool:
        """Whether nothing waits and nothing is being delivered."""
        with self._changed:
            return not self._delivering and not any(self._queues.values())

    @property
    def handled(self) -> int:
        """How many events have come to an end."""
        return len(self.history) + len(self.dropped)

    def fence(self, timeout: float = 30.0) -> None:
        """Return when the events of every write before now have arrived here.

        Raises TimeoutError when they have not after `timeout` seconds.
        """
        fence = uuid.uuid4().hex
        path = f"/v1/{DATABASE}/documents/{_FENCE}/{fence}"
        with self._changed:
            self._fences.add(fence)
        self.emulator.call("PATCH", path, {})
        with self._changed:
            if not self._changed.wait_for(lambda: fence not in self._fences, timeout):
                raise TimeoutError("the Firestore emulator delivers no events")
        self.emulator.call("DELETE", path)

    def stop(self) -> None:
        """Deliver nothing more, and keep what waits for the next start.

        A delivery under way is waited for: stop the functions first.
        """
        with self._changed:
            if self._stopped:
                return
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._delivering)
        try:
            self.fence()
        except OSError as error:
            log.error("events that are still with the emulator are lost: %s", error)
        self._server.stop()
        self._save()

    def _receive(self, request: Request) -> Response:
        """The emulator's `POST /functions/projects/P/triggers/KEY`; its body is base64 text."""
        name = request.path.rpartition("/")[2]
        body = base64.b64decode(request.get_data())
        headers = {key.lower(): value for key, value in request.headers.items() if key.lower().startswith("ce-")}
        if name == _FENCE:
            self._pass_fence(headers["ce-subject"].rpartition("/")[2])
        elif name in self._queues:
            source = headers["ce-source"].replace("projects/projects/", "projects/")
            content_type = request.headers.get("content-type", "")
            self.enqueue(name, Event({**headers, "ce-source": source, "content-type": content_type}, body))
        else:
            return Response(status=404)
        return Response(status=200)

    def _pass_fence(self, fence: str) -> None:
        with self._changed:
            self._fences.discard(fence)
            self._changed.notify_all()

    def _work(self, name: str) -> None:
        while pending := self._next(name):
            problem = self._try(pending.delivery)
            with self._changed:
                del self._delivering[name]
                if problem:
                    self._put_back(name, pending, problem)
                else:
                    self.history.append(pending.delivery)
                self._changed.notify_all()

    def _next(self, name: str) -> _Pending | None:
        """The next event that is due, when there is one; None when the work is over."""
        queue = self._queues[name]
        with self._changed:
            while not self._stopped:
                wait = queue[0].due - time.time() if queue else None
                if wait is not None and wait <= 0:
                    self._delivering[name] = heapq.heappop(queue)
                    return self._delivering[name]
                self._changed.wait(wait)
            return None

    def _try(self, delivery: Delivery) -> str:
        """Deliver; returns what went wrong, or nothing."""
        try:
            status = self.deliver(delivery.function, delivery.event)
        except FunctionDown as error:
            return str(error)
        return "" if 200 <= status < 300 else f"status {status}"

    def _put_back(self, name: str, pending: _Pending, problem: str) -> None:
        if not self._stopped and time.time() - pending.received > self._max_age:
            log.error("%s: event %s is dropped: %s", name, pending.delivery.event.id, problem)
            self.dropped.append(pending.delivery)
            return
        log.warning("%s: event %s will be tried again: %s", name, pending.delivery.event.id, problem)
        pending.due = time.time() + pending.backoff
        pending.backoff = min(2 * pending.backoff, _MAX_BACKOFF)
        heapq.heappush(self._queues[name], pending)

    def _save(self) -> None:
        waiting = sorted(pending for queue in self._queues.values() for pending in queue)
        self._file.write_text(json.dumps([_to_json(pending.delivery) for pending in waiting]))

    def _load(self) -> list[Delivery]:
        saved = json.loads(self._file.read_text()) if self._file.exists() else []
        deliveries = [_from_json(entry) for entry in saved]
        return [delivery for delivery in deliveries if delivery.function in self._queues]


def _to_json(delivery: Delivery) -> dict[str, object]:
    event = delivery.event
    body = base64.b64encode(event.body).decode()
    return {"function": delivery.function, "headers": dict(event.headers), "body": body}


def _from_json(entry: dict[str, object]) -> Delivery:
    headers, body = entry["headers"], entry["body"]
    assert isinstance(headers, dict) and isinstance(body, str)
    return Delivery(str(entry["function"]), Event(headers, base64.b64decode(body)))
