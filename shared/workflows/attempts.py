"""One pattern for all jobs: enqueue an attempt, accept or refuse its delivery, recover a stalled job, fail it at last.

A task is enqueued before the commit that needs it: a task that finds nothing to do is harmless, a change without its
task would be stuck. A delivery that comes before its commit is refused, and comes again.

The workflow of a job calls `tasks.enqueue` itself, with the names of its queue and its function: infra/check derives
from these calls what each function may enqueue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from shared.records.attempt import Attempt
from shared.records.problems import Unavailable
from shared.records.record import Ref
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

A = TypeVar("A", bound=Attempt)


def body_of(clinic: Clinic, record: Attempt, **more: int) -> dict[str, str | int]:
    """The body of a task for the current attempt."""
    return {"clinic_id": clinic.id, f"{record.noun}_id": record.id, "attempt": record.attempt, **more}


def deduplication_key(clinic: Clinic, record: Attempt, *parts: object) -> str:
    """Names the task: one for each attempt and `parts`."""
    return "/".join(map(str, (clinic.id, record.id, record.attempt, *parts)))


def recovery_of(record: Attempt) -> str:
    """Names the task that recovers a stalled job by the job's last change: two sweeps at once enqueue one task, a later
    sweep enqueues another."""
    return f"changed {record.updated_at.isoformat()}"


def accepted(record: A | None, attempt: int) -> A | None:
    """The record, if this delivery must be worked on. Raises Unavailable while the attempt is uncommitted."""
    if record is None or attempt > record.attempt:
        raise Unavailable
    return record if record.is_current(attempt) else None


def recover_stalled(clinic: Clinic, ref: Ref[A], enqueue: Callable[[A], None], recovered: str) -> str | None:
    """Enqueue a task for a stalled job, or fail the job after its deadline.

    Returns `recovered`, "failed", or None when the job has moved on.
    """

    def transaction(work: UnitOfWork) -> str | None:
        record = work.get_or_none(ref)
        if record is None or not record.is_stalled(work.now):
            return None
        if record.is_overdue(work.now):
            give_up(work, record, "deadline_exceeded")
            return "failed"
        enqueue(record)
        work.save(record.revised(work.stamp))
        return recovered

    return clinic.perform(f"{ref.model.noun}.revive", transaction)


def fail(
    clinic: Clinic, ref: Ref[A], attempt: int, reason: str, settle: Callable[[UnitOfWork, A], None] | None = None
) -> None:
    """Fail a job, unless the attempt no longer counts; `settle` is called with the failed one, in the same commit."""

    def transaction(work: UnitOfWork) -> None:
        record = work.get(ref)
        if record.is_current(attempt):
            failed = give_up(work, record, reason)
            if settle is not None:
                settle(work, failed)

    clinic.perform(f"{ref.model.noun}.fail", transaction)


def give_up(work: UnitOfWork, record: A, reason: str) -> A:
    """Save the job as failed, and publish that."""
    return save(work, record.failed(reason, work.stamp))


def create(work: UnitOfWork, record: A, **states: str) -> A:
    """Create a job, and publish its state, with further `states`, to the apps that listen to its session."""
    _publish(work, record, **states)
    return work.create(record)


def save(work: UnitOfWork, record: A) -> A:
    """Save a job in another state, and publish it. Every change of a job's state goes through here or `create`: an app
    that listens learns nothing else."""
    _publish(work, record)
    return work.save(record)


def _publish(work: UnitOfWork, record: Attempt, **states: str) -> None:
    work.progress(record.session_id, **record.published, **states)
