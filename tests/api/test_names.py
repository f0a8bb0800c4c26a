"""Lists and records name their patient and their doctor, and the staff is known by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.audit import audit_of, new_trace
from tests.support.call_counts import calls_when_repeated, commit, reads
from tests.support.charts import PRIVATE, Chart, plant
from tests.support.clinics import TestClinic
from tools.openapi.operation_cases.case import State

pytestmark = pytest.mark.long

NAME = f"{PRIVATE}a {PRIVATE}o"


@pytest.fixture(scope="module")
def chart(clinic: TestClinic) -> Chart:
    return plant(clinic.id, clinic.doctor.user_id, [], State.REPORT_SIGNED)


def ids(chart: Chart) -> Mapping[str, str]:
    """The id of each record of the chart, by its kind."""
    return {type(record).kind: record.id for record in chart.records}


def parties(clinic: TestClinic, chart: Chart) -> dict[str, Any]:
    patient = {"id": chart.records[0].id, "number": "PAT-20250001", "name": NAME, "deceased": False, "deleted": False}
    return {"patient": patient, "doctor": {"id": clinic.doctor.user_id, "name": "Meera Iyer"}}


@pytest.mark.parametrize(
    ("kind", "resource", "desk"),
    [
        ("Appointment", "appointments", True),
        ("Bill", "bills", True),
        ("Session", "sessions", False),
        ("Report", "reports", False),
    ],
)
def test_a_record_and_each_row_of_a_list_name_patient_and_doctor(
    clinic: TestClinic, chart: Chart, kind: str, resource: str, desk: bool
) -> None:
    expected = parties(clinic, chart)
    people = [clinic.doctor, clinic.admin, *([clinic.receptionist] if desk else [])]

    for person in people:
        one = person.get(f"/{resource}/{ids(chart)[kind]}").ok().body
        (row,) = person.get(f"/patients/{ids(chart)['Patient']}/{resource}").ok().body["items"]
        for shown in (one, row):
            assert {name: shown[name] for name in expected} == expected


def test_the_names_that_were_shown_are_audited(clinic: TestClinic, chart: Chart) -> None:
    trace, headers = new_trace()

    clinic.receptionist.get(f"/bills/{ids(chart)['Bill']}", **headers).ok()

    [entry] = audit_of(clinic, trace)
    patient = ids(chart)["Patient"]
    assert entry["patient_ids"] == [patient]
    assert {f"patients/{patient}", f"profiles/{clinic.doctor.user_id}"} <= {*entry["documents"]}


def test_the_name_of_a_doctor_without_a_profile_is_null(clinic: TestClinic) -> None:
    new = {"first_name": "Nova", "date_of_birth": "1990-05-17"}
    patient = clinic.other_doctor.post("/patients", new).ok(201).body

    session = clinic.other_doctor.post("/sessions", {"patient_id": patient["id"]}).ok(201).body

    assert session["doctor"] == {"id": clinic.other_doctor.user_id, "name": None}
    named = {"id": patient["id"], "number": patient["number"], "name": "Nova", "deceased": False, "deleted": False}
    assert session["patient"] == named


def test_every_role_resolves_the_names_of_the_staff_also_of_those_who_left(own_clinic: TestClinic) -> None:
    left = own_clinic.other_doctor.user_id
    own_clinic.admin.delete(f"/users/{left}", etag=own_clinic.admin.get(f"/users/{left}").etag).ok()

    seen = [person.get("/users/names").ok().body["items"] for person in (own_clinic.receptionist, own_clinic.doctor)]

    assert seen[0] == seen[1]
    found = {item["id"]: item for item in seen[0]}
    assert found[own_clinic.doctor.user_id] == {
        "id": own_clinic.doctor.user_id,
        "name": "Meera Iyer",
        "roles": ["doctor"],
        "active": True,
    }
    assert (found[left]["name"], found[left]["active"]) == (None, False)
    assert found.keys() == {
        p.user_id for p in (own_clinic.doctor, own_clinic.other_doctor, own_clinic.receptionist, own_clinic.admin)
    }
    first = own_clinic.receptionist.get("/users/names?page_size=1").ok().body
    assert len(first["items"]) == 1
    assert first["next_page_token"]


def test_call_counts(clinic: TestClinic, chart: Chart) -> None:
    doctor, desk, of = clinic.doctor, clinic.receptionist, ids(chart)

    def calls(function: str, person: Any, path: str) -> object:
        return calls_when_repeated(clinic, function, lambda: person.get(path).ok())

    # The caller's own record has the caller's name; the profile of another doctor is read once the record names them.
    assert calls("bills", doctor, f"/bills/{of['Bill']}") == [reads(3), commit(2)]
    assert calls("bills", desk, f"/bills/{of['Bill']}") == [reads(3), reads(1), commit(2)]
    query = ("firestore", "RunQuery", 1)
    assert calls("patients", desk, f"/patients/{of['Patient']}/bills") == [reads(2), query, reads(1), commit(2)]
    staff = ("firestore", "RunQuery", 4)
    assert calls("users", desk, "/users/names") == [reads(1), staff, reads(4), commit(1)]
