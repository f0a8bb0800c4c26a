"""Patients in the form of the API, and requests that change them."""

from __future__ import annotations

from collections.abc import Callable

from shared.records.patients.patient import Patient
from shared.records.privacy import fields_of
from tests.support.client import ApiClient, Reply
from tests.support.clinics import NAMESAKE, PATIENT, TestClinic
from tools import google_firestore

BACKGROUND = {
    "blood_group": "AB-",
    "allergies": ["Penicillin", "Erdnüsse"],
    "medical_history": "Panic disorder since 2019.",
    "current_medications": ["Sertraline 50 mg"],
    "notes": "Prefers mornings.",
    "clinical_tags": ["panic"],
    "diagnoses": ["Panic disorder"],
}
DEMOGRAPHICS = {
    **PATIENT,
    "gender": "female",
    "secondary_phone": "+919845054321",
    "email": "zoe.fernandes@mail.example",
    "address": {
        "lines": ["4 Church Street"],
        "city": "Bengaluru",
        "region": "Karnataka",
        "postal_code": "560001",
        "country": "IN",
    },
    "occupation": "Teacher",
    "marital_status": "partnered",
    "preferred_language": "kn-IN",
    "emergency_contact": {"name": "Asha Rao", "phone": "+919845099999", "relationship": "sister"},
    "insurance": {"provider_name": "Star", "policy_number": "P-77", "group_number": None},
    "tags": ["anxiety group"],
}
CLINICAL = fields_of(Patient).clinical


EASTERNMOST, WESTERNMOST = "Pacific/Kiritimati", "Etc/GMT+12"


def path_of(patient: Reply) -> str:
    return f"/patients/{patient.body['id']}"


def in_zone(clinic: TestClinic, zone: str) -> None:
    """Change the clinic's time zone."""
    google_firestore.client().document("clinics", clinic.id).update({"time_zone": zone})


def registered_for(doctor: ApiClient, *, by: ApiClient, **values: object) -> Reply:
    """A new patient of the doctor, registered by another user."""
    return by.post("/patients", {**NAMESAKE, "owner_id": doctor.user_id, **values}).ok(201)


def listed(client: ApiClient, query: str = "") -> list[str]:
    """The ids in the first page of a list."""
    return [patient["id"] for patient in client.get(f"/patients{query}").ok().body["items"]]


OTHER = {"first_name": "Asha", "last_name": "Rao", "date_of_birth": "1990-01-01", "primary_phone": "+919845054321"}


Change = Callable[[ApiClient, str, str], Reply]
"""A request of a user that changes the patient at a path, with an ETag."""
ALONE: dict[str, Change] = {
    "write": lambda user, path, etag: user.put(path, {**PATIENT, "occupation": "Baker"}, etag=etag),
    "change": lambda user, path, etag: user.send("PATCH", path, {"occupation": "Baker"}, etag=etag),
    "delete": lambda user, path, etag: user.delete(path, etag=etag),
}


def sharing(clinic: TestClinic) -> dict[str, Change]:
    """The changes of a patient's owner and sharing; they name the clinic's other doctor."""
    other = clinic.other_doctor.user_id
    return {
        "share": lambda user, path, etag: user.put(f"{path}/doctors/{other}", None, etag=etag),
        "share to write": lambda user, path, etag: user.put(f"{path}/doctors/{other}", {"level": "write"}, etag=etag),
        "withdraw": lambda user, path, etag: user.delete(f"{path}/doctors/{other}", etag=etag),
        "transfer": lambda user, path, etag: user.put(f"{path}/owner", {"owner_id": other}, etag=etag),
    }


OF_OWNERS = ["delete", "share", "withdraw", "transfer"]


def count_tokens(clinic: TestClinic, patient: Reply) -> set[bytes]:
    """The stored search tokens of the patient."""
    return set(google_firestore.client().document(f"clinics/{clinic.id}{path_of(patient)}").get().get("tokens"))
