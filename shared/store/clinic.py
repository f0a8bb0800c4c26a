"""The clinic's unit of work: everything a request or a job does, it does through one of these.

A story reads, applies a rule, and says what to write; it all lands in one commit with its audit entry, or not at all.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import TypeVar

from google.api_core import exceptions
from google.cloud import firestore

from shared.records.problems import Conflict, PreconditionFailed, Problem, Unavailable
from shared.records.record import SYSTEM
from shared.records.types import Role, new_id
from shared.store import database
from shared.store.audit import Entry, Origin
from shared.store.idempotency import Idempotency, Replayed
from shared.store.unit_of_work import UnitOfWork
from shared.vault.keyring import Keyrings

T = TypeVar("T")

CONTENTION_SECONDS = 20.0
"""How long a change that meets others is tried again. 200 at once on one counter took 10 s."""
COMMIT_SECONDS = 10.0
_KEYRINGS = Keyrings()
_CONFLICT_LOCKS: dict[str, Lock] = {}
"""By clinic: of its changes that met others, an instance tries one at a time. Together they would only meet again."""
_NON_RETRYABLE = (exceptions.InvalidArgument, exceptions.PermissionDenied, exceptions.Unauthenticated)
"""Failures that trying again does not mend."""


@dataclass(frozen=True)
class Caller:
    """Who asks: a user with the roles that the operation is open to, or the system itself."""

    user_id: str
    allowed: frozenset[Role]
    token_issued_at: datetime


SYSTEM_CALLER = Caller(SYSTEM, frozenset(), datetime.min.replace(tzinfo=UTC))


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Clinic:
    """One clinic, bound to one caller and one request."""

    id: str
    caller: Caller
    origin: Origin
    clock: Callable[[], datetime] = utc_now
    if_match: int | None = None
    """The revision that the client saw."""
    idempotency: Idempotency | None = None
    keyrings: Keyrings = field(default_factory=lambda: _KEYRINGS)
    clinical: bool = False
    """After `perform`: whether the caller may see clinical fields of what it returned."""

    def perform(self, action: str, transaction: Callable[[UnitOfWork], T]) -> T:
        """Run the story and commit what it wrote with its audit entry; a story that only reads commits the entry.

        The story runs again when somebody else was faster, so it must not have effects outside that may not be
        repeated. Raises the story's Problem (audited), Replayed for a request done before, Busy when it cannot be done
        now.
        """
        entry_id = new_id()
        tries: list[tuple[T, bool, Entry]] = []
        deadline = time.monotonic() + CONTENTION_SECONDS
        with ExitStack() as turn:
            for attempt in itertools.count():
                work = UnitOfWork(self)
                try:
                    result = transaction(work)
                    work.store_response(result)
                except Exception as error:
                    landed = self._committed_attempt(entry_id) if tries else None
                    if landed is None:
                        final = self._replay_if_committed(error)
                        self._audit_failure(work, action, final)
                        raise final from None
                else:
                    entry = self._entry(work, entry_id, action, "done", attempt)
                    tries.append((result, work.clinical, entry))
                    landed = self._commit(work, entry)
                if landed is not None:
                    result, self.clinical, entry = tries[landed]
                    entry.log()
                    return result
                if time.monotonic() > deadline:
                    raise Unavailable
                time.sleep(random.uniform(0, min(0.5, 0.02 * 2**attempt)))  # noqa: S311 - no secret
                if attempt == 0:
                    turn.enter_context(_turn(self.id, deadline))
        raise AssertionError("unreachable")

    def _commit(self, work: UnitOfWork, entry: Entry) -> int | None:
        """The number of the attempt that is in the database, or none when this one must be tried again."""
        assert work.opened_keyring is not None, "a story must read before it writes"
        work.batch.create(self._audit(entry.id), entry.document(work.opened_keyring))
        try:
            work.batch.commit(retry=None, timeout=COMMIT_SECONDS)
        except _NON_RETRYABLE:
            raise
        except exceptions.GoogleAPICallError:
            # Lost answers look like failures, and their retries like conflicts: the entry tells which it was.
            return self._committed_attempt(entry.id)
        return entry.attempt

    def _committed_attempt(self, entry_id: str) -> int | None:
        """Which attempt of this change was committed, if any."""
        snapshot = self._audit(entry_id).get()
        return int(snapshot.get("attempt")) if snapshot.exists else None

    def _replay_if_committed(self, error: Exception) -> Exception:
        """The earlier answer, when what refuses a repetition is the effect of the first request, which landed while
        this one was reading: its answer was not there yet, its change was."""
        refused_by_state = isinstance(error, Problem) and error.status in (Conflict.status, PreconditionFailed.status)
        if self.idempotency is not None and refused_by_state:
            try:
                UnitOfWork(self).prefetch()
            except (Replayed, Problem) as outcome:
                return outcome
        return error

    def _audit_failure(self, work: UnitOfWork, action: str, error: Exception) -> None:
        """Refusals and failures touch patient data too: who tried, and what for. Before the keys nothing was read."""
        if work.opened_keyring is None:
            return
        entry = self._entry(work, new_id(), action, _outcome(error), 0)
        # The client tries again when an answer is lost: the id is ours alone, so what exists then is this entry.
        with suppress(exceptions.AlreadyExists):
            self._audit(entry.id).create(entry.document(work.opened_keyring), timeout=COMMIT_SECONDS)
        entry.log()

    def _entry(self, work: UnitOfWork, entry_id: str, action: str, outcome: str, attempt: int) -> Entry:
        return Entry(
            id=entry_id,
            clinic_id=self.id,
            at=work.now,
            actor_id=self.caller.user_id,
            roles=tuple(work.user.roles) if work.user else (),
            action=action,
            outcome=outcome,
            patient_ids=tuple(sorted(work.patients)),
            documents=tuple(sorted(work.documents)),
            granted=tuple(sorted(work.granted)),
            attempt=attempt,
            origin=self.origin,
        )

    def _audit(self, entry_id: str) -> firestore.DocumentReference:
        return database.client().document("clinics", self.id, "audit", entry_id)


@contextmanager
def _turn(clinic_id: str, deadline: float) -> Iterator[None]:
    """Wait for the clinic's turn. Raises Busy when it has not come by the deadline."""
    lock = _CONFLICT_LOCKS.setdefault(clinic_id, Lock())
    if not lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise Unavailable
    try:
        yield
    finally:
        lock.release()


def _outcome(error: Exception) -> str:
    """How the audit trail calls what ended a story."""
    if isinstance(error, Replayed):
        return "replayed"
    return error.name if isinstance(error, Problem) else "failed"


def system_clinic(clinic_id: str, cause: str, clock: Callable[[], datetime] = utc_now) -> Clinic:
    """The clinic as an event or a task sees it; `cause` is the id of its delivery."""
    return Clinic(clinic_id, SYSTEM_CALLER, Origin(request_id=cause, purpose="operations"), clock)
