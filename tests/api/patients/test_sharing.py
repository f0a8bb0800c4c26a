"""Sharing, withdrawing and transferring a patient."""

from __future__ import annotations

from shared.records.types import new_id
from tests.support.clinics import PATIENT, TestClinic
from tests.support.database import alter
from tests.support.patients import BACKGROUND, CLINICAL, DEMOGRAPHICS, OTHER, count_tokens, listed, path_of, sharing
from tests.support.problems import pointers


def test_doctor_reads_and_changes_a_shared_patient_until_withdrawn(clinic: TestClinic) -> None:
    share, withdraw = sharing(clinic)["share to write"], sharing(clinic)["withdraw"]
    patient = clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    path = path_of(patient)

    shared = share(clinic.doctor, path, patient.etag).ok()
    seen, in_list = clinic.other_doctor.get(path).ok(), listed(clinic.other_doctor)
    changed = clinic.other_doctor.put(path, {**PATIENT, "notes": "Seen."}, etag=shared.etag).ok()
    withdrawn = withdraw(clinic.doctor, path, changed.etag).ok()

    assert shared.body["shared_with"] == [clinic.other_doctor.user_id]
    assert seen.body == shared.body
    assert in_list == [patient.body["id"]]
    assert changed.body["notes"] == "Seen."
    assert withdrawn.body["shared_with"] == []
    clinic.other_doctor.get(path).refused(404, "not-found")
    clinic.other_doctor.put(path, PATIENT, etag=withdrawn.etag).refused(404, "not-found")
    assert listed(clinic.other_doctor) == []
    assert listed(clinic.doctor) == [patient.body["id"]]


def test_repeated_share_withdraw_and_transfer_change_nothing(clinic: TestClinic) -> None:
    share, withdraw = sharing(clinic)["share"], sharing(clinic)["withdraw"]
    patient = clinic.patient()
    path = path_of(patient)

    not_shared = withdraw(clinic.doctor, path, patient.etag).ok()
    shared = share(clinic.doctor, path, patient.etag).ok()
    again = share(clinic.admin, path, shared.etag).ok()
    with_owner = clinic.admin.put(f"{path}/doctors/{clinic.doctor.user_id}", None, etag=shared.etag).ok()
    same_owner = clinic.admin.put(f"{path}/owner", {"owner_id": clinic.doctor.user_id}, etag=shared.etag).ok()

    assert not_shared.body == patient.body
    assert again.body == with_owner.body == same_owner.body == shared.body


def test_withdrawing_the_owner_is_a_conflict(clinic: TestClinic) -> None:
    patient = clinic.patient()
    path = f"{path_of(patient)}/doctors/{clinic.doctor.user_id}"

    clinic.admin.delete(path, etag=patient.etag).refused(409, "conflict")


def test_transfer_gives_access_to_the_new_owner_only(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    path = path_of(patient)

    transferred = sharing(own_clinic)["transfer"](own_clinic.doctor, path, patient.etag).ok()

    assert transferred.body["owner_id"] == own_clinic.other_doctor.user_id
    assert CLINICAL.isdisjoint(transferred.body), "the previous owner must get no clinical fields"
    own_clinic.doctor.get(path).refused(404, "not-found")
    assert (listed(own_clinic.doctor), listed(own_clinic.other_doctor)) == ([], [patient.body["id"]])
    assert own_clinic.other_doctor.get(path).ok().body.items() >= BACKGROUND.items()
    shared = own_clinic.other_doctor.put(
        f"{path}/doctors/{own_clinic.doctor.user_id}", None, etag=transferred.etag
    ).ok()
    assert own_clinic.doctor.get(path).ok().body == shared.body


def test_admin_transfers_a_shared_patient_and_reads_every_field(own_clinic: TestClinic) -> None:
    patient = own_clinic.doctor.post("/patients", DEMOGRAPHICS | BACKGROUND).ok(201)
    shared = sharing(own_clinic)["share"](own_clinic.admin, path_of(patient), patient.etag).ok()

    transferred = sharing(own_clinic)["transfer"](own_clinic.admin, path_of(patient), shared.etag).ok()

    assert (transferred.body["owner_id"], transferred.body["shared_with"]) == (own_clinic.other_doctor.user_id, [])
    assert transferred.body.items() >= BACKGROUND.items()


def test_share_and_transfer_accept_only_enabled_doctors_of_the_clinic(
    own_clinic: TestClinic, other_clinic: TestClinic
) -> None:
    patient = own_clinic.patient()
    path = path_of(patient)
    alter(own_clinic, f"users/{own_clinic.other_doctor.user_id}", {"disabled": True})
    others = [own_clinic.receptionist, own_clinic.admin, own_clinic.other_doctor, other_clinic.doctor]
    numbers = [patient.body["number"], patient.body["number"].replace("0001", "9999")]

    for wrong in [*(client.user_id for client in others), new_id(), *numbers]:
        shared = own_clinic.doctor.put(f"{path}/doctors/{wrong}", None, etag=patient.etag).refused(422, "invalid")
        transferred = own_clinic.doctor.put(f"{path}/owner", {"owner_id": wrong}, etag=patient.etag).refused(
            422, "invalid"
        )
        assert (pointers(shared), pointers(transferred)) == ({"doctor_id"}, {"/owner_id"})
    assert own_clinic.doctor.get(path).ok().body == patient.body


def test_disabled_doctor_can_be_withdrawn(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient()
    shared = sharing(own_clinic)["share"](own_clinic.doctor, path_of(patient), patient.etag).ok()
    alter(own_clinic, f"users/{own_clinic.other_doctor.user_id}", {"disabled": True})

    withdrawn = sharing(own_clinic)["withdraw"](own_clinic.doctor, path_of(patient), shared.etag).ok()

    assert withdrawn.body["shared_with"] == []


def test_search_tokens_follow_changes_and_sharing(own_clinic: TestClinic) -> None:
    patient = own_clinic.patient()
    path = path_of(patient)
    tokens = count_tokens(own_clinic, patient)

    shared = sharing(own_clinic)["share"](own_clinic.doctor, path, patient.etag).ok()
    with_two = count_tokens(own_clinic, patient)
    withdrawn = sharing(own_clinic)["withdraw"](own_clinic.doctor, path, shared.etag).ok()
    without = count_tokens(own_clinic, patient)
    own_clinic.doctor.put(path, OTHER, etag=withdrawn.etag).ok()

    assert len(with_two) * 2 == len(tokens) * 3, "one token set for the front desk and one per doctor"
    assert without == tokens < with_two
    assert len(count_tokens(own_clinic, patient) & tokens) == len({"front desk", "doctor"}) * len(
        {"any", "number", "id"}
    )
