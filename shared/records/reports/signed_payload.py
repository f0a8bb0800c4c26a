"""The signed payload: everything that a reader of the report sees, in canonical JSON (RFC 8785)."""

from __future__ import annotations

import hashlib
from typing import Any

from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.record import Value
from shared.records.reports.content import ReportContent, Statement
from shared.records.reports.report import Report
from shared.records.reports.template import Section
from shared.records.text import ShortText
from shared.records.types import Id, Moment, ResourceName, Zone
from shared.records.visits.session import Session


class ReportSnapshot(Value):
    """A report as displayed and printed."""

    report_id: Id
    version: int
    report_type: ShortText
    session_number: ShortText
    visit_started: Moment
    time_zone: Zone
    issuer: Letterhead
    subject: PatientIdentity
    sections: list[Section]
    statements: list[Statement]

    @classmethod
    def of(
        cls,
        report: Report,
        content: ReportContent,
        session: Session,
        *,
        issuer: Letterhead,
        subject: PatientIdentity,
        zone: str,
    ) -> ReportSnapshot:
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


class SignedPayload(Value):
    """A report with the signer's declaration and the time of signing."""

    report: ReportSnapshot
    signer_id: Id
    signer_name: str
    licence_number: str
    meaning: ShortText
    signed_at: Moment
    key_version: ResourceName

    def canonical(self) -> bytes:
        """The bytes to sign."""
        import rfc8785

        plain: dict[str, Any] = self.model_dump(mode="json")
        return rfc8785.dumps(plain)


def digest_of(canonical: bytes) -> bytes:
    """The SHA-256 digest."""
    return hashlib.sha256(canonical).digest()
