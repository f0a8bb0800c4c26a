"""A clinic, bound to one request: every read and every change of a workflow goes through `Clinic.perform`.

A transaction reads, applies a rule and declares what to write. All of it lands in one commit with its audit entry, or
nothing does.
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from threading import Lock
from typing import TypeVar

from shared.records.problems import Conflict, PreconditionFailed, Problem, TooManyRequests, Unavailable
from shared.records.types import new_id
from shared.rest.errors import AlreadyExists, ApiError, InvalidArgument, PermissionDenied, Unauthenticated
from shared.store import database
from shared.store.audit import Entry, Origin, audit_path
from shared.store.changes import COMMIT_SECONDS
from shared.store.context import SYSTEM_CALLER, RequestContext, utc_now
from shared.store.idempotency import Replayed
from shared.store.person_reader import Torn
from shared.store.unit_of_work import UnitOfWork

T = TypeVar("T")

CONTENTION_SECONDS = 20.0
"""How long a change is retried after write conflicts. 200 concurrent changes of one counter took 10 s."""
ADMISSION = "request.admit"
"""The audit action of a request that was refused before its operation began."""
_CONFLICT_LOCKS: dict[str, Lock] = {}
"""Per-clinic locks. After a write conflict, this instance retries one change at a time: concurrent retries would
conflict again."""
_NON_RETRYABLE = (InvalidArgument, PermissionDenied, Unauthenticated)
"""Errors that a retry cannot fix."""


_STATE_REFUSALS = frozenset(kind.status for kind in (Conflict, PreconditionFailed, TooManyRequests))
"""Statuses that may be the effect of the same request's first delivery."""


class Visibility:
    """Whether the caller may see the clinical fields of what a request returned."""

    def __init__(self) -> None:
        self._clinical: bool | None = None

    @property
    def clinical(self) -> bool:
        """Raises RuntimeError when nothing was performed: an answer must not be shown on an assumption."""
        if self._clinical is None:
            raise RuntimeError("the visibility of an answer is known only after Clinic.perform")
        return self._clinical

    def narrow(self, *, clinical: bool) -> None:
        """Take one performed transaction into account: clinical fields are shown only if all of them allow it."""
        self._clinical = clinical and self._clinical is not False


class Clinic:
    """One clinic in the context of one request or job."""

    def __init__(self, context: RequestContext) -> None:
        self.context = context
        self.visibility = Visibility()
        self._admitted: UnitOfWork | None = None

    @property
    def id(self) -> str:
        return self.context.clinic_id

    def now(self) -> datetime:
        return self.context.clock()

    def admit(self) -> None:
        """Look the caller up now, before anything is done for the request.

        The first `perform` continues with what was read, so no document is read twice. Raises the Problem of a caller
        who is refused (audited), or Replayed for a request that was done before.
        """
        if self._admitted is not None:
            return
        work = UnitOfWork(self.context)
        try:
            work.prefetch()
        except Exception as error:
            self._audit_failure(work, ADMISSION, error)
            raise
        self._admitted = work

    def peek(self, read: Callable[[UnitOfWork], T]) -> T:
        """Read without an audit entry: records of the clinic itself, for callers of whom nothing is known yet, and
        plain fields of others.

        Raises RuntimeError when a record of a patient was opened.
        """
        work = UnitOfWork(self.context)
        result = read(work)
        if work.touches_patients:
            raise RuntimeError("a record of a patient is read with an audit entry")
        return result

    def perform(self, action: str, transaction: Callable[[UnitOfWork], T]) -> T:
        """Run the transaction and commit its writes with an audit entry; one that only reads commits the entry.

        The transaction runs again after a write conflict, or when patients were merged between its reads, so it must
        not have side effects that may not be repeated.
        Raises the transaction's Problem (audited), Replayed for a request that was done before, Unavailable when the
        conflicts do not end.
        """
        entry_id = new_id()
        attempts: dict[int, tuple[T, bool, Entry]] = {}
        deadline = 0.0
        with ExitStack() as lock:
            for attempt in itertools.count():
                work, self._admitted = self._admitted or UnitOfWork(self.context, is_retry=attempt > 0), None
                try:
                    attempts[attempt] = _attempt(work, transaction, entry_id, action, attempt)
                except Torn:
                    committed = self._committed_attempt(entry_id) if attempts else None
                except Exception as error:
                    committed = self._committed_attempt(entry_id) if attempts else None
                    if committed is None:
                        final = self._replay_if_committed(error)
                        self._audit_failure(work, action, final)
                        raise final from None
                else:
                    committed = self._commit(work, attempts[attempt][2])
                if committed is not None:
                    result, clinical, entry = attempts[committed]
                    self.visibility.narrow(clinical=clinical)
                    entry.log()
                    self._require_quota(work, action)
                    return result
                if attempt == 0:  # which may have waited for another service
                    deadline = time.monotonic() + CONTENTION_SECONDS
                if time.monotonic() > deadline:
                    raise Unavailable
                time.sleep(random.uniform(0, min(0.5, 0.02 * 2**attempt)))  # noqa: S311 - jitter, not a secret
                if attempt == 0:
                    lock.enter_context(_conflict_lock(self.id, deadline))
        raise AssertionError("unreachable")

    def _commit(self, work: UnitOfWork, entry: Entry) -> int | None:
        """The number of the attempt that was committed, or None when this one must be retried."""
        try:
            work.commit(entry)
        except _NON_RETRYABLE:
            raise
        except ApiError:
            # A lost response looks like a failure, and its retry like a conflict: the audit entry tells them apart.
            return self._committed_attempt(entry.id)
        return entry.attempt

    def _require_quota(self, work: UnitOfWork, action: str) -> None:
        """Raises TooManyRequests, audited, when the caller was shown too much in this hour: the result is not sent."""
        try:
            work.require_quota()
        except TooManyRequests as error:
            self._audit_failure(work, action, error)
            raise

    def _committed_attempt(self, entry_id: str) -> int | None:
        """The number of the attempt that was committed, if any."""
        snapshot = database.client().get_one(self._audit_path(entry_id))
        return int(snapshot.get("attempt")) if snapshot.exists else None

    def _replay_if_committed(self, error: Exception) -> Exception:
        """The stored response of the first request, when its effect is what refuses this repetition: the first request
        committed while this one was reading, so its change was visible and its response was not yet."""
        refused_by_state = isinstance(error, Problem) and error.status in _STATE_REFUSALS
        if self.context.idempotency is not None and refused_by_state:
            try:
                UnitOfWork(self.context).prefetch()
            except (Replayed, Problem) as outcome:
                return outcome
        return error

    def _audit_failure(self, work: UnitOfWork, action: str, error: Exception) -> None:
        """Audit failed requests as well. If the keyring is not open, no data was read and there is nothing to audit."""
        if not work.is_open:
            return
        entry = work.audit_entry(new_id(), action, _outcome(error), 0)
        # The client retries after a lost response. The id is new, so an existing document is this entry.
        with suppress(AlreadyExists):
            database.client().create(self._audit_path(entry.id), entry.document(work.keyring()), COMMIT_SECONDS)
        entry.log()

    def _audit_path(self, entry_id: str) -> str:
        return f"clinics/{self.id}/{audit_path(entry_id)}"


def _attempt(
    work: UnitOfWork, transaction: Callable[[UnitOfWork], T], entry_id: str, action: str, attempt: int
) -> tuple[T, bool, Entry]:
    """The result, whether clinical fields of it are shown, and the audit entry. The turns of the unit of work end with
    its commit, or here if the transaction raises."""
    try:
        result = transaction(work)
        work.store_response(result)
        return result, work.clinical, work.audit_entry(entry_id, action, attempt=attempt)
    except BaseException:
        work.end_turns()
        raise


@contextmanager
def _conflict_lock(clinic_id: str, deadline: float) -> Iterator[None]:
    """Hold the clinic's lock. Raises Unavailable when it is not free by the deadline."""
    lock = _CONFLICT_LOCKS.setdefault(clinic_id, Lock())
    if not lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise Unavailable
    try:
        yield
    finally:
        lock.release()


def _outcome(error: Exception) -> str:
    """The outcome of a failed transaction in the audit trail."""
    if isinstance(error, Replayed):
        return "replayed"
    return error.name if isinstance(error, Problem) else "failed"


def system_clinic(clinic_id: str, cause: str, clock: Callable[[], datetime] = utc_now) -> Clinic:
    """The clinic in the context of an event or a task; `cause` is the id of the delivery."""
    return Clinic(RequestContext(clinic_id, SYSTEM_CALLER, Origin(request_id=cause, purpose="operations"), clock))
