"""The quota of shown records of a person in an hour (S14), against the database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.records.patients.patient import Patient
from shared.records.patients.requests import PatientList
from shared.records.problems import Problem, TooManyRequests
from shared.records.record import SYSTEM
from shared.records.types import Role
from shared.rest.errors import DeadlineExceeded
from shared.store.audit import Origin
from shared.store.changes import Changes
from shared.store.clinic import Clinic, system_clinic
from shared.store.context import Caller, RequestContext, utc_now
from shared.store.shown_quota import ShownQuota
from shared.workflows.patients import patients
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.client import ApiClient
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once
from tests.support.database import plant_report
from tools import google_firestore

HALF_PAST = datetime(2030, 9, 14, 5, 30, tzinfo=UTC)


def clinic_of(user: ApiClient, limit: int | None, at: datetime = HALF_PAST) -> Clinic:
    caller = Caller(user.user_id, frozenset(Role), utc_now())
    return Clinic(
        RequestContext(user.clinic_id, caller, Origin("test"), clock=lambda: at, shown_per_hour=limit),
    )


def show(user: ApiClient, patient: str, limit: int | None, at: datetime = HALF_PAST) -> Patient:
    return clinic_of(user, limit, at).perform("patient.read", lambda work: work.get(Patient.ref(patient)))


def refused(act: Callable[[], object]) -> TooManyRequests:
    with pytest.raises(TooManyRequests) as problem:
        act()
    return problem.value


def spend(user: ApiClient, shown: int) -> None:
    """Let the person have been shown so many records in this hour and the next one."""
    for at in (utc_now(), utc_now() + timedelta(hours=1)):
        path = ShownQuota(user.user_id, at, 1).path
        google_firestore.client().document(f"clinics/{user.clinic_id}/{path}").set({"shown": shown})


def outcomes(clinic: TestClinic, action: str) -> list[str]:
    entries = [
        entry.to_dict() or {} for entry in google_firestore.client().collection(f"clinics/{clinic.id}/audit").get()
    ]
    return sorted(entry["outcome"] for entry in entries if entry["action"] == action)


@pytest.fixture
def patient(own_clinic: TestClinic) -> str:
    return str(own_clinic.patient().body["id"])


def test_one_more_than_the_limit_is_refused_until_the_hour_ends(own_clinic: TestClinic, patient: str) -> None:
    for _ in range(3):
        show(own_clinic.doctor, patient, 3)

    assert refused(lambda: show(own_clinic.doctor, patient, 3)).retry_after == 1800
    assert refused(lambda: show(own_clinic.doctor, patient, 3, HALF_PAST + timedelta(seconds=1799))).retry_after == 1
    assert show(own_clinic.doctor, patient, 3, HALF_PAST + timedelta(seconds=1800)).id == patient


def test_others_are_not_affected(own_clinic: TestClinic, patient: str) -> None:
    show(own_clinic.doctor, patient, 1)
    refused(lambda: show(own_clinic.doctor, patient, 1))

    assert show(own_clinic.receptionist, patient, 1).id == patient
    system = system_clinic(own_clinic.id, "event", clock=lambda: HALF_PAST)
    assert system.context.caller.user_id == SYSTEM
    assert system.perform("patient.read", lambda work: work.get(Patient.ref(patient))).id == patient


def test_each_record_of_a_page_counts_and_the_page_over_the_limit_is_not_shown(own_clinic: TestClinic) -> None:
    for _ in range(3):
        own_clinic.patient()

    def page(limit: int, size: int, at: datetime) -> int:
        return len(patients.newest(clinic_of(own_clinic.receptionist, limit, at), PatientList(page_size=size)).items)

    assert page(3, 3, HALF_PAST) == 3
    refused(lambda: page(3, 1, HALF_PAST))
    refused(lambda: page(2, 3, HALF_PAST + timedelta(hours=2)))


def test_a_read_that_shows_no_patient_record_is_not_counted(own_clinic: TestClinic, patient: str) -> None:
    show(own_clinic.doctor, patient, 1)
    refused(lambda: show(own_clinic.doctor, patient, 1))

    assert clinic_of(own_clinic.doctor, 1).perform("settings.read", lambda work: work.settings())
    with pytest.raises(Problem) as missing:
        show(own_clinic.doctor, "nobody", 1)
    assert missing.value.name == "not-found"


def test_of_two_reads_at_the_limit_one_is_shown(own_clinic: TestClinic, patient: str) -> None:
    def read(_: int) -> str:
        try:
            return show(own_clinic.doctor, patient, 1).id
        except TooManyRequests as problem:
            return problem.name

    assert sorted(at_once(2, read)) == sorted([patient, "too-many-requests"])


def test_after_a_lost_response_the_sum_is_read_again(
    own_clinic: TestClinic, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_all = Changes.commit

    def lose(changes: Changes) -> Any:
        commit_all(changes)
        raise DeadlineExceeded("lost")

    show(own_clinic.doctor, patient, 2)
    monkeypatch.setattr(Changes, "commit", lose)

    assert show(own_clinic.doctor, patient, 2).id == patient
    refused(lambda: show(own_clinic.doctor, patient, 2))


def test_the_api_refuses_reads_searches_and_exports_but_no_changes(own_clinic: TestClinic) -> None:
    session = own_clinic.session().body
    patient, path = session["patient_id"], f"/sessions/{session['id']}"
    new, key = {"patient_id": patient, "type": "followup"}, "the-same-key-again"
    etag = own_clinic.doctor.get(path).ok().etag
    own_clinic.forget_running(own_clinic.doctor.user_id, patient)
    first = own_clinic.doctor.post("/sessions", new, key=key)
    spend(own_clinic.doctor, 5000)

    answer = own_clinic.doctor.get(f"/patients/{patient}").refused(429, "too-many-requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert b"Fernandes" not in answer.content
    own_clinic.doctor.get("/patients").refused(429, "too-many-requests")
    search = {"text": "Fernandes"}
    own_clinic.doctor.post("/patients/search", search, key="").refused(429, "too-many-requests")
    own_clinic.doctor.get(f"{path}/progress").refused(429, "too-many-requests")
    own_clinic.doctor.get(f"/reports/{plant_report(own_clinic, session['id'])}/pdf").refused(429, "too-many-requests")

    own_clinic.doctor.put(path, {"status": "paused"}, etag=etag).ok()
    repeated = own_clinic.doctor.post("/sessions", new, key=key)
    assert (repeated.status, repeated.content) == (first.status, first.content)
    own_clinic.doctor.get("/profile").ok()
    own_clinic.receptionist.get(f"/patients/{patient}").ok()
    assert outcomes(own_clinic, "patient.read") == ["done", "done", "too-many-requests"]


def test_counting_costs_one_write_and_no_call(own_clinic: TestClinic, patient: str) -> None:
    path = f"/patients/{patient}"

    # The settings for the age are read together with the patient.
    assert calls_when_repeated(own_clinic, "patients", lambda: own_clinic.doctor.get(path).ok()) == [
        reads(3),
        commit(2),
    ]
