"""Transactions: optimistic, unlike Google's emulator, which locks what a transaction reads."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field

from grpc import StatusCode

from local.services.firestore.embedded.names import Path, invalid
from local.services.firestore.embedded.reader import Reader
from local.services.firestore.embedded.rows import Row
from local.services.kit.rpc import StatusError

_MAX_SECONDS = 270.0
"""Firestore ends longer transactions."""


@dataclass
class Transaction:
    """The documents that a transaction has read, by path: their update times, 0 for a missing document."""

    started: float = field(default_factory=time.monotonic)
    reads: dict[Path, int] = field(default_factory=dict)

    def note(self, path: Path, row: Row | None) -> None:
        self.reads.setdefault(path, row.updated if row else 0)

    def require_unchanged(self, reader: Reader) -> None:
        """Raises StatusError (ABORTED) if one of the documents has changed since."""
        for path, updated in self.reads.items():
            row = reader.get(path)
            if (row.updated if row else 0) != updated:
                raise StatusError(StatusCode.ABORTED, "Too much contention on these documents. Please try again.")


class Transactions:
    """The open transactions of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[bytes, Transaction] = {}

    def begin(self) -> bytes:
        """A new transaction's id."""
        transaction = secrets.token_bytes(16)
        oldest = time.monotonic() - _MAX_SECONDS
        with self._lock:
            self._open = {key: each for key, each in self._open.items() if each.started > oldest}
            self._open[transaction] = Transaction()
        return transaction

    def get(self, transaction: bytes) -> Transaction:
        """Raises StatusError for an id that is unknown or closed."""
        with self._lock:
            found = self._open.get(transaction)
        if found is None:
            raise invalid("Transaction is invalid or closed.")
        return found

    def end(self, transaction: bytes) -> Transaction:
        """Close a transaction. Raises StatusError for an id that is unknown or closed."""
        found = self.get(transaction)
        with self._lock:
            self._open.pop(transaction, None)
        return found
