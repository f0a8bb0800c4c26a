"""The evidence of a report: the text that its writer saw."""

from __future__ import annotations

from shared.records.record import Value
from shared.records.reports.report import Report
from shared.records.visits.visit_transcript import TranscriptSource, VisitSegment
from shared.store.clinic import Clinic
from shared.store.unit_of_work import UnitOfWork
from shared.workflows.reports.proofs import shown_proof
from shared.workflows.reports.reading import report_refs
from shared.workflows.visits import transcripts


class ReportTranscript(Value):
    """The segments that the statements of a report cite, by the numbers that they cite."""

    report_id: str
    sources: list[TranscriptSource]
    segments: list[VisitSegment]


def transcript(clinic: Clinic, report_id: str) -> ReportTranscript:
    """The transcript that a report was written from; of a signed report, as its signed bytes name it.

    Raises NotFound for a caller who may see the report and not the patient.
    """

    def transaction(work: UnitOfWork) -> ReportTranscript:
        work.prefetch(*report_refs(report_id))
        report = work.get(Report.ref(report_id))
        proof = shown_proof(work, report)
        sources = proof.payload.report.sources if proof else report.sources
        segments = transcripts.of_sources(work, sources)
        return ReportTranscript(report_id=report.id, sources=sources, segments=segments)

    return clinic.perform("report.evidence", transaction)
