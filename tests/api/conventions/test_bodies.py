"""Request bodies: JSON, media type and size."""

from __future__ import annotations

import json

import pytest

from shared.records.types import new_id
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


def test_a_missing_body_is_told_as_such(clinic: TestClinic) -> None:
    report = f"/reports/{new_id()}-{new_id(10)}-r1/sign"

    for path, etag in (("/patients", ""), (report, '"1"')):
        refused = clinic.doctor.post(path, etag=etag).refused(400, "bad-request")
        assert refused.body["detail"].startswith("a body is required: send application/json")


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b'{"first_name": "", "colour": "red"}', 400, {"/first_name", "/colour"}),
        (b"{", 400, set()),
        (b"", 400, set()),
        (b" " * 1_000_001, 413, set()),
    ],
)
def test_a_missing_key_is_named_with_everything_else_that_is_wrong(
    clinic: TestClinic, body: bytes, status: int, named: set[str]
) -> None:
    refused = clinic.doctor.post("/patients?zz=1", body, key="")

    assert refused.status == status
    assert pointers(refused) >= named | {"Idempotency-Key"}


def test_headers_and_body_are_refused_together(clinic: TestClinic) -> None:
    bill = f"/bills/{new_id()}-{new_id(10)}-bill/payment"

    missing = clinic.doctor.post(bill, {"amount": "much"}, key="").refused(428, "precondition-required")
    wrong = clinic.doctor.post(bill, {"amount": "much"}, etag="1", key="short").refused(400, "bad-request")

    for refused in (missing, wrong):
        assert pointers(refused) >= {"If-Match", "Idempotency-Key", "/amount"}
