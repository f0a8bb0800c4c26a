"""Signing a report: from then on nothing changes what it says."""

from __future__ import annotations

from shared.records.clinic.profile import UserProfile
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict, FieldError, Invalid
from shared.records.record import Detailed, session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.edit_distance import edit_distance
from shared.records.reports.report import Report
from shared.records.reports.resolutions import DoubtsUnresolved
from shared.records.reports.signed import FORMAT, AuthoredReport, Meaning, SignedReport, SignRequest
from shared.records.reports.signed_payload import SignedPayload
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows import permissions
from shared.workflows.clinic.supervision import cosigner_of
from shared.workflows.printability import must_be_printable
from shared.workflows.reports import paper, signers
from shared.workflows.reports.body import Body
from shared.workflows.reports.final_pdfs import FinalPdfs
from shared.workflows.reports.proofs import Proof, awaiting_cosignature, verified
from shared.workflows.reports.reading import ReportDetail, named_body, report_refs, report_snapshot, signed_body
from shared.workflows.reports.superseding import finalize, superseded_proof
from shared.workflows.stored_proofs import must_be_unsigned


def sign(clinic: Clinic, report_id: str, request: SignRequest) -> ReportDetail:
    """Sign the current version of the report, which makes it final, or lets it wait for the co-signature of the
    caller's supervisor. Only the doctor of the report signs.

    Raises Conflict unless the session is completed and each character can be printed, DoubtsUnresolved while a major
    finding is not resolved, and FreshSignInRequired, SecondFactorRequired or IdentityUnconfirmed when the signer is not
    known well enough.
    Whatever changes the content writes the report in the same commit, so the content is what was read. The session is
    touched: a cancellation, a reopening and the opening of an upload write it, so of two at once one
    runs again and sees the other.
    """

    pdfs = FinalPdfs()

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        profile_ref = UserProfile.ref(work.user_id)
        work.prefetch(*report_refs(report_id), Session.ref(session_of(report_id)), work.settings_ref(), profile_ref)
        report = permissions.get_for_update(work, Report.ref(report_id), Action.SIGN_REPORT)
        must_be_unsigned(work, report.id)
        session = work.get(Session.ref(report.session_id))
        session.must_be_completed()
        work.touch(session)  # also because its times and type are signed
        report.must_be_editable()
        content = _settled(work, report)
        profile = work.get_or_none(profile_ref)
        declaration = signers.declared(work, profile, request.meaning)
        cosigner_id = _cosigner(work, report, request.meaning)
        distance = edit_distance(content.generated, content.statements)
        signed = report.signed(work.stamp, edit_distance=distance, cosigner_id=cosigner_id)
        snapshot = report_snapshot(work, signed, content, profile, superseded_proof(work, report))
        payload = SignedPayload(format=FORMAT, cosigner_id=cosigner_id, report=snapshot, **declaration)
        must_be_printable(paper.signed_document(snapshot, payload.shown_signature(bytes(32), "")))
        proof = _proof(work, payload)
        return signed_body(finalize(work, signed, pdfs), proof)

    return pdfs.perform(clinic, "report.sign", named_body(transaction))


def _settled(work: UnitOfWork, report: Report) -> ReportContent:
    """The content, which has statements, not of consents alone, and no major finding without a resolution."""
    content = work.get(ReportContent.ref(report.id))
    if all(one.consent_id for one in content.statements):
        raise Conflict(ConflictCode.REPORT_EMPTY, "the report has no statement: there is nothing to sign")
    if unresolved := content.unresolved:
        raise DoubtsUnresolved(unresolved)
    return content


def _cosigner(work: UnitOfWork, report: Report, meaning: Meaning) -> str | None:
    """Who must co-sign; None if nobody must. Raises Invalid for a trainee who signs as anything but the author."""
    cosigner_id = cosigner_of(work, report)
    if cosigner_id is not None and meaning != Meaning.AUTHOR:
        detail = "a report that needs a co-signature is signed by its author first"
        raise Invalid(errors=[FieldError("/meaning", detail)])
    return cosigner_id


def _proof(work: UnitOfWork, payload: SignedPayload) -> Proof:
    """The stored signature. Verified before the commit: what cannot be read back must not become final."""
    report_id, version = payload.report.report_id, payload.report.version
    signed = dict(signers.signed_by_key(payload, payload.key_version))
    if payload.cosigner_id is None:
        return verified(work, report_id, work.create(SignedReport.new(report_id, work.stamp, **signed)))
    id = AuthoredReport.id_of(report_id, version)
    return awaiting_cosignature(work, report_id, work.create(AuthoredReport.new(id, work.stamp, **signed)))
