"""Who may do what: every operation, asked by everybody there is, answers as its declared roles say, and no more.

The functions verify tokens here as they do when deployed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from infra.record_types import record_types
from local.stack.stack import Stack
from shared.records.privacy import fields_of
from shared.records.types import Role
from shared.web.operations import Operation
from tests.support.charts import BLOOD_GROUP, CLINICAL, PRIVATE
from tests.support.client import ApiClient, Reply
from tests.support.operation_cases import case_of, operations, prepare
from tests.support.problems import without_trace
from tests.support.scenarios import Person, Scenario, new_scenario
from tests.support.token_issuer import Key, Verifying, usual, verifying
from tools.openapi.operation_cases import CASES
from tools.openapi.operation_cases.case import OperationCase, Scope, State

pytestmark = pytest.mark.long

OPERATIONS = operations()
CLINICAL_WORDS = re.compile(rf'{CLINICAL}|"{re.escape(BLOOD_GROUP)}"')
NO_CLINIC = "user without claims"
REFUSED = {"disabled user": 401, NO_CLINIC: 403, "expired token": 401, "forged token": 401, "no token": 401}
"""What is answered to those who may do nothing at all."""
STRANGERS = {
    Scope.PATIENT: {"doctor-stranger", "other clinic's admin"},
    Scope.CLINIC: {"other clinic's admin"},
}
"""For whom it is not there."""
NAMING = {"id", "patient_id"}
"""The parameters by which a thing is asked for."""
PARALLEL = 4
"""How many refusals are asked for at once."""


class Matrix:
    """The clinic, and everybody who asks."""

    def __init__(self, scenario: Scenario, door: Verifying) -> None:
        self.scenario = scenario
        self._door = door
        clinic, doctors = scenario.clinic, frozenset({Role.DOCTOR})
        owner = clinic.doctor.user_id
        everybody = [
            Person("admin", clinic.admin.user_id, clinic, frozenset({Role.ADMIN})),
            Person("doctor-owner", owner, clinic, doctors),
            Person("doctor-shared", scenario.shared, clinic, doctors),
            Person("doctor-stranger", clinic.other_doctor.user_id, clinic, doctors),
            Person("receptionist", clinic.receptionist.user_id, clinic, frozenset({Role.RECEPTIONIST})),
            Person("other clinic's admin", scenario.other.admin.user_id, scenario.other, frozenset({Role.ADMIN})),
            Person("disabled user", scenario.disabled, clinic, doctors | {Role.ADMIN}),
            *(Person(name, owner, clinic, doctors) for name in REFUSED if name != "disabled user"),
        ]
        self.callers = {person.name: (person, self._client(person)) for person in everybody}

    def _client(self, person: Person) -> ApiClient:
        firebase, now = self._door.firebase, int(time.time())
        clinic = None if person.name == NO_CLINIC else person.clinic.id
        client = ApiClient(self._door.variant.url, person.user_id, "")
        claims: dict[str, Any] = {"clinic": clinic}
        if person.name == "expired token":
            claims |= {"iat": now - 7200, "exp": now - 3600}
        client.token = firebase.token(person.user_id, **claims)
        if person.name == "forged token":
            unsigned = usual(person.user_id, **claims)
            client.token = unsigned.signed(Key().sign(unsigned.text))
        if person.name == "no token":
            client.token = ""
        return client

    def ask(self, caller: str, name: str) -> Reply:
        """The answer, which has nothing in it that the caller may not know."""
        person, client = self.callers[caller]
        reply = prepare(name, self.scenario, person).send(client, name, OPERATIONS[name])
        check_secrets(reply, caller)
        return reply

    def refusal(self, caller: str, name: str) -> int:
        """The status of a refusal, which is the same for what is not there, unless the caller may know of it."""
        person, client = self.callers[caller]
        case, operation = case_of(name), OPERATIONS[name]
        request = prepare(name, self.scenario, person)
        reply = request.send(client, name, operation)
        check_secrets(reply, caller)
        for parameter in NAMING & request.ids.keys() if caller not in case.refusals else ():
            missing = request.with_unknown(parameter).send(client, name, operation)
            assert told(missing) == told(reply), f"{caller} can tell what is there from what is not"
        return reply.status


@pytest.fixture(scope="module")
def matrix(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with new_scenario(stack) as scenario, verifying(stack, tmp_path_factory.mktemp("firebase")) as door:
        yield Matrix(scenario, door)


def expected(case: OperationCase, operation: Operation, person: Person) -> int:
    """The status that the declared roles and the patient's circle of doctors call for."""
    if person.name in REFUSED:
        return REFUSED[person.name]
    if person.roles.isdisjoint(operation.roles):
        return 403
    if person.name in STRANGERS.get(case.state.scope, ()):
        return 404
    return case.refusals.get(person.name, operation.status)


@pytest.mark.parametrize("name", OPERATIONS)
def test_everybody_is_answered_as_the_roles_say_and_learns_no_more(name: str, matrix: Matrix) -> None:
    operation, case, scenario = OPERATIONS[name], case_of(name), matrix.scenario
    wanted = {caller: expected(case, operation, person) for caller, (person, _) in matrix.callers.items()}
    refused = [caller for caller, status in wanted.items() if status >= 400]

    # Refusals first: what they were refused is still as it was planted when somebody changes it who may.
    with ThreadPoolExecutor(PARALLEL) as threads:
        answered = dict(zip(refused, threads.map(lambda caller: matrix.refusal(caller, name), refused), strict=True))
    for caller in [caller for caller in wanted if caller not in answered]:
        answered[caller] = matrix.ask(caller, name).status
        scenario.mark_used()

    assert answered == wanted


def told(reply: Reply) -> tuple[int, dict[str, str], dict[str, Any]]:
    """What a refused caller can compare."""
    headers = {name: value for name, value in reply.headers.items() if name not in ("X-Request-Id", "Date")}
    return reply.status, headers, without_trace(reply)


def check_secrets(reply: Reply, caller: str) -> None:
    """Nobody but clinicians who treat the patient gets a clinical word; strangers get not even a name."""
    said = text_of(reply)
    refused = reply.status >= 400
    if refused or caller in ("receptionist", *STRANGERS[Scope.PATIENT]):
        assert not CLINICAL_WORDS.search(said), f"{caller} is told what is clinical: {said}"
    if refused or caller in STRANGERS[Scope.PATIENT]:
        assert PRIVATE not in said, f"{caller} is told of a patient: {said}"


def text_of(reply: Reply) -> str:
    """All that an answer says: headers, and the body as text."""
    content = reply.content
    if reply.headers.get("Content-Type") == "application/pdf":
        printed = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
        content += printed.encode()
    return f"{dict(reply.headers)} {content.decode(errors='replace')}"


def test_every_case_is_of_an_operation() -> None:
    assert CASES.keys() <= OPERATIONS.keys()


def test_the_clinical_word_is_in_every_clinical_field_of_every_record(matrix: Matrix) -> None:
    charts = (matrix.scenario.fresh_chart(State.REPORT_SIGNED), matrix.scenario.chart)
    planted = {type(record): record for chart in charts for record in chart.records}

    for model in record_types():
        for name in fields_of(model).clinical:
            dumped = planted[model].model_dump_json(include={name})
            assert CLINICAL_WORDS.search(dumped), f"{model.__name__}.{name} has no word to look for"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("patients.get", CLINICAL),
        ("patients.get", f'"{BLOOD_GROUP}"'),
        ("sessions.transcription", CLINICAL),
        ("reports.pdf", CLINICAL),
        ("bills.get", CLINICAL),
        ("bills.pdf", PRIVATE),
    ],
)
def test_what_is_looked_for_would_be_found(name: str, word: str, matrix: Matrix) -> None:
    """The clinician's answers have the words that others' must not have."""
    person, client = matrix.callers["doctor-owner"]

    assert word in text_of(prepare(name, matrix.scenario, person).send(client, name, OPERATIONS[name]).ok())
