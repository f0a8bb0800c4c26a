"""Tokens: missing, malformed, revoked, and of disabled or deleted users."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from local.services.auth.client import create_account
from shared.records.types import new_id
from tests.api.conventions.helpers import bearer
from tests.support.audit import audit_of, new_trace
from tests.support.client import Reply
from tests.support.clinics import TestClinic
from tests.support.database import alter
from tests.support.scenarios import undo_sign_out


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer abc", "Basic dXNlcjpwYXNz", bearer(sub=None)])
def test_missing_or_malformed_token_is_unauthenticated(clinic: TestClinic, authorization: str) -> None:
    refused = clinic.doctor.get("/profile", Authorization=authorization).refused(401, "unauthenticated")

    assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_token_without_a_clinic_of_this_user_is_forbidden(clinic: TestClinic, other_clinic: TestClinic) -> None:
    stranger = new_id()
    create_account(clinic.stack.url, stranger, clinic.id)
    for claimed in (None, "", 7, "a/b", new_id(), other_clinic.id):
        authorization = bearer(sub=clinic.doctor.user_id, clinic=claimed)
        clinic.doctor.get("/profile", Authorization=authorization).refused(403, "forbidden")
    clinic.doctor.get("/profile", Authorization=bearer(sub=stranger, clinic=clinic.id)).refused(403, "forbidden")

    clinic.doctor.get("/profile", Authorization=bearer(sub=clinic.doctor.user_id, clinic=clinic.id)).ok()


def test_disabled_user_is_unauthenticated_from_the_next_request(own_clinic: TestClinic) -> None:
    trace, headers = new_trace()
    own_clinic.doctor.get("/profile").ok()

    alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"disabled": True})
    own_clinic.doctor.get("/profile", **headers).refused(401, "unauthenticated")

    assert [entry["outcome"] for entry in audit_of(own_clinic, trace)] == ["unauthenticated"]


def test_deleted_user_is_forbidden_from_the_next_request(own_clinic: TestClinic) -> None:
    alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"live": False})

    own_clinic.doctor.get("/profile").refused(403, "forbidden")


def test_token_issued_before_revocation_is_unauthenticated(own_clinic: TestClinic) -> None:
    now = int(time.time())
    revoked = datetime.fromtimestamp(now - 3600, UTC)
    undo_sign_out(own_clinic, own_clinic.doctor.user_id, revoked)
    own_clinic.stack.functions.kill("profile")  # it remembers the account

    def ask(issued: int) -> Reply:
        claims = {"sub": own_clinic.doctor.user_id, "clinic": own_clinic.id, "iat": issued, "auth_time": issued}
        return own_clinic.doctor.get("/profile", Authorization=bearer(**claims))

    ask(now - 3601).refused(401, "unauthenticated")
    ask(now - 3600).ok()


def test_removed_role_is_forbidden_from_the_next_request(own_clinic: TestClinic) -> None:
    session = own_clinic.session().body["id"]

    alter(own_clinic, f"users/{own_clinic.doctor.user_id}", {"roles": ["receptionist"]})

    own_clinic.doctor.get(f"/sessions/{session}").refused(403, "forbidden")
