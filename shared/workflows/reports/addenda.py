"""The addenda of signed reports: verified and shown."""

from __future__ import annotations

from collections.abc import Sequence

from shared.lazily import lazily
from shared.records.permissions import Action
from shared.records.record import Value
from shared.records.reports.addenda import Addendum
from shared.records.reports.additions import AddendumPayload
from shared.records.types import Id
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork

with lazily(globals()):
    from shared.records.reports.addenda import ReportAddenda
    from shared.records.reports.report import Report
    from shared.records.reports.signed import SignedBytes
    from shared.workflows import permissions
    from shared.workflows.reports.proofs import Proof, proof_of
    from shared.workflows.reports.verification import Genuine, genuine, invalid


class AddendaOfReport(Value):
    """The addenda of a report, in their order; none before it is signed."""

    report_id: Id
    addenda: list[Addendum]


def of_report(clinic: Clinic, report_id: str) -> AddendaOfReport:
    """The verified addenda of a report."""

    def transaction(work: UnitOfWork) -> AddendaOfReport:
        work.show_kept()
        report = work.get(Report.ref(report_id))
        permissions.require_for_notes(work, Action.READ_PSYCHOTHERAPY_NOTES, report)
        work.prefetch(ReportAddenda.ref(report.id))
        proof = proof_of(work, report)
        found = verified(work, report, proof) if proof else []
        return AddendaOfReport(report_id=report.id, addenda=shown(found))

    return clinic.perform("report.addenda", transaction)


def shown(found: Sequence[Genuine[AddendumPayload]]) -> list[Addendum]:
    """Verified addenda as they are shown."""
    return [
        Addendum(
            number=one.payload.number,
            text=one.payload.text,
            signature=one.payload.shown_signature(one.digest, one.signature),
        )
        for one in found
    ]


def verified(work: UnitOfWork, report: Report, proof: Proof) -> list[Genuine[AddendumPayload]]:
    """The addenda of a signed report; one without addenda costs no read. Raises SignatureInvalid, also if one is
    missing."""
    return chained(work, proof, stored_addenda(work, report).signed)


def stored_addenda(work: UnitOfWork, report: Report) -> ReportAddenda:
    """What is stored, or an empty record. Raises SignatureInvalid if there are fewer than the report counts."""
    if not report.addenda_count:
        return ReportAddenda.new(report.id, work.stamp)
    ref = ReportAddenda.ref(report.id)
    stored = work.get_or_none(ref) or work.get_or_none(ref, live=False)
    if stored is None or len(stored.signed) != report.addenda_count:
        raise invalid(work, report.id, "addendum_missing")
    return stored


def chained(work: UnitOfWork, proof: Proof, stored: Sequence[SignedBytes]) -> list[Genuine[AddendumPayload]]:
    """The addenda, if each follows the one before it and all are of these signed bytes. Raises SignatureInvalid."""
    report_id = proof.payload.report.report_id
    found: list[Genuine[AddendumPayload]] = []
    for signed in stored:
        one = genuine(work, report_id, signed, AddendumPayload)
        if one.payload.report_digest != proof.signed.digest.hex():
            raise invalid(work, report_id, "addendum_of_another")
        previous = found[-1].digest.hex() if found else None
        if (one.payload.number, one.payload.previous_digest) != (len(found) + 1, previous):
            raise invalid(work, report_id, "addendum_out_of_order")
        found.append(one)
    return found
