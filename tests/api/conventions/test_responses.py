"""Responses: unknown paths and methods, problems, headers, CORS, and the OpenAPI schemas."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from openapi_schema_validator import OAS31Validator

from local.demo.people import PROFILE
from shared.records.types import new_id
from tests.api.conventions.helpers import ORIGIN, bearer
from tests.support.audit import new_trace
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.database import end_session, plant_report, plant_transcription
from tools.openapi.document import document


def test_unknown_path_is_not_found(clinic: TestClinic) -> None:
    for path in ("/patients/a/b", "/sessions/a/b", "/transcriptions", "/bills/a/b/c", "/profile/x"):
        clinic.doctor.get(path).refused(404, "not-found")
    clinic.doctor.get("/unknown").refused(404, "not-found")


def test_unsupported_method_is_refused_with_an_allow_header(clinic: TestClinic) -> None:
    on_collection = clinic.doctor.delete("/patients").refused(405, "method-not-allowed")
    on_item = clinic.doctor.post(f"/sessions/{new_id()}", {}).refused(405, "method-not-allowed")

    assert on_collection.headers["Allow"] == "GET, HEAD, POST"
    assert on_item.headers["Allow"] == "DELETE, GET, HEAD, PATCH, PUT"


REFUSALS: dict[int, Callable[[ApiClient, dict[str, str]], Reply]] = {
    400: lambda user, headers: user.post("/patients", b"{", **headers),
    401: lambda user, headers: user.get("/profile", **headers, Authorization="Bearer x"),
    403: lambda user, headers: user.get("/profile", **headers, Authorization=bearer(sub="nobody")),
    404: lambda user, headers: user.get(f"/patients/{new_id()}", **headers),
    405: lambda user, headers: user.send("DELETE", "/profile", **headers),
    412: lambda user, headers: user.put("/profile", PROFILE, etag='"9"', **headers),
    413: lambda user, headers: user.put("/profile", b" " * 1_000_001, etag='"1"', **headers),
    415: lambda user, headers: user.put("/profile", b"x", **{"Content-Type": "text/csv"}, **headers),
    422: lambda user, headers: user.put("/profile", {}, etag='"1"', **headers),
    428: lambda user, headers: user.put("/profile", PROFILE, **headers),
}


@pytest.mark.parametrize("status", REFUSALS)
def test_problem_contains_the_trace_id_of_its_request(clinic: TestClinic, status: int) -> None:
    trace, headers = new_trace()

    refused = REFUSALS[status](clinic.doctor, headers)

    assert refused.status == refused.body["status"] == status
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["trace_id"] == refused.headers["X-Request-Id"] == trace
    assert refused.body["type"].startswith("urn:synapseai:problem:")
    assert refused.headers["Cache-Control"] == "no-store"
    assert conforms(refused, "ProblemDetails")


def test_request_without_a_valid_traceparent_gets_a_new_trace_id(clinic: TestClinic) -> None:
    malformed = clinic.doctor.get("/profile", traceparent="00-zz-1-01").ok()
    missing = clinic.doctor.get("/profile").ok()

    traces = {malformed.headers["X-Request-Id"], missing.headers["X-Request-Id"]}
    assert [len(bytes.fromhex(trace)) for trace in traces] == [16, 16]


def test_response_forbids_caching_and_sniffing(clinic: TestClinic) -> None:
    response = clinic.doctor.get("/profile").ok()

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers


def test_cors_allows_only_configured_origins(clinic: TestClinic) -> None:
    request = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "if-match"}
    preflight = clinic.doctor.send("OPTIONS", "/profile", Authorization="", Origin=ORIGIN, **request).ok(204)
    foreign = clinic.doctor.send("OPTIONS", "/profile", Authorization="", Origin="https://evil.example", **request)
    read = clinic.doctor.get("/profile", Origin=ORIGIN).ok()
    refused = clinic.doctor.get(f"/patients/{new_id()}", Origin=ORIGIN).refused(404, "not-found")
    foreign_suffix = clinic.doctor.get("/profile", Origin=f"{ORIGIN}.evil.example").ok()

    for allowed in (preflight, read, refused):
        assert allowed.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Origin" in allowed.headers["Vary"]
    assert {"PUT", "DELETE"} <= set(preflight.headers["Access-Control-Allow-Methods"].split(", "))
    assert {"If-Match", "Idempotency-Key"} <= set(preflight.headers["Access-Control-Allow-Headers"].split(", "))
    assert "ETag" in read.headers["Access-Control-Expose-Headers"]
    for other in (foreign, foreign_suffix):
        assert not any(name.lower().startswith("access-control-allow") for name in other.headers)


def conforms(reply: Reply, name: str) -> bool:
    """True. Raises ValidationError if the body differs from its OpenAPI schema or has an additional field."""
    schema = {
        "$ref": f"#/components/schemas/{name}",
        "unevaluatedProperties": False,
        "components": document()["components"],
    }
    OAS31Validator(schema).validate(reply.body)
    return True


def test_responses_match_the_openapi_schemas(clinic: TestClinic) -> None:
    session = clinic.session()
    report = plant_report(clinic, session.body["id"])
    transcription = plant_transcription(clinic, session.body["id"])
    upload = {"content_type": "audio/flac", "size_bytes": 9}

    assert conforms(session, "Session")
    assert conforms(clinic.doctor.get(f"/patients/{session.body['patient_id']}"), "Patient")
    assert conforms(clinic.receptionist.get(f"/patients/{session.body['patient_id']}"), "Patient")
    assert conforms(clinic.doctor.get("/profile"), "UserProfile")
    assert conforms(clinic.doctor.get(f"/transcriptions/{transcription}"), "TranscriptionDetail")
    assert conforms(clinic.doctor.post(f"/sessions/{session.body['id']}/recordings", upload), "RecordingDetail")
    end_session(clinic, session.body["id"])
    assert conforms(clinic.doctor.post(f"/reports/{report}/sign", {}, etag='"1"').ok(), "Report")
    assert conforms(clinic.doctor.post("/patients", {"first_name": ""}), "ProblemDetails")
