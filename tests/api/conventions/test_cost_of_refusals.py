"""What a caller costs who is refused: the look at the caller, whatever the body holds."""

from __future__ import annotations

import json

import pytest

from bench.hostile_bodies import BODIES
from local.services.auth.client import create_account
from shared.records.types import new_id
from tests.api.conventions.helpers import bearer
from tests.support.audit import audit_of, new_trace, verify
from tests.support.call_counts import CountedCall, calls_during, calls_when_repeated, commit, reads
from tests.support.client import Reply
from tests.support.clinics import NAMESAKE, TestClinic
from tests.support.database import alter

LARGE = json.dumps({**NAMESAKE, "notes": "A long story. " * 1_000}).encode()
BODY_KINDS = ["many wrong items", "many unknown names", "deep lists", "one long text"]


@pytest.mark.parametrize("name", BODY_KINDS)
def test_an_unknown_caller_learns_nothing_about_the_body(clinic: TestClinic, name: str) -> None:
    stranger_id = new_id()
    create_account(clinic.stack.url, stranger_id, clinic.id)
    stranger = bearer(sub=stranger_id, clinic=clinic.id)
    calls = calls_during(
        clinic, "patients", lambda: _search(clinic, BODIES[name](), stranger).refused(403, "forbidden")
    )

    assert calls[-1] == commit(1)
    assert [call for call in calls if call[1] == "BatchGetDocuments"] in ([reads(1)], [reads(2)])


def test_a_caller_of_an_unknown_clinic_costs_one_read(clinic: TestClinic) -> None:
    authorization = bearer(sub=clinic.doctor.user_id, clinic=new_id())

    def ask() -> None:
        _search(clinic, BODIES["many wrong items"](), authorization).refused(403, "forbidden")

    assert calls_when_repeated(clinic, "patients", ask) == [reads(2)]


def test_a_disabled_caller_is_refused_before_the_body_is_parsed_and_audited(own_clinic: TestClinic) -> None:
    alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"disabled": True})

    for body in (b'{"text": 5}', BODIES["many wrong items"]()):
        trace, headers = new_trace()
        own_clinic.doctor.post("/patients/search", body, key="", **headers).refused(401, "unauthenticated")
        (entry,) = audit_of(own_clinic, trace)
        verify(own_clinic, entry)
        assert (entry["action"], entry["outcome"]) == ("request.admit", "unauthenticated")


def test_a_caller_without_the_role_learns_no_errors_of_the_body(clinic: TestClinic) -> None:
    path = f"/users/{clinic.doctor.user_id}/roles"

    clinic.receptionist.put(path, {"roles": "all"}, etag='"1"').refused(403, "forbidden")
    clinic.admin.put(path, {"roles": "all"}, etag='"1"').refused(422, "invalid")


def test_an_invalid_body_of_a_known_caller_costs_one_read(clinic: TestClinic) -> None:
    calls = calls_when_repeated(
        clinic, "patients", lambda: clinic.doctor.post("/patients", {"tags": 1}).refused(422, "invalid")
    )

    assert calls == [reads(2)]  # the caller and the stored response


def test_a_large_body_reads_no_document_twice(clinic: TestClinic) -> None:
    small = _registration(clinic, json.dumps(NAMESAKE).encode())
    large = _registration(clinic, LARGE)

    (first, second), writes = large[:2], large[2:]
    assert small == [reads(first[2] + second[2]), *writes]
    assert first == reads(2)  # the caller and the stored response


def test_a_repeated_large_request_is_answered_before_it_is_parsed(clinic: TestClinic) -> None:
    first = clinic.doctor.post("/patients", LARGE, key="a-large-registration").ok(201)
    again = clinic.doctor.post("/patients", LARGE, key="a-large-registration").ok(201)

    assert again.body == first.body
    assert again.headers["Idempotent-Replayed"] == "true"


def _registration(clinic: TestClinic, body: bytes) -> list[CountedCall]:
    return calls_when_repeated(clinic, "patients", lambda: clinic.doctor.post("/patients", body).ok(201))


def _search(clinic: TestClinic, body: bytes, authorization: str) -> Reply:
    return clinic.doctor.post("/patients/search", body, key="", Authorization=authorization)
