"""Clinical tags: the patient's doctors see and find them, the front desk neither sees nor finds them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.client import ApiClient, Reply
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.patients import path_of
from tools import google_firestore

KINDS: list[dict[str, Any]] = [{}, {"kinds": ["clinical_tag"]}]


@pytest.fixture
def clinic(own_clinic: TestClinic) -> TestClinic:
    """Each test finds its own patient alone."""
    return own_clinic


@pytest.fixture
def patient(clinic: TestClinic) -> Reply:
    return clinic.doctor.post("/patients", {**NAMESAKE, "tags": ["evening"], "clinical_tags": ["HIV+"]}).ok(201)


def found(user: ApiClient, text: str, **kinds: Any) -> list[str]:
    items = user.post("/patients/search", {"text": text, **kinds}, key="").ok().body["items"]
    return [item["id"] for item in items]


@pytest.mark.parametrize("kinds", KINDS)
def test_only_doctors_of_the_patient_find_a_clinical_tag(
    clinic: TestClinic, patient: Reply, kinds: dict[str, Any]
) -> None:
    assert found(clinic.doctor, "hiv+", **kinds) == [patient.body["id"]]
    for other in (clinic.receptionist, clinic.admin, clinic.other_doctor):
        assert found(other, "HIV+", **kinds) == []

    clinic.doctor.put(f"{path_of(patient)}/doctors/{clinic.other_doctor.user_id}", None, etag=patient.etag).ok()

    assert found(clinic.other_doctor, "HIV+", **kinds) == [patient.body["id"]]


def test_receptionist_finds_administrative_tags_and_sees_no_clinical_ones(clinic: TestClinic, patient: Reply) -> None:
    desk = clinic.receptionist

    assert found(desk, "evening", kinds=["tag"]) == found(desk, "evening") == [patient.body["id"]]
    assert found(clinic.doctor, "evening", kinds=["clinical_tag"]) == found(clinic.doctor, "HIV+", kinds=["tag"]) == []
    seen = desk.get(path_of(patient)).ok()
    assert "clinical_tags" not in seen.body
    assert "HIV+" not in seen.content.decode()
    assert seen.body["tags"] == ["evening"]
    assert clinic.admin.get(path_of(patient)).ok().body["clinical_tags"] == ["HIV+"]


def test_receptionist_neither_writes_nor_loses_clinical_tags(clinic: TestClinic, patient: Reply) -> None:
    desk, path = clinic.receptionist, path_of(patient)
    new = {**NAMESAKE, "owner_id": clinic.doctor.user_id, "clinical_tags": ["HIV+"]}

    desk.post("/patients", new).refused(403, "forbidden")
    desk.send("PATCH", path, {"clinical_tags": []}, etag=patient.etag).refused(403, "forbidden")
    desk.send("PATCH", path, {"tags": []}, etag=patient.etag).ok()

    assert clinic.doctor.get(path).ok().body["clinical_tags"] == ["HIV+"]


def test_stored_tokens_are_sorted_and_padded(clinic: TestClinic, patient: Reply) -> None:
    stored = google_firestore.client().document(f"clinics/{clinic.id}{path_of(patient)}").get().get("tokens")

    assert stored == sorted(set(stored))
    assert len(stored) == 2 * 64
