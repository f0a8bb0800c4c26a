"""Operations on doubts, signatures and signed reports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from shared.records.permissions import Action
from shared.records.record import Detailed, Stamp
from shared.records.reports.addenda import Addendum
from shared.records.reports.findings import findings_of
from shared.records.reports.last_visit import LastVisit, PastScore, PastStatement
from shared.records.reports.report import ReportStatus
from shared.records.reports.resolutions import Resolution
from shared.records.reports.signed import Meaning, SignedCopy
from shared.records.visits.ids import report_id_of
from shared.workflows.reports import chart, doubts
from shared.workflows.reports.addenda import AddendaOfReport
from shared.workflows.reports.last_visit import LastVisitFound
from tools.openapi import factories
from tools.openapi.operation_cases.case import OperationCase, State
from tools.openapi.operation_cases.patients import OF_PATIENT
from tools.openapi.operation_cases.reports import BODY, OF_REPORT, OMISSION, REPORT, STATEMENT_ID
from tools.openapi.operation_cases.sample_clinic import BEGAN, COLLEAGUE, DOCTOR, ENDED
from tools.openapi.operation_cases.visits import SESSION

[FINDING] = findings_of([], [], [OMISSION])
"""The finding of the omission."""
_RESOLVED = Stamp(DOCTOR, ENDED + timedelta(minutes=20))
_RESOLVE = {"finding_id": FINDING.id, "how": "not_relevant", "reason": "Her sister takes it, not she."}
_RESOLUTION = Resolution.model_validate(
    _RESOLVE
    | {name: getattr(FINDING, name) for name in ("kind", "statement_id", "words", "segments")}
    | {"author_id": DOCTOR, "at": _RESOLVED.at}
)
_FOUND = doubts.ReportFinding(**dict(FINDING), must_be_resolved=True, resolution=None)
_OPEN = doubts.Findings(findings=[_FOUND], unresolved_findings=1, omissions_left_out=0)
_CLOSED = doubts.Findings(
    findings=[_FOUND.model_copy(update={"resolution": _RESOLUTION})], unresolved_findings=0, omissions_left_out=0
)
_SETTLED_BODY = BODY.model_copy(update={"resolutions": [_RESOLUTION], "unresolved_findings": 0})

_SIGNED = Stamp(DOCTOR, ENDED + timedelta(minutes=22))
_OPENED = REPORT.amended(opened_at=ENDED + timedelta(minutes=12))
_REASON = "The dose of sertraline is that of the visit before."
_CAUSE = "The side of the pain was written down wrongly."
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

_AUTHORED = _OPENED.amended(doctor_id=COLLEAGUE).signed(Stamp(COLLEAGUE, _SIGNED.at), cosigner_id=DOCTOR)
"""Signed by a trainee."""
_BY_TRAINEE = _SIGNATURE.model_copy(update={"signer_id": COLLEAGUE, "signer_name": "Arjun Menon"})
_LATER = Stamp(DOCTOR, ENDED + timedelta(days=2))
_COSIGNATURE = _SIGNATURE.model_copy(update={"meaning": Meaning.APPROVER, "signed_at": _LATER.at})
_ADDENDUM = Addendum(
    number=1,
    text="TSH of 16 September: 2.1 mIU/L, normal.",
    signature=_SIGNATURE.model_copy(update={"signed_at": _LATER.at}),
)
_SIGNED_REPORT = _OPENED.signed(_SIGNED, edit_distance=0.0)
_SIGNED_BODY = _SETTLED_BODY.model_copy(update={"signature": _SIGNATURE})

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
    "patients.last_visit": OperationCase(path=OF_PATIENT, answer=_LAST_VISIT, action=Action.READ_VISIT),
    "reports.list_doubts": OperationCase(
        path=OF_REPORT,
        answer=Detailed(REPORT, _OPEN),
        action=Action.READ_REPORT,
    ),
    "reports.resolve_doubts": OperationCase(
        path=OF_REPORT,
        body={"resolutions": [_RESOLVE]},
        answer=Detailed(REPORT.resolved(_RESOLVED), _CLOSED),
        action=Action.RESOLVE_DOUBTS,
    ),
    "reports.sign": OperationCase(
        path=OF_REPORT,
        body={"meaning": "author"},
        answer=Detailed(
            _SIGNED_REPORT,
            _SIGNED_BODY,
        ),
        state=State.SETTLED,  # the session is completed
        action=Action.SIGN_REPORT,
    ),
    "reports.cosign": OperationCase(
        path=OF_REPORT,
        answer=Detailed(
            _AUTHORED.cosigned(_LATER),
            _SETTLED_BODY.model_copy(update={"signature": _BY_TRAINEE, "cosignature": _COSIGNATURE}),
        ),
        state=State.COSIGNATURE_PENDING,
        action=Action.COSIGN_REPORT,
    ),
    "reports.give_back": OperationCase(
        path=OF_REPORT,
        body={"reason": _REASON},
        answer=Detailed(_AUTHORED.returned(_REASON, _LATER), _SETTLED_BODY),
        state=State.COSIGNATURE_PENDING,
        action=Action.RETURN_REPORT,
    ),
    "reports.list_addenda": OperationCase(
        path=OF_REPORT,
        answer=AddendaOfReport(report_id=REPORT.id, addenda=[_ADDENDUM]),
        state=State.REPORT_SIGNED,
        action=Action.READ_REPORT,
    ),
    "reports.add_addendum": OperationCase(
        path=OF_REPORT,
        body={"text": _ADDENDUM.text},
        answer=Detailed(_SIGNED_REPORT.with_addendum(_LATER), _SIGNED_BODY.model_copy(update={"addenda": [_ADDENDUM]})),
        state=State.REPORT_SIGNED,
        action=Action.ADD_ADDENDUM,
    ),
    "reports.new_version": OperationCase(
        path=OF_REPORT,
        body={"reason": _CAUSE},
        answer=Detailed(
            _SIGNED_REPORT.next_version(
                report_id_of(SESSION.id, 2), "REP-20260002", _CAUSE, _LATER, status=ReportStatus.COMPLETED
            ),
            _SETTLED_BODY,
        ),
        state=State.REPORT_SIGNED,
        action=Action.NEW_VERSION,
    ),
    "reports.chart_changes": OperationCase(
        path=OF_REPORT, answer=_OFFERED, state=State.REPORT_SIGNED, action=Action.READ_VISIT
    ),
    "reports.decide_chart_change": OperationCase(
        path=OF_REPORT,
        body={"offer_id": _DECIDED.offer_id, "verdict": "accepted"},
        answer=_ACCEPTED,
        state=State.REPORT_SIGNED,
        action=Action.CHANGE_CHART,
    ),
    "reports.signed_copy": OperationCase(
        path=OF_REPORT, answer=_COPY, state=State.REPORT_SIGNED, action=Action.READ_REPORT
    ),
}
