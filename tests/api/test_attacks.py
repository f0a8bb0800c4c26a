"""Attacks of a signed-in person, and of a writer of the database without a key, that must stay without effect."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.cloud import firestore

from local.services.auth.client import create_account
from local.stack.stack import Stack
from shared.gateways import accounts
from shared.records.problems import RecordUnreadable
from shared.records.types import Role, new_id
from shared.store.clinic import system_clinic
from shared.workflows.clinic import account_sync
from tests.support.client import ApiClient, Reply, upload
from tests.support.clinics import PATIENT, TestClinic
from tests.support.operation_cases import operations, prepare
from tests.support.scenarios import Person, Scenario, new_scenario
from tests.support.server_fields import SERVER_FIELDS
from tools import google_firestore

ORIGIN = "http://localhost:3000"
BODIES = sorted(name for name, operation in operations().items() if operation.body)


def raw(client: ApiClient, method: str, target: str, **headers: str) -> Reply:
    """The response to a request whose target is sent as it is: an HTTP client would normalise it."""
    place = urlsplit(client.base)
    sent = {"Host": place.netloc, "Authorization": f"Bearer {client.token}", "Connection": "close", **headers}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name.replace('_', '-')}: {value}" for name, value in sent.items())]
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=60) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        return Reply(response.status, response.headers, response.read())


# Paths

TARGETS = [
    "/api/v1/patients/..%2f..%2fclinics%2f{clinic}%2fpatients%2f{id}",
    "/api/v1/patients/../../clinics/{clinic}/patients/{id}",
    "/api/v1/patients/%2e%2e/%2e%2e/{clinic}/patients/{id}",
    "/api/v1/patients/..%5c{id}",
    "/api/v1/patients/{id}%00",
    "/api/v1/patients/%00{id}",
    "/api/v1/patients//{id}",
    "//api/v1/patients/{id}",
    "/api/v1//patients/{id}",
    "/api/v1/patients/{id}%0d%0aX-Injected:%20yes",
    "/api/v1/patients/{id}?clinic={clinic}",
    "/api/v1/patients/{id}?clinic_id={clinic}",
    "/api/v1/patients/{id};clinic={clinic}",
    "/api/v1/patients/{id}#{clinic}",
    "/api/v1/clinics/{clinic}/patients/{id}",
    "/{clinic}/api/v1/patients/{id}",
]


@pytest.mark.parametrize("target", TARGETS)
def test_no_form_of_a_path_leads_into_another_clinic(
    clinic: TestClinic, foreign_patient: tuple[TestClinic, str], target: str
) -> None:
    foreign, patient = foreign_patient

    response = raw(clinic.admin, "GET", target.format(clinic=foreign.id, id=patient), X_Clinic_Id=foreign.id)

    assert response.status in (400, 404, 422)
    assert "X-Injected" not in response.headers
    assert PATIENT["last_name"].encode() not in response.content


@pytest.fixture(scope="module")
def foreign_patient(other_clinic: TestClinic) -> tuple[TestClinic, str]:
    """A patient of another clinic, which can read them by the plain path."""
    patient = str(other_clinic.patient().body["id"])
    response = raw(other_clinic.doctor, "GET", f"/api/v1/patients/{patient}")
    assert response.status == 200
    return other_clinic, patient


@pytest.mark.parametrize(
    "target",
    [
        "/docs/..%2f..%2f..%2fetc%2fpasswd",
        "/docs/../../../../etc/passwd",
        "/docs/%2e%2e/%2e%2e/main.py",
        "/docs/..%5c..%5cmain.py",
        "/docs//etc/passwd",
        "/docs/openapi.json%00.js",
    ],
)
def test_docs_serve_no_other_file(clinic: TestClinic, target: str) -> None:
    response = raw(clinic.doctor, "GET", f"/api/v1{target}")

    assert (response.status, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_docs_page_takes_no_address_of_a_document_from_the_url(clinic: TestClinic) -> None:
    evil = "https://evil.example/openapi.json"
    plain = clinic.doctor.get("/docs").ok()
    asked = clinic.doctor.get(f"/docs?url={evil}&configUrl={evil}").ok()

    assert asked.content == plain.content
    assert b"queryConfigEnabled" not in plain.content


# Methods and origins


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT", "TRACK", "MOVE"])
def test_unusual_method_is_refused_and_echoes_nothing(clinic: TestClinic, method: str) -> None:
    response = raw(clinic.doctor, method, "/api/v1/profile", X_Marker="mirrored")

    assert response.status in (400, 404, 405, 501)
    assert b"mirrored" not in response.content
    assert clinic.doctor.token.encode() not in response.content


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_header_does_not_override_the_method(clinic: TestClinic, header: str) -> None:
    patient = clinic.patient()
    path = f"/patients/{patient.body['id']}"

    clinic.doctor.send("GET", f"{path}?_method=DELETE", etag=patient.etag, **{header: "DELETE"})
    clinic.doctor.send("POST", path, {}, etag=patient.etag, **{header: "DELETE"}).refused(405, "method-not-allowed")

    assert clinic.doctor.get(path).ok().body == patient.body


@pytest.mark.parametrize(
    "origin",
    ["null", "*", f"{ORIGIN}.evil.example", ORIGIN.upper(), f"{ORIGIN}/", f"{ORIGIN}1", "http://localhost", "file://"],
)
def test_no_other_origin_is_allowed_and_cookies_never(clinic: TestClinic, origin: str) -> None:
    for method in ("GET", "OPTIONS"):
        response = raw(clinic.doctor, method, "/api/v1/profile", Origin=origin)

        names = {name.lower() for name in response.headers}
        assert not {name for name in names if name.startswith("access-control-allow")}
        assert "set-cookie" not in names


# Mass assignment


@pytest.fixture(scope="module")
def scenario(stack: Stack) -> Iterator[Scenario]:
    with new_scenario(stack) as scenario:
        yield scenario


@pytest.mark.parametrize("name", BODIES)
def test_operation_refuses_every_field_of_the_server_by_name(scenario: Scenario, name: str) -> None:
    operation, clinic = operations()[name], scenario.clinic
    client, role = (clinic.doctor, Role.DOCTOR) if Role.DOCTOR in operation.roles else (clinic.admin, Role.ADMIN)
    request = prepare(name, scenario, Person(role.value, client.user_id, clinic, frozenset({role})))
    planted = replace(request, body={**(request.body or {}), **dict.fromkeys(SERVER_FIELDS)})

    refused = planted.send(client, name, operation).refused(422, "invalid")

    assert {f"/{field}" for field in SERVER_FIELDS} <= {error["pointer"] for error in refused.body["errors"]}


# Documents moved by a writer of the database


def place(clinic: TestClinic, path: str) -> Any:
    return google_firestore.client().document(f"clinics/{clinic.id}/{path}")


def content(clinic: TestClinic, path: str) -> dict[str, Any]:
    stored: dict[str, Any] | None = place(clinic, path).get().to_dict()
    assert stored is not None
    return stored


@pytest.mark.parametrize("collections", [["patients"], ["patients", "patient_keys"]], ids="+".join)
@pytest.mark.parametrize("foreign", [False, True], ids=["same clinic", "other clinic"])
def test_documents_of_another_patient_do_not_open_in_their_place(
    clinic: TestClinic, other_clinic: TestClinic, collections: list[str], foreign: bool
) -> None:
    source = other_clinic if foreign else clinic
    mine, theirs = clinic.patient().body["id"], source.patient().body["id"]
    for collection in collections:
        place(clinic, f"{collection}/{mine}").set(content(source, f"{collection}/{theirs}"))
    place(clinic, f"patients/{mine}").update({"owner_id": clinic.doctor.user_id})

    clinic.doctor.get(f"/patients/{mine}").refused(500, "record-unreadable")


@pytest.mark.parametrize("foreign", [False, True], ids=["same clinic", "other clinic"])
def test_keys_of_another_patient_open_nothing(clinic: TestClinic, other_clinic: TestClinic, foreign: bool) -> None:
    source = other_clinic if foreign else clinic
    mine, theirs = clinic.patient().body["id"], source.patient().body["id"]
    place(clinic, f"patient_keys/{mine}").set(content(source, f"patient_keys/{theirs}"))
    clinic.doctor.get(f"/patients/{mine}").ok()

    place(clinic, f"patients/{mine}").update({"care": firestore.DELETE_FIELD})

    clinic.doctor.get(f"/patients/{mine}").refused(500, "record-unreadable")


def test_patient_of_another_clinic_does_not_open_with_the_documents_of_that_clinic(
    clinic: TestClinic, other_clinic: TestClinic
) -> None:
    theirs = other_clinic.patient().body["id"]
    for collection in ("patients", "patient_keys"):
        place(clinic, f"{collection}/{theirs}").set(content(other_clinic, f"{collection}/{theirs}"))
    place(clinic, f"patients/{theirs}").update({"owner_id": clinic.doctor.user_id})

    clinic.doctor.get(f"/patients/{theirs}").refused(500, "record-unreadable")


def test_planted_user_document_does_not_route_a_free_account(clinic: TestClinic, other_clinic: TestClinic) -> None:
    free = new_id()
    create_account(clinic.stack.url, free, "")
    planted = place(clinic, f"users/{free}")
    planted.set({**content(other_clinic, f"users/{other_clinic.admin.user_id}"), "id": free})
    try:
        with pytest.raises(RecordUnreadable):
            account_sync.follow(system_clinic(clinic.id, "planted"), free)
        ApiClient(clinic.stack.url, free, clinic.id).get("/patients").refused(500, "record-unreadable")
    finally:
        planted.delete()

    account = accounts.find(free)
    assert account is not None
    assert account.clinic_id == ""


# Uploads


def test_recording_that_is_longer_than_announced_is_not_transcribed(clinic: TestClinic) -> None:
    session = clinic.session().body["id"]
    announced = {"content_type": "audio/flac", "size_bytes": 1_000}
    opened = clinic.doctor.post(f"/sessions/{session}/recordings", announced).ok(201)

    status = upload(opened.body["upload_url"], b"x" * 2_000, "audio/flac")

    assert status // 100 == 4
    (recording,) = clinic.doctor.get(f"/sessions/{session}/recordings").ok().body["items"]
    assert recording["status"] == opened.body["status"]
    clinic.doctor.get(f"/sessions/{session}/transcription").refused(404, "none-yet")


@pytest.mark.parametrize("field", ["object_name", "bucket", "upload_url", "audio_file_url", "id"])
def test_upload_takes_no_place_from_the_client(clinic: TestClinic, field: str) -> None:
    session = clinic.session().body["id"]
    announced = {"content_type": "audio/flac", "size_bytes": 1_000, field: "gs://elsewhere/clinics"}

    clinic.doctor.post(f"/sessions/{session}/recordings", announced).refused(422, "invalid")
