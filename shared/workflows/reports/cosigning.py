"""Co-signing what a trainee signed, which makes it final; or returning it to the trainee."""

from __future__ import annotations

from shared.records.clinic.profile import UserProfile
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed
from shared.records.reports.additions import CosignaturePayload
from shared.records.reports.cosignature import ReturnRequest
from shared.records.reports.report import Report
from shared.records.reports.signed import Cosignature, Meaning, SignedReport
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.printability import must_be_printable
from shared.workflows.reports import signers
from shared.workflows.reports.body import Body
from shared.workflows.reports.final_pdfs import FinalPdfs
from shared.workflows.reports.proofs import Proof, cosigned, waiting_proof
from shared.workflows.reports.reading import ReportDetail, named_body, report_refs, signed_body, with_body
from shared.workflows.reports.superseding import finalize, superseded_proof


def cosign(clinic: Clinic, report_id: str) -> ReportDetail:
    """Sign, as approver, exactly the bytes that the author signed. Only the supervisor whom they name does.

    Raises Conflict unless the report waits for it, and as `signers.declared`.
    """

    pdfs = FinalPdfs()

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id), work.settings_ref(), UserProfile.ref(work.user_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.COSIGN_REPORT)
        report.must_await_cosignature()
        authored = waiting_proof(work, report)
        if work.user is not None and not work.user.may_cosign:
            raise Conflict(ConflictCode.NO_SUPERVISOR, "a doctor who is supervised co-signs nothing")
        proof = _cosigned(work, authored)
        signed = report.cosigned(work.stamp)
        work.admit_beside(report)
        superseded_proof(work, report)
        return signed_body(finalize(work, signed, pdfs), proof)

    return pdfs.perform(clinic, "report.cosign", named_body(transaction))


def give_back(clinic: Clinic, report_id: str, request: ReturnRequest) -> ReportDetail:
    """Return a report that waits for the co-signature, with the reason. The author's signature is kept; the report is
    its next version, unsigned."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        work.prefetch(*report_refs(report_id))
        report = permissions.get_for_update(work, Report.ref(report_id), Action.RETURN_REPORT)
        returned = report.returned(request.reason, work.stamp)
        work.progress(report.session_id, **returned.published)
        return with_body(work, work.save(returned))

    return clinic.perform("report.return", named_body(transaction))


def _cosigned(work: UnitOfWork, authored: Proof) -> Proof:
    """The final proof: the author's bytes, and the supervisor's signature. Verified before the commit."""
    from shared.render.words.languages import words_of
    from shared.workflows.reports.printed_signatures import signature_block

    report = authored.payload.report
    profile = work.get_or_none(UserProfile.ref(work.user_id))
    declaration = signers.declared(work, profile, Meaning.APPROVER)
    payload = CosignaturePayload(**signers.about(authored), **declaration, version=report.version)
    must_be_printable(signature_block(payload.shown_signature(bytes(32), ""), words_of(report.language)))
    signed = signers.signed_by_key(payload, payload.key_version)
    work.create(SignedReport.new(report.report_id, work.stamp, **dict(authored.signed.stored)))
    work.create(Cosignature.new(report.report_id, work.stamp, **dict(signed)))
    return cosigned(work, authored.signed, signed)
