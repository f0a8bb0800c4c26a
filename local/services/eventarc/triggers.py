"""Delivers events to the functions that listen for them, as Eventarc does.

An event is delivered at least once, again after a failure, and in no guaranteed order.
"""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.catalogue import Catalogue, EventFunction
from local.services.eventarc.event import BucketEvent, Delivery, Event
from local.services.functions.processes import FunctionDown, Functions

_FIRST_BACKOFF = 0.1
_MAX_BACKOFF = 2.0
"""Seconds between two attempts."""

log = logging.getLogger(__name__)


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
    """One queue of events per function; each function gets one event at a time."""

    def __init__(
        self,
        catalogue: Catalogue,
        functions: Functions,
        settings: Mapping[str, str],
        state: Path,
        *,
        max_age: float = 120.0,
    ) -> None:
        """Queue events from now on; `start` begins to deliver them.

        `settings` name the buckets. An event is dropped when it has failed for `max_age` seconds.
        """
        self.history: list[Delivery] = []
        """Every delivered event, in order; a test delivers them again."""
        self.dropped: list[Delivery] = []
        self.listeners: list[EventFunction] = catalogue.of_kind(EventFunction)
        """The functions that take events, each with the type and the source of its events."""
        self._functions = functions
        self._settings = settings
        self._file = state / "events.json"
        self._max_age = max_age
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._queues: dict[str, list[_Pending]] = {listener.name: [] for listener in self.listeners}
        self._delivering: dict[str, _Pending] = {}
        self._stopped = False

    def start(self) -> None:
        """Queue the events that the last run left, and begin to deliver."""
        for delivery in self._load():
            self.enqueue(delivery.function, delivery.event)
        for name in self._queues:
            threading.Thread(target=self._work, args=(name,), daemon=True).start()

    def publish(self, event: BucketEvent) -> None:
        """Queue a bucket's event for every function that listens to that bucket."""
        for listener in self.listeners:
            if listener.bucket and listener.event == event.type and self._settings[listener.bucket] == event.bucket:
                self.enqueue(listener.name, Event(event.headers, event.body))

    def enqueue(self, function: str, event: Event) -> None:
        """Deliver the event as soon as possible, with retries; after `stop`, keep it for the next start."""
        now = time.time()
        with self._changed:
            heapq.heappush(self._queues[function], _Pending(now, next(self._numbers), Delivery(function, event), now))
            if self._stopped:
                self._save()
            self._changed.notify_all()

    def deliver(self, function: str, event: Event) -> int:
        """Deliver once, now; returns the function's status. Raises FunctionDown."""
        headers = list(event.headers.items())
        return self._functions.request(function, "POST", "/", headers, event.body).status

    def idle(self) -> bool:
        """True if no event is queued or being delivered."""
        with self._changed:
            return not self._delivering and not any(self._queues.values())

    @property
    def handled(self) -> int:
        """The number of events that were delivered or dropped."""
        return len(self.history) + len(self.dropped)

    def stop(self) -> None:
        """Stop delivering, and keep the queued events for the next start.

        Waits for the current deliveries: stop the functions first.
        """
        with self._changed:
            if self._stopped:
                return
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._delivering)
            self._save()

    def _work(self, name: str) -> None:
        while pending := self._next(name):
            error = self._attempt(pending.delivery)
            with self._changed:
                del self._delivering[name]
                if error:
                    self._retry_later(name, pending, error)
                else:
                    self.history.append(pending.delivery)
                self._changed.notify_all()

    def _next(self, name: str) -> _Pending | None:
        """Wait for the next event that is due; None after `stop`."""
        queue = self._queues[name]
        with self._changed:
            while not self._stopped:
                wait = queue[0].due - time.time() if queue else None
                if wait is not None and wait <= 0:
                    self._delivering[name] = heapq.heappop(queue)
                    return self._delivering[name]
                self._changed.wait(wait)
            return None

    def _attempt(self, delivery: Delivery) -> str:
        """Deliver; returns the error message, or an empty string."""
        try:
            status = self.deliver(delivery.function, delivery.event)
        except FunctionDown as error:
            return str(error)
        return "" if 200 <= status < 300 else f"status {status}"

    def _retry_later(self, name: str, pending: _Pending, error: str) -> None:
        if not self._stopped and time.time() - pending.received > self._max_age:
            log.error("%s: event %s is dropped: %s", name, pending.delivery.event.id, error)
            self.dropped.append(pending.delivery)
            return
        log.warning("%s: event %s will be tried again: %s", name, pending.delivery.event.id, error)
        pending.due = time.time() + pending.backoff
        pending.backoff = min(2 * pending.backoff, _MAX_BACKOFF)
        heapq.heappush(self._queues[name], pending)

    def _save(self) -> None:
        waiting = sorted(pending for queue in self._queues.values() for pending in queue)
        self._file.write_text(json.dumps([pending.delivery.to_json() for pending in waiting]))

    def _load(self) -> list[Delivery]:
        saved = json.loads(self._file.read_text()) if self._file.exists() else []
        deliveries = [Delivery.from_json(entry) for entry in saved]
        return [delivery for delivery in deliveries if delivery.function in self._queues]
