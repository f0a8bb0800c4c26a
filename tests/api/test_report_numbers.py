"""Reports have a number: in the record and the list, in paths, in file names, on paper and in the signed bytes."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from shared.records.types import local_date
from shared.records.visits.transcription import TranscriptionStatus
from tests.support.call_counts import calls_during, commit, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import end_session, plant_transcription
from tests.support.problems import without_trace


def drafted(clinic: TestClinic, session_id: str) -> dict[str, Any]:
    """The report that the writer drafts from a transcription of one sentence."""
    plant_transcription(clinic, session_id, TranscriptionStatus.COMPLETED)
    return dict(clinic.report(session_id).body)


@pytest.fixture
def report(clinic: TestClinic) -> dict[str, Any]:
    return drafted(clinic, clinic.session().body["id"])


def test_reports_of_a_clinic_are_counted_from_one(clinic: TestClinic) -> None:
    sessions = [clinic.session().body for _ in range(2)]

    numbers = [drafted(clinic, session["id"])["report_number"] for session in sessions]

    year = sessions[0]["number"].removeprefix("SESS-")[:4]
    assert numbers == [f"REP-{year}0001", f"REP-{year}0002"]
    listed = clinic.doctor.get(f"/patients/{sessions[0]['patient_id']}/reports").ok().body["items"]
    assert [item["report_number"] for item in listed] == numbers[:1]


def test_a_report_is_read_and_printed_by_its_number(clinic: TestClinic, report: dict[str, Any]) -> None:
    number = report["report_number"]

    assert clinic.doctor.get(f"/reports/{number}").ok().body == report
    by_number, by_id = (clinic.doctor.pdf(f"/reports/{name}/pdf").ok() for name in (number, report["id"]))
    assert by_number.content == by_id.content
    assert by_number.headers["Content-Disposition"] == f'inline; filename="{number}.pdf"'
    metadata = PdfReader(BytesIO(by_number.content)).metadata
    assert metadata is not None and metadata.title == f"Follow-up report {number}"


def test_a_report_is_corrected_reviewed_and_signed_by_its_number(clinic: TestClinic, report: dict[str, Any]) -> None:
    number, doctor = report["report_number"], clinic.doctor
    edit = {"statement_id": report["statements"][0]["id"], "text": "Sleeps well.", "reason": "misheard"}

    corrected = doctor.put(f"/reports/{number}", {"edits": [edit]}, etag=doctor.get(f"/reports/{number}").etag).ok()
    reviewed = doctor.post(f"/reports/{number}/review", key="", etag=corrected.etag).ok()
    doctor.sign_in()
    end_session(clinic, report["session_id"])
    signed = doctor.post(f"/reports/{number}/sign", {}, etag=reviewed.etag).ok()

    copy = doctor.get(f"/reports/{number}/signed").ok().body
    assert json.loads(base64.b64decode(copy["canonical"]))["report"]["report_number"] == number
    day = local_date(datetime.fromisoformat(signed.body["signed_at"]), "Asia/Kolkata")
    printed = doctor.pdf(f"/reports/{number}/pdf").ok()
    assert printed.headers["Content-Disposition"] == f'inline; filename="{number}-{day}.pdf"'


@pytest.mark.parametrize(
    ("path", "expected"), [("", [reads(2), reads(2), commit(1)]), ("/pdf", [reads(2), reads(2), commit(1)])]
)
def test_number_of_a_strangers_report_costs_the_same_calls_as_a_missing_one(
    clinic: TestClinic, report: dict[str, Any], path: str, expected: list[object]
) -> None:
    real, other = report["report_number"], clinic.other_doctor
    missing = real[:-4] + "9999"
    other.get(f"/reports/{missing}{path}")

    replies: list[Reply] = []
    of_stranger = calls_during(clinic, "reports", lambda: replies.append(other.get(f"/reports/{real}{path}")))
    of_nobody = calls_during(clinic, "reports", lambda: replies.append(other.get(f"/reports/{missing}{path}")))

    assert of_stranger == of_nobody == expected
    stranger, nobody = (reply.refused(404, "not-found") for reply in replies)
    assert without_trace(stranger) == without_trace(nobody)


def test_file_of_a_bill_is_named_by_its_number(clinic: TestClinic) -> None:
    started = clinic.session()
    clinic.doctor.post(f"/sessions/{started.body['id']}/complete", etag=started.etag).ok()
    path = f"/bills/{started.body['id']}-bill"
    bill = clinic.until(lambda: clinic.doctor.get(path), lambda reply: reply.status == 200).body

    printed = clinic.receptionist.pdf(f"{path}/pdf").ok()

    assert printed.headers["Content-Disposition"] == f'inline; filename="{bill["number"]}.pdf"'
