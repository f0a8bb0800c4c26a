"""Signing a report: from then on nothing changes it."""

from __future__ import annotations

import base64

from shared.records.clinic.people import UserProfile
from shared.records.problems import Conflict, Forbidden
from shared.records.record import Detailed, session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.report import Report
from shared.records.reports.signed import Signature, SignedReport, SignRequest
from shared.records.reports.signed_payload import SignedPayload, digest_of
from shared.records.types import STORED
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms
from shared.workflows.reports.reading import Body, body_of, report_refs, report_snapshot


def sign(clinic: Clinic, report_id: str, request: SignRequest) -> Detailed[Report, Body]:
    """Sign the current version of the report, which makes it final. Only the doctor of the visit signs."""

    def transaction(work: UnitOfWork) -> Detailed[Report, Body]:
        profile_ref = UserProfile.ref(work.user_id)
        work.prefetch(*report_refs(report_id), Session.ref(session_of(report_id)), work.settings_ref(), profile_ref)
        report = work.get_for_update(Report.ref(report_id))
        if report.doctor_id != work.user_id:
            raise Forbidden("only the doctor of the visit signs its report")
        profile = work.get_or_none(profile_ref)
        if profile is None:
            raise Conflict("fill in your profile first: a signature shows your name and licence")
        signed = report.signed(work.stamp)
        content = work.get(ReportContent.ref(report.id))
        work.require_unchanged(content)
        payload = SignedPayload(
            report=report_snapshot(work, report, content, profile),
            signer_id=work.user_id,
            signer_name=profile.full_name,
            licence_number=profile.license_number or "",
            meaning=request.meaning,
            signed_at=work.now,
            key_version=kms.signing_key_version(),
        )
        proof = _signed(work, payload)
        work.progress(report.session_id, report=signed.status)
        return Detailed(work.save(signed), body_of(content, work.create(proof).signature))

    return clinic.perform("report.sign", transaction)


def _signed(work: UnitOfWork, payload: SignedPayload) -> SignedReport:
    canonical = payload.canonical()
    digest = digest_of(canonical)
    made = kms.sign(digest)
    signature = Signature(
        signer_id=payload.signer_id,
        signer_name=payload.signer_name,
        licence_number=payload.licence_number,
        meaning=payload.meaning,
        signed_at=payload.signed_at,
        key_version=made.key_version,
        content_digest=digest.hex(),
        signature=base64.b64encode(made.signature).decode(),
    )
    report_id = payload.report.report_id
    return SignedReport.new(report_id, work.stamp, canonical=canonical.decode(), signature=signature)


def verified(proof: SignedReport) -> SignedPayload:
    """The signed payload. Raises Conflict when the stored bytes do not match the signed digest."""
    canonical = proof.canonical.encode()
    if digest_of(canonical).hex() != proof.signature.content_digest:
        raise Conflict("the signed bytes do not match their signature")
    return SignedPayload.model_validate_json(canonical, context=STORED)
