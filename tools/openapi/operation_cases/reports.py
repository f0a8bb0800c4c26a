"""Operations on reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.records.claims.doubt import CHECKS_VERSION, ClaimCheck
from shared.records.claims.kinds import StatementKind
from shared.records.claims.omission import Omission, OmissionKind
from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from shared.records.report_type import ReportType
from shared.records.reports.corrections import Correction, CorrectionCounts
from shared.records.reports.names_heard import NameCheck
from shared.records.templates.sections import Section
from shared.records.visits.ids import report_id_of
from shared.workflows.reports import body, evidence
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, Placeholder, State, page
from tools.openapi.operation_cases.patients import OF_PATIENT, PARTIES
from tools.openapi.operation_cases.sample_clinic import COLLEAGUE, DOCTOR, ENDED
from tools.openapi.operation_cases.visits import OF_SESSION, SESSION, SOURCES, VISIT_SEGMENTS

_REQUESTED = factories.report(
    SESSION, Stamp("system", ENDED + timedelta(minutes=3)), report_type="followup", sources=[]
)
_LETTER = _REQUESTED.model_copy(
    update={
        "id": report_id_of(SESSION.id, 2),
        "report_number": "REP-20260002",
        "template_id": "shipped-referral-letter",
        "report_type": ReportType.REFERRAL,
    }
)
REPORT = _REQUESTED.revised(
    Stamp("system", ENDED + timedelta(minutes=4)),
    status="completed",
    ai_model="gemini-3.5-flash-lite",
    confidence_score=0.93,
    support_score=1.0,
    quality_score=1.0,
    scores_checks_version=CHECKS_VERSION,
    completeness_score=1.0,
    sources=SOURCES,
)
OF_REPORT = {"id": REPORT.id}

STATEMENT_ID = "st1"
OMISSION = Omission.of(OmissionKind.DRUG, 3, "melatonin")
_SECTIONS = [Section(id="subjective", title="Subjective", required=True)]
_STATEMENT = factories.statement(
    2, "subjective", "Wakes at 04:00 on 3 to 4 nights a week.", id=STATEMENT_ID, kind=StatementKind.SAID_BY_PATIENT
)
BODY = body.NamedBody(
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
    outdated_sections=[],
    omissions=[OMISSION],
    omissions_left_out=0,
    resolutions=[],
    unresolved_findings=1,
    claim_check=ClaimCheck.DONE,
    checks_version=CHECKS_VERSION,
    generated_content=f"Subjective\n{_STATEMENT.text}",
    signature=None,
    cosignature=None,
    addenda=[],
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
_WRITTEN_BODY = body.NamedBody(
    **dict(PARTIES),
    sections=_SECTIONS,
    statements=[
        factories.statement(1, **_BY_HAND["statements"][0], id="h1", segments=[], author_id=DOCTOR),
    ],
    notes=[],
    corrections=[],
    correction_counts=CorrectionCounts.of([]),
    name_check=NameCheck.NOT_DONE,
    other_names_heard=[],
    instrument_scores=[],
    unfilled=[],
    outdated_sections=[],
    omissions=[],
    omissions_left_out=0,
    resolutions=[],
    unresolved_findings=0,
    claim_check=ClaimCheck.RECORD_ONLY,
    checks_version=CHECKS_VERSION,
    generated_content=f"Subjective\n{_BY_HAND['statements'][0]['text']}",
    signature=None,
    cosignature=None,
    addenda=[],
)

_CORRECTED = Stamp(DOCTOR, ENDED + timedelta(minutes=20))
_REASON = "She said later that it has become more."
_NEW_TEXT = "Wakes at 04:00 on most nights."
_CORRECTION = Correction(
    statement_id=STATEMENT_ID,
    before=_STATEMENT.text,
    after=_NEW_TEXT,
    before_segments=_STATEMENT.segments,
    before_kind=_STATEMENT.kind,
    reason=_REASON,
    author_id=DOCTOR,
    at=_CORRECTED.at,
)
_CORRECTED_BODY = body.NamedBody(
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
    outdated_sections=[],
    omissions=[],
    omissions_left_out=0,
    resolutions=[],
    unresolved_findings=0,
    claim_check=ClaimCheck.DONE,
    checks_version=CHECKS_VERSION,
    generated_content=f"Subjective\n{_NEW_TEXT}",
    signature=None,
    cosignature=None,
    addenda=[],
)

CASES: Mapping[str, OperationCase] = {
    "sessions.generate_report": OperationCase(
        path=OF_SESSION,
        body={"template_id": "shipped-referral-letter"},
        answer=Detailed(_LETTER, PARTIES),
        test_body={},
        state=State.REPORT_FAILED,
        action=Action.REQUEST_REPORT,
    ),
    "sessions.create_report": OperationCase(
        path=OF_SESSION,
        body=_BY_HAND,
        answer=Detailed(_WRITTEN, _WRITTEN_BODY),
        test_body={**_BY_HAND, "statements": [{"section": "assessment", "text": "Sleep has become better."}]},
        action=Action.REQUEST_REPORT,
    ),
    "patients.reports": OperationCase(path=OF_PATIENT, query={"page_size": 20}, answer=page(Detailed(REPORT, PARTIES))),
    "sessions.report": OperationCase(path=OF_SESSION, answer=Detailed(REPORT, BODY), action=Action.READ_VISIT),
    "reports.list_reports": OperationCase(
        query={"status": "unsigned"}, answer=page(Detailed(REPORT, PARTIES)), state=State.CLINIC
    ),
    "reports.get": OperationCase(path=OF_REPORT, answer=Detailed(REPORT, BODY), action=Action.READ_REPORT),
    "reports.transcript": OperationCase(
        path=OF_REPORT,
        answer=evidence.ReportTranscript(report_id=REPORT.id, sources=SOURCES, segments=VISIT_SEGMENTS),
        action=Action.READ_VISIT,
    ),
    "reports.correct": OperationCase(
        path=OF_REPORT,
        body={"edits": [{"statement_id": STATEMENT_ID, "text": _NEW_TEXT, "reason": _REASON}]},
        answer=Detailed(REPORT.corrected(None, _CORRECTED), _CORRECTED_BODY),
        action=Action.EDIT_REPORT,
    ),
    "reports.review": OperationCase(
        path=OF_REPORT,
        answer=Detailed(REPORT.reviewed(_CORRECTED), BODY),
        action=Action.EDIT_REPORT,
    ),
    "reports.pdf": OperationCase(path=OF_REPORT, action=Action.READ_REPORT),
    "reports.withdraw": OperationCase(
        path={**OF_REPORT, "doctor_id": COLLEAGUE},
        test_path={"doctor_id": Placeholder.SHARED_DOCTOR},
        answer=Detailed(REPORT, BODY),
        action=Action.SHARE_REPORT,
    ),
}
