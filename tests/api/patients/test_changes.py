"""Changing a patient: ETags, PUT and PATCH, and the fields each role may write."""

from __future__ import annotations

import pytest

from shared.records.types import new_id
from tests.support.clinics import PATIENT, TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.database import alter
from tests.support.patients import ALONE, BACKGROUND, CLINICAL, DEMOGRAPHICS, OF_OWNERS, OTHER, path_of, sharing
from tests.support.problems import pointers, without_trace

pytestmark = pytest.mark.long


@pytest.mark.parametrize("name", ["write", "change", *OF_OWNERS])
def test_change_requires_the_current_etag(clinic: TestClinic, name: str) -> None:
    call = (ALONE | sharing(clinic))[name]
    patient = clinic.patient()
    path = path_of(patient)
    current = clinic.doctor.put(path, {**PATIENT, "occupation": "Teacher"}, etag=patient.etag).ok()

    call(clinic.doctor, path, "").refused(428, "precondition-required")
    call(clinic.doctor, path, patient.etag).refused(412, "stale")
    call(clinic.doctor, path, '"99"').refused(412, "stale")

    assert clinic.doctor.get(path).ok().body == current.body


@pytest.mark.parametrize("name", ["write", "change", *OF_OWNERS])
def test_change_by_a_stranger_gets_the_same_problem_as_for_a_missing_patient(
    clinic: TestClinic, other_clinic: TestClinic, name: str
) -> None:
    call = (ALONE | sharing(clinic))[name]
    patient = clinic.patient()

    for stranger in (clinic.other_doctor, other_clinic.doctor, other_clinic.admin):
        refused = call(stranger, path_of(patient), patient.etag).refused(404, "not-found")
        missing = call(stranger, f"/patients/{new_id()}", patient.etag).refused(404, "not-found")
        assert without_trace(refused) == without_trace(missing)


@pytest.mark.parametrize("name", OF_OWNERS)
def test_only_owner_and_admin_delete_share_and_transfer(clinic: TestClinic, name: str) -> None:
    call = (ALONE | sharing(clinic))[name]
    shared = sharing(clinic)["share"](clinic.doctor, path_of(clinic.patient()), '"1"').ok()

    call(clinic.other_doctor, path_of(shared), shared.etag).refused(403, "forbidden")
    call(clinic.receptionist, path_of(shared), shared.etag).refused(403, "forbidden")

    assert clinic.doctor.get(path_of(shared)).ok().etag == shared.etag


def test_fifty_concurrent_writes_with_one_etag_apply_one(clinic: TestClinic) -> None:
    patient = clinic.patient()
    names = [f"Zoë {chr(ord('A') + number // 26)}{chr(ord('a') + number % 26)}" for number in range(50)]

    replies = at_once(
        50, lambda n: clinic.doctor.put(path_of(patient), {**PATIENT, "first_name": names[n]}, etag=patient.etag)
    )

    assert statuses(replies) == {200: 1, 412: 49}
    (changed,) = [reply for reply in replies if reply.status == 200]
    assert clinic.doctor.get(path_of(patient)).ok().body == changed.body


def test_put_replaces_every_field(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    written = own_clinic.doctor.put(path_of(patient), {**OTHER, "notes": "Moved"}, etag=patient.etag).ok()

    unchanged = {name: patient.body[name] for name in ("id", "number", "owner_id", "created_at", "shared_with")}
    assert written.body.items() >= {**OTHER, **unchanged, "notes": "Moved"}.items()
    assert written.etag == '"2"'
    cleared = (DEMOGRAPHICS | BACKGROUND).keys() - OTHER.keys() - {"notes"}
    assert all(written.body[name] in (None, []) for name in cleared)
    assert own_clinic.doctor.get(path_of(patient)).ok().body == written.body


def test_patch_changes_only_the_named_fields(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    patch: dict[str, object] = {"email": None, "address": {"city": "Mysuru"}, "tags": []}
    headers = {"Content-Type": "application/merge-patch+json"}

    changed = own_clinic.doctor.send("PATCH", path_of(patient), patch, etag=patient.etag, **headers).ok()

    address = {**patient.body["address"], "city": "Mysuru"}
    changed_fields = {name for name, value in changed.body.items() if value != patient.body[name]}
    assert changed_fields == {"email", "address", "tags", "revision", "updated_at"}
    assert (changed.body["email"], changed.body["address"], changed.body["tags"]) == (None, address, [])


@pytest.mark.parametrize(("method", "body"), [("PATCH", {}), ("PATCH", {"last_name": "Fernandes"}), ("PUT", PATIENT)])
def test_change_without_a_different_value_keeps_the_revision(
    clinic: TestClinic, method: str, body: dict[str, object]
) -> None:
    patient = clinic.patient()

    unchanged = clinic.doctor.send(method, path_of(patient), body, etag=patient.etag).ok()

    assert (unchanged.body, unchanged.etag) == (patient.body, patient.etag)


def test_patch_with_an_incomplete_result_names_the_missing_fields(clinic: TestClinic) -> None:
    patient = clinic.patient()
    patch = {"insurance": {"group_number": "7"}}

    refused = clinic.doctor.send("PATCH", path_of(patient), patch, etag=patient.etag).refused(422, "invalid")

    assert pointers(refused) == {"/insurance/provider_name", "/insurance/policy_number"}


def test_owner_and_sharing_are_not_writable_fields(clinic: TestClinic) -> None:
    patient = clinic.patient()
    other = {"owner_id": clinic.other_doctor.user_id, "shared_with": [clinic.other_doctor.user_id], "number": "PAT-1"}

    written = clinic.doctor.put(path_of(patient), {**PATIENT, **other}, etag=patient.etag).refused(422, "invalid")
    patched = clinic.doctor.send("PATCH", path_of(patient), other, etag=patient.etag).refused(422, "invalid")

    assert pointers(written) == pointers(patched) == {"/owner_id", "/shared_with", "/number"}


def test_change_by_a_receptionist_keeps_clinical_fields(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)

    written = own_clinic.receptionist.put(path_of(patient), OTHER, etag=patient.etag).ok()
    patched = own_clinic.receptionist.send("PATCH", path_of(patient), {"gender": "female"}, etag=written.etag).ok()

    assert CLINICAL.isdisjoint(written.body) and CLINICAL.isdisjoint(patched.body)
    assert (
        own_clinic.doctor.get(path_of(patient)).ok().body.items() >= {**OTHER, **BACKGROUND, "gender": "female"}.items()
    )


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_change_of_clinical_fields_by_a_receptionist_is_forbidden(own_clinic: TestClinic, method: str) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    sent: dict[str, object] = {**PATIENT, "allergies": [], "notes": None, "blood_group": "O+"}

    refused = own_clinic.receptionist.send(method, path_of(patient), sent, etag=patient.etag).refused(403, "forbidden")

    assert pointers(refused) == {"/allergies", "/notes", "/blood_group"}
    assert own_clinic.doctor.get(path_of(patient)).ok().body == patient.body


def test_doctor_and_receptionist_writes_no_clinical_fields_of_a_strangers_patient(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    alter(own_clinic, f"users/{own_clinic.other_doctor.user_id}", {"roles": ["doctor", "receptionist"]})

    with_notes = own_clinic.other_doctor.put(path_of(patient), {**PATIENT, "notes": "x"}, etag=patient.etag)
    written = own_clinic.other_doctor.put(path_of(patient), PATIENT, etag=patient.etag).ok()

    assert pointers(with_notes.refused(403, "forbidden")) == {"/notes"}
    assert CLINICAL.isdisjoint(written.body)
    assert own_clinic.doctor.get(path_of(patient)).ok().body.items() >= BACKGROUND.items()
