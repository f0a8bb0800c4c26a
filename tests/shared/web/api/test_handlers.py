"""Handlers: their arguments, and the context and visibility of their clinic."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.store.clinic import Clinic, Visibility
from shared.web.signatures import read
from tests.shared.web.api.orders import Order, Part, Seen, api, post, send


def test_a_handler_gets_clinic_user_and_roles() -> None:
    response = send("GET", "/orders/o-1")

    body = json.loads(response.get_data())
    assert response.status_code == 200
    assert (body["clinic"], body["user"], body["name"]) == ("aster", "doctor-1", "o-1")
    assert set(body["roles"]) == {"admin", "doctor", "receptionist"}


def test_a_response_has_the_status_of_its_operation() -> None:
    response = post({"name": "x"})

    assert response.status_code == 201
    assert json.loads(response.get_data())["roles"] == ["doctor"]


def test_operations_of_a_further_module_are_served() -> None:
    response = send("GET", "/orders/o-1/parts")

    assert json.loads(response.get_data())["name"] == "o-1"
    assert {operation.name for operation in api.operations} >= {"get", "parts"}


def no_clinic(id: str) -> Seen:
    raise NotImplementedError


def two_bodies(clinic: Clinic, one: Order, other: Part) -> Seen:
    raise NotImplementedError


def a_parameter_from_nowhere(clinic: Clinic, page: str) -> Seen:
    raise NotImplementedError


@pytest.mark.parametrize("handler", [no_clinic, two_bodies, a_parameter_from_nowhere])
def test_a_handler_with_an_invalid_signature_is_refused(handler: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=handler.__name__):
        read("POST", "/{id}", handler)


def test_a_handler_without_a_transaction_fails() -> None:
    assert send("GET", "/orders/o-1/unperformed").status_code == 500


@pytest.mark.parametrize(("performed", "clinical"), [([True], True), ([True, False], False), ([False, True], False)])
def test_clinical_fields_are_shown_only_if_every_transaction_allows_it(performed: list[bool], clinical: bool) -> None:
    visibility = Visibility()
    for allowed in performed:
        visibility.narrow(clinical=allowed)

    assert visibility.clinical == clinical
