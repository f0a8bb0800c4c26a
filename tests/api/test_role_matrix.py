"""The role matrix: each caller of each operation gets the status that the declared roles require, and no secrets.

The functions verify tokens as they do when deployed.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from infra.record_types import record_types
from local.services.auth.issuer import Key, usual
from local.stack.stack import Stack
from shared.records.diagnoses.codes import IcdSystem
from shared.records.permissions import Relation, allows
from shared.records.privacy import fields_of
from shared.records.types import Role
from shared.web.operations import Operation
from tests.support.charts import BLOOD_GROUP, CLINICAL, PRIVATE
from tests.support.client import ApiClient, Reply
from tests.support.operation_cases import case_of, operations, prepare
from tests.support.problems import without_trace
from tests.support.scenarios import Person, Scenario, new_scenario, undo_sign_out
from tests.support.thorough import SEED, THOROUGH
from tests.support.token_issuer import Verifying, verifying
from tools.openapi.operation_cases import CASES
from tools.openapi.operation_cases.case import OperationCase, Scope, State

pytestmark = pytest.mark.long

OPERATIONS = operations()
CLINICAL_WORDS = re.compile(rf'{CLINICAL}|"{re.escape(BLOOD_GROUP)}"|"{IcdSystem.CLINICAL_MODIFICATION}"')
NO_CLINIC = "user without claims"
REFUSED = {"disabled user": 401, NO_CLINIC: 403, "expired token": 401, "forged token": 401, "no token": 401}
"""The status for callers without any rights."""
RIGHTLESS = len(REFUSED) if THOROUGH else 2
"""How many of them send requests to an operation in one run; consecutive seeds choose all of them."""
STRANGERS = {
    Scope.PATIENT: {"doctor-stranger", "other clinic's admin"},
    Scope.CLINIC: {"other clinic's admin"},
}
"""The callers for whom the target does not exist, by its scope."""
RELATIONS = {
    "admin": {Relation.ADMIN},
    "doctor-owner": {Relation.OWNER, Relation.VISIT_DOCTOR, Relation.RESPONSIBLE, Relation.COSIGNER},
    "doctor-shared": {Relation.PATIENT_READ},
    "doctor-writer": {Relation.PATIENT_WRITE},
    "receptionist": {Relation.RECEPTIONIST},
}
"""The relations of callers to the planted records, in the table of permissions."""
TARGET_PARAMETERS = {"id", "patient_id"}
"""The parameters that identify the target of a request."""
PARALLEL = 4
"""The number of refused requests sent at once."""


class Matrix:
    """The clinic and its callers."""

    def __init__(self, scenario: Scenario, verifying_stack: Verifying) -> None:
        self.scenario = scenario
        self._verifying_stack = verifying_stack
        clinic, doctors = scenario.clinic, frozenset({Role.DOCTOR})
        owner = clinic.doctor.user_id
        people = [
            Person("admin", clinic.admin.user_id, clinic, frozenset({Role.ADMIN})),
            Person("doctor-owner", owner, clinic, doctors),
            Person("doctor-shared", scenario.shared, clinic, doctors),
            Person("doctor-writer", scenario.writer, clinic, doctors),
            Person("doctor-stranger", clinic.other_doctor.user_id, clinic, doctors),
            Person("receptionist", clinic.receptionist.user_id, clinic, frozenset({Role.RECEPTIONIST})),
            Person("other clinic's admin", scenario.other.admin.user_id, scenario.other, frozenset({Role.ADMIN})),
            Person("disabled user", scenario.disabled, clinic, doctors | {Role.ADMIN}),
            *(Person(name, owner, clinic, doctors) for name in REFUSED if name != "disabled user"),
        ]
        self.people = {person.name: person for person in people}
        self._forger = Key()

    def caller(self, name: str) -> tuple[Person, ApiClient]:
        """A person, just signed in."""
        return self.people[name], self._client(self.people[name])

    def _client(self, person: Person) -> ApiClient:
        firebase, now = self._verifying_stack.firebase, int(time.time())
        clinic = None if person.name == NO_CLINIC else person.clinic.id
        client = ApiClient(self._verifying_stack.variant.url, person.user_id, "")
        claims: dict[str, Any] = {"clinic": clinic}
        if person.name == "expired token":
            claims |= {"iat": now - 7200, "exp": now - 3600}
        client.token = firebase.token(person.user_id, **claims)
        if person.name == "forged token":
            unsigned = usual(person.user_id, **claims)
            client.token = unsigned.signed(self._forger.sign(unsigned.text))
        if person.name == "no token":
            client.token = ""
        return client

    def send(self, caller: str, name: str) -> Reply:
        """The reply, after a check that it contains no secrets."""
        person, client = self.caller(caller)
        reply = prepare(name, self.scenario, person).send(client, name, OPERATIONS[name])
        check_secrets(reply, caller)
        if case_of(name).ends_sign_in:
            undo_sign_out(person.clinic, person.user_id)
        return reply

    def refusal(self, caller: str, name: str) -> int:
        """The status of a refused request, after a check that a missing target gives the same reply.

        There is no such check for a caller whom the table of permissions refuses: they may know that the target exists.
        """
        person, client = self.caller(caller)
        case, operation = case_of(name), OPERATIONS[name]
        request = prepare(name, self.scenario, person)
        reply = request.send(client, name, operation)
        check_secrets(reply, caller)
        known = case.action is not None and caller in RELATIONS and not person.roles.isdisjoint(operation.roles)
        for parameter in TARGET_PARAMETERS & request.ids.keys() if not known else ():
            missing = request.with_unknown(parameter).send(client, name, operation)
            assert comparable_parts(missing) == comparable_parts(reply), f"{caller} can tell that the target exists"
        return reply.status


@pytest.fixture(scope="module")
def matrix(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with new_scenario(stack) as scenario, verifying(stack, tmp_path_factory.mktemp("firebase")) as verifying_stack:
        yield Matrix(scenario, verifying_stack)


def expected_status(case: OperationCase, operation: Operation, person: Person) -> int:
    """The status that the declared roles and the patient's doctors require."""
    if person.name in REFUSED:
        return REFUSED[person.name]
    if person.roles.isdisjoint(operation.roles):
        return 403
    if person.name in STRANGERS.get(case.state.scope, ()):
        return 404
    refused = case.action is not None and not allows(case.action, RELATIONS[person.name])
    return 403 if refused else operation.status


def callers_of(name: str, people: Iterable[str]) -> list[str]:
    """The callers that send requests to an operation in this run: everyone with rights, and some without."""
    place, rightless = SEED + [*OPERATIONS].index(name), [*REFUSED]
    chosen = {rightless[(place + number) % len(rightless)] for number in range(RIGHTLESS)}
    return [caller for caller in people if caller not in REFUSED or caller in chosen]


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_caller_gets_the_status_of_its_roles_and_no_secrets(name: str, matrix: Matrix) -> None:
    operation, case, scenario = OPERATIONS[name], case_of(name), matrix.scenario
    people = {caller: matrix.people[caller] for caller in callers_of(name, matrix.people)}
    expected = {caller: expected_status(case, operation, person) for caller, person in people.items()}
    refused = [caller for caller, status in expected.items() if status >= 400]

    # Refused requests come first: they change nothing, so the permitted ones find the records as they were planted.
    with ThreadPoolExecutor(PARALLEL) as threads:
        actual = dict(zip(refused, threads.map(lambda caller: matrix.refusal(caller, name), refused), strict=True))
    for caller in [caller for caller in expected if caller not in actual]:
        actual[caller] = matrix.send(caller, name).status
        if operation.method != "GET" and case.state.scope == Scope.PATIENT:
            scenario.mark_used()

    assert actual == expected


def comparable_parts(reply: Reply) -> tuple[int, dict[str, str], dict[str, Any]]:
    """The parts of a reply that a caller could compare: all but the request id, the date and the trace."""
    headers = {name: value for name, value in reply.headers.items() if name not in ("X-Request-Id", "Date")}
    return reply.status, headers, without_trace(reply)


def check_secrets(reply: Reply, caller: str) -> None:
    """Only clinicians with access to the patient get a clinical word; strangers do not even get a name."""
    text = text_of(reply)
    refused = reply.status >= 400
    if refused or caller in ("receptionist", *STRANGERS[Scope.PATIENT]):
        assert not CLINICAL_WORDS.search(text), f"{caller} gets a clinical word: {text}"
    if refused or caller in STRANGERS[Scope.PATIENT]:
        assert PRIVATE not in text, f"{caller} gets a patient's name: {text}"


def text_of(reply: Reply) -> str:
    """The headers, and the body as text."""
    content = reply.content
    if reply.headers.get("Content-Type") == "application/pdf":
        printed = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        content += printed.encode()
    return f"{dict(reply.headers)} {content.decode(errors='replace')}"


def test_consecutive_runs_choose_every_caller(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: set[str] = set()
    for seed in range(len(REFUSED)):
        monkeypatch.setattr(sys.modules[__name__], "SEED", seed)
        chosen.update(callers_of("patients.get", matrix.people))

    assert chosen == matrix.people.keys()


def test_every_case_belongs_to_an_operation() -> None:
    assert CASES.keys() <= OPERATIONS.keys()


def test_every_clinical_field_of_every_record_contains_the_marker(matrix: Matrix) -> None:
    charts = (
        matrix.scenario.fresh_chart(State.REPORT_SIGNED),
        matrix.scenario.fresh_chart(State.COSIGNATURE_PENDING),
        matrix.scenario.fresh_chart(State.LIVE),
        matrix.scenario.chart,
    )
    planted = {type(record): record for chart in charts for record in chart.records}

    for model in record_types():
        for name in fields_of(model).clinical:
            dumped = planted[model].model_dump_json(include={name})
            assert CLINICAL_WORDS.search(dumped), f"{model.__name__}.{name} has no clinical word"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("patients.get", CLINICAL),
        ("patients.get", f'"{BLOOD_GROUP}"'),
        ("patients.versions", CLINICAL),
        ("sessions.versions", CLINICAL),
        ("sessions.transcription", CLINICAL),
        ("reports.pdf", CLINICAL),
        ("reports.as_json", CLINICAL),
        ("bills.get", CLINICAL),
        ("bills.pdf", PRIVATE),
    ],
)
def test_authorised_response_contains_the_marker(name: str, word: str, matrix: Matrix) -> None:
    """The owner's replies contain the words that others' replies must not contain."""
    person, client = matrix.caller("doctor-owner")

    assert word in text_of(prepare(name, matrix.scenario, person).send(client, name, OPERATIONS[name]).ok())
