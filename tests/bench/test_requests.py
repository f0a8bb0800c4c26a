"""The benchmark of warm requests: each side answers, and each bound is enforced."""

from __future__ import annotations

import json
import re

import pytest

from bench.measure import broken
from bench.requests import measured, operations, postgres
from bench.requests.measured import BARE, OURS, POSTGRESQL, Measured
from bench.requests.operations import Prepared, registrations
from shared.records.patients.update import NewPatient
from tests.support.programs import run

_PREPARED = Prepared("a-patient", '"1"', "a-session", '"4"')


def test_bounds_are_those_of_the_kind_of_operation() -> None:
    bounds = {operation.name: operation.bound for operation in _PREPARED.operations()}

    assert len(bounds) == 10
    assert {name for name, bound in bounds.items() if bound == operations.READ} == {
        *("GET patient", "GET session", "GET report", "GET bill")
    }
    assert {name for name, bound in bounds.items() if bound == operations.WRITE} == {
        *("POST patient", "PATCH patient", "sign report")
    }
    assert {bound for name, bound in bounds.items() if "page" in name or "match" in name} == {operations.PAGE}


def test_a_request_is_compared_with_the_bare_handler_and_with_postgresql_where_it_is() -> None:
    seconds = {"GET patient": {OURS: 3.0, BARE: 2.0, POSTGRESQL: 2.5}, "GET bill": {OURS: 4.0, BARE: 2.0}}

    found = Measured(seconds, {"GET patient": 1.5, "GET bill": 1.5}).comparisons()

    assert [(one.name, one.ratio, one.bound) for one in found] == [
        ("GET patient, against the bare handler", 1.5, 1.5),
        ("GET patient, against Flask on PostgreSQL", 1.2, measured.FLASK),
        ("GET bill, against the bare handler", 2.0, 1.5),
    ]
    assert [one.name for one in broken(found)] == [found[1].name, found[2].name]


def test_registrations_are_valid_full_and_of_different_people() -> None:
    people = registrations()

    first, second = next(people), next(people)

    assert set(first) == operations.FIELDS
    assert NewPatient.model_validate_json(json.dumps(first)).email == first["email"]
    assert all(first[name] != second[name] for name in ("first_name", "last_name", "primary_phone", "email"))


def test_what_lacks_for_postgresql_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_program", lambda _name: "")
    monkeypatch.setattr(postgres, "find_spec", lambda _name: object())

    assert postgres.missing() == "PostgreSQL is left out: it is not installed (apt-get install postgresql)"


@pytest.mark.long
def test_all_sides_answer_all_operations() -> None:
    code, output = run(
        "from bench.__main__ import main\n"
        "from bench.requests import setting\n"
        "setting.REQUESTS = 2\n"
        "raise SystemExit(main(['requests', '--rounds', '1']))"
    )

    rows = re.findall(r"^ +(\S.*?) {2,}(\d+\.\d) +(\d+\.\d) +(\d+\.\d\d) .*?(\d\.\d\d) *$", output, re.MULTILINE)
    assert [name for name, *_ in rows] == [operation.name for operation in _PREPARED.operations()]
    assert all(float(ours) > 0 and float(bare) > 0 for _, ours, bare, *_ in rows)
    assert code == (" is over " in output)
    assert postgres.missing() in output
