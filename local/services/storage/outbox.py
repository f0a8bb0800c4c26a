"""Publishes the events of the outbox in the order of their transactions, until the receiver has stored them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from local.services.storage.database import Database
from local.services.storage.events import StorageEvent

_RETRY_SECONDS = 0.1

log = logging.getLogger(__name__)


class Outbox:
    """Keeps an event in the database until `publish`, which must have stored it, returns without an error."""

    def __init__(self, database: Database, publish: Callable[[StorageEvent], None]) -> None:
        self._database = database
        self._publish = publish
        self._lock = threading.Lock()
        self._stopped = False

    def flush(self) -> None:
        """Publish all events. After an error, the rest is published later in the background."""
        with self._lock:
            if self._stopped:
                return
            for number, event in self._database.outbox():
                try:
                    self._publish(event)
                except Exception:
                    log.exception("the event of %s/%s was not taken", event.bucket, event.name)
                    self._flush_later()
                    return
                self._database.acknowledge(number)

    def empty(self) -> bool:
        return not self._database.outbox()

    def stop(self) -> None:
        """Keep the events that are not published yet for the next start."""
        with self._lock:
            self._stopped = True

    def _flush_later(self) -> None:
        timer = threading.Timer(_RETRY_SECONDS, self.flush)
        timer.daemon = True
        timer.start()
