"""Operations on reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.records.claims.doubt import CHECKS_VERSION, ClaimCheck
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.permissions import Action, ShareLevel
from shared.records.record import Detailed, Stamp
from shared.records.reports.corrections import Correction, CorrectionCounts
from shared.records.reports.findings import findings_of
from shared.records.reports.last_visit import LastVisit, PastScore, PastStatement
from shared.records.reports.names_heard import NameCheck
from shared.records.reports.resolutions import Resolution
from shared.records.reports.signed import Meaning, SignedCopy
from shared.records.templates.sections import Section
from shared.workflows.reports import chart, doubts, evidence, reading
from shared.workflows.reports.last_visit import LastVisitFound
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES
from tools.openapi.operation_cases.sample_clinic import BEGAN, COLLEAGUE, DOCTOR, ENDED
from tools.openapi.operation_cases.visits import OF_SESSION, SESSION, SOURCES, VISIT_SEGMENTS

_REQUESTED = factories.report(
    SESSION, Stamp("system", ENDED + timedelta(minutes=3)), report_type="followup", sources=[]
)
REPORT = _REQUESTED.revised(
    Stamp("system", ENDED + timedelta(minutes=4)),
    status="completed",
    ai_model="gemini-3.5-flash-lite",
    confidence_score=0.93,
    quality_score=1.0,
    completeness_score=1.0,
    sources=SOURCES,
)
_OF_REPORT = {"id": REPORT.id}

STATEMENT_ID = "st1"
OMISSION = Omission.of(OmissionKind.DRUG, 3, "melatonin")
[FINDING] = findings_of([], [], [OMISSION])
"""The finding of the omission."""
_SECTIONS = [Section(id="subjective", title="Subjective", required=True)]
_STATEMENT = factories.statement(2, "subjective", "Wakes at 04:00 on 3 to 4 nights a week.", id=STATEMENT_ID)
_BODY = reading.NamedBody(
    **dict(PARTIES),
    sections=_SECTIONS,
    statements=[_STATEMENT],
    notes=[],
    corrections=[],
    correction_counts=CorrectionCounts.of([]),
    name_check=NameCheck.DONE,
    other_names_heard=[],
    instrument_scores=[],
    unfilled=[],
    omissions=[OMISSION],
    resolutions=[],
    unresolved_findings=1,
    claim_check=ClaimCheck.DONE,
    checks_version=CHECKS_VERSION,
    generated_content=f"Subjective\n{_STATEMENT.text}",
    signature=None,
)

_BY_HAND: Mapping[str, Any] = {
    "statements": [{"section": "subjective", "text": "Sleeps through since the last visit."}],
    "replace": True,
}
_WRITTEN = factories.report(
    SESSION,
    Stamp(DOCTOR, ENDED),
    report_type="followup",
    source="by_hand",
    status="completed",
    transcription_id=None,
    sources=[],
    version=2,
    attempt=2,
)
_WRITTEN_BODY = reading.NamedBody(
    **dict(PARTIES),
    sections=_SECTIONS,
    statements=[
        factories.statement(1, **_BY_HAND["statements"][0], id="h1", segments=[], author_id=DOCTOR),
    ],
    notes=[],
    corrections=[],
    correction_counts=CorrectionCounts.of([]),
    name_check=NameCheck.DONE,
    other_names_heard=[],
    instrument_scores=[],
    unfilled=[],
    omissions=[],
    resolutions=[],
    unresolved_findings=0,
    claim_check=ClaimCheck.NOT_DONE,
    checks_version=None,
    generated_content=f"Subjective\n{_BY_HAND['statements'][0]['text']}",
    signature=None,
)

_CORRECTED = Stamp(DOCTOR, ENDED + timedelta(minutes=20))
_REASON = "She said later that it has become more."
_NEW_TEXT = "Wakes at 04:00 on most nights."
_CORRECTION = Correction(
    statement_id=STATEMENT_ID,
    before=_STATEMENT.text,
    after=_NEW_TEXT,
    before_segments=_STATEMENT.segments,
    reason=_REASON,
    author_id=DOCTOR,
    at=_CORRECTED.at,
)
_CORRECTED_BODY = reading.NamedBody(
    **dict(PARTIES),
    sections=_SECTIONS,
    statements=[_STATEMENT.model_copy(update={"text": _NEW_TEXT, "author_id": DOCTOR, "reason": _REASON})],
    notes=[],
    corrections=[_CORRECTION],
    correction_counts=CorrectionCounts.of([_CORRECTION]),
    name_check=NameCheck.DONE,
    other_names_heard=[],
    instrument_scores=[],
    unfilled=[],
    omissions=[],
    resolutions=[],
    unresolved_findings=0,
    claim_check=ClaimCheck.DONE,
    checks_version=CHECKS_VERSION,
    generated_content=f"Subjective\n{_NEW_TEXT}",
    signature=None,
)

_RESOLVE = {"finding_id": FINDING.id, "how": "not_relevant", "reason": "Her sister takes it, not she."}
_RESOLUTION = Resolution.model_validate(
    _RESOLVE
    | {name: getattr(FINDING, name) for name in ("kind", "statement_id", "words", "segments")}
    | {"author_id": DOCTOR, "at": _CORRECTED.at}
)
_FOUND = doubts.ReportFinding(**dict(FINDING), must_be_resolved=True, resolution=None)
_OPEN = doubts.Findings(findings=[_FOUND], unresolved_findings=1)
_CLOSED = doubts.Findings(findings=[_FOUND.model_copy(update={"resolution": _RESOLUTION})], unresolved_findings=0)
_RESOLVED_BODY = _BODY.model_copy(update={"resolutions": [_RESOLUTION], "unresolved_findings": 0})

_SIGNED = Stamp(DOCTOR, ENDED + timedelta(minutes=22))
_KEY_VERSION = "projects/p/locations/asia-south1/keyRings/synapse/cryptoKeys/report-signing/cryptoKeyVersions/1"
_SIGNATURE = factories.signature(
    _SIGNED,
    licence_number="KMC 45821",
    meaning=Meaning.AUTHOR,
    identity_confirmed_by=COLLEAGUE,
    identity_confirmed_at=BEGAN,
    key_version=_KEY_VERSION,
    content_digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    signature="MEUCIQDkq0Jx4zqLr1uJ7d3mFq7Lw3cT0m8zY5vBvJ0c2yJ5gAIgQ1xT8yq7b6vL4n3k2j1h0g9f8e7d6c5b4a3Z2Y1X0W8=",
)

_COPY = SignedCopy(
    report_id=REPORT.id,
    canonical="eyJpZGVudGl0eV9jb25maXJtZWRfYXQiOiIyMDI2LTA5LTE0VDA0OjMwOjAwWiIsIi4uLiI6Ii4uLiJ9",  # abridged
    content_digest=_SIGNATURE.content_digest,
    signature=_SIGNATURE.signature,
    key_version=_KEY_VERSION,
    public_key="-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE...\n-----END PUBLIC KEY-----\n",
)

_OFFER = factories.chart_offer(f"{STATEMENT_ID}-1", statement_id=STATEMENT_ID, segments=[2])
_DECIDED = factories.chart_decisions(REPORT, _SIGNED, _OFFER).decisions[0]
_OFFERED = chart.ChartChanges(report_id=REPORT.id, patient_id=REPORT.patient_id, offers=[_OFFER])
_ACCEPTED = _OFFERED.model_copy(update={"offers": [_OFFER.model_copy(update={"in_chart": True, "decision": _DECIDED})]})

_LAST_VISIT = LastVisitFound(
    last_visit=LastVisit(
        session_id=SESSION.id,
        session_number=SESSION.number,
        started_at=SESSION.started_at,
        doctor_id=DOCTOR,
        report_id=REPORT.id,
        signed_at=_SIGNED.at,
        plan=[PastStatement(statement_id="s7", text="Continue sertraline 50 mg; TSH before the next visit.")],
        orders=[PastStatement(statement_id="s7", text="Continue sertraline 50 mg; TSH before the next visit.")],
        scores=[PastScore(statement_id="s5", scale="PHQ-9", value=14)],
    )
)

CASES: Mapping[str, OperationCase] = {
    "sessions.generate_report": OperationCase(
        path=OF_SESSION, answer=Detailed(_REQUESTED, PARTIES), state=State.REPORT_FAILED, action=Action.REQUEST_REPORT
    ),
    "sessions.create_report": OperationCase(
        path=OF_SESSION,
        body=_BY_HAND,
        answer=Detailed(_WRITTEN, _WRITTEN_BODY),
        test_body={**_BY_HAND, "statements": [{"section": "assessment", "text": "Sleep has become better."}]},
        action=Action.REQUEST_REPORT,
    ),
    "patients.reports": OperationCase(path=OF_PATIENT, query={"page_size": 20}, answer=page(Detailed(REPORT, PARTIES))),
    "sessions.report": OperationCase(path=OF_SESSION, answer=Detailed(REPORT, _BODY), action=Action.READ_VISIT),
    "patients.last_visit": OperationCase(path=OF_PATIENT, answer=_LAST_VISIT, action=Action.READ_VISIT),
    "reports.list_reports": OperationCase(
        query={"status": "unsigned"}, answer=page(Detailed(REPORT, PARTIES)), state=State.CLINIC
    ),
    "reports.get": OperationCase(path=_OF_REPORT, answer=Detailed(REPORT, _BODY), action=Action.READ_REPORT),
    "reports.transcript": OperationCase(
        path=_OF_REPORT,
        answer=evidence.ReportTranscript(report_id=REPORT.id, sources=SOURCES, segments=VISIT_SEGMENTS),
        action=Action.READ_VISIT,
    ),
    "reports.correct": OperationCase(
        path=_OF_REPORT,
        body={"edits": [{"statement_id": STATEMENT_ID, "text": _NEW_TEXT, "reason": _REASON}]},
        answer=Detailed(REPORT.corrected(None, _CORRECTED), _CORRECTED_BODY),
        action=Action.EDIT_REPORT,
    ),
    "reports.list_doubts": OperationCase(
        path=_OF_REPORT,
        answer=Detailed(REPORT, _OPEN),
        action=Action.READ_REPORT,
    ),
    "reports.resolve_doubts": OperationCase(
        path=_OF_REPORT,
        body={"resolutions": [_RESOLVE]},
        answer=Detailed(REPORT.resolved(_CORRECTED), _CLOSED),
        action=Action.RESOLVE_DOUBTS,
    ),
    "reports.review": OperationCase(
        path=_OF_REPORT,
        answer=Detailed(REPORT.revised(_CORRECTED, reviewed_by=DOCTOR, reviewed_at=_CORRECTED.at), _BODY),
        action=Action.EDIT_REPORT,
    ),
    "reports.sign": OperationCase(
        path=_OF_REPORT,
        body={"meaning": "author"},
        answer=Detailed(
            REPORT.revised(
                _SIGNED,
                status="signed",
                reviewed_by=DOCTOR,
                reviewed_at=_SIGNED.at,
                signed_by=DOCTOR,
                signed_at=_SIGNED.at,
                edit_distance=0.0,
                seconds_to_sign=600.0,
            ),
            _RESOLVED_BODY.model_copy(update={"signature": _SIGNATURE}),
        ),
        state=State.SETTLED,  # the session is completed
        action=Action.SIGN_REPORT,
    ),
    "reports.chart_changes": OperationCase(
        path=_OF_REPORT, answer=_OFFERED, state=State.REPORT_SIGNED, action=Action.READ_VISIT
    ),
    "reports.decide_chart_change": OperationCase(
        path=_OF_REPORT,
        body={"offer_id": _DECIDED.offer_id, "verdict": "accepted"},
        answer=_ACCEPTED,
        state=State.REPORT_SIGNED,
        action=Action.CHANGE_CHART,
    ),
    "reports.signed_copy": OperationCase(
        path=_OF_REPORT, answer=_COPY, state=State.REPORT_SIGNED, action=Action.READ_REPORT
    ),
    "reports.pdf": OperationCase(path=_OF_REPORT, action=Action.READ_REPORT),
    "reports.share": OperationCase(
        path=_OF_REPORT,
        body={"doctor_id": COLLEAGUE, "level": "read"},
        answer=Detailed(REPORT.shared(COLLEAGUE, _CORRECTED, ShareLevel.READ), _BODY),
        action=Action.SHARE_REPORT,
    ),
    "reports.withdraw": OperationCase(
        path={**_OF_REPORT, "doctor_id": COLLEAGUE},
        test_path={"doctor_id": Placeholder.SHARED_DOCTOR},
        answer=Detailed(REPORT, _BODY),
        action=Action.SHARE_REPORT,
    ),
}
