"""Jobs: records whose result is made in the background. Each job is requested, attempted, and finished by a deadline.

waiting → finished
   └────→ failed → (retried) waiting
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self

from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict
from shared.records.record import Record, Stamp

SESSION_CANCELLED = "session_cancelled"
"""The error code of a job that ended with its session. Such a job cannot be requested again."""
CONSENT_MISSING = "consent_missing"
"""The error code of a job that lacks a consent of the patient: none was given, or it expired."""
CONSENT_WITHDRAWN = "consent_withdrawn"
"""The error code of a job that ended when the patient withdrew a consent."""

RECORDING_DELETED = "recording_deleted"
"""The error code of a job whose recording was deleted."""


@dataclass(frozen=True)
class AttemptPolicy:
    """How long a job may take."""

    stalled_after: timedelta
    """A job that waits and did not change for this long has lost its task; the sweep recovers it."""
    deadline: timedelta
    """A job that was requested this long ago is failed; a person may request it again."""
    retry_after: timedelta | None = None
    """A person may request a job that did not change for this long again; None: only a failed one."""


class Attempt(Record):
    """A record that a job works on.

    `attempt` is raised before every repetition, so that results and tasks of earlier attempts no longer count.
    """

    noun: ClassVar[str]
    """Names the job in refusals, task bodies and audit actions."""
    policy: ClassVar[AttemptPolicy]
    waiting_states: ClassVar[frozenset[StrEnum]]
    """A result is still to come."""
    retryable_states: ClassVar[frozenset[StrEnum]]
    failed_state: ClassVar[StrEnum]

    if TYPE_CHECKING:  # each record declares these fields itself, at their place in its published schema
        session_id: str
        status: Any
        attempt: int
        requested_at: datetime
        error_code: str | None

    @property
    def waiting(self) -> bool:
        """True while a result is still to come."""
        return self.status in self.waiting_states

    @property
    def published(self) -> dict[str, Any]:
        """The state, as the progress of the session shows it."""
        return {self.noun: self.status}

    def is_current(self, attempt: int) -> bool:
        """True if a task or a result of this attempt still counts."""
        return self.waiting and attempt == self.attempt

    def is_stalled(self, now: datetime) -> bool:
        return self.waiting and now - self.updated_at >= self.policy.stalled_after

    def is_overdue(self, now: datetime) -> bool:
        return now - self.requested_at > self.policy.deadline

    def must_wait(self) -> None:
        """Raises Conflict when no result is expected."""
        if not self.waiting:
            raise Conflict(ConflictCode.STILL_RUNNING, f"the {self.noun} is {self.status}")

    def must_be_retryable(self, now: datetime) -> None:
        """Raises Conflict unless the job failed, or waits without a change for longer than `policy.retry_after`."""
        if self.error_code == SESSION_CANCELLED:
            raise Conflict(ConflictCode.SESSION_CANCELLED, "it ended for good when the session was cancelled")
        silent = self.policy.retry_after is not None and now - self.updated_at > self.policy.retry_after
        if self.status not in self.retryable_states and not (self.waiting and silent):
            raise Conflict(ConflictCode.STILL_RUNNING, self.not_retryable)

    @property
    def not_retryable(self) -> str:
        """Why the job cannot be requested again."""
        return f"the {self.noun} is {self.status}"

    def failed(self, reason: str, stamp: Stamp, **changes: Any) -> Self:
        self.must_wait()
        return self.revised(stamp, status=self.failed_state, error_code=reason, **changes)

    def requested_again(self, stamp: Stamp, **changes: Any) -> Self:
        """The job after a person requested it again. Raises Conflict."""
        self.must_be_retryable(stamp.at)
        again = {"attempt": self.attempt + 1, "requested_at": stamp.at, "error_code": None}
        return self.revised(stamp, **again, **changes)
