"""The audit entry of each list, and its calls to Google Cloud."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.records.reports.report import Report
from shared.records.visits.session import Session
from tests.api.patients.histories.helpers import (
    Kind,
    PatientWithHistory,
    every_kind,
    ids_of,
)
from tests.support.audit import audit_of, new_trace, verify
from tests.support.clinics import TestClinic


@every_kind
def test_call_counts_of_a_page(clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind) -> None:
    query, audit = ("RunQuery", 3), ("Commit", 2)  # the audit entry, and the number of records shown

    by_id = repeated_calls(clinic, lambda: clinic.doctor.get(kind.path(history_patient.id, "?page_size=2")).ok())
    by_number = repeated_calls(
        clinic, lambda: clinic.doctor.get(kind.path(history_patient.number, "?page_size=2")).ok()
    )

    # Reads: caller, patient and patient's keys; a number is resolved to the patient's id first. The query reads one
    # record more than the page contains. The proofs of all reports on the page are one read.
    proofs = [("BatchGetDocuments", 2)] if kind.model is Report else []
    # The caller is the doctor whom the page names. Each of two sessions may link to report and transcription.
    links = [("BatchGetDocuments", 4)] if kind.model is Session else []
    assert by_id == [("BatchGetDocuments", 2), query, *proofs, *links, audit]
    assert by_number == [("BatchGetDocuments", 2), ("BatchGetDocuments", 1), query, *proofs, *links, audit]


def repeated_calls(clinic: TestClinic, send: Callable[[], object]) -> list[tuple[str, int]]:
    """The function's calls to Google Cloud for a repeated request, with warm keys: method and number of documents."""
    send()
    clinic.stack.wait_idle(60)
    mark = clinic.stack.recorder.mark()
    send()
    calls = [call for call in clinic.stack.recorder.calls(mark) if call.caller == "patients"]
    return [(call.method, sum(call.amounts.values())) for call in calls]


@every_kind
def test_page_is_audited_with_the_patient_and_the_listed_records(
    clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind
) -> None:
    trace, headers = new_trace()

    shown = clinic.doctor.get(kind.path(history_patient.number, "?page_size=2"), **headers).ok()

    [entry] = audit_of(clinic, trace)
    verify(clinic, entry)
    assert entry["action"] == f"{kind.model.__name__.lower()}.list"
    assert entry["outcome"] == "done"
    assert entry["patient_ids"] == [history_patient.id]
    assert {kind.model.path_of(record) for record in ids_of(shown)} < {*entry["documents"]}


@every_kind
def test_refused_request_of_a_stranger_is_audited(
    clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind
) -> None:
    trace, headers = new_trace()

    clinic.other_doctor.get(kind.path(history_patient.id), **headers).refused(404, "not-found")

    [entry] = audit_of(clinic, trace)
    audited: dict[str, Any] = {name: entry[name] for name in ("action", "outcome", "patient_ids", "documents")}
    action = f"{kind.model.__name__.lower()}.list"
    assert audited == {"action": action, "outcome": "not-found", "patient_ids": [history_patient.id], "documents": []}
