"""The questions at the end of a day: each is one request, and right for 200 patients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from local.stack.stack import Stack
from shared.records.billing.types import BillStatus
from shared.records.patients.patient import Patient
from shared.records.record import Record, Stamp
from shared.records.reports.report import ReportStatus
from shared.records.version import Version
from shared.records.visits.session import Session, SessionStatus
from shared.store.clinic import system_clinic
from shared.store.unit_of_work import UnitOfWork
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic, clinic_with_profile
from tests.support.free_times import free_time
from tests.support.problems import pointers
from tools.openapi import bill_factories, factories

pytestmark = pytest.mark.long

PATIENTS, BATCH = 200, 25
DAY = date(2026, 12, 1)
MIDNIGHT = datetime(2026, 11, 30, 18, 30, tzinfo=UTC)
"""The beginning of the day in the clinic's zone, Asia/Kolkata."""
FEE = 120_000


@dataclass(frozen=True)
class Practice:
    clinic: TestClinic

    @property
    def doctor(self) -> ApiClient:
        return self.clinic.doctor

    @property
    def desk(self) -> ApiClient:
        return self.clinic.receptionist


def records_of(clinic: TestClinic, work: UnitOfWork, number: int) -> Iterator[Record]:
    """A patient with a session, a report, a bill and an appointment.

    Every fifth is the other doctor's. Half of the reports are drafted, half failed; half of the bills are unpaid.
    Sessions and appointments are half an hour apart, from the day before on.
    """
    settings = work.settings()
    owner = clinic.other_doctor.user_id if number % 5 == 0 else clinic.doctor.user_id
    stamp = Stamp(owner, work.now - timedelta(minutes=number))
    patient = factories.patient(
        owner, stamp, number=f"PAT-20250{number:03}", first_name=f"N{(number * 7) % PATIENTS:03}", last_name=None
    )
    yield patient
    at = MIDNIGHT + timedelta(minutes=30 * number) - timedelta(days=1)
    status = SessionStatus.IN_PROGRESS if number % 10 == 1 else SessionStatus.COMPLETED
    session = factories.session(patient, stamp, number=f"SES-20250{number:03}", started_at=at, status=status)
    yield session
    states = (ReportStatus.COMPLETED, ReportStatus.FAILED)
    yield factories.report(session, stamp, status=states[number % 2])
    bill = bill_factories.bill(
        session.model_copy(update={"total_duration_minutes": 20}), settings, stamp, f"INV-202501-{number:06}"
    )
    paid = {"status": BillStatus.PAID, "paid_amount": FEE} if number % 4 < 2 else {}
    yield bill.model_copy(update=paid)
    yield factories.appointment(patient, stamp, scheduled_at=at)
    yield from changes_of(clinic, patient, session, at)


def changes_of(clinic: TestClinic, patient: Patient, session: Session, at: datetime) -> Iterator[Record]:
    """The desk changes the phone, and a minute later the owner the notes of the visit."""
    desk, doctor = Stamp(clinic.receptionist.user_id, at), Stamp(patient.owner_id, at + timedelta(minutes=1))
    for before, after, stamp in (
        (patient, patient.revised(desk, primary_phone="+919845098765"), desk),
        (session, session.revised(doctor, session_notes="Sleeps."), doctor),
    ):
        version = Version.of(before, after, stamp)
        assert version is not None
        yield version


@pytest.fixture(scope="module")
def practice(stack: Stack) -> Practice:
    """A clinic with 200 patients, written directly."""
    clinic = clinic_with_profile(stack)

    def transaction(first: int, work: UnitOfWork) -> None:
        for number in range(first, first + BATCH):
            for record in records_of(clinic, work, number):
                work.create(record)

    for first in range(0, PATIENTS, BATCH):
        system_clinic(clinic.id, "planted").perform("chart.plant", partial(transaction, first))
    return Practice(clinic)


def pages(person: ApiClient, path: str) -> list[dict[str, Any]]:
    """All items of a list."""
    items: list[dict[str, Any]] = []
    token: str | None = ""
    while token is not None:
        page = person.get(f"{path}&page_size=100{f'&page_token={token}' if token else ''}").ok().body
        items += page["items"]
        token = page["next_page_token"]
    return items


def test_unsigned_reports(practice: Practice) -> None:
    drafted = PATIENTS // 2

    own = pages(practice.doctor, "/reports?status=unsigned")
    everybody = pages(practice.clinic.admin, "/reports?status=unsigned")
    others = pages(practice.clinic.admin, f"/reports?status=unsigned&doctor_id={practice.clinic.other_doctor.user_id}")

    assert (len(everybody), len(own), len(others)) == (drafted, drafted * 4 // 5, drafted // 5)
    assert {report["status"] for report in everybody} == {"completed"}
    assert {report["doctor"]["id"] for report in own} == {practice.doctor.user_id}
    assert all(report["patient"]["name"].startswith("N") for report in everybody)
    assert len(pages(practice.clinic.admin, "/reports?status=failed")) == PATIENTS - drafted
    assert pages(practice.clinic.admin, "/reports?status=signed") == []
    practice.doctor.get(f"/reports?doctor_id={practice.clinic.other_doctor.user_id}").refused(403, "forbidden")
    practice.desk.get("/reports").refused(403, "forbidden")


def test_who_owes(practice: Practice) -> None:
    everybody = practice.desk.get("/bills/owing").ok().body
    own = practice.doctor.get("/bills/owing").ok().body
    others = practice.desk.get(f"/bills/owing?doctor_id={practice.clinic.other_doctor.user_id}").ok().body

    for body, count in ((everybody, PATIENTS // 2), (own, PATIENTS * 2 // 5), (others, PATIENTS // 10)):
        assert body["outstanding"] == [{"currency": "INR", "amount": count * FEE}]
        assert len(body["bills"]) == count
        assert body["complete"] is True
    row = everybody["bills"][0]
    assert (row["outstanding_amount"], row["status"]) == (FEE, "pending")
    assert row["patient"]["number"].startswith("PAT-")
    assert row["doctor"]["name"] == "Meera Iyer"


def test_who_comes_on_a_day_of_the_clinics_zone(practice: Practice) -> None:
    found = pages(practice.desk, f"/appointments?day={DAY}")
    own = pages(practice.doctor, f"/appointments?day={DAY}")

    times = [datetime.fromisoformat(one["scheduled_at"]) for one in found]
    assert times == [MIDNIGHT + timedelta(minutes=30 * number) for number in range(48)]
    assert len(own) == len([number for number in range(48, 96) if number % 5])
    assert {one["doctor"]["id"] for one in own} == {practice.doctor.user_id}
    assert all(one["patient"]["name"] for one in found)
    assert pages(practice.desk, "/appointments?day=2030-01-01") == []
    refused = practice.desk.get("/appointments?day=tomorrow").refused(422, "invalid")
    assert pointers(refused) == {"day"}
    practice.desk.get("/appointments?day=9999-12-31").refused(422, "invalid")


def test_appointments_without_a_day_are_those_of_today_and_later(practice: Practice) -> None:
    clinic = practice.clinic
    body = {"doctor_id": clinic.doctor.user_id, "scheduled_at": free_time(), "outside_schedule": True}
    patient = clinic.doctor.get("/patients?page_size=1").ok().body["items"][0]["id"]
    booked = clinic.receptionist.post("/appointments", {**body, "patient_id": patient}).ok(201)

    found = pages(practice.desk, f"/appointments?doctor_id={clinic.doctor.user_id}")

    assert found[-1] == booked.body
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert all(datetime.fromisoformat(one["scheduled_at"]) > yesterday for one in found)
    assert pages(practice.desk, f"/appointments?doctor_id={clinic.other_doctor.user_id}&day=2099-01-01") == []


def test_sessions_by_day_status_and_doctor(practice: Practice) -> None:
    admin, other = practice.clinic.admin, practice.clinic.other_doctor

    day = pages(admin, f"/sessions?day={DAY}")
    running = pages(admin, "/sessions?status=in_progress")

    assert [one["started_at"] for one in day] == sorted((one["started_at"] for one in day), reverse=True)
    assert len(day) == 48
    assert len(running) == PATIENTS // 10
    assert all(one["report_id"] and one["bill_id"] for one in day)
    assert len(pages(admin, f"/sessions?day={DAY}&status=in_progress")) == 5
    assert len(pages(other, f"/sessions?doctor_id={other.user_id}")) == PATIENTS // 5
    assert len(pages(other, f"/sessions?day={DAY}&status=completed")) == 10
    assert len(pages(other, f"/sessions?day={DAY}&status=in_progress")) == 0
    assert len(pages(practice.doctor, f"/sessions?day={DAY}&status=in_progress")) == 5
    practice.desk.get("/sessions").refused(403, "forbidden")
    practice.doctor.get(f"/sessions?doctor_id={other.user_id}").refused(403, "forbidden")


def test_what_somebody_changed(practice: Practice) -> None:
    clinic, desk = practice.clinic, practice.desk.user_id
    seen_by_doctor = [number for number in range(48, 96) if number % 5]

    everything = pages(clinic.admin, "/versions?")
    day = pages(clinic.admin, f"/versions?day={DAY}")
    of_desk = pages(practice.doctor, f"/versions?changed_by={desk}&day={DAY}")
    of_other = pages(practice.doctor, f"/versions?changed_by={clinic.other_doctor.user_id}")

    assert (len(everything), len(day), len(of_other)) == (2 * PATIENTS, 2 * 48, 0)
    assert [one["created_at"] for one in day] == sorted((one["created_at"] for one in day), reverse=True)
    assert {(one["record_type"], one["author"]["name"]) for one in day} == {
        ("patient", None),  # the desk has no profile
        ("session", "Meera Iyer"),
        ("session", None),
    }
    assert [one["patient"]["number"] for one in of_desk] == [f"PAT-20250{number:03}" for number in seen_by_doctor[::-1]]
    assert {one["created_by"] for one in of_desk} == {desk}
    assert of_desk[0]["before"] == {"primary_phone": None}
    assert len(pages(clinic.admin, f"/versions?changed_by={desk}")) == PATIENTS
    assert pages(clinic.admin, f"/versions?day={DAY}&changed_by=nobody") == []
    practice.desk.get("/versions").refused(403, "forbidden")
    refused = clinic.admin.get("/versions?day=yesterday&changed_by=%20").refused(422, "invalid")
    assert pointers(refused) == {"day", "changed_by"}


def test_patients_from_a_to_z(practice: Practice) -> None:
    names = [item["first_name"] for item in pages(practice.desk, "/patients?sort=name")]
    own = [item["first_name"] for item in pages(practice.doctor, "/patients?sort=name")]

    assert names == sorted(names)
    assert len(names) == PATIENTS
    assert own == sorted(own)
    assert len(own) == PATIENTS * 4 // 5


def test_each_question_is_one_request_with_few_calls(practice: Practice) -> None:
    def calls(function: str, person: ApiClient, path: str) -> object:
        return calls_when_repeated(practice.clinic, function, lambda: person.get(path).ok())

    def query(documents: int) -> tuple[str, str, int]:
        return ("firestore", "RunQuery", documents)

    # The caller; the query; patients, with the profiles of two doctors, unless the caller is one; then what belongs to
    # each row. Committed: the audit entry and the count of shown records.
    unpaid = PATIENTS // 2
    assert calls("bills", practice.desk, "/bills/owing") == [reads(1), query(unpaid), reads(unpaid + 2), commit(2)]
    assert calls("appointments", practice.desk, f"/appointments?day={DAY}&page_size=100") == [
        reads(2),
        query(48),
        reads(48 + 2),
        commit(2),
    ]
    assert calls("reports", practice.doctor, "/reports?status=unsigned&page_size=20") == [
        reads(1),
        query(21),
        reads(20),
        reads(20),  # the proofs of signed reports
        commit(2),
    ]
    assert calls("sessions", practice.clinic.admin, f"/sessions?day={DAY}&page_size=100") == [
        reads(2),
        query(48),
        reads(48 + 2),
        reads(3 * 48),  # report, bill and transcription
        commit(2),
    ]
    assert calls("patients", practice.clinic.admin, f"/versions?day={DAY}&page_size=100") == [
        reads(2),
        query(2 * 48),
        reads(48 + 3),  # the desk is an author too
        commit(2),
    ]
    assert calls("patients", practice.desk, "/patients?sort=name") == [reads(2), query(PATIENTS), commit(2)]
