"""Delivers events to the functions that listen for them, as Eventarc does.

An event is delivered at least once, again after a failure or a SIGKILL, and in no guaranteed order.
"""

from __future__ import annotations

import heapq
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.catalogue import Catalogue, EventFunction
from local.services.eventarc.event import BucketEvent, Delivery, Event
from local.services.eventarc.queue_file import QueueFile
from local.services.functions.processes import Functions
from local.services.functions.responses import FunctionDown

_FIRST_BACKOFF = 0.1
_MAX_BACKOFF = 2.0
"""Seconds between two attempts."""

log = logging.getLogger(__name__)


@dataclass(order=True)
class _Pending:
    due: float
    """Seconds since the epoch."""
    number: int
    """Its number in the file."""
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
        authorization: Callable[[str], str] = lambda _function: "",
        *,
        max_age: float = 120.0,
    ) -> None:
        """Queue events from now on; `start` begins to deliver them.

        `settings` name the buckets. The folder `state` keeps the queued events. `authorization` returns the header of
        each delivery to a function. An event is dropped when it has failed
        for `max_age` seconds.
        """
        self.history: list[Delivery] = []
        """Every delivered event, in order; a test delivers them again."""
        self.dropped: list[Delivery] = []
        self.listeners: list[EventFunction] = catalogue.of_kind(EventFunction)
        """The functions that take events, each with the type and the source of its events."""
        self._functions = functions
        self._settings = settings
        self._authorization = authorization
        self._file = QueueFile(state / "events.db")
        self._max_age = max_age
        self._changed = threading.Condition()
        self._queues: dict[str, list[_Pending]] = {listener.name: [] for listener in self.listeners}
        self._delivering: dict[str, _Pending] = {}
        self._stopped = False

    def start(self) -> None:
        """Queue the events that the last run left before those of this run, and begin to deliver."""
        with self._changed:
            for queue in self._queues.values():
                queue.clear()
            for number, delivery in self._file.all():
                if delivery.function in self._queues:
                    self._push(number, delivery)
                else:
                    self._file.remove(number)  # the catalogue has no such function any more
        for name in self._queues:
            threading.Thread(target=self._work, args=(name,), daemon=True).start()

    def publish(self, event: BucketEvent) -> None:
        """Queue a bucket's event for every function that listens to that bucket."""
        for listener in self.listeners:
            if listener.bucket and listener.event == event.type and self._settings[listener.bucket] == event.bucket:
                self.enqueue(listener.name, Event(event.headers, event.body))

    def enqueue(self, function: str, event: Event) -> None:
        """Deliver the event as soon as possible, with retries; after `stop`, keep it for the next start.

        The event is stored when this returns. No effect if the function's queue has an event of the same id.
        """
        delivery = Delivery(function, event)
        with self._changed:
            number = self._file.add(delivery)
            if number is not None:
                self._push(number, delivery)
                self._changed.notify_all()
            if self._stopped:
                self._file.close()

    def deliver(self, function: str, event: Event) -> int:
        """Deliver once, now; returns the function's status. Raises FunctionDown."""
        headers = [*event.headers.items(), ("Authorization", self._authorization(function))]
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
        """Stop delivering; the queued events are kept for the next start.

        Waits for the current deliveries: stop the functions first.
        """
        with self._changed:
            if self._stopped:
                return
            self._stopped = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._delivering)
            self._file.close()

    def _push(self, number: int, delivery: Delivery) -> None:
        now = time.time()
        heapq.heappush(self._queues[delivery.function], _Pending(now, number, delivery, now))

    def _work(self, name: str) -> None:
        while pending := self._next(name):
            error = self._attempt(pending.delivery)
            with self._changed:
                del self._delivering[name]
                if error:
                    self._retry_later(name, pending, error)
                else:
                    self._complete(pending, self.history)
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
            self._complete(pending, self.dropped)
            return
        log.warning("%s: event %s will be tried again: %s", name, pending.delivery.event.id, error)
        pending.due = time.time() + pending.backoff
        pending.backoff = min(2 * pending.backoff, _MAX_BACKOFF)
        heapq.heappush(self._queues[name], pending)

    def _complete(self, pending: _Pending, completed: list[Delivery]) -> None:
        self._file.remove(pending.number)
        completed.append(pending.delivery)
