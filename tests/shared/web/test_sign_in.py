"""What a token says about the sign-in behind it, and the challenges when that does not suffice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.demo.seed import token
from local.services.auth.tokens import id_token
from shared import settings
from shared.records.problems import FreshSignInRequired, Problem, SecondFactorRequired, Unauthenticated
from shared.records.types import Role
from shared.store.context import SYSTEM_CALLER, Caller
from shared.web import auth
from shared.web.response import problem_response

NOW = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CORS_ORIGINS", "")
    monkeypatch.setenv("SHOWN_RECORDS_PER_HOUR", "5000")
    monkeypatch.setenv("THREADS", "8")
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


def identity(**firebase: Any) -> auth.Identity:
    claims = {"clinic": "aster", "firebase": {"sign_in_provider": "password", **firebase}}
    return auth.identify(f"Bearer {id_token('doctor-1', claims, seconds=60)}")


def test_the_time_of_the_sign_in_is_that_of_the_token() -> None:
    an_hour_ago = int(datetime.now(UTC).timestamp()) - 3600

    found = auth.identify(f"Bearer {token('doctor-1', 'aster', signed_in_at=an_hour_ago)}")

    assert found.signed_in_at.timestamp() == an_hour_ago
    assert found.issued_at == found.signed_in_at, "a refreshed token is as old as its sign-in"


@pytest.mark.parametrize(("factor", "expected"), [("totp", True), ("phone", True), ("", False), (None, False)])
def test_a_second_factor_is_named_by_the_token(factor: str | None, expected: bool) -> None:
    assert identity(sign_in_second_factor=factor).second_factor is expected


@pytest.mark.parametrize("factor", [True, 1, ["totp"], {}])
def test_a_second_factor_of_another_form_is_none(factor: object) -> None:
    assert not identity(sign_in_second_factor=factor).second_factor


@pytest.mark.parametrize("firebase", [None, "totp", []])
def test_a_token_without_an_account_of_the_sign_in_has_no_second_factor(firebase: object) -> None:
    found = auth.identify(f"Bearer {id_token('doctor-1', {'clinic': 'aster', 'firebase': firebase}, seconds=60)}")

    assert not found.second_factor


@pytest.mark.parametrize(("seconds", "fresh"), [(0, True), (300, True), (300.001, False), (86_400, False)])
def test_a_sign_in_is_fresh_for_five_minutes(seconds: float, fresh: bool) -> None:
    caller = Caller("doctor-1", frozenset({Role.DOCTOR}), NOW, NOW - timedelta(seconds=seconds))

    if fresh:
        caller.require_fresh_sign_in(NOW)
    else:
        with pytest.raises(FreshSignInRequired):
            caller.require_fresh_sign_in(NOW)


def test_the_system_never_signed_in() -> None:
    with pytest.raises(FreshSignInRequired):
        SYSTEM_CALLER.require_fresh_sign_in(NOW)
    with pytest.raises(SecondFactorRequired):
        SYSTEM_CALLER.require_second_factor()


@pytest.mark.parametrize(
    ("problem", "challenge"),
    [
        (Unauthenticated(), "Bearer"),
        (FreshSignInRequired(), 'Bearer error="insufficient_user_authentication", max_age=300'),
        (SecondFactorRequired(), 'Bearer error="insufficient_user_authentication", acr_values="second_factor"'),
    ],
)
def test_a_refused_sign_in_names_what_would_suffice(problem: Problem, challenge: str) -> None:
    response = problem_response(problem, "trace")

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, challenge)
