"""Concurrency: of many writes with one ETag one succeeds, and a repeated request has its effect once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import groupby

import pytest

from local.services.kit.recorder import Fault
from local.stack.stack import Stack
from shared.records.types import Role
from shared.web.operations import Operation
from tests.support.client import ApiClient, Reply
from tests.support.clinics import TestClinic
from tests.support.concurrency import at_once, statuses
from tests.support.operation_cases import case_of, operations, prepare
from tests.support.scenarios import Person, Scenario, new_scenario
from tests.support.thorough import THOROUGH
from tools import google_firestore
from tools.openapi.operation_cases.patients import DEMOGRAPHICS

pytestmark = pytest.mark.long

CHOICES = {"templates.make_default", "reports.share"}
"""Operations that name a record and change another one, or add one: each succeeds."""
CHANGES = {
    name: operation for name, operation in operations().items() if operation.accepts_if_match and name not in CHOICES
}
"""The operations that change an existing record."""
WRITERS, REPLAYS = (50, 100) if THOROUGH else (10, 20)
FEW_WRITERS = 50 if THOROUGH else 4
"""Where no response is lost."""
NEW = {**DEMOGRAPHICS, "allow_duplicate": True}
LOSS_INTERVAL = 10
"""One in this number of commits loses its response."""
MAX_LOSSES = 30
BY_RESOURCE = {resource: list(names) for resource, names in groupby(CHANGES, key=lambda name: name.partition(".")[0])}
CHANGES_WITH_LOSSES = [names[-1] for names in BY_RESOURCE.values()]
"""One change of each resource, tested while responses are lost."""
CHANGES_WITHOUT_LOSSES = [name for names in BY_RESOURCE.values() for name in names[:-1] or names]
"""The other changes; the only change of a resource is tested with and without losses."""


@pytest.fixture(scope="module")
def scenario(stack: Stack) -> Iterator[Scenario]:
    with new_scenario(stack) as scenario:
        yield scenario


@pytest.fixture
def lost_responses(stack: Stack) -> Iterator[list[Fault]]:
    """One in ten commits of a function is executed and its response is lost."""
    # A fault counts only the calls at which no earlier fault fires.
    faults = [
        Fault("firestore", "Commit", function, "cut", skip=count * (LOSS_INTERVAL - 1))
        for function in BY_RESOURCE
        for count in range(1, MAX_LOSSES + 1)
    ]
    for fault in faults:
        stack.recorder.plant(fault)
    yield faults
    stack.recorder.clear_faults()


def writer_of(operation: Operation, clinic: TestClinic) -> tuple[Person, ApiClient]:
    """A permitted user: an admin if possible, since a doctor loses access to a transferred patient."""
    admin_may = Role.ADMIN in operation.roles
    role, client = (Role.ADMIN, clinic.admin) if admin_may else (Role.DOCTOR, clinic.doctor)
    return Person(role.value, client.user_id, clinic, frozenset({role})), client


def count_lost(faults: list[Fault]) -> int:
    """The number of lost responses."""
    return sum(fault.fired.is_set() for fault in faults)


def write_concurrently(scenario: Scenario, name: str, writers: int) -> list[Reply]:
    """The replies to concurrent writes with the same ETag."""
    operation = CHANGES[name]
    person, client = writer_of(operation, scenario.clinic)
    request = prepare(name, scenario, person)
    scenario.mark_used()
    return at_once(writers, lambda _: request.send(client, name, operation))


TAKEN_BY_THE_WINNER = {
    "appointments.cancel_series": "conflict",
    "appointments.offer": "slot-taken",
    "appointments.reschedule": "slot-taken",
    "bills.pay": "conflict",
}
"""Operations whose losers can be refused because of what the winner took between two of their reads: a time, the visits
of a series, the reference of a payment."""


def check_one_success(replies: list[Reply], name: str) -> None:
    """One write succeeds. The others are stale, or not found if the first write removed the record."""
    others = [reply for reply in replies if reply.status >= 400]
    (winner,) = [reply for reply in replies if reply.status < 400]
    etags = {'"2"', '"1"'} if CHANGES[name].status == 201 else {'"2"', None}  # a new record may be the answer
    assert winner.status in (CHANGES[name].status, 204)
    assert winner.headers.get("ETag") in etags
    for reply in others:
        if reply.status == 409:
            reply.refused(409, TAKEN_BY_THE_WINNER[name])
        elif not (case_of(name).vanishes and reply.status == 404):
            reply.refused(412, "stale")


@pytest.mark.parametrize("name", CHANGES_WITHOUT_LOSSES)
def test_concurrent_writes_with_one_etag_apply_one(name: str, scenario: Scenario) -> None:
    check_one_success(write_concurrently(scenario, name, FEW_WRITERS), name)


@pytest.mark.parametrize("name", CHANGES_WITH_LOSSES)
def test_concurrent_writes_apply_one_when_responses_of_the_database_are_lost(
    name: str, scenario: Scenario, lost_responses: list[Fault]
) -> None:
    check_one_success(write_concurrently(scenario, name, WRITERS), name)
    assert count_lost(lost_responses) >= WRITERS // LOSS_INTERVAL


def test_concurrent_repetitions_of_a_registration_register_once(scenario: Scenario) -> None:
    check_one_registration(scenario, register_repeatedly(scenario))


def test_concurrent_repetitions_register_once_when_responses_of_the_database_are_lost(
    scenario: Scenario, lost_responses: list[Fault]
) -> None:
    check_one_registration(scenario, register_repeatedly(scenario))
    assert count_lost(lost_responses) >= REPLAYS // LOSS_INTERVAL


def test_registration_repeated_by_clients_without_a_response_is_replayed(scenario: Scenario) -> None:
    """Every tenth client gets no response and repeats the request."""
    key = uuid.uuid4().hex

    def register(number: int) -> Reply:
        reply = scenario.clinic.doctor.post("/patients", NEW, key=key)
        return scenario.clinic.doctor.post("/patients", NEW, key=key) if number % LOSS_INTERVAL == 0 else reply

    check_one_registration(scenario, at_once(REPLAYS, register))


def register_repeatedly(scenario: Scenario) -> list[Reply]:
    key = uuid.uuid4().hex
    return at_once(REPLAYS, lambda _: scenario.clinic.doctor.post("/patients", NEW, key=key))


def check_one_registration(scenario: Scenario, replies: list[Reply]) -> None:
    """All replies are equal, and the database contains one such patient and skipped no number."""
    assert statuses(replies) == {201: REPLAYS}
    assert len({(reply.content, reply.etag) for reply in replies}) == 1
    patients = google_firestore.client().collection("clinics", scenario.clinic.id, "patients")
    number = replies[0].body["number"]
    registered = [patient.id for patient in patients.stream() if patient.get("number") == number]
    assert registered == [replies[0].body["id"]]
    counted = (
        google_firestore.client().document("clinics", scenario.clinic.id, "counters", "patients").get().get("counts")
    )
    assert number.endswith(f"{sum(counted.values()):04}"), "a number was skipped"
