"""Supervision: which doctor co-signs what a trainee signs."""

from __future__ import annotations

from shared.records.clinic.people import SupervisorChange, User
from shared.records.conflict_codes import ConflictCode
from shared.records.problems import Conflict, FieldError, Invalid
from shared.records.reports.report import Report
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.templates import reading as templates


def set_supervisor(clinic: Clinic, user_id: str, change: SupervisorChange) -> User:
    """Let a doctor's reports be co-signed by another doctor, or by nobody. Reports that wait for the co-signature of an
    earlier supervisor go on waiting for it: their author returns them, and signs again."""

    def transaction(work: UnitOfWork) -> User:
        refs = [User.ref(change.supervisor_id)] if change.supervisor_id else []
        work.prefetch(User.ref(user_id), *refs)
        user = work.get_for_update(User.ref(user_id))
        supervisor = work.get_or_none(refs[0]) if refs else None
        if refs and supervisor is None:
            raise Invalid(errors=[FieldError("/supervisor_id", "not another doctor of this clinic")])
        changed = user.supervised_by(supervisor, work.stamp)
        if supervisor is not None:
            work.require_unchanged(supervisor)
        return work.save_edit(user, changed)

    return clinic.perform("user.supervisor", transaction)


def cosigner_of(work: UnitOfWork, report: Report) -> str | None:
    """Who must co-sign what the caller signs of this report; None if nobody must: the caller is no trainee, or neither
    clinic nor template asks for it. Raises Conflict if the supervisor may not co-sign any more."""
    supervisor_id = work.user.supervisor_id if work.user else None
    if supervisor_id is None:
        return None
    if not (work.settings().trainees_need_cosignature or _asked_by_template(work, report)):
        return None
    supervisor = work.get_or_none(User.ref(supervisor_id))
    if supervisor is None or not supervisor.may_cosign:
        detail = "your supervisor cannot co-sign any more: an admin of the clinic names another"
        raise Conflict(ConflictCode.NO_SUPERVISOR, detail)
    return supervisor.id


def _asked_by_template(work: UnitOfWork, report: Report) -> bool:
    version = templates.pinned(work, report.template_id, report.template_version)
    return version.content.requires_cosignature
