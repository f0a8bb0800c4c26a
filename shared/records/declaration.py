"""What is signed: everything a reader of the report sees, in one canonical form (RFC 8785)."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from shared.records.clinic import ClinicSettings
from shared.records.patient import Patient
from shared.records.people import UserProfile
from shared.records.record import Value
from shared.records.report import Report, ReportContent, Statement
from shared.records.session import Session
from shared.records.template import Section
from shared.records.types import Id, Moment, ResourceName, ShortText, Zone


class Issuer(Value):
    """The letterhead: who issues a document. The logo is base64."""

    practitioner_name: str
    specialization: str
    licence_number: str
    clinic_name: str
    clinic_address: str
    phone: str
    email: str
    gst_number: str | None
    logo: str | None

    @classmethod
    def of(cls, profile: UserProfile | None, clinic: ClinicSettings) -> Issuer:
        """The practitioner's own words where there are any, else the clinic's."""
        return cls(
            practitioner_name=profile.full_name if profile else "",
            specialization=(profile and profile.specialization) or "",
            licence_number=(profile and profile.license_number) or "",
            clinic_name=(profile and profile.clinic_name) or clinic.name,
            clinic_address=(profile and profile.clinic_address) or clinic.address or "",
            phone=(profile and profile.phone) or clinic.phone or "",
            email=(profile and profile.email) or clinic.email or "",
            gst_number=clinic.gst_number,
            logo=profile.logo if profile else None,
        )


class Subject(Value):
    """Whom a document is about."""

    name: str
    number: str
    date_of_birth: date
    gender: str | None

    @classmethod
    def of(cls, patient: Patient) -> Subject:
        return cls(
            name=f"{patient.first_name} {patient.last_name}",
            number=patient.number,
            date_of_birth=patient.date_of_birth,
            gender=patient.gender,
        )


class ReportFace(Value):
    """A report as it is read and printed."""

    report_id: Id
    version: int
    report_type: ShortText
    session_number: ShortText
    visit_started: Moment
    time_zone: Zone
    issuer: Issuer
    subject: Subject
    sections: list[Section]
    statements: list[Statement]

    @classmethod
    def of(
        cls, report: Report, content: ReportContent, session: Session, *, issuer: Issuer, subject: Subject, zone: str
    ) -> ReportFace:
        return cls(
            report_id=report.id,
            version=report.version,
            report_type=report.report_type.value,
            session_number=session.number,
            visit_started=session.started_at,
            time_zone=zone,
            issuer=issuer,
            subject=subject,
            sections=content.sections,
            statements=content.statements,
        )


class Declaration(Value):
    """What a signer declares about a report, and when."""

    report: ReportFace
    signer_id: Id
    signer_name: str
    licence_number: str
    meaning: ShortText
    signed_at: Moment
    key_version: ResourceName

    def canonical(self) -> bytes:
        """The bytes that are signed."""
        import rfc8785

        plain: dict[str, Any] = self.model_dump(mode="json")
        return rfc8785.dumps(plain)


def digest_of(canonical: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(canonical).digest()
