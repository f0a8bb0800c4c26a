"""ID tokens of requests: missing, malformed, and of users or clinics that cannot exist."""

from __future__ import annotations

import pytest

from local.demo.seed import token
from tests.shared.web.api.orders import altered, problem, send


@pytest.mark.parametrize("bearer", [None, "nonsense", "a.b.c"])
def test_a_missing_or_malformed_token_is_refused(bearer: str | None) -> None:
    assert problem(send("GET", "/orders/o-1", bearer=bearer))["type"].endswith(":unauthenticated")


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "token"])
def test_another_authorization_scheme_is_refused(authorization: str) -> None:
    assert send("GET", "/orders/o-1", bearer=None, Authorization=authorization).status_code == 401


@pytest.mark.parametrize("claim", [None, "x", "5", [], {}, 10**30, float("nan"), float("inf")])
def test_a_token_without_a_valid_time_of_issue_is_refused(claim: object) -> None:
    assert send("GET", "/orders/o-1", bearer=altered(iat=claim)).status_code == 401


@pytest.mark.parametrize("user", ["a/b", "..", "__x__", "a b", "é"])
def test_a_token_with_an_impossible_user_id_is_refused(user: str) -> None:
    assert send("GET", "/orders/o-1", bearer=altered(sub=user)).status_code == 401


@pytest.mark.parametrize("clinic", ["", "a/b", "../x", "a.b"])
def test_a_token_without_a_valid_clinic_is_forbidden(clinic: str) -> None:
    assert send("GET", "/orders/o-1", bearer=token("doctor-1", clinic)).status_code == 403
