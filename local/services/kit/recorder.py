"""Recorded calls and injected faults of the local endpoints.

Every local endpoint calls `Recorder.record` after a call's effect is applied and before its response is sent. So one
place counts the product's calls to Google, kills a function during its work, and loses a response.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.query_shapes import QueryShape


@dataclass(frozen=True)
class Call:
    """One call that reached a local endpoint."""

    service: str
    """`firestore`, `storage`, `kms`, `speech`, `tasks`, `gemini`, `iam`, `auth`, `messaging`, `smtp`, `twilio` or
    `razorpay`."""
    method: str
    """The method as the API names it: `Commit`, `objects.insert`, `Encrypt`, `generateContent`."""
    caller: str
    """The calling function, such as `patients`; empty for any other program."""
    resource: str = ""
    """The first resource the call names: a document, an object, a key, a queue."""
    amounts: Mapping[str, int] = field(default_factory=dict)
    """The billed units: `reads`, `writes`, `deletes`, `audio_seconds`, `input_tokens`, `output_tokens`."""
    model_seconds: float = field(default=0.0, compare=False)
    """How long the stand-in of a model took for the answer."""
    at: float = field(default_factory=time.perf_counter, compare=False)
    """When the effect was applied, by `time.perf_counter`."""


@dataclass
class Fault:
    """Replaces the response to the next matching call."""

    service: str
    method: str
    caller: str
    outcome: str
    """`kill`: SIGKILL the caller's process. `cut`: lose the response. The call's effect stays in both cases."""
    skip: int = 0
    """The number of matching calls that succeed first."""
    resource: str = ""
    """Match only calls whose resource contains this text."""
    fired: threading.Event = field(default_factory=threading.Event)

    def matches(self, call: Call) -> bool:
        return (
            not self.fired.is_set()
            and self.service in ("", call.service)
            and self.method in ("", call.method)
            and self.caller == call.caller
            and self.resource in call.resource
        )


class AnswerLost(Exception):
    """The endpoint must drop the connection (HTTP) or abort with UNAVAILABLE (gRPC): its effect stays."""


class Recorder:
    """The recorded calls and injected faults of one local stack."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []
        self._faults: list[Fault] = []
        self._queries: set[QueryShape] = set()
        self.kill: Callable[[str], None] = lambda _function: None
        """Set by the functions service: SIGKILL the process of a function and wait for its end."""

    def plant(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear_faults(self) -> None:
        with self._lock:
            self._faults.clear()

    def calls(self, since: int = 0) -> list[Call]:
        """The calls from number `since` (see `mark`) to now."""
        with self._lock:
            return self._calls[since:]

    def mark(self) -> int:
        """The number of the next call, for `calls(since=…)`."""
        with self._lock:
            return len(self._calls)

    def note_query(self, query: QueryShape) -> None:
        """Record the shape of a query of the product."""
        with self._lock:
            self._queries.add(query)

    def queries(self) -> frozenset[QueryShape]:
        """The shapes of all queries so far."""
        with self._lock:
            return frozenset(self._queries)

    def record(self, call: Call) -> None:
        """Record a call whose effect is applied; fire a matching fault.

        Raises AnswerLost if no response may be sent.
        """
        with self._lock:
            self._calls.append(call)
            fault = self._due(call)
        if fault is None:
            return
        if fault.outcome == "kill":
            self.kill(call.caller)
        fault.fired.set()
        raise AnswerLost(fault.outcome)

    def _due(self, call: Call) -> Fault | None:
        for fault in self._faults:
            if fault.matches(call):
                if fault.skip == 0:
                    self._faults.remove(fault)
                    return fault
                fault.skip -= 1
        return None
