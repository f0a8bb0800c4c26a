"""Who reads which list of a patient, and which fields and records."""

from __future__ import annotations

import pytest

from shared.records.billing.bill import Bill
from shared.records.record import Record
from shared.records.reports.report import Report
from shared.records.types import new_id
from shared.web.serialization import hidden
from tests.api.patients.histories.helpers import (
    COMPLAINT,
    FRONT_DESK_KINDS,
    KINDS,
    Kind,
    PatientWithHistory,
    every_kind,
    front_desk_kinds,
    ids_of,
)
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.problems import without_trace

pytestmark = pytest.mark.long


@every_kind
def test_list_is_newest_first_and_items_equal_single_reads(
    clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind
) -> None:
    by_id = clinic.doctor.get(kind.path(history_patient.id)).ok()
    by_number = clinic.doctor.get(kind.path(history_patient.number)).ok()
    seen_by_admin = clinic.admin.get(kind.path(history_patient.id)).ok()

    assert ids_of(by_id) == history_patient.ids[kind.name]
    assert by_id.body == by_number.body == seen_by_admin.body
    assert by_id.body["next_page_token"] is None
    for item in by_id.body["items"]:
        single = clinic.doctor.get(f"/{kind.name}/{item['id']}").ok()
        alone = {"recording_allowed", "missing_consents"}  # of a session that is read alone
        assert {**single.body, **{name: item[name] for name in alone & item.keys()}} == {**single.body, **item}
        assert single.etag == f'"{item["revision"]}"'
    assert {*kind.model.model_fields} - by_id.body["items"][0].keys() == hidden(kind.model, clinical=True)


@every_kind
def test_patient_without_records_has_an_empty_list(clinic: TestClinic, kind: Kind) -> None:
    patient = clinic.patient().body["id"]

    assert clinic.doctor.get(kind.path(patient)).ok().body == {"items": [], "next_page_token": None}


@front_desk_kinds
def test_receptionist_reads_the_list_without_clinical_fields(
    clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind
) -> None:
    seen = clinic.receptionist.get(kind.path(history_patient.id)).ok()

    assert ids_of(seen) == history_patient.ids[kind.name]
    assert COMPLAINT.encode() not in seen.content
    for item in seen.body["items"]:
        assert kind.model.model_fields.keys() - item.keys() == hidden(kind.model, clinical=False)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in FRONT_DESK_KINDS], ids=lambda kind: kind.name)
def test_receptionist_is_refused_clinical_lists(
    clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind
) -> None:
    refused = clinic.receptionist.get(kind.path(history_patient.id)).refused(403, "forbidden")
    missing = clinic.receptionist.get(kind.path(new_id())).refused(403, "forbidden")

    assert without_trace(refused) == without_trace(missing)


def test_doctor_and_receptionist_reads_a_strangers_patient_as_a_receptionist(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient().body["id"]
    alter(own_clinic, f"users/{own_clinic.other_doctor.user_id}", {"roles": ["doctor", "receptionist"]})

    for kind in KINDS:
        kind.plant(own_clinic, patient)
        seen = own_clinic.other_doctor.get(kind.path(patient))
        if kind in FRONT_DESK_KINDS:
            assert seen.ok().body == own_clinic.receptionist.get(kind.path(patient)).ok().body
        else:
            seen.refused(404, "not-found")


@every_kind
def test_doctor_of_a_shared_patient_reads_the_same_list_as_the_owner(clinic: TestClinic, kind: Kind) -> None:
    patient = clinic.patient().body["id"]
    planted = kind.plant(clinic, patient)

    alter(clinic, f"patients/{patient}", {"shared_with": [clinic.other_doctor.user_id]})
    seen = clinic.other_doctor.get(kind.path(patient)).ok()

    assert ids_of(seen) == [planted]
    assert seen.body == clinic.doctor.get(kind.path(patient)).ok().body


@every_kind
def test_stranger_gets_the_same_problem_for_a_patient_and_a_missing_one(
    clinic: TestClinic, other_clinic: TestClinic, history_patient: PatientWithHistory, kind: Kind
) -> None:
    foreign_staff = [
        other_clinic.doctor,
        other_clinic.admin,
        *([other_clinic.receptionist] if kind in FRONT_DESK_KINDS else []),
    ]
    for stranger in (clinic.other_doctor, *foreign_staff):
        missing = stranger.get(kind.path(new_id())).refused(404, "not-found")
        for id_or_number in (history_patient.id, history_patient.number):
            refused = stranger.get(kind.path(id_or_number)).refused(404, "not-found")

            assert without_trace(refused) == without_trace(missing)


@every_kind
def test_a_deleted_patient_is_found_only_by_what_the_clinic_keeps(clinic: TestClinic, kind: Kind) -> None:
    """Bills and signed reports are kept; the report here is a draft."""
    patient = clinic.patient().body
    kept: dict[type[Record], list[str]] = {Bill: [kind.plant(clinic, patient["id"])], Report: []}
    alter(clinic, f"patients/{patient['id']}", {"live": False})

    for user in (clinic.doctor, clinic.admin, *([clinic.receptionist] if kind in FRONT_DESK_KINDS else [])):
        missing = user.get(kind.path(new_id())).refused(404, "not-found")
        for id_or_number in (patient["id"], patient["number"]):
            reply = user.get(kind.path(id_or_number))
            if kind.model in kept:
                assert [item["id"] for item in reply.ok().body["items"]] == kept[kind.model]
            else:
                assert without_trace(reply.refused(404, "not-found")) == without_trace(missing)


@every_kind
def test_list_excludes_deleted_records_and_records_of_other_patients(clinic: TestClinic, kind: Kind) -> None:
    patient, another = clinic.patient().body["id"], clinic.patient().body["id"]
    listed_record, deleted = kind.plant(clinic, patient), kind.plant(clinic, patient)
    kind.plant(clinic, another)

    alter(clinic, kind.model.path_of(deleted), {"live": False})

    listed = ids_of(clinic.doctor.get(kind.path(patient)))
    assert listed_record in listed
    assert {record.partition("-")[0] for record in listed} == {patient}
    assert deleted not in listed
