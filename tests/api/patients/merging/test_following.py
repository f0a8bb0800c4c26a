"""What is new for a person whose records are merged, and what is known at each of them, holds for the one."""

from __future__ import annotations

from typing import Any

from shared.records.reports.signed_payload import SignedPayload
from shared.records.types import STORED
from shared.store.clinic import system_clinic
from shared.workflows.reports.patient_records import chart_of
from tests.api.patients.merging.helpers import TWIN, merge, merged, twin, unmerge
from tests.api.patients.test_obligations import begin, booked
from tests.api.scheduling.helpers import a_time, book, taken_by
from tests.support.client import Reply
from tests.support.clinics import TestClinic, consent_to
from tests.support.links import BORN, enter, share
from tests.support.patients import path_of
from tests.support.problems import pointers
from tests.support.proofs import signed_report, stored_proof


def codes(reply: Reply) -> set[tuple[str, str]]:
    """The purposes that a refusal names, with the reasons."""
    return {(one["purpose"], one["reason"]) for one in reply.refused(403, "consent-missing").body["missing_consents"]}


def record(clinic: TestClinic, session_id: str) -> Reply:
    request = {"content_type": "audio/flac", "size_bytes": 1000}
    return clinic.doctor.post(f"/sessions/{session_id}/recordings", request)


def test_what_is_new_is_of_the_surviving_record(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    one = merge(clinic.admin, first, second).ok()
    id, other, number = first.body["id"], second.body["id"], second.body["number"]

    bill = {"patient_id": other, "line_items": [{"description": "Certificate", "unit_price": 5000}]}
    made = [
        clinic.start({"patient_id": other, "type": "followup"}).ok(201),
        clinic.receptionist.post("/bills", bill).ok(201),
        book(clinic, other, a_time()).ok(201),
        book(clinic, number, a_time()).ok(201),
    ]
    assert [one.body["patient_id"] for one in made] == [id] * 4
    consent_to(clinic.doctor, other)
    changed = clinic.doctor.send("PATCH", path_of(second), {"occupation": "Baker"}, etag=one.etag).ok()
    assert (changed.body["id"], changed.body["occupation"]) == (id, "Baker")
    session = made[0]
    clinic.doctor.post(f"/sessions/{session.body['id']}/complete", etag=session.etag).ok()

    unmerge(clinic.admin, changed, other).ok()

    assert clinic.doctor.get(f"/patients/{other}").ok().body["occupation"] is None
    assert clinic.doctor.get(f"/patients/{other}/sessions").ok().body["items"] == []
    assert [row["id"] for row in clinic.doctor.get(f"/patients/{id}/sessions").ok().body["items"]] == [
        session.body["id"]
    ]


def test_sessions_of_either_record_exclude_one_another(own_clinic: TestClinic) -> None:
    clinic = own_clinic
    first, second = clinic.patient(), twin(clinic, clinic.other_doctor)
    running = clinic.start({"patient_id": second.body["id"], "type": "followup"}, clinic.other_doctor).ok(201)
    merged(clinic, first, second)

    for named in (first, second):
        new = {"patient_id": named.body["id"], "type": "followup"}
        refused = clinic.doctor.post("/sessions", new).refused(409, "session-running")
        assert refused.body["running_sessions"] == [{"of": "patient", "session_id": running.body["id"]}]
    path = f"/sessions/{running.body['id']}"
    for named in (first, second):
        moved = {"patient_id": named.body["id"], "from_patient_id": first.body["id"], "reason": "the wrong one"}
        refused = clinic.admin.post(f"{path}/move", moved, etag=clinic.admin.get(path).etag)
        assert pointers(refused.refused(422, "invalid")) == {"/patient_id"}


def test_a_time_of_either_record_is_taken_for_the_person(clinic: TestClinic) -> None:
    first, second, at = clinic.patient(), twin(clinic, clinic.other_doctor), a_time()
    theirs = book(clinic, second.body["id"], at, doctor_id=clinic.other_doctor.user_id).ok(201)
    one = merged(clinic, first, second)

    refused = book(clinic, first.body["id"], at)

    assert taken_by(refused) == [("patient", theirs.body["id"])]
    moved = {"scheduled_at": a_time().isoformat(), "outside_schedule": True, "reason": "the patient asked"}
    later = clinic.receptionist.post(f"/appointments/{theirs.body['id']}/reschedule", moved, etag=theirs.etag).ok(201)
    assert later.body["patient_id"] == second.body["id"], "what follows from a record is where that is"
    book(clinic, first.body["id"], at).ok(201)
    unmerge(clinic.admin, clinic.admin.get(path_of(one)).ok(), second.body["id"]).ok()


def test_a_visit_begins_from_an_appointment_of_the_other_record(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    appointment = booked(clinic, second)
    merged(clinic, first, second)

    new = {"patient_id": first.body["id"], "type": "followup", "appointment_id": appointment["id"]}
    session = clinic.start(new).ok(201)

    path = f"/appointments/{appointment['id']}"
    assert clinic.receptionist.get(path).ok().body["session_id"] == session.body["id"]
    clinic.doctor.post(f"/sessions/{session.body['id']}/complete", etag=session.etag).ok()
    assert clinic.receptionist.get(path).ok().body["status"] == "completed"


def test_a_consent_that_is_withdrawn_at_either_is_withdrawn(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    consent = consent_to(clinic.doctor, second.body["id"]).body["consents"][-1]["id"]
    session = begin(clinic, first).body["id"]
    record(clinic, session).ok(201)
    clinic.doctor.post(f"{path_of(second)}/consents/{consent}/withdraw").ok()

    one = merged(clinic, first, second)

    assert codes(record(clinic, session)) == {("recording", "withdrawn")}
    listed = clinic.doctor.get(f"{path_of(first)}/consents").ok().body
    assert [given["status"] for given in listed["consents"]] == ["withdrawn", "withdrawn"]
    unmerge(clinic.admin, one, second.body["id"]).ok()
    record(clinic, session).ok(201)
    one = merged(clinic, first, second)
    consent_to(clinic.doctor, second.body["id"])
    record(clinic, session).ok(201)


def test_a_consent_of_the_other_record_is_withdrawn_at_the_one(clinic: TestClinic) -> None:
    first, second = clinic.silent_patient(), twin(clinic)
    consent = consent_to(clinic.doctor, second.body["id"]).body["consents"][-1]["id"]
    merged(clinic, first, second)
    session = begin(clinic, first).body["id"]
    record(clinic, session).ok(201)

    clinic.doctor.post(f"{path_of(first)}/consents/{consent}/withdraw").ok()

    assert codes(record(clinic, session)) == {("recording", "withdrawn")}


def test_a_refusal_of_messages_at_either_stops_them(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    desk, said = clinic.receptionist, {"sms": {"allowed": True}, "mail": {"allowed": True}}
    desk.put(f"{path_of(second)}/contact", {"sms": {"allowed": False}}).ok()
    desk.put(f"{path_of(first)}/contact", said).ok()
    one = merged(clinic, first, second)

    counting = desk.get(f"{path_of(second)}/contact").ok()
    assert (counting.body["sms"]["allowed"], counting.body["mail"]["allowed"]) == (False, True)
    allowed = desk.put(f"{path_of(second)}/contact", said, etag=counting.etag).ok()
    assert allowed.body["sms"]["allowed"] is desk.get(f"{path_of(first)}/contact").ok().body["sms"]["allowed"] is True
    unmerge(clinic.admin, one, second.body["id"]).ok()
    assert desk.get(f"{path_of(second)}/contact").ok().body["sms"]["allowed"] is False


def test_what_the_other_record_alone_says_of_messages_counts(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    path = f"{path_of(first)}/contact"
    clinic.receptionist.put(f"{path_of(second)}/contact", {"sms": {"allowed": False}}).ok()
    merged(clinic, first, second)

    said = clinic.receptionist.get(path).ok()

    assert said.body["sms"]["allowed"] is False
    clinic.receptionist.put(path, {"sms": {"allowed": True}}).refused(428, "precondition-required")
    clinic.receptionist.put(path, {"sms": {"allowed": True}}, etag=said.etag).ok()
    assert clinic.receptionist.get(path).ok().body["sms"]["allowed"] is True


def test_versions_are_of_both(clinic: TestClinic) -> None:
    first, second = clinic.patient(), twin(clinic)
    changed = clinic.doctor.send("PATCH", path_of(second), {"occupation": "Baker"}, etag=second.etag).ok()
    merge(clinic.admin, first, changed).ok()

    rows = clinic.doctor.get(f"{path_of(first)}/versions").ok().body["items"]

    assert {row["record_id"] for row in rows} == {first.body["id"], second.body["id"]}
    assert any(row["before"].get("occupation", "") is None for row in rows)


def test_signed_reports_and_drafts_know_the_charts_of_both(clinic: TestClinic) -> None:
    chart: dict[str, Any] = {"allergies": ["latex"], "current_medications": ["lithium 400 mg"]}
    first, second = clinic.patient(), twin(clinic, **chart)
    merged(clinic, first, second)

    report = signed_report(clinic, second.body["id"])

    said = clinic.doctor.get(f"/reports/{report}").ok().body
    signed = SignedPayload.model_validate_json(stored_proof(clinic, report).canonical, context=STORED)
    assert (signed.report.patient_id, signed.report.allergies) == (said["patient_id"], ["latex"])
    known = system_clinic(clinic.id, "look").perform("look", lambda work: chart_of(work, second.body["id"]))
    assert (known.allergies, known.medications) == (("latex",), ("lithium 400 mg",))


def test_a_link_opens_with_the_date_of_birth_of_either_record(clinic: TestClinic) -> None:
    values: dict[str, Any] = {**TWIN, "date_of_birth": "1971-02-03"}
    first, second = clinic.patient(), twin(clinic, **values)
    report = signed_report(clinic, second.body["id"])
    shared = share(clinic, report, passcode="date_of_birth")
    merged(clinic, first, second)

    wrong = enter(shared.url, {**BORN, "year": "1969"})
    assert wrong.status == 422
    opened = enter(shared.url, {"day": "3", "month": "2", "year": "1971"})
    assert opened.status == 200
    assert share(clinic, report, passcode="date_of_birth").url != shared.url
