"""Passes the events of the outbox on, in the order of the commits, until the receiver has taken them."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping

from local.services.firestore.embedded.storage import Storage

Receiver = Callable[[str, Mapping[str, str], bytes], None]
"""Takes the listener's name, the headers and the body of an event; must have stored it when it returns."""

_RETRY_SECONDS = 0.1

log = logging.getLogger(__name__)


class Outbox:
    """One thread that passes events on; repeats an event that the receiver refused or a crash interrupted."""

    def __init__(self, storage: Storage, receiver: Receiver) -> None:
        self._storage = storage
        self._receiver = receiver
        self._changed = threading.Condition()
        self._commits = 1
        """Commits so far, and one for the events that the last run left."""
        self._passed = 0
        """How many of them have no event in the outbox any more."""
        self._stopped = False

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def notify(self) -> None:
        """A commit may have put events into the outbox."""
        with self._changed:
            self._commits += 1
            self._changed.notify_all()

    def flush(self, timeout: float) -> None:
        """Return when the events of all commits so far have been passed on. Raises TimeoutError."""
        with self._changed:
            commits = self._commits
            if not self._changed.wait_for(lambda: self._passed >= commits, timeout):
                raise TimeoutError("the events of Firestore are not taken")

    def stop(self) -> None:
        """Stop after the current event; the others stay for the next start."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._passed < self._commits)
                if self._stopped:
                    return
                commits = self._commits
            if self._pass_on():
                with self._changed:
                    self._passed = commits
                    self._changed.notify_all()

    def _pass_on(self) -> bool:
        """Pass on all events; False when the receiver refused one, after a wait."""
        while events := self._storage.outbox():
            for event, listener, headers, body in events:
                if self._stopped:
                    return False
                try:
                    self._receiver(listener, json.loads(headers), body)
                except Exception:
                    log.exception("event %d for %s was not taken", event, listener)
                    with self._changed:
                        self._changed.wait_for(lambda: self._stopped, _RETRY_SECONDS)
                    return False
                self._storage.acknowledge(event)
        return True
