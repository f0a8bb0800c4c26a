"""The audit action of each request about a patient, and its calls to Google Cloud."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.workflows.patients import duplicates
from tests.support.audit import audit_of, new_trace
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tests.support.patients import path_of, registered_for, sharing

Request = tuple[str, str, object, str]
"""Method, path, body, ETag."""
ACTIONS = {
    "list": "patient.list",
    "write": "patient.change",
    "change": "patient.change",
    "delete": "patient.delete",
    "restore": "patient.restore",
    "share": "patient.share",
    "withdraw": "patient.withdraw",
    "transfer": "patient.transfer",
}


def prepared(clinic: TestClinic, name: str) -> tuple[str, Request]:
    """A patient's id, and a valid request of this name about the patient."""
    patient = clinic.patient()
    path, etag = path_of(patient), patient.etag
    if name == "restore":
        clinic.doctor.delete(path, etag=etag).ok(204)
        etag = '"2"'
    if name == "withdraw":
        etag = sharing(clinic)["share"](clinic.doctor, path, etag).ok().etag
    other = clinic.other_doctor.user_id
    requests: dict[str, Request] = {
        "list": ("GET", "/patients", None, ""),
        "write": ("PUT", path, {**PATIENT, "occupation": "Baker"}, etag),
        "change": ("PATCH", path, {"occupation": "Baker"}, etag),
        "delete": ("DELETE", path, None, etag),
        "restore": ("POST", f"{path}/restore", None, etag),
        "share": ("PUT", f"{path}/doctors/{other}", None, etag),
        "withdraw": ("DELETE", f"{path}/doctors/{other}", None, etag),
        "transfer": ("PUT", f"{path}/owner", {"owner_id": other}, etag),
    }
    return patient.body["id"], requests[name]


@pytest.mark.parametrize("name", ACTIONS)
def test_request_is_audited_with_its_action(own_clinic: TestClinic, name: str) -> None:
    trace, headers = new_trace()
    patient, (method, path, body, etag) = prepared(own_clinic, name)

    reply = own_clinic.admin.send(method, path, body, etag=etag, **headers)

    assert reply.status in (200, 204)
    (entry,) = audit_of(own_clinic, trace)
    assert (entry["actor_id"], entry["action"], entry["outcome"]) == (own_clinic.admin.user_id, ACTIONS[name], "done")
    assert entry["patient_ids"] == [patient]
    assert not any(word in repr(entry) for word in PATIENT.values())


READS, QUERY, COMMIT = "BatchGetDocuments", "RunQuery", "Commit"
COSTS = {
    # Committed besides: the records shown by a list, and the version that a change of what people see leaves.
    # Reads: caller and settings; the others also the patient; "share" and "transfer" the other doctor;
    # "write", which could make the patient another person, the counter of patients.
    "list": [(READS, 2), (QUERY, 1), (COMMIT, 2)],
    "write": [(READS, 4), (COMMIT, 3)],
    "change": [(READS, 3), (COMMIT, 3)],
    # One query each for open sessions, unpaid bills and coming appointments; one that finds nothing counts as a read.
    "delete": [(READS, 3), (QUERY, 1), (QUERY, 1), (QUERY, 1), (COMMIT, 2)],
    # The counter of patients and a query for similar patients, as a registration.
    "restore": [(READS, 4), (QUERY, 1), (COMMIT, 3)],
    "share": [(READS, 4), (COMMIT, 4)],
    # One query each for running visits, unsigned reports and coming appointments of the doctor who loses access.
    "withdraw": [(READS, 3), (QUERY, 1), (QUERY, 1), (QUERY, 1), (COMMIT, 3)],
    "transfer": [(READS, 4), (QUERY, 1), (QUERY, 1), (QUERY, 1), (COMMIT, 4)],
}


@pytest.mark.parametrize("name", COSTS)
def test_call_counts(own_clinic: TestClinic, name: str) -> None:
    _, (method, path, body, etag) = prepared(own_clinic, name)

    assert calls_during(own_clinic, lambda: own_clinic.admin.send(method, path, body, etag=etag)) == COSTS[name]


def test_call_counts_of_a_change_that_makes_the_patient_another_person(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient()
    own_clinic.doctor.get(path_of(patient)).ok()

    def costs(change: dict[str, object], etag: str) -> list[tuple[str, int]]:
        request = ("PATCH", path_of(patient), change)
        return calls_during(own_clinic, lambda: own_clinic.doctor.send(*request, etag=etag).ok())

    compared = costs({"last_name": "Rao"}, '"1"')
    insisted = costs({"last_name": "Iyer", "allow_duplicate": True}, '"2"')

    # As "change", with the counter of patients, which is read and written.
    assert compared == [(READS, 4), (QUERY, 1), (COMMIT, 4)]
    assert insisted == [(READS, 4), (COMMIT, 4)]


def test_call_counts_of_registration_with_and_without_allowed_duplicates(own_clinic: TestClinic) -> None:
    own_clinic.doctor.get("/patients").ok()

    first = calls_during(own_clinic, lambda: own_clinic.doctor.post("/patients", PATIENT).ok(201))
    again = calls_during(own_clinic, lambda: own_clinic.doctor.post("/patients", PATIENT).refused(409, "duplicate"))
    allowed = calls_during(own_clinic, lambda: own_clinic.doctor.post("/patients", NAMESAKE).ok(201))
    for_another = calls_during(own_clinic, lambda: registered_for(own_clinic.doctor, by=own_clinic.receptionist))

    # One query for the person, with telephone number and date of birth, and for the name alone.
    assert first == [(READS, 4), (QUERY, 1), (COMMIT, 6)]
    # The caller and the stored response are read again: the found patient may be the effect of this same request.
    assert again == [(READS, 4), (QUERY, 1), (READS, 2), (COMMIT, 1)]
    assert allowed == [(READS, 4), (COMMIT, 6)]
    assert for_another == [(READS, 5), (COMMIT, 7)]


def test_call_counts_of_registration_beside_many_of_that_name(own_clinic: TestClinic) -> None:
    for _ in range(duplicates.MOST_COMPARED):
        own_clinic.doctor.post("/patients", NAMESAKE).ok(201)
    other = {**PATIENT, "date_of_birth": "1950-01-01", "primary_phone": "+919845099999"}

    calls = calls_during(own_clinic, lambda: own_clinic.doctor.post("/patients", other).ok(201))

    # The first query is full of the name: one follows for the person, and one for the name without its sound.
    assert calls == [(READS, 4), (QUERY, 30), (QUERY, 1), (QUERY, 30), (COMMIT, 6)]


def calls_during(clinic: TestClinic, act: Callable[[], object]) -> list[tuple[str, int]]:
    """The function's calls to Google Cloud during the action: method and number of documents."""
    mark = clinic.stack.recorder.mark()
    act()
    calls = [call for call in clinic.stack.recorder.calls(mark) if call.caller == "patients"]
    return [(call.method, sum(call.amounts.values())) for call in calls]
