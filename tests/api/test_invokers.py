"""Job functions of the running stack refuse a delivery without the identity token of their trigger (finding S22)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest

from infra import catalogue
from infra.catalogue import EventFunction, HttpFunction, TaskFunction
from local.services.functions.responses import Response
from local.services.iam.service import IamService
from local.services.kit.identity import trigger_account
from local.stack.stack import Stack

CATALOGUE = catalogue.load()
JOBS = [name for name, function in CATALOGUE.functions.items() if not isinstance(function, HttpFunction)]
TASKS = [function.service for function in CATALOGUE.of_kind(TaskFunction)]


def attributes(name: str) -> list[tuple[str, str]]:
    """The headers of a delivery that the function would handle."""
    function = CATALOGUE.functions[name]
    if not isinstance(function, EventFunction):
        return [("Content-Type", "application/json")]
    return [
        ("ce-id", "forged"),
        ("ce-type", function.event),
        ("ce-source", "//forged"),
        ("ce-specversion", "1.0"),
        ("ce-subject", "documents/clinics/aster/sessions/nothing"),
        ("Content-Type", "application/json"),
    ]


def deliver(stack: Stack, name: str, authorization: str | None) -> Response:
    headers = attributes(name)
    if authorization is not None:
        headers.append(("Authorization", authorization))
    body = {"clinic_id": "aster", "name": "clinics/aster/recordings/nothing"}
    return stack.functions.request(name, "POST", "/", headers, json.dumps(body).encode())


@pytest.mark.parametrize("name", JOBS)
def test_a_delivery_with_another_identity_is_refused_without_effect(stack: Stack, name: str) -> None:
    iam, kind = stack.service(IamService).endpoint, CATALOGUE.functions[name].kind
    other = next(job for job in JOBS if CATALOGUE.functions[job].kind != kind)
    own_url = f"{stack.url}/_functions/{CATALOGUE.functions[name].service}"
    elsewhere = iam.identity_token(trigger_account(kind), stack.url)
    stack.wait_idle()
    before = stack.recorder.mark()

    assert deliver(stack, name, None).status == 401
    assert deliver(stack, name, "Bearer owner").status == 401
    assert deliver(stack, name, stack.authorization(other)[1]).status == 401, "the token of another function"
    assert deliver(stack, name, f"Bearer {elsewhere}").status == 401, "the right account, for another address"
    refused = deliver(stack, name, f"Bearer {iam.identity_token(trigger_account('other'), own_url)}")

    assert refused.status == 403
    assert dict(refused.headers)["Content-Type"] == "application/problem+json"
    assert [call for call in stack.recorder.calls(since=before) if call.caller == name] == []


@pytest.mark.parametrize("service", TASKS)
def test_the_gateway_s_task_address_refuses_a_task_without_a_token(stack: Stack, service: str) -> None:
    task = json.dumps({"clinic_id": "aster", "report_id": "x", "attempt": 1}).encode()
    request = urllib.request.Request(f"{stack.url}/_functions/{service}", task, method="POST")

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)

    assert refused.value.code == 401
