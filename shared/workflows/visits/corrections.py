"""Notes and corrections of a visit, also after its completion: until a report is signed and the bill is issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.conflict_codes import ConflictCode
from shared.records.patients.patient import Patient
from shared.records.problems import Conflict, raise_if_any
from shared.records.record import Ref
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.billing import drafting
    from shared.records.billing.bill import Bill
    from shared.records.reports.report import Report
    from shared.records.reports.signed import SignedReport
    from shared.records.visits.correction import PRICED, corrected
    from shared.records.visits.ids import bill_id_of, report_id_of
    from shared.records.visits.requests import SessionChange
    from shared.records.visits.session import Session
    from shared.workflows.stored_proofs import reports_must_be_unsigned
    from shared.workflows.templates import reading as templates
    from shared.workflows.visits.refs import found_reports, reports_of, taken


def refs(work: UnitOfWork, session_id: str, update: SessionChange) -> list[Ref[Any]]:
    """What a change of notes or facts needs besides the session, to be prefetched."""
    report_id = report_id_of(session_id)
    needed: list[Ref[Any]] = [Report.ref(report_id), SignedReport.ref(report_id)]
    if update.facts:
        needed += [Bill.ref(bill_id_of(session_id)), work.settings_ref()]
    if update.template_id is not None:
        needed += templates.refs(update.template_id)
    return needed


def unsigned_reports(work: UnitOfWork, session: Session, update: SessionChange) -> list[Report]:
    """The reports of the session. Raises Conflict once one is signed, whatever its status says."""
    work.prefetch(*refs(work, session.id, update), *reports_of(session))
    reports_must_be_unsigned(work, session)
    return list(found_reports(work, session).values())


def applied(work: UnitOfWork, session: Session, reports: Sequence[Report], update: SessionChange) -> Session:
    """The changed session; its reports and a draft of its bill follow in the same commit."""
    changed = session.noted(work.stamp, **update.model_dump(include=update.notes)) if update.notes else session
    if update.facts:
        changed = _corrected(work, changed, update)
    for report in reports:
        _follow(work, session, changed, report)
    return changed


def _corrected(work: UnitOfWork, session: Session, update: SessionChange) -> Session:
    settings = work.settings()
    changed = corrected(session, update, work.stamp, backdating=settings.backdating)
    if changed is session:
        return session
    patient = work.get(Patient.ref(session.patient_id))
    if changed.started_at != session.started_at:
        patient.must_have_lived_at(changed.started_at, settings.time_zone)
    if changed.template_id != session.template_id:
        found = templates.unusable(work, changed.template_id, session.doctor_id)
        raise_if_any(found or taken(work, session, session.report_id, changed.template_id))
    bill = work.get_or_none(Bill.ref(session.bill_id))
    if bill is None or PRICED.isdisjoint(changed.corrections[-1].fields):
        return changed
    if bill.is_issued:
        raise Conflict(
            ConflictCode.BILL_ISSUED, "the bill of the session is issued: its times, type and billing code stay"
        )
    if changed.open:  # reopened: the draft is priced again with the completion
        return changed
    priced = drafting.repriced(bill, changed, patient, settings, work.stamp)
    if priced is bill:
        work.require_unchanged(bill)  # it must not be issued meanwhile
    else:
        work.save(priced)
    return changed.model_copy(update={"billing_amount": priced.total_amount})


def _follow(work: UnitOfWork, before: Session, after: Session, report: Report) -> None:
    """Let the report have the new type of its session, and fail the commit if it is signed meanwhile."""
    changed = report.with_type_of(after.type, work.stamp) if after.type != before.type else report
    if changed is report:
        work.require_unchanged(report)
    else:
        work.save(changed)
