"""Reading a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shared.lazily import lazily
from shared.records.clinic.profile import UserProfile
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict, NoneYet
from shared.records.record import Detailed, Ref
from shared.records.reports.report import Report
from shared.records.reports.signed_payload import MOST_REVISERS
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports.body import NamedBody

with lazily(globals()):
    from shared.records.reports.additions import AddendumPayload
    from shared.records.reports.content import ReportContent
    from shared.records.reports.signed import SignedCopy, SignedReport
    from shared.records.reports.signed_payload import ReportSnapshot
    from shared.records.reports.superseding import Supersedes
    from shared.records.visits.ids import report_id_of
    from shared.records.visits.session import Session
    from shared.workflows import letterheads, parties, permissions
    from shared.workflows.reports import addenda, patient_records
    from shared.workflows.reports.body import Body, shown
    from shared.workflows.reports.proofs import Proof, proof_of, shown_proof
    from shared.workflows.reports.verification import Genuine
    from shared.workflows.visits.refs import expect

ReportDetail = Detailed[Report, NamedBody]


def named_body(transaction: Callable[[UnitOfWork], Detailed[Report, Body]]) -> Callable[[UnitOfWork], ReportDetail]:
    """The transaction, whose report gets the names of its patient and doctor."""

    def with_names(work: UnitOfWork) -> ReportDetail:
        result = transaction(work)
        (names,) = parties.parties_of(work, [result.record])
        return Detailed(result.record, NamedBody(**dict(result.extra), **dict(names)))

    return with_names


def get(clinic: Clinic, report_id: str) -> ReportDetail:
    """A report with its statements; a signed one as it was signed, also of a deleted patient."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.show_kept()
        return _read(work, report_id)

    return clinic.perform("report.read", named_body(transaction))


def of_session(clinic: Clinic, session_id: str) -> ReportDetail:
    """The first report of a session, as `get`. Raises NoneYet for a session without it."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        expect(work, session_id, *report_refs(report_id_of(session_id)))
        session = work.get(Session.ref(session_id))
        if not work.exists(Report.ref(session.report_id)):
            raise NoneYet
        return _read(work, session.report_id)

    return clinic.perform("report.read", named_body(transaction))


def _read(work: UnitOfWork, report_id: str) -> Detailed[Report, Body]:
    work.prefetch(*report_refs(report_id))
    report = work.get(Report.ref(report_id))
    permissions.require_for_notes(work, Action.READ_PSYCHOTHERAPY_NOTES, report)
    work.prefetch(*report_refs(report.id))  # a number names them only now
    proof = shown_proof(work, report)
    if proof:
        return read_signed(work, report, proof)
    opened = work.save_edit(report, report.opened(work.stamp))
    return with_body(work, opened)


def signed_copy(clinic: Clinic, report_id: str) -> SignedCopy:
    """The signed bytes of a report, of its co-signature and its addenda, with what a third party needs to verify them.
    Raises Conflict if the report is not signed by all who must."""

    def transaction(work: UnitOfWork) -> SignedCopy:
        work.show_kept()
        work.prefetch(Report.ref(report_id), SignedReport.ref(report_id))
        report = work.get(Report.ref(report_id))
        permissions.require_for_notes(work, Action.EXPORT_PSYCHOTHERAPY_NOTES, report)
        proof = proof_of(work, report)
        if proof is None:
            raise Conflict(ConflictCode.REPORT_NOT_SIGNED, "the report is not signed")
        parts = [one.part(report.id) for one in addenda.verified(work, report, proof)]
        beside = {"addenda": parts, "superseded_by": report.superseded_by}
        return proof.copy.model_copy(update=beside)

    return clinic.perform("report.copy", transaction)


def report_refs(report_id: str) -> tuple[Ref[Any], ...]:
    """What a reader of a report needs, to be prefetched."""
    return Report.ref(report_id), ReportContent.ref(report_id), SignedReport.ref(report_id)


def with_body(work: UnitOfWork, report: Report) -> Detailed[Report, Body]:
    """An unsigned report with what it says."""
    return shown(report, work.get_or_none(ReportContent.ref(report.id)))


def read_signed(work: UnitOfWork, report: Report, proof: Proof) -> Detailed[Report, Body]:
    """As `signed_body`, with the addenda, which cost another read if the report has any."""
    return signed_body(report, proof, addenda.verified(work, report, proof))


def signed_body(report: Report, proof: Proof, added: Sequence[Genuine[AddendumPayload]] = ()) -> Detailed[Report, Body]:
    """A signed report with what it says and its addenda, all from the verified bytes."""
    found = shown(proof.shown(report), proof.payload.report)
    said = {"signature": proof.signature, "cosignature": proof.cosignature, "addenda": addenda.shown(added)}
    return Detailed(found.record, found.extra.model_copy(update=said))


def report_snapshot(
    work: UnitOfWork,
    report: Report,
    content: ReportContent,
    profile: UserProfile | None,
    supersedes: Supersedes | None = None,
) -> ReportSnapshot:
    """The report as it is printed or signed now; `profile` is that of the doctor of the visit."""
    settings = work.settings()
    patient = patient_records.patient_with_charts(work, report.patient_id)
    session = work.get(Session.ref(report.session_id))
    return ReportSnapshot.of(
        report,
        content,
        session,
        patient,
        clinic_id=work.clinic_id,
        issuer=letterheads.current(work, profile),
        revised_by=_revisers(work, report, content, profile),
        zone=settings.time_zone,
        supersedes=supersedes,
    )


def _revisers(work: UnitOfWork, report: Report, content: ReportContent, profile: UserProfile | None) -> list[str]:
    """The names of those who corrected the draft, in the order of their first correction; without a profile, the
    account. Profiles other than the doctor's are read."""
    authors = list(dict.fromkeys(correction.author_id for correction in content.corrections))
    named = authors[:MOST_REVISERS]
    others = [UserProfile.ref(author) for author in named if author != report.doctor_id]
    if others:
        work.prefetch(*others)
    profiles = {ref.id: work.get_or_none(ref) for ref in others} | {report.doctor_id: profile}
    names = [found.full_name if (found := profiles[author]) else author for author in named]
    return [*names, "others"] if len(authors) > len(named) else names
