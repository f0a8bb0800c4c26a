"""Signing a report: from then on nothing changes it."""

from __future__ import annotations

import base64

from shared.records.clinic.identity import IdentityConfirmation
from shared.records.clinic.people import User
from shared.records.clinic.profile import UserProfile
from shared.records.conflict_codes import ConflictCode
from shared.records.permissions import Action
from shared.records.problems import Conflict
from shared.records.record import Detailed, session_of
from shared.records.reports.content import ReportContent
from shared.records.reports.edit_distance import edit_distance
from shared.records.reports.report import Report
from shared.records.reports.resolutions import DoubtsUnresolved
from shared.records.reports.signed import Meaning, SignedReport, SignRequest
from shared.records.reports.signed_payload import ReportSnapshot, SignedPayload, digest_of
from shared.records.visits.session import Session
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.vault import kms
from shared.workflows import permissions
from shared.workflows.reports.body import Body
from shared.workflows.reports.proofs import verified
from shared.workflows.reports.reading import ReportDetail, named_body, report_refs, report_snapshot, signed_body
from shared.workflows.stored_proofs import must_be_unsigned


def sign(clinic: Clinic, report_id: str, request: SignRequest) -> ReportDetail:
    """Sign the current version of the report, which makes it final. Only the doctor of the report signs.

    Raises Conflict unless the session is completed, DoubtsUnresolved while a major finding is not resolved, and
    FreshSignInRequired, SecondFactorRequired or IdentityUnconfirmed when the signer is not known well enough.
    The session is touched: a cancellation, a reopening and the opening of an upload write it, so of two at once one
    runs again and sees the other.
    """

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
        confirmation = _confirmed(work, profile)
        signed = report.signed(work.stamp, edit_distance=edit_distance(content.generated, content.statements))
        work.require_unchanged(content)
        payload = _payload(work, report_snapshot(work, signed, content, profile), confirmation, request.meaning)
        proof = work.create(_signed(work, payload))
        work.progress(report.session_id, **signed.published)
        # Verified before the commit: what cannot be read back must not become final.
        return signed_body(work.save(signed), verified(work, report.id, proof))

    return clinic.perform("report.sign", named_body(transaction))


def _settled(work: UnitOfWork, report: Report) -> ReportContent:
    """The content, which has statements, not of consents alone, and no major finding without a resolution."""
    content = work.get(ReportContent.ref(report.id))
    if all(one.consent_id for one in content.statements):
        raise Conflict(ConflictCode.REPORT_EMPTY, "the report has no statement: there is nothing to sign")
    if unresolved := content.unresolved:
        raise DoubtsUnresolved(unresolved)
    return content


def _confirmed(work: UnitOfWork, profile: UserProfile | None) -> IdentityConfirmation:
    """The confirmation of the signer's name and licence number, which must not change before the commit."""
    user = work.get(User.ref(work.user_id))
    confirmation = user.confirmation_of(profile)
    work.require_fresh_sign_in()
    if work.settings().signing_requires_second_factor:
        work.require_second_factor()
    work.require_unchanged(user)
    return confirmation


def _payload(
    work: UnitOfWork, snapshot: ReportSnapshot, confirmation: IdentityConfirmation, meaning: Meaning
) -> SignedPayload:
    return SignedPayload(
        report=snapshot,
        signer_id=work.user_id,
        signer_name=confirmation.full_name,
        licence_number=confirmation.licence_number,
        identity_confirmed_by=confirmation.confirmed_by,
        identity_confirmed_at=confirmation.confirmed_at,
        meaning=meaning,
        signed_at=work.now,
        key_version=kms.signing_key_version(),
    )


def _signed(work: UnitOfWork, payload: SignedPayload) -> SignedReport:
    canonical = payload.canonical()
    made = kms.sign(digest_of(canonical))
    if made.key_version != payload.key_version:
        raise kms.KmsError("sign: another key version")
    signature = base64.b64encode(made.signature).decode()
    return SignedReport.new(payload.report.report_id, work.stamp, canonical=canonical.decode(), signature=signature)
