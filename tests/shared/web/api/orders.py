"""A resource with operations of all kinds, and requests to it. No I/O but for the look-up of the account."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import flask
from pydantic import Field

from local.demo.seed import token
from local.services.kit.identity import unsigned_jwt
from shared.records.conflict_codes import ConflictCode
from shared.records.page import PageQuery, PageToken
from shared.records.patients.details import BirthDate
from shared.records.problems import Conflict, NotFound, PreconditionFailed, Unavailable
from shared.records.record import Value
from shared.records.types import Moment, Role, Zone
from shared.store.clinic import Clinic
from shared.web.api import Api
from shared.web.operations import ANYONE, DOCTORS

TRACE = "0af7651916cd43dd8448eb211c80319c"
ORIGIN = "https://app.clinic.example"


class Part(Value):
    count: int


class Order(Value):
    name: str = Field(min_length=1)
    parts: list[Part] = []
    zone: Zone | None = None
    born: BirthDate | None = None


class Seen(Value):
    """The arguments of the handler."""

    clinic: str
    user: str
    roles: list[Role]
    if_match: int | None
    key: str | None
    request_id: str
    name: str = ""


class Address(Value):
    """The client address in the handler's context."""

    address: str


api = Api("orders")
further = Api("orders")
"""As in a further module of the function."""


def seen(clinic: Clinic, name: str = "") -> Seen:
    clinic.visibility.narrow(clinical=False)  # as Clinic.perform does
    return Seen(
        clinic=clinic.id,
        user=clinic.context.caller.user_id,
        roles=sorted(clinic.context.caller.allowed),
        if_match=clinic.context.if_match,
        key=clinic.context.idempotency.key if clinic.context.idempotency else None,
        request_id=clinic.context.origin.request_id,
        name=name,
    )


@api.get("/{id}", roles=ANYONE)
def get(clinic: Clinic, id: str) -> Seen:
    return seen(clinic, id)


@api.post("/", roles=DOCTORS, status=201)
def create(clinic: Clinic, new: Order) -> Seen:
    return seen(clinic, new.name)


@api.put("/{id}", roles=DOCTORS)
def change(clinic: Clinic, id: str, new: Order) -> Seen:
    return seen(clinic, new.name)


@api.post("/{id}/fail", roles=ANYONE, requires_idempotency_key=False)
def fail(clinic: Clinic, id: str) -> Seen:
    raise {
        "conflict": Conflict(ConflictCode.REPORT_SIGNED, "it is closed"),
        "stale": PreconditionFailed(),
        "busy": Unavailable(),
        "gone": NotFound(),
    }.get(id, RuntimeError("Asha Rao, +919845012345"))


@api.get("/{id}/address", roles=ANYONE)
def address(clinic: Clinic, id: str) -> Address:
    clinic.visibility.narrow(clinical=False)
    return Address(address=clinic.context.origin.address)


@api.get("/{id}/unperformed", roles=ANYONE)
def unperformed(clinic: Clinic, id: str) -> Address:
    return Address(address=id)


class Choice(PageQuery):
    """Filters of a list."""

    created_from: Moment | None = None
    like: PageToken | None = None


@further.get("/{id}/parts", roles=ANYONE)
def parts(clinic: Clinic, id: str, choice: Choice) -> Seen:
    return seen(clinic, id)


api.include(further)


def send(method: str, path: str, body: object = None, *, bearer: str | None = "", **headers: str) -> flask.Response:
    """Send a request; by default as a signed-in doctor."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if bearer is not None:
        sent["Authorization"] = f"Bearer {bearer or token('doctor-1', 'aster')}"
    content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    kind = sent.pop("Content-Type", "application/json") if content is not None else None
    app = flask.Flask("orders")
    with app.test_request_context(
        f"/api/v1{path}", method=method, data=content, content_type=kind, headers=sent
    ) as context:
        return api.handle(context.request)


def altered(**claims: object) -> str:
    """An unsigned token with these claims; None leaves one out."""
    payload = token("doctor-1", "aster").split(".")[1]
    usual = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return unsigned_jwt({name: value for name, value in {**usual, **claims}.items() if value is not None})


def post(body: object, **headers: str) -> flask.Response:
    return send("POST", "/orders/", body, **{"Idempotency_Key": "a-fresh-key", **headers})


def problem(response: flask.Response) -> dict[str, Any]:
    """The body of a problem response, checked against the form of RFC 9457."""
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = json.loads(response.get_data())
    assert body["status"] == response.status_code
    assert re.fullmatch(r"urn:synapseai:problem:[a-z-]+", body["type"])
    assert body["title"]
    assert body["trace_id"] == response.headers["X-Request-Id"]
    return body


def pointers(response: flask.Response) -> list[str]:
    assert response.status_code == 422
    return [error["pointer"] for error in problem(response)["errors"]]
