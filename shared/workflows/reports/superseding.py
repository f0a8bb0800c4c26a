"""Making a new version of a signed report, and letting it take the place of the earlier one."""

from __future__ import annotations

from shared.records import numbering
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed, session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report, ReportStatus
from shared.records.reports.superseding import NewVersion, Supersedes
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.printability import must_be_printable
from shared.workflows.reports.body import Body, shown
from shared.workflows.reports.final_pdfs import FinalPdfs
from shared.workflows.reports.proofs import Proof, proof_of
from shared.workflows.reports.reading import ReportDetail, named_body, report_refs

_SAID = (
    *("sections", "statements", "notes", "corrections", "omissions", "resolutions"),
    *("language", "claim_check", "checks_version"),
)
"""What a new version takes from the signed bytes."""


def make(clinic: Clinic, report_id: str, new: NewVersion) -> ReportDetail:
    """Make the next version of a signed report: a report of the same session, with the same content and a number of its
    own, which the caller corrects and signs.

    Raises Conflict for a report that is not signed, is superseded, or has a new version, for a reason that cannot be
    printed, and beyond the most reports of a session.
    """

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        counted = (numbering.REPORTS, work.settings_ref())
        work.prefetch(*report_refs(report_id), Session.ref(session_of(report_id)), *counted)
        report = permissions.get_for_update(work, Report.ref(report_id), Action.NEW_VERSION)
        proof = proof_of(work, report)
        if proof is None:
            raise Conflict(ConflictCode.REPORT_NOT_SIGNED, "the report is not signed: correct it")
        must_be_printable(new)
        session = work.get(Session.ref(report.session_id)).with_further_report()
        id = session.report_ids[-1]
        work.save(report.with_next_version(id, work.stamp))
        work.save(session)
        number = work.next_number(numbering.reports(work.today()), id)
        made = report.next_version(id, number, new.reason, work.stamp, status=ReportStatus.COMPLETED)
        content = work.get(ReportContent.ref(report.id)).copied(id, **_signed_content(proof))
        work.progress(session.id, **made.published)
        return shown(work.create(made), work.create(content))

    return clinic.perform("report.new_version", named_body(transaction))


def superseded_proof(work: UnitOfWork, report: Report) -> Supersedes | None:
    """What the signed bytes of a new version say about the report that it supersedes; None for a first version. Raises
    SignatureInvalid if that report does not verify."""
    if report.supersedes is None:
        return None
    work.prefetch(*report_refs(report.supersedes))
    earlier = work.get(Report.ref(report.supersedes))
    earlier.must_be_newest()
    proof = proof_of(work, earlier)
    if proof is None:
        raise Conflict(ConflictCode.REPORT_NOT_SIGNED, "the report that this one supersedes is not signed")
    return Supersedes(
        report_id=earlier.id,
        report_number=proof.payload.report.report_number,
        report_digest=proof.signed.digest.hex(),
        reason=report.new_version_reason or "",
    )


def finalize(work: UnitOfWork, signed: Report, pdfs: FinalPdfs) -> Report:
    """Save a report that was signed. One that becomes final by that takes the place of the report that it supersedes,
    if it does; the signed PDFs of both are requested."""
    finals = []
    if signed.status == ReportStatus.SIGNED:
        finals.append(signed)
        if signed.supersedes is not None:
            earlier = work.get(Report.ref(signed.supersedes))
            finals.insert(0, work.save(earlier.superseded_with(signed, work.stamp)))
    work.progress(signed.session_id, **signed.published, **pdfs.request(work, finals))
    return work.save(signed)


def _signed_content(proof: Proof) -> dict[str, object]:
    return {name: getattr(proof.payload.report, name) for name in _SAID}
