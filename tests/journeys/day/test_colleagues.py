"""The doctor's day with colleagues: shared patients and reports, and a patient who gets another doctor."""

from __future__ import annotations

from typing import Any

from local.demo.people import PROFILE
from tests.journeys.day.helpers import PLAN, answered, by_hand, refused, sign
from tests.support.client import Reply
from tests.support.clinics import TestClinic, plant_confirmation
from tests.support.problems import pointers
from tests.support.visits import complete

NOTES = "Looks tired."


def shared_with(clinic: TestClinic, patient: str, level: str) -> None:
    """Share a patient with the colleague, to read or to write."""
    path = f"/patients/{patient}"
    etag = clinic.doctor.get(path).etag
    clinic.doctor.put(f"{path}/doctors/{clinic.other_doctor.user_id}", {"level": level}, etag=etag).ok()


def test_a_colleague_reads_a_shared_patient_and_ends_nobodys_visit(clinic: TestClinic) -> None:
    session, colleague = clinic.session(session_notes=NOTES), clinic.other_doctor
    path = f"/sessions/{session.body['id']}"
    report = by_hand(clinic, session, PLAN).ok(201)
    refused(colleague.get(path), 404, "not-found")
    shared_with(clinic, session.body["patient_id"], "write")

    refused(colleague.delete(path, etag=session.etag), 403, "forbidden")
    refused(colleague.put(path, {"session_notes": "Mine."}, etag=session.etag), 403, "forbidden")
    refused(sign(colleague, report), 403, "forbidden")
    answered(colleague.get(path), status="in_progress", session_notes=NOTES)
    shared_with(clinic, session.body["patient_id"], "read")
    edit = {"edits": [{**PLAN, "text": "Review in a week."}]}
    refused(colleague.put(f"/reports/{report.body['id']}", edit, etag=report.etag), 403, "forbidden")


def test_a_single_report_is_shared_without_its_patient(clinic: TestClinic) -> None:
    session, colleague = clinic.session(), clinic.other_doctor
    report = by_hand(clinic, session, PLAN).ok(201)
    path = f"/reports/{report.body['id']}"

    shared = clinic.doctor.post(f"{path}/share", {"doctor_id": colleague.user_id}, etag=report.etag)

    answered(shared, shared_with=[colleague.user_id], writers=[])
    answered(colleague.get(path), statements=report.body["statements"])
    refused(colleague.get(f"/patients/{session.body['patient_id']}"), 404, "not-found")


def test_a_patient_is_transferred_with_her_unsigned_reports(clinic: TestClinic) -> None:
    doctor, successor, session = clinic.doctor, clinic.other_doctor, clinic.session()
    successor.put("/profile", PROFILE).ok()
    plant_confirmation(clinic, successor)
    draft = by_hand(clinic, session, PLAN).ok(201)
    complete(clinic, session.body["id"]).ok()
    patient, report = f"/patients/{session.body['patient_id']}", f"/reports/{draft.body['id']}"

    def transfer(**more: Any) -> Reply:
        return doctor.put(f"{patient}/owner", {"owner_id": successor.user_id, **more}, etag=doctor.get(patient).etag)

    left = refused(transfer(), 409, "conflict", code="open_work")
    assert pointers(left) == {report.removeprefix("/")}
    answered(transfer(take_over_by=successor.user_id), owner_id=successor.user_id)
    refused(doctor.get(patient), 404, "not-found")
    taken = answered(successor.get(report), doctor_id=successor.user_id, taken_over_from=doctor.user_id)
    answered(sign(successor, taken), status="signed", signed_by=successor.user_id)
