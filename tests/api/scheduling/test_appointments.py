"""Appointments over HTTP: booking, access, clinical fields, doctors, times, encryption and audit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import PrivateAttr

from shared.records.problems import FieldError, Invalid
from shared.records.scheduling.appointment import Appointment
from shared.records.scheduling.requests import NewAppointment
from shared.records.types import new_id
from shared.store.audit import Origin
from shared.store.clinic import Clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.web.operations import FRONT_DESK
from shared.web.serialization import hidden
from shared.workflows.scheduling import booking
from tests.support.audit import audit_of, new_trace, verify
from tests.support.call_counts import calls_when_repeated, commit, query, reads
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.free_times import free_time
from tests.support.problems import pointers, without_trace
from tools import google_firestore

CLINICAL = {"chief_complaint": "Cannot sleep since March", "notes": "Ask about the lithium level"}
FRONT_DESK_FIELDS = {
    "preparation_instructions": "Bring the earlier prescriptions",
    "location": "Room Jacaranda",
    "estimated_cost": 150_000,
    "copay_amount": 20_000,
}


@pytest.fixture(scope="module")
def patient(clinic: TestClinic) -> dict[str, Any]:
    body: dict[str, Any] = clinic.patient().body
    return body


def visit(clinic: TestClinic, patient: str, **values: object) -> dict[str, Any]:
    """The body of a booking: a visit to the doctor tomorrow, overridden by `values`."""
    defaults = {
        "patient_id": patient,
        "doctor_id": clinic.doctor.user_id,
        "scheduled_at": free_time(),
        "outside_schedule": True,
        "duration_minutes": 45,
    }
    return {**defaults, **values}


# Access and clinical fields


def test_receptionist_books_and_reads_without_clinical_fields(clinic: TestClinic, patient: dict[str, Any]) -> None:
    new = visit(
        clinic, patient["id"], type="followup", priority="high", confirmation_required=True, **FRONT_DESK_FIELDS
    )

    booked = clinic.receptionist.post("/appointments", new).ok(201)
    seen = clinic.receptionist.get(f"/appointments/{booked.body['id']}").ok()

    assert booked.body.items() >= {name: value for name, value in new.items() if name != "outside_schedule"}.items()
    assert (booked.body["status"], booked.body["currency"], booked.body["time_zone"]) == (
        "scheduled",
        "INR",
        "Asia/Kolkata",
    )
    assert booked.body["id"].startswith(f"{patient['id']}-")
    assert booked.body["created_by"] == clinic.receptionist.user_id
    assert booked.etag == seen.etag == '"1"'
    assert seen.body == booked.body
    assert Appointment.model_fields.keys() - seen.body.keys() == hidden(Appointment, clinical=False)


def test_clinical_fields_are_written_and_read_by_clinicians_only(clinic: TestClinic, patient: dict[str, Any]) -> None:
    for clinician in (clinic.doctor, clinic.admin):
        booked = clinician.post("/appointments", visit(clinic, patient["id"], **CLINICAL)).ok(201)
        path = f"/appointments/{booked.body['id']}"

        assert booked.body.items() >= CLINICAL.items()
        assert clinic.doctor.get(path).ok().body == clinic.admin.get(path).ok().body == booked.body
        desk = clinic.receptionist.get(path).ok()
        assert booked.body.keys() - desk.body.keys() == CLINICAL.keys()
        assert not [text for text in CLINICAL.values() if text.encode() in desk.content]


def test_booking_by_a_receptionist_with_clinical_fields_is_forbidden(
    clinic: TestClinic, patient: dict[str, Any]
) -> None:
    two_fields = clinic.receptionist.post("/appointments", visit(clinic, patient["id"], **CLINICAL)).refused(
        403, "forbidden"
    )
    one_field = clinic.receptionist.post("/appointments", visit(clinic, patient["id"], notes="Anxious")).refused(
        403, "forbidden"
    )

    assert (pointers(two_fields), pointers(one_field)) == ({"/chief_complaint", "/notes"}, {"/notes"})
    assert b"Anxious" not in one_field.content
    clinic.receptionist.post("/appointments", visit(clinic, patient["id"], notes=None)).ok(201)


def test_doctor_and_receptionist_books_for_a_strangers_patient_as_a_receptionist(own_clinic: TestClinic) -> None:
    alter(own_clinic, f"users/{own_clinic.other_doctor.user_id}", {"roles": ["doctor", "receptionist"]})
    strange = own_clinic.patient().body["id"]

    refused = own_clinic.other_doctor.post("/appointments", visit(own_clinic, strange, **CLINICAL)).refused(
        403, "forbidden"
    )
    booked = own_clinic.other_doctor.post("/appointments", visit(own_clinic, strange, **FRONT_DESK_FIELDS)).ok(201)

    assert pointers(refused) == {"/chief_complaint", "/notes"}
    assert CLINICAL.keys().isdisjoint(booked.body)


def test_stranger_gets_the_same_problem_for_an_appointment_and_a_missing_one(
    clinic: TestClinic, other_clinic: TestClinic, patient: dict[str, Any]
) -> None:
    booked = clinic.doctor.post("/appointments", visit(clinic, patient["id"])).ok(201).body["id"]

    for stranger in (
        clinic.other_doctor,
        other_clinic.doctor,
        other_clinic.receptionist,
        other_clinic.admin,
    ):
        refused = stranger.get(f"/appointments/{booked}").refused(404, "not-found")
        missing = stranger.get(f"/appointments/{new_id()}-{new_id(10)}").refused(404, "not-found")

        assert without_trace(refused) == without_trace(missing)


def test_booking_by_a_stranger_gets_the_same_problem_as_for_a_missing_patient(
    clinic: TestClinic, other_clinic: TestClinic, patient: dict[str, Any]
) -> None:
    for stranger in (
        clinic.other_doctor,
        other_clinic.doctor,
        other_clinic.receptionist,
        other_clinic.admin,
    ):
        missing = stranger.post("/appointments", visit(clinic, new_id(), **CLINICAL)).refused(404, "not-found")
        for id_or_number in (patient["id"], patient["number"]):
            refused = stranger.post("/appointments", visit(clinic, id_or_number, **CLINICAL)).refused(404, "not-found")

            assert without_trace(refused) == without_trace(missing)


def test_appointments_of_a_deleted_patient_are_neither_found_nor_booked(clinic: TestClinic) -> None:
    patient = clinic.patient().body["id"]
    booked = clinic.doctor.post("/appointments", visit(clinic, patient)).ok(201).body["id"]

    alter(clinic, f"patients/{patient}", {"live": False})

    for user in (clinic.doctor, clinic.admin, clinic.receptionist):
        user.get(f"/appointments/{booked}").refused(404, "not-found")
        user.post("/appointments", visit(clinic, patient)).refused(404, "not-found")


def test_patient_is_named_by_number(clinic: TestClinic, patient: dict[str, Any]) -> None:
    booked = clinic.receptionist.post("/appointments", visit(clinic, patient["number"])).ok(201)

    assert booked.body["patient_id"] == patient["id"]


# Doctors and times


def test_booked_doctor_must_be_enabled_and_have_access_to_the_patient(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    registered, other = own_clinic.patient().body, own_clinic.other_doctor.user_id
    patient, numbers = registered["id"], [registered["number"], registered["number"].replace("0001", "9999")]
    invalid_doctors = [
        new_id(),
        other_clinic.doctor.user_id,
        own_clinic.receptionist.user_id,
        own_clinic.admin.user_id,
        other,
        *numbers,
    ]

    def book(doctor: str) -> Reply:
        return own_clinic.receptionist.post("/appointments", visit(own_clinic, patient, doctor_id=doctor))

    refused = [book(doctor).refused(422, "invalid") for doctor in invalid_doctors]

    assert [pointers(reply) for reply in refused] == [{"/doctor_id"}] * len(invalid_doctors)
    assert len({reply.body["errors"][0]["detail"] for reply in refused}) == 1
    alter(own_clinic, f"patients/{patient}", {"shared_with": [other]})
    book(other).ok(201)
    alter(own_clinic, f"users/{other}", {"disabled": True})
    assert pointers(book(other).refused(422, "invalid")) == {"/doctor_id"}
    alter(own_clinic, f"users/{own_clinic.admin.user_id}", {"roles": ["admin", "doctor"]})
    book(own_clinic.admin.user_id).ok(201)


def test_doctor_disabled_during_the_booking_is_not_booked(own_clinic: TestClinic) -> None:
    class Interrupted(NewAppointment):
        """Disables the doctor during the first validation."""

        _checks: list[datetime] = PrivateAttr(default=[])

        def time_errors(self, now: datetime, zone: str) -> Iterator[FieldError]:
            self._checks.append(now)
            if len(self._checks) == 1:
                alter(own_clinic, f"users/{self.doctor_id}", {"disabled": True})
            return super().time_errors(now, zone)

    new = Interrupted.model_validate(visit(own_clinic, own_clinic.patient().body["id"]))
    caller = Caller(own_clinic.receptionist.user_id, FRONT_DESK, utc_now())

    with pytest.raises(Invalid):
        booking.book(Clinic(RequestContext(own_clinic.id, caller, Origin(request_id=new_id()))), new)

    assert own_clinic.receptionist.get(f"/patients/{new.patient_id}/appointments").ok().body["items"] == []


def test_errors_of_time_and_doctor_are_reported_together(clinic: TestClinic, patient: dict[str, Any]) -> None:
    wrong = visit(clinic, patient["id"], scheduled_at="2020-02-29T10:00:00+05:30", doctor_id=new_id())

    refused = clinic.receptionist.post("/appointments", wrong).refused(422, "invalid")
    past = clinic.receptionist.post("/appointments", {**wrong, "doctor_id": clinic.doctor.user_id})

    assert pointers(refused) == {"/scheduled_at", "/doctor_id"}
    assert pointers(past.refused(422, "invalid")) == {"/scheduled_at"}


def test_time_with_an_offset_is_stored_in_utc_with_its_time_zone(clinic: TestClinic, patient: dict[str, Any]) -> None:
    new = visit(clinic, patient["id"], scheduled_at="2027-07-01T09:30:00+05:30", time_zone="Europe/Lisbon")

    booked = clinic.doctor.post("/appointments", new).ok(201).body

    assert (booked["scheduled_at"], booked["time_zone"]) == ("2027-07-01T04:00:00Z", "Europe/Lisbon")


def test_invalid_booking_names_every_wrong_field(clinic: TestClinic, patient: dict[str, Any]) -> None:
    wrong = {
        "patient_id": "../x",
        "scheduled_at": "2199-07-01T09:30:00",
        "duration_minutes": 481,
        "time_zone": "Asia/Atlantis",
        "type": "surgery",
        "priority": "asap",
        "estimated_cost": -1,
        "copay_amount": 10.5,
        "status": "completed",
        "currency": "USD",
    }

    refused = clinic.receptionist.post("/appointments", wrong).refused(422, "invalid")

    assert pointers(refused) == {f"/{name}" for name in (*wrong, "doctor_id")}
    assert b"Atlantis" not in refused.content


@pytest.mark.parametrize(("minutes", "status"), [(4, 422), (5, 201), (480, 201), (481, 422)])
def test_duration_is_limited_to_five_minutes_to_eight_hours(
    clinic: TestClinic, patient: dict[str, Any], minutes: int, status: int
) -> None:
    clinic.receptionist.post("/appointments", visit(clinic, patient["id"], duration_minutes=minutes)).ok(status)


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
def test_time_outside_of_the_calendar_is_invalid(clinic: TestClinic, patient: dict[str, Any], moment: str) -> None:
    refused = clinic.receptionist.post("/appointments", visit(clinic, patient["id"], scheduled_at=moment))

    assert pointers(refused.refused(422, "invalid")) == {"/scheduled_at"}


# Idempotency, encryption and audit


def test_booking_requires_a_key_and_concurrent_repetitions_book_once(clinic: TestClinic) -> None:
    new = visit(clinic, clinic.patient().body["id"])
    clinic.receptionist.post("/appointments", new, key="").refused(400, "bad-request")

    replies = at_once(10, lambda _: clinic.receptionist.post("/appointments", new, key="the-call-of-this-morning"))

    assert statuses(replies) == {201: 10}
    assert len({reply.content for reply in replies}) == 1
    listed = clinic.receptionist.get(f"/patients/{new['patient_id']}/appointments").ok().body["items"]
    assert listed == [replies[0].body]


def test_texts_and_amounts_are_encrypted(clinic: TestClinic, patient: dict[str, Any]) -> None:
    booked = (
        clinic.doctor.post("/appointments", visit(clinic, patient["id"], **CLINICAL, **FRONT_DESK_FIELDS)).ok(201).body
    )

    document = google_firestore.client().document(f"clinics/{clinic.id}/appointments/{booked['id']}").get().to_dict()

    assert document is not None
    assert document["sealed"].keys() == {*CLINICAL, *FRONT_DESK_FIELDS}
    assert not [value for value in (*CLINICAL.values(), *FRONT_DESK_FIELDS.values()) if str(value) in repr(document)]


def test_booking_and_reading_are_audited_with_ids_only(clinic: TestClinic, patient: dict[str, Any]) -> None:
    (booking, first), (reading, second) = new_trace(), new_trace()

    booked = (
        clinic.doctor.post("/appointments", visit(clinic, patient["number"], **CLINICAL), **first).ok(201).body["id"]
    )
    clinic.receptionist.get(f"/appointments/{booked}", **second).ok()

    [created], [read] = audit_of(clinic, booking), audit_of(clinic, reading)
    for entry, action in ((created, "appointment.create"), (read, "appointment.read")):
        verify(clinic, entry)
        assert (entry["action"], entry["outcome"], entry["patient_ids"]) == (action, "done", [patient["id"]])
        assert f"appointments/{booked}" in entry["documents"]
        assert not [text for text in CLINICAL.values() if text in repr(entry)]


def test_call_counts_of_booking_and_reading(clinic: TestClinic, patient: dict[str, Any]) -> None:
    noon = utc_now().replace(hour=12, minute=0, second=0, microsecond=0)  # far from midnight: one day of each is read

    def book(days: int) -> str:
        new = visit(clinic, patient["id"], scheduled_at=(noon + timedelta(days=days)).isoformat())
        return str(clinic.receptionist.post("/appointments", new).ok(201).body["id"])

    booked, recorder = book(700), clinic.stack.recorder
    clinic.stack.wait_idle(60)
    mark = recorder.mark()
    book(701)
    clinic.receptionist.get(f"/appointments/{booked}").ok()

    calls = [(c.method, sum(c.amounts.values())) for c in recorder.calls(mark) if c.caller == "appointments"]
    # Booking reads caller, stored response, patient and settings, the doctor with profile and schedule,
    # and the day of each. It commits the appointment, both days, guards of patient and doctor, the response and the
    # audit entry. Reading reads caller, appointment and patient, and counts what it shows; then it reads the profile of
    # the doctor, for the name.
    names = ("BatchGetDocuments", 1)
    assert calls == [("BatchGetDocuments", 9), ("Commit", 7), ("BatchGetDocuments", 3), names, ("Commit", 2)]


def test_week_of_sixty_visits_is_one_page_and_one_query(own_clinic: TestClinic) -> None:
    patients = [own_clinic.silent_patient().body["id"] for _ in range(3)]
    start = utc_now().replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=60)
    clinic = Clinic(RequestContext(own_clinic.id, Caller(own_clinic.admin.user_id, FRONT_DESK, utc_now()), Origin("")))
    for number in range(60):
        at = start + timedelta(days=number % 5, minutes=30 * (number // 5))
        values = visit(own_clinic, patients[number % 3], scheduled_at=at.isoformat(), duration_minutes=30)
        booking.book(clinic, NewAppointment.model_validate(values))
    week = f"/appointments?day={start.date()}&days=7&doctor_id={own_clinic.doctor.user_id}&page_size=100"

    page = own_clinic.receptionist.get(week).ok().body
    calls = calls_when_repeated(own_clinic, "appointments", lambda: own_clinic.receptionist.get(week).ok())

    assert (len(page["items"]), page["next_page_token"]) == (60, None)
    assert [one["scheduled_at"] for one in page["items"]] == sorted(one["scheduled_at"] for one in page["items"])
    # The caller and the settings; the appointments; their patients, and the doctor; the audit
    # entry, and the count of what was shown.
    assert calls == [reads(2), query(60), reads(4), commit(2)]
