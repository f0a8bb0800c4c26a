"""The signed payload: everything that a reader of the report sees, in canonical JSON (RFC 8785)."""

from __future__ import annotations

import hashlib

from shared.records.canonical import CanonicalValue
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.record import Value
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Correction
from shared.records.reports.notes import Note
from shared.records.reports.report import Report, ReportSource, ReportType
from shared.records.reports.signed import Meaning, Signature
from shared.records.reports.statements import Statement
from shared.records.reports.template import Section
from shared.records.text import ShortText, Text
from shared.records.types import Id, Moment, Number, ResourceName, Zone
from shared.records.visits.session import Session


class ReportSnapshot(Value):
    """A report as displayed and printed."""

    clinic_id: Id
    patient_id: Id
    session_id: Id
    report_id: Id
    report_number: Number
    doctor_id: Id
    version: int
    report_type: ReportType
    source: ReportSource
    session_number: ShortText
    visit_started: Moment
    time_zone: Zone
    issuer: Letterhead
    subject: PatientIdentity
    sections: list[Section]
    statements: list[Statement]
    notes: list[Note] = []
    """What the practitioner typed and statements cite."""
    corrections: list[Correction]
    correction_notes: Text | None
    reviewed_by: Id | None
    reviewed_at: Moment | None

    @classmethod
    def of(
        cls,
        report: Report,
        content: ReportContent,
        session: Session,
        *,
        clinic_id: str,
        issuer: Letterhead,
        subject: PatientIdentity,
        zone: str,
    ) -> ReportSnapshot:
        return cls(
            clinic_id=clinic_id,
            patient_id=report.patient_id,
            session_id=report.session_id,
            report_id=report.id,
            report_number=report.report_number,
            doctor_id=report.doctor_id,
            version=report.version,
            report_type=report.report_type,
            source=report.source,
            session_number=session.number,
            visit_started=session.started_at,
            time_zone=zone,
            issuer=issuer,
            subject=subject,
            sections=content.sections,
            statements=content.statements,
            notes=content.notes,
            corrections=content.corrections,
            correction_notes=report.correction_notes,
            reviewed_by=report.reviewed_by,
            reviewed_at=report.reviewed_at,
        )


class SignedPayload(CanonicalValue):
    """A report with the signer's declaration and the time of signing."""

    report: ReportSnapshot
    signer_id: Id
    """The account of the signer."""
    signer_name: str
    licence_number: str
    identity_confirmed_by: Id
    """The admin who confirmed the signer's name and licence number."""
    identity_confirmed_at: Moment
    meaning: Meaning
    signed_at: Moment
    key_version: ResourceName

    def shown_signature(self, digest: bytes, signature: str) -> Signature:
        """The signature as it is shown; `signature` is base64."""
        names = Signature.model_fields.keys() & type(self).model_fields.keys()
        fields = {name: getattr(self, name) for name in names}
        return Signature(**fields, content_digest=digest.hex(), signature=signature)


def digest_of(canonical: bytes) -> bytes:
    """The SHA-256 digest."""
    return hashlib.sha256(canonical).digest()
