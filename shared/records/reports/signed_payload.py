"""The signed payload: everything that a reader of the report sees, in canonical JSON (RFC 8785)."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from itertools import accumulate

from shared.records.canonical import CanonicalValue
from shared.records.claims.doubt import ClaimCheck
from shared.records.claims.omission import Omission
from shared.records.letterhead import Letterhead, PatientIdentity
from shared.records.patients.patient import Patient
from shared.records.record import Value
from shared.records.report_type import ReportType
from shared.records.reports.content import ReportContent
from shared.records.reports.corrections import Correction
from shared.records.reports.findings import Finding, findings_of
from shared.records.reports.notes import Note
from shared.records.reports.report import Report
from shared.records.reports.resolutions import Resolution, unresolved
from shared.records.reports.reviews import Review
from shared.records.reports.signed import Declaration, Signature
from shared.records.reports.statements import Statement
from shared.records.reports.superseding import Supersedes
from shared.records.reports.types import ReportSource
from shared.records.size import quoted_bytes
from shared.records.templates.sections import Section
from shared.records.text import ShortText, Text
from shared.records.types import Code, Id, Language, Moment, Number, Zone
from shared.records.visits.lost_audio import LostAudio
from shared.records.visits.session import Session, SessionType
from shared.records.visits.visit_transcript import TranscriptSource

MOST_REVISERS = 3
"""Names of people who revised a report; further ones are "others"."""
MOST_ALLERGY_BYTES = 3_000
"""Bytes of the allergies, confirmed and reported ones, in the signed bytes. `LARGEST_CONTENT` leaves room for them and
for the revisers' names."""


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
    visit_type: SessionType
    visit_started: Moment
    visit_minutes: int | None
    """Duration without pauses; null for a session that is not completed."""
    time_zone: Zone
    referred_by: ShortText | None
    issuer: Letterhead
    subject: PatientIdentity
    allergies: list[ShortText]
    """From the chart. An empty list says that none are recorded, not that there are none."""
    allergies_left_out: int
    """Number of further allergies in the chart, for which there was no room."""
    reported_allergies: list[ShortText] = []
    """Reported to the clinic, and not confirmed by a clinician: no allergies of the chart."""
    reported_allergies_left_out: int = 0
    """Number of further reported allergies, for which there was no room."""
    drafted_by: Code | None
    """The model that wrote the draft; null for a report without a draft."""
    drafted_at: Moment | None
    revised_by: list[ShortText]
    """The names of the people who corrected the draft."""
    language: Language | None = None
    """Of the statements; null if unknown."""
    sections: list[Section]
    statements: list[Statement]
    sources: list[TranscriptSource] = []
    """The transcriptions whose segments the statements cite, numbered through the visit."""
    lost_audio: list[LostAudio] = []
    """What was spoken and is in none of their recordings: the report cannot say it."""
    notes: list[Note] = []
    """What the practitioner typed and statements cite."""
    corrections: list[Correction]
    omissions: list[Omission] = []
    """What was said and is in none of the statements."""
    omissions_left_out: int = 0
    """Number of further omissions, all minor, that were not listed."""
    resolutions: list[Resolution] = []
    """What doctors decided about the doubts of the statements, about omissions, and about risk answers."""
    claim_check: ClaimCheck = ClaimCheck.NOT_DONE
    """How far the statements were checked against what was said."""
    checks_version: int | None = None
    """The version of the checks that found the doubts and omissions; null if none ran."""
    correction_notes: Text | None
    psychotherapy_notes: bool = False
    """True for psychotherapy notes (45 CFR 164.501), which are for their author alone."""
    supersedes: Supersedes | None = None
    """The signed report of which this is a new version, and why."""
    reviews: list[Review] = []
    """Who reviewed this version, and when."""
    reviewed_by: Id | None
    """Who made the latest review."""
    reviewed_at: Moment | None

    @classmethod
    def of(
        cls,
        report: Report,
        content: ReportContent,
        session: Session,
        patient: Patient,
        *,
        clinic_id: str,
        issuer: Letterhead,
        revised_by: list[str],
        zone: str,
        supersedes: Supersedes | None = None,
    ) -> ReportSnapshot:
        reported = [entry.text for entry in patient.reported_allergies]
        fitting = _fitting([*patient.allergies, *reported])
        allergies, to_confirm = fitting[: len(patient.allergies)], fitting[len(patient.allergies) :]
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
            visit_type=session.type,
            visit_started=session.started_at,
            visit_minutes=session.total_duration_minutes,
            time_zone=zone,
            referred_by=session.referred_by,
            issuer=issuer,
            subject=PatientIdentity.of(patient),
            allergies=allergies,
            allergies_left_out=len(patient.allergies) - len(allergies),
            reported_allergies=to_confirm,
            reported_allergies_left_out=len(reported) - len(to_confirm),
            drafted_by=report.ai_model,
            drafted_at=report.generation_completed_at,
            revised_by=revised_by,
            language=content.language,
            sections=content.sections,
            statements=content.statements,
            sources=report.sources,
            lost_audio=report.lost_audio,
            notes=content.notes,
            corrections=content.corrections,
            omissions=content.omissions,
            omissions_left_out=content.omissions_left_out,
            resolutions=content.resolutions,
            claim_check=content.claim_check,
            checks_version=content.checks_version,
            correction_notes=report.correction_notes,
            psychotherapy_notes=report.psychotherapy_notes,
            supersedes=supersedes,
            reviews=report.reviews,
            reviewed_by=report.reviewed_by,
            reviewed_at=report.reviewed_at,
        )

    @property
    def findings(self) -> list[Finding]:
        """What a doctor had to look at."""
        return findings_of(self.sections, self.statements, self.omissions)

    @property
    def unresolved(self) -> list[Finding]:
        """The findings that were signed without a resolution: none, but for reports that were signed before doubts had
        to be resolved."""
        return unresolved(self.findings, self.resolutions)


def _fitting(allergies: list[str]) -> list[str]:
    """The first allergies that fit into the signed bytes."""
    sizes = accumulate(quoted_bytes(allergy) for allergy in allergies)
    return allergies[: bisect_right(list(sizes), MOST_ALLERGY_BYTES)]


class SignedPayload(CanonicalValue, Declaration):
    """A report with the signer's declaration."""

    format: int = 1
    """Of these bytes; see `FORMAT`."""
    cosigner_id: Id | None = None
    """The supervisor without whose co-signature the report is not final; null if it needs none."""
    report: ReportSnapshot

    def shown_signature(self, digest: bytes, signature: str) -> Signature:
        """The signature as it is shown; `signature` is base64."""
        declaration = {name: getattr(self, name) for name in Declaration.model_fields}
        return Signature(**declaration, content_digest=digest.hex(), signature=signature)


def digest_of(canonical: bytes) -> bytes:
    """The SHA-256 digest."""
    return hashlib.sha256(canonical).digest()
