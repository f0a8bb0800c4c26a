"""Request bodies: JSON, media type and size."""

from __future__ import annotations

import json

import pytest

from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.problems import pointers


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"first_name": "\\ud800"}', b"[" * 100_000, b"{'a': 1}", b"{} {}"]
)
def test_malformed_json_is_a_bad_request(clinic: TestClinic, body: bytes) -> None:
    clinic.doctor.post("/patients", body).refused(400, "bad-request")


@pytest.mark.parametrize("body", [[], "text", 5, None])
def test_json_that_is_not_an_object_is_invalid(clinic: TestClinic, body: object) -> None:
    refused = clinic.doctor.post("/patients", json.dumps(body).encode()).refused(422, "invalid")

    assert pointers(refused) == {""}


def test_only_application_json_is_accepted(clinic: TestClinic) -> None:
    content = json.dumps(NAMESAKE).encode()

    for wrong in ("text/plain", "application/x-www-form-urlencoded", "application/json-patch+json"):
        clinic.doctor.post("/patients", content, **{"Content-Type": wrong}).refused(415, "unsupported-media-type")
    clinic.doctor.post("/patients", content, **{"Content-Type": "application/json; charset=utf-8"}).ok(201)


@pytest.mark.parametrize("size", [1_000_001, 8_000_000])
def test_body_over_one_megabyte_is_too_large(clinic: TestClinic, size: int) -> None:
    clinic.doctor.post("/patients", b" " * size).refused(413, "too-large")
