"""Two records of one person, and the requests that merge them."""

from __future__ import annotations

from typing import Any

from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.patients import path_of, registered_for

NAME = {"first_name": "Mahalakshmi", "last_name": "Venkataraman"}
TWIN = {**NAME, "primary_phone": "+919845011111", "allow_duplicate": True}


def twin(clinic: TestClinic, doctor: ApiClient | None = None, **values: Any) -> Reply:
    """Another record of the person, of the same doctor or another one."""
    fields = {**TWIN, "date_of_birth": "1988-11-23", "email": "lakshmi@mail.example", **values}
    return registered_for(doctor or clinic.doctor, by=clinic.admin, **fields)


def merge(client: ApiClient, survivor: Reply, other: Reply, **values: Any) -> Reply:
    """The answer to a merge of the other record into the surviving one, as both were answered last."""
    body = {"patient_id": other.body["id"], "patient_revision": other.body["revision"], **values}
    return client.post(f"{path_of(survivor)}/merge", body, etag=survivor.etag, key="")


def unmerge(client: ApiClient, survivor: Reply, other_id: str) -> Reply:
    return client.post(f"{path_of(survivor)}/unmerge", {"patient_id": other_id}, etag=survivor.etag, key="")


def found(client: ApiClient, text: str) -> list[str]:
    return [one["id"] for one in client.post("/patients/search", {"text": text}).ok().body["items"]]


def code(reply: Reply) -> str:
    return str(reply.refused(409, "conflict").body["code"])


def merged(clinic: TestClinic, survivor: Reply, other: Reply) -> Reply:
    """The surviving record after the merge, whatever was done with both meanwhile."""
    first, second = (clinic.admin.get(path_of(one)).ok() for one in (survivor, other))
    return merge(clinic.admin, first, second).ok()
