"""Who may call a job function: the identity token of a delivery (security finding S22)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import flask
import pytest
from cloudevents.http import CloudEvent
from flask import Request, Response
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from local.services.kit.identity import trigger_account, unsigned_jwt
from shared import settings
from shared.gateways import certificates
from shared.records.problems import Forbidden, Unauthenticated, Unavailable
from shared.web import logs
from shared.web.triggers import TaskBody, on_document_written, on_object_finalized, on_schedule, on_task_dispatched
from shared.workflows import invoker
from tests.support import invokers

NOW = int(time.time())
MARKER = "SIGNATURE_REMOVED_BY_GOOGLE"
HASHED = "https://look-ab12cd34ef-el.a.run.app"


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a function; its logs stay with pytest."""
    monkeypatch.setattr(logs, "configure", lambda: None)
    with invokers.expected():
        yield


def reasons(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The reasons of the security events."""
    return [str(vars(record)["reason"]) for record in caplog.records if record.name == "synapse.security"]


def stripped(token: str) -> str:
    """The token as Cloud Run passes it on."""
    return f"{token.rpartition('.')[0]}.{MARKER}"


@pytest.mark.parametrize(
    "audience", [invokers.AUDIENCE, f"{invokers.AUDIENCE}/", HASHED, f"{HASHED}?__GCP_CloudEventsMode=GCS_NOTIFICATION"]
)
def test_a_genuine_token_is_accepted(audience: str, caplog: pytest.LogCaptureFixture) -> None:
    invoker.admit(f"Bearer {invokers.token({'aud': audience})}")

    assert reasons(caplog) == []


@pytest.mark.parametrize(
    ("authorization", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("Basic YTpi", "malformed"),
        ("Bearer", "malformed"),
        ("Bearer x.y.z", "malformed"),
        ("Bearer é", "malformed"),
        (f"Bearer {'a' * 100_000}", "malformed"),
        (f"Bearer {unsigned_jwt({'iat': NOW, 'exp': NOW + 3600, 'aud': invokers.AUDIENCE})}", "algorithm"),
    ],
    ids=["none", "empty", "basic", "no token", "no JWT", "no ASCII", "too long", "unsigned"],
)
def test_no_token_is_401(authorization: str | None, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unauthenticated):
        invoker.admit(authorization)

    assert reasons(caplog) == [reason]


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("aud", "https://bills-123456789.asia-south1.run.app", "audience"),
        ("aud", f"{invokers.AUDIENCE}/other", "audience"),
        ("aud", "http://look-123456789.asia-south1.run.app", "audience"),
        ("aud", "https://look-more-ab12cd34ef-el.a.run.app", "audience"),
        ("aud", "https://look-ab12cd34ef-el.a.run.app.example.org", "audience"),
        ("aud", "https://[", "audience"),
        ("aud", [invokers.AUDIENCE], "audience"),
        ("aud", None, "audience"),
        ("exp", 1_700_000_000, "expired"),
        ("iat", 7_000_000_000, "expired"),
        ("exp", "never", "malformed"),
        ("exp", None, "malformed"),
        ("iss", "https://securetoken.google.com/other", "issuer"),
        ("iss", ["https://accounts.google.com"], "issuer"),
        ("iss", None, "issuer"),
    ],
)
def test_a_token_for_something_else_is_401(
    claim: str, value: object, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unauthenticated):
        invoker.admit(f"Bearer {invokers.token({claim: value})}")

    assert reasons(caplog) == [reason]


@pytest.mark.parametrize(
    ("claim", "value", "reason"),
    [
        ("email", trigger_account("event"), "account"),
        ("email", "trigger-tasks@another.iam.gserviceaccount.com", "account"),
        ("email", None, "account"),
        ("email_verified", False, "email_unverified"),
        ("email_verified", "true", "email_unverified"),
        ("email_verified", None, "email_unverified"),
    ],
)
def test_another_account_is_403(claim: str, value: object, reason: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Forbidden):
        invoker.admit(f"Bearer {invokers.token({claim: value})}")

    assert reasons(caplog) == [reason]


def test_a_token_signed_with_another_key_is_401(caplog: pytest.LogCaptureFixture) -> None:
    other, known_id = invokers.another_issuer().signer, invokers.issuer().signer.key_id

    for key_id in (other.key_id, known_id):
        with pytest.raises(Unauthenticated):
            invoker.admit(f"Bearer {invokers.token(signer=other, key_id=key_id)}")

    assert reasons(caplog) == ["unknown_key", "signature"]


def test_a_token_without_its_signature_is_accepted_on_cloud_run_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent = f"Bearer {stripped(invokers.token())}"
    with pytest.raises(Unauthenticated):
        invoker.admit(sent)
    assert len(reasons(caplog)) == 1

    monkeypatch.setattr(settings, "on_cloud_run", lambda: True)
    monkeypatch.setattr(settings, "refuse_local_endpoints_in_the_cloud", lambda: None)

    invoker.admit(sent)


@pytest.mark.parametrize(
    ("claim", "value", "error"),
    [
        ("email", trigger_account("schedule"), Forbidden),
        ("aud", "https://example.org", Unauthenticated),
        ("exp", 1_700_000_000, Unauthenticated),
        ("iss", "https://example.org", Unauthenticated),
    ],
)
def test_the_claims_of_a_token_without_its_signature_are_checked(
    claim: str, value: object, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "on_cloud_run", lambda: True)
    monkeypatch.setattr(settings, "refuse_local_endpoints_in_the_cloud", lambda: None)

    with pytest.raises(error):
        invoker.admit(f"Bearer {stripped(invokers.token({claim: value}))}")


def test_the_certificates_are_fetched_once_however_many_forged_tokens_come(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched: list[str] = []
    fetch = certificates._fetch

    def counted(url: str) -> tuple[Mapping[str, str], int]:
        fetched.append(url)
        return fetch(url)

    monkeypatch.setattr(certificates, "_fetch", counted)
    other = invokers.another_issuer().signer

    for _ in range(3):
        invoker.admit(invokers.authorization())
        with pytest.raises(Unauthenticated):
            invoker.admit(f"Bearer {invokers.token(signer=other, key_id=other.key_id)}")

    assert len(fetched) == 1


def test_a_delivery_is_repeated_while_the_certificates_cannot_be_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CERTIFICATES_ENDPOINT", "http://127.0.0.1:9/certs")
    invokers.forget()

    with pytest.raises(Unavailable):
        invoker.admit(invokers.authorization())


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_text_is_refused_without_an_error(text: str) -> None:
    with pytest.raises(Unauthenticated):
        invoker.admit(f"Bearer {text}")


def call_task() -> Response:
    return _call(on_task_dispatched(TaskBody, lambda clinic, task, delivery: pytest.fail("was handled")))


def call_schedule() -> Response:
    return _call(on_schedule(lambda cause: pytest.fail("was handled")))


def call_document() -> Response:
    attributes = {"type": "t", "source": "//s", "subject": "documents/clinics/aster/sessions/s"}
    return _emit(on_document_written(lambda clinic, id: pytest.fail("was handled")), CloudEvent(attributes, None))


def call_object() -> Response:
    entrance = on_object_finalized(lambda clinic, name: pytest.fail("was handled"), pytest.fail)
    return _emit(entrance, CloudEvent({"type": "t", "source": "//s"}, {"name": "stray"}))


def _call(entrance: Callable[[Request], Response]) -> Response:
    body = json.dumps({"clinic_id": "aster"})
    with flask.Flask("jobs").test_request_context("/", method="POST", data=body) as context:
        return entrance(context.request)


def _emit(entrance: Callable[[Any], None], event: CloudEvent) -> Response:
    with flask.Flask("events").test_request_context("/", method="POST"), pytest.raises(HTTPException) as refused:
        entrance(event)
    response = refused.value.response
    assert isinstance(response, Response)
    return response


@pytest.mark.parametrize("call", [call_task, call_schedule, call_document, call_object])
def test_every_kind_of_delivery_without_a_token_is_refused_without_effect(
    call: Callable[[], Response],
) -> None:
    refused = call()

    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert refused.content_type == "application/problem+json"
