"""The doctor's day: visits with and without a recording, mistakes undone, and what is left in the evening."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from local.demo.people import PROFILE
from tests.journeys.day.helpers import PLAN, answered, by_hand, refused, sign
from tests.journeys.visit.pdf_text import printed_text
from tests.support.client import Reply, upload
from tests.support.clinics import TestClinic
from tests.support.free_times import free_time
from tests.support.problems import pointers
from tests.support.resolutions import resolve_all
from tests.support.scenarios import signed_in_earlier
from tests.support.visits import ago, bill_of, complete, later, set_clinic

COMPLAINT, NOTES = "Sleep.", "Looks tired. Husband waits outside."
ALLERGIC = {"section": "history_present_illness", "text": "Patient is allergic to penicillin."}
DOSE = {"section": "plan.medications", "text": "Increase sertraline to 100 mg."}
UPLOAD = {"content_type": "audio/flac", "size_bytes": 1_000}


@dataclass(frozen=True)
class Recorded:
    """A completed visit with its recording."""

    clinic: TestClinic
    started: Reply
    completed: Reply
    draft: Reply

    @property
    def path(self) -> str:
        return f"/sessions/{self.started.body['id']}"

    @property
    def report(self) -> str:
        return f"/reports/{self.draft.body['id']}"


@pytest.fixture(scope="module")
def recorded(clinic: TestClinic, beginning_of_visit: bytes) -> Recorded:
    """A visit from the appointment to the draft; every tap sends the ETag of the tap before."""
    doctor, patient = clinic.doctor, clinic.patient().body["id"]
    visit = {"doctor_id": doctor.user_id, "scheduled_at": free_time(), "outside_schedule": True}
    booking = {**visit, "patient_id": patient, "duration_minutes": 30}
    appointment = clinic.receptionist.post("/appointments", booking).ok(201).body["id"]
    new = {"patient_id": patient, "type": "followup", "appointment_id": appointment, "chief_complaint": COMPLAINT}
    channels = {"recording_settings": {"channels": ["practitioner", "patient"]}}
    started = clinic.start({**new, **channels}).ok(201)
    path = f"/sessions/{started.body['id']}"
    for part in ("transcription", "report", "bill"):
        refused(doctor.get(f"{path}/{part}"), 404, "none-yet")
    announced = {"content_type": "audio/flac", "size_bytes": len(beginning_of_visit)}
    opened = answered(doctor.post(f"{path}/recordings", announced), 201, status="awaited", refusal=None)
    paused = doctor.put(path, {"status": "paused", "session_notes": NOTES}, etag=started.etag).ok()
    resumed = doctor.put(path, {"status": "in_progress"}, etag=paused.etag).ok()
    assert upload(opened.body["upload_url"], beginning_of_visit, "audio/flac") == 200
    completed = doctor.post(f"{path}/complete", key="", etag=resumed.etag)
    answered(completed, status="completed", recordings=[opened.body["id"]], appointment_id=appointment)
    answered(clinic.receptionist.get(f"/appointments/{appointment}"), status="completed")
    return Recorded(clinic, started, completed, clinic.report(started.body["id"]))


@pytest.fixture(scope="module")
def signed(recorded: Recorded) -> Reply:
    """The report of the recorded visit: corrected, reviewed and signed."""
    doctor, path, [first, second, *rest] = recorded.clinic.doctor, recorded.report, recorded.draft.body["statements"]
    removal = {"statement_id": second["id"], "text": None, "reason": "not_relevant"}
    edits = [{"statement_id": first["id"], "text": "Feels better, with low days."}, removal, DOSE]
    corrected = answered(
        doctor.put(path, {"edits": edits, "reason": "misheard"}, etag=recorded.draft.etag),
        version=2,
        manually_edited=True,
        correction_counts={"corrected": 1, "added": 1, "removed": 1},
    )
    [kept, *_] = left = corrected.body["statements"]
    assert (kept["segments"], kept["notes"]) == (first["segments"], first["notes"]), "a correction keeps its evidence"
    assert second["id"] not in [statement["id"] for statement in left]
    assert all(statement in left for statement in rest)
    same = {"edits": [{"statement_id": first["id"], "text": kept["text"]}]}
    unchanged = answered(doctor.put(path, same, etag=corrected.etag), version=2, statements=left)
    resolve_all(doctor, recorded.draft.body["id"])
    settled = answered(doctor.get(path), unresolved_findings=0, statements=unchanged.body["statements"])
    reviewed = answered(doctor.post(f"{path}/review", key="", etag=settled.etag), reviewed_by=doctor.user_id)
    signed_in_earlier(recorded.clinic, doctor, seconds_ago=600)
    refused(doctor.post(f"{path}/sign", {}, key="", etag=reviewed.etag), 401, "fresh-sign-in-required")
    doctor.sign_in()
    return answered(doctor.post(f"{path}/sign", {}, key="", etag=reviewed.etag), status="signed", version=2)


def test_a_recorded_visit_links_to_everything_that_came_of_it(recorded: Recorded) -> None:
    doctor, bill = recorded.clinic.doctor, bill_of(recorded.clinic, recorded.started.body["id"]).body

    session = answered(
        doctor.get(recorded.path), report_id=recorded.draft.body["id"], bill_id=bill["id"], session_notes=NOTES
    )
    heard = answered(doctor.get(f"{recorded.path}/transcription"), status="completed", error_code=None).body
    [recording] = doctor.get(f"{recorded.path}/recordings").ok().body["items"]

    assert session.etag == recorded.completed.etag, "recording, transcription, report and bill do not move it"
    assert heard["id"] == session.body["transcription_id"]
    assert {segment["speaker"] for segment in heard["segments"]} == {"practitioner", "patient"}
    assert (recording["status"], recording["refusal"], recording["upload_url"]) == ("received", None, None)
    numbers = {segment["number"] for segment in heard["segments"]}
    draft = recorded.draft.body
    assert (draft["source"], draft["version"], draft["error_code"]) == ("recording", 1, None)
    assert [note["text"] for note in draft["notes"]] == [COMPLAINT, NOTES]
    assert all(s["segments"] or s["notes"] or s["consent_id"] for s in draft["statements"])
    assert all(set(s["segments"]) <= numbers for s in draft["statements"])


def test_a_signed_report_is_final_and_printed(recorded: Recorded, signed: Reply) -> None:
    doctor, path = recorded.clinic.doctor, recorded.report

    signature = signed.body["signature"]
    assert (signature["signer_name"], signature["licence_number"]) == ("Meera Iyer", PROFILE["licence_number"])
    edit = {"edits": [{"statement_id": signed.body["statements"][0]["id"], "text": "Late."}]}
    refused(doctor.put(path, edit, etag=signed.etag), 409, "conflict", code="report_signed")
    refused(doctor.post(f"{recorded.path}/recordings", UPLOAD), 409, "conflict", code="report_signed")
    refused(doctor.delete(recorded.path, etag=recorded.completed.etag), 409, "conflict")
    refused(doctor.put(recorded.path, {"session_notes": "?"}, etag=recorded.completed.etag), 409, "conflict")
    answered(doctor.get(f"{path}/signed"), content_digest=signature["content_digest"])
    pdf = doctor.pdf(f"{path}/pdf").ok()
    assert signed.body["report_number"] in pdf.headers["Content-Disposition"]
    assert all(text in printed_text(pdf) for text in ("ZoëFernandes", "MeeraIyer", "Feelsbetter,withlowdays."))


def test_a_visit_is_signed_only_when_it_is_over_and_not_cancelled(clinic: TestClinic) -> None:
    session = clinic.session()
    report = by_hand(clinic, session, PLAN).ok(201)

    refused(sign(clinic.doctor, report), 409, "conflict", code="session_not_completed")
    clinic.doctor.delete(f"/sessions/{session.body['id']}", etag=session.etag).ok()

    ended = clinic.doctor.get(f"/reports/{report.body['id']}")
    answered(ended, status="failed", error_code="session_cancelled")
    refused(sign(clinic.doctor, ended), 409, "conflict", code="session_cancelled")


def test_a_visit_without_a_recording_is_documented_and_changes_the_chart_by_taps(clinic: TestClinic) -> None:
    doctor, session = clinic.doctor, clinic.session()
    patient = f"/patients/{session.body['patient_id']}"
    answered(doctor.get(f"{patient}/last-visit"), last_visit=None)
    empty = answered(by_hand(clinic, session), 201, source="by_hand", statements=[], transcription_id=None)
    complete(clinic, session.body["id"]).ok()
    refused(sign(doctor, empty), 409, "conflict", code="report_empty")

    filled = doctor.put(f"/reports/{empty.body['id']}", {"edits": [ALLERGIC, DOSE, PLAN]}, etag=empty.etag).ok()
    offers_path = f"/reports/{empty.body['id']}/chart-changes"
    refused(doctor.get(offers_path), 409, "conflict", code="report_not_signed")
    signed = answered(sign(doctor, filled), status="signed", signed_by=doctor.user_id)

    offers = doctor.get(offers_path).ok().body["offers"]
    assert [(one["field"], one["value"]) for one in offers] == [
        ("allergies", "penicillin"),
        ("current_medications", "sertraline 100 mg"),
    ]
    answered(doctor.get(patient), allergies=[], current_medications=[])
    doctor.post(offers_path, {"offer_id": offers[0]["id"], "verdict": "accepted"}).ok()
    doctor.post(offers_path, {"offer_id": offers[1]["id"], "verdict": "dismissed"}).ok()
    answered(doctor.get(patient), allergies=["penicillin"], current_medications=[])
    last = doctor.get(f"{patient}/last-visit").ok().body["last_visit"]
    assert (last["session_id"], last["report_id"]) == (session.body["id"], signed.body["id"])
    assert PLAN["text"] in [statement["text"] for statement in last["plan"]]


def test_typed_notes_become_a_draft_that_cites_them(clinic: TestClinic) -> None:
    session = clinic.session(chief_complaint="Sleeps badly since March.", session_notes="Looks tired.")

    requested = clinic.doctor.post(f"/sessions/{session.body['id']}/report", {"source": "notes"})
    answered(requested, 201, status="pending", source="notes")
    draft = clinic.report(session.body["id"]).body

    assert (draft["status"], {note["kind"] for note in draft["notes"]}) == ("completed", {"noted_by_practitioner"})
    written = [statement for statement in draft["statements"] if not statement["consent_id"]]
    assert all(statement["notes"] and not statement["segments"] for statement in written)


def test_taps_by_mistake_are_undone_and_times_are_corrected(own_clinic: TestClinic) -> None:
    set_clinic(own_clinic, bill_issue="by_desk")
    began = ago(hours=5)
    doctor, session = own_clinic.doctor, own_clinic.session(started_at=began)
    path = f"/sessions/{session.body['id']}"

    cancelled = answered(doctor.delete(path, etag=session.etag), status="cancelled")
    running = answered(doctor.post(f"{path}/reopen", etag=cancelled.etag), status="in_progress", lost_recordings=[])
    forgotten = doctor.post(f"{path}/complete", key="", etag=running.etag).ok()
    answered(bill_of(own_clinic, session.body["id"]), status="draft", total_amount=180_000)
    right = doctor.put(path, {"ended_at": later(began, minutes=20), "session_notes": "Late."}, etag=forgotten.etag)

    answered(right, total_duration_minutes=20, session_notes="Late.", billing_amount=120_000)
    [correction] = right.body["corrections"]
    assert (correction["fields"], correction["author_id"]) == (["ended_at"], doctor.user_id)
    answered(own_clinic.receptionist.get(f"{path}/bill"), status="draft", total_amount=120_000)
    changes = doctor.get(f"{path}/versions").ok().body["items"]
    assert [one["before"].get("status") for one in changes] == [None, "in_progress", "cancelled", "in_progress"]


def test_a_visit_without_a_connection_is_registered_with_its_times(clinic: TestClinic) -> None:
    began = ago(hours=3)
    session = clinic.session(started_at=began, ended_at=later(began, minutes=20))
    future = {"patient_id": session.body["patient_id"], "started_at": ago(hours=-1)}

    answered(session, 201, status="completed", total_duration_minutes=20)
    answered(bill_of(clinic, session.body["id"]), status="pending", total_amount=120_000)
    assert pointers(refused(clinic.doctor.post("/sessions", future), 422, "invalid")) == {"/started_at"}


def test_in_the_evening_what_is_left_is_one_request_each(own_clinic: TestClinic) -> None:
    doctor, running, done = own_clinic.doctor, own_clinic.session(started_at=ago(hours=13)), own_clinic.session()
    unsigned, finished = by_hand(own_clinic, running, PLAN).ok(201), by_hand(own_clinic, done, PLAN).ok(201)
    complete(own_clinic, done.body["id"]).ok()
    sign(doctor, finished).ok()

    [left] = doctor.get("/reports?status=unsigned").ok().body["items"]
    [signed] = doctor.get("/reports?status=signed").ok().body["items"]
    [open_visit] = doctor.get("/sessions?status=in_progress").ok().body["items"]

    assert (left["id"], signed["id"]) == (unsigned.body["id"], finished.body["id"])
    assert (left["patient"]["name"], left["doctor"]["name"]) == ("Zoë Fernandes", "Meera Iyer")
    assert (open_visit["id"], open_visit["overdue_running"]) == (running.body["id"], True)
    assert own_clinic.other_doctor.get("/reports?status=unsigned").ok().body["items"] == []
